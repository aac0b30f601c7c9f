r"""Vertices of best-response polytopes: the mixtures of which the equilibria of a bimatrix game are made.

Let u[j, i] > 0 be what the opponent's action j pays the opponent against the owner's action i. The polytope
is {x >= 0 : sum_i u[j, i] x_i <= 1 for every j} (von Stengel 2002, "Computing equilibria for two-person
games", section 2.5). Every point of it but 0 is a mixture of the owner, scaled. A vertex is *labelled* by its
tight constraints: own actions that are not played (x_i = 0) and best replies of the opponent.

The vertices are found by walking along the edges from x = 0, breadth first: if all vertices of a bounded
polytope are simple (no more tight constraints than dimensions), the walk reaches every one. It is done

- in floats, where at every vertex every constraint that is not tight has slack beyond doubt: this certifies
  that the polytope is simple and that rounding misled no step;
- where that fails, in exact integers with right-hand sides 1 + e^(k+1) for constraint k and a vanishing e.
  The perturbed polytope is simple, and every vertex of the original is the limit of some of its vertices.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, comb, lcm, log2
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.checks import BoolArray, FloatArray
from theory.resolution import SHARE, resolution_of, simplest_within

Tableau = NDArray[Any]

# Polytopes that can have so many times the vertices that may be visited hardly ever have few enough.
HOPELESS = 20

# Largest common denominator of payoffs that are read as the simplest fractions; others are put on a binary grid.
_LARGEST_DENOMINATOR = 2**40

# Largest number of entries of the tableaux of one level of the walk: 160 MB of floats.
_MAX_ENTRIES = 20_000_000

# Least slack (payoffs scaled to lie between 1 and 2) of a constraint that is not tight beyond doubt.
_CLEAR_SLACK = 1e-8


@dataclass(frozen=True, eq=False)
class Vertices:
    """The vertices of one player's best-response polytope, without 0.

    Attributes
    ----------
    mixtures
        `[n_vertices, n_own]`: the mixtures, each summing to one.
    labels
        `[n_vertices, n_own + n_other]`: whether each own action is not played, then whether each action of
        the opponent is a best reply.
    is_exact
        Whether exact arithmetic was needed, because the polytope is not simple beyond doubt.
    """

    mixtures: FloatArray
    labels: BoolArray
    is_exact: bool


class VertexLimitError(ValueError):
    """The polytope has more vertices than the caller allows."""


class _DoubtError(Exception):
    """Floats cannot tell whether a constraint is tight."""


def best_response_vertices(
    payoffs: FloatArray, *, max_vertices: int, resolution: float | None = None, exact: bool = False
) -> Vertices:
    """Return all vertices of the polytope on which no action of the opponent earns more than one.

    Parameters
    ----------
    payoffs
        `[n_other, n_own]`: what each action of the opponent pays the opponent against each own action.
    max_vertices
        Largest number of bases to visit: of vertices, 0 and (in exact arithmetic) doublets included.
    resolution
        Payoffs that differ by no more are equal (`theory.Game`); by default as in a game of these payoffs.
    exact
        Whether to walk in integers even where floats are beyond doubt.

    Raises
    ------
    VertexLimitError
        If there are more.
    """
    limit = float(resolution_of(payoffs.reshape(1, -1))[0]) if resolution is None else resolution
    spread = float(np.ptp(payoffs))
    varies = spread > limit
    scaled = (payoffs - payoffs.min()) / spread if varies else np.zeros_like(payoffs)
    reading = max(SHARE, limit / spread) if varies else SHARE
    try:
        if exact or reading > _CLEAR_SLACK / 100:
            raise _DoubtError
        return _walk(np.hstack([1.0 + scaled, np.ones((len(payoffs), 1))]), payoffs.shape[1], max_vertices)
    except _DoubtError:
        return _walk(_perturbed(_as_integers(scaled, reading)), payoffs.shape[1], max_vertices)


def most_vertices(n_own: int, n_other: int) -> int:
    """Return the largest number of vertices that a best-response polytope can have (McMullen 1970)."""
    half, facets = n_own // 2, n_own + n_other
    upper = comb(facets - (n_own - half), half)
    return upper + (comb(facets - half - 1, n_own - half - 1) if n_own else 0)


def _as_integers(scaled: FloatArray, reading: float) -> NDArray[Any]:
    """Return 1 + payoffs in [0, 1], times a common denominator, as integers exact to `reading`.

    The simplest fractions that are near enough are taken, so that payoffs which are such fractions but for
    rounding keep the relations between them: that a mixture of two actions pays what a third one does.
    """
    values = scaled.ravel().tolist()
    # Half of the reading each, so that the difference of two payoffs is read to the whole.
    margin = Fraction(reading) / 2
    known = {value: simplest_within(Fraction(value) - margin, Fraction(value) + margin) for value in values}
    denominator = lcm(*(value.denominator for value in known.values()))
    if denominator > _LARGEST_DENOMINATOR:
        denominator = min(_LARGEST_DENOMINATOR, 1 << ceil(-log2(reading)))
        known = {value: Fraction(value) for value in known}
    integers = np.empty(scaled.size, dtype=object)
    integers[:] = [denominator + round(known[value] * denominator) for value in values]
    return integers.reshape(scaled.shape)


def _perturbed(payoffs: NDArray[Any]) -> NDArray[Any]:
    """Return the integer tableau `[payoffs | 1 | 1 + e^(k+1) in row k]`, the last column scaled to integers.

    1 / e is larger than any minor of the payoffs can be, so that the comparison of two perturbed numbers
    compares their coefficients of 1, e, e^2, ... lexicographically.
    """
    n_other, n_own = payoffs.shape
    rank = min(n_other, n_own)
    bits_of_minors = rank * (int(payoffs.max()).bit_length() + rank.bit_length())
    spacing = 2 * bits_of_minors + 4
    tableau = np.empty((n_other, n_own + 2), dtype=object)
    tableau[:, :n_own] = payoffs
    tableau[:, n_own] = 1
    tableau[:, n_own + 1] = [
        (1 << spacing * n_other) + (1 << spacing * (n_other - 1 - k)) for k in range(n_other)
    ]
    return tableau


def _walk(tableau: Tableau, n_own: int, max_vertices: int) -> Vertices:
    """Return the vertices at all feasible bases that can be reached from x = 0."""
    is_exact = tableau.dtype == object
    level = Bases.at_zero(tableau, n_own)
    seen = set(level.keys())
    points = []
    while len(level.basic):
        if not is_exact:
            level.check_slack(tableau)
        points.append(level.points())
        steps = level.steps(seen)
        if len(seen) > max_vertices or len(steps) * tableau.size > _MAX_ENTRIES:
            raise VertexLimitError(
                f"a best-response polytope in {n_own} dimensions with {len(tableau) + n_own} facets "
                f"must have at most {max_vertices} vertices, got more"
            )
        level = level.pivoted(*steps.T)
    return _as_vertices(np.concatenate(points), n_own, is_exact)


def _as_vertices(points: Tableau, n_own: int, is_exact: bool) -> Vertices:
    labels = np.asarray(points == 0, dtype=bool)
    # Bases of one vertex (and of 0, with the own actions all unplayed) have the same labels.
    labels, first = np.unique(labels, axis=0, return_index=True)
    played = ~labels[:, :n_own].all(axis=1)
    own = points[first[played], :n_own]
    mixtures = (own / own.sum(axis=1, keepdims=True)).astype(np.float64)
    return Vertices(mixtures, labels[played], is_exact)


@dataclass(frozen=True, eq=False)
class Bases:
    """Feasible bases of one polytope, each with its tableau.

    Variables 0 to n_own - 1 are x, the n_other others the slacks. A tableau of integers stays one, with the
    last pivot for a common denominator (Edmonds' integer pivoting; Avis, Rosenberg, Savani & von Stengel
    2010, "Enumeration of Nash equilibria for two-player games", section 4). The same steps serve for floats.

    Attributes
    ----------
    tableaux
        `[n_bases, n_other, n_own + 1]`: a column for each nonbasic variable, then the right-hand side. Exact
        tableaux end with one more column, the perturbed right-hand side.
    denominators
        `[n_bases]`: what the tableaux are to be divided by, positive.
    basic, nonbasic
        `[n_bases, n_other]` and `[n_bases, n_own]`: the variable of each row and of each column.
    """

    tableaux: Tableau
    denominators: Tableau
    basic: NDArray[np.intp]
    nonbasic: NDArray[np.intp]

    @classmethod
    def at_zero(cls, tableau: Tableau, n_own: int) -> Bases:
        """Return the one basis of x = 0."""
        n_other = len(tableau)
        return cls(
            tableau[np.newaxis],
            np.ones(1, dtype=tableau.dtype),
            np.arange(n_own, n_own + n_other)[np.newaxis],
            np.arange(n_own)[np.newaxis],
        )

    def keys(self) -> list[int]:
        """Return the set of nonbasic variables of each basis, as a bit mask."""
        return [sum(1 << variable for variable in variables) for variables in self.nonbasic.tolist()]

    def points(self) -> Tableau:
        """Return `[n_bases, n_own + n_other]`: x and the slacks, times the denominator."""
        n_bases, n_own = self.nonbasic.shape
        points = np.zeros((n_bases, n_own + self.basic.shape[1]), dtype=self.tableaux.dtype)
        np.put_along_axis(points, self.basic, self.tableaux[:, :, n_own], axis=1)
        return points

    def check_slack(self, tableau: FloatArray) -> None:
        """Raise `_DoubtError` unless every basic variable is positive by far more than its rounding error."""
        n_own = self.nonbasic.shape[1]
        points = self.points() / self.denominators[:, np.newaxis]
        residuals = points[:, :n_own] @ tableau[:, :n_own].T + points[:, n_own:] - tableau[:, n_own]
        inverse = np.abs(self.tableaux / self.denominators[:, np.newaxis, np.newaxis]).max(initial=1.0)
        rounding = inverse * len(tableau) * (np.abs(residuals).max() + np.finfo(float).eps)
        least = np.take_along_axis(points, self.basic, axis=1).min()
        if not least > max(_CLEAR_SLACK, 100 * rounding):
            raise _DoubtError

    def leaving_rows(self) -> NDArray[np.intp]:
        """Return `[n_bases, n_own]`: the row that becomes nonbasic when the variable of a column enters."""
        entries, right = self.tableaux[:, :, : self.nonbasic.shape[1]], self.tableaux[:, :, -1:]
        leaving = np.zeros(self.nonbasic.shape, dtype=np.intp)
        entry, value = entries[:, 0], np.broadcast_to(right[:, 0], self.nonbasic.shape)
        for row in range(1, entries.shape[1]):
            # Least ratio value / entry over the rows with a positive entry, without division.
            is_less = right[:, row] * entry < value * entries[:, row]
            is_better = (entries[:, row] > 0) & ((entry <= 0) | is_less)
            leaving[is_better] = row
            entry = np.where(is_better, entries[:, row], entry)
            value = np.where(is_better, right[:, row], value)
        return leaving

    def steps(self, seen: set[int]) -> NDArray[np.intp]:
        """Return `[n_steps, 3]`: basis, row and column of pivots to bases not `seen`, and add these to it."""
        leaving = self.leaving_rows()
        out = np.take_along_axis(self.basic, leaving, axis=1).tolist()
        rows = leaving.tolist()
        steps = []
        for basis, (key, nonbasic) in enumerate(zip(self.keys(), self.nonbasic.tolist(), strict=True)):
            for column, variable in enumerate(nonbasic):
                neighbour = key ^ (1 << variable) ^ (1 << out[basis][column])
                if neighbour not in seen:
                    seen.add(neighbour)
                    steps.append((basis, rows[basis][column], column))
        return np.array(steps, dtype=np.intp).reshape(-1, 3)

    def with_basic(self, variable: int) -> tuple[Bases, int]:
        """Return the one basis here after a nonbasic variable has entered, and the variable that has left."""
        column = np.flatnonzero(self.nonbasic[0] == variable)
        row = self.leaving_rows()[:, column[0]]
        return self.pivoted(np.zeros(1, dtype=np.intp), row, column), int(self.basic[0, row[0]])

    def pivoted(self, bases: NDArray[np.intp], rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Bases:
        """Return the bases after pivots in the given bases, rows and columns."""
        each = np.arange(len(bases))
        old, denominators = self.tableaux[bases], self.denominators[bases]
        pivots, pivot_rows, pivot_columns = old[each, rows, columns], old[each, rows], old[each, :, columns]
        new = (
            pivots[:, np.newaxis, np.newaxis] * old
            - pivot_columns[:, :, np.newaxis] * pivot_rows[:, np.newaxis]
        )
        divide = np.floor_divide if old.dtype == object else np.true_divide
        new = divide(new, denominators[:, np.newaxis, np.newaxis])
        new[each, rows] = pivot_rows
        new[each, :, columns] = -pivot_columns
        new[each, rows, columns] = denominators
        basic, nonbasic = self.basic[bases], self.nonbasic[bases]
        entering, leaving = nonbasic[each, columns], basic[each, rows]
        basic[each, rows], nonbasic[each, columns] = entering, leaving
        return Bases(new, pivots, basic, nonbasic)
