"""Soccer for two on a small board: the zero-sum Markov game in which no pure policy is safe (Littman 1994).

Two players stand on different cells, one of whom has the ball. Each chooses north, south, east, west or to stand, and
the two moves are made one after the other, either first with probability 1/2. Who would step onto the other's cell
stays, and the one who was stepped upon has the ball then. The first player scores by carrying the ball out of the
board to the west in a row of the goals, the second to the east: +1 for oneself, -1 for the other, and the game ends.

Rules as Littman's, "Markov games as a framework for multi-agent reinforcement learning" (ICML 1994). What his text
leaves open is a convention here: nobody can carry the ball into its own goal (the move leaves one where one
is), and the game ends with a goal instead of beginning anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp

from simulation.markov_games.protocol import ListedGame, Outcomes
from theory.arguments import check_fields
from theory.checks import whole_number

NORTH, SOUTH, EAST, WEST, STAND = range(5)
_DOWN = (-1, 1, 0, 0, 0)
_RIGHT = (0, 0, 1, -1, 0)

# Rows or columns of a board.
LONGEST_SIDE = 20


class SoccerState(NamedTuple):
    """Where both are, and who has the ball."""

    places: jax.Array
    """`[2]`: cells, counted row by row from the upper left one."""
    ball: jax.Array
    """0 or 1."""


@dataclass(frozen=True, kw_only=True)
class Soccer(ListedGame):
    """Littman's soccer.

    At kick-off both stand in their own halves, in the middle rows, and either has the ball with probability 1/2.

    Parameters
    ----------
    rows, columns
        Of the board: at least 2 rows, at least 3 columns, at most 20.
    goal_rows
        Rows of both goals, counted from 0.
    horizon
        Steps of an episode, at least 1.

    Raises
    ------
    ValueError
        If a parameter is not as above.
    """

    rows: int = 4
    columns: int = 5
    goal_rows: tuple[int, ...] = (1, 2)
    horizon: int = 100

    def __post_init__(self) -> None:
        check_fields(self)
        whole_number("rows", self.rows, 2, LONGEST_SIDE)
        whole_number("columns", self.columns, 3, LONGEST_SIDE)
        whole_number("horizon", self.horizon, 1)
        if not self.goal_rows or not set(self.goal_rows) <= set(range(self.rows)):
            raise ValueError(f"goal_rows must be rows from 0 to {self.rows - 1}, got {self.goal_rows!r}")

    @property
    def n_players(self) -> int:
        """Two."""
        return 2

    @property
    def n_actions(self) -> int:
        """North, south, east, west, stand."""
        return 5

    def kick_off(self, ball: int) -> SoccerState:
        """Return the state in which one of the two kicks off."""
        middle = self.rows // 2
        cells = ((middle - 1) * self.columns + self.columns - 2, middle * self.columns + 1)
        return SoccerState(jnp.array(cells), jnp.array(ball))

    def starts(self) -> tuple[jax.Array, SoccerState]:
        """Return both kick-offs."""
        both = [self.kick_off(ball) for ball in (0, 1)]
        return jnp.full(2, 0.5), jax.tree.map(lambda *states: jnp.stack(states), *both)

    def outcomes(self, state: SoccerState, actions: jax.Array) -> Outcomes:
        """Return what follows `actions[2]` if the first player moves first, and if the second does."""
        each = [self._after(state, actions, order) for order in ((0, 1), (1, 0))]
        states, goals = zip(*each, strict=True)
        scored = jnp.stack(goals)
        return Outcomes(
            jnp.full(2, 0.5),
            jax.tree.map(lambda *parts: jnp.stack(parts), *states),
            jnp.stack([scored, -scored], axis=1).astype(float),
            scored != 0,
        )

    def _after(
        self, state: SoccerState, actions: jax.Array, order: tuple[int, int]
    ) -> tuple[SoccerState, jax.Array]:
        """Return the state after both moves, and +1 or -1 for a goal of the first or second player, else 0."""
        places, ball = state
        scored = jnp.array(0)
        for who in order:
            other = places[1 - who]
            row, column = places[who] // self.columns, places[who] % self.columns
            row_there = row + jnp.array(_DOWN)[actions[who]]
            column_there = column + jnp.array(_RIGHT)[actions[who]]
            beyond = -1 if who == 0 else self.columns
            goal = (ball == who) & jnp.isin(row, jnp.array(self.goal_rows)) & (column_there == beyond)
            scored = jnp.where((scored == 0) & goal, 1 - 2 * who, scored)
            inside = (
                (row_there >= 0)
                & (row_there < self.rows)
                & (column_there >= 0)
                & (column_there < self.columns)
            )
            there = row_there * self.columns + column_there
            bumps = inside & (there == other)
            places = places.at[who].set(jnp.where(inside & ~bumps, there, places[who]))
            ball = jnp.where(bumps, 1 - who, ball)
        return SoccerState(places, ball), scored

    def observe(self, state: SoccerState) -> jax.Array:
        """Return `[2, size]` zeros and ones: one's own cell, the other's, and whether one has the ball."""
        cells = jnp.arange(self.rows * self.columns)
        own = (state.places[:, None] == cells).astype(float)
        has = (jnp.arange(2) == state.ball).astype(float)[:, None]
        return jnp.concatenate([own, own[::-1], has], axis=1)
