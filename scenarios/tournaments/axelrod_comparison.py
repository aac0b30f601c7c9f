"""Axelrod's first tournament as simulated, beside his table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from scenarios.tournaments.axelrod_fit import GAMES, NO_CHANCE, Fit, PairFit, fit_all, fit_pair
from scenarios.tournaments.axelrod_published import Table1980, table_of_1980
from scenarios.tournaments.axelrod_readings import Reading
from simulation.tournaments.ranking import ranks
from theory.checks import FloatArray

TURNS = 200

# Its rule is not published, so that no pair with it tests the others.
UNKNOWN = "name-withheld"


@dataclass(frozen=True)
class ReadEntry:
    """An entry in one reading, the others by default.

    Attributes
    ----------
    entry, reading
        Which, and how read.
    fit
        Its pairs beside the table; those with the entry of unknown rule count for that one alone.
    points, rank
        Its mean points a game and its rank.
    winner
        Who then has most points.
    """

    entry: str
    reading: str
    fit: Fit
    points: float
    rank: float
    winner: str


@dataclass(frozen=True, eq=False)
class Comparison:
    """What was played beside what is known.

    Attributes
    ----------
    table
        The table of 1980.
    field, read, described
        Datasets of `round_robin`: the field by default, the other readings against it, and the field with all entries
        as the paper's sentences are read by the Axelrod library.
    runs
        Matches of each pair.
    pairs
        All 120 pairs of the field.
    fit
        Those without the entry of unknown rule together.
    tournaments
        `[tournaments, 15]` points a game of tournaments of five games a pair, cut from the matches played.
    placed
        `[tournaments, 15]`: ranks in them.
    read_as
        Each entry that can be read otherwise, its default first.
    """

    table: Table1980
    field: xr.Dataset
    read: xr.Dataset
    described: xr.Dataset
    runs: int
    pairs: tuple[PairFit, ...]
    fit: Fit
    tournaments: FloatArray
    placed: FloatArray
    read_as: tuple[ReadEntry, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The entries in the published order."""
        return self.table.names

    def seats(self) -> list[tuple[PairFit, int, int, int]]:
        """Return all 225 cells: the pair, the seat in it, and the cell's row and column in the table."""
        found = []
        for pair in self.pairs:
            i, j = self.names.index(pair.first), self.names.index(pair.second)
            found += [(pair, 0, i, j)] + ([(pair, 1, j, i)] if i != j else [])
        return found

    def of_five_games(self, pair: PairFit, seat: int) -> float:
        """Return the standard error of a mean of five games."""
        return float(pair.error[seat] * np.sqrt(self.runs / GAMES))


def compare(
    field: xr.Dataset, read: xr.Dataset, described: xr.Dataset, others: tuple[Reading, ...], *, runs: int
) -> Comparison:
    """Compare the tournament and the readings played against it with the table of 1980."""
    table = table_of_1980()
    pairs = tuple(
        _fit(field, table, first, second, {})
        for k, first in enumerate(table.names)
        for second in table.names[k:]
    )
    tournaments = _tournaments_of_five(field)
    return Comparison(
        table=table,
        field=field,
        read=read,
        described=described,
        runs=runs,
        pairs=pairs,
        fit=fit_all(pair for pair in pairs if UNKNOWN not in (pair.first, pair.second)),
        tournaments=tournaments,
        placed=ranks(tournaments, tie=NO_CHANCE),
        read_as=_read_entries(table, field, read, pairs, others),
    )


def _fit(data: xr.Dataset, table: Table1980, first: str, second: str, known_as: Mapping[str, str]) -> PairFit:
    """Compare two entries' cells with the data, in which an entry may stand under another name."""
    i, j = table.names.index(first), table.names.index(second)
    cells = table.points[[i], [j]] if i == j else table.points[[i, j], [j, i]]
    known = [str(name) for name in data["strategy"].values]
    a, b = (known.index(known_as.get(name, name)) for name in (first, second))
    scores = TURNS * data["repetition_payoffs"].values[:, [a, b], [b, a]]
    return fit_pair(first, second, cells, scores[:, : len(cells)])


def _tournaments_of_five(field: xr.Dataset) -> FloatArray:
    scores = TURNS * field["repetition_score"].values
    number = len(scores) // GAMES
    return np.asarray(scores[: number * GAMES].reshape(number, GAMES, -1).mean(axis=1))


def _read_entries(
    table: Table1980,
    field: xr.Dataset,
    read: xr.Dataset,
    pairs: tuple[PairFit, ...],
    others: tuple[Reading, ...],
) -> tuple[ReadEntry, ...]:
    points = TURNS * field["payoffs"].sel(strategy=list(table.names), opponent=list(table.names)).values
    found: list[ReadEntry] = []
    for reading in others:
        entry = reading.entry
        if entry not in {known.entry for known in found}:
            own = fit_all(pair for pair in pairs if _tests(entry, pair.first, pair.second))
            found.append(_ranked(table, entry, reading.default, own, points))
        known_as = {entry: reading.strategy.name}
        fit = fit_all(
            _fit(read, table, entry, name, known_as) for name in table.names if _tests(entry, entry, name)
        )
        found.append(_ranked(table, entry, reading.other, fit, _read_points(table, points, read, reading)))
    return tuple(found)


def _tests(entry: str, first: str, second: str) -> bool:
    """Whether a pair tests how an entry is read."""
    return entry in (first, second) and (entry == UNKNOWN or UNKNOWN not in (first, second))


def _read_points(table: Table1980, points: FloatArray, read: xr.Dataset, reading: Reading) -> FloatArray:
    """Return the `[15, 15]` points with an entry read otherwise."""
    k, name = table.names.index(reading.entry), reading.strategy.name
    members = [name if entry == reading.entry else entry for entry in table.names]
    changed = points.copy()
    changed[k] = TURNS * read["payoffs"].sel(strategy=name, opponent=members).values
    changed[:, k] = TURNS * read["payoffs"].sel(strategy=members, opponent=name).values
    return changed


def _ranked(table: Table1980, entry: str, reading: str, fit: Fit, points: FloatArray) -> ReadEntry:
    average = points.mean(axis=1)
    k = table.names.index(entry)
    rank = float(ranks(average, tie=NO_CHANCE)[k])
    return ReadEntry(entry, reading, fit, float(average[k]), rank, table.names[int(np.argmax(average))])
