"""The planning agent of thesis chapter 4: it learns which incentives make learners cooperate.

Its policy is a single layer. With a_j = 1 if player j cooperated and 0 if not, the layer gives

    z_i = sum_j a_j W_ji + b_i,

which is squashed to a reward r_i within the bound c, and the budget turns the rewards of both players into
the incentives u_i that are paid. The parameters are one vector (W_11, W_12, W_21, W_22, b_1, b_2).

The planner looks one learning step of the players ahead (Eq. 4.3) and ascends

    sum_i eta * (dV^p_i / dtheta_i) * (dV / dtheta_i)  -  alpha * ||V^p||_2                        (Eq. 4.7)

where V is the players' welfare, V^p_i the incentives that player i expects, eta the players' step size and alpha
the price of incentives. What else may be priced instead of ||V^p||_2 is an option (`cost_of`, `cost_norm`).
This file owns the layer, the squashing and budgets (also of n players and of other sources of z, see
`simulation.mechanism_design.any_game_law`), and the gradient of the first factor; the second factor
is a number per player, `push[i]` = eta * dV / dtheta_i, that `simulation.planner.lookahead` supplies.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simulation.engine.compilation import rule
from simulation.learning.policy_gradient import sigmoid
from theory.checks import FloatArray

PLANNER_SIZE = 6

# How the layer's output becomes a reward.
BOTH_SIGNS, REWARDS_ONLY, PUNISHMENTS_ONLY = 0, 1, 2

# What may be paid in a round.
UNRESTRICTED, REVENUE_NEUTRAL, REVENUE_NEUTRAL_REFERENCE, LIMITED = 0, 1, 2, 3


class Incentives(NamedTuple):
    """Incentives of n players at one joint action, with their derivatives by the planner's outputs z."""

    reward: FloatArray
    """`[n]` r_i, before the budget."""
    first: FloatArray
    """`[n]` dr_i / dz_i."""
    second: FloatArray
    """`[n]` d^2 r_i / dz_i^2."""
    paid: FloatArray
    """`[n]` u_i, after the budget."""
    slope: FloatArray
    """`[n, n]` du_i / dz_j."""


def new_incentives() -> Incentives:
    """Return room for the incentives of two players at one joint action."""
    return Incentives(np.zeros(2), np.zeros(2), np.zeros(2), np.zeros(2), np.zeros((2, 2)))


@rule
def layer_output(planner: FloatArray, player: int, a1: float, a2: float) -> float:
    """Return z_i of `player` at the joint action (a_1, a_2)."""
    z: float = a1 * planner[player] + a2 * planner[2 + player] + planner[4 + player]
    return z


@rule
def set_reward(at: Incentives, player: int, z: float, bound: float, sign: int) -> None:
    """Write r_i and its derivatives: 2c(sigmoid(z) - 1/2), c sigmoid(z) or -c sigmoid(z)."""
    s = sigmoid(z)
    if sign == BOTH_SIGNS:
        scale = 2.0 * bound
        at.reward[player] = scale * (s - 0.5)
    else:
        scale = bound if sign == REWARDS_ONLY else -bound
        at.reward[player] = scale * s
    at.first[player] = scale * s * (1.0 - s)
    at.second[player] = at.first[player] * (1.0 - 2.0 * s)


@rule
def apply_budget(at: Incentives, players: int, budget: int, limit: float) -> None:
    """Write the incentives paid, u, and their derivatives, from the rewards."""
    set_payments(at, players, budget, limit)
    set_slopes(at, players, budget, limit)


@rule
def set_payments(at: Incentives, players: int, budget: int, limit: float) -> None:
    """Write the incentives paid to n players.

    Unrestricted: u = r. Revenue-neutral (thesis section 4.2): u_i = r_i - sum_j r_j / n. Limited: u = r as
    long as sum_j |r_j| is at most `limit`, else scaled down to it.
    """
    mean, share = 0.0, 1.0
    if budget in (REVENUE_NEUTRAL, REVENUE_NEUTRAL_REFERENCE):
        for j in range(players):
            mean += at.reward[j]
        mean /= players
    elif budget == LIMITED:
        total = _total(at, players)
        if total > limit:
            share = limit / total
    for i in range(players):
        at.paid[i] = share * at.reward[i] - mean


@rule
def set_slopes(at: Incentives, players: int, budget: int, limit: float) -> None:
    """Write du_i / dz_j of n players."""
    total = _total(at, players) if budget == LIMITED else 0.0
    for i in range(players):
        for j in range(players):
            own = 1.0 if i == j else 0.0
            if budget in (REVENUE_NEUTRAL, REVENUE_NEUTRAL_REFERENCE):
                at.slope[i, j] = (own - 1.0 / players) * at.first[j]
            elif budget == LIMITED and total > limit:
                share = limit / total
                sign = 1.0 if at.reward[j] > 0.0 else -1.0
                at.slope[i, j] = (share * own - share * at.reward[i] * sign / total) * at.first[j]
            else:
                at.slope[i, j] = own * at.first[j]


@rule
def _total(at: Incentives, players: int) -> float:
    total = 0.0
    for j in range(players):
        total += abs(at.reward[j])
    return total


@rule
def by_outputs(at: Incentives, players: int, weight: FloatArray, by_output: FloatArray) -> None:
    """Write the derivatives of sum_i weight_i u_i by the outputs z_j through the budget."""
    for j in range(players):
        by_output[j] = 0.0
        for i in range(players):
            by_output[j] += weight[i] * at.slope[i, j]


@rule
def set_incentives(
    at: Incentives,
    planner: FloatArray,
    a1: float,
    a2: float,
    bound: float,
    sign: int,
    budget: int,
    limit: float,
) -> None:
    """Write the incentives that the deterministic planner pays at (a_1, a_2)."""
    for i in range(2):
        set_reward(at, i, layer_output(planner, i, a1, a2), bound, sign)
    apply_budget(at, 2, budget, limit)


@rule
def ascend_outputs(gradient: FloatArray, a1: float, a2: float, by_output: FloatArray) -> None:
    """Add the gradient of an objective whose derivatives by z_1 and z_2 at (a_1, a_2) are `by_output[2]`."""
    for k in range(2):
        gradient[k] += a1 * by_output[k]
        gradient[2 + k] += a2 * by_output[k]
        gradient[4 + k] += by_output[k]


@rule
def share_of(budget: int, i: int, j: int) -> float:
    """Return du_i / dr_j as the planner's first factor sees it.

    The reference code leaves the subtraction of the mean out of it ("reference"), which is why its
    revenue-neutral planner is worse than it need be.
    """
    if budget == REVENUE_NEUTRAL:
        return 0.5 if i == j else -0.5
    return 1.0 if i == j else 0.0


@rule
def add_slope_factor(
    gradient: FloatArray,
    planner: FloatArray,
    at: Incentives,
    a1: float,
    a2: float,
    budget: int,
    push: FloatArray,
    by_output: FloatArray,
) -> None:
    """Add the gradient of sum_i push_i du_i / da_i at the joint action that was played.

    This is what the reference code takes for dV^p_i / dtheta_i (times p_i (1 - p_i), which `push` carries):
    the derivative of the layer with respect to a_i as if it were continuous, sum_j du_i/dr_j r'_j W_ij.
    """
    by_output[0] = 0.0
    by_output[1] = 0.0
    for i in range(2):
        for j in range(2):
            share = push[i] * share_of(budget, i, j)
            by_output[j] += share * at.second[j] * planner[2 * i + j]
            gradient[2 * i + j] += share * at.first[j]
    ascend_outputs(gradient, a1, a2, by_output)


@rule
def add_value_factor(
    gradient: FloatArray,
    at: Incentives,
    a1: float,
    a2: float,
    budget: int,
    weight: FloatArray,
    by_output: FloatArray,
) -> None:
    """Add the gradient of sum_i weight_i u_i at one joint action.

    With weight_i = push_i * score_i at the joint action played it is the sampled factor of Eq. 4.5; summed
    over joint actions with weight_i = push_i * dpi(a) / dtheta_i it is the exact one of Eq. 4.3.
    """
    if budget == REVENUE_NEUTRAL_REFERENCE:
        for j in range(2):
            by_output[j] = 0.0
            for i in range(2):
                by_output[j] += weight[i] * share_of(budget, i, j) * at.first[j]
    else:
        by_outputs(at, 2, weight, by_output)
    ascend_outputs(gradient, a1, a2, by_output)


@rule
def add_cost(
    gradient: FloatArray,
    at: Incentives,
    a1: float,
    a2: float,
    weight: float,
    squared: bool,
    by_output: FloatArray,
) -> None:
    """Subtract the gradient of weight * ||u||_2 (or its square) at one joint action; 0 where u is 0."""
    square = at.paid[0] * at.paid[0] + at.paid[1] * at.paid[1]
    if square == 0.0:
        return
    scale = 2.0 * weight if squared else weight / math.sqrt(square)
    for j in range(2):
        by_output[j] = -scale * (at.paid[0] * at.slope[0, j] + at.paid[1] * at.slope[1, j])
    ascend_outputs(gradient, a1, a2, by_output)
