"""Pictures of tournaments: who gets what from whom, scores, ranks and how sure they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from scenarios.plots import BLUE, GREEN, ORANGE, PURPLE, RED, SKY, label_axes, new_figure
from theory._checks import FloatArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLOURS = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY)


def draw_payoff_heat_map(data: xr.Dataset, *, title: str) -> Figure:
    """Draw what each strategy gets from each other, the best scores first."""
    order = np.argsort(-data["score"].values, kind="stable")
    names = data["strategy"].values[order]
    payoffs = data["payoffs"].values[np.ix_(order, order)]
    side = 2.6 + 0.21 * len(names)
    figure, axes = new_figure(1, 1, width=side + 1.6, height=side)
    axis = axes[0, 0]
    axis.grid(False)
    image = axis.imshow(payoffs, cmap="cividis", interpolation="nearest")
    axis.set_xticks(range(len(names)), names, rotation=90, fontsize=8)
    axis.set_yticks(range(len(names)), names, fontsize=8)
    label_axes(axis, x="opponent", y="strategy (best score on top)", title=title)
    bar = figure.colorbar(image, ax=axis, shrink=0.7, pad=0.02)
    bar.set_label("payoff per turn", fontsize=10)
    bar.ax.tick_params(labelsize=9)
    return figure


def draw_score_boxes(data: xr.Dataset, *, title: str) -> Figure:
    """Draw the distribution over repetitions of each strategy's mean payoff, the best on top."""
    order = np.argsort(data["score"].values, kind="stable")
    names = data["strategy"].values[order]
    scores = data["repetition_score"].values[:, order]
    figure, axes = new_figure(1, 1, width=8.0, height=1.4 + 0.24 * len(names))
    axis = axes[0, 0]
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
    label_axes(axis, x="payoff per turn, mean over opponents (boxes: repetitions)", y="", title=title)
    return figure


def draw_ranks(data: xr.Dataset, *, title: str, published: Mapping[str, float] | None = None) -> Figure:
    """Draw each strategy's rank with the 95% interval that sampling errors allow, beside published ranks."""
    order = np.argsort(-data["score"].values, kind="stable")
    names = [str(name) for name in data["strategy"].values[order]]
    rank, low, high = (data[name].values[order] for name in ("rank", "rank_low", "rank_high"))
    figure, axes = new_figure(1, 1, width=7.5, height=1.5 + 0.27 * len(names))
    axis = axes[0, 0]
    rows = np.arange(len(names))
    axis.hlines(rows, low, high, color=BLUE, linewidth=5, alpha=0.35, label="95% of error draws")
    axis.plot(rank, rows, "o", color=BLUE, label="here")
    if published:
        places = [published.get(name, np.nan) for name in names]
        axis.plot(places, rows, "D", color=RED, fillstyle="none", label="published")
    axis.set_yticks(rows, names, fontsize=9)
    axis.invert_yaxis()
    axis.legend(fontsize=9, frameon=False, loc="upper right")
    label_axes(axis, x="rank (1 is best)", y="", title=title)
    return figure


def draw_rank_distributions(
    ranks: Mapping[str, FloatArray], *, title: str, published: Mapping[str, float]
) -> Figure:
    """Draw how often each strategy takes each rank over many versions of a tournament.

    `ranks` holds `[versions]` ranks by strategy.
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
    bar.set_label("share of combined readings", fontsize=10)
    return figure


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
