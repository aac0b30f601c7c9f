"""All points of a sweep as one dataset, with a dimension for each parameter that varies."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from scenarios.sweeps.records import StoredPoint
from simulation.engine.provenance import versions
from simulation.engine.quantities import QUANTITIES
from simulation.engine.sizes import refuse_beyond_memory
from simulation.sweeps.grid import Grid
from simulation.worlds.verdicts import NUMBERS
from theory.checks import FloatArray
from theory.statistics import mean_interval

# What stands for a run without a verdict.
NOT_JUDGED = -1

# Numbers of a run that are known before a point is played.
_NUMBERS_A_RUN = 20

_MEANINGS = {
    "verdict": "the place of a run's verdict in `label`, -1 where there is none",
    "runs_by_label": "runs of the point that got the verdict",
    "error": "what the point failed with; empty where it did not",
    "regret": "largest regret of a player, in payoff units of the game judged in",
    "pareto_slack": "most that some lottery gives more in all with nobody losing, in payoff units",
    "welfare": "sum of payoffs in the game judged in",
    "welfare_index": "welfare as a share of the range over outcomes; NaN where that is not known",
}


def refuse_large(grid: Grid) -> None:
    """Raise ValueError if what all runs came to would not fit into memory in the end."""
    refuse_beyond_memory(
        f"{len(grid)} points of {grid.runs} runs",
        3 * 8 * _NUMBERS_A_RUN * len(grid) * grid.runs,
        lower="runs, or sweep over fewer values at a time",
    )


def assembled(grid: Grid, points: Callable[[], Iterator[StoredPoint]]) -> xr.Dataset:
    """Return all points as one dataset; `points` yields them in their order, as often as it is called.

    Returns
    -------
    xarray.Dataset
        A dimension for each path, by (..., run) what the world measures, each with its mean over runs, `..._mean`,
        and the 95% interval of that, `..._low` and `..._high`; by (..., run, judged_in) the `verdict` as a place in
        `label`, `regret`, `pareto_slack`, `welfare` and `welfare_index`; by (..., judged_in, label) `runs_by_label`;
        by point the `error`, empty where the point did not fail.
    """
    room = _Room(grid)
    for point in points():
        room.look_at(point)
    for point in points():
        room.put(point)
    return room.dataset()


class _Room:
    """Arrays with a place for each point, made when all that there is in any of them is known."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.judged_in: dict[str, int] = {}
        self.labels: dict[str, int] = {}
        self.measured: dict[str, tuple[tuple[str, ...], tuple[int, ...]]] = {}
        self.coordinates: dict[str, NDArray[Any]] = {}
        self.attributes: dict[str, Any] = {}
        self.arrays: dict[str, NDArray[Any]] = {}

    def look_at(self, point: StoredPoint) -> None:
        if point.data is None:
            return
        for name in point.data["judged_in"].values.tolist():
            self.judged_in.setdefault(str(name), len(self.judged_in))
        for label in point.labels:
            self.labels.setdefault(label, len(self.labels))
        for name, variable in point.data.data_vars.items():
            if name in ("label", *NUMBERS):
                continue
            if variable.dtype.kind not in "biuf":
                raise ValueError(f"what is kept must be numbers, got {name} of {variable.dtype}")
            shape = tuple(map(str, variable.dims)), variable.shape
            if self.measured.setdefault(str(name), shape) != shape:
                raise ValueError(
                    f"what is kept must have the same shape at all points, got {name} of {variable.shape} at point "
                    f"{point.number} and {self.measured[str(name)][1]} before"
                )
            for dimension in shape[0]:
                if dimension in point.data.coords:
                    self.coordinates.setdefault(dimension, point.data[dimension].values)
        self.attributes = self.attributes or dict(point.data.attrs)

    def put(self, point: StoredPoint) -> None:
        arrays = self.arrays or self._make()
        arrays["error"][point.number] = point.error
        if point.data is None:
            return
        places = [self.judged_in[str(name)] for name in point.data["judged_in"].values]
        codes = np.array([self.labels[label] for label in point.labels], dtype=np.int16)
        if places:
            verdict = codes[point.data["label"].values]
            arrays["verdict"][point.number][:, places] = verdict
            for name in NUMBERS:
                arrays[name][point.number][:, places] = point.data[name].values
            for place, of_runs in zip(places, verdict.T, strict=True):
                arrays["runs_by_label"][point.number, place] = np.bincount(
                    of_runs, minlength=len(self.labels)
                )
        for name in self.measured:
            if name in point.data:
                arrays[name][point.number] = point.data[name].values

    def _make(self) -> dict[str, NDArray[Any]]:
        points, runs = len(self.grid), self.grid.runs
        judged, labels = len(self.judged_in), len(self.labels)
        self.arrays = {
            "error": np.full(points, "", dtype=object),
            "verdict": np.full((points, runs, judged), NOT_JUDGED, dtype=np.int16),
            "runs_by_label": np.zeros((points, judged, labels), dtype=np.int32),
        }
        for name in NUMBERS:
            self.arrays[name] = np.full((points, runs, judged), np.nan)
        for name, (_, shape) in self.measured.items():
            self.arrays[name] = np.full((points, *shape), np.nan)
        return self.arrays

    def dataset(self) -> xr.Dataset:
        arrays = self.arrays or self._make()
        dimensions: dict[str, tuple[str, ...]] = {"error": (), "runs_by_label": ("judged_in", "label")}
        dimensions |= dict.fromkeys(("verdict", *NUMBERS), ("run", "judged_in"))
        dimensions |= {name: dims for name, (dims, _) in self.measured.items()}
        for name in (name for name, (dims, _) in self.measured.items() if dims == ("run",)):
            for part, values in _means(arrays[name]).items():
                self.arrays[f"{name}_{part}"], dimensions[f"{name}_{part}"] = values, ()
        paths = tuple(self.grid.over)
        order = [name for name in self.measured if self.measured[name][0] == ("run",)]
        first = [
            part for name in order for part in (name, *(f"{name}_{end}" for end in ("mean", "low", "high")))
        ]
        names = list(dict.fromkeys([*first, *self.measured, "verdict", "runs_by_label", *NUMBERS, "error"]))
        data = xr.Dataset(
            {
                name: (
                    (*paths, *dimensions[name]),
                    arrays[name].reshape(*self.grid.shape, *arrays[name].shape[1:]),
                )
                for name in names
            },
            self.grid.coordinates()
            | {dimension: values for dimension, values in self.coordinates.items() if dimension not in paths}
            | {
                "run": np.arange(self.grid.runs),
                "judged_in": np.array(list(self.judged_in), dtype=object),
                "label": np.array(list(self.labels), dtype=object),
            },
        )
        for key, variable in data.variables.items():
            variable.attrs |= QUANTITIES.get(str(key), {})
            if key in _MEANINGS:
                variable.attrs["long_name"] = _MEANINGS[str(key)]
        return data.assign_attrs(self._about())

    def _about(self) -> dict[str, Any]:
        described = self.grid.describe()
        return {
            "world": described["world"],
            "parameters": json.dumps(described["parameters"]),
            "over": json.dumps(described["over"]),
            "runs": self.grid.runs,
            "seed": self.grid.seed,
            "versions": json.dumps(versions()),
        } | {name: self.attributes[name] for name in ("law", "law_source") if name in self.attributes}


def _means(values: NDArray[Any]) -> dict[str, FloatArray]:
    """Return the mean over runs of `values[points, runs]`, and the ends of its 95% interval; NaN without one."""
    found = {part: np.full(len(values), np.nan) for part in ("mean", "low", "high")}
    for place, of_runs in enumerate(values):
        finite = of_runs[np.isfinite(of_runs)]
        if finite.size:
            found["mean"][place] = finite.mean()
        interval = mean_interval(finite) if finite.size else None
        if interval is not None:
            found["low"][place], found["high"][place] = interval
    return found
