r"""Lotteries that solve bargaining problems of any number of players.

Gains g = w @ `gains` of a lottery w over m outcomes are what the n players get beyond the disagreement
point, in units near one. Everything here is a linear program or a convex one of n variables.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from theory._checks import FloatArray
from theory._linear_programs import as_lottery, best_lottery, maximise

BoolArray = NDArray[np.bool_]

# Gains below this fraction of a player's range are no gains: the linear programs' tolerance, with room.
NO_GAIN = 1e-8

LARGEST_NUMBER_OF_STEPS = 200


def largest_gains(gains: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Return each player's largest gain where nobody loses `[n]`, and a lottery for each `[n, m]`.

    `gains` is `[m, n]`. None if every lottery makes some player lose.
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
    r"""Return weights `[m]` of the lottery w that maximises the product of the gains g = w @ gains > 0.

    Solved in the prices \lambda_i = 1 / g_i, of which there are only n: minimise -\sum_i log \lambda_i
    subject to gains @ \lambda <= n, whose multipliers are w. Primal-dual interior-point steps end when every
    multiplier times its slack is rounding; their sum bounds the distance from the largest sum of logarithms.

    Parameters
    ----------
    gains
        `[m, n]`.
    start
        `[m]` a lottery with positive gains for everybody.

    Raises
    ------
    ValueError
        If the steps do not end.
    """
    n_outcomes, n_players = gains.shape
    weights = 0.9 * start + 0.1 / n_outcomes
    while ((weights @ gains) <= 0.5 * (start @ gains)).any():  # nearer to the start, where all gain
        weights = 0.9 * start + 0.1 * weights
    prices = 1.0 / (weights @ gains)
    prices *= 0.9 * n_players / max(float((gains @ prices).max()), n_players)
    slack = n_players - gains @ prices
    for _ in range(LARGEST_NUMBER_OF_STEPS):
        average = float(slack @ weights) / n_outcomes
        unbalanced = 1.0 - prices * (weights @ gains)
        if average < 1e-16 * n_players and np.abs(unbalanced).max() < 1e-12:
            return as_lottery(weights)
        # Newton's step towards weights * slack = average / 10, slack and weights eliminated.
        target = 0.1 * average / slack
        ratio = weights / slack
        # In units of the prices, so that small and large ones count alike.
        scaled = gains * prices
        curvature = np.eye(n_players) + scaled.T @ (ratio[:, None] * scaled)
        step = prices * np.linalg.solve(curvature, 1.0 - target @ scaled)
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

    For problems in which some player cannot gain at all, so that its bound always binds. The product is
    maximised over mixtures of a few lotteries that respect all bounds; the one that would raise the
    product fastest is added until none raises it.

    Parameters
    ----------
    gains
        `[m, n]`.
    winners
        `[n]` whether a player can gain.
    best
        `[k, m]` lotteries in which nobody loses and whose average gives every winner a gain.
    """
    for _ in range(LARGEST_NUMBER_OF_STEPS):
        columns = (best @ gains)[:, winners]
        weights = largest_product(columns, np.full(len(best), 1.0 / len(best))) @ best
        rates = gains[:, winners] / (weights @ gains)[winners]
        better = best_lottery(rates.sum(axis=1), gains, np.minimum(weights @ gains, 0.0))
        if better is None or (better @ rates).sum() <= winners.sum() + NO_GAIN:
            return weights
        best = np.vstack([best, better])
    raise ValueError(
        f"the product of gains must be maximised within {LARGEST_NUMBER_OF_STEPS} lotteries, got no end"
    )


def lexicographic_max_min(gains: FloatArray, floor: FloatArray, counted: BoolArray) -> FloatArray:
    """Return weights `[m]` of the lottery whose smallest gain is largest, then the second smallest, ...

    Parameters
    ----------
    gains
        `[m, n]` in a common unit.
    floor
        `[n]` gains below which nobody may fall; minus infinity where anything goes.
    counted
        `[n]` whether a player's gain counts; the others' only have to reach their floor.

    Raises
    ------
    ValueError
        If no lottery reaches the floor.
    """
    held, rising = floor.copy(), counted.copy()
    while True:
        weights = _largest_smallest(gains, held, rising)
        reached = weights @ gains
        level = reached[rising].min()
        # What the program missed by its tolerance is not asked for again.
        held = np.minimum(held, reached)
        keep = np.where(rising, level, held)
        for player in np.flatnonzero(rising):
            best = best_lottery(gains[:, player], gains[:, np.isfinite(keep)], keep[np.isfinite(keep)])
            if best is None or best @ gains[:, player] <= level + NO_GAIN:
                rising[player] = False
                held[player] = level
        if not rising.any():
            return weights
        if not (held[counted] == level).any():
            raise ValueError("some player must be unable to rise further, got none")


def _largest_smallest(gains: FloatArray, held: FloatArray, rising: BoolArray) -> FloatArray:
    """Return the lottery with the largest smallest gain of the rising players; the held ones keep theirs."""
    n_outcomes = len(gains)
    bounded = np.isfinite(held) & ~rising
    rows = np.hstack([gains.T, -rising.astype(np.float64)[:, None]])
    use = rising | bounded
    solution = maximise(
        np.append(np.zeros(n_outcomes), 1.0),
        at_least=(rows[use], np.where(bounded, held, 0.0)[use]),
        equal=(np.append(np.ones(n_outcomes), 0.0)[None], np.ones(1)),
        bounds=[(0, None)] * n_outcomes + [(None, None)],
    )
    if solution is None:
        raise ValueError("some lottery must reach the players' floors, got none that does")
    return as_lottery(solution[:-1])
