"""Learners in a linear dilemma of N players, with or without a planner."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import xarray as xr
from numpy.typing import NDArray

from simulation.mechanism_design.many_players import ManyPlayersParameters, simulate_many
from simulation.worlds.world import Mixtures, World, by_run


def _measure(parameters: ManyPlayersParameters, data: xr.Dataset) -> dict[str, NDArray[Any]]:
    return by_run(data, "final_mean_cooperation", "average_additional_reward_per_player")


def _outcomes(parameters: ManyPlayersParameters, data: xr.Dataset) -> Iterator[Mixtures]:
    game = parameters.game
    profiles = [game.profile(chances) for chances in data["final_cooperation_probability"].values]
    incentives = data["final_incentive"].values
    yield Mixtures("original", game, profiles)
    if incentives.any():
        yield Mixtures("with-incentives", [game.with_incentives(extra) for extra in incentives], profiles)


WORLD = World(
    name="many-players",
    Parameters=ManyPlayersParameters,
    play=simulate_many,
    measure=_measure,
    outcomes=_outcomes,
)
