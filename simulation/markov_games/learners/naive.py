"""The naive learner: it climbs its own value as if the other did not learn."""

from __future__ import annotations

from dataclasses import dataclass

from simulation.markov_games.learners.meeting import Meeting
from simulation.markov_games.learners.shaping import GradientLearner
from theory.checks import FloatArray


@dataclass(frozen=True, kw_only=True)
class NaiveLearner(GradientLearner):
    """Plain policy gradient; it plays repeated games of two players with two actions each."""

    def direction(self, meeting: Meeting, player: int) -> FloatArray:
        """Return `[runs, 5]`: the gradient of one's own value in one's own numbers."""
        return meeting.slope(player, player)
