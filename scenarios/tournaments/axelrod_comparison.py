"""Axelrod's first tournament as simulated, beside his table.

A printed pair of cells is the mean of five games, rounded. Where nothing is random both must be met to the point.
Else the difference d from the simulated means has covariance V = S / 5 + S / R + I / 12: S is that of one
game's two scores, R the number of simulated games, and rounding to whole points has variance 1/12. Then d V^-1 d is
close to chi-squared on 2 degrees of freedom; on 1 for an entry against its twin, whose cell is the mean of both
seats. It is only close: five games are few, and scores that move together are rounded together. So the simulated
games are also cut into fives and printed like the table, which says how large these sums are if the rules are right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy.stats import chi2

from scenarios.tournaments.axelrod_published import Table1980, table_of_1980
from scenarios.tournaments.axelrod_readings import Reading
from simulation.tournaments.ranking import ranks
from theory.checks import FloatArray

TURNS = 200

# Games of each pair in 1980.
GAMES = 5
ROUNDING = 1.0 / 12.0

# Standard errors of points below this are rounding of the arithmetic: nothing was random.
NO_CHANCE = 1e-9


# Its rule is not published, so that no pair with it tests the others.
UNKNOWN = "name-withheld"


@dataclass(frozen=True, eq=False)
class PairFit:
    """One pair of entries beside the table.

    Attributes
    ----------
    first, second
        The names of the two; equal for twins.
    table, points
        `[2]` (or `[1]` for twins): what the table has and the simulated means.
    error
        The same shape: standard errors of the simulated means.
    chi_squared, degrees
        0 where nothing is random.
    chi_squared_error
        Monte Carlo standard error of `chi_squared`, to first order in the means' and covariances' errors.
    simulated
        `[games // 5]`: the chi-squared of simulated means of five games, printed like the table.
    """

    first: str
    second: str
    table: FloatArray
    points: FloatArray
    error: FloatArray
    chi_squared: float
    degrees: int
    chi_squared_error: float
    simulated: FloatArray

    @property
    def is_free_of_chance(self) -> bool:
        """Whether nothing in the pair's matches is random."""
        return self.degrees == 0

    @property
    def is_exact(self) -> bool:
        """Whether nothing is random and the table is met to the point."""
        return self.is_free_of_chance and bool((np.abs(self.points - self.table) < 0.5).all())

    @property
    def p_value(self) -> float:
        """Chance of so large a chi-squared; where nothing is random, 1 or 0."""
        return float(chi2.sf(self.chi_squared, self.degrees)) if self.degrees else float(self.is_exact)


@dataclass(frozen=True)
class Fit:
    """Many pairs together.

    Attributes
    ----------
    exact, free_of_chance
        Pairs in which nothing is random: those that are met to the point, and all.
    chi_squared, degrees, chi_squared_error
        Sums over the others.
    pairs_with_chance, rejected
        How many others there are, and how many of them have a p-value below 1%.
    simulated_above
        Share of tables printed from simulated games whose sum is at least `chi_squared`.
    """

    exact: int
    free_of_chance: int
    chi_squared: float
    degrees: int
    chi_squared_error: float
    pairs_with_chance: int
    rejected: int
    simulated_above: float

    @property
    def p_value(self) -> float:
        """Chance of so large a chi-squared if the rules are right (and were not chosen on these data)."""
        return float(chi2.sf(self.chi_squared, self.degrees)) if self.degrees else 1.0


def fit_pair(first: str, second: str, table: FloatArray, scores: FloatArray) -> PairFit:
    """Compare a pair with its cells; `scores` are `[games, 2]` (or `[games, 1]` for twins) points a game."""
    games = len(scores)
    points = scores.mean(axis=0)
    deviations = scores - points
    covariance = deviations.T @ deviations / (games - 1)
    error = np.sqrt(np.diag(covariance) / games)
    if (error < NO_CHANCE).all():
        return PairFit(first, second, table, points, error, 0.0, 0, 0.0, np.zeros(games // GAMES))
    share = 1.0 / GAMES + 1.0 / games
    expected = covariance * share + ROUNDING * np.eye(len(table))
    weights = np.linalg.solve(expected, points - table)
    # What one game more changes in the mean and in the covariance, and by both in chi-squared.
    leverage = deviations @ weights
    influence = 2.0 * leverage - share * leverage**2
    fives = scores[: games // GAMES * GAMES].reshape(-1, GAMES, len(table))
    printed = np.round(fives.mean(axis=1)) - points
    return PairFit(
        first,
        second,
        table,
        points,
        error,
        chi_squared=float((points - table) @ weights),
        degrees=len(table),
        chi_squared_error=float(influence.std() / np.sqrt(games)),
        simulated=(printed * np.linalg.solve(expected, printed.T).T).sum(axis=1),
    )


def fit_all(pairs: Iterable[PairFit]) -> Fit:
    """Add up pairs, which are independent."""
    pairs = list(pairs)
    free = [pair for pair in pairs if pair.is_free_of_chance]
    others = [pair for pair in pairs if not pair.is_free_of_chance]
    chi_squared = sum(pair.chi_squared for pair in others)
    simulated = np.sum([pair.simulated for pair in pairs], axis=0)
    return Fit(
        exact=sum(pair.is_exact for pair in free),
        free_of_chance=len(free),
        chi_squared=chi_squared,
        degrees=sum(pair.degrees for pair in others),
        chi_squared_error=float(np.sqrt(sum(pair.chi_squared_error**2 for pair in others))),
        pairs_with_chance=len(others),
        rejected=sum(pair.p_value < 0.01 for pair in others),
        simulated_above=float(np.mean(simulated >= chi_squared)),
    )


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
        as the paper's sentences are read by the Axelrod library. The last two are None where they were not played.
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
        Each entry that can be read otherwise, its default first; none where the readings were not played.
    """

    table: Table1980
    field: xr.Dataset
    read: xr.Dataset | None
    described: xr.Dataset | None
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
    field: xr.Dataset,
    read: xr.Dataset | None,
    described: xr.Dataset | None,
    others: tuple[Reading, ...],
    *,
    runs: int,
) -> Comparison:
    """Compare the tournament and the readings played against it, where there are, with the table of 1980."""
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
        read_as=() if read is None else _read_entries(table, field, read, pairs, others),
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
