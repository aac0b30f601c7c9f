r"""A planner and learners who know no exact value: policy gradients from episodes, Eq. 4.5 with credit over steps.

Learners climb by REINFORCE with what returns are above those of other environments (Williams 1992), or by the
advantage actor-critic with generalised advantages (Schulman et al. 2016). The planner's objective is that of
`planning.py`, sum over i, s, j of C_i(s, j) r^p_i(s, j), with C_i from episodes:

    C_i(s, j) = E sum over t of [s_t = s, j_t = j] sum over k <= t of gamma^(t - k) <grad_i log pi_i(a_k | s_k), g_i>,

where g_i estimates grad_i W: what a step nudges learner i towards, the planner pays for later. The second sum is
a trace, one number a player and environment. Without it (`trace=False`) only the step itself is paid for, as in Eq.
4.5 for a game of one round.

The product of two estimates from the same episodes is biased: noise of g_i meets itself, by which whatever has just
gone well is paid for. So each half of the environments is led by the g_i of the other (`halves="independent"`), and
"same-batch" is the biased one. A critic makes values of states that are not visited often; without one the estimate
of every gradient is unbiased.

Everything is added up in tables of states and joint actions, which the models' parameters then follow: so a network
is evaluated once an update, for all states, and not once a step.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import xarray as xr

from simulation.markov_games.enumerated import ENUMERATED, EnumeratedGame
from simulation.markov_games.keys import keys_of_runs
from simulation.markov_games.planner.checkpoint import Checkpoints
from simulation.markov_games.planner.encodings import encoding_of
from simulation.markov_games.planner.episodes import drawing_tables
from simulation.markov_games.planner.planning import (
    A_FOLDER,
    MEASURES,
    Planning,
    planned_dataset,
    planning_setting,
    world_of,
)
from simulation.markov_games.planner.policies import A_MODEL, PolicyModel, PolicyNetwork
from simulation.markov_games.planner.sampled_updates import (
    SampledNumbers,
    SampledTrainer,
    SampledWorld,
    seen_by_critics,
)
from simulation.markov_games.planner.training import trained
from theory.arguments import checked, count, of_type
from theory.arguments import seed as seed_of
from theory.checks import known_name, number_within, whole_number

Critic = Literal["centralised", "independent", "none"]
Halves = Literal["independent", "same-batch"]
Knowledge = Literal["known", "modelled"]

# Runs that are played side by side: bits of a run do not depend on how many there are.
TOGETHER = 5


@dataclass(frozen=True, kw_only=True)
class SampledPlanning(Planning):
    """How learners and a planner climb gradients estimated from episodes: as `Planning` says, and as follows.

    Parameters
    ----------
    environments
        Episodes that are played side by side, an even number from 4.
    steps
        Of each environment from one update to the next; the game's horizon is a multiple of it. None: all.
    critic
        Whose values advantages are reckoned with: `centralised` (of everything that anybody sees), `independent` (of
        what oneself sees), or `none` (returns of whole episodes). The planner's sees everything.
    critic_rate
        Step of Adam, positive.
    advantage_decay
        lambda of generalised advantages, in [0, 1].
    halves
        Whether the planner's two estimates come from `independent` halves of the environments, or from the
        `same-batch`, which is biased.
    trace
        Whether the planner gives credit over steps.
    knowledge
        Whether the policies are `known` to the planner, or `modelled` from the actions that it sees (Eq. 4.6).
    model_rate
        Step of Adam of that model, which climbs the likelihood of the actions; positive.
    """

    updates: int = 400
    planner_updates: int = 400
    discount: float = 0.9
    learner_rate: float = 0.003
    planner_rate: float = 0.003
    learner_optimiser: Literal["ascent", "adam"] = "adam"
    entropy: float = 0.03
    environments: int = 64
    steps: int | None = 20
    critic: Critic = "centralised"
    critic_rate: float = 0.003
    advantage_decay: float = 0.95
    halves: Halves = "independent"
    trace: bool = True
    knowledge: Knowledge = "known"
    model_rate: float = 0.01

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("environments", self.environments, 4)
        if self.environments % 2:
            raise ValueError(f"environments must be even, got {self.environments}")
        if self.steps is not None:
            whole_number("steps", self.steps, 1)
        known_name("critic", self.critic, get_args(Critic))
        known_name("kind of halves", self.halves, get_args(Halves))
        known_name("knowledge", self.knowledge, get_args(Knowledge))
        number_within("advantage_decay", self.advantage_decay, 0.0, 1.0)
        for name in ("critic_rate", "model_rate"):
            if not getattr(self, name) > 0.0:
                raise ValueError(f"{name} must be positive, got {getattr(self, name):g}")
        if self.critic == "none" and self.steps is not None:
            raise ValueError(f"without a critic episodes must be whole (steps None), got steps {self.steps}")

    @property
    def sampled_numbers(self) -> SampledNumbers:
        """What code need not be compiled anew for."""
        return SampledNumbers(self.numbers, self.critic_rate, self.advantage_decay, self.model_rate)


def steps_of_an_update(parameters: SampledPlanning, horizon: int) -> int:
    """Return the steps of each environment from one update to the next, or say why episodes cannot be cut so."""
    steps = parameters.steps or horizon
    if horizon % steps:
        raise ValueError(f"the horizon {horizon} must be a multiple of steps, got {steps}")
    return steps


@checked(
    game=ENUMERATED,
    parameters=of_type(SampledPlanning),
    policies=A_MODEL,
    measures=MEASURES,
    runs=count(),
    seed=seed_of,
    checkpoint=A_FOLDER,
)
def plan_by_episodes(
    game: EnumeratedGame,
    parameters: SampledPlanning,
    *,
    policies: PolicyModel | None = None,
    encoding: Any = "events",
    measures: Mapping[str, Any] | None = None,
    runs: int = 10,
    seed: int = 0,
    checkpoint: str | os.PathLike[str] | None = None,
) -> xr.Dataset:
    """Return what learners come to under a planner, both of whom learn from episodes.

    Parameters
    ----------
    game
        The tables.
    parameters
        How all of them learn.
    policies
        A `PolicyNetwork` or a `SoftmaxTable`; by default a network of 64 hidden units.
    encoding
        What the planner looks at, as in `plan_exactly`.
    measures
        Names and arrays `[S, J]`: what else is to be counted in episodes.
    runs
        How many pairs of learners and planner, each from its own first numbers.
    seed
        Run i depends on the seed, i and the parameters alone, to the bit on one kind of machine.
    checkpoint
        A folder in which it is kept, every half minute, how far the runs are: the same call goes on from there after
        its process has ended, to the same bits on one kind of machine. What is kept is removed when all are done.

    Returns
    -------
    xarray.Dataset
        The dataset of `plan_exactly`, where what is told of an update is the mean of the steps played before it,
        made up to whole episodes. `payoff`, `policy` and `incentive` are exact.

    Raises
    ------
    ValueError
        If the encoding or a measure does not fit the game, its horizon is no multiple of the steps, or the
        checkpoint's folder cannot be written.
    """
    model = policies or PolicyNetwork()
    measures = measures or {}
    kept = None if checkpoint is None else Checkpoints(checkpoint)
    steps = steps_of_an_update(parameters, game.game.horizon)
    looks_at = encoding_of(game, encoding)
    shared = world_of(game, looks_at, measures)
    world = SampledWorld(shared, drawing_tables(game), seen_by_critics(game, parameters.critic))
    trainer = SampledTrainer(
        setting=planning_setting(game, parameters, model, looks_at),
        is_planned=parameters.planner_updates > 0,
        environments=parameters.environments,
        steps=steps,
        has_critic=parameters.critic != "none",
        is_split=parameters.halves == "independent",
        has_trace=parameters.trace,
        is_modelled=parameters.knowledge == "modelled",
    )
    keys = keys_of_runs(seed, runs)
    told, ended = trained(
        trainer,
        world,
        parameters.sampled_numbers,
        keys,
        parameters.updates,
        together=TOGETHER,
        kept=kept,
    )
    return planned_dataset(told, ended, measures, seed=seed, game=repr(game.game))
