"""How well simulated matches agree with printed means of five games.

A printed pair of cells is the mean of five games, rounded. Where nothing is random both must be met to the point.
Else the difference d from the simulated means has covariance V = S / 5 + S / R + I / 12: S is that of one
game's two scores, R the number of simulated games, and rounding to whole points has variance 1/12. Then d V^-1 d is
close to chi-squared on 2 degrees of freedom; on 1 for an entry against its twin, whose cell is the mean of both
seats. It is only close: five games are few, and scores that move together are rounded together. So the simulated
games are also cut into fives and printed like the table, which says how large these sums are if the rules are right.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from theory.checks import FloatArray

GAMES = 5
ROUNDING = 1.0 / 12.0

# Standard errors of points below this are rounding of the arithmetic: nothing was random.
NO_CHANCE = 1e-9


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
