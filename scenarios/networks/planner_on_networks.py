"""What a planner with a budget buys on a network, whom it should pay, and what remains when it leaves.

Learners play the Prisoner's Dilemma of thesis Table 4.1 with their neighbours on a scale-free network, where a few
hubs have many partners. Three questions, with settings fixed before any result was seen:

1. *Budget*: how much cooperation does a planner reach that may pay everyone, but not more than a budget a step?
2. *Targets*: it may pay a fifth of the agents (those of highest degree, of lowest degree, or chosen by lot), or
   whoever does not live among its like. Who should that be, at the same budget and seeds?
3. *What remains*: the planner is turned off for four times as many steps, among learners alone and where half of
   the agents are gradual Tit-for-Tat players, with one action for all partners (generalised reciprocity) or one for
   each (direct).
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from functools import partial

import xarray as xr

from scenarios.frame.results import Picture, Result
from scenarios.frame.scenario import Progress, RunParameters, data_tree, silent
from scenarios.networks.budget_report import budget_table, finding, remaining_table, verdict_table
from scenarios.networks.budgets import (
    BUDGETS,
    CONDITIONS,
    POPULATIONS,
    TARGET_SHARE,
    TARGETS,
    Cell,
    Done,
    budget_cells,
    measures,
    remaining_cells,
    stacked_cells,
    verdicts,
)
from simulation import NetworkDescription, PopulationParameters, simulate_population
from simulation.engine.randomness import whole_number

NAME = "planner-on-networks"
RECORD_EVERY = 10


@dataclass(frozen=True, kw_only=True)
class Parameters(RunParameters):
    """Sizes of the experiment; budgets, targets and populations are fixed."""

    runs: int = 20
    agents: int = 400
    """At least 20."""
    steps: int = 2500
    """In which the planner acts, at least 100; four times as many follow where it is turned off."""

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("agents", self.agents, at_least=20)
        whole_number("steps", self.steps, at_least=100)

    def quick(self) -> Parameters:
        """Return the parameters of a short look: two runs of a hundred agents, with a fifth of the steps."""
        return replace(self, runs=min(self.runs, 2), agents=min(self.agents, 100), steps=min(self.steps, 500))

    @property
    def network(self) -> NetworkDescription:
        """Who plays with whom, the same in all runs."""
        return NetworkDescription(kind="scale-free", size=self.agents, degree=4, seed=0)

    @property
    def end(self) -> int:
        """After how many steps the last question is answered."""
        return 5 * self.steps

    @property
    def moments(self) -> tuple[int, ...]:
        """After how many steps the network is drawn."""
        return (0, self.steps // 5, self.steps, self.end)

    def with_budget(self, targets: str, budget: float) -> PopulationParameters:
        """Return the parameters of a cell of the first two questions."""
        return PopulationParameters(
            graph=self.network,
            steps=self.steps,
            planner_steps=None,
            targets=targets,
            target_share=TARGET_SHARE,
            budget=budget,
        )

    @property
    def index_of_defection(self) -> float:
        """The welfare index of universal defection: payoffs are means over partners, so everybody has P."""
        of_cell = self.with_budget("everyone", 0.0)
        return float(of_cell.welfare_index(float(of_cell.game.payoffs[0, 1, 1])))

    def turned_off(self, population: str, condition: str) -> PopulationParameters:
        """Return the parameters of a cell of the third question."""
        return PopulationParameters(
            graph=self.network,
            steps=self.end,
            planner_steps=0 if condition == "never-on" else self.steps,
            **POPULATIONS[population],
        )


def run(parameters: Parameters, progress: Progress = silent) -> Result:
    """Simulate all cells, compare them and judge every run."""
    started = time.perf_counter()
    done, complete = _simulate(parameters, progress)
    cells = [*budget_cells(done, parameters), *remaining_cells(done, parameters)]
    judged = verdicts(done, parameters)
    return Result(
        scenario=NAME,
        parameters=asdict(parameters),
        seconds=time.perf_counter() - started,
        complete=complete,
        cells=cells,
        verdicts=judged,
        finding=finding(done, cells, parameters),
        tables=[budget_table(cells, parameters), remaining_table(cells), verdict_table(judged)],
        make_pictures=partial(_pictures, done, parameters),
        data=_data(done, parameters),
    )


def _simulate(parameters: Parameters, progress: Progress) -> tuple[Done, bool]:
    todo: list[Cell] = [(targets, budget) for targets in TARGETS for budget in BUDGETS]
    todo += [(population, condition) for population in POPULATIONS for condition in CONDITIONS]
    done: Done = {}
    try:
        for cell in progress(todo, total=len(todo)):
            of_cell = _parameters_of(parameters, cell)
            moments = parameters.moments if cell[0] in POPULATIONS else ()
            done[cell] = simulate_population(
                of_cell, runs=parameters.runs, seed=parameters.seed, record=RECORD_EVERY, snapshots=moments
            )
    except KeyboardInterrupt:
        if not done:
            raise
        return done, False
    return done, True


def _parameters_of(parameters: Parameters, cell: Cell) -> PopulationParameters:
    if cell[0] in POPULATIONS:
        return parameters.turned_off(*cell)
    return parameters.with_budget(*cell)


def _data(done: Done, parameters: Parameters) -> xr.DataTree:
    groups = {
        group: stacked_cells({cell: data for cell, data in done.items() if cell[0] in of}, dimensions)
        for group, of, dimensions in (
            ("budgets", TARGETS, ("targets", "budget")),
            ("turned-off", tuple(POPULATIONS), ("population", "condition")),
        )
        if any(cell[0] in of for cell in done)
    }
    return data_tree(NAME, groups, asdict(parameters))


def _pictures(done: Done, parameters: Parameters) -> list[Picture]:
    from scenarios.pictures.networks import draw_budgets, draw_network_moments, draw_turned_off

    pictures = []
    by_target = {cell: data for cell, data in done.items() if cell[0] in TARGETS}
    if by_target:
        measured = {cell: measures(data, parameters) for cell, data in by_target.items()}
        pictures.append(Picture(f"{NAME}-budget", partial(draw_budgets, measured)))
    remaining = {cell: data for cell, data in done.items() if cell[0] in POPULATIONS}
    if remaining:
        draw = partial(draw_turned_off, remaining, off=parameters.steps)
        pictures.append(Picture(f"{NAME}-turned-off", draw))
    cell = ("half mirrors", CONDITIONS[0])
    if cell in done:
        titles = (
            "start",
            f"step {parameters.moments[1]}",
            "planner leaves",
            f"{parameters.end - parameters.steps} steps later",
        )
        pictures.append(
            Picture(
                f"{NAME}-moments",
                partial(
                    draw_network_moments,
                    parameters.network.build().to_networkx(),
                    done[cell].isel(run=0)["snapshot_cooperation_probability"].values,
                    titles=titles,
                    shapes=done[cell].isel(run=0)["rule"].values == "mirror",
                    title="Learners (circles) and gradual Tit-for-Tat players (squares) under a planner that leaves",
                    label="probability of cooperation",
                ),
            )
        )
    return pictures
