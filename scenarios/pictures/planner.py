"""Pictures of planners beside each other: variants of the learning rule, many players, knowledge, cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from scenarios.frame.look import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    draw_mean_and_spread,
    label_axes,
    new_figure,
    title_figure,
)
from theory import Game
from theory.checks import FloatArray

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

# A variant and its repair share a colour; what the thesis publishes is dashed.
STYLES = {
    "exact": (BLUE, "--"),
    "exact-revenue-neutral": (GREEN, "--"),
    "estimated": (RED, "--"),
    "estimated-revenue-neutral": (PURPLE, "--"),
    "estimated-corrected": (RED, "-."),
    "literal": (BLACK, "-"),
    "literal-revenue-neutral": (BLACK, "-."),
    "decoupled": (RED, "-"),
    "decoupled-sampled": (ORANGE, "-"),
    "decoupled-revenue-neutral": (PURPLE, "-"),
    "sampled-revenue-neutral": (ORANGE, "-."),
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


def draw_many_players(done: Mapping[tuple[int, str], xr.Dataset]) -> Figure:
    """Draw Fig. 4.2, mean P(C) over time for each number of players, and what a player costs."""
    figure, axes = new_figure(1, 2, width=11.0, height=4.4)
    runs = next(iter(done.values())).sizes["run"]
    figure.suptitle(f"Planner among many players: mean of {runs} runs (band: lowest to highest)", fontsize=12)
    for ((size, condition), data), colour in zip(
        done.items(), (RED, BLUE, GREEN, ORANGE, PURPLE, BLACK), strict=False
    ):
        episodes = data["episode"].values
        without = condition == "without-planner"
        label = f"{size:,} players" + (", no planner" if without else "")
        style = "--" if without else "-"
        draw_mean_and_spread(
            axes[0, 0], episodes, data["mean_cooperation"].values, colour=colour, label=label, style=style
        )
        if not without:
            paid = data["additional_reward"].values.mean(axis=0) / size
            axes[0, 1].plot(episodes, paid, color=colour, linewidth=1.4, label=label)
    axes[0, 0].set_ylim(-0.02, 1.02)
    axes[0, 0].legend(fontsize=9, loc="center right")
    label_axes(axes[0, 0], x="episode", y="mean P(C)", title="(a) Cooperation")
    axes[0, 1].set_ylim(bottom=0.0)
    axes[0, 1].legend(fontsize=9)
    label_axes(
        axes[0, 1], x="episode", y="absolute additional reward a player", title="(b) What a player costs"
    )
    return figure


def draw_cost(game: Game, by_arm: Mapping[str, tuple[xr.Dataset, FloatArray, FloatArray]]) -> Figure:
    """Draw payments beside the least ones of the same effect, and carrots and sticks against P(C)."""
    figure, axes = new_figure(1, 2, width=11.0, height=4.6)
    runs = max(data.sizes["run"] for data, _, _ in by_arm.values())
    title_figure(figure, f"{game.title}: what a planner pays, and for what, mean of {runs} runs")
    for arm, (data, if_cooperating, if_defecting) in by_arm.items():
        colour = STYLES[arm][0]
        moments = data["moment"].values
        for name, style in (("expected_payment", "-"), ("least_payment", ":")):
            axes[0, 0].plot(
                moments,
                data[name].values.mean(axis=0),
                color=colour,
                linestyle=style,
                linewidth=1.8,
                label=arm if style == "-" else f"{arm}: least of same effect",
            )
        p = data["cooperation_probability"].values.mean(axis=(0, 2))
        for values, style, label in (
            (if_cooperating, "-", f"{arm}: reward for C"),
            (-if_defecting, "--", f"{arm}: punishment for D"),
        ):
            axes[0, 1].plot(
                p, values.mean(axis=(0, 2)), color=colour, linestyle=style, linewidth=1.6, label=label
            )
    axes[0, 1].axvline(0.5, color="black", linewidth=0.8)
    axes[0, 1].axhline(0.0, color="black", linewidth=0.8)
    label_axes(axes[0, 0], x="episode", y="expected payment an episode", title="(a) Payments")
    label_axes(
        axes[0, 1],
        x="mean P(C) at that time",
        y="expected incentive",
        title="(b) Carrot and stick (line: P(C) = 1/2)",
    )
    axes[0, 0].set_ylim(bottom=0.0)
    axes[0, 0].legend(fontsize=8)
    axes[0, 1].legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=3)
    return figure


def draw_knowledge(game: Game, by_planner: Mapping[str, Mapping[str, xr.Dataset]]) -> Figure:
    """Draw P(C,C) over time for each kind of knowledge, a panel for each planner."""
    figure, axes = new_figure(1, len(by_planner), width=5.5 * len(by_planner), height=4.6)
    runs = max(data.sizes["run"] for known in by_planner.values() for data in known.values())
    figure.suptitle(f"{game.title}: what the planner knows, mean of {runs} runs", fontsize=12)
    styles = (
        (BLACK, "-"), (SKY, "-"), (BLUE, "-"), (ORANGE, "--"), (RED, "--"), (ORANGE, ":"), (RED, ":"), (PURPLE, "-")
    )  # fmt: skip
    for k, (planner, known) in enumerate(by_planner.items()):
        for (knowledge, data), (colour, style) in zip(known.items(), styles, strict=False):
            joint = data["cooperation_probability"].prod("player").values.mean(axis=0)
            label = knowledge if k == 0 else None
            axes[0, k].plot(
                data["episode"].values, joint, color=colour, linestyle=style, linewidth=1.6, label=label
            )
        axes[0, k].set_ylim(-0.02, 1.02)
        label_axes(axes[0, k], x="episode", y="P(C,C)", title=f"({'ab'[k]}) planner {planner}")
    figure.legend(loc="outside lower center", ncols=4, fontsize=9)
    return figure
