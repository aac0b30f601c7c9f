"""Copositivity against exact rationals over all faces of the simplex, cliques of graphs, and known forms."""

from fractions import Fraction
from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.copositivity import is_copositive


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


@settings(max_examples=150, deadline=None)
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


def test_horn_s_form_is_copositive_but_no_sum_of_a_positive_and_a_semidefinite_one() -> None:
    horn = np.ones((5, 5))
    for k in range(5):
        horn[k, (k + 1) % 5] = horn[k, (k - 1) % 5] = -1.0
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


def test_nothing_is_positive_and_bad_forms_are_named() -> None:
    assert is_copositive(np.zeros((0, 0)), strict=True)
    assert is_copositive(np.zeros((3, 3)))
    assert not is_copositive(np.zeros((3, 3)), strict=True)
    with pytest.raises(ValueError, match=r"form must have shape \[n, n\], got \(2, 3\)"):
        is_copositive(np.zeros((2, 3)))
