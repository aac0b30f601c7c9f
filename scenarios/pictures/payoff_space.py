"""The payoff space of a two-player game: what is feasible, what is fair, and where runs ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scenarios.frame.look import BLUE, GREEN, ORANGE, PURPLE, RED, label_axes, new_figure
from theory import BargainingProblem, FeasibleSet, Game, NoRationalAgreement, nash_equilibria
from theory.checks import FloatArray
from theory.games.game import Profile

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Games with more outcomes show the feasible set without naming outcomes.
MOST_NAMED = 16

# Letters beside a point: longer names would leave no room for the picture.
LONGEST_NAMES = 40

# Runs are small filled marks on top; points of the theory are large and hollow, so that nothing hides.
LEARNED_STYLES = ((PURPLE, "o"), (GREEN, "s"), (ORANGE, "v"))


@dataclass(frozen=True)
class LearnedOutcomes:
    """Outcomes to mark: a name for the legend and profiles, one mixture a player each."""

    label: str
    profiles: Sequence[Profile] | FloatArray
    kind: str = "runs: "


def draw_payoff_space(game: Game, learned: Sequence[LearnedOutcomes] = ()) -> Figure:
    """Draw the feasible set, the frontier, equilibria, bargaining points and learned outcomes."""
    if game.n_players != 2:
        raise ValueError(f"the payoff space is drawn for two players, got {game.n_players}")
    figure, axes = new_figure(1, 1, width=8.2, height=6.0)
    axis = axes[0, 0]
    draw_theory(axis, game)
    for outcomes, (colour, marker) in zip(learned, LEARNED_STYLES, strict=False):
        points = np.array([game.expected_payoffs(profile) for profile in outcomes.profiles])
        label = f"{outcomes.kind}{outcomes.label} ({len(points)})" if outcomes.kind else outcomes.label
        axis.scatter(
            points[:, 0], points[:, 1], s=30, marker=marker, color=colour, alpha=0.85, edgecolor="white",
            linewidth=0.4, zorder=9, label=label,
        )  # fmt: skip
    label_axes(
        axis,
        x=f"payoff of {_short(game.players[0])}",
        y=f"payoff of {_short(game.players[1])}",
        title=f"{_short(game.title) or 'Game'}: payoff space",
    )
    axis.margins(0.13)
    axis.legend(
        fontsize=9,
        loc="center left",
        bbox_to_anchor=(1.01, 0.5),
        frameon=False,
        markerscale=0.7,
        labelspacing=0.9,
    )
    return figure


def draw_theory(axis: Axes, game: Game) -> None:
    """Draw what theory knows of a two-player game: feasible set, frontier, equilibria, bargaining points."""
    _feasible_set(axis, game)
    _equilibria(axis, game)
    _bargaining_points(axis, game)


def _feasible_set(axis: Axes, game: Game) -> None:
    feasible = FeasibleSet.of(game)
    axis.fill(*feasible.vertices.T, color=BLUE, alpha=0.10, label="feasible by lotteries", zorder=1)
    axis.plot(*feasible.pareto_frontier.T, color=BLUE, linewidth=2.4, label="Pareto frontier", zorder=2)
    named: dict[tuple[float, float], list[str]] = {}
    if len(game.outcomes) <= MOST_NAMED:
        for outcome, payoffs in zip(game.pure_profiles(), game.outcomes, strict=True):
            named.setdefault((float(payoffs[0]), float(payoffs[1])), []).append(game.name_of(outcome))
    centre = game.outcomes.mean(axis=0)
    for position, names in named.items():
        axis.scatter(position[0], position[1], s=14, color="black", zorder=3)
        away = np.sign(np.array(position) - centre)
        axis.annotate(
            _names_at_a_point(names), position, fontsize=9, xytext=(13 * away[0], 12 * away[1] or 12),
            textcoords="offset points", ha="right" if away[0] < 0 else "left", va="center",
        )  # fmt: skip


def _names_at_a_point(names: Sequence[str]) -> str:
    """Return the names of outcomes with the same payoffs, as far as there is room for them."""
    text = " ".join(names)
    if len(text) <= LONGEST_NAMES:
        return text
    return _short(names[0]) + (f" and {len(names) - 1} more" if len(names) > 1 else "")


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAMES else f"{name[:LONGEST_NAMES]}..."


def _equilibria(axis: Axes, game: Game) -> None:
    payoffs = np.array([game.expected_payoffs(profile) for profile in nash_equilibria(game).profiles])
    points = np.unique(payoffs.round(9), axis=0)
    axis.scatter(
        points[:, 0], points[:, 1], s=190, facecolor="none", edgecolor="black", linewidth=1.4,
        zorder=4, label="Nash equilibria",
    )  # fmt: skip


def _bargaining_points(axis: Axes, game: Game) -> None:
    problem = BargainingProblem.of(game, disagreement="security")
    axis.scatter(
        problem.disagreement[0], problem.disagreement[1], s=260, marker="+", color="black", linewidth=1.6,
        zorder=6, label="security levels",
    )  # fmt: skip
    try:
        points = (
            ("Nash bargaining", problem.nash().point, "*", 620, RED),
            ("Kalai-Smorodinsky", problem.kalai_smorodinsky().point, "D", 300, BLUE),
            ("egalitarian", problem.egalitarian().point, "^", 130, "black"),
        )
    except NoRationalAgreement:
        return
    for label, point, marker, size, colour in points:
        axis.scatter(
            point[0], point[1], s=size, marker=marker, facecolor="none", edgecolor=colour, linewidth=1.5,
            zorder=7, label=label,
        )  # fmt: skip
