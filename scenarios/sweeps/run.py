"""A sweep from beginning to end: what is there is read, the rest is played, all is put together, stored and drawn."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from scenarios.frame.records import netcdf_bytes
from scenarios.frame.store import CELLS, DATA, SUMMARY
from scenarios.sweeps.assembled import assembled, refuse_large
from scenarios.sweeps.cluster import play_on_cluster
from scenarios.sweeps.folder import POINTS, VERDICTS, SweepFolder
from scenarios.sweeps.processes import Record, play_by_processes, play_here
from scenarios.sweeps.records import StoredPoint, played_record, read_point
from scenarios.sweeps.report import PICTURE, drawn, points_csv, quantity_to_draw, summary_of, verdicts_csv
from simulation.engine.workers import worker_threads
from simulation.sweeps.grid import Grid
from simulation.sweeps.points import grid_of
from simulation.worlds.catalogue import world as world_called
from simulation.worlds.world import World
from theory.checks import known_name, plain_text

Tell = Callable[[str], None]
Progress = Callable[[Iterator[Record], int, int], Iterator[Record]]
"""Told of the records as they come, of how many points there are already, and of how many in all."""


def say_nothing(line: str) -> None:
    """Tell nobody."""


def without_progress(records: Iterator[Record], finished: int, total: int) -> Iterator[Record]:
    """Pass the records on without a word."""
    return records


def sweep(
    parameters: Any,
    over: Mapping[str, Sequence[Any]],
    *,
    runs: int | None = None,
    seed: int | None = None,
    store: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    variables: Sequence[str] = (),
    world: World[Any] | None = None,
    quantity: str | None = None,
    progress: Progress = without_progress,
    tell: Tell = say_nothing,
) -> xr.Dataset:
    """Play a world at every combination of some parameters' values, and store every point as it is finished.

    The same call goes on where an earlier one ended, however that ended, and returns what an undisturbed one would
    have: bit by bit, for any number of workers. Points are those of `simulation.sweep`.

    Parameters
    ----------
    parameters
        Of any world, or a world's name, which stands for its defaults (`simulation.world_names`); or the path of a
        file of an experiment, such as "my.toml", of which each condition is played at every combination of values.
    over
        Lists of values by path: `{"bound": [1, 2, 3], "game.greed": [0.5, 1.0]}`.
    runs, seed
        By default 10 and 0, or what the file says. Run i of a point depends on (the point's parameters, seed, i)
        alone.
    store
        The folder of this sweep; by default one in `results` whose name follows from what is asked for.
    workers
        Processes, by default one for each processor; 1 plays in this one. A script that plays by more calls this
        function below `if __name__ == "__main__":`.
    cluster
        The address of a dask.distributed scheduler whose workers play instead (extra `cluster`). It is trusted.
    variables
        Names of further variables of the world's dataset, of the same shape at all points; of a file by default those
        that its `record` names.
    world
        By default the one whose parameters these are; or one of your own.
    quantity
        What is drawn; by default the most telling that the world measures.
    progress, tell
        Told how far it is, and what went wrong without ending it.

    Returns
    -------
    xarray.Dataset
        A dimension for each path, and `condition` before them where a file has several; see
        `scenarios.sweeps.assembled`. A point that failed is NaN, and has its `error`.

    Raises
    ------
    ValueError
        If an argument breaks a rule, the store belongs to another sweep or version, cannot be written or is in use,
        processes end again and again, or the scheduler is gone. What is stored stays.
    """
    grid = _grid(parameters, over, world, runs, seed, variables)
    return stored_sweep(
        grid, store, workers=workers, cluster=cluster, quantity=quantity, progress=progress, tell=tell
    )


def stored_sweep(
    grid: Grid,
    store: str | os.PathLike[str] | None,
    *,
    workers: int | None = None,
    cluster: str | None = None,
    quantity: str | None = None,
    progress: Progress = without_progress,
    tell: Tell = say_nothing,
) -> xr.Dataset:
    """Play and store the points of a grid; arguments as for `sweep`."""
    refuse_large(grid)
    threads = worker_threads(workers)
    play_all = _player(threads, cluster, tell)
    path = sweep_folder(grid, Path("results")) if store is None else Path(store)
    with SweepFolder(path, grid.describe()) as folder:
        if not folder.is_complete:
            return _play_and_finish(grid, folder, play_all, quantity, progress, tell)
        data = _loaded(folder.data_bytes())
        _draw(folder, data, quantity, tell)
        return data


def _grid(
    parameters: Any,
    over: Any,
    own: World[Any] | None,
    runs: int | None,
    seed: int | None,
    variables: Sequence[str],
) -> Grid:
    if isinstance(parameters, os.PathLike) or (isinstance(parameters, str) and parameters.endswith(".toml")):
        from scenarios.sweeps.of_file import FileToSweep  # loads pydantic, which worlds do not need

        if own is not None:
            raise ValueError("world must not be given beside a file, which names its own")
        return FileToSweep(Path(parameters)).grid(over, runs=runs, seed=seed, variables=variables or None)
    given: dict[str, Any] = {
        "runs": 10 if runs is None else runs,
        "seed": 0 if seed is None else seed,
        "variables": variables,
    }
    if isinstance(parameters, str):
        own = world_called(parameters)
        parameters = own.Parameters()
    return grid_of(parameters, over, world=own, **given)


def sweep_folder(grid: Grid, out: Path) -> Path:
    """Return the folder of a sweep in the folder `out`, by what is asked for."""
    text = json.dumps(grid.describe(), sort_keys=True)
    return out / f"sweep-{grid.world.name}-{hashlib.sha256(text.encode()).hexdigest()[:10]}"


def stored_in_words(path: Path, total: int) -> str:
    """Say how much of a sweep lies in its folder."""
    stored = len(list((path / CELLS).glob("*.npz")))
    return f"{stored} of {total} points are in {path}, and the same command goes on from there"


def _player(workers: int, cluster: str | None, tell: Tell) -> Callable[[Grid, list[int]], Iterator[Record]]:
    if cluster is not None:
        address = plain_text("cluster", cluster)
        return lambda grid, numbers: play_on_cluster(played_record, grid, numbers, address, tell)
    if workers == 1:
        return lambda grid, numbers: play_here(played_record, grid, numbers)
    return lambda grid, numbers: play_by_processes(played_record, grid, numbers, workers, tell)


def _play_and_finish(
    grid: Grid,
    folder: SweepFolder,
    play_all: Callable[[Grid, list[int]], Iterator[Record]],
    quantity: str | None,
    progress: Progress,
    tell: Tell,
) -> xr.Dataset:
    finished = folder.finished()
    waiting = [number for number in range(len(grid)) if number not in finished]
    if waiting:
        _play(grid, folder, waiting, play_all, quantity, progress)
    processors: Counter[str] = Counter()
    data = assembled(grid, _counting(folder.points(len(grid)), processors))
    asked = quantity_to_draw(data, quantity)
    files = {
        DATA: netcdf_bytes(xr.DataTree(data)),
        POINTS: points_csv(data),
        VERDICTS: verdicts_csv(data),
        SUMMARY: summary_of(data, asked),
    }
    picture, missing = drawn(data, asked)
    if picture is not None:
        files[f"{PICTURE}.png"] = picture
    if missing:
        tell(f"the picture is missing: {missing}")
    about = {
        "scenario": f"sweep {grid.world.name}",
        "parameters": grid.describe(),
        "complete": True,
        "points": len(grid),
        "failed": int((data["error"].values != "").sum()),
        "processors": dict(sorted(processors.items())),
    }
    folder.finish(files, about)
    return _loaded(folder.data_bytes())


def _counting(points: Iterator[StoredPoint], processors: Counter[str]) -> Iterator[StoredPoint]:
    """Pass the points on, and count the processors that they were played on."""
    for point in points:
        processors[point.processor] += 1
        yield point


def _play(
    grid: Grid,
    folder: SweepFolder,
    waiting: list[int],
    play_all: Callable[[Grid, list[int]], Iterator[Record]],
    quantity: str | None,
    progress: Progress,
) -> None:
    """Play the points that are not there, and store each; the law must be that of the points that are."""
    total = len(grid)
    law = next((source for k in sorted(folder.finished()) if (source := folder.point(k).law_source)), "")
    records = play_all(grid, waiting)
    told = progress(records, total - len(waiting), total)
    try:
        for number, record in told:
            point = read_point(record)
            source = point.law_source
            if quantity is not None and not point.error:
                known_name("quantity", quantity, [*point.measured, "welfare_index"])
            if source and law and source != law:
                raise ValueError(
                    f"{folder.path} belongs to a sweep by other code: the law has changed since; give another folder"
                )
            law = law or source
            folder.keep_point(number, record)
    finally:
        for steps in (told, records):
            if hasattr(steps, "close"):
                steps.close()


def _draw(folder: SweepFolder, data: xr.Dataset, quantity: str | None, tell: Tell) -> None:
    """Draw a sweep that was complete before, if another quantity is asked for or its picture is not there."""
    place = folder.path / f"{PICTURE}.png"
    asked = quantity_to_draw(data, quantity)
    if quantity is None and place.exists():
        return
    picture, missing = drawn(data, asked)
    if picture is not None:
        folder.put(place.name, picture)
    if missing:
        tell(f"the picture is missing: {missing}")


def _loaded(content: bytes) -> xr.Dataset:
    with xr.open_dataset(io.BytesIO(content), engine="h5netcdf") as stored:
        return stored.load()
