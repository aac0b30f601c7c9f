"""Thesis Fig. 4.1: what a planner does to learners over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scenarios.frame.look import (
    BLUE,
    GREEN,
    RED,
    draw_mean_and_spread,
    label_axes,
    new_figure,
    title_figure,
)
from scenarios.pictures.courses import draw_incentives, draw_learning_curves
from theory import Game
from theory.checks import FloatArray

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw_mechanism_design(game: Game, data: xr.Dataset) -> Figure:
    """Draw the four panels of Fig. 4.1 from trajectories of learners with a planner."""
    figure, axes = new_figure(2, 2, width=10.0, height=7.0)
    runs = data.sizes["run"]
    episodes = data["episode"].values
    title_figure(
        figure, f"{game.title}, learners with a planner: mean of {runs} runs (band: lowest to highest run)"
    )
    draw_learning_curves(
        data, every_run=False, title="(a) Probability of cooperation", ax=axes[0, 0]
    ).set_ylim(-0.02, 1.02)
    draw_incentives(data, title="(b) Additional rewards for player 1", ax=axes[0, 1])
    _greed_and_fear(axes[1, 0], episodes, *modified_greed_and_fear(game, data))
    _cumulative(axes[1, 1], episodes, data)
    return figure


def modified_greed_and_fear(game: Game, data: xr.Dataset) -> tuple[FloatArray, FloatArray]:
    """Return `[run, episode]` T - R and P - S of player 1 with the incentives added (section 3.1.2)."""
    own = game.payoffs[0]
    extra = data["incentive"].sel(player=1)
    total = {
        outcome: extra.sel(outcome=outcome).values + own[row, column]
        for outcome, (row, column) in {"CC": (0, 0), "CD": (0, 1), "DC": (1, 0), "DD": (1, 1)}.items()
    }
    return np.asarray(total["DC"] - total["CC"]), np.asarray(total["DD"] - total["CD"])


def _greed_and_fear(axis: Axes, episodes: FloatArray, greed: FloatArray, fear: FloatArray) -> None:
    draw_mean_and_spread(axis, episodes, greed, colour=RED, label="greed T − R")
    draw_mean_and_spread(axis, episodes, fear, colour=GREEN, label="fear P − S")
    axis.axhline(0.0, color="black", linewidth=0.8)
    axis.legend(fontsize=9)
    label_axes(axis, x="episode", y="payoff difference", title="(c) Greed and fear in the modified game")


def _cumulative(axis: Axes, episodes: FloatArray, data: xr.Dataset) -> None:
    values = data["cumulative_additional_reward"].sum("player").values
    draw_mean_and_spread(axis, episodes, values, colour=BLUE, label="both players")
    axis.set_ylim(bottom=0.0)
    label_axes(
        axis, x="episode", y="sum of absolute additional rewards", title="(d) Cumulative additional rewards"
    )
