"""Pictures of what is left after a planner: cooperation over time, trust, and what deviating gains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios.frame.look import BLUE, GREEN, ORANGE, RED, label_axes, new_figure
from scenarios.frame.verdicts import LEARNED_TOLERANCE
from theory import Game, named_game

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

COLOURS = (RED, BLUE, ORANGE)

# Recorded rounds that a line is the mean of.
SMOOTHED = 4


def draw_after_the_planner(game: Game, by_arm: Mapping[tuple[str, str], xr.Dataset], handover: int) -> Figure:
    """Draw P(C,C) over time, means over runs: a panel for each planner, a line for each kind of player."""
    planners = list(dict.fromkeys(planner for _, planner in by_arm))
    figure, axes = new_figure(1, len(planners), width=4.2 * len(planners), height=3.9)
    runs = next(iter(by_arm.values())).sizes["run"]
    figure.suptitle(
        f"{game.title}: the planner goes after {handover:,} rounds (mean of {runs} runs)", fontsize=12
    )
    kinds = list(dict.fromkeys(players for players, _ in by_arm))
    for axis, planner in zip(axes[0], planners, strict=True):
        for kind, colour, width in zip(kinds, COLOURS, (2.0, 2.0, 2.0), strict=False):
            if (kind, planner) not in by_arm:
                continue
            data = by_arm[kind, planner]
            joint = data["cooperation_probability"].values.prod(axis=2).mean(axis=0)
            smooth = np.convolve(joint, np.ones(SMOOTHED) / SMOOTHED, mode="valid")
            axis.plot(
                data["episode"].values[SMOOTHED - 1 :],
                smooth,
                color=colour,
                linewidth=width,
                linestyle=(0, (4, 2)) if kind == kinds[-1] else "-",
                label=kind,
            )
        if planner != "none":
            axis.axvspan(0, handover, color="grey", alpha=0.12, linewidth=0)
        axis.set_ylim(-0.03, 1.03)
        title = "no planner" if planner == "none" else f"planner: {planner} (grey)"
        label_axes(axis, x="round", y="P(C,C)", title=title)
    handles, labels = axes[0, -1].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=9)
    return figure


def draw_trust(
    game: Game,
    by_kind: Mapping[str, xr.Dataset],
    stability: list[dict[str, Any]],
    handover: int,
    *,
    slips: float,
) -> Figure:
    """Draw the mirrors' estimates around the handover, and by the rate of forgetting what may end their trust.

    `slips` is with what probability an action is swapped in the last panel.
    """
    figure, axes = new_figure(1, 3, width=14.0, height=4.0)
    for (kind, data), colour in zip(by_kind.items(), COLOURS[1:], strict=False):
        estimate = data["estimate"].values.mean(axis=2)
        episodes = data["episode"].values
        for run, line in enumerate(estimate[:20]):
            label = kind if run == 0 else None
            axes[0, 0].plot(episodes, line, color=colour, linewidth=0.8, alpha=0.6, label=label)
    axes[0, 0].axvspan(0, handover, color="grey", alpha=0.12, linewidth=0)
    axes[0, 0].set_ylim(0.0, 1.0)
    axes[0, 0].legend(fontsize=9, loc="upper left")
    label_axes(
        axes[0, 0],
        x="round",
        y="estimate of the other's cooperativeness",
        title=f"(a) {game.title}: trust (grey: planner)",
    )
    games = list(dict.fromkeys(entry["game"] for entry in stability))
    for name, colour, marker in zip(games, (BLUE, ORANGE, GREEN), "osD", strict=False):
        of_game = [entry for entry in stability if entry["game"] == name]
        for axis, key in ((axes[0, 1], "share_of_range"), (axes[0, 2], "with_slips")):
            axis.plot(
                [entry["forgetting"] for entry in of_game],
                [entry[key] for entry in of_game],
                color=colour,
                marker=marker,
                markersize=5,
                label=named_game(name).title,
            )
    axes[0, 1].axhline(LEARNED_TOLERANCE, color="black", linewidth=0.9, linestyle=":", label="tolerance")
    axes[0, 1].set_ylim(bottom=-0.01)
    axes[0, 2].set_ylim(-0.03, 1.03)
    axes[0, 1].legend(fontsize=9, loc="center right")
    label_axes(
        axes[0, 1],
        x="the mirror's rate of forgetting",
        y="gain of deviating / payoff range",
        title="(b) Can a trusting mirror be exploited?",
    )
    label_axes(
        axes[0, 2],
        x="the mirror's rate of forgetting",
        y="P(C,C)",
        title=f"(c) Does trust outlast slips ({slips:.0%})?",
    )
    return figure
