r"""Three ways of climbing the same value: learners with memory of one round and a policy gradient, exact or sampled.

With m the visits, A the advantage of C and e the noise, the derivative of a learner's value by q(s), its probability
of meaning C in state s, is g(s) = (1 - 2e) m(s) A(s). In an update of learners who have two actions

- `softmax` moves the log-odds theta(s) of q(s) by rate g(s) q(s) (1 - q(s)): the policy gradient of logits;
- `natural` moves them by rate A(s), the natural gradient (Kakade 2002) but for the factor 1 - 2e; theta stays in
  [-8, 8];
- `projected` moves q(s) itself by rate g(s), back into [0, 1] where it leaves that.

So all three move q(s) in the direction of A(s), at speeds that differ from state to state.

Of K actions none is singled out, and with K = 2 all is as above. What is remembered are the log-odds of each action
but the last against the last, or their probabilities. With g(s, a) the derivatives,

- `softmax` climbs a logit for every action, at half the rate: log-odds move by the difference of two logits;
- `natural` moves the log-odds by rate A(s, a); no two actions' differ by more than 8 from those of the likeliest;
- `projected` moves the K probabilities by twice the rate times the part of g(s, a) that keeps their sum, and from
  there to the nearest point of the simplex.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from simulation.markov_games.leaving.memory_one_play import (
    Chain,
    advantages_of,
    steadiness,
    welfare_advantages_of,
)
from theory.arguments import check_fields
from theory.checks import is_list, known_name, positive_number, shown

# Largest log-odds of a natural learner, so that it can unlearn.
CLIP = 8.0

KINDS = ("softmax", "natural", "projected")

# Steps in updates of values that are sums, not means, in games whose payoffs range over 4.
RATES = {"softmax": 0.3, "natural": 0.1, "projected": 0.01}


@dataclass(frozen=True)
class MemoryOneGradient:
    """A learner with memory of one round who climbs its value by a policy gradient, exact or from episodes.

    Parameters
    ----------
    name
        How it climbs: by the gradient of log-odds (`softmax`), by the natural gradient (`natural`; Kakade 2002), or
        in probabilities, back into [0, 1] where it leaves that (`projected`).
    rate
        Step, positive, per unit of the sum of discounted payoffs; None: .3, .1 or .01.

    Raises
    ------
    ValueError
        If the name is unknown or the rate is not positive.
    """

    name: str
    rate: float | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        known_name("kind of learner", self.name, KINDS)
        rate = RATES[self.name] if self.rate is None else positive_number("rate", self.rate)
        object.__setattr__(self, "rate", rate)


def group_of(name: str, value: Any, n_players: int) -> tuple[MemoryOneGradient, ...]:
    """Return a learner for each player, or raise ValueError."""
    if not is_list(value) or not all(isinstance(one, MemoryOneGradient) for one in value):
        raise ValueError(f"{name} must be a MemoryOneGradient for each player, got {shown(value)}")
    if len(value) != n_players:
        raise ValueError(f"{name} must be one for each of {n_players} players, got {shown(value)}")
    return tuple(value)


class Learners(NamedTuple):
    """What kinds learners are of, as arrays, so that one compiled program is for all kinds and for mixed ones.

    What a learner remembers, `memory[n_players, S, K - 1]`, are log-odds of meaning each action but the last against
    the last, of a projected learner probabilities.
    """

    is_natural: jax.Array
    """`[n_players, 1, 1]`."""
    is_projected: jax.Array
    """`[n_players, 1, 1]`."""
    rate: jax.Array
    """`[n_players, 1, 1]`."""

    @classmethod
    def of(cls, kinds: Sequence[MemoryOneGradient]) -> Learners:
        """Return the arrays of kinds, one for each player."""
        names = [kind.name for kind in kinds]
        is_natural, is_projected = (
            jnp.array([[[name == wanted]] for name in names]) for wanted in ("natural", "projected")
        )
        return cls(is_natural, is_projected, jnp.array([[[kind.rate]] for kind in kinds], float))

    def means(self, memory: jax.Array) -> jax.Array:
        """Return `[n_players, S, K - 1]`: probabilities of meaning each action but the last."""
        return jnp.where(self.is_projected, memory, _probabilities(memory))

    def memory_of(self, logits: jax.Array) -> jax.Array:
        """Return what is remembered by learners whose policies have log-odds `logits[n_players, S, K - 1]`."""
        return jnp.where(self.is_projected, _probabilities(logits), logits)

    def kept(self, memory: jax.Array) -> jax.Array:
        """Return memories within their bounds."""
        bounded = jnp.where(self.is_natural, _clipped(memory), memory)
        return jnp.where(self.is_projected, _on_simplex(memory), bounded)

    def gradient(self, memory: jax.Array, visits: jax.Array, advantages: jax.Array, noise: Any) -> jax.Array:
        """Return the derivatives by what is remembered, of `visits[S]` and `advantages[n_players, S, K - 1]`."""
        means = _probabilities(memory)
        by_means = steadiness(noise, memory.shape[-1] + 1) * visits[:, None] * advantages
        # Of probability b by log-odds a: q_b (1 - q_b) if they are of one action, else -q_a q_b.
        slopes = means[..., None, :] * (jnp.eye(memory.shape[-1]) - means[..., :, None])
        by_logits = (by_means[..., None, :] * slopes).sum(axis=-1)
        return jnp.where(self.is_projected, by_means, by_logits)

    def steps(self, memory: jax.Array, visits: jax.Array, advantages: jax.Array, noise: Any) -> jax.Array:
        """Return by what memories move before bounds are kept; arguments are as for `gradient`."""
        plain = self.gradient(memory, visits, advantages, noise)
        total = plain.sum(axis=-1, keepdims=True)
        # Whatever is moved by the last action's own logit or probability, moves what is written of the others.
        climbed = jnp.where(
            self.is_projected, 2.0 * (plain - total / (memory.shape[-1] + 1)), 0.5 * (plain + total)
        )
        return self.rate * jnp.where(self.is_natural, advantages, climbed)


def _probabilities(logits: jax.Array) -> jax.Array:
    """Return the probabilities of all actions but the last, of their log-odds `[..., K - 1]` against the last."""
    if logits.shape[-1] == 1:
        return jax.nn.sigmoid(logits)
    last = jnp.zeros_like(logits[..., :1])
    return jax.nn.softmax(jnp.concatenate([logits, last], axis=-1))[..., :-1]


def _clipped(logits: jax.Array) -> jax.Array:
    """Return log-odds in which no action's is further than the bound below that of the likeliest."""
    likeliest = jnp.maximum(logits.max(axis=-1, keepdims=True), 0.0)
    return jnp.maximum(logits - likeliest, -CLIP) - jnp.maximum(-likeliest, -CLIP)


def _on_simplex(means: jax.Array) -> jax.Array:
    """Return the nearest probabilities, all actions' together (Held, Wolfe & Crowder 1974), without the last's."""
    if means.shape[-1] == 1:
        return jnp.clip(means, 0.0, 1.0)
    every = jnp.concatenate([means, 1.0 - means.sum(axis=-1, keepdims=True)], axis=-1)
    falling = -jnp.sort(-every, axis=-1)
    number = jnp.arange(1, every.shape[-1] + 1)
    # What is taken from all that stay positive: the largest of these, as it falls once too many are counted.
    excess = ((falling.cumsum(axis=-1) - 1.0) / number).max(axis=-1, keepdims=True)
    return jnp.maximum(every - excess, 0.0)[..., :-1]


def exact_steps(
    learners: Learners, memory: jax.Array, chain: Chain, rewards: jax.Array, noise: Any, discount: Any
) -> jax.Array:
    """Return `[n_players, S, K - 1]`: by what memories move, of rewards `[n_players, S, J]`."""
    return learners.steps(memory, chain.visits, advantages_of(chain, rewards, discount), noise)


def welfare_slopes(
    learners: Learners, memory: jax.Array, chain: Chain, rewards: jax.Array, noise: Any, discount: Any
) -> jax.Array:
    """Return `[n_players, S, K - 1]`: the derivative of the sum of all values by what is remembered."""
    return learners.gradient(memory, chain.visits, welfare_advantages_of(chain, rewards, discount), noise)


def sampled_steps(
    learners: Learners,
    memory: jax.Array,
    rewards: jax.Array,
    noise: Any,
    discount: Any,
    key: jax.Array,
    *,
    batch: int,
    rounds: int,
) -> jax.Array:
    """Return `[n_players, S, 1]`: steps by gradients that are estimated from a batch of episodes (Williams 1992).

    Players have two actions. In state s the score of what is played is weighed by the discounted rewards from there
    on, less their mean over the batch in that round. The visits by which a natural learner divides are those of its
    batch.
    """
    plays = noise + (1.0 - 2.0 * noise) * learners.means(memory)[..., 0]
    n, states = plays.shape
    powers = 2 ** jnp.arange(n)[::-1]

    def one_round(there: jax.Array, draws: jax.Array) -> tuple[jax.Array, tuple[jax.Array, ...]]:
        # Which state is told by zeros and ones: lookups by number are slow in batches.
        chance = there @ plays.T
        defects = (draws >= chance).astype(plays.dtype)
        outcome = jax.nn.one_hot((defects @ powers).astype(int), states - 1, dtype=plays.dtype)
        got = jnp.einsum("bs,bj,nsj->bn", there, outcome, rewards)
        return jnp.pad(outcome, ((0, 0), (1, 0))), (there, chance, defects, got)

    start = jnp.zeros((batch, states)).at[:, 0].set(1.0)
    draws = jax.random.uniform(key, (rounds, batch, n))
    _, (there, chance, defects, got) = jax.lax.scan(one_round, start, draws)

    def add(later: jax.Array, now: jax.Array) -> tuple[jax.Array, jax.Array]:
        return (total := now + discount * later), total

    _, onwards = jax.lax.scan(add, jnp.zeros((batch, n)), got, reverse=True)
    weight = discount ** jnp.arange(rounds)
    above = weight[:, None, None] * (onwards - onwards.mean(axis=1, keepdims=True))
    score = (1.0 - defects - chance) / (chance * (1.0 - chance))
    slopes = jnp.einsum("tbs,tbn->ns", there, above * score) / batch
    visits = jnp.einsum("tbs,t->s", there, weight) / batch
    gains = slopes / jnp.where(visits > 0.0, visits, 1.0)
    return learners.steps(memory, visits, gains[..., None], noise)
