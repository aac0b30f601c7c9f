"""What `commonweal list` prints: names, and what stands behind each, in lines that fit the terminal."""

from __future__ import annotations

import math
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from scenarios.frame.plain_text import in_one_line
from scenarios.frame.results import Table

# Narrower terminals get lines of this width, wider ones are not filled: long lines are hard to read.
_NARROWEST, _WIDEST = 60, 120
_INDENT = 6


def names_in_lines(heading: str, entries: Mapping[str, str]) -> str:
    """Return a heading, and names with a text beside each."""
    indent = max((len(name) for name in entries), default=0) + 4
    lines = [heading]
    for name, text in entries.items():
        first, *others = _wrapped(text, indent) or [""]
        lines += [f"  {name:<{indent - 2}}{first}", *(" " * indent + line for line in others)]
    return "\n".join(line.rstrip() for line in lines)


def names_above_texts(heading: str, entries: Mapping[str, Sequence[str]]) -> str:
    """Return a heading, and names with texts below each."""
    lines = [heading]
    for name, texts in entries.items():
        lines += [f"  {name}", *(" " * _INDENT + line for text in texts for line in _wrapped(text, _INDENT))]
    return "\n".join(lines)


def _wrapped(text: str, indent: int) -> list[str]:
    room = min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST) - indent
    return textwrap.wrap(in_one_line(text), room, break_long_words=False, break_on_hyphens=False)


def strategies() -> list[dict[str, Any]]:
    """Return of each strategy that `tournament` knows its name, memory, whether it draws, and its source.

    `memory_depth` is the number of turns back that it looks, None if no number is enough.
    """
    from simulation import strategy, strategy_names

    known = [strategy(name) for name in strategy_names()]
    return [
        {
            "name": each.name,
            "memory_depth": int(each.memory_depth) if math.isfinite(each.memory_depth) else None,
            "is_stochastic": each.is_stochastic,
            "source": each.source,
        }
        for each in known
    ]


def strategies_table() -> Table:
    """Return the strategies that `tournament` knows as a table."""
    rows = [
        (
            each["name"],
            "all" if each["memory_depth"] is None else str(each["memory_depth"]),
            "yes" if each["is_stochastic"] else "no",
            each["source"],
        )
        for each in strategies()
    ]
    return Table(
        f"{len(rows)} strategies (commonweal tournament NAME NAME ...)",
        ("strategy", "memory", "draws", "source"),
        rows,
        "Memory: how many turns back it looks; all: what happened in any turn can matter. Draws: whether it ever "
        "mixes C and D.",
    )
