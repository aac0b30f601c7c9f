"""Gradual Tit-for-Tat as a player: its setting, the bounds of its tunables, its budget in a game."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from simulation import GradualPlayer
from simulation.gradual.players.gradual_tit_for_tat import ledger_numbers
from theory import Game, ledger_tables, named_game


def test_the_setting_for_all_games_is_the_one_that_pages_were_measured_with() -> None:
    assert GradualPlayer() == GradualPlayer(
        agreement="nash", credit=1.05, severity=0.5, offer_probability=1.0, offer_decay=0.25, calm=0.2,
        loss_budget=None, patience=0.99, margin=1.5, account_cap=5.0, most_claimed=3.0, trust=1.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "wrong", "message"),
    [
        *((name, -0.1, f"{name} must") for name in ("offer_probability", "offer_decay", "trust", "credit", "calm")),
        *((name, -0.1, f"{name} must") for name in ("margin", "account_cap", "most_claimed", "loss_budget")),
        *((name, 1.5, f"{name} must") for name in ("offer_probability", "offer_decay", "trust")),
        *(("severity", value, "severity must") for value in (-0.1, 1.5)),
        ("severity", 0.0, r"severity must lie in \(0, 1\], got 0.0"),
        *(("patience", value, "patience must") for value in (-0.1, 1.5)),
        *(("patience", value, rf"patience must lie in \(0, 1\), got {value}") for value in (0.0, 1.0)),
        ("credit", math.inf, "credit must be finite, got inf"),
        ("credit", "1", "credit must be one number, got '1'"),
        *(("agreement", value, "agreement must be one of nash,") for value in ((0,), (0, 0, 0), 3)),
        ("agreement", "fair", "known: nash, kalai-smorodinsky, egalitarian, utilitarian"),
        ("agreement", (0, 2**31), "an action of agreement must"),
    ],
)  # fmt: skip
def test_tunables_out_of_their_bounds_are_refused(name: str, wrong: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        GradualPlayer(**{name: wrong})


def test_the_bounds_themselves_are_accepted_and_numbers_are_kept_as_such() -> None:
    least = dict.fromkeys(
        ("offer_probability", "offer_decay", "trust", "credit", "calm", "margin", "account_cap", "most_claimed"), 0
    )  # fmt: skip
    player = GradualPlayer(**least, loss_budget=np.float64(0), severity=1)
    assert all(type(getattr(player, name)) is float for name in (*least, "loss_budget", "severity"))
    assert GradualPlayer(agreement=(2, 2**31 - 1)).agreement == (2, 2**31 - 1)


def test_a_budget_that_is_not_given_is_what_deters_times_the_margin_and_three_ranges_at_least() -> None:
    chicken = named_game("chicken")
    tables = ledger_tables(chicken, 0)
    for patience in (0.99, 0.995):
        deterring = tables.deterring_budget(discount=patience)
        assert deterring > 3.0
        assert GradualPlayer(patience=patience, margin=2.0).loss_budget_in(tables) == 2.0 * deterring
    assert GradualPlayer(margin=0.1).loss_budget_in(tables) == 3.0
    assert GradualPlayer(margin=0.1, loss_budget=0.25).loss_budget_in(tables) == 0.25
    for role in (0, 1):
        assert GradualPlayer().loss_budget_in(ledger_tables(named_game("prisoners-dilemma"), role)) == 3.0


def test_it_agrees_on_what_its_notion_of_fairness_says() -> None:
    # Gains (4, 1), (2, 2.1), (6, .5): products 4, 4.2, 3; sums 5, 4.1, 6.5.
    own, other = np.zeros((4, 4)), np.zeros((4, 4))
    for k, (mine, yours) in enumerate([(4, 1), (2, 2.1), (6, 0.5)]):
        own[k, k], other[k, k] = mine, yours
    game = Game.bimatrix(own, other)
    for agreement, action in (("nash", 1), ("utilitarian", 2), ((0, 0), 0)):
        player = GradualPlayer(agreement=agreement)  # type: ignore[arg-type]
        for role in (0, 1):
            tables = player.tables(game, role)
            assert tables.agreed == (action, action)
            assert player.numbers_in(tables) == ledger_numbers(
                player, tables.agreed, budget=player.loss_budget_in(tables), temptation=tables.temptation,
                punishments=len(tables.punishments),
            )  # fmt: skip


def test_where_nothing_is_agreed_its_numbers_say_so() -> None:
    deadlock = Game.bimatrix([[2, 0], [5, 3]], [[2, 5], [0, 3]])
    player = GradualPlayer()
    found = player.numbers_in(player.tables(deadlock, 0))
    assert (found.agreed_own, found.agreed_other, found.punishments) == (-1.0, -1.0, 0.0)
