"""Adam (Kingma & Ba 2015, algorithm 1, in the form of their section 2 that rescales the step size).

Symbols: m and v are the running means of the gradient and of its square, b1 and b2 their decay rates,
t the number of steps taken, and epsilon keeps the quotient finite.
"""

from __future__ import annotations

import math

from simulation.engine.compilation import loop_rule, rule
from theory.checks import FloatArray

FIRST_DECAY = 0.9
SECOND_DECAY = 0.999
EPSILON = 1e-8


@rule
def adam_rate(rate: float, powers: FloatArray) -> float:
    """Return rate * sqrt(1 - b2^t) / (1 - b1^t) for the next step; `powers[2]` holds b1^t and b2^t."""
    powers[0] *= FIRST_DECAY
    powers[1] *= SECOND_DECAY
    corrected: float = rate * math.sqrt(1.0 - powers[1]) / (1.0 - powers[0])
    return corrected


@loop_rule
def adam_ascend(
    parameters: FloatArray, gradient: FloatArray, first: FloatArray, second: FloatArray, rate: float
) -> None:
    """Move `parameters[n]` up the gradient, in place; `first[n]` and `second[n]` are m and v."""
    for k in range(parameters.shape[0]):
        first[k] = FIRST_DECAY * first[k] + (1.0 - FIRST_DECAY) * gradient[k]
        second[k] = SECOND_DECAY * second[k] + (1.0 - SECOND_DECAY) * gradient[k] * gradient[k]
        parameters[k] += rate * first[k] / (math.sqrt(second[k]) + EPSILON)


@rule
def adam_ascend_one(memory: FloatArray, gradient: float, rate: float) -> None:
    """Move one parameter up its gradient; `memory[5]` holds the parameter, m, v, b1^t and b2^t."""
    memory[3] *= FIRST_DECAY
    memory[4] *= SECOND_DECAY
    corrected = rate * math.sqrt(1.0 - memory[4]) / (1.0 - memory[3])
    memory[1] = FIRST_DECAY * memory[1] + (1.0 - FIRST_DECAY) * gradient
    memory[2] = SECOND_DECAY * memory[2] + (1.0 - SECOND_DECAY) * gradient * gradient
    memory[0] += corrected * memory[1] / (math.sqrt(memory[2]) + EPSILON)
