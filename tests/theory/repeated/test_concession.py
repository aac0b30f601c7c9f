"""What may be conceded: by hand, and by going through all outcomes of random games."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from theory import Game, ledger_tables, named_game
from theory.repeated.concession import concessions_in
from theory.repeated.ledger import Agreement

NOTIONS: tuple[Agreement, ...] = ("nash", "kalai-smorodinsky", "egalitarian", "utilitarian")


def donation(benefits: tuple[int, int], levels: int) -> tuple[Game, list[Fraction]]:
    """Return b_i x_j - x_i^2 / 2 on equally spaced levels, from 1 down to 0, and the levels."""
    at = [Fraction(levels - 1 - k, levels - 1) for k in range(levels)]
    own = [[benefits[0] * y - x * x / 2 for y in at] for x in at]
    other = [[benefits[1] * x - y * y / 2 for y in at] for x in at]
    return Game(np.array([own, other], dtype=float)), at


def test_who_asks_for_everything_may_ask_for_less_and_who_gives_half_may_give_more() -> None:
    # Player 1 by the sum gets 2.5, by equal gains (1, 1/2) 1: it keeps 3 y - 1/2 of at most 2.125 and 1.75.
    # Player 2 by equal gains keeps 7/8, by the sum 1/2: it keeps 1 - y^2 / 2 of at most .78125 and .6875.
    game, at = donation((3, 1), 21)
    asks = concessions_in(game, 0, agreement="utilitarian", notions=NOTIONS, shares=(0.25, 0.5))
    assert [at[one.outcome[1]] for one in asks] == [Fraction(17, 20), Fraction(3, 4)]
    assert [one.outcome[0] for one in asks] == [0, 0]
    assert [one.price for one in asks] == pytest.approx([0.45 / 3.5, 0.75 / 3.5])
    gives = concessions_in(game, 1, agreement="egalitarian", notions=NOTIONS, shares=(0.25, 0.5))
    assert [at[one.outcome[1]] for one in gives] == [Fraction(7, 10), Fraction(4, 5)]
    assert gives[1].price == pytest.approx((0.8**2 - 0.5**2) / 2 / 1.5)
    assert not concessions_in(game, 0, agreement="egalitarian", notions=NOTIONS, shares=(0.5, 1.0))
    assert not concessions_in(game, 1, agreement="utilitarian", notions=NOTIONS, shares=(0.5, 1.0))


def divided(rng: np.random.Generator) -> Game:
    """Return a game in which three actions of each share a gain in nine ways, and the fourth refuses to."""
    payoffs, angles = np.zeros((2, 4, 4)), rng.uniform(0.0, np.pi / 2.0, size=(3, 3))
    payoffs[0, :3, :3], payoffs[1, :3, :3] = np.rint(20.0 * np.cos(angles)), np.rint(12.0 * np.sin(angles))
    return Game(payoffs)


@pytest.mark.parametrize("player", [0, 1])
@pytest.mark.parametrize("share", [0.5, 1.0])
def test_it_is_the_efficient_outcome_that_concedes_just_enough(player: int, share: float) -> None:
    rng, found = np.random.default_rng(3), 0
    for _ in range(40):
        game = divided(rng)
        tables = [ledger_tables(game, player, agreement=notion) for notion in NOTIONS]
        kept = concessions_in(game, player, agreement="nash", notions=NOTIONS, shares=(share,))
        mine, theirs = tables[0].agreed_payoffs
        least = min(table.agreed_payoffs[0] for table in tables)
        shared = list(zip(game.payoffs[player].ravel(), game.payoffs[1 - player].ravel(), strict=True))
        wanted = [
            (u, w)
            for u, w in shared
            if u >= least - 1e-7
            and w > theirs + 1e-7
            and min(u, w) > 1e-7
            and not any((v > u and x >= w) or (v >= u and x > w) for v, x in shared)
        ]
        if least >= mine - 1e-7 or not wanted:
            assert not kept
            continue
        found += 1
        best = max((one for one in wanted if one[0] <= mine - share * (mine - least)), default=min(wanted))
        assert len(kept) == 1
        assert (game.payoffs[player][kept[0].outcome], game.payoffs[1 - player][kept[0].outcome]) == best
        assert kept[0].price == pytest.approx((mine - best[0]) / np.ptp(game.payoffs[player]))
    assert found > 5


@pytest.mark.parametrize("benefits", [(3, 1), (2, 1), (1, 4)])
def test_two_who_both_concede_half_want_no_more_than_there_is(benefits: tuple[int, int]) -> None:
    game, _ = donation(benefits, 21)
    wanted = np.empty((2, len(NOTIONS)))
    for player, (k, notion) in product((0, 1), enumerate(NOTIONS)):
        conceded = concessions_in(game, player, agreement=notion, notions=NOTIONS, shares=(0.5,))
        outcome = conceded[-1].outcome if conceded else ledger_tables(game, 0, agreement=notion).agreed
        wanted[player, k] = game.payoffs[player][outcome]
    for one, two in product(wanted[0], wanted[1]):
        assert ((game.payoffs[0] >= one - 1e-9) & (game.payoffs[1] >= two - 1e-9)).any(), (one, two)


def test_where_all_notions_agree_or_nothing_is_agreed_there_is_nothing_to_concede() -> None:
    for name in ("prisoners-dilemma", "chicken", "stag-hunt"):
        for player in (0, 1):
            assert not concessions_in(
                named_game(name), player, agreement="nash", notions=NOTIONS, shares=(0.5, 1.0)
            )
    deadlock = Game.bimatrix([[2, 0], [5, 3]], [[2, 5], [0, 3]])
    assert not concessions_in(deadlock, 0, agreement="nash", notions=NOTIONS, shares=(0.5,))
    game, _ = donation((3, 1), 5)
    assert not concessions_in(game, 0, agreement="utilitarian", notions=(), shares=(0.5,))


@pytest.mark.parametrize(
    ("asks", "gives", "can_gain"),
    [
        ("utilitarian", "egalitarian", False),
        ("nash", "kalai-smorodinsky", False),
        ("egalitarian", "utilitarian", True),
        ("nash", "nash", True),
    ],
)
def test_two_ledgers_balance_where_somebody_gains_only_if_one_asks_no_more_than_the_other_gives(
    asks: Agreement, gives: Agreement, can_gain: bool
) -> None:
    # Theorem K of docs/ledger.md: over all lotteries that leave neither ledger a claim, the largest sum of gains.
    game, _ = donation((3, 1), 21)
    first, second = ledger_tables(game, 0, agreement=asks), ledger_tables(game, 1, agreement=gives)
    harms = np.stack([first.net_harm.ravel(), second.net_harm.T.ravel()])
    gains = game.payoffs.reshape(2, -1) - first.security[:, None]
    n = gains.shape[1]
    best = linprog(-gains.sum(axis=0), A_ub=harms, b_ub=np.zeros(2), A_eq=np.ones((1, n)), b_eq=[1.0])
    assert best.status == 0
    assert (-best.fun > 0.1) == can_gain
    assert can_gain or -best.fun < 1e-9
