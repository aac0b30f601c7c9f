"""Whom a planner helps for good: arms that can differ, the same start for all, and what each of them shows."""

import json
from dataclasses import replace

import numpy as np
import pytest

from scenarios.planner.planner_handover import (
    CLOSED_FORM,
    DEFAULT,
    INFORMED,
    LEARNED,
    LEAST_HELP,
    NOBODY,
    NONE,
    PAID,
    PLAYERS,
    PRIORS,
    SCENARIO,
    WARY,
    Arm,
    Cell,
    Parameters,
    arms,
    build,
    is_certain,
)
from simulation import simulate_handover

pytestmark = pytest.mark.slow  # its laws compile for half a minute

SHORT = Parameters(
    runs=6,
    episodes=400,
    later=600,
    planned_rounds=(0, 1, 20),
    slips=(0.0, 0.02),
    games=("prisoners-dilemma",),
)
GAME = "prisoners-dilemma"


@pytest.fixture(scope="module")
def result():
    return SCENARIO.run(SHORT)


def cell(result, players, prior, planner, planned, slips, information=INFORMED):
    wanted = {"players": players, "prior": prior, "planner": planner, "planned": planned, "slips": slips}
    found = [c for c in result.cells if all(c[key] == value for key, value in wanted.items())]
    (one,) = found if len(found) == 1 else [c for c in found if c["information"] == information]
    return one


def test_every_arm_is_played_measured_and_judged(result):
    keys = {
        (c["players"], c["prior"], c["slips"], *Arm(c["planner"], c["information"], c["planned"]))
        for c in result.cells
    }
    assert keys == {
        (players, prior, slips, *arm)
        for players in PLAYERS
        for prior in PRIORS
        for slips in SHORT.slips
        for arm in arms(SHORT, players)
    }
    assert len(result.verdicts) == len(result.cells) == len(keys)
    assert all(sum(v["labels"].values()) == v["runs"] for v in result.verdicts)
    assert result.complete
    json.dumps(result.to_dict())


def test_runs_that_cannot_differ_are_one(result):
    """Whatever the seed: where nobody draws anything, runs are the same."""
    for players in PLAYERS:
        for arm in (NOBODY, Arm(CLOSED_FORM, PLAYERS[players].information[0], 20)):
            options = build(SHORT, Cell(GAME, players, WARY), arm)
            actions = [
                simulate_handover(options, runs=1, seed=seed, burn_in=0)["action"].values
                for seed in (1, 2, 3)
            ]
            alike = all(np.array_equal(actions[0], other) for other in actions[1:])
            assert not is_certain(Cell(GAME, players, WARY), arm, 0.0) or alike
    assert {c["runs"] for c in result.cells if c["players"] == "Tit-for-Tat" and c["slips"] == 0.0} == {1, 6}
    assert {c["runs"] for c in result.cells if c["slips"] > 0.0} == {6}


def test_who_cannot_notice_pay_is_not_counted_as_paid():
    for players, kind in PLAYERS.items():
        if PAID in kind.information:
            continue
        paid, unpaid = (
            simulate_handover(
                build(SHORT, Cell(GAME, players, WARY), Arm(planner, PAID, planned), 0.1, 60 - planned),
                runs=2,
                seed=4,
                burn_in=0,
            )
            for planner, planned in ((CLOSED_FORM, 30), (NONE, 0))
        )
        assert np.array_equal(paid["action"].values, unpaid["action"].values), players
        assert (paid["additional_reward"].values[:, :30] != 0.0).any()


def test_what_a_round_of_the_closed_form_does_to_those_who_expect_defection(result):
    for players in ("Tit-for-Tat", "contrite", "literal mirrors"):
        found = cell(result, players, WARY, CLOSED_FORM, 20, 0.0)
        assert (found["without"], found["mean"], found["helps"]) == (0.0, 1.0, True)
        assert found["difference_interval"] == [1.0, 1.0]
    found = cell(result, "ledger mirrors", WARY, NONE, 0, 0.0)
    assert found["mean"] == 1.0
    assert not any(c["helps"] for c in result.cells if c["players"] == "ledger mirrors")
    assert cell(result, "Tit-for-Tat", WARY, CLOSED_FORM, 1, 0.02)["mean"] < 0.6


def test_without_mistrust_and_slips_rules_on_actions_cooperate_by_themselves(result):
    for players in PLAYERS:
        if PLAYERS[players].information != (PAID,):
            assert cell(result, players, DEFAULT, NONE, 0, 0.0)["mean"] == 1.0


def test_help_is_what_the_interval_promises(result):
    compared = [c for c in result.cells if c["planner"] != NONE]
    assert all(c["helps"] == (c["difference_interval"][0] >= LEAST_HELP) for c in compared)
    assert all(c["difference_to_none"] == pytest.approx(c["mean"] - c["without"]) for c in compared)
    looked_at = [c for c in compared if c["later"] is not None]
    assert looked_at
    assert all(c["helps"] for c in looked_at)


def test_learners_are_only_paid_and_start_alike():
    for prior, p in ((DEFAULT, 0.5), (WARY, 0.05)):
        options = build(SHORT, Cell(GAME, "learners", prior), Arm(LEARNED, PAID, 20))
        assert options.player.initial_cooperation == p
        assert options.defected_before == (prior == WARY)
    assert {arm.information for arm in arms(SHORT, "memory-one")} == {PAID}


def test_finding_tables_and_pictures(result):
    assert result.finding.startswith(
        "Prisoner's Dilemma: ledger mirrors need no planner (P(C,C) without one 0.9"
    )
    assert "Tit-for-Tat (from 1 round on; slips 0)" in result.finding
    assert len(result.tables) == 4
    assert [picture.name for picture in result.pictures] == [
        f"{GAME}-handover",
        f"{GAME}-handover-differences",
    ]
    for picture in result.pictures:
        assert picture.draw().axes


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"planned_rounds": (1, 2)}, r"planned_rounds must ascend from 0, got \(1, 2\)"),
        ({"planned_rounds": (0, 5, 5)}, "planned_rounds must ascend from 0"),
        ({"slips": (0.1, 0.1)}, "slips must be different"),
        ({"slips": (1.1,)}, r"slips must lie in \[0, 1\], got 1.1"),
        ({"later": 100}, "later must be at least 400, got 100"),
        ({"episodes": 1}, "episodes must be at least 2, got 1"),
    ],
)
def test_wrong_parameters_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        replace(SHORT, **options)


def test_an_interruption_keeps_what_is_finished():
    def after_two(steps, *, total):
        for k, step in enumerate(steps):
            if k == 2:
                raise KeyboardInterrupt
            yield step

    stopped = SCENARIO.run(SHORT, after_two)
    assert not stopped.complete
    assert {c["prior"] for c in stopped.cells} == {DEFAULT, WARY}
    assert {c["players"] for c in stopped.cells} == {"learners"}
    assert stopped.tables
