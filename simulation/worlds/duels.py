"""Two players with degrees of cooperation, such as gradual Tit-for-Tat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import xarray as xr
from numpy.typing import NDArray

from simulation.gradual.parameters import ContinuousDuelParameters, DuelParameters, play_duel_parameters
from simulation.worlds.world import Mixtures, World, of_first_and_second

Duels = DuelParameters | ContinuousDuelParameters


def measure_duels(parameters: Duels, data: xr.Dataset) -> dict[str, NDArray[Any]]:
    """Return what each player did and got, by its place."""
    return of_first_and_second(data, "mean_level", "mean_payoff")


def outcomes_of_duels(parameters: Duels, data: xr.Dataset) -> Iterator[Mixtures]:
    """Yield how often each played each level, in the game on its grid of levels."""
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
    measure=measure_duels,
    outcomes=outcomes_of_duels,
)
