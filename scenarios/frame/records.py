"""Data as bytes: a finished cell in a moment, and all of them as one NetCDF file.

Bytes are made in memory and then written by a plain `write`: HDF5 that meets a full disk itself can end the program.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from scenarios.frame.plain_text import visible
from scenarios.frame.scenario import Measured


@dataclass(frozen=True)
class FinishedCell:
    """A cell as it was kept."""

    group: str
    data: xr.Dataset | None
    cells: Sequence[dict[str, Any]]
    verdicts: Sequence[dict[str, Any]]
    measured: bool = False
    """Whether `play` itself measured and judged."""

    @property
    def played(self) -> xr.Dataset | Measured:
        """What `play` returned."""
        if self.data is not None and not self.measured:
            return self.data
        return Measured(data=self.data, cells=self.cells, verdicts=self.verdicts)


def cell_bytes(group: str, played: xr.Dataset | Measured) -> bytes:
    """Return a cell as a NumPy archive; making a NetCDF file takes fifty times as long."""
    measured = played if isinstance(played, Measured) else Measured(data=played)
    arrays: dict[str, Any] = {}
    variables: dict[str, Any] = {}
    if measured.data is not None:
        for number, (name, variable) in enumerate(measured.data.variables.items()):
            values = variable.values
            arrays[f"values_{number}"] = values.astype(str) if values.dtype.kind in "OT" else values
            variables[str(name)] = {
                "values": f"values_{number}",
                "dims": list(variable.dims),
                "attrs": variable.attrs,
                "is_coordinate": name in measured.data.coords,
            }
    about = {
        "group": group,
        "has_data": measured.data is not None,
        "measured": isinstance(played, Measured),
        "variables": variables,
        "attrs": measured.data.attrs if measured.data is not None else {},
        "cells": measured.cells,
        "verdicts": measured.verdicts,
    }
    file = io.BytesIO()
    np.savez(file, about=np.array(json.dumps(about, default=_plain)), **arrays)
    return file.getvalue()


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else str(value)


def read_cell(content: bytes) -> FinishedCell:
    """Return a cell that `cell_bytes` wrote."""
    about, arrays = cell_arrays(content)
    data = None
    if about["has_data"]:
        of_variables = about["variables"]
        variables = {
            name: xr.Variable(of["dims"], arrays[name], of["attrs"]) for name, of in of_variables.items()
        }
        data = xr.Dataset(variables, attrs=about["attrs"]).set_coords(
            [name for name, of in of_variables.items() if of["is_coordinate"]]
        )
    return FinishedCell(about["group"], data, about["cells"], about["verdicts"], about["measured"])


def read_cells(paths: Iterable[Path]) -> Iterator[tuple[bytes, FinishedCell]]:
    """Yield the cells of files that are whole, each with its bytes: what is damaged counts as not played."""
    for path in paths:
        content = path.read_bytes()
        try:
            cell = read_cell(content)
        except (ValueError, KeyError, EOFError, zipfile.BadZipFile):
            continue
        yield content, cell


def cell_arrays(content: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return what `cell_bytes` wrote of a cell, and the arrays of its variables by name; no pickle is read."""
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        about: dict[str, Any] = json.loads(str(stored["about"]))
        return about, {name: stored[of["values"]] for name, of in about["variables"].items()}


def netcdf_bytes(data: xr.DataTree) -> bytes | memoryview:
    """Return data as a NetCDF-4 file.

    Attributes become such as HDF5 can hold: whole numbers beyond 64 bits are text, NUL is spelled out.
    """
    data = data.copy()
    for node in data.subtree:
        node.attrs = _storable_attributes(node.attrs)
    return data.to_netcdf(engine="h5netcdf")


def _storable_attributes(attributes: Mapping[Any, Any]) -> dict[str, Any]:
    return {visible(str(name), keep=""): _storable_value(value) for name, value in attributes.items()}


def _storable_value(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value)
    if isinstance(value, (list, tuple)):
        entries = [_storable_value(entry) for entry in value]
        # One number that became text makes all of them text: a list has one type.
        return [str(entry) for entry in entries] if any(isinstance(e, str) for e in entries) else entries
    return value
