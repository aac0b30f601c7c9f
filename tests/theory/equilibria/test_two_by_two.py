import re
from collections import Counter
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.examples import examples
from theory.equilibria.two_by_two import (
    CAPACITY,
    CHUNK,
    batch_equilibria,
    equilibria_2x2,
    equilibrium_patterns,
)
from theory.games.catalogue import named_game
from theory.games.game import Game
from theory.resolution import SHARE

small_games = arrays(np.float64, (2, 2, 2), elements=st.integers(-3, 3).map(float))


def approx(pairs, abs=1e-12):
    return pytest.approx(np.array(pairs, dtype=float).reshape(-1, 2), abs=abs)


def listed(batch, g):
    return [tuple(pair) for pair in batch.first_action[g, : batch.count[g]].tolist()]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("prisoners-dilemma", [(0, 0)]),
        # Table 4.1: greed 1/2, fear -1; Table 3.2: mixed equilibrium at 1/2.
        ("chicken", [(1, 0), (2 / 3, 2 / 3), (0, 1)]),
        ("chicken-3.2", [(1, 0), (1 / 2, 1 / 2), (0, 1)]),
        ("stag-hunt-3.2", [(1, 1), (1 / 2, 1 / 2), (0, 0)]),
        # Luce & Raiffa 1957: 2/3 for the favourite, 1/3 for the other's.
        ("battle-of-the-sexes", [(1, 1), (2 / 3, 1 / 3), (0, 0)]),
        ("matching-pennies", [(1 / 2, 1 / 2)]),
        # Aumann 1974: dare with 1/3.
        ("chicken-aumann", [(1, 0), (2 / 3, 2 / 3), (0, 1)]),
        ("harmony", [(1, 1)]),
        ("deadlock", [(0, 0)]),
    ],
)
def test_textbook_games(name, expected):
    assert equilibria_2x2(*named_game(name).payoffs) == approx(expected)


DEGENERATE = [
    # Nobody cares: the whole square.
    ([[5, 5], [5, 5]], [[2, 2], [2, 2]], [(1, 1), (1, 0), (0, 1), (0, 0)], True),
    # The row never cares, the column wants to match: q = 1 for p >= 1/2, q = 0 for p <= 1/2.
    ([[0, 0], [0, 0]], [[1, 0], [0, 1]], [(1, 1), (0.5, 1), (0.5, 0), (0, 0)], True),
    # The column never cares, the row is indifferent at q = 1/4.
    ([[3, 0], [0, 9]], [[7, 7], [7, 7]], [(1, 1), (1, 0.75), (0, 0.75), (0, 0)], True),
    # The chain store (Selten 1978): staying out is an equilibrium while a fight is likely enough.
    ([[1, 1], [2, 0]], [[2, 2], [1, 0]], [(1, 0.5), (1, 0), (0, 1)], True),
    # One tie, of which quantecon 0.11.4's vertex_enumeration finds one of the two ends.
    ([[0, 1], [1, 0]], [[1, 0], [0, 0]], [(0, 1), (0, 0.5)], True),
    # A tie off the path of play: still one equilibrium.
    ([[2, 2], [1, 1]], [[2, 1], [0, 0]], [(1, 1)], False),
    # Two isolated equilibria, one of them in weakly dominated actions.
    ([[1, 0], [0, 0]], [[1, 0], [0, 0]], [(1, 1), (0, 0)], False),
]


@pytest.mark.parametrize(("A", "B", "expected", "continuum"), DEGENERATE)
def test_degenerate_games(A, B, expected, continuum):
    assert equilibria_2x2(np.array(A, float), np.array(B, float)) == approx(expected)
    batch = batch_equilibria([[A, B]])
    assert listed(batch, 0) == approx(expected)
    assert batch.continuum[0] == continuum


def extreme_equilibria(A, B):
    """All pairs of extreme mixtures, by the definition of an equilibrium, in exact arithmetic."""

    def mixtures(gain_at_1, gain_at_0):
        mixed = [gain_at_0 / (gain_at_0 - gain_at_1)] if gain_at_1 * gain_at_0 < 0 else []
        return [Fraction(1), *mixed, Fraction(0)]

    A, B = ([[Fraction(int(v)) for v in row] for row in matrix] for matrix in (A, B))
    rows = mixtures(B[0][0] - B[0][1], B[1][0] - B[1][1])
    columns = mixtures(A[0][0] - A[1][0], A[0][1] - A[1][1])
    found = []
    for p, q in product(rows, columns):
        u = [q * A[i][0] + (1 - q) * A[i][1] for i in (0, 1)]
        v = [p * B[0][j] + (1 - p) * B[1][j] for j in (0, 1)]
        if max(u) == p * u[0] + (1 - p) * u[1] and max(v) == q * v[0] + (1 - q) * v[1]:
            found.append((float(p), float(q)))
    return found


def test_every_pattern_of_signs_against_the_definition():
    for a, b, c, d in product((-2, -1, 0, 1, 2), repeat=4):
        A, B = np.array([[a, b], [0, 0]], float), np.array([[c, 0], [d, 0]], float)
        assert equilibria_2x2(A, B) == approx(extreme_equilibria(A, B), abs=1e-15)


def test_no_pattern_has_more_equilibria_than_the_capacity():
    counts = Counter(len(pairs) for pairs in equilibrium_patterns().values())
    assert counts == {1: 22, 2: 32, 3: 22, 4: 5}
    assert max(counts) == CAPACITY


@settings(max_examples=examples(100), deadline=None)
@given(arrays(np.float64, st.tuples(st.integers(0, 40), *[st.just(2)] * 3), elements=st.integers(-3, 3)))
def test_batch_agrees_with_single_games(payoffs):
    batch = batch_equilibria(payoffs)
    assert batch.first_action.shape == (len(payoffs), CAPACITY, 2)
    for g, (A, B) in enumerate(payoffs):
        single = equilibria_2x2(A, B)
        assert listed(batch, g) == single
        assert np.isnan(batch.first_action[g, len(single) :]).all()
        assert not np.isnan(batch.first_action[g, : len(single)]).any()
        shared = any(len({pair[i] for pair in single}) < len(single) for i in (0, 1))
        assert batch.continuum[g] == shared


def test_chunks_leave_no_trace():
    n = 2 * CHUNK + 500
    payoffs = np.random.default_rng(0).integers(-2, 3, (n, 2, 2, 2)).astype(float)
    payoffs[CHUNK // 2 : CHUNK + 100] += np.random.default_rng(1).random((2, 2, 2))  # without ties
    whole = batch_equilibria(payoffs)
    for some in (slice(0, 7), slice(CHUNK - 50, CHUNK + 200), slice(2 * CHUNK - 1, n)):
        part = batch_equilibria(payoffs[some])
        for name in ("first_action", "count", "continuum"):
            assert np.array_equal(getattr(whole, name)[some], getattr(part, name), equal_nan=True)


def test_profiles_are_equilibria_and_vectors():
    rng = np.random.default_rng(2)
    payoffs = rng.integers(0, 10, (200, 2, 2, 2)).astype(float)
    batch = batch_equilibria(payoffs)
    assert batch.profiles.shape == (200, CAPACITY, 2, 2)
    for game, profiles, count in zip(map(Game, payoffs), batch.profiles, batch.count, strict=True):
        for profile in profiles[:count]:
            assert game.regrets(profile).max() <= 1e-14 * 9
        assert np.isnan(profiles[count:]).all()


def test_generic_games_have_one_or_three():
    batch = batch_equilibria(np.random.default_rng(3).random((20_000, 2, 2, 2)))
    assert set(np.unique(batch.count)) == {1, 3}
    assert not batch.continuum.any()
    # A player's two gains have opposite signs in half of the games; where both players' have, in 1/2 of
    # the cases they coordinate.
    assert (batch.count == 3).mean() == pytest.approx(1 / 8, abs=0.01)


@settings(max_examples=examples(100), deadline=None)
@given(small_games, st.sampled_from([1e-8, 0.3, 1.0, 7.0, 1e9]), st.integers(-5, 5))
def test_affine_invariance(payoffs, scale, shift):
    reference = equilibria_2x2(*payoffs)
    assert equilibria_2x2(*(scale * payoffs + scale * shift)) == approx(reference, abs=1e-9)
    # What the other does may add anything to one's payoffs.
    moved = payoffs + np.array([[[1.0, 5.0]] * 2, [[2.0] * 2, [-3.0] * 2]])
    assert equilibria_2x2(*moved) == approx(reference)


@settings(max_examples=examples(100), deadline=None)
@given(small_games)
def test_relabelling(payoffs):
    A, B = payoffs
    reference = set(equilibria_2x2(A, B))

    def rounded(pairs):
        return {(round(p, 12), round(q, 12)) for p, q in pairs}

    assert rounded(equilibria_2x2(A[::-1], B[::-1])) == rounded((1 - p, q) for p, q in reference)
    assert rounded(equilibria_2x2(A[:, ::-1], B[:, ::-1])) == rounded((p, 1 - q) for p, q in reference)
    assert rounded(equilibria_2x2(B.T, A.T)) == rounded((q, p) for p, q in reference)


@pytest.mark.parametrize("noise", [0.5 * SHARE, 2 * SHARE])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_ties_are_relative_to_the_payoff_range(noise, scale):
    # The row gains `noise` payoff ranges by action 1 against column 0; the column's action 0 is dominant.
    A = scale * np.array([[0.5, 1.0], [0.5 + noise, 0.0]])
    B = scale * 1e3 * np.array([[1.0, 0.0], [1.0, 0.0]])
    expected = [(1, 1), (0, 1)] if noise < SHARE else [(0, 1)]
    assert equilibria_2x2(A, B) == expected
    assert listed(batch_equilibria([[A, B]]), 0) == expected
    # The same tie for the column, and with the signs reversed.
    assert equilibria_2x2(B.T, A.T) == [(q, p) for p, q in expected]
    assert listed(batch_equilibria([[B.T, A.T]]), 0) == [(q, p) for p, q in expected]
    mirrored = [(1 - p, q) for p, q in expected[::-1]]
    assert equilibria_2x2(A[::-1], B[::-1]) == mirrored
    assert listed(batch_equilibria([[A[::-1], B[::-1]]]), 0) == mirrored


@pytest.mark.parametrize(
    ("payoffs", "message"),
    [
        (np.zeros((3, 2, 2)), "payoffs must have shape [n_games, 2, 2, 2], got shape (3, 2, 2)"),
        (np.zeros((3, 2, 2, 3)), "payoffs must have shape [n_games, 2, 2, 2], got shape (3, 2, 2, 3)"),
        (np.full((1, 2, 2, 2), np.nan), "payoffs must be finite, got nan at position (0, 0, 0, 0)"),
        (np.full((1, 2, 2, 2), -np.inf), "payoffs must be finite, got -inf at position (0, 0, 0, 0)"),
        (np.full((1, 2, 2, 2), 1e101), "payoffs must be at most 1e+100 in absolute value, got 1e+101"),
        (np.full((1, 2, 2, 2), -1e101), "payoffs must be at most 1e+100 in absolute value, got 1e+101"),
    ],
)
def test_bad_payoffs(payoffs, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        batch_equilibria(payoffs)


def test_types_of_the_fields():
    for n in (0, 1, 3):
        batch = batch_equilibria(np.zeros((n, 2, 2, 2)))
        assert (batch.first_action.dtype, batch.count.dtype, batch.continuum.dtype) == (float, np.int8, bool)


def test_no_games():
    batch = batch_equilibria(np.empty((0, 2, 2, 2)))
    assert batch.profiles.shape == (0, CAPACITY, 2, 2)
    assert batch.count.shape == batch.continuum.shape == (0,)


def test_the_largest_payoffs_do_not_overflow():
    A = 1e100 * np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert equilibria_2x2(A, -A) == [(0.5, 0.5)]
    assert listed(batch_equilibria([[A, -A]]), 0) == [(0.5, 0.5)]
