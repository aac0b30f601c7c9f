"""Copositivity against exact rationals over all faces of the simplex, cliques of graphs, and known forms."""

from fractions import Fraction
from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from theory.evolution.copositivity import is_copositive


def solved(system: list[list[Fraction]], right: list[Fraction]) -> list[Fraction] | None:
    """Return the solution of a square system of rationals, None if it is singular."""
    n = len(system)
    rows = [[*row, value] for row, value in zip(system, right, strict=True)]
    for k in range(n):
        pivot = next((r for r in range(k, n) if rows[r][k] != 0), None)
        if pivot is None:
            return None
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [entry / rows[k][k] for entry in rows[k]]
        for r in range(n):
            if r != k and rows[r][k] != 0:
                rows[r] = [a - rows[r][k] * b for a, b in zip(rows[r], rows[k], strict=True)]
    return [row[n] for row in rows]


def least_value(form: list[list[Fraction]]) -> Fraction:
    """Return the minimum of w Q w over the simplex: a critical point inside some face where it is the only one."""
    n = len(form)
    least = min(form[k][k] for k in range(n))
    for size in range(2, n + 1):
        for face in combinations(range(n), size):
            inside = [[form[j][k] for k in face] + [Fraction(-1)] for j in face]
            found = solved(
                [*inside, [Fraction(1)] * size + [Fraction(0)]], [Fraction(0)] * size + [Fraction(1)]
            )
            if found is not None and min(found[:size]) > 0:
                least = min(least, found[size])
    return least


def symmetric(entries: list[int], n: int) -> list[list[Fraction]]:
    form = [[Fraction(0)] * n for _ in range(n)]
    places = [(j, k) for j in range(n) for k in range(j, n)]
    for (j, k), entry in zip(places, entries, strict=False):
        form[j][k] = form[k][j] = Fraction(entry)
    return form


def as_floats(form: list[list[Fraction]]) -> np.ndarray:
    return np.array([[float(entry) for entry in row] for row in form])


@settings(max_examples=examples(150), deadline=None)
@given(
    st.integers(1, 5),
    st.lists(st.integers(-2, 4), min_size=15, max_size=15),
    st.lists(st.integers(1, 5), min_size=5, max_size=5),
    st.randoms(use_true_random=False),
)
def test_against_exact_rationals(n: int, entries: list[int], weights: list[int], random) -> None:
    form = symmetric(entries, n)
    # A positive scaling of the coordinates changes no answer, and brings fractions that floats cannot hold.
    form = [[form[j][k] / (weights[j] * weights[k]) for k in range(n)] for j in range(n)]
    least = least_value(form)
    for strict, expected in ((False, least >= 0), (True, least > 0)):
        array = as_floats(form)
        assert is_copositive(array, tolerance=1e-9, strict=strict) == expected
        order = list(range(n))
        random.shuffle(order)
        assert is_copositive(array[np.ix_(order, order)], tolerance=1e-9, strict=strict) == expected
        twice = [*order, order[0]]
        assert is_copositive(array[np.ix_(twice, twice)], tolerance=1e-9, strict=strict) == expected
        assert is_copositive(1e6 * array, tolerance=1e-3, strict=strict) == expected


@pytest.mark.parametrize("seed", range(8))
def test_forms_of_graphs_tell_the_largest_clique(seed: int) -> None:
    # Motzkin & Straus (1965): the maximum of w A w is 1 - 1 / (size of the largest clique).
    graph = nx.gnp_random_graph(20 + seed, 0.5, seed=seed)
    largest = max(len(clique) for clique in nx.find_cliques(graph))
    level, adjacency = 1.0 - 1.0 / largest, nx.to_numpy_array(graph)
    assert is_copositive(level - adjacency, tolerance=1e-9) is True
    assert is_copositive(level - adjacency, tolerance=1e-9, strict=True) is False
    assert is_copositive(level + 1e-4 - adjacency, tolerance=1e-9, strict=True) is True
    assert is_copositive(level - 1e-4 - adjacency, tolerance=1e-9) is False


def horn_s_form() -> np.ndarray:
    horn = np.ones((5, 5))
    for k in range(5):
        horn[k, (k + 1) % 5] = horn[k, (k - 1) % 5] = -1.0
    return horn


def test_horn_s_form_is_copositive_but_no_sum_of_a_positive_and_a_semidefinite_one() -> None:
    horn = horn_s_form()
    assert is_copositive(horn, tolerance=1e-9)
    assert not is_copositive(horn, tolerance=1e-9, strict=True)
    assert is_copositive(horn + 0.01 * np.eye(5), tolerance=1e-9, strict=True)
    assert not is_copositive(horn - 0.01 * np.eye(5), tolerance=1e-9)


@pytest.mark.parametrize("seed", [0, 1])
def test_twenty_rows_of_mixed_signs_against_descent_from_many_starts(seed: int) -> None:
    # Convex in most directions, so that many sets of rows have to be looked at.
    generator = np.random.default_rng(seed)
    root = generator.normal(size=(16, 20))
    form = root.T @ root - 2.0 * np.eye(20)
    weights = generator.dirichlet(np.ones(20), 200)
    for _ in range(500):
        slope = weights @ form
        values = (slope * weights).sum(axis=1, keepdims=True)
        weights *= np.exp(-0.2 * (slope - values))
        weights /= weights.sum(axis=1, keepdims=True)
    least = float(((weights @ form) * weights).sum(axis=1).min())
    assert is_copositive(form - least, tolerance=1e-3) is True
    assert is_copositive(form - least, tolerance=-1e-3) is False


@settings(max_examples=examples(200), deadline=None)
@given(st.integers(-1, 9), st.integers(-9, 9), st.integers(-1, 9), st.integers(-3, 3))
def test_two_rows_in_closed_form(a: int, b: int, c: int, skew: int) -> None:
    form = [[a, b + skew], [b - skew, c]]  # only the symmetric part matters
    assert is_copositive(form) == (min(a, c) >= 0 and (b >= 0 or b * b <= a * c))
    assert is_copositive(form, strict=True) == (min(a, c) > 0 and (b >= 0 or b * b < a * c))


def ring_of_four(t: float) -> np.ndarray:
    """Return a form of which no row can be left out; its least value, in the middle, is (1.4 - 2 t) / 4."""
    form = np.eye(4)
    for k in range(4):
        form[k, (k + 1) % 4] = form[k, (k - 1) % 4] = -t
        form[k, (k + 2) % 4] = 0.4
    return form


@pytest.mark.parametrize("unit", [1e-7, 1.0, 1e5])
def test_four_rows_that_are_negative_only_all_together(unit: float) -> None:
    # All other curvatures are positive: .6 twice, and 1.4 + 2 t.
    for t, expected in ((0.69, True), (0.71, False), (0.9, False)):
        for strict in (False, True):
            assert is_copositive(unit * ring_of_four(t), strict=strict) is expected
    least = (1.4 - 2 * 0.8) / 4
    assert is_copositive(ring_of_four(0.8), tolerance=-least + 1e-9) is True
    assert is_copositive(ring_of_four(0.8), tolerance=-least - 1e-9) is False
    assert is_copositive(ring_of_four(0.6), tolerance=0.05 - 1e-9, strict=True) is True
    assert is_copositive(ring_of_four(0.6), tolerance=0.05 + 1e-9, strict=True) is False


def beside(first: np.ndarray, second: np.ndarray, coupling: float = 0.0) -> np.ndarray:
    n = len(first)
    form = np.full((n + len(second),) * 2, coupling)
    form[:n, :n], form[n:, n:] = first, second
    return form


def test_what_is_cut_down_first_takes_no_sets() -> None:
    horn = horn_s_form()

    def decided(form: np.ndarray, most_sets: int) -> bool | None:
        return is_copositive(form, most_sets=most_sets)

    needed = next(most for most in range(100) if decided(horn, most) is not None)
    assert needed > 5
    copies = np.tile(np.arange(5), 5)
    column = np.arange(5.0)
    for form in (
        horn[np.ix_(copies, copies)],
        beside(horn, np.ones((20, 20)), coupling=0.5),
        beside(np.ones((20, 20)), horn),
        beside(horn, horn),
        beside(horn, horn, coupling=2.0),
        # Minimised over the first row, the rest is Horn's form.
        np.block([[np.ones((1, 1)), -column[None]], [-column[:, None], horn + np.outer(column, column)]]),
    ):
        assert decided(form, needed) is True
        assert decided(form, needed - 1) is None
    # What is semidefinite passes, and two rows are enough to fail.
    assert decided(ring_of_four(0.69), 0) is True
    assert decided(beside(horn, np.array([[1.0, -2.0], [-2.0, 1.0]])), 0) is False
    # A part that fails settles it, whatever is left open.
    graph = nx.gnp_random_graph(12, 0.5, seed=0)
    largest = max(len(clique) for clique in nx.find_cliques(graph))
    large = 1.01 - 1.0 / largest - nx.to_numpy_array(graph)
    few = next(most for most in range(100) if decided(ring_of_four(0.8), most) is False)
    assert decided(large, few) is None
    assert decided(large, 10_000) is True
    for form in (beside(large, ring_of_four(0.8)), beside(ring_of_four(0.8), large)):
        assert decided(form, few) is False


def test_nothing_is_positive_and_bad_forms_are_named() -> None:
    assert is_copositive(np.zeros((0, 0)), strict=True)
    assert is_copositive(np.zeros((3, 3)))
    assert not is_copositive(np.zeros((3, 3)), strict=True)
    with pytest.raises(ValueError, match=r"form must have shape \[n, n\], got \(2, 3\)"):
        is_copositive(np.zeros((2, 3)))
