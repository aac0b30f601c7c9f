"""Learned payments beside the least ones, and the switch from reward to punishment."""

import numpy as np
import pytest
import xarray as xr

from scenarios.planner.planner_cost import (
    ARMS,
    QUANTITIES,
    SCENARIO,
    Cell,
    Parameters,
    build,
    conditional_incentives,
    switches,
)
from scenarios.thesis.cells import GAMES
from theory import Game


@pytest.fixture(scope="module")
def result():
    return SCENARIO.run(Parameters(runs=2, seed=0))


def value(result, game: str, arm: str, quantity: str) -> dict:
    (cell,) = (c for c in result.cells if (c["game"], c["variant"], c["quantity"]) == (game, arm, quantity))
    return cell


def made_up(p: np.ndarray, incentive: np.ndarray) -> xr.Dataset:
    """One run; `p[episode, player]`, `incentive[episode, outcome, player]`, every tenth episode."""
    return xr.Dataset(
        {
            "cooperation_probability": (("run", "episode", "player"), p[None]),
            "incentive": (("run", "episode", "outcome", "player"), incentive[None]),
        },
        {"episode": 10 * np.arange(len(p))},
    )


def test_conditional_incentives_are_action_payoffs_of_the_incentives_as_a_game() -> None:
    generator = np.random.default_rng(0)
    p, incentive = generator.random((3, 2)), generator.normal(size=(3, 4, 2))
    if_c, if_d = conditional_incentives(made_up(p, incentive))
    for k in range(3):
        game = Game(np.moveaxis(incentive[k], 0, 1).reshape(2, 2, 2))
        profile = [[p[k, 0], 1 - p[k, 0]], [p[k, 1], 1 - p[k, 1]]]
        for player in range(2):
            assert [if_c[0, k, player], if_d[0, k, player]] == pytest.approx(
                game.action_payoffs(player, profile)
            )


def test_a_switch_is_when_punishment_overtakes_reward_for_good() -> None:
    p = np.linspace(0.2, 0.9, 8)[:, None].repeat(2, axis=1)
    incentive = np.zeros((8, 4, 2))
    incentive[:, :2, 0] = 1.0  # player 1 gets 1 for C,
    incentive[5:, 2:, 0] = -2.0  # and from the sixth record on -2 for D;
    incentive[:, 0::2, 1] = 1.0  # player 2 only ever gets 1 for C.
    episode, share = switches(made_up(p, incentive))
    assert episode[0, 0] == 50
    assert share[0, 0] == pytest.approx(0.7)
    assert np.isnan(episode[0, 1])
    assert np.isnan(share[0, 1])


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("arm", ARMS)
def test_nobody_pays_less_than_the_least_and_threats_are_more_than_needed(result, game, arm) -> None:
    data = result.data[f"{game}/{arm}"]
    assert (data["expected_payment"] >= data["least_payment"] - 1e-7).all()
    assert value(result, game, arm, "payment_over_least")["mean"] > 1.0
    hold = value(result, game, arm, "least_payment_to_hold")["mean"]
    assert hold < value(result, game, arm, "payment_last_episodes")["mean"]
    if game == "stag-hunt":
        assert hold == pytest.approx(0.0, abs=1e-9)  # cooperation is stable without a planner


def test_payment_needed_in_the_prisoner_s_dilemma_is_known_in_closed_form(result) -> None:
    # Defecting gains 1 whatever the other does, so that each learner needs a slope of 1 in incentives, and
    # punishing a rare defection by 1 costs 1 - p.
    data = result.data["prisoners-dilemma/exact"]
    p = data["final_cooperation_probability"].values
    assert data["least_payment_to_hold"].values == pytest.approx((1 - p).sum(axis=1))


def test_payment_of_the_last_episodes_is_that_of_the_trajectory(result) -> None:
    from simulation import simulate

    parameters = Parameters(runs=2, seed=0)
    data = simulate(build(parameters, Cell("chicken", "exact")), runs=2, seed=0)
    paid = np.abs(data["additional_reward"].values).sum(axis=2)[:, -509:]
    assert value(result, "chicken", "exact", "payment_last_episodes")["mean"] == pytest.approx(paid.mean())


@pytest.mark.parametrize("game", GAMES)
def test_the_switch_comes_after_cooperation_has_become_the_common_action(result, game) -> None:
    for arm in ARMS:
        assert 0.5 < value(result, game, arm, "switch_cooperation")["mean"] < 0.95


def test_cells_pictures_and_finding(result) -> None:
    assert len(result.cells) == len(GAMES) * len(ARMS) * len(QUANTITIES)
    assert [picture.name for picture in result.pictures] == [f"{game}-cost" for game in GAMES]
    result.pictures[0].draw()
    assert "switches at P(C) = 1/2" in result.finding
    assert Parameters(runs=10).quick().runs == 2
    with pytest.raises(ValueError, match="episodes must be at least 1000, got 10"):
        Parameters(episodes=10)
