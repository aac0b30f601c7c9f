"""Win-stay lose-shift on degrees of cooperation; with two levels it is the well-known one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from simulation.engine.compilation import rule
from simulation.gradual.seat import (
    Asked,
    DuelPlayer,
    Mind,
    Played,
    Seat,
    is_cooperative,
    reading,
    seat_at,
    viewing,
)
from theory import Game
from theory.arguments import checked, place
from theory.checks import FloatArray
from theory.games.checks import two_player_game
from theory.resolution import TIE


class Numbers(NamedTuple):
    """What the rules go by."""

    aspiration: float
    """Up to rounding."""


class Memory(NamedTuple):
    """What is remembered."""

    next_action: FloatArray


numbers, memory = reading(Numbers), viewing(Memory)


@dataclass(frozen=True)
class WinStayLoseShift(DuelPlayer):
    """Keep the level while the payoff is above the middle of (C, C)'s and (D, D)'s, else shift."""

    Memory: ClassVar = Memory

    @checked(game=two_player_game, role=place(2))
    def seat(self, game: Game, role: int) -> Seat:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        payoffs = game.payoffs[role]
        middle = (payoffs[0, 0] + payoffs[-1, -1]) / 2.0
        return seat_at(game, role, Numbers(middle - TIE * game.payoff_range[role]))

    @staticmethod
    @rule
    def choose(seat: Seat, mind: Mind, asked: Asked) -> int:
        """Cooperate fully at first; then keep the level or shift as the last payoff said."""
        return 0 if asked.turn == 0 else int(memory(mind.memory).next_action[0])

    @staticmethod
    @rule
    def learn(seat: Seat, mind: Mind, played: Played) -> None:
        """Keep the level if the payoff reached the aspiration; else shift between C and D."""
        following = memory(mind.memory).next_action
        n_actions = seat.own_payoffs.shape[0]
        if played.payoff >= numbers(seat.numbers).aspiration:
            following[0] = played.own
        else:
            following[0] = n_actions - 1 if is_cooperative(played.own, n_actions) else 0
