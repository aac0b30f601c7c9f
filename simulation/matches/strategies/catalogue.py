"""Strategies by name, each with its source.

`gradual-of-beaufils` is Beaufils's rule of the tournament literature. It is not `gradual-tit-for-tat`, that of thesis
chapter 5, which mirrors a degree of cooperativeness.
"""

from __future__ import annotations

from functools import cache

from simulation.matches.strategies.axelrod_1980 import first_tournament_classics
from simulation.matches.strategies.base import Strategy
from simulation.matches.strategies.counting import counting_classics
from simulation.matches.strategies.gradual_tit_for_tat import gradual_tit_for_tat
from simulation.matches.strategies.learners import q_learning, reinforce
from simulation.matches.strategies.mirrors import RESPONSES, frequency_mirror
from simulation.matches.strategies.short_memory import finite_state_classics, memory_one_classics
from theory.checks import by_names, known_name


@cache
def _catalogue() -> dict[str, Strategy]:
    tables = (
        memory_one_classics(),
        finite_state_classics(),
        counting_classics(),
        first_tournament_classics(),
    )
    strategies = [Strategy(name, rule, source) for table in tables for name, (rule, source) in table.items()]
    others = [reinforce(), q_learning()] + [
        frequency_mirror(response, name=f"frequency-mirror-{response}") for response in RESPONSES
    ]
    others.append(gradual_tit_for_tat())
    return by_names("strategies", strategies + others)


def strategy_names() -> tuple[str, ...]:
    """Return the names that `strategy` knows."""
    return tuple(_catalogue())


def strategy(name: str) -> Strategy:
    """Return a strategy of the catalogue; an unknown name raises ValueError with the nearest ones."""
    return _catalogue()[known_name("strategy", name, strategy_names())]
