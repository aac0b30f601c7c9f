import io
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import combinations, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.examples import examples
from theory import linear_dilemma
from theory.equilibria.bimatrix import bimatrix_equilibria
from theory.equilibria.lemke_howson import lemke_howson
from theory.equilibria.nash import REGRET_TOLERANCE, nash_equilibria, pure_equilibria
from theory.games.catalogue import named_game, named_games
from theory.games.game import Game

# Non-degenerate, three equilibria; payoffs of which rounding hides best replies that are compared with ==.
FOUR_BY_FOUR = (
    [[148, 999, 190, 652], [750, 234, 282, 434], [263, 974, 177, 897], [797, 844, 115, 392]],
    [[628, 493, 665, 676], [662, 60, 959, 555], [903, 271, 361, 879], [186, 64, 373, 679]],
)
# Savani & von Stengel (2006), Econometrica 74: 75 equilibria, more than 2^6 - 1.
SEVENTY_FIVE = [
    [-81, 36, -126, 126, -36, 90],
    [-180, 72, -333, 297, -153, 270],
    [20, -3, 42, -33, 17, -30],
    [-30, 17, -33, 42, -3, 20],
    [270, -153, 297, -333, 72, -180],
    [90, -36, 126, -126, 36, -81],
]


def bimatrix_games(largest=4, payoff=4):
    return st.tuples(st.integers(1, largest), st.integers(1, largest)).flatmap(
        lambda shape: arrays(np.float64, (2, *shape), elements=st.integers(0, payoff).map(float))
    )


def as_set(profiles, digits=9):
    """Profiles as a set, for comparison."""
    return {tuple(np.round(np.concatenate(profile), digits) + 0.0) for profile in profiles}


def exact_extreme_equilibria(A, B):
    """Extreme equilibria by trying every set of constraints as the tight ones, in exact arithmetic."""
    m, n = A.shape
    A, B = (
        [[Fraction(int(v)) for v in row] for row in matrix] for matrix in (A - A.min() + 1, B - B.min() + 1)
    )
    rows = polytope_vertices([[B[i][j] for i in range(m)] for j in range(n)], m)
    columns = polytope_vertices(A, n)
    return [
        (np.array(x, dtype=float), np.array(y, dtype=float))
        for x, y in product(rows, columns)
        if all(x[i] == 0 or best_reply(A, y, i) for i in range(m))
        and all(y[j] == 0 or best_reply(list(zip(*B, strict=True)), x, j) for j in range(n))
    ]


def polytope_vertices(payoffs, n_own):
    """Vertices but 0 of {x >= 0, payoffs @ x <= 1}, scaled to sum to one."""
    unit = [[Fraction(int(i == j)) for j in range(n_own)] for i in range(n_own)]
    constraints = [(row, Fraction(0)) for row in unit] + [(list(row), Fraction(1)) for row in payoffs]
    found = set()
    for tight in combinations(constraints, n_own):
        x = solution([row for row, _ in tight], [right for _, right in tight])
        if x is None or min(x) < 0 or not any(x):
            continue
        if all(sum(a * b for a, b in zip(row, x, strict=True)) <= 1 for row in payoffs):
            found.add(tuple(v / sum(x) for v in x))
    return found


def solution(matrix, right):
    """Gauss-Jordan elimination; None if the matrix is singular."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for k in range(len(rows)):
        pivot = next((r for r in range(k, len(rows)) if rows[r][k] != 0), None)
        if pivot is None:
            return None
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [v / rows[k][k] for v in rows[k]]
        for r in range(len(rows)):
            if r != k:
                rows[r] = [v - rows[r][k] * w for v, w in zip(rows[r], rows[k], strict=True)]
    return [row[-1] for row in rows]


def best_reply(payoffs, mixture, action):
    values = [sum(a * b for a, b in zip(row, mixture, strict=True)) for row in payoffs]
    return values[action] == max(values)


def gambit_equilibria(A, B):
    """Extreme equilibria by Gambit's exact enumeration."""
    gambit = pytest.importorskip("pygambit")
    game = Game.bimatrix(A, B)
    text = io.BytesIO(game.to_nfg().encode())
    result = gambit.nash.enummixed_solve(gambit.read_nfg(text), rational=True)
    return [
        tuple(
            np.array([float(profile[player][action]) for action in actions])
            for player, actions in zip(game.players, game.actions, strict=True)
        )
        for profile in result.equilibria
    ]


@pytest.mark.parametrize(
    ("A", "B", "expected"),
    [
        # von Stengel (2007), Algorithmic Game Theory, (3.6): non-degenerate.
        (
            [[3, 3], [2, 5], [0, 6]],
            [[3, 2], [2, 6], [3, 1]],
            [((1, 0, 0), (1, 0)), ((4 / 5, 1 / 5, 0), (2 / 3, 1 / 3)), ((0, 1 / 3, 2 / 3), (1 / 3, 2 / 3))],
        ),
        # The same, (3.7): degenerate, as the first row leaves the column indifferent.
        (
            [[3, 3], [2, 5], [0, 6]],
            [[3, 3], [2, 6], [3, 1]],
            [((1, 0, 0), (1, 0)), ((1, 0, 0), (2 / 3, 1 / 3)), ((0, 1 / 3, 2 / 3), (1 / 3, 2 / 3))],
        ),
        # Shapley (1974), fig. 3: Lemke-Howson paths from (0, 0) reach the pure one only.
        (
            [[0, 3, 0], [2, 2, 0], [3, 0, 1]],
            [[0, 2, 3], [3, 2, 0], [0, 0, 1]],
            [
                ((1 / 3, 2 / 3, 0), (1 / 3, 2 / 3, 0)),
                ((1 / 6, 1 / 3, 1 / 2), (1 / 6, 1 / 3, 1 / 2)),
                ((0, 0, 1), (0, 0, 1)),
            ],
        ),
        # Players with one action.
        ([[2, 5, 5, 1]], [[1, 3, 3, 0]], [((1,), (0, 1, 0, 0)), ((1,), (0, 0, 1, 0))]),
        ([[1], [2]], [[5], [0]], [((0, 1), (1,))]),
        ([[7]], [[-7]], [((1,), (1,))]),
        # Nobody cares.
        (np.ones((2, 3)), np.ones((2, 3)), [(x, y) for x in np.eye(2) for y in np.eye(3)]),
        # A zero payoff matrix, whose polytope is unbounded until payoffs are shifted.
        (np.zeros((3, 2)), [[1, 0], [0, 1], [0, 0]], None),
        # A column of zeros, likewise.
        ([[0, 1, 2], [0, 2, 1], [0, 3, 0]], [[0, 2, 2], [0, 1, 4], [0, 2, 2]], None),
        (*FOUR_BY_FOUR, None),
        # Against the second row player 2 is indifferent: a continuum with two ends.
        ([[0, 1], [1, 0]], [[1, 0], [0, 0]], [((0, 1), (1, 0)), ((0, 1), (0.5, 0.5))]),
    ],
)
def test_textbook_games(A, B, expected):
    A, B = np.array(A, float), np.array(B, float)
    exact = as_set(exact_extreme_equilibria(A, B))
    found = nash_equilibria(Game.bimatrix(A, B))
    assert as_set(found.profiles) == exact
    assert len(found.profiles) == len(exact)
    assert found.complete
    assert found.note == ""
    if expected is not None:
        expected = [np.concatenate(profile) for profile in expected]
        assert np.array([np.concatenate(p) for p in found.profiles]) == pytest.approx(np.array(expected))


def test_more_equilibria_than_was_once_conjectured():
    A = np.array(SEVENTY_FIVE, float)
    swapped = [1, 0, 3, 2, 5, 4]
    found = nash_equilibria(Game.bimatrix(A, A[np.ix_(swapped, swapped)].T))
    assert len(found.profiles) == 75
    assert found.complete
    assert not found.continuum


@settings(max_examples=examples(100), deadline=None)
@given(bimatrix_games(largest=3))
def test_against_exact_arithmetic(payoffs):
    found = nash_equilibria(Game(payoffs))
    exact = as_set(exact_extreme_equilibria(*payoffs))
    assert as_set(found.profiles) == exact
    assert len(found.profiles) == len(exact)
    assert found.complete


@settings(max_examples=examples(60), deadline=None)
@given(bimatrix_games(largest=5, payoff=2), st.randoms(use_true_random=False))
def test_maximal_subsets_are_products_that_cover_everything(payoffs, random):
    game = Game(payoffs)
    found = nash_equilibria(game)
    corners = as_set(found.profiles)
    listed = [
        {(tuple(x), tuple(y)) for x, y in product(rows, columns)} for rows, columns in found.maximal_subsets
    ]
    assert as_set(profile for subset in listed for profile in subset) == corners
    assert not any(first <= second for first, second in permutations(listed, 2))
    assert found.continuum == any(len(subset) > 1 for subset in listed)
    for rows, columns in found.maximal_subsets:
        mixture = [
            np.average(corners, axis=0, weights=[random.random() + 0.01 for _ in corners])
            for corners in (rows, columns)
        ]
        assert (game.regrets(mixture) <= 1e-9).all()
        # No other mixture fits into the product.
        for x in {tuple(x) for x, _ in found.profiles} - {tuple(x) for x in rows}:
            assert any((game.regrets((x, y)) > 1e-9).any() for y in columns)
        for y in {tuple(y) for _, y in found.profiles} - {tuple(y) for y in columns}:
            assert any((game.regrets((x, y)) > 1e-9).any() for x in rows)


@pytest.mark.parametrize("largest_payoff", [1, 2, 4, 9, 999])
def test_agreement_with_gambit(largest_payoff):
    rng = np.random.default_rng(largest_payoff)
    for _ in range(60):
        shape = rng.integers(1, 6, 2)
        A, B = rng.integers(0, largest_payoff + 1, (2, *shape))
        found = nash_equilibria(Game.bimatrix(A, B))
        assert as_set(found.profiles) == as_set(gambit_equilibria(A, B))
        assert found.complete


@pytest.mark.slow
def test_agreement_with_quantecon_on_games_without_ties():
    quantecon = pytest.importorskip("quantecon.game_theory")
    rng = np.random.default_rng(0)
    for _ in range(100):
        A, B = rng.random((2, *rng.integers(2, 8, 2)))
        peer = quantecon.NormalFormGame([quantecon.Player(A), quantecon.Player(B.T)])
        found = nash_equilibria(Game.bimatrix(A, B))
        assert as_set(found.profiles, 6) == as_set(quantecon.vertex_enumeration(peer), 6)
        assert len(found.profiles) % 2 == 1  # Lemke & Howson 1964
        assert not found.continuum


def test_zero_sum_games_have_one_value():
    rng = np.random.default_rng(4)
    for _ in range(30):
        A = rng.integers(-3, 4, rng.integers(2, 6, 2)).astype(float)
        found = nash_equilibria(Game.bimatrix(A, -A))
        values = [x @ A @ y for x, y in found.profiles]
        assert np.ptp(values) < 1e-9
        # Optimal mixtures are exchangeable: one maximal subset.
        assert len(found.maximal_subsets) == 1


@settings(max_examples=examples(60), deadline=None)
@given(
    bimatrix_games(largest=3),
    st.sampled_from([1e-6, 0.1, 3.0, 1e6]),
    st.sampled_from([1e-3, 1.0, 7.0]),
    st.integers(-9, 9),
)
def test_affine_invariance(payoffs, scale, other_scale, shift):
    A, B = payoffs
    reference = as_set(nash_equilibria(Game(payoffs)).profiles)
    moved = Game.bimatrix(scale * (A + shift), other_scale * (B - shift) + np.arange(len(A))[:, np.newaxis])
    found = nash_equilibria(moved)
    assert as_set(found.profiles) == reference
    assert found.complete


@settings(max_examples=examples(60), deadline=None)
@given(bimatrix_games(), st.data())
def test_relabelling(payoffs, data):
    A, B = payoffs
    order_of_rows, order_of_columns = (data.draw(st.permutations(range(n))) for n in A.shape)
    reference = nash_equilibria(Game(payoffs))
    shuffled = nash_equilibria(Game(payoffs[:, order_of_rows][:, :, order_of_columns]))
    assert as_set(shuffled.profiles) == as_set(
        (x[order_of_rows], y[order_of_columns]) for x, y in reference.profiles
    )
    exchanged = nash_equilibria(Game.bimatrix(B.T, A.T))
    assert as_set(exchanged.profiles) == as_set((y, x) for x, y in reference.profiles)
    assert exchanged.continuum == shuffled.continuum == reference.continuum
    assert len(exchanged.maximal_subsets) == len(shuffled.maximal_subsets) == len(reference.maximal_subsets)


@settings(max_examples=examples(60), deadline=None)
@given(bimatrix_games(largest=3), st.data())
def test_doubling_an_action_or_adding_a_dominated_one(payoffs, data):
    A, B = payoffs
    reference = nash_equilibria(Game(payoffs))
    worse = np.vstack([A, A.min(axis=0) - 1])
    padded = nash_equilibria(Game.bimatrix(worse, np.vstack([B, B[:1]])))
    assert as_set(padded.profiles) == as_set((np.append(x, 0), y) for x, y in reference.profiles)
    assert padded.continuum == reference.continuum
    doubled = nash_equilibria(Game.bimatrix(np.vstack([A, A[:1]]), np.vstack([B, B[:1]])))
    merged = as_set((np.append(x[0] + x[-1], x[1:-1]), y) for x, y in doubled.profiles)
    assert merged == as_set(reference.profiles)


def test_profiles_are_sorted_distinct_and_read_only():
    found = nash_equilibria(Game(np.ones((2, 3, 3))))
    vectors = [np.concatenate(profile).tolist() for profile in found.profiles]
    assert vectors == sorted(vectors, reverse=True)
    assert len(as_set(found.profiles)) == len(vectors) == 9
    for profile in found.profiles:
        for mixture in profile:
            with pytest.raises(ValueError, match="read-only"):
                mixture[0] = 0.5


def test_ties_that_only_rounding_breaks():
    # Row 0 pays .3, row 1 .1 + .2: a tie that floats miss by 6e-17. Also thirds, which are no floats.
    A = np.array([[0.3, 1 / 3, 0], [0.1 + 0.2, 0, 1 / 3], [0, 0, 0]])
    B = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 1]])
    found = nash_equilibria(Game.bimatrix(A, B))
    assert as_set(found.profiles) == as_set(exact_extreme_equilibria(np.round(30 * A), B))
    assert found.continuum
    # Differences that are more than rounding count.
    A[0, 0] += 1e-9
    assert as_set(nash_equilibria(Game.bimatrix(A, B)).profiles) == {(1, 0, 0, 1, 0, 0)}


def test_every_named_game_is_solved_completely():
    for name in named_games():
        game = named_game(name)
        found = nash_equilibria(game)
        assert found.complete
        assert found.profiles
        for profile in found.profiles:
            assert (game.regrets(profile) <= REGRET_TOLERANCE * game.payoff_range).all()


def test_eight_by_eight_with_many_equilibria():
    found = nash_equilibria(Game.bimatrix(np.eye(8), np.eye(8)))
    assert len(found.profiles) == 2**8 - 1  # a uniform mixture over every set of actions
    assert len(found.maximal_subsets) == 2**8 - 1


def test_large_lopsided_games():
    rng = np.random.default_rng(1)
    game = Game(rng.random((2, 2, 300)))
    found = nash_equilibria(game)
    assert found.complete
    assert len(found.profiles) % 2 == 1


@pytest.mark.parametrize("n", [20, 40])
def test_games_too_large_to_enumerate(n):
    game = Game(np.random.default_rng(n).random((2, n, n)))
    found = nash_equilibria(game)
    assert found.complete is False
    assert found.continuum is False
    assert found.maximal_subsets == ()
    assert found.method == "pure profiles, Lemke-Howson paths"
    ends = [lemke_howson(*game.payoffs, label) for label in range(3)]
    assert len(as_set(ends)) > 1
    assert found.note == (
        f"Not all equilibria: a best-response polytope in {n} dimensions with {2 * n} facets must have at most 20000 "
        "vertices, got more. Raise max_vertices, or take one equilibrium: theory.logit_equilibrium, or quantecon's "
        "lemke_howson."
    )
    assert any(min(np.count_nonzero(x) for x in profile) > 1 for profile in found.profiles)
    pure = [game.pure(*outcome) for outcome in pure_equilibria(game)]
    assert as_set(found.profiles) == as_set(ends) | as_set(pure)
    for profile in found.profiles:
        assert (game.regrets(profile) <= REGRET_TOLERANCE).all()


def test_the_bound_can_be_moved():
    game = Game.bimatrix(*FOUR_BY_FOUR)
    assert not nash_equilibria(game, max_vertices=5).complete
    assert nash_equilibria(game, max_vertices=200).complete


def test_candidates_that_fail_the_test_of_their_regrets(monkeypatch):
    def imprecise(*matrices, **options):
        found = bimatrix_equilibria(*matrices, **options)
        return replace(found, rows=0.9 * found.rows + 0.05)

    monkeypatch.setattr("theory.equilibria.nash.bimatrix_equilibria", imprecise)
    found = nash_equilibria(named_game("chicken"))
    assert found.profiles == found.maximal_subsets == ()
    assert not found.complete
    assert found.note == "3 candidates failed the test of their regrets."


def test_too_many_maximal_subsets(monkeypatch):
    few = partial(bimatrix_equilibria, max_subsets=6)
    monkeypatch.setattr("theory.equilibria.nash.bimatrix_equilibria", few)
    assert len(nash_equilibria(Game.bimatrix(np.eye(3), -np.eye(3))).maximal_subsets) == 1
    found = nash_equilibria(Game.bimatrix(np.eye(3), np.eye(3)))
    assert len(found.profiles) == 7
    assert found.complete
    assert found.maximal_subsets == ()
    assert found.note == "The maximal Nash subsets are more than 10000 and not listed."


def test_too_many_equilibria(monkeypatch):
    few = partial(bimatrix_equilibria, max_equilibria=8)
    monkeypatch.setattr("theory.equilibria.nash.bimatrix_equilibria", few)
    found = nash_equilibria(Game(np.ones((2, 3, 3))))
    assert not found.complete
    assert "the game must have at most 8 extreme equilibria, got more" in found.note
    assert len(found.profiles) == 9  # all of them pure


def test_how_it_was_found():
    assert nash_equilibria(named_game("chicken")).method == "closed form"
    smooth, tied = Game.bimatrix(*FOUR_BY_FOUR), Game(np.ones((2, 3, 3)))
    assert nash_equilibria(smooth).method == "vertices of the best-response polytopes"
    assert nash_equilibria(tied).method == "vertices of the best-response polytopes in exact arithmetic"


def test_one_player():
    found = nash_equilibria(Game([[1, 3, 3, 0]]))
    assert as_set(found.profiles) == {(0, 1, 0, 0), (0, 0, 1, 0)}
    assert (found.complete, found.continuum, found.method) == (True, True, "best actions")
    assert found.maximal_subsets == ()
    assert not nash_equilibria(Game([[1, 3]])).continuum


@pytest.mark.parametrize("bound", ["max_vertices", "max_supports", "max_boxes"])
def test_bounds_must_be_positive(bound):
    with pytest.raises(ValueError, match=f"{bound} must be at least 1, got 0"):
        nash_equilibria(named_game("chicken"), **{bound: 0})


def test_games_without_a_tensor():
    game = linear_dilemma(3, greed=1, fear=1)
    with pytest.raises(ValueError, match=r"game must have a payoff tensor, .*got a LinearDilemma"):
        nash_equilibria(game)


def test_pure_equilibria():
    assert pure_equilibria(named_game("stag-hunt")) == ((0, 0), (1, 1))
    assert pure_equilibria(named_game("matching-pennies")) == ()
    rng = np.random.default_rng(0)
    for _ in range(50):
        shape = tuple(rng.integers(1, 4, rng.integers(1, 5)))
        game = Game(rng.integers(0, 4, (len(shape), *shape)))
        by_regret = [a for a in game.pure_profiles() if not game.regrets(game.pure(*a)).any()]
        assert list(pure_equilibria(game)) == by_regret


@pytest.mark.parametrize(("gain", "expected"), [(1e-13, ((0, 0),)), (1e-11, ())])
def test_pure_equilibria_up_to_rounding(gain, expected):
    A = 50 * np.array([[1.0, 0.0], [1.0 + gain, 0.0]])
    B = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert [a for a in pure_equilibria(Game.bimatrix(A, B)) if a == (0, 0)] == list(expected)


def test_a_2x2_game_is_solved_without_heavy_libraries():
    code = (
        "import sys; from theory.games.catalogue import named_game;"
        "from theory.equilibria.nash import nash_equilibria;"
        "nash_equilibria(named_game('chicken'));"
        "sys.exit(any(name in sys.modules for name in ('scipy', 'nashpy', 'quantecon', 'numba')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
