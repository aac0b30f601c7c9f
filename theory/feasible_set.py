"""Payoffs that lotteries over outcomes can reach: their corners, frontier and individually rational part."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from theory._checks import FloatArray, finite_array, payoff_array
from theory._frontier import ROUNDING, Frontier, payoff_scale, turns_right, unit_payoffs
from theory.games import StrategicGame
from theory.security import outcomes_of

# Points closer to a set than this fraction of the players' ranges belong to it.
TOLERANCE = 1e-9

# Cutting a body of k corners makes at most k * k / 4 candidates for new corners.
LARGEST_NUMBER_OF_CANDIDATES = 20_000


class NoRationalAgreement(ValueError):  # noqa: N818 - the name says what is the case
    """No feasible payoff gives every player at least its disagreement payoff."""


class FeasibleSet:
    """The convex hull of outcomes' payoffs: what players reach by agreeing on a lottery.

    Parameters
    ----------
    outcomes
        `[m, n_players]` payoffs of the outcomes, finite. Duplicates, interior points and sets of lower
        dimension (one point, points on a line) are all right.

    Raises
    ------
    ValueError
        If the outcomes are not a finite array of that shape with at least one row and column.
    """

    def __init__(self, outcomes: ArrayLike) -> None:
        points = payoff_array("outcomes", outcomes)
        if points.ndim != 2 or 0 in points.shape:
            raise ValueError(
                "outcomes must have shape [m, n_players] with at least one row and one column, "
                f"got shape {points.shape}"
            )
        points.flags.writeable = False
        self._outcomes = points

    @classmethod
    def of(cls, game: StrategicGame) -> FeasibleSet:
        """Return the payoffs that lotteries over the game's pure profiles reach."""
        return cls(outcomes_of(game))

    @property
    def outcomes(self) -> FloatArray:
        """`[m, n_players]`: the outcomes as given, read-only."""
        return self._outcomes

    @property
    def n_players(self) -> int:
        """Number of players."""
        return int(self._outcomes.shape[1])

    @cached_property
    def payoff_range(self) -> FloatArray:
        """`[n_players]`: largest minus smallest payoff of each player."""
        return np.asarray(self._outcomes.max(axis=0) - self._outcomes.min(axis=0))

    @cached_property
    def vertices(self) -> FloatArray:
        """`[k, n_players]`: the corners; for two players counter-clockwise from player 1's worst payoff."""
        return self._outcomes[corner_outcomes(self._outcomes)]

    @cached_property
    def pareto_frontier(self) -> FloatArray:
        """`[k, n_players]`: the corners that are strongly Pareto-optimal.

        For two players they are ordered by player 1's payoff and the frontier is the path along them.
        For more players a segment between two of them need not be on the frontier.
        """
        if self.n_players == 2:
            return self._outcomes[list(Frontier.of(self._outcomes).corners)]
        return self._efficient_vertices()

    def _efficient_vertices(self) -> FloatArray:
        from theory._linear_programs import best_lottery

        units = unit_payoffs(self.vertices)
        total = units.sum(axis=1)
        keep = []
        for k, floor in enumerate(units):
            weights = best_lottery(total, units, floor)
            keep.append(weights is None or bool(weights @ total <= total[k] + TOLERANCE))
        return np.asarray(self.vertices[keep])

    def maximise(self, direction: ArrayLike) -> FloatArray:
        """Return `[k, n_players]`: the corners at which payoffs times `direction[n_players]` sum to most.

        Their convex hull is the face of all maximisers.
        """
        weights = finite_array("direction", direction)
        if weights.shape != (self.n_players,):
            raise ValueError(f"direction must be {self.n_players} numbers, got shape {weights.shape}")
        values = self.vertices @ weights
        unit = float(np.abs(weights) @ payoff_scale(self._outcomes))
        return np.asarray(self.vertices[values >= values.max() - ROUNDING * unit])

    def distance_to(self, point: ArrayLike) -> float:
        """Return the Euclidean distance of `point[n_players]` from the set, payoffs divided by their ranges.

        A player whose payoff is constant counts in payoff units.
        """
        target = _payoffs_of_players("point", point, self.n_players)
        scale = payoff_scale(self._outcomes)
        return distance_to_hull((self.vertices - target) / scale)

    def contains(self, point: ArrayLike, *, tolerance: float = TOLERANCE) -> bool:
        """Return whether `point[n_players]` is at most `tolerance` (in payoff ranges) away from the set."""
        return self.distance_to(point) <= tolerance

    def individually_rational(self, disagreement: ArrayLike) -> FeasibleSet:
        """Return the part that gives every player at least `disagreement[n_players]`.

        Raises
        ------
        NoRationalAgreement
            If there is no such part.
        ValueError
            If a cut would have too many corners to be listed (many players and outcomes).
        """
        floor = _payoffs_of_players("disagreement point", disagreement, self.n_players)
        scale = payoff_scale(self._outcomes)
        points = self.vertices
        for player in range(self.n_players):
            points = points_above(points, player, float(floor[player]), float(scale[player]))
            if not len(points):
                raise NoRationalAgreement(
                    "a feasible payoff must give every player its disagreement payoff, "
                    f"got disagreement point {floor.tolist()}, which no feasible payoff reaches"
                )
            points = points[corner_outcomes(points)]
        return FeasibleSet(points)

    def __repr__(self) -> str:
        return f"<FeasibleSet: {len(self._outcomes)} outcomes, {self.n_players} players>"


def _payoffs_of_players(name: str, values: ArrayLike, n_players: int) -> FloatArray:
    payoffs = payoff_array(name, values)
    if payoffs.shape != (n_players,):
        raise ValueError(f"{name} must be {n_players} payoffs, got shape {payoffs.shape}")
    return payoffs


def points_above(points: FloatArray, player: int, floor: float, scale: float) -> FloatArray:
    """Return `[k, n]` points whose hull is the part of the hull of `points[m, n]` with payoff >= floor.

    Every point of the cut is a mixture of cuts of segments from a point above to a point below.
    """
    payoffs = points[:, player]
    # A floor missed by rounding is met.
    floor = min(floor, payoffs.max()) if floor <= payoffs.max() + ROUNDING * scale else floor
    above, below = points[payoffs >= floor], points[payoffs < floor]
    if len(above) * len(below) > LARGEST_NUMBER_OF_CANDIDATES:
        raise ValueError(
            f"the cut must have at most {LARGEST_NUMBER_OF_CANDIDATES} candidate corners, "
            f"got {len(above) * len(below)}: use BargainingProblem, which needs no corners"
        )
    share = (above[:, None, player] - floor) / (above[:, None, player] - below[None, :, player])
    cut = above[:, None] + share[..., None] * (below[None] - above[:, None])
    cut[..., player] = floor
    return np.concatenate([above, cut.reshape(-1, points.shape[1])])


def corner_outcomes(outcomes: FloatArray) -> list[int]:
    """Return which of `outcomes[m, n]` are corners of their convex hull, each payoff vector once."""
    units = unit_payoffs(outcomes)
    distinct = np.unique(units, axis=0, return_index=True)[1]
    flat = _coordinates_within(units[distinct])
    if flat.shape[1] == 0:
        return [int(distinct[0])]
    if flat.shape[1] == 1:
        ends = sorted({int(flat[:, 0].argmin()), int(flat[:, 0].argmax())})
        return [int(distinct[k]) for k in ends]
    if outcomes.shape[1] == 2:
        return [int(k) for k in distinct[_polygon(units[distinct])]]
    if flat.shape[1] == 2:
        return sorted(int(k) for k in distinct[_polygon(flat)])
    return [int(k) for k in distinct[_extreme_points(flat)]]


def _coordinates_within(units: FloatArray) -> FloatArray:
    """Return `[m, rank]` coordinates of points in the flat that they span."""
    from_centre = units - units.mean(axis=0)
    _, lengths, directions = np.linalg.svd(from_centre, full_matrices=False)
    return np.asarray(from_centre @ directions[lengths > TOLERANCE].T)


def _polygon(points: FloatArray) -> list[int]:
    """Return the corners of a polygon counter-clockwise, by Andrew's monotone chain."""
    order = np.lexsort((points[:, 1], points[:, 0])).tolist()
    corners: list[int] = []
    for way in (order, order[::-1]):  # the lower chain from left to right, then the upper one back
        chain: list[int] = []
        for k in way:
            while len(chain) > 1 and not turns_right(points[k], points[chain[-1]], points[chain[-2]]):
                chain.pop()
            chain.append(k)
        corners += chain[:-1]
    return corners


def _extreme_points(points: FloatArray) -> list[int]:
    """Return which points are not mixtures of others, one linear program each."""
    from theory._linear_programs import best_lottery

    remaining = list(range(len(points)))
    for k in range(len(points)):
        others = [j for j in remaining if j != k]
        floor = np.concatenate([points[k], -points[k]]) - TOLERANCE
        both_sides = np.hstack([points[others], -points[others]])
        if best_lottery(np.zeros(len(others)), both_sides, floor) is not None:
            remaining = others
    return remaining


def distance_to_hull(points: FloatArray) -> float:
    """Return the distance of the origin from the convex hull of `points[k, n]`."""
    if len(points) == 1:
        return float(np.linalg.norm(points[0]))
    if len(points) == 2:
        a, along = points[0], points[1] - points[0]
        share = np.clip(-(a @ along) / (along @ along), 0.0, 1.0)
        return float(np.linalg.norm(a + share * along))
    if points.shape[1] == 2:
        edges = [np.array(pair) for pair in zip(points, np.roll(points, -1, axis=0), strict=True)]
        inside = all(a[0] * b[1] - a[1] * b[0] >= 0 for a, b in edges)
        return 0.0 if inside else min(distance_to_hull(edge) for edge in edges)
    return _least_norm(points)


def _least_norm(points: FloatArray) -> float:
    """Return the norm of the mixture of `points[k, n]` that is nearest to the origin.

    For w >= 0 the minimum of |w @ points|^2 + (sum w - 1)^2 has the direction of the mixture sought: for
    mixtures of norm r the best multiple has value r^2 / (1 + r^2), which rises in r.
    """
    from scipy.optimize import nnls

    system = np.vstack([points.T, np.ones(len(points))])
    weights, _ = nnls(system, np.append(np.zeros(points.shape[1]), 1.0))
    return float(np.linalg.norm(weights @ points) / weights.sum())
