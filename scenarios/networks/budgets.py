"""Measuring what planners with budgets reach on networks: cells and verdicts of `planner-on-networks`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from scenarios.frame.verdicts import LEARNED_TOLERANCE
from simulation import judge_population
from theory.checks import FloatArray
from theory.statistics import mean_interval

if TYPE_CHECKING:
    from scenarios.networks.planner_on_networks import Parameters

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

Cell = tuple[str, Any]
"""(targets, budget) or (population, condition)."""
Done = dict[Cell, xr.Dataset]


def measures(data: xr.Dataset, parameters: Parameters) -> dict[str, FloatArray]:
    """Return what a planner reached and paid, `[run]` each."""
    steps = parameters.steps
    return {
        "cooperation": _window(data, "cooperation", steps, steps),
        "welfare_index": _window(data, "welfare_index", steps, steps),
        "outlay": data["outlay_per_step"].values,
        "outlay_at_end": _window(data, "outlay", steps, steps),
    }


def budget_cells(done: Done, parameters: Parameters) -> list[dict[str, Any]]:
    """Return what each budget bought with each choice of targets, means over runs with intervals."""
    return [
        {
            "question": "budget and targets",
            "targets": cell[0],
            "budget": cell[1],
            "quantity": quantity,
            "runs": data.sizes["run"],
        }
        | _mean(values)
        for cell, data in done.items()
        if cell[0] in TARGETS
        for quantity, values in measures(data, parameters).items()
    ]


def remaining_cells(done: Done, parameters: Parameters) -> list[dict[str, Any]]:
    """Return how many cooperated when the planner left, and at the end; and by how much more than without one.

    The difference is the mean over runs, run i against run i of the same population that never had a planner.
    """
    cells = []
    for cell, data in done.items():
        if cell[0] not in POPULATIONS:
            continue
        never = done.get((cell[0], CONDITIONS[1])) if cell[1] == CONDITIONS[0] else None
        for moment, end in (("when it leaves", parameters.steps), ("at the end", parameters.end)):
            for of in ("learner", "mirror"):
                values = _cooperation(data, of, end, parameters)
                if np.isfinite(values).all():
                    more = None if never is None else _mean(values - _cooperation(never, of, end, parameters))
                    cells.append(
                        {
                            "question": "what remains",
                            "population": cell[0],
                            "condition": cell[1],
                            "moment": moment,
                            "quantity": f"cooperation of {of}s",
                            "runs": data.sizes["run"],
                            "difference_to_never_on": more and more["mean"],
                            "difference_interval": more and more["interval"],
                        }
                        | _mean(values)
                    )
    return cells


def _cooperation(data: xr.Dataset, of: str, end: int, parameters: Parameters) -> FloatArray:
    return _window(data.sel(by_rule=of), "cooperation_by_rule", end, parameters.steps)


def verdicts(done: Done, parameters: Parameters) -> list[dict[str, Any]]:
    """Judge every run at the largest budget, and at the compared one, as it ended."""
    verdicts = []
    chosen = [("everyone", BUDGETS[-1]), *((targets, COMPARED) for targets in TARGETS)]
    for targets, budget in chosen:
        if (targets, budget) not in done:
            continue
        data, of_cell = done[targets, budget], parameters.with_budget(targets, budget)
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
                        "targets": targets,
                        "budget": budget,
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


def _window(data: xr.Dataset, name: str, end: int, steps: int) -> FloatArray:
    """Return `[run]`: the mean of the last tenth of so many steps before `end`."""
    part = data[name].sel(step=slice(end - steps // 10, end - 1))
    return np.asarray(part.mean("step").values)


def _mean(values: FloatArray) -> dict[str, Any]:
    interval = mean_interval(values)
    return {"mean": float(values.mean()), "interval": list(interval) if interval else None}


def stacked_cells(cells: Mapping[tuple[Any, ...], xr.Dataset], names: Sequence[str]) -> xr.Dataset:
    """Return the datasets of cells as one, along a dimension `cell` whose coordinates are `names`."""
    data = xr.concat(list(cells.values()), dim="cell", combine_attrs="drop_conflicts")
    labels = {
        name: ("cell", list(values)) for name, values in zip(names, zip(*cells, strict=True), strict=True)
    }
    return data.assign_coords(labels)
