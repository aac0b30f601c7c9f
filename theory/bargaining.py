r"""Bargaining solutions: how to share what agreement gains (thesis sections 2.3 and 3.1.3).

A bargaining problem is the set F of payoffs that lotteries over outcomes reach and a *disagreement point* d,
the payoffs if no agreement is reached. With the gains g_i = u_i - d_i over the individually rational part
F_d = {u in F : u >= d},

- the *Nash* solution maximises the product of the gains (Nash 1950);
- the *Kalai-Smorodinsky* solution is the efficient point at which all gains are the same fraction of the
  largest ones, g_i = r (a_i - d_i), where the *ideal point* a has a_i = max of u_i over F_d (Kalai &
  Smorodinsky 1975): over F_d, not over F, so that outcomes that nobody would accept do not matter;
- the *egalitarian* solution maximises the smallest gain (Kalai 1977), then the next, and so on;
- the *utilitarian* solution maximises the sum of payoffs over all of F. It takes no account of d and may
  leave a player below it (thesis section 2.3), unless asked with `rational=True`.

All points are strongly Pareto-optimal. Where the plain definition gives none, several or a dominated point:

- Egalitarian gains are not equal wherever the equal-gains line leaves F before an efficient point; then the
  lexicographic maximum of the smallest gains is taken, and `gains_equal` is False.
- For three or more players the Kalai-Smorodinsky ray may leave F in the same way. The lexicographic
  solution of Imai (1983) is returned. For two players the ray always meets the efficient frontier.
- A player who cannot gain at all counts neither in the product nor in the fractions.
- The utilitarian maximum may be a face of F: `face` holds its corners, and `point` is that of its
  points whose smallest gains are lexicographically largest: for two players nearest to equal gains.

Two players are solved in closed form on the frontier, more by linear programs and Newton steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from theory import _bargaining_points as points
from theory._checks import FloatArray, finite_array, payoff_array
from theory._frontier import ROUNDING, Frontier, payoff_scale
from theory.feasible_set import FeasibleSet, NoRationalAgreement, distance_to_hull
from theory.games import StrategicGame
from theory.security import disagreement_point, outcomes_of

__all__ = ["BargainingProblem", "BargainingSolution", "NoRationalAgreement"]

# Gains that differ by less than this fraction of the largest payoff range are equal.
EQUAL_GAINS = 1e-7


@dataclass(frozen=True, eq=False)
class BargainingSolution:
    """What a notion of fairness selects.

    Attributes
    ----------
    name
        `"Nash"`, `"Kalai-Smorodinsky"`, `"egalitarian"` or `"utilitarian"`.
    point
        `[n_players]` payoffs.
    weights
        `[m]` a lottery over the problem's outcomes that gives `point`.
    gains
        `[n_players]` point minus disagreement point; negative only for a utilitarian solution.
    gains_equal
        Whether all players gain the same, up to 1e-7 of the largest payoff range.
    ideal
        `[n_players]` the ideal point by which Kalai-Smorodinsky divides; None for the others.
    face
        `[k, n_players]` corners of the set of all solutions: one row, except for utilitarian ties.
    scale
        `[n_players]` payoff ranges by which distances are divided (1 for a constant payoff).
    """

    name: str
    point: FloatArray
    weights: FloatArray
    gains: FloatArray
    gains_equal: bool
    ideal: FloatArray | None
    face: FloatArray
    scale: FloatArray

    def distance_to(self, payoffs: ArrayLike) -> float:
        """Return the Euclidean distance of `payoffs[n_players]` from the solution, in payoff ranges.

        Each player's payoffs are divided by that player's range. A face is as far as its nearest point.
        """
        target = finite_array("payoffs", payoffs)
        if target.shape != self.point.shape:
            raise ValueError(f"payoffs must be {len(self.point)} numbers, got shape {target.shape}")
        return distance_to_hull((self.face - target) / self.scale)


class BargainingProblem:
    """A set of outcomes over which players may agree on a lottery, and what happens if they do not.

    Parameters
    ----------
    outcomes
        `[m, n_players]` payoffs of the outcomes, finite.
    disagreement
        `[n_players]` payoffs if no agreement is reached; they need not be feasible.

    Raises
    ------
    ValueError
        If shapes do not fit or numbers are not finite.
    """

    def __init__(self, outcomes: ArrayLike, disagreement: ArrayLike) -> None:
        self.feasible_set = FeasibleSet(outcomes)
        point = payoff_array("disagreement point", disagreement)
        if point.shape != (self.n_players,):
            raise ValueError(f"disagreement point must be {self.n_players} payoffs, got shape {point.shape}")
        point.flags.writeable = False
        self.disagreement = point

    @classmethod
    def of(cls, game: StrategicGame, disagreement: str | ArrayLike = "security") -> BargainingProblem:
        """Return the problem of a game; `disagreement` is a name or payoffs (see `disagreement_point`)."""
        return cls(outcomes_of(game), disagreement_point(game, disagreement))

    @property
    def outcomes(self) -> FloatArray:
        """`[m, n_players]`: payoffs of the outcomes, read-only."""
        return self.feasible_set.outcomes

    @property
    def n_players(self) -> int:
        """Number of players."""
        return self.feasible_set.n_players

    @cached_property
    def ideal_point(self) -> FloatArray:
        """`[n_players]`: the most that each player gets where all get at least the disagreement point.

        Raises NoRationalAgreement where no feasible payoff gives them that.
        """
        if self.n_players == 2:
            low, high = self._rational_stretch
            return np.array([self._frontier.point(high)[0], self._frontier.point(low)[1]])
        return self.disagreement + self._largest_gains[0] * self._scale

    def nash(self) -> BargainingSolution:
        """Return the feasible payoffs with the largest product of gains."""
        if self.n_players == 2:
            return self._at(
                "Nash", largest_product(self._frontier, self._rational_stretch, self.disagreement)
            )
        largest, lotteries = self._largest_gains
        winners = largest > points.NO_GAIN
        if not winners.any():
            weights = lotteries[0]
        elif winners.all():
            weights = points.largest_product(self._unit_gains, lotteries.mean(axis=0))
        else:
            weights = points.largest_product_with_bounds(self._unit_gains, winners, lotteries)
        return self._solution("Nash", weights)

    def kalai_smorodinsky(self) -> BargainingSolution:
        """Return the efficient payoffs at which all gains are the same fraction of the largest ones."""
        name, ideal = "Kalai-Smorodinsky", self.ideal_point
        if self.n_players == 2:
            position = equal_gains(
                self._frontier, self._rational_stretch, self.disagreement, ideal - self.disagreement
            )
            return self._at(name, position, ideal=ideal)
        largest, lotteries = self._largest_gains
        winners = largest > points.NO_GAIN
        if not winners.any():
            return self._solution(name, lotteries[0], ideal=ideal)
        fractions = self._unit_gains / np.where(winners, largest, 1.0)
        weights = points.lexicographic_max_min(fractions, np.zeros(self.n_players), winners)
        return self._solution(name, weights, ideal=ideal)

    def egalitarian(self) -> BargainingSolution:
        """Return the payoffs with the largest smallest gain, then the largest second smallest, and so on."""
        if self.n_players == 2:
            position = equal_gains(self._frontier, self._rational_stretch, self.disagreement, (1.0, 1.0))
            return self._at("egalitarian", position)
        everybody = np.ones(self.n_players, dtype=bool)
        self._largest_gains  # noqa: B018 - raises where there is no rational agreement
        weights = points.lexicographic_max_min(self._common_gains, np.zeros(self.n_players), everybody)
        return self._solution("egalitarian", weights)

    def utilitarian(self, *, rational: bool = False) -> BargainingSolution:
        """Return the payoffs with the largest sum.

        Parameters
        ----------
        rational
            Whether only payoffs that give everybody at least the disagreement point count.
        """
        if self.n_players == 2:
            whole = (0.0, float(len(self._frontier.corners) - 1))
            stretch = largest_sum(self._frontier, self._rational_stretch if rational else whole)
            face = np.array([self._frontier.point(end) for end in dict.fromkeys(stretch)])
            position = equal_gains(self._frontier, stretch, self.disagreement, (1.0, 1.0))
            return self._at("utilitarian", position, face=face)
        within = self.feasible_set
        if rational:
            within = within.individually_rational(self.disagreement)
        face = within.maximise(np.ones(self.n_players))
        # The sum of gains is one more gain that has to be kept.
        total = self._common_gains.sum(axis=1)
        largest = float(((face - self.disagreement) / self._scale.max()).sum(axis=1).max())
        floor = np.append(np.full(self.n_players, 0.0 if rational else -np.inf), largest)
        weights = points.lexicographic_max_min(
            np.column_stack([self._common_gains, total]),
            floor,
            np.append(np.ones(self.n_players, dtype=bool), False),
        )
        return self._solution("utilitarian", weights, face=face)

    @cached_property
    def _scale(self) -> FloatArray:
        return payoff_scale(self.outcomes)

    @cached_property
    def _frontier(self) -> Frontier:
        return Frontier.of(self.outcomes)

    @cached_property
    def _rational_stretch(self) -> tuple[float, float]:
        stretch = self._frontier.above(self.disagreement.tolist())
        if stretch is None:
            raise self._no_agreement()
        return stretch

    @cached_property
    def _unit_gains(self) -> FloatArray:
        return np.asarray((self.outcomes - self.disagreement) / self._scale)

    @cached_property
    def _common_gains(self) -> FloatArray:
        return np.asarray((self.outcomes - self.disagreement) / self._scale.max())

    @cached_property
    def _largest_gains(self) -> tuple[FloatArray, FloatArray]:
        found = points.largest_gains(self._unit_gains)
        if found is None:
            raise self._no_agreement()
        return found

    def _no_agreement(self) -> NoRationalAgreement:
        return NoRationalAgreement(
            "a feasible payoff must give every player its disagreement payoff, "
            f"got disagreement point {self.disagreement.tolist()}, which no feasible payoff reaches"
        )

    def _at(
        self, name: str, position: float, *, ideal: FloatArray | None = None, face: FloatArray | None = None
    ) -> BargainingSolution:
        weights = self._frontier.weights(position, len(self.outcomes))
        return self._solution(
            name, weights, point=np.array(self._frontier.point(position)), ideal=ideal, face=face
        )

    def _solution(
        self,
        name: str,
        weights: FloatArray,
        *,
        point: FloatArray | None = None,
        ideal: FloatArray | None = None,
        face: FloatArray | None = None,
    ) -> BargainingSolution:
        payoffs = weights @ self.outcomes if point is None else point
        gains = payoffs - self.disagreement
        return BargainingSolution(
            name=name,
            point=payoffs,
            weights=weights,
            gains=gains,
            gains_equal=bool(gains.max() - gains.min() <= EQUAL_GAINS * self._scale.max()),
            ideal=ideal,
            face=payoffs[None] if face is None else face,
            scale=self._scale,
        )

    def __repr__(self) -> str:
        return (
            f"<BargainingProblem: {len(self.outcomes)} outcomes, {self.n_players} players, "
            f"disagreement point {self.disagreement.tolist()}>"
        )


def largest_product(
    frontier: Frontier, stretch: tuple[float, float], disagreement: Sequence[float] | FloatArray
) -> float:
    """Return the position on a stretch of the frontier with the largest product of gains.

    On an edge from gains (p, q) to (p + r, q + s) the product (p + t r)(q + t s) is largest at
    t = -(p s + q r) / (2 r s), or at the end that is nearer to it.
    """
    positions = frontier.positions(*stretch)
    gains = [_gains(frontier, position, disagreement) for position in positions]
    best, best_product = positions[0], gains[0][0] * gains[0][1]
    for start, end, (p, q), (p_end, q_end) in zip(positions, positions[1:], gains, gains[1:], strict=False):
        r, s = p_end - p, q_end - q
        t = min(max(-(p * s + q * r) / (2 * r * s), 0.0), 1.0) if r * s else 1.0
        product = (p + t * r) * (q + t * s)
        if product > best_product:
            best, best_product = start + t * (end - start), product
    return best


def equal_gains(
    frontier: Frontier,
    stretch: tuple[float, float],
    disagreement: Sequence[float] | FloatArray,
    units: Sequence[float] | FloatArray,
) -> float:
    """Return the position on a stretch where gains divided by `units` are equal, or the end nearest to that.

    Along the frontier player 1's gain rises and player 2's falls, so that there is one such point at most.
    """
    low, high = stretch
    if low == high:
        return low
    positions = frontier.positions(low, high)
    advantage = [
        first / units[0] - second / units[1]
        for first, second in (_gains(frontier, position, disagreement) for position in positions)
    ]
    if advantage[0] >= 0:
        return low
    if advantage[-1] <= 0:
        return high
    k = next(k for k in range(len(advantage)) if advantage[k + 1] > 0)
    share = advantage[k] / (advantage[k] - advantage[k + 1])
    return positions[k] + share * (positions[k + 1] - positions[k])


def largest_sum(frontier: Frontier, stretch: tuple[float, float]) -> tuple[float, float]:
    """Return the part of a stretch of the frontier with the largest sum of payoffs: a point or an edge."""
    positions = frontier.positions(*stretch)
    sums = [sum(frontier.point(position)) for position in positions]
    tie = ROUNDING * max(frontier.scale)
    best = [position for position, total in zip(positions, sums, strict=True) if total >= max(sums) - tie]
    return best[0], best[-1]


def _gains(
    frontier: Frontier, position: float, disagreement: Sequence[float] | FloatArray
) -> tuple[float, float]:
    first, second = frontier.point(position)
    return first - float(disagreement[0]), second - float(disagreement[1])
