"""Which independently mixed profile of a 2x2 game gives most with nobody losing: a complete list."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from theory.checks import FloatArray
from theory.geometry.frontier import payoff_scale

# u(p, q) = constant + p * own + q * other + p * q * both
Bilinear = tuple[float, float, float, float]


def candidates_2x2(payoffs: FloatArray, floor: FloatArray) -> FloatArray:
    r"""Return `[k, 2]` payoffs among which is the best profile of a 2x2 game that gives nobody less.

    Let p and q be the players' probabilities of action 0, so that both payoffs u_1 and u_2 are bilinear. A
    sum of payoffs with positive weights has no strict maximum inside the square, so it is largest where

    - an edge of the square is reached: there everything is linear, and an end of the edge or
      a point with u_1 or u_2 at its floor is best; or
    - only u_1 is at its floor and u_2 is largest along that curve (or the reverse): there the gradients
      are parallel, which is a line in (p, q), since the quadratic terms of
      (du_1/dp) (du_2/dq) - (du_1/dq) (du_2/dp) cancel; or
    - both are at their floors: no gain.

    So the enumeration is complete.
    """
    outcomes = payoffs.reshape(2, -1).T
    low, scale = outcomes.min(axis=0), payoff_scale(outcomes)
    levels = ((floor - low) / scale).tolist()
    units = ((payoffs.T - low) / scale).T
    first, second = (_bilinear(units[i].tolist()) for i in (0, 1))
    points = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]
    for function, level in zip((first, second), levels, strict=True):
        points += _on_edges(function, level)
        points += _tangencies(function, level, _parallel_gradients(first, second))
    p, q = np.array(points).T
    weights = np.stack([p * q, p * (1 - q), (1 - p) * q, (1 - p) * (1 - q)], axis=1)
    return np.asarray(weights @ outcomes)


def _bilinear(matrix: list[list[float]]) -> Bilinear:
    (cc, cd), (dc, dd) = matrix
    return dd, cd - dd, dc - dd, cc - cd - dc + dd


def _on_edges(function: Bilinear, level: float) -> Iterator[tuple[float, float]]:
    """Yield the points on the edges of the square at which a function takes a value."""
    constant, own, other, both = function
    for end in (0.0, 1.0):
        for p in _roots_within(0.0, own + end * both, constant + end * other - level):
            yield p, end
        for q in _roots_within(0.0, other + end * both, constant + end * own - level):
            yield end, q


def _parallel_gradients(first: Bilinear, second: Bilinear) -> tuple[float, float, float]:
    """Return (k, a, b) of the line k + a p + b q = 0 on which the gradients are parallel."""
    _, own_1, other_1, both_1 = first
    _, own_2, other_2, both_2 = second
    return (
        own_1 * other_2 - other_1 * own_2,
        own_1 * both_2 - both_1 * own_2,
        both_1 * other_2 - other_1 * both_2,
    )


def _tangencies(
    function: Bilinear, level: float, line: tuple[float, float, float]
) -> Iterator[tuple[float, float]]:
    """Yield the points inside the square at which a function takes a value and a line is met."""
    constant, own, other, both = function
    k, a, b = line
    if abs(a) > abs(b):  # the same in q, so that the larger coefficient divides
        turned = (constant, other, own, both)
        yield from ((p, q) for q, p in _tangencies(turned, level, (k, b, a)))
    elif b != 0:
        at_zero, slope = -k / b, -a / b  # q = at_zero + slope * p
        for p in _roots_within(
            both * slope, own + both * at_zero + other * slope, constant + other * at_zero - level
        ):
            if 0 <= at_zero + slope * p <= 1:
                yield p, at_zero + slope * p


def _roots_within(square: float, linear: float, constant: float) -> list[float]:
    """Return the roots in [0, 1] of square * x^2 + linear * x + constant (none if all are zero)."""
    discriminant = linear * linear - 4 * square * constant
    if discriminant < 0 or square == linear == 0:
        return []
    # The form that does not cancel digits.
    half = -(linear + math.copysign(math.sqrt(discriminant), linear)) / 2
    roots = ([half / square] if square else []) + ([constant / half] if half else [0.0])
    return [x for x in roots if 0 <= x <= 1]
