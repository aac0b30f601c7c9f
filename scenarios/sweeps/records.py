"""A finished point of a sweep as bytes: made where it was played, so that who stores it only writes them down."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenarios.frame.records import cell_arrays, cell_bytes
from scenarios.frame.scenario import Measured
from simulation.sweeps.grid import Grid
from simulation.sweeps.points import SweepPoint, play_point
from simulation.worlds.verdicts import NUMBERS


@dataclass(frozen=True, eq=False)
class StoredPoint:
    """A point as it was stored."""

    number: int
    variables: dict[str, NDArray[Any]]
    """As of a `SweepPoint`, coordinates too, but that `label` has places in `labels`; none where the point failed."""
    dims: dict[str, tuple[str, ...]]
    attrs: dict[str, Any]
    labels: list[str]
    error: str
    processor: str
    """That it was played on."""

    @property
    def law_source(self) -> str:
        """The hash of the law's sources; empty where the point failed."""
        return str(self.attrs.get("law_source", ""))

    @property
    def measured(self) -> list[str]:
        """The variables that are no verdict and no coordinate."""
        return [
            name
            for name in self.variables
            if name not in ("label", *NUMBERS) and name not in self.coordinates
        ]

    @property
    def coordinates(self) -> list[str]:
        """The variables that are called as a dimension is."""
        return [name for name, dims in self.dims.items() if dims == (name,)]


def played_record(grid: Grid, number: int) -> bytes:
    """Play a point and return it as bytes, together with the processor."""
    return point_record(play_point(grid, number))


def point_record(point: SweepPoint) -> bytes:
    """Return a point as bytes."""
    about: dict[str, Any] = {"labels": [], "error": point.error, "processor": processor()}
    data = point.data
    if data is not None:
        labels = data["label"].values
        about["labels"] = list(dict.fromkeys(labels.ravel().tolist()))
        places = {label: place for place, label in enumerate(about["labels"])}
        codes = np.array([places[label] for label in labels.ravel()], dtype=np.int16).reshape(labels.shape)
        data = data.assign(label=(data["label"].dims, codes)).drop_vars(list(point.values))
    return cell_bytes(str(point.number), Measured(data=data, cells=[about]))


def read_point(content: bytes) -> StoredPoint:
    """Return the point that `point_record` made bytes of; no pickle is read."""
    cell, arrays = cell_arrays(content)
    (about,) = cell["cells"]
    dims = {name: tuple(of["dims"]) for name, of in cell["variables"].items()}
    number = int(cell["group"])
    return StoredPoint(
        number, arrays, dims, cell["attrs"], about["labels"], about["error"], about["processor"]
    )


@cache
def processor() -> str:
    """Return the name of this machine's kind of processor."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return " ".join(value.split())
    except OSError:
        pass
    return platform.processor() or platform.machine()
