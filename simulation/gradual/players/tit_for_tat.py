"""Tit-for-Tat on degrees of cooperation; with two levels it is the well-known one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from simulation.engine.compilation import rule
from simulation.gradual.seat import Asked, DuelPlayer, Mind, Seat, reading, seat_at
from theory import Game
from theory.arguments import check_fields, checked, place
from theory.checks import number_within
from theory.games.checks import two_player_game


class Numbers(NamedTuple):
    """What the rules go by."""

    generosity: float


numbers = reading(Numbers)


@dataclass(frozen=True, kw_only=True)
class TitForTat(DuelPlayer):
    """Copy the other's last level; with the probability of generosity cooperate fully instead."""

    generosity: float = 0.0
    """In [0, 1]."""

    def __post_init__(self) -> None:
        check_fields(self)
        number_within("generosity", self.generosity, 0.0, 1.0)

    @checked(game=two_player_game, role=place(2))
    def seat(self, game: Game, role: int) -> Seat:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        if game.n_actions[0] != game.n_actions[1]:
            raise ValueError(f"Tit-for-Tat needs the same levels for both players, got {game.n_actions}")
        return seat_at(game, role, Numbers(self.generosity))

    @staticmethod
    @rule
    def choose(seat: Seat, mind: Mind, asked: Asked) -> int:
        """Cooperate fully at first and with the probability of generosity; else copy the other's last level."""
        return 0 if asked.turn == 0 or asked.draw < numbers(seat.numbers).generosity else asked.other
