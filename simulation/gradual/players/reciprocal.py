"""Classic reciprocal strategies on degrees of cooperation; with two levels they are the well-known ones."""

from __future__ import annotations

from dataclasses import dataclass

from simulation.engine.compilation import rule
from simulation.gradual.seat import seat_at
from simulation.gradual.state import CHOICE, COUNTER, GRIM, TIT_FOR_TAT, WIN_STAY, Mind, Player
from theory import Game
from theory.arguments import check_fields, checked, place
from theory.checks import number_within
from theory.games.checks import two_player_game

# Position of generous Tit-for-Tat's tunable, and of win-stay lose-shift's.
GENEROSITY = 0
ASPIRATION = 0


@dataclass(frozen=True, kw_only=True)
class TitForTat:
    """Copy the other's last level; with the probability of generosity cooperate fully instead."""

    generosity: float = 0.0
    """In [0, 1]."""

    def __post_init__(self) -> None:
        check_fields(self)
        number_within("generosity", self.generosity, 0.0, 1.0)

    @checked(game=two_player_game, role=place(2))
    def seat(self, game: Game, role: int) -> Player:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        if game.n_actions[0] != game.n_actions[1]:
            raise ValueError(f"Tit-for-Tat needs the same levels for both players, got {game.n_actions}")
        return seat_at(game, role, TIT_FOR_TAT, (self.generosity,))


@dataclass(frozen=True)
class Grim:
    """Cooperate fully until the other's level is below 1/2, then defect for ever."""

    @checked(game=two_player_game, role=place(2))
    def seat(self, game: Game, role: int) -> Player:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        return seat_at(game, role, GRIM, ())


@dataclass(frozen=True)
class WinStayLoseShift:
    """Keep the level while the payoff is above the middle of (C, C)'s and (D, D)'s, else shift."""

    @checked(game=two_player_game, role=place(2))
    def seat(self, game: Game, role: int) -> Player:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        payoffs = game.payoffs[role]
        return seat_at(game, role, WIN_STAY, ((payoffs[0, 0] + payoffs[-1, -1]) / 2.0,))


@rule
def is_cooperative(action: int, n_actions: int) -> bool:
    """Return whether a level is at least 1/2."""
    return 2 * action <= n_actions - 1


@rule
def play_tit_for_tat(player: Player, other: int, first: bool, draw: float) -> int:
    """Cooperate fully at first and with the probability of generosity; else copy the other's last level."""
    return 0 if first or draw < player.tunables[GENEROSITY] else other


@rule
def play_grim(player: Player, mind: Mind, other: int, first: bool) -> int:
    """Cooperate fully until the other's level is below 1/2, then defect for ever."""
    n_actions = player.own_payoffs.shape[1]
    if not first and not is_cooperative(other, n_actions):
        mind.numbers[COUNTER] = 1.0
    return player.own_payoffs.shape[0] - 1 if mind.numbers[COUNTER] > 0.0 else 0


@rule
def play_win_stay(mind: Mind, first: bool) -> int:
    """Cooperate fully at first; then keep the level or shift as the last payoff said."""
    return 0 if first else int(mind.numbers[CHOICE])


@rule
def learn_win_stay(player: Player, mind: Mind, own: int, payoff: float) -> None:
    """Keep the level if the payoff reached the aspiration; else shift between C and D."""
    n_actions = player.own_payoffs.shape[0]
    if payoff >= player.tunables[ASPIRATION]:
        mind.numbers[CHOICE] = own
    else:
        mind.numbers[CHOICE] = n_actions - 1 if is_cooperative(own, n_actions) else 0
