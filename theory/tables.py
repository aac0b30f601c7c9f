"""Tables in which games, equilibria and verdicts show themselves, and the one rule that makes HTML of them.

A class names what it shows; notebooks ask it for `_repr_html_`. Every text is shown as text, and nothing is asked for
from elsewhere: no script, no style sheet. Colours are the page's own, so that tables are read on dark pages, too.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from theory.visible_text import in_one_line

if TYPE_CHECKING:
    from theory.checks import FloatArray

Entry = str | tuple[str, ...]
"""Of a table: a text in one line, or lines below each other. A line's end inside a text is spelled out."""


class Underlined(str):
    """A text that is underlined where that can be done."""


class Pieces(tuple[str, ...]):
    """Texts beside each other in one line, some of them perhaps `Underlined`."""


@dataclass(frozen=True)
class Table:
    """A table for the terminal, the docs and notebooks.

    Raises
    ------
    ValueError
        If a row has not one entry a column, or an entry is neither text nor a tuple of texts.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Entry]]
    note: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(
                    f"rows must have an entry for each of the columns {', '.join(self.columns)}, got {row!r}"
                )
            for column, entry in zip(self.columns, row, strict=True):
                lines = entry if isinstance(entry, tuple) else (entry,)
                if not all(isinstance(line, str) for line in lines):
                    raise ValueError(
                        f"entries must be text or tuples of text, got {entry!r} in column {column!r}"
                    )


class ShownAsTables(ABC):
    """What notebooks show as tables; plain `repr` and `print` stay as they are."""

    @abstractmethod
    def as_tables(self) -> list[Table]:
        """Return the tables in which this is shown."""

    def _repr_html_(self) -> str:
        return as_html(self.as_tables())


_CELL = "text-align: left; vertical-align: top; padding: .2em .7em; border: 1px solid rgba(128, 128, 128, .5)"
_PLAIN = "text-align: left; white-space: normal"


def as_html(tables: Iterable[Table]) -> str:
    """Return tables as HTML, below each other, the first entry of each row as its heading."""
    return "".join(_table(table) for table in tables)


def _table(table: Table) -> str:
    bold = f'style="{_PLAIN}; font-weight: bold"'
    title = f"<caption {bold}>{_text(table.title)}</caption>" if table.title else ""
    head = "".join(f'<th scope="col" style="{_CELL}">{_text(column)}</th>' for column in table.columns)
    rows = "".join(f"<tr>{_row(row)}</tr>" for row in table.rows)
    note = f'<p style="{_PLAIN}">{_text(table.note)}</p>' if table.note else ""
    return (
        f'<table style="border-collapse: collapse; color: inherit">{title}'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{note}"
    )


def _row(row: Sequence[Entry]) -> str:
    first, *others = row
    cells = [f'<th scope="row" style="{_CELL}">{_entry(first)}</th>']
    return "".join([*cells, *(f'<td style="{_CELL}">{_entry(entry)}</td>' for entry in others)])


def _entry(entry: Entry) -> str:
    if isinstance(entry, Pieces):
        return "".join(
            f"<u>{_text(piece)}</u>" if isinstance(piece, Underlined) else _text(piece) for piece in entry
        )
    lines = entry if isinstance(entry, tuple) else (entry,)
    return "<br>".join(_text(line) for line in lines)


def _text(text: str) -> str:
    return escape(in_one_line(text), quote=True)


def exactly(number: float) -> str:
    """Return a number with all of its digits, a whole one without its point, none with a negative zero."""
    return repr(float(number) + 0.0).removesuffix(".0")


def to_four_figures(number: float | None) -> str:
    """Return a number with four figures; a dash where there is none."""
    return "–" if number is None else f"{number:z.4g}"


def in_brackets(numbers: Sequence[float] | FloatArray) -> str:
    """Return numbers of all players, with four figures each."""
    return "(" + ", ".join(to_four_figures(number) for number in numbers) + ")"
