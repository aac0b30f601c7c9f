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

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from theory.arguments import checked
from theory.bargaining.lotteries import (
    NO_GAIN,
    THIN,
    largest_product,
    largest_product_with_bounds,
    lexicographic_max_min,
)
from theory.bargaining.security import disagreement_point
from theory.checks import BoolArray, FloatArray, truth_value
from theory.games.checks import matrix_game, payoffs_of_players
from theory.games.game import StrategicGame
from theory.geometry.frontier import Frontier
from theory.geometry.hulls import distance_to_hull
from theory.geometry.linear_programs import best_lottery, largest_gains
from theory.pareto.feasible_set import FeasibleSet, NoRationalAgreement
from theory.tables import ShownAsTables, Table, to_four_figures

__all__ = ["BargainingProblem", "BargainingSolution", "NoRationalAgreement"]

# Gains that differ by less than this fraction of the largest payoff range are equal.
EQUAL_GAINS = 1e-7


@dataclass(frozen=True, eq=False)
class BargainingSolution(ShownAsTables):
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

    def as_tables(self) -> list[Table]:
        """Return what players get and gain, as notebooks show it."""
        rows = [
            (f"player {i + 1}", to_four_figures(float(payoff)), to_four_figures(float(gain)))
            for i, (payoff, gain) in enumerate(zip(self.point, self.gains, strict=True))
        ]
        note = "All gain the same." if self.gains_equal else ""
        if len(self.face) > 1:
            note += " Other points are as good by this notion."
        return [
            Table(f"{self.name} solution", ("player", "payoff", "gain over disagreement"), rows, note.strip())
        ]

    def distance_to(self, payoffs: ArrayLike) -> float:
        """Return the Euclidean distance of `payoffs[n_players]` from the solution, in payoff ranges.

        Each player's payoffs are divided by that player's range. A face is as far as its nearest point.
        """
        target = payoffs_of_players("payoffs", payoffs, len(self.point))
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
        self.disagreement = payoffs_of_players("disagreement point", disagreement, self.n_players)
        self.disagreement.flags.writeable = False

    @classmethod
    def of(cls, game: StrategicGame, disagreement: str | ArrayLike = "security") -> BargainingProblem:
        """Return the problem of a game; `disagreement` is a name or payoffs (see `disagreement_point`)."""
        return cls(matrix_game("game", game).as_read.outcomes, disagreement_point(game, disagreement))

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
        return self.disagreement + self._largest_gains[0] * self.feasible_set.scale

    def nash(self) -> BargainingSolution:
        """Return the feasible payoffs with the largest product of gains."""
        if self.n_players == 2:
            position = _position_of_largest_product(self._frontier, self._rational_stretch, self.disagreement)
            return self._solution_at(position, "Nash")
        (largest, lotteries), winners = self._largest_gains, self._winners
        if not winners.any():
            return self._solution(lotteries[0], "Nash")
        fractions = self._unit_gains / np.where(winners, largest, 1.0)
        if (fractions[:, ~winners] < 0).any() or largest[winners].min() < THIN:
            weights = largest_product_with_bounds(fractions, winners, lotteries)
        else:
            weights = largest_product(fractions[:, winners], lotteries[winners].mean(axis=0))
        return self._solution(weights, "Nash")

    def kalai_smorodinsky(self) -> BargainingSolution:
        """Return the efficient payoffs at which all gains are the same fraction of the largest ones.

        For three or more players the lexicographic solution of Imai (1983): the smallest fraction is
        largest, then the second smallest, and so on.
        """
        name, ideal = "Kalai-Smorodinsky", self.ideal_point
        if self.n_players == 2:
            largest = ideal - self.disagreement
            position = self._frontier.balanced(self._rational_stretch, self.disagreement, largest)
            return self._solution_at(position, name, ideal=ideal)
        (largest, lotteries), winners = self._largest_gains, self._winners
        if not winners.any():
            return self._solution(lotteries[0], name, ideal=ideal)
        fractions = self._unit_gains / np.where(winners, largest, 1.0)
        weights = lexicographic_max_min(
            fractions[:, winners], kept=fractions[:, ~winners], floor=np.minimum(largest[~winners], 0.0)
        )
        return self._solution(weights, name, ideal=ideal)

    def egalitarian(self) -> BargainingSolution:
        """Return the payoffs with the largest smallest gain, then the largest second smallest, and so on."""
        if self.n_players == 2:
            position = self._frontier.balanced(self._rational_stretch, self.disagreement, (1.0, 1.0))
            return self._solution_at(position, "egalitarian")
        _ = self._largest_gains  # raises where there is no rational agreement
        return self._solution(lexicographic_max_min(self._common_gains), "egalitarian")

    @checked(rational=truth_value)
    def utilitarian(self, *, rational: bool = False) -> BargainingSolution:
        """Return the payoffs with the largest sum.

        Parameters
        ----------
        rational
            Whether only payoffs that give everybody at least the disagreement point count. Without it the
            disagreement point matters only for which point of a face is selected.
        """
        name = "utilitarian"
        if self.n_players == 2:
            within = self._rational_stretch if rational else self._frontier.whole
            stretch = self._frontier.largest_sum(within)
            position = self._frontier.balanced(stretch, self.disagreement, (1.0, 1.0))
            ends = [self._frontier.point(end) for end in dict.fromkeys(stretch)]
            return self._solution_at(position, name, face=np.array(ends))
        gains = self._common_gains
        total, everybody = gains.sum(axis=1), np.ones(self.n_players)
        if not rational:
            face = self.feasible_set.maximise(everybody)
            kept, floor = total[:, None], np.array([total.max()])
        else:
            # That some agreement is rational, and how large its sum can be, linear programs say without corners.
            _ = self._largest_gains
            best = best_lottery(total, self._unit_gains, np.zeros(self.n_players))
            if best is None:
                raise NoRationalAgreement(self.disagreement)
            face = self.feasible_set.individually_rational(self.disagreement).maximise(everybody)
            kept = np.hstack([total[:, None], gains])
            floor = np.append(best @ total, np.minimum(best @ gains, 0.0))
        return self._solution(lexicographic_max_min(gains, kept=kept, floor=floor), name, face=face)

    @property
    def _frontier(self) -> Frontier:
        return self.feasible_set.frontier

    @cached_property
    def _rational_stretch(self) -> tuple[float, float]:
        stretch = self._frontier.above(self.disagreement)
        if stretch is None:
            raise NoRationalAgreement(self.disagreement)
        return stretch

    @cached_property
    def _unit_gains(self) -> FloatArray:
        return np.asarray((self.outcomes - self.disagreement) / self.feasible_set.scale)

    @cached_property
    def _common_gains(self) -> FloatArray:
        return np.asarray((self.outcomes - self.disagreement) / self.feasible_set.scale.max())

    @cached_property
    def _largest_gains(self) -> tuple[FloatArray, FloatArray]:
        """Each player's largest gain, in its payoff range, and a lottery for each."""
        found = largest_gains(self._unit_gains)
        if found is None:
            raise NoRationalAgreement(self.disagreement)
        return found

    @property
    def _winners(self) -> BoolArray:
        return np.asarray(self._largest_gains[0] > NO_GAIN)

    def _solution_at(
        self, position: float, name: str, *, ideal: FloatArray | None = None, face: FloatArray | None = None
    ) -> BargainingSolution:
        weights = self._frontier.weights(position, len(self.outcomes))
        return self._solution(weights, name, ideal=ideal, face=face)

    def _solution(
        self,
        weights: FloatArray,
        name: str,
        *,
        ideal: FloatArray | None = None,
        face: FloatArray | None = None,
    ) -> BargainingSolution:
        point = weights @ self.outcomes
        gains = point - self.disagreement
        scale = self.feasible_set.scale
        return BargainingSolution(
            name=name,
            point=point,
            weights=weights,
            gains=gains,
            gains_equal=bool(gains.max() - gains.min() <= EQUAL_GAINS * scale.max()),
            ideal=ideal,
            face=point[None] if face is None else face,
            scale=scale,
        )

    def __repr__(self) -> str:
        return (
            f"<BargainingProblem: {len(self.outcomes)} outcomes, {self.n_players} players, "
            f"disagreement point {self.disagreement.tolist()}>"
        )


def _position_of_largest_product(
    frontier: Frontier, stretch: tuple[float, float], disagreement: FloatArray
) -> float:
    """Return the position on a stretch of two players' frontier with the largest product of gains.

    On an edge from gains (p, q) to (p + r, q + s), where r > 0 > s, the product (p + t r)(q + t s) is largest
    at t = -(p s + q r) / (2 r s), or at the end that is nearer to it.
    """
    positions = frontier.positions(stretch)
    best, largest = positions[0], -np.inf
    # In payoff ranges, so that products neither vanish nor overflow.
    gains = [np.array(frontier.gains(k, disagreement)) / frontier.scale for k in positions]
    for k, (start, end) in enumerate(pairwise(positions)):
        p, q = gains[k].tolist()
        r, s = (gains[k + 1] - gains[k]).tolist()
        curvature = 2 * r * s  # 0 only where rounding makes the edge a point
        share = min(max(-(p * s + q * r) / curvature, 0.0), 1.0) if curvature < 0 else 0.0
        product = (p + share * r) * (q + share * s)
        if product > largest:
            best, largest = start + share * (end - start), product
    return best
