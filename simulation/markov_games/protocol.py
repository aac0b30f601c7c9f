"""What a Markov game is: pure functions of a state, everybody's actions and chance, for N players (thesis 3.2.2).

A game says what may happen, `outcomes(state, actions)`, with the probabilities; a step draws one of these. So a game
that is played and a game that is enumerated are the same text. A game whose outcomes are too many to list says `step`
and `reset` itself, and is not enumerated.

A game *terminates* in a step after which nothing can be had; an episode is *truncated* after `horizon` steps, where
the game would have gone on. Values that look ahead stop at the first and not at the second.

Arrays are JAX's. A state is a NamedTuple of whole numbers, each an int32 scalar, so that games run under `vmap`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp


class Step(NamedTuple):
    """What one step gives."""

    state: Any
    rewards: jax.Array
    """`[n_players]`, in payoff units."""
    terminated: jax.Array
    """Whether the game has ended; that an episode is cut after `horizon` steps is not told here."""


class Outcomes(NamedTuple):
    """All that may happen, `k` the leading axis of every array, the state's included; impossible ones have 0."""

    probabilities: jax.Array
    """`[k]`, of sum 1."""
    states: Any
    rewards: jax.Array
    """`[k, n_players]`, in payoff units."""
    terminated: jax.Array
    """`[k]`."""


class MarkovGame(ABC):
    """A game with state for any number of players, all of whom have as many actions, the same in every state."""

    horizon: int
    """Steps after which an episode is truncated."""

    @property
    @abstractmethod
    def n_players(self) -> int:
        """How many play."""

    @property
    @abstractmethod
    def n_actions(self) -> int:
        """How many actions each has."""

    @abstractmethod
    def reset(self, key: jax.Array) -> Any:
        """Return the state that an episode begins with."""

    @abstractmethod
    def step(self, state: Any, actions: jax.Array, key: jax.Array) -> Step:
        """Return what follows `actions[n_players]`."""

    @abstractmethod
    def observe(self, state: Any) -> jax.Array:
        """Return `[n_players, size]`: what each player sees."""


class ListedGame(MarkovGame):
    """A Markov game that lists what may happen: steps and first states are drawn from its lists."""

    @abstractmethod
    def starts(self) -> tuple[jax.Array, Any]:
        """Return `[k]` probabilities of first states, and these."""

    @abstractmethod
    def outcomes(self, state: Any, actions: jax.Array) -> Outcomes:
        """Return all that may follow `actions[n_players]`."""

    def canonical(self, state: Any) -> Any:
        """Return the state that stands for all that differ in nothing the players see or get; by default itself."""
        return state

    def reset(self, key: jax.Array) -> Any:
        """Return the state that an episode begins with."""
        probabilities, states = self.starts()
        return _at(states, _drawn(probabilities, key))

    def step(self, state: Any, actions: jax.Array, key: jax.Array) -> Step:
        """Return what follows `actions[n_players]`."""
        may = self.outcomes(state, actions)
        drawn = _drawn(may.probabilities, key)
        return Step(_at(may.states, drawn), may.rewards[drawn], may.terminated[drawn])


def joint_actions(n_players: int, n_actions: int) -> jax.Array:
    """Return `[n_actions ** n_players, n_players]`: all joint actions, the last player's changing fastest."""
    grids = jnp.meshgrid(*[jnp.arange(n_actions)] * n_players, indexing="ij")
    return jnp.stack([grid.ravel() for grid in grids], axis=-1)


def _drawn(probabilities: jax.Array, key: jax.Array) -> jax.Array:
    """Return a place by its probability: the first whose sum passes a uniform draw, so never an impossible one."""
    sums = jnp.cumsum(probabilities)
    return jnp.sum(jax.random.uniform(key) * sums[-1] >= sums)


def _at(states: Any, place: jax.Array) -> Any:
    return jax.tree.map(lambda values: values[place], states)
