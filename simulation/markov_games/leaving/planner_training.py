r"""A planner trained for its own absence: incentives chosen by what learners do long after it has left.

A table of incentives c tanh(x), one number for each state and outcome as a player sees them, the same for all
players, is tried on simulated learners: it acts for k updates, leaves, and counts by the mean welfare of the pairs K
updates later. There is no useful gradient through the collapse that follows where cooperation does not last; so x is
moved by an evolution strategy (Rechenberg 1973; Salimans et al. 2017): samples x + s z and x - s z, weighed by their
ranks, and a step of Adam along the mean. All samples of a generation meet the same new learners.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from simulation.markov_games.keys import key_of
from simulation.markov_games.leaving.leaving_planner import (
    PARAMETERS,
    Leaving,
    LeavingParameters,
    Setting,
    TablePlanner,
    setting_of,
    symmetric_table,
    symmetric_views,
)
from simulation.markov_games.leaving.memory_one_learners import Learners, MemoryOneGradient, group_of
from simulation.markov_games.planner.ascent import Ascent
from theory.arguments import check_fields, checked, of_type
from theory.arguments import seed as seed_of
from theory.checks import FloatArray, is_list, positive_number, shown, whole_number


@dataclass(frozen=True, kw_only=True)
class AbsenceTraining:
    """How a planner is trained for its absence.

    Parameters
    ----------
    generations
        Of the evolution strategy, at least 1.
    offspring
        Tables tried in each, an even number of at least 2.
    groups
        Groups of learners that each table meets, at least 1.
    planner_updates
        k: so many updates the planner acts.
    updates_after
        K: so many updates later welfare counts.
    bound
        c, positive, in payoff units.
    spread
        s, the standard deviation of the offspring, positive.
    rate
        Of Adam, positive.

    Raises
    ------
    ValueError
        If a parameter is not as above.
    """

    generations: int = 15
    offspring: int = 32
    groups: int = 16
    planner_updates: int = 100
    updates_after: int = 500
    bound: float = 3.0
    spread: float = 0.3
    rate: float = 0.15

    def __post_init__(self) -> None:
        check_fields(self)
        for name in ("generations", "groups", "planner_updates", "updates_after"):
            whole_number(name, getattr(self, name), 1)
        if whole_number("offspring", self.offspring, 2) % 2:
            raise ValueError(f"offspring must be even, got {self.offspring}")
        for name in ("bound", "spread", "rate"):
            positive_number(name, getattr(self, name))


@dataclass(frozen=True, eq=False)
class TrainedPlanner:
    """A planner that was trained for its absence.

    Attributes
    ----------
    planner
        It, with the same incentives whenever it acts.
    own
        `[S, J]`: what a player gets, in the states and outcomes of its own view, in payoff units.
    welfare
        `[generations]`: mean welfare a round, after the planner has left, of the offspring of each generation.
    """

    planner: TablePlanner
    own: FloatArray
    welfare: FloatArray


@checked(parameters=PARAMETERS, training=of_type(AbsenceTraining), seed=seed_of)
def train_for_absence(
    parameters: LeavingParameters,
    training: AbsenceTraining,
    *,
    among: tuple[tuple[MemoryOneGradient, ...], ...] | None = None,
    seed: int = 0,
) -> TrainedPlanner:
    """Return a planner that was trained on learners of the game for what they do long after it has left.

    Its incentives are found by an evolution strategy (Rechenberg 1973; Salimans et al. 2017); all its numbers come
    from the seed.

    Parameters
    ----------
    parameters
        Of the learners; what they say of planners, updates, episodes and the kick is not looked at.
    training
        How the planner is trained.
    among
        Groups of learners, one for each player, that are met in turn; by default the parameters' own.
    seed
        Of first numbers and of what is tried.

    Raises
    ------
    ValueError
        If an argument is not as above.
    """
    n, n_actions = parameters.game.n_players, parameters.n_actions
    groups: tuple[tuple[MemoryOneGradient, ...], ...] = (parameters.each_kind,)
    if among is not None:
        if not is_list(among) or len(among) == 0:
            raise ValueError(f"among must be one or more groups of learners, got {shown(among)}")
        groups = tuple(group_of("each group of among", group, n) for group in among)
    with jax.enable_x64(True):
        met = [Learners.of(groups[k % len(groups)]) for k in range(training.groups)]
        stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *met)
        setting = setting_of(replace(parameters, planner=None))
        setting = setting._replace(
            planner_updates=training.planner_updates, updates=training.updates_after, bound=training.bound
        )
        evolve = _evolution(n, n_actions, training.generations, training.offspring)
        options = jnp.array([training.spread, training.rate])
        x, welfare = evolve(setting, stacked, options, key_of(seed))
        own = training.bound * np.tanh(np.asarray(x))
    return TrainedPlanner(TablePlanner(symmetric_table(own, n, n_actions)), own, np.asarray(welfare))


class _Search(NamedTuple):
    x: jax.Array
    ascent: Ascent


@lru_cache(maxsize=8)
def _evolution(n_players: int, n_actions: int, generations: int, samples: int) -> Any:
    """Return the compiled function of setting, learners `[groups, ...]`, spread and rate, and a key."""
    views = symmetric_views(n_players, n_actions)

    def welfare_later(x: jax.Array, setting: Setting, learners: Learners, logits: jax.Array) -> jax.Array:
        table = setting.bound * jnp.tanh(x.ravel()[views])
        leaving = Leaving(setting._replace(table=table), learners, 0, 0)
        memory = learners.kept(learners.memory_of(logits))
        return leaving.welfare_later(memory)

    over_learners = jax.vmap(welfare_later, (None, None, 0, 0))
    over_samples = jax.vmap(over_learners, (0, None, None, None))

    def evolve(setting: Setting, learners: Learners, options: jax.Array, key: jax.Array) -> Any:
        spread, rate = options

        def generation(search: _Search, number: jax.Array) -> tuple[_Search, jax.Array]:
            of_samples, of_learners = jax.random.split(jax.random.fold_in(key, number))
            z = jax.random.normal(of_samples, (samples // 2, *search.x.shape))
            shape = (learners.rate.shape[0], *setting.start.shape)
            logits = setting.start + setting.deviation * jax.random.normal(of_learners, shape)
            tried = search.x + spread * jnp.concatenate([z, -z])
            got = over_samples(tried, setting, learners, logits).mean(axis=1)
            rank = jnp.argsort(jnp.argsort(got)) / (samples - 1.0) - 0.5
            weight = rank[: samples // 2] - rank[samples // 2 :]
            gradient = jnp.tensordot(weight, z, axes=1) / (samples // 2) / spread
            by, ascent = search.ascent.after(gradient, rate, "adam")
            return _Search(search.x + by, ascent), got.mean()

        nothing = jnp.zeros(setting.table.shape[1:])
        found, welfare = jax.lax.scan(
            generation, _Search(nothing, Ascent.of(nothing)), jnp.arange(generations)
        )
        return found.x, welfare

    return jax.jit(evolve)
