"""A player whose cooperativeness nothing changes, except perhaps once at a round that is set beforehand."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simulation.engine.compilation import rule
from simulation.engine.randomness import whole_number
from simulation.gradual.policies import Form, Selection, check_style, policy_family
from simulation.gradual.seat import (
    Asked,
    DuelPlayer,
    Mind,
    Seat,
    reading,
    reply_by_cooperativeness,
    seat_at,
)
from theory import Game
from theory.arguments import check_fields, checked, place
from theory.checks import number_within
from theory.games.checks import two_player_game


class Numbers(NamedTuple):
    """What the rules go by."""

    first_weight: float
    later_weight: float
    switch_round: float


numbers = reading(Numbers)


@dataclass(frozen=True, kw_only=True)
class FixedCooperativeness(DuelPlayer):
    """Play by a cooperativeness that nothing changes: 1 a cooperator, 0 a defector, below 0 spite."""

    beta: float = 1.0
    """In [-1, 1]."""
    later: float | None = None
    """Cooperativeness from `switch_round` on, in [-1, 1]; None: no change."""
    switch_round: int = 0
    """At least 0; rounds are counted from 0."""
    form: Form = "sum"
    selection: Selection = "best-reply"
    rationality: float | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        check_style(self.form, self.selection, self.rationality)
        number_within("beta", self.beta, -1.0, 1.0)
        if self.later is not None:
            number_within("later", self.later, -1.0, 1.0)
        whole_number("switch_round", self.switch_round, at_least=0)

    @checked(game=two_player_game, role=place(2))
    def seat(self, game: Game, role: int) -> Seat:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        later = self.beta if self.later is None else self.later
        weights = np.array([self.beta] if later == self.beta else sorted((self.beta, later)))
        own = policy_family(
            game,
            role,
            weights=weights,
            form=self.form,
            selection=self.selection,
            rationality=self.rationality,
        )
        switch = math.inf if self.later is None else float(self.switch_round)
        return seat_at(game, role, Numbers(self.beta, later, switch), own=own)

    @staticmethod
    def start(seat: Seat, mind: Mind) -> None:
        """Begin with the first cooperativeness."""
        mind.alpha[0] = numbers(seat.numbers).first_weight

    @staticmethod
    @rule
    def choose(seat: Seat, mind: Mind, asked: Asked) -> int:
        """Return the action of the cooperativeness that holds in this round, in reply to the other's last."""
        own = numbers(seat.numbers)
        mind.alpha[0] = own.later_weight if asked.turn >= own.switch_round else own.first_weight
        return reply_by_cooperativeness(seat, mind.alpha[0], asked.other, asked.draw)
