"""What knowledge is worth to a planner: arms on the same runs, differences with intervals."""

import numpy as np
import pytest
from scipy.stats import ttest_rel

from scenarios.planner.planner_knowledge import KNOWLEDGE, PLANNERS, SCENARIO, Parameters
from scenarios.thesis.cells import GAMES, QUANTITIES


@pytest.fixture(scope="module")
def result():
    return SCENARIO.run(Parameters(runs=4, seed=0))


def cell(result, game: str, planner: str, knowledge: str, quantity: str = "joint_cooperation") -> dict:
    key = (game, planner, knowledge, quantity)
    (found,) = (c for c in result.cells if (c["game"], c["planner"], c["knowledge"], c["quantity"]) == key)
    return found


def test_every_arm_has_its_cells_and_full_knowledge_is_the_measure(result) -> None:
    assert len(result.cells) == len(GAMES) * len(PLANNERS) * len(KNOWLEDGE) * len(QUANTITIES)
    for c in result.cells:
        assert (c["difference_to_full"] is None) == (c["knowledge"] == "full")


def test_differences_are_paired_with_student_s_interval(result) -> None:
    found = cell(result, "chicken", "exact", "20% flipped")
    arm, full = (
        result.data[f"chicken/exact/{known}"]["joint_cooperation"].values for known in ("20% flipped", "full")
    )
    interval = ttest_rel(arm, full).confidence_interval(0.95)
    assert found["difference_to_full"] == pytest.approx(np.mean(arm - full))
    assert found["difference_interval"] == pytest.approx([interval.low, interval.high])


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("planner", PLANNERS)
def test_a_model_of_the_players_is_as_good_as_their_parameters(result, game, planner) -> None:
    assert abs(cell(result, game, planner, "modelled, 100 rounds")["difference_to_full"]) < 0.01


@pytest.mark.parametrize("planner", PLANNERS)
def test_a_player_that_is_not_seen_defects_where_that_is_its_interest(result, planner) -> None:
    data = result.data[f"prisoners-dilemma/{planner}/sees player 1 only"]
    p = data["final_cooperation_probability"].values
    assert (p[:, 0] > 0.9).all()
    assert (p[:, 1] < 0.05).all()


def test_noise_costs_more_than_it_does_harm(result) -> None:
    for game in GAMES:
        noisy = cell(result, game, "exact", "5% flipped", "average_additional_reward")
        assert noisy["difference_to_full"] > 0.1
        assert cell(result, game, "exact", "5% flipped")["mean"] > 0.97


def test_finding_pictures_and_quick(result) -> None:
    assert "sees player 1 only (Prisoner's Dilemma -0.98" in result.finding
    assert [p.name for p in result.pictures] == [f"{game}-knowledge" for game in GAMES]
    assert len(result.pictures[0].draw().axes[1].lines) == len(KNOWLEDGE)
    assert Parameters().quick().runs == 2
    assert {v["arm"] for v in result.verdicts} == {f"{p}: {k}" for p in PLANNERS for k in KNOWLEDGE}
