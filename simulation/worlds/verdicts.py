"""The verdict on every run of a world: each run is judged by itself, never their mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from simulation.worlds.world import JointPlay, Mixtures, Outcomes, World
from theory import Game, judge_batch, welfare_optimal_correlated_equilibrium
from theory.arguments import of_type
from theory.checks import FloatArray, number_within, shown
from theory.games.game import Profile
from theory.verdicts.facts import AnyGame, GameFacts, game_facts
from theory.verdicts.joint import label_joint_by_facts
from theory.verdicts.verdict import LEARNED_TOLERANCE, LabelledOutcome, label_by_facts

NUMBERS = ("regret", "pareto_slack", "welfare", "welfare_index")


class _Judged(NamedTuple):
    """A run's label, its `NUMBERS` in order."""

    label: str
    numbers: tuple[float, float, float, float]


def judge_runs(
    world: World[Any], parameters: Any, data: xr.Dataset, *, tolerance: float = LEARNED_TOLERANCE
) -> xr.Dataset:
    """Judge every run of a world in every game that its outcome is judged in.

    Parameters
    ----------
    world, parameters
        Of the simulation.
    data
        What `world.play` returned.
    tolerance
        As for `theory.judge`; by default that of learned outcomes.

    Returns
    -------
    xarray.Dataset
        By (run, judged_in): the `label` as `theory.judge` gives it ("correlated equilibrium" where joint play is
        judged), and in payoff units the largest `regret` of a player, the `pareto_slack` and the `welfare`; the
        `welfare_index` in [0, 1], NaN where it is not known. Regret, slack and welfare are those of the game judged
        in. `judged_in` is empty where the outcomes have no game that can be judged.
    """
    of_type(World)("world", world)
    of_type(world.Parameters)("parameters", parameters)
    number_within("tolerance", tolerance, 0.0, 1.0)
    try:
        to_judge = list(world.outcomes(parameters, of_type(xr.Dataset, called="a dataset")("data", data)))
    except KeyError as error:
        raise ValueError(f"data must be what the world {world.name} played, got {shown(data)}") from error
    found = {outcomes.judged_in: _judged(outcomes, tolerance) for outcomes in to_judge}
    runs = data.sizes["run"]
    labels = np.full((runs, len(found)), "", dtype=object)
    numbers = np.full((len(NUMBERS), runs, len(found)), np.nan)
    for place, of_game in enumerate(found.values()):
        for run, judged in enumerate(of_game):
            labels[run, place] = judged.label
            numbers[:, run, place] = judged.numbers
    by = ("run", "judged_in")
    return xr.Dataset(
        {"label": (by, labels)} | {name: (by, numbers[k]) for k, name in enumerate(NUMBERS)},
        {"run": data["run"].values, "judged_in": np.array(list(found), dtype=object)},
    )


def _judged(outcomes: Outcomes, tolerance: float) -> list[_Judged]:
    if isinstance(outcomes, JointPlay):
        return [_joint(outcomes.game, joint, tolerance) for joint in outcomes.shares]
    games = _one_for_each(outcomes)
    if all(isinstance(game, Game) and game.n_actions == (2, 2) for game in games):
        return _two_by_two(games, outcomes.profiles, tolerance)
    return [
        _mixture(game, profile, tolerance) for game, profile in zip(games, outcomes.profiles, strict=True)
    ]


def _one_for_each(outcomes: Mixtures) -> Sequence[Any]:
    given = outcomes.games
    return list(given) if isinstance(given, Sequence) else [given] * len(outcomes.profiles)


def _two_by_two(games: Sequence[Game], profiles: Sequence[Profile], tolerance: float) -> list[_Judged]:
    alike = all(game is games[0] for game in games)
    payoffs = games[0] if alike else np.stack([game.payoffs for game in games])
    verdicts = judge_batch(payoffs, np.array([list(profile) for profile in profiles]), tolerance=tolerance)
    columns = (
        verdicts.regrets.max(axis=1),
        verdicts.pareto_slack,
        verdicts.welfare,
        verdicts.welfare_index,
    )
    return [
        _Judged(str(label), (float(a), float(b), float(c), float(d)))
        for label, a, b, c, d in zip(verdicts.labels, *columns, strict=True)
    ]


def _mixture(game: AnyGame, profile: Profile, tolerance: float) -> _Judged:
    facts = _facts(game)
    labelled = label_by_facts(facts, profile, tolerance=tolerance)
    return _with_welfare(facts, labelled, float(np.sum(game.expected_payoffs(profile))))


def _joint(game: Game, joint: FloatArray, tolerance: float) -> _Judged:
    facts = _facts(game)
    labelled = label_joint_by_facts(facts, joint, best_welfare=_best_correlated(game), tolerance=tolerance)
    return _with_welfare(facts, labelled, float((joint * game.payoffs.sum(axis=0)).sum()))


def _with_welfare(facts: GameFacts, labelled: LabelledOutcome, welfare: float) -> _Judged:
    index = facts.welfare.index(welfare)
    numbers = float(labelled.regrets.max()), labelled.pareto_slack, welfare
    return _Judged(labelled.label, (*numbers, np.nan if index is None else float(index)))


def _kept(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Keep what is true of the last few games, which are told apart by what they are and not by what they pay."""
    return lru_cache(maxsize=8)(function)


@_kept
def _facts(game: AnyGame) -> GameFacts:
    return game_facts(game)


@_kept
def _best_correlated(game: Game) -> float:
    return welfare_optimal_correlated_equilibrium(game).welfare
