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

from theory.checks import FloatArray
from theory.resolution import SHARE, read, resolution_of, spread_between

Pair = Sequence[float] | FloatArray


def payoff_scale(outcomes: FloatArray) -> FloatArray:
    """Return `[n_players]`: each player's payoff range over `outcomes[m, n_players]`, 1 for a constant payoff."""
    spread = spread_between(outcomes.min(axis=0), outcomes.max(axis=0), resolution_of(outcomes.T))
    return np.where(spread > 0, spread, 1.0)


def rounding_of(outcomes: FloatArray, scale: FloatArray) -> float:
    """Return how far payoffs may differ by rounding, as a fraction of the players' ranges `scale`."""
    return max(SHARE, float((resolution_of(outcomes.T) / scale).max()))


def unit_payoffs(outcomes: FloatArray, scale: FloatArray) -> FloatArray:
    """Return `[m, n_players]`: payoffs from 0 to 1 per player, equal ones exactly equal despite rounding."""
    units = read((outcomes - outcomes.min(axis=0)).T, resolution_of(outcomes.T)).T / scale
    return np.ascontiguousarray(units)


def turns_right(a: Pair, b: Pair, c: Pair, rounding: float) -> bool:
    """Return whether the way from a by b to c turns right, by more than rounding."""
    along, up = c[0] - a[0], c[1] - a[1]
    return bool((b[0] - a[0]) * up - (b[1] - a[1]) * along < -rounding * math.hypot(along, up))


def frontier_outcomes(units: FloatArray, rounding: float) -> list[int]:
    """Return which of `units[m, 2]` are the corners of the strong frontier, by rising payoff of player 1.

    Duplicates are named once, and outcomes on a straight edge between two corners not at all.
    """
    # From player 1's best payoff downwards, an outcome is efficient only if player 2 gets more than so far.
    best_first = np.lexsort((-units[:, 1], -units[:, 0]))
    second = units[best_first, 1]
    efficient = np.ones(len(second), dtype=bool)
    efficient[1:] = second[1:] > np.maximum.accumulate(second)[:-1]
    corners: list[int] = []
    points = units.tolist()
    for k in reversed(best_first[efficient].tolist()):
        while len(corners) > 1 and not turns_right(
            points[corners[-2]], points[corners[-1]], points[k], rounding
        ):
            corners.pop()
        corners.append(k)
    return corners


@dataclass(frozen=True, eq=False)
class Frontier:
    """A path of two players' efficient payoffs, walked by a *position*.

    Position j + t with 0 <= t <= 1 is the lottery (1 - t, t) over corners j and j + 1. A *stretch* is a pair
    of positions, the first not after the second.

    Attributes
    ----------
    corners
        Index of the outcome at each corner.
    first, second
        Payoffs of player 1 (strictly rising) and of player 2 (strictly falling) at the corners.
    scale
        Payoff range of each player over all outcomes (1 where it is zero).
    rounding
        Differences that are rounding, as a fraction of `scale`.
    """

    corners: tuple[int, ...]
    first: tuple[float, ...]
    second: tuple[float, ...]
    scale: tuple[float, float]
    rounding: float

    @classmethod
    def of(cls, outcomes: FloatArray) -> Frontier:
        """Return the frontier of `outcomes[m, 2]`."""
        scale = payoff_scale(outcomes)
        rounding = rounding_of(outcomes, scale)
        corners = frontier_outcomes(unit_payoffs(outcomes, scale), rounding)
        first, second = outcomes[corners].T.tolist()
        return cls(tuple(corners), tuple(first), tuple(second), (float(scale[0]), float(scale[1])), rounding)

    @property
    def whole(self) -> tuple[float, float]:
        """The stretch from end to end."""
        return 0.0, float(len(self.corners) - 1)

    def point(self, position: float) -> tuple[float, float]:
        """Return the two payoffs at a position."""
        corner, share = math.floor(position), position - math.floor(position)
        if share == 0:
            return self.first[corner], self.second[corner]
        return (
            (1 - share) * self.first[corner] + share * self.first[corner + 1],
            (1 - share) * self.second[corner] + share * self.second[corner + 1],
        )

    def weights(self, position: float, n_outcomes: int) -> FloatArray:
        """Return `[n_outcomes]`: the lottery over the outcomes that a position stands for."""
        corner, share = math.floor(position), position - math.floor(position)
        weights = np.zeros(n_outcomes)
        weights[self.corners[corner]] = 1 - share
        if share > 0:
            weights[self.corners[corner + 1]] = share
        return weights

    def gains(self, position: float, origin: Pair) -> tuple[float, float]:
        """Return what the two players get beyond `origin[2]` at a position."""
        first, second = self.point(position)
        return first - float(origin[0]), second - float(origin[1])

    def positions(self, stretch: tuple[float, float]) -> list[float]:
        """Return both ends of a stretch and the corners between them, in order and each once."""
        low, high = stretch
        inner = [float(k) for k in range(math.floor(low) + 1, math.ceil(high))]
        return [low, *inner, high] if low < high else [low]

    def above(self, floor: Pair) -> tuple[float, float] | None:
        """Return the stretch on which no player is below `floor[2]`, or None if no feasible payoff is above.

        Where the floor lies on the frontier and is missed by rounding, the stretch is that point.
        """
        end = self.whole[1]
        low = first_reaching(self.first, float(floor[0]))
        high = end - first_reaching(self.second[::-1], float(floor[1]))
        if self.first[-1] >= floor[0] and self.second[0] >= floor[1] and low <= high:
            return low, high
        first, second = (float(floor[i]) - self.rounding * self.scale[i] for i in (0, 1))
        if self.first[-1] < first or self.second[0] < second:
            return None
        if first_reaching(self.first, first) + first_reaching(self.second[::-1], second) > end:
            return None
        return (low + high) / 2, (low + high) / 2

    def balanced(self, stretch: tuple[float, float], origin: Pair, units: Pair) -> float:
        """Return the position on a stretch where gains divided by `units[2]` are equal, or the nearest end.

        Along the frontier player 1's gain rises and player 2's falls, so that there is one such position at
        most; at the nearest end the smaller of the two is as large as it can be.
        """
        positions = self.positions(stretch)
        # Cross-multiplied, since a unit is 0 where nothing can be gained.
        unit_1, unit_2 = float(units[0]) / self.scale[0], float(units[1]) / self.scale[1]
        advantage = []
        for position in positions:
            first, second = self.gains(position, origin)
            advantage.append(first / self.scale[0] * unit_2 - second / self.scale[1] * unit_1)
        if advantage[0] >= 0:
            return positions[0]
        if advantage[-1] <= 0:
            return positions[-1]
        k = next(k for k, value in enumerate(advantage) if value > 0)
        share = advantage[k - 1] / (advantage[k - 1] - advantage[k])
        return positions[k - 1] + share * (positions[k] - positions[k - 1])

    def largest_sum(self, stretch: tuple[float, float]) -> tuple[float, float]:
        """Return the part of a stretch on which the sum of payoffs is largest: a point or an edge."""
        positions = self.positions(stretch)
        sums = [sum(self.point(position)) for position in positions]
        least = max(sums) - self.rounding * max(self.scale)
        best = [position for position, total in zip(positions, sums, strict=True) if total >= least]
        return best[0], best[-1]


def first_reaching(rising: Sequence[float], level: float) -> float:
    """Return the first position at which strictly rising corner values reach a level, else the last one."""
    if level <= rising[0]:
        return 0.0
    for k in range(1, len(rising)):
        if rising[k] >= level:
            return k - 1 + (level - rising[k - 1]) / (rising[k] - rising[k - 1])
    return float(len(rising) - 1)
