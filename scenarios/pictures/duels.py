"""Pictures of duels: rules with themselves under errors, and what one is ahead of others in random games."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios.frame.look import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    YELLOW,
    label_axes,
    new_figure,
    title_figure,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STYLES = {
    "gradual": (BLUE, "-"), "contrite": (ORANGE, "--"), "generous": (GREEN, "-"), "tit-for-tat": (RED, "-"),
    "win-stay": (PURPLE, "--"), "firm-but-fair": (SKY, "--"), "grim": (BLACK, ":"), "binary": (YELLOW, "-"),
    "consequentialist": (GREEN, ":"), "literal-mirror": (RED, ":"),
}  # fmt: skip


def draw_self_play(cells: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw each rule's index with itself, from the worst start, by the rate of slips and with misreading."""
    games = list(dict.fromkeys(cell["game"] for cell in cells))
    rates = sorted({cell["noise"] for cell in cells if not cell["misreading"]})
    columns = min(len(games), 5)
    rows = -(-len(games) // columns)
    figure, axes = new_figure(rows, columns, width=2.7 * columns + 1.0, height=2.7 * rows + 0.9)
    for axis, game in zip(axes.flat, games, strict=False):
        for player, (colour, style) in STYLES.items():
            lowest: dict[float, float] = {}
            for cell in cells:
                if (cell["game"], cell["player"]) == (game, player):
                    place = len(rates) if cell["misreading"] else rates.index(cell["noise"])
                    lowest[place] = min(cell["index"], lowest.get(place, np.inf))
            slips = [place for place in sorted(lowest) if place < len(rates)]
            line = {"color": colour, "linestyle": style}
            axis.plot(slips, [lowest[k] for k in slips], label=player, linewidth=1.6, marker=".", **line)
            axis.plot([len(rates)], [lowest.get(len(rates), np.nan)], marker="o", markersize=5, color=colour)
        axis.set_ylim(-0.45, 1.05)
        axis.set_xticks(range(len(rates) + 1), [*(f"{rate:g}" for rate in rates), "misread"], rotation=40)
        label_axes(axis, x="slips", y="index", title=game)
    for axis in list(axes.flat)[len(games) :]:
        axis.set_visible(False)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=5, fontsize=9, frameon=False)
    runs = max(cell["runs"] for cell in cells)
    title_figure(figure, f"With itself, from the worst of the starts CC, DD and CD: means of {runs} runs")
    return figure


def draw_ensembles(
    differences: Mapping[str, Sequence[tuple[str, str, str, tuple[float, float, float]]]],
) -> Figure:
    """Draw the gradual rule's lead in pooled shares of random games, with 95% intervals, from CC.

    `differences` of each rival: ensemble, errors, start, and the difference with its interval.
    """
    kinds = list(dict.fromkeys(game.split()[0] for found in differences.values() for game, *_ in found))
    figure, axes = new_figure(1, len(kinds), width=4.2 * len(kinds), height=4.2)
    for axis, kind in zip(axes.flat, kinds, strict=True):
        for (rival, found), colour, shift in zip(
            differences.items(), (ORANGE, PURPLE), (-0.12, 0.12), strict=True
        ):
            here = [entry for entry in found if entry[0].startswith(kind) and entry[2] == "CC"]
            names = list(dict.fromkeys(errors for _, errors, _, _ in here))
            seeds = list(dict.fromkeys(game for game, *_ in here))
            for game, errors, _, (difference, low, high) in here:
                place = names.index(errors) + shift + 0.06 * (seeds.index(game) - (len(seeds) - 1) / 2)
                axis.plot([place, place], [low, high], color=colour, linewidth=1.2)
                axis.plot([place], [difference], marker="o", markersize=3.5, color=colour, label=rival)
            axis.set_xticks(range(len(names)), names, rotation=40)
        axis.axhline(0.0, color=BLACK, linewidth=0.8)
        label_axes(axis, x="", y="gradual less rival", title=f"random {kind}")
    handles = {
        label: handle
        for axis in axes.flat
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)
    }
    figure.legend(
        handles.values(), handles.keys(), loc="outside lower center", ncols=2, fontsize=9, frameon=False
    )
    return figure
