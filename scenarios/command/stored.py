"""Stored results on the terminal: a list, one of them, two beside each other, and a page for a browser."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scenarios.frame.plain_text import in_one_line

if TYPE_CHECKING:
    from scenarios.stored.reading import Listed, StoredResult

REPORT = "report.html"

# What follows a scenario's name in that of a folder.
_STAMP = re.compile(r"-\d{8}-\d{6}(-\d+)?$")

# Of a finding in the list.
_LONGEST_FINDING = 160


def found(name: str, out: Path) -> StoredResult:
    """Return a result by its folder, by the folder's name within `out`, or the latest there of a scenario."""
    from scenarios.stored.reading import open_result, results_in
    from theory.checks import shown  # loads NumPy, which a list does not need

    if not Path(name).is_dir() and Path(name).name == name and out.is_dir():
        if (out / name).is_dir():
            return open_result(out / name)
        for entry in reversed(results_in(out)):
            if _STAMP.fullmatch(entry.name.removeprefix(name)):
                return open_result(out / entry.name)
        names = [entry.name for entry in results_in(out)]
        scenarios = dict.fromkeys(_STAMP.sub("", entry) for entry in reversed(names))
        near = get_close_matches(name, [*scenarios, *names], n=3, cutoff=0.5)
        hint = f"nearest: {', '.join(near)}" if near else "`commonweal show` lists those that are there"
        raise ValueError(
            f"a result must be a folder, or the name of one or of a scenario in {in_one_line(str(out))}, "
            f"got {shown(name)}; {hint}"
        )
    return open_result(name)


def list_results(out: Path) -> None:
    """Print a line for each result in a folder, and what each found."""
    from scenarios.command.tables import print_table
    from scenarios.command.terminal import output_console
    from scenarios.frame.results import Table
    from scenarios.stored.reading import results_in

    listed = results_in(out)
    console = output_console()
    if not listed:
        console.print(f"No results in {in_one_line(str(out))}.")
        return
    rows = [(entry.name, _state_or_finding(entry)) for entry in listed]
    note = "commonweal show RESULT prints one, commonweal show RESULT OTHER compares two."
    console.print(f"Results in {in_one_line(str(out))}", soft_wrap=True)
    print_table(console, Table("", ("result", "finding"), rows, note))


def _state_or_finding(entry: Listed) -> str:
    said = (
        entry.finding if entry.state == "complete" else f"{entry.state}: {entry.finding}".removesuffix(": ")
    )
    return said if len(said) <= _LONGEST_FINDING else said[:_LONGEST_FINDING].rsplit(" ", 1)[0] + " ..."


def print_stored(name: str, out: Path) -> None:
    """Print a result as its run did, with its parameters."""
    from scenarios.command.tables import print_table
    from scenarios.command.terminal import output_console
    from scenarios.frame.results import Table

    result, console = found(name, out), output_console()
    console.print()
    for table in result.tables:
        print_table(console, table)
    rows = [(path, _shown(value)) for path, value in result.settings.items()]
    if result.seconds is not None:
        rows.append(("seconds", f"{result.seconds:.1f}"))
    rows += [(f"version of {library}", str(number)) for library, number in result.versions.items()]
    print_table(console, Table(f"{result.scenario}: parameters", ("parameter", "value"), rows))
    console.print(result.finding or f"No report: the run ended {result.ended}.")
    if not result.complete:
        console.print("Not complete: cells are missing.", style="bold")


def compare_results(first: str, second: str, out: Path) -> None:
    """Print what differs between two results."""
    from scenarios.command.tables import print_table
    from scenarios.command.terminal import output_console
    from scenarios.stored.comparison import NAMES, comparison_tables

    one, other, console = found(first, out), found(second, out), output_console()
    for called, result in zip(NAMES, (one, other), strict=True):
        console.print(f"{called}: {in_one_line(str(result.folder))}", soft_wrap=True)
    console.print()
    for table in comparison_tables(one, other):
        print_table(console, table)
    for called, result in zip(NAMES, (one, other), strict=True):
        console.print(f"{called}: {result.finding or 'no report'}")


def write_report(name: str, out: Path, to: Path | None) -> None:
    """Write the page of a result, and say where."""
    from scenarios.command.terminal import output_console
    from scenarios.frame.files import write_whole
    from scenarios.stored.page import page_of

    result = found(name, out)
    target = result.folder / REPORT if to is None else to
    try:
        write_whole(target, page_of(result).encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise ValueError(f"the report must be writable, got {target}: {error.strerror}") from error
    output_console().print(f"The report is {in_one_line(str(target))}", soft_wrap=True)


def as_plain(names: Sequence[str], out: Path) -> Any:
    """Return what `show` prints as plain values for JSON."""
    from scenarios.stored.comparison import comparison_tables
    from scenarios.stored.reading import results_in

    if not names:
        return [asdict(entry) for entry in results_in(out)]
    results = [found(name, out) for name in names]
    if len(results) == 2:
        return [asdict(table) for table in comparison_tables(*results)]
    (result,) = results
    return {
        "scenario": result.scenario,
        "folder": str(result.folder),
        "parameters": result.parameters,
        "complete": result.complete,
        "seconds": result.seconds,
        "versions": result.versions,
        "cells": result.cells,
        "verdicts": result.verdicts,
        "finding": result.finding,
        "missing_pictures": result.missing_pictures,
    }


def _shown(value: Any) -> str:
    return ", ".join(str(entry) for entry in value) if isinstance(value, list) else str(value)
