"""Everything that happens in time: learning rules, laws, agents, models.

Names are loaded when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulation.agents import Learner as Learner
    from simulation.agents import Planner as Planner
    from simulation.mechanism_design import incentive_tensors as incentive_tensors
    from simulation.mechanism_design import learned_profiles as learned_profiles
    from simulation.mechanism_design import simulate as simulate
    from simulation.mechanism_law import mechanism_design_round as mechanism_design_round
    from simulation.mechanism_parameters import MechanismDesignParameters as MechanismDesignParameters
    from simulation.models import MechanismDesign as MechanismDesign

_HOME_OF = {
    "Learner": "agents",
    "MechanismDesign": "models",
    "MechanismDesignParameters": "mechanism_parameters",
    "Planner": "agents",
    "incentive_tensors": "mechanism_design",
    "learned_profiles": "mechanism_design",
    "mechanism_design_round": "mechanism_law",
    "simulate": "mechanism_design",
}

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'simulation' has no attribute {name!r}")
    return getattr(import_module(f"simulation.{_HOME_OF[name]}"), name)
