"""A world that costs nothing, for tests of sweeps: each run tosses a coin, and the point says what it was asked."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from simulation.engine.randomness import run_generator
from simulation.worlds.world import Mixtures, World
from theory import named_game

GAME = named_game("prisoners-dilemma")

# A file to which each play adds a line with its place; seconds that each takes; after how many lines it takes long.
LOG, SECONDS, LIMIT = "COINS_LOG", "COINS_SECONDS", "COINS_LIMIT"


@dataclass(frozen=True, kw_only=True)
class Coin:
    place: int = 0
    chance: float = 0.5
    breaks: bool = False
    ends_at: int = -1
    """At which place the process ends."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.chance <= 1.0:
            raise ValueError(f"chance must lie in [0, 1], got {self.chance}")


def play(coin: Coin, /, *, runs: int, seed: int, workers: int | None, record: Any) -> xr.Dataset:
    if os.environ.get(LOG):
        with Path(os.environ[LOG]).open("a+") as log:
            log.write(f"{coin.place}\n")
            log.seek(0)
            if len(log.readlines()) > int(os.environ.get(LIMIT, "1000000")):
                time.sleep(2.0)
    time.sleep(float(os.environ.get(SECONDS, "0")))
    if coin.ends_at == coin.place:
        os._exit(7)
    if coin.breaks:
        raise RuntimeError("the coin\nbroke")
    draws = np.array([run_generator(seed, run).random() for run in range(runs)])
    return xr.Dataset(
        {"heads": ("run", (draws < coin.chance) * 1.0), "draw": ("run", draws)},
        {"run": np.arange(runs)},
        {"law_source": "none"},
    )


def measure(coin: Coin, data: xr.Dataset) -> dict[str, Any]:
    return {"heads": data["heads"].values}


def outcomes(coin: Coin, data: xr.Dataset) -> Iterator[Mixtures]:
    yield Mixtures("original", GAME, [[[heads, 1 - heads]] * 2 for heads in data["heads"].values])


COINS: World[Coin] = World(name="coins", Parameters=Coin, play=play, measure=measure, outcomes=outcomes)
