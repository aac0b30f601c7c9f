"""Policy models: how parameters become a policy for every state, as a table of log-odds that can be differentiated.

Games with state that are written out have few states. So a policy is computed once for all of them, whatever it is
made of, and everything after that (visits, episodes, gradients) works on tables: a model is one function from
parameters to log-odds `[n_players, S, A]`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from theory.arguments import check_fields, of_type, optional
from theory.checks import number_within, whole_number

# Slope of a hidden unit below 0, as in the thesis's program.
LEAK = 0.2


@dataclass(frozen=True, kw_only=True)
class SoftmaxTable:
    """A number for every player, state and action.

    Parameters
    ----------
    deviation
        Standard deviation of the first numbers, at least 0.
    """

    deviation: float = 0.1

    def __post_init__(self) -> None:
        check_fields(self)
        number_within("deviation", self.deviation, 0.0, 1e9)

    def first(self, key: jax.Array, observations: jax.Array, n_actions: int) -> Any:
        """Return the parameters that a run begins with; `observations[S, n_players, size]`."""
        states, players, _ = observations.shape
        return self.deviation * jax.random.normal(key, (players, states, n_actions))

    def logits(self, parameters: Any, observations: jax.Array) -> jax.Array:
        """Return `[n_players, S, A]`."""
        table: jax.Array = parameters
        return table


@dataclass(frozen=True, kw_only=True)
class PolicyNetwork:
    """A network of one hidden layer over what a player sees, each player its own (thesis 4.3.1).

    Hidden units are leaky and linear. What is put in is divided by the square root of how many numbers come in, so
    that a first policy is nearly uniform.

    Parameters
    ----------
    units
        Of the hidden layer, from 1 to 4096.
    """

    units: int = 64

    def __post_init__(self) -> None:
        check_fields(self)
        whole_number("units", self.units, 1, 4096)

    def first(self, key: jax.Array, observations: jax.Array, n_actions: int) -> Any:
        """Return the parameters that a run begins with; `observations[S, n_players, size]`."""
        _, players, size = observations.shape
        return first_weights(key, players, size, self.units, n_actions)

    def logits(self, parameters: Any, observations: jax.Array) -> jax.Array:
        """Return `[n_players, S, A]`."""
        return network_outputs(parameters, jnp.swapaxes(observations, 0, 1))


PolicyModel = SoftmaxTable | PolicyNetwork
A_MODEL = optional(of_type(SoftmaxTable, PolicyNetwork))


def first_weights(key: jax.Array, networks: int, size: int, units: int, outputs: int) -> dict[str, jax.Array]:
    """Return random weights of so many networks of one hidden layer, and biases of 0."""
    one, two = jax.random.split(key)
    return {
        "in": jax.random.normal(one, (networks, size, units)) / size**0.5,
        "bias": jnp.zeros((networks, 1, units)),
        "out": 0.1 * jax.random.normal(two, (networks, units, outputs)) / units**0.5,
        "shift": jnp.zeros((networks, 1, outputs)),
    }


def network_outputs(weights: Any, inputs: jax.Array) -> jax.Array:
    """Return `[networks, rows, outputs]` of `inputs[networks, rows, size]`."""
    units = jax.nn.leaky_relu(inputs @ weights["in"] + weights["bias"], LEAK)
    found: jax.Array = units @ weights["out"] + weights["shift"]
    return found
