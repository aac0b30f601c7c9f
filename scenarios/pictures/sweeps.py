"""Pictures of sweeps: a line with its interval over one parameter, a map of colours over two."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from scenarios.frame.look import (
    CURVE_COLOURS,
    GREEN,
    ORANGE,
    PURPLE,
    axes_or_new,
    label_axes,
    new_figure,
    show_as_written,
    title_figure,
)
from simulation.sweeps.grid import CONDITION
from theory.arguments import dataset_of
from theory.checks import known_name
from theory.statistics import mean_interval, share_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


# Of lines of conditions: where two coincide, dashes of the later one leave the earlier one to be seen.
DASHES = ("-", "--", ":", "-.")

# Labels of an axis that still can be read.
MOST_TICKS = 12


def draw_sweep(
    data: xr.Dataset, quantity: str | None = None, *, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the mean of a quantity over runs: a line with its 95% interval, of two parameters a map of colours.

    Conditions of a file have a line each.

    Parameters
    ----------
    data
        Of `commonweal.sweep`, over one or two parameters.
    quantity
        What the world measures, or "welfare_index" in the original game; by default the first that is measured.
    title
        By default the world, the number of runs of each point, and what is drawn of them.
    ax
        Where to draw; by default on a new figure, `.figure` of what is returned.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the sweep is over more parameters or none, or there is no such quantity.
    """
    paths = _paths(data)
    known = _quantities(data)
    name = known_name("quantity", quantity, known) if quantity is not None else known[0]
    axis = axes_or_new(ax, width=6.5, height=4.6)
    values = _of_runs(data, name)
    words = str(data[name].attrs.get("long_name", name.replace("_", " ")))
    title = what_is_drawn(data) if title is None else title
    lines = _lines(data, paths)
    if lines:
        for (condition, part), colour, dashes in zip(
            lines.items(), CURVE_COLOURS, cycle(DASHES), strict=False
        ):
            _draw_line(axis, part[paths[-1]].values, _of_runs(part, name), colour, condition, dashes=dashes)
        label_axes(axis, x=paths[-1], y=words, title=title)
        if len(lines) > 1:
            axis.legend(title=CONDITION, fontsize=9)
    else:
        _draw_map(axis, data, paths, values.mean(axis=-1), words, title)
    return show_as_written(axis)


def draw_sweep_verdicts(data: xr.Dataset, *, title: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw how many runs ended in an equilibrium: a line with its 95% interval for each game that they are judged in.

    Over two parameters it is a map of colours, of the original game; conditions of a file have a line each in it.

    Parameters
    ----------
    data
        Of `commonweal.sweep`, over one or two parameters.
    title
        By default the world, the number of runs of each point, and what is drawn of them.
    ax
        Where to draw; by default on a new figure, `.figure` of what is returned.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the sweep is over more parameters or none, or no run was judged.
    """
    paths = _paths(data)
    if not data.sizes["judged_in"]:
        raise ValueError("runs must be judged for their verdicts to be drawn, got none that was")
    axis = axes_or_new(ax, width=6.5, height=4.6)
    if len(paths) == 1:
        for place, colour in zip(range(data.sizes["judged_in"]), (ORANGE, GREEN, PURPLE), strict=False):
            game, shares = str(data["judged_in"].values[place]), _in_equilibrium(data, place)
            _draw_line(axis, data[paths[0]].values, shares, colour, game, interval=_of_share)
        axis.set_ylim(-0.02, 1.02)
        axis.legend(title="judged in", fontsize=9)
        title = what_is_drawn(data) if title is None else title
        label_axes(axis, x=paths[0], y="share of runs in an equilibrium", title=title)
    elif lines := _lines(data, paths):
        for (condition, part), colour, dashes in zip(
            lines.items(), CURVE_COLOURS, cycle(DASHES), strict=False
        ):
            shares = _in_equilibrium(part, _place_of_game(part))
            _draw_line(
                axis, part[paths[-1]].values, shares, colour, condition, interval=_of_share, dashes=dashes
            )
        axis.set_ylim(-0.02, 1.02)
        axis.legend(title=CONDITION, fontsize=9)
        title = f"{what_is_drawn(data)}\njudged in the {_game(data)}" if title is None else title
        label_axes(axis, x=paths[-1], y="share of runs in an equilibrium", title=title)
    else:
        share = _in_equilibrium(data, _place_of_game(data)).mean(axis=-1)
        title = f"{what_is_drawn(data)}\njudged in the {_game(data)}" if title is None else title
        _draw_map(axis, data, paths, share, "share of runs in an equilibrium", title, (0.0, 1.0))
    return show_as_written(axis)


def draw_sweep_and_verdicts(data: xr.Dataset, quantity: str) -> Figure:
    """Draw a quantity and, beside it, how many runs ended in an equilibrium where they were judged."""
    judged = bool(data.sizes["judged_in"])
    figure, axes = new_figure(1, 2 if judged else 1, width=11.0 if judged else 6.5, height=4.6)
    title_figure(figure, what_is_drawn(data))
    draw_sweep(data, quantity, title="(a) What runs came to", ax=axes[0, 0])
    if judged:
        of = f" ({_game(data)})" if len(_paths(data)) == 2 else ""
        draw_sweep_verdicts(data, title=f"(b) Verdicts{of}", ax=axes[0, 1])
    return figure


def what_is_drawn(data: xr.Dataset) -> str:
    """Say what was played how often, and what is drawn of it."""
    runs = data.sizes["run"]
    what = f"{data.attrs['world']}: {runs} run{'s' * (runs > 1)} of each point,\nmean over runs"
    if _lines(data, _paths(data)):
        return f"{what} with its 95% interval"
    return f"{what} (white: the point failed)" if (data["error"].values != "").any() else what


def _paths(data: Any) -> list[str]:
    dataset_of("commonweal.sweep", "error", "verdict")("data", data)
    paths = [str(name) for name in data["error"].dims]
    if len(paths) not in (1, 2):
        raise ValueError(f"a sweep is drawn over one or two parameters, got {len(paths)}")
    return paths


def _lines(data: xr.Dataset, paths: list[str]) -> dict[str, xr.Dataset]:
    """Return what is drawn as lines, by condition; nothing where two parameters make a map of colours."""
    if len(paths) == 1:
        return {"": data}
    if paths[0] != CONDITION or data.sizes[CONDITION] > len(CURVE_COLOURS):
        return {}
    return {str(name): data.isel({CONDITION: k}) for k, name in enumerate(data[CONDITION].values)}


def _quantities(data: xr.Dataset) -> list[str]:
    measured = [str(name) for name in data.data_vars if f"{name}_mean" in data.data_vars]
    return [*measured, *(["welfare_index"] if data.sizes["judged_in"] else [])]


def _of_runs(data: xr.Dataset, quantity: str) -> Any:
    values = data[quantity]
    if "judged_in" in values.dims:
        values = values.isel(judged_in=_place_of_game(data))
    return np.asarray(values.values, dtype=np.float64)


def _place_of_game(data: xr.Dataset) -> int:
    names = data["judged_in"].values.tolist()
    return names.index("original") if "original" in names else 0


def _game(data: xr.Dataset) -> str:
    return f"{data['judged_in'].values[_place_of_game(data)]} game"


def _in_equilibrium(data: xr.Dataset, place: int) -> Any:
    """Return by point and run 1 where the verdict is an equilibrium, 0 where not, NaN where there is none."""
    is_equilibrium = np.array(
        ["not an equilibrium" not in str(label) for label in data["label"].values], dtype=float
    )
    codes = data["verdict"].isel(judged_in=place).values
    return np.where(codes >= 0, is_equilibrium[codes], np.nan)


def _of_mean(of_runs: Any) -> tuple[float, float]:
    return mean_interval(of_runs) or (np.nan, np.nan)


def _of_share(of_runs: Any) -> tuple[float, float]:
    """Return the exact interval (Clopper & Pearson 1934), which has a width where all runs are alike, too."""
    if np.isnan(of_runs).any():
        return np.nan, np.nan
    return share_interval(int(of_runs.sum()), len(of_runs))


def _draw_line(
    axis: Axes,
    coordinate: Any,
    values: Any,
    colour: str,
    label: str = "",
    *,
    interval: Callable[[Any], tuple[float, float]] = _of_mean,
    dashes: str = "-",
) -> None:
    """Draw `values[points, runs]` as their mean and its interval; points that failed leave a gap."""
    numbers = coordinate.dtype.kind in "iuf"
    order = np.argsort(coordinate, kind="stable") if numbers else np.arange(len(coordinate))
    x = coordinate[order] if numbers else np.arange(len(coordinate))
    there = values[order]
    mean = there.mean(axis=1)
    low, high = np.array([interval(of_point) for of_point in there]).T
    axis.plot(
        x, mean, f"o{dashes}" if numbers else "o", color=colour, markersize=4, linewidth=1.7, label=label
    )
    if numbers:
        axis.fill_between(x, low, high, color=colour, alpha=0.18, linewidth=0)
    else:
        axis.vlines(x, low, high, color=colour, linewidth=1.7)
        axis.set_xticks(x, [str(value) for value in coordinate], rotation=30, ha="right")


def _draw_map(
    axis: Axes,
    data: xr.Dataset,
    paths: list[str],
    values: Any,
    name: str,
    title: str,
    limits: tuple[float, float] | None = None,
) -> None:
    """Draw `values[first parameter, second parameter]`: the first upwards; points that failed stay white."""
    low, high = limits or (None, None)
    shown = axis.imshow(values, origin="lower", aspect="auto", cmap="viridis", vmin=low, vmax=high)
    axis.grid(False)
    for path, set_ticks in ((paths[1], axis.set_xticks), (paths[0], axis.set_yticks)):
        labels = [f"{v:.4g}" if isinstance(v, (int, float, np.number)) else str(v) for v in data[path].values]
        places = np.unique(np.linspace(0, len(labels) - 1, min(MOST_TICKS, len(labels))).round().astype(int))
        set_ticks(places, [labels[place] for place in places])
    label_axes(axis, x=paths[1], y=paths[0], title=title)
    axis.figure.colorbar(shown, ax=axis, label=name)
