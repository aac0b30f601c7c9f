r"""Exact payoffs of two memory-one strategies (thesis section 2.1: Tit-for-Tat and its generous variants).

A memory-one strategy cooperates with a probability that depends on the two actions of the turn before. Two of
them make a Markov chain on the outcomes CC, CD, DC, DD (player 1's action first), with transition
matrix P and opening distribution v_0. Its mean over turns is

- over T turns: (v_0 + v_0 P + ... + v_0 P^(T-1)) / T,
- in the long run: the limit of this for T -> infinity, which always exists, also where several
  classes of outcomes are absorbing (the opening decides how likely each is) or play is periodic,
- discounted by d: (1 - d) (v_0 + d v_0 P + d^2 v_0 P^2 + ...).

Stationary distributions are computed by eliminating states without a subtraction (Grassmann, Taksar &
Heyman 1985), so that errors as rare as one in 10^12 turns do no harm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from theory.arguments import checked, count, optional
from theory.checks import FloatArray, finite_array, number_within, shown
from theory.deprecation import also_called
from theory.games.checks import two_by_two_game
from theory.games.game import Game

OUTCOMES = ("CC", "CD", "DC", "DD")

# Ratios of smaller chances could overflow in the elimination of states.
SMALLEST_CHANCE = 1e-25

# Below this discount the first turn is everything, in double precision.
NO_FUTURE = 2.0**-60

# Outcomes in the other player's eyes: CD and DC change places.
_SEEN_BY_OTHER = [0, 2, 1, 3]


@dataclass(frozen=True)
class MemoryOne:
    """A strategy that looks one turn back.

    Attributes
    ----------
    first
        Probability of cooperating on the first turn.
    after
        Probabilities of cooperating after (own, other's) actions CC, CD, DC and DD.
    """

    first: float
    after: tuple[float, float, float, float]

    def __post_init__(self) -> None:
        object.__setattr__(self, "first", number_within("first", self.first, 0.0, 1.0))
        after = finite_array("after", self.after)
        if after.shape != (4,):
            raise ValueError(
                f"after must be four probabilities, after CC, CD, DC and DD, got shape {after.shape}"
            )
        for outcome, probability in zip(OUTCOMES, after, strict=True):
            number_within(f"the probability of C after {outcome}", probability, 0.0, 1.0)
        object.__setattr__(self, "after", tuple(after.tolist()))

    def with_noise(self, noise: float) -> MemoryOne:
        """Return the strategy whose actions each flip with probability `noise` in [0, 1]."""
        flip = number_within("noise", noise, 0.0, 1.0)
        first, *after = (p * (1.0 - flip) + (1.0 - p) * flip for p in (self.first, *self.after))
        return MemoryOne(first, (after[0], after[1], after[2], after[3]))


def memory_one_strategy(name: str, value: Any) -> MemoryOne:
    """Return a memory-one strategy, or raise ValueError."""
    if not isinstance(value, MemoryOne):
        raise ValueError(f"{name} must be a theory.MemoryOne, got {shown(value)}")
    return value


@dataclass(frozen=True, eq=False)
class MemoryOneResult:
    """What a pair of memory-one strategies gets.

    Attributes
    ----------
    payoffs
        `[2]`: mean payoffs per turn.
    cooperation
        `[2]`: mean frequencies of C.
    distribution
        `[4]`: mean frequencies of the outcomes CC, CD, DC, DD (player 1's action first).
    """

    payoffs: FloatArray
    cooperation: FloatArray
    distribution: FloatArray


@checked(
    first=memory_one_strategy,
    second=memory_one_strategy,
    game=two_by_two_game,
    turns=optional(count(at_most=None)),
    rounds=optional(count(at_most=None)),
)
@also_called(rounds="turns")
def memory_one_payoffs(
    first: MemoryOne,
    second: MemoryOne,
    game: Game,
    *,
    noise: float = 0.0,
    discount: float | None = None,
    turns: int | None = None,
    rounds: int | None = None,
) -> MemoryOneResult:
    """Return exact means per turn: in the long run, discounted, or over a number of turns.

    Parameters
    ----------
    first, second
        The strategies of player 1 and player 2.
    game
        A game of two players with two actions each; action 0 is C. It need not be symmetric.
    noise
        Probability in [0, 1] with which each action flips, on the first turn too.
    discount
        Weight in [0, 1) of the next turn relative to this one, or the probability that there is one.
    turns
        Length of the match, at least 1. With neither `discount` nor `turns`: the long run.
    rounds
        A second name of `turns`.
    """
    if discount is not None and turns is not None:
        raise ValueError(f"give discount or turns, not both, got {discount!r} and {turns!r}")
    start, transitions = outcome_chain(first, second, noise=noise)
    if turns is not None:
        distribution = _mean_over_turns(start, transitions, turns)
    elif discount is not None:
        distribution = _discounted_mean(start, transitions, discount)
    else:
        distribution = _long_run_mean(start, transitions)
    return MemoryOneResult(
        payoffs=game.payoffs.reshape(2, 4) @ distribution,
        cooperation=np.array([distribution[0] + distribution[1], distribution[0] + distribution[2]]),
        distribution=distribution,
    )


def outcome_chain(
    first: MemoryOne, second: MemoryOne, *, noise: float = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Return the opening distribution `[4]` and the transition matrix `[4, 4]` over CC, CD, DC, DD."""
    flip = number_within("noise", noise, 0.0, 1.0)
    p = np.array([first.first, *first.after])
    q = np.array([second.first, *(second.after[k] for k in _SEEN_BY_OTHER)])
    # Both chances from the noise itself: 1 - P(C) would lose the small ones to rounding.
    cooperates = [x * (1.0 - flip) + (1.0 - x) * flip for x in (p, q)]
    defects = [x * flip + (1.0 - x) * (1.0 - flip) for x in (p, q)]
    rows = [own * other for own in (cooperates[0], defects[0]) for other in (cooperates[1], defects[1])]
    chain = np.stack(rows, axis=1)
    if ((chain > 0) & (chain < SMALLEST_CHANCE)).any():
        raise ValueError(
            f"chances of an outcome must be 0 or at least {SMALLEST_CHANCE:g}, got {chain[chain > 0].min():g}"
        )
    return chain[0], chain[1:]


def _mean_over_turns(start: FloatArray, transitions: FloatArray, turns: int) -> FloatArray:
    """(v_0 + ... + v_0 P^(T-1)) / T by doubling: the sum over 2n turns is S_n + P^n S_n."""
    # `mean` averages P^0 ... P^(covered-1), `power` is P^covered; both stay stochastic matrices.
    mean, power, covered = np.eye(4), transitions, 1
    for bit in bin(int(turns))[3:]:
        mean, power, covered = (mean + power @ mean) / 2, _stochastic(power @ power), 2 * covered
        if bit == "1":
            mean = (covered * mean + power) / (covered + 1)
            power, covered = _stochastic(power @ transitions), covered + 1
    return np.asarray(start @ mean)


def _discounted_mean(start: FloatArray, transitions: FloatArray, discount: float) -> FloatArray:
    """(1 - d) sum_t d^t v_0 P^t: stationary in the chain that begins anew with probability 1 - d."""
    d = number_within("discount", discount, 0.0, 1.0)
    if d == 1.0:
        raise ValueError("discount must be below 1, got 1: leave it out for the long run")
    if d < NO_FUTURE:
        return start
    return _long_run_mean(start, d * transitions + (1.0 - d) * start)


def _long_run_mean(start: FloatArray, transitions: FloatArray) -> FloatArray:
    """Limit of the mean distribution over ever more turns (the Cesàro limit)."""
    classes = _recurrent_classes(transitions)
    recurrent = {state for members in classes for state in members}
    # Send the opening's mass through the transient states, one after the other, into the classes.
    mass, moves = start.copy(), transitions.copy()
    for state in range(4):
        if state not in recurrent:
            _pass_through(state, mass, moves)
    distribution = np.zeros(4)
    for members in classes:
        distribution[members] = mass[members].sum() * _stationary(transitions[np.ix_(members, members)])
    return np.asarray(distribution / distribution.sum())


def _recurrent_classes(transitions: FloatArray) -> list[list[int]]:
    """Find the sets of outcomes that play, once inside, never leaves and keeps visiting."""
    reachable = np.linalg.matrix_power((np.eye(4) + transitions > 0).astype(float), 4) > 0
    classes = []
    for state in range(4):
        successors = np.flatnonzero(reachable[state])
        # Recurrent: every state reached from here leads back. Each class is listed by its first state.
        if reachable[successors, state].all() and successors[0] == state:
            classes.append(successors.tolist())
    return classes


def _pass_through(state: int, mass: FloatArray, moves: FloatArray) -> None:
    """Remove a transient state in place: what enters it goes where it leaves to."""
    leaving = moves[state].copy()
    leaving[state] = 0.0
    leaving /= leaving.sum()
    mass += mass[state] * leaving
    moves += np.outer(moves[:, state], leaving)
    mass[state] = 0.0
    moves[:, state] = 0.0


def _stationary(transitions: FloatArray) -> FloatArray:
    """Stationary distribution of an irreducible chain, by Grassmann, Taksar & Heyman's elimination."""
    reduced = transitions.copy()
    size = len(reduced)
    for k in range(size - 1, 0, -1):
        reduced[:k, k] /= reduced[k, :k].sum()
        reduced[:k, :k] += np.outer(reduced[:k, k], reduced[k, :k])
    weights = np.ones(size)
    for k in range(1, size):
        weights[k] = weights[:k] @ reduced[:k, k]
    return np.asarray(weights / weights.sum())


def _stochastic(matrix: FloatArray) -> FloatArray:
    """Rows scaled to sum to one, so that rounding does not build up over doublings."""
    return np.asarray(matrix / matrix.sum(axis=1, keepdims=True))
