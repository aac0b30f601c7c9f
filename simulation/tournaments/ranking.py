"""Ranks, and how sure they are."""

from __future__ import annotations

import numpy as np

from theory.checks import FloatArray

# Sets of possible errors: 95% of them are then told to within 1%, a rank's standard error to 3%.
DRAWS = 500

# Child of the seed that ranks use, far from those of the matches.
_STREAM = 2**40


def ranks(scores: FloatArray, *, tie: float) -> FloatArray:
    """Return the rank of each of `scores[..., n]`: 1 is best, scores within `tie` share the mean rank."""
    # Competitors first, so that sums over them run along whole rows.
    by_place = np.ascontiguousarray(np.moveaxis(scores, -1, 0))
    found = np.empty(by_place.shape)
    for k, own in enumerate(by_place):
        above = (by_place > own + tie).sum(axis=0)
        # Ranks from 1 + above to those of all that are not below share their mean.
        found[k] = (above + (by_place >= own - tie).sum(axis=0) + 1) / 2.0
    return np.moveaxis(found, 0, -1)


def freedom_of_variance(sample: FloatArray) -> FloatArray:
    """Return the degrees of freedom of the variance that `sample[..., r]` gives, at most r - 1; infinite if it is 0.

    The variance of a variance is 2 s^4 / (r - 1) + k s^4 / r with excess kurtosis k (O'Neill 2014): as many degrees
    has the chi-squared distribution of the same spread. k is estimated from four repetitions on; where it comes out
    negative it is 0.
    """
    r = sample.shape[-1]
    squares = (sample - sample.mean(axis=-1, keepdims=True)) ** 2
    variance = squares.mean(axis=-1)
    spread = np.full(variance.shape, 2.0 / max(r - 1, 1))
    if r >= 4:
        fourth = np.einsum("...r,...r->...", squares, squares) / r
        level = np.divide(fourth, variance**2, out=np.zeros_like(variance), where=variance > 0.0)
        excess = (r - 1) / ((r - 2) * (r - 3)) * ((r + 1) * (level - 3.0) + 6.0)
        spread += np.maximum(excess, 0.0) / r
    return np.where(variance > 0.0, 2.0 / spread, np.inf)


def freedom_of_sum(parts: FloatArray, total: FloatArray) -> FloatArray:
    """Return the degrees of freedom of `total[...]` variances, where `parts` are the sums of v^2 / (freedom of v).

    They are Satterthwaite's (1946), (sum of v)^2 / parts; infinite where nothing varies.
    """
    return np.asarray(np.divide(total**2, parts, out=np.full(total.shape, np.inf), where=parts > 0.0))


def random_ranks(
    scores: FloatArray, covariance: FloatArray, freedom: FloatArray, *, seed: int, tie: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the standard error and a 95% interval of the rank of each of `scores[n]`.

    Errors are drawn with `covariance[n, n]`, each from Student's distribution of `freedom[n]` degrees. The standard
    error is that of the ranks of scores with such errors. The interval leaves out a rank only if others are better,
    or worse, beyond the error of their difference, where that is the 95% quantile of the largest of all differences
    to this score in units of their standard errors (Mogstad, Romano, Shaikh & Wilhelm 2024): so it holds wherever the
    true scores lie, also where some are nearly equal, and covers more than 95% where few are close. All are NaN where
    an error is not known.
    """
    n = len(scores)
    if not np.isfinite(covariance).all():
        return np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.nan)
    if not covariance.any():
        fixed = ranks(scores, tie=tie)
        return np.zeros(n), fixed, fixed.copy()
    variances = np.diag(covariance)
    own_error = np.sqrt(variances)
    of_difference = np.sqrt(np.maximum(variances[:, None] + variances - 2.0 * covariance, 0.0))
    # Scores that err together do not differ by chance; what is left of it is rounding.
    of_difference[of_difference <= 1e-6 * (own_error[:, None] + own_error)] = 0.0
    errors = _errors(covariance, freedom, seed)
    per_error = np.divide(1.0, of_difference, out=np.zeros_like(of_difference), where=of_difference > 0.0)
    largest = np.empty_like(errors)
    for k in range(n):
        apart = errors - errors[k]
        apart *= per_error[k][:, None]
        largest[k] = np.abs(apart, out=apart).max(axis=0)
    allowed = np.quantile(largest, 0.95, axis=1)[:, None] * of_difference + tie
    ahead = scores - scores[:, None]
    # Whoever surely has the same score shares the rank.
    shared = ((np.abs(ahead) <= tie) & (of_difference == 0.0)).sum(axis=1) - 1
    low = 1.0 + (ahead > allowed).sum(axis=1) + shared / 2.0
    high = n - (ahead < -allowed).sum(axis=1) - shared / 2.0
    return ranks(scores + errors.T, tie=tie).std(axis=0), low, high


def _errors(covariance: FloatArray, freedom: FloatArray, seed: int) -> FloatArray:
    """Return `[n, draws]` errors: normal ones, divided by how much standard errors may be off, all of a draw alike.

    A chi-squared variable of f degrees is f times the cube of a normal one (Wilson & Hilferty 1931).
    """
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_STREAM,)))
    normal = root @ generator.standard_normal((len(freedom), DRAWS))
    spread = 2.0 / (9.0 * freedom[:, None])
    off = np.maximum(1.0 - spread + np.sqrt(spread) * generator.standard_normal(DRAWS), 0.1)
    return np.asarray(normal / (off * np.sqrt(off)))
