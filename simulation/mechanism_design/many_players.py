"""Simulate adaptive mechanism design among N players, in O(N) an episode."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np
import xarray as xr

from simulation.engine.compilation import compiled, rule
from simulation.engine.elementary import log
from simulation.engine.provenance import with_provenance
from simulation.engine.randomness import known_seed, run_generator, whole_number
from simulation.engine.runs import Record, recording_interval
from simulation.engine.sizes import refuse_beyond_memory
from simulation.engine.workers import Check, blocks, in_threads, worker_threads
from simulation.learning.policy_gradient import sigmoid_of
from simulation.mechanism_design.many_players_law import (
    ManyConstants,
    ManyRound,
    ManyState,
    initial_many_state,
    many_player_round,
    new_many_round,
    own_action_incentive,
)
from theory import LinearDilemma, linear_dilemma
from theory.arguments import check_fields, checked, of_type, optional
from theory.checks import FloatArray, finite_number, known_name
from theory.incentives.reach import warn_if_out_of_reach


@dataclass(frozen=True, kw_only=True)
class ManyPlayersParameters:
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
    episodes: int = 4000
    """At least 1."""
    planner_episodes: int | None = None
    """The planner acts in so many first episodes; None: in all; 0: never."""
    initial_cooperation: float = 0.25
    """P(C) at the start, in (0, 1)."""
    learners: str = "sampled"
    """Learning from "sampled" rewards, or by the gradient of the "expected" reward."""
    learning_rate: float = 0.01
    """Step size of Adam for the learners, positive."""
    planner_learning_rate: float = 0.01
    """Step size of Adam for the planner, positive."""
    lookahead_rate: float = 0.01
    """The learners' step size eta that the planner reckons with, positive."""
    bound: float = 3.0
    """c: no incentive is larger in absolute value, positive."""
    cost: float = 0.0002
    """Price of the incentives' root mean square in the planner's objective, at least 0."""
    planner_scale: float = 0.1
    """Standard deviation of the planner's initial weights, at least 0."""

    def __post_init__(self) -> None:
        check_fields(self)
        whole_number("n_players", self.n_players, at_least=2)
        whole_number("episodes", self.episodes, at_least=1)
        if self.planner_episodes is not None:
            whole_number("planner_episodes", self.planner_episodes, at_least=0)
        known_name("learners", self.learners, ("sampled", "expected"))
        for name in ("greed", "fear"):
            finite_number(name, getattr(self, name))
        if not 0.0 < finite_number("initial_cooperation", self.initial_cooperation) < 1.0:
            raise ValueError(f"initial_cooperation must lie in (0, 1), got {self.initial_cooperation}")
        for name in ("learning_rate", "planner_learning_rate", "lookahead_rate", "bound"):
            if finite_number(name, getattr(self, name)) <= 0.0:
                raise ValueError(f"{name} must be positive, got {getattr(self, name)}")
        for name in ("cost", "planner_scale"):
            if finite_number(name, getattr(self, name)) < 0.0:
                raise ValueError(f"{name} must be at least 0, got {getattr(self, name)}")

    @property
    def planned_episodes(self) -> int:
        """In how many episodes the planner acts."""
        return self.episodes if self.planner_episodes is None else min(self.planner_episodes, self.episodes)

    @property
    def game(self) -> LinearDilemma:
        """The game that the players play."""
        return linear_dilemma(self.n_players, greed=self.greed, fear=self.fear)

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
        )


@rule
def _drive(
    state: ManyState,
    draws: FloatArray,
    first: int,
    planned_episodes: int,
    constants: ManyConstants,
    every: int,
    record: ManyRound,
    out: FloatArray,
) -> int:
    """Run the law over `draws[episodes, N]`, which begin with episode `first`, of one run.

    Return the episode at which the run diverged, or -1.
    """
    for k in range(draws.shape[0]):
        episode = first + k
        many_player_round(state, draws[k], episode < planned_episodes, constants, record)
        if every > 0 and episode % every == 0:
            for column in range(3):
                out[episode // every, column] = record.summary[column]
        if not math.isfinite(record.summary[0] + state.planner[0] + state.planner[1]):
            return episode
    return -1


_drive_compiled = compiled(_drive)


@checked(parameters=optional(of_type(ManyPlayersParameters)))
def simulate_many(
    parameters: ManyPlayersParameters | None = None,
    *,
    runs: int = 10,
    seed: int | None = 0,
    record: Record = "all",
    workers: int | None = None,
) -> xr.Dataset:
    """Simulate independent runs of learners in a linear dilemma of N players.

    Run i depends on (parameters, seed, i) alone; seed None draws one, which the dataset keeps.

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
    episodes = parameters.episodes
    every = recording_interval(record)
    recorded = -(-episodes // every) if every else 0
    # Of each player a run keeps P(C), and until all have ended theta and Adam's means.
    refuse_beyond_memory(
        f"{runs} runs of {recorded} recorded episodes of {parameters.n_players} players",
        runs * 8 * (2 * 3 * recorded + 6 * parameters.n_players),
        lower="runs or n_players, or record fewer episodes",
    )
    if parameters.planned_episodes:
        warn_if_out_of_reach(parameters.game, parameters.bound)
    workers = worker_threads(workers)
    finished = in_threads(
        lambda run, check: _simulate_run(parameters, seed, run, every, check), range(runs), workers
    )
    return with_provenance(
        _dataset(parameters, every, finished),
        law=many_player_round,
        seed=seed,
        game=parameters.game,
        parameters=asdict(parameters),
    )


def _simulate_run(
    parameters: ManyPlayersParameters, seed: int, run: int, every: int, check: Check
) -> tuple[ManyState, FloatArray]:
    generator = run_generator(seed, run)
    p = parameters.initial_cooperation
    theta = log(p / (1.0 - p))
    state = initial_many_state(parameters.n_players, theta, parameters.planner_scale, generator)
    out = np.zeros((-(-parameters.episodes // every) if every else 0, 3))
    record, constants = new_many_round(parameters.n_players), parameters.constants
    for first, length in blocks(parameters.episodes, parameters.n_players, check):
        draws = generator.random((length, parameters.n_players))
        planned = parameters.planned_episodes
        diverged = _drive_compiled(state, draws, first, planned, constants, every, record, out)
        # What the last episode did to the players is seen by no episode after it.
        if diverged < 0 and not np.isfinite(state.theta).all():
            diverged = first + len(draws) - 1
        if diverged >= 0:
            raise ValueError(
                f"run {run} diverged in episode {diverged}: policy parameters up to "
                f"{np.abs(state.theta).max():g} in absolute value, planner's layer {state.planner.tolist()}; "
                "smaller steps would help"
            )
    return state, out


def _dataset(
    parameters: ManyPlayersParameters, every: int, finished: list[tuple[ManyState, FloatArray]]
) -> xr.Dataset:
    theta = np.stack([state.theta for state, _ in finished])
    cooperation = sigmoid_of(theta)
    incentive = np.zeros((len(finished), 2))
    if parameters.planned_episodes == parameters.episodes:
        for run, (state, _) in enumerate(finished):
            for action in range(2):
                paid = own_action_incentive(state.planner, 1.0 - action, parameters.bound)
                incentive[run, action] = paid
    per_player = [state.paid[0] / parameters.episodes / parameters.n_players for state, _ in finished]
    data = {
        "final_cooperation_probability": (("run", "player"), cooperation),
        "final_mean_cooperation": ("run", cooperation.mean(axis=1)),
        "final_incentive": (("run", "action"), incentive),
        "average_additional_reward_per_player": ("run", np.array(per_player)),
    }
    coordinates = {
        "run": np.arange(len(finished)),
        "player": np.arange(1, parameters.n_players + 1),
        "action": np.array(["C", "D"]),
    }
    if every:
        coordinates["episode"] = np.arange(0, parameters.episodes, every)
        recorded = np.stack([out for _, out in finished])
        for column, name in enumerate(("mean_cooperation", "welfare", "additional_reward")):
            data[name] = (("run", "episode"), recorded[..., column])
    return xr.Dataset(data, coordinates)
