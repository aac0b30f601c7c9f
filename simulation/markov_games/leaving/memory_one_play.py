r"""Players of two actions who remember the last outcome: exact visits, values and advantages, in JAX.

There are as many outcomes j as joint actions (0 is C, the last player's action changing fastest), and one state more:
state 0 is before the first round, state 1 + j after outcome j. Player i means C in state s with probability q_i(s);
its hand slips with probability e, so that it plays C with p_i(s) = e + (1 - 2e) q_i(s). With P(s, j) = the chance of
outcome j in state s, and rewards r_i(s, j), which may depend on the state since incentives do,

    m = visits, discounted: 1 at state 0, and m(1 + j) = d sum_s m(s) P(s, j),
    V_i(s) = sum_j P(s, j) [r_i(s, j) + d V_i(1 + j)],

and the advantage of playing C over D in state s, the others' play given, is A_i(s) = Q_i(s, C) - Q_i(s, D). The
derivative of V_i(0) by p_i(s) is m(s) A_i(s) (Sutton et al. 2000). Values are sums, not means.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp


class Chain(NamedTuple):
    """What follows from everybody's policy."""

    plays: jax.Array
    """`[n_players, S]`: probability of playing C."""
    outcomes: jax.Array
    """`[S, J]`: chance of each outcome in each state."""
    after: jax.Array
    """`[J, J]`: (I - d P)^-1 over states after outcomes."""
    visits: jax.Array
    """`[S]`: how often each state is come to, discounted."""


def chain_of(means: jax.Array, *, noise: Any, discount: Any) -> Chain:
    """Return the chain of policies `means[n_players, S]`, probabilities of meaning C."""
    plays = noise + (1.0 - 2.0 * noise) * means
    outcomes = _chances(plays)
    n = outcomes.shape[1]
    after = inverse(jnp.eye(n) - discount * outcomes[1:])
    later = discount * outcomes[0] @ after
    return Chain(plays, outcomes, after, jnp.concatenate([jnp.ones(1), later]))


def values_of(chain: Chain, rewards: jax.Array, discount: Any) -> jax.Array:
    """Return `[n_players, S]`: what each gets from each state on, of rewards `[n_players, S, J]`."""
    now = jnp.einsum("sj,nsj->ns", chain.outcomes, rewards)
    later = now[:, 1:] @ chain.after.T
    first = now[:, :1] + discount * later @ chain.outcomes[0][:, None]
    return jnp.concatenate([first, later], axis=1)


def advantages_of(chain: Chain, rewards: jax.Array, discount: Any) -> jax.Array:
    """Return `[n_players, S]`: what playing C rather than D gains each, of its own rewards `[n_players, S, J]`."""
    values = values_of(chain, rewards, discount)
    worth = rewards + discount * values[:, None, 1:]
    n = len(chain.plays)
    return jnp.stack([_difference(worth[i], chain.plays, i) for i in range(n)])


def welfare_advantages_of(chain: Chain, rewards: jax.Array, discount: Any) -> jax.Array:
    """Return `[n_players, S]`: what it gains all together that a player plays C rather than D."""
    total = jnp.broadcast_to(rewards.sum(axis=0), rewards.shape)
    return advantages_of(chain, total, discount)


def inverse(matrix: jax.Array) -> jax.Array:
    """Return the inverse of a matrix that needs no pivots, such as I - d P: written out, so that batches are fast."""
    n = len(matrix)
    rows = jnp.concatenate([matrix, jnp.eye(n, dtype=matrix.dtype)], axis=1)
    for k in range(n):
        row = rows[k] / rows[k, k]
        rows = (rows - rows[:, k : k + 1] * row).at[k].set(row)
    return rows[:, n:]


def own_view(n_players: int, player: int) -> tuple[list[int], list[int]]:
    """Return the numbers of states and of outcomes as player i sees them: oneself first, then the others in turn.

    State k in a player's own view is state `states[k]` of the game, and likewise for outcomes.
    """
    seen = []
    for outcome in range(2**n_players):
        own = [(outcome >> (n_players - 1 - k)) & 1 for k in range(n_players)]
        actions = [own[(k - player) % n_players] for k in range(n_players)]
        seen.append(sum(action << (n_players - 1 - k) for k, action in enumerate(actions)))
    return [0, *(1 + outcome for outcome in seen)], seen


def _chances(plays: jax.Array) -> jax.Array:
    """Return `[S, J]`: the chance of each joint action."""
    chances = jnp.ones((plays.shape[1], 1), plays.dtype)
    for each in plays:
        one = jnp.stack([each, 1.0 - each], axis=1)
        chances = (chances[:, :, None] * one[:, None, :]).reshape(len(each), -1)
    return chances


def _difference(worth: jax.Array, plays: jax.Array, player: int) -> jax.Array:
    """Return `[S]`: of `worth[S, J]` the expectation over the others' play, with C less with D of a player."""
    n, states = plays.shape
    split = worth.reshape((states,) + (2,) * n)
    split = jnp.moveaxis(split, 1 + player, 1)
    gain = (split[:, 0] - split[:, 1]).reshape(states, -1)
    others = jnp.concatenate([plays[:player], plays[player + 1 :]])
    return jnp.sum(gain * _chances(others), axis=1)
