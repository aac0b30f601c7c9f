"""What policies are worth in a game that is written out: values, visits, best responses and the best that can be had.

With joint policy pi(j | s), transitions P and expected rewards r, the values of a discounted game without end solve

    V_i(s) = sum over j of pi(j | s) [r_i(s, j) + gamma sum over s' of P(s' | s, j) V_i(s')],

and an episode is worth the sum of its first `horizon` rewards. Visits are of (state, joint action) pairs, each step
weighted by gamma to the power of its number: any expected sum of payments is their product with the payments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from simulation.markov_games.enumerated import ENUMERATED, EnumeratedGame
from theory.arguments import checked, count, number, optional, place
from theory.checks import FloatArray, finite_array

# Probabilities of a policy sum to 1 within this.
_ROUNDING = 1e-9

# What another action must gain, as a share of the largest value, to be better than the one in force.
_IMPROVEMENT = 1e-12


@dataclass(frozen=True, eq=False)
class BestResponse:
    """What one player can get against the others' policies.

    Attributes
    ----------
    value
        From the first state, in payoff units: discounted, or summed over an episode.
    gain
        By how much that is more than the policy in force gives.
    actions
        `[S]` of a discounted game: one best action a state; `[horizon, S]` of an episode.
    """

    value: float
    gain: float
    actions: np.ndarray


@checked(game=ENUMERATED)
def checked_policies(game: EnumeratedGame, policies: ArrayLike) -> FloatArray:
    """Return `[n_players, S, A]` probabilities, or say what is wrong with them."""
    shape = (game.n_players, game.n_states, game.game.n_actions)
    given = finite_array("policies", policies)
    if given.shape != shape:
        raise ValueError(f"policies must be [player, state, action] of shape {shape}, got {given.shape}")
    if np.any(given < 0.0) or np.any(np.abs(given.sum(axis=-1) - 1.0) > _ROUNDING):
        raise ValueError("each policy must give probabilities that sum to 1 in every state, got others")
    return given


def joint_policy(game: EnumeratedGame, policies: FloatArray) -> FloatArray:
    """Return `[S, J]` probabilities of joint actions; `policies[n_players, S, A]`, each by itself."""
    joint = np.ones((game.n_states, len(game.actions)))
    for policy, actions in zip(policies, game.actions.T, strict=True):
        joint *= policy[:, actions]
    return joint


@checked(game=ENUMERATED, horizon=optional(count()), discount=number(0.0, 1.0))
def visits(
    game: EnumeratedGame, policies: FloatArray, *, horizon: int | None = None, discount: float = 1.0
) -> FloatArray:
    """Return `[S, J]`: how often an episode comes to each joint action in each state, step t as discount^t times.

    Parameters
    ----------
    game, policies
        The tables, and `[n_players, S, A]` probabilities.
    horizon
        Steps; by default the game's.
    discount
        In [0, 1].
    """
    joint = joint_policy(game, checked_policies(game, policies))
    total = np.zeros_like(joint)
    state: FloatArray = game.start
    weight = 1.0
    for _ in range(game.game.horizon if horizon is None else horizon):
        now = state[:, None] * joint
        total += weight * now
        following = now[:, :, None] * game.probabilities
        state = np.asarray(np.bincount(game.successors.ravel(), following.ravel(), game.n_states), float)
        weight *= discount
    return total


@checked(game=ENUMERATED, horizon=optional(count()))
def episode_values(game: EnumeratedGame, policies: FloatArray, *, horizon: int | None = None) -> FloatArray:
    """Return `[n_players]`: the expected sum of an episode's rewards, in payoff units."""
    values: FloatArray = np.einsum("nsj,sj->n", game.rewards, visits(game, policies, horizon=horizon))
    return values


@checked(game=ENUMERATED, discount=number(0.0, 1.0))
def discounted_values(game: EnumeratedGame, policies: FloatArray, *, discount: float) -> FloatArray:
    """Return `[n_players, S]`: the values of a discounted game that only ends by itself; discount below 1.

    Raises
    ------
    ValueError
        If the discount is 1, or what is given are no policies.
    """
    if discount == 1.0:
        raise ValueError("discount must be below 1 where a game need not end, got 1")
    joint = joint_policy(game, checked_policies(game, policies))
    rewards = np.einsum("nsj,sj->ns", game.rewards, joint)
    return _solved(game, joint, rewards, discount)


def _solved(game: EnumeratedGame, joint: FloatArray, rewards: FloatArray, discount: float) -> FloatArray:
    chain = np.zeros((game.n_states, game.n_states))
    state = np.broadcast_to(np.arange(game.n_states)[:, None, None], game.successors.shape)
    np.add.at(chain, (state, game.successors), joint[:, :, None] * game.probabilities)
    return np.asarray(np.linalg.solve(np.eye(game.n_states) - discount * chain, rewards.T).T, float)


def expected_ahead(game: EnumeratedGame, values: FloatArray) -> FloatArray:
    """Return `[S, J]`: the expected value of what follows; `values[S]`."""
    ahead: FloatArray = np.einsum("sjk,sjk->sj", game.probabilities, values[game.successors])
    return ahead


@checked(game=ENUMERATED, horizon=optional(count()))
def best_welfare(game: EnumeratedGame, *, horizon: int | None = None) -> float:
    """Return the largest expected sum of all rewards of an episode that joint play can have, in payoff units."""
    welfare = game.rewards.sum(axis=0)
    values = np.zeros(game.n_states)
    for _ in range(game.game.horizon if horizon is None else horizon):
        values = (welfare + expected_ahead(game, values)).max(axis=1)
    return float(game.start @ values)


@checked(game=ENUMERATED, player=count(0), discount=optional(number(0.0, 1.0)))
def best_response(
    game: EnumeratedGame, policies: FloatArray, *, player: int, discount: float | None = None
) -> BestResponse:
    """Return what one player can get at most, who sees the whole state, while the others keep their policies.

    Parameters
    ----------
    game, policies
        The tables, and `[n_players, S, A]` probabilities.
    player
        Who responds.
    discount
        Below 1: of a game that only ends by itself. By default an episode's sum counts, and the step is known.

    Raises
    ------
    ValueError
        If there is no such player, or the discount is 1.
    """
    place(game.n_players)("player", player)
    given = checked_policies(game, policies)
    alone = _decisions(game, given, player)
    if discount is None:
        in_force = float(episode_values(game, given)[player])
        value, actions = _best_of_episode(game, alone)
    else:
        in_force = float(game.start @ discounted_values(game, given, discount=discount)[player])
        value, actions = _best_by_improvement(game, alone, given[player], discount)
    return BestResponse(value, value - in_force, actions)


@dataclass(frozen=True, eq=False)
class _Decisions:
    """The game as one player has it: `rewards[S, A]` and `following[A, S, S]` probabilities."""

    rewards: FloatArray
    following: FloatArray


def _decisions(game: EnumeratedGame, policies: FloatArray, player: int) -> _Decisions:
    n_actions = game.game.n_actions
    rewards = np.empty((game.n_states, n_actions))
    following = np.zeros((n_actions, game.n_states, game.n_states))
    for action in range(n_actions):
        sure = policies.copy()
        sure[player] = np.eye(n_actions)[action]
        joint = joint_policy(game, sure)
        rewards[:, action] = np.einsum("sj,sj->s", game.rewards[player], joint)
        state = np.broadcast_to(np.arange(game.n_states)[:, None, None], game.successors.shape)
        np.add.at(following[action], (state, game.successors), joint[:, :, None] * game.probabilities)
    return _Decisions(rewards, following)


def _best_of_episode(game: EnumeratedGame, alone: _Decisions) -> tuple[float, np.ndarray]:
    values = np.zeros(game.n_states)
    actions = np.empty((game.game.horizon, game.n_states), np.int64)
    for step in reversed(range(game.game.horizon)):
        worth = alone.rewards + np.einsum("ast,t->sa", alone.following, values)
        actions[step], values = worth.argmax(axis=1), worth.max(axis=1)
    return float(game.start @ values), actions


def _best_by_improvement(
    game: EnumeratedGame, alone: _Decisions, policy: FloatArray, discount: float
) -> tuple[float, np.ndarray]:
    """Improve the policy in every state where that gains, until nothing does (Howard 1960)."""
    states = np.arange(game.n_states)
    actions = policy.argmax(axis=1)
    while True:
        chain = alone.following[actions, states]
        values = np.linalg.solve(np.eye(game.n_states) - discount * chain, alone.rewards[states, actions])
        worth = alone.rewards + discount * np.einsum("ast,t->sa", alone.following, values)
        better = worth.max(axis=1) > values + _IMPROVEMENT * max(1.0, float(np.abs(values).max()))
        if not better.any():
            return float(game.start @ values), actions
        actions = np.where(better, worth.argmax(axis=1), actions)
