"""Escape Room ER(N, M): M of N players must hold the lever, which costs them, so that the others get out.

Everybody chooses the next place: lever, start or door. The door is open in a step in which at least M choose the
lever; whoever chooses the door then gets `escape`. Any other move costs `move`, and to stay where one is costs
nothing. The room is left, and the episode ends, when somebody gets out. So nobody gets out unless others pay for it,
who have nothing of it: a case for a planner (Yang et al. 2020, LIO, section 5.2; rules as in its public program).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp

from simulation.markov_games.protocol import ListedGame, Outcomes
from theory.arguments import check_fields
from theory.checks import number_within, whole_number

LEVER, START, DOOR = 0, 1, 2


class RoomState(NamedTuple):
    """Where everybody is."""

    places: jax.Array
    """`[n_players]`: 0 lever, 1 start, 2 door."""


@dataclass(frozen=True, kw_only=True)
class EscapeRoom(ListedGame):
    """Escape Room for N players, of whom M must hold the lever.

    Parameters
    ----------
    players
        N, from 2 to 10.
    needed
        M, from 1 to N - 1.
    horizon
        Steps of an episode, at least 1.
    escape, move
        What getting out gives and another move costs, payoff units, at least 0.

    Raises
    ------
    ValueError
        If a parameter is not as above.
    """

    players: int = 2
    needed: int = 1
    horizon: int = 5
    escape: float = 10.0
    move: float = 1.0

    def __post_init__(self) -> None:
        check_fields(self)
        whole_number("players", self.players, 2, 10)
        whole_number("needed", self.needed, 1, self.players - 1)
        whole_number("horizon", self.horizon, 1)
        number_within("escape", self.escape, 0.0, 1e9)
        number_within("move", self.move, 0.0, 1e9)

    @property
    def n_players(self) -> int:
        """N."""
        return self.players

    @property
    def n_actions(self) -> int:
        """Lever, start, door."""
        return 3

    def starts(self) -> tuple[jax.Array, RoomState]:
        """Return the one first state: everybody at the start."""
        return jnp.ones(1), RoomState(jnp.full((1, self.players), START))

    def outcomes(self, state: RoomState, actions: jax.Array) -> Outcomes:
        """Return the one thing that follows `actions[n_players]`."""
        is_open = jnp.sum(actions == LEVER) >= self.needed
        gets_out = is_open & (actions == DOOR)
        stays = actions == state.places
        rewards = jnp.where(gets_out, self.escape, jnp.where(stays, 0.0, -self.move))
        return Outcomes(jnp.ones(1), RoomState(actions[None]), rewards[None], jnp.any(gets_out)[None])

    def observe(self, state: RoomState) -> jax.Array:
        """Return `[N, 3 N]` zeros and ones: one's own place, then the others' in order from oneself."""
        each = jnp.arange(self.players)
        from_oneself = state.places[(each[:, None] + each[None, :]) % self.players]
        return (from_oneself[:, :, None] == jnp.arange(3)).astype(float).reshape(self.players, -1)
