r"""Gradual Tit-for-Tat with state by what the other does: Bayes' rule on its degree (thesis Eq. 5.1).

The belief P_t(beta) on a grid of degrees starts uniform and is multiplied by the chance that somebody of degree beta
would have done what the other did, which is what oneself would do in its place (section 5.3.1). The player mirrors
the mean, alpha = min(1, beta_hat + epsilon), by the policy of the nearest degree. The thesis's rule never forgets;
here a belief is raised to the power `remembered` before each step, of 1 for the thesis's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.markov_games.conditional.cooperativeness import Degrees
from simulation.markov_games.enumerated import EnumeratedGame
from theory.checks import FloatArray, IntArray, number_within


@dataclass(frozen=True, kw_only=True)
class ActionMirror:
    """What it is tuned by.

    Parameters
    ----------
    epsilon
        Benefit of the doubt, in [0, 1].
    remembered
        In (0, 1]: the power.

    Raises
    ------
    ValueError
        If a parameter is not as above.
    """

    epsilon: float = 0.0
    remembered: float = 0.98

    def __post_init__(self) -> None:
        number_within("epsilon", self.epsilon, 0.0, 1.0)
        number_within("remembered", self.remembered, 1e-6, 1.0)

    def seated(self, game: EnumeratedGame, degrees: Degrees, seat: int) -> Believer:
        """Return the player in a seat."""
        return Believer(game, degrees, seat, self)


@dataclass(frozen=True, eq=False)
class Believer:
    """A player who mirrors by its belief; what it remembers of each match are `[matches, G]` logarithms of it."""

    game: EnumeratedGame
    degrees: Degrees
    seat: int
    tuned: ActionMirror

    def begin(self, matches: int) -> FloatArray:
        """Return the uniform belief, of each match."""
        return np.zeros((matches, len(self.degrees.degrees)))

    def degree(self, memory: FloatArray) -> IntArray:
        """Return `[matches]`: the place of the own degree."""
        belief = np.exp(memory - memory.max(axis=1, keepdims=True))
        mean = (belief * self.degrees.degrees).sum(axis=1) / belief.sum(axis=1)
        return self.degrees.nearest(np.minimum(1.0, mean + self.tuned.epsilon))

    def chances(self, memory: FloatArray, states: IntArray) -> FloatArray:
        """Return `[matches, A]` probabilities of the own actions."""
        return np.asarray(self.degrees.policies[self.degree(memory), self.seat, states])

    def remember(self, memory: FloatArray, states: IntArray, joint: IntArray, lots: FloatArray) -> FloatArray:
        """Return the belief after joint actions."""
        other = 1 - self.seat
        likely = self.degrees.policies[:, other, states, self.game.actions[joint, other]].T
        with np.errstate(divide="ignore"):
            return self.tuned.remembered * memory + np.maximum(np.log(likely), -1e3)
