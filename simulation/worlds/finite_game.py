"""Learners in any finite game, with or without a planner."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import xarray as xr
from numpy.typing import NDArray

from simulation.mechanism_design.any_game import FiniteGameParameters, simulate_game
from simulation.worlds.world import Mixtures, World, by_run


def _measure(parameters: FiniteGameParameters, data: xr.Dataset) -> dict[str, NDArray[Any]]:
    return by_run(data, "final_welfare", "average_additional_reward", "planner_retired")


def _outcomes(parameters: FiniteGameParameters, data: xr.Dataset) -> Iterator[Mixtures]:
    game = parameters.game
    profiles = [
        [policy[player, :n] for player, n in enumerate(game.n_actions)]
        for policy in data["final_policy"].values
    ]
    yield Mixtures("original", game, profiles)
    incentives = data["final_incentive"].values.reshape(-1, *game.payoffs.shape)
    if incentives.any():
        yield Mixtures("with-incentives", [game.with_incentives(extra) for extra in incentives], profiles)


WORLD = World(
    name="finite-game",
    Parameters=FiniteGameParameters,
    play=simulate_game,
    measure=_measure,
    outcomes=_outcomes,
)
