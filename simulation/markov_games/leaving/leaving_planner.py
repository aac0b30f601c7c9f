r"""A planner that acts for so many updates and leaves: what do learners with memory of one round keep?

The learners climb the value of the game's rewards and of the planner's (Eq. 4.1), each in its own way
(`memory_one_learners`); hands slip throughout. Three planners are known:

- `GradientPlanner`, that of Eq. 4.3: incentives c tanh(phi(s, j)) or c tanh(phi(j)) for each player, where phi climbs
  what the learners' next step does to the welfare of now, by Adam;
- `TablePlanner`: the same incentives all the time, such as those of a tutor or of a planner that was trained for its
  absence (`planner_training`);
- none.

A tutor pays a player the bound for the action that a target strategy means in this state, and fines it the bound for
the other one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from simulation.engine.provenance import with_provenance
from simulation.markov_games.keys import key_of
from simulation.markov_games.leaving.memory_one_learners import (
    Learners,
    MemoryOneGradient,
    exact_steps,
    group_of,
    sampled_steps,
    welfare_slopes,
)
from simulation.markov_games.leaving.memory_one_play import chain_of, own_view, values_of
from simulation.markov_games.planner.ascent import Ascent
from theory import Game, MemoryOne
from theory.arguments import check_fields, checked, count, of_type, positive
from theory.arguments import seed as seed_of
from theory.checks import (
    FloatArray,
    IntArray,
    finite_array,
    known_name,
    number_below_one,
    number_within,
    positive_number,
    shown,
    whole_number,
)

# Moments at which welfare is kept while the planner acts, and stretches over which its means are kept afterwards.
MOMENTS, STRETCHES = 20, 200


@dataclass(frozen=True, kw_only=True)
class GradientPlanner:
    """The planner of thesis Eq. 4.3, which looks ahead one exact step of the learners, while it is there.

    Parameters
    ----------
    bound
        c: no incentive is larger in absolute value; positive, in payoff units.
    rate
        Of Adam, positive.
    sees
        `outcome`: incentives depend on the joint action alone; `state`: also on the state in which it is played.

    Raises
    ------
    ValueError
        If a parameter is not as above.
    """

    bound: float = 3.0
    rate: float = 0.05
    sees: str = "outcome"

    def __post_init__(self) -> None:
        check_fields(self)
        positive_number("bound", self.bound)
        positive_number("rate", self.rate)
        known_name("what a planner sees", self.sees, ("outcome", "state"))


@dataclass(frozen=True, eq=False)
class TablePlanner:
    """A planner whose incentives do not change: those of a tutor, or of one trained for its absence.

    Parameters
    ----------
    incentives
        `[n_players, S, J]` in payoff units: what each gets when outcome j is played in state s. State 0 is before the
        first round, state 1 + k after outcome k; outcomes are CC, CD, DC, DD, the first player's action first.

    Raises
    ------
    ValueError
        If they are not finite numbers of three dimensions.
    """

    incentives: FloatArray

    def __post_init__(self) -> None:
        incentives = finite_array("incentives", self.incentives)
        if incentives.ndim != 3:
            raise ValueError(f"incentives must be [n_players, S, J], got shape {incentives.shape}")
        object.__setattr__(self, "incentives", incentives)


@checked(target=of_type(MemoryOne), bound=positive)
def tutor(target: MemoryOne, bound: float = 3.0) -> TablePlanner:
    """Return the planner of two players who pays each for what a pure strategy means, and fines it for the other.

    Parameters
    ----------
    target
        The strategy, which both are to play: its probabilities are 0 and 1.
    bound
        What is paid and fined, positive, in payoff units.

    Raises
    ------
    ValueError
        If the strategy is not pure, or the bound not positive.
    """
    if not {target.first, *target.after} <= {0.0, 1.0}:
        raise ValueError(f"a tutor teaches a pure strategy, of probabilities 0 and 1, got {shown(target)}")
    meant = np.array([target.first, *target.after]) > 0.5
    return tutor_of_actions(np.where(meant, 0, 1), n_players=2, n_actions=2, bound=bound)


def tutor_of_actions(meant: IntArray, *, n_players: int, n_actions: int, bound: float = 3.0) -> TablePlanner:
    """Return the planner of players who are all to mean action `meant[S]` in the states of their own view.

    Parameters
    ----------
    meant
        Before the first round and after each outcome, own action first.
    n_players, n_actions
        Of the game.
    bound
        What is paid and fined, positive, in payoff units.
    """
    own_action = np.arange(n_actions**n_players) // n_actions ** (n_players - 1)
    own = np.where(meant[:, None] == own_action[None, :], 1.0, -1.0)
    return TablePlanner(positive_number("bound", bound) * symmetric_table(own, n_players, n_actions))


def symmetric_table(own: FloatArray, n_players: int, n_actions: int = 2) -> FloatArray:
    """Return `[n_players, S, J]` of a table `[S, J]` of what a player gets in states and outcomes of its own view."""
    return np.ravel(own)[symmetric_views(n_players, n_actions)]


def symmetric_views(n_players: int, n_actions: int = 2) -> IntArray:
    """Return `[n_players, S, J]`: where each player finds state and outcome in a table `[S, J]` of its own view."""
    views = [own_view(n_players, player, n_actions) for player in range(n_players)]
    states, outcomes = 1 + n_actions**n_players, n_actions**n_players
    places = np.empty((n_players, states, outcomes), dtype=int)
    for player, (state, outcome) in enumerate(views):
        places[player][np.ix_(state, outcome)] = np.arange(states * outcomes).reshape(states, outcomes)
    return places


@dataclass(frozen=True, kw_only=True)
class LeavingParameters:
    """Learners with memory of one round, their game, and a planner that acts for so many updates and leaves.

    Parameters
    ----------
    game
        Of as many actions for each player, and of at most 16 outcomes.
    learners
        How each player learns, or one for all; by default by natural gradients.
    planner
        None: there is none.
    planner_updates
        In so many first updates the planner acts; at least 0.
    updates
        So many come afterwards, at least 200.
    noise
        Probability that another action is played than is meant, any other alike, in (0, 1/2).
    discount
        In [0, 1).
    start
        `[S]` log-odds of meaning C that a learner has at first on average, in its own view: before the first round,
        then after CC, CD, DC, DD (own action first); None: 0. Of more actions than two it is None.
    deviation
        Standard deviation of the first log-odds, at least 0.
    kick
        Standard deviation, at least 0, of normal numbers that are added to memories when the planner leaves.
    episodes, rounds
        If episodes are asked for, gradients are estimated from so many, each of so many rounds; 0: they are exact, as
        they are where there are more actions than two.

    Raises
    ------
    ValueError
        If a parameter is not as above.
    """

    game: Game
    learners: tuple[MemoryOneGradient, ...] | MemoryOneGradient = field(
        default_factory=lambda: MemoryOneGradient("natural")
    )
    planner: GradientPlanner | TablePlanner | None = None
    planner_updates: int = 100
    updates: int = 20_000
    noise: float = 0.02
    discount: float = 0.96
    start: tuple[float, ...] | None = None
    deviation: float = 1.0
    kick: float = 0.0
    episodes: int = 0
    rounds: int = 50

    def __post_init__(self) -> None:
        check_fields(self)
        if not (isinstance(self.game, Game) and len(set(self.game.n_actions)) == 1 and self.outcomes <= 16):
            raise ValueError(
                "game must be a Game of at most 16 outcomes in which all have as many actions, got "
                f"{shown(self.game)}"
            )
        if self.n_actions > 2 and (self.episodes or self.start is not None):
            raise ValueError(
                f"episodes and start are for two actions, got a game of {self.n_actions}, episodes = "
                f"{shown(self.episodes)}, start = {shown(self.start)}"
            )
        if not isinstance(self.learners, MemoryOneGradient):
            learners = group_of("learners", self.learners, self.game.n_players)
            object.__setattr__(self, "learners", learners)
        if not isinstance(self.planner, GradientPlanner | TablePlanner | None):
            raise ValueError(
                f"planner must be a GradientPlanner, a TablePlanner or None, got {shown(self.planner)}"
            )
        whole_number("planner_updates", self.planner_updates, 0)
        whole_number("updates", self.updates, STRETCHES)
        whole_number("episodes", self.episodes, 0)
        whole_number("rounds", self.rounds, 1)
        if not 0.0 < number_within("noise", self.noise, 0.0, 0.5) < 0.5:
            raise ValueError(f"noise must lie strictly between 0 and 1/2, got {self.noise:g}")
        number_below_one("discount", self.discount)
        number_within("deviation", self.deviation, 0.0, 1e3)
        number_within("kick", self.kick, 0.0, 1e3)
        states = self.n_states
        if self.start is not None:
            start = finite_array("start", self.start)
            if start.shape != (states,):
                raise ValueError(
                    f"start must have a number for each of {states} states, got {shown(self.start)}"
                )
            object.__setattr__(self, "start", tuple(start.tolist()))
        if isinstance(self.planner, TablePlanner) and self.planner.incentives.shape != self.table_shape:
            raise ValueError(
                f"incentives must be of shape {self.table_shape}, got {self.planner.incentives.shape}"
            )

    @property
    def n_actions(self) -> int:
        """Of every player."""
        return self.game.n_actions[0]

    @property
    def outcomes(self) -> int:
        """How many joint actions there are."""
        return math.prod(self.game.n_actions)

    @property
    def n_states(self) -> int:
        """The states of memory."""
        return 1 + self.outcomes

    @property
    def table_shape(self) -> tuple[int, int, int]:
        """Players, states and outcomes."""
        return self.game.n_players, self.n_states, self.outcomes

    @property
    def each_kind(self) -> tuple[MemoryOneGradient, ...]:
        """How each player learns."""
        if isinstance(self.learners, MemoryOneGradient):
            return (self.learners,) * self.game.n_players
        return self.learners


class Setting(NamedTuple):
    """Of `LeavingParameters`, what code need not be compiled anew for."""

    rewards: Any
    """`[n_players, S, J]`."""
    table: Any
    """`[n_players, S, J]` incentives of a planner that does not learn."""
    learns: Any
    """Whether the planner does."""
    sees_states: Any
    bound: Any
    planner_rate: Any
    planner_updates: Any
    updates: Any
    noise: Any
    discount: Any
    start: Any
    """`[n_players, S, K - 1]` log-odds of each action but the last."""
    deviation: Any
    kick: Any


PARAMETERS = of_type(LeavingParameters)


@checked(parameters=PARAMETERS, runs=count(), seed=seed_of)
def simulate_leaving(parameters: LeavingParameters, *, runs: int = 50, seed: int = 0) -> xr.Dataset:
    """Return what learners with memory of one round do under a planner, and what they do when it has left.

    Parameters
    ----------
    parameters
        The game, the learners, the planner, and how long each of them acts.
    runs
        How many groups of learners, each from its own first numbers.
    seed
        Run i is made by the seed plus i and the parameters alone, on one kind of machine.

    Returns
    -------
    xarray.Dataset
        Dimensions run, player, state (before the first round, then by the last outcome), outcome, moment (start,
        leaving, end), action. `cooperation` (run, moment, player, state): probabilities of meaning C, the first
        action. `policy` (run, moment, player, state, action): of meaning each action. `welfare_before` (run,
        planned_update): the sum of payoffs a round, a discounted mean, at twenty moments while the planner acts.
        `welfare_after` (run, update): its means over 200 equal stretches after it has left, by their last updates.
        `incentive` (run, player, state, outcome): when it leaves. `paid` (run): the sum of absolute incentives a
        round then, a discounted mean.
    """
    play = _program(parameters.game.n_players, parameters.episodes, parameters.rounds)
    with jax.enable_x64(True):
        keys = jnp.stack([key_of(seed + run) for run in range(runs)])
        found = play(setting_of(parameters), Learners.of(parameters.each_kind), keys)
        found = jax.tree.map(np.asarray, found)
    states = ["start", *_outcomes(parameters.game.n_players, parameters.n_actions)]
    last = 1.0 - found.means.sum(axis=-1, keepdims=True)
    data = xr.Dataset(
        {
            "cooperation": (("run", "moment", "player", "state"), found.means[..., 0]),
            "policy": (
                ("run", "moment", "player", "state", "action"),
                np.concatenate([found.means, last], axis=-1),
            ),
            "welfare_before": (("run", "planned_update"), found.before),
            "welfare_after": (("run", "update"), found.after),
            "incentive": (("run", "player", "state", "outcome"), found.incentives),
            "paid": ("run", found.paid),
        },
        coords={
            "state": states,
            "outcome": states[1:],
            "moment": ["start", "leaving", "end"],
            "planned_update": np.arange(MOMENTS) * parameters.planner_updates // MOMENTS,
            "update": np.arange(1, STRETCHES + 1) * parameters.updates // STRETCHES,
        },
    )
    return with_provenance(
        data, law=simulate_leaving, seed=seed, game=parameters.game, parameters=_told(parameters)
    )


def _told(parameters: LeavingParameters) -> dict[str, Any]:
    """Return the parameters but for the game as text, numbers and lists."""
    kept = {one.name: getattr(parameters, one.name) for one in fields(parameters)}
    planner = kept.pop("planner")
    told: dict[str, Any] | None
    if isinstance(planner, TablePlanner):
        told = {"planner": "TablePlanner", "incentives": planner.incentives.tolist()}
    else:
        told = None if planner is None else {"planner": "GradientPlanner"} | asdict(planner)
    del kept["game"]
    return kept | {"learners": [asdict(one) for one in parameters.each_kind], "planner": told}


def setting_of(parameters: LeavingParameters) -> Setting:
    """Return the parameters as arrays, of the precision in force."""
    n, states, outcomes = parameters.table_shape
    planner = parameters.planner
    learning = planner if isinstance(planner, GradientPlanner) else GradientPlanner()
    table = planner.incentives if isinstance(planner, TablePlanner) else np.zeros(parameters.table_shape)
    start = np.zeros((n, states, parameters.n_actions - 1))
    if parameters.start is not None:
        for player in range(n):
            start[player, own_view(n, player)[0], 0] = parameters.start
    payoffs = parameters.game.payoffs.reshape(n, 1, outcomes)
    return Setting(
        rewards=jnp.asarray(np.broadcast_to(payoffs, parameters.table_shape), float),
        table=jnp.asarray(table, float),
        learns=isinstance(planner, GradientPlanner),
        sees_states=learning.sees == "state",
        bound=learning.bound,
        planner_rate=learning.rate,
        planner_updates=0 if planner is None else parameters.planner_updates,
        updates=parameters.updates,
        noise=parameters.noise,
        discount=parameters.discount,
        start=jnp.asarray(start, float),
        deviation=parameters.deviation,
        kick=parameters.kick,
    )


def _outcomes(n_players: int, n_actions: int) -> Sequence[str]:
    """Return all joint actions, by letters where there are two actions, else by their numbers."""
    names = "CD" if n_actions == 2 else [str(action) for action in range(n_actions)]
    return ["".join(actions) for actions in product(names, repeat=n_players)]


class _Found(NamedTuple):
    means: Any
    before: Any
    after: Any
    incentives: Any
    paid: Any


class _Phi(NamedTuple):
    """A learning planner's numbers `[n_players, S, J]`, and what is remembered of their gradients."""

    phi: jax.Array
    ascent: Ascent


class _State(NamedTuple):
    memory: jax.Array
    planner: _Phi
    key: jax.Array


@lru_cache(maxsize=16)
def _program(n_players: int, batch: int, rounds: int) -> Any:
    """Return the compiled function of setting, learners and keys `[runs]` that plays all runs."""

    def one_run(setting: Setting, learners: Learners, key: jax.Array) -> _Found:
        return Leaving(setting, learners, batch, rounds).run(key)

    return jax.jit(jax.vmap(one_run, (None, None, 0)))


class Leaving(NamedTuple):
    """One run: learners, a planner, and what they do in an update."""

    setting: Setting
    learners: Learners
    batch: int
    rounds: int

    def run(self, key: jax.Array) -> _Found:
        """Play it from its key."""
        first, kick, later = jax.random.split(key, 3)
        setting = self.setting
        logits = setting.start + setting.deviation * jax.random.normal(first, setting.start.shape)
        begun = self.learners.kept(self.learners.memory_of(logits))
        state, before = jax.lax.scan(self.planned_stretch, self.begun(begun, later), jnp.arange(MOMENTS))
        left, offered = state.memory, self.offered(state.planner.phi)
        kicked = left + setting.kick * jax.random.normal(kick, left.shape)
        state = state._replace(memory=self.learners.kept(kicked))
        state, after = jax.lax.scan(self.stretch, state, jnp.arange(STRETCHES))
        means = jnp.stack([self.learners.means(memory) for memory in (begun, left, state.memory)])
        chain = self.chain(left)
        paid = jnp.einsum("s,sj,nsj->", chain.visits, chain.outcomes, jnp.abs(offered))
        return _Found(means, before, after, offered, (1.0 - setting.discount) * paid)

    def begun(self, memory: jax.Array, key: jax.Array) -> _State:
        """Return the state at first, when the planner offers nothing."""
        nothing = jnp.zeros_like(self.setting.rewards)
        return _State(memory, _Phi(nothing, Ascent.of(nothing)), key)

    def planned_stretch(self, state: _State, number: jax.Array) -> tuple[_State, jax.Array]:
        """Let the planner act from one moment to the next; return also the welfare at the first."""
        low, high = (((number + k) * self.setting.planner_updates) // MOMENTS for k in (0, 1))
        return jax.lax.fori_loop(low, high, self.planned_update, state), self.welfare(state.memory)

    def stretch(self, state: _State, number: jax.Array) -> tuple[_State, jax.Array]:
        """Let the learners learn without a planner; return also the mean of welfare after each update."""
        low, high = (((number + k) * self.setting.updates) // STRETCHES for k in (0, 1))

        def update(_: Any, carried: tuple[_State, jax.Array]) -> tuple[_State, jax.Array]:
            following = self.update(carried[0], self.setting.rewards)
            return following, carried[1] + self.welfare(following.memory)

        state, total = jax.lax.fori_loop(low, high, update, (state, jnp.zeros(())))
        return state, total / (high - low)

    def welfare_later(self, memory: jax.Array) -> jax.Array:
        """Return the welfare after the planner's table was in force for its updates, and not for the others."""
        setting = self.setting

        def climb(rewards: jax.Array, updates: Any, memory: jax.Array) -> jax.Array:
            last: jax.Array = jax.lax.fori_loop(0, updates, lambda _, now: self.climbed(now, rewards), memory)
            return last

        led = climb(setting.rewards + setting.table, setting.planner_updates, memory)
        return self.welfare(climb(setting.rewards, setting.updates, led))

    def climbed(self, memory: jax.Array, rewards: jax.Array) -> jax.Array:
        """Return memories after one exact step."""
        steps = exact_steps(
            self.learners, memory, self.chain(memory), rewards, self.setting.noise, self.setting.discount
        )
        return self.learners.kept(memory + steps)

    def chain(self, memory: jax.Array) -> Any:
        """Return the chain of policies."""
        return chain_of(self.learners.means(memory), noise=self.setting.noise, discount=self.setting.discount)

    def welfare(self, memory: jax.Array) -> jax.Array:
        """Return the sum of payoffs a round, a discounted mean."""
        discount = self.setting.discount
        values = values_of(self.chain(memory), self.setting.rewards, discount)[:, 0]
        mean: jax.Array = (1.0 - discount) * values.sum()
        return mean

    def offered(self, phi: jax.Array) -> jax.Array:
        """Return the incentives in force while the planner acts."""
        return jnp.where(self.setting.learns, self.setting.bound * jnp.tanh(phi), self.setting.table)

    def update(self, state: _State, rewards: jax.Array) -> _State:
        """Let the learners climb."""
        if not self.batch:
            return state._replace(memory=self.climbed(state.memory, rewards))
        key, now = jax.random.split(state.key)
        terms = (state.memory, rewards, self.setting.noise, self.setting.discount, now)
        steps = sampled_steps(self.learners, *terms, batch=self.batch, rounds=self.rounds)
        return state._replace(memory=self.learners.kept(state.memory + steps), key=key)

    def planned_update(self, _: jax.Array, state: _State) -> _State:
        """Let the learners climb with the incentives, and the planner climb Eq. 4.3."""
        following = self.update(state, self.setting.rewards + self.offered(state.planner.phi))
        return following._replace(planner=self.planned(state))

    def planned(self, state: _State) -> _Phi:
        """Return the planner after a step of Adam up sum_i <step_i of the incentives, grad_i W>, linear in them."""
        setting, chain, memory = self.setting, self.chain(state.memory), state.memory
        terms = (setting.noise, setting.discount)
        slopes = welfare_slopes(self.learners, memory, chain, setting.rewards, *terms)

        def gain(incentives: jax.Array) -> jax.Array:
            return jnp.vdot(exact_steps(self.learners, memory, chain, incentives, *terms), slopes)

        phi, ascent = state.planner
        gradient = jax.grad(gain)(jnp.zeros_like(phi)) * setting.bound * (1.0 - jnp.tanh(phi) ** 2)
        alike = jnp.broadcast_to(gradient.sum(axis=1, keepdims=True), gradient.shape)
        by, ascent = ascent.after(
            jnp.where(setting.sees_states, gradient, alike), setting.planner_rate, "adam"
        )
        return _Phi(phi + by, ascent)
