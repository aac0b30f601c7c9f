"""Episodes of an enumerated game, drawn: states are whole numbers, and a step looks up three tables.

All environments begin together; one whose game has ended waits for the others until the episode's `horizon` is over.
A step's reward is the expected one of its state and joint action: what lots add to it is not drawn.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from simulation.markov_games.enumerated import EnumeratedGame


class Chances(NamedTuple):
    """Tables by which first states and what follows are drawn: the place of a uniform draw among sums of chances."""

    start: jax.Array
    """`[S]` sums."""
    sums: jax.Array
    """`[S * J, K]` sums of chances; a draw beyond all of them ends the game."""
    successors: jax.Array
    """`[S * J, K]`."""


class Batch(NamedTuple):
    """Some steps of all environments, `[steps, environments]` each."""

    place: jax.Array
    """s * J + j, of state s and joint action j."""
    alive: jax.Array
    """1 where the game goes on, else 0."""
    state: jax.Array
    """`[steps + 1, environments]`: the one after the last step too."""
    going_on: jax.Array
    """1 where the game goes on after the step."""


def drawing_tables(game: EnumeratedGame) -> Chances:
    """Return the tables by which a game is drawn: impossible outcomes left out."""
    chances = game.probabilities.reshape(-1, game.probabilities.shape[-1])
    successors = game.successors.reshape(chances.shape)
    order = np.argsort(chances <= 0.0, axis=1, kind="stable")
    most = int((chances > 0.0).sum(axis=1).max(initial=1))
    sums = np.cumsum(np.take_along_axis(chances, order, axis=1), axis=1)[:, :most]
    # Where the game cannot end, rounding must not let it.
    sums[sums > 1.0 - 1e-9] = 2.0
    return Chances(
        jnp.asarray(np.cumsum(game.start / game.start.sum())[:-1], float),
        jnp.asarray(sums, float),
        jnp.asarray(np.take_along_axis(successors, order, axis=1)[:, :most], jnp.int32),
    )


def first_states(chances: Chances, key: jax.Array, environments: int) -> jax.Array:
    """Return `[environments]` states in which episodes begin."""
    draws = jax.random.uniform(key, (environments,))
    return jnp.searchsorted(chances.start, draws, side="right").astype(jnp.int32)


def played_steps(
    chances: Chances, policies: jax.Array, state: jax.Array, alive: jax.Array, key: jax.Array, steps: int
) -> Batch:
    """Return so many steps from `state[environments]` of those that are `alive`, by `policies[n_players, S, A]`."""
    players, _, n_actions = policies.shape
    joint_actions = n_actions**players
    below = jnp.cumsum(policies, axis=-1)[:, :, :-1]
    draws = jax.random.uniform(key, (steps, players + 1, *state.shape))

    def step(now: tuple[jax.Array, jax.Array], draw: jax.Array) -> tuple[tuple[jax.Array, jax.Array], Batch]:
        state, alive = now
        actions = jnp.sum(draw[:-1, :, None] >= below[:, state], axis=-1)
        joint = jnp.zeros_like(state)
        for player in range(players):
            joint = joint * n_actions + actions[player].astype(jnp.int32)
        place = state * joint_actions + joint
        drawn = jnp.sum(draw[-1, :, None] >= chances.sums[place], axis=-1)
        last = chances.sums.shape[1] - 1
        following = chances.successors[place, jnp.minimum(drawn, last)]
        going_on = alive * (drawn <= last)
        return (following, going_on), Batch(place, alive, state, going_on)

    (last, _), batch = jax.lax.scan(step, (state, alive), draws)
    return batch._replace(state=jnp.concatenate([batch.state, last[None]]))
