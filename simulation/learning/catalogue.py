"""The project's learning rules by name."""

from __future__ import annotations

from typing import Any

from simulation.learning.policy_gradient import (
    EXPECTED_POLICY_GRADIENT,
    EXPECTED_POLICY_GRADIENT_ASCENT,
    POLICY_GRADIENT,
    POLICY_GRADIENT_ASCENT,
)
from simulation.learning.rule import LearningRule
from theory.checks import known_name

LEARNING_RULES = {
    rule.name: rule
    for rule in (
        POLICY_GRADIENT,
        POLICY_GRADIENT_ASCENT,
        EXPECTED_POLICY_GRADIENT,
        EXPECTED_POLICY_GRADIENT_ASCENT,
    )
}


def learning_rule(given: Any) -> LearningRule:
    """Return the learning rule of a name, or a rule as it is.

    Raises
    ------
    ValueError
        If no rule has that name.
    """
    if isinstance(given, LearningRule):
        return given
    return LEARNING_RULES[
        known_name("learning rule", given, tuple(LEARNING_RULES), otherwise="a LearningRule of your own")
    ]
