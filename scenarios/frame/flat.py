"""Measured quantities and verdicts as flat tables, a row each, for spreadsheets and data frames.

A pair of numbers, an interval, becomes two columns (`interval_low`, `interval_high`); a verdict becomes a row for
each of its labels, with the number of runs that got it (`label`, `runs`); any other list is text of JSON.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


def flat_cells(cells: Iterable[Row]) -> list[dict[str, Any]]:
    """Return measured quantities with one value a column."""
    cells = list(cells)
    pairs = {key for key in _keys(cells) if _is_pair([cell.get(key) for cell in cells])}
    return [_flat(cell, pairs) for cell in cells]


def flat_verdicts(verdicts: Iterable[Row]) -> list[dict[str, Any]]:
    """Return verdicts with one label, and the number of its runs, a row."""
    verdicts = list(verdicts)
    pairs = {key for key in _keys(verdicts) if _is_pair([verdict.get(key) for verdict in verdicts])}
    rows = []
    for verdict in verdicts:
        labels = verdict.get("labels")
        shared = _flat({key: value for key, value in verdict.items() if key != "labels"}, pairs)
        counted = labels.items() if isinstance(labels, Mapping) else [(None, None)]
        rows += [
            shared | ({} if label is None else {"label": label, "runs": runs}) for label, runs in counted
        ]
    return rows


def csv_bytes(rows: Sequence[Row]) -> bytes:
    """Return rows as CSV in UTF-8; what a row lacks is left empty, and so is what is None."""
    file = io.StringIO()
    writer = csv.DictWriter(file, _keys(rows), lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode("utf-8")


def _keys(rows: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(key for row in rows for key in row))


def _is_pair(values: Sequence[Any]) -> bool:
    """Return whether all values that are there are two numbers in order, and some are there."""
    given = [value for value in values if value is not None]
    return bool(given) and all(
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(isinstance(end, int | float) for end in value)
        and value[0] <= value[1]
        for value in given
    )


def _flat(row: Row, pairs: set[str]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in row.items():
        if key in pairs:
            low, high = (None, None) if value is None else value
            flat |= {f"{key}_low": low, f"{key}_high": high}
        elif isinstance(value, list | tuple | Mapping):
            flat[key] = json.dumps(value)
        else:
            flat[key] = value
    return flat
