"""From what a population has come to, to the verdict of game theory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from simulation.population.outcome import Outcome
from simulation.population.parameters import PopulationParameters
from theory import EmpiricalVerdict, Verdict, judge
from theory.arguments import checked, count, dataset_of, of_type
from theory.verdicts.observed import judge_counts


@dataclass(frozen=True, eq=False)
class PopulationVerdict:
    """Verdicts on the outcome of a population.

    Attributes
    ----------
    original
        On everybody's probability of cooperation, noise included, in the game of all agents on their network
        (`theory.network_game`). None where mirrors treat each partner on its own: there is then no one
        action for all partners, and the pairs are what is judged.
    with_incentives
        The same in the game with the incentives of the last step; None where none were in force.
    altruistic
        The same in the game in which agents weigh their partners' payoffs by alpha, with the incentives
        of the last step; None where nobody does.
    pairs
        On how neighbours played in the last step, read in the 2x2 game: the joint play of all edges as a correlated
        outcome, among others. Edges share players, so that the bounds, which are those of independent
        draws, are too narrow.
    """

    original: Verdict | None
    with_incentives: Verdict | None
    altruistic: Verdict | None
    pairs: EmpiricalVerdict


@checked(
    parameters=of_type(PopulationParameters),
    data=dataset_of("simulation.simulate_population", "final_cooperation_probability", "final_pairs"),
    run=count(0),
)
def judge_population(
    parameters: PopulationParameters, data: xr.Dataset, *, run: int = 0, tolerance: float = 0.02
) -> PopulationVerdict:
    """Judge what one run of `simulation.simulate_population` has come to.

    Parameters
    ----------
    parameters
        Those of the simulation.
    data
        What it returned.
    run
        Its number.
    tolerance
        As for `theory.judge`.
    """
    if run not in data["run"].values:
        raise ValueError(f"run must be one of the {data.sizes['run']} runs of the data, got {run}")
    of_run = data.sel(run=run)
    outcome = Outcome(
        cooperation=of_run["final_cooperation_probability"].values,
        alpha=of_run["final_alpha"].values,
        targeted=of_run["final_targeted"].values,
        incentive=of_run["final_incentive"].values,
        pairs=of_run["final_pairs"].values.reshape(2, 2),
    )
    return judge_outcome(parameters, outcome, tolerance=tolerance)


def judge_outcome(
    parameters: PopulationParameters, outcome: Outcome, *, tolerance: float
) -> PopulationVerdict:
    """Judge what a population has come to."""
    pairs = judge_counts(parameters.game, outcome.pairs, tolerance=tolerance)
    if parameters.per_partner:
        return PopulationVerdict(None, None, None, pairs)
    game = parameters.network_game
    noise = parameters.noise
    profile = game.profile(noise + (1.0 - 2.0 * noise) * outcome.cooperation)
    original = judge(game, profile, tolerance=tolerance)
    extra = outcome.targeted[:, None] * outcome.incentive
    paid = bool(np.any(extra))
    with_incentives = judge(game.with_incentives(extra), profile, tolerance=tolerance) if paid else None
    altruistic = None
    if np.any(outcome.alpha):
        own = game.altruistic(outcome.alpha).with_incentives(extra)
        altruistic = judge(own, profile, tolerance=tolerance)
    return PopulationVerdict(original, with_incentives, altruistic, pairs)
