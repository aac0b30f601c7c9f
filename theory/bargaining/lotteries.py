r"""Lotteries that solve bargaining problems of any number of players, by linear programs.

The gains of a lottery w over m outcomes are w @ gains, where `gains[m, n]` is what each outcome gives the n
players beyond the disagreement point, in units near one.
"""

from __future__ import annotations

import numpy as np

from theory.checks import FloatArray
from theory.geometry.linear_programs import best_lottery, largest_smallest

# Gains below this fraction of a player's range are no gains: the linear programs' tolerance, with room.
NO_GAIN = 1e-8


def largest_gains(gains: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Return each player's largest gain where nobody loses `[n]`, and a lottery `[n, m]` for each.

    None if every lottery makes some player lose.
    """
    n_players = gains.shape[1]
    lotteries = []
    for player in range(n_players):
        weights = best_lottery(gains[:, player], gains, np.zeros(n_players))
        if weights is None:
            return None
        lotteries.append(weights)
    best = np.array(lotteries)
    return np.diag(best @ gains).copy(), best


def lexicographic_max_min(
    gains: FloatArray, *, kept: FloatArray | None = None, floor: FloatArray | None = None
) -> FloatArray:
    """Return weights `[m]` of the lottery whose smallest gain is largest, then the second smallest, ...

    Parameters
    ----------
    gains
        `[m, n]` gains to be compared, in a common unit.
    kept, floor
        `[m, k]` and `[k]`: other gains, and what they must not fall below.

    Raises
    ------
    ValueError
        If no lottery reaches the floor.
    """
    n_players = gains.shape[1]
    rising = np.ones(n_players, dtype=bool)
    levels = np.full(n_players, -np.inf)
    others = np.zeros((len(gains), 0)) if kept is None else kept
    least = np.zeros(0) if floor is None else floor
    while True:
        held = np.hstack([gains[:, ~rising], others])
        weights = largest_smallest(gains[:, rising], kept=held, floor=np.append(levels[~rising], least))
        level = (weights @ gains)[rising].min()
        # What the program missed by its tolerance is not asked for again.
        least = np.minimum(least, weights @ others)
        levels = np.where(rising, level, np.minimum(levels, weights @ gains))
        full = [
            player for player in np.flatnonzero(rising) if not _can_rise(player, gains, levels, others, least)
        ]
        if len(full) == rising.sum():
            return weights
        if not full:
            raise ValueError("some player must be unable to gain more than the smallest gain, got none")
        rising[full] = False


def _can_rise(
    player: np.intp, gains: FloatArray, levels: FloatArray, others: FloatArray, least: FloatArray
) -> bool:
    """Return whether a player can gain more than its level while everybody keeps theirs."""
    best = best_lottery(gains[:, player], np.hstack([gains, others]), np.append(levels, least))
    return best is not None and best @ gains[:, player] > levels[player] + NO_GAIN
