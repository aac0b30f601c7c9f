"""The payoff space of a two-player game: what is feasible, what is fair, and where runs ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios.frame.look import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    RED,
    axes_or_new,
    label_axes,
    show_as_written,
)
from theory import (
    BargainingProblem,
    BatchVerdict,
    EmpiricalVerdict,
    FeasibleSet,
    Game,
    NoRationalAgreement,
    Verdict,
    nash_equilibria,
)
from theory.arguments import of_type
from theory.checks import FloatArray, shown
from theory.games.game import Profile

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

    OutcomesShown = (
        Verdict | EmpiricalVerdict | BatchVerdict | Sequence[Verdict | Profile] | FloatArray | xr.Dataset
    )

# Games with more outcomes show the feasible set without naming outcomes.
MOST_NAMED = 16

# Letters beside a point: longer names would leave no room for the picture.
LONGEST_NAMES = 40

# Runs are small filled marks on top; points of the theory are large and hollow, so that nothing hides.
LEARNED_STYLES = ((PURPLE, "o"), (GREEN, "s"), (ORANGE, "v"))


def draw_payoff_space(
    game: Game, outcomes: Mapping[str, OutcomesShown] | None = None, *, ax: Axes | None = None
) -> Axes:
    """Draw what two players can get: feasible set, frontier, equilibria, bargaining points, and outcomes.

    Parameters
    ----------
    game
        Of two players.
    outcomes
        What to mark, by a name for the legend: the outcome of a `Verdict`, or what was observed of an
        `EmpiricalVerdict`; and of many runs, which the legend counts, a `BatchVerdict`, a list of verdicts, profiles
        (one mixture a player each), or what `simulation.simulate` returned.
    ax
        Where to draw; by default on a new figure, `.figure` of what is returned. The legend stands on the right of
        the axes: a figure with `layout="constrained"` makes room for it.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the game has not two players, or an outcome does not fit it.
    """
    of_type(Game)("game", game)
    if game.n_players != 2:
        raise ValueError(f"the payoff space is drawn for two players, got {game.n_players}")
    marked = {label: _payoffs(game, label, given) for label, given in _by_label(outcomes).items()}
    axis = axes_or_new(ax, width=8.2, height=6.0)
    draw_theory(axis, game)
    for (label, points), (colour, marker) in zip(marked.items(), cycle(LEARNED_STYLES)):
        of_one = isinstance((outcomes or {})[label], (Verdict, EmpiricalVerdict))
        axis.scatter(
            points[:, 0], points[:, 1], s=30, marker=marker, color=colour, alpha=0.85, edgecolor="white",
            linewidth=0.4, zorder=9, label=label if of_one else f"runs: {label} ({len(points)})",
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
    return show_as_written(axis)


def _by_label(outcomes: Any) -> Mapping[str, Any]:
    if outcomes is None:
        return {}
    if not isinstance(outcomes, Mapping):
        raise ValueError(f"outcomes must be given by their names for the legend, got {shown(outcomes)}")
    return outcomes


def _payoffs(game: Game, label: str, given: Any) -> FloatArray:
    """Return `[outcomes, 2]`: what the players get in the outcomes of one name."""
    if isinstance(given, Verdict):
        points = given.payoffs[None]
    elif isinstance(given, EmpiricalVerdict):
        points = given.correlated.payoffs.value[None]
    elif isinstance(given, BatchVerdict):
        points = given.payoffs
    elif hasattr(given, "data_vars"):
        points = _payoffs_of_runs(game, label, given)
    else:
        points = np.array(
            [each.payoffs if isinstance(each, Verdict) else game.expected_payoffs(each) for each in given]
        ).reshape(-1, 2)
    if points.shape[-1] != 2:
        raise ValueError(f"outcomes {label!r} must be of two players, got {points.shape[-1]}")
    return points


def _payoffs_of_runs(game: Game, label: str, data: xr.Dataset) -> FloatArray:
    learned = data.get("final_cooperation_probability")
    if learned is None or learned.dims != ("run", "player") or game.n_actions != (2, 2):
        raise ValueError(
            f"outcomes {label!r} must hold final_cooperation_probability by run and player, in a game with two "
            "actions each, or be given as profiles or verdicts"
        )
    return np.array([game.expected_payoffs([(p, 1.0 - p) for p in run]) for run in learned.values])


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
