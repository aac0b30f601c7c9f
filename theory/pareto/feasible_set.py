"""Payoffs that lotteries over outcomes can reach: their corners, frontier and individually rational part."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from theory.arguments import checked, number
from theory.checks import FloatArray, number_within, payoff_array
from theory.games.checks import matrix_game, payoffs_of_players
from theory.games.game import StrategicGame
from theory.geometry.frontier import Frontier, payoff_scale, rounding_of
from theory.geometry.hulls import check_later_cuts, corners_of, distance_to_hull, points_above
from theory.geometry.linear_programs import best_lottery, largest_gains
from theory.resolution import resolution_of, spread_between

# Points closer to a set than this fraction of the players' ranges belong to it.
TOLERANCE = 1e-9


class NoRationalAgreement(ValueError):  # noqa: N818 - the name says what is the case
    """No feasible payoff gives every player at least its disagreement payoff."""

    def __init__(self, disagreement: FloatArray) -> None:
        super().__init__(
            "some feasible payoff must give every player at least its disagreement payoff, "
            f"got disagreement point {disagreement.tolist()}, which is beyond all of them"
        )


class FeasibleSet:
    """The convex hull of outcomes' payoffs: what players reach by agreeing on a lottery.

    Parameters
    ----------
    outcomes
        `[m, n_players]` payoffs of the outcomes, finite. Duplicates, interior points and sets of lower
        dimension (one point, points on a line) are all right.

    Raises
    ------
    ValueError
        If the outcomes are not a finite array of that shape with at least one row and column.
    """

    def __init__(self, outcomes: ArrayLike) -> None:
        points = payoff_array("outcomes", outcomes)
        if points.ndim != 2 or 0 in points.shape:
            raise ValueError(
                "outcomes must have shape [m, n_players] with at least one row and one column, "
                f"got shape {points.shape}"
            )
        points.flags.writeable = False
        self._outcomes = points

    @classmethod
    def of(cls, game: StrategicGame) -> FeasibleSet:
        """Return the payoffs that lotteries over the game's pure profiles reach."""
        return cls(matrix_game("game", game).as_read.outcomes)

    @property
    def outcomes(self) -> FloatArray:
        """`[m, n_players]`: the outcomes as given, read-only."""
        return self._outcomes

    @property
    def n_players(self) -> int:
        """Number of players."""
        return int(self._outcomes.shape[1])

    @property
    def payoff_range(self) -> FloatArray:
        """`[n_players]`: largest minus smallest payoff of each player, 0 where only last bits differ."""
        lowest, highest = self._outcomes.min(axis=0), self._outcomes.max(axis=0)
        return spread_between(lowest, highest, resolution_of(self._outcomes.T))

    @cached_property
    def scale(self) -> FloatArray:
        """`[n_players]`: the payoff ranges by which distances are divided, 1 for a constant payoff."""
        return payoff_scale(self._outcomes)

    @cached_property
    def frontier(self) -> Frontier:
        """The path of efficient payoffs of two players."""
        if self.n_players != 2:
            raise ValueError(f"the frontier is a path for two players, got {self.n_players}")
        return Frontier.of(self._outcomes)

    @cached_property
    def vertices(self) -> FloatArray:
        """`[k, n_players]`: the corners; for two players counter-clockwise from player 1's worst payoff."""
        return np.asarray(self._outcomes[corners_of(self._outcomes)])

    @cached_property
    def pareto_frontier(self) -> FloatArray:
        """`[k, n_players]`: the corners that are strongly Pareto-optimal.

        For two players they are ordered by player 1's payoff and the frontier is the path along them.
        For more players a segment between two of them need not be on the frontier.
        """
        if self.n_players == 2:
            return np.asarray(self._outcomes[list(self.frontier.corners)])
        gains = self.vertices / self.scale
        total = gains.sum(axis=1)
        found = [best_lottery(total, gains, floor) for floor in gains]
        optimal = [w is None or w @ total <= total[k] + TOLERANCE for k, w in enumerate(found)]
        return np.asarray(self.vertices[optimal])

    def maximise(self, direction: ArrayLike) -> FloatArray:
        """Return `[k, n_players]`: the corners of the face on which payoffs @ direction is largest.

        Parameters
        ----------
        direction
            `[n_players]` weights of the players' payoffs.
        """
        weights = payoffs_of_players("direction", direction, self.n_players)
        values = self._outcomes @ weights
        rounding = rounding_of(self._outcomes, self.scale) * float(np.abs(weights) @ self.scale)
        best = self._outcomes[values >= values.max() - rounding]
        return np.asarray(best[corners_of(best)])

    def distance_to(self, point: ArrayLike) -> float:
        """Return the Euclidean distance of `point[n_players]` from the set, payoffs divided by `scale`."""
        target = payoffs_of_players("point", point, self.n_players)
        return distance_to_hull((self.vertices - target) / self.scale)

    @checked(tolerance=number(0.0))
    def contains(self, point: ArrayLike, *, tolerance: float = TOLERANCE) -> bool:
        """Return whether `point[n_players]` is at most `tolerance` (in payoff ranges) away from the set.

        Distances that the last bits of large payoffs explain are no distances.
        """
        allowed = number_within("tolerance", tolerance, 0.0, np.inf)
        return self.distance_to(point) <= max(allowed, rounding_of(self._outcomes, self.scale))

    def individually_rational(self, disagreement: ArrayLike) -> FeasibleSet:
        """Return the part that gives every player at least `disagreement[n_players]`.

        Raises
        ------
        NoRationalAgreement
            If there is no such part.
        ValueError
            If a cut would have too many corners to be listed (many players and outcomes): as a rule that is said
            before the time is spent on the cuts before it.
        """
        floor = payoffs_of_players("disagreement point", disagreement, self.n_players)
        # A part that rounding has cut off is looked for once more, below the floor by that rounding.
        for rounding in (0.0, rounding_of(self._outcomes, self.scale)):
            points = self.vertices
            cuts = list(enumerate((floor - rounding * self.scale).tolist()))
            for player, level in cuts:
                points = points_above(points, player, level)
                if not len(points):
                    break
                check_later_cuts(points, cuts[player + 1 :])
                points = points[corners_of(points)]
            else:
                return FeasibleSet(points)
        return self._thin_part(floor)

    def _thin_part(self, floor: FloatArray) -> FeasibleSet:
        """Return a part above the floor that cuts miss: thinner than that by which corners are told apart."""
        found = largest_gains((self._outcomes - floor) / self.scale)
        if found is None:
            raise NoRationalAgreement(floor)
        points = found[1] @ self._outcomes
        return FeasibleSet(points[corners_of(points)])

    def __repr__(self) -> str:
        return f"<FeasibleSet: {len(self._outcomes)} outcomes, {self.n_players} players>"
