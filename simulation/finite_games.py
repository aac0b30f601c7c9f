"""Simulate adaptive mechanism design in any finite game, with exact expectations."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from simulation.compilation import compiled, rule
from simulation.game_law import GameConstants, GameRound, GameState, game_round
from simulation.learning.incentive_network import IndexArray, network_size
from simulation.mechanism_design import Record, recording_interval
from simulation.randomness import run_generator, whole_number
from simulation.reach import warn_if_out_of_reach
from theory import Game, named_game
from theory._checks import FloatArray, finite_number, known_name

TABLES = ("outcome", "own-action", "layer", "network")

# Above that many payoffs an episode takes more than some milliseconds.
LARGEST_GAME = 100_000


@dataclass(frozen=True, kw_only=True)
class FiniteGameParameters:
    """Parameters of a planner in any finite game; learners ascend expected gradients by Adam.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states.
    """

    game: Game = field(default_factory=lambda: named_game("prisoners-dilemma"))
    """At most 100 000 payoffs; at least one player with two actions."""
    table: str = "outcome"
    """Where incentives come from: a table by "outcome" or by each player's "own-action", a "layer" on all
    actions (section 4.2), or a "network" with one hidden layer on all actions."""
    units: int = 16
    """Hidden units of the network, at least 1. The number of outcomes, and of weights of their table, grows
    exponentially with the players; a network's weights grow linearly, and outcomes that are rarely or never
    played get their incentives from those that are. Expectations visit every outcome nevertheless: a network
    saves weights and not time."""
    episodes: int = 4000
    """At least 1."""
    planner_episodes: int | None = None
    """The planner acts in so many first episodes; None: in all; 0: never."""
    initial_last_action: float | None = None
    """Probability in (0, 1) of every player's last action at the start, the others alike; None: all alike."""
    initial_deviation: float = 0.1
    """Standard deviation of the players' initial logits, at least 0: without it symmetric players stay so."""
    learning_rate: float = 0.01
    """Positive."""
    planner_learning_rate: float = 0.01
    """Positive."""
    lookahead_rate: float = 0.01
    """The learners' step size eta that the planner reckons with, positive."""
    bound: float = 3.0
    """c: no incentive is larger in absolute value, positive."""
    cost: float = 0.0002
    """alpha of Eq. 4.7, the price of the incentives' expected norm, at least 0."""
    planner_scale: float = 0.1
    """Standard deviation of the planner's initial weights, at least 0; positive with a network, whose units
    could not leave 0."""

    def __post_init__(self) -> None:
        if not isinstance(self.game, Game):
            raise ValueError(f"game must be a theory.Game, got {self.game!r}")
        if self.game.payoffs.size > LARGEST_GAME:
            raise ValueError(
                f"game must have at most {LARGEST_GAME} payoffs, got {self.game.payoffs.size}: for many "
                "players with linear payoffs use simulate_many"
            )
        if max(self.game.n_actions) < 2:
            raise ValueError(f"some player must have two actions, got {self.game.n_actions}")
        known_name("table", self.table, TABLES)
        whole_number("units", self.units, at_least=1)
        whole_number("episodes", self.episodes, at_least=1)
        if self.planner_episodes is not None:
            whole_number("planner_episodes", self.planner_episodes, at_least=0)
        if self.initial_last_action is not None and not (
            0.0 < finite_number("initial_last_action", self.initial_last_action) < 1.0
        ):
            raise ValueError(f"initial_last_action must lie in (0, 1), got {self.initial_last_action}")
        for name in ("learning_rate", "planner_learning_rate", "lookahead_rate", "bound"):
            if finite_number(name, getattr(self, name)) <= 0.0:
                raise ValueError(f"{name} must be positive, got {getattr(self, name)}")
        for name in ("cost", "planner_scale", "initial_deviation"):
            if finite_number(name, getattr(self, name)) < 0.0:
                raise ValueError(f"{name} must be at least 0, got {getattr(self, name)}")
        if self.table == "network" and self.planner_scale == 0.0:
            raise ValueError(
                "planner_scale must be positive with the table 'network', whose units could not leave 0, "
                f"got {self.planner_scale}"
            )

    @property
    def planned_episodes(self) -> int:
        """In how many episodes the planner acts."""
        return self.episodes if self.planner_episodes is None else min(self.planner_episodes, self.episodes)

    @property
    def constants(self) -> GameConstants:
        """What the law needs of these parameters."""
        counts = np.array(self.game.n_actions, dtype=np.int64)
        outcomes = np.array(list(self.game.pure_profiles()), dtype=np.int64).T
        return GameConstants(
            payoffs=np.ascontiguousarray(self.game.payoffs.reshape(self.game.n_players, -1)),
            actions=np.ascontiguousarray(outcomes),
            n_actions=counts,
            first_logit=np.concatenate([[0], np.cumsum(counts - 1)[:-1]]).astype(np.int64),
            terms=incentive_terms(self.game.n_actions, outcomes, self.table),
            units=self.units if self.table == "network" else 0,
            learning_rate=float(self.learning_rate),
            planner_learning_rate=float(self.planner_learning_rate),
            lookahead_rate=float(self.lookahead_rate),
            bound=float(self.bound),
            cost=float(self.cost),
        )

    def start(self, generator: np.random.Generator) -> GameState:
        """Return the state of a run before its first episode."""
        constants = self.constants
        theta = generator.normal(0.0, self.initial_deviation, int((constants.n_actions - 1).sum()))
        if self.initial_last_action is not None:
            for player, first in enumerate(constants.first_logit):
                others = int(constants.n_actions[player]) - 1
                share = (1.0 - self.initial_last_action) / self.initial_last_action / max(others, 1)
                theta[first : first + others] += math.log(share)
        inputs = int(constants.terms.max()) + 1
        size = network_size(self.game.n_players, inputs, self.units) if self.table == "network" else inputs
        weights = generator.normal(0.0, self.planner_scale, size)
        return GameState(
            theta=theta,
            theta_first=np.zeros_like(theta),
            theta_second=np.zeros_like(theta),
            weights=weights,
            weights_first=np.zeros_like(weights),
            weights_second=np.zeros_like(weights),
            learner_powers=np.ones(2),
            planner_powers=np.ones(2),
            paid=np.zeros(self.game.n_players),
        )


def incentive_terms(n_actions: tuple[int, ...], outcomes: IndexArray, table: str) -> IndexArray:
    """Return `[n_players, outcomes, terms]`: the weights that each incentive sums.

    For a network it is `[1, outcomes, terms]`, the inputs that are 1: everybody's action and the constant one.
    `outcomes[n_players, outcomes]` are the players' actions.
    """
    players, count = outcomes.shape
    own = np.arange(players)[:, None]
    if table == "outcome":
        return np.ascontiguousarray((own * count + np.arange(count))[:, :, None])
    starts = np.concatenate([[0], np.cumsum(n_actions)])
    if table == "own-action":
        return np.ascontiguousarray((starts[:-1, None] + outcomes)[:, :, None])
    one_hot = (starts[:-1, None] + outcomes).T  # [outcomes, n_players]
    each = int(starts[-1]) + 1
    with_bias = np.concatenate([one_hot, np.full((count, 1), each - 1)], axis=1)
    if table == "network":
        return np.ascontiguousarray(with_bias[None])
    return np.ascontiguousarray(own[:, :, None] * each + with_bias[None])


def new_game_round(constants: GameConstants, weights: int) -> GameRound:
    """Return an empty record."""
    players, outcomes = constants.payoffs.shape
    logits = int((constants.n_actions - 1).sum())
    return GameRound(
        policy=np.zeros((players, int(constants.n_actions.max()))),
        chance=np.zeros(outcomes),
        incentive=np.zeros((players, outcomes)),
        push=np.zeros(logits),
        gradient=np.zeros(logits),
        weight_gradient=np.zeros(weights),
        by_output=np.zeros(players),
        hidden=np.zeros((outcomes, constants.units)),
        summary=np.zeros(2),
    )


@rule
def _drive(
    state: GameState,
    episodes: int,
    planned_episodes: int,
    constants: GameConstants,
    every: int,
    record: GameRound,
    out: FloatArray,
    policies: FloatArray,
) -> int:
    """Run the law; return the episode at which it diverged, or -1."""
    for episode in range(episodes):
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
    parameters: FiniteGameParameters | None = None, *, runs: int = 10, seed: int = 0, record: Record = "all"
) -> xr.Dataset:
    """Simulate independent runs of learners and a planner in any finite game.

    Before the run, theory is asked whether any incentives within the bound make the outcome of the highest
    welfare an equilibrium; a warning names the least bound that would.

    Returns
    -------
    xarray.Dataset
        By (run, episode) for the recorded episodes: expected `welfare` in the original game and
        `additional_reward`, expected and summed over players; `policy` by (run, episode, player, action),
        padded with 0. By (run, ...), after the last episode: `final_policy`, `final_welfare`,
        `welfare_index` in [0, 1], `final_incentive` by (run, player, outcome) (0 once the planner is off)
        and `average_additional_reward`.

    Raises
    ------
    ValueError
        If a run diverges, with the episode and the values.
    """
    parameters = parameters or FiniteGameParameters()
    runs = whole_number("runs", runs, at_least=1)
    every = recording_interval(record, parameters.episodes)
    if parameters.planned_episodes:
        warn_if_out_of_reach(parameters.game, parameters.bound)
    finished = [_simulate_run(parameters, seed, run, every) for run in range(runs)]
    return _dataset(parameters, seed, every, finished)


def _simulate_run(
    parameters: FiniteGameParameters, seed: int, run: int, every: int
) -> tuple[GameState, FloatArray, FloatArray, FloatArray]:
    state, constants = parameters.start(run_generator(seed, run)), parameters.constants
    recorded = -(-parameters.episodes // every) if every else 0
    record = new_game_round(constants, len(state.weights))
    out, policies = np.zeros((recorded, 2)), np.zeros((recorded, *record.policy.shape))
    diverged = _drive_compiled(
        state, parameters.episodes, parameters.planned_episodes, constants, every, record, out, policies
    )
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
    seed: int,
    every: int,
    finished: list[tuple[GameState, FloatArray, FloatArray, FloatArray]],
) -> xr.Dataset:
    game = parameters.game
    players, most, outcomes = game.n_players, max(game.n_actions), len(game.outcomes)
    ends = np.stack([end for *_, end in finished])
    policy = ends[:, : players * most].reshape(-1, players, most)
    welfare = np.array(
        [
            game.expected_payoffs([of_run[i, :n] for i, n in enumerate(game.n_actions)]).sum()
            for of_run in policy
        ]
    )
    totals = game.payoffs.sum(axis=0)
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
    values = {name: getattr(parameters, name) for name in parameters.__dataclass_fields__}
    values["game"] = {"title": game.title, "payoffs": game.payoffs.tolist()}
    return xr.Dataset(data, coordinates, {"parameters": json.dumps(values), "seed": seed})
