"""Imitators take over the policy of a neighbour, the likelier the more it received (Szabó & Tőke 1998).

An imitator compares what it received with what a random neighbour did, and takes over that neighbour's theta and
alpha with probability sigmoid(intensity * difference). Of a neighbour whose rule has no theta it takes the log-odds
of the chance with which that one meant to cooperate.
"""

from __future__ import annotations

from simulation.engine.compilation import rule
from simulation.learning.policy_gradient import log_odds, sigmoid
from simulation.population.rules.fixed import means_by_theta
from simulation.population.rules.rule import PopulationRule
from simulation.population.state import (
    PopulationConstants,
    PopulationRound,
    PopulationState,
)


@rule
def _theta_of(
    state: PopulationState, j: int, constants: PopulationConstants, record: PopulationRound
) -> float:
    if constants.has_theta[state.rule[j]] == 1:
        theta: float = state.memory[0, j]
        return theta
    return log_odds((record.own_chance[j] - constants.noise) / (1.0 - 2.0 * constants.noise))


@rule
def _looks_at_a_neighbour(
    state: PopulationState, draw: float, i: int, constants: PopulationConstants, record: PopulationRound
) -> None:
    """Write what the imitator will be. One draw chooses the neighbour, and what is left of it whether to imitate."""
    start, end = constants.starts[i], constants.starts[i + 1]
    place = draw * (end - start)
    chosen = min(int(place), end - start - 1)
    j = constants.neighbours[start + chosen]
    theta, alpha = state.memory[0, i], state.alpha[i]
    record.next_theta[i], record.next_alpha[i] = theta, alpha
    theta_of_other = _theta_of(state, j, constants, record)
    # From its like an imitator has nothing to learn, which saves most comparisons within clusters.
    if theta_of_other != theta or state.alpha[j] != alpha:
        better = record.payoff[j] + record.incentive[j] - record.payoff[i] - record.incentive[i]
        if place - chosen < sigmoid(constants.intensity * better):
            record.next_theta[i], record.next_alpha[i] = theta_of_other, state.alpha[j]


@rule
def _takes_over(
    state: PopulationState, i: int, constants: PopulationConstants, record: PopulationRound
) -> None:
    state.memory[0, i], state.alpha[i] = record.next_theta[i], record.next_alpha[i]


IMITATOR_AGENT = PopulationRule(
    name="imitator", means=means_by_theta, looks=_looks_at_a_neighbour, changes=_takes_over
)
