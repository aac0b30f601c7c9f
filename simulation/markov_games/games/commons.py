"""A commons: N players harvest one stock that grows again, and what everybody leaves, others may take.

Everybody takes 0, 1, ... `most` units a step; where that is more than the stock, it is divided in proportion to what
they wanted. What is left, y of `capacity` K, grows by `growth` y (1 - y / K) units: the whole part for certain, one
more with the probability of the rest, so that stocks are whole numbers and the mean is logistic (Schaefer 1954). A
stock that is gone stays so, and the episode ends. Whoever leaves a unit bears the loss alone and shares the growth
with all: the tragedy of thesis section 2.1 (Hardin 1968; Gordon 1954), in the form of Perolat et al. (2017, "A
multi-agent reinforcement learning model of common-pool resource appropriation") less their map.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp

from simulation.markov_games.protocol import ListedGame, Outcomes
from theory.arguments import check_fields
from theory.checks import number_within, whole_number


class Stock(NamedTuple):
    """What there is to harvest."""

    units: jax.Array
    """From 0 to `capacity`."""


@dataclass(frozen=True, kw_only=True)
class Commons(ListedGame):
    """A stock that N players harvest.

    Parameters
    ----------
    players
        N, from 2 to 8.
    capacity
        K, the largest stock and the first one, units, from 1 to 1000.
    growth
        Share by which a small stock grows in a step, in [0, 4].
    most
        What one player can take in a step, units, from 1 to 8; a unit is worth one payoff unit.
    horizon
        Steps of an episode, at least 1.

    Raises
    ------
    ValueError
        If a parameter is not as above.
    """

    players: int = 2
    capacity: int = 12
    growth: float = 0.8
    most: int = 2
    horizon: int = 50

    def __post_init__(self) -> None:
        check_fields(self)
        whole_number("players", self.players, 2, 8)
        whole_number("capacity", self.capacity, 1, 1000)
        number_within("growth", self.growth, 0.0, 4.0)
        whole_number("most", self.most, 1, 8)
        whole_number("horizon", self.horizon, 1)

    @property
    def n_players(self) -> int:
        """N."""
        return self.players

    @property
    def n_actions(self) -> int:
        """To take nothing, one unit, and so on."""
        return self.most + 1

    def starts(self) -> tuple[jax.Array, Stock]:
        """Return the one first state: a full stock."""
        return jnp.ones(1), Stock(jnp.full(1, self.capacity))

    def outcomes(self, state: Stock, actions: jax.Array) -> Outcomes:
        """Return the two things that may follow `actions[n_players]`: what is left grows by a whole number."""
        wanted = jnp.sum(actions)
        share = jnp.minimum(1.0, state.units / jnp.maximum(wanted, 1))
        left = jnp.maximum(state.units - wanted, 0)
        grown = left + self.growth * left * (1.0 - left / self.capacity)
        fewer = jnp.floor(grown)
        units = jnp.minimum(jnp.stack([fewer, fewer + 1.0]), self.capacity).astype(state.units.dtype)
        return Outcomes(
            probabilities=jnp.stack([fewer + 1.0 - grown, grown - fewer]),
            states=Stock(units),
            rewards=jnp.tile(actions * share, (2, 1)),
            terminated=jnp.full(2, left == 0),
        )

    def observe(self, state: Stock) -> jax.Array:
        """Return `[N, K + 1]` zeros and ones: how large the stock is."""
        seen = (state.units == jnp.arange(self.capacity + 1)).astype(float)
        return jnp.tile(seen, (self.players, 1))
