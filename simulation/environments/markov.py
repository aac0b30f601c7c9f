"""A game with state as an environment of PettingZoo: JAX plays a step, compiled once for all episodes of a game."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import numpy as np
from gymnasium.spaces import Box
from numpy.typing import NDArray

from simulation.environments.base import GameEnvironment
from simulation.markov_games.protocol import MarkovGame
from theory.checks import FloatArray, IntArray

# Keys of JAX are made of whole numbers below this.
_KEYS = 2**31


class Programs(NamedTuple):
    """What JAX has compiled of a game; chance is a whole number below 2^31."""

    begin: Callable[..., Any]
    """`begin(chance)` returns the first state and what all see of it."""
    follow: Callable[..., Any]
    """`follow(state, actions, chance)` returns what `MarkovGame.step` does, and what all see then."""


class MarkovGameEnvironment(GameEnvironment):
    """A game with state; see `simulation.parallel_environment`."""

    def __init__(self, game: MarkovGame, *, horizon: int, render_mode: str | None) -> None:
        self.game = game
        self._programs = _programs(game)
        first, seen = self._programs.begin(0)
        self._state, self._seen = first, np.asarray(seen)
        size = self._seen.shape[1]
        infinite = np.iinfo(np.int64)
        super().__init__(
            name=type(game).__name__,
            n_actions=(game.n_actions,) * game.n_players,
            views=[Box(-np.inf, np.inf, (size,), np.float32) for _ in range(game.n_players)],
            board=Box(infinite.min, infinite.max, (len(self._board()),), np.int64),
            horizon=horizon,
            masked=False,
            render_mode=render_mode,
        )

    def _begin(self, generator: np.random.Generator) -> None:
        self._state, seen = self._programs.begin(int(generator.integers(_KEYS)))
        self._seen = np.asarray(seen)

    def _play(self, actions: list[int], generator: np.random.Generator) -> tuple[FloatArray, bool, list[int]]:
        chance = int(generator.integers(_KEYS))
        step, seen = self._programs.follow(self._state, np.array(actions, np.int32), chance)
        self._state, self._seen = step.state, np.asarray(seen)
        return np.asarray(step.rewards, np.float64), bool(step.terminated), actions

    def _view(self, player: int) -> NDArray[np.float32]:
        return np.array(self._seen[player], np.float32)

    def _board(self) -> IntArray:
        return np.concatenate([np.asarray(leaf, np.int64).ravel() for leaf in jax.tree.leaves(self._state)])

    def _text(self) -> str:
        parts = jax.tree_util.tree_leaves_with_path(self._state)
        return ", ".join(
            f"{jax.tree_util.keystr(path, simple=True)} {np.asarray(value).tolist()}" for path, value in parts
        )


def _programs(game: MarkovGame) -> Programs:
    """Return the programs of a game; those of the last few games are kept, whose parameters can be looked up."""
    try:
        return _kept_programs(game)
    except TypeError:  # a game of somebody's own that cannot be hashed
        return _new_programs(game)


def _new_programs(game: MarkovGame) -> Programs:
    @jax.jit
    def begin(chance: Any) -> Any:
        state = game.reset(jax.random.key(chance))
        return state, game.observe(state)

    @jax.jit
    def follow(state: Any, actions: Any, chance: Any) -> Any:
        step = game.step(state, actions, jax.random.key(chance))
        return step, game.observe(step.state)

    return Programs(_in_double_precision(begin), _in_double_precision(follow))


_kept_programs = lru_cache(maxsize=32)(_new_programs)


def _in_double_precision(program: Callable[..., Any]) -> Callable[..., Any]:
    """Return a program whose numbers are those of the game's tables: rewards as they are given."""

    def played(*arguments: Any) -> Any:
        with jax.enable_x64(True):
            return program(*arguments)

    return played
