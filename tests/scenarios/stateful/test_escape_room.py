"""The scenario `escape-room`: cells, counts and their intervals, what it says, its picture."""

import numpy as np
import pytest
import xarray as xr

from scenarios.stateful.escape_room import ROOMS, SCENARIO, Cell, Parameters, build, cells_of, report


def finished(welfare: list[float], *, best: float = 9.0, left: float = 9.0, paid: float = 0.0) -> xr.Dataset:
    """Return what `play` returns, of runs that end with this welfare."""
    runs = len(welfare)
    course = np.linspace(0.0, np.array(welfare), 5).T
    return xr.Dataset(
        {
            "welfare": (("run", "update"), course),
            "paid": (("run", "update"), np.full((runs, 5), paid)),
            "payoff": (("run", "player"), np.array(welfare)[:, None] * [0.5, 0.5]),
            "reached": ("run", [4.0 if final >= 0.95 * best else np.nan for final in welfare]),
            "welfare_when_left": ("run", np.full(runs, left)),
            "label": ("run", ["Pareto-optimal, not an equilibrium"] * runs),
            "regret": (("run", "player"), np.tile([1.0, 0.0], (runs, 1))),
            "pareto_slack": ("run", np.zeros(runs)),
            "relative_regret_with_incentives": (("run", "player"), np.tile([0.01, 0.0], (runs, 1))),
        },
        {"update": np.arange(0, 50, 10)},
        {"best_welfare": best},
    )


def test_cells_are_rooms_by_conditions_and_large_rooms_have_fewer_runs() -> None:
    parameters = Parameters()
    assert len(cells_of(parameters)) == 8 + 6 + 3
    assert [parameters.runs_of(room) for room in ROOMS] == [40, 40, 10]
    assert build(parameters, Cell("2-1", "alone")).planner_updates == 0
    led = build(parameters, Cell("3-2", "c-2-cost"))
    assert (led.updates, led.planner_updates, led.bound, led.cost) == (1000, 1000, 2.0, 0.01)
    sampled = build(parameters, Cell("3-2", "sampled"))
    assert sampled.updates * sampled.environments <= 5000
    leaves = build(parameters, Cell("2-1", "explorers"))
    assert (leaves.updates, leaves.planner_updates, leaves.entropy) == (20_000, 500, 0.1)


def test_success_is_counted_from_95_percent_on_with_the_exact_interval() -> None:
    # 8.55 is 95% of 9. Two of four: Clopper & Pearson's interval is .0676 to .9324.
    done = {Cell("2-1", "c-2"): finished([8.55, 9.0, 8.549, 0.0])}
    (cell,) = report(Parameters(), done).cells
    assert (cell["succeeded"], cell["runs"]) == (2, 4)
    assert cell["interval"] == pytest.approx([0.0676, 0.9324], abs=1e-4)
    assert (cell["reached"], cell["equilibria_with_incentives"]) == (4.0, 4)


def test_a_planner_that_leaves_is_told_of_before_and_after() -> None:
    done = {Cell("2-1", "explorers"): finished([0.0, 9.0])}
    found = report(Parameters(), done)
    assert "2 of 2 pairs of learners who go on exploring have that, in the end 1." in found.finding
    (table,) = [table for table in found.tables if "leaves" in table.title]
    assert table.rows[0][2:4] == ("2 of 2", "1 (0.01 to 0.99)")


def test_what_an_interrupt_left_out_is_told_with_how_to_play_it() -> None:
    parameters = Parameters(rooms=("2-1", "3-2"), conditions=("alone", "c-2", "leaves"))
    assert cells_of(parameters) == [
        Cell("2-1", "alone"), Cell("2-1", "c-2"), Cell("2-1", "leaves"), Cell("3-2", "alone"), Cell("3-2", "c-2")
    ]  # fmt: skip
    done = {cell: finished([9.0]) for cell in cells_of(parameters)}
    assert "missing" not in report(parameters, done).finding
    del done[Cell("2-1", "leaves")], done[Cell("3-2", "alone")], done[Cell("3-2", "c-2")]
    again = "--set rooms=2-1 --set conditions=leaves and by --set rooms=3-2 --set conditions=alone,c-2."
    assert report(parameters, done).finding.endswith(f"What is missing is played by {again}")


@pytest.mark.slow
def test_what_is_played_is_judged_and_drawn() -> None:
    parameters = Parameters(runs=2, rooms=("2-1",), updates=60, led_updates=30, later=60)
    cells = [Cell("2-1", condition) for condition in ("alone", "c-5", "explorers")]
    done = {cell: SCENARIO.play(parameters, cell) for cell in cells}
    led = done[cells[1]]
    assert led.attrs["best_welfare"] == 9.0
    assert led["update"].values.tolist() == [0, 10, 20, 30, 40, 50, 59]
    assert set(done[cells[0]]["paid"].values.ravel()) == {0.0}
    assert (led["paid"].values[:, -1] > 0).all()
    assert (done[cells[2]]["paid"].values[:, -1] == 0).all()
    # Who holds the lever gives up at least what staying saves it: no verdict on one run calls that an equilibrium.
    assert all("not an equilibrium" in str(label) for label in led["label"].values)
    (picture,) = report(parameters, done).make_pictures()
    assert picture.name == "escape-room-2-1"
    titles = [axis.get_title(loc="left") for axis in picture.draw().axes]
    assert titles == ["alone", "c-5", "explorers"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"rooms": ("9-9",)}, "unknown room"),
        ({"conditions": ("c-3",)}, "unknown condition"),
        ({"updates": 59}, "updates must be at least 60, got 59"),
        ({"led_updates": 0}, "led_updates must be at least 1, got 0"),
        ({"later": 500}, "later must be at least 501, got 500"),
        ({"large_runs": 0}, "large_runs must be at least 1, got 0"),
    ],
)
def test_errors_state_the_rule_and_the_value(given: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Parameters(**given)
