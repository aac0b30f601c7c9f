"""Learning rules as a user of the project would write them."""

import math
from collections.abc import Mapping
from typing import Any

from simulation import Experience, LearningRule
from simulation.engine.elementary import exp


def _chooses(memory, tunables) -> float:
    _, temperature = tunables
    return 1.0 / (1.0 + exp((memory[1] - memory[0]) / temperature))


def _learns(memory, tunables, experience: Experience) -> None:
    learning_rate, _ = tunables
    action = 0 if experience.cooperated == 1.0 else 1
    memory[action] += learning_rate * (experience.reward - memory[action])


boltzmann = LearningRule(
    name="boltzmann-q",
    memory={"value_of_c": 0.0, "value_of_d": 0.0},
    tunables={"learning_rate": 0.1, "temperature": 0.5},
    cooperation=_chooses,
    learn=_learns,
)


def _moves(memory, tunables, experience: Experience) -> None:
    towards = sorted(
        [experience.cooperated, 1.0 - experience.cooperated], key=lambda a: -a * experience.reward
    )
    memory[0] += tunables[0] * (towards[0] * experience.cooperated - memory[0]) * (experience.reward > 0)


# Sorting by a function is nothing that numba translates.
bush_mosteller_in_lists = LearningRule(
    name="bush-mosteller",
    memory={"p": 0.5},
    tunables={"learning_rate": 0.1},
    cooperation=lambda memory, tunables: memory[0],
    learn=_moves,
)


# Stands for NaN, which no tunable can be.
_NO_NUMBER = 99.0


def _cooperates(memory, tunables) -> float:
    p = math.nan if tunables[0] == _NO_NUMBER else tunables[0]
    return p if memory[0] == 20.0 else 0.5


def _counts(memory, tunables, experience: Experience) -> None:
    memory[0] += 1.0
    if memory[0] >= 30.0:
        memory[int(tunables[1])] += 1.0


def typo(p: float = 0.5, at: int = 0) -> LearningRule:
    """Return a rule that gives `p` in round 20 alone, and from round 30 on writes to `memory[at]`."""
    return LearningRule(
        name="typo",
        memory={"rounds": 0.0},
        tunables={"p": p if math.isfinite(p) else _NO_NUMBER, "at": at},
        cooperation=_cooperates,
        learn=_counts,
    )


def in_a_crowd(shares: Mapping[Any, float]) -> dict[Any, float]:
    """Return shares of a population, with none for that one of `boltzmann` and `typo` who is not there.

    So all crowds are played by one law, which takes ten seconds to compile.
    """
    here = {rule.name: (rule, share) for rule, share in shares.items() if isinstance(rule, LearningRule)}
    absent = {rule.name: (rule, 0.0) for rule in (boltzmann, typo())}
    named = {rule: share for rule, share in shares.items() if isinstance(rule, str)}
    return named | dict((absent | here).values())
