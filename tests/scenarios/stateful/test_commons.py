"""The scenario `commons`: cells, what it says, that what is left out is told, and its picture."""

import numpy as np
import pytest
import xarray as xr

from scenarios.stateful.commons import SCENARIO, Cell, Parameters, build, cells_of, report


def finished(welfare: list[float], *, best: float = 100.0, left: float = 100.0) -> xr.Dataset:
    """Return what `play` returns, of runs that end with this welfare."""
    runs = len(welfare)
    return xr.Dataset(
        {
            "welfare": (("run", "update"), np.linspace(0.0, np.array(welfare), 5).T),
            "paid": (("run", "update"), np.zeros((runs, 5))),
            "payoff": (("run", "player"), np.array(welfare)[:, None] * [0.5, 0.5]),
            "reached": ("run", np.full(runs, np.nan)),
            "welfare_when_left": ("run", np.full(runs, left)),
            "label": ("run", ["Pareto-dominated, not an equilibrium"] * runs),
            "regret": (("run", "player"), np.tile([1.0, 0.0], (runs, 1))),
            "pareto_slack": ("run", np.zeros(runs)),
            "relative_regret_with_incentives": (("run", "player"), np.tile([0.01, 0.0], (runs, 1))),
        },
        {"update": np.arange(0, 50, 10)},
        {"best_welfare": best},
    )


def test_cells_are_commons_by_conditions() -> None:
    parameters = Parameters()
    assert len(cells_of(parameters)) == 3 * 6
    assert build(parameters, Cell(2, "alone")).planner_updates == 0
    led = build(parameters, Cell(3, "c-2-cost"))
    assert (led.updates, led.planner_updates, led.bound, led.cost) == (1000, 1000, 2.0, 0.01)
    leaves = build(parameters, Cell(4, "explorers"))
    assert (leaves.updates, leaves.planner_updates, leaves.entropy) == (5000, 500, 0.1)


def test_a_short_look_is_short_in_every_cell() -> None:
    short = Parameters().quick()
    assert (short.runs, short.players, short.updates, short.led_updates, short.later) == (
        2,
        (2,),
        200,
        100,
        200,
    )


def test_the_finding_gives_shares_of_the_best_harvest_and_what_is_left() -> None:
    done = {
        Cell(2, "alone"): finished([40.0, 42.0]),
        Cell(2, "c-2"): finished([99.0, 97.0]),
        Cell(2, "explorers"): finished([95.0, 94.9]),
    }
    parameters = Parameters(players=(2,), conditions=("alone", "c-2", "explorers"))
    assert report(parameters, done).finding == (
        "2 harvesters: of the best harvest alone 41%, led 98%. When the planner leaves 2 of 2 groups that go on "
        "exploring are within 5% of it, in the end 1."
    )


def test_what_an_interrupt_left_out_is_told_with_how_to_play_it() -> None:
    parameters = Parameters(players=(2, 3), conditions=("alone", "leaves"))
    done = {Cell(2, "alone"): finished([40.0])}
    again = "--set players=2 --set conditions=leaves and by --set players=3 --set conditions=alone,leaves."
    assert report(parameters, done).finding.endswith(f"What is missing is played by {again}")


@pytest.mark.slow
def test_what_is_played_is_judged_and_drawn() -> None:
    parameters = Parameters(runs=2, players=(2,), updates=60, led_updates=30, later=60)
    cells = [Cell(2, condition) for condition in ("alone", "c-1", "explorers")]
    done = {cell: SCENARIO.play(parameters, cell) for cell in cells}
    assert set(done[cells[0]]["paid"].values.ravel()) == {0.0}
    assert (done[cells[1]]["paid"].values[:, -1] > 0).all()
    assert (done[cells[2]]["paid"].values[:, -1] == 0).all()
    (picture,) = report(parameters, done).make_pictures()
    assert picture.name == "commons-2"
    titles = [axis.get_title(loc="left") for axis in picture.draw().axes]
    assert titles == ["alone", "c-1", "explorers"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"players": (1,)}, r"players must lie in \[2, 5\], got 1"),
        ({"conditions": ("c-3",)}, "unknown condition"),
        ({"updates": 0}, "updates must be at least 1, got 0"),
        ({"led_updates": 0}, "led_updates must be at least 1, got 0"),
        ({"later": 500}, "later must be at least 501, got 500"),
    ],
)
def test_errors_state_the_rule_and_the_value(given: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Parameters(**given)
