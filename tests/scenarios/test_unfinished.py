"""Whatever an interrupt or a cell that failed leaves of a scenario, there is a report on it, now and when resumed."""

import io
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from typing import Any

import pytest
import xarray as xr
from rich.console import Console

from scenarios.command.tables import print_table
from scenarios.frame.records import cell_bytes, read_cell
from scenarios.frame.results import Table
from scenarios.frame.scenario import Measured, Scenario, data_tree, stored_data
from scenarios.registry import load_scenario

# Parameters that play the cells of a scenario in a moment.
SMALL: dict[str, dict[str, Any]] = {
    "altruism-atlas": {"runs": 2, "grid": 3},
    "axelrod-first": {"runs": 10},
    "classic-learners": {
        "runs": 2,
        "pairs": 3,
        "judged": 2,
        "updates": 5,
        "rounds": 1000,
        "steps": 20,
        "team_steps": 20,
        "games": ("iterated-dilemma", "iterated-pennies", "shapley", "matching-pennies", "climbing"),
    },
    "learners": {
        "runs": 2,
        "updates": 5,
        "learners": ("naive", "natural", "lola"),
        "random_games": 1,
        "random_runs": 2,
    },
    "cooperation-on-networks": {"runs": 2, "agents": 25, "watched": 25, "sampled": 2},
    "coin-game": {"runs": 2, "arms": ("alone", "events", "c-1"), "updates": 60, "judged": 1},
    "coin-game-gradual-tft": {
        "runs": 2,
        "parts": ("cooperator", "amtft", "defector"),
        "noise": (0.05,),
        "steps": 10,
        "long_run": 11,
    },
    "commons": {
        "runs": 2,
        "players": (2,),
        "conditions": ("alone", "c-2", "leaves", "explorers"),
        "updates": 60,
        "led_updates": 30,
        "later": 60,
    },
    "escape-room": {
        "runs": 2,
        "rooms": ("2-1",),
        "conditions": ("alone", "c-2", "leaves", "explorers"),
        "updates": 60,
        "led_updates": 30,
        "later": 60,
    },
    "fairness-disagreement": {
        "runs": 2,
        "rounds": 101,
        "notions": ("sum", "nash"),
        "rules": ("gradual-tit-for-tat", "conceding", "literal-mirror", "contrite"),
    },
    "gradual-tft-convergence": {
        "runs": 2,
        "rounds": 20,
        "ledgers": ("prisoners-dilemma", "donation, continuous"),
        "ensemble_seeds": (2026,),
        "dilemmas": 2,
        "ensemble_runs": 1,
        "games": ("prisoners-dilemma", "donation, continuous"),
        "groups": ("3 mirrors", "3 ledgers", "19 mirrors, 1 defector"),
    },
    "gradual-tft-duels": {
        "runs": 1,
        "rounds": 20,
        "games": ("donation", "prisoners-dilemma"),
        "players": ("gradual", "contrite"),
        "ensembles": ("chickens",),
        "ensemble_seeds": (2026,),
        "dilemmas": 2,
        "ensemble_runs": 1,
    },
    "noisy-tournament": {"runs": 2, "noise": (0.0, 0.05)},
    "planner-on-networks": {"runs": 2, "agents": 20, "steps": 100, "ledger_runs": 2, "ledger_agents": 20},
    "planner-cost": {"runs": 2, "episodes": 1000},
    "planner-that-leaves": {
        "runs": 2,
        "tables": ("leaving",),
        "updates": 200,
        "generations": 1,
    },
    "planner-handover": {
        "runs": 2,
        "episodes": 200,
        "later": 200,
        "planned_rounds": (0, 20),
        "slips": (0.0, 0.01),
    },
    "planner-knowledge": {"runs": 2, "episodes": 100},
    "thesis-figure-4.2": {"runs": 2, "episodes": 100, "sizes": (5, 10, 20)},
    "thesis-table-4.2": {"runs": 2},
    "thesis-table-4.3": {"runs": 2, "episodes": 100},
}
# Which take longest to be played or told.
LONGER = (
    "axelrod-first",
    "coin-game",
    "cooperation-on-networks",
    "noisy-tournament",
    "planner-cost",
    "planner-handover",
    "planner-on-networks",
    "planner-that-leaves",
)
# Of this many cells every prefix and every cell missing is tried; of more as many, evenly spread.
MOST = 24


@cache
def played(name: str) -> tuple[Scenario[Any, Any, Any], Any, Mapping[Any, Any]]:
    scenario = load_scenario(name)
    parameters = scenario.Parameters(**SMALL[name])
    return (
        scenario,
        parameters,
        {cell: scenario.play(parameters, cell) for cell in scenario.cells(parameters)},
    )


def some(number: int) -> list[int]:
    return sorted({round(k * (number - 1) / (MOST - 1)) for k in range(MOST)})


def check_it_reads_well(table: Table, note: str) -> None:
    """Nothing is cut on a narrow terminal, and a ± says what it is: in the title, a head or the next note."""
    file = io.StringIO()
    print_table(Console(file=file, width=80), table)
    assert "…" not in file.getvalue()
    if "±" in file.getvalue():
        told = " ".join([table.title, *table.columns, note])
        assert re.search(r"±:? (is )?(the )?(2 )?(half of|standard) ", told), told


def check(name: str, left: list[Any]) -> None:
    scenario, parameters, done = played(name)
    kept = {cell: done[cell] for cell in left}
    report = scenario.report(parameters, kept)
    json.dumps([*report.cells, *report.verdicts], allow_nan=False)
    assert isinstance(report.finding, str)
    for place, table in enumerate(report.tables):
        assert isinstance(table, Table)
        check_it_reads_well(table, next((t.note for t in report.tables[place:] if t.note), ""))
    names = [picture.name for picture in report.make_pictures()]
    assert len(set(names)) == len(names)
    if scenario.tree is not None:
        groups = dict(scenario.tree(parameters, kept))
    else:
        data = {scenario.group(cell): stored_data(of_cell) for cell, of_cell in kept.items()}
        groups = {group: found for group, found in data.items() if found is not None}
    data_tree(name, groups, {})


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in LONGER else []) for name in SMALL]
)
def test_a_few_missing_cells_leave_a_report(name: str) -> None:
    cells = list(played(name)[2])
    middle = len(cells) // 2
    for left in (cells[:1], cells[1:], cells[:middle] + cells[middle + 1 :]):
        check(name, left)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in LONGER else []) for name in SMALL]
)
def test_cells_that_were_kept_and_read_again_give_the_same_report(name: str) -> None:
    scenario, parameters, done = played(name)
    again = {
        cell: read_cell(cell_bytes(scenario.group(cell), of_cell)).played for cell, of_cell in done.items()
    }
    assert {type(of_cell) for of_cell in done.values()} <= {xr.Dataset, Measured}
    reports = [scenario.report(parameters, cells) for cells in (done, again)]
    first, second = (
        json.dumps([*report.cells, *report.verdicts, report.finding, *map(asdict, report.tables)])
        for report in reports
    )
    assert first == second
    assert len(reports[1].make_pictures()) == len(reports[0].make_pictures())


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_any_first_cells_any_one_missing_and_any_one_alone_give_a_report(name: str) -> None:
    cells = list(played(name)[2])
    for k in some(len(cells)):
        check(name, cells[: k + 1])
        check(name, cells[:k] + cells[k + 1 :] or cells)
        check(name, [cells[k]])
