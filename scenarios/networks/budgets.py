"""What planners with budgets reach on networks: what is played, how it is measured and judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr

from scenarios.frame.scenario import RunParameters
from scenarios.frame.verdicts import LEARNED_TOLERANCE
from simulation import NetworkDescription, PopulationParameters, judge_population, simulate_population
from simulation.engine.randomness import whole_number
from theory.checks import FloatArray
from theory.statistics import mean_interval

# Most that may be paid in a step, in payoff units for each agent of the population.
BUDGETS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 1.0)
TARGETS = ("everyone", "highest-degree", "lowest-degree", "random", "boundary")
TARGET_SHARE = 0.2
# At this budget targets are compared run by run.
COMPARED = 0.1

# Half mirrors begin undecided, with a prior of one C and one D, or mistrustful, with one C and four D.
_HALF: dict[str, Any] = {"rules": {"learner": 0.5, "mirror": 0.5}}
POPULATIONS: dict[str, dict[str, Any]] = {
    "learners": {"rules": {"learner": 1.0}},
    "half mirrors": _HALF,
    "half mirrors, direct": _HALF | {"per_partner": True},
    "half mirrors, mistrustful": _HALF | {"prior": (1.0, 4.0)},
    "half mirrors, mistrustful, direct": _HALF | {"prior": (1.0, 4.0), "per_partner": True},
}
CONDITIONS = ("turned-off", "never-on")

RECORD_EVERY = 10


@dataclass(frozen=True, kw_only=True)
class Parameters(RunParameters):
    """Sizes of the experiment; budgets, targets and populations are fixed."""

    runs: int = 20
    agents: int = 400
    """Of each network, at least 20."""
    steps: int = 2500
    """In which the planner acts, at least 100; four times as many follow where it is turned off."""
    ledger_runs: int = 8
    """Of each cell of gradual Tit-for-Tat and those in its place."""
    ledger_agents: int = 100
    """Of each of their networks, at least 20."""

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("agents", self.agents, at_least=20)
        whole_number("steps", self.steps, at_least=100)
        whole_number("ledger_runs", self.ledger_runs, at_least=1)
        whole_number("ledger_agents", self.ledger_agents, at_least=20)

    def quick(self) -> Parameters:
        """Return the parameters of a short look: two runs of a hundred agents, one run of ledgers, few steps."""
        return replace(
            self,
            runs=min(self.runs, 2),
            agents=min(self.agents, 100),
            steps=min(self.steps, 300),
            ledger_runs=1,
            ledger_agents=min(self.ledger_agents, 50),
        )

    @property
    def network(self) -> NetworkDescription:
        """Who plays with whom, the same in all runs."""
        return NetworkDescription(kind="scale-free", size=self.agents, degree=4, seed=0)

    @property
    def end(self) -> int:
        """After how many steps the last question is answered."""
        return 5 * self.steps

    @property
    def alone_steps(self) -> int:
        """How many steps a network takes on which nobody learns."""
        return self.steps // 5

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
            budget_per_agent=budget,
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


@dataclass(frozen=True)
class Budget:
    """A planner that may pay some agents, and not more than a budget a step."""

    targets: str
    budget: float


@dataclass(frozen=True)
class Remains:
    """A population whose planner is turned off, or that never had one."""

    population: str
    condition: str


Cell = Budget | Remains
Done = Mapping[Any, xr.Dataset]


def cells_of(parameters: Parameters) -> list[Cell]:
    """Return all targets with all budgets, then all populations under both conditions."""
    return [
        *(Budget(targets, budget) for targets in TARGETS for budget in BUDGETS),
        *(Remains(population, condition) for population in POPULATIONS for condition in CONDITIONS),
    ]


def build(parameters: Parameters, cell: Cell) -> PopulationParameters:
    """Return the parameters of a cell's simulation."""
    if isinstance(cell, Budget):
        return parameters.with_budget(cell.targets, cell.budget)
    return parameters.turned_off(cell.population, cell.condition)


def play(parameters: Parameters, cell: Cell) -> xr.Dataset:
    """Simulate a cell."""
    return simulate_population(
        build(parameters, cell),
        runs=parameters.runs,
        seed=parameters.seed,
        record=RECORD_EVERY,
        snapshots=parameters.moments if isinstance(cell, Remains) else (),
    )


def measures(data: xr.Dataset, parameters: Parameters) -> dict[str, FloatArray]:
    """Return what a planner reached and paid, `[run]` each."""
    steps = parameters.steps
    return {
        "cooperation": window(data, "cooperation", steps, steps),
        "welfare_index": window(data, "welfare_index", steps, steps),
        "outlay": data["outlay_per_step"].values,
        "outlay_at_end": window(data, "outlay", steps, steps),
    }


def budget_cells(done: Done, parameters: Parameters) -> list[dict[str, Any]]:
    """Return what each budget bought with each choice of targets, means over runs with intervals."""
    return [
        {
            "question": "budget and targets",
            "targets": cell.targets,
            "budget": cell.budget,
            "quantity": quantity,
            "runs": data.sizes["run"],
        }
        | mean_of(values)
        for cell, data in done.items()
        if isinstance(cell, Budget)
        for quantity, values in measures(data, parameters).items()
    ]


def remaining_cells(done: Done, parameters: Parameters) -> list[dict[str, Any]]:
    """Return how many cooperated when the planner left, and at the end; and by how much more than without one.

    The difference is the mean over runs, run i against run i of the same population that never had a planner.
    """
    cells = []
    for cell, data in done.items():
        if not isinstance(cell, Remains):
            continue
        is_off = cell.condition == CONDITIONS[0]
        never = done.get(Remains(cell.population, CONDITIONS[1])) if is_off else None
        for moment, end in (("when it leaves", parameters.steps), ("at the end", parameters.end)):
            for of in ("learner", "mirror"):
                values = _cooperation(data, of, end, parameters)
                if np.isfinite(values).all():
                    more = (
                        None if never is None else mean_of(values - _cooperation(never, of, end, parameters))
                    )
                    cells.append(
                        {
                            "question": "what remains",
                            "population": cell.population,
                            "condition": cell.condition,
                            "moment": moment,
                            "quantity": f"cooperation of {of}s",
                            "runs": data.sizes["run"],
                            "difference_to_never_on": more and more["mean"],
                            "difference_interval": more and more["interval"],
                        }
                        | mean_of(values)
                    )
    return cells


def _cooperation(data: xr.Dataset, of: str, end: int, parameters: Parameters) -> FloatArray:
    return window(data.sel(by_rule=of), "cooperation_by_rule", end, parameters.steps)


def verdicts(done: Done, parameters: Parameters) -> list[dict[str, Any]]:
    """Judge every run at the largest budget, and at the compared one, as it ended."""
    verdicts = []
    chosen = [Budget("everyone", BUDGETS[-1]), *(Budget(targets, COMPARED) for targets in TARGETS)]
    for cell in chosen:
        if cell not in done:
            continue
        data, of_cell = done[cell], build(parameters, cell)
        judged = [
            judge_population(of_cell, data, run=run, tolerance=LEARNED_TOLERANCE)
            for run in range(data.sizes["run"])
        ]
        for judged_in in ("original", "with_incentives"):
            found = [verdict for each in judged if (verdict := getattr(each, judged_in)) is not None]
            if found:
                labels = Counter(verdict.label.split(", below")[0] for verdict in found)
                verdicts.append(
                    {
                        "targets": cell.targets,
                        "budget": cell.budget,
                        "judged_in": judged_in.replace("_", "-"),
                        "labels": dict(labels.most_common()),
                        "median_regret": float(np.median([v.regrets.max() for v in found])),
                        "median_pareto_slack_per_agent": float(
                            np.median([v.pareto_slack for v in found]) / parameters.agents
                        ),
                        "tolerance": LEARNED_TOLERANCE,
                    }
                )
    return verdicts


def window(data: xr.Dataset, name: str, end: int, steps: int) -> FloatArray:
    """Return `[run]`: the mean of the last tenth of so many steps before `end`."""
    part = data[name].sel(step=slice(end - steps // 10, end - 1))
    return np.asarray(part.mean("step").values)


def mean_of(values: FloatArray) -> dict[str, Any]:
    """Return the mean of `values[run]` and its 95% interval, None for a single run."""
    interval = mean_interval(values)
    return {"mean": float(values.mean()), "interval": list(interval) if interval else None}
