r"""Many 2x2 games at once: scaled payoffs, mixing, security levels.

Arrays have the games on their last axis. A game's four outcomes are its *cells*, in the order (C, C),
(C, D), (D, C), (D, D). Payoffs are *scaled*: each player's lowest payoff is subtracted and the rest divided
by that player's payoff range, so that one absolute tolerance serves every game.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from theory._checks import FloatArray

BoolArray = NDArray[np.bool_]

# Scaled payoffs that differ by less are equal but for rounding.
ROUNDING = 1e-12
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
    cells
        `[2, 4, games]`: `(payoffs - lowest) / scale`.
    """

    payoffs: FloatArray
    lowest: FloatArray
    scale: FloatArray
    cells: FloatArray

    @classmethod
    def of(cls, payoffs: FloatArray) -> ScaledGames:
        """Scale `payoffs[2, 4, games]`."""
        lowest = payoffs.min(axis=1)
        spread = payoffs.max(axis=1) - lowest
        scale = np.where(spread > 0, spread, 1.0)
        cells = (payoffs - lowest[:, None]) / scale[:, None]
        for i, j in PAIRS_OF_CELLS:  # payoffs that differ by rounding are equal
            cells[:, j] = np.where(np.abs(cells[:, j] - cells[:, i]) <= ROUNDING, cells[:, i], cells[:, j])
        return cls(payoffs, lowest, scale, cells)

    def unscaled(self, points: FloatArray) -> FloatArray:
        """Return scaled `points[2, games]` in payoff units."""
        return np.asarray(self.lowest + self.scale * points)


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
