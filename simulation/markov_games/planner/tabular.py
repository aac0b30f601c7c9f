"""Policies that are tables, and what they are worth as a function that can be differentiated: JAX, in float64.

A softmax policy has a number theta[i, s, a] for player i, state s and action a: pi_i(a | s) is proportional to
exp(theta[i, s, a]). With rate e of trembles the action is a uniform one instead, so that no policy is ever sure.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from simulation.markov_games.enumerated import EnumeratedGame

# So many transitions are written out; of more, only those that can happen are added up.
_FEW = 4_000_000


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
    transitions: jax.Array | None = None
    """`[S, J, S]` probabilities of what follows, where they are few enough to be written out."""


def tables_of(game: EnumeratedGame) -> Tables:
    """Return the tables of a game as arrays of JAX, of the precision in force."""
    return Tables(
        jnp.asarray(game.start, float),
        jnp.asarray(game.successors),
        jnp.asarray(game.probabilities, float),
        jnp.asarray(game.rewards, float),
        jnp.asarray(game.actions.T),
        jnp.asarray(game.transitions(), float) if game.rewards[0].size * game.n_states <= _FEW else None,
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


def chain_under(joint: jax.Array, tables: Tables) -> jax.Array:
    """Return `[S, S]`: the chance of what follows each state where joint actions have the chances `joint[S, J]`."""
    if tables.transitions is not None:
        chain: jax.Array = jnp.einsum("sj,sjt->st", joint, tables.transitions)
        return chain
    states = len(joint)
    rows = jnp.broadcast_to(jnp.arange(states)[:, None, None], tables.successors.shape)
    return (
        jnp.zeros((states, states)).at[rows, tables.successors].add(joint[:, :, None] * tables.probabilities)
    )


def walk_of(start: jax.Array, chain: jax.Array, horizon: int) -> jax.Array:
    """Return `[horizon, S]`: the chance of each state at each step of an episode."""

    def forward(state: jax.Array, _: None) -> tuple[jax.Array, jax.Array]:
        return state @ chain, state

    return jax.lax.scan(forward, start, None, length=horizon)[1]


def visits_of(joint: jax.Array, tables: Tables, *, horizon: int, discount: Any) -> jax.Array:
    """Return `[S, J]`: how often each joint action is come to in an episode, step t counted discount^t times."""
    walk = walk_of(tables.start, chain_under(joint, tables), horizon)
    weights: jax.Array = discount ** jnp.arange(horizon)
    return (weights @ walk)[:, None] * joint


class Episode(NamedTuple):
    """An episode under joint actions of given chances, from which values and slopes are read."""

    tables: Tables
    joint: jax.Array
    """`[S, J]`."""
    chain: jax.Array
    """`[S, S]`."""
    walk: jax.Array
    """`[horizon, S]`."""

    @classmethod
    def of(cls, joint: jax.Array, tables: Tables, horizon: int) -> Episode:
        """Return the episode of so many steps."""
        chain = chain_under(joint, tables)
        return cls(tables, joint, chain, walk_of(tables.start, chain, horizon))

    def weights(self, discount: Any) -> jax.Array:
        """Return `[horizon]`: discount^t."""
        by_step: jax.Array = discount ** jnp.arange(len(self.walk))
        return by_step

    def visits(self, discount: Any) -> jax.Array:
        """Return `[S, J]`: as `visits_of` does."""
        return (self.weights(discount) @ self.walk)[:, None] * self.joint

    def slopes(self, rewards: jax.Array, discount: Any) -> jax.Array:
        """Return `[k, S, J]`: how values of rewards `[k, S, J]` change with the chances of joint actions.

        A chance counts as often as its state is visited; each time it brings the reward and the value of what
        follows, which are summed over steps as one product of matrices.
        """
        expected = jnp.einsum("ksj,sj->ks", rewards, self.joint)

        def backward(ahead: jax.Array, _: None) -> tuple[jax.Array, jax.Array]:
            return expected + discount * ahead @ self.chain.T, ahead

        # Of step t, counted from the end: what is to come after it.
        none = jnp.zeros_like(expected)
        ahead = jax.lax.scan(backward, none, None, length=len(self.walk))[1][::-1]
        weighted = self.weights(discount)[:, None] * self.walk
        met = jnp.einsum("ts,tku->ksu", discount * weighted, ahead)
        return weighted.sum(axis=0)[None, :, None] * rewards + _through_outcomes(self.tables, met)

    def changes(self, by: jax.Array, discount: Any) -> jax.Array:
        """Return `[n, S, J]`: how visits change as the chances of joint actions change by each of `[n, S, J]`."""
        turned = jax.vmap(lambda change: chain_under(change, self.tables))(by)
        come = jnp.einsum("ts,nsu->tnu", self.walk, turned)

        def forward(change: jax.Array, come: jax.Array) -> tuple[jax.Array, jax.Array]:
            return change @ self.chain + come, change

        _, of_walk = jax.lax.scan(forward, jnp.zeros_like(come[0]), come)
        weights = self.weights(discount)
        shifted = jnp.einsum("t,tns->ns", weights, of_walk)[:, :, None] * self.joint
        return shifted + (weights @ self.walk)[None, :, None] * by


def _through_outcomes(tables: Tables, met: jax.Array) -> jax.Array:
    """Return `[k, S, J]`: the expectation of `met[k, S, following]` over what follows."""
    if tables.transitions is not None:
        expected: jax.Array = jnp.einsum("sju,ksu->ksj", tables.transitions, met)
        return expected
    states = jnp.arange(met.shape[1])[:, None, None]
    return jnp.sum(met[:, states, tables.successors] * tables.probabilities, axis=-1)
