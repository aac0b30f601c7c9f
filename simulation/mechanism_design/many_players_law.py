"""One episode of adaptive mechanism design among N players whose payoffs are linear in the number of cooperators.

The game is `theory.linear_dilemma` (thesis section 4.3, footnote 4): with a share m of cooperators among the
others, cooperating pays S + (R - S) m and defecting pays P + (T - P) m. Because payoffs are linear in m, all
expectations need only the mean of the others' probabilities, so that an episode costs O(N).

The planner is one layer for all, a player's own action to its incentive, r(a) = 2c (sigmoid(w a + b) - 1/2). It
ascends the mean over players of eta * (dV^p_i / dtheta_i) * (dV / dtheta_i), with both factors exact
(Eq. 4.3), less alpha times the root mean square of the incentives paid (Eq. 4.7 has the Euclidean norm of the
expected ones). Both terms are means over players, so that the price of an incentive does not depend on N.

Learners have no critic: a centralised one costs O(N^2), and in two-player games it makes no difference. Players
may live by learning rules instead, each by its own. The planner knows with which probability they cooperate, and
takes its log-odds for the theta of those whose rule has none, the model of Eq. 4.6 where P(C) is known.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from simulation.engine.compilation import rule
from simulation.engine.draws import normal
from simulation.learning.adam import adam_ascend, adam_rate
from simulation.learning.players import (
    Kind,
    PlayersRules,
    chooses_by,
    learns_by,
    show_log_odds,
)
from simulation.learning.policy_gradient import score, sigmoid
from simulation.learning.rule import Experience
from theory.checks import FloatArray


class ManyState(NamedTuple):
    """All that a run carries from one episode to the next."""

    theta: FloatArray
    """`[N]` policy parameters."""
    theta_first: FloatArray
    theta_second: FloatArray
    planner: FloatArray
    """`[2]` w and b."""
    planner_first: FloatArray
    planner_second: FloatArray
    learner_powers: FloatArray
    planner_powers: FloatArray
    paid: FloatArray
    """`[1]` absolute additional rewards so far, summed over players and episodes."""
    memory: FloatArray
    """`[N, M]` what players remember who live by learning rules; `theta` is then the log-odds of their P(C)."""


class ManyConstants(NamedTuple):
    """What stays fixed during a run."""

    reward: float
    sucker: float
    temptation: float
    punishment: float
    learning_rate: float
    expected: bool
    planner_learning_rate: float
    lookahead_rate: float
    bound: float
    cost: float
    planned_episodes: int
    """In how many first episodes the planner acts."""
    rules: PlayersRules
    """Players' learning rules; none where they climb the policy gradient of this file."""


class ManyRoom(NamedTuple):
    """Room for intermediate results."""

    cooperation_probability: FloatArray
    """`[N]` with which the episode was played."""
    cooperated: FloatArray
    """`[N]`: 1 for C, 0 for D."""
    gradient: FloatArray
    planner_gradient: FloatArray


class ManyRound(NamedTuple):
    """The record of one episode, `[1]` each."""

    mean_cooperation: FloatArray
    """Mean of the probabilities."""
    welfare: FloatArray
    additional_reward: FloatArray
    """Absolute, summed over players."""


class _Pay(NamedTuple):
    """What an episode pays for C and for D: in the game, and by the planner."""

    to_cooperate: float
    to_defect: float
    if_cooperating: float
    if_defecting: float


Law = Callable[[ManyState, FloatArray, int, ManyConstants, ManyRoom, ManyRound], None]


def initial_many_state(
    n_players: int,
    theta: float | FloatArray,
    planner_scale: float,
    generator: np.random.Generator,
    memory: FloatArray | None = None,
) -> ManyState:
    """Return the state before the first episode; the planner's layer is drawn at random.

    `theta` is everybody's, or `[n_players]`; `memory[n_players, M]` is what they remember by learning rules.
    """
    planner = normal(generator, planner_scale, 2)
    players, layer = np.zeros(n_players), np.zeros(2)
    return ManyState(
        theta=np.full(n_players, theta),
        theta_first=players.copy(),
        theta_second=players.copy(),
        planner=planner,
        planner_first=layer.copy(),
        planner_second=layer.copy(),
        learner_powers=np.ones(2),
        planner_powers=np.ones(2),
        paid=np.zeros(1),
        memory=np.zeros((n_players, 0)) if memory is None else memory,
    )


def new_many_room(n_players: int) -> ManyRoom:
    """Return empty room."""
    return ManyRoom(*(np.zeros(size) for size in (n_players, n_players, n_players, 2)))


def new_many_round() -> ManyRound:
    """Return an empty record."""
    return ManyRound(np.zeros(1), np.zeros(1), np.zeros(1))


@rule
def own_action_incentive(planner: FloatArray, cooperated: float, bound: float) -> float:
    """Return r(a)."""
    return 2.0 * bound * (sigmoid(planner[0] * cooperated + planner[1]) - 0.5)


@rule
def many_player_round(
    state: ManyState,
    draws: FloatArray,
    step: int,
    constants: ManyConstants,
    room: ManyRoom,
    record: ManyRound,
) -> None:
    """Play and learn from one episode; `draws[N]` are uniform on [0, 1). `state` and `record` are updated."""
    planning = step < constants.planned_episodes
    players = state.theta.shape[0]
    cooperators, total = 0.0, 0.0
    for i in range(players):
        p = sigmoid(state.theta[i])
        action = 1.0 if draws[i] < p else 0.0
        room.cooperation_probability[i] = p
        room.cooperated[i] = action
        cooperators += action
        total += p
    others = players - 1.0
    pay = _pay(state, planning, constants, record, cooperators, total)
    for i in range(players):
        p = room.cooperation_probability[i]
        if constants.expected:
            share = (total - p) / others
            gain = _gain_of_cooperating(constants, share) + pay.if_cooperating - pay.if_defecting
            room.gradient[i] = p * (1.0 - p) * gain
        elif room.cooperated[i] == 1.0:
            room.gradient[i] = score(1.0, p) * (pay.to_cooperate + pay.if_cooperating)
        else:
            room.gradient[i] = score(0.0, p) * (pay.to_defect + pay.if_defecting)
    if planning:
        _improve(state, constants, room, total, cooperators)
    rate = adam_rate(constants.learning_rate, state.learner_powers)
    adam_ascend(state.theta, room.gradient, state.theta_first, state.theta_second, rate)


@rule
def _pay(
    state: ManyState,
    planning: bool,
    constants: ManyConstants,
    record: ManyRound,
    cooperators: float,
    total: float,
) -> _Pay:
    """Return what is paid where so many cooperate, whose probabilities sum to `total`; write the record."""
    players = state.theta.shape[0]
    others = players - 1.0
    to_cooperate = constants.sucker + (constants.reward - constants.sucker) * (cooperators - 1.0) / others
    to_defect = constants.punishment + (constants.temptation - constants.punishment) * cooperators / others
    if_cooperating, if_defecting = 0.0, 0.0
    if planning:
        if_cooperating = own_action_incentive(state.planner, 1.0, constants.bound)
        if_defecting = own_action_incentive(state.planner, 0.0, constants.bound)
    defectors = players - cooperators
    record.mean_cooperation[0] = total / players
    record.welfare[0] = cooperators * to_cooperate + defectors * to_defect
    record.additional_reward[0] = cooperators * abs(if_cooperating) + defectors * abs(if_defecting)
    state.paid[0] += record.additional_reward[0]
    return _Pay(to_cooperate, to_defect, if_cooperating, if_defecting)


@lru_cache(maxsize=64)
def many_round_by(kinds: tuple[Kind, ...]) -> Law:
    """Return the law of one episode among players who live by learning rules of some kinds.

    It is `many_player_round` with their way to choose and to learn in place of the policy gradient's.
    """
    chooses, learns = chooses_by(kinds), learns_by(kinds)
    expecting = tuple(kind.expects for kind in kinds)

    @rule
    def learning_round(
        state: ManyState,
        draws: FloatArray,
        step: int,
        constants: ManyConstants,
        room: ManyRoom,
        record: ManyRound,
    ) -> None:
        planning = step < constants.planned_episodes
        kind, tunables = constants.rules.kind, constants.rules.tunables
        players = state.theta.shape[0]
        cooperators, total = 0.0, 0.0
        for i in range(players):
            p = chooses(kind[i], state.memory[i], tunables[i])
            room.cooperation_probability[i] = p
            room.cooperated[i] = 1.0 if draws[i] < p else 0.0
            cooperators += room.cooperated[i]
            total += p
        pay = _pay(state, planning, constants, record, cooperators, total)
        if planning:
            _improve(state, constants, room, total, cooperators)
        for i in range(players):
            gain = math.nan
            if expecting[kind[i]]:
                share = (total - room.cooperation_probability[i]) / (players - 1.0)
                gain = _gain_of_cooperating(constants, share) + pay.if_cooperating - pay.if_defecting
            learns(kind[i], state.memory[i], tunables[i], _experience(i, gain, cooperators, pay, room))
            show_log_odds(state.theta, i, chooses(kind[i], state.memory[i], tunables[i]))

    learning_round.__qualname__ = "learning_round"  # by which datasets name it
    return learning_round


@rule
def _experience(i: int, expected_gain: float, cooperators: float, pay: _Pay, room: ManyRoom) -> Experience:
    cooperated, p = room.cooperated[i], room.cooperation_probability[i]
    reward = pay.to_defect + pay.if_defecting
    if cooperated == 1.0:
        reward = pay.to_cooperate + pay.if_cooperating
    return Experience(
        cooperated=cooperated,
        cooperation_probability=p,
        noise=0.0,
        score=score(cooperated, p),
        reward=reward,
        expected_gain=expected_gain,
        others_cooperated=(cooperators - cooperated) / (room.cooperated.shape[0] - 1.0),
    )


@rule
def _gain_of_cooperating(constants: ManyConstants, share: float) -> float:
    """Return what a player gains by cooperating when so large a share of the others does."""
    to_cooperate = constants.sucker + (constants.reward - constants.sucker) * share
    return to_cooperate - constants.punishment - (constants.temptation - constants.punishment) * share


@rule
def _improve(
    state: ManyState, constants: ManyConstants, room: ManyRoom, total: float, cooperators: float
) -> None:
    """Take one step up the planner's objective."""
    players = state.theta.shape[0]
    others = players - 1.0
    # What one more cooperator gives to all others together, if everybody plays as now.
    to_each_cooperator = constants.reward - constants.sucker
    to_each_defector = constants.temptation - constants.punishment
    push = 0.0
    for i in range(players):
        p = room.cooperation_probability[i]
        share = (total - p) / others
        to_others = share * to_each_cooperator + (1.0 - share) * to_each_defector
        slope = p * (1.0 - p)
        push += slope * slope * (_gain_of_cooperating(constants, share) + to_others)
    push *= constants.lookahead_rate / players
    s1, s0 = sigmoid(state.planner[0] + state.planner[1]), sigmoid(state.planner[1])
    scale = 2.0 * constants.bound
    r1, r0 = scale * (s1 - 0.5), scale * (s0 - 0.5)
    slope1, slope0 = scale * s1 * (1.0 - s1), scale * s0 * (1.0 - s0)
    share = cooperators / players
    size = math.sqrt(share * r1 * r1 + (1.0 - share) * r0 * r0)
    by_1, by_0 = push * slope1, -push * slope0
    if size > 0.0:
        by_1 -= constants.cost * share * r1 * slope1 / size
        by_0 -= constants.cost * (1.0 - share) * r0 * slope0 / size
    room.planner_gradient[0] = by_1
    room.planner_gradient[1] = by_1 + by_0
    rate = adam_rate(constants.planner_learning_rate, state.planner_powers)
    adam_ascend(state.planner, room.planner_gradient, state.planner_first, state.planner_second, rate)
