r"""All Nash equilibria of 2x2 games in closed form: of one game, or of a million.

Let p be the row player's and q the column player's probability of action 0. What action 0 gains over
action 1 is linear in what the other does:

    row:     g_1(q) = q a + (1 - q) b,    a = A[0,0] - A[1,0],    b = A[0,1] - A[1,1]
    column:  g_2(p) = p c + (1 - p) d,    c = B[0,0] - B[0,1],    d = B[1,0] - B[1,1]

The extreme mixtures of the row are p = 1, p = 0 and, where c and d have opposite signs, the p* = d / (d - c)
that makes the column indifferent; those of the column are q = 1, q = 0 and q* = b / (b - a). A pair of them
is an *extreme equilibrium* where each is a best reply to the other, and that depends on the signs of
(a, b, c, d) alone: 81 patterns. Where the set of equilibria is infinite it is a union of segments (or the
whole square) between extreme equilibria. No pattern has more than `CAPACITY` of them: all patterns are listed
in `equilibrium_patterns`, so this is a finite proof.

A difference of at most `TIE` times the player's payoff range counts as 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from theory._checks import FloatArray

# Differences of payoffs below this share of the player's payoff range are rounding, not preference.
TIE = 1e-12

# The largest number of extreme equilibria that a 2x2 game can have.
CAPACITY = 4

# Games solved at once by `batch_equilibria`: small enough that the work stays in the cache.
_CHUNK = 16_384

# The extreme mixtures, in the order in which equilibria are listed: action 0, mixed, action 1.
_FIRST, _MIXED, _SECOND = 1.0, np.nan, 0.0


@dataclass(frozen=True, eq=False)
class BatchEquilibria:
    """The extreme equilibria of many 2x2 games.

    Attributes
    ----------
    profiles
        `[n_games, CAPACITY, 2, 2]`: `profiles[g, k, i]` is the mixture of player i in the k-th equilibrium of
        game g, ordered by falling probability of action 0 (the row's first); NaN for k >= `count[g]`.
    count
        `[n_games]`: number of extreme equilibria, 1 to `CAPACITY`.
    continuum
        `[n_games]`: whether the game has infinitely many equilibria. All of them then lie between extreme
        equilibria that share the mixture of one player (or between four that share them crosswise).
    """

    profiles: FloatArray
    count: NDArray[np.intp]
    continuum: NDArray[np.bool_]


def equilibria_2x2(A: FloatArray, B: FloatArray) -> list[tuple[float, float]]:
    """Return the extreme equilibria (p, q) of one 2x2 game, by falling p, then by falling q.

    Parameters
    ----------
    A, B
        `[2, 2]`: payoffs of the row and of the column player.
    """
    a, b = _settled(A[0, 0] - A[1, 0], A[0, 1] - A[1, 1], tie=TIE * float(np.ptp(A)))
    c, d = _settled(B[0, 0] - B[0, 1], B[1, 0] - B[1, 1], tie=TIE * float(np.ptp(B)))
    pattern = tuple(int(np.sign(gain)) for gain in (a, b, c, d))
    return [
        (d / (d - c) if np.isnan(p) else p, b / (b - a) if np.isnan(q) else q)
        for p, q in equilibrium_patterns()[pattern]
    ]


def _settled(*gains: float, tie: float) -> list[float]:
    return [0.0 if abs(gain) <= tie else float(gain) for gain in gains]


@lru_cache(maxsize=1)
def equilibrium_patterns() -> dict[tuple[int, ...], tuple[tuple[float, float], ...]]:
    """Return the extreme equilibria (p, q) for every sign pattern of (a, b, c, d); NaN is p* or q*."""
    patterns = {}
    for a, b, c, d in product((-1, 0, 1), repeat=4):
        rows = (_FIRST, _MIXED, _SECOND) if c * d < 0 else (_FIRST, _SECOND)
        columns = (_FIRST, _MIXED, _SECOND) if a * b < 0 else (_FIRST, _SECOND)
        patterns[a, b, c, d] = tuple(
            (p, q)
            for p, q in product(rows, columns)
            if _is_best_reply(p, gain=_gain(q, a, b)) and _is_best_reply(q, gain=_gain(p, c, d))
        )
    return patterns


def _gain(mixture: float, against_first: int, against_second: int) -> int:
    """Return the sign of what action 0 gains over action 1 against an extreme mixture of the other."""
    if np.isnan(mixture):
        return 0
    return against_first if mixture == _FIRST else against_second


def _is_best_reply(mixture: float, gain: int) -> bool:
    return gain == 0 or (mixture == _FIRST and gain > 0) or (mixture == _SECOND and gain < 0)
