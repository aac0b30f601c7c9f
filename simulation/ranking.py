"""Ranks, and how sure they are."""

from __future__ import annotations

from typing import Any

import numpy as np

from theory._checks import FloatArray

# Sets of errors that are possible; 95% of them are then told to within 1%.
DRAWS = 1000

# Child of the seed that ranks use, far from those of the matches.
_STREAM = 2**40


def ranks(scores: FloatArray, *, tie: float) -> FloatArray:
    """Return the rank of each of `scores[..., n]`: 1 is best, scores within `tie` share the mean rank."""
    better = np.empty(scores.shape)
    equal = np.empty(scores.shape)
    for k in range(scores.shape[-1]):
        own = scores[..., k, None]
        above = (scores > own + tie).sum(axis=-1)
        better[..., k] = above
        equal[..., k] = (scores >= own - tie).sum(axis=-1) - above - 1
    return np.asarray(1.0 + better + equal / 2.0)


def freedom_of_variance(sample: FloatArray) -> FloatArray:
    """Return the degrees of freedom of the variance that `sample[..., r]` gives, at most r - 1; infinite if it is 0.

    The variance of a variance is 2 s^4 / (r - 1) + k s^4 / r with excess kurtosis k (O'Neill 2014): as many degrees
    has the chi-squared distribution of the same spread. k is estimated from four repetitions on; where it comes out
    negative it is 0.
    """
    r = sample.shape[-1]
    deviations = sample - sample.mean(axis=-1, keepdims=True)
    variance = (deviations**2).mean(axis=-1)
    spread = np.full(variance.shape, 2.0 / max(r - 1, 1))
    if r >= 4:
        level = np.divide(
            (deviations**4).mean(axis=-1), variance**2, out=np.zeros_like(variance), where=variance > 0
        )
        excess = (r - 1) / ((r - 2) * (r - 3)) * ((r + 1) * (level - 3.0) + 6.0)
        spread += np.maximum(excess, 0.0) / r
    return np.where(variance > 0.0, 2.0 / spread, np.inf)


def freedom_of_sum(parts: FloatArray, total: FloatArray) -> FloatArray:
    """Return the degrees of freedom of `total[...]` variances, where `parts` are the sums of v^2 / (freedom of v).

    They are Satterthwaite's (1946), (sum of v)^2 / parts; infinite where nothing varies.
    """
    return np.asarray(np.divide(total**2, parts, out=np.full(total.shape, np.inf), where=parts > 0.0))


def student_quantile(probability: Any, freedom: FloatArray) -> FloatArray:
    """Return Student's quantile for each of `freedom[n]` degrees, the normal one where they are infinite."""
    from scipy.special import stdtrit

    # From here on the two agree to nine digits.
    return np.asarray(stdtrit(np.minimum(freedom, 1e10), probability))


def random_ranks(
    scores: FloatArray, covariance: FloatArray, freedom: FloatArray, *, seed: int, tie: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the standard error and a 95% interval of the rank of each of `scores[n]`.

    Errors are drawn with `covariance[n, n]`, each with Student's distribution of `freedom[n]` degrees. The standard
    error is that of the ranks of scores with such errors. The interval leaves out a rank only if others are better,
    or worse, beyond the error of their difference, where that is the 95% quantile of the largest of all differences
    to this score in units of their standard errors (Mogstad, Romano, Shaikh & Wilhelm 2024): so it holds wherever the
    true scores lie, also where some are nearly equal, and covers more than 95% where few are close. All are NaN where
    an error is not known.
    """
    from scipy.special import ndtr

    n = len(scores)
    if not np.isfinite(covariance).all():
        return np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.nan)
    if not covariance.any():
        fixed = ranks(scores, tie=tie)
        return np.zeros(n), fixed, fixed.copy()
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_STREAM,)))
    own_error = np.sqrt(np.diag(covariance))
    normal = generator.standard_normal((DRAWS, n)) @ root.T
    standard = np.divide(normal, own_error, out=np.zeros_like(normal), where=own_error > 0.0)
    errors = student_quantile(ndtr(standard), freedom) * own_error
    variances = np.diag(covariance)
    of_difference = np.sqrt(np.maximum(variances[:, None] + variances - 2.0 * covariance, 0.0))
    # Scores that err together do not differ by chance; what is left of it is rounding.
    of_difference[of_difference <= 1e-6 * (own_error[:, None] + own_error)] = 0.0
    low, high = np.empty(n), np.empty(n)
    for k in range(n):
        apart = np.divide(
            np.abs(errors - errors[:, k, None]),
            of_difference[k],
            out=np.zeros_like(errors),
            where=of_difference[k] > 0.0,
        )
        allowed = np.quantile(apart.max(axis=1), 0.95) * of_difference[k] + tie
        better, worse = scores - scores[k] > allowed, scores[k] - scores > allowed
        # Whoever surely has the same score shares the rank.
        shared = (np.abs(scores - scores[k]) <= tie) & (of_difference[k] <= 0.0)
        low[k] = 1.0 + better.sum() + (shared.sum() - 1) / 2.0
        high[k] = n - worse.sum() - (shared.sum() - 1) / 2.0
    return ranks(scores + errors, tie=tie).std(axis=0), low, high
