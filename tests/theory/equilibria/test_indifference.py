import numpy as np
import pytest

from theory.equilibria.indifference import (
    IndifferenceSystem,
    Multilinear,
    RootSearch,
    nearest_root,
    shared_search,
)


def all_roots(system, *, max_boxes):
    search = RootSearch(system)
    search.advance(max_boxes)
    return search.roots()


def system_of(*equations, excesses=()):
    """Three players with two actions each; equations[i] has the values at the others' pure actions."""
    others = [(1, 2), (0, 2), (0, 1)]
    return IndifferenceSystem(
        (2, 2, 2),
        [Multilinear(np.array([e], float), axes) for e, axes in zip(equations, others, strict=True)],
        [Multilinear(np.array([values], float), axes) for values, axes in excesses],
    )


def product_of(a, b):
    """(x - a)(y - b), by the probabilities x and y of the second actions."""
    return np.multiply.outer([-a, 1 - a], [-b, 1 - b])


def sum_of(a, b, c):
    """a x + b y + c."""
    return np.add.outer([0, a], [0, b]) + c


def test_values_are_expectations():
    rng = np.random.default_rng(0)
    function = Multilinear(rng.random((2, 3, 4)), (0, 2))
    x, y = rng.dirichlet(np.ones(3), (5, 2)), rng.dirichlet(np.ones(4), (5, 3))
    found = function.at([x, np.ones((5, 1, 2)) / 2, y])
    expected = np.einsum("nij,bki,blj->bnkl", function.values, x, y).reshape(5, 2, 6)
    assert np.sort(found, axis=2) == pytest.approx(np.sort(expected, axis=2))


def test_derivatives_are_differences():
    rng = np.random.default_rng(1)
    function = Multilinear(rng.random((1, 2, 3)), (0, 1))
    x, y = rng.dirichlet(np.ones(2)), rng.dirichlet(np.ones(3))
    step = np.array([-1e-6, 1e-6, 0.0])
    mixtures = [x[np.newaxis, np.newaxis], y[np.newaxis, np.newaxis]]
    moved = [mixtures[0], (y + step)[np.newaxis, np.newaxis]]
    slopes = function.derivative(1).at(mixtures).ravel()
    assert (function.at(moved) - function.at(mixtures)).item() == pytest.approx(1e-6 * slopes[0])
    assert len(slopes) == 2


def test_all_roots_of_bilinear_equations():
    # (y - .3)(z - .6) = 0, (x - .2)(z - .5) = 0, x + y = 1: y = .3 or z = .6, and x = .2 or z = .5.
    system = system_of(product_of(0.3, 0.6), product_of(0.2, 0.5), sum_of(1, 1, -1))
    roots = all_roots(system, max_boxes=1000)
    assert roots.all_found
    assert 1 <= roots.n_boxes <= 1000
    expected = [(0.2, 0.8, 0.6), (0.7, 0.3, 0.5)]
    assert {tuple(point) for point in roots.points.round(10)} == set(expected)
    assert roots.points == pytest.approx(roots.points.round(10), abs=1e-15)


def test_two_roots_that_are_close():
    # x = y, x = z, (x - .5)(y - .5) = 1e-6 has roots 1e-3 to both sides of one half.
    system = system_of(sum_of(1, -1, 0), sum_of(1, -1, 0), product_of(0.5, 0.5) - 1e-6)
    roots = all_roots(system, max_boxes=5000)
    assert roots.all_found
    expected = {0.499, 0.501}
    assert {round(v, 9) for v in roots.points.ravel()} == expected


def test_no_root():
    system = system_of(sum_of(1, -1, 0), sum_of(1, -1, 0), product_of(0.5, 0.5) + 1e-6)
    roots = all_roots(system, max_boxes=5000)
    assert roots.all_found
    assert len(roots.points) == 0


def test_a_double_root_is_not_settled():
    system = system_of(sum_of(1, -1, 0), sum_of(1, -1, 0), product_of(0.5, 0.5))
    roots = all_roots(system, max_boxes=5000)
    assert not roots.all_found


def test_a_curve_of_roots_is_given_up():
    system = system_of(sum_of(1, -1, 0), sum_of(1, -1, 0), sum_of(1, -1, 0))
    roots = all_roots(system, max_boxes=5000)
    assert not roots.all_found
    assert roots.n_boxes <= 5000


def test_inequalities_exclude_roots():
    equations = (product_of(0.3, 0.6), product_of(0.2, 0.5), sum_of(1, 1, -1))
    # An unused action that pays y - .5 more than the used ones leaves the root with y = .3 ...
    first = all_roots(system_of(*equations, excesses=[(sum_of(1, 0, -0.5), (1, 2))]), max_boxes=1000)
    assert (0.7, 0.3, 0.5) in {tuple(p) for p in first.points.round(9)}
    assert first.all_found
    # ... and saves boxes; one that pays more everywhere leaves none.
    none = all_roots(system_of(*equations, excesses=[(sum_of(1, 1, 0.1), (0, 1))]), max_boxes=1000)
    assert none.all_found
    assert (len(none.points), none.n_boxes) == (0, 1)


def test_probabilities_of_three_actions_do_not_exceed_one():
    # Players 1 and 2 with three actions: the box corner (1, 1) is not a mixture.
    zero = np.zeros((2, 3))
    zero[0] = [-1, 1, 0]  # a - 1 + ... : first unknown of the other is one half
    zero[1] = [-1, 0, 1]
    system = IndifferenceSystem((3, 3), [Multilinear(zero, (1,)), Multilinear(zero, (0,))], [])
    roots = all_roots(system, max_boxes=100)
    assert roots.all_found
    assert roots.points == pytest.approx(np.full((1, 4), 1 / 3))
    assert system.cannot_hold(np.array([[0.6, 0.6, 0, 0]]), np.array([[1.0, 1, 1, 1]])).tolist() == [True]


def test_nearest_root():
    system = system_of(product_of(0.3, 0.6), product_of(0.2, 0.5), sum_of(1, 1, -1))
    assert nearest_root(system, np.array([0.25, 0.7, 0.65])) == pytest.approx([0.2, 0.8, 0.6])


def test_boxes_are_shared_before_any_system_gets_more():
    regular = system_of(product_of(0.3, 0.6), product_of(0.2, 0.5), sum_of(1, 1, -1))
    curve = system_of(sum_of(1, -1, 0), sum_of(1, -1, 0), sum_of(1, -1, 0))
    alone = all_roots(regular, max_boxes=10_000)
    for systems in ([curve] * 3 + [regular], [regular] + [curve] * 3):
        roots = shared_search(systems, max_boxes=4 * max(alone.n_boxes, 256))
        assert sum(root.n_boxes for root in roots) <= 4 * max(alone.n_boxes, 256)
        settled = [root for root in roots if root.all_found]
        assert [root.n_boxes for root in settled] == [alone.n_boxes]
        assert settled[0].points == pytest.approx(alone.points)
        # Those that are not settled got the same.
        assert len({root.n_boxes for root in roots if not root.all_found}) == 1


def test_a_search_can_be_taken_up_again():
    system = system_of(product_of(0.3, 0.6), product_of(0.2, 0.5), sum_of(1, 1, -1))
    at_once, search = all_roots(system, max_boxes=5000), RootSearch(system)
    for boxes in range(1, 5000, 7):
        search.advance(boxes)
        assert search.n_boxes <= boxes
    assert search.roots().all_found is at_once.all_found
    assert search.roots().n_boxes == at_once.n_boxes
    assert search.roots().points.tolist() == at_once.points.tolist()
