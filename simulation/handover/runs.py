"""Simulate two gradual Tit-for-Tat players whom a planner leads at first and then leaves to themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from simulation.engine.compilation import compiled
from simulation.engine.provenance import with_provenance
from simulation.engine.randomness import known_seed, run_generator, whole_number
from simulation.engine.runs import Record, recording_interval
from simulation.engine.sizes import refuse_beyond_memory, size_of
from simulation.engine.workers import Check, blocks, in_threads
from simulation.gradual.law import start_mind
from simulation.gradual.seat import new_mind
from simulation.gradual.state import DuelRound, IntArray, Mind, mind_of, new_duel_round
from simulation.handover.law import DRAWS, Pair, handover_round, new_table
from simulation.handover.parameters import HandoverParameters
from simulation.mechanism_design.law import (
    Constants,
    Round,
    State,
    Workspace,
    new_round,
    new_workspace,
    state_of,
)
from simulation.mechanism_design.runs import OUTCOMES
from theory.arguments import checked, of_type, optional
from theory.checks import FloatArray, truth_value

# Runs of one chunk share their arrays of draws; results do not depend on it.
CHUNK = 16


class HandoverTrajectories(NamedTuple):
    """Recorded rounds, `[runs, recorded, 2]`."""

    cooperation_probability: FloatArray
    action: np.ndarray[Any, np.dtype[np.int8]]
    payoff: FloatArray
    additional_reward: FloatArray
    alpha: FloatArray
    estimate: FloatArray


def _drive(
    states: State,
    first_minds: Mind,
    second_minds: Mind,
    last: IntArray,
    draws: FloatArray,
    first: int,
    planned: int,
    counted_from: int,
    constants: Constants,
    pair: Pair,
    every: int,
    out: HandoverTrajectories,
    counts: FloatArray,
    table: FloatArray,
    workspace: Workspace,
    record: Round,
    duel: DuelRound,
) -> None:
    """Play `draws[runs, rounds, 10]`, which begin with round `first`; each `every`-th is written to `out`."""
    for run in range(draws.shape[0]):
        state = state_of(states, run)
        one = mind_of(first_minds, run)
        two = mind_of(second_minds, run)
        if first == 0:
            start_mind(pair.first, one)
            start_mind(pair.second, two)
            # From mutual defection, not from the middle action as duels do: that is the outcome to be left.
            last[run, 0] = 1
            last[run, 1] = 1
        for k in range(draws.shape[1]):
            turn = first + k
            handover_round(
                state,
                one,
                two,
                last[run],
                turn,
                draws[run, k],
                turn < planned,
                constants,
                pair,
                table,
                workspace,
                record,
                duel,
            )
            if turn >= counted_from:
                counts[run, 2 * last[run, 0] + last[run, 1]] += 1.0
            if every > 0 and turn % every == 0:
                for i in range(2):
                    row = turn // every
                    out.cooperation_probability[run, row, i] = record.cooperation_probability[i]
                    out.action[run, row, i] = last[run, i]
                    out.payoff[run, row, i] = record.payoff[i]
                    out.additional_reward[run, row, i] = record.additional_reward[i]
                    out.alpha[run, row, i] = duel.alpha[i]
                    out.estimate[run, row, i] = duel.estimate[i]


_drive_compiled = compiled(_drive)


@checked(parameters=optional(of_type(HandoverParameters)), compile_law=truth_value)
def simulate_handover(
    parameters: HandoverParameters | None = None,
    *,
    runs: int = 10,
    seed: int | None = 0,
    record: Record = "all",
    counted: int = 500,
    compile_law: bool = True,
) -> xr.Dataset:
    """Simulate independent runs of gradual Tit-for-Tat players whom a planner leads at first.

    Run i depends on (parameters, seed, i) alone, and the Mesa model `GuidedPair` with the same seed takes the
    same steps, bit for bit. A run's planner and its draws of actions start as those of `simulate` do.

    Parameters
    ----------
    parameters
        By default the Prisoner's Dilemma of thesis Table 4.1 from beliefs of mutual defection, with the planner
        in the first 4000 of 8000 rounds.
    runs
        At least 1.
    seed
        A whole number, at least 0; None draws one, which the dataset keeps.
    record
        "all" rounds, every k-th (an int), or the "summary" at the end of each run alone.
    counted
        `outcome_frequency` counts so many last rounds, at least 1 and at most all.
    compile_law
        False plays the same law as plain Python, to look into it with a debugger.

    Returns
    -------
    xarray.Dataset
        By (run, episode, player), for recorded rounds: `cooperation_probability` with which the round was
        played, `action` (0 is C), `payoff` in the original game, `additional_reward` from the planner, `alpha`
        with which the round was played and `estimate` beta_hat after it. By run, at the end: the `belief`
        (run, player, cooperativeness), `last_action`, `outcome_frequency` of CC, CD, DC, DD and
        `joint_cooperation`, that of CC; `average_additional_reward` a round, absolute, summed over players;
        and `planner_retired` (-1 if it did not).

    Raises
    ------
    ValueError
        If an argument is out of bounds, what is recorded does not fit into memory, or the planner diverges:
        with the round.
    """
    parameters = parameters or HandoverParameters()
    runs = whole_number("runs", runs, at_least=1)
    seed = known_seed(seed)
    rounds = parameters.planner.episodes
    every = recording_interval(record)
    if whole_number("counted", counted, at_least=1) > rounds:
        raise ValueError(f"counted must be at most the {rounds} rounds, got {counted}")
    recorded = -(-rounds // every) if every else 0
    pair = parameters.pair()
    state_size = size_of(parameters.planner.start(run_generator(seed)))
    state_size += sum(size_of(new_mind(player, (1, 1), 1)) for player in (pair.first, pair.second))
    refuse_beyond_memory(
        f"{runs} runs of {recorded} recorded rounds",
        2 * runs * (state_size + recorded * size_of(_trajectories(1, 1))),
        lower="runs, or record fewer rounds",
    )

    def chunk(first: int, check: Check) -> _Part:
        numbers = range(first, min(first + CHUNK, runs))
        return _simulate_chunk(compile_law, parameters, numbers, seed, every, rounds - counted, check)

    parts = in_threads(chunk, range(0, runs, CHUNK), 1)
    return with_provenance(
        _dataset(parameters, every, counted, parts),
        law=handover_round,
        seed=seed,
        game=parameters.planner.game,
        parameters=parameters.to_dict(),
        counted=counted,
    )


def divergence(run: str, turn: int, layer: FloatArray) -> str:
    """Return what to say of a run whose planner left the finite numbers in a round."""
    return (
        f"{run} diverged in round {turn}: the planner's layer is {layer.tolist()}; smaller steps would help"
    )


class _Part(NamedTuple):
    states: State
    belief: FloatArray
    last: IntArray
    counts: FloatArray
    trajectories: HandoverTrajectories


def _trajectories(runs: int, recorded: int) -> HandoverTrajectories:
    shape = (runs, recorded, 2)
    return HandoverTrajectories(
        np.zeros(shape), np.zeros(shape, np.int8), *(np.zeros(shape) for _ in range(4))
    )


def _simulate_chunk(
    compile_law: bool,
    parameters: HandoverParameters,
    run_numbers: range,
    seed: int,
    every: int,
    counted_from: int,
    check: Check,
    singly: bool = False,
) -> _Part:
    planner, runs = parameters.planner, len(run_numbers)
    generators = [run_generator(seed, run) for run in run_numbers]
    starts = [planner.start(generator) for generator in generators]
    states = State(*(np.stack(parts) for parts in zip(*starts, strict=True)))
    pair = parameters.pair()
    minds = [new_mind(player, (1, 1), runs) for player in (pair.first, pair.second)]
    out = _trajectories(runs, -(-planner.episodes // every) if every else 0)
    last, counts = np.zeros((runs, 2), np.int64), np.zeros((runs, 4))
    rooms = new_table(), new_workspace(planner.critic_units), new_round(), new_duel_round()
    drive: Callable[..., None] = _drive_compiled if compile_law else _drive
    planned, constants = planner.planned_episodes, planner.constants
    for first, length in blocks(planner.episodes, runs * DRAWS, check, compiled=compile_law, singly=singly):
        draws = np.empty((runs, length, DRAWS))
        for of_run, generator in zip(draws, generators, strict=True):
            generator.random(out=of_run)
        drive(
            states,
            *minds,
            last,
            draws,
            first,
            planned,
            counted_from,
            constants,
            pair,
            every,
            out,
            counts,
            *rooms,
        )
        for row, run in enumerate(run_numbers):
            if not np.isfinite(states.planner[row]).all():
                if singly:
                    raise ValueError(divergence(f"run {run}", first, states.planner[row]))
                only = range(run, run + 1)
                _simulate_chunk(compile_law, parameters, only, seed, every, counted_from, check, singly=True)
    belief = np.stack([mind.belief for mind in minds], axis=1)
    return _Part(states, belief, last, counts, out)


def _dataset(parameters: HandoverParameters, every: int, counted: int, parts: list[_Part]) -> xr.Dataset:
    frequency = np.concatenate([part.counts for part in parts]) / counted
    belief = np.concatenate([part.belief for part in parts])
    paid = np.concatenate([part.states.paid for part in parts]).sum(axis=1)
    data: dict[str, Any] = {
        "belief": (("run", "player", "cooperativeness"), belief),
        "last_action": (("run", "player"), np.concatenate([part.last for part in parts])),
        "outcome_frequency": (("run", "outcome"), frequency),
        "joint_cooperation": ("run", frequency[:, 0]),
        "average_additional_reward": ("run", paid / parameters.planner.episodes),
        "planner_retired": ("run", np.concatenate([part.states.clock[:, 1] for part in parts])),
    }
    coordinates: dict[str, Any] = {
        "run": np.arange(len(paid)),
        "player": [1, 2],
        "outcome": list(OUTCOMES),
        "cooperativeness": np.linspace(0.0, 1.0, belief.shape[2]),
    }
    if every:
        coordinates["episode"] = np.arange(0, parameters.planner.episodes, every)
        for name in HandoverTrajectories._fields:
            values = np.concatenate([getattr(part.trajectories, name) for part in parts])
            data[name] = (("run", "episode", "player"), values)
    return xr.Dataset(data, coordinates)
