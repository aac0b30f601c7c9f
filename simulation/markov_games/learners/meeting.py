r"""Two players who remember one round, met in a repeated 2x2 game: values, slopes and cross terms, all exact.

Each has five numbers theta, P(C) = sigmoid(theta): after the outcomes CC, CD, DC, DD, player 1's action first for
both players, and in the first round. So Tit-for-Tat is C, D, C, D for player 1 and C, C, D, D for player 2. Row k of
T holds the chances of the outcomes after k; its first four rows are P, the last is s, the first round. With payoffs
r_i

    M = (I - gamma P)^{-1},    u_i = M r_i,    V_i = s u_i,    m = M^T s,

V_i is the sum of discounted payoffs (Foerster and others 2018) and (1 - gamma) V_i the payoff of a round. Row k
decides d_k = gamma m_k times, the first round once. With T' the change of a row with a player's P(C), and T'' with
both players', the slope of V_i in a player's P(C) after k is d_k T'_k u_i, and the slope of that, in the other's P(C)
after l, follows from

    dm = M^T T'_l d_l,    du_i = gamma M e_l (T'_l u_i),    dT'_k = T'' where k = l.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from theory.checks import FloatArray

# How the chances of CC, CD, DC, DD change with both players' P(C) together.
_BOTH = np.array([1.0, -1.0, -1.0, 1.0])


@dataclass(frozen=True, eq=False)
class Meeting:
    """Many pairs of players at once.

    Attributes
    ----------
    theta
        `[2, runs, 5]`.
    payoffs
        `[2, 4]`: of each player after CC, CD, DC, DD.
    discount
        gamma, in [0, 1).
    """

    theta: FloatArray
    payoffs: FloatArray
    discount: float

    def moved(self, player: int, step: FloatArray) -> Meeting:
        """Return the meeting after a step `[runs, 5]` of one player."""
        theta = self.theta.copy()
        theta[player] += step
        return Meeting(theta, self.payoffs, self.discount)

    @cached_property
    def cooperation(self) -> FloatArray:
        """`[2, runs, 5]`: P(C)."""
        return np.asarray(0.5 + 0.5 * np.tanh(0.5 * self.theta))

    @cached_property
    def values(self) -> FloatArray:
        """`[runs, 2]`: sums of discounted payoffs."""
        return np.asarray(np.einsum("ro,iro->ri", self._rows[:, 4], self._worth))

    def visits(self) -> FloatArray:
        """Return `[runs, 5]`: how often each of five numbers decides, discounted."""
        return self._visits

    def slope(self, of: int, by: int) -> FloatArray:
        """Return `[runs, 5]`: the gradient of one player's value in the numbers of one player."""
        gains = np.einsum("rko,ro->rk", self._changes[by], self._worth[of])
        return np.asarray(self._steepness[by] * self._visits * gains)

    def cross(self, of: int, by: int, along: FloatArray) -> FloatArray:
        """Return `[runs, 5]`: how a slope along a direction changes with the numbers of the player who does not move.

        The slope is that of player `of`'s value in the numbers of player `by`, times `along[runs, 5]`.
        """
        mine, theirs = self._changes[1 - by], self._changes[by]
        worth, inverse, discount = self._worth[of], self._inverse, self.discount
        weights = along * self._steepness[by]
        gains = np.einsum("rko,ro->rk", theirs, worth)
        by_visits = np.einsum("rkl,rl->rk", inverse, (weights * gains)[:, :4])
        moved = np.einsum("rk,rko->ro", weights * self._visits, theirs)
        by_worth = np.zeros_like(weights)
        by_worth[:, :4] = discount * np.einsum("ro,rol->rl", moved, inverse)
        change = (
            discount * self._visits * np.einsum("rko,ro->rk", mine, by_visits)
            + by_worth * np.einsum("rko,ro->rk", mine, worth)
            + weights * self._visits * np.einsum("o,ro->r", _BOTH, worth)[:, None]
        )
        return np.asarray(self._steepness[1 - by] * change)

    @cached_property
    def _steepness(self) -> FloatArray:
        """`[2, runs, 5]`: the change of P(C) with theta."""
        return np.asarray(self.cooperation * (1.0 - self.cooperation))

    @cached_property
    def _rows(self) -> FloatArray:
        """`[runs, 5, 4]`: T."""
        p, q = self.cooperation
        return np.stack([p * q, p * (1.0 - q), (1.0 - p) * q, (1.0 - p) * (1.0 - q)], axis=-1)

    @cached_property
    def _changes(self) -> FloatArray:
        """`[2, runs, 5, 4]`: T' of each player."""
        p, q = self.cooperation
        return np.stack(
            [np.stack([q, 1.0 - q, -q, q - 1.0], axis=-1), np.stack([p, -p, 1.0 - p, p - 1.0], axis=-1)]
        )

    @cached_property
    def _inverse(self) -> FloatArray:
        """`[runs, 4, 4]`: M."""
        return np.asarray(np.linalg.inv(np.eye(4) - self.discount * self._rows[:, :4]))

    @cached_property
    def _worth(self) -> FloatArray:
        """`[2, runs, 4]`: u_i."""
        return np.asarray(np.einsum("rkl,il->irk", self._inverse, self.payoffs))

    @cached_property
    def _visits(self) -> FloatArray:
        decided = np.ones((len(self._rows), 5))
        decided[:, :4] = self.discount * np.einsum("rkl,rk->rl", self._inverse, self._rows[:, 4])
        return decided
