"""What is left after a planner: arms on the same seeds, the difference with its interval, and the verdicts."""

import json

import numpy as np
import pytest

from scenarios.planner.handover_verdicts import learners_verdict, stability_by_forgetting
from scenarios.planner.planner_handover import (
    CLOSED_FORM,
    LEARNED,
    LEARNERS,
    MIRRORS,
    NONE,
    PLANNERS,
    PLAYERS,
    SCENARIO,
    WARY,
    Cell,
    Parameters,
    build,
)
from scenarios.thesis.cells import GAMES
from simulation import HandoverParameters, simulate
from theory import named_game
from theory.statistics import share_difference_interval


@pytest.fixture(scope="module")
def result():
    return SCENARIO.run(Parameters(runs=3, episodes=3000))


def cell(result, game, planner, players):
    (found,) = (
        c
        for c in result.cells
        if c["quantity"] == "joint_cooperation"
        and (c["game"], c["planner"], c["players"]) == (game, planner, players)
    )
    return found


def verdict(result, game, planner, players):
    (found,) = (
        v for v in result.verdicts if (v["game"], v["planner"], v["players"]) == (game, planner, players)
    )
    return found


def test_every_arm_is_simulated_and_judged_in_the_original_game(result):
    arms = {
        (c["game"], c["planner"], c["players"]) for c in result.cells if c["quantity"] == "joint_cooperation"
    }
    assert arms == {(g, p, q) for g in GAMES for p in PLANNERS for q in PLAYERS}
    assert len(result.verdicts) == len(arms)
    assert all(v["judged_in"] == "original" and sum(v["labels"].values()) == 3 for v in result.verdicts)
    assert result.complete
    json.dumps(result.to_dict())


def test_arms_start_alike_and_the_planner_is_gone_at_the_end(result):
    for game in GAMES:
        for players in PLAYERS:
            data = result.data[f"{game}/{LEARNED}/{players}"]
            assert (data["additional_reward"].sel(episode=slice(3000, None)) == 0.0).all()
    first = [
        result.data[f"prisoners-dilemma/{planner}/{LEARNERS}"]["cooperation_probability"].values[:, 0]
        for planner in PLANNERS
    ]
    assert np.array_equal(first[0], first[1])
    assert first[0] == pytest.approx(0.05)


def test_mirrors_of_the_prisoners_dilemma_keep_cooperating_and_learners_and_wary_ones_do_not(result):
    assert cell(result, "prisoners-dilemma", LEARNED, MIRRORS)["mean"] >= 0.95
    assert cell(result, "prisoners-dilemma", LEARNED, WARY)["mean"] <= 0.05
    assert cell(result, "prisoners-dilemma", NONE, MIRRORS)["mean"] == 0.0
    kept = cell(result, "prisoners-dilemma", LEARNED, MIRRORS)
    assert kept["difference_to_none"] == 1.0
    assert kept["difference_interval"] == pytest.approx(share_difference_interval(3, 3, 0, 3))
    assert cell(result, "prisoners-dilemma", NONE, MIRRORS)["difference_interval"] is None


def test_what_mirrors_keep_is_an_equilibrium_in_the_prisoners_dilemma_and_not_in_chicken(result):
    stable = verdict(result, "prisoners-dilemma", LEARNED, MIRRORS)
    assert (stable["repeated_equilibria"], stable["median_gain"]) == (3, 0.0)
    assert list(stable["labels"]) == ["Pareto-optimal, not an equilibrium"]
    exploited = verdict(result, "chicken", LEARNED, MIRRORS)
    # T - R: the mirror yields to a bully.
    assert exploited["repeated_equilibria"] == 0
    assert exploited["median_gain"] == pytest.approx(0.5, abs=1e-6)


def test_mirrors_without_a_planner_alternate_in_chicken(result):
    data = result.data[f"chicken/{NONE}/{MIRRORS}"]
    assert data["outcome_frequency"].values == pytest.approx(np.array([[0.5, 0.0, 0.0, 0.5]] * 3))


def test_the_closed_form_leads_the_stag_hunt_where_the_learned_planner_stops_paying(result):
    assert cell(result, "stag-hunt", CLOSED_FORM, MIRRORS)["mean"] == 1.0
    learned = cell(result, "stag-hunt", LEARNED, MIRRORS)
    assert learned["mean"] == 0.0
    assert learned["average_additional_reward"] < 0.01


def test_learners_are_judged_as_machines_that_mix_alike_in_every_round():
    game = named_game("prisoners-dilemma")
    data = simulate(HandoverParameters().planner, runs=2, seed=1, record="summary")
    p = data["final_cooperation_probability"].values
    # Defecting is dominant, so a best response gains p_i times what C costs, whatever the other does: T - R = P - S.
    found = learners_verdict(game, data)
    assert found["largest_gain"] == pytest.approx(p.max())
    assert found["runs"] == 2


def test_what_deviating_gains_falls_with_forgetting_and_so_does_what_outlasts_slips():
    options = build(Parameters(), Cell("prisoners-dilemma", LEARNED, MIRRORS))
    slow, fast = stability_by_forgetting(options, (0.01, 0.05), seed=0)
    assert (slow["forgetting"], fast["forgetting"]) == (0.01, 0.05)
    assert slow["share_of_range"] > 0.02
    assert fast["share_of_range"] == 0.0
    assert slow["with_slips"] > 0.9
    assert fast["with_slips"] < 0.1


def test_finding_tables_and_pictures(result):
    assert "1.000 among mirrors" in result.finding
    assert "equilibrium of the repeated game in 3 of 3 runs" in result.finding
    assert [picture.name for picture in result.pictures] == [
        *(f"{g}-handover" for g in GAMES),
        "why-it-lasts",
    ]
    for picture in result.pictures:
        assert picture.draw().axes
    assert Parameters().quick().runs == 2
    with pytest.raises(ValueError, match="episodes must be at least 2000, got 100"):
        Parameters(episodes=100)


def test_an_interruption_keeps_what_is_finished():
    def after_two(steps, *, total):
        for k, step in enumerate(steps):
            if k == 2:
                raise KeyboardInterrupt
            yield step

    stopped = SCENARIO.run(Parameters(runs=1, episodes=2000), after_two)
    assert not stopped.complete
    assert len(stopped.verdicts) == 2
    assert stopped.tables
