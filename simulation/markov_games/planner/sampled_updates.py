"""One update of learners and planner from episodes; `sampling.py` says what it estimates."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from simulation.markov_games.enumerated import EnumeratedGame
from simulation.markov_games.planner.ascent import Ascent, chosen, moved
from simulation.markov_games.planner.episodes import Batch, Chances, first_states, played_steps
from simulation.markov_games.planner.planning import (
    Ended,
    ExactGame,
    Numbers,
    Setting,
    Told,
    World,
    ended_of,
    first_numbers,
    slope_of_price,
)
from simulation.markov_games.planner.policies import first_weights, network_outputs
from simulation.markov_games.planner.tabular import policies_of

# Hidden units of a critic.
_CRITIC_UNITS = 64


class SampledNumbers(NamedTuple):
    """Of sampled planning, what code need not be compiled anew for."""

    shared: Numbers
    critic_rate: Any
    advantage_decay: Any
    model_rate: Any


class SampledWorld(NamedTuple):
    """The game as it is played."""

    shared: World
    chances: Chances
    seen: jax.Array
    """`[n_players + 1, S, size]`: what each critic sees, the planner's last."""


class _Learning(NamedTuple):
    """What a run carries from update to update."""

    key: jax.Array
    theta: Any
    learners: Ascent
    phi: Any
    planner: Ascent
    values: Any
    critics: Ascent
    model: Any
    modelling: Ascent
    state: jax.Array
    alive: jax.Array


class _Sums(NamedTuple):
    """Sums over the steps played, by state and joint action `[S, J]`."""

    visits: jax.Array
    weighted: jax.Array
    """Visits, each with its step's weight."""
    own: jax.Array
    """`[n_players, S, J]`: every player's weighted advantages."""
    welfare: jax.Array
    """`[2, S, J]`: those of all rewards, of either half of the environments."""


def seen_by_critics(game: EnumeratedGame, critic: str) -> jax.Array:
    """Return `[n_players + 1, S, size]`: what every player's critic sees, and the planner's.

    What somebody sees has its place; to an independent critic all but its own is 0.
    """
    n, size = game.n_players, game.observations.shape[-1]
    shown = np.ones((n + 1, n))
    if critic == "independent":
        shown[:n] = np.eye(n)
    everything = shown[:, None, :, None] * game.observations[None]
    return jnp.asarray(everything.reshape(n + 1, game.n_states, n * size), float)


class SampledTrainer(NamedTuple):
    """Updates by gradients that are estimated from episodes."""

    setting: Setting
    is_planned: bool
    environments: int
    steps: int
    has_critic: bool
    is_split: bool
    has_trace: bool
    is_modelled: bool

    def begin(self, world: SampledWorld, numbers: SampledNumbers, key: jax.Array) -> _Learning:
        """Return what a run begins with."""
        theta, phi = first_numbers(self.setting, world.shared, key)
        for_values, for_model, later = (jax.random.fold_in(key, place) for place in (2, 3, 4))
        critics, _, size = world.seen.shape
        values = first_weights(for_values, critics, size, _CRITIC_UNITS, 1)
        model, _ = first_numbers(self.setting, world.shared, for_model)
        return _Learning(
            key=later,
            theta=theta,
            learners=Ascent.of(theta),
            phi=phi,
            planner=Ascent.of(phi),
            values=values,
            critics=Ascent.of(values),
            model=model,
            modelling=Ascent.of(model),
            state=jnp.zeros(self.environments, jnp.int32),
            alive=jnp.ones(self.environments),
        )

    def update(
        self, world: SampledWorld, numbers: SampledNumbers, carried: _Learning, number: jax.Array
    ) -> tuple[_Learning, Told]:
        """Play some steps, and let all learn once from them."""
        exact = ExactGame(self.setting, world.shared, numbers.shared)
        is_led = (number < numbers.shared.planner_updates) if self.is_planned else jnp.array(False)
        offers, by_offers = jax.vjp(exact.incentives, carried.phi)
        offered = jnp.where(is_led, offers, 0.0)
        now = SampledUpdate(self, world, numbers, self.played(exact, world, carried, number))
        advantages, critics_slope = now.advantages(offered, carried.values)
        sums = now.sums(advantages)
        then = now.learned(exact, carried, sums, number)
        if self.has_critic:
            then = now.valued(then, sums, critics_slope)
        if self.is_planned:
            model = carried.model if self.is_modelled else carried.theta
            worth = now.worth(exact, model, sums) - numbers.shared.cost.at(
                number, numbers.shared.updates
            ) * slope_of_price(offers, sums.weighted / now.count(sums))
            by, planner = carried.planner.after(
                by_offers(worth)[0], numbers.shared.planner_rate, self.setting.planner_optimiser
            )
            then = then._replace(
                phi=chosen(is_led, moved(carried.phi, by), carried.phi),
                planner=chosen(is_led, planner, carried.planner),
            )
        if self.is_planned and self.is_modelled:
            then = now.modelled(exact, then, sums)
        episodes = self.environments * self.steps / self.setting.horizon
        return then, exact.told(sums.visits / episodes, offered)

    def end(self, world: SampledWorld, numbers: SampledNumbers, carried: _Learning) -> Ended:
        """Return what an episode is worth in the end, and what is played and offered."""
        return ended_of(ExactGame(self.setting, world.shared, numbers.shared), carried.theta, carried.phi)

    def played(self, exact: ExactGame, world: SampledWorld, carried: _Learning, number: Any) -> Batch:
        """Return the steps of an update, counted from 0; all environments begin anew together."""
        begin, go = jax.random.split(jax.random.fold_in(carried.key, number))
        is_new = number % (self.setting.horizon // self.steps) == 0
        state = jnp.where(is_new, first_states(world.chances, begin, self.environments), carried.state)
        alive = jnp.where(is_new, 1.0, carried.alive)
        policies = policies_of(exact.logits(carried.theta), exact.numbers.tremble)
        return played_steps(world.chances, policies, state, alive, go, self.steps)


class SampledUpdate(NamedTuple):
    """What is made of some steps."""

    trainer: SampledTrainer
    world: SampledWorld
    numbers: SampledNumbers
    batch: Batch

    @property
    def halves(self) -> jax.Array:
        """`[environments]`: 0 for the first half and 1 for the second."""
        return jnp.arange(self.trainer.environments) * 2 // self.trainer.environments

    @property
    def weights(self) -> jax.Array:
        """`[steps, environments]`: without a critic gamma^t, with one 1; 0 where the game has ended."""
        if self.trainer.has_critic:
            return self.batch.alive
        by_step: jax.Array = self.numbers.shared.discount ** jnp.arange(self.trainer.steps)
        return self.batch.alive * by_step[:, None]

    def count(self, sums: _Sums) -> Any:
        """Return what sums are divided by: episodes without a critic, and steps with one."""
        return jnp.maximum(sums.visits.sum(), 1.0) if self.trainer.has_critic else self.trainer.environments

    def advantages(self, offered: jax.Array, values: Any) -> tuple[jax.Array, Any]:
        """Return `[n_players + 1, steps, environments]` advantages, welfare's last, and what leads back to values."""
        rewards = self.world.shared.tables.rewards
        streams = jnp.concatenate([rewards + offered, rewards.sum(axis=0, keepdims=True)])
        paid = streams.reshape(len(streams), -1)[:, self.batch.place] * self.batch.alive
        if not self.trainer.has_critic:
            return self._above_others(self._discounted(paid, self.numbers.shared.discount)), None
        table, back = jax.vjp(lambda weights: network_outputs(weights, self.world.seen)[..., 0], values)
        worth = table[:, self.batch.state]
        discount = self.numbers.shared.discount
        surprise = paid + discount * worth[:, 1:] * self.batch.going_on - worth[:, :-1] * self.batch.alive
        return self._discounted(surprise, discount * self.numbers.advantage_decay), back

    def _discounted(self, steps: jax.Array, discount: Any) -> jax.Array:
        """Return what comes from each step on; `steps[streams, steps, environments]`."""

        def backward(ahead: jax.Array, now: jax.Array) -> tuple[jax.Array, jax.Array]:
            ahead = now + discount * ahead
            return ahead, ahead

        by_step = jnp.moveaxis(steps, 1, 0)
        found = jax.lax.scan(backward, jnp.zeros_like(by_step[0]), by_step, reverse=True)[1]
        return jnp.moveaxis(found, 0, 1)

    def _above_others(self, returns: jax.Array) -> jax.Array:
        """Return returns less the mean of the other environments', welfare's of its own half."""
        others = self.trainer.environments - 1
        own = (returns * (others + 1) - returns.sum(axis=2, keepdims=True)) / others
        halves = returns[-1].reshape(self.trainer.steps, 2, -1)
        size = halves.shape[-1]
        welfare = (halves * size - halves.sum(axis=2, keepdims=True)) / (size - 1)
        return own.at[-1].set(welfare.reshape(returns.shape[1:])) if self.trainer.is_split else own

    def sums(self, advantages: jax.Array) -> _Sums:
        """Return sums over all steps, by state and joint action."""
        weighted = advantages * self.weights
        second = self.halves * jnp.ones_like(weighted[-1])
        columns = jnp.stack(
            [
                self.batch.alive,
                self.weights,
                weighted[-1] * (1.0 - second),
                weighted[-1] * second,
                *weighted[:-1],
            ],
            axis=-1,
        )
        visits, weights, *rest = self._by_place(columns)
        return _Sums(visits, weights, jnp.stack(rest[2:]), jnp.stack(rest[:2]))

    def _by_place(self, columns: jax.Array) -> jax.Array:
        """Return `[k, S, J]` sums of `columns[steps, environments, k]`."""
        _, states, joint = self.world.shared.tables.rewards.shape
        k = columns.shape[-1]
        found = jnp.zeros((states * joint, k)).at[self.batch.place.ravel()].add(columns.reshape(-1, k))
        return jnp.moveaxis(found.reshape(states, joint, k), -1, 0)

    def _by_action(self, sums: jax.Array) -> jax.Array:
        """Return `[n_players, S, A]`: sums by each player's own action; of `[n_players, S, J]`."""
        chose = jax.nn.one_hot(self.world.shared.tables.actions, self.trainer.setting.n_actions)
        return jnp.einsum("nsj,nja->nsa", sums, chose)

    def log_policy(self, exact: ExactGame, theta: Any) -> jax.Array:
        """Return `[n_players, S, A]`."""
        return jnp.log(policies_of(exact.logits(theta), self.numbers.shared.tremble))

    def own_slopes(self, exact: ExactGame, theta: Any, sums: _Sums) -> Any:
        """Return how every player's own value changes with its numbers."""
        _, back = jax.vjp(lambda theta: self.log_policy(exact, theta), theta)
        return back(self._by_action(sums.own) / self.count(sums))[0]

    def learned(self, exact: ExactGame, carried: _Learning, sums: _Sums, number: jax.Array) -> _Learning:
        """Let the learners climb."""
        shared = self.numbers.shared
        share = sums.visits.sum(axis=1) / jnp.maximum(sums.visits.sum(), 1.0)
        weight = shared.entropy.at(number, shared.updates)

        def entropy(theta: Any) -> jax.Array:
            table = self.log_policy(exact, theta)
            spread: jax.Array = -weight * jnp.einsum("nsa,s->", jnp.exp(table) * table, share)
            return spread

        climbed = moved(self.own_slopes(exact, carried.theta, sums), jax.grad(entropy)(carried.theta))
        by, learners = carried.learners.after(
            climbed, shared.learner_rate, self.trainer.setting.learner_optimiser
        )
        return carried._replace(
            theta=moved(carried.theta, by),
            learners=learners,
            state=self.batch.state[-1],
            alive=self.batch.going_on[-1],
        )

    def valued(self, then: _Learning, sums: _Sums, slope: Any) -> _Learning:
        """Let the critics come nearer to what was worth more, or less, than they thought."""
        errors = jnp.concatenate([sums.own, sums.welfare.sum(axis=0, keepdims=True)]).sum(axis=-1)
        by, critics = then.critics.after(
            slope(errors / self.count(sums))[0], self.numbers.critic_rate, "adam"
        )
        return then._replace(values=moved(then.values, by), critics=critics)

    def modelled(self, exact: ExactGame, then: _Learning, sums: _Sums) -> _Learning:
        """Let the planner's model of the policies become more likely, given the actions seen (Eq. 4.6)."""
        seen = self._by_action(jnp.broadcast_to(sums.visits, sums.own.shape)) / self.count(sums)
        _, back = jax.vjp(lambda model: self.log_policy(exact, model), then.model)
        by, modelling = then.modelling.after(back(seen)[0], self.numbers.model_rate, "adam")
        return then._replace(model=moved(then.model, by), modelling=modelling)

    def worth(self, exact: ExactGame, model: Any, sums: _Sums) -> jax.Array:
        """Return the estimate of C `[n_players, S, J]`: what it is worth to pay whom where."""
        nudges = self._nudges(exact, model, sums)
        led_by = 1 - self.halves if self.trainer.is_split else jnp.zeros_like(self.halves)
        actions = self.world.shared.tables.actions[:, self.batch.place % sums.visits.shape[1]]
        each = jnp.arange(len(actions))[:, None, None]
        nudged = nudges[led_by, each, self.batch.state[:-1], actions] * self.weights

        def forward(trace: jax.Array, step: jax.Array) -> tuple[jax.Array, jax.Array]:
            trace = self.numbers.shared.discount * trace + step
            return trace, trace

        if self.trainer.has_trace:
            by_step = jnp.moveaxis(nudged, 1, 0)
            traced = jax.lax.scan(forward, jnp.zeros_like(by_step[0]), by_step)[1]
            nudged = jnp.moveaxis(traced, 0, 1) * self.batch.alive
        credit: jax.Array = self._by_place(jnp.moveaxis(nudged, 0, -1)) / self.count(sums)
        return credit

    def _nudges(self, exact: ExactGame, model: Any, sums: _Sums) -> jax.Array:
        """Return `[halves, n_players, S, A]`: <grad_i log pi_i(a | s), g_i>, by the half that g_i is from."""
        _, back = jax.vjp(lambda theta: self.log_policy(exact, theta), model)
        halves = sums.welfare * 2.0 if self.trainer.is_split else sums.welfare.sum(axis=0, keepdims=True)

        def of_half(welfare: jax.Array) -> jax.Array:
            climbed = self._by_action(jnp.broadcast_to(welfare, sums.own.shape)) / self.count(sums)
            slope = back(climbed)[0]
            turned: jax.Array = jax.jvp(lambda theta: self.log_policy(exact, theta), (model,), (slope,))[1]
            return turned

        return jax.vmap(of_half)(halves)
