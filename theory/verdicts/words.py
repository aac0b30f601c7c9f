"""What verdicts are made of in words: labels, numbers and lists of payoffs, and plain values for JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from theory.checks import FloatArray

LABELS = (
    "welfare-optimal Nash equilibrium",
    "Pareto-optimal Nash equilibrium",
    "Pareto-dominated Nash equilibrium",
    "Pareto-optimal, not an equilibrium",
    "Pareto-dominated, not an equilibrium",
)

# What the label says where the game is too large, or too degenerate, for the rest to be settled.
UNSETTLED = (
    "Pareto-optimal Nash equilibrium, welfare optimality unknown",
    "Nash equilibrium, Pareto optimality unknown",
    "not an equilibrium, Pareto optimality unknown",
)

# A label counts the players below their security level where they are more than this.
MOST_NAMED = 6

_COUNTED = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

# Payoffs of more players than this are summarised, not listed.
MOST_LISTED = 6


def label_of(is_nash: bool, is_pareto_optimal: bool | None, is_welfare_optimal_nash: bool | None) -> str:
    """Return the label without its last part; what is None is said to be unknown."""
    if is_pareto_optimal is None:
        return UNSETTLED[1] if is_nash else UNSETTLED[2]
    if not is_nash:
        return LABELS[3] if is_pareto_optimal else LABELS[4]
    if not is_pareto_optimal:
        return LABELS[2]
    if is_welfare_optimal_nash is None:
        return UNSETTLED[0]
    return LABELS[0] if is_welfare_optimal_nash else LABELS[1]


def label_suffix(below: Sequence[str]) -> str:
    """Return what a label says of players below their security level."""
    if not below:
        return ""
    named = " and ".join(below) if len(below) <= MOST_NAMED else f"{len(below)} players"
    return f", below the security level of {named}"


def listed(values: FloatArray) -> str:
    """Return payoffs of players; of many what each has, if all have the same, or between what they lie."""
    if len(values) > MOST_LISTED:
        least, most = in_figures(values.min()), in_figures(values.max())
        return f"{least} each" if least == most else f"between {least} and {most}"
    return "(" + ", ".join(in_figures(value) for value in values) + ")"


def in_figures(value: float | None) -> str:
    """Return a number without the last digits, which may be rounding, and without a negative zero."""
    return "unknown" if value is None else f"{round(float(value), 12) + 0.0:.4g}"


def as_beginning(text: str) -> str:
    """Return a text with a capital where a sentence begins; the rest, names in it too, stays as it is written."""
    return text[:1].upper() + text[1:]


def counted(count: int) -> str:
    """Return a small number as a word."""
    return _COUNTED[count] if count < len(_COUNTED) else str(count)


def plain(value: Any) -> Any:
    """Return a verdict, or a value in one, as plain values of Python, ready for JSON."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, np.ndarray):
        return (value + 0.0 if value.dtype.kind == "f" else value).tolist()  # no -0
    return list(value) if isinstance(value, tuple) else value
