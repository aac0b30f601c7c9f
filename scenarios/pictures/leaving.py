"""Pictures of learners before and after a planner leaves: welfare of every pair, and what is meant in each state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios.frame.look import BLACK, GREEN, RED, SKY, label_axes, new_figure

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

TITLES = {
    "none": "no planner",
    "eq-4.3": "planner of Eq. 4.3",
    "tutor": "tutor",
    "absence": "trained for absence",
}
MOMENTS = {"start": SKY, "leaving": RED, "end": BLACK}


def _panels(done: Mapping[Any, xr.Dataset]) -> tuple[list[str], list[str]]:
    kinds, planners = (
        list(dict.fromkeys(getattr(cell, part) for cell in done)) for part in ("learners", "planner")
    )
    return kinds, planners


def draw_courses(done: Mapping[Any, xr.Dataset]) -> Figure:
    """Draw the welfare index of every run by updates, those of the planner on the left, a panel for each cell."""
    kinds, planners = _panels(done)
    figure, axes = new_figure(
        len(kinds), len(planners), width=3.1 * len(planners) + 0.8, height=2.3 * len(kinds) + 0.6
    )
    figure.suptitle("Welfare of every pair before and after the planner leaves", fontsize=12)
    for cell, data in done.items():
        row, column = kinds.index(cell.learners), planners.index(cell.planner)
        axis = axes[row, column]
        before, after = data["planned_update"].values, data["update"].values
        led = max(1.0, before[-1] + before[1]) if len(before) > 1 else 1.0
        # Both stretches fill their part of the axis: the planner's a fifth.
        places = np.concatenate([before / led * 0.25 - 0.25, after / after[-1]])
        index = np.concatenate([data["index_before"].values, data["index_after"].values], axis=1)
        # Where there is no planner nothing happens before.
        shown = slice(len(before) if cell.planner == "none" else 0, None)
        for course, lasts in zip(index, data["lasts"].values, strict=True):
            axis.plot(places[shown], course[shown], color=GREEN if lasts else RED, linewidth=0.7, alpha=0.45)
        axis.axvline(0.0, color="black", linewidth=0.9, linestyle=":")
        axis.axhline(data.attrs["wanted"], color="grey", linewidth=0.8, linestyle="--")
        axis.set_ylim(-0.03, 1.03)
        axis.set_xticks(
            [-0.25, 0.0, 0.5, 1.0], [f"-{led:.0f}", "leaves", f"{after[-1] // 2:,}", f"{after[-1]:,}"]
        )
        label_axes(
            axis,
            x="updates" if row == len(kinds) - 1 else "",
            y=f"{cell.learners}\nwelfare index" if column == 0 else "",
            title=f"{TITLES[cell.planner]}: {int(data['lasts'].sum())} of {data.sizes['run']}",
        )
    return figure


def draw_policies(done: Mapping[Any, xr.Dataset]) -> Figure:
    """Draw how likely every player means C in each state of memory: at first, when the planner leaves, in the end."""
    kinds, planners = _panels(done)
    figure, axes = new_figure(
        len(kinds), len(planners), width=3.1 * len(planners) + 0.8, height=2.3 * len(kinds) + 0.9
    )
    figure.suptitle(
        "P(means C) of every player: at first (blue), when the planner leaves (red), in the end (black)",
        fontsize=12,
    )
    rng = np.random.default_rng(0)
    for cell, data in done.items():
        row, column = kinds.index(cell.learners), planners.index(cell.planner)
        axis = axes[row, column]
        for shift, (moment, colour) in zip((-0.25, 0.0, 0.25), MOMENTS.items(), strict=True):
            means = data["cooperation"].sel(moment=moment).values
            # States as the player sees them, its own action first.
            own = np.concatenate([means[:, 0], means[:, 1][:, [0, 1, 3, 2, 4]]])
            places = np.arange(5) + shift + rng.uniform(-0.07, 0.07, own.shape)
            axis.plot(places, own, ".", color=colour, markersize=2.5, alpha=0.5)
        axis.set_ylim(-0.05, 1.05)
        axis.set_xticks(range(5), ["start", "CC", "CD", "DC", "DD"])
        label_axes(
            axis,
            x="last outcome, own action first" if row == len(kinds) - 1 else "",
            y=f"{cell.learners}\nP(means C)" if column == 0 else "",
            title=TITLES[cell.planner],
        )
    return figure
