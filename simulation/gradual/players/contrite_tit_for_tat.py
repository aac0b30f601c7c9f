"""Contrite Tit-for-Tat on degrees of cooperation (Wu & Axelrod 1995): it accepts the punishment of its own slip.

Content, it cooperates until one side alone defects: as the victim it is provoked and defects until the other
cooperates, as the offender it is contrite and cooperates until that has succeeded. A level below 1/2 is a defection.
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
from theory.checks import FloatArray, truth_value
from theory.games.checks import two_player_game

CONTENT, PROVOKED, CONTRITE = 0.0, 1.0, 2.0


class Numbers(NamedTuple):
    """What the rules go by."""

    mood: float
    """At first."""


class Memory(NamedTuple):
    """What is remembered."""

    mood: FloatArray
    """Content, provoked or contrite."""


numbers, memory = reading(Numbers), viewing(Memory)


@rule
def mood_after(mood: float, own_was_good: bool, other_was_good: bool) -> float:
    """Return the next mood: as the victim provoked and as the offender contrite, until it has been made good."""
    if mood == PROVOKED:
        return CONTENT if other_was_good else PROVOKED
    if mood == CONTRITE:
        return CONTENT if own_was_good else CONTRITE
    if own_was_good == other_was_good:
        return CONTENT
    return PROVOKED if own_was_good else CONTRITE


@dataclass(frozen=True, kw_only=True)
class ContriteTitForTat(DuelPlayer):
    """Cooperate fully, defect while provoked, and not as the one who began (Wu & Axelrod 1995)."""

    Memory: ClassVar = Memory

    begins_provoked: bool = False
    """Whether it is provoked before the first round, as by a defection; else it is content."""

    def __post_init__(self) -> None:
        check_fields(self)
        truth_value("begins_provoked", self.begins_provoked)

    @checked(game=two_player_game, role=place(2))
    def seat(self, game: Game, role: int) -> Seat:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        return seat_at(game, role, Numbers(PROVOKED if self.begins_provoked else CONTENT))

    @staticmethod
    def start(seat: Seat, mind: Mind) -> None:
        """Begin provoked or content."""
        memory(mind.memory).mood[0] = numbers(seat.numbers).mood

    @staticmethod
    @rule
    def choose(seat: Seat, mind: Mind, asked: Asked) -> int:
        """Defect while provoked, else cooperate fully."""
        return seat.own_payoffs.shape[0] - 1 if memory(mind.memory).mood[0] == PROVOKED else 0

    @staticmethod
    @rule
    def learn(seat: Seat, mind: Mind, played: Played) -> None:
        """Be provoked as the victim and contrite as the offender, until the other or oneself has made it good."""
        mood = memory(mind.memory).mood
        own_was_good = is_cooperative(played.own, seat.own_payoffs.shape[0])
        other_was_good = is_cooperative(played.other, seat.own_payoffs.shape[1])
        mood[0] = mood_after(mood[0], own_was_good, other_was_good)
