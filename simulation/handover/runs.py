"""Simulate two players of duels whom a planner leads at first and then leaves to themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from simulation.engine.provenance import with_provenance
from simulation.engine.randomness import known_seed, whole_number
from simulation.engine.runs import Played, Process, Record, play_runs, recording_interval
from simulation.engine.workers import worker_threads
from simulation.gradual.duels import diverged_player, learnt, with_own_players
from simulation.handover.law import (
    DRAWS,
    HandoverState,
    handover_law_between,
    handover_round,
    new_handover_round,
)
from simulation.handover.parameters import HandoverParameters
from simulation.mechanism_design.runs import OUTCOMES
from theory.arguments import checked, count, of_type, optional
from theory.checks import FloatArray, truth_value
from theory.deprecation import renamed_keyword

RECORDED = ("cooperation_probability", "action", "payoff", "additional_reward", "alpha", "estimate")

# By default so many last rounds are counted: enough for shares within some hundredths.
COUNTED = 500


def handover_process(
    parameters: HandoverParameters, *, burn_in: int = 0, compile_law: bool = True, stacklevel: int = 1
) -> Process:
    """Return what the driver and the Mesa model must know of a handover; `stacklevel` is that of a warning."""
    law, _ = handover_law_between(*parameters.players)
    process = Process(
        law=law,
        unit="episode",
        steps=parameters.planner.episodes,
        draws=DRAWS,
        constants=parameters.constants(burn_in),
        start=parameters.start,
        room=parameters.room,
        record=new_handover_round,
        recorded=dict.fromkeys(RECORDED, ("player",)),
        watched=_learnt,
        tell=_divergence,
        compile_law=compile_law,
    )
    if law is handover_round:
        return process
    return with_own_players(process, parameters.players, parameters.planner.game, stacklevel=stacklevel + 1)


def _learnt(state: HandoverState) -> tuple[FloatArray, ...]:
    return state.planner, *learnt(state)


def _divergence(state: HandoverState, record: Any, before: Any) -> str:
    if np.isfinite(state.planner).all():
        return diverged_player(state)
    return f"the planner's layer is {state.planner.tolist()}; smaller steps would help"


def _left_out(counted: Any, given: Mapping[str, Any]) -> int:
    """Return how many first rounds are left out where so many last ones are counted."""
    parameters = optional(of_type(HandoverParameters))("parameters", given.get("parameters"))
    rounds = (parameters or HandoverParameters()).planner.episodes
    if whole_number("counted", counted, at_least=1) > rounds:
        raise ValueError(f"counted must be at most the {rounds} rounds, got {counted}")
    return int(rounds - counted)


@renamed_keyword("counted", "burn_in", translate=_left_out)
@checked(
    parameters=optional(of_type(HandoverParameters)), burn_in=optional(count(0)), compile_law=truth_value
)
def simulate_handover(
    parameters: HandoverParameters | None = None,
    *,
    runs: int = 10,
    seed: int | None = 0,
    record: Record = "all",
    burn_in: int | None = None,
    workers: int | None = None,
    compile_law: bool = True,
) -> xr.Dataset:
    """Simulate independent runs of two players of duels whom a planner leads at first.

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
    burn_in
        `outcome_frequency` counts the rounds from this one on; None: the last 500, or all if there are fewer.
    workers
        Threads; by default one for each processor. Results do not depend on it.
    compile_law
        False plays the same law as plain Python, to look into it with a debugger.

    Returns
    -------
    xarray.Dataset
        By (run, episode, player), for recorded rounds: `cooperation_probability` with which literal mirrors played
        the round, of others 1 or 0 for what they chose; `action` as played (0 is C), `payoff` in the original game,
        `additional_reward` from the planner, `alpha` with which the round was played and `estimate` beta_hat after it
        (NaN for players who have none). By run, at the end: if there are beliefs, of one length, the `belief`
        (run, player, cooperativeness; NaN for who has none), `last_action`, `outcome_frequency` of CC, CD, DC, DD and
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
    every = recording_interval(record)
    rounds = parameters.planner.episodes
    burn_in = max(0, rounds - COUNTED) if burn_in is None else burn_in
    if burn_in >= rounds:
        raise ValueError(f"burn_in must be less than the {rounds} rounds, got {burn_in}")
    workers = worker_threads(workers)
    process = handover_process(parameters, burn_in=burn_in, compile_law=compile_law, stacklevel=4)
    played = play_runs(process, runs=runs, seed=seed, every=every, workers=workers)
    return with_provenance(
        _dataset(parameters, rounds - burn_in, played),
        law=handover_round,
        seed=seed,
        game=parameters.planner.game,
        parameters=parameters.to_dict(),
        burn_in=burn_in,
    )


def _dataset(parameters: HandoverParameters, counted: int, played: Played) -> xr.Dataset:
    end: HandoverState = played.states
    frequency = end.counts / counted
    data: dict[str, Any] = {
        "last_action": (("run", "player"), end.last),
        "outcome_frequency": (("run", "outcome"), frequency),
        "joint_cooperation": ("run", frequency[:, 0]),
        "average_additional_reward": ("run", end.paid.sum(axis=1) / parameters.planner.episodes),
        "planner_retired": ("run", end.clock[:, 1]),
    }
    coordinates: dict[str, Any] = {
        "player": [1, 2],
        "outcome": list(OUTCOMES),
    }
    points = {part.shape[1] for part in (end.first.belief, end.second.belief)} - {1}
    if len(points) == 1:
        (length,) = points
        beliefs = [
            part if part.shape[1] == length else np.full((len(part), length), np.nan)
            for part in (end.first.belief, end.second.belief)
        ]
        data = {"belief": (("run", "player", "cooperativeness"), np.stack(beliefs, axis=1))} | data
        coordinates["cooperativeness"] = np.linspace(0.0, 1.0, length)
    return played.dataset(data, coordinates)
