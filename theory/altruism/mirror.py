r"""Mirroring the other's cooperativeness: alpha <- beta_hat + epsilon (thesis sections 5.2 and 5.4).

Player 1 weighs player 2's payoff by alpha, player 2 weighs player 1's by beta, both in [0, 1]. Each sets
its own weight to its estimate of the other's plus a *generosity* epsilon (negative where it is stingy):

    alpha' = clip(beta_hat + epsilon_1, 0, 1),    beta' = clip(alpha_hat + epsilon_2, 0, 1).

This file answers where that leads when the estimates are perfect (beta_hat = beta). With
S = epsilon_1 + epsilon_2, one round trip moves each weight by S until it meets a bound, hence **the sum
of the generosities decides**: S > 0 climbs to (1, 1) or as near as the stingier player allows, S < 0
falls to (0, 0) or as near as the more generous one allows. For S = 0 nothing drives the pair: a segment
of points is fixed, and every other start echoes for ever when both update at once, as Tit-for-Tat
does, and stops at once when they take turns. What follows where weights must be read off actions is
in `theory.altruism.action_mirror`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import FloatArray, finite_array, finite_number, known_name, whole_number

Update = Literal["simultaneous", "alternating"]

# A path of so many weights takes half a minute and some GB.
MOST_UPDATES = 10**7

# Sums of generosities this small are rounding of a zero such as 0.1 + 0.2 - 0.3.
ZERO_SUM = 1e-12


def mirror_step(
    weights: FloatArray, generosity: tuple[float, float], *, update: Update = "simultaneous"
) -> FloatArray:
    """Return `[2]`: (alpha, beta) after one update, in which player 1 moves first when they alternate."""
    known_name("update", update, get_args(Update))
    epsilon = finite_array("generosity", generosity)
    if epsilon.shape != (2,):
        raise ValueError(f"generosity must be two numbers, got shape {epsilon.shape}")
    return _updated(_weights("weights", weights), (float(epsilon[0]), float(epsilon[1])), update)


def _updated(weights: FloatArray, generosity: tuple[float, float], update: Update) -> FloatArray:
    alpha = min(1.0, max(0.0, weights[1] + generosity[0]))
    seen = alpha if update == "alternating" else weights[0]
    return np.array([alpha, min(1.0, max(0.0, seen + generosity[1]))])


@dataclass(frozen=True, eq=False)
class MirrorFixedPoints:
    """Where perfect mirroring can rest.

    Attributes
    ----------
    generosity
        (epsilon_1, epsilon_2).
    vertices
        `[1, 2]`: the only fixed point (alpha, beta), or `[2, 2]`: the ends of the segment of fixed points.
    continuum
        Whether there is such a segment.
    step_bound
        After so many updates every start has come to rest; None where some starts never rest
        (simultaneous updates with generosities that sum to zero).
    """

    generosity: tuple[float, float]
    vertices: FloatArray
    continuum: bool
    step_bound: int | None

    def limit(self, start: tuple[float, float], *, update: Update = "simultaneous") -> FloatArray:
        """Return where `start` ends: `[1, 2]` a fixed point, or `[2, 2]` the two points of a cycle.

        This is the closed form of the basins. With generosities that do not sum to zero everything
        ends at the one fixed point. If they do, epsilon_1 = -epsilon_2 = e, the first round trip clips
        alpha to [max(e, 0), min(1 + e, 1)] and beta to [max(-e, 0), min(1 - e, 1)], later ones nothing.
        """
        known_name("update", update, get_args(Update))
        weights = _weights("start", start)
        if self.step_bound is not None:
            return self.vertices.copy()
        settled = np.clip(weights, self.vertices.min(axis=0), self.vertices.max(axis=0))
        if update == "alternating":
            return _updated(weights, self.generosity, update)[None]
        echo = _updated(settled, self.generosity, "simultaneous")
        if np.abs(echo - settled).max() <= ZERO_SUM:
            return settled[None]
        return np.stack([settled, echo])


def mirror_fixed_points(epsilon_1: float, epsilon_2: float) -> MirrorFixedPoints:
    """Return the fixed points of perfect mirroring with generosities epsilon_1 and epsilon_2.

    The fixed point is (min(1, 1 + epsilon_1), min(1, 1 + epsilon_2)) where epsilon_1 + epsilon_2 > 0, so
    that full cooperation is reached if and only if neither is stingy; (max(0, epsilon_1), max(0, epsilon_2))
    where the sum is negative; and where it is zero the segment alpha = beta + epsilon_1, of which only one
    point is left if |epsilon_1| >= 1. All are clipped to [0, 1].
    """
    generosity = (finite_number("epsilon_1", epsilon_1), finite_number("epsilon_2", epsilon_2))
    total = generosity[0] + generosity[1]
    upper = [min(1.0, max(0.0, 1.0 + epsilon)) for epsilon in generosity]
    lower = [min(1.0, max(0.0, epsilon)) for epsilon in generosity]
    if abs(total) > ZERO_SUM:
        # A round trip takes two updates and moves a weight that is not yet at rest by at least |total|.
        rest = upper if total > 0 else lower
        round_trips = ceil((1.0 - ZERO_SUM) / abs(total))
        return MirrorFixedPoints(generosity, np.array([rest]), False, 2 * round_trips)
    if abs(generosity[0]) >= 1.0:
        return MirrorFixedPoints(generosity, np.array([lower]), False, 2)
    return MirrorFixedPoints(generosity, np.array([lower, upper]), True, None)


@dataclass(frozen=True, eq=False)
class MirrorTrajectory:
    """A run of the mirror map.

    Attributes
    ----------
    weights
        `[updates + 1, 2]`: (alpha, beta) from the start on, up to where the pair rests or closes a cycle.
    period
        1 at a fixed point, 2 in an echo, 0 if `max_updates` came first.
    updates
        Number of updates until the rest, or the cycle, was entered (all of them if `period` is 0).
    """

    weights: FloatArray
    period: int
    updates: int


def mirror_trajectory(
    start: tuple[float, float],
    epsilon_1: float,
    epsilon_2: float,
    *,
    update: Update = "simultaneous",
    max_updates: int = 10_000,
) -> MirrorTrajectory:
    """Follow perfect mirroring from the weights `start`, one update of both players at a time.

    Parameters
    ----------
    start
        (alpha, beta) in [0, 1].
    epsilon_1, epsilon_2
        The generosities.
    update
        `"simultaneous"`, or `"alternating"`: player 2 already sees player 1's new weight.
    max_updates
        Bound on the number of updates; a trajectory that meets it has `period` 0.
    """
    known_name("update", update, get_args(Update))
    max_updates = whole_number("max_updates", max_updates, at_least=1, at_most=MOST_UPDATES)
    generosity = (finite_number("epsilon_1", epsilon_1), finite_number("epsilon_2", epsilon_2))
    path = [_weights("start", start)]
    for _ in range(max_updates):
        path.append(_updated(path[-1], generosity, update))
        # Updates repeat themselves only at rest or in echoes of two; the rest is looked for first.
        for period in (1, 2):
            if len(path) > period and np.abs(path[-1] - path[-1 - period]).max() <= ZERO_SUM:
                visited = len(path) - period
                return MirrorTrajectory(np.array(path[: visited + period - 1]), period, visited - 1)
    return MirrorTrajectory(np.array(path), 0, max_updates)


def _weights(name: str, values: ArrayLike) -> FloatArray:
    weights = finite_array(name, values)
    if weights.shape != (2,) or (weights < 0).any() or (weights > 1).any():
        raise ValueError(f"{name} must be two weights in [0, 1], got {values!r}")
    return weights
