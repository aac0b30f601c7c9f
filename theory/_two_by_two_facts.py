r"""What a verdict needs to know of many 2x2 games, whatever outcome is judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory._checks import FloatArray
from theory._two_by_two import BoolArray, ScaledGames, mix, security_levels
from theory._two_by_two_bargaining import BargainingPoints, bargaining_points
from theory._two_by_two_slack import SLACK_WITHIN
from theory.equilibria_2x2 import batch_equilibria
from theory.facts import welfare_spread
from theory.pareto import TOLERANCE
from theory.security import SAME_PAYOFFS


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
        cls, payoffs: FloatArray, *, disagreement: str | FloatArray, within: str, first_game: int = 0
    ) -> TwoByTwoFacts:
        """Return the facts of `payoffs[2, 4, games]`; `disagreement` is a name or `[2, games]` payoffs."""
        games = ScaledGames.of(payoffs)
        security = security_levels(games.cells)
        equilibria = _Equilibria.of(games)
        if isinstance(disagreement, str):
            point = _named_point(disagreement, games, security, equilibria, first_game)
        else:
            point = (disagreement - games.lowest) / games.scale
        welfare = payoffs.sum(axis=0)
        lowest, highest = welfare.min(axis=0), welfare.max(axis=0)
        magnitude = np.abs(payoffs).max(axis=1).sum(axis=0)
        return cls(
            games,
            security,
            point,
            bargaining_points(games.cells, point),
            lowest,
            welfare_spread(lowest, highest, games.scale.sum(axis=0), magnitude),
            np.where(equilibria.exists, equilibria.welfare, -np.inf).max(axis=0),
            np.where(equilibria.exists, equilibria.welfare, np.inf).min(axis=0),
            _any_pareto_optimal(games, equilibria, within),
        )


@dataclass(frozen=True, eq=False)
class _Equilibria:
    """Extreme equilibria: scaled `payoffs[k, 2, games]`, `welfare[k, games]`, and whether there is a k-th."""

    payoffs: FloatArray
    welfare: FloatArray
    exists: BoolArray

    @classmethod
    def of(cls, games: ScaledGames) -> _Equilibria:
        # From the scaled payoffs, in which ties are exact.
        tensors = np.moveaxis(games.cells, -1, 0).reshape(-1, 2, 2, 2)
        p, q = np.moveaxis(batch_equilibria(tensors).first_action, (2, 1), (0, 1))
        a, b = games.payoffs
        return cls(
            np.stack([mix(cells[:, None], p, q) for cells in games.cells], axis=1),
            mix(a[:, None], p, q) + mix(b[:, None], p, q),
            ~np.isnan(p),
        )


def _any_pareto_optimal(games: ScaledGames, equilibria: _Equilibria, within: str) -> BoolArray:
    # The best payoffs in a maximal Nash subset are those of an extreme equilibrium (see `theory.facts`).
    which, game = np.nonzero(equilibria.exists)
    payoffs = equilibria.payoffs[which, :, game].T
    slack, _ = SLACK_WITHIN[within](games.cells[..., game], payoffs, (1.0, 1.0))
    optimal = np.zeros(equilibria.exists.shape[1], dtype=bool)
    optimal[game[slack <= TOLERANCE]] = True
    return optimal


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
    exists = equilibria.exists[:, None]
    low = np.where(exists, equilibria.payoffs, np.inf).min(axis=0)
    high = np.where(exists, equilibria.payoffs, -np.inf).max(axis=0)
    several: NDArray[np.bool_] = (high - low > SAME_PAYOFFS).any(axis=0)
    if several.any():
        raise ValueError(
            'disagreement "nash" needs equilibria that all pay the same, got several in game '
            f"{first_game + int(several.argmax())}. Which one is a selection: give the payoffs that you mean"
        )
    return np.asarray(equilibria.payoffs[equilibria.exists.argmax(axis=0), :, np.arange(low.shape[1])].T)
