"""Policies that are tables, and what they are worth as a function that can be differentiated: JAX, in float64.

A softmax policy has a number theta[i, s, a] for player i, state s and action a: pi_i(a | s) is proportional to
exp(theta[i, s, a]). With rate e of trembles the action is a uniform one instead, so that no policy is ever sure.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from simulation.markov_games.enumerated import EnumeratedGame


class Tables(NamedTuple):
    """What of an enumerated game decides values, as arrays of JAX."""

    start: jax.Array
    """`[S]`."""
    successors: jax.Array
    """`[S, J, K]`."""
    probabilities: jax.Array
    """`[S, J, K]`."""
    rewards: jax.Array
    """`[n_players, S, J]`, in payoff units."""
    actions: jax.Array
    """`[n_players, J]`: who plays what in a joint action."""


def tables_of(game: EnumeratedGame) -> Tables:
    """Return the tables of a game as arrays of JAX, of the precision in force."""
    return Tables(
        jnp.asarray(game.start, float),
        jnp.asarray(game.successors),
        jnp.asarray(game.probabilities, float),
        jnp.asarray(game.rewards, float),
        jnp.asarray(game.actions.T),
    )


def policies_of(theta: jax.Array, tremble: Any = 0.0) -> jax.Array:
    """Return `[n_players, S, A]` probabilities; `theta` is of the same shape."""
    meant: jax.Array = jax.nn.softmax(theta, axis=-1)
    played: jax.Array = (1.0 - tremble) * meant + tremble / theta.shape[-1]
    return played


def joint_of(policies: jax.Array, tables: Tables) -> jax.Array:
    """Return `[S, J]`: the chance of each joint action, players choosing each by itself."""
    each = jnp.take_along_axis(policies, tables.actions[:, None, :], axis=2)
    return jnp.prod(each, axis=0)


def visits_of(joint: jax.Array, tables: Tables, *, horizon: int, discount: Any) -> jax.Array:
    """Return `[S, J]`: how often each joint action is come to in an episode, step t counted discount^t times."""

    def forward(state: jax.Array, weight: jax.Array) -> tuple[jax.Array, jax.Array]:
        now = state[:, None] * joint
        following = jnp.zeros_like(state).at[tables.successors].add(now[:, :, None] * tables.probabilities)
        return following, weight * now

    return jax.lax.scan(forward, tables.start, discount ** jnp.arange(horizon))[1].sum(axis=0)
