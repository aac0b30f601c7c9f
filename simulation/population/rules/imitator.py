"""Imitators take over the policy of a neighbour, the likelier the more it received (Szabó & Tőke 1998).

An imitator compares what it received with what a random neighbour did, and takes over that neighbour's theta and
alpha with probability sigmoid(intensity * difference). Of a neighbour whose rule has no theta it takes the log-odds
of the chance with which that one meant to cooperate.
"""

from __future__ import annotations

from simulation.engine.compilation import rule
from simulation.learning.policy_gradient import log_odds, sigmoid
from simulation.population.rules.rule import PopulationRule
from simulation.population.state import (
    PopulationConstants,
    PopulationRoom,
    PopulationState,
)


@rule
def _theta_of(state: PopulationState, j: int, constants: PopulationConstants, room: PopulationRoom) -> float:
    if constants.has_theta[state.rule[j]] == 1:
        theta: float = state.memory[0, j]
        return theta
    return log_odds((room.own_chance[j] - constants.noise) / (1.0 - 2.0 * constants.noise))


@rule
def _looks_at_a_neighbour(
    state: PopulationState, draw: float, i: int, constants: PopulationConstants, room: PopulationRoom
) -> None:
    """Write what the imitator will be. One draw chooses the neighbour, and what is left of it whether to imitate."""
    start, end = constants.starts[i], constants.starts[i + 1]
    place = draw * (end - start)
    chosen = min(int(place), end - start - 1)
    j = constants.neighbours[start + chosen]
    theta, alpha = state.memory[0, i], state.alpha[i]
    room.next_theta[i], room.next_alpha[i] = theta, alpha
    theta_of_other = _theta_of(state, j, constants, room)
    # From its like an imitator has nothing to learn, which saves most comparisons within clusters.
    if theta_of_other != theta or state.alpha[j] != alpha:
        better = room.payoff[j] + room.incentive[j] - room.payoff[i] - room.incentive[i]
        if place - chosen < sigmoid(constants.intensity * better):
            room.next_theta[i], room.next_alpha[i] = theta_of_other, state.alpha[j]


@rule
def _takes_over(state: PopulationState, i: int, constants: PopulationConstants, room: PopulationRoom) -> None:
    state.memory[0, i], state.alpha[i] = room.next_theta[i], room.next_alpha[i]


IMITATOR_AGENT = PopulationRule(name="imitator", looks=_looks_at_a_neighbour, changes=_takes_over)
