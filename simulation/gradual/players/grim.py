"""Grim on degrees of cooperation; with two levels it is the well-known one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from simulation.engine.compilation import rule
from simulation.gradual.seat import Asked, DuelPlayer, Mind, Seat, is_cooperative, viewing
from theory.checks import FloatArray


class Memory(NamedTuple):
    """What is remembered."""

    is_offended: FloatArray


memory = viewing(Memory)


@dataclass(frozen=True)
class Grim(DuelPlayer):
    """Cooperate fully until the other's level is below 1/2, then defect for ever."""

    Memory: ClassVar = Memory

    @staticmethod
    @rule
    def choose(seat: Seat, mind: Mind, asked: Asked) -> int:
        """Cooperate fully until the other's level is below 1/2, then defect for ever."""
        offended = memory(mind.memory).is_offended
        if asked.turn > 0 and not is_cooperative(asked.other, seat.own_payoffs.shape[1]):
            offended[0] = 1.0
        return seat.own_payoffs.shape[0] - 1 if offended[0] > 0.0 else 0
