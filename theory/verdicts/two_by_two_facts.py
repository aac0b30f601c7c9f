r"""What a verdict needs to know of many 2x2 games, whatever outcome is judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.bargaining.security import SAME_PAYOFFS
from theory.checks import FloatArray
from theory.equilibria.two_by_two import batch_equilibria
from theory.pareto.slack import TOLERANCE
from theory.resolution import spread_between
from theory.verdicts.two_by_two import BoolArray, ScaledGames, mix, security_levels
from theory.verdicts.two_by_two_bargaining import BargainingPoints, bargaining_points
from theory.verdicts.two_by_two_slack import relative_gain


@dataclass(frozen=True, eq=False)
class TwoByTwoFacts:
    """Facts of games; all arrays have the games last.

    Attributes
    ----------
    games
        The games.
    security, disagreement
        `[2, games]`, scaled.
    bargaining
        The bargaining points, scaled.
    lowest_welfare, welfare_spread
        `[games]`: smallest sum of payoffs, and largest minus smallest (0 if it is constant but for rounding).
    best_nash_welfare, worst_nash_welfare
        `[games]`, over all Nash equilibria.
    pareto_optimal_nash_exists
        `[games]`.
    """

    games: ScaledGames
    security: FloatArray
    disagreement: FloatArray
    bargaining: BargainingPoints
    lowest_welfare: FloatArray
    welfare_spread: FloatArray
    best_nash_welfare: FloatArray
    worst_nash_welfare: FloatArray
    pareto_optimal_nash_exists: BoolArray

    @classmethod
    def of(
        cls,
        payoffs: FloatArray,
        *,
        disagreement: str | FloatArray,
        within: str,
        first_game: int = 0,
        resolution: FloatArray | None = None,
    ) -> TwoByTwoFacts:
        """Return the facts of `payoffs[2, 4, games]`; `disagreement` is a name or `[2, games]` payoffs."""
        games = ScaledGames.of(payoffs, resolution)
        security = security_levels(games.cells)
        equilibria = _Equilibria.of(games)
        if isinstance(disagreement, str):
            point = _named_point(disagreement, games, security, equilibria, first_game)
        else:
            point = (disagreement - games.lowest) / games.scale
        welfare = payoffs[0] + payoffs[1]
        lowest, highest = welfare.min(axis=0), welfare.max(axis=0)
        return cls(
            games,
            security,
            point,
            bargaining_points(games, point),
            lowest,
            spread_between(lowest, highest, games.resolution.sum(axis=0)),
            equilibria.over_games(np.maximum, equilibria.welfare),
            equilibria.over_games(np.minimum, equilibria.welfare),
            equilibria.over_games(np.logical_or, equilibria.is_pareto_optimal(within)),
        )


@dataclass(frozen=True, eq=False)
class _Equilibria:
    """The extreme equilibria of all games in one list, those of a game side by side.

    Attributes
    ----------
    games
        The game of each equilibrium (games recur).
    first
        `[games]`: where the equilibria of each game start.
    payoffs, welfare
        `[2, equilibria]` scaled, and `[equilibria]` in payoff units.
    """

    games: ScaledGames
    first: NDArray[np.intp]
    payoffs: FloatArray
    welfare: FloatArray

    @classmethod
    def of(cls, games: ScaledGames) -> _Equilibria:
        # From the scaled payoffs, in which ties are exact.
        found = batch_equilibria(np.moveaxis(games.cells, -1, 0).reshape(-1, 2, 2, 2))
        game, place = np.nonzero(~np.isnan(found.first_action[:, :, 0]))
        p, q = found.first_action[game, place].T
        of_equilibrium = games.select(game)
        return cls(
            of_equilibrium,
            np.cumsum(found.count, dtype=np.intp) - found.count,
            np.stack([mix(cells, p, q) for cells in of_equilibrium.cells]),
            np.add(*(mix(cells, p, q) for cells in of_equilibrium.payoffs)),
        )

    def is_pareto_optimal(self, within: str) -> BoolArray:
        """Return `[equilibria]`. By `theory.verdicts.facts`, a game has optimal equilibria iff an extreme one is."""
        return np.asarray(relative_gain(self.games, self.payoffs, within) <= TOLERANCE)

    def over_games(self, function: np.ufunc, values: NDArray[Any]) -> NDArray[Any]:
        """Return `[..., games]`: a ufunc such as `np.minimum` over `values[..., equilibria]` of each game."""
        if not len(self.first):
            return values
        return np.asarray(function.reduceat(values, self.first, axis=-1))


def _named_point(
    name: str, games: ScaledGames, security: FloatArray, equilibria: _Equilibria, first_game: int
) -> FloatArray:
    cc, cd, dc, dd = (games.cells[:, k] for k in range(4))
    if name == "security":
        return security
    if name == "defection":
        return dd
    if name == "minimax":  # of pure actions: the best reply to the action of the other that allows least
        return np.stack(
            [
                np.minimum(np.maximum(cc[0], dc[0]), np.maximum(cd[0], dd[0])),
                np.minimum(np.maximum(cc[1], cd[1]), np.maximum(dc[1], dd[1])),
            ]
        )
    low = equilibria.over_games(np.minimum, equilibria.payoffs)
    several = (equilibria.over_games(np.maximum, equilibria.payoffs) - low > SAME_PAYOFFS).any(axis=0)
    if several.any():
        raise ValueError(
            'disagreement "nash" needs equilibria that all pay the same, got several in game '
            f"{first_game + int(several.argmax())}. Which one is a selection: give the payoffs that you mean"
        )
    return equilibria.payoffs[:, equilibria.first]
