r"""Many 2x2 games at once: scaled payoffs, mixing, security levels.

Arrays have the games on their last axis. A game's four outcomes are its *cells*, in the order (C, C),
(C, D), (D, C), (D, D). Payoffs are *scaled*: each player's lowest payoff is subtracted and the rest divided
by that player's payoff range, so that one absolute tolerance serves every game.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from theory.checks import FloatArray
from theory.resolution import SHARE, resolution_between, spread_between

BoolArray = NDArray[np.bool_]
Point = tuple[FloatArray, FloatArray]

# Scaled payoffs computed from cells that differ by less are equal but for rounding.
ROUNDING = SHARE
PAIRS_OF_CELLS = tuple(combinations(range(4), 2))


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


def security_levels(cells: FloatArray) -> FloatArray:
    """Return `[2, games]`: what each player can secure by mixing, whatever the other does (mixed maxmin)."""
    # The column player's own actions are the columns: transpose its matrix.
    a, d = cells[:, 0], cells[:, 3]
    b, c = np.stack([cells[0, 1], cells[1, 2]]), np.stack([cells[0, 2], cells[1, 1]])
    maxmin = np.maximum(np.minimum(a, b), np.minimum(c, d))
    minmax = np.minimum(np.maximum(a, c), np.maximum(b, d))
    with np.errstate(divide="ignore", invalid="ignore"):
        mixed = c + (a - c) * (d - c) / ((a - c) + (d - b))
    return np.asarray(np.where(maxmin < minmax, mixed, maxmin))
