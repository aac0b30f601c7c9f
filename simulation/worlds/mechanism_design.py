"""Two learners in a 2x2 game, with or without a planner."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from simulation.mechanism_design.parameters import MechanismDesignParameters
from simulation.mechanism_design.runs import incentive_tensors, learned_profiles, simulate
from simulation.worlds.world import Mixtures, World, by_run


def _measure(parameters: MechanismDesignParameters, data: xr.Dataset) -> dict[str, NDArray[Any]]:
    return by_run(data, "joint_cooperation", "average_additional_reward", "planner_retired")


def _outcomes(parameters: MechanismDesignParameters, data: xr.Dataset) -> Iterator[Mixtures]:
    game = parameters.game
    profiles = list(learned_profiles(data["final_cooperation_probability"].values))
    incentives = incentive_tensors(data["final_incentive"].values)
    yield Mixtures("original", game, profiles)
    if incentives.any():
        yield Mixtures("with-incentives", [game.with_incentives(extra) for extra in incentives], profiles)
    if np.any(parameters.alpha):
        caring = game.altruistic(*parameters.alpha)
        yield Mixtures("altruistic", [caring.with_incentives(extra) for extra in incentives], profiles)


WORLD = World(
    name="mechanism-design",
    Parameters=MechanismDesignParameters,
    play=simulate,
    measure=_measure,
    outcomes=_outcomes,
)
