"""What a population has come to: what a verdict is on."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.learning.policy_gradient import sigmoid_of
from simulation.population.parameters import PopulationParameters
from simulation.population.state import (
    FOR_COOPERATING,
    FOR_DEFECTING,
    PopulationRound,
    PopulationState,
    SmallArray,
)
from theory.checks import FloatArray


class Outcome(NamedTuple):
    """The outcome of a run: policies after the last step, and what happened in it."""

    cooperation: FloatArray
    """`[N]`: probability with which each agent means to cooperate."""
    alpha: FloatArray
    """`[N]`."""
    targeted: SmallArray
    """`[N]`: 1 for those whom the planner might pay, 0 for all if it was off."""
    incentive: FloatArray
    """`[2]`: what those were paid for C and for D."""
    pairs: NDArray[np.int64]
    """`[2, 2]`: on how many edges an outcome was seen, by the action of the agent with the smaller number first."""


def outcome_of(parameters: PopulationParameters, state: PopulationState, record: PopulationRound) -> Outcome:
    """Return what a population has come to after a step."""
    incentive = record.summary[[FOR_COOPERATING, FOR_DEFECTING]].copy()
    planned = bool(incentive.any())
    return Outcome(
        cooperation=sigmoid_of(state.theta),
        alpha=state.alpha.copy(),
        targeted=record.targeted.copy() if planned else np.zeros_like(record.targeted),
        incentive=incentive,
        pairs=_pairs(parameters, record),
    )


def _pairs(parameters: PopulationParameters, record: PopulationRound) -> NDArray[np.int64]:
    network = parameters.network
    once = network.sources < network.neighbours
    if parameters.per_partner:
        own, other = record.cooperated[once], record.cooperated[network.reverse[once]]
    else:
        own, other = record.cooperated[network.sources[once]], record.cooperated[network.neighbours[once]]
    return np.bincount(2 * (1 - own) + (1 - other), minlength=4).reshape(2, 2)


def is_finite(state: PopulationState) -> bool:
    """Return whether the policy parameters, the weights of others and the planner's layer are finite numbers."""
    # A sum of finite numbers of usual size is finite, and is one pass over the agents.
    with np.errstate(over="ignore", invalid="ignore"):
        total = float(state.theta.sum() + state.alpha.sum() + state.planner.sum())
    return math.isfinite(total) or all(
        bool(np.isfinite(part).all()) for part in (state.theta, state.alpha, state.planner)
    )


def divergence(run: str, step: int, state: PopulationState) -> str:
    """Return what to say of a run that left the finite numbers in a step."""
    beyond = np.flatnonzero(~(np.isfinite(state.theta) & np.isfinite(state.alpha)))
    who = f"agent {beyond[0]} has theta {state.theta[beyond[0]]:g}, " if beyond.size else ""
    return (
        f"{run} diverged in step {step}: {who}the planner's layer is {state.planner.tolist()}; smaller steps or "
        "payoffs would help"
    )
