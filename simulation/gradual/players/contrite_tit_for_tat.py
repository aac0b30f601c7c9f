"""Contrite Tit-for-Tat on degrees of cooperation (Wu & Axelrod 1995): it accepts the punishment of its own slip.

Content, it cooperates until one side alone defects: as the victim it is provoked and defects until the other
cooperates, as the offender it is contrite and cooperates until that has succeeded. A level below 1/2 is a defection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from simulation.engine.compilation import rule
from simulation.gradual.seat import Asked, DuelPlayer, Mind, Played, Seat, is_cooperative, viewing
from theory.checks import FloatArray

CONTENT, PROVOKED, CONTRITE = 0.0, 1.0, 2.0


class Memory(NamedTuple):
    """What is remembered."""

    mood: FloatArray
    """Content, provoked or contrite."""


memory = viewing(Memory)


@dataclass(frozen=True)
class ContriteTitForTat(DuelPlayer):
    """Cooperate fully, defect while provoked, and not as the one who began (Wu & Axelrod 1995)."""

    Memory: ClassVar = Memory

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
        if mood[0] == PROVOKED:
            mood[0] = CONTENT if other_was_good else PROVOKED
        elif mood[0] == CONTRITE:
            mood[0] = CONTENT if own_was_good else CONTRITE
        elif own_was_good and not other_was_good:
            mood[0] = PROVOKED
        elif other_was_good and not own_was_good:
            mood[0] = CONTRITE
