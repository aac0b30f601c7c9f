"""What a rule of populations is: how an agent means to act, what it looks at in others, how it changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from simulation.engine.compilation import rule
from simulation.learning.policy_gradient import sigmoid
from simulation.population.state import PopulationConstants, PopulationRoom, PopulationState

Meaning = Callable[[PopulationState, int, PopulationConstants], float]
Looking = Callable[[PopulationState, float, int, PopulationConstants, PopulationRoom], None]
Changing = Callable[[PopulationState, int, PopulationConstants, PopulationRoom], None]


@rule
def means_by_theta(state: PopulationState, i: int, constants: PopulationConstants) -> float:
    """Return sigmoid(theta)."""
    return sigmoid(state.memory[0, i])


@dataclass(frozen=True, kw_only=True)
class PopulationRule:
    """A rule by which agents of a population live, made of functions marked `@rule`."""

    name: str
    """As in the dataset."""
    called: Mapping[str, float | None] = field(default_factory=dict)
    """What parameters call the agents of this rule, with the theta at which such agents start; None: at that of
    `initial_cooperation`. Without any they are called as the rule."""
    decides: Changing | None = None
    """`(state, i, constants, room)` sets the theta by which agent i acts where it treats all partners alike. None
    for rules whose theta is what the last step left."""
    means: Meaning = means_by_theta
    """`(state, i, constants)` returns with which probability agent i means to cooperate."""
    means_towards: Meaning | None = None
    """`(state, place, constants)` returns the same towards one partner, where conduct is by partner; `place` is that
    of the conduct. Agents slip with each partner on its own then. None for rules that treat all partners alike."""
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
    by_book: bool = False
    """Whether its agents keep a book with each partner (`PopulationState.books`), and draw for each. Such a rule is
    a part of the law, and of datasets, only where parameters name it, and needs conduct by partner."""
