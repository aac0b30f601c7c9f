"""One episode of adaptive mechanism design in a 2x2 game (thesis section 4.2), as a law.

The protocol is that of the author's reference code, which the published tables come from. An episode is one
round of the game:

1. each learner cooperates with probability p_i = sigmoid(theta_i);
2. the planner, while it is on, adds its incentives to the payoffs, then takes one Adam step (Eq. 4.7);
3. each learner's reward is its own payoff + alpha_i * the other's payoff + its incentive; its centralised
   critic gives the temporal-difference error reward + gamma v - v (the next state is the same state, since
   the reference bootstraps past the end of an episode); theta_i ascends score * error by Adam (Eq. 4.1 with
   the policy gradient of Eq. 3.10), and the critic descends the squared error by Adam.

Everybody learns from the policies with which the episode was played.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulation.compilation import rule
from simulation.learning.adam import adam_ascend, adam_rate
from simulation.learning.critic import (
    critic_gradient,
    critic_value,
    initial_critic,
)
from simulation.learning.planner import PLANNER_SIZE, incentive, planner_gradient
from simulation.learning.policy_gradient import score, sigmoid
from theory._checks import FloatArray


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


class Constants(NamedTuple):
    """What stays fixed during a run."""

    payoffs: FloatArray
    """`[2, 2, 2]`: player, row action, column action; action 0 is C."""
    learning_rate: float
    discount: float
    planner_learning_rate: float
    lookahead_rate: float
    bound: float
    cost: float


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
    slopes: FloatArray
    welfare_slopes: FloatArray


def initial_state(
    theta: FloatArray,
    alpha: FloatArray,
    critic_units: int,
    planner_scale: float,
    generator: np.random.Generator,
) -> State:
    """Return the state before the first episode; the planner's layer and the critics are drawn at random."""
    planner = generator.normal(0.0, planner_scale, PLANNER_SIZE)
    critics = np.stack([initial_critic(critic_units, generator) for _ in range(2)])
    return State(
        theta=theta.copy(),
        alpha=alpha.copy(),
        theta_first=np.zeros(2),
        theta_second=np.zeros(2),
        critics=critics,
        critics_first=np.zeros_like(critics),
        critics_second=np.zeros_like(critics),
        planner=planner,
        planner_first=np.zeros(PLANNER_SIZE),
        planner_second=np.zeros(PLANNER_SIZE),
        learner_powers=np.ones(2),
        planner_powers=np.ones(2),
        paid=np.zeros(2),
    )


@rule
def new_round() -> Round:
    """Return an empty record."""
    return Round(np.zeros(2), np.zeros(2), np.zeros(2), np.zeros(2))


@rule
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
    )


@rule
def mechanism_design_round(
    state: State,
    draws: FloatArray,
    planning: bool,
    constants: Constants,
    workspace: Workspace,
    record: Round,
) -> None:
    """Play and learn from one episode; `draws[2]` are uniform on [0, 1). `state` and `record` are updated."""
    for i in range(2):
        p = sigmoid(state.theta[i])
        record.cooperation_probability[i] = p
        record.cooperated[i] = 1.0 if draws[i] < p else 0.0
    row = int(1.0 - record.cooperated[0])
    column = int(1.0 - record.cooperated[1])
    for i in range(2):
        record.payoff[i] = constants.payoffs[i, row, column]
        record.additional_reward[i] = 0.0
    if planning:
        _plan(state, constants, workspace, record)
    _learn(state, constants, workspace, record)


@rule
def _plan(state: State, constants: Constants, workspace: Workspace, record: Round) -> None:
    """Pay the incentives of this episode, then improve the planner's layer (Eq. 4.7)."""
    a1, a2 = record.cooperated[0], record.cooperated[1]
    for i in range(2):
        paid = incentive(state.planner, i, a1, a2, constants.bound)
        record.additional_reward[i] = paid
        state.paid[i] += abs(paid)
        p = record.cooperation_probability[i]
        workspace.slopes[i] = p * (1.0 - p)
        workspace.welfare_slopes[i] = workspace.slopes[i] * _welfare_gain_of_cooperating(
            constants.payoffs, i, record.cooperation_probability[1 - i]
        )
    planner_gradient(
        state.planner,
        a1,
        a2,
        workspace.slopes,
        workspace.welfare_slopes,
        constants.lookahead_rate,
        constants.cost,
        constants.bound,
        workspace.planner_gradient,
    )
    rate = adam_rate(constants.planner_learning_rate, state.planner_powers)
    adam_ascend(state.planner, workspace.planner_gradient, state.planner_first, state.planner_second, rate)


@rule
def _welfare_gain_of_cooperating(payoffs: FloatArray, player: int, other_cooperates: float) -> float:
    """Return E[V | player plays C] - E[V | D], where V is the sum of payoffs and the other mixes."""
    gain = 0.0
    for other in range(2):
        weight = other_cooperates if other == 0 else 1.0 - other_cooperates
        for receiver in range(2):
            if player == 0:
                gain += weight * (payoffs[receiver, 0, other] - payoffs[receiver, 1, other])
            else:
                gain += weight * (payoffs[receiver, other, 0] - payoffs[receiver, other, 1])
    return gain


@rule
def _learn(state: State, constants: Constants, workspace: Workspace, record: Round) -> None:
    """Let both critics and both learners take one Adam step."""
    rate = adam_rate(constants.learning_rate, state.learner_powers)
    for i in range(2):
        workspace.inputs[2 * i] = 1.0 - record.cooperation_probability[i]
        workspace.inputs[2 * i + 1] = record.cooperation_probability[i]
    for i in range(2):
        reward = record.payoff[i] + state.alpha[i] * record.payoff[1 - i] + record.additional_reward[i]
        critic = state.critics[i]
        value = critic_value(critic, workspace.inputs, workspace.hidden)
        error = reward + constants.discount * value - value
        critic_gradient(critic, workspace.inputs, workspace.hidden, error, workspace.critic_gradient)
        adam_ascend(critic, workspace.critic_gradient, state.critics_first[i], state.critics_second[i], rate)
        workspace.theta_gradient[i] = error * score(record.cooperated[i], record.cooperation_probability[i])
    adam_ascend(state.theta, workspace.theta_gradient, state.theta_first, state.theta_second, rate)


@rule
def incentives_by_outcome(planner: FloatArray, bound: float, out: FloatArray) -> None:
    """Write what the planner would pay to `out[4, 2]`: outcomes CC, CD, DC, DD by players."""
    for outcome in range(4):
        a1 = 1.0 - outcome // 2
        a2 = 1.0 - outcome % 2
        for i in range(2):
            out[outcome, i] = incentive(planner, i, a1, a2, bound)
