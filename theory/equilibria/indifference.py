r"""Solutions of indifference equations of several mixing players, with a certificate that they are all.

Players mix over supports; k_i is the size of player i's. The unknowns z_i are the probabilities of all its
actions but the first, the equations say that these actions pay as much as the first,

    F_ia(z) = u_i(a, z_-i) - u_i(first, z_-i) = 0,

and are linear in the mixture of each other player (multilinear). The least and the largest value of F and of
its derivatives J on a box are therefore found at the corners. Boxes are halved until each of them

- is *empty*: some F_ia, or the excess of an unused action over a used one, is nowhere 0 (nowhere below 0),
  or a Newton step from the centre c of the box leads further away than any root within can be. With Y the
  inverse of the middle of J and k = max |Y| rad(J), lengths being in units of the box's sides, every root x
  in the box has |x - c + Y F(c)| <= k (the mean value theorem; Krawczyk 1969);
- or holds *at most one* root, to which the iteration z <- z - Y F(z) contracts if there is one: k <= 1/2 on
  a box of twice the size, which the iterates do not leave.

If no box is left, the roots are all there are. Roots at which J is singular, such as those of a continuum of
equilibria, never pass: then the search ends at its bound, and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

from theory.checks import BoolArray, FloatArray
from theory.resolution import SHARE

# Values below this (payoffs being in units of the payoff range) may be 0 but for rounding; a matrix of derivatives
# whose inverse has entries above its reciprocal may be singular but for rounding.
_ROUNDING = SHARE

# Half the side of the smallest box.
_LEAST_RADIUS = 1e-6

# Steps of the contraction by at least one half: enough for the last digit.
_CONTRACTIONS = 60
_CONVERGED = 1e-16

# Largest F at a root.
_ACCURATE = 1e-10

_NEWTON_STEPS = 20


# Boxes for one system: what random games of 3 x 3 x 3 actions need at most, thirty times over.
BOXES_OF_ONE_SYSTEM = 100_000

# Boxes for each system in the first round: what nearly all random games need.
FIRST_SHARE = 256


@dataclass(frozen=True, eq=False)
class Roots:
    """Solutions of indifference equations.

    Attributes
    ----------
    points
        `[n_points, n_unknowns]`: roots within or near the unit box.
    all_found
        Whether there are no other roots in the unit box that can be an equilibrium.
    n_boxes
        How many boxes were looked at.
    """

    points: FloatArray
    all_found: bool
    n_boxes: int


@dataclass(frozen=True, eq=False)
class Multilinear:
    """Functions `[n]` that are linear in each of some players' mixtures: the values at pure actions.

    Attributes
    ----------
    values
        `[n, *sizes of the players' supports]`.
    players
        The mixing players on which the values depend, in the order of the axes.
    """

    values: FloatArray
    players: tuple[int, ...]

    def at(self, mixtures: Sequence[FloatArray]) -> FloatArray:
        """Return the values at all combinations of mixtures.

        `mixtures[i]`, `[n_boxes, m_i, k_i]`, holds m_i mixtures of player i for each box; the result has
        shape `[n_boxes, n, product of the m_i]`.
        """
        n = len(self.values)
        n_boxes = len(mixtures[0])
        size = prod(self.values.shape[1:])
        result = self.values.reshape(1, n, size)
        for player in self.players:
            vectors = mixtures[player]
            _, m, k = vectors.shape
            by_action = result.reshape(len(result), n, k, result.shape[2] // k)
            combined = vectors[:, np.newaxis] @ by_action
            # The next player's actions come first again, this one's mixtures last.
            result = combined.swapaxes(2, 3).reshape(n_boxes, n, result.shape[2] // k * m)
        return np.asarray(np.broadcast_to(result, (n_boxes, *result.shape[1:])))

    def derivative(self, player: int) -> Multilinear:
        """Return the derivatives by the unknowns of a player: `[n * (k - 1)]` functions of the others."""
        axis = 1 + self.players.index(player)
        values = np.moveaxis(self.values, axis, 1)
        slopes = values[:, 1:] - values[:, :1]
        others = tuple(j for j in self.players if j != player)
        return Multilinear(slopes.reshape(-1, *slopes.shape[2:]), others)


class IndifferenceSystem:
    """The equations and inequalities of one profile of supports.

    Parameters
    ----------
    sizes
        Sizes of the supports of the mixing players.
    equations
        For each mixing player the k - 1 functions F.
    excesses
        Functions that must not be positive: what unused actions pay more than used ones.
    """

    def __init__(
        self, sizes: Sequence[int], equations: Sequence[Multilinear], excesses: Sequence[Multilinear]
    ) -> None:
        self.sizes = tuple(sizes)
        self.equations = equations
        self.excesses = excesses
        ends = np.cumsum([k - 1 for k in sizes])
        self.blocks = [slice(end - k + 1, end) for k, end in zip(sizes, ends, strict=True)]
        self.n_unknowns = int(ends[-1])
        self._corners = [np.array(list(product((0, 1), repeat=k - 1)), dtype=bool) for k in self.sizes]
        self._slopes = [
            (self.blocks[i], self.blocks[j], equation.derivative(j))
            for i, equation in enumerate(equations)
            for j in equation.players
        ]

    def mixtures(self, points: FloatArray) -> list[FloatArray]:
        """Return each player's mixture at `points[n, n_unknowns]`, as `[n, 1, k]`."""
        return [_mixtures(points[:, np.newaxis, block]) for block in self.blocks]

    def corners(self, low: FloatArray, high: FloatArray) -> list[FloatArray]:
        """Return each player's mixtures at the corners of boxes, as `[n_boxes, 2^(k - 1), k]`."""
        return [
            _mixtures(np.where(is_high, high[:, np.newaxis, block], low[:, np.newaxis, block]))
            for block, is_high in zip(self.blocks, self._corners, strict=True)
        ]

    def residuals(self, points: FloatArray) -> FloatArray:
        """Return F, `[n, n_unknowns]`, at `points[n, n_unknowns]`."""
        mixtures = self.mixtures(points)
        return np.concatenate([equation.at(mixtures)[:, :, 0] for equation in self.equations], axis=1)

    def jacobian_range(self, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the middle and the radius of J on boxes, each `[n_boxes, n_unknowns, n_unknowns]`."""
        shape = (len(low), self.n_unknowns, self.n_unknowns)
        middle, radius = np.zeros(shape), np.zeros(shape)
        corners = self.corners(low, high)
        for rows, columns, slope in self._slopes:
            values = slope.at(corners)
            least, largest = values.min(axis=2), values.max(axis=2)
            block = (len(low), rows.stop - rows.start, columns.stop - columns.start)
            middle[:, rows, columns] = ((largest + least) / 2).reshape(block)
            radius[:, rows, columns] = ((largest - least) / 2).reshape(block)
        return middle, radius

    def cannot_hold(self, low: FloatArray, high: FloatArray) -> BoolArray:
        """Return `[n_boxes]`: whether some equation or inequality fails everywhere on the box."""
        fails = np.zeros(len(low), dtype=bool)
        for block in self.blocks:
            fails |= low[:, block].sum(axis=1) > 1.0 + _ROUNDING
        corners = self.corners(low, high)
        for equation in self.equations:
            values = equation.at(corners)
            fails |= ((values.min(axis=2) > _ROUNDING) | (values.max(axis=2) < -_ROUNDING)).any(axis=1)
        for excess in self.excesses:
            fails |= (excess.at(corners).min(axis=2) > _ROUNDING).any(axis=1)
        return fails


def _mixtures(rest: FloatArray) -> FloatArray:
    return np.concatenate([1.0 - rest.sum(axis=-1, keepdims=True), rest], axis=-1)


class RootSearch:
    """The search for the roots of one system that can be equilibria, which can be taken up where it stopped.

    Attributes
    ----------
    system
        The equations and inequalities.
    n_boxes
        How many boxes were looked at.
    """

    def __init__(self, system: IndifferenceSystem) -> None:
        self.system = system
        self.n_boxes = 0
        self._centre = np.full((1, system.n_unknowns), 0.5)
        self._radius = self._centre.copy()
        self._with_one: list[tuple[FloatArray, FloatArray, FloatArray]] = []
        self._none_missed = True

    @property
    def is_open(self) -> bool:
        """Whether boxes are left to look at."""
        return len(self._centre) > 0

    def advance(self, max_boxes: int) -> None:
        """Look at boxes, all of one size after the other, until none is left or `max_boxes` would be exceeded."""
        while self.is_open and self.n_boxes + len(self._centre) <= max_boxes:
            self.n_boxes += len(self._centre)
            self._look_at_all()

    def _look_at_all(self) -> None:
        """Look at all boxes that are left, and halve those that stay open."""
        system = self.system
        possible = ~system.cannot_hold(self._centre - self._radius, self._centre + self._radius)
        centre, radius = self._centre[possible], self._radius[possible]
        if not len(centre):
            self._centre, self._radius = centre, radius
            return
        slopes, spread = system.jacobian_range(centre - 2 * radius, centre + 2 * radius)
        inverse, is_regular = _inverses(slopes)
        step = _times(inverse, system.residuals(centre))
        contraction = (_times(np.abs(inverse), _times(spread, radius)) / radius).max(axis=1)
        is_empty = is_regular & ((np.abs(step) / radius).max(axis=1) > 1.0 + contraction + _ROUNDING)
        has_one = is_regular & ~is_empty & (contraction <= 0.5)
        self._with_one.append((centre[has_one], radius[has_one], inverse[has_one]))
        is_open = ~is_empty & ~has_one
        is_small = radius.max(axis=1) < _LEAST_RADIUS
        self._none_missed &= not (is_open & is_small).any()
        rest = is_open & ~is_small
        weight = (np.abs(slopes) + spread).max(axis=1) * radius
        self._centre, self._radius = _halved(centre[rest], radius[rest], weight[rest].argmax(axis=1))

    def roots(self) -> Roots:
        """Return the roots found so far."""
        system = self.system
        boxes = (np.concatenate(parts) for parts in zip(*self._with_one, strict=True))
        points = _contracted(system, *boxes) if self._with_one else np.empty((0, system.n_unknowns))
        is_accurate = np.abs(system.residuals(points)).max(initial=0.0) <= _ACCURATE
        return Roots(points, bool(not self.is_open and self._none_missed and is_accurate), self.n_boxes)


def shared_search(systems: Sequence[IndifferenceSystem], *, max_boxes: int) -> list[Roots]:
    """Return the roots of all systems, found with at most `max_boxes` boxes, shared out in rounds.

    In each round all that are not settled get the same share, which grows from round to round.
    """
    searches = [RootSearch(system) for system in systems]
    share, left = FIRST_SHARE, max_boxes
    while is_open := [
        search for search in searches if search.is_open and search.n_boxes < BOXES_OF_ONE_SYSTEM
    ]:
        given = min(share, left // len(is_open))
        before = sum(search.n_boxes for search in is_open)
        for search in is_open:
            search.advance(min(search.n_boxes + given, BOXES_OF_ONE_SYSTEM))
        used = sum(search.n_boxes for search in is_open) - before
        left -= used
        if not used and (given < share or share >= BOXES_OF_ONE_SYSTEM):
            break
        share *= 4
    return [search.roots() for search in searches]


def _times(matrices: FloatArray, vectors: FloatArray) -> FloatArray:
    return np.asarray((matrices @ vectors[:, :, np.newaxis])[:, :, 0])


def _inverses(matrices: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Return the inverses, 0 where there is none beyond rounding, and where there is one."""
    with np.errstate(all="ignore"):
        is_regular = np.abs(np.linalg.det(matrices)) > np.finfo(float).tiny
        inverses = np.zeros_like(matrices)
        inverses[is_regular] = np.linalg.inv(matrices[is_regular])
        is_regular &= np.abs(inverses).max(axis=(1, 2), initial=0.0) < 1.0 / _ROUNDING
    inverses[~is_regular] = 0.0
    return inverses, is_regular


def _contracted(
    system: IndifferenceSystem, centre: FloatArray, radius: FloatArray, inverse: FloatArray
) -> FloatArray:
    """Return the roots in boxes that hold one at most."""
    points = centre
    for _ in range(_CONTRACTIONS):
        # One that leaves the box of twice the size has no root to go to, and could go anywhere.
        stays = (np.abs(points - centre) <= 2 * radius).all(axis=1, keepdims=True)
        moves = np.where(stays, _times(inverse, system.residuals(points)), 0.0)
        points = points - moves
        if not np.abs(moves).max(initial=0.0) > _CONVERGED:
            break
    return np.asarray(points[(np.abs(points - centre) <= 2 * radius).all(axis=1)])


def _halved(centre: FloatArray, radius: FloatArray, axis: NDArray[np.intp]) -> tuple[FloatArray, FloatArray]:
    """Return the halves of boxes, each cut across its axis."""
    shift = np.zeros_like(radius)
    each = np.arange(len(axis))
    shift[each, axis] = radius[each, axis] / 2
    return np.concatenate([centre - shift, centre + shift]), np.tile(radius - shift, (2, 1))


def nearest_root(system: IndifferenceSystem, guess: FloatArray) -> FloatArray:
    """Return where Newton's method leads from `guess[n_unknowns]`, which need not be a root."""
    point = guess[np.newaxis]
    for _ in range(_NEWTON_STEPS):
        slopes, _ = system.jacobian_range(point, point)
        # Within the unit box and a little around it: nothing else is an equilibrium.
        point = np.clip(point - np.linalg.lstsq(slopes[0], system.residuals(point)[0])[0], -1.0, 2.0)
    return np.asarray(point[0])
