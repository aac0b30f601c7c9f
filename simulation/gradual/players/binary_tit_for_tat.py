r"""Binary conditional cooperation by a debit: two policies, one cooperative and one of full defection.

*Approximate Markov Tit-for-Tat* (Lerer & Peysakhovich 2017, "Maintaining cooperation in complex social dilemmas
using deep reinforcement learning"): a debit sums what the other gained by not playing its cooperative policy. When it
exceeds a threshold, the player defects for the least number of rounds that costs the other at least `factor` times
the debit, and the debit is cleared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from simulation.engine.compilation import rule
from simulation.gradual.policies import Form, fair_actions, form_name, named_disagreement, own_and_other
from simulation.gradual.seat import Asked, DuelPlayer, Mind, Played, Seat, reading, seat_at, viewing
from theory import Game
from theory.arguments import check_fields, checked, optional, place
from theory.checks import FloatArray, finite_number, number_within
from theory.games.checks import two_player_game
from theory.resolution import TIE


class Numbers(NamedTuple):
    """What the rules go by."""

    debit_limit: float
    """In payoff units of the other, up to rounding."""
    factor: float
    fair_own: float
    """The own action in what is fair."""
    fair_other: float


class Memory(NamedTuple):
    """What is remembered."""

    debit: FloatArray
    rounds_of_punishment: FloatArray
    """How many are still to come."""


numbers, memory = reading(Numbers), viewing(Memory)


@dataclass(frozen=True, kw_only=True)
class BinaryTitForTat(DuelPlayer):
    """Switch between fair cooperation and full defection by the other's debit (Lerer & Peysakhovich 2017)."""

    Memory: ClassVar = Memory

    debit_limit: float = 0.5
    """A punishment starts when the debit exceeds this share, >= 0, of the gain from full defection."""
    factor: float = 2.0
    """A punishment costs the other at least so many times its debit; positive."""
    form: Form | None = None
    """The notion of fairness whose best outcome is the cooperative policy; None: full cooperation of both."""
    disagreement: str = "security"
    """Disagreement point of the forms with gains."""

    def __post_init__(self) -> None:
        check_fields(self)
        optional(form_name)("form", self.form)
        named_disagreement("disagreement", self.disagreement)
        number_within("debit_limit", self.debit_limit, 0.0, math.inf)
        if finite_number("factor", self.factor) <= 0.0:
            raise ValueError(f"factor must be positive, got {self.factor}")

    @checked(game=two_player_game, role=place(2))
    def seat(self, game: Game, role: int) -> Seat:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        own, other = 0, 0
        if self.form is not None:
            own, other = fair_actions(game, role, form=self.form, disagreement=self.disagreement)
        theirs = own_and_other(game, role)[1]  # rows are the other's actions
        gain = max(0.0, float(theirs[-1, own] - theirs[other, own]))
        limit = self.debit_limit * gain + TIE * float(game.payoff_range[1 - role])
        return seat_at(game, role, Numbers(limit, self.factor, float(own), float(other)))

    @staticmethod
    @rule
    def choose(seat: Seat, mind: Mind, asked: Asked) -> int:
        """Defect during a punishment, else play the own part of what is fair."""
        punishing = memory(mind.memory).rounds_of_punishment[0] > 0.0
        return seat.own_payoffs.shape[0] - 1 if punishing else int(numbers(seat.numbers).fair_own)

    @staticmethod
    @rule
    def learn(seat: Seat, mind: Mind, played: Played) -> None:
        """Count down a punishment, or book what the other gained and perhaps start one."""
        own, remembered = numbers(seat.numbers), memory(mind.memory)
        if remembered.rounds_of_punishment[0] > 0.0:
            remembered.rounds_of_punishment[0] -= 1.0
            return
        theirs = seat.other_payoffs
        fair_own, fair_other = int(own.fair_own), int(own.fair_other)
        gained = theirs[played.own, played.other] - theirs[played.own, fair_other]
        remembered.debit[0] += max(0.0, gained)
        if remembered.debit[0] > own.debit_limit:
            last_own = theirs.shape[0] - 1
            last_other = theirs.shape[1] - 1
            a_round = theirs[fair_own, fair_other] - theirs[last_own, last_other]
            # Where mutual defection does not hurt the other nothing punishes it: one round, as a sign.
            rounds = math.ceil(own.factor * remembered.debit[0] / a_round - TIE) if a_round > 0.0 else 1
            remembered.rounds_of_punishment[0] = float(max(1, rounds))
            remembered.debit[0] = 0.0
