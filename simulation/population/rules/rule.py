"""What a rule of populations is: how an agent means to act, what it looks at in others, how it changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from simulation.population.state import PopulationConstants, PopulationRoom, PopulationState

Meaning = Callable[[PopulationState, int, int, PopulationConstants], float]
Looking = Callable[[PopulationState, float, int, PopulationConstants, PopulationRoom], None]
Changing = Callable[[PopulationState, int, PopulationConstants, PopulationRoom], None]


@dataclass(frozen=True, kw_only=True)
class PopulationRule:
    """A rule by which agents of a population live, made of functions marked `@rule`."""

    name: str
    """As in the dataset."""
    called: Mapping[str, float | None] = field(default_factory=dict)
    """What parameters call the agents of this rule, with the theta at which such agents start; None: at that of
    `initial_cooperation`. Without any they are called as the rule."""
    means: Meaning
    """`(state, i, place, constants)` returns with which probability agent i means to cooperate; `place` is that of
    its conduct: i, or that of one partner."""
    looks: Looking | None = None
    """`(state, draw, i, constants, room)` looks at others while they are as they were in the step; `draw` is
    uniform on [0, 1). None for rules that look at nobody."""
    changes: Changing
    """`(state, i, constants, room)` changes agent i, and nobody else."""
    has_theta: bool = True
    """Whether agents have a policy parameter, which is then what they remember first; a mirror shows by it what it
    last meant."""
    learns: bool = False
    """Whether a planner looks ahead through what the agent learns from the next step."""
    expects: bool = False
    """Whether it learns from what it expects to gain by cooperating."""
    slips_by_partner: bool = False
    """Whether it treats each partner on its own where conduct is by partner, and slips with each on its own."""
