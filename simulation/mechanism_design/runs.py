"""Simulate learners in a 2x2 game, with or without a planner, over many runs at once."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, Literal, NamedTuple

import numpy as np
import xarray as xr

from simulation.engine.compilation import compiled, rare_rule, rule
from simulation.engine.provenance import with_provenance
from simulation.engine.randomness import known_seed, run_generator, whole_number
from simulation.engine.sizes import refuse_beyond_memory, size_of
from simulation.engine.workers import Check, blocks, in_threads, worker_threads
from simulation.learning.policy_gradient import sigmoid
from simulation.mechanism_design.law import (
    Constants,
    Round,
    State,
    Workspace,
    mechanism_design_round,
    new_round,
    new_workspace,
    state_of,
)
from simulation.mechanism_design.observation import set_average_incentives
from simulation.mechanism_design.parameters import MechanismDesignParameters
from simulation.mechanism_design.watched_law import Law, WatchedLaw
from simulation.planner.incentives import Incentives, new_incentives
from theory.arguments import checked, function, given_or_default, optional
from theory.checks import FloatArray, finite_array

OUTCOMES = ("CC", "CD", "DC", "DD")

# Runs of one chunk share their arrays of draws and records; results do not depend on it.
CHUNK = 64

Record = Literal["all", "summary"] | int


class Trajectories(NamedTuple):
    """Recorded episodes, `[runs, recorded, ...]`."""

    cooperation_probability: FloatArray
    action: np.ndarray[Any, np.dtype[np.int8]]
    payoff: FloatArray
    additional_reward: FloatArray
    cumulative_additional_reward: FloatArray
    incentive: FloatArray


@rare_rule
def incentives_by_outcome(state: State, constants: Constants, at: Incentives, out: FloatArray) -> None:
    """Write what the planner would pay to `out[4, 2]`: outcomes CC, CD, DC, DD as played, by players.

    It is the mean over what the planner may see of an outcome. A stochastic policy is taken at its mean output;
    a planner that has retired pays nothing.
    """
    for outcome in range(4):
        a1, a2 = 1.0 - outcome // 2, 1.0 - outcome % 2
        set_average_incentives(state.planner, constants.payoffs, constants.planning, a1, a2, at, out[outcome])
        for i in range(2):
            if state.clock[1] >= 0.0:
                out[outcome, i] = 0.0


@rule
def _drive(
    law: Law,
    states: State,
    draws: FloatArray,
    first: int,
    planned_episodes: int,
    constants: Constants,
    every: int,
    out: Trajectories,
    workspace: Workspace,
    record: Round,
) -> None:
    """Run the law over `draws[runs, episodes, ...]`, which begin with episode `first`.

    Each `every`-th episode is written to `out`.
    """
    for run in range(draws.shape[0]):
        state = state_of(states, run)
        for k in range(draws.shape[1]):
            episode = first + k
            planning = episode < planned_episodes
            recorded = every > 0 and episode % every == 0
            row = episode // every if recorded else 0
            if recorded and planning:
                incentives_by_outcome(state, constants, workspace.at, out.incentive[run, row])
            law(state, draws[run, k], planning, constants, workspace, record)
            if recorded:
                for i in range(2):
                    out.cooperation_probability[run, row, i] = record.cooperation_probability[i]
                    out.action[run, row, i] = int(1.0 - record.cooperated[i])
                    out.payoff[run, row, i] = record.payoff[i]
                    out.additional_reward[run, row, i] = record.additional_reward[i]
                    out.cumulative_additional_reward[run, row, i] = state.paid[i]


def _drive_own_law(
    states: State,
    draws: FloatArray,
    first: int,
    planned_episodes: int,
    constants: Constants,
    every: int,
    out: Trajectories,
    workspace: Workspace,
    record: Round,
) -> None:
    _drive(
        mechanism_design_round,
        states,
        draws,
        first,
        planned_episodes,
        constants,
        every,
        out,
        workspace,
        record,
    )


_drive_compiled = compiled(_drive_own_law)


def simulate(
    parameters: MechanismDesignParameters | None = None,
    *,
    runs: int = 10,
    seed: int | None = 0,
    record: Record = "all",
    workers: int | None = None,
    law: Law | None = None,
) -> xr.Dataset:
    """Simulate independent runs and return their trajectories.

    Run i depends on (parameters, seed, i) alone, so neither `runs` nor `workers` changes it, and the Mesa
    model `MechanismDesign` with the same seed takes the same steps, bit for bit.

    Parameters
    ----------
    parameters
        By default the Prisoner's Dilemma of thesis Table 4.1 with a planner.
    runs
        At least 1.
    seed
        A whole number, at least 0; None draws one, which the dataset keeps.
    record
        "all" episodes, every k-th (an int), or the "summary" at the end of each run alone.
    workers
        Threads; by default one for each processor.
    law
        A law of your own in plain Python with the signature of `mechanism_design_round`; it is run
        uncompiled, and a warning says so. What it writes is looked at in each episode, and its name and the
        hash of its source are kept.

    Returns
    -------
    xarray.Dataset
        By (run, episode, player), for the recorded episodes: `cooperation_probability` with which the episode
        was played, sampled `action` (0 is C), `payoff` in the original game, `additional_reward` from the
        planner, `cumulative_additional_reward` (absolute, so far); `incentive` that the planner would pay
        for each outcome (run, episode, outcome, player). By (run, ...), after the last episode:
        `final_cooperation_probability`, `final_incentive` (0 once the planner is off), `joint_cooperation`
        P(C,C), expected `welfare`, `average_additional_reward`, the absolute additional rewards of an
        episode summed over players and averaged over all episodes, and the episode in which the planner
        retired (`planner_retired`, -1 if it did not).

    Raises
    ------
    ValueError
        If an argument is out of bounds, what is recorded does not fit into memory, a run diverges, or a law of your
        own writes what cannot be: with the episode and the values.

    Warns
    -----
    UserWarning
        If no incentives within the bound or budget can make the outcome of the highest welfare an equilibrium,
        with the least that would.
    """
    parameters = given_or_default("parameters", parameters, MechanismDesignParameters)
    optional(function)("law", law)
    runs = whole_number("runs", runs, at_least=1)
    seed = known_seed(seed)
    episodes = parameters.episodes
    every = recording_interval(record, episodes)
    recorded = -(-episodes // every) if every else 0
    # Of the states there are the parts and the whole.
    state_size = size_of(parameters.start(run_generator(seed)))
    refuse_beyond_memory(
        f"{runs} runs of {recorded} recorded episodes",
        runs * (2 * state_size + recorded * size_of(_trajectories(1, 1))),
        lower="runs, or record fewer episodes",
    )
    parameters.warn_if_out_of_reach(stacklevel=3)
    workers = worker_threads(workers)
    if law is not None:
        notice_uncompiled(stacklevel=3)
    out = _trajectories(runs, recorded)

    def chunk(first: int, check: Check) -> State:
        numbers = range(first, min(first + CHUNK, runs))
        return _simulate_chunk(law, parameters, numbers, seed, every, _part(out, numbers), check)

    parts = in_threads(chunk, range(0, runs, CHUNK), workers)
    states = State(*(np.concatenate(fields) for fields in zip(*parts, strict=True)))
    return with_provenance(
        _dataset(parameters, every, states, out),
        law=law or mechanism_design_round,
        seed=seed,
        game=parameters.game,
        parameters=parameters.to_dict(),
    )


def notice_uncompiled(*, stacklevel: int) -> None:
    """Say once that a user's own law is not compiled."""
    warnings.warn("a law in plain Python runs uncompiled, about 200 times slower", stacklevel=stacklevel)


def recording_interval(record: Record, episodes: int) -> int:
    """Return every how many episodes one is recorded; 0 stands for none."""
    if isinstance(record, str):
        if record not in ("all", "summary"):
            raise ValueError(f"record must be 'all', 'summary' or every how many episodes, got {record!r}")
        return 1 if record == "all" else 0
    return whole_number("record", record, at_least=1)


def _trajectories(runs: int, recorded: int) -> Trajectories:
    by_player = (runs, recorded, 2)
    return Trajectories(
        np.zeros(by_player),
        np.zeros(by_player, dtype=np.int8),
        np.zeros(by_player),
        np.zeros(by_player),
        np.zeros(by_player),
        np.zeros((runs, recorded, 4, 2)),
    )


def _part(whole: Trajectories, runs: range) -> Trajectories:
    rows: list[Any] = [values[runs.start : runs.stop] for values in whole]
    return Trajectories(*rows)


def _simulate_chunk(
    law: Law | None,
    parameters: MechanismDesignParameters,
    run_numbers: range,
    seed: int,
    every: int,
    out: Trajectories,
    check: Check,
) -> State:
    generators = [run_generator(seed, run) for run in run_numbers]
    starts = [parameters.start(generator) for generator in generators]
    states = State(*(np.stack(parts) for parts in zip(*starts, strict=True)))
    watched = None if law is None else WatchedLaw(law)
    drive: Callable[..., None] = _drive_compiled if watched is None else partial(_drive, watched)
    width, constants = parameters.draws_per_episode, parameters.constants
    workspace, record = new_workspace(parameters.critic_units), new_round()
    for first, length in blocks(
        parameters.episodes, width * len(run_numbers), check, compiled=watched is None
    ):
        draws = np.empty((len(run_numbers), length, width))
        for of_run, generator in zip(draws, generators, strict=True):
            generator.random(out=of_run)
        if watched is not None:
            watched.begin(partial(_place, run_numbers, first, length))
        drive(states, draws, first, parameters.planned_episodes, constants, every, out, workspace, record)
        for row, run in enumerate(run_numbers):
            if not (np.isfinite(states.theta[row]).all() and np.isfinite(states.planner[row]).all()):
                _tell_divergence(parameters, run, seed)
    return states


def _place(run_numbers: range, first: int, length: int, call: int) -> tuple[str, int]:
    """Return which run and episode a call of the law is in a block of `length` episodes of each run."""
    return f"run {run_numbers[call // length]}", first + call % length


def _tell_divergence(parameters: MechanismDesignParameters, run: int, seed: int) -> None:
    """Raise ValueError when a run diverged and to what: it is repeated slowly, looking at every episode."""
    generator = run_generator(seed, run)
    state, record = parameters.start(generator), new_round()
    workspace, constants = new_workspace(parameters.critic_units), parameters.constants
    law = WatchedLaw(mechanism_design_round)
    law.begin(lambda call: (f"run {run}", call))
    for episode in range(parameters.episodes):
        draws = generator.random(parameters.draws_per_episode)
        law(state, draws, episode < parameters.planned_episodes, constants, workspace, record)
    raise AssertionError(f"run {run} diverged compiled and not in plain Python")


def _dataset(
    parameters: MechanismDesignParameters, every: int, states: State, recorded: Trajectories
) -> xr.Dataset:
    cooperation = np.array([[sigmoid(theta) for theta in of_run] for of_run in states.theta.tolist()])
    incentive = np.zeros((len(cooperation), len(OUTCOMES), 2))
    if parameters.planned_episodes == parameters.episodes:
        at = new_incentives()
        for run in range(len(cooperation)):
            state = State(*(part[run] for part in states))
            incentives_by_outcome(state, parameters.constants, at, incentive[run])
    by_player, by_episode = ("run", "player"), ("run", "episode", "player")
    data: dict[str, Any] = {
        "final_cooperation_probability": (by_player, cooperation),
        "final_incentive": (("run", "outcome", "player"), incentive),
        "joint_cooperation": ("run", cooperation.prod(axis=1)),
        "welfare": ("run", expected_welfare(parameters, cooperation)),
        "average_additional_reward": ("run", states.paid.sum(axis=1) / parameters.episodes),
        "planner_retired": ("run", states.clock[:, 1]),
    }
    coordinates: dict[str, Any] = {
        "run": np.arange(len(cooperation)),
        "player": [1, 2],
        "outcome": list(OUTCOMES),
    }
    if every:
        coordinates["episode"] = np.arange(0, parameters.episodes, every)
        data["incentive"] = (("run", "episode", "outcome", "player"), recorded.incentive)
        data |= {
            name: (by_episode, getattr(recorded, name))
            for name in Trajectories._fields
            if name != "incentive"
        }
    return xr.Dataset(data, coordinates)


def expected_welfare(
    parameters: MechanismDesignParameters, cooperation_probability: FloatArray
) -> FloatArray:
    """Return `[...]`, the expected sum of payoffs when the players cooperate with `[..., 2]`."""
    welfare = parameters.game.payoffs.sum(axis=0)
    row, column = np.moveaxis(_profiles(cooperation_probability), -2, 0)
    # Element by element: a matrix product may round differently in a batch than for one run.
    total = np.zeros(row.shape[:-1])
    for r, c in np.ndindex(2, 2):
        total = total + row[..., r] * column[..., c] * welfare[r, c]
    return total


def _probabilities(name: str, value: Any) -> FloatArray:
    array = finite_array(name, value)
    if array.size and (array.min() < 0.0 or array.max() > 1.0):
        raise ValueError(f"{name} must lie in [0, 1], got {array.min():g} to {array.max():g}")
    return array


@checked(cooperation_probability=_probabilities)
def learned_profiles(cooperation_probability: FloatArray) -> FloatArray:
    """Return `[..., player, action]`, the profiles in which players cooperate with `[..., player]`."""
    return _profiles(cooperation_probability)


def _profiles(cooperation_probability: FloatArray) -> FloatArray:
    return np.stack([cooperation_probability, 1.0 - cooperation_probability], axis=-1)


def _incentives_by_outcome(name: str, value: Any) -> FloatArray:
    array = finite_array(name, value)
    if array.shape[-2:] != (4, 2):
        raise ValueError(f"{name} must have shape [..., 4 outcomes, 2 players], got {array.shape}")
    return array


@checked(incentive=_incentives_by_outcome)
def incentive_tensors(incentive: FloatArray) -> FloatArray:
    """Return `[..., player, row action, column action]` of incentives given as `[..., outcome, player]`."""
    by_player = np.moveaxis(incentive, -1, -2)
    return by_player.reshape(*by_player.shape[:-1], 2, 2)
