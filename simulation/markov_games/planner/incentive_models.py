"""Incentive models: how a planner's parameters become what it pays, for every player, state and joint action.

A model gives numbers z_i(s, j): of cells, of a network over views, or as they are offered (`encodings.py`). These
become incentives within the bound: r = c tanh(z), or c (1 + tanh(z)) / 2 and its negative where only rewards or only
punishments are allowed.
Then comes the budget, as in games without state: none, revenue-neutral (r less its mean over players, thesis 4.2), or
limited (scaled down so that absolute incentives of a step sum to the limit at most).
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from simulation.markov_games.planner.encodings import Offers, Views
from simulation.markov_games.planner.policies import LEAK

Signs = Literal["both", "rewards", "punishments"]
Budget = Literal["unrestricted", "revenue-neutral", "limited"]


class Rules(NamedTuple):
    """Which incentives are allowed, of what code is compiled for."""

    signs: str
    """`both`, `rewards` or `punishments`."""
    budget: str
    """`unrestricted`, `revenue-neutral` or `limited`."""


class Limits(NamedTuple):
    """How large incentives may be, in payoff units."""

    bound: Any
    """c: no single one is larger in absolute value, before the budget."""
    budget_limit: Any
    """Of the sum of absolute incentives of a step, where the budget is limited."""


def as_arrays(encoding: Any) -> Any:
    """Return cells, views or offers as arrays of JAX, of the precision in force."""
    if isinstance(encoding, Views | Offers):
        return type(encoding)(*(jnp.asarray(each, float) for each in encoding))
    return jnp.asarray(np.asarray(encoding), jnp.int32)


def first_parameters(key: jax.Array, encoding: Any, size: int, n_players: int) -> Any:
    """Return what a planner begins with: cells that pay nothing, `size` of them, or a network of `size` units.

    All weights of a network are random, so that it pays a little at first. Offers need no parameters.
    """
    if not isinstance(encoding, Views):
        return jnp.zeros(size)
    views = len(encoding.states)
    width = encoding.states.shape[-1] + encoding.actions.shape[-1]
    one, two = jax.random.split(key)
    weights = jax.random.normal(one, (width, size)) / width**0.5
    outputs = n_players // views
    return {
        "state": weights[: encoding.states.shape[-1]],
        "action": weights[encoding.states.shape[-1] :],
        "bias": jnp.zeros(size),
        "out": jax.random.normal(two, (size, outputs)) / size**0.5,
        "shift": jnp.zeros(outputs),
    }


def unbounded_incentives(parameters: Any, encoding: Any) -> jax.Array:
    """Return z `[n_players, S, J]`."""
    if isinstance(encoding, Offers):
        given: jax.Array = encoding.numbers
        return given
    if not isinstance(encoding, Views):
        cells: jax.Array = parameters[encoding]
        return cells
    states = encoding.states @ parameters["state"] + parameters["bias"]
    actions = encoding.actions @ parameters["action"]
    units = jax.nn.leaky_relu(states[:, :, None] + actions[:, None, :], LEAK)  # [views, S, J, hidden]
    found = units @ parameters["out"] + parameters["shift"]
    views, s, j, each = found.shape
    return jnp.moveaxis(found, -1, 1).reshape(views * each, s, j)


def incentives_of(outputs: jax.Array, rules: Rules, limits: Limits) -> jax.Array:
    """Return r^p `[n_players, S, J]` of z, in payoff units."""
    offered: jax.Array = limits.bound * jnp.tanh(outputs)
    if rules.signs != "both":
        offered = (limits.bound + offered) * (0.5 if rules.signs == "rewards" else -0.5)
    if rules.budget == "revenue-neutral":
        return offered - offered.mean(axis=0)
    if rules.budget == "limited":
        total = jnp.abs(offered).sum(axis=0)
        kept: jax.Array = jnp.where(total > limits.budget_limit, limits.budget_limit / total, 1.0)
        return offered * kept
    return offered
