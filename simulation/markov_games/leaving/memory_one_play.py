r"""Players who remember the last outcome: exact visits, values and advantages, in JAX.

All have K actions, of two C and D. There are as many outcomes j as joint actions (0 is C, the last player's action
changing fastest), and one state more: state 0 is before the first round, state 1 + j after outcome j. Player i means
action a in state s with probability q_i(s, a); its hand slips with probability e to any other action alike, so that
it plays a with p_i(s, a) = e / (K - 1) + (1 - K e / (K - 1)) q_i(s, a), of two actions e + (1 - 2e) q_i(s, C). What
is written down are the probabilities of all actions but the last. With P(s, j) = the chance of outcome j in state s,
and rewards r_i(s, j), which may depend on the state since incentives do,

    m = visits, discounted: 1 at state 0, and m(1 + j) = d sum_s m(s) P(s, j),
    V_i(s) = sum_j P(s, j) [r_i(s, j) + d V_i(1 + j)],

and the advantage of playing a over the last action z in state s, the others' play given, is A_i(s, a) = Q_i(s, a) -
Q_i(s, z). The derivative of V_i(0) by p_i(s, a) is m(s) A_i(s, a) (Sutton et al. 2000), where p_i(s, z) gives what
p_i(s, a) takes. Values are sums, not means.
"""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp


class Chain(NamedTuple):
    """What follows from everybody's policy."""

    plays: jax.Array
    """`[n_players, S, K - 1]`: probability of playing each action but the last."""
    outcomes: jax.Array
    """`[S, J]`: chance of each outcome in each state."""
    after: jax.Array
    """`[J, J]`: (I - d P)^-1 over states after outcomes."""
    visits: jax.Array
    """`[S]`: how often each state is come to, discounted."""


def chain_of(means: jax.Array, *, noise: Any, discount: Any) -> Chain:
    """Return the chain of policies `means[n_players, S, K - 1]`, of meaning each action but the last."""
    plays = noise / means.shape[-1] + steadiness(noise, means.shape[-1] + 1) * means
    outcomes = _chances(plays)
    n = outcomes.shape[1]
    after = inverse(jnp.eye(n) - discount * outcomes[1:])
    later = discount * outcomes[0] @ after
    return Chain(plays, outcomes, after, jnp.concatenate([jnp.ones(1), later]))


def steadiness(noise: Any, n_actions: int) -> Any:
    """Return by how much an action is played more often if it is meant than if it is not."""
    return 1.0 - n_actions / (n_actions - 1.0) * noise


def values_of(chain: Chain, rewards: jax.Array, discount: Any) -> jax.Array:
    """Return `[n_players, S]`: what each gets from each state on, of rewards `[n_players, S, J]`."""
    now = jnp.einsum("sj,nsj->ns", chain.outcomes, rewards)
    later = now[:, 1:] @ chain.after.T
    first = now[:, :1] + discount * later @ chain.outcomes[0][:, None]
    return jnp.concatenate([first, later], axis=1)


def advantages_of(chain: Chain, rewards: jax.Array, discount: Any) -> jax.Array:
    """Return `[n_players, S, K - 1]`: what playing each action rather than the last gains a player.

    Rewards `[n_players, S, J]` are its own.
    """
    values = values_of(chain, rewards, discount)
    worth = rewards + discount * values[:, None, 1:]
    n = len(chain.plays)
    return jnp.stack([_difference(worth[i], chain.plays, i) for i in range(n)])


def welfare_advantages_of(chain: Chain, rewards: jax.Array, discount: Any) -> jax.Array:
    """Return `[n_players, S, K - 1]`: what it gains all together that a player does so."""
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


def own_view(n_players: int, player: int, n_actions: int = 2) -> tuple[list[int], list[int]]:
    """Return the numbers of states and of outcomes as player i sees them: oneself first, then the others in turn.

    State k in a player's own view is state `states[k]` of the game, and likewise for outcomes.
    """
    seen = []
    for own in product(range(n_actions), repeat=n_players):
        actions = [own[(k - player) % n_players] for k in range(n_players)]
        seen.append(sum(action * n_actions ** (n_players - 1 - k) for k, action in enumerate(actions)))
    return [0, *(1 + outcome for outcome in seen)], seen


def _chances(plays: jax.Array) -> jax.Array:
    """Return `[S, J]`: the chance of each joint action."""
    chances = jnp.ones((plays.shape[1], 1), plays.dtype)
    for each in plays:
        one = jnp.concatenate([each, 1.0 - each.sum(axis=1, keepdims=True)], axis=1)
        chances = (chances[:, :, None] * one[:, None, :]).reshape(len(each), -1)
    return chances


def _difference(worth: jax.Array, plays: jax.Array, player: int) -> jax.Array:
    """Return `[S, K - 1]`: of `worth[S, J]` what the others' play makes of each action of a player less its last."""
    n, states, fewer = plays.shape
    split = worth.reshape((states,) + (fewer + 1,) * n)
    split = jnp.moveaxis(split, 1 + player, 1)
    gain = (split[:, :-1] - split[:, -1:]).reshape(states, fewer, -1)
    others = jnp.concatenate([plays[:player], plays[player + 1 :]])
    return jnp.sum(gain * _chances(others)[:, None, :], axis=2)
