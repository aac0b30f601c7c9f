"""Thesis Fig. 4.1: what its text says of the course of a run."""

import numpy as np
import pytest

from scenarios.pictures.mechanism_design import modified_greed_and_fear
from scenarios.thesis.figure_4_1 import LAST, SCENARIO, Parameters, _first, _stays
from theory import named_game


@pytest.fixture(scope="module")
def result():
    return SCENARIO.run(Parameters(runs=4, seed=0))


def value(result, quantity: str) -> dict:
    (cell,) = (c for c in result.cells if c["quantity"] == quantity)
    return cell


def test_greed_and_fear_soon_drop_below_zero_and_stay(result) -> None:
    for quantity in ("episode_greed_stays_negative", "episode_fear_stays_negative"):
        cell = value(result, quantity)
        assert cell["runs_in_which_it_happened"] == 4
        assert 0 < cell["mean"] < 1000


def test_payments_fall(result) -> None:
    first = value(result, "payment_first_episodes")["mean"]
    assert value(result, "payment_last_episodes")["mean"] < first / 5
    paid = np.abs(result.data["prisoners-dilemma/with-planner"]["additional_reward"].values).sum(axis=2)
    assert first == pytest.approx(paid[:, :LAST].mean())


def test_greed_and_fear_are_those_of_the_game_that_player_1_then_plays(result) -> None:
    game = named_game("prisoners-dilemma")
    data = result.data["prisoners-dilemma/with-planner"].to_dataset()
    greed, fear = modified_greed_and_fear(game, data)
    tensor = np.zeros((2, 2, 2))
    for outcome, (row, column) in {"CC": (0, 0), "CD": (0, 1), "DC": (1, 0), "DD": (1, 1)}.items():
        tensor[:, row, column] = data["incentive"].sel(outcome=outcome).values[2, 700]
    own = game.with_incentives(tensor).payoffs[0]
    assert greed[2, 700] == pytest.approx(own[1, 0] - own[0, 0])
    assert fear[2, 700] == pytest.approx(own[1, 1] - own[0, 1])


def test_first_and_lasting_events() -> None:
    holds = np.array([[0, 1, 0, 1, 1], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1], [1, 0, 0, 1, 0]], dtype=bool)
    assert _first(holds)[[0, 2, 3]].tolist() == [1, 0, 0]
    assert np.isnan(_first(holds)[1])
    assert _stays(holds)[[0, 2]].tolist() == [3, 0]
    assert np.isnan(_stays(holds)[[1, 3]]).all()
