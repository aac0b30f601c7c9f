"""A Markov game written out: all its states, and from each, by joint action, what follows and what it pays.

States are found by walking from the first ones, so only those that can be reached are counted, and those that a game
calls the same (`canonical`) once: the Coin Game on 3 x 3 cells has 128 of them for players who see the board from
themselves. Terminated games lead nowhere: what is missing from a row's sum of 1 is the chance that the game ends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from simulation.markov_games.protocol import ListedGame, Outcomes, joint_actions
from theory.arguments import checked, count, of_type
from theory.checks import FloatArray, IntArray, shown

# States that are followed at once, always as many: for each other number XLA compiles anew.
_AT_ONCE = 64

# Numbers that the tables of a game may have (3 GB).
MOST_NUMBERS = 400_000_000


@dataclass(frozen=True, eq=False)
class EnumeratedGame:
    """The tables of a game of S states and J joint actions, of which each has at most K outcomes.

    Attributes
    ----------
    game
        Which one.
    start
        `[S]` probabilities of first states.
    successors
        `[S, J, K]` places of the states that may follow.
    probabilities
        `[S, J, K]`; their sum falls short of 1 by the chance that the game ends.
    rewards
        `[n_players, S, J]`, expected, in payoff units.
    actions
        `[J, n_players]`: the joint actions.
    observations
        `[S, n_players, size]`.
    states
        The states themselves, one leading axis.
    """

    game: ListedGame
    start: FloatArray
    successors: IntArray
    probabilities: FloatArray
    rewards: FloatArray
    actions: IntArray
    observations: FloatArray
    states: Any

    @property
    def n_states(self) -> int:
        """How many states there are."""
        return len(self.start)

    @property
    def n_players(self) -> int:
        """How many players there are."""
        return len(self.rewards)

    def place_of(self, state: Any) -> int:
        """Return the place of a state in the tables; ValueError if it is none that can be reached."""
        place = None
        if type(state) is type(self.states):
            with jax.enable_x64(True):  # as the states were found
                row = _rows(jax.tree.map(lambda leaf: np.asarray(leaf)[None], self._canonical(state)))
            place = self._places.get(row.tobytes())
        if place is None:
            raise ValueError(f"state must be one that can be reached, got {shown(state)}")
        return place

    @cached_property
    def _canonical(self) -> Callable[[Any], Any]:
        return jax.jit(self.game.canonical)

    @cached_property
    def _places(self) -> dict[bytes, int]:
        return {row.tobytes(): place for place, row in enumerate(_rows(self.states))}

    def transitions(self) -> FloatArray:
        """Return `[S, J, S]` probabilities of what follows."""
        dense = np.zeros((*self.probabilities.shape[:2], self.n_states))
        state, joint, _ = np.indices(self.probabilities.shape)
        np.add.at(dense, (state, joint, self.successors), self.probabilities)
        return dense


ENUMERATED = of_type(EnumeratedGame, called="the tables that `simulation.enumerate_game` returns")


@checked(max_states=count())
def enumerate_game(game: ListedGame, *, max_states: int = 20_000) -> EnumeratedGame:
    """Return the tables of a game that lists what may happen.

    Parameters
    ----------
    game
        Any game that lists its outcomes.
    max_states
        Beyond which it is refused.

    Raises
    ------
    ValueError
        If the game does not list its outcomes, has more states, or its tables would be too large.
    """
    if not isinstance(game, ListedGame):
        raise ValueError(f"a game can be enumerated if it lists its outcomes, got {shown(game)}")
    with jax.enable_x64(True):
        return _walked(game, max_states)


def _walked(game: ListedGame, max_states: int) -> EnumeratedGame:
    actions = joint_actions(game.n_players, game.n_actions)
    follow = jax.jit(jax.vmap(jax.vmap(partial(_followed, game), (None, 0)), (0, None)))
    weights, first = jax.jit(game.starts)()
    rows = _rows(jax.jit(jax.vmap(game.canonical))(first))
    occurs = np.asarray(weights) > 0.0
    known, where = np.unique(rows[occurs], axis=0, return_inverse=True)
    start = np.bincount(where.ravel(), np.asarray(weights)[occurs])
    places = {row.tobytes(): place for place, row in enumerate(known)}
    order = list(known)
    structure = jax.tree.structure(first)
    shapes = [leaf.shape[1:] for leaf in jax.tree.leaves(first)]
    tables, begun = [], 0
    while begun < len(order):
        frontier = np.array(order[begun : begun + _AT_ONCE])
        met = len(frontier)
        padded = np.concatenate([frontier, np.repeat(frontier[:1], _AT_ONCE - met, axis=0)])
        begun += met
        may = jax.tree.map(np.asarray, follow(_states(padded, structure, shapes), actions))
        possible = may.probabilities[:met]
        chances = np.where(may.terminated[:met], 0.0, possible)
        flat = jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[3:]), may.states)
        following = _rows(flat).reshape(*may.probabilities.shape, -1)
        _refuse_too_many(chances.size // met, len(order))
        found = np.zeros(chances.shape, np.int64)
        for index in zip(*np.nonzero(chances), strict=True):
            row = following[index]
            found[index] = places.setdefault(row.tobytes(), len(order))
            if found[index] == len(order):
                order.append(row)
        if len(order) > max_states:
            raise ValueError(
                f"a game may have at most {max_states} states to be enumerated, found {len(order)}"
            )
        expected = np.einsum("sjk,sjkn->nsj", possible, may.rewards[:met])
        tables.append((found, chances, expected))
    states = _states(np.array(order), structure, shapes)
    successors, probabilities, rewards = zip(*tables, strict=True)
    return EnumeratedGame(
        game=game,
        start=np.pad(start, (0, len(order) - len(start))),
        successors=np.concatenate(successors),
        probabilities=np.concatenate(probabilities),
        rewards=np.concatenate(rewards, axis=1),
        actions=np.asarray(actions),
        observations=np.asarray(jax.jit(jax.vmap(game.observe))(states)),
        states=states,
    )


def _followed(game: ListedGame, state: Any, actions: jax.Array) -> Outcomes:
    may = game.outcomes(state, actions)
    return may._replace(states=jax.vmap(game.canonical)(may.states))


def _refuse_too_many(numbers_a_state: int, states: int) -> None:
    if numbers_a_state * states > MOST_NUMBERS:
        raise ValueError(
            f"the tables of a game may have at most {MOST_NUMBERS} numbers, got {numbers_a_state} for each of"
            f" at least {states} states"
        )


def _rows(states: Any) -> npt.NDArray[np.int64]:
    """Return `[states, numbers]`: each state as one row."""
    leaves = [np.asarray(leaf) for leaf in jax.tree.leaves(states)]
    return np.ascontiguousarray(
        np.concatenate([leaf.reshape(len(leaf), -1) for leaf in leaves], axis=1), np.int64
    )


def _states(rows: npt.NDArray[np.int64], structure: Any, shapes: list[tuple[int, ...]]) -> Any:
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    pieces = np.split(rows, ends[:-1], axis=1)
    leaves = [jnp.asarray(piece.reshape(-1, *shape)) for piece, shape in zip(pieces, shapes, strict=True)]
    return jax.tree.unflatten(structure, leaves)
