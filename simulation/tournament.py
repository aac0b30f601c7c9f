"""Round robins: everybody meets everybody, or whom a graph says, in any 2x2 game."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import xarray as xr

from simulation.match_driver import Actions, Terms, sample_matches
from simulation.match_law import IntArray
from simulation.match_terms import Player, as_field, checked_terms
from simulation.matches import estimate_means, expected_distributions
from simulation.randomness import whole_number
from simulation.ranking import random_ranks, ranks
from simulation.strategies.base import Strategy
from theory import Game
from theory._checks import FloatArray, known_name
from theory.memory_one import OUTCOMES

# Seen from the other side, CD and DC change places.
_SEEN_BY_OTHER = [0, 2, 1, 3]
_COOPERATED = np.array([[1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 1.0, 0.0]])

# Payoffs of a match that differ by less than this share of the payoff range are equal.
_TIE = 1e-9


class Named(Protocol):
    """Whoever takes part."""

    @property
    def name(self) -> str:
        """A name of its own."""


@dataclass(frozen=True, eq=False)
class Pairings:
    """Who meets whom, and what they get.

    Attributes
    ----------
    pairs
        `[n_pairs, 2]`: row and column player.
    mean, covariance, influence
        Of the payoffs and cooperation of both, as in `simulation.matches.Estimate`.
    """

    pairs: IntArray
    mean: FloatArray
    covariance: FloatArray
    influence: FloatArray


@dataclass(frozen=True, eq=False)
class _Played(Pairings):
    """Matches of actions C and D.

    Attributes
    ----------
    counts, turns
        `[n_pairs, repetitions, 4]` and `[n_pairs, repetitions]`: as played; exact pairs hold expectations of
        one turn.
    is_exact
        `[n_pairs]`.
    """

    counts: FloatArray
    turns: FloatArray
    is_exact: Any


def round_robin(
    strategies: Sequence[Player],
    *,
    game: Game,
    turns: int | None = None,
    repetitions: int = 10,
    noise: float = 0.0,
    prob_end: float | None = None,
    self_play: bool = True,
    graph: Any = None,
    seed: int = 0,
    exact: bool = False,
    record_actions: bool = False,
    workers: int | None = None,
) -> xr.Dataset:
    """Play a tournament and return payoffs, cooperation, scores and ranks with standard errors.

    The match of two strategies depends on the seed and their places in the list alone, so that neither
    `graph`, `self_play` nor `workers` changes it.

    Parameters
    ----------
    strategies
        Strategies, rules or names of the catalogue; their names must differ.
    game
        A game of two players with two actions each; action 0 is C. If it is not symmetric, each pair
        plays both ways round.
    turns, noise, prob_end
        As in `simulation.play_match`.
    repetitions
        Matches of each pair, at least 1.
    self_play
        Whether each strategy also meets its twin, with a graph too.
    graph
        An undirected `networkx` graph whose edges are the pairs that meet. Its nodes are the strategies'
        names, or their places 0 ... n - 1; each strategy must meet another.
    seed
        A whole number, at least 0.
    exact
        Whether pairs of memory-one or finite-state strategies enter with their expected payoffs (no
        repetitions, standard error 0) instead of played matches.
    record_actions
        Whether to keep all actions (needed for tables of interactions); excludes `exact`.
    workers
        Threads; by default one for each processor. Results do not depend on it.

    Returns
    -------
    xarray.Dataset
        By (strategy, opponent), NaN where two do not meet: `payoffs` and `cooperation` per turn with
        `..._standard_error`; `payoff_covariance` of the errors of (i, j) and (j, i); `distribution`
        (..., outcome), own action first; `is_exact`.
        By strategy: `score`, its mean payoff over opponents, with `score_standard_error`; `rank` (1 is best,
        ties share), `rank_standard_error`, and `rank_low`, `rank_high`, which hold 95% of the ranks that the
        errors of the scores allow; `wins`, matches a repetition against others in which it got
        more (exact pairs: in expectation); `good_partner`, the share of those in which it cooperated at least
        as often as the other; `opponents`, their number.
        By (repetition, strategy): `repetition_score`. Where the game is not symmetric:
        `role_payoffs` and `role_payoffs_standard_error` (role, strategy, opponent), roles `row` and `column`.
        With `record_actions`: `actions` (match, repetition, turn, seat), -1 after the end, with `first` and
        `second`, the strategies' names by match.

    Raises
    ------
    ValueError
        If an argument violates its rule.
    """
    field = as_field(strategies)
    terms = checked_terms(game, turns, noise=noise, prob_end=prob_end)
    repetitions = whole_number("repetitions", repetitions, at_least=1)
    seed = whole_number("seed", seed, at_least=0)
    if workers is not None:
        whole_number("workers", workers, at_least=1)
    if exact and record_actions:
        raise ValueError("record_actions needs played matches, got exact=True")
    symmetric = bool((game.payoffs[0] == game.payoffs[1].T).all())
    pairs = pairings(field, graph, self_play=self_play, both_ways=not symmetric)
    played, actions = _play(field, pairs, terms, repetitions, seed, workers, exact, record_actions)
    data = _dataset(field, played, terms, seed, symmetric)
    if actions is not None:
        names = np.array([strategy.name for strategy in field])
        data["actions"] = (("match", "repetition", "turn", "seat"), actions)
        data["first"] = ("match", names[played.pairs[:, 0]])
        data["second"] = ("match", names[played.pairs[:, 1]])
    data.attrs = {
        "game": game.title,
        "game_payoffs": game.payoffs.ravel().tolist(),
        "turns": turns or 0,
        "prob_end": prob_end or 0.0,
        "noise": noise,
        "repetitions": repetitions,
        "seed": seed,
    }
    return data


def standings(data: xr.Dataset, names: Sequence[str]) -> xr.Dataset:
    """Return the scores and ranks that some of a tournament's strategies have among themselves.

    What two strategies do to each other does not depend on who else is there, so no match is played again.

    Parameters
    ----------
    data
        What `round_robin` returned.
    names
        Strategies that take part, in the order of the result.

    Returns
    -------
    xarray.Dataset
        `score`, `rank`, `opponents` with errors as `round_robin` returns them.
    """
    for name in names:
        known_name("strategy", name, [str(known) for known in data["strategy"].values])
    part = data.sel(strategy=list(names), opponent=list(names))
    arrays = {str(name): (part[name].dims, part[name].values) for name in part.data_vars}
    game = Game(np.reshape(data.attrs["game_payoffs"], (2, 2, 2)))
    met = np.isfinite(part["payoffs"].values)
    scores = _scores(arrays, met, game, data.attrs["seed"])
    return xr.Dataset(scores, {"strategy": list(names)})


def pairings(
    field: Sequence[Named], graph: Any, *, self_play: bool, both_ways: bool
) -> list[tuple[int, int]]:
    """Return who meets whom, as places in the field, the first as the row player."""
    n = len(field)
    meets = np.zeros((n, n), dtype=bool)
    if graph is None:
        meets[:] = ~np.eye(n, dtype=bool)
    else:
        place = _places(field, graph)
        for u, v in graph.edges():
            meets[place[u], place[v]] = meets[place[v], place[u]] = True
    if self_play:
        meets |= np.eye(n, dtype=bool)
    alone = np.flatnonzero(~meets.any(axis=1))
    if len(alone):
        raise ValueError(f"each strategy must meet somebody, got {field[alone[0]].name!r} alone")
    if graph is not None and n > 1:
        isolated = np.flatnonzero(~(meets & ~np.eye(n, dtype=bool)).any(axis=1))
        if len(isolated):
            name = field[isolated[0]].name
            raise ValueError(f"graph must have no isolated nodes, got {name!r} without an edge to another")
    return [(i, j) for i in range(n) for j in range(n) if meets[i, j] and (both_ways or i <= j)]


def _places(field: Sequence[Named], graph: Any) -> dict[Any, int]:
    if graph.is_directed():
        raise ValueError(
            "graph must be undirected, since both players of a match get payoffs; got a directed one"
        )
    by_name = {strategy.name: k for k, strategy in enumerate(field)}
    by_place = {k: k for k in range(len(field))}
    nodes = set(graph.nodes())
    for place in (by_name, by_place):
        if nodes == set(place):
            return place
    raise ValueError(
        f"the nodes of graph must be the strategies' names or 0 ... {len(field) - 1}, got {len(nodes)} nodes "
        f"such as {next(iter(nodes), None)!r}"
    )


def _play(
    field: Sequence[Strategy],
    pairs: list[tuple[int, int]],
    terms: Terms,
    repetitions: int,
    seed: int,
    workers: int | None,
    exact: bool,
    record: bool,
) -> tuple[_Played, Actions | None]:
    is_exact = np.array(
        [exact and field[i].machine is not None and field[j].machine is not None for i, j in pairs]
    )
    quantities = np.vstack([terms.game.payoffs.reshape(2, 4), _COOPERATED])
    n, q = len(pairs), len(quantities)
    counts, turns = np.empty((n, repetitions, 4)), np.ones((n, repetitions))
    mean, covariance, influence = np.empty((n, q)), np.zeros((n, q, q)), np.empty((n, repetitions, q))
    actions = None
    chosen = [pair for pair, skip in zip(pairs, is_exact, strict=True) if skip]
    if chosen:
        counts[is_exact] = expected_distributions(field, chosen, terms)[:, None]
        mean[is_exact] = counts[is_exact, 0] @ quantities.T
        influence[is_exact] = mean[is_exact][:, None]
    chosen = [pair for pair, skip in zip(pairs, is_exact, strict=True) if not skip]
    if chosen:
        sample = sample_matches(
            field, chosen, terms, repetitions=repetitions, seed=seed, workers=workers, record=record
        )
        estimate = estimate_means(sample, quantities)
        counts[~is_exact], turns[~is_exact] = sample.counts, sample.turns
        mean[~is_exact], covariance[~is_exact] = estimate.mean, estimate.covariance
        influence[~is_exact] = estimate.influence
        actions = sample.actions
    return _Played(np.array(pairs), mean, covariance, influence, counts, turns, is_exact), actions


def _dataset(
    field: Sequence[Strategy], played: _Played, terms: Terms, seed: int, symmetric: bool
) -> xr.Dataset:
    n = len(field)
    matches = number_of_matches(played, n)
    data = arrays_of(played, n, terms.game, seed)
    by_pair = ("strategy", "opponent")
    data["distribution"] = ((*by_pair, "outcome"), _distribution(played, matches))
    rows, columns = played.pairs.T
    exact = np.zeros((n, n), dtype=bool)
    exact[rows, columns] = exact[columns, rows] = played.is_exact
    data["is_exact"] = (by_pair, exact)
    data |= _partners(played, terms.game, n)
    names = [strategy.name for strategy in field]
    coordinates: dict[str, Any] = {"strategy": names, "opponent": names, "outcome": list(OUTCOMES)}
    if not symmetric:
        data |= by_role(played, n)
        coordinates["role"] = ["row", "column"]
    return xr.Dataset(data, coordinates)


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
            data["payoff_covariance"] = (by_pair, covariance)
    data |= _scores(data, matches > 0, game, seed)
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
    np.einsum("ii->i", covariance)[:] = diagonal
    with np.errstate(invalid="ignore"):
        return mean / matches, variance / matches**2, covariance / matches**2


def _distribution(played: _Played, matches: FloatArray) -> FloatArray:
    rows, columns = played.pairs.T
    shares = played.counts.sum(axis=1) / played.turns.sum(axis=1)[:, None]
    distribution = np.zeros((*matches.shape, 4))
    np.add.at(distribution, (rows, columns), shares)
    np.add.at(distribution, (columns, rows), shares[:, _SEEN_BY_OTHER])
    with np.errstate(invalid="ignore"):
        return np.asarray(distribution / matches[:, :, None])


def _scores(data: dict[str, Any], met: Any, game: Game, seed: int) -> dict[str, Any]:
    mean, error = data["payoffs"][1], data["payoffs_standard_error"][1]
    opponents = met.sum(axis=1)
    score = np.where(met, mean, 0.0).sum(axis=1) / opponents
    # Different pairs are independent, so scores covary through the match of the two alone.
    covariance = np.where(met, data["payoff_covariance"][1], 0.0) / np.outer(opponents, opponents)
    np.fill_diagonal(covariance, np.where(met, error**2, 0.0).sum(axis=1) / opponents**2)
    tie = _TIE * float(game.payoff_range.max())
    rank_error, low, high = random_ranks(score, covariance, seed=seed, tie=tie)
    return {
        "score": ("strategy", score),
        "score_standard_error": ("strategy", np.sqrt(np.diag(covariance))),
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


def _partners(played: _Played, game: Game, n: int) -> dict[str, Any]:
    """Count matches won and matches in which a strategy cooperated at least as often as the other."""
    others = played.pairs[:, 0] != played.pairs[:, 1]
    rows, columns = played.pairs[others].T
    first, second = np.moveaxis(played.counts[others] @ game.payoffs.reshape(2, 4).T, -1, 0)
    tie = _TIE * float(game.payoff_range.max()) * played.turns[others]
    cooperated = np.moveaxis(played.counts[others] @ _COOPERATED.T, -1, 0)
    wins, good, met = np.zeros(n), np.zeros(n), np.zeros(n)
    np.add.at(wins, rows, (first > second + tie).mean(axis=1))
    np.add.at(wins, columns, (second > first + tie).mean(axis=1))
    np.add.at(good, rows, (cooperated[0] >= cooperated[1]).mean(axis=1))
    np.add.at(good, columns, (cooperated[1] >= cooperated[0]).mean(axis=1))
    np.add.at(met, rows, 1.0)
    np.add.at(met, columns, 1.0)
    with np.errstate(invalid="ignore"):
        return {"wins": ("strategy", wins), "good_partner": ("strategy", good / met)}


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
