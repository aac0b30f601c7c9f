"""Pictures of mirrors: where pairs and groups come to rest, and where those end who disagree about fairness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from scenarios.frame.look import (
    BLUE,
    GREEN,
    ORANGE,
    draw_mean_and_spread,
    label_axes,
    new_figure,
    title_figure,
)
from scenarios.pictures.payoff_space import draw_theory
from theory import Game

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_convergence(runs: Mapping[str, xr.Dataset], noise: float) -> Figure:
    """Draw both weights over time, one panel a game: means over runs and the band between all of them."""
    columns = 4
    rows = -(-len(runs) // columns)
    figure, axes = new_figure(rows, columns, width=12.0, height=2.9 * rows + 0.6)
    for axis in axes.flat[len(runs) :]:
        axis.set_visible(False)
    for axis, (name, data) in zip(axes.flat, runs.items(), strict=False):
        turns = data["round"].values
        for player, (colour, label) in enumerate(((BLUE, "alpha"), (ORANGE, "beta"))):
            values = data["alpha"].values[:, :, player]
            draw_mean_and_spread(
                axis, turns, values, colour=colour, label=label, style="-" if player == 0 else "--"
            )
        axis.set_ylim(-0.05, 1.05)
        axis.set_xscale("symlog", linthresh=10)
        axis.set_xlim(0, turns[-1])
        axis.set_xticks([0, 10, 100, 1000], ["0", "10", "100", "1000"])
        label_axes(axis, x="round", y="cooperativeness", title=name)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=10, frameon=False)
    count = max(data.sizes["run"] for data in runs.values())
    title_figure(
        figure,
        f"Two generous literal mirrors (epsilon .05), {noise:.0%} noise: mean of {count} runs (band: all runs)",
    )
    return figure


def _counted(cells: Sequence[Mapping[str, Any]]) -> str:
    """Say how many runs cells are means of."""
    counts = sorted({c["runs"] for c in cells})
    return f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"


def draw_ledgers(cells: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw how often two ledgers play what they agreed on, by game and slips, beside what theory says."""
    games = list(dict.fromkeys(c["game"] for c in cells))
    slips = [noise for noise in dict.fromkeys(c["noise"] for c in cells) if noise > 0.0]
    figure, axes = new_figure(1, 1, width=9.0, height=1.4 + 0.32 * len(games))
    axis = axes[0, 0]
    for noise, colour in zip(slips, (BLUE, ORANGE), strict=False):
        foretold: dict[int, float] = {}
        for start, shift in zip(dict.fromkeys(c["start"] for c in cells), (-0.22, 0.0, 0.22), strict=False):
            here = [(games.index(c["game"]), c) for c in cells if (c["noise"], c["start"]) == (noise, start)]
            heights = [height + shift for height, _ in here]
            means = np.array([c["agreed"] for _, c in here])
            low, high = np.transpose([c["agreed_interval"] for _, c in here])
            axis.errorbar(
                means, heights, xerr=[means - low, high - means], fmt="o", markersize=4, color=colour, elinewidth=1,
                label=f"slips {noise:g}, from CC, DD and CD" if shift < 0.0 else None,
            )  # fmt: skip
            told = [(height, c["agreed_in_theory"]) for height, c in here]
            foretold |= {height: value for height, value in told if value is not None}
        axis.plot(
            list(foretold.values()), list(foretold), linestyle="none", marker="|", markersize=16, markeredgewidth=2,
            color="black", label="theorem J" if noise == slips[0] else None,
        )  # fmt: skip
        axis.axvline((1.0 - noise) ** 2, color=colour, linestyle=":", label=f"slips {noise:g} alone leave")
    axis.set_yticks(range(len(games)), games, fontsize=9)
    axis.invert_yaxis()
    label_axes(
        axis,
        x="share of the later rounds at the agreed play",
        y="",
        title=f"Two ledgers (gradual-tit-for-tat): means of {_counted(cells)} runs (bars: 95%)",
    )
    axis.legend(fontsize=9, loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
    return figure


def draw_groups(cells: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw where the mirrors of each group rest beside where theory says that they do."""
    groups = list(dict.fromkeys(c["group"] for c in cells))
    noises = list(dict.fromkeys(c["noise"] for c in cells))
    figure, axes = new_figure(1, 1, width=9.0, height=1.2 + 0.34 * len(groups))
    axis = axes[0, 0]
    foretold = {c["group"]: c["predicted"] for c in cells}
    heights = np.arange(len(groups))
    low, high = np.transpose([foretold[name] for name in groups])
    axis.hlines(heights, low, high, color="black", linewidth=2)
    axis.plot(
        (low + high) / 2, heights, linestyle="none", marker="|", markersize=17, markeredgewidth=2, color="black",
        label="theory, perfect estimates",
    )  # fmt: skip
    for noise, colour, marker, size in zip(noises, (BLUE, ORANGE), ("o", "s"), (10, 5), strict=False):
        here = {c["group"]: c for c in cells if c["noise"] == noise}
        known = [k for k, name in enumerate(groups) if name in here]
        axis.plot(
            [here[groups[k]]["alpha"] for k in known], known, linestyle="none", marker=marker, color=colour,
            markersize=size, markeredgecolor="white", label=f"measured, {noise:.0%} noise",
        )  # fmt: skip
    axis.set_yticks(heights, groups, fontsize=9)
    axis.invert_yaxis()
    axis.set_xlim(-0.03, 1.03)
    label_axes(
        axis,
        x="mirrors' weight in the second half",
        y="",
        title=f"Groups of literal mirrors in the graded public good: means of {_counted(cells)} runs",
    )
    axis.legend(fontsize=9, loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
    return figure


def draw_fairness(game: Game, cells: Sequence[Mapping[str, Any]], noise: float) -> Figure:
    """Draw where pairs who agree and pairs who disagree about fairness end, one panel a rule."""
    rules = list(dict.fromkeys(c["rule"] for c in cells))
    columns = min(len(rules), 4)
    rows = -(-len(rules) // columns)
    figure, axes = new_figure(rows, columns, width=4.0 * columns, height=0.8 + 4.2 * rows)
    for axis in axes.flat[len(rules) :]:
        axis.set_visible(False)
    for axis, rule in zip(axes.flat, rules, strict=False):
        draw_theory(axis, game)
        here = [c for c in cells if c["rule"] == rule]
        for agree, colour, marker, size, label in (
            (False, ORANGE, "s", 52, "pairs who disagree"),
            (True, GREEN, "o", 30, "pairs who agree about fairness"),
        ):
            points = [
                (c["payoff"], c["partner_payoff"]) for c in here if (c["player_1"] == c["player_2"]) == agree
            ]
            if points:
                axis.scatter(
                    *np.transpose(points), s=size, marker=marker, color=colour, alpha=0.85, edgecolor="white",
                    linewidth=0.6, zorder=8, label=label,
                )  # fmt: skip
        label_axes(axis, x="payoff of player 1", y="payoff of player 2", title=rule)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=5, fontsize=9, frameon=False)
    runs = max(c["runs"] for c in cells)
    title_figure(figure, f"{game.title}, {noise:.0%} noise: means of {runs} runs")
    return figure
