r"""What a planner with state and its learners climb, and the planner of exact gradients (Eqs. 4.1, 4.3, 4.7).

Learner i climbs the value of its own rewards and of the planner's (Eq. 4.1). A policy model makes its policy from its
numbers theta_i (`policies.py`); its value is V_i(theta) = sum over (s, j) of d(s, j) r_i(s, j), with the visits d of
an episode. The planner's incentives r^p_i(s, j) come from its numbers phi (`incentive_models.py`). It climbs what the
learners' next step does to welfare W (Eq. 4.3), less a price of what it pays (Eq. 4.7):

    J(phi) = sum_i <grad_i V^p_i, grad_i W> - alpha ||V^p||_2.

Incentives enter the first sum linearly. So it is sum over i, s, j of C_i(s, j) r^p_i(s, j), where C_i is how visits
change as theta_i moves along grad_i W: one directional derivative a player, and no second derivatives. Here visits
are exact; `sampling.py` estimates C_i from episodes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from simulation.markov_games.enumerated import ENUMERATED, EnumeratedGame
from simulation.markov_games.keys import keys_of_runs
from simulation.markov_games.planner.ascent import OPTIMISERS, Ascent, Optimiser, chosen, moved
from simulation.markov_games.planner.checkpoint import Checkpoints
from simulation.markov_games.planner.encodings import Offers, Views, encoding_of
from simulation.markov_games.planner.incentive_models import (
    Budget,
    Limits,
    Rules,
    Signs,
    as_arrays,
    first_parameters,
    incentives_of,
    unbounded_incentives,
)
from simulation.markov_games.planner.policies import A_MODEL, PolicyModel, SoftmaxTable
from simulation.markov_games.planner.tabular import Episode, Tables, joint_of, policies_of, tables_of
from simulation.markov_games.planner.training import trained
from theory.arguments import check_fields, checked, count, of_type, optional
from theory.arguments import seed as seed_of
from theory.checks import FloatArray, finite_array, known_name, number_within, whole_number

EntropyOver = Literal["states", "visits"]


@dataclass(frozen=True, kw_only=True)
class Planning:
    """How learners and a planner climb, whatever their gradients are made of.

    Parameters
    ----------
    updates
        Of the learners, at least 1.
    planner_updates
        Of which the planner acts in so many first ones, and then leaves; 0: there is none.
    bound
        c: no incentive is larger in absolute value, before the budget; positive, in payoff units.
    signs
        Which incentives there are: `both`, `rewards` only or `punishments` only.
    budget
        `unrestricted`, `revenue-neutral` (incentives less their mean over players) or `limited`.
    budget_limit
        Of a limited budget: what absolute incentives of a step sum to at most, in payoff units.
    discount
        Of the learners' and the planner's values, in (0, 1].
    learner_rate, planner_rate
        Steps, positive.
    learner_optimiser, planner_optimiser
        Plain `ascent`, or `adam`.
    cost, final_cost
        alpha of Eq. 4.7, at least 0; where the second is given, alpha goes there in a line over the first half of
        all updates, and stays.
    entropy, final_entropy
        Weight of the mean entropy of a learner's policy in what it climbs, at least 0; the second as of the cost.
    tremble
        Probability with which an action is a uniform one instead, in [0, 1].
    units
        Units of the one hidden layer of a planner's network, from 1 to 4096.
    """

    updates: int = 1000
    planner_updates: int = 1000
    bound: float = 2.0
    signs: Signs = "both"
    budget: Budget = "unrestricted"
    budget_limit: float | None = None
    discount: float = 0.99
    learner_rate: float = 0.1
    planner_rate: float = 0.1
    learner_optimiser: Optimiser = "ascent"
    planner_optimiser: Optimiser = "adam"
    cost: float = 0.0
    final_cost: float | None = None
    entropy: float = 0.0
    final_entropy: float | None = None
    tremble: float = 0.0
    units: int = 64

    def __post_init__(self) -> None:
        check_fields(self)
        whole_number("updates", self.updates, 1)
        whole_number("planner_updates", self.planner_updates, 0)
        whole_number("units", self.units, 1, 4096)
        for name in ("bound", "learner_rate", "planner_rate"):
            if not getattr(self, name) > 0.0:
                raise ValueError(f"{name} must be positive, got {getattr(self, name):g}")
        if not 0.0 < self.discount <= 1.0:
            raise ValueError(f"discount must lie in (0, 1], got {self.discount:g}")
        number_within("tremble", self.tremble, 0.0, 1.0)
        for name in ("cost", "entropy", "final_cost", "final_entropy"):
            if getattr(self, name) is not None:
                number_within(name, getattr(self, name), 0.0, 1e9)
        known_name("signs of incentives", self.signs, get_args(Signs))
        known_name("budget", self.budget, get_args(Budget))
        for name in ("learner_optimiser", "planner_optimiser"):
            known_name("optimiser", getattr(self, name), OPTIMISERS)
        if (self.budget == "limited") != (self.budget_limit is not None):
            raise ValueError(
                f"a limited budget, and no other, has a budget_limit, got budget {self.budget!r} and"
                f" {self.budget_limit}"
            )
        if self.budget_limit is not None and not self.budget_limit > 0.0:
            raise ValueError(f"budget_limit must be positive, got {self.budget_limit:g}")

    @property
    def rules(self) -> Rules:
        """Which incentives are allowed."""
        return Rules(self.signs, self.budget)

    @property
    def numbers(self) -> Numbers:
        """What code need not be compiled anew for."""
        return Numbers(
            self.planner_updates,
            self.updates,
            Limits(self.bound, self.budget_limit or 0.0),
            self.discount,
            self.learner_rate,
            self.planner_rate,
            Line(self.cost, self.cost if self.final_cost is None else self.final_cost),
            Line(self.entropy, self.entropy if self.final_entropy is None else self.final_entropy),
            self.tremble,
        )


@dataclass(frozen=True, kw_only=True)
class ExactPlanning(Planning):
    """How learners and a planner climb exact gradients: as `Planning` says, from numbers of a deviation.

    Parameters
    ----------
    deviation
        Standard deviation of the learners' first numbers, where policies are tables; at least 0.
    entropy_over
        What the mean entropy is of: all `states` alike, against the value of an episode; or the `visits` to them,
        against the value of a step, as where gradients come from episodes. So weighed it is in payoff units.
    """

    deviation: float = 0.1
    entropy_over: EntropyOver = "states"

    def __post_init__(self) -> None:
        super().__post_init__()
        number_within("deviation", self.deviation, 0.0, 1e9)
        known_name("what entropy is over", self.entropy_over, get_args(EntropyOver))


class Line(NamedTuple):
    """A number that goes from one value to another over the first half of all updates."""

    first: Any
    last: Any

    def at(self, update: Any, updates: Any) -> Any:
        """Return the number in force in an update, counted from 0."""
        return self.first + (self.last - self.first) * jnp.minimum(1.0, 2.0 * update / updates)


class Numbers(NamedTuple):
    """Of `Planning`, what code need not be compiled anew for."""

    planner_updates: Any
    updates: Any
    limits: Limits
    discount: Any
    learner_rate: Any
    planner_rate: Any
    cost: Line
    entropy: Line
    tremble: Any


class Setting(NamedTuple):
    """What of a planner and its learners code is compiled for, beside the shapes of arrays."""

    horizon: int
    n_actions: int
    policies: PolicyModel
    size: int
    """Cells, or hidden units of the planner's network."""
    rules: Rules
    learner_optimiser: str
    planner_optimiser: str


class World(NamedTuple):
    """The game and what the planner looks at, as arrays."""

    tables: Tables
    observations: jax.Array
    """`[S, n_players, size]`."""
    encoding: Any
    """Cells or views."""
    measures: jax.Array
    """`[measures, S, J]`: whatever is to be counted."""


def planning_setting(
    game: EnumeratedGame, parameters: Planning, policies: PolicyModel, encoding: Any
) -> Setting:
    """Return what code is compiled for."""
    sizes = {Views: parameters.units, Offers: 0}
    size = sizes[type(encoding)] if type(encoding) in sizes else int(encoding.max()) + 1
    return Setting(
        game.game.horizon,
        game.game.n_actions,
        policies,
        size,
        parameters.rules,
        parameters.learner_optimiser,
        parameters.planner_optimiser,
    )


def world_of(game: EnumeratedGame, encoding: Any, measures: Mapping[str, Any]) -> World:
    """Return the game and what the planner looks at, as arrays of the precision in force."""
    each = [checked_measure(game, name, values) for name, values in measures.items()]
    return World(
        tables_of(game),
        jnp.asarray(game.observations, float),
        as_arrays(encoding),
        jnp.asarray(np.array(each).reshape(-1, *game.rewards.shape[1:]), float),
    )


A_FOLDER = optional(of_type(str, os.PathLike, called="the path of a folder"))
MEASURES = optional(of_type(Mapping, called="a mapping of names to arrays `[S, J]`"))


def checked_measure(game: EnumeratedGame, name: str, values: Any) -> FloatArray:
    """Return a measure `[S, J]`, or say what is wrong with it."""
    given = finite_array(f"measure {name}", values)
    if given.shape != game.rewards.shape[1:]:
        raise ValueError(f"measure {name} must be of shape {game.rewards.shape[1:]}, got {given.shape}")
    return given


@checked(
    game=ENUMERATED,
    parameters=of_type(ExactPlanning),
    policies=A_MODEL,
    measures=MEASURES,
    runs=count(),
    seed=seed_of,
    checkpoint=A_FOLDER,
)
def plan_exactly(
    game: EnumeratedGame,
    parameters: ExactPlanning,
    *,
    policies: PolicyModel | None = None,
    encoding: Any = "each-apart",
    measures: Mapping[str, Any] | None = None,
    runs: int = 10,
    seed: int = 0,
    checkpoint: str | os.PathLike[str] | None = None,
) -> xr.Dataset:
    """Return what learners come to under a planner.

    Parameters
    ----------
    game
        The tables.
    parameters
        How all of them learn.
    policies
        A `SoftmaxTable` or a `PolicyNetwork`; by default a table.
    encoding
        What the planner looks at: a name (`each-apart`, `by-actions`, `events`, `own-frame`, `thesis`), cells
        `[n_players, S, J]` of your own, whole numbers from 0, `Views`, or `Offers`. See `encodings.py`.
    measures
        Names and arrays `[S, J]`: what else is to be counted in episodes.
    runs
        How many pairs of learners and planner, each from its own first numbers.
    seed
        Run i depends on the seed, i and the parameters alone, on one kind of machine.
    checkpoint
        A folder in which it is kept, every half minute, how far the runs are: the same call goes on from there after
        its process has ended, to the same bits on one kind of machine. What is kept is removed when all are done.

    Returns
    -------
    xarray.Dataset
        Dimensions run, update, player, state, action, joint_action, measure. `welfare` (run, update): expected
        sum of all rewards of an episode before the update. `paid`: expected sum of absolute incentives of an
        episode. `reward` (run, update, player) and, of measures, `measured` (run, update, measure) likewise.
        After the last update: `policy` (run, player, state, action), `payoff` (run, player) of an episode, and
        `incentive` (run, player, state, joint_action), whether the planner is still there or not.

    Raises
    ------
    ValueError
        If the encoding or a measure does not fit the game, or the checkpoint's folder cannot be written.
    """
    model = policies or SoftmaxTable(deviation=parameters.deviation)
    measures = measures or {}
    kept = None if checkpoint is None else Checkpoints(checkpoint)
    with jax.enable_x64(True):
        looks_at = encoding_of(game, encoding)
        world = world_of(game, looks_at, measures)
        keys = keys_of_runs(seed, runs)
        setting = planning_setting(game, parameters, model, looks_at)
        told, ended = trained(
            ExactTrainer(setting, parameters.entropy_over),
            world,
            parameters.numbers,
            keys,
            parameters.updates,
            kept=kept,
        )
    return planned_dataset(told, ended, measures, seed=seed, game=repr(game.game))


class Told(NamedTuple):
    """What is told of an update, of an episode before it."""

    welfare: Any
    paid: Any
    reward: Any
    measured: Any


class Ended(NamedTuple):
    """What is told after the last update."""

    payoff: Any
    policy: Any
    incentive: Any


def planned_dataset(told: Told, ended: Ended, measures: Mapping[str, Any], **attributes: Any) -> xr.Dataset:
    """Return what runs give, by names."""
    data = xr.Dataset(
        {
            "welfare": (("run", "update"), told.welfare),
            "paid": (("run", "update"), told.paid),
            "reward": (("run", "update", "player"), told.reward),
            "payoff": (("run", "player"), ended.payoff),
            "policy": (("run", "player", "state", "action"), ended.policy),
            "incentive": (("run", "player", "state", "joint_action"), ended.incentive),
        },
        attrs=attributes,
    )
    if measures:
        data["measured"] = ("run", "update", "measure"), told.measured
        data = data.assign_coords(measure=list(measures))
    return data


class _Learning(NamedTuple):
    """What a run carries from update to update."""

    theta: Any
    learners: Ascent
    phi: Any
    planner: Ascent


class ExactTrainer(NamedTuple):
    """Updates by exact gradients."""

    setting: Setting
    entropy_over: str

    def begin(self, world: World, numbers: Numbers, key: jax.Array) -> _Learning:
        """Return what a run begins with."""
        theta, phi = first_numbers(self.setting, world, key)
        return _Learning(theta, Ascent.of(theta), phi, Ascent.of(phi))

    def update(
        self, world: World, numbers: Numbers, carried: _Learning, number: jax.Array
    ) -> tuple[_Learning, Told]:
        """Let all learn once."""
        return ExactGame(self.setting, world, numbers).update(carried, number, self.entropy_over)

    def end(self, world: World, numbers: Numbers, carried: _Learning) -> Ended:
        """Return what an episode is worth in the end, and what is played and offered."""
        return ended_of(ExactGame(self.setting, world, numbers), carried.theta, carried.phi)


def first_numbers(setting: Setting, world: World, key: jax.Array) -> tuple[Any, Any]:
    """Return the learners' first numbers, and the planner's."""
    theta = setting.policies.first(key, world.observations, setting.n_actions)
    n = len(world.tables.rewards)
    return theta, first_parameters(jax.random.fold_in(key, 1), world.encoding, setting.size, n)


def ended_of(game: ExactGame, theta: Any, phi: Any) -> Ended:
    """Return what is told after the last update, of visits reckoned exactly."""
    table = game.logits(theta)
    visits = Episode.of(game.joint(table), game.world.tables, game.setting.horizon).visits(1.0)
    payoff = jnp.einsum("nsj,sj->n", game.world.tables.rewards, visits)
    return Ended(payoff, policies_of(table, game.numbers.tremble), game.incentives(phi))


class ExactGame(NamedTuple):
    """What learners and planner climb, of visits that are reckoned exactly."""

    setting: Setting
    world: World
    numbers: Numbers

    def logits(self, theta: Any) -> jax.Array:
        """Return `[n_players, S, A]`."""
        return self.setting.policies.logits(theta, self.world.observations)

    def joint(self, table: jax.Array) -> jax.Array:
        """Return `[S, J]`: the chance of each joint action under log-odds `[n_players, S, A]`."""
        return joint_of(policies_of(table, self.numbers.tremble), self.world.tables)

    def slopes(self, theta: Any, episode: Episode, offered: jax.Array) -> tuple[Any, Any]:
        """Return twice, for every player's numbers: how its own value and how welfare change with them."""
        own = self.world.tables.rewards
        rewards = jnp.concatenate([own + offered, own.sum(axis=0, keepdims=True)])
        by_joint = episode.slopes(rewards, self.numbers.discount)
        _, to_table = jax.vjp(self.joint, self.logits(theta))
        by_table = jax.vmap(to_table)(by_joint)[0]  # [n_players + 1, n_players, S, A]
        each = jnp.arange(len(own))
        _, to_numbers = jax.vjp(self.logits, theta)
        return to_numbers(by_table[each, each])[0], to_numbers(by_table[-1])[0]

    def changes_of_visits(self, theta: Any, episode: Episode, along: Any) -> jax.Array:
        """Return `[n_players, S, J]`: how visits change as each player alone moves along its part of a direction."""
        table, direction = jax.jvp(self.logits, (theta,), (along,))

        def turn(alone: jax.Array) -> jax.Array:
            change: jax.Array = jax.jvp(self.joint, (table,), (alone,))[1]
            return change

        by = jax.vmap(turn)(jnp.eye(len(table))[:, :, None, None] * direction[None])
        return episode.changes(by, self.numbers.discount)

    def incentives(self, phi: Any) -> jax.Array:
        """Return `[n_players, S, J]`."""
        outputs = unbounded_incentives(phi, self.world.encoding)
        return incentives_of(outputs, self.setting.rules, self.numbers.limits)

    def update(self, learning: _Learning, number: jax.Array, entropy_over: str) -> tuple[_Learning, Told]:
        """Let all learn once; return also what an episode was worth before, and what was paid in it."""
        theta, learners, phi, planner = learning
        numbers = self.numbers
        planning = number < numbers.planner_updates
        offers, back = jax.vjp(self.incentives, phi)
        offered = jnp.where(planning, offers, 0.0)
        table = self.logits(theta)
        episode = Episode.of(self.joint(table), self.world.tables, self.setting.horizon)
        own, welfare = self.slopes(theta, episode, offered)
        entropy = numbers.entropy.at(number, numbers.updates)
        visits = episode.visits(numbers.discount)
        over = visits.sum(axis=1) if entropy_over == "visits" else None
        explored = jax.grad(lambda theta: entropy * total_entropy(self.logits(theta), over))(theta)
        worth = self.changes_of_visits(theta, episode, welfare)
        cost = numbers.cost.at(number, numbers.updates)
        worth = worth - cost * slope_of_price(offers, visits)
        by, planner_then = planner.after(back(worth)[0], numbers.planner_rate, self.setting.planner_optimiser)
        climbed = moved(own, explored)
        step, learners = learners.after(climbed, numbers.learner_rate, self.setting.learner_optimiser)
        phi = chosen(planning, moved(phi, by), phi)
        then = _Learning(moved(theta, step), learners, phi, chosen(planning, planner_then, planner))
        return then, self.told(episode.visits(1.0), offered)

    def told(self, visits: jax.Array, offered: jax.Array) -> Told:
        """Return what is told of an update whose episodes visit `[S, J]`."""
        rewards = jnp.einsum("nsj,sj->n", self.world.tables.rewards, visits)
        paid = jnp.sum(jnp.abs(offered) * visits)
        return Told(rewards.sum(), paid, rewards, jnp.einsum("msj,sj->m", self.world.measures, visits))


def slope_of_price(offered: jax.Array, visits: jax.Array) -> jax.Array:
    """Return `[n_players, S, J]`: how ||V^p||_2 changes with what is offered, at given visits `[S, J]`."""
    values = jnp.einsum("nsj,sj->n", offered, visits)
    square = jnp.sum(values**2)
    # Of nothing paid the norm has no slope; 0 is taken.
    norm = jnp.sqrt(jnp.where(square > 0.0, square, 1.0))
    return (values / norm)[:, None, None] * visits[None]


def total_entropy(table: jax.Array, visits: jax.Array | None) -> jax.Array:
    """Return the entropy of policies, added up over players; `table[n_players, S, A]`.

    Of states it is the mean, or the sum of each as often as `visits[S]` say.
    """
    each = jax.nn.softmax(table, axis=-1) * jax.nn.log_softmax(table, axis=-1)
    by_state = jnp.sum(each, axis=-1)
    of_player = by_state.mean(axis=-1) if visits is None else by_state @ visits
    return -jnp.sum(of_player)
