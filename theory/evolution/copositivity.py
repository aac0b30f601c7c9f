r"""Whether a quadratic form is negative anywhere on the probability simplex.

A symmetric matrix Q is *copositive* if w Q w >= 0 for all w >= 0, and *strictly* so if that is > 0 for w != 0. The
question is NP-complete in general, so that the work is cut down first, exactly:

- what has a negative diagonal entry, or q_ij < -sqrt(q_ii q_jj), fails (a pure or two-point w shows it);
- equal rows count once;
- a row without negative entries beside the diagonal can be left out, and one without positive ones be minimised
  over (Andersson, Chang & Elfving 1995);
- parts without negative entries between them are judged one by one;
- what is positive semidefinite passes.

In what is left a smallest set S of strategies on which the form is negative has its minimum inside S, where it is
strictly convex: else one could move to the edge of S without loss. With the diagonal scaled to 1 this holds of Q and
of all subsets of S, so that sets grow one by one, by a Cholesky factor each, as long as they are strictly convex (the
cliques of Scozzari & Tardella 2008). Up to 20 rows that is at most 2^20 sets.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import FloatArray, IntArray, finite_array

# Sets of rows that are looked at before it is given up: all those of 20 rows.
MOST_SETS = 2**20

# Sets that grow at the same time; their factors take some megabytes.
_AT_ONCE = 2**13

# Of the largest entry: curvatures below it are rounding, and moving along them loses less than that.
_FLAT = 1e-12


def is_copositive(
    form: ArrayLike, *, tolerance: float = 0.0, strict: bool = False, most_sets: int = MOST_SETS
) -> bool | None:
    """Return whether w Q w >= -tolerance (strict: > tolerance) for all probability vectors w.

    Parameters
    ----------
    form
        `[n, n]`: Q; only its symmetric part matters.
    tolerance
        In units of the form.
    strict
        Whether all values have to be above the tolerance.
    most_sets
        Sets of rows that are looked at before it is given up.

    Returns
    -------
    bool or None
        None if in a part of more than 20 rows more than `most_sets` sets would have to be looked at.
    """
    matrix = finite_array("form", form)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"form must have shape [n, n], got {matrix.shape}")
    # On the simplex the sum of all entries of w w' is 1, so that a constant shifts the form's values.
    parts = [(matrix + matrix.T) / 2.0 + (-tolerance if strict else tolerance)]
    gave_up = False
    while parts:
        part = _reduced(parts.pop(), strict)
        if part is None:
            return False
        connected = _connected(part)
        if len(connected) > 1:
            parts += connected
        elif len(part) > 2 and not _is_positive(part, strict):
            is_negative = _is_negative(part, strict, most_sets)
            if is_negative:
                return False
            gave_up |= is_negative is None
    return None if gave_up else True


def _reduced(Q: FloatArray, strict: bool) -> FloatArray | None:
    """Return what is left to judge, perhaps no row; None if one or two rows show that the form fails."""
    scale = float(np.abs(Q).max()) if Q.size else 0.0
    while len(Q):
        diagonal = np.diag(Q)
        if (diagonal <= 0.0).any() if strict else (diagonal < 0.0).any():
            return None
        # Two points i and j: q_ij must not be below -sqrt(q_ii q_jj).
        above_edge = Q + np.sqrt(np.outer(diagonal, diagonal))
        beyond = above_edge <= 0.0 if strict else above_edge < 0.0
        np.fill_diagonal(beyond, False)
        if beyond.any():
            return None
        beside = Q - np.diag(diagonal)
        plain = (beside >= 0.0).all(axis=1)
        if plain.any():
            Q = Q[np.ix_(~plain, ~plain)]
            continue
        once = np.sort(np.unique(np.round(Q / scale, 12), axis=0, return_index=True)[1])
        if len(once) < len(Q):
            Q = Q[np.ix_(once, once)]
            continue
        falling = np.flatnonzero((beside <= 0.0).all(axis=1))
        if not len(falling):
            break
        k = falling[0]
        rest = np.arange(len(Q)) != k
        Q = Q[np.ix_(rest, rest)] - np.outer(Q[rest, k], Q[rest, k]) / Q[k, k]
    return Q


def _connected(Q: FloatArray) -> list[FloatArray]:
    """Return the parts of a form that negative entries hold together."""
    left = set(range(len(Q)))
    parts = []
    while left:
        members, waiting = set(), [min(left)]
        while waiting:
            k = waiting.pop()
            if k not in members:
                members.add(k)
                waiting += [int(j) for j in np.flatnonzero(Q[k] < 0.0) if int(j) not in members]
        left -= members
        inside = sorted(members)
        parts.append(Q[np.ix_(inside, inside)])
    return parts


def _is_positive(Q: FloatArray, strict: bool) -> bool:
    """Return whether the form is positive (strict) or not negative in all directions, for sure."""
    least, allowed = float(np.linalg.eigvalsh(Q)[0]), _FLAT * float(np.abs(Q).max())
    return least > allowed if strict else least >= -allowed


class _Sets(NamedTuple):
    """Strictly convex sets of k + 1 rows: with T = LL' the form on the differences to the first of them.

    `members[m, k + 1]`, ascending; `factor[m, k, k]`: L; `gradient[m, k]`: L^-1 g, where g is the slope at the first;
    `least[m]`: the form's minimum where members' weights sum to 1, whatever their signs.
    """

    members: IntArray
    factor: FloatArray
    gradient: FloatArray
    least: FloatArray


def _is_negative(Q: FloatArray, strict: bool, most_sets: int) -> bool | None:
    """Return whether the form has a negative minimum inside a strictly convex set of rows; None if it is given up."""
    roots = np.sqrt(np.diag(Q))
    Q = Q / np.outer(roots, roots)
    n = len(Q)
    waiting = [_Sets(np.arange(n)[:, None], np.zeros((n, 0, 0)), np.zeros((n, 0)), np.ones(n))]
    seen = n
    while waiting:
        grown = _larger(Q, waiting.pop())
        seen += len(grown.members)
        suspects = np.flatnonzero(grown.least <= 0.0 if strict else grown.least < 0.0)
        if any(_is_negative_inside(Q, grown, int(s), strict) for s in suspects):
            return True
        if seen > most_sets:
            return None
        for first in range(0, len(grown.members), _AT_ONCE):
            some = slice(first, first + _AT_ONCE)
            waiting.append(
                _Sets(grown.members[some], grown.factor[some], grown.gradient[some], grown.least[some])
            )
    return False


def _larger(Q: FloatArray, sets: _Sets) -> _Sets:
    """Add each later row to each of the sets, and keep what is strictly convex."""
    members, factor, gradient, least = sets
    k = members.shape[1] - 1
    is_near = (Q[members] < 1.0 - _FLAT).all(axis=1) & (np.arange(len(Q)) > members[:, -1:])
    which, row = np.nonzero(is_near)
    base, others = members[which, 0], members[which, 1:]
    factor, gradient = factor[which], gradient[which]
    at_base, slope = Q[base, base], Q[base, row] - Q[base, base]
    cross = Q[row[:, None], others] - Q[base[:, None], others] - slope[:, None]
    new = np.empty((len(which), k))
    for i in range(k):
        new[:, i] = (cross[:, i] - (factor[:, i, :i] * new[:, :i]).sum(axis=1)) / factor[:, i, i]
    pivot = Q[row, row] - at_base - 2.0 * slope - (new * new).sum(axis=1)
    kept = pivot > _FLAT
    which, row, new, gradient, slope = which[kept], row[kept], new[kept], gradient[kept], slope[kept]
    length = np.sqrt(pivot[kept])
    last = (slope - (new * gradient).sum(axis=1)) / length
    larger = np.zeros((len(which), k + 1, k + 1))
    larger[:, :k, :k], larger[:, k, :k], larger[:, k, k] = factor[kept], new, length
    return _Sets(
        np.column_stack([members[which], row]),
        larger,
        np.column_stack([gradient, last]),
        least[which] - last * last,
    )


def _is_negative_inside(Q: FloatArray, sets: _Sets, which: int, strict: bool) -> bool:
    """Return whether a set's minimum has weights of at least 0 and a negative value."""
    members = sets.members[which]
    steps = -np.linalg.solve(sets.factor[which].T, sets.gradient[which])
    weights = np.concatenate([[1.0 - steps.sum()], steps])
    if weights.min() < -_FLAT:
        return False
    weights = np.maximum(weights, 0.0)
    value = weights @ Q[np.ix_(members, members)] @ weights
    return bool(value <= 0.0 if strict else value < 0.0)
