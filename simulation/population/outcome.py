"""What a population has come to, and the verdicts of game theory on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from simulation.learning.policy_gradient import sigmoid_of
from simulation.learning.rule import cooperation_of, no_probability
from simulation.population.parameters import PopulationParameters
from simulation.population.state import (
    FOR_COOPERATING,
    FOR_DEFECTING,
    PopulationRoom,
    PopulationState,
    PopulationSums,
)
from theory import EmpiricalVerdict, NetworkGame, Verdict, judge
from theory.arguments import checked, count, dataset_of, of_type
from theory.checks import FloatArray, SmallArray
from theory.tables import ShownAsTables, Table
from theory.verdicts.observed import judge_counts


class Outcome(NamedTuple):
    """The outcome of a run: policies after the last step, and what happened in it."""

    cooperation: FloatArray
    """`[N]`: probability with which each agent means to cooperate."""
    alpha: FloatArray
    """`[N]`."""
    targeted: SmallArray
    """`[N]`: 1 for those whom the planner might pay, 0 for all if it was off."""
    incentive: FloatArray
    """`[2]`: what those were paid for C and for D."""
    pairs: NDArray[np.int64]
    """`[2, 2]`: on how many edges an outcome was seen, by the action of the agent with the smaller number first."""


def outcome_of(
    parameters: PopulationParameters, state: PopulationState, room: PopulationRoom, record: PopulationSums
) -> Outcome:
    """Return what a population has come to after a step."""
    incentive = record.summary[[FOR_COOPERATING, FOR_DEFECTING]].copy()
    planned = bool(incentive.any())
    return Outcome(
        cooperation=cooperation_probabilities(parameters, state),
        alpha=state.alpha.copy(),
        targeted=room.targeted.copy() if planned else np.zeros_like(room.targeted),
        incentive=incentive,
        pairs=_pairs(parameters, room),
    )


def cooperation_probabilities(parameters: PopulationParameters, state: PopulationState) -> FloatArray:
    """Return `[N]`: with which everybody means to cooperate (mirrors: last meant)."""
    chances = sigmoid_of(state.theta)
    first = len(parameters.rule_names) - len(parameters.further_rules)
    for number, rule in enumerate(parameters.further_rules, start=first):
        if rule.policy_parameter is None:
            for i in np.flatnonzero(state.rule == number):
                chances[i] = cooperation_of(rule, state.memory[: len(rule.memory), i])
    return chances


def _pairs(parameters: PopulationParameters, room: PopulationRoom) -> NDArray[np.int64]:
    network = parameters.network
    once = network.sources < network.neighbours
    if parameters.per_partner:
        own, other = room.cooperated[once], room.cooperated[network.reverse[once]]
    else:
        own, other = room.cooperated[network.sources[once]], room.cooperated[network.neighbours[once]]
    return np.bincount(2 * (1 - own) + (1 - other), minlength=4).reshape(2, 2)


def watched(parameters: PopulationParameters, state: PopulationState) -> tuple[FloatArray, ...]:
    """Return what learners remember, the weights of others and the planner's layer; of many states, too."""
    # Running means leave the finite numbers with the policy parameter that they move.
    memory = state.memory if parameters.further_rules else state.memory[..., 0, :]
    return memory, state.alpha, state.planner


def divergence(parameters: PopulationParameters, state: PopulationState, record: Any, before: Any) -> str:
    """Return what to say of a run that left the finite numbers."""
    beyond = np.flatnonzero(~(np.isfinite(state.memory).all(axis=0) & np.isfinite(state.alpha)))
    who = f"agent {beyond[0]} remembers {state.memory[:, beyond[0]].tolist()}, " if beyond.size else ""
    return f"{who}the planner's layer is {state.planner.tolist()}; smaller steps or payoffs would help"


def no_probability_of(parameters: PopulationParameters, state: PopulationState) -> str:
    """Return which agent's learning rule gave what is no probability, which its alpha marks; empty if none did."""
    first = len(parameters.rule_names) - len(parameters.further_rules)
    for i in np.flatnonzero(np.isnan(state.alpha) & (state.rule >= first)):
        rule = parameters.further_rules[state.rule[i] - first]
        memory = state.memory[: len(rule.memory), i]
        p = float(rule.cooperation(memory, rule.values)) if np.isfinite(memory).all() else 0.0
        if not 0.0 <= p <= 1.0:
            return f"agent {i}: {no_probability(rule, p)}"
    return ""


@dataclass(frozen=True, eq=False)
class PopulationVerdict(ShownAsTables):
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

    def as_tables(self) -> list[Table]:
        """Return the tables of all verdicts that there are, each named by what is judged."""
        verdicts = {
            "Original game": self.original,
            "With the incentives in force": self.with_incentives,
            "As altruists see it": self.altruistic,
            "Pairs of neighbours": self.pairs,
        }
        return [
            replace(table, title=f"{name}: {table.title}")
            for name, verdict in verdicts.items()
            if verdict is not None
            for table in verdict.as_tables()
        ]


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
    return judge_outcome(parameters, outcome_of_run(data, run), tolerance=tolerance)


def outcome_of_run(data: xr.Dataset, run: int) -> Outcome:
    """Return the outcome of a run that `simulation.simulate_population` has played."""
    of_run = data.sel(run=run)
    return Outcome(
        cooperation=of_run["final_cooperation_probability"].values,
        alpha=of_run["final_alpha"].values,
        targeted=of_run["final_targeted"].values,
        incentive=of_run["final_incentive"].values,
        pairs=of_run["final_pairs"].values.reshape(2, 2),
    )


def judge_outcome(
    parameters: PopulationParameters, outcome: Outcome, *, tolerance: float
) -> PopulationVerdict:
    """Judge what a population has come to."""
    pairs = judge_counts(parameters.game, outcome.pairs, tolerance=tolerance)
    if parameters.per_partner:
        return PopulationVerdict(None, None, None, pairs)
    profile = profile_of(parameters, outcome)
    verdicts = {
        name: judge(game, profile, tolerance=tolerance)
        for name, game in games_of(parameters, outcome).items()
    }
    return PopulationVerdict(
        verdicts["original"], verdicts.get("with-incentives"), verdicts.get("altruistic"), pairs
    )


def profile_of(parameters: PopulationParameters, outcome: Outcome) -> FloatArray:
    """Return `[N, 2]`: everybody's probabilities of C and D, noise included."""
    noise = parameters.noise
    return parameters.network_game.profile(noise + (1.0 - 2.0 * noise) * outcome.cooperation)


def games_of(parameters: PopulationParameters, outcome: Outcome) -> dict[str, NetworkGame]:
    """Return the games of all agents in which an outcome is judged.

    They are the "original" one; that "with-incentives" of the last step, where some were in force; and the
    "altruistic" one, in which agents weigh their partners' payoffs by alpha, with these incentives, where some do.
    """
    game = parameters.network_game
    games = {"original": game}
    extra = outcome.targeted[:, None] * outcome.incentive
    if np.any(extra):
        games["with-incentives"] = game.with_incentives(extra)
    if np.any(outcome.alpha):
        games["altruistic"] = game.altruistic(outcome.alpha).with_incentives(extra)
    return games
