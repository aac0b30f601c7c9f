"""Tournaments as tables for other people's tools: CSV, Parquet, and the interactions file of the Axelrod library.

CSV needs nothing; Parquet needs pandas and pyarrow (extra `frames`).
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory import Game
from theory.repeated.memory_one import OUTCOMES

# One column for each turn's outcome and the own action that follows it.
_FOLLOWING = [f"{outcome} to {action} count" for outcome in OUTCOMES for action in "CD"]

INTERACTION_COLUMNS = (
    "Interaction index", "Player index", "Opponent index", "Repetition", "Player name", "Opponent name",
    "Actions", "Score", "Score difference", "Turns", "Score per turn", "Score difference per turn", "Win",
    "Initial cooperation", "Cooperation count", *(f"{outcome} count" for outcome in OUTCOMES), *_FOLLOWING,
    "Good partner",
)  # fmt: skip


def write_standings(data: xr.Dataset, path: str | os.PathLike[str]) -> Path:
    """Write one row a strategy: score, rank, wins, ... with their errors, the best first.

    `path` ends in `.csv` or `.parquet`.
    """
    names = [str(name) for name, values in data.data_vars.items() if values.dims == ("strategy",)]
    order = np.argsort(-data["score"].values, kind="stable")
    rows = [
        (str(data["strategy"].values[k]), *(data[name].values[k].item() for name in names)) for k in order
    ]
    return _write(Path(path), ("strategy", *names), rows)


def write_pairs(data: xr.Dataset, path: str | os.PathLike[str]) -> Path:
    """Write one row for each pair that met: payoffs, cooperation, outcome shares, with errors.

    `path` ends in `.csv` or `.parquet`.
    """
    names = [str(name) for name, values in data.data_vars.items() if values.dims == ("strategy", "opponent")]
    strategies = [str(name) for name in data["strategy"].values]
    rows = [
        (
            strategies[i],
            strategies[j],
            *(data[name].values[i, j].item() for name in names),
            *data["distribution"].values[i, j].tolist(),
        )
        for i, j in np.argwhere(np.isfinite(data["payoffs"].values))
    ]
    return _write(Path(path), ("strategy", "opponent", *names, *OUTCOMES), rows)


def write_interactions(data: xr.Dataset, path: str | os.PathLike[str]) -> Path:
    """Write every match in the columns of the Axelrod library 4.14: two rows a match, one for each player.

    Parameters
    ----------
    data
        What `simulation.round_robin(..., record_actions=True)` returned.
    path
        A file that ends in `.csv` or `.parquet`.

    Raises
    ------
    ValueError
        If actions were not recorded.
    """
    if "actions" not in data:
        raise ValueError("interactions need recorded actions: call round_robin(..., record_actions=True)")
    return _write(Path(path), INTERACTION_COLUMNS, list(_interactions(data)))


def _interactions(data: xr.Dataset) -> Iterator[tuple[Any, ...]]:
    payoffs = Game(np.reshape(data.attrs["game_payoffs"], (2, 2, 2))).payoffs
    place = {str(name): k for k, name in enumerate(data["strategy"].values)}
    actions = data["actions"].values
    index = 0
    for match, pair in enumerate(zip(data["first"].values, data["second"].values, strict=True)):
        for repetition, played in enumerate(actions[match]):
            rows, columns = played[played[:, 0] >= 0].T
            scores = [float(payoffs[seat][rows, columns].sum()) for seat in range(2)]
            for seat, (own, other) in enumerate(((rows, columns), (columns, rows))):
                me, you = str(pair[seat]), str(pair[1 - seat])
                yield (
                    index, place[me], place[you], repetition, me, you,
                    *_of_one_player(own, other, scores[seat], scores[1 - seat]),
                )  # fmt: skip
            index += 1


def _of_one_player(own: Any, other: Any, score: float, other_score: float) -> tuple[Any, ...]:
    turns = len(own)
    outcome = 2 * own + other
    counts = np.bincount(outcome, minlength=4).tolist()
    following = np.bincount(2 * outcome[:-1] + own[1:], minlength=8).tolist()
    difference = score - other_score
    return (
        "".join("CD"[action] for action in own),
        _plain(score),
        _plain(difference),
        turns,
        score / turns,
        difference / turns,
        int(score > other_score),
        bool(own[0] == 0),
        counts[0] + counts[1],
        *counts,
        *following,
        int((own == 0).sum() >= (other == 0).sum()),
    )


def _plain(number: float) -> int | float:
    return int(number) if number == int(number) else number


def _write(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Path:
    """Write beside and rename, so that the file is whole or absent."""
    if path.suffix not in (".csv", ".parquet"):
        raise ValueError(f"a table must go to a .csv or .parquet file, got {str(path)!r}")
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=".partial", dir=path.parent)
    os.close(handle)
    partial = Path(name)
    try:
        if path.suffix == ".csv":
            with partial.open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(columns)
                writer.writerows(rows)
        else:
            _write_parquet(partial, columns, rows)
        partial.chmod(0o644)
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return path


def _write_parquet(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    try:
        import pandas  # type: ignore[import-untyped,import-not-found,unused-ignore]
        import pyarrow  # type: ignore[import-untyped,import-not-found,unused-ignore]  # noqa: F401
    except ImportError as error:
        raise ValueError(
            f"Parquet needs pandas and pyarrow, and {error.name} is missing: install commonweal[frames]"
        ) from None
    pandas.DataFrame(rows, columns=list(columns)).to_parquet(path, index=False, engine="pyarrow")
