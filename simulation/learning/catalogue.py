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
from theory.checks import by_names, known_name, shown

LEARNING_RULES = by_names(
    "learning rules",
    (
        POLICY_GRADIENT,
        POLICY_GRADIENT_ASCENT,
        EXPECTED_POLICY_GRADIENT,
        EXPECTED_POLICY_GRADIENT_ASCENT,
    ),
)


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


def rules_of_players(
    learners: Any, n_players: int, usual: tuple[str, ...]
) -> tuple[LearningRule, ...] | None:
    """Return the learning rule of each player; None for the `usual` learners of a law, by name.

    Raises
    ------
    ValueError
        If `learners` is no name that is known, no rule, and not one of these for each player.
    """
    if isinstance(learners, str):
        otherwise = "a LearningRule of your own, or one for each player"
        if known_name("learners", learners, (*usual, *LEARNING_RULES), otherwise=otherwise) in usual:
            return None
    elif not isinstance(learners, (LearningRule, tuple)):
        raise ValueError(
            f"learners must be a name or a LearningRule, or a tuple of one for each player, got {shown(learners)}"
        )
    if not isinstance(learners, tuple):
        return (learning_rule(learners),) * n_players
    if len(learners) != n_players:
        raise ValueError(
            f"learners must be one rule, or one for each of {n_players} players, got {len(learners)}"
        )
    return tuple(learning_rule(given) for given in learners)


def described_learners(learners: Any, rules: tuple[LearningRule, ...] | None) -> Any:
    """Return players' `rules` as plain values for JSON: one for all where `learners` is one, or that name if none."""
    if rules is None:
        return learners
    return [given.to_dict() for given in rules] if isinstance(learners, tuple) else rules[0].to_dict()
