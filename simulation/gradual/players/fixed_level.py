"""Whoever plays one level whatever happens: unconditional cooperation, defection, or something between."""

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

    action: float


numbers = reading(Numbers)


@dataclass(frozen=True, kw_only=True)
class FixedLevel(DuelPlayer):
    """Play one degree of cooperation in every round."""

    cooperation: float = 1.0
    """In [0, 1]: 1 for the most cooperative action, 0 for the least; the nearest that there is."""

    def __post_init__(self) -> None:
        check_fields(self)
        number_within("cooperation", self.cooperation, 0.0, 1.0)

    @checked(game=two_player_game, role=place(2))
    def seat(self, game: Game, role: int) -> Seat:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        return seat_at(
            game, role, Numbers(float(round((1.0 - self.cooperation) * (game.n_actions[role] - 1))))
        )

    @staticmethod
    @rule
    def choose(seat: Seat, mind: Mind, asked: Asked) -> int:
        """Return the action of that degree."""
        return int(numbers(seat.numbers).action)
