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

A difference of at most the resolution of the player's payoffs (`theory.Game`) counts as 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.checks import LARGEST_PAYOFF, BoolArray, FloatArray, payoff_array, real_array
from theory.resolution import resolution_between, resolution_of

# The largest number of extreme equilibria that a 2x2 game can have.
CAPACITY = 4

# Games solved at once by `batch_equilibria`: small enough that the work stays in the cache.
CHUNK = 16_384

# The extreme mixtures, in the order in which equilibria are listed: action 0, mixed, action 1.
_FIRST, _MIXED, _SECOND = 1.0, np.nan, 0.0


@dataclass(frozen=True, eq=False)
class BatchEquilibria:
    """The extreme equilibria of many 2x2 games.

    Attributes
    ----------
    first_action
        `[n_games, CAPACITY, 2]`: `first_action[g, k]` holds (p, q), the probabilities with which the players
        choose action 0 in the k-th equilibrium of game g, ordered by falling p, then by falling q; NaN
        for k >= `count[g]`.
    count
        `[n_games]`: number of extreme equilibria, 1 to `CAPACITY`.
    continuum
        `[n_games]`: whether the game has infinitely many equilibria: the segments between extreme equilibria
        with the same p or the same q or, where both players are always indifferent, the whole square.
    """

    first_action: FloatArray
    count: NDArray[np.int8]
    continuum: BoolArray

    @property
    def profiles(self) -> FloatArray:
        """`[n_games, CAPACITY, 2, 2]`: the mixture of each player in each equilibrium, NaN beyond `count`."""
        return np.stack([self.first_action, 1.0 - self.first_action], axis=-1)


def equilibria_2x2(
    A: FloatArray, B: FloatArray, *, resolution: FloatArray | None = None
) -> list[tuple[float, float]]:
    """Return the extreme equilibria (p, q) of one 2x2 game, by falling p, then by falling q.

    Parameters
    ----------
    A, B
        `[2, 2]`: payoffs of the row and of the column player.
    resolution
        `[2]`: differences of payoffs that count as 0; by default those of the two matrices.
    """
    ties = resolution_of(np.stack([A, B])) if resolution is None else resolution
    a, b = _settled(A[0, 0] - A[1, 0], A[0, 1] - A[1, 1], tie=float(ties[0]))
    c, d = _settled(B[0, 0] - B[0, 1], B[1, 0] - B[1, 1], tie=float(ties[1]))
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
    patterns: dict[tuple[int, ...], tuple[tuple[float, float], ...]] = {}
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
    return gain == 0 or mixture == (_FIRST if gain > 0 else _SECOND)


def batch_equilibria(payoffs: ArrayLike) -> BatchEquilibria:
    """Return all extreme equilibria of many 2x2 games.

    Parameters
    ----------
    payoffs
        `[n_games, 2, 2, 2]`: `payoffs[g, i]` is the payoff matrix of player i in game g (row's action first).

    Raises
    ------
    ValueError
        If a payoff is not finite or too large, or the shape is another one.
    """
    games = real_array("payoffs", payoffs)
    if games.ndim != 4 or games.shape[1:] != (2, 2, 2):
        raise ValueError(f"payoffs must have shape [n_games, 2, 2, 2], got shape {games.shape}")
    table = _pattern_table()
    first_action = np.empty((len(games), CAPACITY, 2))
    count, continuum = np.empty(len(games), dtype=np.int8), np.empty(len(games), dtype=bool)
    for start in range(0, len(games), CHUNK):
        chunk = slice(start, start + CHUNK)
        cells = games[chunk].reshape(-1, 8)
        # Read once in order, so that what follows finds the payoffs in the cache.
        smallest, largest = cells.min(), cells.max()
        if not (smallest >= -LARGEST_PAYOFF and largest <= LARGEST_PAYOFF):
            payoff_array("payoffs", games)  # raises the error that says where
        gains = _gains(cells)
        a, b, c, d = _signs(gains, cells, float(resolution_between(smallest, largest)))
        pattern = (((a * 3 + b) * 3 + c) * 3 + d + 40).astype(np.intp)
        np.take(table.first_action, pattern, axis=0, out=first_action[chunk], mode="clip")
        np.take(table.count, pattern, out=count[chunk], mode="clip")
        np.take(table.continuum, pattern, out=continuum[chunk], mode="clip")
        _fill_in_mixtures(first_action[chunk], gains, pattern, table)
    return BatchEquilibria(first_action, count, continuum)


@dataclass(frozen=True, eq=False)
class _PatternTable:
    """`equilibrium_patterns` as arrays, the patterns numbered in its order.

    Attributes
    ----------
    first_action
        `[81, CAPACITY, 2]`: (p, q), NaN where it is p* or q* or there is no such equilibrium.
    count, continuum
        `[81]`, as in `BatchEquilibria`.
    mixed_places
        `[2, 2, 81]`: for each player, the at most two places of the flattened `first_action[pattern]` that
        are p* (or q*), -1 for none.
    """

    first_action: FloatArray
    count: NDArray[np.int8]
    continuum: BoolArray
    mixed_places: NDArray[np.intp]


@lru_cache(maxsize=1)
def _pattern_table() -> _PatternTable:
    patterns = equilibrium_patterns().values()
    first_action = np.full((len(patterns), CAPACITY, 2), np.nan)
    mixed_places = np.full((2, 2, len(patterns)), -1)
    for number, pairs in enumerate(patterns):
        first_action[number, : len(pairs)] = pairs
        for player in (0, 1):
            places = 2 * np.flatnonzero(np.isnan([pair[player] for pair in pairs])) + player
            mixed_places[player, : len(places), number] = places
    return _PatternTable(
        first_action=first_action,
        count=np.array([len(pairs) for pairs in patterns], dtype=np.int8),
        continuum=np.array([_has_continuum(pairs) for pairs in patterns]),
        mixed_places=mixed_places,
    )


def _has_continuum(pairs: tuple[tuple[float, float], ...]) -> bool:
    """Return whether two equilibria share a player's mixture: all between them are equilibria then."""
    return any(len({str(pair[i]) for pair in pairs}) < len(pairs) for i in (0, 1))


def _gains(cells: FloatArray) -> FloatArray:
    """Return `[4, n_games]`: a, b, c, d, from `cells[n_games, 8]`, the row's payoffs, then the column's."""
    gains = np.empty((4, len(cells)))
    for gain, (cell, other) in zip(gains, ((0, 2), (1, 3), (4, 5), (6, 7)), strict=True):
        np.subtract(cells[:, cell], cells[:, other], out=gain)
    return gains


def _signs(gains: FloatArray, cells: FloatArray, coarsest: float) -> NDArray[np.int8]:
    """Return the signs of `gains[4, n_games]`, 0 for a tie; no game's resolution is above `coarsest`."""
    if np.abs(gains).min() > coarsest:
        # No game can have a tie: its own resolution need not be known.
        return (gains > 0).view(np.int8) - (gains < 0).view(np.int8)
    payoffs = cells.reshape(-1, 2, 4)
    ties = np.repeat(resolution_between(payoffs.min(axis=2), payoffs.max(axis=2)).T, 2, axis=0)
    return (gains > ties).view(np.int8) - (gains < -ties).view(np.int8)


def _fill_in_mixtures(
    first_action: FloatArray, gains: FloatArray, pattern: NDArray[np.intp], table: _PatternTable
) -> None:
    """Write p* and q* where the table leaves them open."""
    has_mixed = table.mixed_places.max(axis=(0, 1)) >= 0
    games = np.flatnonzero(has_mixed[pattern])
    pattern, (a, b, c, d) = pattern[games], gains[:, games]
    with np.errstate(invalid="ignore", divide="ignore"):
        # Computed for both players, also where only one is mixed.
        indifferent = d / (d - c), b / (b - a)
    flat = first_action.reshape(-1)
    for mixture, places_of_player in zip(indifferent, table.mixed_places, strict=True):
        for places in places_of_player:
            place = places[pattern]
            is_open = place >= 0
            if is_open.any():
                flat[(games * (2 * CAPACITY) + place)[is_open]] = mixture[is_open]
