"""What cooperating with one partner is worth."""

from __future__ import annotations

from simulation.engine.compilation import rule
from simulation.population.state import PopulationConstants


@rule
def own_gain(q: float, constants: PopulationConstants) -> float:
    """Return what a player gains by cooperating with a partner that cooperates with chance q."""
    against_c = constants.reward - constants.temptation
    against_d = constants.sucker - constants.punishment
    return q * against_c + (1.0 - q) * against_d


@rule
def gain_of_partner(q: float, constants: PopulationConstants) -> float:
    """Return what that gives to the partner."""
    to_c = constants.reward - constants.sucker
    to_d = constants.temptation - constants.punishment
    return q * to_c + (1.0 - q) * to_d
