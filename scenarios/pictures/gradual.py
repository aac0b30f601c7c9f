"""Pictures of mirrors: beliefs over time, value surfaces with paths, payoffs and outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from scenarios.frame.look import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    draw_mean_and_spread,
    label_axes,
    new_figure,
)
from scenarios.pictures.payoff_space import draw_theory
from simulation.gradual.policies import cooperativeness_grid, policy_family
from simulation.gradual.surfaces import value_surfaces
from theory import Game

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PANELS = ("cooperator", "beta 0.5", "defector", "switches to 0", "switches to 1", "itself")


def draw_beliefs(duels: Mapping[str, xr.Dataset], condition: str) -> Figure:
    """Draw alpha, beta_hat and the other's level over time, in the first run against some opponents."""
    figure, axes = new_figure(2, 3, width=11.0, height=6.2)
    for axis, name in zip(axes.flat, PANELS, strict=True):
        if name not in duels:
            axis.set_visible(False)
            continue
        data = duels[name].isel(run=0)
        turns = data["round"].values
        axis.plot(
            turns, data["level"].values[:, 1], color=SKY, linewidth=0.7, alpha=0.7, label="other's level"
        )
        estimate, deviation = (data[key].values[:, 0] for key in ("estimate", "deviation"))
        axis.fill_between(
            turns, estimate - deviation, estimate + deviation, color=ORANGE, alpha=0.3, linewidth=0
        )
        axis.plot(turns, estimate, color=ORANGE, linewidth=1.4, label="estimate of beta ± sd")
        axis.plot(turns, data["alpha"].values[:, 0], color=BLUE, linewidth=1.2, label="own alpha")
        axis.set_ylim(-0.05, 1.05)
        axis.set_xscale("symlog", linthresh=10)
        axis.set_xlim(0, turns[-1])
        axis.set_xticks([0, 5, 10, 100, 1000], ["0", "5", "10", "100", "1000"])
        label_axes(axis, x="round", y="cooperativeness", title=f"against {name}")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=10, frameon=False)
    figure.suptitle(f"The literal mirror in the graded donation game, {condition} (one run)", fontsize=12)
    return figure


def draw_surface_with_paths(game: Game, duels: Mapping[str, xr.Dataset]) -> Figure:
    """Draw V_1 and W by cooperativeness with the paths of three duels' levels on them."""
    weights = cooperativeness_grid(51)
    surfaces = value_surfaces(game, *(policy_family(game, player, weights=weights) for player in range(2)))
    figure, axes = new_figure(1, 2, width=11.0, height=4.9)
    shown = (("itself", RED), ("switches to 0", "black"), ("beta 0.5", PURPLE))
    for axis, values, name in zip(
        axes.flat, (surfaces.values[0], surfaces.welfare), ("V₁(α, β)", "W(α, β)"), strict=True
    ):
        axis.grid(False)
        filled = axis.contourf(weights, weights, values.T, levels=13, cmap="viridis", alpha=0.85)
        figure.colorbar(filled, ax=axis, shrink=0.9)
        for (duel, colour), marker in zip(shown, ("o", "s", "^"), strict=True):
            if duel in duels:
                path = duels[duel].isel(run=0)["level"].values
                axis.plot(
                    path[:, 0], path[:, 1], color=colour, linewidth=1.3, marker=marker, markersize=4,
                    markeredgecolor="white", markeredgewidth=0.5,
                    label=f"against {duel}",
                )  # fmt: skip
                axis.plot(*path[-1], marker="*", markersize=14, color=colour, markeredgecolor="white")
        axis.set_xlim(-0.02, 1.02)
        axis.set_ylim(-0.02, 1.02)
        label_axes(axis, x="own α (level played)", y="other's β (level played)", title=name)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=10, frameon=False)
    figure.suptitle("Paths on the value surfaces, without noise (a star is the end)", fontsize=12)
    return figure


def draw_payoff_table(cells: Sequence[Mapping[str, Any]], condition: str) -> Figure:
    """Draw mean payoffs, players by opponents, as a table of colours with numbers."""
    players = list(dict.fromkeys(c["player"] for c in cells))
    opponents = list(dict.fromkeys(c["opponent"] for c in cells))
    # The first row meets itself under that name, so that its own name would come last.
    if {"literal-mirror", "itself"} <= set(opponents):
        opponents.remove("literal-mirror")
        opponents.insert(opponents.index("itself") + 1, "literal-mirror")
    values = np.full((len(players), len(opponents)), np.nan)
    for cell in cells:
        values[players.index(cell["player"]), opponents.index(cell["opponent"])] = cell["payoff"]
    figure, axes = new_figure(1, 1, width=12.0, height=1.9 + 0.42 * len(players))
    axis = axes[0, 0]
    axis.grid(False)
    image = axis.imshow(values, cmap="RdYlBu", vmin=-0.5, vmax=1.0, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            dark = value < -0.25 or value > 0.75
            axis.text(
                column, row, f"{round(value, 2) + 0.0:.2f}", ha="center", va="center", fontsize=8,
                color="white" if dark else "black",
            )  # fmt: skip
    axis.set_xticks(range(len(opponents)), opponents, rotation=38, ha="right", fontsize=9)
    axis.set_yticks(range(len(players)), players, fontsize=9)
    axis.set_title(f"Graded donation game, {condition}: payoff a round against", fontsize=11, loc="left")
    figure.colorbar(image, ax=axis, label="payoff", shrink=0.9)
    return figure


def draw_outcomes(game: Game, cells: Sequence[Mapping[str, Any]], condition: str) -> Figure:
    """Draw the payoff space with the mean outcome of literal-mirror, binary and consequentialist duels."""
    figure, axes = new_figure(1, 1, width=9.0, height=5.6)
    axis = axes[0, 0]
    draw_theory(axis, game)
    for (player, marker), colour in zip(
        (("literal-mirror", "o"), ("binary", "s"), ("consequentialist", "^")),
        (BLUE, ORANGE, GREEN),
        strict=True,
    ):
        points = [(c["payoff"], c["partner_payoff"]) for c in cells if c["player"] == player]
        if points:
            axis.scatter(
                *np.transpose(points), s=46, marker=marker, color=colour, alpha=0.8, edgecolor="white",
                linewidth=0.6, zorder=5, label=f"{player}: one point an opponent",
            )  # fmt: skip
    label_axes(axis, x="own payoff", y="partner's payoff", title=f"{game.title}, {condition}")
    axis.legend(fontsize=9, loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
    return figure


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
    figure.suptitle(
        f"Two generous mirrors (epsilon = .05 both), {noise:.0%} noise: mean, lowest and highest run",
        fontsize=12,
    )
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
    label_axes(axis, x="mirrors' weight in the second half", y="", title="Groups in the graded public good")
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
    figure.suptitle(f"{game.title}, {noise:.0%} noise", fontsize=12)
    return figure
