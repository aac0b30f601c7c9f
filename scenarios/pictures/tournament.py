"""Pictures of tournaments: who gets what from whom, scores, ranks and how sure they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from scenarios.frame.look import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    axes_or_new,
    label_axes,
    new_figure,
    show_as_written,
    title_drawing,
)
from scenarios.frame.plain_text import visible
from theory.arguments import dataset_of
from theory.checks import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY)


def draw_payoff_heat_map(data: xr.Dataset, *, title: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw what each strategy gets from each other, the best scores first.

    Parameters
    ----------
    data
        Of `simulation.round_robin`.
    title
        By default the game, the noise and the number of repetitions.
    ax
        Where to draw; by default on a new figure, `.figure` of what is returned.

    Returns
    -------
    matplotlib.axes.Axes
    """
    _of_tournament(data, "payoffs", "score")
    order = np.argsort(-data["score"].values, kind="stable")
    names = [visible(str(name)) for name in data["strategy"].values[order]]
    payoffs = data["payoffs"].values[np.ix_(order, order)]
    side = 3.0 + 0.21 * len(names)
    axis = axes_or_new(ax, width=side + 1.6, height=side)
    axis.grid(False)
    image = axis.imshow(payoffs, cmap="cividis", interpolation="nearest")
    axis.set_xticks(range(len(names)), names, rotation=90, fontsize=8)
    axis.set_yticks(range(len(names)), names, fontsize=8)
    title_drawing(axis, tournament_in_words(data) if title is None else title, own_figure=ax is None)
    label_axes(axis, x="opponent", y="strategy\n(best score on top)")
    bar = axis.figure.colorbar(image, ax=axis, shrink=0.7, pad=0.02)
    bar.set_label("payoff per turn", fontsize=10)
    bar.ax.tick_params(labelsize=9)
    return show_as_written(axis)


def tournament_in_words(data: xr.Dataset) -> str:
    """Say what was played, with what noise and how often."""
    game, noise = data.attrs.get("game") or "a 2x2 game", float(data.attrs.get("noise", 0.0))
    return f"Tournament in {game},\nnoise {noise:g}, repetitions: {data.sizes.get('repetition', 1)}"


def _of_tournament(data: Any, *variables: str) -> None:
    dataset_of("simulation.round_robin", *variables)("data", data)


def draw_score_boxes(data: xr.Dataset, *, title: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the distribution over repetitions of each strategy's mean payoff, the best on top.

    Parameters
    ----------
    data
        Of `simulation.round_robin`.
    title
        By default the game, the noise and the number of repetitions.
    ax
        Where to draw; by default on a new figure, `.figure` of what is returned.

    Returns
    -------
    matplotlib.axes.Axes
    """
    _of_tournament(data, "repetition_score", "score")
    order = np.argsort(data["score"].values, kind="stable")
    names = [visible(str(name)) for name in data["strategy"].values[order]]
    scores = data["repetition_score"].values[:, order]
    axis = axes_or_new(ax, width=8.0, height=1.4 + 0.24 * len(names))
    axis.boxplot(
        scores,
        orientation="horizontal",
        widths=0.6,
        flierprops={"marker": ".", "markersize": 3, "markeredgecolor": BLUE},
        medianprops={"color": RED, "linewidth": 1.6},
        boxprops={"color": BLUE},
        whiskerprops={"color": BLUE},
        capprops={"color": BLUE},
    )
    axis.set_yticks(range(1, len(names) + 1), names, fontsize=8)
    label_axes(
        axis,
        x="payoff per turn, mean over opponents (boxes: quartiles of repetitions)",
        y="",
        title=tournament_in_words(data) if title is None else title,
    )
    return show_as_written(axis)


def draw_ranks(
    data: xr.Dataset,
    *,
    title: str | None = None,
    published: Mapping[str, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw each strategy's rank with the 95% interval that sampling errors allow.

    Parameters
    ----------
    data
        Of `simulation.round_robin`.
    title
        By default the game, the noise and the number of repetitions.
    published
        Ranks by strategy that are drawn beside.
    ax
        Where to draw; by default on a new figure, `.figure` of what is returned.

    Returns
    -------
    matplotlib.axes.Axes
    """
    _of_tournament(data, "rank", "rank_low", "rank_high")
    order = np.argsort(-data["score"].values, kind="stable")
    names = [str(name) for name in data["strategy"].values[order]]
    rank, low, high = (data[name].values[order] for name in ("rank", "rank_low", "rank_high"))
    axis = axes_or_new(ax, width=7.5, height=1.5 + 0.27 * len(names))
    rows = np.arange(len(names))
    axis.hlines(rows, low, high, color=BLUE, linewidth=5, alpha=0.35, label="95% of error draws")
    axis.plot(rank, rows, "o", color=BLUE, label="here")
    if published:
        places = [published.get(name, np.nan) for name in names]
        axis.plot(places, rows, "D", color=RED, fillstyle="none", label="published")
    axis.set_yticks(rows, [visible(name) for name in names], fontsize=9)
    axis.invert_yaxis()
    axis.legend(fontsize=9, frameon=False, loc="upper right")
    label_axes(axis, x="rank (1 is best)", y="", title=tournament_in_words(data) if title is None else title)
    return show_as_written(axis)


def draw_rank_distributions(
    ranks: Mapping[str, FloatArray], *, title: str, published: Mapping[str, float], share: str
) -> Figure:
    """Draw how often each strategy takes each rank over many versions of a tournament.

    `ranks` holds `[versions]` ranks by strategy; `share` names what the colours say.
    """
    names = sorted(ranks, key=lambda name: float(np.mean(ranks[name])))
    places = len(names)
    shares = np.array(
        [[np.mean(np.abs(ranks[name] - place) <= 0.5) for place in range(1, places + 1)] for name in names]
    )
    figure, axes = new_figure(1, 1, width=8.2, height=1.7 + 0.3 * places)
    axis = axes[0, 0]
    axis.grid(False)
    image = axis.imshow(
        np.where(shares > 0, shares, np.nan), cmap="Blues", vmin=0, vmax=1, aspect="auto",
        extent=(0.5, places + 0.5, places - 0.5, -0.5),
    )  # fmt: skip
    axis.plot(
        [published[name] for name in names], range(places), "D", color=RED, fillstyle="none", linestyle="",
        label="published",
    )  # fmt: skip
    axis.set_yticks(range(places), names, fontsize=9)
    axis.set_xticks(range(1, places + 1))
    axis.legend(fontsize=9, frameon=False, loc="upper right")
    label_axes(axis, x="rank (1 is best)", y="", title=title)
    bar = figure.colorbar(image, ax=axis, shrink=0.8, pad=0.02)
    bar.set_label(share, fontsize=10)
    return figure


def draw_reproduction(
    names: Sequence[str],
    table: FloatArray,
    points: FloatArray,
    error: FloatArray,
    *,
    seen: NDArray[np.bool_],
    left_out: Sequence[str],
) -> Figure:
    """Draw a table beside simulated points: cell against cell, and the differences in their places.

    `table`, `points`, `error` and `seen` are `[n, n]`: what was printed, the simulated means, the standard errors
    of what was printed (0 where nothing is random), and whether a cell was seen or is recalled. Entries in `left_out`
    have no known rule and are drawn apart.
    """
    figure, axes = new_figure(1, 2, width=14.2, height=6.9)
    apart = np.isin(names, left_out)
    apart = apart[:, None] | apart[None, :]
    _draw_cell_against_cell(axes[0, 0], table, points, error, apart, seen)
    _draw_differences(figure, axes[0, 1], names, table, points, error, seen)
    return figure


def _draw_cell_against_cell(
    axis: Any,
    table: FloatArray,
    points: FloatArray,
    error: FloatArray,
    apart: NDArray[np.bool_],
    seen: NDArray[np.bool_],
) -> None:
    certain = (error < 1e-9) & ~apart
    groups = (
        (certain, GREEN, "s", "nothing random"),
        (~certain & ~apart, BLUE, "o", "random, ± 2 standard errors of five games"),
        (apart, ORANGE, "^", "with the entry whose rule is not known"),
    )
    ends = np.array([min(table.min(), (points - 2 * error).min()) - 15, table.max() + 30])
    axis.plot(ends, ends, color="0.6", linewidth=0.8, zorder=0)
    for chosen, colour, marker, label in groups:
        axis.errorbar(
            points[chosen], table[chosen], xerr=2 * error[chosen], fmt="none", ecolor=colour, elinewidth=0.8,
            alpha=0.5,
        )  # fmt: skip
        for known, fill in ((True, colour), (False, "white")):
            part = chosen & (seen == known)
            axis.plot(
                points[part], table[part], marker, color=colour, markerfacecolor=fill, markersize=4.5,
                markeredgewidth=0.9, label=label if known else None,
            )  # fmt: skip
    axis.plot([], [], "o", color="0.4", markerfacecolor="white", label="hollow: recalled cell, not seen")
    axis.set_aspect("equal")
    axis.set_xlim(*ends)
    axis.set_ylim(*ends)
    axis.legend(fontsize=9, frameon=False, loc="upper left")
    label_axes(
        axis, x="points a game, simulated", y="points a game, table of 1980", title="Cell against cell"
    )


def _draw_differences(
    figure: Figure,
    axis: Any,
    names: Sequence[str],
    table: FloatArray,
    points: FloatArray,
    error: FloatArray,
    seen: NDArray[np.bool_],
) -> None:
    # A printed number is rounded to whole points.
    standardised = (table - points) / np.sqrt(error**2 + 1.0 / 12.0)
    axis.grid(False)
    image = axis.imshow(np.clip(standardised, -4, 4), cmap="RdBu_r", vmin=-4, vmax=4, interpolation="nearest")
    for (i, j), value in np.ndenumerate(table - points):
        number = f"{value:+.0f}".replace("-", "−") if abs(value) >= 0.5 else "0"
        strong = abs(standardised[i, j]) > 2.6
        axis.text(
            j, i, "·" if error[i, j] < 1e-9 and number == "0" else number, ha="center", va="center", fontsize=7.5,
            color="white" if strong else "black",
        )  # fmt: skip
    _outline(axis, seen)
    axis.set_xticks(range(len(names)), names, rotation=90, fontsize=8)
    axis.set_yticks(range(len(names)), names, fontsize=8)
    label_axes(
        axis, x="opponent", y="entry",
        title="1980 minus simulated points (·: not random, the same; framed: cells seen)",
    )  # fmt: skip
    bar = figure.colorbar(image, ax=axis, shrink=0.75, pad=0.02, extend="both")
    bar.set_label("difference in standard errors of a mean of five games", fontsize=10)
    bar.ax.tick_params(labelsize=9)


def _outline(axis: Any, inside: NDArray[np.bool_]) -> None:
    """Draw the border of the cells that are inside."""
    padded = np.pad(inside, 1)
    rows, columns = np.nonzero(padded[1:] != padded[:-1])
    axis.hlines(rows - 0.5, columns - 1.5, columns - 0.5, color="black", linewidth=1.3)
    rows, columns = np.nonzero(padded[:, 1:] != padded[:, :-1])
    axis.vlines(columns - 0.5, rows - 1.5, rows - 0.5, color="black", linewidth=1.3)


def draw_ranks_by_noise(
    noise: Sequence[float], groups: Sequence[tuple[str, FloatArray, FloatArray, FloatArray]], *, title: str
) -> Figure:
    """Draw ranks against noise; each group is a label and `[noise]` ranks with their low and high ends."""
    figure, axes = new_figure(1, 1, width=9.4, height=5.2)
    axis = axes[0, 0]
    width = 0.74 / max(len(groups), 1)
    positions = np.arange(len(noise))
    markers = "osD^vP*X"
    for k, (label, rank, low, high) in enumerate(groups):
        at = positions + (k - (len(groups) - 1) / 2) * width
        colour: Any = "black" if k == 0 else _COLOURS[(k - 1) % len(_COLOURS)]
        axis.errorbar(
            at, rank, yerr=np.abs(np.array([rank - low, high - rank])), fmt=markers[k % len(markers)],
            color=colour, markersize=6, linewidth=1.4, capsize=2, label=label,
            fillstyle="full" if k <= len(_COLOURS) else "none",
        )  # fmt: skip
    axis.axhline(5.5, color=RED, linestyle="--", linewidth=1, label="top five")
    axis.set_xticks(positions, [f"{level:g}" for level in noise])
    axis.invert_yaxis()
    label_axes(axis, x="noise: chance that an action flips", y="rank of 41 (1 is best)", title=title)
    axis.legend(fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1.01, 0.5))
    return figure
