"""Learners with one policy parameter: P(C) = sigmoid(theta) (thesis section 4.2)."""

from __future__ import annotations

import numpy as np

from simulation.engine.compilation import compiled, rule
from simulation.engine.elementary import exp
from theory.checks import FloatArray


@rule
def sigmoid(x: float) -> float:
    """Return 1 / (1 + exp(-x)), without overflow for any finite x."""
    e = exp(-abs(x))
    # A choice of numerators, not of formulas: nothing for a processor to mispredict.
    return (1.0 if x >= 0.0 else e) / (1.0 + e)


# The same bits, ten times faster where Python asks for one at a time.
sigmoid_compiled = compiled(sigmoid)


def _sigmoid_each(values: FloatArray) -> None:
    for k in range(values.size):
        values[k] = sigmoid(values[k])


_sigmoid_each_compiled = compiled(_sigmoid_each)


def sigmoid_of(values: FloatArray) -> FloatArray:
    """Return sigmoid of each of `values[...]`: the same bits as one by one."""
    flat = np.array(values, dtype=np.float64).ravel()
    _sigmoid_each_compiled(flat)
    return flat.reshape(np.shape(values))


@rule
def score(cooperated: float, cooperation_probability: float) -> float:
    """Return d log pi(a) / d theta = a - P(C), where a is 1 if the learner cooperated and 0 if not.

    Times an advantage it is the policy gradient (thesis Eq. 3.10).
    """
    return cooperated - cooperation_probability
