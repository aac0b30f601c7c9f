"""The donation game as a ledger mirror sees it where levels are continuous: closed forms against grids and search."""

import math
from typing import Any

import numpy as np
import pytest

from simulation.gradual.graded_games import DonationPayoffs, GradedGame
from simulation.gradual.ledgers.donation import (
    AGREED_LEVELS,
    DonationLedger,
    agreed_levels,
    donation_ledger,
    level_that_harms,
    net_harm,
    other_payoff,
    own_payoff,
    worst_of,
)
from theory import ledger_tables

PLAIN = DonationPayoffs((1.0, 1.0), (1.0, 1.0), 0.0)
UNEQUAL = DonationPayoffs((2.0, 1.0), (1.0, 1.0), 0.0)
COMPLEMENTS = DonationPayoffs((0.5, 0.7), (1.0, 1.4), 0.4)
SUBSTITUTES = DonationPayoffs((2.0, 1.0), (1.0, 1.3), -0.3)
CROWDED = DonationPayoffs((1.0, 1.5), (0.4, 0.3), -1.2)
"""Where the other's giving spoils one's own: beyond some level one gives less for the other's good."""
GAMES = [PLAIN, UNEQUAL, COMPLEMENTS, SUBSTITUTES, CROWDED]
EVERYWHERE = pytest.mark.parametrize(
    "payoffs", GAMES, ids=["plain", "unequal", "complements", "substitutes", "crowded"]
)
NOTIONS = ("nash", "kalai-smorodinsky", "egalitarian", "utilitarian")


def seen(payoffs: DonationPayoffs, role: int, agreement: Any = "nash") -> DonationLedger:
    agreed, reason = agreed_levels(payoffs, agreement, 101)
    assert agreed is not None, reason
    return donation_ledger(payoffs, role, agreed)


@EVERYWHERE
@pytest.mark.parametrize("role", [0, 1])
def test_closed_forms_are_what_tables_on_a_grid_come_to(payoffs: DonationPayoffs, role: int) -> None:
    levels = 201
    game = GradedGame(payoffs, n_players=2, levels=levels)
    tables = ledger_tables(game, role)
    assert tables.security == pytest.approx([0.0, 0.0], abs=1e-9)
    assert tables.maxmin[-1] == 1.0
    assert tables.deterring_budget() == 0.0
    assert tables.agreed is not None
    agreed = tuple(float(game.levels[a]) for a in tables.agreed)
    ledger = donation_ledger(payoffs, role, agreed[::-1] if role else agreed)  # type: ignore[arg-type]
    x, y = game.levels[:, None], game.levels[None, :]
    step = 1.0 / (levels - 1)
    found = np.vectorize(lambda a, b: net_harm(ledger, a, b))(x, y)
    # A grid knows the largest harm, and the ends of payoffs, but for what is between two of its levels.
    assert found * ledger.full_harm == pytest.approx(tables.net_harm * tables.full_harm, abs=1e-9)
    assert ledger.full_harm == pytest.approx(tables.full_harm, abs=step**2 * 10)
    assert own_payoff(ledger, x, y) / ledger.own_range == pytest.approx(
        tables.above_security, abs=step**2 * 10
    )
    gained = (other_payoff(ledger, x, y) - ledger.other_value) / ledger.other_range
    assert gained == pytest.approx(tables.gain_of_other, abs=step**2 * 10)
    assert [worst_of(ledger, level) for level in game.levels] == pytest.approx(tables.worst, abs=step**2 * 10)
    assert ledger.temptation == pytest.approx(tables.temptation, abs=step**2 * 10)
    assert ledger.most_harm == pytest.approx(tables.harms.max(initial=0.0), abs=step**2 * 100)


@EVERYWHERE
@pytest.mark.parametrize("role", [0, 1])
@pytest.mark.parametrize("agreement", [*NOTIONS, (50, 50), (70, 50)])
def test_the_level_that_harms_is_the_cheapest_of_those_that_harm_so_much(
    payoffs: DonationPayoffs, role: int, agreement: Any
) -> None:
    ledger = seen(payoffs, role, agreement)
    levels = np.linspace(0.0, 1.0, 4001)
    harms = np.array([-net_harm(ledger, level, ledger.agreed_other) for level in levels])
    own = own_payoff(ledger, levels, ledger.agreed_other)
    assert ledger.most_harm == pytest.approx(max(0.0, harms.max()), abs=1e-5)
    if ledger.most_harm == 0.0:
        return
    for share in (1e-6, 0.1, 0.5, 0.9, 1.0, 1.5):
        level = level_that_harms(ledger, share * ledger.most_harm)
        assert 0.0 <= level <= 1.0
        harm = min(share, 1.0) * ledger.most_harm
        assert -net_harm(ledger, level, ledger.agreed_other) == pytest.approx(harm, abs=1e-9)
        # No level that harms as much, to what lies between two levels, gets more.
        alike = np.flatnonzero((harms[:-1] - harm) * (harms[1:] - harm) <= 0.0)
        best = own[np.concatenate([alike, alike + 1])].max() if len(alike) else -math.inf
        assert own_payoff(ledger, level, ledger.agreed_other) >= best - 1e-3


def test_levels_that_are_agreed_on_are_those_of_closed_forms() -> None:
    half_a_step = 0.5 / (AGREED_LEVELS - 1)
    assert agreed_levels(PLAIN, "nash", 5) == ((1.0, 1.0), "")
    # x = 1, and (2 y - 1/2) (1 - y^2 / 2) is largest where 3 y^2 - y / 2 - 2 = 0.
    nash, _ = agreed_levels(UNEQUAL, "nash", 5)
    assert nash == (1.0, pytest.approx((0.5 + math.sqrt(24.25)) / 6.0, abs=half_a_step))
    # 2 y - 1/2 = 1 - y^2 / 2 at y = sqrt(7) - 2.
    even, _ = agreed_levels(UNEQUAL, "egalitarian", 5)
    assert even == (1.0, pytest.approx(math.sqrt(7.0) - 2.0, abs=half_a_step))
    assert agreed_levels(UNEQUAL, "utilitarian", 5) == ((1.0, 1.0), "")
    # A given one counts the levels of the game's own grid.
    assert agreed_levels(UNEQUAL, (1, 2), 5) == ((0.75, 0.5), "")
    nothing, reason = agreed_levels(UNEQUAL, (4, 0), 5)
    assert nothing is None
    assert "not more than the security levels" in reason
    with pytest.raises(ValueError, match="an action of agreement"):
        agreed_levels(UNEQUAL, (5, 0), 5)


@EVERYWHERE
def test_the_grid_of_agreements_gives_up_no_more_than_it_says(payoffs: DonationPayoffs) -> None:
    half, k = 0.5 / (AGREED_LEVELS - 1), abs(payoffs.interaction)
    slack = np.array([half * (payoffs.benefit[i] + payoffs.cost[i] + 2.0 * k) for i in range(2)])
    anywhere = payoffs(np.random.default_rng(0).random((2, 200_000)))  # type: ignore[arg-type]
    usable = anywhere[:, (anywhere > slack[:, None]).all(axis=0)] - slack[:, None]
    for notion, compared in (
        ("nash", lambda gains: gains.prod(axis=0)),
        ("egalitarian", lambda gains: gains.min(axis=0)),
        ("utilitarian", lambda gains: gains.sum(axis=0)),
    ):
        levels, _ = agreed_levels(payoffs, notion, 5)  # type: ignore[arg-type]
        assert levels is not None
        gains = payoffs([np.asarray(level) for level in levels])
        assert compared(gains) >= compared(usable).max()


@pytest.mark.parametrize("notion", ["nash", "kalai-smorodinsky"])
@pytest.mark.parametrize("factor", [1e-9, 0.3, 1e9])
def test_the_unit_of_one_player_s_payoffs_changes_nothing(notion: str, factor: float) -> None:
    # Where levels do not interact, benefit and cost of a player are the unit of its payoffs.
    other = DonationPayoffs((2.0 * factor, 1.0), (1.0 * factor, 1.0), 0.0)
    for role in range(2):
        one, two = seen(UNEQUAL, role, notion), seen(other, role, notion)
        assert (one.agreed_own, one.agreed_other) == (two.agreed_own, two.agreed_other)
        for x, y in np.random.default_rng(1).random((20, 2)):
            assert net_harm(one, x, y) == pytest.approx(net_harm(two, x, y), abs=1e-9)
            assert worst_of(one, x) == pytest.approx(worst_of(two, x), abs=1e-9)
            assert level_that_harms(one, y) == pytest.approx(level_that_harms(two, y), abs=1e-9)
        assert (one.full_harm, one.temptation) == pytest.approx((two.full_harm, two.temptation))
