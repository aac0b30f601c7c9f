r"""What observed play says: how often each outcome was played, and the two readings of these counts.

Play is read as a correlated outcome, and as independent mixtures.

A reading is an estimate of payoffs and regrets, a set that contains the true payoffs, and bounds of the true
regrets. The set is that of all means of `points` with weights within `bounds`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.checks import FloatArray, IntArray, finite_array, shown
from theory.equilibria.correlated import correlated_regrets
from theory.games.game import Game
from theory.statistics import Bounds, simultaneous_bounds

# Most combinations of the corners of all players' sets of mixtures.
MAX_CORNERS = 4096


def count_plays(
    game: Game, plays: ArrayLike | Sequence[Sequence[Any]], *, by_player: bool = False
) -> IntArray:
    """Return `[*n_actions]`: how often each outcome was played; arguments as for `judge_plays`."""
    table: Any = plays.tolist() if isinstance(plays, np.ndarray) else plays
    try:
        columns = [list(column) for column in (table if by_player else zip(*table, strict=True))]
        rounds = {len(column) for column in columns}
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"plays must give an action of every player in every round, got {shown(plays)}"
        ) from error
    if rounds == set() or rounds == {0}:
        raise ValueError("plays must hold at least one round, got none")
    if len(columns) != game.n_players or len(rounds) != 1:
        raise ValueError(
            f"plays must give an action of each of {game.n_players} players in every round, "
            f"got those of {len(columns)} in {' or '.join(map(str, sorted(rounds)))} rounds"
        )
    played = tuple(_positions(game, player, column) for player, column in enumerate(columns))
    counts = np.zeros(game.n_actions, dtype=np.int64)
    np.add.at(counts, played, 1)
    return counts


def _positions(game: Game, player: int, actions: list[Any]) -> NDArray[np.intp]:
    """Return the positions of a player's actions, given by position or by name."""
    names = game.actions[player]
    position = {name: k for k, name in enumerate(names)} | {k: k for k in range(len(names))}
    try:
        if any(isinstance(action, bool) for action in actions):
            raise KeyError
        return np.array([position[action] for action in actions], dtype=np.intp)
    except (KeyError, TypeError):
        number, wrong = next((t, a) for t, a in enumerate(actions) if not _is_known(a, position))
        raise ValueError(
            f"actions of {game.players[player]} must be one of {', '.join(names)} or a position below "
            f"{len(names)}, got {wrong!r} in round {number}, counted from 0"
        ) from None


def _is_known(action: Any, position: dict[Any, int]) -> bool:
    try:
        return action in position and not isinstance(action, bool)
    except TypeError:
        return False


def checked_counts(game: Game, counts: ArrayLike) -> FloatArray:
    """Return `[*n_actions]` counts of outcomes, or raise ValueError."""
    numbers = finite_array("counts", counts)
    if numbers.shape != game.n_actions:
        raise ValueError(f"counts must have shape {game.n_actions}, got {numbers.shape}")
    if (numbers < 0).any() or (numbers != np.floor(numbers)).any() or not numbers.any():
        raise ValueError(f"counts must be whole numbers from 0, not all 0, got {numbers.ravel().tolist()}")
    return numbers


@dataclass(frozen=True, eq=False)
class Reading:
    """What play says, read in one way.

    Attributes
    ----------
    payoffs, regrets
        `[n_players]`: estimates.
    points
        `[k, n_players]`, payoffs, and the bounds of their weights: the true payoffs are such a mean.
    bounds
        Of the weights.
    least_regrets, largest_regrets
        `[n_players]`: bounds of the true regrets.
    """

    payoffs: FloatArray
    regrets: FloatArray
    points: FloatArray
    bounds: Bounds
    least_regrets: FloatArray
    largest_regrets: FloatArray

    def range_of(self, weights: FloatArray) -> tuple[float, float]:
        """Return bounds of the true payoffs' sum weighted by `weights[n_players]`."""
        return self.bounds.range_of_mean(self.points @ weights)

    def payoff_bounds(self) -> tuple[FloatArray, FloatArray]:
        """Return `[n_players]` twice: the smallest and largest true payoffs."""
        ranges = np.array([self.bounds.range_of_mean(of_player) for of_player in self.points.T])
        return ranges[:, 0], ranges[:, 1]


def correlated_reading(game: Game, counts: FloatArray, *, error: float) -> Reading:
    """Read `counts[*n_actions]` of outcomes as a correlated outcome.

    The regret of a player is the sum over the actions a that it plays of the largest gain, over b, from
    playing b instead of a. Each gain is a mean over outcomes, and has bounds as such.
    """
    bounds = simultaneous_bounds(counts.ravel(), error=error)
    share = counts / counts.sum()
    least, largest = np.zeros(game.n_players), np.zeros(game.n_players)
    for i, n in enumerate(game.n_actions):
        for a in range(n):
            ranges = [bounds.range_of_mean(_gains(game, i, a, b)) for b in range(n)]
            least[i] += max(low for low, _ in ranges)
            largest[i] += max(high for _, high in ranges)
    return Reading(
        payoffs=share.ravel() @ game.outcomes,
        regrets=correlated_regrets(game, share),
        points=game.outcomes,
        bounds=bounds,
        least_regrets=least,
        largest_regrets=largest,
    )


def _gains(game: Game, player: int, played: int, instead: int) -> FloatArray:
    """Return `[n_outcomes]`: what `player` gains by another action where it plays `played`, 0 elsewhere."""
    payoffs = np.moveaxis(game.payoffs[player], player, 0)
    gains = np.zeros_like(payoffs)
    gains[played] = payoffs[instead] - payoffs[played]
    return np.asarray(np.moveaxis(gains, 0, player).ravel())


def independent_reading(
    game: Game, counts: FloatArray, *, error: float, most_corners: int = MAX_CORNERS
) -> Reading | None:
    """Read `counts[*n_actions]` of outcomes as independent mixtures.

    Each player's mixture lies in a polytope. Payoffs are linear in each player's mixture, so that extremes
    are reached where all players are at corners. Returns None if there are more than `most_corners`.
    """
    marginals = [_marginal(counts, i) for i in range(game.n_players)]
    of_player = [simultaneous_bounds(m, error=error / game.n_players) for m in marginals]
    if max(n * 2 ** (n - 1) for n in game.n_actions) > most_corners:
        return None
    corners = [bounds.corners() for bounds in of_player]
    if prod(len(of_one) for of_one in corners) > most_corners:
        return None
    estimate = [m / m.sum() for m in marginals]
    points, gains = [], []
    for corner in product(*corners):
        action_payoffs = [game.action_payoffs(i, corner) for i in range(game.n_players)]
        payoffs = [u @ mixture for u, mixture in zip(action_payoffs, corner, strict=True)]
        points.append(payoffs)
        gains.append([u - payoff for u, payoff in zip(action_payoffs, payoffs, strict=True)])
    of_each = [np.array(of_player_i) for of_player_i in zip(*gains, strict=True)]
    return Reading(
        payoffs=game.expected_payoffs(estimate),
        regrets=game.regrets(estimate),
        points=np.array(points),
        bounds=Bounds(np.zeros(len(points)), np.ones(len(points))),
        # Some action gains at least what it gains at its worst corner.
        least_regrets=np.array([max(g.min(axis=0).max(), 0.0) for g in of_each]),
        largest_regrets=np.array([max(g.max(), 0.0) for g in of_each]),
    )


def _marginal(counts: FloatArray, player: int) -> FloatArray:
    return np.asarray(counts.sum(axis=tuple(i for i in range(counts.ndim) if i != player)))


def independence_is_refuted(counts: FloatArray, *, error: float) -> bool:
    """Return whether independent mixtures are excluded; they are wrongly with probability `error` at most."""
    joint = simultaneous_bounds(counts.ravel(), error=error / 2)
    low = high = np.ones(())
    for i in range(counts.ndim):
        own = simultaneous_bounds(_marginal(counts, i), error=error / 2 / counts.ndim)
        low, high = np.multiply.outer(low, own.low), np.multiply.outer(high, own.high)
    return bool(((high.ravel() < joint.low) | (low.ravel() > joint.high)).any())
