"""Learners, imitators and mirrors on a network, with or without a planner."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import xarray as xr
from numpy.typing import NDArray

from simulation.population.outcome import games_of, outcome_of_run, profile_of
from simulation.population.parameters import PopulationParameters
from simulation.population.runs import simulate_population
from simulation.worlds.world import JointPlay, Mixtures, Outcomes, World


def _measure(parameters: PopulationParameters, data: xr.Dataset) -> dict[str, NDArray[Any]]:
    return {
        "final_mean_cooperation": data["final_cooperation_probability"].values.mean(axis=1),
        "final_mean_alpha": data["final_alpha"].values.mean(axis=1),
        "outlay_per_step": data["outlay_per_step"].values,
    }


def _outcomes(parameters: PopulationParameters, data: xr.Dataset) -> Iterator[Outcomes]:
    if not parameters.per_partner:
        yield from _of_all(parameters, data)
    pairs = data["final_pairs"].values.reshape(-1, 2, 2)
    yield JointPlay("pairs", parameters.game, pairs / pairs.sum(axis=(1, 2), keepdims=True))


def _of_all(parameters: PopulationParameters, data: xr.Dataset) -> Iterator[Mixtures]:
    """Yield what is judged in the game of all agents: in the same games in all runs, if in any of them."""
    outcomes = [outcome_of_run(data, run) for run in data["run"].values]
    profiles = [profile_of(parameters, outcome) for outcome in outcomes]
    games = [games_of(parameters, outcome) for outcome in outcomes]
    yield Mixtures("original", parameters.network_game, profiles)
    for name in ("with-incentives", "altruistic"):
        if any(name in of_run for of_run in games):
            # Where nothing is paid, and nobody cares, the game with that is the original one.
            of_runs = [of_run.get(name, of_run["original"]) for of_run in games]
            yield Mixtures(name, of_runs, profiles)


WORLD = World(
    name="population",
    Parameters=PopulationParameters,
    play=simulate_population,
    measure=_measure,
    outcomes=_outcomes,
)
