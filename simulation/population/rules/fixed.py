"""Fixed agents keep their policy parameter."""

from __future__ import annotations

from simulation.engine.compilation import rule
from simulation.learning.policy_gradient import FIRM
from simulation.population.rules.rule import PopulationRule
from simulation.population.state import PopulationConstants, PopulationRoom, PopulationState


@rule
def _stays(state: PopulationState, i: int, constants: PopulationConstants, room: PopulationRoom) -> None:
    """Change nothing."""


FIXED_AGENT = PopulationRule(
    name="fixed",
    called={"cooperator": FIRM, "defector": -FIRM, "fixed": None},
    changes=_stays,
)
