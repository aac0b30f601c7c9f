r"""Evolutionary and neutral stability of an equilibrium, against every mutant, mixed ones too.

In one population with payoffs M a symmetric equilibrium x is stable against a mutant y if it does better against x
than y does, or as well, and then x M y > y M y (Maynard Smith & Price 1973; neutrally: >=). Only mixtures y of best
replies to x get as far as the second condition. With z = y - x, so that z M x = 0, it reads

    (x - y) M y = -z M z > 0.

So M must be negative on the cone of these z: its sum is 0, where x has positive weight z has any sign, and z >= 0 on
the *alternative* best replies. With R the form -z M z, minimised over what x plays (a Schur complement), x is

- evolutionarily stable if and only if -z M z is positive definite where x plays and R strictly copositive (Haigh
  1975, corrected by Abakuks 1980);
- neutrally stable if and only if it is positive semidefinite there, no alternative is coupled to a direction in
  which it is flat (else one could gain without bound along it), and R is copositive.

In tournaments, where x is one strategy, R_jk = M_xk - M_jk (made symmetric) on the alternatives: two of them may
invade together although neither does alone (Boyd & Lorberbaum 1987).

Of two populations with payoffs A and B of strategy pairs the stable equilibria are the strict ones (Selten 1980). In
the symmetrised game -z M z is -u (A + B) v / 2 for the two populations' deviations u and v, so that an equilibrium is
neutrally stable if and only if u (A + B) v <= 0 for all of them. It is linear in each, hence enough to try the
extreme ones.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from theory.checks import FloatArray, Indices
from theory.evolution.copositivity import MOST_SETS, is_copositive

# Weights below it are rounding.
LEAST_WEIGHT = 1e-9


class Stability(NamedTuple):
    """Whether an equilibrium is stable; None where it could not be decided (see `theory.evolution.copositivity`)."""

    is_strict: bool
    is_evolutionarily_stable: bool | None
    is_neutrally_stable: bool | None


def stability(M: FloatArray, x: FloatArray, *, tie: float, most_sets: int = MOST_SETS) -> Stability:
    """Judge a symmetric equilibrium of one population.

    Parameters
    ----------
    M
        `[n, n]`: what the row's strategy gets from the column's.
    x
        `[n]` probabilities.
    tie
        Payoffs, and the form's values, that differ by at most so much are equal.
    most_sets
        See `theory.evolution.copositivity.is_copositive`.
    """
    played, alternatives = _best_replies(M @ x, x, tie)
    if len(played) == 1 and not len(alternatives):
        return Stability(True, True, True)
    form = -(M + M.T) / 2.0
    free = _directions(played, len(x))
    away = np.eye(len(x))[:, alternatives] - x[:, None]
    curvatures, axes = np.linalg.eigh(free.T @ form @ free)
    coupled = axes.T @ free.T @ form @ away
    if (curvatures < -tie).any():
        return Stability(False, False, False)
    flat = curvatures <= tie
    if (np.abs(coupled[flat]) > tie).any():
        return Stability(False, False, False)
    steep = coupled[~flat]
    least = away.T @ form @ away - steep.T @ (steep / curvatures[~flat, None])
    neutral = is_copositive(least, tolerance=tie, most_sets=most_sets)
    if flat.any() or neutral is False:
        return Stability(False, False, neutral)
    stable = is_copositive(least, tolerance=tie, strict=True, most_sets=most_sets)
    return Stability(False, stable, neutral)


def stability_of_two(
    A: FloatArray, B: FloatArray, x: FloatArray, y: FloatArray, *, ties: FloatArray
) -> Stability:
    """Judge an equilibrium of two populations; `A[r, c]` is paid to the row, `B[r, c]` to the column."""
    rows, columns = (_best_replies(A @ y, x, ties[0]), _best_replies(B.T @ x, y, ties[1]))
    if all(len(played) == 1 and not len(others) for played, others in (rows, columns)):
        return Stability(True, True, True)
    deviations = []
    for (played, others), mixture in ((rows, x), (columns, y)):
        free = _directions(played, len(mixture))
        away = np.eye(len(mixture))[:, others] - mixture[:, None]
        deviations.append(np.hstack([free, -free, away]))
    gains = deviations[0].T @ (A + B) @ deviations[1]
    return Stability(False, False, bool((gains <= ties.sum()).all()))


def _best_replies(payoffs: FloatArray, x: FloatArray, tie: float) -> tuple[Indices, Indices]:
    """Return what a mixture plays, and its alternative best replies, as places."""
    is_played = x > LEAST_WEIGHT
    is_best = payoffs >= payoffs.max() - tie
    return np.flatnonzero(is_played), np.flatnonzero(is_best & ~is_played)


def _directions(played: Indices, n: int) -> FloatArray:
    """Return `[n, played - 1]`: orthonormal directions between the strategies that are played."""
    size = len(played)
    directions = np.zeros((n, size - 1))
    if size > 1:
        directions[played] = np.linalg.qr(np.vstack([np.eye(size - 1), -np.ones(size - 1)]))[0]
    return directions
