"""One episode of adaptive mechanism design in a 2x2 game (thesis section 4.2), as a law.

An episode is one round of the game:

1. each learner cooperates with probability p_i = sigmoid(theta_i);
2. the planner, while it is on, adds its incentives to the payoffs, then improves its layer (Eq. 4.7);
3. each learner's reward is its own payoff + alpha_i * the other's payoff + its incentive. A sampled learner's
   centralised critic gives the temporal-difference error reward + gamma v - v (the next state is the same
   state, since the reference code bootstraps past the end of an episode); theta_i ascends score * error
   (Eq. 4.1 with the policy gradient of Eq. 3.10) and the critic descends the squared error. An
   expected-gradient learner ascends the exact derivative of its expected reward (Eq. 4.1 as it is written).

Everybody learns from the policies with which the episode was played. The defaults of
`MechanismDesignParameters` are the protocol of the author's reference code, which the published tables come
from.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from simulation.engine.compilation import rare_rule, rule
from simulation.engine.draws import normal
from simulation.learning.adam import adam_ascend, adam_rate
from simulation.learning.critic import critic_gradient, critic_value, initial_critic
from simulation.learning.players import show_log_odds
from simulation.learning.policy_gradient import score, sigmoid
from simulation.learning.rule import Experience, LearningRule
from simulation.planner.incentives import PLANNER_SIZE
from simulation.planner.lookahead import SEEN_SUMS, WINDOW_SUMS
from simulation.planner.observation import set_average_incentives
from simulation.planner.planning import plan
from simulation.planner.state import Planning, Round, State, Workspace
from theory.checks import FloatArray


class Constants(NamedTuple):
    """What stays fixed during a run."""

    payoffs: FloatArray
    """`[2, 2, 2]`: player, row action, column action; action 0 is C."""
    learning_rate: float
    discount: float
    adam: bool
    """Whether learners use Adam, or plain gradient ascent."""
    expected: bool
    """Whether learners ascend the gradient of the expected reward, or a sampled one."""
    planning: Planning
    planned_episodes: int
    """In how many first episodes the planner acts."""
    tunables: tuple[tuple[float, ...], ...]
    """Of both learners' learning rules; empty where they climb the policy gradient of this file."""


Law = Callable[[State, FloatArray, bool, Constants, Workspace, Round], None]


def initial_state(
    theta: FloatArray,
    alpha: FloatArray,
    critic_units: int,
    planner_scale: float,
    window: int,
    seen: int,
    memory: FloatArray,
    generator: np.random.Generator,
) -> State:
    """Return the state before the first episode; the planner's layer and the critics are drawn at random."""
    planner = normal(generator, planner_scale, PLANNER_SIZE)
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
        window=np.zeros((window, 3)),
        window_sums=np.zeros(WINDOW_SUMS),
        seen=np.zeros((seen, 2)),
        seen_sums=np.zeros(SEEN_SUMS),
        memory=memory.copy(),
        clock=np.array([0.0, -1.0]),
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
    """Play and learn from one episode; `draws` are uniform on [0, 1), the first two decide the actions.

    `state` and `record` are updated. Further draws are used where the planner is stochastic or sees actions
    flipped (see `simulation.planner.planning`).
    """
    for i in range(2):
        p = sigmoid(state.theta[i])
        record.cooperation_probability[i] = p
        record.cooperated[i] = 1.0 if draws[i] < p else 0.0
    _pay(constants, record)
    planning = planning and state.clock[1] < 0.0
    if constants.expected:
        _expected_gradients(state, planning, constants, workspace, record)
    if planning:
        plan(state, draws, constants.payoffs, constants.planning, workspace, record)
    if constants.expected:
        _ascend(state, constants, workspace, _rate(state, constants))
    else:
        _learn(state, constants, workspace, record)
    state.clock[0] += 1.0


@rule
def _pay(constants: Constants, record: Round) -> None:
    row = int(1.0 - record.cooperated[0])
    column = int(1.0 - record.cooperated[1])
    for i in range(2):
        record.payoff[i] = constants.payoffs[i, row, column]
        record.additional_reward[i] = 0.0


@rule
def _reward(state: State, i: int, record: Round) -> float:
    reward: float = record.payoff[i] + state.alpha[i] * record.payoff[1 - i] + record.additional_reward[i]
    return reward


@rule
def _rate(state: State, constants: Constants) -> float:
    if constants.adam:
        return adam_rate(constants.learning_rate, state.learner_powers)
    return constants.learning_rate


@rule
def _ascend(state: State, constants: Constants, workspace: Workspace, rate: float) -> None:
    """Move both policy parameters up `workspace.theta_gradient`."""
    if constants.adam:
        adam_ascend(state.theta, workspace.theta_gradient, state.theta_first, state.theta_second, rate)
    else:
        for i in range(2):
            state.theta[i] += rate * workspace.theta_gradient[i]


@rule
def _learn(state: State, constants: Constants, workspace: Workspace, record: Round) -> None:
    """Let both critics and both learners take one step from the sampled round."""
    rate = _rate(state, constants)
    for i in range(2):
        workspace.inputs[2 * i] = 1.0 - record.cooperation_probability[i]
        workspace.inputs[2 * i + 1] = record.cooperation_probability[i]
    for i in range(2):
        reward = _reward(state, i, record)
        critic = state.critics[i]
        gradient = workspace.critic_gradient
        value = critic_value(critic, workspace.inputs, workspace.hidden)
        error = reward + constants.discount * value - value
        critic_gradient(critic, workspace.inputs, workspace.hidden, error, gradient)
        if constants.adam:
            adam_ascend(critic, gradient, state.critics_first[i], state.critics_second[i], rate)
        else:
            for k in range(critic.shape[0]):
                critic[k] += rate * gradient[k]
        workspace.theta_gradient[i] = error * score(record.cooperated[i], record.cooperation_probability[i])
    _ascend(state, constants, workspace, rate)


@rare_rule
def _expected_gradients(
    state: State, planning: bool, constants: Constants, workspace: Workspace, record: Round
) -> None:
    """Write d E[reward_i] / dtheta_i of Eq. 4.1 under the planner's present layer into `theta_gradient`."""
    game, rules = constants.payoffs, constants.planning
    for i in range(2):
        workspace.theta_gradient[i] = 0.0
    for row in range(2):
        for column in range(2):
            if planning:
                set_average_incentives(
                    state.planner, game, rules, 1.0 - row, 1.0 - column, workspace.at, workspace.by_output
                )
            for i in range(2):
                own, other = (row, column) if i == 0 else (column, row)
                p, q = record.cooperation_probability[i], record.cooperation_probability[1 - i]
                slope = p * (1.0 - p) if own == 0 else -p * (1.0 - p)
                weight = slope * (q if other == 0 else 1.0 - q)
                reward = game[i, row, column] + state.alpha[i] * game[1 - i, row, column]
                if planning:
                    reward += workspace.by_output[i]
                workspace.theta_gradient[i] += weight * reward


@rare_rule
def _expected_gain(
    state: State, i: int, planning: bool, constants: Constants, workspace: Workspace, record: Round
) -> float:
    """Return what C instead of D adds to learner i's expected reward under the planner's present layer."""
    game, gain = constants.payoffs, 0.0
    for own in range(2):
        for other in range(2):
            row, column = (own, other) if i == 0 else (other, own)
            reward = game[i, row, column] + state.alpha[i] * game[1 - i, row, column]
            if planning:
                set_average_incentives(
                    state.planner, game, constants.planning, 1.0 - row, 1.0 - column, workspace.at,
                    workspace.by_output,
                )  # fmt: skip
                reward += workspace.by_output[i]
            q = record.cooperation_probability[1 - i]
            gain += (1.0 if own == 0 else -1.0) * (q if other == 0 else 1.0 - q) * reward
    return gain


@lru_cache(maxsize=64)
def round_by(rules: tuple[LearningRule, LearningRule]) -> Law:
    """Return the law of one episode between learners who live by learning rules, `untuned`.

    It is `mechanism_design_round` with their way to choose and to learn in place of the policy gradient's. There is
    no critic. `theta` shows the log-odds of P(C).
    """
    first, second = rules
    choose_first, choose_second = first.cooperation, second.cooperation
    learn_first, learn_second = first.learn, second.learn
    first_expects, second_expects = first.expects, second.expects
    # A row is as long as the longer of both memories, of which each rule is shown its own.
    n_first, n_second = len(first.memory), len(second.memory)

    @rule
    def learning_round(
        state: State,
        draws: FloatArray,
        planning: bool,
        constants: Constants,
        workspace: Workspace,
        record: Round,
    ) -> None:
        tunables = constants.tunables
        memory_of_first, memory_of_second = state.memory[0, :n_first], state.memory[1, :n_second]
        record.cooperation_probability[0] = choose_first(memory_of_first, tunables[0])
        record.cooperation_probability[1] = choose_second(memory_of_second, tunables[1])
        for i in range(2):
            record.cooperated[i] = 1.0 if draws[i] < record.cooperation_probability[i] else 0.0
        _pay(constants, record)
        planning = planning and state.clock[1] < 0.0
        gain_of_first, gain_of_second = math.nan, math.nan
        if first_expects:
            gain_of_first = _expected_gain(state, 0, planning, constants, workspace, record)
        if second_expects:
            gain_of_second = _expected_gain(state, 1, planning, constants, workspace, record)
        if planning:
            plan(state, draws, constants.payoffs, constants.planning, workspace, record)
        learn_first(memory_of_first, tunables[0], _experience(state, 0, gain_of_first, record))
        learn_second(memory_of_second, tunables[1], _experience(state, 1, gain_of_second, record))
        show_log_odds(state.theta, 0, choose_first(memory_of_first, tunables[0]))
        show_log_odds(state.theta, 1, choose_second(memory_of_second, tunables[1]))
        state.clock[0] += 1.0

    learning_round.__qualname__ = "learning_round"  # by which datasets name it
    return learning_round


@rule
def _experience(state: State, i: int, expected_gain: float, record: Round) -> Experience:
    p = record.cooperation_probability[i]
    return Experience(
        cooperated=record.cooperated[i],
        cooperation_probability=p,
        noise=0.0,
        score=score(record.cooperated[i], p),
        reward=_reward(state, i, record),
        expected_gain=expected_gain,
        others_cooperated=record.cooperated[1 - i],
    )
