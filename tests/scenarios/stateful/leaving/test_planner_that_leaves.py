"""The scenario `planner-that-leaves`: what it plays, how runs are judged, what it counts and draws."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import xarray as xr

from scenarios.stateful.leaving.planner_that_leaves import SCENARIO, Parameters, report
from scenarios.stateful.leaving.play import build, pair_name, updates_to_unlearn, welfare_index
from scenarios.stateful.leaving.terms import (
    GAMES,
    TABLES,
    TERMS,
    Cell,
    bound_of,
    cells_of,
    named,
    random_dilemmas,
)
from theory import MemoryOne, win_stay_lose_shift_law

DILEMMA = "prisoners-dilemma"


def finished(lasts: list[bool], **attrs) -> xr.Dataset:
    """Return what `play` returns, of runs that do or do not last."""
    runs = len(lasts)
    index = np.where(lasts, 0.94, 0.02)
    return xr.Dataset(
        {
            "index_before": (("run", "planned_update"), np.full((runs, 2), 0.5)),
            "index_after": (("run", "update"), np.tile(index[:, None], 4)),
            "last_index": ("run", index),
            "lasts": ("run", lasts),
            "label": ("run", ["WSLS" if last else "All-D" for last in lasts]),
            "slack": ("run", np.where(lasts, 0.0295, 0.0384)),
            "from_pure": ("run", np.zeros(runs)),
            "cooperation": (("run", "moment", "player", "state"), np.full((runs, 3, 2, 5), 0.5)),
        },
        {"planned_update": [0, 5], "update": [50, 100, 150, 200], "moment": ["start", "leaving", "end"]},
        {"wanted": 0.85, "noise": 0.02, "discount": 0.96, "updates": 200} | attrs,
    )


def test_runs_that_last_are_counted_with_the_exact_interval_and_what_theory_says_of_them() -> None:
    done = {Cell("leaving", DILEMMA, "natural", "eq-4.3", "", ""): finished([False] * 50)}
    found = report(Parameters(), done)
    (cell,), (verdict,), (table, by_theory) = found.cells, found.verdicts, found.tables
    # Clopper & Pearson's upper bound at no success is 1 - .025^(1/50).
    assert (cell["lasting"], cell["runs"]) == (0, 50)
    assert cell["interval"] == pytest.approx([0.0, 1 - 0.025 ** (1 / 50)])
    assert (verdict["labels"], verdict["strict"]) == ({"All-D": 50}, 50)
    assert table.rows[0] == ("natural", "Eq. 4.3", "0 (0.00 to 0.07)", "0.02", "0.02")
    assert by_theory.rows[0] == ("natural", "Eq. 4.3", "50 All-D", "0.0384")
    assert found.finding == "After the planner of Eq. 4.3: cooperation lasts in 0 of 50 natural pairs."


def test_what_the_law_foretells_of_random_dilemmas_is_counted() -> None:
    data = finished([True, True, False, False], discount=0.8).assign(
        {"bound": ("run", [0.5, 0.9, 0.79, 0.9])}
    )
    found = report(Parameters(), {Cell("dilemmas", "random", "natural", "tutor", "", ""): data})
    (cell,) = found.cells
    assert (cell["strict_by_the_law"], cell["foretold"], cell["wrong_bounds"]) == (2, 2, [0.79, 0.9])
    assert "natural: the law foretells 2 of 4 (0.07 to 0.93), 2 of them to last" in found.tables[0].note


def test_what_stands_near_the_bound_is_said() -> None:
    cells = [
        Cell("threshold", DILEMMA, "natural", "none", "", f"noise 0.02, bound {side}0.02") for side in "-+"
    ]
    found = report(Parameters(), {cells[0]: finished([False] * 4), cells[1]: finished([True] * 3 + [False])})
    assert found.finding == (
        "Just below the bound 0 to 0 runs of a cell end at Win-Stay, Lose-Shift. "
        "Just above the bound 3 to 3 runs of a cell end at Win-Stay, Lose-Shift."
    )
    assert found.tables[0].rows[0][1] == "0.02, 0.9600, 200"
    assert not list(found.make_pictures())


def test_pictures_show_every_run() -> None:
    cells = [Cell("leaving", DILEMMA, kind, "eq-4.3", "", "") for kind in ("softmax", "natural")]
    found = report(Parameters(), {cell: finished([True, False, False]) for cell in cells})
    courses, policies = (picture.draw() for picture in found.make_pictures())
    assert [axis.get_title(loc="left") for axis in courses.axes] == ["planner of Eq. 4.3: 1 of 3"] * 2
    # Three courses, and a line where the planner leaves and where cooperation lasts.
    assert all(len(axis.lines) == 5 for axis in courses.axes)
    assert all(len(line.get_xdata()) == 6 for axis in policies.axes for line in axis.lines[:1])


def test_cells_and_their_terms() -> None:
    cells = cells_of(TABLES)
    assert len(set(cells)) == len(cells)
    assert all(cell.terms in TERMS for cell in cells)
    near = Cell("threshold", DILEMMA, "natural", "none", "", "noise 0.05, bound +0.02")
    found = build(Parameters(), near)
    # (T - R) / (R - P) = 1/2, and T - R = P - S: the bound is 1 / (2 (1 - 2e)^2).
    assert found.discount == pytest.approx(0.5 / 0.81 + 0.02)
    assert (found.noise, found.planner, found.start) == (0.05, None, (6.0, 6.0, -6.0, -6.0, 6.0))
    twice = build(Parameters(), Cell("controls", DILEMMA, "softmax", "absence", "natural", "twice the rates"))
    assert [kind.rate for kind in twice.each_kind] == [0.6, 0.6]
    mixed = build(Parameters(), Cell("unknown", DILEMMA, "natural+projected", "absence", "natural", ""))
    assert [kind.name for kind in mixed.each_kind] == ["natural", "projected"]


def test_the_time_that_unlearning_takes() -> None:
    # After agreement D gains .02 (1 - 2 x .02)^2 (3 - 1) over C: at .1 of it an update, from log-odds 6 to 0.
    gain = 0.02 * 0.96**2 * 2
    assert updates_to_unlearn("natural", named(DILEMMA), 0.02, -0.02) == pytest.approx(6 / (0.1 * gain))
    # Projected learners move by the visits as well, which are few after DD.
    assert updates_to_unlearn("projected", named(DILEMMA), 0.02, -0.02) > 20 * 6 / (0.1 * gain)


def test_random_dilemmas_are_dilemmas_on_both_sides_of_the_discount() -> None:
    games = random_dilemmas(40, 1)
    for game in games:
        (reward, sucker), (temptation, punishment) = game.payoffs[0]
        assert temptation > reward > punishment > sucker
        assert 2 * reward > temptation + sucker
        assert game.payoffs.max() - game.payoffs.min() == pytest.approx(4.0)
    assert 10 < sum(bound_of(game, 0.02) < 0.8 for game in games) < 30
    assert (random_dilemmas(40, 1)[7].payoffs == games[7].payoffs).all()


def test_other_games() -> None:
    assert win_stay_lose_shift_law(named("prisoners-dilemma-lola")).discount == Fraction(1)
    assert [bound_of(named(game), 0.02) < 0.96 for game in GAMES] == [True, True, True, False]
    assert welfare_index(named(DILEMMA), np.array([2.0, 6.0, 4.0])).tolist() == [0.0, 1.0, 0.5]


def test_pairs_are_named_whatever_they_begin_with() -> None:
    rule, other = MemoryOne(0.0, (1.0, 0.0, 0.0, 1.0)), MemoryOne(1.0, (0.0, 1.0, 1.0, 0.0))
    assert pair_name(rule, rule) == "WSLS"
    assert pair_name(rule, other) == pair_name(other, rule)
    assert pair_name(other, rule) == "DCCD + WSLS"


def test_a_cell_is_played_and_judged() -> None:
    parameters = Parameters(runs=2, updates=400)
    data = SCENARIO.play(parameters, Cell("leaving", DILEMMA, "natural", "tutor", "", ""))
    assert data["lasts"].values.all()
    assert set(data["label"].values.tolist()) == {"WSLS"}
    # .0295 is its slack at noise .02 and discount .96: see the tests of `theory.strict_memory_one`.
    assert data["slack"].values == pytest.approx(0.0295477, abs=1e-6)
    assert data["index_after"].shape == (2, 200)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"tables": ("all",)}, "table"),
        ({"updates": 100}, "updates must be at least 200, got 100"),
        ({"planner_updates": 0}, "planner_updates must be at least 1, got 0"),
        ({"bound": 0.0}, "bound must be positive, got 0"),
        ({"noise": 0.7}, r"noise must lie in \[0, 0.5\], got 0.7"),
    ],
)
def test_errors_state_the_rule_and_the_value(given: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Parameters(**given)
    assert replace(Parameters(), seed=1).seed == 1
