"""Firm-but-fair on degrees of cooperation (Frean 1994): it answers a defection, and forgives a shared one.

A level below 1/2 is a defection.
"""

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
from theory.arguments import check_fields, checked, place
from theory.checks import FloatArray, number_within
from theory.games.checks import two_player_game


class Numbers(NamedTuple):
    """What the rules go by."""

    forgiveness: float


class Memory(NamedTuple):
    """What is remembered."""

    defected: FloatArray
    """Whether the own last level was a defection."""


numbers, memory = reading(Numbers), viewing(Memory)


@dataclass(frozen=True, kw_only=True)
class FirmButFair(DuelPlayer):
    """Cooperate fully unless the other defected; where both did, with the probability of forgiveness (Frean 1994)."""

    Memory: ClassVar = Memory

    forgiveness: float = 2.0 / 3.0
    """Probability in [0, 1] of full cooperation after both have defected."""

    def __post_init__(self) -> None:
        check_fields(self)
        number_within("forgiveness", self.forgiveness, 0.0, 1.0)

    @checked(game=two_player_game, role=place(2))
    def seat(self, game: Game, role: int) -> Seat:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        return seat_at(game, role, Numbers(self.forgiveness))

    @staticmethod
    @rule
    def choose(seat: Seat, mind: Mind, asked: Asked) -> int:
        """Cooperate fully at first and after a cooperation; after a defection of both perhaps."""
        if asked.turn == 0 or is_cooperative(asked.other, seat.own_payoffs.shape[1]):
            return 0
        forgiven = memory(mind.memory).defected[0] > 0.0 and asked.draw < numbers(seat.numbers).forgiveness
        return 0 if forgiven else seat.own_payoffs.shape[0] - 1

    @staticmethod
    @rule
    def learn(seat: Seat, mind: Mind, played: Played) -> None:
        """Remember whether one defected."""
        was_good = is_cooperative(played.own, seat.own_payoffs.shape[0])
        memory(mind.memory).defected[0] = 0.0 if was_good else 1.0
