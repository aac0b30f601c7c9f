"""Tables, progress and results on the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table as RichTable

from scenarios.command.compiling import CompilingNotice
from scenarios.frame.plain_text import in_one_line
from scenarios.frame.results import Entry, Result, Table

# Columns with no wider entry are never wrapped; wider ones share what is left of the line.
NARROW = 22


class TerminalProgress:
    """A progress bar on standard error, so that standard output stays clean."""

    def __init__(self, console: Console, description: str) -> None:
        self._console = console
        self._description = description
        self._compiling = CompilingNotice(console)

    def __call__(self, steps: Iterable[Any], *, total: int) -> Iterable[Any]:
        """Pass the steps on, one tick each."""
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._console, transient=False) as bar, self._compiling.heard():
            task = bar.add_task(in_one_line(self._description), total=total)
            for step in steps:
                yield step
                bar.advance(task)


def print_table(console: Console, table: Table) -> None:
    """Print a table; a value of the first columns that repeats the row above is left out."""
    title = in_one_line(table.title)
    rich_table = RichTable(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    rows = [[_shown(entry) for entry in row] for row in table.rows]
    for column, width, whole in zip(table.columns, *_widths(table.columns, rows, console.width), strict=True):
        rich_table.add_column(in_one_line(column), no_wrap=whole, min_width=width, overflow="fold")
    grouped = len({row[0] for row in rows}) < len(rows)
    previous: tuple[str, ...] = ()
    for row in rows:
        shown = list(row)
        for k, value in enumerate(row[:-1]):
            if tuple(row[: k + 1]) != previous[: k + 1]:
                break
            shown[k] = "" if value == previous[k] else value
        if grouped and previous and row[0] != previous[0]:
            rich_table.add_section()
        rich_table.add_row(*shown)
        previous = tuple(row)
    console.print(rich_table)
    if table.note:
        console.print(table.note, style="dim")
    console.print()


def _widths(
    columns: Sequence[str], rows: Sequence[Sequence[str]], room: int
) -> tuple[list[int | None], list[bool]]:
    """Return each column's least width, and whether its entries stay in one line.

    Narrow columns do, as long as there is room for all of them; where there is not, those of numbers alone do, since
    a number must never be cut.
    """
    entries = [[line for row in rows for line in row[k].split("\n")] for k in range(len(columns))]
    widest = [max(map(len, column), default=0) for column in entries]
    narrow = [width <= NARROW for width in widest]
    if sum(width for width, small in zip(widest, narrow, strict=True) if small) + 3 * len(columns) <= room:
        return [None] * len(columns), narrow
    numbers = [all(_is_number(entry) for entry in column) for column in entries]
    return [width if is_number else None for width, is_number in zip(widest, numbers, strict=True)], numbers


def _is_number(entry: str) -> bool:
    return not entry or not any(
        character.isalpha() for character in entry.replace("e-", "").replace("e+", "")
    )


def _shown(entry: Entry) -> str:
    lines = (entry,) if isinstance(entry, str) else entry
    return "\n".join(in_one_line(line) for line in lines)


def print_result(console: Console, result: Result) -> None:
    """Print all of a scenario's tables, and its finding."""
    console.print()
    for table in result.tables:
        print_table(console, table)
    console.print(result.finding)
    _print_what_is_missing(console, result)


def print_in_short(console: Console, result: Result) -> None:
    """Print a scenario's finding and the first of its tables."""
    console.print()
    console.print(result.finding)
    _print_what_is_missing(console, result)
    console.print()
    for table in result.tables[:1]:
        print_table(console, table)


def _print_what_is_missing(console: Console, result: Result) -> None:
    if result.interrupted:
        console.print("Interrupted: this is what was finished by then.", style="bold")
    if result.failures:
        failed = f"{len(result.failures)} failed" if len(result.failures) > 1 else "One failed"
        console.print(f"{failed}: this is what the other cells gave.", style="bold")
