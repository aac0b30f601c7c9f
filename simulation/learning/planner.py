"""The planning agent of thesis chapter 4: it learns which incentives make learners cooperate.

Its policy is a single layer. With a_j = 1 if player j cooperated and 0 if not, player i receives

    r_i = 2 c (sigmoid(z_i) - 1/2),    z_i = sum_j a_j W_ji + b_i,

so that incentives stay within the bound c. The parameters are one vector (W_11, W_12, W_21, W_22, b_1, b_2).

The planner looks one learning step of the players ahead (Eq. 4.3) and ascends

    sum_i eta * (dV^p_i / dtheta_i) * (dV / dtheta_i)  -  alpha * ||r||_2                          (Eq. 4.7)

where V is the players' welfare, V^p_i the incentives that player i expects, eta the players' step size and
alpha the cost parameter. As in the author's reference code, which the published tables come from,
dV / dtheta_i is exact, dV^p_i / dtheta_i is p_i (1 - p_i) times the derivative of the layer with respect to
a_i at the joint action that was played, the norm is not squared and is that of the incentives paid in the
round. The thesis instead writes expected values throughout, and a squared norm.
"""

from __future__ import annotations

import math

from simulation.compilation import rule
from simulation.learning.policy_gradient import sigmoid
from theory._checks import FloatArray

PLANNER_SIZE = 6


@rule
def incentive(planner: FloatArray, player: int, a1: float, a2: float, bound: float) -> float:
    """Return r_i, what the planner gives `player` when the players' actions are a_1 and a_2."""
    z = a1 * planner[player] + a2 * planner[2 + player] + planner[4 + player]
    return 2.0 * bound * (sigmoid(z) - 0.5)


@rule
def planner_gradient(
    planner: FloatArray,
    a1: float,
    a2: float,
    slopes: FloatArray,
    welfare_slopes: FloatArray,
    lookahead: float,
    cost: float,
    bound: float,
    gradient: FloatArray,
) -> None:
    """Write the gradient of Eq. 4.7 (as the module says) with respect to the layer into `gradient[6]`.

    `slopes[2]` are p_i (1 - p_i), `welfare_slopes[2]` are dV / dtheta_i and `lookahead` is eta.
    """
    norm = 0.0
    for i in range(2):
        r = incentive(planner, i, a1, a2, bound)
        norm += r * r
    norm = math.sqrt(norm)
    for i in range(2):
        own = 3 * i  # position of W_ii
        s = sigmoid(a1 * planner[i] + a2 * planner[2 + i] + planner[4 + i])
        first = 2.0 * bound * s * (1.0 - s)  # d r_i / d z_i
        second = first * (1.0 - 2.0 * s)
        push = lookahead * slopes[i] * welfare_slopes[i]
        # d / d z_i of both terms; the norm has the subgradient 0 where it is 0.
        through = push * second * planner[own]
        if norm > 0.0:
            through -= cost * 2.0 * bound * (s - 0.5) * first / norm
        gradient[i] = a1 * through
        gradient[2 + i] = a2 * through
        gradient[4 + i] = through
        gradient[own] += push * first
