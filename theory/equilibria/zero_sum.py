r"""Two-player games that are zero-sum but for units and for what a player cannot change.

With payoffs A of the row and B of the column player let k > 0, c and d be such that

    A[i, j] + k B[i, j] = c[j] + d[i].

Then Z = A - c differs from A by what the row player cannot change, and -Z from k B by what the column player
cannot, so that the equilibria are those of the zero-sum game Z (Moulin & Vial 1978 call such games strategically
zero-sum; constant-sum games in any units are among them). They are all pairs of *optimal* mixtures, x in X with
x'Z >= v and y in Y with Zy <= v, where v is the value of Z (von Neumann 1928): two linear programs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from theory.checks import FloatArray
from theory.geometry.linear_programs import as_lottery, largest_smallest, maximise, prices
from theory.resolution import SHARE, resolution_of

# Probabilities above this (and slacks of payoffs in units of Z's range) are not 0 beyond doubt.
_CLEAR = 1e-7

# Least singular value of indifference equations that have one solution beyond doubt, as a share of the largest.
_REGULAR = 1e-8

# How far optimal mixtures may be from optimal, in units of Z's range.
_OPTIMAL = 1e-10


@dataclass(frozen=True, eq=False)
class ZeroSumForm:
    """What makes a game zero-sum: see the module's head.

    Attributes
    ----------
    matrix
        `[m, n]`: Z, from 0 to 1.
    scale
        What one unit of Z is in payoffs of the row player.
    rate
        k.
    of_column, of_row
        c `[n]` and d `[m]`, in payoffs of the row player, so that A = scale Z + c and k B = d - scale Z.
    """

    matrix: FloatArray
    scale: float
    rate: float
    of_column: FloatArray
    of_row: FloatArray

    @cached_property
    def optimal(self) -> tuple[FloatArray, FloatArray]:
        """An optimal mixture of each player."""
        rows, columns = largest_smallest(self.matrix), largest_smallest(1.0 - self.matrix.T)
        return self._polished(rows, columns)

    def _polished(self, rows: FloatArray, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the mixtures with the digits that solving for their supports gives, if that makes sense."""
        own, other = (np.flatnonzero(mixture > _CLEAR) for mixture in (rows, columns))
        within = self.matrix[np.ix_(own, other)]
        return _equalising(within.T, own, rows), _equalising(within, other, columns)

    @property
    def value_bounds(self) -> tuple[float, float]:
        """Bounds of the value of `matrix`: what the two optimal mixtures secure."""
        rows, columns = self.optimal
        return float((rows @ self.matrix).min()), float((self.matrix @ columns).max())

    @property
    def is_unique(self) -> bool:
        """Whether each player has one optimal mixture beyond doubt.

        Each optimal x' with y, too, is an equilibrium. So it plays no action that is worse than others against
        y, and makes all actions indifferent that y plays. Where these equations have one solution, x' = x.
        """
        (rows, columns), (_, value) = self.optimal, self.value_bounds
        own, other = rows > _CLEAR, columns > _CLEAR
        # What is left to a mixture by strict inequalities, on both sides.
        replies = (value - self.matrix @ columns <= _CLEAR, rows @ self.matrix - value <= _CLEAR)
        return _has_one_solution(self.matrix[np.ix_(replies[0], other)].T) and _has_one_solution(
            self.matrix[np.ix_(own, replies[1])]
        )

    def is_rounding(self, objective: FloatArray) -> bool:
        """Return whether an objective, in payoffs, does not vary but for rounding."""
        return bool(np.ptp(objective) <= _OPTIMAL * self.scale)

    def extreme(self, objective: FloatArray, *, of_row: bool) -> FloatArray | None:
        """Return the optimal mixture of one player at which `objective` is largest; None if that fails."""
        gains, level = self._optimality(of_row)
        try:
            mixture = maximise(
                objective / (np.ptp(objective) or 1.0),
                at_least=(gains, np.full(len(gains), level)),
                equal=(np.ones((1, len(objective))), np.ones(1)),
            )
        except ValueError:
            return None
        return None if mixture is None else as_lottery(mixture)

    def most(self, objective: FloatArray, *, of_row: bool) -> float:
        """Return a number that `objective` does not exceed at any optimal mixture of one player."""
        spread = float(np.ptp(objective))
        if self.is_rounding(objective):
            return float(objective.max())
        gains, level = self._optimality(of_row)
        units = (objective - objective.min()) / spread
        y = prices(units, at_least=gains - level)
        bound = 1.0 if y is None else min(1.0, float((units + y @ (gains - level)).max()))
        return float(objective.min() + spread * bound)

    def _optimality(self, of_row: bool) -> tuple[FloatArray, float]:
        """Return G and g: a mixture x of one player is optimal iff G x >= g, where g is not too large."""
        secured, held = self.value_bounds
        return (self.matrix.T, secured) if of_row else (-self.matrix, -held)


def zero_sum_form(
    A: FloatArray, B: FloatArray, *, resolution: FloatArray | None = None
) -> ZeroSumForm | None:
    """Return what makes the game `A[m, n]`, `B[m, n]` zero-sum, or None if it is not.

    Payoffs are equal that differ by no more than `resolution[2]` (`theory.Game`), by default that of the two.
    """
    limits = resolution_of(np.stack([A, B])) if resolution is None else resolution
    spread = np.ptp(A), np.ptp(B)
    if any(varies <= limit for varies, limit in zip(spread, limits, strict=True)):
        return None  # somebody is indifferent
    reading = np.maximum(SHARE, limits / spread)
    first, second = (A - A.min()) / spread[0], (B - B.min()) / spread[1]
    left = _interaction(first), _interaction(second)
    if min(np.abs(part).max() for part in left) <= _OPTIMAL:
        return None  # somebody's best reply is always the same
    k = -float((left[0] * left[1]).sum() / (left[1] ** 2).sum())
    if k <= 0 or np.abs(left[0] + k * left[1]).max() > max(reading[0], k * reading[1]):
        return None
    total = first + k * second
    c = total[0] - total[0].min()
    d = (total - c).mean(axis=1)
    Z = first - c
    low, scale = Z.min(), float(np.ptp(Z))
    rate = k * float(spread[0] / spread[1])
    # In the row player's units: first = (A - min A) / spread, and likewise for B.
    of_column = spread[0] * (c + low) + A.min()
    of_row = spread[0] * (d - low) + rate * B.min()
    return ZeroSumForm((Z - low) / scale, float(spread[0] * scale), rate, of_column, of_row)


def extreme_optimal_mixtures(form: ZeroSumForm) -> tuple[list[FloatArray], list[FloatArray]]:
    """Return optimal mixtures of both players, each once: all if they are unique, else extreme ones.

    Among these are ones with the most and the least welfare, and, if there are several, two of a player that
    differ.
    """
    found = []
    for of_row, first, part in zip((True, False), form.optimal, (form.of_row, form.of_column), strict=True):
        mixtures = [first]
        if not form.is_unique:
            # Multiples of the golden ratio are spread evenly: such a sum is nearly never the same at two corners.
            spread_evenly = np.arange(1, len(first) + 1) * (np.sqrt(5) - 1) / 2 % 1
            for objective in (spread_evenly, part if not form.is_rounding(part) else -spread_evenly):
                for sign in (1.0, -1.0):
                    mixture = form.extreme(sign * objective, of_row=of_row)
                    if mixture is not None:
                        mixtures.append(mixture)
        found.append(_each_once(mixtures))
    return found[0], found[1]


def _each_once(mixtures: list[FloatArray]) -> list[FloatArray]:
    kept: list[FloatArray] = []
    for mixture in mixtures:
        if all(np.abs(mixture - known).max() > _CLEAR for known in kept):
            kept.append(mixture)
    return kept


def zero_sum_welfare_bounds(form: ZeroSumForm) -> tuple[float, float]:
    """Return numbers between which the welfare of each equilibrium is.

    With x in X and y in Y it is v + c y + (d x - v) / k.
    """
    secured, held = (form.scale * value for value in form.value_bounds)
    of_value = 1.0 - 1.0 / form.rate
    by_value = sorted((of_value * secured, of_value * held))
    most, least = (
        sign
        * (
            form.most(sign * form.of_column, of_row=False)
            + form.most(sign * form.of_row / form.rate, of_row=True)
        )
        for sign in (1.0, -1.0)
    )
    return by_value[0] + least, by_value[1] + most


def _interaction(payoffs: FloatArray) -> FloatArray:
    """Return what is not a sum of a part of the row and a part of the column."""
    return np.asarray(payoffs - payoffs.mean(axis=0) - payoffs.mean(axis=1, keepdims=True) + payoffs.mean())


def _equalising(within: FloatArray, support: NDArray[np.intp], mixture: FloatArray) -> FloatArray:
    """Return the mixture on `support` that makes all rows of `within` equal, else the given one."""
    k, n = within.shape
    equations = np.block([[within, -np.ones((k, 1))], [np.ones((1, n)), np.zeros((1, 1))]])
    solution = np.linalg.lstsq(equations, np.append(np.zeros(k), 1.0))[0]
    if np.abs(solution[:n] - mixture[support]).max() > _CLEAR or solution[:n].min() <= 0:
        return mixture
    polished = np.zeros_like(mixture)
    polished[support] = solution[:n] / solution[:n].sum()
    return polished


def _has_one_solution(equations: FloatArray) -> bool:
    """Return whether at most one mixture x makes all entries of `equations[k, n]` @ x equal."""
    k, n = equations.shape
    differences = equations - equations.mean(axis=0)
    system = np.vstack([differences, np.ones((1, n))])
    if k < n:
        return False
    values = np.linalg.svd(system, compute_uv=False)
    return bool(values[-1] > _REGULAR * values[0])
