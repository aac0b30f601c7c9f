"""What the planner does in one episode: see, pay, remember, improve its layer, and retire when it can.

The objective is that of Eq. 4.7, with two factors for each player (see `simulation.planner.incentives` and
`simulation.planner.lookahead`). Which estimate of each factor is used makes the variants of the thesis:

| value function | first factor, of incentives | second factor, of welfare |
|---|---|---|
| exact (reference code) | slope of the layer at the joint action played | exact |
| estimated (reference code) | sampled | sampled in the same round |
| decoupled | sampled, or expected exactly | covariance over a window of past rounds |
| literal (Eqs. 4.1-4.3) | expected exactly | exact |
"""

from __future__ import annotations

import math

from simulation.engine.compilation import rare_rule, rule
from simulation.engine.draws import normal_of
from simulation.learning.adam import adam_ascend, adam_rate
from simulation.planner.incentives import (
    Incentives,
    add_cost,
    add_slope_factor,
    add_value_factor,
    apply_budget,
    ascend_outputs,
    layer_output,
    set_incentives,
    set_reward,
)
from simulation.planner.lookahead import (
    remember_actions,
    remember_round,
    welfare_gain_of_cooperating,
    window_slope,
)
from simulation.planner.observation import (
    observe,
    seen_chance,
    seen_cooperation,
    seen_score,
    seen_share,
    seen_slope,
    told,
)
from simulation.planner.stability import cooperation_is_stable
from simulation.planner.state import Planning, Round, State, Workspace
from theory.checks import FloatArray

# First factor: how dV^p_i / dtheta_i is computed.
LAYER_SLOPE, SAMPLED_VALUE, EXPECTED_VALUE = 0, 1, 2

# Second factor: how dV / dtheta_i is computed.
EXACT_WELFARE, SAME_ROUND, WINDOW = 0, 1, 2

# What the cost is a norm of.
COST_OF_ROUND, COST_EXPECTED, COST_OF_EXPECTATION = 0, 1, 2


@rule
def plan(
    state: State,
    draws: FloatArray,
    payoffs: FloatArray,
    rules: Planning,
    workspace: Workspace,
    record: Round,
) -> None:
    """Pay the incentives of this episode, improve the layer, and update what the planner remembers."""
    observed, believed, at = workspace.observed, workspace.believed, workspace.at
    observe(state, draws, rules, workspace, record)
    if rules.closed_form:
        for i in range(2):
            at.paid[i] = record.payoff[1 - i]
    elif rules.deviation > 0.0:
        _draw_incentives(state, draws, rules, workspace)
    else:
        set_incentives(
            at, state.planner, observed[0], observed[1], rules.bound, rules.sign, rules.budget, rules.limit
        )
    for i in range(2):
        record.additional_reward[i] = at.paid[i]
        state.paid[i] += abs(at.paid[i])
    welfare = record.payoff[0] + record.payoff[1]
    if not rules.closed_form:
        _set_push(state, payoffs, rules, workspace, welfare)
        _improve(state, rules, workspace)
    clock = int(state.clock[0])
    if rules.welfare_factor == WINDOW:
        remember_round(
            state.window,
            state.window_sums,
            clock,
            observed[0] - _expected_sight(rules, 0, believed[0]),
            observed[1] - _expected_sight(rules, 1, believed[1]),
            welfare,
        )
    if rules.modelled:
        remember_actions(state.seen, state.seen_sums, clock, observed[0], observed[1])
    if rules.retires:
        for i in range(2):
            workspace.policy[i, 0] = believed[i]
            workspace.policy[i, 1] = 1.0 - believed[i]
        if cooperation_is_stable(rules.outcomes, workspace.policy):
            state.clock[1] = state.clock[0]


@rare_rule
def _draw_incentives(state: State, draws: FloatArray, rules: Planning, workspace: Workspace) -> None:
    """Draw the layer's outputs from normal distributions and pay what they give."""
    for i in range(2):
        workspace.noise[i] = normal_of(draws[4 + i])
        mean = layer_output(state.planner, i, workspace.observed[0], workspace.observed[1])
        z = mean + rules.deviation * workspace.noise[i]
        set_reward(workspace.at, i, z, rules.bound, rules.sign)
    apply_budget(workspace.at, 2, rules.budget, rules.limit)


@rule
def _set_push(
    state: State, payoffs: FloatArray, rules: Planning, workspace: Workspace, welfare: float
) -> None:
    """Write push_i = eta * dV / dtheta_i by the second factor's rule."""
    for i in range(2):
        p = workspace.believed[i]
        if rules.welfare_factor == EXACT_WELFARE:
            slope = p * (1.0 - p) * welfare_gain_of_cooperating(payoffs, i, workspace.believed[1 - i])
        elif rules.welfare_factor == SAME_ROUND:
            sight = workspace.observed[i] - _expected_sight(rules, i, p)
            slope = sight * (welfare - rules.baseline) / (1.0 - 2.0 * rules.flip)
        else:
            slope = window_slope(state.window_sums, i) / (1.0 - 2.0 * rules.flip)
        workspace.push[i] = rules.lookahead_rate * slope


@rule
def _expected_sight(rules: Planning, player: int, p: float) -> float:
    """Return what is seen of a player on average."""
    return told(rules, player, seen_cooperation(rules, p))


@rule
def _improve(state: State, rules: Planning, workspace: Workspace) -> None:
    """Take one step up the objective of Eq. 4.7."""
    gradient, at = workspace.planner_gradient, workspace.at
    a1, a2 = workspace.observed[0], workspace.observed[1]
    for k in range(gradient.shape[0]):
        gradient[k] = 0.0
    if rules.deviation > 0.0:
        _add_score_function(gradient, rules, workspace)
    else:
        # Costs of this round first: the expectations below reuse the room for incentives.
        if rules.cost_of == COST_OF_ROUND:
            add_cost(gradient, at, a1, a2, rules.cost, rules.cost_squared, workspace.by_output)
        if rules.incentive_factor == LAYER_SLOPE:
            for i in range(2):
                p = workspace.believed[i]
                workspace.weight[i] = workspace.push[i] * p * (1.0 - p) * seen_share(rules, i)
            add_slope_factor(
                gradient, state.planner, at, a1, a2, rules.budget, workspace.weight, workspace.by_output
            )
        elif rules.incentive_factor == SAMPLED_VALUE:
            for i in range(2):
                score = seen_score(rules, i, workspace.observed[i], workspace.believed[i])
                workspace.weight[i] = workspace.push[i] * score
            add_value_factor(gradient, at, a1, a2, rules.budget, workspace.weight, workspace.by_output)
        if rules.incentive_factor == EXPECTED_VALUE or rules.cost_of != COST_OF_ROUND:
            _add_expectations(state, rules, workspace)
    if rules.adam:
        rate = adam_rate(rules.learning_rate, state.planner_powers)
        adam_ascend(state.planner, gradient, state.planner_first, state.planner_second, rate)
    else:
        for k in range(gradient.shape[0]):
            state.planner[k] += rules.learning_rate * gradient[k]


@rare_rule
def _add_score_function(gradient: FloatArray, rules: Planning, workspace: Workspace) -> None:
    """Add the gradient of a stochastic planner as Eq. 4.5 writes it: grad log pi_p times what was paid."""
    at = workspace.at
    value = 0.0
    for i in range(2):
        score = seen_score(rules, i, workspace.observed[i], workspace.believed[i])
        value += workspace.push[i] * score * at.paid[i]
    square = at.paid[0] * at.paid[0] + at.paid[1] * at.paid[1]
    value -= rules.cost * (square if rules.cost_squared else math.sqrt(square))
    for j in range(2):
        workspace.by_output[j] = value * workspace.noise[j] / rules.deviation
    ascend_outputs(gradient, workspace.observed[0], workspace.observed[1], workspace.by_output)


@rare_rule
def _add_expectations(state: State, rules: Planning, workspace: Workspace) -> None:
    """Add what is expected over the four joint actions as seen: the first factor (Eq. 4.3), the cost (4.7)."""
    gradient, at = workspace.planner_gradient, workspace.at
    expected_1, expected_2 = 0.0, 0.0
    if rules.cost_of == COST_OF_EXPECTATION:
        for outcome in range(4):
            chance = _set_outcome(state, rules, workspace.believed, outcome, at)
            expected_1 += chance * at.paid[0]
            expected_2 += chance * at.paid[1]
    square = expected_1 * expected_1 + expected_2 * expected_2
    scale = 0.0
    if square > 0.0:
        scale = 2.0 * rules.cost if rules.cost_squared else rules.cost / math.sqrt(square)
    for outcome in range(4):
        a1, a2 = 1.0 - outcome // 2, 1.0 - outcome % 2
        chance = _set_outcome(state, rules, workspace.believed, outcome, at)
        for i in range(2):
            own, other = (a1, a2) if i == 0 else (a2, a1)
            slope = (2.0 * own - 1.0) * seen_slope(rules, i, workspace.believed[i])
            slope *= seen_chance(rules, workspace.believed, 1 - i, other)
            factor = workspace.push[i] * slope if rules.incentive_factor == EXPECTED_VALUE else 0.0
            expected = expected_1 if i == 0 else expected_2
            workspace.weight[i] = factor - scale * expected * chance
        o1, o2 = told(rules, 0, a1), told(rules, 1, a2)
        add_value_factor(gradient, at, o1, o2, rules.budget, workspace.weight, workspace.by_output)
        if rules.cost_of == COST_EXPECTED:
            add_cost(gradient, at, o1, o2, rules.cost * chance, rules.cost_squared, workspace.by_output)


@rule
def _set_outcome(state: State, rules: Planning, believed: FloatArray, outcome: int, at: Incentives) -> float:
    """Write the incentives of an outcome as seen (CC, CD, DC, DD) and return its probability."""
    a1, a2 = 1.0 - outcome // 2, 1.0 - outcome % 2
    o1, o2 = told(rules, 0, a1), told(rules, 1, a2)
    set_incentives(at, state.planner, o1, o2, rules.bound, rules.sign, rules.budget, rules.limit)
    return seen_chance(rules, believed, 0, a1) * seen_chance(rules, believed, 1, a2)
