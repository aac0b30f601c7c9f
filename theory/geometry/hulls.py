"""Corners of convex hulls in any dimension, their cuts and distances, degenerate ones included."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from theory.checks import FloatArray
from theory.geometry.frontier import payoff_scale, rounding_of, turns_right, unit_payoffs

# Directions in which points differ by less than this fraction of the ranges do not count as dimensions.
FLAT = 1e-9

# Each corner in more than three dimensions costs a least-squares problem of some milliseconds.
LARGEST_NUMBER_OF_PROGRAMS = 3000

# Cutting a body of k corners makes at most k * k / 4 candidates for new corners.
LARGEST_NUMBER_OF_CANDIDATES = 20_000

# Points from which on their corners take long enough to look ahead, and dimensions in which that is quick.
WORTH_A_LOOK = 300
MOST_DIMENSIONS = 6

TOO_MANY_OUTCOMES = (
    "at most {} outcomes can be searched for corners beyond two players, got {}: use BargainingProblem, "
    "which needs no corners"
)


def corners_of(outcomes: FloatArray) -> list[int]:
    """Return which of `outcomes[m, n]` are corners of their convex hull, each payoff vector once.

    Two-dimensional outcomes counter-clockwise from the smallest first coordinate, others in lexical order.
    """
    scale = payoff_scale(outcomes)
    rounding = rounding_of(outcomes, scale)
    units, distinct = np.unique(unit_payoffs(outcomes, scale), axis=0, return_index=True)
    if outcomes.shape[1] == 2:
        found = polygon(units, rounding)
    else:
        flat = _coordinates_within(units)
        found = sorted(_corners_by_dimension(flat, rounding))
    return [int(distinct[k]) for k in found]


def _corners_by_dimension(points: FloatArray, rounding: float) -> list[int]:
    dimension = points.shape[1]
    if dimension == 0:
        return [0]
    if dimension == 1:
        return [int(points.argmin()), int(points.argmax())]
    if dimension == 2:
        return polygon(points, rounding)
    if dimension == 3:
        from scipy.spatial import ConvexHull

        candidates = [int(k) for k in ConvexHull(points).vertices]
    else:
        candidates = list(range(len(points)))
    return extreme_points(points, candidates)


def _coordinates_within(units: FloatArray) -> FloatArray:
    """Return `[m, dimension]` coordinates of points in the flat that they span."""
    from_centre = units - units.mean(axis=0)
    _, lengths, directions = np.linalg.svd(from_centre, full_matrices=False)
    return np.asarray(from_centre @ directions[lengths > FLAT].T)


def polygon(points: FloatArray, rounding: float) -> list[int]:
    """Return the corners of the hull of `points[m, 2]` counter-clockwise, by Andrew's monotone chain."""
    order = np.lexsort((points[:, 1], points[:, 0])).tolist()
    corners: list[int] = []
    for way in (order, order[::-1]):  # along the lower side and back along the upper one
        chain: list[int] = []
        for k in way:
            while len(chain) > 1 and not turns_right(
                points[k], points[chain[-1]], points[chain[-2]], rounding
            ):
                chain.pop()
            chain.append(k)
        corners += chain[:-1]
    return corners or order[:1]


def extreme_points(
    points: FloatArray, candidates: list[int], *, most: int = LARGEST_NUMBER_OF_PROGRAMS
) -> list[int]:
    """Return which candidates are not mixtures of the others, one least-squares problem each."""
    if len(candidates) > most:
        raise ValueError(TOO_MANY_OUTCOMES.format(most, len(candidates)))
    remaining = list(candidates)
    for k in candidates:
        others = [j for j in remaining if j != k]
        if others and _least_norm(points[others] - points[k]) <= FLAT:
            remaining = others
    return remaining


def certain_corners(points: FloatArray) -> FloatArray:
    """Return `[k, n]`: corners of the hull of `points[m, n]` beyond doubt, at little cost: most of them, but not all.

    A point that is ahead of all others in some direction is a corner, and no mixture of the others comes nearer than
    by how far it is ahead. The directions are the mean normals of the facets around each point.
    """
    from scipy.spatial import ConvexHull, QhullError

    units, distinct = np.unique(unit_payoffs(points, payoff_scale(points)), axis=0, return_index=True)
    flat = _coordinates_within(units)
    try:
        hull = ConvexHull(flat)
    except (QhullError, ValueError):  # flat but for rounding
        return points[:0]
    directions = np.zeros_like(flat)
    for of_facet in hull.simplices.T:
        np.add.at(directions, of_facet, hull.equations[:, :-1])
    tips = hull.vertices
    directions = directions[tips] / np.linalg.norm(directions[tips], axis=1, keepdims=True)
    reached = directions @ flat.T
    own = reached[np.arange(len(tips)), tips]
    reached[np.arange(len(tips)), tips] = -np.inf
    return np.asarray(points[np.sort(distinct[tips[own - reached.max(axis=1) > 2 * FLAT]])])


def check_later_cuts(
    points: FloatArray,
    cuts: Sequence[tuple[int, float]],
    *,
    most_outcomes: int = LARGEST_NUMBER_OF_PROGRAMS,
    most_candidates: int = LARGEST_NUMBER_OF_CANDIDATES,
) -> None:
    """Raise the ValueError that one of the later `cuts` (axis, floor) would raise, before the work up to there.

    It judges by corners of `points[m, n]` that are certain, and only where it costs little beside the search for
    corners: what passes may still be refused, but what is refused would have been.
    """
    if not 3 < points.shape[1] <= MOST_DIMENSIONS or not WORTH_A_LOOK <= len(points) <= 2 * most_outcomes:
        return
    corners = certain_corners(points)
    for axis, floor in cuts:
        # What is above stays a corner, whatever is cut off below.
        above = corners[corners[:, axis] >= floor]
        if not len(above):
            return
        candidates = points_above(corners, axis, floor, most=most_candidates)
        distinct = len(np.unique(unit_payoffs(candidates, payoff_scale(points)), axis=0))
        if distinct > most_outcomes:
            raise ValueError(TOO_MANY_OUTCOMES.format(most_outcomes, f"at least {distinct}"))
        corners = above


def points_above(
    points: FloatArray, axis: int, floor: float, *, most: int = LARGEST_NUMBER_OF_CANDIDATES
) -> FloatArray:
    """Return `[k, n]` points that span the part of the hull of `points[m, n]` with coordinate >= floor.

    Every point of the cut is a mixture of the cuts of segments from a point above to a point below.
    """
    above, below = points[points[:, axis] >= floor], points[points[:, axis] < floor]
    if len(above) * len(below) > most:
        raise ValueError(
            f"a cut must have at most {most} candidate corners, "
            f"got {len(above) * len(below)}: use BargainingProblem, which needs no corners"
        )
    down = below[None] - above[:, None]
    share = (floor - above[:, None, axis]) / down[..., axis]
    cut = above[:, None] + share[..., None] * down
    cut[..., axis] = floor
    return np.concatenate([above, cut.reshape(-1, points.shape[1])])


def distance_to_hull(points: FloatArray) -> float:
    """Return the distance of the origin from the hull of `points[k, n]`.

    Three or more points in two dimensions have to be the corners of a polygon counter-clockwise.
    """
    if len(points) == 1:
        return float(np.linalg.norm(points[0]))
    if len(points) == 2:
        start, along = points[0], points[1] - points[0]
        share = np.clip(-(start @ along) / (along @ along), 0.0, 1.0)
        return float(np.linalg.norm(start + share * along))
    if points.shape[1] == 2:
        edges = list(zip(points, np.roll(points, -1, axis=0), strict=True))
        inside = all(a[0] * b[1] - a[1] * b[0] >= 0 for a, b in edges)
        return 0.0 if inside else min(distance_to_hull(np.array(edge)) for edge in edges)
    return _least_norm(points)


def _least_norm(points: FloatArray) -> float:
    """Return the norm of the mixture of `points[k, n]` that is nearest to the origin.

    The least |w @ points|^2 + (sum w - 1)^2 over w >= 0 has the proportions of that mixture: among the
    multiples of a mixture of norm r the least value is r^2 / (1 + r^2), which rises with r.
    """
    from scipy.optimize import nnls

    system = np.vstack([points.T, np.ones(len(points))])
    weights, _ = nnls(system, np.append(np.zeros(points.shape[1]), 1.0))
    return float(np.linalg.norm(weights @ points) / weights.sum())
