r"""Stable opponent shaping (SOS): LOLA where that does not turn one away from LookAhead, and less of it near rest.

With xi both players' naive gradients, xi_0 those after the other's foreseen step to first order, and chi both
players' shaping terms, times eta, everybody moves along xi_0 + p chi, where p = min(p_1, p_2),

    p_1 = 1 if <chi, xi_0> >= 0, else min(1, -a |xi_0|^2 / <chi, xi_0>),    p_2 = |xi|^2 if |xi| < b, else 1

(Letcher and others, "Stable opponent shaping in differentiable games", ICLR 2019; signs are those of
climbing). p is of both players together: who meets another kind of learner reckons it as if the other shaped as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.markov_games.learners.lola import shaping_term
from simulation.markov_games.learners.meeting import Meeting
from simulation.markov_games.learners.shaping import ForesightedLearner
from theory.checks import FloatArray


@dataclass(frozen=True, kw_only=True)
class StableOpponentShaping(ForesightedLearner):
    """SOS by exact gradients; it plays repeated games of two players with two actions each.

    Parameters
    ----------
    most_undone
        a, in (0, 1): which part of LookAhead's own direction shaping may undo.
    at_rest
        b, in (0, 1): below this length of the naive gradients shaping fades.
    """

    most_undone: float = 0.5
    at_rest: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("most_undone", "at_rest"):
            if not 0.0 < getattr(self, name) < 1.0:
                raise ValueError(f"{name} must lie in (0, 1), got {getattr(self, name):g}")

    def direction(self, meeting: Meeting, player: int) -> FloatArray:
        """Return `[runs, 5]`: LookAhead's gradient to first order, and p times what shaping adds."""
        slopes = np.stack([meeting.slope(i, i) for i in (0, 1)])
        ahead = slopes + self.lookahead_rate * np.stack(
            [meeting.cross(i, 1 - i, slopes[1 - i]) for i in (0, 1)]
        )
        shaped = self.lookahead_rate * np.stack([shaping_term(meeting, i) for i in (0, 1)])
        share = np.minimum(self._undoing(ahead, shaped), self._resting(slopes))
        return np.asarray(ahead[player] + share[:, None] * shaped[player])

    def _undoing(self, ahead: FloatArray, shaped: FloatArray) -> FloatArray:
        against = np.einsum("irk,irk->r", shaped, ahead)
        square = np.einsum("irk,irk->r", ahead, ahead)
        turned = -self.most_undone * square / np.where(against < 0.0, against, -1.0)
        return np.where(against < 0.0, np.minimum(1.0, turned), 1.0)

    def _resting(self, slopes: FloatArray) -> FloatArray:
        square = np.einsum("irk,irk->r", slopes, slopes)
        return np.where(np.sqrt(square) < self.at_rest, square, 1.0)
