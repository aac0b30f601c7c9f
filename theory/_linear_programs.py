"""Linear programs over lotteries, by HiGHS, with a bound on time and with honest failures."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from theory._checks import FloatArray

# HiGHS's tightest tolerance. All programs here are scaled to payoffs of about one.
TOLERANCE = 1e-10
SECONDS = 60.0


def maximise(
    objective: ArrayLike,
    *,
    at_least: tuple[ArrayLike, ArrayLike],
    equal: tuple[ArrayLike, ArrayLike],
    bounds: list[tuple[float | None, float | None]] | tuple[float | None, float | None] = (0, None),
) -> FloatArray | None:
    """Return x that maximises `objective` @ x with M x >= r for `at_least` = (M, r) and M x = r for `equal`.

    Returns None where no x satisfies the constraints, and raises ValueError where HiGHS gives up.
    """
    from scipy.optimize import linprog

    matrix, right = (np.asarray(part, dtype=np.float64) for part in at_least)
    result = linprog(
        -np.asarray(objective, dtype=np.float64),
        A_ub=-matrix if len(right) else None,
        b_ub=-right if len(right) else None,
        A_eq=equal[0],
        b_eq=equal[1],
        bounds=bounds,
        method="highs",
        options={
            "primal_feasibility_tolerance": TOLERANCE,
            "dual_feasibility_tolerance": TOLERANCE,
            "time_limit": SECONDS,
        },
    )
    if result.status == 2:
        return None
    if result.status != 0:
        raise ValueError(
            f"the linear program must be solved within {SECONDS:g} seconds, got {result.message}"
        )
    return np.asarray(result.x)


def best_lottery(objective: ArrayLike, payoffs: FloatArray, floor: ArrayLike) -> FloatArray | None:
    """Return weights `[m]` of the lottery over rows that maximises `objective[m]` with payoffs >= floor.

    `payoffs` is `[m, n]`, `floor` `[n]`. None if no lottery reaches the floor.
    """
    total = (np.ones((1, len(payoffs))), np.ones(1))
    weights = maximise(objective, at_least=(payoffs.T, floor), equal=total)
    return None if weights is None else as_lottery(weights)


def as_lottery(weights: FloatArray) -> FloatArray:
    """Return weights with rounding removed: not negative, summing to one."""
    positive = np.clip(weights, 0.0, None)
    return np.asarray(positive / positive.sum())
