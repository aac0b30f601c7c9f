"""Round robins: everybody meets everybody, or whom a graph says, in any 2x2 game."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, is_dataclass
from typing import Any

import numpy as np
import xarray as xr

from simulation.engine.elementary import matrix_product
from simulation.engine.provenance import qualified_name, source_of, with_provenance
from simulation.engine.randomness import known_seed, whole_number
from simulation.engine.workers import worker_threads
from simulation.matches.law import play_machines
from simulation.matches.match import estimate_means, expected_distributions
from simulation.matches.runs import Terms, refuse_many_matches, sample_matches
from simulation.matches.strategies.base import Functions, Prepared, Strategy
from simulation.matches.terms import Player, as_field, checked_terms
from simulation.tournaments.pairings import described_graph, pairings
from simulation.tournaments.tables import (
    Pairings,
    arrays_of,
    by_repetition,
    by_role,
    number_of_matches,
    partners,
    scores,
)
from theory import Game
from theory.arguments import checked, count, dataset_of, of_type, optional
from theory.checks import FloatArray, SmallArray, known_name, truth_value
from theory.deprecation import also_called
from theory.repeated.memory_one import OUTCOMES
from theory.resolution import TIE

# Seen from the other side, CD and DC change places.
_SEEN_BY_OTHER = [0, 2, 1, 3]
_COOPERATED = np.array([[1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 1.0, 0.0]])


@dataclass(frozen=True, eq=False)
class _Played(Pairings):
    """Matches of actions C and D.

    Attributes
    ----------
    counts, turns
        `[n_pairs, repetitions, 4]` and `[n_pairs, repetitions]`: as played; exact pairs hold expectations of
        one turn.
    distribution
        `[n_pairs, 4]`: shares of the outcomes in the means.
    is_exact
        `[n_pairs]`.
    """

    counts: FloatArray
    turns: FloatArray
    distribution: FloatArray
    is_exact: Any


@checked(rounds=optional(count()), runs=optional(count()))
@also_called(rounds="turns", runs="repetitions")
def round_robin(
    strategies: Sequence[Player],
    *,
    game: Game,
    turns: int | None = None,
    repetitions: int = 10,
    noise: float = 0.0,
    prob_end: float | None = None,
    self_play: bool = True,
    graph: Any = None,
    seed: int | None = 0,
    exact: bool = False,
    record_actions: bool = False,
    record_repetitions: bool = False,
    workers: int | None = None,
    rounds: int | None = None,
    runs: int | None = None,
) -> xr.Dataset:
    """Play a tournament and return payoffs, cooperation, scores and ranks with standard errors.

    The match of two strategies depends on the seed and their places in the list alone, so that neither
    `graph`, `self_play` nor `workers` changes it.

    Parameters
    ----------
    strategies
        Strategies, rules or names of the catalogue; their names must differ.
    game
        A game of two players with two actions each; action 0 is C. If it is not symmetric, each pair
        plays both ways round.
    turns, noise, prob_end
        As in `simulation.play_match`.
    repetitions
        Matches of each pair, at least 1.
    self_play
        Whether each strategy also meets its twin, with a graph too.
    graph
        An undirected `networkx` graph whose edges are the pairs that meet. Its nodes are the strategies'
        names, or their places 0 ... n - 1; each strategy must meet another.
    seed
        A whole number, at least 0; None draws one, which the dataset keeps.
    exact
        Whether pairs of memory-one or finite-state strategies enter with their expected payoffs (no
        repetitions, standard error 0) instead of played matches.
    record_actions
        Whether to keep all actions (needed for tables of interactions); excludes `exact`.
    record_repetitions
        Whether to keep what each pair got in each repetition.
    workers
        Threads; by default one for each processor. Results do not depend on it.
    rounds, runs
        Second names of `turns` and `repetitions`, as other simulations call them.

    Returns
    -------
    xarray.Dataset
        By (strategy, opponent), NaN where two do not meet: `payoffs` and `cooperation` per turn with
        `..._standard_error` (an interval for one pair takes Student's quantile of `payoffs_degrees_of_freedom`);
        `payoff_covariance` of the errors of (i, j) and (j, i); `distribution`
        (..., outcome), own action first; `is_exact`.
        By strategy: `score`, its mean payoff over opponents, with `score_standard_error` and the 95% interval from
        `score_low` to `score_high` (Student's t: with few repetitions wider than 1.96 standard errors); `rank` (1 is
        best, ties share), `rank_standard_error`, and `rank_low`, `rank_high`, which leave out only ranks that the
        errors exclude, all at once with 95% (see `simulation.tournaments.ranking`); `wins`, matches a repetition
        against others in which it got more (exact pairs: in expectation); `good_partner`, the share of those in
        which it cooperated at least as often as the other; `opponents`, their number. By (repetition, strategy):
        `repetition_score`. Where the game is not symmetric: `role_payoffs` and `role_payoffs_standard_error` (role,
        strategy, opponent), roles `row` and `column`. With `record_repetitions`: `repetition_payoffs` (repetition,
        strategy, opponent), which average to `payoffs`. With `record_actions`: `actions` (match, repetition, turn,
        seat), -1 after the end, with `first` and `second`, the strategies' names by match.

    Raises
    ------
    ValueError
        If an argument violates its rule, or the results do not fit into memory.

    Notes
    -----
    With `prob_end` payoffs, cooperation and `distribution` estimate expected totals divided by expected lengths, over
    all ends that the matches might have had (see `simulation.matches.runs`); `wins`, `good_partner` and `actions` are
    those of matches with an end. Intervals take errors for normal. They cover too little where a pair's payoffs hang
    on what happens once in many matches, as ten of them may not show it: the score of `tit-for-two-tats` in a field
    with `joss`, with whom it locks into defection once in a thousand turns, lies in 90% of its intervals, not 95%
    (prob_end .005, ten repetitions).
    """
    for name, flag in (
        ("self_play", self_play),
        ("exact", exact),
        ("record_actions", record_actions),
        ("record_repetitions", record_repetitions),
    ):
        truth_value(name, flag)
    field = as_field(strategies)
    terms = checked_terms(game, turns, noise=noise, prob_end=prob_end)
    repetitions = whole_number("repetitions", repetitions, at_least=1)
    seed = known_seed(seed)
    workers = worker_threads(workers)
    if exact and record_actions:
        raise ValueError("record_actions needs played matches, got exact=True")
    symmetric = game.is_symmetric
    pairs = pairings(field, graph, self_play=self_play, both_ways=not symmetric)
    played, actions = _play(field, pairs, terms, repetitions, seed, workers, exact, record_actions)
    data = _dataset(field, played, terms, seed, symmetric)
    if record_repetitions:
        dimensions = ("repetition", "strategy", "opponent")
        data["repetition_payoffs"] = (dimensions, by_repetition(played, len(field)))
    if actions is not None:
        names = np.array([strategy.name for strategy in field])
        data["actions"] = (("match", "repetition", "turn", "seat"), actions)
        data["first"] = ("match", names[played.pairs[:, 0]])
        data["second"] = ("match", names[played.pairs[:, 1]])
    return with_provenance(
        data,
        law=play_machines,
        seed=seed,
        game=game,
        turns=turns or 0,
        prob_end=prob_end or 0.0,
        noise=noise,
        repetitions=repetitions,
        **described_graph(graph, pairs, self_play=self_play),
        strategies={strategy.name: _rule_of(strategy) for strategy in field},
    )


@checked(
    data=dataset_of("simulation.round_robin", "payoffs", "strategy"),
    names=of_type(list, tuple, called="a list of names"),
)
def standings(data: xr.Dataset, names: Sequence[str]) -> xr.Dataset:
    """Return the scores and ranks that some of a tournament's strategies have among themselves.

    What two strategies do to each other does not depend on who else is there, so no match is played again.

    Parameters
    ----------
    data
        What `round_robin` or `graded_round_robin` returned.
    names
        Strategies that take part, in the order of the result.

    Returns
    -------
    xarray.Dataset
        `score`, `rank`, `opponents` with errors as `round_robin` returns them.
    """
    for name in names:
        known_name("strategy", name, [str(known) for known in data["strategy"].values])
    part = data.sel(strategy=list(names), opponent=list(names))
    arrays = {str(name): (part[name].dims, part[name].values) for name in part.data_vars}
    levels = data.attrs.get("game_levels", 2)
    game = Game(np.reshape(data.attrs["game_payoffs"], (2, levels, levels)))
    met = np.isfinite(part["payoffs"].values)
    return xr.Dataset(scores(arrays, met, game, int(data.attrs["seed"])), {"strategy": list(names)})


def _play(
    field: Sequence[Strategy],
    pairs: list[tuple[int, int]],
    terms: Terms,
    repetitions: int,
    seed: int,
    workers: int | None,
    exact: bool,
    record: bool,
) -> tuple[_Played, SmallArray | None]:
    refuse_many_matches(len(pairs), repetitions)
    is_exact = np.array(
        [exact and field[i].machine is not None and field[j].machine is not None for i, j in pairs]
    )
    quantities = np.vstack([terms.game.payoffs.reshape(2, 4), _COOPERATED])
    n, q = len(pairs), len(quantities)
    counts, turns, shares = np.empty((n, repetitions, 4)), np.ones((n, repetitions)), np.empty((n, 4))
    mean, covariance, influence = np.empty((n, q)), np.zeros((n, q, q)), np.empty((n, repetitions, q))
    actions = None
    chosen = [pair for pair, skip in zip(pairs, is_exact, strict=True) if skip]
    if chosen:
        shares[is_exact] = expected_distributions(field, chosen, terms)
        counts[is_exact] = shares[is_exact][:, None]
        mean[is_exact] = matrix_product(shares[is_exact], quantities.T)
        influence[is_exact] = mean[is_exact][:, None]
    chosen = [pair for pair, skip in zip(pairs, is_exact, strict=True) if not skip]
    if chosen:
        sample = sample_matches(
            field, chosen, terms, repetitions=repetitions, seed=seed, workers=workers, record=record,
            stacklevel=5,  # behind this function, `round_robin` and the two that read its arguments
        )  # fmt: skip
        estimate = estimate_means(sample, quantities)
        counts[~is_exact], turns[~is_exact] = sample.counts, sample.turns
        weighted = sample.weighted.sum(axis=1)
        shares[~is_exact] = weighted / weighted.sum(axis=1, keepdims=True)
        mean[~is_exact], covariance[~is_exact] = estimate.mean, estimate.covariance
        influence[~is_exact] = estimate.influence
        actions = sample.actions
    return _Played(np.array(pairs), mean, covariance, influence, counts, turns, shares, is_exact), actions


def _dataset(
    field: Sequence[Strategy], played: _Played, terms: Terms, seed: int, symmetric: bool
) -> xr.Dataset:
    n = len(field)
    matches = number_of_matches(played, n)
    data = arrays_of(played, n, terms.game, seed)
    by_pair = ("strategy", "opponent")
    data["distribution"] = ((*by_pair, "outcome"), _distribution(played, matches))
    rows, columns = played.pairs.T
    exact = np.zeros((n, n), dtype=bool)
    exact[rows, columns] = exact[columns, rows] = played.is_exact
    data["is_exact"] = (by_pair, exact)
    payoffs, cooperation = (
        matrix_product(played.counts, of.T) for of in (terms.game.payoffs.reshape(2, 4), _COOPERATED)
    )
    tie = TIE * float(terms.game.payoff_range.max()) * played.turns
    data |= partners(played.pairs, payoffs, cooperation, tie, n)
    names = [strategy.name for strategy in field]
    coordinates: dict[str, Any] = {"strategy": names, "opponent": names, "outcome": list(OUTCOMES)}
    if not symmetric:
        data |= by_role(played, n)
        coordinates["role"] = ["row", "column"]
    return xr.Dataset(data, coordinates)


def _rule_of(strategy: Strategy) -> dict[str, Any]:
    """Return a strategy's rule as plain values for JSON; of functions the name and the hash of their sources."""
    rule = strategy.rule
    if isinstance(rule, Functions):
        functions = (rule.cooperation, rule.update)
        known = {
            "functions": [qualified_name(function) for function in functions],
            "sources": [source_of(function) for function in functions],
            "memory": list(rule.memory),
        }
        return known if rule.prepared is None else known | {"prepared": _described(rule.prepared)}
    return {name: getattr(rule, name) for name in rule.__dataclass_fields__}


def _described(prepared: Prepared) -> list[str]:
    """Return the name and the hash of the source of what prepares a memory, and its settings if it has fields."""
    known = [qualified_name(prepared), source_of(prepared)]
    return [*known, repr(prepared)] if is_dataclass(prepared) else known


def _distribution(played: _Played, matches: FloatArray) -> FloatArray:
    rows, columns = played.pairs.T
    distribution = np.zeros((*matches.shape, 4))
    np.add.at(distribution, (rows, columns), played.distribution)
    np.add.at(distribution, (columns, rows), played.distribution[:, _SEEN_BY_OTHER])
    with np.errstate(invalid="ignore"):
        return np.asarray(distribution / matches[:, :, None])
