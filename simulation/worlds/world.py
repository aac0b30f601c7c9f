"""What a world is: one kind of simulation that is played from a frozen dataclass of parameters.

A new world is a file of this folder that ends in `WORLD = World(...)`, and a line in `simulation.worlds.catalogue`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from simulation.engine.runs import Record
from theory import Game
from theory.checks import FloatArray
from theory.games.game import Profile
from theory.verdicts.facts import AnyGame

ParametersOf = TypeVar("ParametersOf")
ParametersIn = TypeVar("ParametersIn", contravariant=True)


@dataclass(frozen=True, eq=False)
class Mixtures:
    """What each run came to, as independent mixtures of its players."""

    judged_in: str
    """"original", "with-incentives" that were in force at the end, or the "altruistic" game of what players care for,
    with these incentives."""
    games: AnyGame | Sequence[AnyGame]
    """One for all runs, or one for each."""
    profiles: Sequence[Profile]
    """For each run one probability vector for each player."""


@dataclass(frozen=True, eq=False)
class JointPlay:
    """What each run came to, as the shares of outcomes that were played together: a correlated outcome."""

    judged_in: str
    """"original", or "pairs" where two neighbours of many are looked at."""
    game: Game
    shares: FloatArray
    """`[runs, *n_actions]`, summing to 1 in each run."""


Outcomes = Mixtures | JointPlay


class Play(Protocol[ParametersIn]):
    """Plays independent runs, of which run i depends on (parameters, seed, i) alone."""

    def __call__(
        self, parameters: ParametersIn, /, *, runs: int, seed: int, workers: int | None, record: Record
    ) -> xr.Dataset:
        """Return the dataset, runs first; `record` is "all" steps, every k-th, or the "summary"."""


@dataclass(frozen=True, kw_only=True)
class World(Generic[ParametersOf]):
    """One kind of simulation."""

    name: str
    Parameters: type[ParametersOf]
    """Every field has a default."""
    play: Play[ParametersOf]
    measure: Callable[[ParametersOf, xr.Dataset], dict[str, NDArray[Any]]]
    """What runs came to in few numbers, `[runs]` each, the most telling first; of a dataset that `play` returned with
    any `record`."""
    outcomes: Callable[[ParametersOf, xr.Dataset], Iterable[Outcomes]]
    """What is judged of such a dataset, and in which games: nothing where the game is too large."""


def by_run(data: xr.Dataset, *names: str) -> dict[str, NDArray[Any]]:
    """Return variables of a dataset that are one number a run."""
    return {name: np.asarray(data[name].values) for name in names}


def of_first_and_second(data: xr.Dataset, *names: str) -> dict[str, NDArray[Any]]:
    """Return the mean over two players of variables `[runs, 2]`, and then each player's."""
    measured = {name: data[name].values.sum(axis=1) / 2.0 for name in names}
    for name in names:
        for player in (1, 2):
            measured[f"{name}_{player}"] = np.asarray(data[name].sel(player=player).values)
    return measured
