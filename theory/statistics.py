r"""Confidence intervals and tests: of means, of probabilities, of several outcomes at once and of any mean over them.

Of K outcomes with probabilities \pi_k, n independent draws counted x_k. Each \pi_k lies between the bounds of
Clopper & Pearson (1934)

    low_k  = quantile a of Beta(x_k, n - x_k + 1),    high_k = quantile 1 - a of Beta(x_k + 1, n - x_k),

and all of them at once with probability at least 1 - 2 K a, whatever the probabilities and however few the
draws (Bonferroni). With two outcomes one interval says all, and 1 - 2 a is enough.

As all hold at once, so does whatever follows from them: a mean sum_k c_k \pi_k lies between its extremes over
the probabilities within the bounds, even for values c chosen after looking at the data.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import FloatArray

# Probabilities that differ by less are equal but for rounding.
ROUNDING = 1e-12

# From so many degrees of freedom on, Student's distribution is the normal one to nine digits.
_ALMOST_NORMAL = 1e10


@dataclass(frozen=True, eq=False)
class Bounds:
    """Probability vectors between bounds.

    Attributes
    ----------
    low, high
        `[n_outcomes]`: bounds of each probability; some vector that sums to one lies between them.
    """

    low: FloatArray
    high: FloatArray

    def range_of_mean(self, values: FloatArray) -> tuple[float, float]:
        """Return the smallest and largest mean of `values[n_outcomes]` over the probability vectors."""
        return -self._largest_mean(-values), self._largest_mean(values)

    def _largest_mean(self, values: FloatArray) -> float:
        # Start from the lower bounds and give what is left to the best outcomes, each up to its upper bound.
        best_first = np.argsort(-values, kind="stable")
        room = (self.high - self.low)[best_first]
        left = 1.0 - self.low.sum() - (np.cumsum(room) - room)
        given = np.minimum(np.maximum(left, 0.0), room)
        return float(self.low @ values + given @ values[best_first])

    def corners(self) -> FloatArray:
        """Return `[k, n_outcomes]`: the corners of the set; all but one probability are at bounds there."""
        n = len(self.low)
        found = []
        for free in range(n):
            others = [k for k in range(n) if k != free]
            for at_bounds in product(*((self.low[k], self.high[k]) for k in others)):
                rest = 1.0 - sum(at_bounds)
                if self.low[free] - ROUNDING <= rest <= self.high[free] + ROUNDING:
                    found.append(np.insert(np.array(at_bounds, dtype=np.float64), free, max(rest, 0.0)))
        return np.unique(np.round(found, 15), axis=0)


def simultaneous_bounds(counts: FloatArray, *, error: float) -> Bounds:
    """Return bounds for the probabilities of outcomes drawn `counts[n_outcomes]` times.

    Parameters
    ----------
    counts
        Whole numbers, not all 0.
    error
        Largest probability, over draws, that some bound does not hold.
    """
    if len(counts) == 1:
        return Bounds(np.ones(1), np.ones(1))
    tail = error / (2 * (1 if len(counts) == 2 else len(counts)))
    return Bounds(*clopper_pearson(counts, counts.sum(), tail))


def clopper_pearson(successes: ArrayLike, draws: ArrayLike, tail: float) -> tuple[FloatArray, FloatArray]:
    """Return bounds of probabilities, each of which does not hold with probability `tail` at most."""
    from scipy.special import betaincinv

    seen, drawn = np.asarray(successes), np.asarray(draws)
    never, always = seen == 0, seen == drawn
    # Where a parameter of the Beta distribution would be 0, the bound is 0 or 1.
    low = betaincinv(np.where(never, 1, seen), drawn - seen + 1, tail)
    high = betaincinv(seen + 1, np.where(always, 1, drawn - seen), 1.0 - tail)
    return np.where(never, 0.0, low), np.where(always, 1.0, high)


def share_interval(
    successes: int, draws: int, confidence: float = 0.95, *, method: str = "clopper-pearson"
) -> tuple[float, float]:
    """Return the interval of a probability from so many successes.

    By `"clopper-pearson"` (1934) it is exact, that is, never below the confidence; by `"wilson"` (1927) it is
    narrower, and near the confidence on average.
    """
    if method == "wilson":
        from scipy.stats import binomtest

        interval = binomtest(successes, draws).proportion_ci(confidence, method="wilson")
        return float(interval.low), float(interval.high)
    low, high = clopper_pearson(successes, draws, (1.0 - confidence) / 2)
    return float(low), float(high)


def share_difference_interval(
    successes: int, draws: int, other_successes: int, other_draws: int, confidence: float = 0.95
) -> tuple[float, float]:
    """Return an interval of the difference of two probabilities, the first less the second.

    Newcombe's method 10 (1998, Statistics in Medicine 17, 873), on exact intervals of each probability instead of
    Wilson's: it never leaves [-1, 1] and keeps its width where all draws of an arm end alike.
    """
    one, two = successes / draws, other_successes / other_draws
    low_1, high_1 = share_interval(successes, draws, confidence)
    low_2, high_2 = share_interval(other_successes, other_draws, confidence)
    difference = one - two
    return (
        difference - math.hypot(one - low_1, high_2 - two),
        difference + math.hypot(high_1 - one, two - low_2),
    )


def student_quantile(probability: float, freedom: ArrayLike) -> FloatArray:
    """Return Student's quantile for each number of degrees of `freedom`, the normal one where it is infinite."""
    from scipy.special import stdtrit

    return np.asarray(stdtrit(np.minimum(freedom, _ALMOST_NORMAL), probability))


def mean_interval(values: FloatArray, confidence: float = 0.95) -> tuple[float, float] | None:
    """Return Student's interval of the mean of independent `values[n]`; None for a single one."""
    if len(values) < 2:
        return None
    mean, error = float(values.mean()), float(values.std(ddof=1)) / math.sqrt(len(values))
    half = float(student_quantile(0.5 + confidence / 2, len(values) - 1)) * error
    return mean - half, mean + half


class Moments(Protocol):
    """What a test of means needs to know of a sample."""

    @property
    def mean(self) -> float:
        """Of the sample."""

    @property
    def std(self) -> float:
        """Population standard deviation of the sample (ddof = 0)."""

    @property
    def runs(self) -> int:
        """Size of the sample."""


class Sample(NamedTuple):
    """The mean of a sample, its population standard deviation (ddof = 0), and its size."""

    mean: float
    std: float
    runs: int


def welch_p_value(one: Moments, other: Moments) -> float | None:
    """Return the two-sided p-value of Welch's test that two means are equal.

    Where neither sample varies the p-value is 1 for equal means and 0 for others; None where a sample has a single
    value.
    """
    if one.runs < 2 or other.runs < 2:
        return None
    a, b = one.std**2 / (one.runs - 1), other.std**2 / (other.runs - 1)
    if a + b == 0.0:
        return 1.0 if one.mean == other.mean else 0.0
    from scipy.special import stdtr

    freedom = (a + b) ** 2 / (a**2 / (one.runs - 1) + b**2 / (other.runs - 1))
    return float(2.0 * stdtr(freedom, -abs(one.mean - other.mean) / math.sqrt(a + b)))


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
