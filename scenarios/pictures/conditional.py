"""Pictures of conditional cooperators in games with state: what is kept, what is lost, and what degrees are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios.frame.look import BLACK, BLUE, GREEN, ORANGE, label_axes, new_figure

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure


def draw_criteria(cells: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw what two of a kind have, without slips and with the most, beside what a defector costs a player."""
    figure, axes = new_figure(1, 2, width=9.5, height=1.2 + 0.28 * len(cells))
    names, places = [cell["player"] for cell in cells], np.arange(len(cells))
    best = cells[0]["best_welfare"]
    kept, lost = axes[0, 0], axes[0, 1]
    kept.plot([cell["self_match"] for cell in cells], places, "o", color=BLUE, label="no slips")
    if cells[0]["welfare_with_slips"]:
        with_slips = [cell["welfare_with_slips"][-1] / best for cell in cells]
        kept.plot(with_slips, places, "s", color=ORANGE, label="most slips")
    kept.axvline(0.95, color=BLACK, linewidth=0.8, linestyle="--")
    label_axes(kept, x="welfare of two of a kind, share of the most", y="", title="kept")
    lost.plot([cell["safety"] for cell in cells], places, "o", color=BLUE, label="beside a defector")
    gains = [cell["exploiter_gain"] for cell in cells]
    lost.plot(gains, places, "s", color=ORANGE, label="an exploiter's gain")
    lost.axvline(-0.02, color=BLACK, linewidth=0.8, linestyle="--")
    label_axes(lost, x="payoff a step", y="", title="lost to others")
    for axis in (kept, lost):
        axis.set_yticks(places, names if axis is kept else [""] * len(names))
        axis.invert_yaxis()
        axis.grid(axis="y", alpha=0.3)
        # Marks may stand anywhere between the axes.
        axis.legend(fontsize=8, ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.13))
    return figure


def draw_degrees(degrees: xr.Dataset) -> Figure:
    """Draw what a player has, by its own degree and by the other's."""
    figure, axes = new_figure(1, 2, width=8.5, height=3.4)
    values = degrees["value"].values[0]
    own = degrees["own_degree"].values
    for axis, table, x, legend in (
        (axes[0, 0], values, "own degree alpha", "beta"),
        (axes[0, 1], values.T, "the other's degree beta", "alpha"),
    ):
        for column, colour in ((0, ORANGE), (5, GREEN), (10, BLUE)):
            axis.plot(
                own, table[:, column], "o-", markersize=3, color=colour, label=f"{legend} = {own[column]:g}"
            )
        label_axes(axis, x=x, y="V_1 a step" if x.startswith("own") else "")
        axis.legend(fontsize=8)
    return figure
