"""What is known of the results of Axelrod's first tournament, as data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from theory.checks import FloatArray

# Short names of the entries, in the published order.
CODES = {
    "tit-for-tat": "TFT",
    "tideman-chieruzzi": "T&C",
    "nydegger": "NYD",
    "grofman": "GRO",
    "shubik": "SHU",
    "stein-rapoport": "S&R",
    "grim": "FRI",
    "davis": "DAV",
    "graaskamp": "GRA",
    "downing": "DOW",
    "feld": "FEL",
    "joss": "JOS",
    "tullock": "TUL",
    "name-withheld": "NAM",
    "random": "RAN",
}


@dataclass(frozen=True, eq=False)
class Table1980:
    """The table of what each entry scored against each.

    Attributes
    ----------
    names
        `[15]` in the published order.
    averages
        `[15]` published points a game.
    points
        `[15, 15]`: of the row against the column, means of five games; see `seen`.
    seen
        `[15, 15]`: whether a cell was seen in a public transcription. The others are recalled: nobody should
        quote them as published.
    """

    names: tuple[str, ...]
    averages: FloatArray
    points: FloatArray
    seen: NDArray[np.bool_]


@cache
def table_of_1980() -> Table1980:
    """Return the table, in payoffs 5, 3, 1, 0 and games of 200 turns."""
    data = json.loads(files("scenarios").joinpath("data/axelrod_1980.json").read_text(encoding="utf-8"))
    names = tuple(data["averages"])
    return Table1980(
        names,
        np.array(list(data["averages"].values())),
        np.array([data["points"][name] for name in names], dtype=np.float64),
        np.array([data["status"][name] for name in names]) == "seen",
    )
