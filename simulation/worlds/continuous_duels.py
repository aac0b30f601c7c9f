"""Duels with any level from 0 to 1, judged on the game's grid of levels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import xarray as xr
from numpy.typing import NDArray

from simulation.gradual.parameters import ContinuousDuelParameters, play_continuous_parameters
from simulation.worlds.world import Mixtures, World, of_first_and_second


def _measure(parameters: ContinuousDuelParameters, data: xr.Dataset) -> dict[str, NDArray[Any]]:
    return of_first_and_second(data, "mean_level", "mean_payoff")


def _outcomes(parameters: ContinuousDuelParameters, data: xr.Dataset) -> Iterator[Mixtures]:
    game = parameters.game
    profiles = [
        [frequency[player, :n] for player, n in enumerate(game.n_actions)]
        for frequency in data["frequency"].values
    ]
    yield Mixtures("original", game, profiles)


WORLD = World(
    name="continuous-duels",
    Parameters=ContinuousDuelParameters,
    play=play_continuous_parameters,
    measure=_measure,
    outcomes=_outcomes,
)
