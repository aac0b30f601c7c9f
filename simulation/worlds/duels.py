"""Two players with degrees of cooperation, such as gradual Tit-for-Tat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import xarray as xr
from numpy.typing import NDArray

from simulation.gradual.parameters import DuelParameters, play_duel_parameters
from simulation.worlds.world import Mixtures, World, of_first_and_second


def _measure(parameters: DuelParameters, data: xr.Dataset) -> dict[str, NDArray[Any]]:
    return of_first_and_second(data, "mean_level", "mean_payoff")


def _outcomes(parameters: DuelParameters, data: xr.Dataset) -> Iterator[Mixtures]:
    game = parameters.game
    profiles = [
        [frequency[player, :n] for player, n in enumerate(game.n_actions)]
        for frequency in data["frequency"].values
    ]
    yield Mixtures("original", game, profiles)


WORLD = World(
    name="duels",
    Parameters=DuelParameters,
    play=play_duel_parameters,
    measure=_measure,
    outcomes=_outcomes,
)
