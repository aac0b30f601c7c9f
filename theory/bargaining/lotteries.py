r"""Lotteries that solve bargaining problems of any number of players.

The gains of a lottery w over m outcomes are w @ gains, where `gains[m, n]` is what each outcome gives the n
players beyond the disagreement point, in units near one: for the product of gains each player's largest gain.
"""

from __future__ import annotations

import numpy as np

from theory.checks import BoolArray, FloatArray
from theory.geometry.linear_programs import as_lottery, best_lottery, largest_smallest

# Gains below this fraction of a player's range are no gains: the linear programs' tolerance, with room.
NO_GAIN = 1e-8

# Where largest gains are a smaller fraction of payoff ranges, gains cancel: bounds keep lotteries precise.
THIN = 1e-3

# What the logarithm of the product may lack before its lottery is sharpened, and how far prices may be from
# one over gains.
SMALLEST_GAP = 1e-10
BALANCED = 1e-6

NUMBER_OF_SHARPENINGS = 4

# Directions in which gains differ by less than this are none.
FLAT = 1e-8

# What the logarithm of the product may lack where bounds bind: the linear programs' tolerance.
SMALLEST_GAP_WITH_BOUNDS = 1e-10

LARGEST_NUMBER_OF_STEPS = 200


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


def largest_product(
    gains: FloatArray, start: FloatArray, *, most_steps: int = LARGEST_NUMBER_OF_STEPS
) -> FloatArray:
    r"""Return weights `[m]` of the lottery that maximises the product of the gains.

    With the prices \lambda_i = 1 / g_i, of which there are only n, it is to minimise -\sum_i log \lambda_i
    subject to gains @ \lambda <= n; the multipliers of these m constraints are the lottery. Primal-dual
    interior-point steps end when multipliers times slacks are negligible; their sum bounds what the
    logarithm of the product lacks.

    Parameters
    ----------
    gains
        `[m, n]`.
    start
        `[m]` a lottery with a positive gain for everybody.
    most_steps
        Steps before it gives up.

    Raises
    ------
    ValueError
        If the steps do not end.
    """
    n_outcomes, n_players = gains.shape
    share = 0.5
    # Towards all outcomes, but not so far that somebody loses half of its gain.
    while ((1 - share) * start @ gains + share * gains.mean(axis=0) < 0.5 * (start @ gains)).any():
        share /= 2
    weights = (1 - share) * start + share / n_outcomes
    # Prices low enough for all constraints, and weights raised as much so that prices stay 1 / gains.
    prices = 1.0 / (weights @ gains)
    factor = 2.0 * float((gains @ prices).max()) / n_players
    weights, prices = weights * factor, prices / factor
    slack = n_players - gains @ prices
    for _ in range(most_steps):
        gap, balance = float(slack @ weights), prices * (weights @ gains)
        if gap < SMALLEST_GAP and np.abs(balance - 1).max() < BALANCED:
            return _sharpened(gains, as_lottery(weights))
        # Newton's step towards weights * slack = gap / 10 m, from which slack and weights are eliminated.
        target, ratio = 0.1 * gap / n_outcomes / slack, weights / slack
        # In units of the prices, so that small and large ones count alike.
        priced = gains * prices
        step = prices * _solve_curved(np.sqrt(ratio)[:, None] * priced, balance, 1.0 - target @ priced)
        slack_step = -gains @ step
        weights_step = target - weights - ratio * slack_step
        moves = (
            (prices, step),
            (slack, slack_step),
            (weights, weights_step),
            (weights @ gains, weights_step @ gains),
        )
        length = min(_longest_step(values, move) for values, move in moves)
        prices = prices + length * step
        slack = slack + length * slack_step
        weights = weights + length * weights_step
    raise ValueError(
        f"the product of gains must be maximised within {most_steps} steps, got a gap of {gap:g}"
    )


def _sharpened(gains: FloatArray, weights: FloatArray) -> FloatArray:
    r"""Return a nearly best lottery made as good as rounding allows, by Newton's method on what it plays.

    Where none of these weights has to be zero, the best are those that maximise
    \sum_i log g_i - n \sum_k w_k, without a constraint.
    """
    n_players = gains.shape[1]
    played = np.flatnonzero(n_players * weights > n_players - _rates(gains, weights))
    some = weights[played]
    for _ in range(NUMBER_OF_SHARPENINGS):
        priced = gains[played] / (some @ gains[played])
        outcomes, sizes, _ = np.linalg.svd(priced, full_matrices=False)
        outcomes, sizes = outcomes[:, sizes > FLAT], sizes[sizes > FLAT]
        some = some + outcomes @ ((outcomes.T @ (priced.sum(axis=1) - n_players)) / sizes**2)
        played, some = played[some > 0], some[some > 0]
        if not len(some) or (some @ gains[played] <= 0).any():
            return weights
    sharper = np.zeros(len(gains))
    sharper[played] = as_lottery(some)
    return sharper if _rates(gains, sharper).max() <= _rates(gains, weights).max() else weights


def _solve_curved(matrix: FloatArray, diagonal: FloatArray, right: FloatArray) -> FloatArray:
    """Return x with (diagonal + matrix.T @ matrix) x = right, also where the matrix makes the sum drown."""
    stacked = np.vstack([matrix, np.diag(np.sqrt(diagonal))])
    triangle: FloatArray = np.asarray(np.linalg.qr(stacked, mode="r"))
    return np.asarray(np.linalg.solve(triangle, np.linalg.solve(triangle.T, right)))


def _rates(gains: FloatArray, weights: FloatArray) -> FloatArray:
    """Return `[m]`: how fast the logarithm of the product rises with the weight of each outcome.

    The largest minus n bounds what the logarithm lacks from the largest one.
    """
    return np.asarray((gains / (weights @ gains)).sum(axis=1))


def _longest_step(values: FloatArray, move: FloatArray) -> float:
    """Return the length, at most 1, of the move that keeps all values positive."""
    falling = move < 0
    return min(1.0, 0.95 * float((-values[falling] / move[falling]).min(initial=np.inf)))


def largest_product_with_bounds(
    gains: FloatArray, winners: BoolArray, best: FloatArray, *, most_lotteries: int = LARGEST_NUMBER_OF_STEPS
) -> FloatArray:
    """Return weights `[m]` that maximise the product of the winners' gains where nobody loses.

    For problems in which some player can gain nothing, so that its bound always binds, or very little. The
    product is maximised over mixtures of a few lotteries that respect all bounds; the one that would raise
    the product fastest joins them until none raises it.

    Parameters
    ----------
    gains
        `[m, n]`.
    winners
        `[n]` whether a player can gain.
    best
        `[k, m]` lotteries in which nobody loses and whose average gives every winner a gain.
    most_lotteries
        Lotteries that may join before it gives up.

    Raises
    ------
    ValueError
        If there is no end.
    """
    for _ in range(most_lotteries):
        columns = (best @ gains)[:, winners]
        weights = largest_product(columns, np.full(len(best), 1.0 / len(best))) @ best
        reached = weights @ gains
        rates = (gains[:, winners] / reached[winners]).sum(axis=1)
        better = best_lottery(rates, gains, np.minimum(reached, 0.0))
        if better is None or better @ rates <= winners.sum() + SMALLEST_GAP_WITH_BOUNDS:
            return weights
        best = np.vstack([best, better])
    raise ValueError(f"the product of gains must be maximised with {most_lotteries} lotteries, got no end")
