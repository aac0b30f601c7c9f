r"""The equations of logit equilibria (see `logit`) of 2x2 games, in plain numbers: an order of magnitude faster.

With d_i the difference of player i's two logits, the mean of which is 0, and v_i = d_i / sqrt(2), which keeps arc
lengths, they are

    F_1 = v_1 - r g_1(q) / sqrt(2) = 0,   F_2 = v_2 - r g_2(p) / sqrt(2) = 0,

where g_i is what i's first action pays more than its second, p and q are the probabilities of first actions.
"""

from __future__ import annotations

from math import exp, sqrt

import numpy as np

from theory.checks import FloatArray

_ROOT = sqrt(2.0)


class TwoByTwoLogitSystem:
    """F and its derivatives at points (v_1, v_2, r), for payoffs divided by `scale`.

    Parameters
    ----------
    payoffs
        `[2, 2, 2]`, divided by a common scale.
    singular, newton_steps, zero
        Bounds of `theory.equilibria.logit`.
    """

    size = 2

    def __init__(self, payoffs: FloatArray, *, singular: float, newton_steps: int, zero: float) -> None:
        A, B = payoffs.tolist()
        # What the first action pays more, against the other's first and second one.
        self._gains = (A[0][0] - A[1][0], A[0][1] - A[1][1], B[0][0] - B[0][1], B[1][0] - B[1][1])
        self._singular, self._newton_steps, self._zero = singular, newton_steps, zero

    def profile(self, point: FloatArray) -> tuple[FloatArray, ...]:
        """Return both players' mixtures."""
        first = (_logistic(_ROOT * v) for v in point[:2].tolist())
        second = (_logistic(-_ROOT * v) for v in point[:2].tolist())
        return tuple(np.array(mixture) for mixture in zip(first, second, strict=True))

    def residuals(self, point: FloatArray) -> FloatArray:
        """Return F, `[2]`."""
        x, y, r = point.tolist()
        own, other, _, _ = self._advantages(x, y)
        return np.array([x - r * own / _ROOT, y - r * other / _ROOT])

    def _advantages(self, x: float, y: float) -> tuple[float, float, float, float]:
        """Return g_1, g_2 and their derivatives by v_2 and by v_1, times sqrt(2) / 2."""
        a, b, c, d = self._gains
        p, q = _logistic(_ROOT * x), _logistic(_ROOT * y)
        return (
            b + (a - b) * q,
            d + (c - d) * p,
            (a - b) * q * _logistic(-_ROOT * y),
            (c - d) * p * _logistic(-_ROOT * x),
        )

    def tangent(self, point: FloatArray, previous: FloatArray) -> FloatArray:
        """Return the direction of the branch: of all in which F stays 0, the nearest to the previous one."""
        x, y, r = point.tolist()
        own, other, slope, other_slope = self._advantages(x, y)
        first, second = (1.0, -r * slope, -own / _ROOT), (-r * other_slope, 1.0, -other / _ROOT)
        normal = np.array(_cross(first, second))
        squares = sum(part * part for part in (*first, *second))  # of both singular values
        product = float(np.linalg.norm(normal))
        if product > self._singular * squares:
            tangent = normal * float(np.sign(normal @ previous) or 1.0) / product
        else:  # both equations say the same: a plane of directions
            row = np.array(max(first, second, key=lambda row: sum(part * part for part in row)))
            tangent = previous - (row @ previous) / (row @ row) * row
            tangent /= np.linalg.norm(tangent)
        return np.asarray(tangent)

    def corrected(self, guess: FloatArray, normal: FloatArray) -> FloatArray | None:
        """Return the solution near `guess` on the plane through it with this normal, None if Newton fails."""
        x, y, r = start = guess.tolist()
        along = normal.tolist()
        for _ in range(self._newton_steps):
            own, other, slope, other_slope = self._advantages(x, y)
            rows = ((1.0, -r * slope, -own / _ROOT), (-r * other_slope, 1.0, -other / _ROOT), tuple(along))
            gap = sum(n * (s - z) for n, s, z in zip(along, start, (x, y, r), strict=True))
            move = self._solved(rows, (r * own / _ROOT - x, r * other / _ROOT - y, gap))
            x, y, r = x + move[0], y + move[1], r + move[2]
            if max(map(abs, move)) <= 1e-10 * (1.0 + max(abs(x), abs(y), abs(r))):
                return np.array([x, y, r])
        return None

    def _solved(
        self, rows: tuple[tuple[float, ...], ...], right: tuple[float, float, float]
    ) -> tuple[float, ...]:
        """Return the solution of three equations, the shortest of least squares where they are near singular."""
        first, second, third = rows
        normals = _cross(second, third), _cross(third, first), _cross(first, second)
        determinant = sum(a * b for a, b in zip(first, normals[0], strict=True))
        squares = sum(part * part for row in rows for part in row)
        # The least singular value is at least the determinant by the square of the largest one.
        if abs(determinant) > 10.0 * self._singular * squares * sqrt(squares):
            return tuple(
                (right[0] * normals[0][k] + right[1] * normals[1][k] + right[2] * normals[2][k]) / determinant
                for k in range(3)
            )
        # Nothing is added along a direction in which solutions branch off.
        return tuple(np.linalg.lstsq(np.array(rows), np.array(right), rcond=self._singular)[0].tolist())

    def n_crossed(self, point: FloatArray) -> int:
        """Return how many real eigenvalues of dF/dv, which are 1 +- sqrt(s t), are not positive."""
        product = self._slopes_product(point)
        return int(product >= 0 and 1.0 - sqrt(product) <= self._zero)

    def is_critical(self, point: FloatArray) -> bool:
        """Return whether dF/dv is singular."""
        x, y, r = point.tolist()
        _, _, slope, other_slope = self._advantages(x, y)
        matrix = np.array([[1.0, -r * slope], [-r * other_slope, 1.0]])
        singular = np.linalg.svd(matrix, compute_uv=False)
        return bool(singular[-1] <= self._singular * singular[0])

    def _slopes_product(self, point: FloatArray) -> float:
        x, y, r = point.tolist()
        _, _, slope, other_slope = self._advantages(x, y)
        return float(r * slope * r * other_slope)


def _logistic(d: float) -> float:
    """Return 1 / (1 + exp(-d)) without overflow."""
    if d >= 0:
        return 1.0 / (1.0 + exp(-d))
    odds = exp(d)
    return odds / (1.0 + odds)


def _cross(a: tuple[float, ...], b: tuple[float, ...]) -> tuple[float, float, float]:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]
