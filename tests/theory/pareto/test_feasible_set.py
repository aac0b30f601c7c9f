import re
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial import ConvexHull

from tests.examples import examples
from theory import FeasibleSet, NoRationalAgreement, named_game
from theory.geometry import hulls
from theory.many_players.linear_dilemma import linear_dilemma

CUBE = np.array(list(product((0.0, 1.0), repeat=3)))


def clouds(n_players=2, most=12):
    return st.integers(1, most).flatmap(
        lambda m: arrays(np.float64, (m, n_players), elements=st.integers(-4, 4).map(float))
    )


def as_set(points):
    return {tuple(row) for row in np.round(points, 9).tolist()}


def area(polygon):
    x, y = polygon.T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def test_prisoners_dilemma():
    feasible = FeasibleSet.of(named_game("prisoners-dilemma"))
    np.testing.assert_array_equal(feasible.outcomes, [[3, 3], [0, 4], [4, 0], [1, 1]])
    np.testing.assert_array_equal(feasible.vertices, [[0, 4], [1, 1], [4, 0], [3, 3]])
    np.testing.assert_array_equal(feasible.pareto_frontier, [[0, 4], [3, 3], [4, 0]])
    np.testing.assert_array_equal(feasible.payoff_range, [4, 4])
    rational = feasible.individually_rational([1, 1])
    # The edge from (3, 3) to (4, 0) reaches player 2's security level at 3 2/3.
    np.testing.assert_allclose(
        rational.vertices, [[1, 1], [11 / 3, 1], [3, 3], [1, 11 / 3]], rtol=0, atol=1e-12
    )
    assert repr(feasible) == "<FeasibleSet: 4 outcomes, 2 players>"


def test_dominated_and_interior_outcomes_are_no_corners():
    # Chicken with temptation 3.5: mutual defection is a corner, the cross payoffs keep it from the frontier.
    feasible = FeasibleSet.of(named_game("chicken"))
    np.testing.assert_array_equal(feasible.vertices, [[1, 1], [3.5, 2], [3, 3], [2, 3.5]])
    np.testing.assert_array_equal(feasible.pareto_frontier, [[2, 3.5], [3, 3], [3.5, 2]])


@pytest.mark.parametrize(
    ("outcomes", "vertices", "frontier"),
    [
        ([(2, 3)], [(2, 3)], [(2, 3)]),
        ([(2, 3)] * 3, [(2, 3)], [(2, 3)]),
        ([(1, 1), (3, 3), (2, 2)], [(1, 1), (3, 3)], [(3, 3)]),
        ([(3, 0), (1, 2), (0, 3)], [(0, 3), (3, 0)], [(0, 3), (3, 0)]),
        ([(0, 1), (2, 1), (1, 1)], [(0, 1), (2, 1)], [(2, 1)]),  # player 2 is indifferent
        ([(1, 5), (1, 0), (1, 2)], [(1, 0), (1, 5)], [(1, 5)]),
        ([(0, 0), (2, 0), (2, 2), (0, 2), (1, 1)], [(0, 0), (2, 0), (2, 2), (0, 2)], [(2, 2)]),
        # Outcomes on an edge of the frontier are not its corners.
        ([(0, 4), (1, 3), (2, 2), (4, 0), (0, 0)], [(0, 0), (4, 0), (0, 4)], [(0, 4), (4, 0)]),
        # Differences of 1e-16 are rounding.
        (
            [(0.1 + 0.2, 0), (0.3, 1), (0, 1 - 1e-16), (0, 0)],
            [(0, 0), (0.3, 0), (0.3, 1), (0, 1)],
            [(0.3, 1)],
        ),
        # So are differences of 1e-4 between payoffs of 1e12 that vary by 1.
        ([(1e12, 1), (1e12 + 1e-4, 0), (1e12 - 1, 2)], None, [(1e12 - 1, 2), (1e12, 1)]),
    ],
)
def test_degenerate_sets(outcomes, vertices, frontier):
    feasible = FeasibleSet(outcomes)
    if vertices is not None:
        np.testing.assert_allclose(feasible.vertices, vertices, rtol=0, atol=1e-12)
    np.testing.assert_allclose(feasible.pareto_frontier, frontier, rtol=0, atol=1e-12)


@settings(max_examples=examples(200), deadline=None)
@given(clouds())
def test_corners_of_two_players(outcomes):
    feasible = FeasibleSet(outcomes)
    corners = feasible.vertices
    assert as_set(corners) <= as_set(outcomes)
    assert len(as_set(corners)) == len(corners)
    assert tuple(corners[0]) == min(map(tuple, outcomes.tolist()))
    # Counter-clockwise, every turn to the left, and everything else on the left of every edge.
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        side = (b[0] - a[0]) * (outcomes[:, 1] - a[1]) - (b[1] - a[1]) * (outcomes[:, 0] - a[0])
        assert (side >= -1e-12).all()
    if len(corners) > 2:
        assert area(corners) > 0
        for k in range(len(corners)):
            assert area(np.delete(corners, k, axis=0)) < area(corners) - 1e-12 or len(corners) == 3


@settings(max_examples=examples(200), deadline=None)
@given(clouds())
def test_frontier_is_where_positive_weights_are_best(outcomes):
    frontier = FeasibleSet(outcomes).pareto_frontier
    assert (np.diff(frontier[:, 0]) > 0).all()
    assert (np.diff(frontier[:, 1]) < 0).all()
    # Slopes fall along the way, and each edge maximises its normal, which is positive.
    edges = np.diff(frontier, axis=0)
    slopes = edges[:, 1] / edges[:, 0]
    assert (np.diff(slopes) < 0).all()
    for edge, start in zip(edges, frontier[:-1], strict=True):
        normal = np.array([-edge[1], edge[0]])
        assert (outcomes @ normal).max() <= start @ normal + 1e-9
    # The ends are the best of those that are best for one player.
    best = outcomes[outcomes[:, 0] == outcomes[:, 0].max()]
    assert tuple(frontier[-1]) == (best[0, 0], best[:, 1].max())
    best = outcomes[outcomes[:, 1] == outcomes[:, 1].max()]
    assert tuple(frontier[0]) == (best[:, 0].max(), best[0, 1])


@settings(max_examples=examples(100), deadline=None)
@given(clouds(), st.randoms(use_true_random=False))
def test_duplicates_mixtures_and_order_change_nothing(outcomes, random):
    mixtures = [
        (outcomes[random.randrange(len(outcomes))] + outcomes[random.randrange(len(outcomes))]) / 2
        for _ in range(4)
    ]
    more = [*outcomes.tolist(), *mixtures, *outcomes.tolist()]
    random.shuffle(more)
    np.testing.assert_array_equal(FeasibleSet(more).vertices, FeasibleSet(outcomes).vertices)
    np.testing.assert_array_equal(FeasibleSet(more).pareto_frontier, FeasibleSet(outcomes).pareto_frontier)


@pytest.mark.parametrize("shift", [0.0, 7.0])
def test_corners_of_three_players(shift):
    midpoints = [(a + b) / 2 for a in CUBE for b in CUBE]
    feasible = FeasibleSet(np.vstack([midpoints, CUBE]) * [1, 10, 0.1] + shift)
    np.testing.assert_allclose(feasible.vertices, CUBE * [1, 10, 0.1] + shift, atol=1e-12)
    np.testing.assert_allclose(feasible.pareto_frontier, [np.array([1, 10, 0.1]) + shift])


def test_corners_of_flat_sets_of_three_players():
    flat = [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0.5, 0.5, 0), (1 / 3, 1 / 3, 1 / 3)]
    np.testing.assert_array_equal(FeasibleSet(flat).vertices, [(0, 0, 1), (0, 1, 0), (1, 0, 0)])
    np.testing.assert_array_equal(FeasibleSet(flat).pareto_frontier, [(0, 0, 1), (0, 1, 0), (1, 0, 0)])
    line = [(0, 0, 0), (2, 2, 4), (1, 1, 2), (0, 0, 0)]
    np.testing.assert_array_equal(FeasibleSet(line).vertices, [(0, 0, 0), (2, 2, 4)])
    np.testing.assert_array_equal(FeasibleSet(line).pareto_frontier, [(2, 2, 4)])
    np.testing.assert_array_equal(FeasibleSet([(1, 2, 3)] * 2).vertices, [(1, 2, 3)])


def test_corners_of_four_and_of_one_player():
    cross = np.vstack([np.eye(4), -np.eye(4), np.zeros((1, 4)), np.full((1, 4), 0.2)])
    feasible = FeasibleSet(cross)
    assert as_set(feasible.vertices) == as_set(np.vstack([np.eye(4), -np.eye(4)]))
    assert as_set(feasible.pareto_frontier) == as_set(np.eye(4))
    alone = FeasibleSet([[3.0], [1], [2], [3]])
    np.testing.assert_array_equal(alone.vertices, [[1], [3]])
    np.testing.assert_array_equal(alone.pareto_frontier, [[3]])
    assert alone.distance_to([5.0]) == pytest.approx(1)
    np.testing.assert_array_equal(alone.individually_rational([1.5]).vertices, [[1.5], [3]])


@settings(max_examples=examples(20), deadline=None)
@given(clouds(3, 9))
def test_corners_of_three_players_are_extreme(outcomes):
    corners = FeasibleSet(outcomes).vertices
    assert as_set(corners) <= as_set(outcomes)
    assert len(as_set(corners)) == len(corners)
    for row in outcomes:
        assert FeasibleSet(corners).contains(row)
    if len(corners) > 1:
        for k, row in enumerate(corners):
            assert not FeasibleSet(np.delete(corners, k, axis=0)).contains(row)


def test_roth_frontier_skips_weakly_efficient_corners():
    # (0, 0, 1) is as good as (1, 0, 1) for player 3 only.
    feasible = FeasibleSet([(0, 0, 0), (1, 0, 1), (0, 1, 1), (0, 0, 1)])
    np.testing.assert_array_equal(feasible.pareto_frontier, [(0, 1, 1), (1, 0, 1)])


@settings(max_examples=examples(40), deadline=None)
@given(st.integers(2, 3).flatmap(lambda n: st.tuples(clouds(n, 8), clouds(n, 1))), st.data())
def test_individually_rational_part(sets, data):
    outcomes, floors = sets
    floor = floors[0]
    feasible = FeasibleSet(outcomes)
    weights = np.array(data.draw(st.lists(st.integers(0, 9), min_size=len(outcomes), max_size=len(outcomes))))
    assume(weights.sum() > 0)
    point = weights @ outcomes / weights.sum()
    try:
        part = feasible.individually_rational(floor)
    except NoRationalAgreement:
        assert (point < floor).any()
        return
    assert (part.vertices >= floor - 1e-9).all()
    assert all(feasible.contains(corner) for corner in part.vertices)
    if (point >= floor).all():
        # In units of the whole set, since the part may be thin.
        assert hulls.distance_to_hull((part.vertices - point) / feasible.scale) <= 1e-9
    np.testing.assert_array_equal(part.individually_rational(floor - 1).vertices, part.vertices)


def test_individually_rational_part_may_be_a_point_or_an_edge():
    square = FeasibleSet([(0, 0), (2, 0), (2, 2), (0, 2)])
    np.testing.assert_array_equal(square.individually_rational([2, 2]).vertices, [(2, 2)])
    np.testing.assert_array_equal(square.individually_rational([2, 1]).vertices, [(2, 1), (2, 2)])
    np.testing.assert_array_equal(square.individually_rational([-1, -1]).vertices, square.vertices)
    dollar = FeasibleSet([(0, 0), (1, 0), (0, 1)])
    np.testing.assert_allclose(dollar.individually_rational([0.1, 0.9]).vertices, [(0.1, 0.9)])
    # 0.1 + 0.2 exceeds 0.3 by rounding; on the frontier x + y = 1 that leaves the point itself.
    np.testing.assert_allclose(dollar.individually_rational([0.1 + 0.2, 0.7]).vertices, [(0.3, 0.7)])
    cube = FeasibleSet(CUBE)
    np.testing.assert_array_equal(cube.individually_rational([1, 1, 0.5]).vertices, [(1, 1, 0.5), (1, 1, 1)])


def test_nothing_individually_rational():
    dollar = FeasibleSet([(0, 0), (1, 0), (0, 1)])
    for floor in ([0.6, 0.6], [1.1, 0.0], [0.0, 1.1], [0.5, 0.5 + 1e-9]):
        with pytest.raises(NoRationalAgreement, match="must give every player at least") as error:
            dollar.individually_rational(floor)
        assert f"got disagreement point {floor}" in str(error.value)
    with pytest.raises(NoRationalAgreement):
        FeasibleSet(CUBE).individually_rational([0, 1.5, 0])


@pytest.mark.parametrize(
    ("outcomes", "point", "distance"),
    [
        ([(0, 0), (4, 0), (0, 2)], (1, 0.5), 0),
        ([(0, 0), (4, 0), (0, 2)], (2, 1), 0),
        ([(0, 0), (4, 0), (0, 2)], (-1, 0), 1 / 4),  # ranges are 4 and 2
        ([(0, 0), (4, 0), (0, 2)], (1, -1), 1 / 2),
        ([(0, 0), (4, 0), (0, 2)], (4, 2), np.sqrt(1 / 2)),
        ([(0, 0), (4, 0), (0, 2)], (8, -4), np.sqrt(5)),
        ([(0, 0), (4, 2)], (4, 0), np.sqrt(1 / 2)),
        ([(0, 0), (4, 2)], (-4, 0), 1),
        ([(0, 0), (4, 2)], (8, 2), 1),
        ([(1, 1)], (4, 5), 5),
        ([(0, 7), (4, 7)], (6, 10), np.sqrt(0.25 + 9)),  # a constant payoff counts in its units
        (np.eye(3), (0, 0, 0), 1 / np.sqrt(3)),
        (np.eye(3), (1 / 3, 1 / 3, 1 / 3), 0),
        (np.eye(3), (2, 0, 0), 1),
        (CUBE * [1, 2, 3], (3, 1, -3), np.sqrt(5)),
        (CUBE, (0.2, 0.3, 0.9), 0),
    ],
)
def test_distance(outcomes, point, distance):
    feasible = FeasibleSet(outcomes)
    assert feasible.distance_to(point) == pytest.approx(distance, abs=1e-12)
    assert feasible.contains(point) == (distance == 0)
    assert feasible.contains(point, tolerance=distance + 1e-9)
    assert distance < 1e-6 or not feasible.contains(point, tolerance=distance - 1e-6)


def test_the_last_bits_of_large_payoffs_are_no_distance():
    large = FeasibleSet([(1e7, 0), (1e7 + 1e-3, 1)])
    assert large.contains([1e7 + 0.3e-3, 0.3])
    assert large.contains([1e7 + 0.5e-3 + 4e-9, 0.5], tolerance=0)
    assert not large.contains([1e7 + 0.31e-3, 0.3])


def test_maximise_returns_the_corners_of_a_face():
    battle = FeasibleSet.of(named_game("battle-of-the-sexes"))
    np.testing.assert_array_equal(battle.maximise([1, 1]), [(1, 2), (2, 1)])
    np.testing.assert_array_equal(battle.maximise([1, 0]), [(2, 1)])
    np.testing.assert_array_equal(battle.maximise([1.001, 1]), [(2, 1)])
    np.testing.assert_array_equal(battle.maximise([-1, -1]), [(0, 0)])
    np.testing.assert_array_equal(battle.maximise([0, 0]), battle.vertices)
    on_an_edge = FeasibleSet([(0, 3), (1, 2), (3, 0), (0, 0)])
    np.testing.assert_array_equal(on_an_edge.maximise([1, 1]), [(0, 3), (3, 0)])
    # The sums 0.1 + 0.2 and 0.3 + 0 are the same but for rounding.
    decimal = FeasibleSet([(0.1, 0.2), (0.3, 0)])
    np.testing.assert_array_equal(decimal.maximise([1, 1]), decimal.outcomes)
    np.testing.assert_array_equal(FeasibleSet(CUBE).maximise([0, 2, 0]), CUBE[CUBE[:, 1] == 1])


@pytest.mark.parametrize(
    ("outcomes", "message"),
    [
        ([1, 2], r"outcomes must have shape \[m, n_players\] .*, got shape \(2,\)"),
        (np.zeros((0, 2)), r"got shape \(0, 2\)"),
        (np.zeros((2, 0)), r"got shape \(2, 0\)"),
        ([(0, np.inf)], r"outcomes must be finite, got inf at position \(0, 1\)"),
        ([(0, 2e100)], r"outcomes must be at most 1e\+100"),
    ],
)
def test_bad_outcomes(outcomes, message):
    with pytest.raises(ValueError, match=message):
        FeasibleSet(outcomes)


def test_bad_arguments():
    dollar = FeasibleSet([(0, 0), (1, 0), (0, 1)])
    with pytest.raises(ValueError, match=r"direction must be 2 payoffs, got shape \(3,\)"):
        dollar.maximise([1, 1, 1])
    with pytest.raises(ValueError, match=r"point must be 2 payoffs, got shape \(1,\)"):
        dollar.distance_to([1])
    with pytest.raises(ValueError, match=r"tolerance must lie in \[0, inf\], got -1"):
        dollar.contains([1, 1], tolerance=-1)
    with pytest.raises(ValueError, match=r"disagreement point must be 2 payoffs, got shape \(3,\)"):
        dollar.individually_rational([0, 0, 0])
    with pytest.raises(ValueError, match="the frontier is a path for two players, got 3"):
        _ = FeasibleSet(CUBE).frontier
    with pytest.raises(ValueError, match=r"must have a payoff tensor, .*got a LinearDilemma"):
        FeasibleSet.of(linear_dilemma(3, greed=1, fear=1))
    with pytest.raises(ValueError, match="read-only"):
        dollar.outcomes[0, 0] = 1


def test_sets_too_large_to_list_say_so():
    with pytest.raises(ValueError, match=r"at most 4 outcomes can be searched .*, got 5: use Bargaining"):
        hulls.extreme_points(np.vstack([np.eye(4), np.zeros((1, 4))]), list(range(5)), most=4)
    with pytest.raises(ValueError, match="at most 15 candidate corners, got 16: use BargainingProblem"):
        hulls.points_above(CUBE, 0, 0.5, most=15)


def cut_down(points, floor, *, most, look_ahead):
    """The cuts of `individually_rational`, and whether they were refused before all corners were known."""
    cuts = list(enumerate(floor))
    for player, level in cuts:
        points = hulls.points_above(points, player, level)
        if look_ahead:
            try:
                hulls.check_later_cuts(points, cuts[player + 1 :], most_outcomes=most)
            except ValueError as error:
                return str(error)
        if len(np.unique(points, axis=0)) > most:
            return "at a cut"
        points = points[hulls.corners_of(points)]
    return points


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("most", [500, 1200])
def test_what_looking_ahead_refuses_would_have_been_refused(seed, most):
    points = np.random.default_rng(seed).normal(size=(28, 5))
    floor = np.full(5, -0.4)
    found = cut_down(points, floor, most=most, look_ahead=True)
    at_length = cut_down(points, floor, most=most, look_ahead=False)
    if isinstance(found, str):
        assert isinstance(at_length, str)
    else:
        assert np.array_equal(found, at_length)
    if (seed, most) == (0, 1200):
        assert re.match(
            rf"at most {most} outcomes can be searched .*, got at least \d+: use Bargaining", found
        )


def test_certain_corners_are_corners():
    rng = np.random.default_rng(2)
    for grid in (False, True):  # many points on facets, and each of them twice
        points = rng.integers(0, 3, (60, 4)).astype(float) if grid else rng.normal(size=(60, 4))
        points = np.concatenate([points, points[:20]])
        certain = {tuple(point) for point in hulls.certain_corners(points)}
        corners = {tuple(point) for point in points[hulls.corners_of(points)]}
        assert certain <= corners
        assert len(certain) >= 0.8 * len(corners)


@given(st.integers(0, 10**6), st.integers(4, 5), st.integers(5, 12))
@settings(max_examples=examples(20), deadline=None)
def test_corners_in_many_dimensions_are_those_of_qhull(seed, n_players, n_outcomes):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n_outcomes + n_players, n_players))
    mixtures = rng.dirichlet(np.ones(len(points)), 5) @ points
    found = hulls.corners_of(np.concatenate([points, mixtures, points[:2]]))
    assert set(found) == set(ConvexHull(points).vertices.tolist())
