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

from simulation.markov_games.conditional.agreement import AGREED_PLAY, AgreedPlay
from simulation.markov_games.conditional.cooperativeness import (
    DEGREES,
    DegreesOfCooperation,
    check_degrees,
    nearest_degrees,
)
from simulation.markov_games.conditional.cooperator import ConditionalCooperator
from simulation.markov_games.enumerated import EnumeratedGame
from theory.arguments import check_fields, checked, place
from theory.checks import FloatArray, IntArray, number_within


@dataclass(frozen=True, kw_only=True)
class RewardMirror(ConditionalCooperator):
    """Gradual Tit-for-Tat with state by what one gets (thesis section 5.3.2): mirror the degree that rewards tell.

    Its memory is no finite one, so that best responses to it are not known exactly.

    Parameters
    ----------
    degrees
        Policies by degree, of the game that is played (`degrees_of_cooperation`).
    epsilon
        Benefit of the doubt, in [0, 1].
    tau
        Weight of the last reward, in (0, 1].

    Raises
    ------
    ValueError
        If a parameter is not as above.
    """

    degrees: DegreesOfCooperation
    epsilon: float = 0.0
    tau: float = 0.03

    def __post_init__(self) -> None:
        check_fields(self)
        DEGREES("degrees", self.degrees)
        number_within("epsilon", self.epsilon, 0.0, 1.0)
        number_within("tau", self.tau, 1e-6, 1.0)

    @checked(play=AGREED_PLAY, role=place(2))
    def seated(self, play: AgreedPlay, role: int) -> Averager:
        """Return the player in a role; ValueError if its degrees are those of another game."""
        check_degrees(self.degrees, play.game)
        return Averager(play.game, self.degrees, role, self)


class Averages(NamedTuple):
    """What is remembered of each match."""

    average: FloatArray
    """`[runs]`: G, in payoff units a step."""
    place: IntArray
    """`[runs]` of the own degree."""


@dataclass(frozen=True, eq=False)
class Averager:
    """A player who mirrors by its average reward."""

    game: EnumeratedGame
    degrees: DegreesOfCooperation
    role: int
    tuned: RewardMirror

    @property
    def worth(self) -> FloatArray:
        """`[G, G]`: what the own degree is worth beside the other's, ascending in the latter."""
        values = self.degrees.values[self.role]
        return np.maximum.accumulate(values if self.role == 0 else values.T, axis=1)

    def begin(self, runs: int) -> Averages:
        """Return what two full cooperators get, and full cooperation."""
        last = len(self.degrees.degrees) - 1
        return Averages(np.full(runs, self.worth[-1, -1]), np.full(runs, last))

    def degree(self, memory: Averages) -> IntArray:
        """Return `[runs]`: the place of the own degree."""
        return memory.place

    def chances(self, memory: Averages, states: IntArray) -> FloatArray:
        """Return `[runs, A]` probabilities of the own actions."""
        return np.asarray(self.degrees.policies[memory.place, self.role, states])

    def remember(self, memory: Averages, states: IntArray, joint: IntArray, lots: FloatArray) -> Averages:
        """Return what is remembered after joint actions."""
        tau = self.tuned.tau
        average = tau * self.game.rewards[self.role, states, joint] + (1.0 - tau) * memory.average
        mirrored = np.minimum(1.0, self.other_degree(average, memory.place) + self.tuned.epsilon)
        return Averages(average, nearest_degrees(self.degrees, mirrored))

    def other_degree(self, average: FloatArray, place: IntArray) -> FloatArray:
        """Return `[runs]`: beta_hat; 0 below what a defector gives, 1 above what a full cooperator gives."""
        worth, found = self.worth, np.empty(len(average))
        for own in np.unique(place):
            found[place == own] = np.interp(average[place == own], worth[own], self.degrees.degrees)
        return found
