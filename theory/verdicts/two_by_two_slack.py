r"""Pareto slack of many outcomes of 2x2 games at once, in closed form, in the three senses of domination.

Every function takes games and the outcomes' scaled `payoffs[2, outcomes]` (see `theory.verdicts.two_by_two`). Games
and outcomes are as many, or there is one game.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from theory.checks import FloatArray
from theory.verdicts.two_by_two import PAIRS_OF_CELLS, ROUNDING, Point, ScaledGames, is_better, mix


class Slack(NamedTuple):
    """What the players could have had with nobody losing.

    Attributes
    ----------
    gain
        `[outcomes]`: largest total gain, in payoff units.
    relative_gain
        `[outcomes]`: largest total of gains in payoff ranges.
    dominating
        `[2, outcomes]`: scaled payoffs of an outcome that gives `gain`, of several the one that is best for the
        first player.
    """

    gain: FloatArray
    relative_gain: FloatArray
    dominating: FloatArray

    @classmethod
    def beyond_rounding(
        cls, games: ScaledGames, gain: FloatArray, relative: FloatArray, dominating: FloatArray
    ) -> Slack:
        """Return the slack with gains set to 0 that are rounding."""
        is_gain = relative > games.rounding.sum(axis=0)
        return cls(np.where(is_gain, gain, 0.0), np.where(is_gain, relative, 0.0), dominating)


# Which cells differ in one player's action: the sides of the square of mixtures.
SIDES = ((0, 1), (2, 3), (0, 2), (1, 3))


def highest(
    games: ScaledGames, player: int, at: FloatArray, pairs: tuple[tuple[int, int], ...] = PAIRS_OF_CELLS
) -> FloatArray:
    """Return the most that the other player can get where two cells are mixed so that `player` gets `at`.

    For all pairs of cells that is the most within lotteries. `at` must lie between the player's smallest and
    largest cell. Minus infinity where no pair has it between them.
    """
    x, y = games.cells[player], games.cells[1 - player]
    # Where the player's cells are all the same, no two of them have `at` between them.
    best = np.where(games.least[player] == games.most[player], games.most[1 - player], -np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        for i, j in pairs:
            share = (at - x[i]) / (x[j] - x[i])
            is_between = (share >= 0) & (share <= 1)
            best = np.maximum(best, np.where(is_between, y[i] + share * (y[j] - y[i]), -np.inf))
    return np.asarray(best)


def lottery_slack(games: ScaledGames, payoffs: FloatArray) -> Slack:
    r"""Return the slack within all lotteries over the cells.

    The best lottery without the constraint is a cell m. If m harms player 1, the constraint that
    player 1 keeps u_1 binds, and the best is the highest point of the payoff polygon above u_1; likewise for
    player 2. Both cannot be harmed, since m is worth at least as much as the payoffs judged.
    """
    u, v = np.clip(payoffs, games.least, games.most)  # against rounding
    above, beside = highest(games, 0, u), highest(games, 1, v)

    def nearest(best_x: FloatArray, best_y: FloatArray) -> Point:
        first_loses, second_loses = best_x < u, best_y < v
        return (
            np.where(first_loses, u, np.where(second_loses, beside, best_x)),
            np.where(first_loses, above, np.where(second_loses, v, best_y)),
        )

    (best_x, best_y), (relative_x, relative_y) = nearest(*games.best), nearest(*games.relatively_best)
    a, b = games.scale
    # The payoffs judged are a lottery's too, so that only rounding can make gains negative.
    return Slack.beyond_rounding(
        games,
        a * (best_x - u) + b * (best_y - v),
        relative_x - u + (relative_y - v),
        np.stack([best_x, best_y]),
    )


def pure_slack(games: ScaledGames, payoffs: FloatArray) -> Slack:
    """Return the slack within the pure profiles (0 where none of them dominates)."""
    return _best_of(_pure(games, payoffs), games, payoffs)


def independent_slack(games: ScaledGames, payoffs: FloatArray) -> Slack:
    """Return the slack within independent mixtures."""
    return _best_of(_independent(games, payoffs), games, payoffs)


def relative_gain(games: ScaledGames, payoffs: FloatArray, within: str) -> FloatArray:
    """Return the `relative_gain` of the slack within the named set."""
    if within == "lotteries":
        return lottery_slack(games, payoffs).relative_gain
    (u, v), (rounding_x, rounding_y) = payoffs, games.rounding
    relative: FloatArray = np.zeros_like(u)
    for x, y in (_pure if within == "pure" else _independent)(games, payoffs):
        gain_x, gain_y = x - u, y - v
        nobody_loses = (gain_x >= -rounding_x) & (gain_y >= -rounding_y)
        relative = np.maximum(relative, np.where(nobody_loses, gain_x + gain_y, 0.0))
    return np.asarray(relative)


def _pure(games: ScaledGames, payoffs: FloatArray) -> Iterable[Point]:
    return zip(*games.cells, strict=True)


def _independent(games: ScaledGames, payoffs: FloatArray) -> Iterable[Point]:
    r"""Return the payoffs of mixtures among which the best ones are that dominate.

    The best mixture (p, q) is a pure profile, or keeps one player's payoff and lies on a side of the unit
    square or where the gradients of the two payoffs are parallel. As payoffs are bilinear in p and q, that is
    a straight line, which meets the curve of constant payoff in at most two points.
    """
    u, v = np.clip(payoffs, games.least, games.most)  # against rounding
    above = np.maximum(highest(games, 0, u, SIDES), _highest_inside(games, 0, u))
    beside = np.maximum(highest(games, 1, v, SIDES), _highest_inside(games, 1, v))
    return (*_pure(games, payoffs), (u, above), (beside, v))


def _best_of(candidates: Iterable[Point], games: ScaledGames, payoffs: FloatArray) -> Slack:
    (u, v), (a, b) = payoffs, games.scale
    (rounding_x, rounding_y), tie = games.rounding, games.resolution.sum(axis=0)
    gain, relative, best_x, best_y = np.zeros_like(u), np.zeros_like(u), u, v
    for x, y in candidates:
        gain_x, gain_y = x - u, y - v
        nobody_loses = (gain_x >= -rounding_x) & (gain_y >= -rounding_y)
        relative = np.maximum(relative, np.where(nobody_loses, gain_x + gain_y, 0.0))
        total = np.where(nobody_loses, a * gain_x + b * gain_y, -np.inf)
        better = is_better(total - gain, tie, (x, y), (best_x, best_y))
        gain = np.maximum(total, gain)
        best_x, best_y = np.where(better, x, best_x), np.where(better, y, best_y)
    return Slack.beyond_rounding(games, gain, relative, np.stack([best_x, best_y]))


def _highest_inside(games: ScaledGames, player: int, at: FloatArray) -> FloatArray:
    """Return the most that the other player can get where gradients are parallel and `player` gets `at`."""
    cells = games.cells
    # Player i's payoff is base + by_p p + by_q q + by_both p q.
    base = cells[:, 3]
    by_p, by_q = cells[:, 1] - base, cells[:, 2] - base
    by_both = cells[:, 0] - cells[:, 1] - by_q
    # The gradients are parallel where line + line_p p + line_q q = 0.
    line = by_p[0] * by_q[1] - by_q[0] * by_p[1]
    line_p = by_p[0] * by_both[1] - by_both[0] * by_p[1]
    line_q = by_both[0] * by_q[1] - by_q[0] * by_both[1]
    # Eliminate the variable that the line determines better: it is start + slope * free.
    is_q = np.abs(line_q) >= np.abs(line_p)
    by_free, by_other = np.where(is_q, by_p, by_q)[player], np.where(is_q, by_q, by_p)[player]
    best = np.full(np.broadcast_shapes(at.shape, line.shape), -np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        start = -line / np.where(is_q, line_q, line_p)
        slope = -np.where(is_q, line_p / line_q, line_q / line_p)
        square = by_both[player] * slope
        linear = by_free + by_other * slope + by_both[player] * start
        for free in _quadratic_roots(square, linear, by_other * start - (at - base[player])):
            other = start + slope * free
            p, q = np.where(is_q, free, other), np.where(is_q, other, free)
            is_inside = (p >= 0) & (p <= 1) & (q >= 0) & (q <= 1)
            keeps = np.abs(mix(cells[player], p, q) - at) <= ROUNDING
            best = np.maximum(best, np.where(is_inside & keeps, mix(cells[1 - player], p, q), -np.inf))
    return best


def _quadratic_roots(a: FloatArray, b: FloatArray, c: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return both roots of a x^2 + b x + c without cancellation; any numbers where they are not real."""
    root = np.sqrt(np.maximum(b * b - 4 * a * c, 0.0))
    larger = -(b + np.where(b < 0, -root, root)) / 2
    return larger / a, c / larger


SLACK_WITHIN: dict[str, Callable[[ScaledGames, FloatArray], Slack]] = {
    "lotteries": lottery_slack,
    "independent": independent_slack,
    "pure": pure_slack,
}
