"""Pictures of planners beside each other: variants of the learning rule, many players, knowledge, cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from scenarios.plots import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    RED,
    label_axes,
    new_figure,
)
from theory import Game

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

# A variant and its repair share a colour; what the thesis publishes is dashed.
STYLES = {
    "exact": (BLUE, "--"),
    "exact-revenue-neutral": (GREEN, "--"),
    "estimated": (RED, "--"),
    "estimated-revenue-neutral": (PURPLE, "--"),
    "literal": (BLACK, "-"),
    "decoupled": (RED, "-"),
    "decoupled-sampled": (ORANGE, "-"),
    "decoupled-revenue-neutral": (PURPLE, "-"),
    "revenue-neutral": (GREEN, "-"),
}


def draw_variants(game: Game, by_variant: Mapping[str, xr.Dataset]) -> Figure:
    """Draw P(C,C) and the additional reward over time, means over runs, a line for each variant."""
    figure, axes = new_figure(1, 2, width=11.0, height=4.6)
    runs = next(iter(by_variant.values())).sizes["run"]
    figure.suptitle(
        f"{game.title}: variants of the planner, mean of {runs} runs (dashed: reference code)", fontsize=12
    )
    for variant, data in by_variant.items():
        colour, style = STYLES[variant]
        episodes = data["episode"].values
        joint = data["cooperation_probability"].prod("player").values
        axes[0, 0].plot(
            episodes, joint.mean(axis=0), color=colour, linestyle=style, linewidth=1.6, label=variant
        )
        paid = data["cumulative_additional_reward"].sum("player").values.mean(axis=0)
        axes[0, 1].plot(episodes, paid, color=colour, linestyle=style, linewidth=1.6)
    axes[0, 0].set_ylim(-0.02, 1.02)
    label_axes(axes[0, 0], x="episode", y="P(C,C)", title="(a) Mutual cooperation")
    axes[0, 1].set_yscale("log")
    axes[0, 1].set_ylim(bottom=1.0)
    label_axes(
        axes[0, 1], x="episode", y="sum of absolute additional rewards", title="(b) What it has cost so far"
    )
    figure.legend(loc="outside lower center", ncols=5, fontsize=9)
    return figure
