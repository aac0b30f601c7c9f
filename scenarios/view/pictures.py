"""What a page draws of a world: the payoff space, incentives, minds, the network, the course."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios.frame.look import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, SKY, label_axes, new_figure
from scenarios.pictures.networks import draw_network
from scenarios.pictures.payoff_space import draw_theory
from scenarios.view.watches import (
    WINDOW,
    Watch,
    WatchGroup,
    WatchLearners,
    WatchPair,
    WatchPopulation,
    is_led,
)
from theory.checks import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Inches: the place that a page has for a picture, so that letters are as large as the page's own.
WIDTH, HEIGHT = 6.2, 4.7

# A trail and a course are drawn by so many points, evenly chosen.
_MOST_POINTS = 400

_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, RED)


def _new_axes() -> tuple[Figure, Axes]:
    figure, axes = new_figure(1, 1, width=WIDTH, height=HEIGHT)
    return figure, axes[0, 0]


def _legend_beside(axis: Axes) -> None:
    axis.legend(
        fontsize=8.5, loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, markerscale=0.5,
        labelspacing=0.8,
    )  # fmt: skip


def _thinned(n: int) -> Any:
    """Return places of at most so many points, the first and the last among them."""
    return np.unique(np.linspace(0, n - 1, min(n, _MOST_POINTS)).round().astype(int))


def draw_outcome(watch: Watch) -> Figure:
    """Draw the payoff space with the present outcome, and the way that it came."""
    figure, axis = _new_axes()
    if watch.game is None:
        raise ValueError(f"the payoff space is drawn for two players, got {type(watch).__name__}")
    draw_theory(axis, watch.game)
    marks: Any = axis.collections
    for mark in marks:
        mark.set_sizes(mark.get_sizes() * 0.7)
    if watch.trail:
        trail = np.array(watch.trail)
        way = trail[_thinned(len(trail))]
        axis.plot(
            *way.T, color=PURPLE, linewidth=1.5, alpha=0.75, zorder=8, label=f"way since {watch.unit} 0"
        )
        axis.scatter(
            trail[-1, 0],
            trail[-1, 1],
            s=90,
            color=PURPLE,
            edgecolor="white",
            linewidth=1.0,
            zorder=10,
            label="outcome now",
        )
    label_axes(axis, x="payoff of player 1", y="payoff of player 2", title=watch.game.title)
    axis.margins(0.2)
    _legend_beside(axis)
    return figure


def draw_incentives(watch: Watch) -> Figure:
    """Draw what each player would get beside its payoff in each outcome of the next step."""
    figure, axis = _new_axes()
    incentives, bound = watch.model.planner.incentives, _planner_options(watch).bound
    for player, (colour, shift) in enumerate(((BLUE, -0.2), (ORANGE, 0.2))):
        bars = axis.bar(
            np.arange(4) + shift,
            incentives[:, player],
            width=0.36,
            color=colour,
            label=f"for player {player + 1}",
        )
        axis.bar_label(bars, fmt=_with_sign, fontsize=8.5, padding=2)
    axis.axhline(0.0, color=BLACK, linewidth=0.8)
    axis.set_xticks(range(4), ["(C, C)", "(C, D)", "(D, C)", "(D, D)"])
    axis.set_ylim(-1.35 * bound, 1.35 * bound)
    for sign in (-1.0, 1.0):
        axis.axhline(sign * bound, color=BLACK, linewidth=0.8, linestyle=":")
    axis.grid(visible=False, axis="x")
    title = "Incentives by outcome (dotted: the bound)" if is_led(watch.model) else "The planner is off"
    label_axes(axis, x="outcome", y="additional reward", title=title)
    axis.legend(fontsize=8.5, ncols=2, loc="upper right", frameon=False)
    return figure


def _with_sign(value: float) -> str:
    """Return a number with two digits and its sign, and without a negative zero."""
    return f"{round(value, 2) + 0.0:+.2f}"


def _planner_options(watch: Watch) -> Any:
    parameters = watch.model.parameters
    return getattr(parameters, "planner", parameters)


def draw_minds(watch: WatchPair) -> Figure:
    """Draw what each player weighs the other's payoff by, and takes the other for."""
    names = ("alpha", "estimate")
    figure, axis = _new_axes()
    for (name, words), styles in zip(
        {"alpha of": "cooperativeness of", "estimate by": "estimate by"}.items(),
        (("-", "--"), (":", ":")),
        strict=True,
    ):
        for player, colour, style in ((1, BLUE, styles[0]), (2, ORANGE, styles[1])):
            values = np.array(watch.course[f"{name} player {player}"])
            if np.isfinite(values).any():
                _line(axis, values, f"{words} player {player}", colour, style)
    if not axis.lines:
        axis.text(
            0.5, 0.5, "neither player weighs or estimates the other", transform=axis.transAxes, ha="center"
        )
        axis.set_axis_off()
        return figure
    _finish_course(axis, watch, y=" and ".join(names), title="What each has in mind")
    return figure


def draw_network_now(watch: WatchPopulation) -> Figure:
    """Draw the network, coloured by how cooperative its agents are."""
    figure, axis = _new_axes()
    paid = ""
    if is_led(watch.model) and watch.taken:
        c, d = watch.incentives
        paid = f", paid {c:+.2f} for C and {d:+.2f} for D"
    draw_network(
        watch.graph,
        watch.model.cooperation_probability,
        positions=watch.positions,
        torus=watch.is_torus,
        title=f"{len(watch.graph)} agents{paid}",
        ax=axis,
    )
    return figure


def draw_group(watch: WatchGroup) -> Figure:
    """Draw the level and the payoff of each player of a group, as means over the last rounds."""
    figure, (axes,) = new_figure(1, 2, width=WIDTH, height=HEIGHT)
    players = np.arange(1, watch.model.parameters.n_players + 1)
    stubborn = np.array([player.is_stubborn for player in watch.model.players])
    colours = np.where(stubborn, ORANGE, BLUE)
    zeros = np.zeros(len(players))
    for axis, quantity, y, title in (
        (axes[0], 1, "degree of cooperation", f"Last {WINDOW} rounds"),
        (axes[1], 2, "payoff a round", ""),
    ):
        axis.bar(players, watch.mean(quantity) if watch.taken else zeros, color=colours, width=0.7)
        axis.set_xticks(players)
        axis.grid(visible=False, axis="x")
        axis.axhline(0.0, color=BLACK, linewidth=0.8)
        label_axes(axis, x="player (orange: stubborn)" if stubborn.any() else "player", y=y, title=title)
    axes[0].set_ylim(0.0, 1.05)
    agreed, harmed = watch.payoff_of_all
    axes[1].axhline(agreed, color=GREEN, linestyle="--", linewidth=1.2, label="all cooperate fully")
    axes[1].axhline(harmed, color=RED, linestyle=":", linewidth=1.4, label="nobody cooperates")
    low, high = axes[1].get_ylim()
    axes[1].set_ylim(low, high + 0.3 * (high - low))
    axes[1].legend(fontsize=8.5, loc="upper right", frameon=False)
    return figure


def draw_shares(watch: Watch) -> Figure:
    """Draw how cooperation went so far."""
    figure, axis = _new_axes()
    shown = {name: values for name, values in watch.course.items() if not _is_of_mind(name, watch)}
    for (name, values), colour in zip(shown.items(), _COLOURS * 3, strict=False):
        # What may lie on another line is broken, so that both are seen.
        style = "--" if name.endswith("player 2") or name.startswith(("P(C, C)", "alpha", "lowest")) else "-"
        _line(axis, np.array(values), name, BLACK if name == "P(C, C)" else colour, style)
    title = (
        "Cooperation so far"
        if isinstance(watch, (WatchLearners, WatchPopulation))
        else f"Means of {WINDOW} rounds"
    )
    _finish_course(axis, watch, y="cooperation", title=title)
    return figure


def _is_of_mind(name: str, watch: Watch) -> bool:
    return isinstance(watch, WatchPair) and not name.startswith("level")


def _line(axis: Axes, values: FloatArray, name: str, colour: str, style: str) -> None:
    places = _thinned(len(values))
    axis.plot(places, values[places], color=colour, linestyle=style, linewidth=1.7, label=name)
    axis.plot(places[-1:], values[-1:], color=colour, marker="o", markersize=5)


def _finish_course(axis: Axes, watch: Watch, *, y: str, title: str) -> None:
    values = np.concatenate([np.asarray(line.get_ydata()) for line in axis.lines])
    axis.set_ylim(np.nanmin([-0.04, *(values - 0.04)]), np.nanmax([1.04, *(values + 0.04)]))
    axis.set_xlim(0, max(watch.taken, 10))
    leaves = _leaves_at(watch)
    if leaves is not None and leaves <= watch.taken:
        axis.axvline(leaves, color=BLACK, linestyle="--", linewidth=1, label="the planner leaves")
    label_axes(axis, x=watch.unit, y=y, title=title)
    axis.legend(fontsize=8.5, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2, frameon=False)


def _leaves_at(watch: Watch) -> int | None:
    if not hasattr(watch.model, "planner"):
        return None
    options = _planner_options(watch)
    until = getattr(options, "planner_episodes", getattr(options, "planner_steps", None))
    return until or None
