r"""A planner of games with state that are written out: exact gradients of Eqs. 4.1, 4.3 and 4.7, many seeds at once.

Learner i climbs the value of its own rewards and of the planner's (Eq. 4.1). Its policy is a table of softmax
numbers theta_i, its value V_i(theta) = sum over (s, j) of d(s, j) r_i(s, j), with the visits d of an episode. The
planner's incentives r^p_i(s, j) = c tanh(phi[k_i(s, j)]) lie in (-c, c); the encoding k says which joint actions in
which states it treats alike. It climbs what the learners' next step does to welfare W (Eq. 4.3), less a price of
what it pays (Eq. 4.7):

    J(phi) = sum_i <grad_i V^p_i, grad_i W> - alpha ||V^p||_2.

Incentives enter the first sum linearly. So it is sum over i, s, j of C_i(s, j) r^p_i(s, j), where C_i is how visits
change as theta_i moves along grad_i W: one directional derivative a player, and no second derivatives.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from simulation.markov_games.enumerated import EnumeratedGame
from simulation.markov_games.tabular import Tables, joint_of, policies_of, tables_of, visits_of
from theory.arguments import check_fields, checked, count
from theory.arguments import seed as seed_of
from theory.checks import IntArray, number_within, whole_number

# Adam's (Kingma & Ba 2015).
FIRST_DECAY, SECOND_DECAY, EPSILON = 0.9, 0.999, 1e-8


@dataclass(frozen=True, kw_only=True)
class ExactPlanning:
    """How learners and a planner climb exact gradients.

    Parameters
    ----------
    updates
        Of the learners, at least 1.
    planned_updates
        Of which the planner acts in so many first ones, and then leaves; 0: there is none.
    bound
        c: no incentive is larger in absolute value; positive, in payoff units.
    discount
        Of the learners' and the planner's values, in (0, 1].
    learner_rate
        Step of plain gradient ascent, positive.
    planner_rate
        Step of Adam, positive.
    cost
        alpha of Eq. 4.7, at least 0.
    entropy
        Weight of the mean entropy of a learner's policy over states in what it climbs, at least 0.
    tremble
        Probability with which an action is a uniform one instead, in [0, 1).
    deviation
        Standard deviation of the learners' first numbers, at least 0.
    """

    updates: int = 1000
    planned_updates: int = 1000
    bound: float = 2.0
    discount: float = 0.99
    learner_rate: float = 0.1
    planner_rate: float = 0.1
    cost: float = 0.0
    entropy: float = 0.0
    tremble: float = 0.0
    deviation: float = 0.1

    def __post_init__(self) -> None:
        check_fields(self)
        whole_number("updates", self.updates, 1)
        whole_number("planned_updates", self.planned_updates, 0)
        for name in ("bound", "learner_rate", "planner_rate"):
            if not getattr(self, name) > 0.0:
                raise ValueError(f"{name} must be positive, got {getattr(self, name):g}")
        if not 0.0 < self.discount <= 1.0:
            raise ValueError(f"discount must lie in (0, 1], got {self.discount:g}")
        number_within("tremble", self.tremble, 0.0, 1.0)
        for name in ("cost", "entropy", "deviation"):
            number_within(name, getattr(self, name), 0.0, 1e9)


def each_apart(game: EnumeratedGame) -> IntArray:
    """Return the encoding `[n_players, S, J]` that treats no two joint actions, states or players alike."""
    return np.arange(game.rewards.size).reshape(game.rewards.shape)


def by_actions(game: EnumeratedGame) -> IntArray:
    """Return the encoding `[n_players, S, J]` that looks at the joint action alone, whatever the state."""
    n, _, joint = game.rewards.shape
    return np.broadcast_to(np.arange(n * joint).reshape(n, 1, joint), game.rewards.shape)


@checked(runs=count(), seed=seed_of)
def plan_exactly(
    game: EnumeratedGame,
    parameters: ExactPlanning,
    *,
    encoding: IntArray | None = None,
    runs: int = 10,
    seed: int = 0,
) -> xr.Dataset:
    """Return what learners come to under a planner.

    Parameters
    ----------
    game
        The tables.
    parameters
        How all of them learn.
    encoding
        `[n_players, S, J]` whole numbers from 0: where two are equal the planner pays alike; by default nowhere.
    runs
        How many pairs of learners and planner, each from its own first numbers.
    seed
        Run i depends on the seed, i and the parameters alone, on one kind of machine.

    Returns
    -------
    Dimensions run, update, player, state, action. `welfare` (run, update): expected sum of all rewards of an episode
    before the update. `paid` (run, update): expected sum of absolute incentives of an episode. `policy` (run, player,
    state, action) and `payoff` (run, player) after the last update, `incentive` (run, cell) of the encoding's cells.

    Raises
    ------
    ValueError
        If the encoding is no array of whole numbers of the shape of the game's rewards.
    """
    cells = each_apart(game) if encoding is None else _checked_encoding(game, encoding)
    with jax.enable_x64(True):
        ascend = _ascent(parameters.updates, game.game.horizon, game.game.n_actions, int(cells.max()) + 1)
        keys = jnp.stack([jax.random.fold_in(jax.random.key(seed), run) for run in range(runs)])
        options = _Options(*(getattr(parameters, name) for name in _Options._fields))
        found = jax.tree.map(np.asarray, ascend(tables_of(game), jnp.asarray(cells), options, keys))
    return xr.Dataset(
        {
            "welfare": (("run", "update"), found.welfare),
            "paid": (("run", "update"), found.paid),
            "payoff": (("run", "player"), found.payoff),
            "policy": (("run", "player", "state", "action"), found.policy),
            "incentive": (("run", "cell"), found.incentive),
        },
        attrs={"seed": seed, "game": repr(game.game)},
    )


def _checked_encoding(game: EnumeratedGame, encoding: Any) -> IntArray:
    cells = np.asarray(encoding)
    if cells.shape != game.rewards.shape or not np.issubdtype(cells.dtype, np.integer) or cells.min() < 0:
        raise ValueError(
            f"an encoding must be whole numbers from 0 of shape {game.rewards.shape}, got {cells.dtype} of shape"
            f" {cells.shape}"
        )
    return cells


class _Found(NamedTuple):
    welfare: Any
    paid: Any
    payoff: Any
    policy: Any
    incentive: Any


class _Adam(NamedTuple):
    """What Adam remembers of numbers that it moves up a gradient."""

    first: jax.Array
    second: jax.Array
    steps: jax.Array

    def after(self, gradient: jax.Array, rate: Any) -> tuple[jax.Array, _Adam]:
        """Return by what the numbers move, and what is remembered then."""
        steps = self.steps + 1.0
        first = FIRST_DECAY * self.first + (1.0 - FIRST_DECAY) * gradient
        second = SECOND_DECAY * self.second + (1.0 - SECOND_DECAY) * gradient**2
        corrected = jnp.sqrt(second / (1.0 - SECOND_DECAY**steps))
        return rate * first / (1.0 - FIRST_DECAY**steps) / (corrected + EPSILON), _Adam(first, second, steps)


class _Learning(NamedTuple):
    """What a run carries from update to update."""

    theta: jax.Array
    phi: jax.Array
    adam: _Adam


class _Options(NamedTuple):
    """Of `ExactPlanning`, what code need not be compiled anew for."""

    planned_updates: Any
    bound: Any
    discount: Any
    learner_rate: Any
    planner_rate: Any
    cost: Any
    entropy: Any
    tremble: Any
    deviation: Any


@lru_cache(maxsize=32)
def _ascent(updates: int, horizon: int, n_actions: int, n_cells: int) -> Any:
    """Return the compiled function of tables, encoding, options and keys `[runs]` that plays all runs."""

    def one_run(tables: Tables, cells: jax.Array, options: _Options, key: jax.Array) -> _Found:
        n, states, _ = tables.rewards.shape
        theta = options.deviation * jax.random.normal(key, (n, states, n_actions))
        phi = jnp.zeros(n_cells)
        start = _Learning(theta, phi, _Adam(phi, phi, jnp.zeros(())))
        game = _Game(tables, cells, options, horizon)
        last, (welfare, paid) = jax.lax.scan(game.update, start, jnp.arange(updates))
        payoff = jnp.einsum("nsj,sj->n", tables.rewards, game.visits(last.theta, 1.0))
        policy = policies_of(last.theta, options.tremble)
        return _Found(welfare, paid, payoff, policy, options.bound * jnp.tanh(last.phi))

    return jax.jit(jax.vmap(one_run, (None, None, None, 0)))


class _Game(NamedTuple):
    """What learners and planner climb."""

    tables: Tables
    cells: jax.Array
    options: _Options
    horizon: int

    def visits(self, theta: jax.Array, discount: Any) -> jax.Array:
        """Return `[S, J]`."""
        joint = joint_of(policies_of(theta, self.options.tremble), self.tables)
        return visits_of(joint, self.tables, horizon=self.horizon, discount=discount)

    def values(self, theta: jax.Array, rewards: jax.Array) -> jax.Array:
        """Return `[n_players]`: of rewards `[n_players, S, J]`."""
        return jnp.einsum("nsj,sj->n", rewards, self.visits(theta, self.options.discount))

    def welfare(self, theta: jax.Array) -> jax.Array:
        """Return the sum of all players' values."""
        return self.values(theta, self.tables.rewards).sum()

    def own_slopes(self, theta: jax.Array, rewards: jax.Array) -> jax.Array:
        """Return `[n_players, S, A]`: how each player's value changes with its own policy."""
        of_all: jax.Array = jax.jacrev(self.values)(theta, rewards)
        each = jnp.arange(len(theta))
        return of_all[each, each]

    def changes_of_visits(self, theta: jax.Array, along: jax.Array) -> jax.Array:
        """Return `[n_players, S, J]`: how visits change as each player alone moves along its part of a direction."""

        def of_all(moved: jax.Array) -> jax.Array:
            return self.visits(moved, self.options.discount)

        def move(direction: jax.Array) -> jax.Array:
            change: jax.Array = jax.jvp(of_all, (theta,), (direction,))[1]
            return change

        return jax.vmap(move)(jnp.eye(len(theta))[:, :, None, None] * along[None])

    def incentives(self, phi: jax.Array) -> jax.Array:
        """Return `[n_players, S, J]`."""
        offered: jax.Array = self.options.bound * jnp.tanh(phi)[self.cells]
        return offered

    def objective(self, phi: jax.Array, changes: jax.Array, visits: jax.Array) -> jax.Array:
        """Return J of Eq. 4.7."""
        offered = self.incentives(phi)
        square = jnp.sum(jnp.einsum("nsj,sj->n", offered, visits) ** 2)
        # Of nothing paid the norm has no slope; 0 is taken.
        norm = jnp.where(square > 0.0, jnp.sqrt(jnp.where(square > 0.0, square, 1.0)), 0.0)
        gain: jax.Array = jnp.vdot(changes, offered) - self.options.cost * norm
        return gain

    def update(self, learning: _Learning, number: jax.Array) -> tuple[_Learning, tuple[jax.Array, jax.Array]]:
        """Let all learn once; return also what an episode was worth before, and what was paid in it."""
        theta, phi, adam = learning
        planning = number < self.options.planned_updates
        offered = jnp.where(planning, self.incentives(phi), 0.0)
        undiscounted = self.visits(theta, 1.0)
        welfare = jnp.sum(self.tables.rewards * undiscounted)
        paid = jnp.sum(jnp.abs(offered) * undiscounted)
        climbed = self.own_slopes(theta, self.tables.rewards + offered)
        climbed = climbed + self.options.entropy * jax.grad(_entropy)(theta)
        changes = self.changes_of_visits(theta, jax.grad(self.welfare)(theta))
        slope = jax.grad(self.objective)(phi, changes, self.visits(theta, self.options.discount))
        by, remembered = adam.after(slope, self.options.planner_rate)
        phi = jnp.where(planning, phi + by, phi)
        adam = jax.tree.map(lambda new, old: jnp.where(planning, new, old), remembered, adam)
        return _Learning(theta + self.options.learner_rate * climbed, phi, adam), (welfare, paid)


def _entropy(theta: jax.Array) -> jax.Array:
    """Return the sum over players of the mean entropy of their policies over states."""
    each = jax.nn.softmax(theta, axis=-1) * jax.nn.log_softmax(theta, axis=-1)
    return -jnp.sum(each, axis=-1).mean(axis=-1).sum()
