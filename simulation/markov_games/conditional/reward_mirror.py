r"""Gradual Tit-for-Tat with state by what one gets (thesis section 5.3.2).

The player keeps the average reward G <- tau r + (1 - tau) G, begins with what two full cooperators get, and takes for
the other's degree the beta_hat that solves V_own(alpha, beta_hat) = G at its own degree alpha. Then it plays alpha =
min(1, beta_hat + epsilon), by the policy of the nearest degree.

Where G lies outside of what any degree gives, the thesis sets beta_hat = 0 in both cases; above it that must be 1:
who gets more than a full cooperator would give does not face a defector.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simulation.markov_games.conditional.cooperativeness import Degrees
from simulation.markov_games.enumerated import EnumeratedGame
from theory.checks import FloatArray, IntArray, number_within


@dataclass(frozen=True, kw_only=True)
class RewardMirror:
    """What it is tuned by.

    Parameters
    ----------
    epsilon
        Benefit of the doubt, in [0, 1].
    tau
        Weight of the last reward, in (0, 1].

    Raises
    ------
    ValueError
        If a parameter is not as above.
    """

    epsilon: float = 0.0
    tau: float = 0.03

    def __post_init__(self) -> None:
        number_within("epsilon", self.epsilon, 0.0, 1.0)
        number_within("tau", self.tau, 1e-6, 1.0)

    def seated(self, game: EnumeratedGame, degrees: Degrees, seat: int) -> Averager:
        """Return the player in a seat."""
        return Averager(game, degrees, seat, self)


class Averages(NamedTuple):
    """What is remembered of each match."""

    average: FloatArray
    """`[matches]`: G, in payoff units a step."""
    place: IntArray
    """`[matches]` of the own degree."""


@dataclass(frozen=True, eq=False)
class Averager:
    """A player who mirrors by its average reward."""

    game: EnumeratedGame
    degrees: Degrees
    seat: int
    tuned: RewardMirror

    @property
    def worth(self) -> FloatArray:
        """`[G, G]`: what the own degree is worth beside the other's, ascending in the latter."""
        values = self.degrees.values[self.seat]
        return np.maximum.accumulate(values if self.seat == 0 else values.T, axis=1)

    def begin(self, matches: int) -> Averages:
        """Return what two full cooperators get, and full cooperation."""
        last = len(self.degrees.degrees) - 1
        return Averages(np.full(matches, self.worth[-1, -1]), np.full(matches, last))

    def degree(self, memory: Averages) -> IntArray:
        """Return `[matches]`: the place of the own degree."""
        return memory.place

    def chances(self, memory: Averages, states: IntArray) -> FloatArray:
        """Return `[matches, A]` probabilities of the own actions."""
        return np.asarray(self.degrees.policies[memory.place, self.seat, states])

    def remember(self, memory: Averages, states: IntArray, joint: IntArray, lots: FloatArray) -> Averages:
        """Return what is remembered after joint actions."""
        tau = self.tuned.tau
        average = tau * self.game.rewards[self.seat, states, joint] + (1.0 - tau) * memory.average
        mirrored = np.minimum(1.0, self.other_degree(average, memory.place) + self.tuned.epsilon)
        return Averages(average, self.degrees.nearest(mirrored))

    def other_degree(self, average: FloatArray, place: IntArray) -> FloatArray:
        """Return `[matches]`: beta_hat; 0 below what a defector gives, 1 above what a full cooperator gives."""
        worth, found = self.worth, np.empty(len(average))
        for own in np.unique(place):
            found[place == own] = np.interp(average[place == own], worth[own], self.degrees.degrees)
        return found
