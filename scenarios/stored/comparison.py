"""Two results beside each other: the parameters that differ, and quantities and verdicts that both have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scenarios.frame.results import Table
from scenarios.frame.verdicts import counted_labels
from scenarios.stored.reading import StoredResult

NAMES = ("first", "second")

_INTERVAL = "interval"
_SIGNIFICANT = 4


def comparison_tables(first: StoredResult, second: StoredResult) -> list[Table]:
    """Return which parameters differ, each quantity of cells that both have, with its interval, and their verdicts.

    Cells are matched by all their entries of text and by whole numbers that are no count of what happened: game,
    condition, number of players and the like, as far as both results have them.
    """
    return [_parameters(first, second), *_quantities(first, second), *_verdicts(first, second)]


def _parameters(first: StoredResult, second: StoredResult) -> Table:
    ours, theirs = first.settings, second.settings
    rows = [
        (name, _shown(ours.get(name, "–")), _shown(theirs.get(name, "–")))
        for name in dict.fromkeys((*ours, *theirs))
        if ours.get(name) != theirs.get(name) or (name in ours) != (name in theirs)
    ]
    for name in dict.fromkeys((*first.versions, *second.versions)):
        before, after = first.versions.get(name, "–"), second.versions.get(name, "–")
        if before != after:
            rows.append((f"version of {name}", before, after))
    note = "" if rows else "All parameters and versions are the same."
    return Table("Parameters that differ", ("parameter", *NAMES), rows, note)


def _quantities(first: StoredResult, second: StoredResult) -> list[Table]:
    ours, theirs = _by_name(first.cells), _by_name(second.cells)
    shared = [name for name in ours if name in theirs]
    if not shared:
        return []
    rows, alike = [], 0
    for name in shared:
        for quantity, value in ours[name].items():
            other = theirs[name].get(quantity)
            if not (_is_number(value) and _is_number(other)):
                continue
            if value == other:
                alike += 1
                continue
            shown = (_with_interval(cell, quantity) for cell in (ours[name], theirs[name]))
            rows.append((", ".join(name), quantity, *shown, f"{other - value:+.{_SIGNIFICANT}g}"))
    left_out = len(ours) + len(theirs) - 2 * len(shared)
    note = (
        "In brackets: the 95% interval that the result gives. Change: of the values, not of what they estimate. "
        f"{alike} quantities are the same."
    )
    if left_out:
        note += f" {left_out} cells are in one of the two alone."
    return [Table("What was measured", ("cell", "quantity", *NAMES, "change"), rows, note)]


def _verdicts(first: StoredResult, second: StoredResult) -> list[Table]:
    """Return how many runs got which label, where the counts differ; no table where neither has any."""
    ours, theirs = _by_name(first.verdicts), _by_name(second.verdicts)
    shared = [name for name in ours if name in theirs and _counts(ours[name]) and _counts(theirs[name])]
    if not shared:
        return []
    differing = [name for name in shared if _counts(ours[name]) != _counts(theirs[name])]
    rows = [
        (", ".join(name), counted_labels(_counts(ours[name])), counted_labels(_counts(theirs[name])))
        for name in differing
    ]
    note = f"Runs × label. Verdicts on {len(shared) - len(differing)} of {len(shared)} cells are the same."
    return [Table("Verdicts that differ", ("cell", *NAMES), rows, note)]


def _counts(verdict: Mapping[str, Any]) -> Mapping[str, int]:
    """Return how many runs got which label; nothing where a verdict is on no runs, or cannot be read."""
    labels = verdict.get("labels")
    counted = isinstance(labels, Mapping) and all(isinstance(runs, int) for runs in labels.values())
    return labels if counted and isinstance(labels, Mapping) else {}


def _by_name(cells: Sequence[Mapping[str, Any]]) -> dict[tuple[str, ...], Mapping[str, Any]]:
    """Return cells by their texts; where several have the same, by their place among these, too."""
    named: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for cell in cells:
        texts = tuple(value for value in cell.values() if isinstance(value, str))
        name, number = texts, 1
        while name in named:
            number += 1
            name = (*texts, f"no. {number}")
        named[name] = cell
    return named


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _with_interval(cell: Mapping[str, Any], quantity: str) -> str:
    """Return a value with its own interval, or with the cell's one interval where it is the mean."""
    own = cell.get(f"{quantity}_{_INTERVAL}", cell.get(_INTERVAL) if quantity == "mean" else None)
    shown = _shown(cell[quantity])
    if isinstance(own, list) and len(own) == 2 and all(_is_number(end) for end in own):
        return f"{shown} [{_shown(own[0])}, {_shown(own[1])}]"
    return shown


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.{_SIGNIFICANT}g}"
    if isinstance(value, list):
        return ", ".join(_shown(entry) for entry in value)
    return str(value)
