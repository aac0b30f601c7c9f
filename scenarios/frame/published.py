"""Published results to compare with, as data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class PublishedCell:
    """A published mean and population standard deviation over `runs` runs."""

    mean: float
    std: float
    runs: int
    reference_protocol_range: tuple[float, float] | None
    """Where a ten-run mean falls 95 times of 100 when the reference protocol is repeated (not published)."""


@cache
def thesis_cells(value_function: str, *, revenue_neutral: bool) -> dict[tuple[str, str, str], PublishedCell]:
    """Return the cells of thesis Tables 4.2 and 4.3 by (game, condition, quantity)."""
    text = files("scenarios").joinpath("data/thesis_tables.json").read_text(encoding="utf-8")
    cells = {}
    for cell in json.loads(text)["cells"]:
        if (cell["value_function"], cell["revenue_neutral"]) != (value_function, revenue_neutral):
            continue
        for quantity in ("joint_cooperation", "welfare", "average_additional_reward"):
            measured = cell["reference_protocol_range"].get(quantity)
            cells[cell["game"], cell["condition"], quantity] = PublishedCell(
                cell[quantity]["mean"],
                cell[quantity]["std"],
                cell["runs"],
                (measured[0], measured[1]) if measured else None,
            )
    return cells
