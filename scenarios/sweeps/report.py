"""What a sweep shows: a table of its points with their verdicts, all of it as CSV, the finding, the picture."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from scenarios.frame.plain_text import in_one_line
from scenarios.frame.results import Picture, Table, in_words
from scenarios.frame.verdicts import LEARNED_TOLERANCE, counted_labels
from theory.checks import known_name

# Rows of a table that people read; all points stand in the files.
MOST_ROWS = 30

ORIGINAL = "original"

PICTURE = "sweep"


def paths_of_sweep(data: xr.Dataset) -> tuple[str, ...]:
    """Return the parameters that vary, by their paths."""
    return tuple(str(name) for name in data["error"].dims)


def quantities_of(data: xr.Dataset) -> list[str]:
    """Return what the world measures of a run, the most telling first."""
    return [str(name) for name in data.data_vars if f"{name}_mean" in data.data_vars]


def quantity_to_draw(data: xr.Dataset, asked: str | None) -> str | None:
    """Return the quantity that is drawn: the one asked for, or the most telling; None where nothing was measured."""
    known = [*quantities_of(data), *(("welfare_index",) if data.sizes["judged_in"] else ())]
    if asked is not None:
        return known_name("quantity", asked, known)
    return known[0] if known else None


def each_point(data: xr.Dataset) -> Iterator[tuple[tuple[int, ...], tuple[str, ...]]]:
    """Yield the place of each point and its values as text."""
    paths = paths_of_sweep(data)
    for place in np.ndindex(*data["error"].shape):
        yield place, tuple(as_text(data[path].values[k]) for path, k in zip(paths, place, strict=True))


def as_text(value: Any) -> str:
    """Return a value of a coordinate as text."""
    return f"{value:g}" if isinstance(value, (int, float, np.number)) else str(value)


def verdicts_table(data: xr.Dataset, quantity: str | None) -> Table:
    """Return a row a point: the mean of a quantity with its 95% interval, and how many runs got which label."""
    paths = paths_of_sweep(data)
    in_mean = quantity if quantity in quantities_of(data) else None
    rows = []
    for row, (place, values) in enumerate(each_point(data)):
        if row == MOST_ROWS:
            break
        mean = _mean_in_words(data, in_mean, place) if in_mean else ()
        error = str(data["error"].values[place])
        rows.append((*values, *mean, (f"failed: {in_one_line(error)}",) if error else _labels(data, place)))
    left, judged_in = data["error"].size - len(rows), first_judged_in(data)
    runs = data.sizes["run"]
    return Table(
        f"Sweep of {data.attrs['world']} over {', '.join(paths)}: {runs} run{'s' * (runs > 1)} of each point",
        (*paths, *((in_mean,) if in_mean else ()), f"runs × verdict{f' ({judged_in})' if judged_in else ''}"),
        rows,
        (f"{left} more points are in points.csv and verdicts.csv. " if left else "")
        + (f"{in_mean}: mean over runs, and its 95% interval (Student's). " if in_mean else "")
        + f"Each run is judged by itself, with a tolerance of {LEARNED_TOLERANCE:g} of the payoff range. Run i has "
        "the same random numbers at all points.",
    )


def _mean_in_words(data: xr.Dataset, quantity: str, place: tuple[int, ...]) -> tuple[str]:
    mean, low, high = (float(data[f"{quantity}_{part}"].values[place]) for part in ("mean", "low", "high"))
    if np.isnan(mean):
        return ("–",)
    return (f"{mean:.3f}" if np.isnan(low) else f"{mean:.3f} [{low:.3f}, {high:.3f}]",)


def _labels(data: xr.Dataset, place: tuple[int, ...]) -> tuple[str, ...]:
    counts = label_counts(data, place, first_judged_in(data))
    return counted_labels(counts) or ("not judged",)


def first_judged_in(data: xr.Dataset) -> str | None:
    """Return the game in which tables tell verdicts: the original one, or what there is."""
    names = data["judged_in"].values.tolist()
    return ORIGINAL if ORIGINAL in names else (names[0] if names else None)


def label_counts(data: xr.Dataset, place: tuple[int, ...], judged_in: str | None) -> dict[str, int]:
    """Return how many runs of a point got which label, the most frequent first."""
    if judged_in is None:
        return {}
    counts = data["runs_by_label"].values[place][data["judged_in"].values.tolist().index(judged_in)]
    ranked = sorted(range(len(counts)), key=lambda k: (-counts[k], k))
    labels = data["label"].values
    return {str(labels[k]): int(counts[k]) for k in ranked if counts[k]}


def points_csv(data: xr.Dataset) -> bytes:
    """Return a row a point: its values, the mean of each quantity with its interval, the error."""
    names = [f"{name}_{part}" for name in quantities_of(data) for part in ("mean", "low", "high")]
    columns = {name: data[name].values for name in (*names, "error")}
    rows = (
        (*values, *(_cell(columns[name][place]) for name in columns)) for place, values in each_point(data)
    )
    return _csv((*paths_of_sweep(data), *columns), rows)


def verdicts_csv(data: xr.Dataset) -> bytes:
    """Return a row for each verdict of a point's runs: how many got it, in which game."""
    judged = data["judged_in"].values.tolist()
    rows = (
        (*values, judged_in, label, runs)
        for place, values in each_point(data)
        for judged_in in judged
        for label, runs in label_counts(data, place, judged_in).items()
    )
    return _csv((*paths_of_sweep(data), "judged_in", "verdict", "runs"), rows)


def _cell(value: Any) -> str:
    if isinstance(value, (float, np.floating)):
        return "" if np.isnan(value) else repr(float(value))
    return str(value)


def _csv(header: Sequence[str], rows: Iterator[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", "backslashreplace")


def failures_of(data: xr.Dataset) -> dict[str, list[str]]:
    """Return the points that failed, as text, by what they failed with."""
    found: dict[str, list[str]] = {}
    paths = paths_of_sweep(data)
    for place, values in each_point(data):
        error = str(data["error"].values[place])
        if error:
            point = ", ".join(f"{path}={value}" for path, value in zip(paths, values, strict=True))
            found.setdefault(error, []).append(point)
    return found


def finding(data: xr.Dataset, quantity: str | None) -> str:
    """Say where the mean of a quantity is largest and least, and how many runs ended in which kind of outcome."""
    sentences = []
    if quantity in quantities_of(data):
        means = data[f"{quantity}_mean"].values
        if np.isfinite(means).any():
            low, high = (_place_in_words(data, means, pick) for pick in (np.nanargmin, np.nanargmax))
            least, most = f"{np.nanmin(means):.3f}", f"{np.nanmax(means):.3f}"
            where = "at the only point" if means.size == 1 else "at all points"
            sentences.append(
                f"The mean of {quantity} is {least} {where}{_but_failed(means)}."
                if least == most
                else f"The mean of {quantity} is largest, {high}, and least, {low}."
            )
    judged_in = first_judged_in(data)
    if judged_in is not None:
        counts = data["runs_by_label"].values[..., data["judged_in"].values.tolist().index(judged_in), :]
        totals = counts.reshape(-1, counts.shape[-1]).sum(axis=0)
        ranked = sorted(range(len(totals)), key=lambda k: (-totals[k], k))
        words = "; ".join(f"{totals[k]} {data['label'].values[k]}" for k in ranked[:3] if totals[k])
        sentences.append(f"Of {int(totals.sum())} runs ({judged_in}): {words}.")
    return " ".join(sentences)


def summary_of(data: xr.Dataset, quantity: str | None) -> bytes:
    """Return finding and table as `commonweal show` reads them of any result."""
    table = verdicts_table(data, quantity)
    plain = {"title": table.title, "columns": table.columns, "rows": table.rows, "note": table.note}
    summary = {
        "scenario": f"sweep {data.attrs['world']}",
        "complete": True,
        "cells": [],
        "verdicts": [],
        "finding": finding(data, quantity),
        "tables": [plain],
    }
    return (json.dumps(summary, indent=1) + "\n").encode()


def _but_failed(means: Any) -> str:
    """Return what is left out of all points: those without a mean."""
    return " that have one" if np.isnan(means).any() else ""


def _place_in_words(data: xr.Dataset, means: Any, pick: Any) -> str:
    place = np.unravel_index(int(pick(means)), means.shape)
    at = ", ".join(
        f"{path} {as_text(data[path].values[k])}" for path, k in zip(paths_of_sweep(data), place, strict=True)
    )
    return f"{means[place]:.3f}, at {at}" if at else f"{means[place]:.3f}"


def picture_of(data: xr.Dataset, quantity: str | None) -> Picture | None:
    """Return the picture of a sweep over one or two parameters; None for others, or where nothing was measured."""
    if (
        quantity is None
        or len(paths_of_sweep(data)) not in (1, 2)
        or not np.isfinite(data[quantity].values).any()
    ):
        return None
    from scenarios.pictures.sweeps import draw_sweep_and_verdicts

    return Picture(PICTURE, partial(draw_sweep_and_verdicts, data, quantity))


def drawn(data: xr.Dataset, quantity: str | None) -> tuple[bytes | None, str]:
    """Return the picture of a sweep as a PNG file, and why there is none; both empty where none is wanted."""
    from scenarios.frame.store import picture_files

    try:
        picture = picture_of(data, quantity)
        return (None, "") if picture is None else (picture_files(picture)["png"], "")
    except Exception as error:
        return None, in_words(error)
