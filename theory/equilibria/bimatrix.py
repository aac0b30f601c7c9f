r"""All extreme Nash equilibria of a bimatrix game, and the maximal Nash subsets that they span.

A pair of vertices of the two best-response polytopes is an *extreme equilibrium* where each action is not
played or a best reply (*completely labelled*). A *maximal Nash subset* is a product of mixtures of the row
with mixtures of the column, all exchangeable; its corners are a maximal set of vertices of the one polytope
and of the other with every pair extreme. All equilibria are the union of these (Winkels 1979; Avis,
Rosenberg, Savani & von Stengel 2010, "Enumeration of Nash equilibria for two-player games").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory.checks import BoolArray, FloatArray
from theory.equilibria.polytope import VertexLimitError, Vertices, best_response_vertices
from theory.equilibria.two_by_two import equilibria_2x2
from theory.resolution import resolution_of

# Largest number of extreme equilibria, which only games with very many ties exceed.
MAX_EQUILIBRIA = 100_000

# Largest number of maximal Nash subsets that are listed.
MAX_SUBSETS = 10_000

# Pairs of vertices that are compared at once.
PAIRS_AT_ONCE = 10_000_000


@dataclass(frozen=True, eq=False)
class BimatrixEquilibria:
    """The extreme equilibria of a bimatrix game.

    Attributes
    ----------
    rows, columns
        `[n_row_mixtures, m]` and `[n_column_mixtures, n]`: the mixtures that occur in extreme equilibria, by
        falling probability of the first action, then of the second, ...
    pairs
        `[n_equilibria, 2]`: the extreme equilibria, as positions in `rows` and in `columns`, in order.
    subsets
        The maximal Nash subsets, each as positions in `rows` and in `columns`; None if there are more than
        were to be listed.
    is_exact
        Whether exact arithmetic was needed.
    """

    rows: FloatArray
    columns: FloatArray
    pairs: NDArray[np.intp]
    subsets: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] | None
    is_exact: bool

    @property
    def continuum(self) -> bool:
        """Whether there are infinitely many equilibria: two extreme ones share a mixture."""
        return any(len(np.unique(self.pairs[:, i])) < len(self.pairs) for i in (0, 1))


def bimatrix_equilibria(
    A: FloatArray,
    B: FloatArray,
    *,
    max_vertices: int,
    resolution: FloatArray | None = None,
    max_equilibria: int = MAX_EQUILIBRIA,
    max_subsets: int = MAX_SUBSETS,
    pairs_at_once: int = PAIRS_AT_ONCE,
) -> BimatrixEquilibria:
    """Return all extreme equilibria of the game (A, B) between a row and a column player.

    Parameters
    ----------
    A, B
        `[m, n]`: payoffs of the row and of the column player.
    max_vertices
        Largest number of bases of a best-response polytope to visit.
    resolution
        `[2]`: payoffs that differ by no more are equal; by default as in a game of these two matrices. A part
        of a larger game is to be read as finely as the whole (`theory.Game.resolution`).
    max_equilibria, max_subsets
        Largest numbers of extreme equilibria, and of maximal Nash subsets that are listed.
    pairs_at_once
        Pairs of vertices that are compared at once: memory for speed.

    Raises
    ------
    VertexLimitError
        If there are more vertices or extreme equilibria.
    """
    limits = resolution_of(np.stack([A, B])) if resolution is None else resolution
    if A.shape == (2, 2):
        extreme = equilibria_2x2(A, B, resolution=limits)
        mixtures = np.array([[(x, 1.0 - x) for x in pair] for pair in extreme])
        return _collected(mixtures[:, 0], mixtures[:, 1], False, max_subsets)
    rows = best_response_vertices(B.T, max_vertices=max_vertices, resolution=float(limits[1]))
    columns = best_response_vertices(A, max_vertices=max_vertices, resolution=float(limits[0]))
    pairs = _completely_labelled(rows, columns, max_equilibria, pairs_at_once)
    is_exact = rows.is_exact or columns.is_exact
    return _collected(rows.mixtures[pairs[:, 0]], columns.mixtures[pairs[:, 1]], is_exact, max_subsets)


def _completely_labelled(
    rows: Vertices, columns: Vertices, max_equilibria: int, pairs_at_once: int
) -> NDArray[np.intp]:
    """Return `[n_equilibria, 2]`: the pairs of vertices that between them have every label."""
    n_rows = rows.mixtures.shape[1]
    lacking_rows = ~rows.labels
    # The columns' labels in the same order: actions of the row player first.
    lacking_columns = ~np.hstack([columns.labels[:, -n_rows:], columns.labels[:, :-n_rows]])
    if not (rows.is_exact or columns.is_exact):
        # Simple vertices have m and n labels, so that the ones must be just those that the other lacks.
        partners = {labels.tobytes(): y for y, labels in enumerate(lacking_columns)}
        keys = [labels.tobytes() for labels in rows.labels]
        found = [(x, partners[key]) for x, key in enumerate(keys) if key in partners]
        return np.array(found, dtype=np.intp).reshape(-1, 2)
    chunk = 1 + pairs_at_once // len(lacking_columns)
    pairs = []
    for start in range(0, len(lacking_rows), chunk):
        pairs.append(np.argwhere(_n_common(lacking_rows[start : start + chunk], lacking_columns) == 0))
        pairs[-1][:, 0] += start
        if sum(map(len, pairs)) > max_equilibria:
            raise VertexLimitError(
                f"the game must have at most {max_equilibria} extreme equilibria, got more"
            )
    return np.concatenate(pairs)


def _n_common(first: BoolArray, second: BoolArray) -> FloatArray:
    """Return how many labels each of `first[k, n_labels]` shares with each of `second[l, n_labels]`."""
    return np.asarray(first.astype(np.float32) @ second.astype(np.float32).T)


def _collected(rows: FloatArray, columns: FloatArray, is_exact: bool, max_subsets: int) -> BimatrixEquilibria:
    """Return the equilibria (rows[k], columns[k]), each mixture listed once."""
    distinct_rows, row_of = _distinct(rows)
    distinct_columns, column_of = _distinct(columns)
    pairs = np.stack([row_of, column_of], axis=1)
    pairs = pairs[np.lexsort((column_of, row_of))]
    subsets = _maximal_subsets(pairs, max_subsets)
    return BimatrixEquilibria(distinct_rows, distinct_columns, pairs, subsets, is_exact)


def _distinct(mixtures: FloatArray) -> tuple[FloatArray, NDArray[np.intp]]:
    """Return the distinct mixtures, by falling probability of the first actions, and the place of each."""
    distinct, place = np.unique(mixtures, axis=0, return_inverse=True)
    # Rounded, so that last digits do not decide on the order.
    order = np.lexsort(-np.round(distinct, 9).T[::-1])
    return distinct[order], np.argsort(order)[place.reshape(-1)]


def _maximal_subsets(
    pairs: NDArray[np.intp], most: int
) -> tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] | None:
    """Return the maximal sets of rows and columns all of whose pairs are in `pairs`, or None if they are more."""
    columns_of: dict[int, set[int]] = {x: set() for x, _ in pairs.tolist()}
    rows_of: dict[int, set[int]] = {y: set() for _, y in pairs.tolist()}
    for x, y in pairs.tolist():
        columns_of[x].add(y)
        rows_of[y].add(x)
    # The columns of a maximal subset are an intersection of the columns of some rows.
    closed: set[frozenset[int]] = set()
    closed_with: dict[int, set[frozenset[int]]] = {y: set() for y in rows_of}
    for columns_of_row in columns_of.values():
        overlapping = set().union(*(closed_with[y] for y in columns_of_row))
        new = {frozenset(columns_of_row)} | {columns & columns_of_row for columns in overlapping}
        for columns in new - closed:
            closed.add(columns)
            for y in columns:
                closed_with[y].add(columns)
        if len(closed) > most:
            return None
    subsets = [(set.intersection(*(rows_of[y] for y in columns)), columns) for columns in closed]
    return tuple(sorted((tuple(sorted(rows)), tuple(sorted(columns))) for rows, columns in subsets))
