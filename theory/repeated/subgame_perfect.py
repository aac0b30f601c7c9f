r"""What patient players can sustain: subgame-perfect equilibria of a repeated game of two players.

Players repeat a game with perfect monitoring and a common discount factor d; payoffs are means,
(1 - d) sum_t d^t g(a_t). Each turn may begin with a public lottery. Then, on and off the path of play,
they choose pure actions or a Nash equilibrium of the stage game, which may be mixed. (What other mixtures
could add, which nobody observes, is not computed; results say where they can add nothing.)

Let h_i(a) be what player i gains by its best deviation from the action pair a, and u_i the worst
equilibrium payoff of player i. Actions a with promised payoffs w are incentive-compatible where

    w_i >= u_i + (1 - d) / d h_i(a)    for both i,

and give (1 - d) g(a) + d w. The equilibrium payoffs are the largest bounded set that is the convex hull of
what promises from the set itself give (Abreu, Pearce & Stacchetti 1990, Econometrica 58). A corner of it
that is made with a is g(a) itself, or its promise meets a constraint with equality (Abreu & Sannikov 2014,
"An algorithm for two-player repeated games with perfect monitoring", Theoretical Economics 9).
Iterating this from the feasible payoffs, with u from the security levels up, closes in on the set from
outside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from theory.arguments import checked, count, number
from theory.bargaining.security import minimax_levels, security_levels
from theory.checks import FloatArray, finite_array, number_within, truth_value
from theory.equilibria.nash import nash_equilibria
from theory.games.checks import two_player_game
from theory.games.game import Game
from theory.geometry.polygons import Point, Polygon, contains, convex_hull, half_plane

# Lengths in units of each player's payoff range: what is rounding, and what is a set that moves no more.
ROUNDING = 1e-12
SETTLED = 1e-11

# Nearer to 1 the constraints (1 - d) / d h(a) drown in rounding.
LARGEST_DISCOUNT = 1.0 - 2.0**-20

MAX_ITERATIONS = 5_000


@dataclass(frozen=True, eq=False)
class EquilibriumPayoffs:
    """The payoffs of subgame-perfect equilibria with public lotteries.

    Attributes
    ----------
    discount
        The discount factor.
    vertices
        `[k, 2]`: corners of the set, counterclockwise; `[0, 2]` where there is no such equilibrium.
    punishments
        `[2]`: each player's worst equilibrium payoff; None where there is no such equilibrium.
    complete
        Whether the iteration came to rest. If not, `vertices` bound the set from outside.
    iterations
        Number of iterations made.
    """

    discount: float
    vertices: FloatArray
    punishments: FloatArray | None
    complete: bool
    iterations: int


@checked(game=two_player_game, discount=number(), stage_mixtures=truth_value, max_iterations=count())
def subgame_perfect_payoffs(
    game: Game, discount: float, *, stage_mixtures: bool = True, max_iterations: int = MAX_ITERATIONS
) -> EquilibriumPayoffs:
    """Return the equilibrium payoffs of the game repeated with a discount factor.

    Parameters
    ----------
    game
        A game of two players.
    discount
        Weight of the next turn relative to this one, from 0 to 1 - 2^-20.
    stage_mixtures
        Whether a turn may play a mixed equilibrium of the stage game. If not, all actions are pure, as in
        Abreu & Sannikov (2014) and in quantecon's `RepeatedGame.equilibrium_payoffs`.
    max_iterations
        Bound on the iterations; a set that still moves then is returned with `complete` False.
    """
    d = number_within("discount", discount, 0.0, LARGEST_DISCOUNT)
    if max_iterations < 1:
        raise ValueError(f"max_iterations must be at least 1, got {max_iterations}")
    stage = UnitStage.of(game, stage_mixtures=stage_mixtures)
    found = stage.sustained(d, max_iterations)
    return EquilibriumPayoffs(
        discount=d,
        # A set that closes in on a segment keeps a width of rounding: drop it.
        vertices=stage.in_payoffs(convex_hull(found.polygon, tolerance=10 * SETTLED)),
        punishments=stage.in_payoffs([found.punishments])[0] if found.polygon else None,
        complete=found.settled,
        iterations=found.iterations,
    )


@dataclass(frozen=True)
class SustainedSet:
    """Payoffs in units of the players' ranges that an equilibrium can give, and the worst for each player."""

    polygon: Polygon
    punishments: Point
    settled: bool
    iterations: int


@dataclass(frozen=True)
class UnitStage:
    """A stage game with each player's payoffs mapped to [0, 1] (to 0 if they are all the same).

    Attributes
    ----------
    payoffs, gains
        For each action pair in the order of `game.pure_profiles()`, then for each mixed equilibrium: what
        both get, and what each would gain by deviating.
    floor
        A lower bound on both players' equilibrium payoffs.
    origin, scale
        `[2]`: payoff = origin + scale * unit payoff.
    """

    payoffs: tuple[Point, ...]
    gains: tuple[Point, ...]
    floor: Point
    origin: FloatArray
    scale: FloatArray

    @classmethod
    def of(cls, game: Game, *, stage_mixtures: bool) -> UnitStage:
        """Return the unit form of a game of two players."""
        game = game.as_read
        origin = game.outcomes.min(axis=0)
        scale = np.where(game.payoff_range > 0, game.payoff_range, 1.0)
        best = [game.payoffs[i].max(axis=i, keepdims=True) - game.payoffs[i] for i in (0, 1)]
        payoffs = [game.outcomes]
        gains = [np.stack(best).reshape(2, -1).T / scale]
        if stage_mixtures:
            profiles = nash_equilibria(game).profiles
            payoffs.append(np.array([game.expected_payoffs(profile) for profile in profiles]))
            gains.append(np.zeros((len(profiles), 2)))
        gain = np.concatenate(gains)
        gain[gain <= ROUNDING] = 0.0
        floor = security_levels(game) if stage_mixtures else minimax_levels(game)
        return cls(
            payoffs=_as_points((np.concatenate(payoffs) - origin) / scale),
            gains=_as_points(gain),
            floor=_as_points([(floor - origin) / scale])[0],
            origin=origin,
            scale=scale,
        )

    def in_units(self, payoffs: FloatArray) -> Point:
        """Return `payoffs[2]` in units of the players' ranges."""
        return _as_points([(payoffs - self.origin) / self.scale])[0]

    def gain_in_units(self, gains: FloatArray) -> Point:
        """Return gains `[2]` in units of the players' ranges."""
        return _as_points([gains / self.scale])[0]

    def in_payoffs(self, points: Polygon | list[Point]) -> FloatArray:
        """Return `[k, 2]` payoffs of points in units."""
        return np.asarray(self.origin + self.scale * np.array(points, dtype=float).reshape(-1, 2))

    def sustained(self, discount: float, max_iterations: int) -> SustainedSet:
        """Iterate the Abreu-Sannikov operator from the feasible payoffs until the set rests."""
        polygon = convex_hull(self.payoffs, tolerance=ROUNDING)
        punishments = self.floor
        for iteration in range(1, max_iterations + 1):
            corners = self._corners(discount, polygon, punishments)
            smaller = convex_hull(corners, tolerance=ROUNDING)
            if not smaller:
                return SustainedSet((), punishments, True, iteration)
            worst = (
                max(punishments[0], min(corner[0] for corner in smaller)),
                max(punishments[1], min(corner[1] for corner in smaller)),
            )
            # Punishments move only if the set does.
            settled = all(contains(smaller, corner, tolerance=SETTLED) for corner in polygon)
            polygon, punishments = smaller, worst
            if settled:
                return SustainedSet(polygon, punishments, True, iteration)
        return SustainedSet(polygon, punishments, False, max_iterations)

    def _corners(self, discount: float, polygon: Polygon, punishments: Point) -> Iterator[Point]:
        """Yield all points that can be corners of what promises from `polygon` give."""
        for payoff, gain in zip(self.payoffs, self.gains, strict=True):
            least = least_promise(discount, gain, punishments)
            if least is None:
                continue
            if payoff[0] >= least[0] - ROUNDING and payoff[1] >= least[1] - ROUNDING:
                yield payoff
                continue
            allowed = half_plane(polygon, 0, least[0], tolerance=ROUNDING)
            allowed = half_plane(allowed, 1, least[1], tolerance=ROUNDING)
            for promise in allowed:
                if promise[0] <= least[0] + ROUNDING or promise[1] <= least[1] + ROUNDING:
                    yield (
                        (1.0 - discount) * payoff[0] + discount * promise[0],
                        (1.0 - discount) * payoff[1] + discount * promise[1],
                    )


def least_promise(discount: float, gain: Point, punishments: Point) -> Point | None:
    """Return the promised payoffs below which a player would deviate; None if no promise is enough."""
    if discount == 0.0:
        return None if gain[0] > 0 or gain[1] > 0 else punishments
    patience = (1.0 - discount) / discount
    return (punishments[0] + patience * gain[0], punishments[1] + patience * gain[1])


def _as_points(rows: ArrayLike) -> tuple[Point, ...]:
    return tuple((float(x), float(y)) for x, y in finite_array("payoffs", rows))
