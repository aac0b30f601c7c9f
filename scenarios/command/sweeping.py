"""Sweeps from the shell: what is swept over, how far it is, what came out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from scenarios.command.streams import complain, say
from scenarios.command.tables import print_table
from scenarios.command.terminal import output_console
from scenarios.frame.plain_text import in_one_line, shortened
from scenarios.frame.settings import NoTextError, read_at, read_whole_number, with_settings
from scenarios.registry import scenario_names
from scenarios.sweeps.processes import Record
from scenarios.sweeps.report import (
    each_point,
    failures_of,
    finding,
    label_counts,
    paths_of_sweep,
    quantities_of,
    quantity_to_draw,
    verdicts_table,
)
from simulation import world
from simulation.engine.fields import value_at
from simulation.sweeps.grid import Grid
from simulation.sweeps.points import grid_of
from theory.checks import shown

# What may stand between the colons of evenly spaced values.
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def grid_asked_for(
    name: str, over: Sequence[str], settings: Sequence[str], *, runs: str | None, seed: str | None
) -> Grid:
    """Return the points of the sweep of a world, or of a file that ends in `.toml`.

    Raises
    ------
    ValueError
        If there is no such world or file, a text cannot be read, or a path is set and swept over.
    """
    _refuse_what_is_set(over, settings)
    given: dict[str, Any] = {
        key: read_whole_number(key, text)
        for key, text in (("runs", runs), ("seed", seed))
        if text is not None
    }
    if name.endswith(".toml"):
        from scenarios.sweeps.of_file import FileToSweep  # loads pydantic, which worlds do not need

        file = FileToSweep(Path(name), settings)
        return file.grid(values_over(file.parameters, over, file.experiment.heading.world), **given)
    if name in scenario_names():
        raise ValueError(
            f"a sweep must be of a world or of a file of an experiment, got the scenario {shown(name)}: "
            "sweep the world that it plays, or write its conditions as a file"
        )
    found = world(name)
    parameters = with_settings(found.Parameters(), settings)
    return grid_of(parameters, values_over(parameters, over, name), world=found, **given)


def _refuse_what_is_set(over: Sequence[str], settings: Sequence[str]) -> None:
    """Raise ValueError if a path is set, and swept over as well, so that what is set would be of no use."""
    set_paths = {text.partition("=")[0].strip() for text in settings}
    for text in over:
        path = text.partition("=")[0].strip()
        if path in set_paths:
            raise ValueError(f"{path} must be set or swept over, got both")


def values_over(parameters: Any, given: Sequence[str], of_world: str) -> dict[str, tuple[Any, ...]]:
    """Return the values by path that texts `path=v1,v2,...` write for a world of this name.

    `path=from:to:count` are so many numbers, evenly spaced; a JSON list holds what has commas itself. Players, rules
    and the like are written by their names, as in a file of an experiment.

    Raises
    ------
    ValueError
        If a text is none of these, a path is unknown or given twice, or a value cannot be read as what stands there.
    """
    over: dict[str, tuple[Any, ...]] = {}
    for text in given:
        path, sign, values = (part.strip() for part in text.partition("="))
        if not sign or not values:
            raise ValueError(f"what is swept over must be written path=v1,v2,..., got {shown(text)}")
        if path in over:
            raise ValueError(f"{path} must be swept over once, got it twice")
        value_at(parameters, path)
        over[path] = tuple(_value(parameters, path, one, of_world) for one in _texts(path, values))
    return over


def _value(parameters: Any, path: str, text: str, of_world: str) -> Any:
    try:
        return read_at(parameters, path, text)
    except NoTextError:
        from scenarios.experiments.reading import value_written  # loads pydantic, which numbers do not need

        return value_written(of_world, path, text)


def _texts(path: str, values: str) -> list[str]:
    if values.startswith("["):
        try:
            parts = json.loads(values)
        except (ValueError, RecursionError):
            raise ValueError(f"values of {path} must be a JSON list, got {shown(values)}") from None
        return [part if isinstance(part, str) else json.dumps(part) for part in parts]
    ends = values.split(":")
    if len(ends) == 3:
        return _evenly(path, *ends)
    if len(ends) > 1 and all(_NUMBER.fullmatch(end.strip()) for end in ends):
        raise ValueError(
            f"values of {path} that are evenly spaced must be written from:to:count, got {shown(values)}"
        )
    return [part.strip() for part in values.split(",")]


def _evenly(path: str, first: str, last: str, count: str) -> list[str]:
    try:
        low, high = float(first), float(last)
    except ValueError:
        raise ValueError(
            f"values of {path} must be numbers where they are written from:to:count, got {shown(first)} "
            f"and {shown(last)}"
        ) from None
    number = read_whole_number(f"the number of values of {path}", count)
    if not 2 <= number <= 1_000_000:
        raise ValueError(f"the number of values of {path} must lie in [2, 1000000], got {number}")
    # So many digits show no rounding: .1 + .2 is .3.
    numbers = [float(f"{value:.12g}") for value in np.linspace(low, high, number)]
    return [str(int(value)) if value.is_integer() else repr(value) for value in numbers]


class SweepProgress:
    """A bar on standard error with the time that is left, by the speed of this call.

    `check` raises an interrupt that came and was lost; it is called after each point.
    """

    def __init__(self, console: Console, description: str, check: Callable[[], None]) -> None:
        self._console, self._description, self._check = console, description, check

    def __call__(self, records: Iterator[Record], finished: int, total: int) -> Iterator[Record]:
        """Pass the records on, one tick each."""
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("left"),
            TimeRemainingColumn(compact=True),
        )
        if finished:
            self._console.print(f"{finished} of {total} points are there from before", soft_wrap=True)
        with Progress(*columns, console=self._console, transient=False, speed_estimate_period=600.0) as bar:
            task = bar.add_task(in_one_line(self._description), total=total, completed=finished)
            for record in records:
                bar.advance(task)
                yield record
                self._check()


def tell_line(line: str) -> None:
    """Print one line on standard error."""
    complain("commonweal: " + in_one_line(shortened(line)))


def print_sweep(data: xr.Dataset, folder: Path, quantity: str | None, *, as_json: bool) -> None:
    """Print the table of verdicts, the finding and where everything is; or one JSON object."""
    drawn = quantity_to_draw(data, quantity)
    if as_json:
        say(json.dumps(_plain(data, folder), indent=1, allow_nan=False))
        return
    console = output_console()
    console.print()
    print_table(console, verdicts_table(data, drawn))
    console.print(finding(data, drawn))
    console.print(f"Data and picture are in {in_one_line(str(folder))}", soft_wrap=True)


def _plain(data: xr.Dataset, folder: Path) -> dict[str, Any]:
    paths, judged = paths_of_sweep(data), data["judged_in"].values.tolist()
    points = []
    for place, _ in each_point(data):
        means = {
            name: {part: _number(data[f"{name}_{part}"].values[place]) for part in ("mean", "low", "high")}
            for name in quantities_of(data)
        }
        points.append(
            {
                "values": {
                    path: data[path].values[k : k + 1].tolist()[0]
                    for path, k in zip(paths, place, strict=True)
                },
                "error": str(data["error"].values[place]),
                "quantities": means,
                "verdicts": {judged_in: label_counts(data, place, judged_in) for judged_in in judged},
            }
        )
    return {
        "world": data.attrs["world"],
        "runs": data.sizes["run"],
        "seed": int(data.attrs["seed"]),
        "points": points,
        "results": str(folder),
    }


def _number(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)


def refuse_failures(data: xr.Dataset) -> None:
    """Raise ValueError with what points failed with, if some did; lines before the last are told by then."""
    lines = [
        f"{len(points)} of {data['error'].size} points failed ({_few(points)}): {error}"
        for error, points in failures_of(data).items()
    ]
    if lines:
        for line in lines[:-1]:
            tell_line(line)
        raise ValueError(lines[-1])


def _few(points: Sequence[str]) -> str:
    return "; ".join(points[:3]) + ("; ..." if len(points) > 3 else "")


def with_where(play: Callable[[], xr.Dataset], stored: Callable[[], str]) -> xr.Dataset:
    """Play a sweep; an interrupt says first what is stored."""
    try:
        return play()
    except KeyboardInterrupt:
        tell_line(f"interrupted: {stored()}")
        raise
