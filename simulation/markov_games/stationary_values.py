r"""What a game with state is worth to a player whose partner is a foe or a friend, and to a team: exactly.

Against a foe, who wants nothing but one's loss, the values of a discounted game solve (Shapley 1953)

    V(s) = value of the matrix game r(s, j) + gamma sum over s' of P(s' | s, j) V(s'),

and with a friend, who does whatever is best for oneself, the same with the largest entry in place of the value. In a
zero-sum game the first is the value of the game. Either right side brings values closer by the factor gamma each time
that it is applied: it is applied until they are within the tolerance of the solution.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.engine.compilation import compiled
from simulation.markov_games.enumerated import EnumeratedGame
from simulation.markov_games.matrix_game import new_tableau, solve_matrix_game
from theory.arguments import checked, number, place
from theory.checks import BoolArray, FloatArray

# Values are right up to this share of the largest reward.
PRECISION = 1e-10


@dataclass(frozen=True, eq=False)
class StationaryValues:
    """Values of a discounted game and a policy that has them.

    Attributes
    ----------
    values
        `[S]`, in payoff units, each within `error` of the solution.
    policy
        `[S, A]`: one's own probabilities; with a friend, who may choose the best joint action, it is a pure one.
    mixed
        `[S]`: whether a pure action is worth less than the mixture, by more than `error`.
    error
        How far values may be from the solution.
    """

    values: FloatArray
    policy: FloatArray
    mixed: BoolArray
    error: float

    def at_start(self, game: EnumeratedGame) -> float:
        """Return the value from the first state of the game."""
        return float(game.start @ self.values)


@checked(discount=number(0.0, 1.0))
def foe_values(game: EnumeratedGame, *, discount: float, player: int = 0) -> StationaryValues:
    """Return what `player` secures against one foe; in a zero-sum game its value (Shapley 1953).

    Parameters
    ----------
    game
        The tables, of two players.
    discount
        In [0, 1).
    player
        0 or 1.

    Raises
    ------
    ValueError
        If the game has not two players, there is no such player, or the discount is 1.
    """
    if game.n_players != 2:
        raise ValueError(f"a foe is one other player: the game must have 2 players, got {game.n_players}")
    rewards = _of(game, player, discount)
    n_actions = game.game.n_actions
    values = np.zeros(game.n_states)
    policy = np.empty((game.n_states, n_actions))
    pure = np.empty(game.n_states)
    stage = np.empty((n_actions, n_actions))
    tableau, mixture = new_tableau(n_actions, n_actions), np.empty(n_actions)
    tolerance = _tolerance(rewards)
    _solve_by_sweeps(
        rewards, game.successors, game.probabilities, discount, tolerance * (1.0 - discount), player, values,
        policy, pure, stage, tableau, mixture,
    )  # fmt: skip
    return StationaryValues(values, policy, values - pure > tolerance, tolerance)


@checked(discount=number(0.0, 1.0))
def friend_values(game: EnumeratedGame, *, discount: float, player: int = 0) -> StationaryValues:
    """Return what `player` gets at most, if all others help it.

    Parameters
    ----------
    game
        The tables.
    discount
        In [0, 1).
    player
        Whom the others help.

    Raises
    ------
    ValueError
        If there is no such player, or the discount is 1.
    """
    return _best_together(game, _of(game, player, discount), discount, player)


@checked(discount=number(0.0, 1.0))
def team_values(game: EnumeratedGame, *, discount: float) -> StationaryValues:
    """Return the largest sum of all players' values that joint play can have; the policy is the first player's part.

    Raises
    ------
    ValueError
        If the discount, in [0, 1), is 1.
    """
    _of(game, 0, discount)
    return _best_together(game, game.rewards.sum(axis=0), discount, 0)


def _best_together(
    game: EnumeratedGame, rewards: FloatArray, discount: float, player: int
) -> StationaryValues:
    values, tolerance = np.zeros(game.n_states), _tolerance(rewards)
    while True:
        worth = rewards + discount * np.einsum("sjk,sjk->sj", game.probabilities, values[game.successors])
        changed = np.abs(worth.max(axis=1) - values).max()
        values = worth.max(axis=1)
        if changed <= tolerance * (1.0 - discount):
            chosen = game.actions[worth.argmax(axis=1), player]
            policy = np.eye(game.game.n_actions)[chosen]
            return StationaryValues(values, policy, np.zeros(game.n_states, bool), tolerance)


def _of(game: EnumeratedGame, player: int, discount: float) -> FloatArray:
    place(game.n_players)("player", player)
    if discount == 1.0:
        raise ValueError("discount must be below 1 where a game need not end, got 1")
    return np.ascontiguousarray(game.rewards[player])


def _tolerance(rewards: FloatArray) -> float:
    return PRECISION * max(1.0, float(np.abs(rewards).max()))


def _sweeps(
    rewards: FloatArray,
    successors: np.ndarray,
    probabilities: FloatArray,
    discount: float,
    least_change: float,
    player: int,
    values: FloatArray,
    policy: FloatArray,
    pure: FloatArray,
    stage: FloatArray,
    tableau: FloatArray,
    mixture: FloatArray,
) -> None:
    """Solve the matrix game of every state again and again, until no value changes by more than `least_change`."""
    states, joint, outcomes = successors.shape
    n_actions = len(mixture)
    while True:
        most = 0.0
        for s in range(states):
            for j in range(joint):
                ahead = 0.0
                for k in range(outcomes):
                    ahead += probabilities[s, j, k] * values[successors[s, j, k]]
                first, second = j // n_actions, j % n_actions
                worth = rewards[s, j] + discount * ahead
                if player == 0:
                    stage[first, second] = worth
                else:
                    stage[second, first] = worth
            value = solve_matrix_game(stage, tableau, mixture)
            most = max(most, abs(value - values[s]))
            values[s] = value
            pure[s] = -np.inf
            for a in range(n_actions):
                policy[s, a] = mixture[a]
                least = stage[a, 0]
                for b in range(n_actions):
                    least = min(least, stage[a, b])
                pure[s] = max(pure[s], least)
        if most <= least_change:
            return


_solve_by_sweeps = compiled(_sweeps)
