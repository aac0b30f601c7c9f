"""How a cell of `planner-that-leaves` is played, and how theory judges each run of it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from scenarios.stateful.leaving.graded import pair_of, rule_name, target
from scenarios.stateful.leaving.many import profile_name, win_stay
from scenarios.stateful.leaving.terms import (
    NEAR_DEVIATION,
    START_DEVIATION,
    SURE,
    TERMS,
    WIN_STAY,
    Cell,
    bound_of,
    named,
    random_dilemmas,
)
from theory import Game, MemoryOne, memory_one_deviations, memory_one_payoffs, strict_memory_one
from theory.checks import FloatArray, IntArray

if TYPE_CHECKING:
    from scenarios.stateful.leaving.parameters import Parameters
    from simulation.markov_games.leaving.leaving_planner import LeavingParameters, TablePlanner
    from simulation.markov_games.leaving.memory_one_learners import MemoryOneGradient

# Lasting: the mean welfare of the last tenth of the updates is above this share of what Win-Stay, Lose-Shift reaches,
# in graded games Climb.
LASTING, LAST_STRETCHES = 0.9, 20

# Learners at the threshold have this many times as long as the slowest state would take at its first speed.
PATIENCE = 2.0

NOT_STRICT = " (not strict)"

NAMES = {
    (1.0, 0.0, 0.0, 1.0): "WSLS",
    (1.0, 0.0, 0.0, 0.0): "Grim",
    (1.0, 0.0, 1.0, 0.0): "TFT",
    (1.0, 1.0, 1.0, 1.0): "All-C",
    (0.0, 0.0, 0.0, 0.0): "All-D",
}


def kinds_of(learners: str, pace: float = 1.0, n_players: int = 2) -> tuple[MemoryOneGradient, ...]:
    """Return how each player learns."""
    from simulation.markov_games.leaving.memory_one_learners import RATES, MemoryOneGradient

    kinds = tuple(MemoryOneGradient(name, pace * RATES[name]) for name in learners.split("+"))
    return kinds * n_players if len(kinds) == 1 else kinds


def build(parameters: Parameters, cell: Cell, game: Game | None = None) -> LeavingParameters:
    """Return the learners and the planner of a cell, but for one that has yet to be trained for its absence."""
    from simulation.markov_games.leaving.leaving_planner import GradientPlanner, LeavingParameters

    terms = TERMS[cell.terms]
    stage = named(cell.game) if game is None else game
    noise = parameters.noise if terms.noise is None else terms.noise
    discount = parameters.discount if terms.discount is None else terms.discount
    start, deviation, updates = (
        terms.start,
        1.0 if terms.start is None else START_DEVIATION,
        parameters.updates,
    )
    if cell.table == "dilemmas":
        discount = parameters.dilemma_discount
    if terms.above is not None:
        discount = bound_of(stage, noise) + terms.above
        start = tuple(SURE if means else -SURE for means in (WIN_STAY.first, *WIN_STAY.after))
        deviation = NEAR_DEVIATION
        updates = max(updates, round(PATIENCE * updates_to_unlearn(cell.learners, stage, noise, terms.above)))
    planners: dict[str, Any] = {
        "eq-4.3": GradientPlanner(bound=parameters.bound),
        "tutor": _tutor(stage, parameters.bound),
    }
    is_sampled = cell.table == "sampled"
    return LeavingParameters(
        game=stage,
        learners=kinds_of(cell.learners, terms.pace, stage.n_players),
        planner=planners.get(cell.planner),
        planner_updates=parameters.planner_updates,
        updates=parameters.sampled_updates if is_sampled else updates,
        noise=noise,
        discount=discount,
        start=start,
        deviation=deviation,
        kick=terms.kick,
        episodes=terms.episodes if is_sampled else 0,
        rounds=terms.rounds,
    )


def _tutor(game: Game, bound: float) -> TablePlanner:
    """Return the tutor of Win-Stay, Lose-Shift, among two players or more; in graded games of Climb."""
    from simulation.markov_games.leaving.leaving_planner import tutor_of_actions

    n_actions = game.n_actions[0]
    meant = target() if n_actions > 2 else np.where(win_stay(game.n_players), 0, 1)
    return tutor_of_actions(meant, n_players=game.n_players, n_actions=n_actions, bound=bound)


def updates_to_unlearn(learners: str, game: Game, noise: float, above: float) -> float:
    """Return the updates that the slowest state in which a pair near the bound errs takes at its first speed.

    It is from what learners that are let go at Win-Stay, Lose-Shift mean at first to one half. After agreement D
    gains |above| (1 - 2e)^2 (R - P) over C where the discount is below the bound, by the law.
    """
    reward, punishment = float(game.payoffs[0, 0, 0]), float(game.payoffs[0, 1, 1])
    gain = abs(above) * (1.0 - 2.0 * noise) ** 2 * (reward - punishment)
    kind = kinds_of(learners)[0]
    assert kind.rate is not None
    if kind.name == "natural":
        return SURE / (kind.rate * gain)
    discount = bound_of(game, noise) + above
    least = memory_one_payoffs(WIN_STAY, WIN_STAY, game, noise=noise, discount=discount).distribution[3]
    # Visits after DD: the discounted frequency of DD itself, one round later.
    return 0.5 / (kind.rate * (1.0 - 2.0 * noise) * gain * discount * float(least) / (1.0 - discount))


def play(parameters: Parameters, cell: Cell) -> xr.Dataset:
    """Let all runs of a cell learn, and judge them."""
    if cell.table == "dilemmas":
        return _play_dilemmas(parameters, cell)
    return _played(parameters, cell, None, parameters.runs_of(cell.table), 0)


def _played(parameters: Parameters, cell: Cell, game: Game | None, runs: int, shift: int) -> xr.Dataset:
    from simulation.markov_games.leaving.leaving_planner import simulate_leaving

    leaving = build(parameters, cell, game)
    if cell.planner == "absence":
        leaving = replace(leaving, planner=trained(parameters, cell))
    data = simulate_leaving(leaving, runs=runs, seed=parameters.seed + TERMS[cell.terms].seeds + shift)
    wanted = LASTING * welfare_index(leaving.game, np.array(_reached(leaving)))
    index = welfare_index(leaving.game, data["welfare_after"].values)
    last = index[:, -LAST_STRETCHES:].mean(axis=1)
    return (
        data.drop_vars(["welfare_before", "welfare_after"])
        .assign(
            {
                "index_before": (
                    ("run", "planned_update"),
                    welfare_index(leaving.game, data["welfare_before"].values),
                ),
                "index_after": (("run", "update"), index),
                "last_index": ("run", last),
                "lasts": ("run", last > wanted),
            }
        )
        .merge(_judged(leaving, data["policy"].sel(moment="end").values))
        .assign_attrs(
            wanted=float(wanted),
            discount=leaving.discount,
            noise=leaving.noise,
            updates=leaving.updates,
            payoffs=leaving.game.payoffs.ravel(),
        )
    )


def _reached(leaving: LeavingParameters) -> float:
    """Return the welfare of Win-Stay, Lose-Shift among all players, in graded games of Climb."""
    game, noise, discount = leaving.game, leaving.noise, leaving.discount
    if leaving.n_actions > 2:
        return _all_get(leaving, pair_of(target()[1:]).argmax(axis=-1))
    if game.n_players > 2:
        return _all_get(leaving, np.tile(1 - win_stay(game.n_players), (game.n_players, 1)))
    return float(memory_one_payoffs(WIN_STAY, WIN_STAY, game, noise=noise, discount=discount).payoffs.sum())


def _all_get(leaving: LeavingParameters, rules: IntArray) -> float:
    """Return the welfare of pure rules `[n_players, S]` of actions meant."""
    found = memory_one_deviations(leaving.game, rules, discount=leaving.discount, noise=leaving.noise)
    return float(found.payoffs.sum())


def _play_dilemmas(parameters: Parameters, cell: Cell) -> xr.Dataset:
    """Play one run of each of many dilemmas; what the law says of each was not used."""
    games = random_dilemmas(parameters.dilemmas, parameters.dilemma_seed)
    played = [_played(parameters, cell, game, 1, k) for k, game in enumerate(games)]
    bounds = [bound_of(game, parameters.noise) for game in games]
    return xr.concat(played, dim="run", combine_attrs="override").assign({"bound": ("run", bounds)})


def welfare_index(game: Game, welfare: FloatArray) -> FloatArray:
    """Return welfare between the least, 0, and the most, 1, of the game's outcomes."""
    sums = game.payoffs.sum(axis=0)
    return np.asarray((welfare - sums.min()) / (sums.max() - sums.min()))


def trained(parameters: Parameters, cell: Cell) -> TablePlanner:
    """Return a planner that was trained for its absence, on learners apart from those that it meets."""
    return _trained(cell.game, cell.trained_on, parameters.training_seed, *parameters.training)


@lru_cache(maxsize=64)
def _trained(
    game: str,
    learners: str,
    seed: int,
    generations: int,
    planned: int,
    bound: float,
    noise: float,
    discount: float,
) -> TablePlanner:
    from simulation.markov_games.leaving.leaving_planner import LeavingParameters
    from simulation.markov_games.leaving.planner_training import AbsenceTraining, train_for_absence

    stage = named(game)
    kinds = kinds_of(learners, n_players=stage.n_players)
    terms = LeavingParameters(game=stage, learners=kinds, noise=noise, discount=discount)
    training = AbsenceTraining(generations=generations, planner_updates=planned, bound=bound)
    return train_for_absence(terms, training, seed=seed).planner


def _judged(leaving: LeavingParameters, policies: FloatArray) -> xr.Dataset:
    """Return which pure players are nearest to `policies[run, player, state, action]`, and whether strict."""
    if leaving.n_actions == 2:
        means = policies[..., 0]
        nearest, apart = means.round(), np.abs(means - means.round()).max(axis=(1, 2))
        of_run = _of_pair if leaving.game.n_players == 2 else _of_many
    else:
        nearest = np.eye(leaving.n_actions)[policies.argmax(axis=-1)]
        apart = (1.0 - policies.max(axis=-1)).max(axis=(1, 2))
        of_run = _of_graded
    labels, slacks = [], []
    for pure in nearest:
        label, slack = of_run(leaving, pure)
        labels.append(label + ("" if slack > 0.0 else NOT_STRICT))
        slacks.append(slack)
    return xr.Dataset({"label": ("run", labels), "slack": ("run", slacks), "from_pure": ("run", apart)})


def _of_pair(leaving: LeavingParameters, pure: FloatArray) -> tuple[str, float]:
    """Return the name of two pure rules, and the least that one loses by meaning the other action once."""
    one, other = pure
    first = MemoryOne(one[0], tuple(one[1:]))
    second = MemoryOne(other[0], tuple(other[[1, 3, 2, 4]]))
    found = strict_memory_one(first, second, leaving.game, discount=leaving.discount, noise=leaving.noise)
    return pair_name(first, second), found.slack if found.is_strict else min(found.slack, 0.0)


def _of_many(leaving: LeavingParameters, pure: FloatArray) -> tuple[str, float]:
    return profile_name(pure), _slack(leaving, 1.0 - pure)


def _of_graded(leaving: LeavingParameters, pure: FloatArray) -> tuple[str, float]:
    return rule_name(pure), _slack(leaving, pure.argmax(axis=-1))


def _slack(leaving: LeavingParameters, rules: FloatArray | IntArray) -> float:
    """Return the least that a player loses by meaning another action once, of pure rules `[n_players, S]`."""
    found = memory_one_deviations(leaving.game, rules, discount=leaving.discount, noise=leaving.noise)
    return found.slack if found.is_strict else min(found.slack, 0.0)


def pair_name(first: MemoryOne, second: MemoryOne) -> str:
    """Return the name of a pair of pure players, whatever they begin with."""
    one, other = sorted(_name(rule) for rule in (first, second))
    return one if one == other else f"{one} + {other}"


def _name(rule: MemoryOne) -> str:
    """Return the name of a pure player, or what it means after CC, CD, DC and DD, its own action first."""
    written = "".join("C" if p else "D" for p in rule.after)
    return NAMES.get(rule.after, written)
