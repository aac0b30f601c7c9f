"""Comparing means with published ones."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scenarios.frame.published import PublishedCell
from theory.checks import FloatArray


def welch_p_value(mean: float, std: float, runs: int, published: PublishedCell) -> float | None:
    """Return the two-sided p-value of Welch's test that two means are equal.

    `std` is a population standard deviation (ddof = 0), as the thesis prints. Where neither sample varies
    the p-value is 1 for equal means and 0 for others; None where a sample has a single run.
    """
    if runs < 2 or published.runs < 2:
        return None
    a, b = std**2 / (runs - 1), published.std**2 / (published.runs - 1)
    if a + b == 0.0:
        return 1.0 if mean == published.mean else 0.0
    from scipy.special import stdtr

    freedom = (a + b) ** 2 / (a**2 / (runs - 1) + b**2 / (published.runs - 1))
    return float(2.0 * stdtr(freedom, -abs(mean - published.mean) / math.sqrt(a + b)))


def holm_rejects(p_values: Sequence[float | None], level: float) -> list[bool | None]:
    """Return which hypotheses Holm's step-down procedure (1979) rejects at a family-wise error `level`.

    None stands for a hypothesis that was not tested.
    """
    tested = sorted((p, k) for k, p in enumerate(p_values) if p is not None)
    rejected: list[bool | None] = [None] * len(p_values)
    still = True
    for rank, (p, k) in enumerate(tested):
        still = still and p <= level / (len(tested) - rank)
        rejected[k] = still
    return rejected


def mean_interval(values: FloatArray, confidence: float = 0.95) -> tuple[float, float] | None:
    """Return Student's interval of a mean over independent runs; None for a single run."""
    if len(values) < 2:
        return None
    from scipy.special import stdtrit

    mean, error = float(values.mean()), float(values.std(ddof=1)) / math.sqrt(len(values))
    half = float(stdtrit(len(values) - 1, 0.5 + confidence / 2)) * error
    return mean - half, mean + half


def share_interval(successes: int, runs: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a probability from so many successes (Clopper & Pearson 1934)."""
    from scipy.special import betaincinv

    tail = (1.0 - confidence) / 2
    low = float(betaincinv(successes, runs - successes + 1, tail)) if successes else 0.0
    high = float(betaincinv(successes + 1, runs - successes, 1.0 - tail)) if successes < runs else 1.0
    return low, high


def share_difference_interval(
    successes: int, runs: int, other_successes: int, other_runs: int, confidence: float = 0.95
) -> tuple[float, float]:
    """Return an interval of the difference of two probabilities, the first less the second.

    Newcombe's method 10 (1998, Statistics in Medicine 17, 873), on exact intervals of each probability instead of
    Wilson's: it never leaves [-1, 1] and keeps its width where all runs of an arm end alike.
    """
    one, two = successes / runs, other_successes / other_runs
    low_1, high_1 = share_interval(successes, runs, confidence)
    low_2, high_2 = share_interval(other_successes, other_runs, confidence)
    difference = one - two
    return (
        difference - math.hypot(one - low_1, high_2 - two),
        difference + math.hypot(high_1 - one, two - low_2),
    )
