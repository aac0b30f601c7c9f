r"""Pareto optimality, and how much is left on the table.

An outcome is *strongly Pareto-optimal* if no other one gives someone more and no one less. The answer
depends on what may dominate (`within`):

- `"lotteries"`: any lottery over outcomes, that is, players who toss a common coin (the convex hull);
- `"independent"`: profiles in which everyone mixes on its own;
- `"pure"`: pure profiles.

Optimal within lotteries implies optimal within independent mixtures implies optimal within pure profiles. For
pure profiles of 2x2 games the first two coincide: a lottery over two other outcomes that dominates one either
lies on a line that one player can mix along, or both are its neighbours, and moving a little probability
to them gains to first order what the lottery gains.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from theory.arguments import checked
from theory.checks import FloatArray, known_name, number_within
from theory.games.checks import matrix_game, payoffs_of_players, strategic_game
from theory.games.game import Game, StrategicGame
from theory.geometry.frontier import payoff_scale, unit_payoffs
from theory.geometry.linear_programs import best_lottery
from theory.pareto.independent import GAP, IndependentSearch, candidates_2x2

WITHIN = ("lotteries", "independent", "pure")

# Relative gain up to which an exact profile counts as Pareto-optimal.
TOLERANCE = 1e-6

# What linear programs and searches miss by their own tolerances, as a fraction of payoff ranges.
PROGRAM_ROUNDING = 1e-9

# Each profile beyond two players costs a linear program of some milliseconds.
LARGEST_NUMBER_OF_PROGRAMS = 5000


@dataclass(frozen=True, eq=False)
class ParetoSlack:
    """How much an outcome leaves on the table.

    Attributes
    ----------
    gain
        Largest total gain over players that a dominating outcome gives with nobody losing, in payoff
        units, at least 0. It is 0 exactly where the outcome is strongly Pareto-optimal.
    relative_gain
        Largest sum over players of the gain divided by that player's payoff range: the same if a player's
        payoffs are rescaled. Tolerances judge it.
    dominating
        `[n_players]` payoffs of the outcome that gives `gain`, of several the one that is best for the first
        player, then for the second, ...; the judged payoffs where that is 0.
    exact
        Whether both gains are proved to be the largest, up to 1e-6 of payoff ranges. Else they are those of
        outcomes that were found: lower bounds.
    relative_gain_bound
        A proved upper bound of the relative gain; None where it is exact.
    """

    gain: float
    relative_gain: float
    dominating: FloatArray
    exact: bool = True
    relative_gain_bound: float | None = None


@checked(game=strategic_game)
def pareto_slack(game: StrategicGame, payoffs: ArrayLike, *, within: str = "lotteries") -> ParetoSlack:
    """Return how much more the players of a game could have had with nobody losing.

    Parameters
    ----------
    game
        The game. One without a payoff tensor is asked for its own `pareto_slack`.
    payoffs
        `[n_players]` payoffs to be judged. Beyond what is feasible nothing dominates them: no slack.
    within
        What may dominate: `"lotteries"` (closed form for two players, else linear programs), `"pure"`, or
        `"independent"` (closed form for 2x2 games, else a search with a proved bound: see `exact`).

    Raises
    ------
    ValueError
        If `within` is unknown or `payoffs` does not fit the game.
    """
    name = known_name("set of dominating outcomes", within, WITHIN)
    judged = payoffs_of_players("payoffs", payoffs, game.n_players)
    if not isinstance(game, Game) and hasattr(game, "pareto_slack"):
        slack: ParetoSlack = game.pareto_slack(judged, within=name)
        return slack
    tensor = matrix_game("game", game).as_read
    if name == "pure":
        return _largest_gains(judged, tensor.outcomes, tensor)
    if name == "lotteries" or game.n_players == 1:
        return _slack_within_lotteries(judged, tensor)
    if game.n_actions == (2, 2):
        return _largest_gains(judged, candidates_2x2(tensor.payoffs, judged), tensor)
    return slack_by_search(tensor, judged)


def _largest_gains(
    judged: FloatArray, candidates: FloatArray, game: Game, least_rounding: float = 0.0
) -> ParetoSlack:
    """Return the largest gains among those of `candidates[k, n_players]` at which nobody loses."""
    scale = np.array(game.frontier.scale) if game.n_players == 2 else payoff_scale(game.outcomes)
    rounding = np.maximum(game.resolution, least_rounding * scale)
    gains = candidates - judged
    gains = gains[(gains >= -rounding).all(axis=1)]
    relative = (gains / scale).sum(axis=1)
    if relative.max(initial=0.0) <= (rounding / scale).sum():
        return ParetoSlack(0.0, 0.0, judged)
    total = gains.sum(axis=1)
    best = gains[total >= total.max() - rounding.sum()]
    for player, tie in enumerate(rounding if len(best) > 1 else ()):
        best = best[best[:, player] >= best[:, player].max() - tie]
    return ParetoSlack(float(total.max()), float(relative.max()), judged + best[0])


def _slack_within_lotteries(judged: FloatArray, game: Game) -> ParetoSlack:
    outcomes = game.outcomes
    if outcomes.shape[1] == 2:
        # What dominates is a stretch of the frontier; a weighted sum is largest at one of its corners.
        frontier = game.frontier
        stretch = frontier.above(judged)
        if stretch is None:
            return ParetoSlack(0.0, 0.0, judged)
        corners = np.array([frontier.point(position) for position in frontier.positions(stretch)])
        return _largest_gains(judged, corners, game)
    scale = payoff_scale(outcomes)
    gains = (outcomes - judged) / scale
    found = [best_lottery(gains @ prices, gains, np.zeros(len(scale))) for prices in _prices(scale)]
    points = [weights @ outcomes for weights in found if weights is not None]
    return _largest_gains(judged, np.array(points).reshape(-1, len(scale)), game, PROGRAM_ROUNDING)


def _prices(scale: FloatArray) -> list[FloatArray]:
    """Return the weights of gains in payoff ranges for the relative and, where it differs, the total gain."""
    relative = np.ones(len(scale))
    return [relative] if (scale == scale[0]).all() else [relative, scale / scale.max()]


def slack_by_search(game: Game, judged: FloatArray, *, most_steps: int | None = None) -> ParetoSlack:
    """Return the slack within independent mixtures by searches of at most so many steps, by default as usual."""
    outcomes = game.outcomes
    searches = [
        IndependentSearch(game, judged, prices, most_steps=most_steps)
        for prices in _prices(payoff_scale(outcomes))
    ]
    for search in searches:
        search.run()
    found = [game.expected_payoffs(search.profile) for search in searches if search.profile is not None]
    candidates = np.array(found).reshape(-1, game.n_players)
    slack = _largest_gains(judged, candidates, game, PROGRAM_ROUNDING)
    exact = all(search.bound - search.value <= GAP for search in searches)
    return slack if exact else replace(slack, exact=False, relative_gain_bound=searches[0].bound)


@checked(game=matrix_game)
def pareto_optimal_profiles(
    game: StrategicGame, within: str = "lotteries", *, tolerance: float = TOLERANCE
) -> tuple[tuple[int, ...], ...]:
    """Return the pure profiles that are strongly Pareto-optimal, in the game's order.

    Parameters
    ----------
    game
        A game with a payoff tensor.
    within
        What may dominate: `"lotteries"`, `"independent"` or `"pure"`.
    tolerance
        Largest `relative_gain` of a dominating outcome that is ignored, at least 1e-6 for `"independent"`.

    Raises
    ------
    ValueError
        If `within` is unknown, the game has too many outcomes, or some profile cannot be settled.
    """
    name = known_name("set of dominating outcomes", within, WITHIN)
    number_within("tolerance", tolerance, 0.0 if name != "independent" else TOLERANCE, np.inf)
    tensor = matrix_game("game", game).as_read
    optimal = _undominated(tensor.outcomes, tolerance)
    if name != "pure":
        within_lotteries = undominated_by_lotteries(tensor, optimal, tolerance)
        if name == "independent" and tensor.n_actions != (2, 2):
            optimal = [
                k for k in optimal if k in within_lotteries or is_optimal_by_search(tensor, k, tolerance)
            ]
        else:
            optimal = within_lotteries
    return tuple(tuple(int(a) for a in np.unravel_index(k, tensor.n_actions)) for k in optimal)


def _undominated(outcomes: FloatArray, tolerance: float) -> list[int]:
    """Return the outcomes that no other outcome dominates."""
    units = unit_payoffs(outcomes, payoff_scale(outcomes))
    # An outcome that dominates has a larger sum, so by falling sums every outcome that is still there is
    # undominated, and it drops what it dominates.
    remaining = np.argsort(-units.sum(axis=1), kind="stable")
    position = 0
    while position < len(remaining):
        ahead = units[remaining[position]] - units[remaining]
        dominated = (ahead >= 0).all(axis=1) & (ahead.sum(axis=1) > tolerance)
        remaining = remaining[~dominated]
        position += 1
    return sorted(int(k) for k in remaining)


def undominated_by_lotteries(
    game: Game, candidates: list[int], tolerance: float, *, most: int = LARGEST_NUMBER_OF_PROGRAMS
) -> list[int]:
    """Return those of the candidates that no lottery over them dominates (other outcomes cannot help)."""
    outcomes = game.outcomes
    if outcomes.shape[1] != 2 and len(candidates) > most:
        raise ValueError(
            f"at most {most} profiles can be compared with lotteries, "
            f'got {len(candidates)}: use within="pure", or pareto_slack of one outcome'
        )
    # All outcomes, so that ranges are the game's; duplicates of candidates do no harm.
    return [k for k in candidates if _slack_within_lotteries(outcomes[k], game).relative_gain <= tolerance]


def is_optimal_by_search(game: Game, k: int, tolerance: float, *, most_steps: int | None = None) -> bool:
    """Return whether independent mixtures leave the k-th outcome undominated, or raise ValueError if unsettled."""
    search = IndependentSearch(
        game, game.outcomes[k], np.ones(game.n_players), enough=tolerance, most_steps=most_steps
    )
    search.run()
    if search.value <= tolerance and search.bound > tolerance + GAP:
        actions = tuple(int(a) for a in np.unravel_index(k, game.n_actions))
        raise ValueError(
            f"profile {game.name_of(actions)} must be settled within {search.steps} steps, got relative gain "
            f'between {search.value:g} and {search.bound:g} by independent mixing: use within="lotteries"'
        )
    return search.value <= tolerance
