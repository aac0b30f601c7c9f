"""Does a commons last? Harvesters who learn by themselves, led by a planner, and after it has left.

The tragedy of thesis section 2.1 with what it is about, a stock that grows again (`simulation.Commons`): six units of
capacity a player, so that everybody can take one unit in each step for ever, whatever their number. Softmax learners
climb the exact gradient of their own discounted harvest (Eq. 4.1); the planner is that of Eqs. 4.3 and 4.7. All
settings but the sizes of the commons are those of `escape-room`, and no others were tried.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import xarray as xr

from scenarios.frame.scenario import Report, Scenario
from scenarios.stateful.led_runs import KEYS, LedParameters, judged_runs, played_by, report_on
from scenarios.stateful.preparation import prepare_jax
from theory.checks import known_name, whole_number

if TYPE_CHECKING:
    from simulation.markov_games.planner.planning import ExactPlanning

CAPACITY_A_PLAYER = 6

LEAVING = ("leaves", "explorers")

# What differs from a planner that pays at most 2 and stays.
CONDITIONS: dict[str, dict[str, Any]] = {
    "alone": {},
    "c-1": {"bound": 1.0},
    "c-2": {},
    "c-2-cost": {"cost": 0.01},
    "leaves": {},
    "explorers": {"entropy": 0.1},
}


@dataclass(frozen=True, kw_only=True)
class Parameters(LedParameters):
    """How many harvest, and how long they learn."""

    runs: int = 20
    seed: int = 1000
    players: tuple[int, ...] = (2, 3, 4)
    """From 2 to 5 each."""
    conditions: tuple[str, ...] = tuple(CONDITIONS)
    """Who leads how."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for count in self.players:
            whole_number("players", count, 2, 5)
        for condition in self.conditions:
            known_name("condition", condition, tuple(CONDITIONS))

    def quick(self) -> Parameters:
        """Return the parameters of a short look: two runs, few updates, one commons."""
        return replace(
            self,
            runs=min(self.runs, 2),
            players=self.players[:1],
            updates=min(self.updates, 200),
            led_updates=min(self.led_updates, 100),
            later=min(self.later, 200),
        )


class Cell(NamedTuple):
    """How many harvest, and who leads how."""

    players: int
    condition: str

    @property
    def title(self) -> str:
        """In words."""
        return f"{self.players} harvesters"


def cells_of(parameters: Parameters) -> list[Cell]:
    """Return the cells, commons by commons."""
    return [Cell(players, condition) for players in parameters.players for condition in parameters.conditions]


def build(parameters: Parameters, cell: Cell) -> ExactPlanning:
    """Return how learners and planner of a cell climb."""
    prepare_jax()
    from simulation.markov_games.planner.planning import ExactPlanning

    updates = parameters.later if cell.condition in LEAVING else parameters.updates
    led = 0 if cell.condition == "alone" else updates
    return ExactPlanning(
        updates=updates,
        planner_updates=parameters.led_updates if cell.condition in LEAVING else led,
        **CONDITIONS[cell.condition],
    )


def play(parameters: Parameters, cell: Cell, kept: Path | None = None) -> xr.Dataset:
    """Let all runs learn, and judge what each has come to."""
    from simulation.markov_games.enumerated import enumerate_game
    from simulation.markov_games.games.commons import Commons
    from simulation.markov_games.planner.planning import plan_exactly

    planning = build(parameters, cell)
    game = enumerate_game(Commons(players=cell.players, capacity=CAPACITY_A_PLAYER * cell.players))
    data = plan_exactly(game, planning, runs=parameters.runs, seed=parameters.seed, checkpoint=kept)
    return judged_runs(game, data, planning)


def report(parameters: Parameters, done: Mapping[Cell, xr.Dataset]) -> Report:
    """Say what is harvested alone, led, and after the planner has left."""
    return report_on(
        done,
        title=lambda cell: cell.title,
        picture=lambda cell: f"commons-{cell.players}",
        leaving=LEAVING,
        finding=lambda cells: _finding(cells) + played_by("players", cells_of(parameters), done),
        left_note="Explorers also climb .1 times the mean entropy of their policies, before and after.",
    )


def _finding(cells: Sequence[Mapping[str, Any]]) -> str:
    said = [
        sentence for game in dict.fromkeys(cell["game"] for cell in cells) for sentence in _of(cells, game)
    ]
    return " ".join(said) or "What was played answers none of the questions."


def _of(cells: Sequence[Mapping[str, Any]], game: str) -> list[str]:
    here = {cell["condition"]: cell for cell in cells if cell["game"] == game}
    harvests = [
        f"{words} {here[condition]['welfare'] / here[condition]['best_welfare']:.0%}"
        for condition, words in (("alone", "alone"), ("c-2", "led"), ("c-2-cost", "led at a cost"))
        if condition in here
    ]
    said = [f"{game}: of the best harvest {', '.join(harvests)}."] if harvests else []
    if left := here.get("explorers"):
        said.append(
            f"When the planner leaves {left['succeeded_when_left']} of {left['runs']} groups that go on exploring "
            f"are within 5% of it, in the end {left['succeeded']}."
        )
    return said


SCENARIO = Scenario(
    name="commons",
    Parameters=Parameters,
    cells=cells_of,
    build=build,
    play=play,
    play_from=play,
    report=report,
    keys=KEYS,
)
