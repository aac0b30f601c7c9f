"""The planner of a population: one offer for all that it may pay, within a hard budget.

The offer depends on a player's own action, r(a) = 2c (sigmoid(w a + b) - 1/2), as in
`simulation.mechanism_design.many_players_law`. With n_C cooperators and n_D defectors among those whom the planner
may pay, and the budget B a step,

    u(a) = s r(a),   s = min(1, B / (n_C |r(C)| + n_D |r(D)|)),

is paid, so that absolute incentives never sum to more than B. The planner ascends, in w and b,

    (1/N) sum_i eta (dV^p_i / dtheta_i) (dV / dtheta_i)  -  cost * sqrt((n_C u(C)^2 + n_D u(D)^2) / N)

over the learners i that it may pay (thesis Eqs. 4.3 and 4.7 a player, with what is paid for what is expected): V
is the sum of all payoffs, V^p_i the incentive that i expects and eta the learners' step size; both factors are
exact, and s is differentiated too. It knows with what chance everybody cooperates. Of learners by a rule without a
policy parameter theta it takes the log-odds of that chance for one, the model of Eq. 4.6 where P(C) is known.
Imitators, mirrors and fixed agents are paid alike, but not reckoned with.
"""

from __future__ import annotations

import math

from simulation.engine.compilation import rule
from simulation.learning.adam import adam_ascend, adam_rate
from simulation.learning.policy_gradient import chance_slope, sigmoid
from simulation.mechanism_design.many_players_law import own_action_incentive
from simulation.population.rules.pairwise import gain_of_partner, own_gain
from simulation.population.state import (
    BOUNDARY,
    EVERYONE,
    PopulationConstants,
    PopulationRoom,
    PopulationState,
)


@rule
def _is_targeted(state: PopulationState, i: int, targets: int) -> bool:
    if targets == EVERYONE:
        return True
    if targets == BOUNDARY:
        return bool(state.mixed[i] == 1)
    return bool(state.chosen[i] == 1)


@rule
def offer_incentives(
    state: PopulationState, planning: bool, constants: PopulationConstants, room: PopulationRoom
) -> None:
    """Write whom the planner may pay in this step, r(C), r(D), their numbers and s."""
    r1, r0, n1, n0, s = 0.0, 0.0, 0.0, 0.0, 1.0
    if planning:
        r1 = own_action_incentive(state.planner, 1.0, constants.bound)
        r0 = own_action_incentive(state.planner, 0.0, constants.bound)
        for i in range(state.rule.shape[0]):
            room.targeted[i] = 0
            if _is_targeted(state, i, constants.targets):
                room.targeted[i] = 1
                n1 += room.share[i]
                n0 += 1.0 - room.share[i]
        wanted = n1 * abs(r1) + n0 * abs(r0)
        if wanted > constants.budget:
            s = constants.budget / wanted
    room.offer[0], room.offer[1], room.offer[2], room.offer[3], room.offer[4] = r1, r0, n1, n0, s


@rule
def paid_for(room: PopulationRoom, share: float) -> float:
    """Return the incentive for cooperating with a share of one's partners."""
    paid: float = room.offer[4] * (share * room.offer[0] + (1.0 - share) * room.offer[1])
    return paid


@rule
def improve_planner(state: PopulationState, constants: PopulationConstants, room: PopulationRoom) -> None:
    """Take one step up the planner's objective."""
    agents = float(state.rule.shape[0])
    r1, r0, n1, n0 = room.offer[0], room.offer[1], room.offer[2], room.offer[3]
    s = room.offer[4]
    # Derivatives of s by r(C) and r(D), 0 while the budget is not exhausted.
    s_by_1, s_by_0 = 0.0, 0.0
    if s < 1.0:
        wanted = n1 * abs(r1) + n0 * abs(r0)
        s_by_1 = -s * n1 * math.copysign(1.0, r1) / wanted
        s_by_0 = -s * n0 * math.copysign(1.0, r0) / wanted
    push = _push(state, constants, room)
    by_1 = push * (s + (r1 - r0) * s_by_1)
    by_0 = push * (-s + (r1 - r0) * s_by_0)
    size = s * math.sqrt((n1 * r1 * r1 + n0 * r0 * r0) / agents)
    if size > 0.0:
        scale = constants.cost / (size * agents)
        square = n1 * r1 * r1 + n0 * r0 * r0
        by_1 -= scale * s * (n1 * s * r1 + square * s_by_1)
        by_0 -= scale * s * (n0 * s * r0 + square * s_by_0)
    s1, s0 = sigmoid(state.planner[0] + state.planner[1]), sigmoid(state.planner[1])
    by_1 *= 2.0 * constants.bound * s1 * (1.0 - s1)
    by_0 *= 2.0 * constants.bound * s0 * (1.0 - s0)
    room.planner_gradient[0] = by_1
    room.planner_gradient[1] = by_1 + by_0
    rate = adam_rate(constants.planner_learning_rate, state.planner_powers)
    adam_ascend(state.planner, room.planner_gradient, state.planner_first, state.planner_second, rate)


@rule
def _push(state: PopulationState, constants: PopulationConstants, room: PopulationRoom) -> float:
    """Return (1/N) sum_i eta (dp_i / dtheta_i)^2 dV / dp_i over the learners who may be paid."""
    agents = state.rule.shape[0]
    total, learners = 0.0, 0
    # They are listed first without a branch, since whether an agent learns is nothing that a processor can predict.
    for i in range(agents):
        room.learners[learners] = i
        learners += constants.learns[state.rule[i]] * room.targeted[i]
    for k in range(learners):
        i = room.learners[k]
        slope = chance_slope(room.own_chance[i], constants.noise)
        gain = 0.0
        for e in range(constants.starts[i], constants.starts[i + 1]):
            q = room.chance[constants.seen[e]]
            j = constants.neighbours[e]
            gain += constants.weights[i] * own_gain(q, constants) + constants.weights[j] * gain_of_partner(
                q, constants
            )
        total += slope * slope * gain
    push: float = constants.lookahead_rate * total / agents
    return push
