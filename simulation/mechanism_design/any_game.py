"""Simulate adaptive mechanism design in any finite game, with exact expectations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import xarray as xr

from simulation.engine.compilation import compiled, rule
from simulation.engine.elementary import matrix_product
from simulation.engine.provenance import with_provenance
from simulation.engine.randomness import known_seed, run_generator, whole_number
from simulation.engine.runs import Record, recording_interval
from simulation.engine.sizes import refuse_beyond_memory, size_of
from simulation.engine.workers import Check, blocks, in_threads
from simulation.mechanism_design.any_game_law import GameConstants, GameRound, GameState, game_round
from simulation.mechanism_design.any_game_parameters import FiniteGameParameters
from theory.arguments import given_or_default
from theory.checks import FloatArray


def new_game_round(constants: GameConstants, weights: int) -> GameRound:
    """Return an empty record."""
    players, outcomes = constants.payoffs.shape
    logits = int((constants.n_actions - 1).sum())
    return GameRound(
        policy=np.zeros((players, int(constants.n_actions.max()))),
        chance=np.zeros(outcomes),
        incentive=np.zeros((players, outcomes)),
        reward=np.zeros((outcomes, players)),
        first=np.zeros((outcomes, players)),
        second=np.zeros((outcomes, players)),
        slope=np.zeros((players, players)),
        push=np.zeros(logits),
        gradient=np.zeros(logits),
        weight_gradient=np.zeros(weights),
        by_incentive=np.zeros(players),
        by_output=np.zeros(players),
        hidden=np.zeros((outcomes, constants.units)),
        summary=np.zeros(2),
    )


@rule
def _drive(
    state: GameState,
    first: int,
    episodes: int,
    planned_episodes: int,
    constants: GameConstants,
    every: int,
    record: GameRound,
    out: FloatArray,
    policies: FloatArray,
) -> int:
    """Run the law over `episodes` from episode `first` on; return that at which it diverged, or -1."""
    for episode in range(first, first + episodes):
        game_round(state, episode < planned_episodes, constants, record)
        if every > 0 and episode % every == 0:
            for column in range(2):
                out[episode // every, column] = record.summary[column]
            for i in range(policies.shape[1]):
                for k in range(policies.shape[2]):
                    policies[episode // every, i, k] = record.policy[i, k]
        if not math.isfinite(record.summary[0] + record.summary[1]):
            return episode
    return -1


_drive_compiled = compiled(_drive)


def simulate_game(
    parameters: FiniteGameParameters | None = None,
    *,
    runs: int = 10,
    seed: int | None = 0,
    record: Record = "all",
) -> xr.Dataset:
    """Simulate independent runs of learners and a planner in any finite game.

    Run i depends on (parameters, seed, i) alone; seed None draws one, which the dataset keeps.

    Before the run, theory is asked whether any incentives within the bound and budget make the outcome of the
    highest welfare an equilibrium; a warning names the least that would.

    Returns
    -------
    xarray.Dataset
        By (run, episode) for the recorded episodes: expected `welfare` in the original game and
        `additional_reward`, expected and summed over players; `policy` by (run, episode, player, action),
        padded with 0. By (run, ...), after the last episode: `final_policy`, `final_welfare`,
        `welfare_index` in [0, 1], `final_incentive` by (run, player, outcome) (0 once the planner is off),
        `average_additional_reward`, and the episode in which the planner retired (`planner_retired`, -1 if
        it did not).

    Raises
    ------
    ValueError
        If what is recorded does not fit into memory, or a run diverges, with the episode and the values.
    """
    parameters = given_or_default("parameters", parameters, FiniteGameParameters)
    runs = whole_number("runs", runs, at_least=1)
    seed = known_seed(seed)
    episodes = parameters.episodes
    every = recording_interval(record)
    recorded = -(-episodes // every) if every else 0
    sample = new_game_round(parameters.constants, 0)
    refuse_beyond_memory(
        f"{runs} runs of {recorded} recorded episodes",
        2 * runs * (recorded * (16 + sample.policy.nbytes) + size_of([sample.policy, sample.incentive])),
        lower="runs, or record fewer episodes",
    )
    parameters.warn_if_out_of_reach(stacklevel=3)
    # Runs are short, or few: one thread plays them all.
    finished = in_threads(
        lambda run, check: _simulate_run(parameters, seed, run, every, check), range(runs), 1
    )
    return with_provenance(
        _dataset(parameters, every, finished),
        law=game_round,
        seed=seed,
        game=parameters.game,
        parameters=parameters.to_dict(),
    )


def _simulate_run(
    parameters: FiniteGameParameters, seed: int, run: int, every: int, check: Check
) -> tuple[GameState, FloatArray, FloatArray, FloatArray]:
    state, constants = parameters.start(run_generator(seed, run)), parameters.constants
    recorded = -(-parameters.episodes // every) if every else 0
    record = new_game_round(constants, len(state.weights))
    out, policies = np.zeros((recorded, 2)), np.zeros((recorded, *record.policy.shape))
    diverged, planned = -1, parameters.planned_episodes
    # An episode sums over all outcomes, a few operations each.
    for first, length in blocks(parameters.episodes, record.incentive.size, check):
        diverged = _drive_compiled(state, first, length, planned, constants, every, record, out, policies)
        if diverged >= 0:
            break
    # What the last episode did to the logits is seen by no episode after it.
    if diverged < 0 and not (np.isfinite(state.theta).all() and np.isfinite(state.weights).all()):
        diverged = parameters.episodes - 1
    if diverged >= 0:
        raise ValueError(
            f"run {run} diverged in episode {diverged}: welfare {record.summary[0]:g}, additional reward "
            f"{record.summary[1]:g}, logits {state.theta.tolist()}"
        )
    # The policies after the last step, without learning from them.
    _policies_now(state, constants, record, parameters.planned_episodes == parameters.episodes)
    return state, out, policies, np.concatenate([record.policy.ravel(), record.incentive.ravel()])


def _policies_now(state: GameState, constants: GameConstants, record: GameRound, planning: bool) -> None:
    copy = GameState(*(part.copy() for part in state))
    game_round(copy, planning, constants, record)


def _dataset(
    parameters: FiniteGameParameters,
    every: int,
    finished: list[tuple[GameState, FloatArray, FloatArray, FloatArray]],
) -> xr.Dataset:
    game = parameters.game
    players, most, outcomes = game.n_players, max(game.n_actions), len(game.outcomes)
    ends = np.stack([end for *_, end in finished])
    policy = ends[:, : players * most].reshape(-1, players, most)
    totals = game.payoffs.sum(axis=0)
    chance = np.ones((len(finished), outcomes))
    for player, actions in enumerate(parameters.constants.actions):
        chance *= policy[:, player, actions]
    welfare = matrix_product(chance, totals.reshape(-1, 1))[:, 0]
    spread = float(totals.max() - totals.min())
    index = (welfare - totals.min()) / spread if spread > 0.0 else np.ones_like(welfare)
    data: dict[str, Any] = {
        "final_policy": (("run", "player", "action"), policy),
        "final_incentive": (
            ("run", "player", "outcome"),
            ends[:, players * most :].reshape(-1, players, outcomes),
        ),
        "final_welfare": ("run", welfare),
        "welfare_index": ("run", index),
        "average_additional_reward": (
            "run",
            np.array([state.paid.sum() / parameters.episodes for state, *_ in finished]),
        ),
        "planner_retired": ("run", np.array([state.clock[1] for state, *_ in finished])),
    }
    coordinates: dict[str, Any] = {
        "run": np.arange(len(finished)),
        "player": list(game.players),
        "outcome": [game.name_of(outcome) for outcome in game.pure_profiles()],
    }
    if every:
        coordinates["episode"] = np.arange(0, parameters.episodes, every)
        recorded = np.stack([out for _, out, *_ in finished])
        data["welfare"] = (("run", "episode"), recorded[..., 0])
        data["additional_reward"] = (("run", "episode"), recorded[..., 1])
        data["policy"] = (
            ("run", "episode", "player", "action"),
            np.stack([policies for _, _, policies, _ in finished]),
        )
    return xr.Dataset(data, coordinates)
