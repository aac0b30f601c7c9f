r"""Lotteries that solve bargaining problems of any number of players.

The gains of a lottery w over m outcomes are w @ gains, where `gains[m, n]` is what each outcome gives the n
players beyond the disagreement point, in units near one. Everything here is a linear program or a convex
one in n variables.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from theory._checks import FloatArray
from theory._linear_programs import as_lottery, best_lottery, largest_smallest

BoolArray = NDArray[np.bool_]

# Gains below this fraction of a player's range are no gains: the linear programs' tolerance, with room.
NO_GAIN = 1e-8

LARGEST_NUMBER_OF_STEPS = 200


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


def largest_product(gains: FloatArray, start: FloatArray) -> FloatArray:
    r"""Return weights `[m]` of the lottery that maximises the product of the gains.

    With the prices \lambda_i = 1 / g_i, of which there are only n, it is to minimise -\sum_i log \lambda_i
    subject to gains @ \lambda <= n; the multipliers of these m constraints are the lottery. Primal-dual
    interior-point steps end when multipliers times slacks are rounding; their sum bounds what the logarithm
    of the product lacks.

    Parameters
    ----------
    gains
        `[m, n]`.
    start
        `[m]` a lottery with a positive gain for everybody.

    Raises
    ------
    ValueError
        If the steps do not end.
    """
    n_outcomes, n_players = gains.shape
    weights = start
    share = 0.5
    while True:  # towards all outcomes, but not so far that somebody loses half of its gain
        weights = (1 - share) * start + share / n_outcomes
        if (weights @ gains >= 0.5 * (start @ gains)).all():
            break
        share /= 2
    prices = 1.0 / (weights @ gains)
    prices *= 0.9 * n_players / max(float((gains @ prices).max()), n_players)
    slack = n_players - gains @ prices
    for _ in range(LARGEST_NUMBER_OF_STEPS):
        average = float(slack @ weights) / n_outcomes
        unbalanced = np.abs(1.0 - prices * (weights @ gains)).max()
        if average < 1e-16 and unbalanced < 1e-12:
            return as_lottery(weights)
        # Newton's step towards weights * slack = average / 10, from which slack and weights are eliminated.
        target, ratio = 0.1 * average / slack, weights / slack
        # In units of the prices, so that small and large ones count alike.
        priced = gains * prices
        curvature = np.eye(n_players) + priced.T @ (ratio[:, None] * priced)
        step = prices * np.linalg.solve(curvature, 1.0 - target @ priced)
        slack_step = -gains @ step
        weights_step = target - weights - ratio * slack_step
        moves = ((prices, step), (slack, slack_step), (weights, weights_step))
        length = min(_longest_step(values, move) for values, move in moves)
        prices = prices + length * step
        slack = slack + length * slack_step
        weights = weights + length * weights_step
    raise ValueError(
        f"the product of gains must be maximised within {LARGEST_NUMBER_OF_STEPS} steps, "
        f"got a remaining gap of {average * n_outcomes:g}"
    )


def _longest_step(values: FloatArray, move: FloatArray) -> float:
    """Return the length, at most 1, of the move that keeps all values positive."""
    falling = move < 0
    return min(1.0, 0.99 * float((-values[falling] / move[falling]).min(initial=np.inf)))


def largest_product_with_bounds(gains: FloatArray, winners: BoolArray, best: FloatArray) -> FloatArray:
    """Return weights `[m]` that maximise the product of the winners' gains where nobody loses.

    For problems in which some player cannot gain, so that its bound always binds. The product is
    maximised over mixtures of a few lotteries that respect all bounds; the one that would raise the
    product fastest joins them until none raises it.

    Parameters
    ----------
    gains
        `[m, n]`.
    winners
        `[n]` whether a player can gain.
    best
        `[k, m]` lotteries in which nobody loses and whose average gives every winner a gain.

    Raises
    ------
    ValueError
        If there is no end.
    """
    for _ in range(LARGEST_NUMBER_OF_STEPS):
        columns = (best @ gains)[:, winners]
        weights = largest_product(columns, np.full(len(best), 1.0 / len(best))) @ best
        reached = weights @ gains
        rates = (gains[:, winners] / reached[winners]).sum(axis=1)
        better = best_lottery(rates, gains, np.minimum(reached, 0.0))
        if better is None or better @ rates <= winners.sum() + 0.01 * NO_GAIN:
            return weights
        best = np.vstack([best, better])
    raise ValueError(
        f"the product of gains must be maximised with {LARGEST_NUMBER_OF_STEPS} lotteries, got no end"
    )


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
