"""A group of gradual Tit-for-Tat, who keep ledgers, in a graded public good."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import xarray as xr
from numpy.typing import NDArray

from simulation.engine.runs import Record
from simulation.gradual.groups.ledgers import LedgerGroupParameters
from simulation.gradual.groups.outcome import frequencies_on_grid, judged_game
from simulation.gradual.groups.public_good import PublicGoodGroup
from simulation.gradual.groups.runs import GroupParameters, play_groups
from simulation.worlds.world import Mixtures, World


def play_second_half(
    parameters: GroupParameters | LedgerGroupParameters,
    /,
    *,
    runs: int,
    seed: int,
    workers: int | None,
    record: Record,
) -> xr.Dataset:
    """Play a group whose means are taken over the second half of its rounds."""
    half = parameters.rounds // 2
    return play_groups(parameters, runs=runs, seed=seed, burn_in=half, workers=workers, record=record)


def measure_group(parameters: PublicGoodGroup, data: xr.Dataset) -> dict[str, NDArray[Any]]:
    """Return the mean level and payoff over all players of each run."""
    return {name: data[name].values.mean(axis=1) for name in ("mean_level", "mean_payoff")}


def group_outcomes(parameters: PublicGoodGroup, data: xr.Dataset) -> Iterator[Mixtures]:
    """Yield the frequencies of levels on the grid of the judged game; nothing where the group has none."""
    game = judged_game(parameters)
    if game is not None:
        coarse = frequencies_on_grid(data["frequency"].values, game.n_actions[0])
        yield Mixtures("original", game, [list(of_run) for of_run in coarse])


WORLD = World(
    name="groups",
    Parameters=LedgerGroupParameters,
    play=play_second_half,
    measure=measure_group,
    outcomes=group_outcomes,
)
