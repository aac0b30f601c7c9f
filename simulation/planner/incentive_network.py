r"""A small network that computes everybody's incentives at an outcome.

The inputs are one-hot: x_m = 1 if some player plays the action that input m stands for, and a last input that
is always 1. With one hidden layer of K units,

    h_k(o) = tanh( sum_m x_m(o) W_mk ),    z_i(o) = sum_k h_k(o) V_ik + b_i,

and z_i is squashed to the incentive by the law. A table by outcome has n prod_i |A_i| weights for n players with
|A_i| actions each, exponentially many in n; the network has K (1 + sum_i |A_i|) + n (K + 1). Outcomes share its
weights, so that what is learned where play is frequent also sets the incentives where play is rare or has never
been: that can help, since a table learns nothing there, and can mislead.

The parameters are one vector: for each player the row (V_i1 ... V_iK, b_i), then for each input the row
(W_m1 ... W_mK). All start at random: were all 0, no unit could leave 0, since the derivative by V is h = 0 and
the derivative by W carries V = 0.
"""

from __future__ import annotations

from simulation.engine.compilation import rule
from simulation.engine.elementary import tanh
from theory.checks import FloatArray, IntArray


def network_size(players: int, inputs: int, units: int) -> int:
    """Return the number of parameters; `inputs` counts the constant one."""
    return players * (units + 1) + inputs * units


@rule
def set_hidden(weights: FloatArray, active: IntArray, players: int, hidden: FloatArray) -> None:
    """Write h into `hidden[units]`; `active` lists the inputs that are 1."""
    units = hidden.shape[0]
    kernel = players * (units + 1)
    for k in range(units):
        total = 0.0
        for t in range(active.shape[0]):
            total += weights[kernel + active[t] * units + k]
        hidden[k] = tanh(total)


@rule
def network_output(weights: FloatArray, hidden: FloatArray, player: int) -> float:
    """Return z of `player`."""
    units = hidden.shape[0]
    row = player * (units + 1)
    z: float = weights[row + units]
    for k in range(units):
        z += weights[row + k] * hidden[k]
    return z


@rule
def ascend_network(
    gradient: FloatArray, weights: FloatArray, active: IntArray, hidden: FloatArray, by_output: FloatArray
) -> None:
    """Add the gradient of an objective whose derivatives by z at this outcome are `by_output[players]`."""
    units, players = hidden.shape[0], by_output.shape[0]
    kernel = players * (units + 1)
    for i in range(players):
        row = i * (units + 1)
        gradient[row + units] += by_output[i]
        for k in range(units):
            gradient[row + k] += by_output[i] * hidden[k]
    for k in range(units):
        back = 0.0
        for i in range(players):
            back += by_output[i] * weights[i * (units + 1) + k]
        back *= 1.0 - hidden[k] * hidden[k]
        for t in range(active.shape[0]):
            gradient[kernel + active[t] * units + k] += back
