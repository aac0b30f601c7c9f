r"""Confidence intervals for the probabilities of several outcomes at once, and for any mean over them.

Of K outcomes with probabilities \pi_k, n independent draws counted x_k. Each \pi_k lies between the bounds of
Clopper & Pearson (1934)

    low_k  = quantile a of Beta(x_k, n - x_k + 1),    high_k = quantile 1 - a of Beta(x_k + 1, n - x_k),

and all of them at once with probability at least 1 - 2 K a, whatever the probabilities and however few the
draws (Bonferroni). With two outcomes one interval says all, and 1 - 2 a is enough.

As all hold at once, so does whatever follows from them: a mean sum_k c_k \pi_k lies between its extremes over
the probabilities within the bounds, even for values c chosen after looking at the data.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from theory.checks import FloatArray

# Probabilities that differ by less are equal but for rounding.
ROUNDING = 1e-12


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
    from scipy.special import betaincinv

    draws = counts.sum()
    if len(counts) == 1:
        return Bounds(np.ones(1), np.ones(1))
    tail = error / (2 * (1 if len(counts) == 2 else len(counts)))
    never, always = counts == 0, counts == draws
    # Where a parameter of the Beta distribution would be 0, the bound is 0 or 1.
    low = betaincinv(np.where(never, 1, counts), draws - counts + 1, tail)
    high = betaincinv(counts + 1, np.where(always, 1, draws - counts), 1 - tail)
    return Bounds(np.where(never, 0.0, low), np.where(always, 1.0, high))
