"""Two walk on a grid, each to its goal: the general-sum Markov games on which Nash-Q was tried (Hu & Wellman 2003).

Each moves up, down, left or right at the same time. Who reaches its own goal gets a reward, both if both do, and the
game ends. If both would come to stand on one cell, both stay where they were and lose a little, unless it is the goal
of both. A barrier stands on the upper side of some cells: to go up from there succeeds with some probability only.

Rules as of "Nash Q-learning for general-sum stochastic games", Journal of Machine Learning Research 4 (2003), 1039.
Conventions here, where that text leaves something open: a move off the board leaves one where one is; two who
would change places stay and lose as if they had met; a cell that is the goal of one of them alone is one like others
for the rule of meeting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp

from simulation.markov_games.protocol import ListedGame, Outcomes
from theory.arguments import check_fields
from theory.checks import number_within, whole_number

UP, DOWN, LEFT, RIGHT = range(4)
_LOWER = (-1, 1, 0, 0)
_TO_THE_RIGHT = (0, 0, -1, 1)

# Rows or columns of a grid.
LONGEST_SIDE = 20

Cell = tuple[int, int]


class GridState(NamedTuple):
    """Where both are."""

    places: jax.Array
    """`[2]`: cells, counted row by row from the upper left one."""


@dataclass(frozen=True, kw_only=True)
class GridGame(ListedGame):
    """Hu and Wellman's grid games; by default the first, whose goals lie crosswise.

    Parameters
    ----------
    rows, columns
        Of the grid, from 1 to 20.
    beginnings, goals
        A cell (row, column) for each of the two players, rows from the upper one; the beginnings differ, and nobody
        begins at its goal.
    barriers
        Cells with a barrier on their upper side.
    passage
        Probability with which one gets through a barrier, in [0, 1].
    prize
        What reaching one's goal gives, payoff units.
    bounce
        What meeting costs each, payoff units, at least 0.
    horizon
        Steps of an episode, at least 1.

    Raises
    ------
    ValueError
        If a parameter is not as above.
    """

    rows: int = 3
    columns: int = 3
    beginnings: tuple[Cell, Cell] = ((2, 0), (2, 2))
    goals: tuple[Cell, Cell] = ((0, 2), (0, 0))
    barriers: tuple[Cell, ...] = ()
    passage: float = 0.5
    prize: float = 100.0
    bounce: float = 1.0
    horizon: int = 100

    def __post_init__(self) -> None:
        check_fields(self)
        whole_number("rows", self.rows, 1, LONGEST_SIDE)
        whole_number("columns", self.columns, 1, LONGEST_SIDE)
        whole_number("horizon", self.horizon, 1)
        number_within("passage", self.passage, 0.0, 1.0)
        number_within("bounce", self.bounce, 0.0, 1e9)
        number_within("prize", self.prize, -1e9, 1e9)
        cells = {(row, column) for row in range(self.rows) for column in range(self.columns)}
        for name in ("beginnings", "goals", "barriers"):
            if not set(getattr(self, name)) <= cells:
                raise ValueError(
                    f"{name} must be cells (row, column) of {self.rows} rows and {self.columns} columns, got"
                    f" {getattr(self, name)!r}"
                )
        for name in ("beginnings", "goals"):
            if len(getattr(self, name)) != 2:
                raise ValueError(
                    f"{name} must be a cell for each of two players, got {getattr(self, name)!r}"
                )
        if self.beginnings[0] == self.beginnings[1]:
            raise ValueError(f"two players must begin on different cells, got {self.beginnings!r}")
        if any(begins == goal for begins, goal in zip(self.beginnings, self.goals, strict=True)):
            raise ValueError(f"nobody may begin at its goal, got {self.beginnings!r} and {self.goals!r}")

    @property
    def n_players(self) -> int:
        """Two."""
        return 2

    @property
    def n_actions(self) -> int:
        """Up, down, left, right."""
        return 4

    def starts(self) -> tuple[jax.Array, GridState]:
        """Return the one first state."""
        return jnp.ones(1), GridState(self._numbers(self.beginnings)[None])

    def outcomes(self, state: GridState, actions: jax.Array) -> Outcomes:
        """Return what follows `actions[2]`, by who gets through a barrier."""
        through = jnp.array([(True, True), (True, False), (False, True), (False, False)])
        if not self.barriers:
            through = through[:1]
        row, column = state.places // self.columns, state.places % self.columns
        to_row = row + jnp.array(_LOWER)[actions]
        to_column = column + jnp.array(_TO_THE_RIGHT)[actions]
        inside = (to_row >= 0) & (to_row < self.rows) & (to_column >= 0) & (to_column < self.columns)
        barred = jnp.isin(state.places, self._numbers(self.barriers)) & (actions == UP)
        chances = jnp.where(barred, jnp.where(through, self.passage, 1.0 - self.passage), through)
        moves = inside & (through | ~barred)
        wanted = jnp.where(moves, to_row * self.columns + to_column, state.places)
        goals = self._numbers(self.goals)
        meets = (wanted[:, 0] == wanted[:, 1]) & ~jnp.all(wanted == goals, axis=1)
        swaps = jnp.all(wanted == state.places[::-1], axis=1)
        stays = meets | swaps
        places = jnp.where(stays[:, None], state.places, wanted)
        arrived = places == goals
        rewards = self.prize * arrived - self.bounce * stays[:, None]
        return Outcomes(jnp.prod(chances, axis=1), GridState(places), rewards, jnp.any(arrived, axis=1))

    def observe(self, state: GridState) -> jax.Array:
        """Return `[2, size]` zeros and ones: one's own cell, the other's."""
        own = (state.places[:, None] == jnp.arange(self.rows * self.columns)).astype(float)
        return jnp.concatenate([own, own[::-1]], axis=1)

    def _numbers(self, cells: tuple[Cell, ...]) -> jax.Array:
        return jnp.array([row * self.columns + column for row, column in cells], int)


def second_grid_game() -> GridGame:
    """Return Hu and Wellman's second grid game: one goal for both, and barriers above where they begin."""
    return GridGame(goals=((0, 1), (0, 1)), barriers=((2, 0), (2, 2)))
