"""Pictures of classic learners: learning curves of pairs, and the course of fictitious play."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from scenarios.frame.look import BLACK, BLUE, GREEN, ORANGE, label_axes, new_figure
from theory.checks import FloatArray, IntArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Curves of single pairs that a panel holds without becoming a surface.
SHOWN = 100


def draw_curves(curves: Mapping[str, FloatArray]) -> Figure:
    """Draw the payoff of a round over updates, `[runs, updates]` by learner: single pairs, and the mean of all."""
    figure, axes = new_figure(1, len(curves), width=3.0 * len(curves), height=3.4)
    for axis, (name, payoffs) in zip(axes[0], curves.items(), strict=True):
        axis.plot(payoffs[:SHOWN].T, color=BLUE, linewidth=0.4, alpha=0.4)
        axis.plot(payoffs.mean(axis=0), color=BLACK, linewidth=1.8)
        axis.set_title(name, fontsize=10)
        axis.set_ylim(-3.05, 0.05)
        label_axes(axis, x="update", y="payoff of a round" if axis is axes[0, 0] else "")
    figure.suptitle(
        f"Iterated Prisoner's Dilemma: {SHOWN} pairs at most, and the mean of all (-1: both C, -2: both D)",
        fontsize=11,
    )
    return figure


def draw_stretches(outcomes: IntArray, lengths: IntArray) -> Figure:
    """Draw what both do in Shapley's game over rounds, `outcomes[k, 2]` for `lengths[k]` rounds each."""
    figure, axes = new_figure(2, 1, width=8.0, height=5.2)
    ends = np.cumsum(lengths)
    for player, (colour, name) in enumerate(((BLUE, "player 1"), (ORANGE, "player 2"))):
        at = np.repeat(ends, 2)[:-1]
        axes[0, 0].plot(np.append([1], at), np.repeat(outcomes[:, player], 2), color=colour, label=name)
    axes[0, 0].set_yticks([0, 1, 2])
    axes[0, 0].legend(loc="upper left", fontsize=8)
    label_axes(axes[0, 0], x="", y="action")
    axes[1, 0].plot(ends[:-1], lengths[:-1], "o-", color=GREEN, markersize=3)
    axes[1, 0].set_yscale("log")
    label_axes(axes[1, 0], x="round", y="rounds of a stretch")
    for axis in axes[:, 0]:
        axis.set_xscale("log")
    figure.suptitle("Fictitious play in Shapley's game: the same cycle, ever more slowly", fontsize=11)
    return figure


def draw_grid_of_curves(curves: Mapping[tuple[str, str], FloatArray]) -> Figure:
    """Draw the mean payoff of both over updates, `[runs, updates]` by game (row) and learner (column)."""
    games, names = (list(dict.fromkeys(key[k] for key in curves)) for k in (0, 1))
    figure, axes = new_figure(
        len(games), len(names), width=2.3 * len(names) + 0.6, height=1.9 * len(games) + 0.8
    )
    for row, game in enumerate(games):
        found = [curves[key] for key in curves if key[0] == game]
        low, high = min(each.min() for each in found), max(each.max() for each in found)
        for column, name in enumerate(names):
            axis = axes[row, column]
            if (game, name) in curves:
                payoffs = curves[game, name]
                axis.plot(payoffs[:SHOWN].T, color=BLUE, linewidth=0.4, alpha=0.4)
                axis.plot(payoffs.mean(axis=0), color=BLACK, linewidth=1.8)
            axis.set_ylim(low - 0.05, high + 0.05)
            if row == 0:
                axis.set_title(name, fontsize=10)
            label_axes(
                axis,
                x="update" if row == len(games) - 1 else "",
                y=f"{game}\npayoff of a round" if column == 0 else "",
            )
    figure.suptitle(
        "Two learners of one kind: the mean payoff of both, single runs and their mean", fontsize=11
    )
    return figure
