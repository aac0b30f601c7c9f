r"""Pareto slack of many outcomes of 2x2 games at once, in closed form, in the three senses of domination.

Every function takes scaled `cells[2, 4, games]` (see `theory._two_by_two`), the outcomes' scaled
`payoffs[2, outcomes]` and two weights, and returns the largest weighted gain over the payoffs that an outcome
gives with nobody losing, and the payoffs `[2, outcomes]` of one that gives it. Games and outcomes are as
many, or one of the two is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import ArrayLike

from theory._checks import FloatArray
from theory._two_by_two import PAIRS_OF_CELLS, ROUNDING, mix

Slack = tuple[FloatArray, FloatArray]
Point = tuple[FloatArray, FloatArray]


def highest(x: FloatArray, y: FloatArray, at: FloatArray) -> FloatArray:
    """Return the largest y of a lottery over the cells with `x == at`, for `at` within the range of x."""
    best = np.where(x[0] == at, y[0], -np.inf)
    for k in range(1, 4):
        best = np.maximum(best, np.where(x[k] == at, y[k], -np.inf))
    with np.errstate(divide="ignore", invalid="ignore"):
        for i, j in PAIRS_OF_CELLS:
            share = (at - x[i]) / (x[j] - x[i])
            within = (share >= 0) & (share <= 1)
            best = np.maximum(best, np.where(within, y[i] + share * (y[j] - y[i]), -np.inf))
    return np.asarray(best)


def lottery_slack(cells: FloatArray, payoffs: FloatArray, weights: ArrayLike) -> Slack:
    r"""Return the slack within all lotteries over the cells.

    The best lottery without the constraint is a cell m. If m harms player 1, the constraint that
    player 1 keeps u_1 binds, and the best is the highest point of the payoff polygon above u_1; likewise for
    player 2. Both cannot be harmed, since m is worth at least as much as the payoffs judged.
    """
    a, b = np.asarray(weights)
    x, y = cells
    best_x, best_y, worth = x[0], y[0], a * x[0] + b * y[0]
    for k in range(1, 4):
        candidate = a * x[k] + b * y[k]
        better = candidate > worth
        worth = np.where(better, candidate, worth)
        best_x, best_y = np.where(better, x[k], best_x), np.where(better, y[k], best_y)
    u, v = np.clip(payoffs, cells.min(axis=1), cells.max(axis=1))  # against rounding
    first_loses, second_loses = best_x < u, best_y < v
    best_x, best_y = (
        np.where(first_loses, u, np.where(second_loses, highest(y, x, v), best_x)),
        np.where(first_loses, highest(x, y, u), np.where(second_loses, v, best_y)),
    )
    # The payoffs judged are a lottery's too, so that only rounding can make this negative.
    return np.maximum(a * (best_x - u) + b * (best_y - v), 0.0), np.stack([best_x, best_y])


def pure_slack(cells: FloatArray, payoffs: FloatArray, weights: ArrayLike) -> Slack:
    """Return the slack within the pure profiles (0 where none of them dominates)."""
    return _best_of(((cells[0, k], cells[1, k]) for k in range(4)), payoffs, weights)


def independent_slack(cells: FloatArray, payoffs: FloatArray, weights: ArrayLike) -> Slack:
    r"""Return the slack within independent mixtures.

    The best mixture (p, q) is a pure profile, or keeps one player's payoff and lies on a side of the unit
    square or where the gradients of the two payoffs are parallel. As payoffs are bilinear in p and q, that is
    a straight line, which meets the curve of constant payoff in at most two points.
    """
    pure = [(cells[0, k], cells[1, k]) for k in range(4)]
    mixed = ((mix(cells[0], p, q), mix(cells[1], p, q)) for p, q in _keeping_one_payoff(cells, payoffs))
    return _best_of((*pure, *mixed), payoffs, weights)


def _best_of(candidates: Iterable[Point], payoffs: FloatArray, weights: ArrayLike) -> Slack:
    (u, v), (a, b) = payoffs, np.asarray(weights)
    gain, best_x, best_y = np.zeros_like(u), u, v
    for x, y in candidates:
        worth = a * (x - u) + b * (y - v)
        better = (x >= u - ROUNDING) & (y >= v - ROUNDING) & (worth > gain)
        gain = np.where(better, worth, gain)
        best_x, best_y = np.where(better, x, best_x), np.where(better, y, best_y)
    return gain, np.stack(np.broadcast_arrays(best_x, best_y))


def _keeping_one_payoff(cells: FloatArray, payoffs: FloatArray) -> Iterator[Point]:
    """Yield mixtures (p, q) that keep one player's payoff and may be best; NaN where there is none."""
    # Player i's payoff is base + by_p p + by_q q + by_both p q.
    base = cells[:, 3]
    by_p, by_q = cells[:, 1] - base, cells[:, 2] - base
    by_both = cells[:, 0] - cells[:, 1] - cells[:, 2] + base
    # The gradients are parallel where line + line_p p + line_q q = 0.
    line = by_p[0] * by_q[1] - by_q[0] * by_p[1]
    line_p = by_p[0] * by_both[1] - by_both[0] * by_p[1]
    line_q = by_both[0] * by_q[1] - by_q[0] * by_both[1]
    by_q_dominant = np.abs(line_q) >= np.abs(line_p)
    with np.errstate(divide="ignore", invalid="ignore"):
        for i in range(2):
            wanted = payoffs[i] - base[i]
            for side in (0.0, 1.0):
                edge = np.full_like(wanted, side)
                yield edge, _inside((wanted - by_p[i] * side) / (by_q[i] + by_both[i] * side))
                yield _inside((wanted - by_q[i] * side) / (by_p[i] + by_both[i] * side)), edge
            # Eliminate the variable that the line determines better: it is start + slope * free.
            start = -line / np.where(by_q_dominant, line_q, line_p)
            slope = -np.where(by_q_dominant, line_p / line_q, line_q / line_p)
            by_free, by_other = (
                np.where(by_q_dominant, by_p[i], by_q[i]),
                np.where(by_q_dominant, by_q[i], by_p[i]),
            )
            for free in _quadratic_roots(
                by_both[i] * slope,
                by_free + by_other * slope + by_both[i] * start,
                by_other * start - wanted,
            ):
                free_inside, other = _inside(free), _inside(start + slope * free)
                yield (
                    np.where(by_q_dominant, free_inside, other),
                    np.where(by_q_dominant, other, free_inside),
                )


def _inside(probability: FloatArray) -> FloatArray:
    return np.where((probability >= 0) & (probability <= 1), probability, np.nan)


def _quadratic_roots(a: FloatArray, b: FloatArray, c: FloatArray) -> Point:
    """Return both roots of a x^2 + b x + c without cancellation; any numbers where they are not real."""
    root = np.sqrt(np.maximum(b * b - 4 * a * c, 0.0))  # every candidate is checked afterwards
    larger = -(b + np.where(b < 0, -root, root)) / 2
    return larger / a, c / larger


SLACK_WITHIN: dict[str, Callable[[FloatArray, FloatArray, ArrayLike], Slack]] = {
    "lotteries": lottery_slack,
    "independent": independent_slack,
    "pure": pure_slack,
}
