r"""LOLA, learning with opponent-learning awareness: it climbs what its choices do to the other's next step, too.

To first order in the other's step eta grad_2 V_2, one's value after that step is V_1 + eta <grad_2 V_1, grad_2 V_2>.
LOLA adds to its naive gradient that of the product, in which it takes the first factor as given:

    grad_1 V_1 + eta (grad_1 grad_2 V_2)^T grad_2 V_1

(Foerster and others, "Learning with opponent-learning awareness", AAMAS 2018; the authors' program, its exact
mode, is run with a correction rate eta of 1).
"""

from __future__ import annotations

from dataclasses import dataclass

from simulation.markov_games.learners.meeting import Meeting
from simulation.markov_games.learners.shaping import ForesightedLearner
from theory.checks import FloatArray


def shaping_term(meeting: Meeting, player: int) -> FloatArray:
    """Return `[runs, 5]`: how one's own numbers turn the other's gradient to where one's own value grows."""
    other = 1 - player
    return meeting.cross(other, other, meeting.slope(player, other))


@dataclass(frozen=True, kw_only=True)
class Lola(ForesightedLearner):
    """LOLA, by gradients exact or estimated; it plays repeated games of two players with two actions each."""

    def direction(self, meeting: Meeting, player: int) -> FloatArray:
        """Return `[runs, 5]`: the naive gradient and what shaping the other adds to it."""
        return meeting.slope(player, player) + self.lookahead_rate * shaping_term(meeting, player)
