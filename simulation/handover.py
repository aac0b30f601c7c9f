"""Simulate two gradual Tit-for-Tat players whom a planner leads at first and then leaves to themselves."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from simulation.compilation import compiled
from simulation.gradual.law import start_mind
from simulation.gradual.seats import new_mind
from simulation.gradual.state import DuelRound, IntArray, Mind, mind_of, new_duel_round
from simulation.handover_law import DRAWS, Pair, handover_round, new_table
from simulation.handover_parameters import HandoverParameters
from simulation.mechanism_design import OUTCOMES, Record, recording_interval
from simulation.mechanism_law import Constants, Round, State, Workspace, new_round, new_workspace, state_of
from simulation.randomness import run_generator, whole_number
from theory._checks import FloatArray

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
    """Play `draws[runs, rounds, 10]`; each `every`-th round is written to `out`."""
    for run in range(draws.shape[0]):
        state = state_of(states, run)
        one = mind_of(first_minds, run)
        two = mind_of(second_minds, run)
        start_mind(pair.first, one)
        start_mind(pair.second, two)
        # From mutual defection, not from the middle action as duels do: that is the outcome to be left.
        last[run, 0] = 1
        last[run, 1] = 1
        for turn in range(draws.shape[1]):
            handover_round(
                state,
                one,
                two,
                last[run],
                turn,
                draws[run, turn],
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


def simulate_handover(
    parameters: HandoverParameters | None = None,
    *,
    runs: int = 10,
    seed: int = 0,
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
        A whole number, at least 0.
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
        If an argument is out of bounds, or the planner diverges.
    """
    parameters = parameters or HandoverParameters()
    runs = whole_number("runs", runs, at_least=1)
    rounds = parameters.planner.episodes
    every = recording_interval(record, rounds)
    if whole_number("counted", counted, at_least=1) > rounds:
        raise ValueError(f"counted must be at most the {rounds} rounds, got {counted}")
    drive = _drive_compiled if compile_law else _drive
    parts = [
        _simulate_chunk(
            drive, parameters, range(first, min(first + CHUNK, runs)), seed, every, rounds - counted
        )
        for first in range(0, runs, CHUNK)
    ]
    return _dataset(parameters, seed, every, counted, parts)


class _Part(NamedTuple):
    states: State
    belief: FloatArray
    last: IntArray
    counts: FloatArray
    trajectories: HandoverTrajectories


def _simulate_chunk(
    drive: Callable[..., None],
    parameters: HandoverParameters,
    run_numbers: range,
    seed: int,
    every: int,
    counted_from: int,
) -> _Part:
    planner, runs = parameters.planner, len(run_numbers)
    draws = np.empty((runs, planner.episodes, DRAWS))
    starts = []
    for row, run in enumerate(run_numbers):
        generator = run_generator(seed, run)
        starts.append(planner.start(generator))
        generator.random(out=draws[row])
    states = State(*(np.stack(parts) for parts in zip(*starts, strict=True)))
    pair = parameters.pair()
    minds = [new_mind(player, (1, 1), runs) for player in (pair.first, pair.second)]
    shape = (runs, -(-planner.episodes // every) if every else 0, 2)
    out = HandoverTrajectories(
        np.zeros(shape), np.zeros(shape, np.int8), *(np.zeros(shape) for _ in range(4))
    )
    last, counts = np.zeros((runs, 2), np.int64), np.zeros((runs, 4))
    drive(
        states,
        minds[0],
        minds[1],
        last,
        draws,
        planner.planned_episodes,
        counted_from,
        planner.constants,
        pair,
        every,
        out,
        counts,
        new_table(),
        new_workspace(planner.critic_units),
        new_round(),
        new_duel_round(),
    )
    for row, run in enumerate(run_numbers):
        layer = states.planner[row]
        if not np.isfinite(layer).all():
            raise ValueError(
                f"the planner of run {run} diverged to {layer.tolist()}; smaller steps would help"
            )
    belief = np.stack([mind.belief for mind in minds], axis=1)
    return _Part(states, belief, last, counts, out)


def _dataset(
    parameters: HandoverParameters, seed: int, every: int, counted: int, parts: list[_Part]
) -> xr.Dataset:
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
    attributes = {"parameters": json.dumps(parameters.to_dict()), "seed": seed, "counted": counted}
    return xr.Dataset(data, coordinates, attributes)
