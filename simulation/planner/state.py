"""What a planner and the two players in front of it carry, know and leave behind: the arrays of their laws."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulation.planner.incentives import Incentives, new_incentives
from simulation.planner.stability import Outcomes
from theory.checks import FloatArray


class State(NamedTuple):
    """All that a run carries from one episode to the next; a batch has a leading axis of runs."""

    theta: FloatArray
    """`[2]` policy parameters of the learners."""
    alpha: FloatArray
    """`[2]` cooperativeness: the weight of the other's payoff in a learner's reward."""
    theta_first: FloatArray
    """`[2]` Adam's mean of the gradient."""
    theta_second: FloatArray
    """`[2]` Adam's mean of the squared gradient."""
    critics: FloatArray
    """`[2, critic_size]` one centralised critic a learner."""
    critics_first: FloatArray
    critics_second: FloatArray
    planner: FloatArray
    """`[6]` the planner's layer."""
    planner_first: FloatArray
    planner_second: FloatArray
    learner_powers: FloatArray
    """`[2]` powers of Adam's decay rates after the learners' steps so far."""
    planner_powers: FloatArray
    """`[2]` the same for the planner, which may have taken fewer."""
    paid: FloatArray
    """`[2]` absolute additional rewards so far, summed over episodes."""
    window: FloatArray
    """`[rounds, 3]` scores of both players and welfare of past rounds, for the planner's estimates."""
    window_sums: FloatArray
    seen: FloatArray
    """`[rounds, 2]` actions as the planner saw them, for its model of the players."""
    seen_sums: FloatArray
    memory: FloatArray
    """`[2, M]` what learners remember who live by learning rules; `theta` is then the log-odds of their P(C)."""
    clock: FloatArray
    """`[2]` episodes played, and the episode in which the planner retired (-1: it has not)."""


class Planning(NamedTuple):
    """The planner's fixed rules."""

    learning_rate: float
    adam: bool
    lookahead_rate: float
    bound: float
    sign: int
    budget: int
    limit: float
    cost: float
    cost_squared: bool
    cost_of: int
    incentive_factor: int
    welfare_factor: int
    baseline: float
    deviation: float
    """Standard deviation of the stochastic policy's layer outputs; 0: deterministic."""
    closed_form: bool
    """Pay each player the other's payoff (thesis section 4.1.2), and learn nothing."""
    modelled: bool
    """Whether P(C) is estimated from the actions seen, or known."""
    flip: float
    """Probability with which each action is seen flipped."""
    sees: FloatArray
    """`[2]`: 1 if the player's actions are seen at all, 0 if not."""
    prior: float
    """P(C) that stands in for what is not known."""
    retires: bool
    outcomes: Outcomes
    """Of the original game, by which a planner that retires judges."""


class Round(NamedTuple):
    """The record of one episode, written anew by the law each time."""

    cooperation_probability: FloatArray
    """`[2]` with which the episode was played."""
    cooperated: FloatArray
    """`[2]`: 1 for C, 0 for D."""
    payoff: FloatArray
    """`[2]` of the original game."""
    additional_reward: FloatArray
    """`[2]` from the planner."""


class Workspace(NamedTuple):
    """Room for intermediate results, so that a round allocates nothing."""

    inputs: FloatArray
    hidden: FloatArray
    critic_gradient: FloatArray
    theta_gradient: FloatArray
    planner_gradient: FloatArray
    push: FloatArray
    weight: FloatArray
    by_output: FloatArray
    observed: FloatArray
    believed: FloatArray
    noise: FloatArray
    policy: FloatArray
    at: Incentives


def new_round() -> Round:
    """Return an empty record."""
    return Round(np.zeros(2), np.zeros(2), np.zeros(2), np.zeros(2))


def new_workspace(critic_units: int) -> Workspace:
    """Return room for the intermediate results of critics with so many hidden units."""
    return Workspace(
        np.zeros(4),
        np.zeros(critic_units),
        np.zeros(6 * critic_units + 1),
        np.zeros(2),
        np.zeros(6),
        np.zeros(2),
        np.zeros(2),
        np.zeros(2),
        np.zeros(2),
        np.zeros(2),
        np.zeros(2),
        np.zeros((2, 2)),
        new_incentives(),
    )
