"""What the runs of a condition came to: a world's few numbers, and the verdict on every run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from simulation import judge_runs
from simulation.worlds.world import World
from theory.checks import FloatArray
from theory.statistics import mean_interval
from theory.verdicts.verdict import LEARNED_TOLERANCE

# A run in which something did not happen has this number.
_NEVER = -1

_OF_EVENTS = ("planner_retired",)


@dataclass(frozen=True, eq=False)
class Verdicts:
    """Verdicts on the runs of a condition: on each, and counted by label."""

    of_runs: xr.Dataset
    counted: list[dict[str, Any]]


def measured(world: World[Any], parameters: Any, data: xr.Dataset) -> list[dict[str, Any]]:
    """Return mean, standard deviation and interval of what a world measures, the most telling first."""
    return [
        {"quantity": name, "runs": len(values)} | _summary(np.asarray(values, dtype=np.float64), name)
        for name, values in world.measure(parameters, data).items()
    ]


def _summary(values: FloatArray, name: str) -> dict[str, Any]:
    happened = np.isfinite(values)
    if name in _OF_EVENTS:
        happened &= values != _NEVER
    counted = values[happened]
    interval = mean_interval(counted) if counted.size > 1 else None
    return {
        "mean": float(counted.mean()) if counted.size else None,
        "std": float(counted.std()) if counted.size else None,
        "interval": None if interval is None else [float(end) for end in interval],
        "runs_in_which_it_happened": int(counted.size),
    }


def judged(world: World[Any], parameters: Any, data: xr.Dataset) -> Verdicts:
    """Return the verdicts on all runs, in every game that they are judged in."""
    of_runs = judge_runs(world, parameters, data)
    counted = []
    for judged_in in of_runs["judged_in"].values:
        of_game = of_runs.sel(judged_in=judged_in)
        index = of_game["welfare_index"].values
        counted.append(
            {
                "judged_in": str(judged_in),
                "labels": dict(Counter(map(str, of_game["label"].values)).most_common()),
                "median_regret": float(np.median(of_game["regret"].values)),
                "median_pareto_slack": float(np.median(of_game["pareto_slack"].values)),
                "welfare_index": float(index.mean()) if np.isfinite(index).all() else None,
                "tolerance": LEARNED_TOLERANCE,
            }
        )
    return Verdicts(of_runs, counted)


def with_verdicts(data: xr.Dataset, verdicts: Verdicts) -> xr.Dataset:
    """Return a dataset with the verdict on every run beside what was recorded."""
    of_runs = verdicts.of_runs
    if not of_runs.sizes["judged_in"]:
        return data
    renamed = {name: f"verdict_{name}" for name in of_runs.data_vars}
    kept = of_runs.rename(renamed)
    for name, variable in kept.variables.items():
        if variable.dtype.kind == "O":
            kept[name] = variable.astype(str)
    return data.assign(kept.data_vars).assign_coords(judged_in=kept["judged_in"])
