r"""The value of a zero-sum matrix game and a mixture that secures it, in loops that are compiled with a law.

By the minimax theorem (von Neumann 1928) the row player of payoffs M secures

    v = max over x of min over j of sum over i of x_i M_ij.

Shifted and scaled to payoffs in [1, 2], 1 / v is the largest sum of y >= 0 with M y <= 1 (Dantzig 1951); the simplex
method with Bland's rule finds y, and its shadow prices are x / v.
"""

from __future__ import annotations

import math

import numpy as np

from simulation.engine.compilation import rare_rule, rule
from theory.checks import FloatArray

# Slopes and pivots of less are 0 but for rounding.
_FLAT = 1e-12
_LEAST_PIVOT = 1e-10

# Of the simplex method; games of a few actions take a handful.
_MOST_PIVOTS = 1000


def new_tableau(rows: int, columns: int) -> FloatArray:
    """Return room for the simplex method of a game of so many actions."""
    return np.zeros((rows + 1, rows + columns + 2))


@rare_rule
def solve_matrix_game(payoffs: FloatArray, tableau: FloatArray, mixture: FloatArray) -> float:
    """Return the value for the row player of `payoffs[m, n]`, and write `mixture[m]`, which secures it.

    Where pure actions have a saddle point the first safest action is taken; where all payoffs are equal, all alike.
    Where rows or columns are alike but for rounding, value and mixture may be off by 1e-6 of the range of payoffs.
    `tableau` is room of `new_tableau(m, n)`.
    """
    rows, columns = payoffs.shape
    low, high = payoffs[0, 0], payoffs[0, 0]
    secured, held, safest = -math.inf, math.inf, 0
    for i in range(rows):
        least = payoffs[i, 0]
        for j in range(columns):
            least = min(least, payoffs[i, j])
            high = max(high, payoffs[i, j])
        low = min(low, least)
        if least > secured:
            secured, safest = least, i
    for j in range(columns):
        most = payoffs[0, j]
        for i in range(rows):
            most = max(most, payoffs[i, j])
        held = min(held, most)
    for i in range(rows):
        mixture[i] = 1.0 / rows if high == low else 0.0
    if high == low:
        return float(low)
    if secured >= held:
        mixture[safest] = 1.0
        return float(secured)
    spread = high - low
    _write_program(payoffs, low, spread, tableau)
    _run_simplex(rows, columns, tableau)
    total = tableau[rows, rows + columns]
    mass = 0.0
    for i in range(rows):
        mixture[i] = max(tableau[rows, columns + i], 0.0)
        mass += mixture[i]
    for i in range(rows):
        mixture[i] /= mass
    return float(low + spread * (1.0 / total - 1.0))


@rule
def _write_program(payoffs: FloatArray, low: float, spread: float, tableau: FloatArray) -> None:
    """Write rows M y + slack = 1 and, last, the slopes; then the right side, and the basis in the last column."""
    rows, columns = payoffs.shape
    for i in range(rows + 1):
        for j in range(rows + columns + 2):
            tableau[i, j] = 0.0
    for i in range(rows):
        for j in range(columns):
            tableau[i, j] = 1.0 + (payoffs[i, j] - low) / spread
        tableau[i, columns + i] = 1.0
        tableau[i, rows + columns] = 1.0
        tableau[i, rows + columns + 1] = columns + i
    for j in range(columns):
        tableau[rows, j] = -1.0


@rule
def _leaving_row(rows: int, columns: int, tableau: FloatArray, entering: int) -> int:
    """Return the row that bounds the entering column first, of several the one of the first basis; -1 for none."""
    right, basis = rows + columns, rows + columns + 1
    leaving, smallest = -1, math.inf
    for i in range(rows):
        if tableau[i, entering] > _LEAST_PIVOT:
            ratio = tableau[i, right] / tableau[i, entering]
            if ratio < smallest or (ratio == smallest and tableau[i, basis] < tableau[leaving, basis]):
                leaving, smallest = i, ratio
    return leaving


@rule
def _exchange(rows: int, columns: int, tableau: FloatArray, leaving: int, entering: int) -> None:
    right, basis = rows + columns, rows + columns + 1
    pivot = tableau[leaving, entering]
    for j in range(right + 1):
        tableau[leaving, j] /= pivot
    tableau[leaving, basis] = entering
    for i in range(rows + 1):
        factor = tableau[i, entering]
        if i != leaving and factor != 0.0:
            for j in range(right + 1):
                tableau[i, j] -= factor * tableau[leaving, j]


@rare_rule
def _run_simplex(rows: int, columns: int, tableau: FloatArray) -> None:
    """Exchange columns until none adds to the sum of y, but for rounding."""
    for _ in range(_MOST_PIVOTS):
        exchanged = False
        for j in range(rows + columns):
            if tableau[rows, j] < -_FLAT:
                leaving = _leaving_row(rows, columns, tableau, j)
                # A column without a pivot is 0 but for rounding, and so is what it would add.
                if leaving >= 0:
                    _exchange(rows, columns, tableau, leaving, j)
                    exchanged = True
                    break
        if not exchanged:
            return
