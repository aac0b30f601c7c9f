from itertools import product
from math import comb

import numpy as np
import pytest

from theory.equilibria.polytope import VertexLimitError, best_response_vertices


@pytest.mark.parametrize("shape", [(3, 3), (5, 2), (2, 6), (6, 5)])
def test_walks_in_floats_and_in_integers_agree(shape):
    rng = np.random.default_rng(sum(shape))
    for _ in range(10):
        payoffs = rng.random(shape)
        quick, exact = (best_response_vertices(payoffs, max_vertices=10_000, exact=e) for e in (False, True))
        assert (quick.is_exact, exact.is_exact) == (False, True)
        assert np.array_equal(quick.labels, exact.labels)
        assert quick.mixtures == pytest.approx(exact.mixtures, abs=1e-9)


def test_labels_are_the_tight_constraints():
    rng = np.random.default_rng(0)
    for payoffs in (rng.integers(0, 3, (4, 3)).astype(float), rng.random((4, 3))):
        found = best_response_vertices(payoffs, max_vertices=1000)
        values = found.mixtures @ payoffs.T
        is_best_reply = np.isclose(values, values.max(axis=1, keepdims=True), rtol=0, atol=1e-12)
        assert np.array_equal(found.labels, np.hstack([found.mixtures == 0, is_best_reply]))
        assert found.mixtures.sum(axis=1) == pytest.approx(np.ones(len(found.mixtures)))
        # A vertex has at least as many tight constraints as there are dimensions.
        assert (found.labels.sum(axis=1) >= 3).all()


def test_identity_payoffs_give_a_cube():
    for n in (1, 2, 4):
        found = best_response_vertices(np.eye(n), max_vertices=1000)
        mixtures = {tuple(v) for v in found.mixtures.round(12)}
        # {x >= 0, x_j + sum(x) <= 1}: of the mixtures uniform over a set of actions each is a vertex.
        uniform = {tuple(np.round(np.array(s) / sum(s), 12)) for s in product((0, 1), repeat=n) if any(s)}
        assert mixtures == uniform


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (4, 1), (5, 5)])
def test_constant_payoffs_leave_the_pure_mixtures(shape):
    found = best_response_vertices(np.full(shape, -3.0), max_vertices=1000)
    assert np.array_equal(np.unique(found.mixtures, axis=0), np.unique(np.eye(shape[1]), axis=0))
    assert len(found.mixtures) == shape[1]
    assert found.labels[:, shape[1] :].all()


def test_exact_arithmetic_takes_over_where_floats_may_err():
    payoffs = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    # At the mixture (1/2, 1/2) all three are best replies; apart by 1e-11 they are not.
    for change, n_best in ((0.0, 3), (1e-13, 3), (-1e-11, 2)):
        payoffs[2] = 0.5 + change
        found = best_response_vertices(payoffs, max_vertices=100)
        assert found.is_exact
        middle = np.abs(found.mixtures - 0.5).max(axis=1) < 1e-6
        assert found.labels[middle, 2:].sum(axis=1).tolist() == [n_best]
    payoffs[2] = 0.5 + 1e-11
    assert (np.abs(best_response_vertices(payoffs, max_vertices=100).mixtures - 0.5) < 1e-6).all(
        axis=1
    ).sum() == 2
    payoffs[2] = 0.4
    assert not best_response_vertices(payoffs, max_vertices=100).is_exact


def test_fractions_are_recognised():
    # 1/3 + 2/3 = 1 holds for the fractions, not for the floats nor on a binary grid.
    thirds = np.array([[1 / 3, 1.0, 0.0], [2 / 3, 1 / 3, 0.0], [1 / 2, 2 / 3, 0.0]])
    integers = best_response_vertices(np.round(6 * thirds), max_vertices=100)
    found = best_response_vertices(thirds, max_vertices=100)
    assert np.array_equal(found.labels, integers.labels)
    assert np.array_equal(found.mixtures, integers.mixtures)
    assert found.is_exact


def test_upper_bound_theorem():
    """No polytope may have more vertices than the dual of the cyclic one (McMullen 1970)."""
    rng = np.random.default_rng(3)
    for n in (3, 4, 5, 6):
        bound = comb(2 * n - (n + 1) // 2, n) + comb(2 * n - n // 2 - 1, n)
        for _ in range(5):
            n_vertices = len(best_response_vertices(rng.random((n, n)), max_vertices=10_000).mixtures)
            assert n <= n_vertices < bound


def test_a_bound_on_the_vertices():
    payoffs = np.random.default_rng(0).random((6, 6))
    n_vertices = 1 + len(best_response_vertices(payoffs, max_vertices=1000).mixtures)  # and 0
    assert len(best_response_vertices(payoffs, max_vertices=n_vertices).mixtures) == n_vertices - 1
    message = (
        f"a best-response polytope in 6 dimensions with 12 facets must have at most {n_vertices - 1} vertices"
    )
    with pytest.raises(VertexLimitError, match=message):
        best_response_vertices(payoffs, max_vertices=n_vertices - 1)


def test_a_bound_on_the_memory():
    with pytest.raises(VertexLimitError, match="in 150 dimensions with 300 facets"):
        best_response_vertices(np.random.default_rng(0).random((150, 150)), max_vertices=10**9)
