"""The scenario `coin-game-gradual-tft`: who meets, what is counted and judged, what it says of what is missing."""

from typing import Any

import numpy as np
import pytest
import xarray as xr

from scenarios.stateful.coins.cast import CAST
from scenarios.stateful.coins.coin_game_gradual_tft import SCENARIO, Cell, Parameters, cells_of, report

STEPS = 100
EXACT = {"exploited_from": 0.02, "with_foe": -9.0, "with_foe_from": -9.0}


def finished(rewards: dict[str, tuple[float, float]], name: str, **changes: Any) -> xr.Dataset:
    """Return what `play` returns of a player who has met others with these payoffs, in four matches."""
    others = list(rewards)
    found = {
        "exact": 1,
        "safety": -0.01,
        "incentive": 0.3,
        "exploiter": 0.36,
        "exploiter_later": 0.35,
        "label": "welfare-optimal Nash equilibrium",
        "regret": 0.01,
        "pareto_slack": 0.0,
        "best_welfare": 0.7,
        **EXACT,
        **changes,
    }
    pairs = np.repeat(np.array([rewards[other] for other in others])[:, None], 4, axis=1)
    wrong = [0.0, 0.0, 0.0, 1.0 / STEPS]  # one coin of the other's, in the last match
    return xr.Dataset(
        {
            "reward": (("opponent", "run", "player"), pairs),
            "own_coins": ("run", np.full(4, 0.7) - wrong),
            "other_coins": ("run", wrong),
            "welfare_with_slips": (("slip", "run"), np.full((1, 4), 0.6)),
        },
        {"opponent": others, "slip": [0.05]},
        found,
    )


def dilemma() -> dict[Cell, xr.Dataset]:
    """Return two players whose meetings are a Prisoner's Dilemma."""
    kind = finished({"ledger": (0.35, 0.35), "defector": (-0.3, 0.66)}, "ledger")
    other = finished({"ledger": (0.66, -0.3), "defector": (0.0, 0.0)}, "defector", incentive=-0.3)
    return {Cell("ledger"): kind, Cell("defector"): other}


def test_everybody_meets_everybody() -> None:
    parameters = Parameters()
    assert [cell.part for cell in cells_of(parameters)] == ["degrees", *CAST]
    assert parameters.players == CAST
    quick = parameters.quick()
    assert (quick.runs, quick.steps) == (20, 20)
    assert set(quick.parts) < set(CAST)
    assert Parameters(parts=("bayes",)).quick().parts == ("bayes",)


def test_what_is_measured_and_judged() -> None:
    found = report(Parameters(parts=("ledger", "defector")), dilemma())
    ledger, defector = found.cells
    assert ledger["self_match"] == pytest.approx(1.0)
    assert defector["self_match"] == pytest.approx(0.0)
    assert ledger["exploiter_gain"] == pytest.approx(0.01)
    # Three of four: Clopper & Pearson's interval is .194 to .994.
    assert ledger["peaceful"] == 3
    assert ledger["peaceful_interval"] == pytest.approx([0.194, 0.994], abs=1e-3)
    assert ledger["own_fraction"] == pytest.approx(1.0 - 0.01 / 4 / 0.7)
    # Among these it is a dilemma: who meets a kind one defects.
    assert [verdict["label_among_these"] for verdict in found.verdicts] == [
        "Pareto-optimal, not an equilibrium",
        "Pareto-dominated Nash equilibrium",
    ]
    assert found.verdicts[0]["relative_regret_among_these"] == pytest.approx(0.31 / 0.96)
    assert "1 of 1 meet all three criteria" in found.finding
    text = str([table.rows for table in found.tables])
    assert "1.000±0.000" in text
    assert "3 (0.19 to 0.99)" in text


def test_whoever_is_robbed_meets_them_not() -> None:
    for changes in ({"safety": -0.03}, {"incentive": -0.1}):
        done = {Cell("amtft"): finished({"amtft": (0.35, 0.35)}, "amtft", **changes)}
        assert "0 of 1 meet" in report(Parameters(parts=("amtft",)), done).finding


def test_what_is_missing_is_said() -> None:
    done = dilemma()
    del done[Cell("defector")]
    found = report(Parameters(parts=("ledger", "defector", "degrees")), done)
    assert "--set parts=defector,degrees" in found.finding
    degrees = xr.Dataset(
        {"value": (("player", "own_degree", "other_degree"), np.zeros((2, 11, 11)))},
        {"own_degree": np.linspace(0, 1, 11), "other_degree": np.linspace(0, 1, 11)},
    )
    alone = report(Parameters(parts=("degrees",)), {Cell("degrees"): degrees})
    assert alone.cells == []
    assert len(alone.tables[0].rows) == 6


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"parts": ("nobody",)}, "part"),
        ({"noise": (2.0,)}, "noise must"),
        ({"steps": 5}, "steps must be at least 10, got 5"),
        ({"long_run": 100}, "long_run must be at least 101, got 100"),
    ],
)
def test_bad_input(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Parameters(**wrong)


@pytest.mark.slow
def test_a_short_look() -> None:
    result = SCENARIO.run(Parameters().quick())
    assert result.complete
    ledger = next(cell for cell in result.cells if cell["player"] == "ledger")
    # A match of 20 steps is too short to earn back the harms that are forgiven.
    assert ledger["self_match"] == pytest.approx(1.0, abs=0.01)
    assert -2.1 <= ledger["safety"] * 20 <= -1.0
    for picture in result.pictures:
        picture.draw()
