"""The Coin Game: two players on a torus pick coins of two colours; the wrong colour costs the other (thesis 4.3.1).

A coin lies on the board. Whoever stands on it after a move gets `coin`, whatever its colour; if it is of the other's
colour, the other loses `loss`. Then a new coin appears. Who grabs everything gains by it and costs the other more: a
Prisoner's Dilemma in which cooperation is a way of playing (Lerer and Peysakhovich 2017).

The thesis leaves open what published programs decide in different ways, so all of it are parameters:

===================  ========  ===========  ==============  ============
what                 thesis    marltoolbox  LOLA's authors  pax
===================  ========  ===========  ==============  ============
`colours`            random    alternating  alternating     both
`ties`               (open)    both         first           both
`stay`               (open)    no           no              yes
`anywhere`           (open)    no           no              yes
===================  ========  ===========  ==============  ============
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import jax
import jax.numpy as jnp

from simulation.markov_games.protocol import ListedGame, Outcomes
from theory.arguments import check_fields
from theory.checks import known_name, number_within, whole_number

Colours = Literal["random", "alternating", "both"]
Ties = Literal["both", "first", "lot"]
View = Literal["centred", "board", "first"]

# Rows and columns that each action moves by: up, down, left, right, stay.
MOVES = ((-1, 0), (1, 0), (0, -1), (0, 1), (0, 0))

NOWHERE = -1


class CoinState(NamedTuple):
    """Where everything is, in cells counted row by row."""

    players: jax.Array
    """`[2]`."""
    coins: jax.Array
    """`[2]`: the coin of each player's colour, -1 where there is none."""


@dataclass(frozen=True, kw_only=True)
class CoinGame(ListedGame):
    """The Coin Game; by default as the thesis describes it, and with what it leaves open as in marltoolbox.

    Parameters
    ----------
    size
        Rows and columns of the torus, from 2 to 16.
    horizon
        Steps of an episode, at least 1.
    colours
        Of a new coin: `random`, `alternating` with the one before, or a coin of `both` colours at any time, each put
        back alone.
    ties
        Who gets a coin on which both stand: `both`, the `first` player, or one by `lot`.
    stay
        Whether there is a fifth action: to stay.
    anywhere
        Whether players and new coins are put on any cell; else players begin on two cells, and coins appear on cells
        without a player. Two coins may always share a cell.
    view
        What a player sees, itself and its own colour first: `centred`, where the other and both coins are from
        itself, `[3 cells]` zeros and ones; `board`, where all four are on the board, `[4 cells]`; `first`, where
        both see the board as the first player does (the thesis's program).
    coin, loss
        What a coin gives to whoever gets it, and takes from the other if of its colour; payoff units, at least 0.

    Raises
    ------
    ValueError
        If a parameter is not as above, or the board is too small for two players and a coin on three cells.
    """

    size: int = 3
    horizon: int = 100
    colours: Colours = "random"
    ties: Ties = "both"
    stay: bool = False
    anywhere: bool = False
    view: View = "centred"
    coin: float = 1.0
    loss: float = 2.0

    def __post_init__(self) -> None:
        check_fields(self)
        whole_number("size", self.size, 2, 16)
        whole_number("horizon", self.horizon, 1)
        known_name("rule of colours", self.colours, get_args(Colours))
        known_name("rule of ties", self.ties, get_args(Ties))
        known_name("view", self.view, get_args(View))
        number_within("coin", self.coin, 0.0, 1e9)
        number_within("loss", self.loss, 0.0, 1e9)

    @property
    def n_players(self) -> int:
        """Two."""
        return 2

    @property
    def n_actions(self) -> int:
        """Up, down, left, right, and perhaps stay."""
        return 4 + self.stay

    @property
    def n_cells(self) -> int:
        """Of the board."""
        return self.size**2

    def starts(self) -> tuple[jax.Array, CoinState]:
        """Return `[k]` probabilities of first states, and these."""
        cells = jnp.arange(self.n_cells)
        first, second = (each.ravel() for each in jnp.meshgrid(cells, cells, indexing="ij"))
        players = jnp.stack([first, second], axis=-1)
        weights, coins = jax.vmap(self._new_coins)(players)
        placed = jnp.where(self.anywhere | (first != second), 1.0, 0.0)
        weights = weights * (placed / placed.sum())[:, None]
        k = weights.shape[1]
        return weights.ravel(), CoinState(jnp.repeat(players, k, axis=0), coins.reshape(-1, 2))

    def reset(self, key: jax.Array) -> CoinState:
        """Return the state that an episode begins with: what `starts` lists, without the list."""
        for_players, for_coins = jax.random.split(key)
        players = jax.random.choice(for_players, self.n_cells, (2,), replace=self.anywhere)
        weights, coins = self._new_coins(players)
        return CoinState(players, coins[jax.random.choice(for_coins, len(weights), p=weights)])

    def outcomes(self, state: CoinState, actions: jax.Array) -> Outcomes:
        """Return all that may follow `actions[2]`."""
        players = self._moved(state.players, actions)
        on_coin = players[:, None] == state.coins[None, :]  # [player, colour]
        lots = jnp.arange(2 if self.ties == "lot" else 1)
        gets = jax.vmap(lambda lot: self._gets(on_coin, lot))(lots)  # [lot, player, colour]
        own = jnp.eye(2, dtype=bool)
        lost = jnp.sum(gets & ~own, axis=1)  # [lot, colour]: by the player of that colour
        rewards = self.coin * jnp.sum(gets, axis=2) - self.loss * lost
        weights, coins = self._next_coins(state.coins, jnp.any(on_coin, axis=0), players)
        n_lots, k = len(lots), len(weights)
        return Outcomes(
            probabilities=jnp.tile(weights, n_lots) / n_lots,
            states=CoinState(jnp.broadcast_to(players, (n_lots * k, 2)), jnp.tile(coins, (n_lots, 1))),
            rewards=jnp.repeat(rewards, k, axis=0).astype(float),
            terminated=jnp.zeros(n_lots * k, bool),
        )

    def pick_ups(self, state: CoinState, actions: jax.Array) -> jax.Array:
        """Return `[player, colour]`: how probably each picks the coin of each player's colour by `actions[2]`."""
        on_coin = self._moved(state.players, actions)[:, None] == state.coins[None, :]
        lots = jnp.arange(2 if self.ties == "lot" else 1)
        return jax.vmap(lambda lot: self._gets(on_coin, lot))(lots).mean(axis=0)

    def observe(self, state: CoinState) -> jax.Array:
        """Return `[2, size]` zeros and ones: what each player sees (see `view`)."""
        return jnp.stack([self._seen_by(state, 0), self._seen_by(state, 0 if self.view == "first" else 1)])

    def canonical(self, state: CoinState) -> CoinState:
        """Return the state moved over the torus so that the first player is at cell 0, where views are centred."""
        if self.view != "centred":
            return state
        origin = state.players[0]
        coins = jnp.where(state.coins == NOWHERE, NOWHERE, self._from(origin, state.coins))
        return CoinState(self._from(origin, state.players), coins)

    def _moved(self, cells: jax.Array, actions: jax.Array) -> jax.Array:
        by = jnp.array(MOVES)[actions]
        rows = (cells // self.size + by[:, 0]) % self.size
        columns = (cells % self.size + by[:, 1]) % self.size
        return rows * self.size + columns

    def _from(self, origin: jax.Array, cells: jax.Array) -> jax.Array:
        rows = (cells // self.size - origin // self.size) % self.size
        columns = (cells % self.size - origin % self.size) % self.size
        return rows * self.size + columns

    def _gets(self, on_coin: jax.Array, lot: jax.Array) -> jax.Array:
        """Return who gets which coin, `[player, colour]`, where a lot of 0 falls to the first player."""
        if self.ties == "both":
            return on_coin
        tied = jnp.all(on_coin, axis=0)
        chosen = jnp.arange(2) == (0 if self.ties == "first" else lot)
        return on_coin & (~tied[None, :] | chosen[:, None])

    def _free(self, players: jax.Array) -> jax.Array:
        """Return `[cells]` probabilities of where a new coin appears."""
        cells = jnp.arange(self.n_cells)
        free = jnp.all(cells[:, None] != players[None, :], axis=1) | self.anywhere
        return free / jnp.sum(free)

    def _new_coins(self, players: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Return `[k]` probabilities of the first coins, and these `[k, 2]`."""
        none = jnp.full(2, NOWHERE)
        picked = jnp.array([True, True])
        if self.colours != "alternating":
            return self._next_coins(none, picked, players)
        # Which colour comes first is a matter of chance.
        weights, coins = zip(*(self._put(colour, self._free(players)) for colour in (0, 1)), strict=True)
        return jnp.concatenate(weights) / 2.0, jnp.concatenate(coins)

    def _next_coins(
        self, coins: jax.Array, picked: jax.Array, players: jax.Array
    ) -> tuple[jax.Array, jax.Array]:
        """Return `[k]` probabilities of the coins that lie there next, and these `[k, 2]`."""
        free = self._free(players)
        if self.colours == "both":
            return self._put_back(coins, picked, free)
        colours = (0, 1)
        chances = {
            "random": jnp.array([0.5, 0.5]),
            "alternating": jnp.where(picked, 0.0, 1.0),
        }[self.colours]
        weights, put = zip(*(self._put(colour, free) for colour in colours), strict=True)
        weight = jnp.concatenate([chances[colour] * weights[colour] for colour in colours])
        lying = jnp.where(
            jnp.arange(len(weight)) == 0, 1.0, 0.0
        )  # nobody picked it: one outcome, the same coin
        any_picked = jnp.any(picked)
        return (
            jnp.where(any_picked, weight, lying),
            jnp.where(any_picked, jnp.concatenate(put), coins[None, :]),
        )

    def _put(self, colour: int, free: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Return `[cells]` probabilities of one coin of this colour, and the coins `[cells, 2]`."""
        cells = jnp.arange(self.n_cells)
        return free, jnp.stack(
            [cells if each == colour else jnp.full_like(cells, NOWHERE) for each in (0, 1)], axis=-1
        )

    def _put_back(self, coins: jax.Array, picked: jax.Array, free: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Return `[k]` probabilities of both coins, those picked put back, and these `[k, 2]`."""
        cells = jnp.arange(self.n_cells)
        stays = (cells[None, :] == coins[:, None]).astype(float)
        each = jnp.where(picked[:, None], free[None, :], stays)  # [colour, cell]
        one, two = (grid.ravel() for grid in jnp.meshgrid(cells, cells, indexing="ij"))
        return each[0][one] * each[1][two], jnp.stack([one, two], axis=-1)

    def _seen_by(self, state: CoinState, player: int) -> jax.Array:
        other = 1 - player
        seen = [state.players[other], state.coins[player], state.coins[other]]
        if self.view == "centred":
            seen = [
                jnp.where(cell == NOWHERE, NOWHERE, self._from(state.players[player], cell)) for cell in seen
            ]
        else:
            seen.insert(0, state.players[player])
        return (jnp.stack(seen)[:, None] == jnp.arange(self.n_cells)).astype(float).ravel()
