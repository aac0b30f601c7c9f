"""Datasets of cells as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import xarray as xr


def stacked_cells(cells: Mapping[Any, xr.Dataset]) -> xr.Dataset:
    """Return the datasets of cells of one kind as one, along a dimension `cell`.

    The cells are frozen dataclasses; its coordinates are their parts.
    """
    parts = [asdict(cell) for cell in cells]
    labels = {name: ("cell", [of_cell[name] for of_cell in parts]) for name in parts[0]}
    data = xr.concat(list(cells.values()), dim="cell", combine_attrs="drop_conflicts")
    return data.assign_coords(labels)
