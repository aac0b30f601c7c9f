"""Convex polygons in the plane that may be thin: a segment, a point or nothing.

A polygon is the tuple of its corners, counterclockwise. Qhull, which is behind scipy's hulls, refuses sets
without interior, and equilibrium payoffs often have none.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import hypot

Point = tuple[float, float]
Polygon = tuple[Point, ...]


def convex_hull(points: Iterable[Point], *, tolerance: float) -> Polygon:
    """Return the convex hull, without corners that are at most `tolerance` away from the rest of it."""
    ordered = sorted(set(points))
    if len(ordered) < 2:
        return tuple(ordered)
    corners = _chain(ordered)[:-1] + _chain(ordered[::-1])[:-1]
    k = 0
    # Judged by the distance from a segment: of points almost in line, only those in between may go.
    while len(corners) > 1 and k < len(corners):
        following = corners[(k + 1) % len(corners)]
        if _distance_to_segment(corners[k], corners[k - 1], following) <= tolerance:
            del corners[k]
        else:
            k += 1
    return tuple(corners)


def half_plane(polygon: Polygon, axis: int, bound: float, *, tolerance: float) -> Polygon:
    """Return the part in which a coordinate is at least `bound`; corners may miss it by `tolerance`."""
    kept: list[Point] = []
    for k, corner in enumerate(polygon):
        before = polygon[k - 1]
        inside = corner[axis] >= bound - tolerance
        if (before[axis] >= bound - tolerance) != inside:
            share = min(1.0, max(0.0, (bound - before[axis]) / (corner[axis] - before[axis])))
            across = before[1 - axis] + share * (corner[1 - axis] - before[1 - axis])
            kept.append((bound, across) if axis == 0 else (across, bound))
        if inside:
            kept.append(corner)
    return tuple(dict.fromkeys(kept))


def contains(polygon: Polygon, point: Point, *, tolerance: float) -> bool:
    """Return whether the point lies in the polygon or at most `tolerance` away from it."""
    edges = [(polygon[k - 1], corner) for k, corner in enumerate(polygon)]
    if len(polygon) > 2 and all(_turn(a, b, point) >= 0.0 for a, b in edges):
        return True
    return any(_distance_to_segment(point, a, b) <= tolerance for a, b in edges)


def _chain(ordered: list[Point]) -> list[Point]:
    """Return one side of the hull from the first to the last point (Andrew's monotone chain)."""
    chain: list[Point] = []
    for point in ordered:
        while len(chain) >= 2 and _turn(chain[-2], chain[-1], point) <= 0.0:
            chain.pop()
        chain.append(point)
    return chain


def _turn(a: Point, b: Point, c: Point) -> float:
    """Return twice the area of the triangle abc, positive if it turns left."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _distance_to_segment(point: Point, a: Point, b: Point) -> float:
    along = (b[0] - a[0], b[1] - a[1])
    squared = along[0] ** 2 + along[1] ** 2
    if squared == 0.0:
        return hypot(point[0] - a[0], point[1] - a[1])
    share = ((point[0] - a[0]) * along[0] + (point[1] - a[1]) * along[1]) / squared
    share = min(1.0, max(0.0, share))
    return hypot(point[0] - a[0] - share * along[0], point[1] - a[1] - share * along[1])
