r"""Bargaining points of many 2x2 games at once, in closed form.

Functions take scaled `cells[2, 4, games]` (see `theory._two_by_two`) and scaled `disagreement[2, games]`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from theory._checks import FloatArray
from theory._two_by_two import PAIRS_OF_CELLS, ROUNDING, BoolArray
from theory._two_by_two_slack import highest


class BargainingPoints(NamedTuple):
    """The points of Nash and of Kalai & Smorodinsky: `[2, games]`, NaN where no agreement is rational."""

    nash: FloatArray
    kalai_smorodinsky: FloatArray


def bargaining_points(cells: FloatArray, disagreement: FloatArray) -> BargainingPoints:
    """Return both bargaining points of every game."""
    ideal, exists = _ideal_point(cells, disagreement)
    # Where one player cannot gain, the ideal point is itself feasible: the best for the other player.
    settled = (ideal - disagreement <= ROUNDING).any(axis=0)
    kalai_smorodinsky = np.where(settled, ideal, _exit_of_ray(cells, disagreement, ideal - disagreement))
    nash = np.where(settled, ideal, _largest_product(cells, disagreement, kalai_smorodinsky))
    return BargainingPoints(np.where(exists, nash, np.nan), np.where(exists, kalai_smorodinsky, np.nan))


def _ideal_point(cells: FloatArray, disagreement: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Return the most that each player can get when the other gets at least its disagreement payoff."""
    ideal = []
    for mine, other in ((0, 1), (1, 0)):
        x, y, floor = cells[mine], cells[other], disagreement[other]
        most = x.max(axis=0)
        other_at_most = np.where(x == most, y, -np.inf).max(axis=0)
        kept = highest(y, x, np.clip(floor, y.min(axis=0), y.max(axis=0)))
        ideal.append(np.where(other_at_most >= floor, most, kept))
    reachable = disagreement <= cells.max(axis=1) + ROUNDING
    return np.array(ideal), (reachable & (np.array(ideal) >= disagreement - ROUNDING)).all(axis=0)


def _exit_of_ray(cells: FloatArray, start: FloatArray, direction: FloatArray) -> FloatArray:
    """Return the last point of the payoff polygon on the ray, which meets it (two players, convex)."""
    gain_x, gain_y = cells[0] - start[0], cells[1] - start[1]
    aside = direction[0] * gain_y - direction[1] * gain_x
    along = direction[0] * gain_x + direction[1] * gain_y
    best = np.full_like(along, -np.inf).max(axis=0)
    point = np.full(np.broadcast_shapes(start.shape, direction.shape), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        for i, j in PAIRS_OF_CELLS:
            share = aside[i] / (aside[i] - aside[j])
            # A segment on the ray itself leaves it at its further end.
            on_ray = (aside[i] == 0) & (aside[j] == 0)
            share = np.where(on_ray, along[j] > along[i], share)
            reached = np.where((share >= 0) & (share <= 1), along[i] + share * (along[j] - along[i]), -np.inf)
            better = reached > best
            best = np.where(better, reached, best)
            point = np.where(better, cells[:, i] + share * (cells[:, j] - cells[:, i]), point)
    return point


def _largest_product(cells: FloatArray, disagreement: FloatArray, start: FloatArray) -> FloatArray:
    r"""Return the point with the largest product of gains, given a point where both are positive.

    It is a cell, or lies on the segment between two cells where the product
    :math:`(g_1 + t h_1)(g_2 + t h_2)` is stationary: :math:`t = -(g_1 h_2 + g_2 h_1) / (2 h_1 h_2)`.
    """
    gains = cells - disagreement[:, None]
    point, best = start, (start - disagreement).prod(axis=0)
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
