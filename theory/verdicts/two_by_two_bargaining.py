r"""Bargaining points of many 2x2 games at once, in closed form.

Functions take games, or their scaled `cells[2, 4, games]` (see `theory.verdicts.two_by_two`), and scaled
`disagreement[2, games]`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from theory.checks import FloatArray
from theory.verdicts.two_by_two import PAIRS_OF_CELLS, ROUNDING, BoolArray, ScaledGames
from theory.verdicts.two_by_two_slack import highest


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
