"""Simulate adaptive mechanism design in any finite game, with exact expectations."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from simulation.engine.draws import normal
from simulation.engine.elementary import log, matrix_product
from simulation.engine.provenance import with_provenance
from simulation.engine.randomness import known_seed, whole_number
from simulation.engine.runs import Played, Process, Record, play_runs, recording_interval
from simulation.engine.workers import worker_threads
from simulation.learning.catalogue import described_learners, rules_of_players
from simulation.learning.players import (
    cooperation_of_players,
    kinds_of,
    players_rules,
    remembered_at_start,
    wrong_of_rules,
)
from simulation.learning.rule import LearningRule, notice_uncompiled_rules
from simulation.mechanism_design.any_game_law import (
    GameConstants,
    GameRoom,
    GameRound,
    GameState,
    PlayedRound,
    game_round,
    game_round_by,
    is_planning,
    new_game_room,
    new_game_round,
    new_played_round,
    set_game_incentives,
    set_policies,
)
from simulation.planner.incentive_network import network_size
from simulation.planner.options import (
    BUDGETS,
    SIGNS,
    PaymentOptions,
    check_not_negative,
    check_payments,
    check_positive,
)
from simulation.planner.stability import outcomes_of
from theory import Game, named_game
from theory.arguments import check_fields, checked, given_or_default, of_type
from theory.checks import FloatArray, IntArray, finite_number, known_name, truth_value
from theory.incentives.reach import warn_if_out_of_reach

TABLES = ("outcome", "own-action", "layer", "network")

# Of the 2x2 planner's budgets; the reference code's gradient, which forgets the mean, is a record of its tables.
GAME_BUDGETS = ("unrestricted", "revenue-neutral", "limited")

# Above that many payoffs an episode takes more than some milliseconds.
LARGEST_GAME = 100_000


@dataclass(frozen=True, kw_only=True)
class FiniteGameParameters(PaymentOptions):
    """Parameters of a planner in any finite game; learners ascend expected gradients by Adam, or live by rules.

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
    initial_last_action: float | None = None
    """Probability in (0, 1) of every player's last action at the start, the others alike; None: all alike."""
    initial_deviation: float = 0.1
    """Standard deviation of the players' initial logits, at least 0: without it symmetric players stay so."""
    learners: str | LearningRule | tuple[LearningRule, ...] = "expected"
    """How they learn: by the gradient of the "expected" reward. Or, where everybody has two actions, C and D, by a
    `LearningRule`, of your own or by its name in `simulation.learning.catalogue`, or one for each, from actions that
    are drawn; then what is said of their step size is not of use, and only rules with a policy parameter start where
    the others do."""
    learning_rate: float = 0.01
    """Positive."""
    cost: float = 0.0002
    """alpha, the price of the incentives' expected norm E ||u||_2 (Eq. 4.7 has the norm of E u), at least 0."""

    def __post_init__(self) -> None:
        check_fields(self)
        if not isinstance(self.game, Game):
            raise ValueError(f"game must be a theory.Game, got {self.game!r}")
        if self.game.payoffs.size > LARGEST_GAME:
            raise ValueError(
                f"game must have at most {LARGEST_GAME} payoffs, got {self.game.payoffs.size}: for many "
                "players with linear payoffs use simulate_many"
            )
        if max(self.game.n_actions) < 2:
            raise ValueError(f"some player must have two actions, got {self.game.n_actions}")
        if self.learning_rules is not None and set(self.game.n_actions) != {2}:
            raise ValueError(
                "a learning rule chooses between C and D, so each player of the game must have two actions, got "
                f"{self.game.n_actions} with learners {self.learning_rules[0].name!r}"
            )
        known_name("table", self.table, TABLES)
        whole_number("units", self.units, at_least=1)
        if self.initial_last_action is not None and not (
            0.0 < finite_number("initial_last_action", self.initial_last_action) < 1.0
        ):
            raise ValueError(f"initial_last_action must lie in (0, 1), got {self.initial_last_action}")
        check_positive("learning_rate", self.learning_rate)
        for name in ("cost", "initial_deviation"):
            check_not_negative(name, getattr(self, name))
        if self.table == "network" and self.planner_scale == 0.0:
            raise ValueError(
                "planner_scale must be positive with the table 'network', whose units could not leave 0, "
                f"got {self.planner_scale}"
            )
        check_payments(self, GAME_BUDGETS)
        if self.budget == "revenue-neutral" and self.game.n_players < 2:
            raise ValueError(
                "revenue-neutral incentives go from player to player, so the game must have at least two "
                f"players, got {self.game.n_players}"
            )

    @property
    def learning_rules(self) -> tuple[LearningRule, ...] | None:
        """Everybody's learning rule; None where they are "expected" learners."""
        return rules_of_players(self.learners, self.game.n_players, ("expected",))

    @property
    def constants(self) -> GameConstants:
        """What the law needs of these parameters."""
        outcomes = outcomes_of(self.game)
        return GameConstants(
            payoffs=outcomes.payoffs,
            actions=outcomes.actions,
            n_actions=outcomes.n_actions,
            first_logit=np.concatenate([[0], np.cumsum(outcomes.n_actions - 1)[:-1]]).astype(np.int64),
            terms=incentive_terms(self.game.n_actions, outcomes.actions, self.table),
            units=self.units if self.table == "network" else 0,
            learning_rate=float(self.learning_rate),
            planner_learning_rate=float(self.planner_learning_rate),
            lookahead_rate=float(self.lookahead_rate),
            bound=float(self.bound),
            sign=SIGNS[self.incentive_signs],
            budget=BUDGETS[self.budget],
            limit=float(self.budget_limit or 0.0),
            cost=float(self.cost),
            retires=self.planner_retires,
            planned_episodes=self.planned_episodes,
            rules=players_rules(self.learning_rules or ()),
        )

    @checked(generator=of_type(np.random.Generator))
    def start(self, generator: np.random.Generator) -> GameState:
        """Return the state of a run before its first episode."""
        constants = self.constants
        theta = normal(generator, self.initial_deviation, int((constants.n_actions - 1).sum()))
        if self.initial_last_action is not None:
            for player, first in enumerate(constants.first_logit):
                others = int(constants.n_actions[player]) - 1
                share = (1.0 - self.initial_last_action) / self.initial_last_action / max(others, 1)
                theta[first : first + others] += log(share)
        weights = normal(generator, self.planner_scale, weights_of(constants))
        memory = np.zeros((self.game.n_players, 0))
        if self.learning_rules is not None:
            memory = remembered_at_start(self.learning_rules, theta)
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
            clock=np.array([0.0, -1.0]),
            memory=memory,
        )

    def warn_if_out_of_reach(self, *, stacklevel: int) -> None:
        """Warn if no incentives within bound and budget can make the best outcome an equilibrium.

        See `theory.incentives.reach`.
        """
        if self.planned_episodes > 0:
            warn_if_out_of_reach(
                self.game,
                self.bound,
                signs=self.incentive_signs,
                revenue_neutral=self.budget == "revenue-neutral",
                budget=self.budget_limit,
                stacklevel=whole_number("stacklevel", stacklevel, 1, 1000) + 1,
            )

    def to_dict(self) -> dict[str, Any]:
        """Return the parameters as plain values for JSON."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        values["game"] = {"title": self.game.title, "payoffs": self.game.payoffs.tolist()}
        return values | {"learners": described_learners(self.learners, self.learning_rules)}


def weights_of(constants: GameConstants) -> int:
    """Return the number of the planner's weights."""
    inputs = int(constants.terms.max()) + 1
    return network_size(len(constants.payoffs), inputs, constants.units) if constants.units else inputs


def incentive_terms(n_actions: tuple[int, ...], outcomes: IntArray, table: str) -> IntArray:
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


def _watched(state: GameState) -> tuple[FloatArray, ...]:
    return state.theta, state.weights, state.memory


def _tell(state: GameState, record: GameRound, before: GameState | None) -> str:
    return (
        f"welfare {record.welfare[0]:g}, additional reward {record.additional_reward[0]:g}, logits "
        f"{state.theta.tolist()}"
    )


def _tell_of_played(state: GameState, record: PlayedRound, before: GameState | None) -> str:
    return _tell(state, record.expected, before)


def _end(
    constants: GameConstants, last: int, state: GameState, room: GameRoom, record: GameRound
) -> tuple[FloatArray, FloatArray]:
    """Return the policies and the incentives after the last episode, which nobody learns from any more."""
    set_policies(state.theta, constants, room, record)
    set_game_incentives(state.weights, is_planning(state, last, constants), constants, room)
    return record.policy.copy(), room.incentive.copy()


def _end_of_rules(
    rules: tuple[LearningRule, ...],
    constants: GameConstants,
    last: int,
    state: GameState,
    room: GameRoom,
    record: PlayedRound,
) -> tuple[FloatArray, FloatArray]:
    """Return the same where players live by learning rules."""
    set_game_incentives(state.weights, is_planning(state, last, constants), constants, room)
    (p,) = cooperation_of_players(rules, state.memory[None])
    return np.stack([p, 1.0 - p], axis=1), room.incentive.copy()


def _size_of_end(game: Game) -> int:
    return game.n_players * max(game.n_actions) + game.payoffs.size


def finite_game_process(parameters: FiniteGameParameters) -> Process:
    """Return the process of mechanism design in any finite game."""
    constants, last, rules = parameters.constants, parameters.episodes - 1, parameters.learning_rules
    process = Process(
        law=game_round,
        unit="episode",
        steps=parameters.episodes,
        draws=0,
        constants=constants,
        start=parameters.start,
        room=partial(new_game_room, constants, weights_of(constants)),
        record=partial(new_game_round, constants),
        recorded={"welfare": (), "additional_reward": (), "policy": ("player", "action")},
        watched=_watched,
        tell=_tell,
        finish=partial(_end, constants, last),
        # An episode sums over all outcomes, a few operations each.
        effort=constants.payoffs.size,
    )
    if rules is None:
        return process
    return replace(
        process,
        law=game_round_by(kinds_of(rules)),
        draws=parameters.game.n_players,
        record=partial(new_played_round, constants),
        recorded={**process.recorded, "actions": ("player",), "reward": ("player",)},
        tell=_tell_of_played,
        wrong=partial(wrong_of_rules, rules),
        finish=partial(_end_of_rules, rules, constants, last),
        compile_law=not any(given.fault for given in rules),
        made_by=(finite_game_process, (parameters,)),
    )


def simulate_game(
    parameters: FiniteGameParameters | None = None,
    *,
    runs: int = 10,
    seed: int | None = 0,
    record: Record = "all",
    workers: int | None = None,
    compile_law: bool = True,
) -> xr.Dataset:
    """Simulate independent runs of learners and a planner in any finite game.

    Run i depends on (parameters, seed, i) alone; seed None draws one, which the dataset keeps. `compile_law`
    False plays the same law as plain Python, to look into it with a debugger.

    Before the run, theory is asked whether any incentives within the bound and budget make the outcome of the
    highest welfare an equilibrium; a warning names the least that would.

    Returns
    -------
    xarray.Dataset
        By (run, episode) for the recorded episodes: expected `welfare` in the original game and
        `additional_reward`, expected and summed over players; `policy` by (run, episode, player, action),
        padded with 0. Of players who live by learning rules also, by (run, episode, player), the `actions` that
        were drawn (0 is C) and the `reward` from them, payoff and incentive. By (run, ...), after the last
        episode: `final_policy`, `final_welfare`, `welfare_index` in [0, 1], `final_incentive` by (run, player,
        outcome) (0 once the planner is off), `average_additional_reward`, and the episode in which the planner
        retired (`planner_retired`, -1 if it did not).

    Raises
    ------
    ValueError
        If what is recorded does not fit into memory, or a run diverges, with the episode and the values.
    """
    parameters = given_or_default("parameters", parameters, FiniteGameParameters)
    runs = whole_number("runs", runs, at_least=1)
    seed = known_seed(seed)
    every = recording_interval(record)
    workers = worker_threads(workers)
    parameters.warn_if_out_of_reach(stacklevel=3)
    notice_uncompiled_rules(parameters.learning_rules or (), stacklevel=2)
    process = finite_game_process(parameters)
    if not truth_value("compile_law", compile_law):
        process = replace(process, compile_law=False)
    # Of each run the last policies and incentives, and all of them together.
    played = play_runs(
        process, runs=runs, seed=seed, every=every, workers=workers, beside=16 * _size_of_end(parameters.game)
    )
    return with_provenance(
        _dataset(parameters, process.constants, played),
        law=process.law,
        seed=seed,
        game=parameters.game,
        parameters=parameters.to_dict(),
    )


def _dataset(parameters: FiniteGameParameters, constants: GameConstants, played: Played) -> xr.Dataset:
    game = parameters.game
    states: GameState = played.states
    policy, incentive = (np.stack(part) for part in zip(*played.ends, strict=True))
    totals = game.payoffs.sum(axis=0)
    chance = np.ones((len(policy), len(game.outcomes)))
    for player, actions in enumerate(constants.actions):
        chance *= policy[:, player, actions]
    welfare = matrix_product(chance, totals.reshape(-1, 1))[:, 0]
    spread = float(totals.max() - totals.min())
    index = (welfare - totals.min()) / spread if spread > 0.0 else np.ones_like(welfare)
    data: dict[str, Any] = {
        "final_policy": (("run", "player", "action"), policy),
        "final_incentive": (("run", "player", "outcome"), incentive),
        "final_welfare": ("run", welfare),
        "welfare_index": ("run", index),
        "average_additional_reward": ("run", states.paid.sum(axis=1) / parameters.episodes),
        "planner_retired": ("run", states.clock[:, 1]),
    }
    outcomes = [game.name_of(outcome) for outcome in game.pure_profiles()]
    return played.dataset(data, {"player": list(game.players), "outcome": outcomes})
