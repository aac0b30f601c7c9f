r"""Verdicts on duels: each run is judged by itself, in three ways, and labels are counted.

- *original*: the two players' frequencies of levels, as independent mixtures of the original game;
- *altruistic*: the same frequencies in the game of what the players' cooperativeness makes them maximise, at the
  mean alpha and beta of the run's counted rounds (0 for players who have none). Payoffs shown elsewhere
  remain the original ones;
- *correlated*: the joint frequencies of both levels as a correlated outcome of the original game. Rounds of a
  duel are not independent draws, so these are point estimates without bounds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Any

import numpy as np
import xarray as xr

from scenarios.frame.verdicts import LEARNED_TOLERANCE
from simulation.gradual.policies import Form, cooperative_utilities
from simulation.gradual.seat import DuelPlayer
from theory import Game
from theory.checks import FloatArray
from theory.equilibria.correlated import welfare_optimal_correlated_equilibrium
from theory.verdicts.facts import GameFacts, game_facts
from theory.verdicts.joint import label_joint_by_facts
from theory.verdicts.verdict import label_by_facts


@lru_cache(maxsize=64)
def facts_of(game: Game) -> GameFacts:
    """Return what verdicts on many outcomes of one game need."""
    return game_facts(game, disagreement="security", within="lotteries")


def three_verdicts(
    facts: GameFacts, data: xr.Dataset, players: tuple[DuelPlayer, DuelPlayer], burn_in: int
) -> Iterator[dict[str, Any]]:
    """Yield the verdicts in the original game, in the altruistic one if there is one, and on joint play."""
    yield {"judged_in": "original"} | judged(facts, data)
    altruistic = judged_with_altruism(facts, data, players, burn_in)
    if altruistic is not None:
        yield {"judged_in": "altruistic"} | altruistic
    yield {"judged_in": "correlated"} | judged_as_correlated(facts, data, burn_in)


def judged(facts: GameFacts, data: xr.Dataset) -> dict[str, Any]:
    """Judge each run by the empirical mixtures of its players, and count the labels."""
    return _summary(_judge_mixtures(lambda _: facts, data))


def judged_with_altruism(
    facts: GameFacts, data: xr.Dataset, players: tuple[DuelPlayer, DuelPlayer], burn_in: int
) -> dict[str, Any] | None:
    """Judge each run in the game of what its players' cooperativeness makes them maximise.

    None if no player's mean cooperativeness is above 0 in any run.
    """
    weights = mean_weights(data, burn_in)
    if not (weights > 0.0).any():
        return None
    game = facts.game
    assert isinstance(game, Game)
    forms: tuple[Form, ...] = tuple(getattr(player, "form", None) or "sum" for player in players)
    return _summary(_judge_mixtures(lambda run: _altruistic_facts(game, forms, tuple(weights[run])), data))


def mean_weights(data: xr.Dataset, burn_in: int) -> FloatArray:
    """Return `[runs, 2]`: mean cooperativeness over the counted rounds, 0 for players who have none."""
    alpha = data["alpha"].values[:, burn_in:].mean(axis=1)
    # Hundredths, so that runs that end alike share what is known of their game.
    return np.asarray(np.nan_to_num(alpha, nan=0.0).round(2))


def judged_as_correlated(facts: GameFacts, data: xr.Dataset, burn_in: int) -> dict[str, Any]:
    """Judge each run's joint frequencies as a correlated outcome, and count the labels."""
    game = facts.game
    assert isinstance(game, Game)
    best = _best_correlated_welfare(game)
    outcomes = (
        label_joint_by_facts(facts, joint, best_welfare=best, tolerance=LEARNED_TOLERANCE)
        for joint in joint_frequencies(game, data, burn_in)
    )
    found = [(outcome.label, float(outcome.regrets.max()), outcome.pareto_slack) for outcome in outcomes]
    return _summary(found)


def joint_frequencies(game: Game, data: xr.Dataset, burn_in: int) -> FloatArray:
    """Return `[runs, *n_actions]`: how often each pair of levels was played, over the counted rounds."""
    levels = data["level"].values[:, burn_in:]
    own, other = (
        np.rint((1.0 - levels[:, :, i]) * (n - 1)).astype(int) for i, n in enumerate(game.n_actions)
    )
    counts = np.zeros((len(levels), *game.n_actions))
    np.add.at(counts, (np.arange(len(levels))[:, None], own, other), 1.0)
    return np.asarray(counts / levels.shape[1])


def _judge_mixtures(
    facts_of_run: Callable[[int], GameFacts], data: xr.Dataset
) -> list[tuple[str, float, float]]:
    found = []
    for run, frequency in enumerate(data["frequency"].values):
        facts = facts_of_run(run)
        profile = [frequency[i, :n] for i, n in enumerate(facts.game.n_actions)]
        outcome = label_by_facts(facts, profile, tolerance=LEARNED_TOLERANCE)
        found.append((outcome.label, float(outcome.regrets.max()), outcome.pareto_slack))
    return found


def _summary(found: list[tuple[str, float, float]]) -> dict[str, Any]:
    labels, regrets, slacks = zip(*found, strict=True)
    return {
        "labels": dict(Counter(labels).most_common()),
        "median_regret": float(np.median(regrets)),
        "median_pareto_slack": float(np.median(slacks)),
        "tolerance": LEARNED_TOLERANCE,
    }


@lru_cache(maxsize=4096)
def _altruistic_facts(game: Game, forms: tuple[Form, ...], weights: tuple[float, ...]) -> GameFacts:
    first, second = (
        cooperative_utilities(game, role, np.array([weight]), form=form)[0]
        for role, (form, weight) in enumerate(zip(forms, weights, strict=True))
    )
    return facts_of(Game.bimatrix(first.T, second, title=game.title))


@cache
def _best_correlated_welfare(game: Game) -> float:
    return welfare_optimal_correlated_equilibrium(game).welfare
