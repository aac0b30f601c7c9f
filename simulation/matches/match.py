"""Matches between two strategies of a repeated 2x2 game: sampled, and exact."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulation.engine.elementary import exp_of, log, log1p, matrix_product
from simulation.engine.randomness import known_seed, whole_number
from simulation.matches.law import expect_machines, new_room, stack_machines
from simulation.matches.runs import Sample, Terms, sample_matches
from simulation.matches.strategies.base import Strategy
from simulation.matches.terms import Player, as_strategy, checked_terms
from theory import Game
from theory.arguments import checked, count, optional
from theory.checks import FloatArray, SmallArray, position
from theory.deprecation import also_called
from theory.repeated.memory_one import MemoryOne, memory_one_payoffs

# Largest number of pairs of states times turns that are followed exactly (some seconds).
MOST_WORK = 2_000_000_000

# Turns that a match reaches with less than this probability are left out of exact results.
_NEGLIGIBLE = 1e-15


@dataclass(frozen=True, eq=False)
class MatchResult:
    """What two players got.

    Attributes
    ----------
    payoffs
        `[2]`: means per turn, in payoff units. With `prob_end` they estimate the expected total divided by the
        expected length, over all ends that the match might have had (see `simulation.matches.runs`).
    payoffs_standard_error
        `[2]`: 0 where the result is exact or nothing is random, NaN where one repetition cannot tell. A 95%
        interval takes Student's t with `repetitions - 1` degrees of freedom.
    cooperation
        `[2]`: shares of turns with C.
    cooperation_standard_error
        `[2]`.
    distribution
        `[4]`: shares of turns with the outcomes CC, CD, DC, DD (player 1 first).
    repetitions
        Number of matches played; 0 if the result is exact.
    actions
        `[repetitions, turns, 2]`: 0 for C, 1 for D, -1 after the end of a match; None if exact.
    seed
        From which the matches were drawn; None if exact.
    """

    payoffs: FloatArray
    payoffs_standard_error: FloatArray
    cooperation: FloatArray
    cooperation_standard_error: FloatArray
    distribution: FloatArray
    repetitions: int
    actions: SmallArray | None = None
    seed: int | None = None

    @property
    def is_exact(self) -> bool:
        """Whether this is an expectation and not a sample."""
        return self.repetitions == 0

    @checked(repetition=count(0))
    def trace(self, repetition: int = 0) -> tuple[str, str]:
        """Return the players' actions of one repetition as texts such as "CCDC"."""
        if self.actions is None:
            raise ValueError("an exact result has no actions, got one: use play_match")
        position("repetition", repetition, len(self.actions))
        return tuple(
            "".join("CD"[a] for a in of_player if a >= 0) for of_player in self.actions[repetition].T
        )  # type: ignore[return-value]


@checked(rounds=optional(count()), runs=optional(count()))
@also_called(rounds="turns", runs="repetitions")
def play_match(
    a: Player,
    b: Player,
    *,
    game: Game,
    turns: int | None = None,
    noise: float = 0.0,
    prob_end: float | None = None,
    repetitions: int = 1,
    seed: int | None = 0,
    rounds: int | None = None,
    runs: int | None = None,
) -> MatchResult:
    """Play matches and return means per turn with standard errors.

    Parameters
    ----------
    a, b
        The row and the column player: strategies, rules or names of the catalogue.
    game
        A game of two players with two actions each; action 0 is C. It need not be symmetric.
    turns
        Length of a match; with `prob_end` its largest length.
    noise
        Probability in [0, 1/2) with which each action flips; the players see the flipped action.
    prob_end
        Probability in [0, 1] with which a match ends after each turn.
    repetitions
        Number of matches, at least 1.
    seed
        A whole number, at least 0; None draws one, which the result keeps.
        Repetition r is the same whatever the number of repetitions.
    rounds, runs
        Second names of `turns` and `repetitions`, as other simulations call them.

    Raises
    ------
    ValueError
        If an argument violates its rule, a name is unknown, or the actions do not fit into memory.
    """
    terms = checked_terms(game, turns, noise=noise, prob_end=prob_end)
    seed = known_seed(seed)
    sample = sample_matches(
        [as_strategy(a, "player 1"), as_strategy(b, "player 2")],
        [(0, 1)],
        terms,
        repetitions=whole_number("repetitions", repetitions, at_least=1),
        seed=seed,
        workers=1,
        record=True,
        # Behind this function and the two that read its arguments.
        stacklevel=4,
    )
    estimate = estimate_means(sample, np.vstack([game.payoffs.reshape(2, 4), _COOPERATED]))
    return MatchResult(
        payoffs=estimate.mean[0, :2],
        payoffs_standard_error=np.sqrt(np.diag(estimate.covariance[0])[:2]),
        cooperation=estimate.mean[0, 2:],
        cooperation_standard_error=np.sqrt(np.diag(estimate.covariance[0])[2:]),
        distribution=sample.weighted[0].sum(axis=0) / sample.weighted[0].sum(),
        repetitions=repetitions,
        actions=sample.actions[0] if sample.actions is not None else None,
        seed=seed,
    )


@checked(rounds=optional(count()))
@also_called(rounds="turns")
def exact_match(
    a: Player,
    b: Player,
    *,
    game: Game,
    turns: int | None = None,
    noise: float = 0.0,
    prob_end: float | None = None,
    rounds: int | None = None,
) -> MatchResult:
    """Return the expected means per turn of two memory-one or finite-state strategies.

    Play is a Markov chain on the pairs of states that the two can be in. With `prob_end` the mean is the
    expected total divided by the expected length, as in `play_match`. For parameters see `play_match`.

    Raises
    ------
    ValueError
        If a strategy is no machine, the chain is too long or large to follow, or an argument violates its
        rule.
    """
    terms = checked_terms(game, turns, noise=noise, prob_end=prob_end)
    players = [as_strategy(a, "player 1"), as_strategy(b, "player 2")]
    distribution = None
    if isinstance(players[0].rule, MemoryOne) and isinstance(players[1].rule, MemoryOne):
        distribution = _by_theory(players[0].rule, players[1].rule, terms)
    if distribution is None:
        distribution = expected_distributions(players, [(0, 1)], terms)[0]
    return MatchResult(
        payoffs=matrix_product(distribution, game.payoffs.reshape(2, 4).T),
        payoffs_standard_error=np.zeros(2),
        cooperation=matrix_product(distribution, _COOPERATED.T),
        cooperation_standard_error=np.zeros(2),
        distribution=distribution,
        repetitions=0,
    )


# Which outcomes (CC, CD, DC, DD) have each player cooperate.
_COOPERATED = np.array([[1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 1.0, 0.0]])


@dataclass(frozen=True, eq=False)
class Estimate:
    """Means per turn with their errors.

    Attributes
    ----------
    mean
        `[n_pairs, n_quantities]`.
    covariance
        `[n_pairs, n_quantities, n_quantities]` of the means' errors; NaN where one repetition cannot tell.
    influence
        `[n_pairs, repetitions, n_quantities]`: each repetition's estimate, linearised, so that they average
        to `mean`.
    """

    mean: FloatArray
    covariance: FloatArray
    influence: FloatArray


def estimate_means(sample: Sample, quantities: FloatArray) -> Estimate:
    """Return means per turn of `quantities[n_quantities, 4]`, which have a value in each outcome.

    The mean is the total over all repetitions divided by all turns. Its error is that of a ratio (the delta
    method) and for matches of equal length the usual standard error. Ends by chance are averaged over, so that
    the ratio's denominator hardly varies: without that a ratio of ten matches is biased and its errors too small.
    """
    totals = matrix_product(sample.weighted, quantities.T)
    turns = sample.weighted.sum(axis=2)[:, :, None]
    mean = totals.sum(axis=1) / turns.sum(axis=1)
    residuals = (totals - mean[:, None] * turns) / turns.mean(axis=1, keepdims=True)
    repetitions = totals.shape[1]
    if repetitions > 1:
        covariance = np.einsum("pri,prj->pij", residuals, residuals) / (repetitions * (repetitions - 1))
    else:
        covariance = np.full((len(mean), len(quantities), len(quantities)), np.nan)
    covariance[sample.is_certain] = 0.0
    return Estimate(mean, covariance, mean[:, None] + residuals)


def expected_distributions(
    strategies: Sequence[Strategy], pairs: Sequence[tuple[int, int]], terms: Terms
) -> FloatArray:
    """Return `[n_pairs, 4]`: expected shares of turns with the outcomes CC, CD, DC, DD."""
    used = sorted({player for pair in pairs for player in pair})
    machines = []
    for player in used:
        machine = strategies[player].machine
        if machine is None:
            raise ValueError(
                "an exact match needs memory-one or finite-state strategies, "
                f"got {strategies[player].name!r}, which counts or learns: use play_match"
            )
        machines.append(machine)
    table, rows = stack_machines(machines, terms.noise)
    rows_of = dict(zip(used, rows, strict=True))
    weights = _weights(terms)
    expected = np.zeros((len(pairs), 4))
    for (i, j), out in zip(pairs, expected, strict=True):
        first, second = rows_of[i], rows_of[j]
        work = first.n_states * second.n_states * weights.size
        if work > MOST_WORK:
            raise ValueError(
                f"an exact match must take at most {MOST_WORK:g} pairs of states times turns, got {work:g} "
                f"for {strategies[i].name!r} against {strategies[j].name!r}: use play_match"
            )
        room = new_room(first.n_states * second.n_states)
        expect_machines(table, first, second, weights, room, out)
    return expected


def _weights(terms: Terms) -> FloatArray:
    """Return each turn's weight in the mean per turn: the chance that it is played, divided by the sum."""
    if terms.prob_end is None:
        assert terms.turns is not None
        return np.full(terms.turns, 1.0 / terms.turns)
    if terms.prob_end == 1.0:
        return np.ones(1)
    rate = log1p(-terms.prob_end)
    horizon = math.ceil(log(_NEGLIGIBLE) / rate)
    turns = min(horizon, terms.turns or horizon)
    weights = exp_of(np.arange(turns) * rate)
    return np.asarray(weights / weights.sum())


def _by_theory(first: MemoryOne, second: MemoryOne, terms: Terms) -> FloatArray | None:
    """Return the distribution of two memory-one strategies in closed form, for matches of any length."""
    if terms.prob_end is None:
        result = memory_one_payoffs(first, second, terms.game, noise=terms.noise, turns=terms.turns)
    elif terms.turns is None and terms.prob_end < 1.0:
        discount = 1.0 - terms.prob_end
        result = memory_one_payoffs(first, second, terms.game, noise=terms.noise, discount=discount)
    else:
        return None
    return result.distribution
