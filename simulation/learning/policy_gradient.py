"""Learners with one policy parameter: P(C) = sigmoid(theta) (thesis section 4.2)."""

from __future__ import annotations

import math

from simulation.compilation import rule


@rule
def sigmoid(x: float) -> float:
    """Return 1 / (1 + exp(-x)), without overflow for any finite x."""
    e = math.exp(-abs(x))
    # A choice of numerators, not of formulas: nothing for a processor to mispredict.
    return (1.0 if x >= 0.0 else e) / (1.0 + e)


@rule
def score(cooperated: float, cooperation_probability: float) -> float:
    """Return d log pi(a) / d theta = a - P(C), where a is 1 if the learner cooperated and 0 if not.

    Times an advantage it is the policy gradient (thesis Eq. 3.10).
    """
    return cooperated - cooperation_probability
