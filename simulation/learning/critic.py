"""The centralised critic of thesis section 4.2: a value function that sees everyone's policy.

One hidden layer of rectified linear units on the inputs x = (1 - p_1, p_1, 1 - p_2, p_2), where p_i is the
probability that player i cooperates. Its parameters are one vector: the kernel [inputs, units], the hidden
biases [units], the output weights [units] and the output bias.
"""

from __future__ import annotations

import numpy as np

from simulation.engine.compilation import rule
from simulation.engine.draws import normal
from theory.checks import FloatArray

INPUTS = 4


def critic_size(units: int) -> int:
    """Return the number of parameters of a critic with so many hidden units."""
    return INPUTS * units + 2 * units + 1


def initial_critic(units: int, generator: np.random.Generator) -> FloatArray:
    """Return `[critic_size(units)]`: weights drawn from N(0, 0.1) and biases 0.1, as the reference has it."""
    kernel = normal(generator, 0.1, INPUTS * units)
    output = normal(generator, 0.1, units)
    return np.concatenate([kernel, np.full(units, 0.1), output, [0.1]])


@rule
def critic_value(critic: FloatArray, inputs: FloatArray, hidden: FloatArray) -> float:
    """Return the value of `inputs[4]`; `hidden[units]` receives the rectified hidden layer."""
    units = hidden.shape[0]
    biases = INPUTS * units
    weights = biases + units
    for k in range(units):
        hidden[k] = critic[biases + k]
    for j in range(INPUTS):
        for k in range(units):
            hidden[k] += inputs[j] * critic[j * units + k]
    value: float = critic[weights + units]
    for k in range(units):
        hidden[k] = max(hidden[k], 0.0)
        value += hidden[k] * critic[weights + k]
    return value


@rule
def critic_gradient(
    critic: FloatArray, inputs: FloatArray, hidden: FloatArray, error: float, gradient: FloatArray
) -> None:
    """Write the ascent direction 2 * error * d value / d parameters into `gradient`.

    `error` is the temporal-difference error, whose bootstrapped target is taken as given (semi-gradient
    descent on its square); `hidden` is what `critic_value` left.
    """
    units = hidden.shape[0]
    biases = INPUTS * units
    weights = biases + units
    for k in range(units):
        gradient[weights + k] = 2.0 * error * hidden[k]
        gradient[biases + k] = 2.0 * error * critic[weights + k] if hidden[k] > 0.0 else 0.0
    gradient[weights + units] = 2.0 * error
    for j in range(INPUTS):
        for k in range(units):
            gradient[j * units + k] = inputs[j] * gradient[biases + k]
