"""All points of a sweep as one dataset, with a dimension for each parameter that varies."""

from __future__ import annotations

import json
from collections.abc import Iterable
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


def assembled(grid: Grid, points: Iterable[StoredPoint]) -> xr.Dataset:
    """Return all points, which come in their order, as one dataset.

    Returns
    -------
    xarray.Dataset
        A dimension for each path, by (..., run) what the world measures, each with its mean over runs, `..._mean`,
        and the 95% interval of that, `..._low` and `..._high`; by (..., run, judged_in) the `verdict` as a place in
        `label`, `regret`, `pareto_slack`, `welfare` and `welfare_index`; by (..., judged_in, label) `runs_by_label`;
        by point the `error`, empty where the point did not fail.
    """
    room = _Room(grid)
    for point in points:
        room.put(point)
    return room.dataset()


class _Judged:
    """The verdicts of all points in one game."""

    def __init__(self, points: int, runs: int) -> None:
        self.verdict = np.full((points, runs), NOT_JUDGED, dtype=np.int16)
        self.numbers = {name: np.full((points, runs), np.nan) for name in NUMBERS}


class _Room:
    """Arrays with a place for each point, which are made when the first point has something for them."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.judged: dict[str, _Judged] = {}
        self.labels: dict[str, int] = {}
        self.measured: dict[str, NDArray[Any]] = {}
        self.dims: dict[str, tuple[str, ...]] = {}
        self.coordinates: dict[str, NDArray[Any]] = {}
        self.attributes: dict[str, Any] = {}
        self.errors = np.full(len(grid), "", dtype=object)

    def put(self, point: StoredPoint) -> None:
        self.errors[point.number] = point.error
        if not point.variables:
            return
        self.attributes = self.attributes or point.attrs
        for name in point.coordinates:
            self.coordinates.setdefault(name, point.variables[name])
        for name in point.measured:
            self._put_measured(point, name)
        codes = np.array(
            [self.labels.setdefault(label, len(self.labels)) for label in point.labels], dtype=np.int16
        )
        for place, game in enumerate(point.variables["judged_in"].tolist()):
            if game not in self.judged:
                self.judged[game] = _Judged(len(self.grid), self.grid.runs)
            self.judged[game].verdict[point.number] = codes[point.variables["label"][:, place]]
            for name, values in self.judged[game].numbers.items():
                values[point.number] = point.variables[name][:, place]

    def _put_measured(self, point: StoredPoint, name: str) -> None:
        values = point.variables[name]
        if values.dtype.kind not in "biuf":
            raise ValueError(f"what is kept must be numbers, got {name} of {values.dtype}")
        if name not in self.measured:
            self.measured[name] = np.full((len(self.grid), *values.shape), np.nan)
            self.dims[name] = point.dims[name]
        if self.measured[name].shape[1:] != values.shape:
            raise ValueError(
                f"what is kept must have the same shape at all points, got {name} of {values.shape} at point "
                f"{point.number} and {self.measured[name].shape[1:]} before"
            )
        self.measured[name][point.number] = values

    def dataset(self) -> xr.Dataset:
        paths, shape = tuple(self.grid.over), self.grid.shape
        data = xr.Dataset(
            {
                name: ((*paths, *dims), values.reshape(*shape, *values.shape[1:]))
                for name, (dims, values) in (self._quantities() | self._verdicts()).items()
            },
            self.grid.coordinates()
            | {name: values for name, values in self.coordinates.items() if name not in paths}
            | {
                "run": np.arange(self.grid.runs),
                "judged_in": np.array(list(self.judged), dtype=object),
                "label": np.array(list(self.labels), dtype=object),
            },
        )
        for key, variable in data.variables.items():
            variable.attrs |= QUANTITIES.get(str(key), {})
            if key in _MEANINGS:
                variable.attrs["long_name"] = _MEANINGS[str(key)]
        return data.assign_attrs(self._about())

    def _quantities(self) -> dict[str, tuple[tuple[str, ...], NDArray[Any]]]:
        """Return what was measured, and behind what is one number a run its mean over runs with an interval."""
        found: dict[str, tuple[tuple[str, ...], NDArray[Any]]] = {}
        for name, values in self.measured.items():
            found[name] = self.dims[name], values
            if self.dims[name] == ("run",):
                found |= {f"{name}_{part}": ((), means) for part, means in _means(values).items()}
        return found

    def _verdicts(self) -> dict[str, tuple[tuple[str, ...], NDArray[Any]]]:
        points, runs, games = len(self.grid), self.grid.runs, list(self.judged.values())
        counts = np.zeros((points, len(games), len(self.labels)), dtype=np.int32)
        for place, game in enumerate(games):
            for code in range(len(self.labels)):
                counts[:, place, code] = (game.verdict == code).sum(axis=1)
        none = np.zeros((points, runs, 0))
        verdict = np.stack([game.verdict for game in games], axis=-1) if games else none.astype(np.int16)
        found: dict[str, tuple[tuple[str, ...], NDArray[Any]]] = {
            "verdict": (("run", "judged_in"), verdict),
            "runs_by_label": (("judged_in", "label"), counts),
        }
        for name in NUMBERS:
            numbers = [game.numbers[name] for game in games]
            found[name] = ("run", "judged_in"), np.stack(numbers, axis=-1) if games else none
        return found | {"error": ((), self.errors)}

    def _about(self) -> dict[str, Any]:
        described = self.grid.describe()
        return {
            "world": described["world"],
            "parameters": json.dumps(described["parameters"]),
            "over": json.dumps(described["over"]),
            **({"conditions": json.dumps(described["conditions"])} if self.grid.conditions else {}),
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
