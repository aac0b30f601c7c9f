"""Learning curves: a quantity over time, the mean of all runs with the band between them, and every run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios.frame.look import (
    BLUE,
    CURVE_COLOURS,
    ORANGE,
    PURPLE,
    RED,
    axes_or_new,
    draw_mean_and_spread,
    label_axes,
    runs_in_words,
    show_as_written,
)
from theory.arguments import dataset_of
from theory.checks import FloatArray, known_name, plain_text, position, shown

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

# Dimensions that are time, in the words of the datasets.
TIMES = ("episode", "step", "round", "turn", "update", "moment")

# Runs that are drawn one by one without becoming a surface.
SHOWN = 100

OUTCOME_STYLES = {"CC": (BLUE, "-"), "CD": (ORANGE, "-"), "DC": (RED, "--"), "DD": (PURPLE, "-")}


def draw_learning_curves(
    data: xr.Dataset,
    quantity: str = "cooperation_probability",
    *,
    every_run: bool = True,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a quantity over time: the mean of all runs, the band from the lowest to the highest, and every run.

    Parameters
    ----------
    data
        What a simulation returned that recorded steps: `simulation.simulate(..., record="all")`, say.
    quantity
        One of its variables, by run and time, and by one thing more, of which each has a curve: players, or rules.
    every_run
        Whether single runs are drawn as thin lines, at most 100 of them.
    title
        By default the game, and what mean and band are of.
    ax
        Where to draw; by default on a new figure, `.figure` of what is returned.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is no such variable, or it is not by run, time and at most one thing more of at most seven values.
    """
    known_name("quantity", plain_text("quantity", quantity), _recorded(data))
    values = data[quantity]
    time = next(name for name in TIMES if name in values.dims)
    others = [str(name) for name in values.dims if name not in ("run", time)]
    if len(others) > 1 or any(values.sizes[name] > len(CURVE_COLOURS) for name in others):
        sizes = ", ".join(f"{values.sizes[name]} of {name}" for name in others)
        raise ValueError(
            f"{quantity} must have at most {len(CURVE_COLOURS)} curves, of one thing, got {sizes}: choose some by "
            "data.sel"
        )
    axis = axes_or_new(ax, width=7.0, height=4.4)
    x = np.asarray(
        data[time].values if time in data.coords else np.arange(values.sizes[time]), dtype=np.float64
    )
    by = others[0] if others else None
    for place, colour in zip(range(values.sizes[by] if by else 1), CURVE_COLOURS, strict=False):
        of_one = values.isel({by: place}) if by else values
        curves = np.asarray(of_one.transpose("run", time).values, dtype=np.float64)
        if np.isfinite(curves).any():
            label = f"{by} {data[by].values[place]}".replace("by_rule ", "") if by else ""
            _draw_curves(axis, x, curves, colour, label, every_run)
    if by:
        axis.legend(fontsize=9)
    unit = values.attrs.get("units", "")
    name = str(values.attrs.get("long_name", quantity.replace("_", " ")))
    several = data.sizes["run"] > 1
    what = runs_in_words(data.sizes["run"], band="lowest to highest run" if several else "")
    what += f", lines: {min(SHOWN, data.sizes['run'])} single runs" if every_run and several else ""
    label_axes(
        axis,
        x=time,
        y=f"{name} ({unit})" if unit not in ("", "1") else name,
        title=f"{data.attrs.get('game') or 'Game'}\n{what}" if title is None else title,
    )
    return show_as_written(axis)


def _recorded(data: Any) -> list[str]:
    """Return the variables that there are by run and time."""
    dataset_of("a simulation")("data", data)
    found = [
        str(name)
        for name, values in data.data_vars.items()
        if "run" in values.dims and set(TIMES) & set(values.dims) and values.dtype.kind in "biuf"
    ]
    if not found:
        raise ValueError(f'data must hold steps by run (record="all" keeps them), got {shown(list(data))}')
    return found


def _draw_curves(
    axis: Axes, x: FloatArray, curves: FloatArray, colour: str, label: str, every_run: bool
) -> None:
    if every_run and len(curves) > 1:
        axis.plot(x, curves[:SHOWN].T, color=colour, linewidth=0.5, alpha=0.35)
    draw_mean_and_spread(axis, x, curves, colour=colour, label=label)


def draw_incentives(
    data: xr.Dataset, *, player: int = 0, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw what a planner adds to a player's payoff in each outcome over time: mean and band of all runs.

    Parameters
    ----------
    data
        Of `simulation.simulate(..., record="all")`.
    player
        0 or 1.
    title
        By default the game, whose incentives these are, and what mean and band are of.
    ax
        Where to draw; by default on a new figure, `.figure` of what is returned.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the data has no incentives by run, episode, outcome and player.
    """
    dataset_of("simulation.simulate", "incentive")("data", data)
    number = position("player", player, 2) + 1
    values = data["incentive"]
    if set(values.dims) != {"run", "episode", "outcome", "player"}:
        raise ValueError(
            f'incentives must be by episode (record="all" keeps them), got them by {values.dims}'
        )
    axis = axes_or_new(ax, width=7.0, height=4.4)
    for outcome, (colour, style) in OUTCOME_STYLES.items():
        of_outcome = values.sel(player=number, outcome=outcome).transpose("run", "episode").values
        label = f"({outcome[0]}, {outcome[1]})"
        draw_mean_and_spread(
            axis, data["episode"].values, of_outcome, colour=colour, label=label, style=style
        )
    axis.axhline(0.0, color="black", linewidth=0.8)
    low, high = axis.get_ylim()
    axis.set_ylim(low, high + 0.16 * (high - low))  # room for the legend above the lines
    axis.legend(fontsize=9, ncols=4, loc="upper center")
    runs = data.sizes["run"]
    what = runs_in_words(runs, band="lowest to highest run" if runs > 1 else "")
    usual = f"{data.attrs.get('game') or 'Game'}: incentives of player {number}\n{what}"
    label_axes(axis, x="episode", y="additional reward", title=usual if title is None else title)
    return show_as_written(axis)
