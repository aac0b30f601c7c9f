"""Simulate adaptive mechanism design among N players, in O(N) an episode."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from simulation.engine.elementary import log
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
from simulation.learning.policy_gradient import sigmoid_of
from simulation.learning.rule import LearningRule, notice_uncompiled_rules
from simulation.mechanism_design.many_players_law import (
    ManyConstants,
    ManyRound,
    ManyState,
    initial_many_state,
    many_player_round,
    many_round_by,
    new_many_room,
    new_many_round,
    own_action_incentive,
)
from simulation.planner.options import PlannerOptions, check_not_negative, check_planner, check_positive
from theory import LinearDilemma, linear_dilemma
from theory.arguments import check_fields, checked, of_type, optional
from theory.checks import FloatArray, finite_number, truth_value
from theory.incentives.reach import warn_if_out_of_reach


@dataclass(frozen=True, kw_only=True)
class ManyPlayersParameters(PlannerOptions):
    """Parameters of mechanism design among N players; the game's defaults are thesis Fig. 4.2's.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states.
    """

    n_players: int = 10
    """At least 2."""
    greed: float = 1.0
    fear: float = 1.0
    initial_cooperation: float = 0.25
    """P(C) at the start, in (0, 1)."""
    learners: str | LearningRule | tuple[LearningRule, ...] = "sampled"
    """How they learn: from "sampled" rewards, or by the gradient of the "expected" reward. Or by a `LearningRule`, of
    your own or by its name in `simulation.learning.catalogue`, or one for each; then what is said of their step size
    is not of use."""
    learning_rate: float = 0.01
    """Step size of Adam for the learners, positive."""
    cost: float = 0.0002
    """Price of the incentives' root mean square in the planner's objective, at least 0."""

    def __post_init__(self) -> None:
        check_fields(self)
        whole_number("n_players", self.n_players, at_least=2)
        self.learning_rules  # noqa: B018 # what is no rule, or not one for each, is found here
        for name in ("greed", "fear"):
            finite_number(name, getattr(self, name))
        if not 0.0 < finite_number("initial_cooperation", self.initial_cooperation) < 1.0:
            raise ValueError(f"initial_cooperation must lie in (0, 1), got {self.initial_cooperation}")
        check_positive("learning_rate", self.learning_rate)
        check_not_negative("cost", self.cost)
        check_planner(self)

    @property
    def game(self) -> LinearDilemma:
        """The game that the players play."""
        return linear_dilemma(self.n_players, greed=self.greed, fear=self.fear)

    @property
    def learning_rules(self) -> tuple[LearningRule, ...] | None:
        """Everybody's learning rule; None where they are "sampled" or "expected" learners of the thesis."""
        return rules_of_players(self.learners, self.n_players, ("sampled", "expected"))

    @property
    def constants(self) -> ManyConstants:
        """What the law needs of these parameters."""
        game = self.game
        return ManyConstants(
            reward=game.reward,
            sucker=game.sucker,
            temptation=game.temptation,
            punishment=game.punishment,
            learning_rate=float(self.learning_rate),
            expected=self.learners == "expected",
            planner_learning_rate=float(self.planner_learning_rate),
            lookahead_rate=float(self.lookahead_rate),
            bound=float(self.bound),
            cost=float(self.cost),
            planned_episodes=self.planned_episodes,
            rules=players_rules(self.learning_rules or ()),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the parameters as plain values for JSON."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return values | {"learners": described_learners(self.learners, self.learning_rules)}


def _start(parameters: ManyPlayersParameters, generator: np.random.Generator) -> ManyState:
    p, rules = parameters.initial_cooperation, parameters.learning_rules
    theta = np.full(parameters.n_players, log(p / (1.0 - p)))
    memory = None if rules is None else remembered_at_start(rules, theta)
    return initial_many_state(parameters.n_players, theta, parameters.planner_scale, generator, memory)


def _watched(state: ManyState) -> tuple[FloatArray, ...]:
    return state.theta, state.planner, state.memory


def _tell(state: ManyState, record: ManyRound, before: ManyState | None) -> str:
    return (
        f"policy parameters up to {np.abs(state.theta).max():g} in absolute value, planner's layer "
        f"{state.planner.tolist()}; smaller steps would help"
    )


def many_players_process(parameters: ManyPlayersParameters) -> Process:
    """Return the process of mechanism design among N players."""
    n, rules = parameters.n_players, parameters.learning_rules
    process = Process(
        law=many_player_round,
        unit="episode",
        steps=parameters.episodes,
        draws=n,
        constants=parameters.constants,
        start=partial(_start, parameters),
        room=partial(new_many_room, n),
        record=new_many_round,
        recorded={"mean_cooperation": (), "welfare": (), "additional_reward": ()},
        watched=_watched,
        tell=_tell,
        # Theta, its means, and a few numbers of the planner.
        state_bytes=8 * (3 * n + 11),
    )
    if rules is None:
        return process
    return replace(
        process,
        law=many_round_by(kinds_of(rules)),
        wrong=partial(wrong_of_rules, rules),
        state_bytes=process.state_bytes + 8 * n * max(len(given.memory) for given in rules),
        compile_law=not any(given.fault for given in dict.fromkeys(rules)),
        made_by=(many_players_process, (parameters,)),
    )


@checked(parameters=optional(of_type(ManyPlayersParameters)))
def simulate_many(
    parameters: ManyPlayersParameters | None = None,
    *,
    runs: int = 10,
    seed: int | None = 0,
    record: Record = "all",
    workers: int | None = None,
    compile_law: bool = True,
) -> xr.Dataset:
    """Simulate independent runs of learners in a linear dilemma of N players.

    Run i depends on (parameters, seed, i) alone; seed None draws one, which the dataset keeps. `compile_law`
    False plays the same law as plain Python, to look into it with a debugger.

    Before the run, theory is asked whether any incentives within
    the bound make the outcome of the highest welfare an equilibrium; a warning names the least bound that would.

    Returns
    -------
    xarray.Dataset
        By (run, episode) for the recorded episodes: `mean_cooperation`, the mean of the players'
        probabilities; `welfare` of the round; and `additional_reward`, absolute and summed over players. By
        (run, player) after the last episode: `final_cooperation_probability`. By (run,):
        `final_mean_cooperation`, and `average_additional_reward_per_player` an episode; `final_incentive`
        by (run, action).

    Raises
    ------
    ValueError
        If what is recorded does not fit into memory, or a run diverges, with the episode and the values.
    """
    parameters = parameters or ManyPlayersParameters()
    runs = whole_number("runs", runs, at_least=1)
    seed = known_seed(seed)
    every = recording_interval(record)
    notice_uncompiled_rules(parameters.learning_rules or (), stacklevel=3)
    if parameters.planned_episodes:
        warn_if_out_of_reach(parameters.game, parameters.bound)
    process = many_players_process(parameters)
    if not truth_value("compile_law", compile_law):
        process = replace(process, compile_law=False)
    played = play_runs(
        process,
        runs=runs,
        seed=seed,
        every=every,
        workers=worker_threads(workers),
        what=f" of {parameters.n_players} players",
        lower="runs or n_players",
    )
    return with_provenance(
        _dataset(parameters, played),
        law=process.law,
        seed=seed,
        game=parameters.game,
        parameters=parameters.to_dict(),
    )


def _dataset(parameters: ManyPlayersParameters, played: Played) -> xr.Dataset:
    states: ManyState = played.states
    rules = parameters.learning_rules
    cooperation = sigmoid_of(states.theta) if rules is None else cooperation_of_players(rules, states.memory)
    incentive = np.zeros((len(cooperation), 2))
    if parameters.planned_episodes == parameters.episodes:
        for run, layer in enumerate(states.planner):
            for action in range(2):
                incentive[run, action] = own_action_incentive(layer, 1.0 - action, parameters.bound)
    per_player = states.paid[:, 0] / parameters.episodes / parameters.n_players
    data = {
        "final_cooperation_probability": (("run", "player"), cooperation),
        "final_mean_cooperation": ("run", cooperation.mean(axis=1)),
        "final_incentive": (("run", "action"), incentive),
        "average_additional_reward_per_player": ("run", per_player),
    }
    coordinates = {"player": np.arange(1, parameters.n_players + 1), "action": np.array(["C", "D"])}
    return played.dataset(data, coordinates)
