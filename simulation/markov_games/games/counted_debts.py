"""The Coin Game of players who remember who owes whom: coins of the other's colour, taken and not yet taken back.

Who takes a coin of the other's colour owes one more, and who is owed one is owed one less when it takes one back.
What the first player owes the second, less what the second owes the first, is remembered up to `most` either way, and
both see it. It changes nothing of what coins give: it is what policies, and only they, may depend on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

import jax
import jax.numpy as jnp

from simulation.markov_games.games.coin_game import CoinGame, CoinState
from simulation.markov_games.protocol import ListedGame, Outcomes
from theory.arguments import check_fields
from theory.checks import known_name, shown, whole_number

FirstDebts = Literal["even", "any"]


class DebtState(NamedTuple):
    """Where everything is, and who owes whom."""

    board: CoinState
    owed: jax.Array
    """How many coins the first player owes; negative where the second does."""


@dataclass(frozen=True, kw_only=True)
class CountedDebts(ListedGame):
    """A Coin Game whose players see, beside the board, what they owe each other.

    Parameters
    ----------
    game
        Which one; it must be certain who gets a coin, so its ties do not go by lot.
    most
        Coins, from 1 to 8: what is owed beyond is forgotten.
    begin
        An episode begins with nothing owed (`even`), or with `any` debt, all as probable.

    Raises
    ------
    ValueError
        If a parameter is not as above.
    """

    game: CoinGame = field(default_factory=CoinGame)
    most: int = 2
    begin: FirstDebts = "even"
    horizon: int = field(init=False, default=1)

    def __post_init__(self) -> None:
        if not isinstance(self.game, CoinGame):
            raise ValueError(f"game must be a CoinGame, got {shown(self.game)}")
        object.__setattr__(self, "horizon", self.game.horizon)
        check_fields(self)
        whole_number("most", self.most, 1, 8)
        known_name("beginning", self.begin, get_args(FirstDebts))
        if self.game.ties == "lot":
            raise ValueError("debts are counted where it is certain who gets a coin, got ties by lot")

    @property
    def n_players(self) -> int:
        """Two."""
        return self.game.n_players

    @property
    def n_actions(self) -> int:
        """As in the game within."""
        return self.game.n_actions

    def starts(self) -> tuple[jax.Array, DebtState]:
        """Return `[k]` probabilities of first states, and these."""
        weights, boards = self.game.starts()
        owed = jnp.arange(-self.most, self.most + 1) if self.begin == "any" else jnp.zeros(1, int)
        repeated = jax.tree.map(lambda cells: jnp.tile(cells, (len(owed), 1)), boards)
        return jnp.tile(weights, len(owed)) / len(owed), DebtState(repeated, jnp.repeat(owed, len(weights)))

    def outcomes(self, state: DebtState, actions: jax.Array) -> Outcomes:
        """Return all that may follow `actions[2]`."""
        may = self.game.outcomes(state.board, actions)
        picked = self.game.pick_ups(state.board, actions).astype(state.owed.dtype)
        owed = jnp.clip(state.owed + picked[0, 1] - picked[1, 0], -self.most, self.most)
        return may._replace(states=DebtState(may.states, jnp.full(len(may.probabilities), owed)))

    def pick_ups(self, state: DebtState, actions: jax.Array) -> jax.Array:
        """Return `[player, colour]`: as in the game within."""
        return self.game.pick_ups(state.board, actions)

    def observe(self, state: DebtState) -> jax.Array:
        """Return `[2, size]`: what each sees of the board, and zeros and a one for what it owes, the least first."""
        owes = jnp.stack([state.owed, -state.owed])[:, None] == jnp.arange(-self.most, self.most + 1)
        return jnp.concatenate([self.game.observe(state.board), owes.astype(float)], axis=1)

    def canonical(self, state: DebtState) -> DebtState:
        """Return the state that stands for it, whose board stands for its own."""
        return state._replace(board=self.game.canonical(state.board))
