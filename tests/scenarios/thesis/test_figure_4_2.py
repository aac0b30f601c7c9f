"""Thesis Fig. 4.2: cells and verdicts of planners among many players."""

import numpy as np
import pytest

from scenarios.thesis.cells import first_lasting
from scenarios.thesis.figure_4_2 import QUANTITIES, SCENARIO, Parameters
from theory import judge, linear_dilemma


@pytest.fixture(scope="module")
def result():
    return SCENARIO.run(Parameters(runs=3, sizes=(10, 100)))


def test_cells_and_data_fit_each_other(result) -> None:
    keys = [(c["n_players"], c["condition"]) for c in result.cells[:: len(QUANTITIES)]]
    assert keys == [(10, "without-planner"), (10, "with-planner"), (100, "with-planner")]
    for cell in result.cells:
        if cell["quantity"] == "mean_cooperation":
            data = result.data[f"{cell['n_players']}-players/{cell['condition']}"]
            assert cell["mean"] == pytest.approx(data["final_cooperation_probability"].values.mean())


def test_the_figure_s_two_panels(result) -> None:
    mean = {(c["n_players"], c["condition"], c["quantity"]): c["mean"] for c in result.cells}
    assert mean[10, "with-planner", "mean_cooperation"] > 0.99
    assert mean[10, "without-planner", "mean_cooperation"] < 0.01
    assert mean[100, "with-planner", "mean_cooperation"] > 0.99
    assert mean[10, "without-planner", "episode_cooperation_arrives"] is None
    # At the end cooperation rests on punishment.
    assert mean[100, "with-planner", "incentive_for_defecting"] < -2.5


def test_verdicts_with_incentives_are_those_of_the_game_with_their_tensor(result) -> None:
    data = result.data["10-players/with-planner"]
    for_c, for_d = data["final_incentive"].values[0]
    tensor = np.empty((10,) + (2,) * 10)
    for i in range(10):
        own = np.array([for_c, for_d]).reshape([2 if j == i else 1 for j in range(10)])
        tensor[i] = own
    full = linear_dilemma(10, greed=1.0, fear=1.0)
    p = data["final_cooperation_probability"].values[0]
    cooperators = np.add.reduce([np.indices((2,) * 10)[j] == 0 for j in range(10)])
    payoffs = np.stack(
        [
            np.where(
                np.indices((2,) * 10)[i] == 0,
                full.cooperator_payoff(cooperators),
                full.defector_payoff(cooperators),
            )
            for i in range(10)
        ]
    )
    from theory import Game

    regrets = Game(payoffs).with_incentives(tensor).regrets(np.stack([p, 1 - p], axis=1))
    (verdict,) = (
        v
        for v in result.verdicts
        if (v["n_players"], v["condition"], v["judged_in"]) == (10, "with-planner", "with-incentives")
    )
    others = [
        max(
            judge(
                full.__class__(10, 3.0 + c, 0.0 + c, 4.0 + d, 1.0 + d), np.stack([q, 1 - q], axis=1)
            ).regrets
        )
        for q, (c, d) in zip(
            data["final_cooperation_probability"].values, data["final_incentive"].values, strict=True
        )
    ]
    assert others[0] == pytest.approx(regrets.max())
    assert verdict["median_regret"] == pytest.approx(np.median(others))
    assert verdict["incentives_in_force"]


def test_lasting_events_are_counted_from_the_end() -> None:
    holds = np.array([[0, 1, 0, 1, 1], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1], [1, 0, 0, 1, 0]], dtype=bool)
    found = first_lasting(holds, np.arange(0, 50, 10))
    assert found[[0, 2]].tolist() == [30, 0]
    assert np.isnan(found[[1, 3]]).all()


def test_pictures_and_finding(result) -> None:
    (picture,) = result.pictures
    assert len(picture.draw().axes[0].lines) == 3
    assert "with 100 (" in result.finding


def test_bad_parameters_and_quick() -> None:
    with pytest.raises(ValueError, match="sizes must be at least 2, got 1"):
        Parameters(sizes=(1,))
    with pytest.raises(ValueError, match="sizes must name at least one number of players"):
        Parameters(sizes=())
    assert Parameters().quick().sizes == (10, 100, 1000)
    assert Parameters(sizes=(5000,)).quick().sizes == (5000,)
