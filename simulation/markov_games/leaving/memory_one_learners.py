r"""Three ways of climbing the same value: learners with memory of one round and a policy gradient, exact or sampled.

With m the visits, A the advantage of C and e the noise, the derivative of a learner's value by q(s), its probability
of meaning C in state s, is g(s) = (1 - 2e) m(s) A(s). In an update

- `softmax` moves the log-odds theta(s) of q(s) by rate g(s) q(s) (1 - q(s)): the policy gradient of logits;
- `natural` moves them by rate A(s), the natural gradient (Kakade 2002) but for the factor 1 - 2e; theta stays in
  [-8, 8];
- `projected` moves q(s) itself by rate g(s), back into [0, 1] where it leaves that.

So all three move q(s) in the direction of A(s), at speeds that differ from state to state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from simulation.markov_games.leaving.memory_one_play import Chain, advantages_of, welfare_advantages_of
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

    What a learner remembers, `memory[n_players, S]`, are log-odds of meaning C, of a projected learner probabilities.
    """

    is_natural: jax.Array
    """`[n_players, 1]`."""
    is_projected: jax.Array
    """`[n_players, 1]`."""
    rate: jax.Array
    """`[n_players, 1]`."""

    @classmethod
    def of(cls, kinds: Sequence[MemoryOneGradient]) -> Learners:
        """Return the arrays of kinds, one for each player."""
        names = [kind.name for kind in kinds]
        is_natural, is_projected = (
            jnp.array([[name == wanted] for name in names]) for wanted in ("natural", "projected")
        )
        return cls(is_natural, is_projected, jnp.array([[kind.rate] for kind in kinds], float))

    def means(self, memory: jax.Array) -> jax.Array:
        """Return `[n_players, S]`: probabilities of meaning C."""
        return jnp.where(self.is_projected, memory, jax.nn.sigmoid(memory))

    def memory_of(self, logits: jax.Array) -> jax.Array:
        """Return what is remembered by learners whose policies have log-odds `logits[n_players, S]`."""
        return jnp.where(self.is_projected, jax.nn.sigmoid(logits), logits)

    def kept(self, memory: jax.Array) -> jax.Array:
        """Return memories within their bounds."""
        bounded = jnp.where(self.is_natural, jnp.clip(memory, -CLIP, CLIP), memory)
        return jnp.where(self.is_projected, jnp.clip(memory, 0.0, 1.0), bounded)

    def slopes(self, memory: jax.Array) -> jax.Array:
        """Return the derivatives of the probabilities of meaning C by what is remembered."""
        means = jax.nn.sigmoid(memory)
        return jnp.where(self.is_projected, 1.0, means * (1.0 - means))

    def steps(self, memory: jax.Array, visits: jax.Array, advantages: jax.Array, noise: Any) -> jax.Array:
        """Return by what memories move before bounds are kept, of `visits[S]` and `advantages[n_players, S]`."""
        plain = (1.0 - 2.0 * noise) * visits * advantages * self.slopes(memory)
        return self.rate * jnp.where(self.is_natural, advantages, plain)


def exact_steps(
    learners: Learners, memory: jax.Array, chain: Chain, rewards: jax.Array, noise: Any, discount: Any
) -> jax.Array:
    """Return `[n_players, S]`: by what memories move, of rewards `[n_players, S, J]`."""
    return learners.steps(memory, chain.visits, advantages_of(chain, rewards, discount), noise)


def welfare_slopes(
    learners: Learners, memory: jax.Array, chain: Chain, rewards: jax.Array, noise: Any, discount: Any
) -> jax.Array:
    """Return `[n_players, S]`: the derivative of the sum of all values by what is remembered."""
    gains = welfare_advantages_of(chain, rewards, discount)
    slopes: jax.Array = (1.0 - 2.0 * noise) * chain.visits * gains * learners.slopes(memory)
    return slopes


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
    """Return `[n_players, S]`: steps by gradients that are estimated from a batch of episodes (Williams 1992).

    In state s the score of what is played is weighed by the discounted rewards from there on, less their mean over
    the batch in that round. The visits by which a natural learner divides are those of its batch.
    """
    plays = noise + (1.0 - 2.0 * noise) * learners.means(memory)
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
    return learners.steps(memory, visits, slopes / jnp.where(visits > 0.0, visits, 1.0), noise)
