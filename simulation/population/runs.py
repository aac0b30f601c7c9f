"""Simulate many runs of a population at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from simulation.engine.provenance import edges_of, with_provenance
from simulation.engine.randomness import known_seed, whole_number
from simulation.engine.runs import Played, Process, Record, play_runs, recording_interval
from simulation.engine.workers import worker_threads
from simulation.gradual.ledgers.rule import LedgerBook
from simulation.learning.rule import notice_uncompiled_rules
from simulation.population.networks import NetworkDescription
from simulation.population.outcome import (
    Outcome,
    cooperation_probabilities,
    divergence,
    no_probability_of,
    outcome_of,
    watched,
)
from simulation.population.parameters import PopulationParameters
from simulation.population.state import (
    BY_RULE,
    MEAN_PAYOFF,
    SUMMARY,
    PopulationConstants,
    PopulationRoom,
    PopulationState,
    PopulationSums,
)
from theory.arguments import checked, of_type, optional
from theory.checks import FloatArray, SmallArray, is_list, shown, truth_value


def draws_per_step(state: PopulationState, constants: PopulationConstants) -> int:
    """Return how many uniform draws the next step takes."""
    agents = len(state.rule)
    draws = agents
    # Rule by rule: to look up each agent's would take thirty times as long.
    if any((state.rule == which).any() for which in np.flatnonzero(constants.looks)):
        draws += agents
    if constants.draws_by_partner:
        draws += len(constants.neighbours)
    return draws


class _End(NamedTuple):
    """What a run leaves."""

    outcome: Outcome
    rule: SmallArray
    paid: float


def _end(
    parameters: PopulationParameters, state: PopulationState, room: PopulationRoom, record: PopulationSums
) -> _End:
    return _End(outcome_of(parameters, state, room, record), state.rule.copy(), float(state.paid[0]))


def _snapshot(parameters: PopulationParameters, state: PopulationState) -> tuple[FloatArray, FloatArray]:
    return cooperation_probabilities(parameters, state), state.alpha.copy()


def population_process(parameters: PopulationParameters) -> Process:
    """Return what the driver and the Mesa model must know of a population."""
    return Process(
        law=parameters.law,
        unit="step",
        steps=parameters.steps,
        draws=partial(draws_per_step, constants=parameters.constants),
        constants=parameters.constants,
        start=parameters.start,
        room=parameters.room,
        record=parameters.record,
        recorded={"summary": ("column",), "by_rule": ("rule", "column")},
        watched=partial(watched, parameters),
        tell=partial(divergence, parameters),
        wrong=partial(no_probability_of, parameters),
        finish=partial(_end, parameters),
        ends_only=True,
        compile_law=not any(rule.fault for rule in parameters.further_rules),
        made_by=(population_process, (parameters,)),
    )


@checked(parameters=optional(of_type(PopulationParameters)))
def simulate_population(
    parameters: PopulationParameters | None = None,
    *,
    runs: int = 10,
    seed: int | None = 0,
    record: Record = "all",
    snapshots: Sequence[int] = (),
    workers: int | None = None,
    compile_law: bool = True,
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
    compile_law
        False plays the same law as plain Python, to look into it with a debugger.

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
    if parameters.own_agents:
        raise ValueError(
            "agents who take a step of their own play in a Mesa model, Population(parameters), alone, got rules with "
            f"{', '.join(parameters.own_agents)}"
        )
    runs = whole_number("runs", runs, at_least=1)
    seed = known_seed(seed)
    every = recording_interval(record)
    if not is_list(snapshots):
        raise ValueError(f"snapshots must be a list of steps, got {shown(snapshots)}")
    moments = tuple(whole_number("snapshots", moment, at_least=0) for moment in snapshots)
    if max(moments, default=0) > parameters.steps:
        raise ValueError(f"snapshots must lie within {parameters.steps} steps, got {max(moments)}")
    workers = worker_threads(workers)
    notice_uncompiled_rules(parameters.further_rules, stacklevel=3)
    recorded = -(-parameters.steps // every) if every else 0
    process = population_process(parameters)
    if not truth_value("compile_law", compile_law):
        process = replace(process, compile_law=False)
    played = play_runs(
        process,
        runs=runs,
        seed=seed,
        every=every,
        workers=workers,
        moments=moments,
        keep=partial(_snapshot, parameters),
        what=f" and {len(moments)} snapshots of {parameters.network.n_agents} agents",
        lower="runs or snapshots",
        beside=_bytes_beside_records(parameters, recorded, len(moments)),
    )
    described = isinstance(parameters.graph, NetworkDescription)
    network = parameters.network
    return with_provenance(
        _dataset(parameters, moments, played),
        law=parameters.law,
        seed=seed,
        game=parameters.game,
        parameters=parameters.to_json(),
        **({} if described else {"edges": edges_of(network.starts, network.neighbours)}),
    )


def _bytes_beside_records(parameters: PopulationParameters, recorded: int, moments: int) -> int:
    """Return how many bytes a run takes besides what is recorded, at most."""
    n = parameters.network.n_agents
    remembered = max(len(rule.memory) for rule in parameters.learning_rules.values())
    books = len(LedgerBook._fields) * parameters.n_books
    state = 8 * ((4 + remembered) * n + 2 * parameters.n_conducts + books)
    # Outcomes take less than states and are stacked, snapshots too; sums are divided by rule.
    by_rule = len(parameters.rule_names) * len(BY_RULE)
    return state + 32 * n + 8 * (recorded * (1 + by_rule) + 4 * moments * n)


def _dataset(parameters: PopulationParameters, moments: tuple[int, ...], played: Played) -> xr.Dataset:
    ends: list[_End] = played.ends
    outcomes = [end.outcome for end in ends]
    names, n_agents = np.array(parameters.rule_names), parameters.network.n_agents
    data: dict[str, Any] = {
        "final_cooperation_probability": (("run", "agent"), np.stack([o.cooperation for o in outcomes])),
        "final_alpha": (("run", "agent"), np.stack([o.alpha for o in outcomes])),
        "rule": (("run", "agent"), np.stack([names[end.rule] for end in ends])),
        "final_targeted": (("run", "agent"), np.stack([o.targeted for o in outcomes])),
        "final_incentive": (("run", "action"), np.stack([o.incentive for o in outcomes])),
        "final_pairs": (("run", "outcome"), np.stack([o.pairs.ravel() for o in outcomes])),
        "outlay_per_step": ("run", np.array([end.paid for end in ends]) / parameters.steps / n_agents),
    }
    coordinates: dict[str, Any] = {
        "run": np.arange(len(ends)),
        "agent": np.arange(n_agents),
        "by_rule": list(parameters.rule_names),
        "action": ["C", "D"],
        "outcome": ["CC", "CD", "DC", "DD"],
    }
    if moments:
        chances, alphas = np.moveaxis(np.array(played.kept), 2, 0)
        by_moment = ("run", "snapshot", "agent")
        data["snapshot_cooperation_probability"] = (by_moment, chances)
        data["snapshot_alpha"] = (by_moment, alphas)
        coordinates["snapshot"] = list(moments)
    if played.every:
        coordinates["step"] = np.arange(0, parameters.steps, played.every)
        data |= _recorded(parameters, **played.recorded)
    return xr.Dataset(data, coordinates)


def _recorded(
    parameters: PopulationParameters, *, summary: FloatArray, by_rule: FloatArray
) -> dict[str, Any]:
    """Return what was recorded as variables; `summary[runs, steps, 8]`, `by_rule[runs, steps, rules, 4]`."""
    data: dict[str, Any] = {
        name: (("run", "step"), summary[..., column]) for column, name in enumerate(SUMMARY)
    }
    data["welfare_index"] = (("run", "step"), parameters.welfare_index(summary[..., MEAN_PAYOFF]))
    with np.errstate(invalid="ignore"):
        for column, name in list(enumerate(BY_RULE))[1:]:
            means = by_rule[..., column] / by_rule[..., 0]
            data[f"{name}_by_rule"] = (("run", "step", "by_rule"), means)
    return data
