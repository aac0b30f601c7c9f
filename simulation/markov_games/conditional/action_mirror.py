r"""Gradual Tit-for-Tat with state by what the other does: Bayes' rule on its degree (thesis Eq. 5.1).

The belief P_t(beta) on a grid of degrees starts uniform and is multiplied by the chance that somebody of degree beta
would have done what the other did, which is what oneself would do in its place (section 5.3.1). The player mirrors
the mean, alpha = min(1, beta_hat + epsilon), by the policy of the nearest degree. The thesis's rule never forgets;
here a belief is raised to the power `remembered` before each step, of 1 for the thesis's.
"""

from __future__ import annotations

from dataclasses import dataclass

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
class ActionMirror(ConditionalCooperator):
    """Gradual Tit-for-Tat with state by what the other does (thesis section 5.3.1): mirror the degree believed in.

    Its memory is no finite one, so that best responses to it are not known exactly.

    Parameters
    ----------
    degrees
        Policies by degree, of the game that is played (`degrees_of_cooperation`).
    epsilon
        Benefit of the doubt, in [0, 1].
    remembered
        In (0, 1]: the power.

    Raises
    ------
    ValueError
        If a parameter is not as above.
    """

    degrees: DegreesOfCooperation
    epsilon: float = 0.0
    remembered: float = 0.98

    def __post_init__(self) -> None:
        check_fields(self)
        DEGREES("degrees", self.degrees)
        number_within("epsilon", self.epsilon, 0.0, 1.0)
        number_within("remembered", self.remembered, 1e-6, 1.0)

    @checked(play=AGREED_PLAY, role=place(2))
    def seated(self, play: AgreedPlay, role: int) -> Believer:
        """Return the player in a role; ValueError if its degrees are those of another game."""
        check_degrees(self.degrees, play.game)
        return Believer(play.game, self.degrees, role, self)


@dataclass(frozen=True, eq=False)
class Believer:
    """A player who mirrors by its belief; what it remembers of each match are `[runs, G]` logarithms of it."""

    game: EnumeratedGame
    degrees: DegreesOfCooperation
    role: int
    tuned: ActionMirror

    def begin(self, runs: int) -> FloatArray:
        """Return the uniform belief, of each match."""
        return np.zeros((runs, len(self.degrees.degrees)))

    def degree(self, memory: FloatArray) -> IntArray:
        """Return `[runs]`: the place of the own degree."""
        belief = np.exp(memory - memory.max(axis=1, keepdims=True))
        mean = (belief * self.degrees.degrees).sum(axis=1) / belief.sum(axis=1)
        return nearest_degrees(self.degrees, np.minimum(1.0, mean + self.tuned.epsilon))

    def chances(self, memory: FloatArray, states: IntArray) -> FloatArray:
        """Return `[runs, A]` probabilities of the own actions."""
        return np.asarray(self.degrees.policies[self.degree(memory), self.role, states])

    def remember(self, memory: FloatArray, states: IntArray, joint: IntArray, lots: FloatArray) -> FloatArray:
        """Return the belief after joint actions."""
        other = 1 - self.role
        likely = self.degrees.policies[:, other, states, self.game.actions[joint, other]].T
        with np.errstate(divide="ignore"):
            return self.tuned.remembered * memory + np.maximum(np.log(likely), -1e3)
