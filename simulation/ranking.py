"""Ranks, and how sure they are."""

from __future__ import annotations

import numpy as np

from theory._checks import FloatArray

# Sets of scores that the errors allow; the error of a rank's standard error is then about 3%.
DRAWS = 500

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


def random_ranks(
    scores: FloatArray, covariance: FloatArray, *, seed: int, tie: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the standard error, the 2.5% and the 97.5% quantile of the rank of each of `scores[n]`.

    Scores are drawn from the normal distribution with these means and `covariance[n, n]`; a mean over matches
    is close to normal. All are NaN where an error is not known.
    """
    n = len(scores)
    if not np.isfinite(covariance).all():
        return np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.nan)
    if not covariance.any():
        fixed = ranks(scores, tie=tie)
        return np.zeros(n), fixed, fixed.copy()
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_STREAM,)))
    drawn = ranks(scores + generator.standard_normal((DRAWS, n)) @ root.T, tie=tie)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0, method="nearest")
    return drawn.std(axis=0), low, high
