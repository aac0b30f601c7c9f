r"""How finely payoffs are read: those that differ by no more are one payoff, their difference is rounding.

A payoff typed as 0.3 and one computed as 0.1 + 0.2 differ in their last bits, and neither dominance nor an
equilibrium may depend on that. So every player of a game has one *resolution*. It is `SHARE` of the player's
payoff range, or `LAST_BITS` of the largest absolute payoff if that is more (payoffs that are large beside
their range have lost that much when they were stored). It belongs to the game that payoffs come from: reduced
games, slices and sums of payoffs take it along, since their own ranges may be nothing but rounding. A weighted
sum of payoffs, :math:`\sum_j w_j u_j`, has the resolution :math:`\sum_j |w_j| r_j`.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import numpy as np

from theory.checks import FloatArray

# Payoffs closer than this share of a player's range are one payoff.
SHARE = 1e-12

# What many rounds add up, and means of it, are equal if they differ by less than this share of what is added:
# rounding decides no play, no tie between actions and no match.
TIE = 1e-9

# What a few roundings of the largest payoff may change, as a share of it.
LAST_BITS = 8 * float(np.finfo(np.float64).eps)


def resolution_of(payoffs: FloatArray) -> FloatArray:
    """Return `[n_players]`: the resolution of `payoffs[n_players, ...]` of which nothing else is known."""
    flat = payoffs.reshape(len(payoffs), -1)
    lowest, highest = flat.min(axis=1), flat.max(axis=1)
    return resolution_between(lowest, highest)


def resolution_between(lowest: FloatArray, highest: FloatArray) -> FloatArray:
    """Return the resolution of payoffs between `lowest` and `highest` (any shape)."""
    return np.asarray(np.maximum(SHARE * (highest - lowest), LAST_BITS * np.maximum(highest, -lowest)))


def spread_between(lowest: FloatArray, highest: FloatArray, resolution: FloatArray) -> FloatArray:
    """Return highest minus lowest payoff, 0 where that is rounding: a constant payoff."""
    spread = highest - lowest
    return np.asarray(np.where(spread > resolution, spread, 0.0))


def unit_of(resolution: FloatArray) -> FloatArray:
    """Return the unit of payoffs in which the resolution is `SHARE`; 1 where all payoffs are 0."""
    return np.asarray(np.where(resolution > 0, resolution / SHARE, 1.0))


def read(values: FloatArray, resolution: FloatArray) -> FloatArray:
    """Return `values[n, m]` with those of a row that are one payoff exactly equal: `values` itself if all are.

    Payoffs are one if steps of at most `resolution[n]` lead from one to the other; the lowest stands for all.
    """
    ranked = np.sort(values, axis=1)
    steps = ranked[:, 1:] - ranked[:, :-1]
    is_rounding = steps <= resolution[:, None]
    if not (is_rounding & (steps > 0)).any():
        return values
    order = values.argsort(axis=1)
    begins = np.concatenate([np.ones((len(values), 1), dtype=bool), ~is_rounding], axis=1)
    first = np.maximum.accumulate(np.where(begins, np.arange(values.shape[1]), 0), axis=1)
    result = np.empty_like(values)
    np.put_along_axis(result, order, np.take_along_axis(ranked, first, axis=1), axis=1)
    return result


def simplest_within(low: Fraction, high: Fraction) -> Fraction:
    """Return the fraction with the smallest denominator in `[low, high]`, by continued fractions."""
    whole = ceil(low)
    if whole <= high:
        return Fraction(whole)
    # No whole number lies between: both have the same whole part, and the rest is 1 / something simple.
    whole = floor(low)
    return whole + 1 / simplest_within(1 / (high - whole), 1 / (low - whole))


def as_fraction(value: float | Fraction, resolution: float | None = None) -> Fraction:
    """Return the simplest fraction that a number may be: 0.1 + 0.2 is 3/10, and a fraction is itself.

    `resolution` is by how much numbers differ that are one; by default by a few roundings of the number.
    """
    if isinstance(value, Fraction):
        return value
    margin = Fraction(LAST_BITS * abs(value) if resolution is None else resolution) / 2
    return simplest_within(Fraction(value) - margin, Fraction(value) + margin)
