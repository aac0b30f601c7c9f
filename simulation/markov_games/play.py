"""An episode of any game with state, step by step, as a process of the project's Mesa base.

The law is plain Python around the game's own `step`: who plays draws an action from its policy, and the game's chance
has a key of JAX that is drawn too. So with a seed an episode repeats, on one kind of machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import numpy as np

from simulation.engine.runs import Process
from simulation.markov_games.protocol import MarkovGame
from theory.checks import FloatArray, IntArray

# Keys of JAX are made of whole numbers below this.
_KEYS = 2**31


class Playing(NamedTuple):
    """What an episode carries from step to step."""

    numbers: IntArray
    """`[k]`: those of the state, in its own order."""
    ended: IntArray
    """`[1]`: 1 once the game has ended; what follows changes nothing and pays nothing."""
    actions: IntArray
    """`[n_players]`: of the last step that was played; -1 before the first."""
    total: FloatArray
    """`[n_players]`: sum of rewards so far, in payoff units."""


class StepRewards(NamedTuple):
    """What a step gave."""

    rewards: FloatArray
    """`[n_players]`, in payoff units."""


class _Nothing(NamedTuple):
    nothing: FloatArray


@dataclass(frozen=True, eq=False)
class PlayedEpisode:
    """An episode of a game as players of some policies play it.

    Attributes
    ----------
    game
        Which one.
    chances
        Of a state: `[n_players, A]`, with what chance each takes each action.
    """

    game: MarkovGame
    chances: Callable[[Any], FloatArray]

    def state_of(self, numbers: IntArray) -> Any:
        """Return a state from its numbers."""
        structure, shapes = _form(self.game)
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
        pieces = zip(np.split(np.asarray(numbers), ends[:-1]), shapes, strict=True)
        return jax.tree.unflatten(
            structure, [piece.reshape(shape).astype(np.int32) for piece, shape in pieces]
        )

    def process(self) -> Process:
        """Return the episode as a process of the Mesa base."""
        n_players = self.game.n_players
        return Process(
            law=self.play,
            unit="step",
            steps=self.game.horizon,
            draws=n_players + 1,
            constants=(),
            start=self.start,
            room=_no_room,
            record=lambda: StepRewards(np.full(n_players, np.nan)),
            recorded={"rewards": ("player",)},
            watched=lambda state: (state.total,),
            tell=lambda state, record, before: f"the sums of rewards are {state.total.tolist()}",
            compile_law=False,
        )

    def start(self, generator: np.random.Generator) -> Playing:
        """Return what an episode begins with."""
        n_players = self.game.n_players
        state = _reset(self.game)(jax.random.key(int(generator.integers(_KEYS))))
        return Playing(_numbers(state), np.zeros(1, np.int64), np.full(n_players, -1), np.zeros(n_players))

    def play(
        self, carried: Playing, draws: FloatArray, step: int, constants: Any, room: Any, record: StepRewards
    ) -> None:
        """Play a step by `draws[n_players + 1]`: an action of each player, and chance."""
        record.rewards[:] = 0.0
        if carried.ended[0]:
            return
        state = self.state_of(carried.numbers)
        sums = self.chances(state).cumsum(axis=1)
        carried.actions[:] = [
            np.searchsorted(own / own[-1], draw, side="right") for own, draw in zip(sums, draws, strict=False)
        ]
        key = jax.random.key(int(draws[-1] * _KEYS))
        followed = _step(self.game)(state, np.array(carried.actions, np.int32), key)
        record.rewards[:] = followed.rewards
        carried.total[:] += record.rewards
        carried.numbers[:] = _numbers(followed.state)
        carried.ended[0] = followed.terminated


def _no_room() -> _Nothing:
    return _Nothing(np.empty(0))


def _numbers(state: Any) -> IntArray:
    return np.concatenate([np.asarray(leaf, np.int64).ravel() for leaf in jax.tree.leaves(state)])


@lru_cache(maxsize=32)
def _step(game: MarkovGame) -> Callable[..., Any]:
    stepped: Callable[..., Any] = jax.jit(game.step)
    return stepped


@lru_cache(maxsize=32)
def _reset(game: MarkovGame) -> Callable[..., Any]:
    begun: Callable[..., Any] = jax.jit(game.reset)
    return begun


@lru_cache(maxsize=32)
def _form(game: MarkovGame) -> tuple[Any, tuple[tuple[int, ...], ...]]:
    """Return how the state of a game is built, and the shapes of its parts."""
    state = _reset(game)(jax.random.key(0))
    return jax.tree.structure(state), tuple(np.shape(leaf) for leaf in jax.tree.leaves(state))
