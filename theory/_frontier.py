"""The Pareto frontier of two players' payoffs as a path that can be walked, clipped and solved on.

Lotteries over outcomes reach the convex hull of the outcomes' payoffs. Its strongly Pareto-optimal points
form a path of straight edges from player 1's worst to player 1's best efficient payoff. Every bargaining
solution of two players and every outcome that dominates another one to the full lies on this path, so that
all of them are closed forms and none needs a linear program.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from theory._checks import FloatArray

# Payoffs closer than this fraction of a player's range are one payoff: they differ by rounding.
ROUNDING = 1e-12


def payoff_scale(outcomes: FloatArray) -> FloatArray:
    """Return `[n_players]`: each player's payoff range over `outcomes[m, n_players]`, 1 where it is zero."""
    spread = outcomes.max(axis=0) - outcomes.min(axis=0)
    return np.where(spread > 0, spread, 1.0)


def unit_payoffs(outcomes: FloatArray) -> FloatArray:
    """Return `[m, n_players]`: payoffs from 0 to 1 per player, equal ones exactly equal despite rounding."""
    units = (outcomes - outcomes.min(axis=0)) / payoff_scale(outcomes)
    order = units.argsort(axis=0)
    ranked = np.take_along_axis(units, order, axis=0)
    starts = np.ones(ranked.shape, dtype=bool)
    starts[1:] = np.diff(ranked, axis=0) > ROUNDING
    first_of_group = np.maximum.accumulate(np.where(starts, np.arange(len(ranked))[:, None], 0), axis=0)
    np.put_along_axis(units, order, np.take_along_axis(ranked, first_of_group, axis=0), axis=0)
    return units


def turns_right(a: Sequence[float], b: Sequence[float], c: Sequence[float]) -> bool:
    """Return whether the way from a by b to c turns right, by more than rounding."""
    along, up = c[0] - a[0], c[1] - a[1]
    return (b[0] - a[0]) * up - (b[1] - a[1]) * along < -ROUNDING * math.hypot(along, up)


def frontier_outcomes(outcomes: FloatArray) -> list[int]:
    """Return which of `outcomes[m, 2]` are the corners of the strong frontier, by rising payoff of player 1.

    Duplicates are named once, and outcomes on a straight edge between two corners not at all.
    """
    units = unit_payoffs(outcomes)
    # From player 1's best payoff downwards, an outcome is efficient only if player 2 gets more than so far.
    best_first = np.lexsort((-units[:, 1], -units[:, 0]))
    second = units[best_first, 1]
    efficient = np.ones(len(second), dtype=bool)
    efficient[1:] = second[1:] > np.maximum.accumulate(second)[:-1]
    corners: list[int] = []
    points = units.tolist()
    for k in reversed(best_first[efficient].tolist()):
        while len(corners) > 1 and not turns_right(points[corners[-2]], points[corners[-1]], points[k]):
            corners.pop()
        corners.append(k)
    return corners


@dataclass(frozen=True, eq=False)
class Frontier:
    """A path of two players' efficient payoffs, walked by a *position*.

    Position j + t with 0 <= t <= 1 is the lottery (1 - t, t) over corners j and j + 1.

    Attributes
    ----------
    corners
        Index of the outcome at each corner.
    first, second
        Payoffs of player 1 (strictly rising) and of player 2 (strictly falling) at the corners.
    scale
        Payoff range of each player over all outcomes.
    """

    corners: tuple[int, ...]
    first: tuple[float, ...]
    second: tuple[float, ...]
    scale: tuple[float, float]

    @classmethod
    def of(cls, outcomes: FloatArray) -> Frontier:
        """Return the frontier of `outcomes[m, 2]`."""
        corners = frontier_outcomes(outcomes)
        first, second = outcomes[corners].T.tolist()
        scale = payoff_scale(outcomes)
        return cls(tuple(corners), tuple(first), tuple(second), (float(scale[0]), float(scale[1])))

    def edge(self, position: float) -> tuple[int, float]:
        """Return the corner before a position and the share of the way to the next one."""
        corner = min(int(position), max(len(self.corners) - 2, 0))
        return corner, position - corner

    def point(self, position: float) -> tuple[float, float]:
        """Return the two payoffs at a position."""
        return interpolate(self.first, *self.edge(position)), interpolate(self.second, *self.edge(position))

    def weights(self, position: float, n_outcomes: int) -> FloatArray:
        """Return `[n_outcomes]`: the lottery over the outcomes that a position stands for."""
        weights = np.zeros(n_outcomes)
        corner, share = self.edge(position)
        weights[self.corners[corner]] = 1.0 - share
        if share > 0:
            weights[self.corners[corner + 1]] = share
        return weights

    def positions(self, low: float, high: float) -> list[float]:
        """Return both ends of a stretch and the corners between them."""
        inner = [float(k) for k in range(math.floor(low) + 1, math.ceil(high))]
        return [low, *inner, high]

    def above(self, floor: Sequence[float]) -> tuple[float, float] | None:
        """Return the stretch on which no player is below `floor[2]`, or None if no feasible payoff is above.

        Where a floor lies on the frontier and is missed by rounding, the stretch is that point.
        """
        for slack in (0.0, ROUNDING):
            low = first_reaching(self.first, floor[0] - slack * self.scale[0])
            back = first_reaching(self.second[::-1], floor[1] - slack * self.scale[1])
            if low is not None and back is not None and low <= len(self.corners) - 1 - back:
                return low, len(self.corners) - 1 - back
        return None


def interpolate(values: Sequence[float], corner: int, share: float) -> float:
    """Return the value a share of the way from one corner to the next, exactly at the corners."""
    if share == 0:
        return values[corner]
    return values[corner + 1] if share == 1 else (1 - share) * values[corner] + share * values[corner + 1]


def first_reaching(rising: Sequence[float], level: float) -> float | None:
    """Return the first position at which strictly rising corner values reach a level, or None if nowhere."""
    if level > rising[-1]:
        return None
    if level <= rising[0]:
        return 0.0
    corner = next(k for k in range(len(rising)) if rising[k + 1] >= level)
    return corner + (level - rising[corner]) / (rising[corner + 1] - rising[corner])
