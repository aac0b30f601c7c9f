r"""Natural policy gradient: the naive gradient, divided by how much a number matters to what is played (Kakade 2001).

The Fisher information of five numbers is diagonal, d(s) p(s) (1 - p(s)) with d(s) how often state s decides and p(s)
the chance of C there, so the direction is the gain of C over D in each state, however rarely it is come to.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.markov_games.learners.meeting import Meeting
from simulation.markov_games.learners.shaping import GradientLearner
from theory.checks import FloatArray

# The information of a state that is nearly never come to, or of an action that is nearly never taken.
LEAST_INFORMATION = 1e-8


@dataclass(frozen=True, kw_only=True)
class NaturalGradient(GradientLearner):
    """Natural policy gradient; it plays repeated games of two players with two actions each."""

    rate: float = 0.1

    def direction(self, meeting: Meeting, player: int) -> FloatArray:
        """Return `[runs, 5]`: the gradient times the inverse of the Fisher information."""
        chances = meeting.cooperation[player]
        information = meeting.visits() * chances * (1.0 - chances)
        return np.asarray(meeting.slope(player, player) / np.maximum(information, LEAST_INFORMATION))
