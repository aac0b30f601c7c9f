"""Adam (Kingma & Ba 2015, algorithm 1, in the form of their section 2 that rescales the step size).

Symbols: m and v are the running means of the gradient and of its square, b1 and b2 their decay rates,
t the number of steps taken, and epsilon keeps the quotient finite.
"""

from __future__ import annotations

import math

from simulation.engine.compilation import rule
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


@rule
def adam_ascend(
    parameters: FloatArray, gradient: FloatArray, first: FloatArray, second: FloatArray, rate: float
) -> None:
    """Move `parameters[n]` up the gradient, in place; `first[n]` and `second[n]` are m and v."""
    for k in range(parameters.shape[0]):
        first[k] = FIRST_DECAY * first[k] + (1.0 - FIRST_DECAY) * gradient[k]
        second[k] = SECOND_DECAY * second[k] + (1.0 - SECOND_DECAY) * gradient[k] * gradient[k]
        parameters[k] += rate * first[k] / (math.sqrt(second[k]) + EPSILON)


@rule
def adam_ascend_each(
    parameters: FloatArray,
    gradient: FloatArray,
    first: FloatArray,
    second: FloatArray,
    rate: float,
    powers: FloatArray,
) -> None:
    """Move `parameters[n]` up the gradient as `adam_ascend` does, where each has taken its own number of steps.

    `powers[2, n]` holds b1^t and b2^t.
    """
    for k in range(parameters.shape[0]):
        powers[0, k] *= FIRST_DECAY
        powers[1, k] *= SECOND_DECAY
        corrected = rate * math.sqrt(1.0 - powers[1, k]) / (1.0 - powers[0, k])
        first[k] = FIRST_DECAY * first[k] + (1.0 - FIRST_DECAY) * gradient[k]
        second[k] = SECOND_DECAY * second[k] + (1.0 - SECOND_DECAY) * gradient[k] * gradient[k]
        parameters[k] += corrected * first[k] / (math.sqrt(second[k]) + EPSILON)
