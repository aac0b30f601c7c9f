"""Simulate many runs of a population at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from simulation.engine.compilation import compiled
from simulation.engine.provenance import edges_of, with_provenance
from simulation.engine.randomness import known_seed, run_generator, whole_number
from simulation.engine.runs import Record, recording_interval
from simulation.engine.sizes import refuse_beyond_memory
from simulation.engine.workers import Check, blocks, in_threads, worker_threads
from simulation.learning.rule import LearningRule, notice_uncompiled_rules
from simulation.population.law import Law, population_law
from simulation.population.networks import NetworkDescription
from simulation.population.outcome import (
    Outcome,
    cooperation_probabilities,
    divergence,
    is_finite,
    outcome_of,
)
from simulation.population.parameters import PopulationParameters
from simulation.population.state import (
    BY_RULE,
    MEAN_PAYOFF,
    SUMMARY,
    PopulationConstants,
    PopulationRound,
    PopulationState,
)
from theory.arguments import checked, of_type, optional
from theory.checks import FloatArray, is_list, shown

Drive = Callable[..., None]


def draws_per_step(state: PopulationState, constants: PopulationConstants) -> int:
    """Return how many uniform draws the next step takes."""
    agents = len(state.rule)
    draws = agents
    if constants.looks[state.rule].any():
        draws += agents
    if constants.by_partner and constants.noise > 0.0:
        draws += len(constants.neighbours)
    return draws


def population_driver(law: Law) -> Drive:
    """Return the loop that runs a law over blocks of steps, in plain Python."""

    def run_steps(
        state: PopulationState,
        draws: FloatArray,
        first: int,
        planned_steps: int,
        constants: PopulationConstants,
        every: int,
        record: PopulationRound,
        summary: FloatArray,
        by_rule: FloatArray,
    ) -> None:
        """Run the law over `draws[steps, k]`, which begin with step `first`; every `every`-th step is recorded.

        Of step t the record is row t // every of `summary[recorded, ...]` and `by_rule[recorded, ...]`.
        """
        for k in range(draws.shape[0]):
            step = first + k
            law(state, draws[k], step < planned_steps, constants, record)
            if every > 0 and step % every == 0:
                for column in range(record.summary.shape[0]):
                    summary[step // every, column] = record.summary[column]
                for which in range(record.by_rule.shape[0]):
                    for column in range(record.by_rule.shape[1]):
                        by_rule[step // every, which, column] = record.by_rule[which, column]

    return run_steps


@lru_cache(maxsize=64)
def compiled_driver(learning: tuple[LearningRule, ...]) -> Drive:
    """Return the machine-code twin of the driver of a population with some learning rules (see `population_law`)."""
    return compiled(population_driver(population_law(learning)))


class _Run(NamedTuple):
    """What a run leaves."""

    state: PopulationState
    outcome: Outcome
    summary: FloatArray
    by_rule: FloatArray
    snapshots: list[tuple[FloatArray, FloatArray]]


@checked(parameters=optional(of_type(PopulationParameters)))
def simulate_population(
    parameters: PopulationParameters | None = None,
    *,
    runs: int = 10,
    seed: int | None = 0,
    record: Record = "all",
    snapshots: Sequence[int] = (),
    workers: int | None = None,
) -> xr.Dataset:
    """Simulate independent runs of a population.

    Run i depends on (parameters, seed, i) alone; run 0 takes, bit for bit, the steps of
    `simulation.Population` with the same seed. The network is the same in all runs.

    Parameters
    ----------
    parameters
        By default learners in the Prisoner's Dilemma on a grid.
    runs
        At least 1.
    seed
        A whole number, at least 0; None draws one, which the dataset keeps.
    record
        "all" steps, every k-th step, or no step: "summary".
    snapshots
        After how many steps everybody's P(C) and alpha are kept (0: before the first step).
    workers
        Threads; by default one for each processor. Results do not depend on it.

    Returns
    -------
    xarray.Dataset
        By (run, step) for the recorded steps: `cooperation`, the share of actions that were C;
        `mean_payoff` an agent; `welfare_index`, NaN where the range of welfare is not known; `outlay`, absolute
        incentives an agent; `targeted`, the share of agents whom the planner might pay; `both_cooperate` and
        `one_cooperates`, shares of edges; `incentive_for_cooperating` and `incentive_for_defecting`, as paid. By
        (run, step, by_rule), NaN where nobody follows it: `cooperation_by_rule`, `payoff_by_rule`, `alpha_by_rule`.
        By (run, agent), after the last step: `final_cooperation_probability`, what agents mean to do (mirrors: last
        meant); `final_alpha`; `rule`. By (run, snapshot, agent): `snapshot_cooperation_probability`,
        `snapshot_alpha`. By (run,): `outlay_per_step`, an agent. Of the last step: `final_targeted` (run, agent),
        `final_incentive` (run, action), `final_pairs` (run, outcome), numbers of edges.

    Raises
    ------
    ValueError
        If an argument violates its rule, what is recorded does not fit into memory, or a run diverges: with the step.
    """
    parameters = parameters or PopulationParameters()
    runs = whole_number("runs", runs, at_least=1)
    seed = known_seed(seed)
    steps = parameters.steps
    every = recording_interval(record)
    if not is_list(snapshots):
        raise ValueError(f"snapshots must be a list of steps, got {shown(snapshots)}")
    moments = tuple(whole_number("snapshots", moment, at_least=0) for moment in snapshots)
    if max(moments, default=0) > parameters.steps:
        raise ValueError(f"snapshots must lie within {parameters.steps} steps, got {max(moments)}")
    workers = worker_threads(workers)
    parameters.constants  # noqa: B018 # built once, before threads need it
    is_compiled = notice_uncompiled_rules(parameters.further_rules, stacklevel=3)
    drive = compiled_driver(parameters.rules_of_law) if is_compiled else population_driver(parameters.law)
    _refuse_beyond_memory(parameters, runs, -(-steps // every) if every else 0, len(moments))
    finished = in_threads(
        lambda run, check: _simulate_run(parameters, drive, seed, run, every, moments, check),
        range(runs),
        workers,
    )
    described = isinstance(parameters.graph, NetworkDescription)
    network = parameters.network
    return with_provenance(
        _dataset(parameters, every, moments, finished),
        law=parameters.law,
        seed=seed,
        game=parameters.game,
        parameters=parameters.to_json(),
        **({} if described else {"edges": edges_of(network.starts, network.neighbours)}),
    )


def _refuse_beyond_memory(parameters: PopulationParameters, runs: int, recorded: int, moments: int) -> None:
    n = parameters.network.n_agents
    # All runs' states stay until the last has ended; what is recorded is stacked, and divided by rule.
    remembered = max(len(rule.memory) for rule in parameters.learning_rules.values())
    state = 8 * ((4 + remembered) * n + 2 * parameters.n_conducts)
    numbers = len(SUMMARY) + 2 * len(parameters.rule_names) * len(BY_RULE)
    refuse_beyond_memory(
        f"{runs} runs of {recorded} recorded steps and {moments} snapshots of {n} agents",
        runs * (state + 32 * n + 2 * 8 * (recorded * numbers + 2 * moments * n)),
        lower="runs or snapshots, or record fewer steps",
    )


def _simulate_run(
    parameters: PopulationParameters,
    drive: Drive,
    seed: int,
    run: int,
    every: int,
    moments: tuple[int, ...],
    check: Check,
    singly: bool = False,
) -> _Run:
    generator = run_generator(seed, run)
    state, constants = parameters.start(generator), parameters.constants
    record = parameters.new_round()
    recorded = -(-parameters.steps // every) if every else 0
    summary = np.zeros((recorded, len(SUMMARY)))
    by_rule = np.zeros((recorded, len(parameters.rule_names), len(BY_RULE)))
    draws = draws_per_step(state, constants)
    kept: dict[int, tuple[FloatArray, FloatArray] | None] = {}
    stops = sorted({0, *moments, parameters.steps})
    for first, last in zip(stops, [*stops[1:], stops[-1]], strict=True):
        kept[first] = None
        if first in moments:
            kept[first] = (cooperation_probabilities(parameters, state), state.alpha.copy())
        for begun, steps in blocks(last - first, draws, check, singly=singly):
            block = generator.random((steps, draws))
            planned = parameters.planned_steps
            drive(state, block, first + begun, planned, constants, every, record, summary, by_rule)
            if not is_finite(parameters, state):
                if singly:
                    raise ValueError(divergence(f"run {run}", first + begun, state))
                _simulate_run(parameters, drive, seed, run, every, moments, check, singly=True)
    outcome = outcome_of(parameters, state, record)
    return _Run(state, outcome, summary, by_rule, [taken for m in moments if (taken := kept[m]) is not None])


def _dataset(
    parameters: PopulationParameters,
    every: int,
    moments: tuple[int, ...],
    finished: list[_Run],
) -> xr.Dataset:
    outcomes = [run.outcome for run in finished]
    data: dict[str, Any] = {
        "final_cooperation_probability": (("run", "agent"), np.stack([o.cooperation for o in outcomes])),
        "final_alpha": (("run", "agent"), np.stack([o.alpha for o in outcomes])),
        "rule": (
            ("run", "agent"),
            np.stack([np.array(parameters.rule_names)[run.state.rule] for run in finished]),
        ),
        "final_targeted": (("run", "agent"), np.stack([o.targeted for o in outcomes])),
        "final_incentive": (("run", "action"), np.stack([o.incentive for o in outcomes])),
        "final_pairs": (("run", "outcome"), np.stack([o.pairs.ravel() for o in outcomes])),
        "outlay_per_step": (
            "run",
            np.array([run.state.paid[0] for run in finished])
            / parameters.steps
            / parameters.network.n_agents,
        ),
    }
    coordinates: dict[str, Any] = {
        "run": np.arange(len(finished)),
        "agent": np.arange(parameters.network.n_agents),
        "by_rule": list(parameters.rule_names),
        "action": ["C", "D"],
        "outcome": ["CC", "CD", "DC", "DD"],
    }
    if moments:
        chances, alphas = np.moveaxis(np.array([run.snapshots for run in finished]), 2, 0)
        by_moment = ("run", "snapshot", "agent")
        data["snapshot_cooperation_probability"] = (by_moment, chances)
        data["snapshot_alpha"] = (by_moment, alphas)
        coordinates["snapshot"] = list(moments)
    if every:
        coordinates["step"] = np.arange(0, parameters.steps, every)
        data |= _recorded(parameters, finished)
    return xr.Dataset(data, coordinates)


def _recorded(parameters: PopulationParameters, finished: list[_Run]) -> dict[str, Any]:
    summary = np.stack([run.summary for run in finished])
    by_rule = np.stack([run.by_rule for run in finished])
    data: dict[str, Any] = {
        name: (("run", "step"), summary[..., column]) for column, name in enumerate(SUMMARY)
    }
    data["welfare_index"] = (("run", "step"), parameters.welfare_index(summary[..., MEAN_PAYOFF]))
    with np.errstate(invalid="ignore"):
        for column, name in list(enumerate(BY_RULE))[1:]:
            means = by_rule[..., column] / by_rule[..., 0]
            data[f"{name}_by_rule"] = (("run", "step", "by_rule"), means)
    return data
