"""Stability of equilibria against the definition, in exact rationals over all mutants."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.theory.evolution.test_copositivity import as_floats, horn_s_form, least_value
from theory.evolution.stability import stability, stability_of_two

TIE = 1e-9


def by_definition(M: list[list[Fraction]], x: list[Fraction]) -> tuple[bool, bool]:
    """Return whether an equilibrium is evolutionarily and neutrally stable.

    Among best replies g(y) = (x - y) M y is a quadratic form of y. Along a line that leaves x it is the distance
    squared times a constant, so that its sign is seen where the line leaves the simplex: where some strategy that x
    plays is not played.
    """
    n = len(M)
    payoffs = [sum(M[k][j] * x[j] for j in range(n)) for k in range(n)]
    best = [k for k in range(n) if payoffs[k] == max(payoffs)]
    own = [sum(x[k] * M[k][j] for k in range(n)) for j in range(n)]
    form = [[(own[k] - M[j][k] + own[j] - M[k][j]) / 2 for k in range(n)] for j in range(n)]
    evolutionary = neutral = True
    for left_out in [k for k in range(n) if x[k] > 0]:
        face = [k for k in best if k != left_out]
        if face:
            least = least_value([[form[j][k] for k in face] for j in face])
            evolutionary &= least > 0
            neutral &= least >= 0
    return evolutionary, neutral


@settings(max_examples=examples(120), deadline=None)
@given(
    st.integers(2, 5),
    st.lists(st.integers(-2, 2), min_size=25, max_size=25),
    st.lists(st.integers(0, 3), min_size=5, max_size=5),
    st.lists(st.booleans(), min_size=5, max_size=5),
    st.randoms(use_true_random=False),
)
def test_against_the_definition(n: int, entries, weights, is_best, random) -> None:
    weights = [max(weights[0], 1), *weights[1:n]]
    x = [Fraction(w, sum(weights)) for w in weights]
    M = [[Fraction(entries[n * j + k]) for k in range(n)] for j in range(n)]
    # The first column makes x an equilibrium with the alternative best replies that are asked for.
    for k in range(n):
        target = Fraction(0) if x[k] > 0 or is_best[k] else Fraction(-1)
        M[k][0] = (target - sum(M[k][j] * x[j] for j in range(1, n))) / x[0]
    expected = by_definition(M, x)
    array, mixture = as_floats(M), np.array([float(p) for p in x])
    tie = TIE * (np.ptp(array) or 1.0)
    found = stability(array, mixture, tie=tie)
    assert found[1:] == expected
    assert not (found.is_strict and not expected[0])
    # Names, units, and what everybody gets from an opponent alike do not matter.
    order = list(range(n))
    random.shuffle(order)
    same = stability(array[np.ix_(order, order)], mixture[order], tie=tie)
    assert same == found
    shifted = 1e4 * array + np.arange(n) - 3.0
    assert stability(shifted, mixture, tie=1e4 * tie) == found
    # A copy of an alternative changes nothing; a copy of what is played lets drift in.
    k = random.randrange(n)
    twice = [*range(n), k]
    copied = stability(array[np.ix_(twice, twice)], np.append(mixture, 0.0), tie=tie)
    assert copied.is_neutrally_stable == found.is_neutrally_stable
    assert copied.is_evolutionarily_stable == (found.is_evolutionarily_stable and x[k] == 0)


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(st.integers(-1, 1), min_size=18, max_size=18), st.integers(0, 2), st.integers(0, 2))
def test_two_populations_are_their_symmetrised_game(entries: list[int], i: int, j: int) -> None:
    # One population whose members play both roles: nine strategies (Selten 1980).
    A, B = np.array(entries, dtype=float).reshape(2, 3, 3)
    A[i, j] = A[:, j].max()
    B[i, j] = B[i].max()
    pairs = [(r, c) for r in range(3) for c in range(3)]
    both = [[Fraction(int(A[r, c2] + B[r2, c])) for r2, c2 in pairs] for r, c in pairs]
    start = [Fraction(int(pair == (i, j))) for pair in pairs]
    unit = np.eye(3)
    found = stability_of_two(A, B, unit[i], unit[j], ties=np.full(2, TIE))
    assert found[1:] == stability(as_floats(both), np.array(start, dtype=float), tie=TIE)[1:]


@pytest.mark.parametrize(
    ("M", "place", "expected"),
    [
        # a and b together gain: with y = (1 - e) x + e (a + b) / 2, x M y - y M y = -4 e^2.
        ([[0, 1, 1], [0, 0, 10], [0, 10, 0]], 0, (False, False)),
        ([[0, 1, 1], [0, 1, 0], [0, 1, 0]], 1, (False, False)),
        ([[0, 1, 1], [0, 0, 1.9], [0, 1.9, 0]], 0, (True, True)),
        ([[0, 1, 1], [0, 0, 2], [0, 2, 0]], 0, (False, True)),
    ],
)
def test_two_mutants_that_invade_only_together(M, place: int, expected) -> None:
    assert stability(np.array(M, dtype=float), np.eye(3)[place], tie=1e-8)[1:] == expected


def test_twenty_alternatives_that_invade_only_all_together() -> None:
    # R = (1 + c) 1 - c J has least value (1 + c) / n - c on the simplex, where all n are alike.
    n = 20
    for c, expected in ((0.0520, True), (0.0527, False)):
        R = (1.0 + c) * np.eye(n) - c
        M = np.zeros((n + 1, n + 1))
        M[1:, 1:] = -R
        x = np.eye(n + 1)[0]
        assert stability(M, x, tie=1e-9)[1:] == (expected, expected)
        smaller = np.delete(np.delete(M, n, axis=0), n, axis=1)
        assert stability(smaller, x[:n], tie=1e-9)[1:] == (True, True)


def test_what_copositivity_leaves_open_is_none() -> None:
    M = np.zeros((6, 6))
    M[1:, 1:] = -horn_s_form() - 0.01 * np.eye(5)
    x = np.eye(6)[0]
    assert stability(M, x, tie=1e-9) == (False, True, True)
    assert stability(M, x, tie=1e-9, most_sets=5) == (False, None, None)
    # A pure mutant is enough to say no.
    M[1, 1] = 1.0
    assert stability(M, x, tie=1e-9, most_sets=5) == (False, False, False)


def test_each_population_has_its_own_ties() -> None:
    # Both have a second strategy that is worse by 1e-5, which is rounding for one of them only.
    A = np.array([[1.0, 0.0], [1.0 - 1e-5, 0.0]])
    first = np.array([1.0, 0.0])
    for ties, expected in (((1e-9, 1e-9), True), ((1e-3, 1e-9), False), ((1e-9, 1e-3), False)):
        found = stability_of_two(A, A.T, first, first, ties=np.array(ties))
        assert found == (expected, expected, True)
    # Nobody is strict that mixes.
    half = np.array([0.5, 0.5])
    battle = np.array([[2.0, 0.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [0.0, 2.0]])
    found = stability_of_two(
        *battle, np.array([2 / 3, 1 / 3]), np.array([1 / 3, 2 / 3]), ties=np.full(2, TIE)
    )
    assert found == (False, False, False)
    pennies = np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert stability_of_two(pennies, -pennies, half, half, ties=np.full(2, TIE)) == (False, False, True)
