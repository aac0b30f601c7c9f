"""A report is made of any cells: whichever failed, or were not reached, the others are measured, judged and drawn."""

import json
import random
from collections.abc import Iterable

import pytest

from scenarios.frame.settings import with_settings
from scenarios.registry import load_scenario, scenario_names

# Shorter than `quick`, where that is long.
SHORTER = {
    "thesis-table-4.3": ("episodes=100",),
    "thesis-figure-4.2": ("sizes=10,20,30", "episodes=400"),
    "planner-cost": ("episodes=1000",),
    "planner-knowledge": ("episodes=100",),
    "planner-handover": ("episodes=2000", "games=prisoners-dilemma"),
}
LONG = {
    "gradual-tft-duels",
    "gradual-tft-convergence",
    "fairness-disagreement",
    "planner-handover",
    "planner-on-networks",
    "cooperation-on-networks",
    "axelrod-first",
    "noisy-tournament",
}


def subsets(cells: list) -> Iterable[list]:
    """Return each kind of what may be left: one cell alone, the last ones, all but one, and some drawn by a seed."""
    rng = random.Random(0)
    for cell in rng.sample(cells, min(4, len(cells))):
        yield [cell]
        yield [other for other in cells if other != cell]
    yield cells[len(cells) // 2 :]
    yield [cell for cell in cells if rng.random() < 0.5]


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow) if name in LONG else name for name in scenario_names()],
)
def test_any_cells_can_be_reported(name: str) -> None:
    scenario = load_scenario(name)
    parameters = with_settings(scenario.Parameters().quick(), SHORTER.get(name, ()))
    cells = list(scenario.cells(parameters))
    played = {cell: scenario.play(parameters, cell) for cell in cells}
    for left in subsets(cells):
        if not left:
            continue
        done = {cell: played[cell] for cell in left}
        report = scenario.report(parameters, done)
        json.dumps([report.cells, report.verdicts], allow_nan=False)
        for table in report.tables:
            assert all(len(row) == len(table.columns) for row in table.rows), table.title
        names = [picture.name for picture in report.make_pictures()]
        assert len(set(names)) == len(names)
