"""A matrix game played again and again by players who remember the last round: a Markov game of few states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp

from simulation.markov_games.protocol import ListedGame, Outcomes, joint_actions
from theory import Game
from theory.arguments import check_fields
from theory.checks import number_within, whole_number


class LastRound(NamedTuple):
    """What is remembered."""

    actions: jax.Array
    """`[n_players]`, all -1 before the first round."""


@dataclass(frozen=True, kw_only=True)
class IteratedGame(ListedGame):
    """A game of the theory as a Markov game whose state is the last round.

    Parameters
    ----------
    game
        Any finite game in which all have as many actions.
    horizon
        Rounds of an episode, at least 1.
    remember
        Whether players see the last round; else all states look the same to them.
    slip
        Probability that a player's action is replaced by a uniform other one, each by itself, in [0, 1).

    Raises
    ------
    ValueError
        If a parameter is not as above.
    """

    game: Game
    horizon: int = 100
    remember: bool = True
    slip: float = 0.0

    def __post_init__(self) -> None:
        check_fields(self)
        if not isinstance(self.game, Game):
            raise ValueError(f"game must be a Game, got {self.game!r}")
        if len(set(self.game.n_actions)) != 1:
            raise ValueError(f"all players must have as many actions, got {self.game.n_actions}")
        whole_number("horizon", self.horizon, 1)
        number_within("slip", self.slip, 0.0, 1.0)

    @property
    def n_players(self) -> int:
        """As the game has."""
        return self.game.n_players

    @property
    def n_actions(self) -> int:
        """As each player of the game has."""
        return self.game.n_actions[0]

    def starts(self) -> tuple[jax.Array, LastRound]:
        """Return the one first state: nothing has been played."""
        return jnp.ones(1), LastRound(jnp.full((1, self.n_players), -1))

    def outcomes(self, state: LastRound, actions: jax.Array) -> Outcomes:
        """Return every joint action that slips may make of `actions[n_players]`."""
        played = joint_actions(self.n_players, self.n_actions)
        others = max(self.n_actions - 1, 1)
        as_meant = played == actions[None, :]
        chances = jnp.prod(jnp.where(as_meant, 1.0 - self.slip, self.slip / others), axis=1)
        rewards = jnp.asarray(self.game.payoffs, float).reshape(self.n_players, -1).T
        return Outcomes(chances, LastRound(played), rewards, jnp.zeros(len(played), bool))

    def canonical(self, state: LastRound) -> LastRound:
        """Return the state itself, or the first one where players do not see the last round."""
        return state if self.remember else LastRound(jnp.full_like(state.actions, -1))

    def observe(self, state: LastRound) -> jax.Array:
        """Return `[n_players, size]`: by zeros and ones the last round, oneself first; a single one before it."""
        n, m = self.n_players, self.n_actions
        if not self.remember:
            return jnp.ones((n, 1))
        each = jnp.arange(n)
        from_oneself = state.actions[(each[:, None] + each[None, :]) % n]
        code = jnp.sum(from_oneself * m ** jnp.arange(n)[::-1], axis=1)
        code = jnp.where(state.actions[0] < 0, m**n, code)
        return (code[:, None] == jnp.arange(m**n + 1)).astype(float)
