"""Playing the points of a sweep, one by one: nothing is kept of them here, and no file is touched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from simulation.engine.randomness import known_seed
from simulation.sweeps.grid import Grid, coordinate, values_over
from simulation.worlds.catalogue import world_played_from
from simulation.worlds.verdicts import judge_runs
from simulation.worlds.world import World
from theory.arguments import of_type, optional
from theory.checks import is_list, shown

PlayAll = Callable[[Callable[[int], Any], Iterable[int]], Iterable[Any]]


@dataclass(frozen=True, eq=False)
class SweepPoint:
    """One point of a sweep."""

    number: int
    """Counted so that the last parameter varies fastest."""
    values: Mapping[str, Any]
    """The values of its parameters by path."""
    data: xr.Dataset | None
    """By run what the world measures; by (run, judged_in) what `simulation.judge_runs` returns; and the variables
    that were to be kept. The values stand beside it as coordinates. None where the point failed."""
    error: str = ""
    """What it failed with."""


def sweep(
    parameters: Any,
    over: Mapping[str, Sequence[Any]],
    *,
    runs: int = 10,
    seed: int | None = 0,
    variables: Sequence[str] = (),
    world: World[Any] | None = None,
    map: PlayAll = map,
) -> Iterator[SweepPoint]:
    """Play a world at every combination of some parameters' values, and yield the points one by one.

    Nothing is played before it is asked for, and nothing is held of points that were yielded. A point that fails is
    yielded with its error. Run i of a point depends on (the point's parameters, seed, i) alone, so that run i of all
    points begins with the same random numbers (common random numbers): compare points run by run.
    `commonweal.sweep` plays the same points by many processes, stores them and resumes.

    Parameters
    ----------
    parameters
        Of any world (`simulation.world_names`), which the points have in common.
    over
        Lists of values by path: `{"bound": [1, 2, 3], "game.greed": [0.5, 1.0]}`. A path is a field of the
        parameters, or one within a field: `planner.bound` of a handover, `graph.size` of a population,
        `second.credit` of a duel, `game.greed` where the game is a dilemma, `learners.learning_rate` where learners
        have a `LearningRule`.
    runs
        Independent runs of each point, at least 1.
    seed
        A whole number, at least 0; None draws one for all points.
    variables
        Names of further variables of the world's dataset that points are to have.
    world
        By default the one whose parameters these are; or one of your own.
    map
        What applies a function to all numbers of points, in any order: `pool.imap` of `multiprocessing` plays points
        by processes. One that takes all numbers at once, as those of `concurrent.futures` do, may hold all points.

    Yields
    ------
    SweepPoint

    Raises
    ------
    ValueError
        If a path is unknown or its values are no list; at once, and not when the first point is asked for.
    """
    if not callable(map):
        raise ValueError(f"map must be a function, got {shown(map)}")
    grid = grid_of(parameters, over, runs=runs, seed=seed, variables=variables, world=world)
    return _points(grid, map)


def _points(grid: Grid, play_all: PlayAll) -> Iterator[SweepPoint]:
    yield from play_all(partial(play_point, grid), range(len(grid)))


def grid_of(
    parameters: Any,
    over: Mapping[str, Sequence[Any]],
    *,
    runs: int = 10,
    seed: int | None = 0,
    variables: Sequence[str] = (),
    world: World[Any] | None = None,
) -> Grid:
    """Return the points of a sweep, arguments as for `sweep`."""
    if not is_list(variables) or not all(isinstance(name, str) for name in variables):
        raise ValueError(f"variables must be a list of names, got {shown(variables)}")
    return Grid(
        world=optional(of_type(World))("world", world) or world_played_from(parameters),
        parameters=parameters,
        over=values_over(over),
        runs=runs,
        seed=known_seed(seed),
        variables=tuple(variables),
    )


def play_point(grid: Grid, number: int, workers: int | None = 1) -> SweepPoint:
    """Play one point; what goes wrong, interrupts apart, is the point's error."""
    values = grid.values(number)
    try:
        data = _played(grid, number, workers)
    except Exception as error:
        text = " ".join(str(error).split())
        is_rule = isinstance(error, ValueError) and text
        return SweepPoint(number, values, None, text if is_rule else f"{type(error).__name__}: {text}")
    return SweepPoint(number, values, data)


def _played(grid: Grid, number: int, workers: int | None) -> xr.Dataset:
    parameters = grid.parameters_of(number)
    record: Any = "all" if grid.variables else "summary"
    played = grid.world.play(parameters, runs=grid.runs, seed=grid.seed, workers=workers, record=record)
    measured = grid.world.measure(parameters, played)
    data = judge_runs(grid.world, parameters, played)
    data = data.assign({name: ("run", np.asarray(values)) for name, values in measured.items()})
    for name in grid.variables:
        if name not in played.variables:
            raise ValueError(f"variables must be some that there are, got {name!r}; there are {list(played)}")
        data = data.assign({name: played[name]})
    here = {path: ((), coordinate((value,))[0]) for path, value in grid.values(number).items()}
    return data.assign_coords(here).assign_attrs(played.attrs)
