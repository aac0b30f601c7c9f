import numpy as np
import pytest

from theory.equilibria.bimatrix import bimatrix_equilibria
from theory.equilibria.polytope import VertexLimitError


def test_a_degenerate_game_of_the_textbook():
    # von Stengel (2007), Algorithmic Game Theory, (3.7): the first row leaves the column indifferent.
    A = np.array([[3.0, 3.0], [2.0, 5.0], [0.0, 6.0]])
    B = np.array([[3.0, 3.0], [2.0, 6.0], [3.0, 1.0]])
    found = bimatrix_equilibria(A, B, max_vertices=100)
    assert found.rows == pytest.approx(np.array([[1, 0, 0], [0, 1 / 3, 2 / 3]]))
    assert found.columns == pytest.approx(np.array([[1, 0], [2 / 3, 1 / 3], [1 / 3, 2 / 3]]))
    assert found.pairs.tolist() == [[0, 0], [0, 1], [1, 2]]
    assert found.subsets == (((0,), (0, 1)), ((1,), (2,)))
    assert found.continuum
    assert found.is_exact


def test_overlapping_subsets():
    # Both care only for whether they meet at action 2, which pays nothing: a cross of two segments and more.
    A = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    found = bimatrix_equilibria(A, A, max_vertices=100)
    # Actions 0 and 1 against each other in any proportion; and both at action 2.
    assert found.subsets == (((0, 1), (0, 1)), ((2,), (2,)))
    # The row is indifferent among all against columns that do not care for it either.
    A[2] = 1.0
    found = bimatrix_equilibria(A, A, max_vertices=100)
    mixtures = [tuple(x) for x in found.rows.tolist()]
    assert mixtures == [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
    assert {frozenset(rows) for rows, _ in found.subsets} == {frozenset({0, 1, 2}), frozenset({2})}
    assert {frozenset(columns) for _, columns in found.subsets} == {frozenset({0, 1}), frozenset({0, 1, 2})}


@pytest.mark.parametrize("shape", [(2, 2), (3, 3), (2, 4)])
def test_constant_payoffs(shape):
    found = bimatrix_equilibria(np.zeros(shape), np.ones(shape), max_vertices=100)
    m, n = shape
    assert np.array_equal(found.rows, np.eye(m))
    assert np.array_equal(found.columns, np.eye(n))
    assert found.subsets == ((tuple(range(m)), tuple(range(n))),)


def test_games_without_ties_have_isolated_equilibria():
    rng = np.random.default_rng(0)
    for _ in range(20):
        found = bimatrix_equilibria(*rng.random((2, 4, 5)), max_vertices=1000)
        assert not found.continuum
        assert not found.is_exact
        assert found.subsets == tuple(((x,), (y,)) for x, y in found.pairs.tolist())
        assert len(found.pairs) == len(found.rows) == len(found.columns)


@pytest.mark.parametrize("n", [2, 3])
@pytest.mark.parametrize(
    ("resolution", "row_ties", "column_ties"),
    [
        (None, False, False),  # 1e-12 of the payoff ranges, of which the row's is a million
        ((1e-4, 1e-12), True, False),
        ((1e-6, 1e-7), False, True),
        ((1e-4, 1e-7), True, True),
    ],
)
def test_each_player_s_payoffs_are_read_at_their_own_resolution(n, resolution, row_ties, column_ties):
    # Against the other's first action each has a second one that pays a little less.
    A, B = np.zeros((n, n)), np.zeros((n, n))
    A[0, 0], A[1, 0] = 1e6, 1e6 - 1e-5
    B[0, 0], B[0, 1] = 1.0, 1.0 - 1e-8
    B[1, 0] = 1.0
    limits = None if resolution is None else np.array(resolution)
    for first, second, bounds in ((A, B, limits), (B.T, A.T, None if limits is None else limits[::-1])):
        found = bimatrix_equilibria(first, second, max_vertices=1000, resolution=bounds)
        pure = {
            (int(found.rows[x].argmax()), int(found.columns[y].argmax()))
            for x, y in found.pairs
            if found.rows[x].max() == found.columns[y].max() == 1.0
        }
        pure = pure if first is A else {(j, i) for i, j in pure}
        assert (0, 0) in pure
        assert ((1, 0) in pure) == row_ties
        assert ((0, 1) in pure) == column_ties
        assert found.is_exact == (n > 2)


def test_comparing_in_parts_changes_nothing():
    A, B = np.random.default_rng(1).integers(0, 3, (2, 5, 5)).astype(float)
    whole = bimatrix_equilibria(A, B, max_vertices=1000)
    parts = bimatrix_equilibria(A, B, max_vertices=1000, pairs_at_once=1)
    assert np.array_equal(whole.pairs, parts.pairs)
    assert whole.subsets == parts.subsets


def test_the_number_of_subsets_is_bounded():
    one = np.eye(3)
    assert bimatrix_equilibria(one, one, max_vertices=100, max_subsets=6).subsets is None
    assert len(bimatrix_equilibria(one, one, max_vertices=100, max_subsets=7).subsets) == 7


def test_the_number_of_vertices_and_equilibria_is_bounded():
    with pytest.raises(VertexLimitError, match="must have at most 5 vertices, got more"):
        bimatrix_equilibria(np.eye(3), np.eye(3), max_vertices=5)
    ones = np.ones((3, 3))
    with pytest.raises(VertexLimitError, match="must have at most 8 extreme equilibria, got more"):
        bimatrix_equilibria(ones, ones, max_vertices=100, max_equilibria=8)
    assert len(bimatrix_equilibria(ones, ones, max_vertices=100, max_equilibria=9).pairs) == 9
