"""Two players whom a planner leads at first and then leaves to themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import xarray as xr
from numpy.typing import NDArray

from simulation.handover.parameters import HandoverParameters
from simulation.handover.runs import simulate_handover
from simulation.worlds.world import JointPlay, World, by_run


def _measure(parameters: HandoverParameters, data: xr.Dataset) -> dict[str, NDArray[Any]]:
    return by_run(data, "joint_cooperation", "average_additional_reward", "planner_retired")


def _outcomes(parameters: HandoverParameters, data: xr.Dataset) -> Iterator[JointPlay]:
    """Yield how often each outcome was played in the last rounds."""
    yield JointPlay("original", parameters.planner.game, data["outcome_frequency"].values.reshape(-1, 2, 2))


WORLD = World(
    name="handover",
    Parameters=HandoverParameters,
    play=simulate_handover,
    measure=_measure,
    outcomes=_outcomes,
)
