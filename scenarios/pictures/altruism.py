"""How payoffs depend on how much players care for each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from scenarios.frame.look import BLACK, BLUE, ORANGE, label_axes, new_figure, title_figure
from theory.altruism import AltruismCase, AltruismSurfaces

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 3
_SYMBOLS = "V1, V2: the players' own payoffs; W: their sum.\nPlayer 1 maximises V1 + alpha V2, player 2 V2 + beta V1."


def draw_surfaces(surfaces: Mapping[str, AltruismSurfaces]) -> Figure:
    """Draw V1, V2 and W over alpha and beta, one row a game (the first three)."""
    shown = list(surfaces.values())[:SHOWN]
    figure, axes = new_figure(len(shown), 3, width=10.5, height=3.1 * len(shown))
    title_figure(
        figure,
        "Best equilibrium of altruists, of equally good ones that best for player 1 (colours: range of outcomes)",
    )
    figure.supxlabel(_SYMBOLS, fontsize=9)
    for row, found in zip(axes, shown, strict=True):
        for axis, payoff in zip(row, ("V1", "V2", "W"), strict=True):
            values = getattr(found, payoff)
            outcomes = found.game.outcomes
            possible = {"V1": outcomes[:, 0], "V2": outcomes[:, 1], "W": outcomes.sum(axis=1)}[payoff]
            drawn = axis.pcolormesh(
                found.alphas, found.betas, values.T, cmap="viridis", shading="nearest",
                vmin=possible.min(), vmax=possible.max(),
            )  # fmt: skip
            figure.colorbar(drawn, ax=axis, pad=0.02)
            axis.grid(visible=False)
            axis.set_aspect("equal")
            label_axes(axis, x="alpha", y="beta", title=f"{found.game.title}: {payoff}")
    return figure


def draw_counterexamples(cases: Sequence[AltruismCase]) -> Figure:
    """Draw V1, V2 and W before and after a weight rises, one panel a counterexample."""
    figure, axes = new_figure(2, 3, width=11.0, height=7.0)
    title_figure(figure, "Six games in which more altruism goes wrong")
    figure.supxlabel(_SYMBOLS, fontsize=9)
    for axis, case in zip(axes.flat, cases, strict=False):
        before, after = case.payoffs_before, case.payoffs_after
        lines = (
            ("V1", before[0], after[0], BLUE, "o-"),
            ("V2", before[1], after[1], ORANGE, "s--"),
            ("W", before.sum(), after.sum(), BLACK, "D-"),
        )
        for label, left, right, colour, style in lines:
            axis.plot([0, 1], [left, right], style, color=colour, linewidth=2, label=label)
        ticks = [f"({a:g}, {b:g})" for a, b in (case.before, case.after)]
        axis.set_xticks([0, 1], ticks)
        axis.set_xlim(-0.15, 1.15)
        axis.margins(y=0.12)
        label_axes(axis, x="weights (alpha, beta)", y="payoff", title=case.name)
    axes[0, 0].legend(fontsize=9)
    return figure
