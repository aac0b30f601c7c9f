"""Fixed agents keep their policy parameter."""

from __future__ import annotations

from simulation.engine.compilation import rule
from simulation.learning.policy_gradient import FIRM, sigmoid
from simulation.population.rules.rule import PopulationRule
from simulation.population.state import PopulationConstants, PopulationRoom, PopulationState


@rule
def means_by_theta(state: PopulationState, i: int, place: int, constants: PopulationConstants) -> float:
    """Return sigmoid(theta)."""
    return sigmoid(state.memory[0, i])


@rule
def _stays(state: PopulationState, i: int, constants: PopulationConstants, room: PopulationRoom) -> None:
    """Change nothing."""


FIXED_AGENT = PopulationRule(
    name="fixed",
    called={"cooperator": FIRM, "defector": -FIRM, "fixed": None},
    means=means_by_theta,
    changes=_stays,
)
