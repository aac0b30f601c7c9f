import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import ConvexHull

from tests.examples import examples
from theory.geometry.polygons import contains, convex_hull, half_plane

SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
SEGMENT = ((0.0, 0.0), (1.0, 2.0))

coordinate = st.integers(0, 12).map(float)
clouds = st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=12)


def area(polygon) -> float:
    return (
        sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(polygon, (*polygon[1:], *polygon[:1]), strict=True)) / 2
    )


def test_hull_of_a_square_is_counterclockwise_without_inner_points():
    assert convex_hull([*SQUARE, (0.5, 0.5), (0.5, 0.0), (1.0, 1.0)], tolerance=0) == SQUARE


def test_hulls_without_interior():
    assert convex_hull([], tolerance=0) == ()
    assert convex_hull([(1.0, 2.0)] * 3, tolerance=0) == ((1.0, 2.0),)
    assert convex_hull([(0.0, 0.0), (0.5, 1.0), (1.0, 2.0)], tolerance=0) == SEGMENT


def test_corners_within_tolerance_of_the_rest_are_left_out():
    assert convex_hull([*SQUARE, (0.5, -1e-9)], tolerance=1e-8) == SQUARE
    assert len(convex_hull([*SQUARE, (0.5, -1e-7)], tolerance=1e-8)) == 5
    assert convex_hull([(0.0, 0.0), (1e-9, 0.0)], tolerance=1e-8) in {((0.0, 0.0),), ((1e-9, 0.0),)}
    assert set(convex_hull([(0.0, 0.0), (1.0, 2.0), (0.5, 1.0 + 1e-9)], tolerance=1e-8)) == set(SEGMENT)


def test_of_points_that_are_almost_on_a_vertical_line_the_ends_stay():
    # Judged by their distance from a line, the lowest point would go.
    points = [(6 - 4e-15, 1.387), (6 - 3e-15, 1.0), (6 - 2e-15, 1.2), (7.0, 1.2)]
    assert (6 - 3e-15, 1.0) in convex_hull(points, tolerance=1e-12)


@settings(max_examples=examples(200), deadline=None)
@given(clouds)
def test_hulls_are_those_of_qhull(cloud):
    hull = convex_hull(cloud, tolerance=0)
    if len(hull) > 2:
        expected = ConvexHull(np.array(cloud))
        assert {tuple(cloud[k]) for k in expected.vertices} == set(hull)
        assert area(hull) == pytest.approx(expected.volume)
    assert all(contains(hull, point, tolerance=1e-12) for point in cloud)


@settings(max_examples=examples(200), deadline=None)
@given(clouds, st.integers(0, 1), st.integers(0, 24).map(lambda k: k / 2))
def test_half_planes_keep_exactly_what_is_above(cloud, axis, bound):
    hull = convex_hull(cloud, tolerance=0)
    part = half_plane(hull, axis, bound, tolerance=0)
    assert all(corner[axis] >= bound for corner in part)
    assert all(contains(hull, corner, tolerance=1e-12) for corner in part)
    rest = half_plane(tuple((x, y) for x, y in mirrored(hull, axis)), axis, -bound, tolerance=0)
    assert abs(area(part)) + abs(area(rest)) == pytest.approx(abs(area(hull)))
    inside = [point for point in cloud if point[axis] >= bound]
    assert all(contains(part, point, tolerance=1e-9) for point in inside)
    assert bool(part) == bool(inside)


def mirrored(polygon, axis):
    return [(-x, y) if axis == 0 else (x, -y) for x, y in polygon]


def test_cutting_segments_and_points():
    assert half_plane(SEGMENT, 1, 1.0, tolerance=0) == ((0.5, 1.0), (1.0, 2.0))
    assert half_plane(((1.0, 2.0),), 0, 1.0, tolerance=0) == ((1.0, 2.0),)
    assert half_plane(((1.0, 2.0),), 0, 1.1, tolerance=0) == ()
    assert half_plane((), 0, 0.0, tolerance=0) == ()


def test_a_bound_missed_by_rounding_is_met():
    wall = ((0.0, 1 - 1e-14), (1.0, 1 - 1e-14))
    assert half_plane(wall, 1, 1.0, tolerance=1e-12) == wall
    assert half_plane(wall, 1, 1.0, tolerance=1e-15) == ()


def test_contains():
    assert contains(SQUARE, (0.5, 0.5), tolerance=0)
    assert contains(SQUARE, (1.0, 0.3), tolerance=0)
    assert not contains(SQUARE, (1.1, 0.5), tolerance=0.05)
    assert contains(SQUARE, (1.1, 0.5), tolerance=0.11)
    assert not contains(SQUARE, (1.1, 1.1), tolerance=0.11)
    assert contains(SEGMENT, (0.5, 1.0), tolerance=1e-12)
    assert not contains(SEGMENT, (1.5, 3.0), tolerance=0.5)
    assert contains(((1.0, 2.0),), (1.0, 2.0), tolerance=0)
    assert not contains(((1.0, 2.0),), (1.0, 2.1), tolerance=0.05)
    assert not contains((), (0.0, 0.0), tolerance=1)


def test_a_sliver_does_not_contain_its_line_beyond_its_tips():
    sliver = ((0.0, 0.0), (1.0, 0.0), (0.5, 1e-12))
    assert contains(sliver, (0.3, 0.0), tolerance=1e-9)
    assert not contains(sliver, (1.5, 0.0), tolerance=1e-9)
