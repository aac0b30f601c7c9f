"""Pictures of games with state: what every run learned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from scenarios.frame.look import BLACK, BLUE, ORANGE, label_axes, new_figure

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure


def draw_welfare_of_every_run(title: str, by_condition: Mapping[str, xr.Dataset], success: float) -> Figure:
    """Draw the welfare of an episode and what is paid in it, a line for each run, a panel for each condition."""
    columns = min(len(by_condition), 4)
    rows = -(-len(by_condition) // columns)
    figure, axes = new_figure(rows, columns, width=1.0 + 2.7 * columns, height=0.7 + 2.6 * rows)
    runs = next(iter(by_condition.values())).sizes["run"]
    figure.suptitle(f"{title}: every one of {runs} runs (dashed: {success:.0%} of the most)", fontsize=12)
    panels = list(axes.flat)
    for axis, (condition, data) in zip(panels, by_condition.items(), strict=False):
        # The first update is number 1, so that it has a place on the axis.
        updates = data["update"].values + 1
        for name, colour in (("paid", ORANGE), ("welfare", BLUE)):
            lines = axis.plot(updates, data[name].values.T, color=colour, linewidth=0.7, alpha=0.5)
            lines[0].set_label(f"{name} an episode")
        axis.axhline(success * data.attrs["best_welfare"], color=BLACK, linestyle="--", linewidth=0.8)
        axis.set_xscale("log")
        label_axes(axis, x="update", y="payoff units" if axis in axes[:, 0] else "", title=condition)
    used = panels[: len(by_condition)]
    low, high = min(axis.get_ylim()[0] for axis in used), max(axis.get_ylim()[1] for axis in used)
    for axis in used:
        axis.set_ylim(low, high)
    for axis in panels[len(by_condition) :]:
        axis.remove()
    figure.legend(*used[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=9)
    return figure
