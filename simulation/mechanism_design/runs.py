"""Simulate learners in a 2x2 game, with or without a planner, over many runs at once."""

from __future__ import annotations

import warnings
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from simulation.engine.compilation import rare_rule, rule
from simulation.engine.provenance import qualified_name, with_provenance
from simulation.engine.randomness import known_seed, whole_number
from simulation.engine.runs import Law as EpisodeLaw
from simulation.engine.runs import Played, Process, Record, play_runs, recording_interval
from simulation.engine.workers import worker_threads
from simulation.learning.players import cooperation_of_players, wrong_of_rules
from simulation.learning.policy_gradient import sigmoid
from simulation.learning.rule import LearningRule, notice_uncompiled_rules
from simulation.mechanism_design.law import Constants, Law, mechanism_design_round, round_by
from simulation.mechanism_design.parameters import MechanismDesignParameters
from simulation.planner.incentives import Incentives, new_incentives
from simulation.planner.observation import set_average_incentives
from simulation.planner.state import Round, State, Workspace, new_round, new_workspace
from theory.arguments import checked, function, given_or_default, optional
from theory.checks import FloatArray, finite_array, truth_value

OUTCOMES = ("CC", "CD", "DC", "DD")


class Episode(NamedTuple):
    """What is recorded of an episode, by player."""

    round: Round
    action: NDArray[np.int8]
    """`[2]`: 0 for C."""
    cumulative_additional_reward: FloatArray
    """`[2]`: absolute, so far."""
    incentive: FloatArray
    """`[4, 2]`: what the planner would pay for each outcome."""


RECORDED = {
    "cooperation_probability": ("player",),
    "action": ("player",),
    "payoff": ("player",),
    "additional_reward": ("player",),
    "cumulative_additional_reward": ("player",),
    "incentive": ("outcome", "player"),
}


def new_episode() -> Episode:
    """Return an empty record."""
    return Episode(new_round(), np.zeros(2, np.int8), np.zeros(2), np.zeros((4, 2)))


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
def _observe(state: State, step: int, constants: Constants, room: Workspace, record: Episode) -> None:
    """Write the incentives with which an episode is played."""
    if step < constants.planned_episodes:
        incentives_by_outcome(state, constants, room.at, record.incentive)
    else:
        for outcome in range(4):
            for i in range(2):
                record.incentive[outcome, i] = 0.0


@rule
def _step_by(
    law: Law,
    state: State,
    draws: FloatArray,
    step: int,
    constants: Constants,
    room: Workspace,
    record: Episode,
) -> None:
    law(state, draws, step < constants.planned_episodes, constants, room, record.round)
    for i in range(2):
        record.action[i] = 0 if record.round.cooperated[i] == 1.0 else 1
        record.cumulative_additional_reward[i] = state.paid[i]


@rule
def _step(
    state: State, draws: FloatArray, step: int, constants: Constants, room: Workspace, record: Episode
) -> None:
    _step_by(mechanism_design_round, state, draws, step, constants, room, record)


def _watched(state: State) -> tuple[FloatArray, ...]:
    return state.theta, state.planner, state.memory


def _tell(state: State, record: Episode, before: State | None) -> str:
    layer = state.planner.tolist()
    if before is None:
        return f"{_learnt(state)}, the planner's layer {layer}; smaller steps would help"
    return (
        f"after {_learnt(before)} and the planner's layer {before.planner.tolist()} came {_learnt(state)} and "
        f"{layer}; smaller steps would help"
    )


def _learnt(state: State) -> str:
    if state.memory.size:  # of learning rules; theta only follows from it
        return f"memory {state.memory.tolist()}"
    return f"theta {state.theta.tolist()}"


def _fault_of(law: str, record: Episode) -> str:
    """Return which rule the record of an episode violates, written by a law of that name; empty if none."""
    for i in range(2):
        chance, cooperated = record.round.cooperation_probability[i], record.round.cooperated[i]
        if not 0.0 <= chance <= 1.0:
            wanted, got = "a probability of cooperation in [0, 1]", chance
        elif cooperated not in (0.0, 1.0):
            wanted, got = "1 for C or 0 for D", cooperated
        elif not np.isfinite(record.round.payoff[i]):
            wanted, got = "a finite payoff", record.round.payoff[i]
        elif not np.isfinite(record.round.additional_reward[i]):
            wanted, got = "a finite additional_reward", record.round.additional_reward[i]
        else:
            continue
        return f"the law {law} must write {wanted}, got {got:g} for player {i + 1}"
    return ""


@lru_cache(maxsize=64)
def _step_of(rules: tuple[LearningRule, LearningRule]) -> EpisodeLaw:
    learning_round = round_by(rules)

    @rule
    def step_of_rules(
        state: State, draws: FloatArray, step: int, constants: Constants, room: Workspace, record: Episode
    ) -> None:
        _step_by(learning_round, state, draws, step, constants, room, record)

    return step_of_rules


def _law_of(parameters: MechanismDesignParameters) -> Law:
    rules = parameters.learning_rules
    return mechanism_design_round if rules is None else round_by((rules[0].untuned, rules[1].untuned))


def mechanism_design_process(parameters: MechanismDesignParameters, law: Law | None = None) -> Process:
    """Return the process of mechanism design, by a law of the user's own where one is given."""
    process = Process(
        law=_step if law is None else partial(_step_by, law),
        unit="episode",
        steps=parameters.episodes,
        draws=parameters.draws_per_episode,
        constants=parameters.constants,
        start=parameters.start,
        room=partial(new_workspace, parameters.critic_units),
        record=new_episode,
        recorded=RECORDED,
        watched=_watched,
        tell=_tell,
        observe=_observe,
    )
    rules = parameters.learning_rules
    if law is None and rules is None:
        return process
    if law is None and rules is not None:
        return replace(
            process,
            law=_step_of((rules[0].untuned, rules[1].untuned)),
            wrong=partial(wrong_of_rules, rules),
            compile_law=not any(given.fault for given in rules),
            made_by=(mechanism_design_process, (parameters,)),
        )
    assert law is not None
    return replace(process, compile_law=False, fault=partial(_fault_of, qualified_name(law)))


def simulate(
    parameters: MechanismDesignParameters | None = None,
    *,
    runs: int = 10,
    seed: int | None = 0,
    record: Record = "all",
    workers: int | None = None,
    law: Law | None = None,
    compile_law: bool = True,
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
    compile_law
        False plays the same law as plain Python, to look into it with a debugger.

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
    every = recording_interval(record)
    parameters.warn_if_out_of_reach(stacklevel=3)
    workers = worker_threads(workers)
    if law is not None:
        notice_uncompiled(stacklevel=3)
    else:
        notice_uncompiled_rules(parameters.learning_rules or (), stacklevel=2)
    process = mechanism_design_process(parameters, law)
    if not truth_value("compile_law", compile_law):
        process = replace(process, compile_law=False)
    played = play_runs(process, runs=runs, seed=seed, every=every, workers=workers)
    return with_provenance(
        _dataset(parameters, played),
        law=law or _law_of(parameters),
        seed=seed,
        game=parameters.game,
        parameters=parameters.to_dict(),
    )


def notice_uncompiled(*, stacklevel: int) -> None:
    """Say once that a user's own law is not compiled."""
    warnings.warn("a law in plain Python runs uncompiled, about 200 times slower", stacklevel=stacklevel)


def _dataset(parameters: MechanismDesignParameters, played: Played) -> xr.Dataset:
    states: State = played.states
    cooperation = final_cooperation(parameters, states)
    incentive = np.zeros((len(cooperation), len(OUTCOMES), 2))
    if parameters.planned_episodes == parameters.episodes:
        at = new_incentives()
        for run in range(len(cooperation)):
            state = State(*(part[run] for part in states))
            incentives_by_outcome(state, played.process.constants, at, incentive[run])
    by_player = ("run", "player")
    data: dict[str, Any] = {
        "final_cooperation_probability": (by_player, cooperation),
        "final_incentive": (("run", "outcome", "player"), incentive),
        "joint_cooperation": ("run", cooperation.prod(axis=1)),
        "welfare": ("run", expected_welfare(parameters, cooperation)),
        "average_additional_reward": ("run", states.paid.sum(axis=1) / parameters.episodes),
        "planner_retired": ("run", states.clock[:, 1]),
    }
    return played.dataset(data, {"player": [1, 2], "outcome": list(OUTCOMES)})


def final_cooperation(parameters: MechanismDesignParameters, states: State) -> FloatArray:
    """Return `[runs, 2]`, with which the learners of `states`, runs first, would play C next."""
    rules = parameters.learning_rules
    if rules is None:
        return np.array([[sigmoid(theta) for theta in of_run] for of_run in states.theta.tolist()])
    return cooperation_of_players(rules, states.memory)


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
