"""Tables of a ledger mirror: closed forms, exact rationals, and what must not change them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.theory.repeated.ledger_by_definition import Defined, spread_of
from theory import Game, LedgerTables, ledger_tables, named_game, security_levels
from theory.repeated.ledger import Agreement


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


@settings(max_examples=examples(40))
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
        levels = security_levels(game).tolist()
        assert tables.reason == f"no outcome gives both players more than their security levels {levels}"
        assert not tables.net_harm.any()
        assert tables.gains_by_lotteries().tolist() == [0.0, 0.0]
        own = game.payoffs[player] if player == 0 else game.payoffs[player].T
        assert (tables.maxmin @ own).min() == pytest.approx(security_levels(game)[player], abs=1e-9)
        assert tables.deterring_budget() == 0.0


def test_a_given_outcome_that_pays_too_little_is_no_agreement() -> None:
    game = dilemma(5, 3, 1, 0)
    assert ledger_tables(game, 0, agreement=(0, 0)).agreed == (0, 0)
    assert ledger_tables(game, 0, agreement=(0, 1)).reason == (
        "the given outcome pays [0.0, 5.0], which is not more than the security levels [1.0, 1.0]"
    )
    with pytest.raises(ValueError, match="an action of agreement must"):
        ledger_tables(game, 0, agreement=(0, 2))


def drawn(seed: int, number: int) -> Iterator[np.ndarray]:
    """Yield whole payoffs of games of several sizes, many of them alike."""
    random = np.random.default_rng(seed)
    for k in range(number):
        size = [(2, 2), (3, 3), (2, 3), (3, 2), (3, 4)][k % 5]
        yield random.integers(0, [3, 5, 9, 30][k % 4], (2, *size))


def assert_as_defined(
    tables: LedgerTables, defined: Defined, units: list[float], origins: list[float]
) -> None:
    """Compare with what is defined of whole payoffs, which the game has in `units` and from `origins` on."""

    def near(found: Any, wanted: Any) -> None:
        np.testing.assert_allclose(np.asarray(found), np.array(wanted, dtype=float), rtol=1e-6, atol=1e-7)

    def table(of_place: Callable[[int, int], Fraction]) -> list[list[float]]:
        return [[float(of_place(x, y)) for y in range(defined.m)] for x in range(defined.n)]

    own_spread, other_spread = spread_of(defined.own), spread_of(defined.other)
    assert tables.agreed == defined.agreed
    assert (tables.reason == "") == (defined.agreed is not None)
    near((tables.security - origins) / units, defined.levels)
    near((tables.agreed_payoffs - origins) / units, defined.values)
    near(tables.net_harm, table(defined.net_harm))
    near(tables.above_security, table(lambda x, y: (defined.own[x][y] - defined.levels[0]) / own_spread))
    near(tables.gain_of_other, table(lambda x, y: (defined.other[x][y] - defined.values[1]) / other_spread))
    near(tables.worst, [(min(row) - defined.levels[0]) / own_spread for row in defined.own])
    harsh = [defined.harsh(int(x)) for x in tables.punishments]
    assert sorted(tables.punishments) == [x for x in range(defined.n) if defined.harsh(x) > 0]
    keys = [(defined.harsh(int(x)), defined.cost(int(x))) for x in tables.punishments]
    assert keys == sorted(keys)
    near(tables.harms, harsh)
    near(
        [tables.temptation, tables.full_harm, tables.first_order],
        [defined.temptation, defined.full_harm, defined.first_order],
    )
    assert tables.minmax in defined.minmax
    assert tables.is_security_pure == bool(defined.pure_maxmin)
    if defined.pure_maxmin:
        assert tables.maxmin.tolist() in np.eye(defined.n)[sorted(defined.pure_maxmin)].tolist()
    mixture = [Fraction(float(p)).limit_denominator(5000) for p in tables.maxmin]
    secured = min(
        sum(p * row[y] for p, row in zip(mixture, defined.own, strict=True)) for y in range(defined.m)
    )
    assert (sum(mixture), secured) == (1, defined.levels[0])
    losses = defined.deterring(mixture, tables.minmax, Fraction(9, 10))
    assert any(tables.deterring_budget(discount=0.9) == pytest.approx(float(loss)) for loss in losses)


@pytest.mark.parametrize(
    ("agreement", "number"),
    [("nash", 120), ("kalai-smorodinsky", 60), ("egalitarian", 60), ("utilitarian", 60)],
)
def test_tables_are_those_of_their_definitions_in_exact_rationals(agreement: Agreement, number: int) -> None:
    random = np.random.default_rng(8)
    for payoffs in drawn(6, number):
        player = int(random.integers(2))
        # The egalitarian and the utilitarian compare payoffs of both, so that these have one unit.
        powers = (
            random.integers(-9, 10, 2) * np.array([1, 1])
            if agreement in ("nash", "kalai-smorodinsky")
            else [3, 3]
        )
        units, origins = 10.0 ** np.array(powers), random.integers(-5, 6, 2) * 10.0 ** np.array(powers)
        game = Game(payoffs * units[:, None, None] + origins[:, None, None])
        tables, seat = ledger_tables(game, player, agreement=agreement), [player, 1 - player]
        defined = Defined(payoffs, player, agreement)
        assert_as_defined(tables, defined, units[seat].tolist(), origins[seat].tolist())


def test_of_a_given_outcome_the_tables_are_those_of_their_definitions() -> None:
    random = np.random.default_rng(9)
    for payoffs in drawn(7, 40):
        given = (int(random.integers(payoffs.shape[1])), int(random.integers(payoffs.shape[2])))
        tables = ledger_tables(Game(payoffs.astype(float)), 1, agreement=given)
        assert_as_defined(tables, Defined(payoffs, 1, given), [1.0, 1.0], [0.0, 0.0])


@settings(max_examples=examples(40))
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


@settings(max_examples=examples(40))
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


@settings(max_examples=examples(30))
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
    for wrong in (0.0, 1.0):
        with pytest.raises(ValueError, match=rf"discount must lie in \(0, 1\), got {wrong}"):
            ledger_tables(game, 0).deterring_budget(discount=wrong)
    for wrong in (-0.5, 1.5):
        with pytest.raises(ValueError, match=f"discount must .*, got {wrong}"):
            ledger_tables(game, 0).deterring_budget(discount=wrong)


@pytest.mark.parametrize("order", [[0, 1, 2], [0, 2, 1]])
def test_a_bully_is_deterred_whichever_of_its_best_replies_costs_most(order: list[int]) -> None:
    # The columns D1 and D2 get 4 against C; against D they cost 1 and 1/2 of three, and leave the bully 1 and 1/2.
    own, other = np.array([[3, 2, 2], [4, 1, 1.5]]), np.array([[3, 4, 4], [2, 1, 0.5]])
    tables = ledger_tables(Game.bimatrix(own[:, order], other[:, order]), 0)
    rounds = next(k for k in range(1000) if 0.9**k * (4 - 1) <= 3 - 1)
    assert tables.deterring_budget(discount=0.9) == pytest.approx(rounds / 3)


def test_as_many_rounds_of_resisting_as_are_just_enough_deter() -> None:
    # T - P = 100, R - P = 81 and discount .9: after two rounds .81 * 100 is no more than 81.
    game = dilemma(100, 81, 0, 10)
    assert ledger_tables(game, 0).deterring_budget(discount=0.9) == pytest.approx(2 * 10 / 100)


def test_what_is_more_than_a_billionth_of_the_range_counts() -> None:
    # Gains of millionths of the range: by the product (2, 1) is best, by shares of the ideal 2 and 4 (1.3, 1.4) is.
    own, other = np.zeros((5, 5)), np.zeros((5, 5))
    for k, (mine, yours) in enumerate([(1.3, 1.4), (2, 1), (0.1, 4), (1e6, -1e6), (-1e6, 1e6)]):
        own[k, k], other[k, k] = 1e-6 * mine, 1e-6 * yours
    game = Game.bimatrix(own, other)
    assert security_levels(game).tolist() == [0, 0]
    assert ledger_tables(game, 0).agreed == (1, 1)
    assert ledger_tables(game, 0, agreement="kalai-smorodinsky").agreed == (0, 0)
    # A cent of a hundred thousand is a harm, a temptation and a loss.
    small = dilemma(3 + 3e-5, 3, 1, 1 - 3e-5)
    tables = ledger_tables(small, 0)
    assert tables.punishments.tolist() == [1]
    assert tables.temptation > 0.0
    assert tables.full_harm > 0.0
    assert tables.maxmin.tolist() == [0, 1]
    assert ledger_tables(dilemma(2 + 3e-5, 2, 1, 1 + 3e-5), 0).deterring_budget(discount=0.5) > 0.0


def test_payoffs_for_inner_use_are_not_shown() -> None:
    shown = repr(ledger_tables(dilemma(5, 3, 1, 0), 0))
    assert shown.startswith("LedgerTables(agreed=(0, 0), reason=''")
    assert " _payoffs=" not in shown


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


@pytest.mark.parametrize(
    ("agreement", "gains"),
    [
        (
            "nash",
            [(6, 2), (3, 4), (0.5, 8)],
        ),  # products 12, 12, 4; of the ideal 6 and 8 at least 1/4, 1/2, 1/12
        ("kalai-smorodinsky", [(4, 6), (4, 10), (8, 0.1)]),  # shares 1/2 and .6, 1/2 and 1, 1 and .01
        ("egalitarian", [(2, 3), (2, 5), (1, 9)]),
        ("utilitarian", [(1, 9), (4, 6), (9, 0.5)]),
    ],
)
def test_of_outcomes_that_are_alike_in_what_counts_first_the_second_decides(
    agreement: Agreement, gains: list[tuple[float, float]]
) -> None:
    own, other = np.zeros((4, 4)), np.zeros((4, 4))
    for k, (mine, yours) in enumerate(gains):
        own[k, k], other[k, k] = mine, yours
    game = Game.bimatrix(own, other)
    assert security_levels(game).tolist() == [0, 0]
    assert ledger_tables(game, 0, agreement=agreement).agreed == (1, 1)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_of_equally_harsh_punishments_the_cheaper_stands_first(scale: float) -> None:
    # v = (5, 5), security 4 each: a harm is u_2 - u_1 in these units. Rows 1 and 2 harm a cooperator alike.
    own = np.array([[5.0, 3.0], [5.5, 4.0], [5.25, 4.0], [4.0, 4.0]])
    other = np.array([[5.0, 5.25], [4.0, 4.0], [3.75, 4.0], [4.0, 4.0]])
    for order in ([0, 1, 2, 3], [0, 2, 1, 3], [3, 2, 1, 0]):
        tables = ledger_tables(Game.bimatrix(scale * own[order], other[order]), 0)
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
    turns = Game(dilemma(8, 3, 1, 0).payoffs * np.array([scale, 1.0])[:, None, None])
    assert ledger_tables(turns, 0).gains_by_lotteries() == pytest.approx([scale, 1.0])
    efficient = Game(dilemma(5, 3, 1, 0).payoffs * scale)
    assert ledger_tables(efficient, 0).gains_by_lotteries().tolist() == [0, 0]


def test_a_mixed_maxmin_does_not_hang_on_where_payoffs_begin() -> None:
    for shift in (-100.0, 0.0, 100.0):
        game = Game.bimatrix([[4 + shift, shift], [shift, 3 + shift]], [[4, 0], [0, 3]])
        assert ledger_tables(game, 0).maxmin == pytest.approx([3 / 7, 4 / 7])
