"""Linear programs over lotteries, by HiGHS, with a bound on time and with honest failures."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import FloatArray

# HiGHS's tightest tolerance. All programs here are in units of payoff ranges.
TOLERANCE = 1e-10
SECONDS = 60.0

Bounds = list[tuple[float | None, float | None]] | tuple[float | None, float | None]


def maximise(
    objective: ArrayLike,
    *,
    at_least: tuple[ArrayLike, ArrayLike],
    equal: tuple[ArrayLike, ArrayLike],
    bounds: Bounds = (0, None),
    seconds: float = SECONDS,
) -> FloatArray | None:
    """Return x that maximises `objective` @ x with M x >= r for `at_least` = (M, r), M x = r for `equal`.

    Returns None where no x satisfies the constraints, and raises ValueError where HiGHS gives up.
    """
    from scipy.optimize import linprog

    result = linprog(
        -np.asarray(objective, dtype=np.float64),
        A_ub=-np.asarray(at_least[0], dtype=np.float64),
        b_ub=-np.asarray(at_least[1], dtype=np.float64),
        A_eq=equal[0],
        b_eq=equal[1],
        bounds=bounds,
        method="highs",
        options={
            "primal_feasibility_tolerance": TOLERANCE,
            "dual_feasibility_tolerance": TOLERANCE,
            "time_limit": seconds,
        },
    )
    if result.status == 2:
        return None
    if result.status != 0:
        raise ValueError(f"a linear program must be solved within {seconds:g} seconds, got: {result.message}")
    return np.asarray(result.x)


def prices(objective: FloatArray, *, at_least: FloatArray) -> FloatArray | None:
    """Return y >= 0 `[k]` that makes the largest entry of `objective[m]` + y @ `at_least[k, m]` small.

    These are the shadow prices where a lottery x maximises `objective` @ x with `at_least` @ x >= 0: by
    duality no y makes the largest entry smaller. None where HiGHS gives up.
    """
    from scipy.optimize import linprog

    result = linprog(
        np.append(np.zeros(len(at_least)), 1.0),
        A_ub=np.hstack([at_least.T, -np.ones((at_least.shape[1], 1))]),
        b_ub=-objective,
        bounds=[(0, None)] * len(at_least) + [(None, None)],
        method="highs",
        options={"time_limit": SECONDS},
    )
    return np.maximum(result.x[:-1], 0.0) if result.status == 0 else None


def best_lottery(objective: ArrayLike, payoffs: FloatArray, floor: FloatArray) -> FloatArray | None:
    """Return weights `[m]` of the lottery over rows that maximises `objective[m]` with payoffs >= floor.

    `payoffs` is `[m, n]`, `floor` `[n]`, minus infinity where there is none. None if no lottery reaches it.
    """
    bounded = np.isfinite(floor)
    weights = maximise(
        objective,
        at_least=(payoffs.T[bounded], floor[bounded]),
        equal=(np.ones((1, len(payoffs))), np.ones(1)),
    )
    return None if weights is None else as_lottery(weights)


def largest_gains(gains: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Return each player's largest gain where nobody loses `[n]`, and a lottery `[n, m]` for each.

    `gains[m, n]` is what each row gives the players beyond what they have. None if every lottery makes some
    player lose.
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


def largest_smallest(
    payoffs: FloatArray,
    *,
    kept: FloatArray | None = None,
    floor: FloatArray | None = None,
    seconds: float = SECONDS,
) -> FloatArray:
    """Return weights `[m]` of the lottery over the rows of `payoffs[m, n]` whose smallest payoff is largest.

    Other payoffs `kept[m, k]` have to be at least `floor[k]`; ValueError if no lottery reaches that.
    """
    m, n = payoffs.shape
    rows = np.hstack([payoffs.T, -np.ones((n, 1))])
    right = np.zeros(n)
    if kept is not None and floor is not None:
        rows = np.vstack([rows, np.hstack([kept.T, np.zeros((kept.shape[1], 1))])])
        right = np.append(right, floor)
    bounded = np.isfinite(right)
    solution = maximise(
        np.append(np.zeros(m), 1.0),
        at_least=(rows[bounded], right[bounded]),
        equal=(np.append(np.ones(m), 0.0)[None], np.ones(1)),
        bounds=[(0, None)] * m + [(None, None)],
        seconds=seconds,
    )
    if solution is None:
        raise ValueError(f"some lottery must reach the floor, got floor {floor} that none reaches")
    return as_lottery(solution[:-1])


def as_lottery(weights: FloatArray) -> FloatArray:
    """Return weights with rounding removed: not negative, summing to one."""
    positive = np.maximum(weights, 0.0)
    return np.asarray(positive / positive.sum())
