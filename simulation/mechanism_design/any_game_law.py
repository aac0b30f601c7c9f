r"""One episode of adaptive mechanism design in any finite game of n players, with exact expectations.

Player i plays action k with probability pi_i(k), the softmax of its logits theta_ik; the last action's logit
is fixed at 0, so that two actions make a sigmoid as in thesis section 4.2. An outcome o is one action a_i(o) a
player, and pi(o) the product of their probabilities.

The planner's reward is r_i(o) = c tanh(z_i(o) / 2), or c sigmoid(z_i(o)) or its negative where one sign alone is
allowed, and its budget turns all r_j(o) into the incentives u_i(o) that are paid (the squashing and the budgets
are those of `simulation.planner.incentives`). Here z_i(o) is a sum of entries of a table of weights w: one for
every outcome ("outcome"), one for every own action ("own-action"), or one for every action of every player and
a bias ("layer", the single layer of section 4.2 on one-hot actions); or the output of a network with one hidden
layer (`simulation.planner.incentive_network`). Since every player's logits move by
eta (dV_i/dtheta_i + dV^p_i/dtheta_i) (Eq. 4.1), and

    dV^p_i / dtheta_ik = sum_o pi(o) (1[a_i(o) = k] - pi_i(k)) u_i(o),

the objective sum_i eta (dV^p_i/dtheta_i) . g_i - alpha E ||u||_2 with g_ik = dV/dtheta_ik of the welfare V
(Eq. 4.7 with the expected norm of the incentives for the norm of the expected ones) has the derivative
eta pi(o) sum_k g_ik (1[a_i(o) = k] - pi_i(k)) by u_i(o) in its first part; through the budget, du_i / dz_j, it
is one by the outputs.

The expectations visit every outcome, so an episode costs O(n times outcomes) whatever the incentives depend on,
and K times that with a network of K units, which saves weights and not time. For many players with linear
payoffs see `simulation.mechanism_design.many_players_law`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.engine.compilation import rule
from simulation.engine.elementary import exp
from simulation.learning.adam import adam_ascend, adam_rate
from simulation.learning.players import Kind, PlayersRules, chooses_by, learns_by, show_log_odds
from simulation.learning.policy_gradient import score
from simulation.learning.rule import Experience
from simulation.planner.incentive_network import (
    ascend_network,
    network_output,
    set_hidden,
)
from simulation.planner.incentives import (
    UNRESTRICTED,
    Incentives,
    by_outputs,
    set_payments,
    set_reward,
    set_slopes,
)
from simulation.planner.stability import Outcomes, cooperation_is_stable
from theory.checks import FloatArray, IntArray


class GameState(NamedTuple):
    """All that a run carries from one episode to the next."""

    theta: FloatArray
    """`[logits]`: of all players one after the other, one fewer than its actions each."""
    theta_first: FloatArray
    theta_second: FloatArray
    weights: FloatArray
    """`[weights]` of the planner's table or network."""
    weights_first: FloatArray
    weights_second: FloatArray
    learner_powers: FloatArray
    planner_powers: FloatArray
    paid: FloatArray
    """`[n_players]`: expected absolute incentives so far, summed over episodes."""
    clock: FloatArray
    """`[2]` episodes played, and the episode in which the planner retired (-1: it has not)."""
    memory: FloatArray
    """`[n_players, M]` what players remember who live by learning rules; `theta` is then the log-odds of P(C)."""


class GameConstants(NamedTuple):
    """What stays fixed during a run."""

    payoffs: FloatArray
    """`[n_players, outcomes]`."""
    actions: IntArray
    """`[n_players, outcomes]`: a_i(o)."""
    n_actions: IntArray
    """`[n_players]`."""
    first_logit: IntArray
    """`[n_players]`: where a player's logits begin in theta."""
    terms: IntArray
    """`[n_players, outcomes, terms]`: which weights z_i(o) sums; `[1, outcomes, terms]`: a network's inputs."""
    units: int
    """Hidden units of the network, or 0 for a table."""
    learning_rate: float
    planner_learning_rate: float
    lookahead_rate: float
    bound: float
    sign: int
    budget: int
    limit: float
    """Of the budget `LIMITED`: the largest sum of absolute incentives at an outcome."""
    cost: float
    retires: bool
    planned_episodes: int
    """In how many first episodes the planner acts."""
    rules: PlayersRules
    """Players' learning rules; none where they climb the expected gradients of this file."""


class GameRound(NamedTuple):
    """The record of one episode."""

    policy: FloatArray
    """`[n_players, most actions]` with which the episode was played, padded with 0."""
    welfare: FloatArray
    """`[1]`: expected, in the original game."""
    additional_reward: FloatArray
    """`[1]`: expected absolute incentives of all players."""


class PlayedRound(NamedTuple):
    """The record of one episode of players who live by learning rules."""

    expected: GameRound
    actions: NDArray[np.int8]
    """`[n_players]`: 0 for C."""
    reward: FloatArray
    """`[n_players]`: payoff and incentive, from which a player learns."""


class GameRoom(NamedTuple):
    """Room for intermediate results."""

    chance: FloatArray
    """`[outcomes]`: pi(o)."""
    incentive: FloatArray
    """`[n_players, outcomes]`: u_i(o)."""
    reward: FloatArray
    """`[outcomes, n_players]`: r_i(o), before the budget."""
    first: FloatArray
    """`[outcomes, n_players]`: dr_i(o) / dz_i(o)."""
    second: FloatArray
    slope: FloatArray
    """`[n_players, n_players]`: du_i / dz_j at one outcome."""
    push: FloatArray
    """`[logits]`: g, the derivative of welfare by every logit."""
    gradient: FloatArray
    """`[logits]` of the players' own rewards."""
    weight_gradient: FloatArray
    by_incentive: FloatArray
    """`[n_players]`: derivatives of the planner's objective by u_i at one outcome."""
    by_output: FloatArray
    """`[n_players]`: derivatives of the planner's objective by z_i at one outcome."""
    hidden: FloatArray
    """`[outcomes, units]` of a network."""


Law = Callable[[GameState, FloatArray, int, GameConstants, GameRoom, PlayedRound], None]


def new_game_round(constants: GameConstants) -> GameRound:
    """Return an empty record."""
    return GameRound(
        np.zeros((len(constants.payoffs), int(constants.n_actions.max()))), np.zeros(1), np.zeros(1)
    )


def new_played_round(constants: GameConstants) -> PlayedRound:
    """Return an empty record of players who live by learning rules."""
    players = len(constants.payoffs)
    return PlayedRound(new_game_round(constants), np.zeros(players, np.int8), np.zeros(players))


def new_game_room(constants: GameConstants, weights: int) -> GameRoom:
    """Return empty room for a planner with so many weights."""
    players, outcomes = constants.payoffs.shape
    logits = int((constants.n_actions - 1).sum())
    return GameRoom(
        chance=np.zeros(outcomes),
        incentive=np.zeros((players, outcomes)),
        reward=np.zeros((outcomes, players)),
        first=np.zeros((outcomes, players)),
        second=np.zeros((outcomes, players)),
        slope=np.zeros((players, players)),
        push=np.zeros(logits),
        gradient=np.zeros(logits),
        weight_gradient=np.zeros(weights),
        by_incentive=np.zeros(players),
        by_output=np.zeros(players),
        hidden=np.zeros((outcomes, constants.units)),
    )


@rule
def game_round(
    state: GameState,
    draws: FloatArray,
    step: int,
    constants: GameConstants,
    room: GameRoom,
    record: GameRound,
) -> None:
    """Learn from the expectations of one episode, which need no draws; `state` and `record` are updated."""
    planning = is_planning(state, step, constants)
    set_policies(state.theta, constants, room, record)
    set_game_incentives(state.weights, planning, constants, room)
    _pay(state, constants, room, record)
    _set_slopes(constants, room, record)
    if planning:
        _plan(state, constants, room, record)
    rate = adam_rate(constants.learning_rate, state.learner_powers)
    adam_ascend(state.theta, room.gradient, state.theta_first, state.theta_second, rate)
    state.clock[0] += 1.0


@rule
def is_planning(state: GameState, step: int, constants: GameConstants) -> bool:
    """Return whether the planner acts in an episode."""
    return bool(step < constants.planned_episodes and state.clock[1] < 0.0)


@rule
def _pay(state: GameState, constants: GameConstants, room: GameRoom, record: GameRound) -> None:
    """Write what is expected to be paid, in the game and by the planner."""
    players, outcomes = constants.payoffs.shape
    record.welfare[0] = 0.0
    record.additional_reward[0] = 0.0
    for i in range(players):
        for o in range(outcomes):
            expected = room.chance[o] * abs(room.incentive[i, o])
            record.welfare[0] += room.chance[o] * constants.payoffs[i, o]
            record.additional_reward[0] += expected
            state.paid[i] += expected


@rule
def _plan(state: GameState, constants: GameConstants, room: GameRoom, record: GameRound) -> None:
    """Let the planner learn, and leave if it may."""
    _improve(state, constants, room, record)
    if constants.retires and cooperation_is_stable(_outcomes(constants), record.policy):
        state.clock[1] = state.clock[0]


@lru_cache(maxsize=64)
def game_round_by(kinds: tuple[Kind, ...]) -> Law:
    """Return the law of one episode among players who live by learning rules of some kinds.

    It is `game_round` of games with two actions each, with the rules' way to choose and to learn; `draws[n_players]`
    decide the actions.
    """
    chooses, learns = chooses_by(kinds), learns_by(kinds)
    expecting = tuple(kind.expects for kind in kinds)

    @rule
    def learning_round(
        state: GameState,
        draws: FloatArray,
        step: int,
        constants: GameConstants,
        room: GameRoom,
        record: PlayedRound,
    ) -> None:
        kind, tunables = constants.rules.kind, constants.rules.tunables
        players = constants.payoffs.shape[0]
        planning = is_planning(state, step, constants)
        outcome, cooperators = 0, 0.0
        for i in range(players):
            p = chooses(kind[i], state.memory[i], tunables[i])
            record.expected.policy[i, 0] = p
            record.expected.policy[i, 1] = 1.0 - p
            record.actions[i] = 0 if draws[i] < p else 1
            outcome = 2 * outcome + int(record.actions[i])
            cooperators += 1.0 - record.actions[i]
        set_chances(constants, room, record.expected)
        set_game_incentives(state.weights, planning, constants, room)
        _pay(state, constants, room, record.expected)
        if planning:
            _set_slopes(constants, room, record.expected)
            _plan(state, constants, room, record.expected)
        for i in range(players):
            gain = math.nan
            if expecting[kind[i]]:
                gain = _expected_gain(i, constants, room, record.expected)
            record.reward[i] = constants.payoffs[i, outcome] + room.incentive[i, outcome]
            experience = _experience(i, gain, cooperators, record)
            learns(kind[i], state.memory[i], tunables[i], experience)
            show_log_odds(state.theta, i, chooses(kind[i], state.memory[i], tunables[i]))
        state.clock[0] += 1.0

    learning_round.__qualname__ = "learning_round"  # by which datasets name it
    return learning_round


@rule
def _experience(i: int, expected_gain: float, cooperators: float, record: PlayedRound) -> Experience:
    cooperated, p = 1.0 - record.actions[i], record.expected.policy[i, 0]
    others = max(record.actions.shape[0] - 1.0, 1.0)
    return Experience(
        cooperated=cooperated,
        cooperation_probability=p,
        noise=0.0,
        score=score(cooperated, p),
        reward=record.reward[i],
        expected_gain=expected_gain,
        others_cooperated=(cooperators - cooperated) / others,
    )


@rule
def _expected_gain(i: int, constants: GameConstants, room: GameRoom, record: GameRound) -> float:
    """Return what C instead of D adds to player i's expected reward, given the others' policies."""
    players, outcomes = constants.payoffs.shape
    gain = 0.0
    for own in range(2):
        for o in range(outcomes):
            if constants.actions[i, o] == own:
                weight = 1.0 if own == 0 else -1.0
                for j in range(players):
                    if j != i:
                        weight *= record.policy[j, constants.actions[j, o]]
                gain += weight * (constants.payoffs[i, o] + room.incentive[i, o])
    return gain


@rule
def _outcomes(constants: GameConstants) -> Outcomes:
    return Outcomes(constants.payoffs, constants.actions, constants.n_actions)


@rule
def set_policies(theta: FloatArray, constants: GameConstants, room: GameRoom, record: GameRound) -> None:
    """Write the players' policies and the probability of every outcome."""
    for i in range(constants.payoffs.shape[0]):
        last, first = constants.n_actions[i] - 1, constants.first_logit[i]
        highest = 0.0
        for k in range(last):
            highest = max(highest, theta[first + k])
        total = exp(-highest)
        record.policy[i, last] = total
        for k in range(last):
            record.policy[i, k] = exp(theta[first + k] - highest)
            total += record.policy[i, k]
        for k in range(last + 1):
            record.policy[i, k] /= total
    set_chances(constants, room, record)


@rule
def set_chances(constants: GameConstants, room: GameRoom, record: GameRound) -> None:
    """Write the probability of every outcome under the policies."""
    players, outcomes = constants.payoffs.shape
    for o in range(outcomes):
        chance = 1.0
        for i in range(players):
            chance *= record.policy[i, constants.actions[i, o]]
        room.chance[o] = chance


@rule
def set_game_incentives(
    weights: FloatArray, planning: bool, constants: GameConstants, room: GameRoom
) -> None:
    """Write u_i(o) of every player at every outcome; 0 while there is no planner."""
    players, outcomes = constants.payoffs.shape
    for o in range(outcomes):
        at = incentives_at(room, o)
        if not planning:
            for i in range(players):
                at.paid[i] = 0.0
            continue
        if constants.units > 0:
            set_hidden(weights, constants.terms[0, o], players, room.hidden[o])
        for i in range(players):
            if constants.units > 0:
                z = network_output(weights, room.hidden[o], i)
            else:
                z = table_output(weights, constants, i, o)
            set_reward(at, i, z, constants.bound, constants.sign)
        set_payments(at, players, constants.budget, constants.limit)


@rule
def incentives_at(room: GameRoom, outcome: int) -> Incentives:
    """Return the incentives at an outcome, a view on the room."""
    return Incentives(
        room.reward[outcome],
        room.first[outcome],
        room.second[outcome],
        room.incentive[:, outcome],
        room.slope,
    )


@rule
def table_output(weights: FloatArray, constants: GameConstants, player: int, outcome: int) -> float:
    """Return z_i(o)."""
    z = 0.0
    for t in range(constants.terms.shape[2]):
        z += weights[constants.terms[player, outcome, t]]
    return z


@rule
def _set_slopes(constants: GameConstants, room: GameRoom, record: GameRound) -> None:
    """Write the derivatives of welfare, and of each player's own reward, by its logits."""
    players, outcomes = constants.payoffs.shape
    for entry in range(room.push.shape[0]):
        room.push[entry] = 0.0
        room.gradient[entry] = 0.0
    for o in range(outcomes):
        welfare = 0.0
        for i in range(players):
            welfare += constants.payoffs[i, o]
        for i in range(players):
            reward = constants.payoffs[i, o] + room.incentive[i, o]
            for k in range(constants.n_actions[i] - 1):
                played = 1.0 if constants.actions[i, o] == k else 0.0
                score = room.chance[o] * (played - record.policy[i, k])
                room.push[constants.first_logit[i] + k] += score * welfare
                room.gradient[constants.first_logit[i] + k] += score * reward


@rule
def _improve(state: GameState, constants: GameConstants, room: GameRoom, record: GameRound) -> None:
    """Take one step up the planner's objective."""
    players, outcomes = constants.payoffs.shape
    for w in range(room.weight_gradient.shape[0]):
        room.weight_gradient[w] = 0.0
    for o in range(outcomes):
        at = incentives_at(room, o)
        square = 0.0
        for i in range(players):
            square += at.paid[i] * at.paid[i]
        length = math.sqrt(square)
        for i in range(players):
            by_incentive = 0.0
            for k in range(constants.n_actions[i] - 1):
                played = 1.0 if constants.actions[i, o] == k else 0.0
                by_incentive += room.push[constants.first_logit[i] + k] * (played - record.policy[i, k])
            by_incentive *= constants.lookahead_rate
            if length > 0.0:
                by_incentive -= constants.cost * at.paid[i] / length
            room.by_incentive[i] = room.chance[o] * by_incentive
        if constants.budget == UNRESTRICTED:
            # u_i depends on z_i alone, which spares n^2 products.
            for i in range(players):
                room.by_output[i] = room.by_incentive[i] * at.first[i]
        else:
            set_slopes(at, players, constants.budget, constants.limit)
            by_outputs(at, players, room.by_incentive, room.by_output)
        if constants.units > 0:
            ascend_network(
                room.weight_gradient,
                state.weights,
                constants.terms[0, o],
                room.hidden[o],
                room.by_output,
            )
        else:
            for i in range(players):
                for t in range(constants.terms.shape[2]):
                    room.weight_gradient[constants.terms[i, o, t]] += room.by_output[i]
    rate = adam_rate(constants.planner_learning_rate, state.planner_powers)
    adam_ascend(state.weights, room.weight_gradient, state.weights_first, state.weights_second, rate)
