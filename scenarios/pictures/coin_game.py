"""Pictures of the Coin Game: learning curves with every run, and the first steps of an episode as a strip of film."""

from __future__ import annotations

from collections.abc import Mapping

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from scenarios.frame.look import BLACK, BLUE, RED, label_axes, new_figure

# Panels beside each other.
ACROSS = 4

# Of what a player gets a step, what is drawn: half of the most that both can have is .35.
_PLAYERS = (-0.4, 0.8)


def draw_courses(done: Mapping[str, xr.Dataset], success: float) -> Figure:
    """Draw the welfare a step of every run over training: a panel for each arm."""
    down = -(-len(done) // ACROSS)
    across = min(len(done), ACROSS)
    figure, axes = new_figure(down, across, width=3.0 * across, height=2.3 * down)
    for place, (axis, (arm, data)) in enumerate(zip(axes.flat, done.items(), strict=False)):
        axis.plot(data["point"].values, data["welfare"].values.T, color=BLUE, linewidth=0.7, alpha=0.6)
        axis.axhline(float(data.attrs["best_welfare"]), color=BLACK, linewidth=0.8, linestyle=":")
        axis.axhline(success, color=BLACK, linewidth=0.8)
        axis.set_ylim(-0.1, 0.75)
        label_axes(
            axis,
            x="update" if place >= len(done) - across else "",
            y="welfare a step" if place % across == 0 else "",
            title=f"{arm} ({data.sizes['run']} runs)",
        )
    for axis in axes.flat[len(done) :]:
        axis.set_axis_off()
    return figure


def draw_players(done: Mapping[str, xr.Dataset]) -> Figure:
    """Draw what both players get in every run at the end of training: a panel for each arm."""
    down = -(-len(done) // ACROSS)
    across = min(len(done), ACROSS)
    figure, axes = new_figure(down, across, width=3.0 * across, height=2.7 * down)
    for place, (axis, (arm, data)) in enumerate(zip(axes.flat, done.items(), strict=False)):
        one, two = data["final_reward"].values.T
        axis.axhline(0.0, color=BLACK, linewidth=0.8)
        axis.axvline(0.0, color=BLACK, linewidth=0.8)
        axis.axline((0.0, 0.0), slope=1.0, color=BLACK, linewidth=0.8, linestyle=":")
        axis.scatter(one, two, color=BLUE, s=14, alpha=0.6, zorder=3)
        axis.set_xlim(*_PLAYERS)
        axis.set_ylim(*_PLAYERS)
        axis.set_aspect("equal")
        label_axes(
            axis,
            x="player 1 gets a step" if place >= len(done) - across else "",
            y="player 2 gets a step" if place % across == 0 else "",
            title=f"{arm} ({data.sizes['run']} runs)",
        )
    for axis in axes.flat[len(done) :]:
        axis.set_axis_off()
    return figure


def draw_film(arm: str, data: xr.Dataset) -> Figure:
    """Draw the first steps of an episode: players are squares, coins are discs, each of its player's colour."""
    frames, rewards = data["film"].values, data["film_reward"].values
    half = (len(frames) + 1) // 2
    figure, axes = new_figure(2, half, width=1.5 * half, height=3.9)
    figure.suptitle(f"Coin Game, {arm}: where they stand before each step, and what it gives", fontsize=11)
    for step, (axis, frame, reward) in enumerate(zip(axes.flat, frames, rewards, strict=False)):
        _draw_board(axis, [int(cell) for cell in frame])
        axis.set_title(
            f"{step}: {reward[0]:+.0f}, {reward[1]:+.0f}" if reward.any() else f"{step}", fontsize=9
        )
    for axis in axes.flat[len(frames) :]:
        axis.set_axis_off()
    return figure


def _draw_board(axis: Axes, frame: list[int], size: int = 3) -> None:
    one, two, *coins = frame
    for cell, colour, shift in ((one, RED, -0.18), (two, BLUE, 0.18)):
        corner = (cell % size + shift - 0.17, cell // size - 0.17)
        axis.add_patch(Rectangle(corner, 0.34, 0.34, color=colour))
    for cell, colour in zip(coins, (RED, BLUE), strict=True):
        if cell >= 0:
            axis.add_patch(Circle((cell % size, cell // size), 0.24, color=colour))
    axis.set_xlim(-0.5, size - 0.5)
    axis.set_ylim(size - 0.5, -0.5)
    axis.set_aspect("equal")
    axis.set_xticks([each - 0.5 for each in range(1, size)], [""] * (size - 1))
    axis.set_yticks([each - 0.5 for each in range(1, size)], [""] * (size - 1))
    axis.grid(visible=True, color="#bbbbbb", linewidth=0.8)
    axis.tick_params(length=0)
