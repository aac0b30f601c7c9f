r"""Closed forms for many 2x2 games at once: security levels, Pareto slack and bargaining points.

Arrays have the games on their last axis. A game's four outcomes are its *cells*, in the order (C, C),
(C, D), (D, C), (D, D). Payoffs are *scaled*: each player's lowest payoff is subtracted and the rest divided
by that player's payoff range, so that one absolute tolerance serves every game. Points are scaled payoffs
`[2, outcomes]` or disagreement points `[2, games]`; games and outcomes are as many, or there is one game.

The functions for one game (`theory.pareto.slack`, `theory.bargaining`) say the same; games one by one take them
hundreds of times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from theory.checks import BoolArray, FloatArray
from theory.resolution import SHARE, resolution_between, spread_between

Point = tuple[FloatArray, FloatArray]

# Scaled payoffs computed from cells that differ by less are equal but for rounding.
ROUNDING = SHARE
PAIRS_OF_CELLS = tuple(combinations(range(4), 2))


# Which cells differ in one player's action: the sides of the square of mixtures.
SIDES = ((0, 1), (2, 3), (0, 2), (1, 3))


@dataclass(frozen=True)
class ScaledGames:
    """Games beside their payoffs scaled to [0, 1].

    Attributes
    ----------
    payoffs
        `[2, 4, games]`: the payoffs as given.
    lowest, scale
        `[2, games]`: each player's lowest payoff and payoff range (1 where the range is 0).
    resolution, rounding
        `[2, games]`: differences of payoffs, and of scaled payoffs, that are rounding (`theory.Game`).
    cells
        `[2, 4, games]`: `(payoffs - lowest) / scale`, equal where they differ by rounding.
    least, most
        `[2, games]`: smallest and largest of each player's cells.
    best, relatively_best
        `[2, games]`: scaled payoffs of the cell with the largest sum of payoffs, and of scaled payoffs; of
        several the one that is best for the first player.
    """

    payoffs: FloatArray
    lowest: FloatArray
    scale: FloatArray
    resolution: FloatArray
    rounding: FloatArray
    cells: FloatArray
    least: FloatArray
    most: FloatArray
    best: FloatArray
    relatively_best: FloatArray

    @classmethod
    def of(cls, payoffs: FloatArray, resolution: FloatArray | None = None) -> ScaledGames:
        """Scale `payoffs[2, 4, games]`, to be read to `resolution[2]`, by default as games of their own."""
        lowest, highest = over_cells(np.minimum, payoffs), over_cells(np.maximum, payoffs)
        limits = resolution_between(lowest, highest)
        if resolution is not None:
            limits = np.maximum(limits, resolution[:, None])
        spread = spread_between(lowest, highest, limits)
        scale = np.where(spread > 0, spread, 1.0)
        cells = (payoffs - lowest[:, None]) / scale[:, None]
        rounding = limits / scale
        for i, j in PAIRS_OF_CELLS:
            is_tie = np.abs(cells[:, j] - cells[:, i]) <= rounding
            if is_tie.any():
                cells[:, j] = np.where(is_tie, cells[:, i], cells[:, j])
        return cls(
            payoffs,
            lowest,
            scale,
            limits,
            rounding,
            cells,
            over_cells(np.minimum, cells),
            over_cells(np.maximum, cells),
            _best_cell(cells, payoffs[0] + payoffs[1], limits.sum(axis=0)),
            _best_cell(cells, cells[0] + cells[1], rounding.sum(axis=0)),
        )

    def select(self, games: NDArray[np.intp]) -> ScaledGames:
        """Return the games with these indices."""
        return ScaledGames(*(getattr(self, field.name)[..., games] for field in fields(self)))

    def unscaled(self, points: FloatArray) -> FloatArray:
        """Return scaled `points[2, games]` in payoff units."""
        return np.asarray(self.lowest + self.scale * points)


def _best_cell(cells: FloatArray, worth: FloatArray, tie: FloatArray) -> FloatArray:
    """Return `[2, games]`: the cell whose `worth[4, games]` is largest, but for a `tie[games]`."""
    best, largest = cells[:, 0], worth[0]
    for k in range(1, 4):
        better = is_better(worth[k] - largest, tie, (cells[0, k], cells[1, k]), (best[0], best[1]))
        largest = np.maximum(worth[k], largest)
        best = np.where(better, cells[:, k], best)
    return best


def is_better(ahead: FloatArray, tie: FloatArray, points: Point, best: Point) -> BoolArray:
    """Return whether points are worth more than the `best` so far, by `ahead`.

    Of two that are worth the same, but for a `tie`, the one is better that is for the first player, then for the
    second.
    """
    better = ahead > tie
    tied = np.abs(ahead) <= tie
    if tied.any():
        (x, y), (best_x, best_y) = points, best
        better |= tied & ((x > best_x) | ((x == best_x) & (y > best_y)))
    return np.asarray(better)


def over_cells(function: np.ufunc, cells: FloatArray) -> FloatArray:
    """Return `[2, games]`: `np.minimum` or `np.maximum` over `cells[2, 4, games]`, faster than `reduce`."""
    return np.asarray(function(function(cells[:, 0], cells[:, 1]), function(cells[:, 2], cells[:, 3])))


def mix(cells: FloatArray, p: FloatArray, q: FloatArray) -> FloatArray:
    """Return the mean of `cells[4, ...]` where the players cooperate with probabilities p and q."""
    with_c, with_d = q * cells[0] + (1.0 - q) * cells[1], q * cells[2] + (1.0 - q) * cells[3]
    return np.asarray(p * with_c + (1.0 - p) * with_d)


def security_levels_of_cells(cells: FloatArray) -> FloatArray:
    """Return `[2, games]`: what each player can secure by mixing, whatever the other does (mixed maxmin)."""
    # The column player's own actions are the columns: transpose its matrix.
    a, d = cells[:, 0], cells[:, 3]
    b, c = np.stack([cells[0, 1], cells[1, 2]]), np.stack([cells[0, 2], cells[1, 1]])
    maxmin = np.maximum(np.minimum(a, b), np.minimum(c, d))
    minmax = np.minimum(np.maximum(a, c), np.maximum(b, d))
    with np.errstate(divide="ignore", invalid="ignore"):
        mixed = c + (a - c) * (d - c) / ((a - c) + (d - b))
    return np.asarray(np.where(maxmin < minmax, mixed, maxmin))


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


class BargainingPoints(NamedTuple):
    """The points of Nash and of Kalai & Smorodinsky: `[2, games]`, NaN where no agreement is rational."""

    nash: FloatArray
    kalai_smorodinsky: FloatArray


def bargaining_points(games: ScaledGames, disagreement: FloatArray) -> BargainingPoints:
    """Return both bargaining points of every game."""
    cells = games.cells
    ideal, exists = _ideal_point(games, disagreement)
    # Where one player cannot gain, the ideal point is itself feasible: the best for the other player.
    settled = np.minimum(*(ideal - disagreement)) <= ROUNDING
    kalai_smorodinsky = np.where(settled, ideal, _exit_of_ray(cells, disagreement, ideal - disagreement))
    nash = np.where(settled, ideal, _largest_product(cells, disagreement, kalai_smorodinsky))
    return BargainingPoints(np.where(exists, nash, np.nan), np.where(exists, kalai_smorodinsky, np.nan))


def _ideal_point(games: ScaledGames, disagreement: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Return the most that each player can get when the other gets at least its disagreement payoff."""
    ideal = []
    for mine, other in ((0, 1), (1, 0)):
        x, y, floor = games.cells[mine], games.cells[other], disagreement[other]
        is_acceptable = ((x == games.most[mine]) & (y >= floor)).any(axis=0)
        kept = highest(games, other, np.clip(floor, games.least[other], games.most[other]))
        ideal.append(np.where(is_acceptable, games.most[mine], kept))
    reachable = disagreement <= games.most + ROUNDING
    is_rational = reachable & (np.array(ideal) >= disagreement - ROUNDING)
    return np.array(ideal), is_rational[0] & is_rational[1]


def _exit_of_ray(cells: FloatArray, start: FloatArray, direction: FloatArray) -> FloatArray:
    """Return the last point of the payoff polygon on the ray, which meets it (two players, convex)."""
    gain_x, gain_y = cells[0] - start[0], cells[1] - start[1]
    length = np.hypot(*direction)
    with np.errstate(divide="ignore", invalid="ignore"):
        unit_x, unit_y = direction / length
        aside, along = unit_x * gain_y - unit_y * gain_x, unit_x * gain_x + unit_y * gain_y
        is_on_ray = np.abs(aside) <= ROUNDING * (1.0 + np.abs(start).max(axis=0))
        furthest = np.where(is_on_ray, along, -np.inf).max(axis=0)
        for i, j in PAIRS_OF_CELLS:
            share = aside[i] / (aside[i] - aside[j])
            is_crossing = (share > 0) & (share < 1)
            reached = np.where(is_crossing, along[i] + share * (along[j] - along[i]), -np.inf)
            furthest = np.maximum(furthest, reached)
        return np.stack([start[0] + unit_x * furthest, start[1] + unit_y * furthest])


def _largest_product(cells: FloatArray, disagreement: FloatArray, start: FloatArray) -> FloatArray:
    r"""Return the point with the largest product of gains, given a point where both are positive.

    It is a cell, or lies on the segment between two cells where the product
    :math:`(g_1 + t h_1)(g_2 + t h_2)` is stationary: :math:`t = -(g_1 h_2 + g_2 h_1) / (2 h_1 h_2)`.
    """
    gains = cells - disagreement[:, None]
    point, best = start, np.multiply(*(start - disagreement))
    for k in range(4):
        point, best = _better_product(point, best, cells[:, k], disagreement)
    with np.errstate(divide="ignore", invalid="ignore"):
        for i, j in PAIRS_OF_CELLS:
            (g, h), (r, s) = gains[:, i], cells[:, j] - cells[:, i]
            share = -(g * s + h * r) / (2 * r * s)
            share = np.where((share > 0) & (share < 1), share, 0.0)  # 0: the cell itself, seen already
            candidate = cells[:, i] + share * (cells[:, j] - cells[:, i])
            point, best = _better_product(point, best, candidate, disagreement)
    return point


def _better_product(
    point: FloatArray, best: FloatArray, candidate: FloatArray, disagreement: FloatArray
) -> tuple[FloatArray, FloatArray]:
    gain_x, gain_y = candidate - disagreement
    product = gain_x * gain_y
    better = (gain_x > 0) & (gain_y > 0) & (product > best)
    return np.where(better, candidate, point), np.where(better, product, best)
