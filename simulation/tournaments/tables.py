"""From what pairs get to the tables of a tournament: payoffs, scores and ranks, each with its error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulation.tournaments.ranking import (
    freedom_of_sum,
    freedom_of_variance,
    random_ranks,
    ranks,
)
from theory import Game
from theory.checks import FloatArray, IntArray
from theory.resolution import TIE
from theory.statistics import student_quantile


@dataclass(frozen=True, eq=False)
class Pairings:
    """Who meets whom, and what they get.

    Attributes
    ----------
    pairs
        `[n_pairs, 2]`: row and column player.
    mean, covariance, influence
        Of the payoffs and cooperation of both, as in `simulation.matches.match.Estimate`.
    """

    pairs: IntArray
    mean: FloatArray
    covariance: FloatArray
    influence: FloatArray


def number_of_matches(played: Pairings, n: int) -> FloatArray:
    """Return `[n, n]`: how many matches enter; a symmetric game's one match of a pair fills both entries."""
    rows, columns = played.pairs.T
    matches = np.zeros((n, n))
    np.add.at(matches, (rows, columns), 1.0)
    np.add.at(matches, (columns, rows), 1.0)
    return matches


def arrays_of(played: Pairings, n: int, game: Game, seed: int) -> dict[str, Any]:
    """Return payoffs, cooperation, scores and ranks with their errors, ready for a dataset."""
    matches = number_of_matches(played, n)
    by_pair = ("strategy", "opponent")
    data: dict[str, Any] = {}
    for name, k in (("payoffs", 0), ("cooperation", 2)):
        mean, variance, covariance = _by_pair(played, matches, k)
        data[name] = (by_pair, mean)
        data[f"{name}_standard_error"] = (by_pair, np.sqrt(variance))
        if name == "payoffs":
            data["payoffs_degrees_of_freedom"] = (by_pair, _freedom(played, matches))
            data["payoff_covariance"] = (by_pair, covariance)
    data |= scores(data, matches > 0, game, seed)
    data["repetition_score"] = (("repetition", "strategy"), _repetition_scores(played, matches))
    return data


def _by_pair(played: Pairings, matches: FloatArray, k: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return `[n, n]` means, error variances, and covariances of (i, j)'s with (j, i)'s error."""
    rows, columns = played.pairs.T
    mean, variance, covariance = (np.zeros(matches.shape) for _ in range(3))
    np.add.at(mean, (rows, columns), played.mean[:, k])
    np.add.at(mean, (columns, rows), played.mean[:, k + 1])
    np.add.at(variance, (rows, columns), played.covariance[:, k, k])
    np.add.at(variance, (columns, rows), played.covariance[:, k + 1, k + 1])
    np.add.at(covariance, (rows, columns), played.covariance[:, k, k + 1])
    np.add.at(covariance, (columns, rows), played.covariance[:, k, k + 1])
    # Against its twin a strategy gets the mean of both seats, whose errors are correlated.
    diagonal = np.einsum("ii->i", variance)
    diagonal += np.diag(covariance)
    np.maximum(diagonal, 0.0, out=diagonal)  # errors that cancel leave rounding of either sign
    np.einsum("ii->i", covariance)[:] = diagonal
    with np.errstate(invalid="ignore"):
        return mean / matches, variance / matches**2, covariance / matches**2


def _freedom(played: Pairings, matches: FloatArray) -> FloatArray:
    """Return `[n, n]`: degrees of freedom of the payoffs' error variances."""
    rows, columns = played.pairs.T
    twins = (rows == columns)[:, None]
    payoffs = np.moveaxis(played.influence[:, :, :2], 1, 2)
    payoffs = np.where(twins[:, :, None], payoffs.mean(axis=1, keepdims=True), payoffs)
    variance = np.einsum("pkk->pk", played.covariance[:, :2, :2])
    variance = np.where(twins, played.covariance[:, :2, :2].mean(axis=(1, 2))[:, None], variance)
    part = variance**2 / freedom_of_variance(payoffs)
    parts, total = np.zeros(matches.shape), np.zeros(matches.shape)
    for seat, who, whom in ((0, rows, columns), (1, columns, rows)):
        counts = np.flatnonzero(~twins[:, 0] | (seat == 0))
        np.add.at(parts, (who[counts], whom[counts]), part[counts, seat])
        np.add.at(total, (who[counts], whom[counts]), variance[counts, seat])
    return np.where(matches > 0, freedom_of_sum(parts, total), np.nan)


def scores(data: dict[str, Any], met: Any, game: Game, seed: int) -> dict[str, Any]:
    """Return scores and ranks with their errors; `data` as `arrays_of` makes it, `met[n, n]` who met whom."""
    mean, error = data["payoffs"][1], data["payoffs_standard_error"][1]
    opponents = met.sum(axis=1)
    score = np.where(met, mean, 0.0).sum(axis=1) / opponents
    variances = np.where(met, error**2, 0.0)
    # Different pairs are independent, so scores covary through the match of the two alone.
    covariance = np.where(met, data["payoff_covariance"][1], 0.0) / np.outer(opponents, opponents)
    np.fill_diagonal(covariance, variances.sum(axis=1) / opponents**2)
    parts = np.where(met, variances**2 / data["payoffs_degrees_of_freedom"][1], 0.0).sum(axis=1)
    freedom = freedom_of_sum(parts, variances.sum(axis=1))
    tie = TIE * float(game.payoff_range.max())
    standard_error = np.sqrt(np.diag(covariance))
    half_width = student_quantile(0.975, freedom) * standard_error
    rank_error, low, high = random_ranks(score, covariance, freedom, seed=seed, tie=tie)
    return {
        "score": ("strategy", score),
        "score_standard_error": ("strategy", standard_error),
        "score_low": ("strategy", score - half_width),
        "score_high": ("strategy", score + half_width),
        "rank": ("strategy", ranks(score, tie=tie)),
        "rank_standard_error": ("strategy", rank_error),
        "rank_low": ("strategy", low),
        "rank_high": ("strategy", high),
        "opponents": ("strategy", opponents),
    }


def _repetition_scores(played: Pairings, matches: FloatArray) -> FloatArray:
    """`[repetitions, n]`: what each repetition says of the scores; they average to the scores."""
    rows, columns = played.pairs.T
    total = np.zeros((len(matches), played.influence.shape[1]))
    np.add.at(total, rows, played.influence[:, :, 0] / matches[rows, columns][:, None])
    np.add.at(total, columns, played.influence[:, :, 1] / matches[rows, columns][:, None])
    return np.asarray(total.T / (matches > 0).sum(axis=1))


def by_repetition(played: Pairings, n: int) -> FloatArray:
    """Return `[repetitions, n, n]`: what each repetition says of the payoffs; they average to the payoffs."""
    matches = number_of_matches(played, n)
    rows, columns = played.pairs.T
    total = np.zeros((played.influence.shape[1], n, n))
    # No pair is there twice, so that each of these lines adds to different entries.
    total[:, rows, columns] += played.influence[:, :, 0].T
    total[:, columns, rows] += played.influence[:, :, 1].T
    with np.errstate(invalid="ignore"):
        return np.asarray(total / matches)


def partners(
    pairs: IntArray, payoffs: FloatArray, cooperation: FloatArray, tie: FloatArray | float, n: int
) -> dict[str, Any]:
    """Count matches won, and the share of matches in which one cooperated at least as often as the other.

    `payoffs` and `cooperation` are `[n_pairs, repetitions, 2]`; payoffs that differ by less than `tie`, one or
    `[n_pairs, repetitions]`, are equal. Matches against a twin do not count.
    """
    won = [payoffs[..., seat] > payoffs[..., 1 - seat] + tie for seat in range(2)]
    kind = [cooperation[..., seat] >= cooperation[..., 1 - seat] - TIE for seat in range(2)]
    others = pairs[:, 0] != pairs[:, 1]
    wins, good, met = np.zeros(n), np.zeros(n), np.zeros(n)
    for seat in range(2):
        who = pairs[others, seat]
        np.add.at(wins, who, won[seat][others].mean(axis=1))
        np.add.at(good, who, kind[seat][others].mean(axis=1))
        np.add.at(met, who, 1.0)
    share = np.divide(good, met, out=np.full(n, np.nan), where=met > 0)
    return {"wins": ("strategy", wins), "good_partner": ("strategy", share)}


def by_role(played: Pairings, n: int) -> dict[str, Any]:
    """Return the payoffs of an asymmetric game by role, with their errors."""
    rows, columns = played.pairs.T
    payoffs, variance = np.full((2, n, n), np.nan), np.full((2, n, n), np.nan)
    payoffs[0, rows, columns], payoffs[1, columns, rows] = played.mean[:, 0], played.mean[:, 1]
    variance[0, rows, columns] = played.covariance[:, 0, 0]
    variance[1, columns, rows] = played.covariance[:, 1, 1]
    by_role = ("role", "strategy", "opponent")
    return {
        "role_payoffs": (by_role, payoffs),
        "role_payoffs_standard_error": (by_role, np.sqrt(variance)),
    }
