r"""The best independently mixed profile that gives nobody less than a floor.

In 2x2 games it is one of a complete list of candidates in closed form. In all others it is found by branch and
bound:

Let every player but one, the *free* player, mix within a simplex of mixtures, first the simplex of all. The
payoffs of profiles in this region are mixtures of those in which the players use the simplices' corners and
the free player a pure action. The best *lottery* over these combinations therefore bounds what profiles in
the region can do, and is the closer the smaller the simplices. The region with the largest bound is cut in
two until the bound meets the best profile found. Profiles are found by mixing as the best lotteries do and
letting the players improve on that one after the other, which is again a best lottery, over own actions.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from theory.checks import FloatArray
from theory.games.game import Game
from theory.geometry import linear_programs
from theory.geometry.frontier import Frontier, payoff_scale

# How far, in payoff ranges, the proved bound and the best profile may be apart for the latter to be best.
GAP = 1e-6

# Cuts before the search gives up, which takes two seconds or less: two players' bounds are closed forms.
LARGEST_NUMBER_OF_STEPS = 2000
LARGEST_NUMBER_OF_STEPS_BY_PROGRAMS = 100

# With linear programs, profiles are improved only for regions from the first cuts and then ever fewer.
CUTS_ALWAYS_IMPROVED = 8

LARGEST_NUMBER_OF_ROUNDS = 5

Region = tuple[FloatArray, ...]

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


@dataclass
class IndependentSearch:
    """A search for the largest sum of relative gains times `prices` with nobody below `floor`.

    Attributes
    ----------
    game
        A game of two players or more.
    floor
        `[n_players]` payoffs below which nobody may fall.
    prices
        `[n_players]` positive weights of the gains, each in units of the player's payoff range.
    enough
        The search may stop as soon as the value is above, or the bound not above, this one.
    most_steps
        Number of cuts before the search gives up, by default what takes two seconds or less.
    value, profile
        The largest value found, at least 0, and its profile (None where no profile reaches the floor).
    bound
        A proved upper bound of the value.
    steps
        Number of cuts made.
    """

    game: Game
    floor: FloatArray
    prices: FloatArray
    enough: float | None = None
    most_steps: int | None = None
    value: float = field(default=0.0, init=False)
    profile: Region | None = field(default=None, init=False)
    bound: float = field(default=np.inf, init=False)
    steps: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        scale = payoff_scale(self.game.outcomes)
        # `[*n_actions, n_players]` gains in payoff ranges.
        self._gains = (np.moveaxis(self.game.payoffs, 0, -1) - self.floor) / scale
        self._free = int(np.argmax(self.game.n_actions))
        self._ties = count()  # regions themselves cannot be compared
        self._by_programs = self.game.n_players > 2
        if self.most_steps is None:
            self.most_steps = (
                LARGEST_NUMBER_OF_STEPS_BY_PROGRAMS if self._by_programs else LARGEST_NUMBER_OF_STEPS
            )

    def run(self) -> None:
        """Search until the bound meets the value, or is enough, or the steps are used up."""
        assert self.most_steps is not None
        regions: list[tuple[float, int, Region]] = []
        self._push(regions, tuple(np.eye(n) for n in self.game.n_actions))
        while True:
            self.bound = max(-regions[0][0], self.value) if regions else self.value
            if self.bound - self.value <= GAP or self.steps >= self.most_steps:
                return
            if self.enough is not None and (self.value > self.enough or self.bound <= self.enough):
                return
            region = heapq.heappop(regions)[2]
            self.steps += 1
            for part in self._halves(region):
                self._push(regions, part)

    def _push(self, regions: list[tuple[float, int, Region]], region: Region) -> None:
        gains = self._gains
        for player, corners in enumerate(region):
            gains = contract(gains, corners, player)
        best = _best_lottery(gains.reshape(-1, self.game.n_players), self.prices)
        if best is None:
            return
        bound, weights = best
        rarely = self.steps & (self.steps - 1)  # 0 for powers of two
        too_costly = self._by_programs and self.steps > CUTS_ALWAYS_IMPROVED and rarely
        if bound > self.value + GAP and not too_costly:
            joint = weights.reshape(gains.shape[:-1])
            self._improve([marginal(joint, player) @ corners for player, corners in enumerate(region)])
        if bound > self.value:
            heapq.heappush(regions, (-bound, next(self._ties), region))

    def _improve(self, profile: list[FloatArray]) -> None:
        """Let the players improve a profile one after the other, and keep it if it is the best so far."""
        value = -np.inf
        order = [self._free, *(i for i in range(self.game.n_players) if i != self._free)]
        for _ in range(LARGEST_NUMBER_OF_ROUNDS):
            before = value
            for player in order:
                best = _best_lottery(self._own_gains(player, profile), self.prices)
                if best is not None:
                    value, profile[player] = best
            if value > self.value:
                self.value, self.profile = value, tuple(profile)
            if value <= before + GAP / 10:
                return

    def _own_gains(self, player: int, profile: Sequence[FloatArray]) -> FloatArray:
        """Return `[own actions, n_players]`: gains against the others' mixtures."""
        gains = self._gains
        for other, mixture in enumerate(profile):
            if other != player:
                gains = contract(gains, mixture[None], other)
        return gains.reshape(-1, self.game.n_players)

    def _halves(self, region: Region) -> list[Region]:
        """Return the region cut in two at the middle of the longest edge of its simplices."""
        longest, cut = 0.0, (0, [0, 0])
        for player, corners in enumerate(region):
            if player == self._free:
                continue
            distance = np.abs(corners[:, None] - corners[None]).max(axis=-1)
            if distance.max() > longest:
                longest = float(distance.max())
                cut = player, [int(k) for k in np.unravel_index(distance.argmax(), distance.shape)]
        if longest == 0.0:
            return []
        player, ends = cut
        middle = region[player][ends].mean(axis=0)
        halves = []
        for end in ends:
            corners = region[player].copy()
            corners[end] = middle
            halves.append((*region[:player], corners, *region[player + 1 :]))
        return halves


def contract(gains: FloatArray, mixtures: FloatArray, axis: int) -> FloatArray:
    """Return gains with the actions on an axis replaced by `mixtures[k, n_actions]`."""
    return np.moveaxis(np.tensordot(mixtures, gains, axes=(1, axis)), 0, axis)


def marginal(joint: FloatArray, axis: int) -> FloatArray:
    """Return the distribution on one axis of a joint distribution."""
    return np.asarray(joint.sum(axis=tuple(k for k in range(joint.ndim) if k != axis)))


def _best_lottery(gains: FloatArray, prices: FloatArray) -> tuple[float, FloatArray] | None:
    """Return the largest sum of non-negative gains times prices and its lottery `[m]` over `gains[m, n]`.

    None if every lottery makes somebody lose.
    """
    if gains.shape[1] == 2:
        frontier = Frontier.of(gains)
        stretch = frontier.above((0.0, 0.0))
        if stretch is None:
            return None
        positions = frontier.positions(stretch)
        values = [float(np.dot(prices, frontier.point(position))) for position in positions]
        best = int(np.argmax(values))
        return values[best], frontier.weights(positions[best], len(gains))
    weights = linear_programs.best_lottery(gains @ prices, gains, np.zeros(len(prices)))
    return None if weights is None else (float(weights @ gains @ prices), weights)
