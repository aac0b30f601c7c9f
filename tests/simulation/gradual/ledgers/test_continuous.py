"""Gradual Tit-for-Tat with continuous levels: against grids, in other units, against everybody, with itself."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.gradual.continuous import ContinuousMirror, play_continuous_duels
from simulation.gradual.duels import play_duels
from simulation.gradual.graded_games import DonationPayoffs, graded_donation_game
from simulation.gradual.ledgers.continuous import ledger_level, settle_levels
from simulation.gradual.ledgers.donation import agreed_levels, donation_ledger, net_harm
from simulation.gradual.ledgers.rule import LedgerBook, begin
from simulation.gradual.players import (
    FixedCooperativeness,
    FixedLevel,
    GradualPlayer,
    TitForTat,
)
from simulation.gradual.players.gradual_tit_for_tat import ledger_numbers
from tests.examples import examples

LEDGER = GradualPlayer()
UNEQUAL = {"benefit": (2.0, 1.0), "cost": (1.0, 1.3), "interaction": -0.2}


@pytest.mark.parametrize(
    "opponent",
    [
        FixedLevel(cooperation=0.0),
        FixedLevel(cooperation=0.6),
        FixedCooperativeness(beta=0.4),
        TitForTat(),
        GradualPlayer(credit=0.2, offer_probability=0.0),
    ],
)
@pytest.mark.parametrize("terms", [{}, {"interaction": 0.2}])
def test_grids_of_levels_come_near_the_continuum(opponent, terms) -> None:  # type: ignore[no-untyped-def]
    errors, quiet = [], GradualPlayer(offer_probability=0.0)  # offers depend on draws, which are others
    limit = play_continuous_duels(
        quiet, opponent, game=graded_donation_game(**terms), rounds=200, start=(1.0, 0.0)
    )
    for levels in (21, 101, 401):
        game = graded_donation_game(levels=levels, **terms)
        data = play_duels(quiet, opponent, game=game, rounds=200, start=(0, levels - 1))
        errors.append(np.abs(data["mean_payoff"].values - limit["mean_payoff"].values).max())
    assert errors[-1] < 0.002, errors


def test_with_slips_a_fine_grid_and_the_continuum_get_the_same() -> None:
    terms: Any = {"rounds": 500, "runs": 60, "noise": 0.05, "seed": 3}
    limit = play_continuous_duels(LEDGER, LEDGER, **terms)["mean_payoff"].values.ravel()
    grid = play_duels(LEDGER, LEDGER, game=graded_donation_game(), **terms)["mean_payoff"].values.ravel()
    error = np.hypot(limit.std(), grid.std()) / len(grid) ** 0.5
    assert abs(limit.mean() - grid.mean()) < 4.0 * error


@given(
    levels=st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 0.999)), min_size=1, max_size=120),
    budget=st.sampled_from([0.0, 0.2, 1.0]),
    interaction=st.sampled_from([-1.5, -0.3, 0.0, 0.5]),
    role=st.integers(0, 1),
    credit=st.sampled_from([0.0, 1.05, 5.0]),
)
@settings(max_examples=examples(60))
def test_no_sequence_of_levels_costs_more_than_the_budget(levels, budget, interaction, role, credit) -> None:  # type: ignore[no-untyped-def]
    payoffs = DonationPayoffs((1.0, 0.8), (1.0, 0.5), interaction)
    agreed, _ = agreed_levels(payoffs, "nash", 101)
    game = donation_ledger(payoffs, role, agreed)
    own = ledger_numbers(
        GradualPlayer(credit=credit), None if agreed is None else (agreed[role], agreed[1 - role]),
        budget=budget, temptation=game.temptation, punishments=0,
    )  # fmt: skip
    book = LedgerBook(*(np.zeros(1) for _ in LedgerBook._fields))
    begin(own, book)
    total, low = 0.0, 0.0
    for other, draw in levels:
        # Now and then the opponent does what hurts most: it gives nothing as long as that is so.
        other = 0.0 if other < 0.5 and interaction >= 0.0 else other
        mine = ledger_level(own, game, book, draw)
        both = (mine, other) if role == 0 else (other, mine)
        total += float(payoffs([np.asarray(level) for level in both])[role]) / game.own_range
        low = min(low, total)
        settle_levels(own, game, book, mine, other)
    assert low >= -budget - 1e-6


def test_a_continuous_defector_takes_no_more_than_the_budget() -> None:
    for player, budget in ((LEDGER, 3.0), (GradualPlayer(loss_budget=0.4), 0.4)):
        for defector in (FixedLevel(cooperation=0.0), FixedCooperativeness(beta=0.0)):
            data = play_continuous_duels(player, defector, rounds=5000)
            lost = -data["payoff"].values[0, :, 0].cumsum() / 1.5
            assert 0.3 < lost.max() <= budget + 1e-6
            assert data["level"].values[0, 200:, 0].max() == 0.0 or lost[-1] <= budget


def test_other_units_of_one_player_s_payoffs_change_no_level() -> None:
    game = {"benefit": (2.0, 1.0), "cost": (1.0, 0.8)}
    plain = play_continuous_duels(
        LEDGER, GradualPlayer(credit=0.1), game=graded_donation_game(**game), rounds=200, noise=0.1, seed=4
    )
    for factor in (1e-9, 0.3, 1e9):
        scaled = {key: (one * factor, two) for key, (one, two) in game.items()}
        data = play_continuous_duels(
            LEDGER,
            GradualPlayer(credit=0.1),
            game=graded_donation_game(**scaled),
            rounds=200,
            noise=0.1,
            seed=4,
        )
        assert data["level"].values == pytest.approx(plain["level"].values, abs=1e-6)


@pytest.mark.parametrize("terms", [{}, UNEQUAL, {"benefit": 0.5, "interaction": 0.4}])
def test_two_come_to_the_agreed_play_from_any_start(terms) -> None:  # type: ignore[no-untyped-def]
    game = graded_donation_game(**terms)
    agreed, _ = agreed_levels(game.payoffs_of_levels, "nash", 101)  # type: ignore[arg-type]
    for start in [(a, b) for a in (0.0, 0.3, 0.7, 1.0) for b in (0.0, 0.3, 0.7, 1.0)]:
        level = play_continuous_duels(LEDGER, LEDGER, game=game, rounds=40, start=start)["level"].values[0]
        near = np.abs(level - np.asarray(agreed)).max(axis=1) <= 0.01
        assert near[12:].all(), start


def test_a_claim_is_answered_by_half_of_it_and_an_agreement_may_be_given() -> None:
    player = GradualPlayer(credit=0.0, agreement=(20, 40))
    data = play_continuous_duels(player, FixedLevel(cooperation=0.5), rounds=2)
    ledger = donation_ledger(DonationPayoffs((1.0, 1.0), (1.0, 1.0), 0.0), 0, (0.8, 0.6))
    first, second = data["level"].values[0, :, 0]
    assert first == 0.8
    owed = net_harm(ledger, 0.8, 0.5)
    assert -net_harm(ledger, second, 0.6) == pytest.approx(owed / 2.0)
    assert data["alpha"].values[0, 1, 0] == pytest.approx(1.0 - owed / 2.0 / ledger.most_harm)
    assert data["estimate"].values[0, 0, 0] == pytest.approx(1.0 - owed)


def test_nothing_is_agreed_where_a_given_outcome_gains_nothing() -> None:
    player = GradualPlayer(agreement=(0, 100))
    data = play_continuous_duels(player, FixedLevel(cooperation=1.0), rounds=5, start=(1.0, 0.0))
    assert data["level"].values[0, :, 0].tolist() == [0.0] * 5
    assert data["alpha"].values[0, 0, 0] == 0.0


def test_python_and_compiled_law_agree_bit_for_bit_and_runs_are_their_own() -> None:
    terms: Any = {"game": graded_donation_game(**UNEQUAL), "rounds": 60, "noise": 0.2, "seed": 3}
    for other in (GradualPlayer(trust=0.0), ContinuousMirror(), FixedLevel(cooperation=0.3)):
        fast = play_continuous_duels(GradualPlayer(credit=0.1), other, runs=2, start=(0.2, 0.9), **terms)
        slow = play_continuous_duels(
            GradualPlayer(credit=0.1), other, runs=2, start=(0.2, 0.9), compile_law=False, **terms
        )
        assert fast.identical(slow)
        one = play_continuous_duels(GradualPlayer(credit=0.1), other, start=(0.2, 0.9), **terms)
        assert fast.isel(run=slice(1)).identical(one)


def test_a_start_is_answered_and_counts_for_nothing() -> None:
    data = play_continuous_duels(TitForTat(), FixedLevel(cooperation=0.2), rounds=2, start=(0.9, 0.4))
    assert data["level"].values[0].tolist() == [[0.4, 0.2], [0.2, 0.2]]
    robbed = play_continuous_duels(
        ContinuousMirror(), FixedCooperativeness(beta=0.0), rounds=1, start=(1.0, 0.0)
    )
    fresh = play_continuous_duels(ContinuousMirror(), FixedCooperativeness(beta=0.0), rounds=1)
    assert float(robbed["alpha"][0, 0, 0]) < float(fresh["alpha"][0, 0, 0]) - 0.2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"start": 0.5}, "start must be a level of each player, got 0.5"),
        ({"start": (0.5, 0.5, 0.5)}, "start must be a level of each player"),
        ({"start": (0.5, 1.5)}, r"start of player 2 must lie in \[0, 1\], got 1.5"),
        ({"first": GradualPlayer(agreement=(0, 101))}, "an action of agreement"),
    ],
)
def test_errors_state_the_rule_and_the_value(arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        play_continuous_duels(**({"first": LEDGER, "second": LEDGER} | arguments))
