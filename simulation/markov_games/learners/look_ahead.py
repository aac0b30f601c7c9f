"""LookAhead: it climbs its value where the other will be after one step of its own (Zhang & Lesser 2010)."""

from __future__ import annotations

from dataclasses import dataclass

from simulation.markov_games.learners.meeting import Meeting
from simulation.markov_games.learners.shaping import ForesightedLearner
from theory.checks import FloatArray


@dataclass(frozen=True, kw_only=True)
class LookAhead(ForesightedLearner):
    """LookAhead (policy prediction); it plays repeated games of two players with two actions each."""

    def direction(self, meeting: Meeting, player: int) -> FloatArray:
        """Return `[runs, 5]`: one's gradient after a naive step of the other, which is taken as given."""
        other = 1 - player
        step = self.lookahead_rate * meeting.slope(other, other)
        return meeting.moved(other, step).slope(player, player)
