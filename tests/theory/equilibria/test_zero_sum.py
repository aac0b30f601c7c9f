"""Zero-sum games: against exact rationals, against all extreme equilibria, and against another linear program."""

from fractions import Fraction
from itertools import combinations

import nashpy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from tests.examples import examples
from theory import Game, judge, nash_equilibria
from theory.equilibria.bimatrix import bimatrix_equilibria
from theory.equilibria.polytope import best_response_vertices, most_vertices
from theory.equilibria.zero_sum import zero_sum_form, zero_sum_welfare_bounds


def random_form(seed, shape, low, high):
    """Return payoffs that are zero-sum but for units and for parts that a player cannot change."""
    rng = np.random.default_rng(seed)
    Z = rng.integers(low, high, shape).astype(float)
    c, d = rng.integers(-5, 6, shape[1]), rng.integers(-5, 6, (shape[0], 1))
    k = float(rng.choice([0.5, 1.0, 3.0]))
    return Z, Z + c, (d - Z) / k


@given(st.integers(0, 10**6), st.sampled_from([(2, 3), (3, 3), (4, 2), (4, 5)]), st.sampled_from([2, 4, 50]))
@settings(max_examples=examples(60), deadline=None)
def test_all_equilibria_are_pairs_of_optimal_mixtures(seed, shape, n_payoffs):
    _, A, B = random_form(seed, shape, 0, n_payoffs)
    form = zero_sum_form(A, B)
    if form is None:
        # Somebody is indifferent, or has one best reply whatever the other does.
        assert any(
            np.ptp(np.diff(M, axis=axis), axis=1 - axis).max() < 1e-12 for M in (A, B) for axis in (0, 1)
        )
        return
    assert form.scale * form.matrix + form.of_column == pytest.approx(A)
    assert (form.of_row[:, None] - form.scale * form.matrix) / form.rate == pytest.approx(B)
    found = bimatrix_equilibria(A, B, max_vertices=10_000)
    if form.is_unique:
        assert len(found.pairs) == 1
        assert form.optimal[0] == pytest.approx(found.rows[0], abs=1e-9)
        assert form.optimal[1] == pytest.approx(found.columns[0], abs=1e-9)
    welfare = [found.rows[x] @ (A + B) @ found.columns[y] for x, y in found.pairs]
    assert zero_sum_welfare_bounds(form) == pytest.approx((min(welfare), max(welfare)), abs=1e-8)
    values = [found.rows[x] @ form.matrix @ found.columns[y] for x, y in found.pairs]
    assert form.value_bounds == pytest.approx((min(values), max(values)), abs=1e-9)


def exact_value(Z):
    """Return the value of an integer matrix: of the first pair of equal supports that is an equilibrium."""
    m, n = len(Z), len(Z[0])
    for size in range(1, min(m, n) + 1):
        for rows in combinations(range(m), size):
            for columns in combinations(range(n), size):
                square = [[Fraction(int(Z[i][j])) for j in columns] for i in rows]
                x, y = equaliser(list(zip(*square, strict=True))), equaliser(square)
                if x is None or y is None or min(*x[:-1], *y[:-1]) < 0:
                    continue
                pays = [sum(Z[i][j] * q for j, q in zip(columns, y, strict=False)) for i in range(m)]
                costs = [sum(Z[i][j] * p for i, p in zip(rows, x, strict=False)) for j in range(n)]
                if max(pays) <= y[-1] and min(costs) >= x[-1]:
                    return y[-1]
    raise AssertionError("a game has a value")


def equaliser(square):
    """Return the mixture that makes all rows equal, with what they are, or None if it is not unique."""
    n = len(square)
    system = [[*row, Fraction(-1), Fraction(0)] for row in square] + [
        [Fraction(1)] * n + [Fraction(0), Fraction(1)]
    ]
    for k in range(n + 1):
        pivot = next((i for i in range(k, n + 1) if system[i][k]), None)
        if pivot is None:
            return None
        system[k], system[pivot] = system[pivot], system[k]
        system[k] = [a / system[k][k] for a in system[k]]
        for i in range(n + 1):
            if i != k:
                system[i] = [a - system[i][k] * b for a, b in zip(system[i], system[k], strict=True)]
    return [row[-1] for row in system]


@pytest.mark.parametrize("seed", range(10))
def test_values_are_those_of_exact_rationals(seed):
    Z = np.random.default_rng(seed).integers(-9, 10, (4, 4))
    form = zero_sum_form(Z.astype(float), -Z.astype(float))
    value = exact_value(Z.tolist())
    for bound in form.value_bounds:
        assert form.scale * bound + form.of_column[0] == pytest.approx(float(value), abs=1e-12)


@pytest.mark.parametrize(("n", "k", "high"), [(30, 1.0, 101), (50, 2.0, 101), (50, 0.25, 2)])
def test_a_large_zero_sum_game_has_a_verdict(n, k, high):
    Z, A, B = random_form(n, (n, n), -high + 1, high)
    found = nash_equilibria(Game.bimatrix(A, B))
    assert (len(found.profiles), found.complete, found.continuum, found.note) == (1, True, False, "")
    assert found.method == "linear programs of the zero-sum game"
    assert found.maximal_subsets == (((found.profiles[0][0],), (found.profiles[0][1],)),)
    # The value by another linear program, of a mixture that is not normalised.
    shifted = Z - Z.min() + 1.0
    peer = linprog(-np.ones(n), A_ub=shifted, b_ub=np.ones(n), method="highs")
    x, y = found.profiles[0]
    assert x @ shifted @ y == pytest.approx(-1.0 / peer.fun, rel=1e-9)
    constant = judge(Game.bimatrix(Z, 3.0 - 2.0 * Z), found.profiles[0])
    assert constant.label == "welfare-optimal Nash equilibrium"
    assert constant.best_nash_welfare == constant.worst_nash_welfare == pytest.approx(constant.welfare)


def test_copies_of_actions_make_a_continuum_whose_welfare_is_known():
    _, A, B = random_form(3, (15, 15), -9, 10)
    twice = [np.tile(M, (2, 2)) for M in (A, B)]
    once, found = nash_equilibria(Game.bimatrix(A, B)), nash_equilibria(Game.bimatrix(*twice))
    assert once.complete
    assert (found.complete, found.continuum) == (False, True)
    assert (found.method, found.maximal_subsets) == ("linear programs of the zero-sum game", ())
    assert found.note == (
        "Not all equilibria: these are all pairs of optimal mixtures, of which some extreme ones are listed."
    )
    game = Game.bimatrix(*twice)
    verdicts = [judge(game, profile) for profile in found.profiles]
    welfare = once.profiles[0][0] @ (A + B) @ once.profiles[0][1]
    for verdict in verdicts:
        assert verdict.best_nash_welfare == pytest.approx(welfare)
        assert verdict.worst_nash_welfare == pytest.approx(welfare)
        assert verdict.is_welfare_optimal_nash is True


@pytest.mark.parametrize("units", [(1e-9, 1e9), (1e6, 1e-3)])
def test_neither_units_nor_order_matter(units):
    _, A, B = random_form(7, (20, 16), -50, 51)
    x, y = nash_equilibria(Game.bimatrix(A, B)).profiles[0]
    rng = np.random.default_rng(0)
    rows, columns = rng.permutation(20), rng.permutation(16)
    other = Game.bimatrix(units[0] * A[rows][:, columns], units[1] * B[rows][:, columns] + 5 * units[1])
    found = nash_equilibria(other)
    assert found.complete
    assert found.profiles[0][0] == pytest.approx(x[rows], abs=1e-9)
    assert found.profiles[0][1] == pytest.approx(y[columns], abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_the_value_lies_between_what_fictitious_play_secures(seed):
    # Robinson (1951): what the frequencies of fictitious play secure closes in on the value from both sides.
    Z = np.random.default_rng(seed).uniform(-1, 1, (6, 5))
    game = Game.bimatrix(Z, -Z)
    (equilibrium,) = nash_equilibria(game).profiles
    begun = (np.eye(6)[0], np.eye(5)[0])  # without, nashpy draws the first actions
    *_, counts = nashpy.Game(Z).fictitious_play(iterations=3000, play_counts=begun)
    x, y = (count / count.sum() for count in counts)
    assert (x @ Z).min() <= game.expected_payoffs(equilibrium)[0] <= (Z @ y).max()
    assert (Z @ y).max() - (x @ Z).min() < 0.1


def test_what_is_not_zero_sum():
    A, B = np.random.default_rng(0).integers(0, 9, (2, 4, 4)).astype(float)
    assert zero_sum_form(A, B) is None
    assert zero_sum_form(A, A) is None  # common interests
    assert zero_sum_form(A, np.zeros((4, 4))) is None
    assert zero_sum_form(A, np.arange(4.0) + np.arange(4.0)[:, None]) is None
    almost = -A.copy()
    almost[0, 0] += 1e-6
    assert zero_sum_form(A, almost) is None


@given(st.integers(0, 10**6), st.integers(2, 5), st.integers(2, 6))
@settings(max_examples=examples(20), deadline=None)
def test_no_polytope_has_more_vertices_than_the_cyclic_one(seed, n_own, n_other):
    payoffs = np.random.default_rng(seed).random((n_other, n_own))
    vertices = best_response_vertices(payoffs, max_vertices=10_000).mixtures
    assert len(vertices) + 1 <= most_vertices(n_own, n_other)
    # A polygon has as many vertices as sides, a polytope in three dimensions at most 2 facets - 4.
    assert (most_vertices(2, 7), most_vertices(3, 7), most_vertices(1, 5)) == (9, 16, 2)


def test_actions_that_only_mixtures_dominate_are_eliminated_before_giving_up():
    # The traveller's dilemma: both claim 2 to 21 and get the smaller claim, 2 more or less if they differ.
    claims = np.arange(2.0, 22.0)
    own, other = np.meshgrid(claims, claims, indexing="ij")
    A = np.minimum(own, other) + 2.0 * np.sign(other - own)
    found = nash_equilibria(Game.bimatrix(A, A.T))
    assert (found.complete, found.continuum, len(found.profiles)) == (True, False, 1)
    assert found.profiles[0][0][0] == found.profiles[0][1][0] == 1.0


def test_too_many_vertices_are_tried_again_without_dominated_actions():
    # Matching pennies with a third action each that a mixture of the two dominates.
    A = np.array([[3.0, 0.0, 1.0], [0.0, 3.0, 1.0], [1.0, 1.0, 0.0]])
    B = np.array([[0.0, 3.0, 1.0], [3.0, 0.0, 1.0], [1.0, 1.0, 0.0]])
    found = nash_equilibria(Game.bimatrix(A, B), max_vertices=3)
    assert found.complete
    assert [mixture.tolist() for mixture in found.profiles[0]] == [[0.5, 0.5, 0.0]] * 2
