"""A quantity under the conditions of an experiment: means with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from scenarios.frame.look import BLUE, label_axes, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Letters of a condition's name beside the axis.
LONGEST_NAME = 40


def draw_conditions(title: str, quantity: str, cells: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw the mean of a quantity under each condition, and its 95% interval where there is one.

    Parameters
    ----------
    title
        Of the experiment.
    quantity
        In words.
    cells
        `condition`, `mean`, `interval` and `runs` of each.
    """
    figure, axes = new_figure(1, 1, width=7.0, height=1.6 + 0.35 * len(cells))
    axis = axes[0, 0]
    for place, cell in enumerate(cells):
        low, high = cell["interval"] or (cell["mean"], cell["mean"])
        axis.plot([low, high], [place, place], color=BLUE, linewidth=2.0, alpha=0.5)
        axis.plot(cell["mean"], place, "o", color=BLUE, markersize=6)
    names = [str(cell["condition"]) or "all" for cell in cells]
    axis.set_yticks(
        range(len(cells)),
        [name if len(name) <= LONGEST_NAME else name[:LONGEST_NAME] + "..." for name in names],
    )
    axis.set_ylim(len(cells) - 0.5, -0.5)
    runs = cells[0]["runs"]
    label_axes(axis, x=f"{quantity}: mean of {runs} runs and its 95% interval", y="", title=title)
    return figure
