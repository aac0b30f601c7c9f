"""Tables of a ledger mirror: closed forms, exact rationals, and what must not change them."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import Game, LedgerTables, ledger_tables, named_game, security_levels


def dilemma(T: float, R: float, P: float, S: float) -> Game:
    return Game.bimatrix([[R, S], [T, P]], [[R, T], [S, P]])


small = st.integers(-6, 6)


def integer_games(most: int = 3) -> st.SearchStrategy[Game]:
    sizes = st.tuples(st.integers(2, most), st.integers(2, most))
    return sizes.flatmap(
        lambda n: st.lists(small, min_size=2 * n[0] * n[1], max_size=2 * n[0] * n[1]).map(
            lambda values: Game(np.array(values, dtype=float).reshape(2, *n))
        )
    )


def numbers_of(tables: LedgerTables) -> list[np.ndarray]:
    return [
        tables.net_harm, tables.above_security, tables.gain_of_other, tables.maxmin, tables.harms,
        np.array([tables.temptation, tables.full_harm, tables.first_order, tables.deterring_budget()]),
    ]  # fmt: skip


@settings(max_examples=40)
@given(st.lists(st.integers(-20, 20), min_size=4, max_size=4, unique=True))
def test_in_a_symmetric_dilemma_harms_are_one_zero_and_minus_one(payoffs: list[int]) -> None:
    S, P, R, T = sorted(payoffs)
    tables = ledger_tables(dilemma(T, R, P, S), 0)
    if 2 * R <= T + S or (T - P) * (S - P) > (R - P) ** 2:
        return
    assert tables.agreed == (0, 0)
    np.testing.assert_allclose(tables.net_harm, [[0, 1], [-1, 0]], atol=1e-12)
    assert tables.security.tolist() == [P, P]
    assert tables.punishments.tolist() == [1]
    assert tables.temptation == pytest.approx((T - R) / (T - S))
    assert tables.full_harm == pytest.approx((T - S) / (R - P))
    assert tables.maxmin.tolist() == [0, 1]


def test_the_bargain_of_three_outcomes_by_each_notion() -> None:
    # Gains over the security levels (0, 0): (1, 9), (4, 4), (6, 2.5): products 9, 16, 15; sums 10, 8, 8.5.
    own = np.full((4, 4), 0.0)
    other = np.full((4, 4), 0.0)
    for k, (u, w) in enumerate([(1, 9), (4, 4), (6, 2.5)]):
        own[k, k], other[k, k] = u, w
    game = Game.bimatrix(own, other)
    levels = security_levels(game)
    chosen = {
        name: ledger_tables(game, 0, agreement=name).agreed for name in ("nash", "egalitarian", "utilitarian")
    }
    gains = np.array([[1, 9], [4, 4], [6, 2.5]]) - levels
    assert chosen["nash"] == (int(gains.prod(axis=1).argmax()),) * 2
    assert chosen["egalitarian"] == (int(gains.min(axis=1).argmax()),) * 2
    assert chosen["utilitarian"] == (0, 0)
    shares = (gains / gains.max(axis=0)).min(axis=1)
    assert ledger_tables(game, 0, agreement="kalai-smorodinsky").agreed == (int(shares.argmax()),) * 2


@pytest.mark.parametrize(
    ("game", "why"),
    [
        (dilemma(5, 2, 3, 0), "Deadlock: (D, D) is what both secure, nothing is above it"),
        (Game.bimatrix([[1, -1], [-1, 1]], [[-1, 1], [1, -1]]), "Matching Pennies"),
        (Game.bimatrix([[1, 1], [1, 1]], [[2, 0], [1, 3]]), "the first player's payoffs are constant"),
        (Game.bimatrix([[3, 0], [5, 1]], [[1, 1], [0, 1]]), "v = d for one player"),
    ],
)
def test_games_without_an_agreement_say_why_and_play_their_maxmin(game: Game, why: str) -> None:
    for player in (0, 1):
        tables = ledger_tables(game, player)
        assert tables.agreed is None, why
        assert "security levels" in tables.reason
        assert not tables.net_harm.any()
        own = game.payoffs[player] if player == 0 else game.payoffs[player].T
        assert (tables.maxmin @ own).min() == pytest.approx(security_levels(game)[player], abs=1e-9)
        assert tables.deterring_budget() == 0.0


def test_a_given_outcome_that_pays_too_little_is_no_agreement() -> None:
    game = dilemma(5, 3, 1, 0)
    assert ledger_tables(game, 0, agreement=(0, 0)).agreed == (0, 0)
    assert "the given outcome pays [0.0, 5.0]" in ledger_tables(game, 0, agreement=(0, 1)).reason
    with pytest.raises(ValueError, match="an action of agreement"):
        ledger_tables(game, 0, agreement=(0, 2))


@settings(max_examples=40)
@given(integer_games())
def test_tables_are_those_of_their_definition_in_exact_rationals(game: Game) -> None:
    levels = [Fraction(float(v)).limit_denominator(10_000) for v in security_levels(game)]
    n, m = game.n_actions
    u = {(i, x, y): Fraction(int(game.payoffs[i, x, y])) for i in (0, 1) for x in range(n) for y in range(m)}
    better = [(x, y) for x, y in product(range(n), range(m)) if all(u[i, x, y] > levels[i] for i in (0, 1))]
    tables = ledger_tables(game, 0)
    if not better:
        assert tables.agreed is None
        return
    assert tables.agreed in better
    c1, c2 = tables.agreed
    product_of = {(x, y): (u[0, x, y] - levels[0]) * (u[1, x, y] - levels[1]) for x, y in better}
    assert product_of[c1, c2] == max(product_of.values())
    gains = [u[i, c1, c2] - levels[i] for i in (0, 1)]
    harm = {
        (x, y): (u[1, x, y] - u[1, c1, c2]) / gains[1] - (u[0, x, y] - u[0, c1, c2]) / gains[0]
        for x, y in product(range(n), range(m))
    }
    full = max(Fraction(0), *(harm[c1, y] for y in range(m)))
    expected = [[float(harm[x, y] / (full or 1)) for y in range(m)] for x in range(n)]
    np.testing.assert_allclose(tables.net_harm, expected, atol=1e-9)
    harsh = {x: -harm[x, c2] / (full or 1) for x in range(n) if harm[x, c2] < 0}
    order = sorted(harsh, key=lambda x: (harsh[x], -u[0, x, c2]))
    assert [harsh[x] for x in order] == pytest.approx(tables.harms.tolist())
    assert [u[0, x, c2] for x in order] == [u[0, int(x), c2] for x in tables.punishments]
    first_order = max(
        (u[0, x, y] - u[0, c1, c2]) / gains[0] + (u[1, x, y] - u[1, c1, c2]) / gains[1] for x, y in harm
    )
    assert tables.first_order == pytest.approx(float(first_order))


@settings(max_examples=40)
@given(
    integer_games(), st.sampled_from(["nash", "kalai-smorodinsky"]), st.integers(-9, 9), st.integers(-9, 9)
)
def test_the_units_of_payoffs_change_nothing(game: Game, agreement: str, first: int, second: int) -> None:
    scale = np.array([10.0**first, 10.0**second])[:, None, None]
    shift = 3.0 * scale * game.payoff_range[:, None, None]
    other = Game(game.payoffs * scale + shift)
    for player in (0, 1):
        one, two = (
            ledger_tables(game, player, agreement=agreement),
            ledger_tables(other, player, agreement=agreement),
        )
        assert (one.agreed, one.minmax, one.punishments.tolist()) == (
            two.agreed,
            two.minmax,
            two.punishments.tolist(),
        )
        for a, b in zip(numbers_of(one), numbers_of(two), strict=True):
            np.testing.assert_allclose(b, a, atol=1e-6)


@settings(max_examples=40)
@given(integer_games(), st.randoms())
def test_the_order_of_actions_changes_nothing(game: Game, shuffle) -> None:  # type: ignore[no-untyped-def]
    n, m = game.n_actions
    rows = list(shuffle.choice(list(permutations(range(n)))))
    columns = list(shuffle.choice(list(permutations(range(m)))))
    other = Game(game.payoffs[:, rows][:, :, columns])
    one, two = ledger_tables(game, 0), ledger_tables(other, 0)
    if one.agreed is None:
        assert two.agreed is None
        return
    relabelled = (rows[two.agreed[0]], columns[two.agreed[1]])
    if (
        relabelled != one.agreed
    ):  # alike in all that is compared, so that the first in the game's order is taken
        gains = game.payoffs - security_levels(game)[:, None, None]
        assert gains[:, *relabelled].prod() == pytest.approx(gains[:, *one.agreed].prod())
        return
    np.testing.assert_allclose(two.net_harm, one.net_harm[rows][:, columns], atol=1e-12)
    np.testing.assert_allclose(two.harms, one.harms)
    own = game.payoffs[0]
    kept = [own[x, one.agreed[1]] for x in one.punishments]
    assert kept == [own[rows[x], one.agreed[1]] for x in two.punishments]
    assert sorted(own[one.minmax]) == sorted(own[rows[two.minmax]]) or one.net_harm[
        one.minmax, one.agreed[1]
    ] == (pytest.approx(two.net_harm[two.minmax, two.agreed[1]]))


@settings(max_examples=30)
@given(integer_games())
def test_the_players_are_treated_alike(game: Game) -> None:
    swapped = Game(game.payoffs[::-1].transpose(0, 2, 1))
    one, two = ledger_tables(game, 0), ledger_tables(swapped, 1)
    assert one.security.tolist() == two.security.tolist()
    if one.agreed == two.agreed:
        np.testing.assert_array_equal(one.net_harm, two.net_harm)


def test_both_seats_agree_on_the_same_outcome_where_several_are_alike() -> None:
    # Two outcomes that either player likes better: alike but for who gains more.
    game = Game.bimatrix([[4, 0, 0], [0, 2, 0], [0, 0, 1]], [[2, 0, 0], [0, 4, 0], [0, 0, 1]])
    first, second = ledger_tables(game, 0).agreed, ledger_tables(game, 1).agreed
    assert first is not None
    assert second == first[::-1]


def test_what_deters_a_bully_in_chicken() -> None:
    # Resisting costs S - P a round and leaves the bully P; after k rounds discount^k (T - P) <= R - P.
    for name in ("chicken", "chicken-3.2"):
        game = named_game(name)
        (R, S), (T, P) = game.payoffs[0]
        rounds = next(k for k in range(10_000) if 0.99**k * (T - P) <= R - P)
        loss = rounds * (S - P) / np.ptp(game.payoffs[0])
        assert ledger_tables(game, 0).deterring_budget(discount=0.99) == pytest.approx(loss)
    assert ledger_tables(dilemma(5, 3, 1, 0), 0).deterring_budget() == 0.0
    with pytest.raises(ValueError, match="discount must lie in"):
        ledger_tables(game, 0).deterring_budget(discount=1.0)


def test_taking_turns_that_would_give_both_more_is_said() -> None:
    tables = ledger_tables(dilemma(8, 3, 1, 0), 0)
    assert tables.agreed == (0, 0)
    assert tables.gains_by_lotteries() == pytest.approx([1, 1])  # (8 + 0) / 2 - 3
    assert tables.first_order > 0.0
    efficient = ledger_tables(dilemma(5, 3, 1, 0), 0)
    assert efficient.gains_by_lotteries().tolist() == [0, 0]
    assert efficient.first_order == pytest.approx(0.0)


def test_a_maxmin_that_is_mixed_is_known_to_be() -> None:
    game = Game.bimatrix([[4, 0], [0, 3]], [[4, 0], [0, 3]])
    tables = ledger_tables(game, 0)
    assert not tables.is_security_pure
    assert tables.maxmin == pytest.approx([3 / 7, 4 / 7])
    assert tables.security == pytest.approx([12 / 7, 12 / 7])
    assert ledger_tables(dilemma(5, 3, 1, 0), 1).is_security_pure
    assert math.isclose(float((tables.maxmin @ tables.above_security).min()), 0.0, abs_tol=1e-12)


def test_ideal_gains_are_those_of_outcomes_that_both_accept() -> None:
    # Security levels 0. With the ideal gains 6 and 8 of what both accept the shares are 2/3 of (4, 6), 1/2 of (6, 4)
    # and 1/6 of (1, 8). With the 12 that the second refuses the second outcome would be best, at 1/2.
    own, other = np.zeros((5, 5)), np.zeros((5, 5))
    for k, (u, w) in enumerate([(4, 6), (6, 4), (1, 8), (12, -9)]):
        own[k, k], other[k, k] = u, w
    game = Game.bimatrix(own, other)
    assert security_levels(game).tolist() == [0, 0]
    assert ledger_tables(game, 0, agreement="kalai-smorodinsky").agreed == (0, 0)


def test_of_equally_harsh_punishments_the_cheaper_stands_first() -> None:
    # v = (5, 5), security 4 each: a harm is u_2 - u_1 in these units. Rows 1 and 2 harm a cooperator alike.
    own = np.array([[5.0, 3.0], [5.5, 4.0], [5.25, 4.0], [4.0, 4.0]])
    other = np.array([[5.0, 5.25], [4.0, 4.0], [3.75, 4.0], [4.0, 4.0]])
    for order in ([0, 1, 2, 3], [0, 2, 1, 3], [3, 2, 1, 0]):
        tables = ledger_tables(Game.bimatrix(own[order], other[order]), 0)
        assert tables.agreed == (order.index(0), 0)
        harsh = [order[k] for k in tables.punishments]
        assert harsh.index(1) < harsh.index(2), "what gives oneself more costs less"
        assert tables.harms[harsh.index(1)] == pytest.approx(tables.harms[harsh.index(2)])


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_budgets_and_lotteries_are_read_in_the_units_of_the_game(scale: float) -> None:
    plain, scaled = named_game("chicken"), Game(named_game("chicken").payoffs * scale)
    assert ledger_tables(scaled, 0).deterring_budget() == pytest.approx(
        ledger_tables(plain, 0).deterring_budget()
    )
    turns = Game(dilemma(8, 3, 1, 0).payoffs * scale)
    assert ledger_tables(turns, 0).gains_by_lotteries() == pytest.approx([scale, scale])
    efficient = Game(dilemma(5, 3, 1, 0).payoffs * scale)
    assert ledger_tables(efficient, 0).gains_by_lotteries().tolist() == [0, 0]


def test_a_mixed_maxmin_does_not_hang_on_where_payoffs_begin() -> None:
    for shift in (-100.0, 0.0, 100.0):
        game = Game.bimatrix([[4 + shift, shift], [shift, 3 + shift]], [[4, 0], [0, 3]])
        assert ledger_tables(game, 0).maxmin == pytest.approx([3 / 7, 4 / 7])
