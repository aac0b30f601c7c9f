r"""A learner with memory one: P(C) after each outcome of the last round is what it learns, by the policy gradient.

In the outcome s = CC, CD, DC, DD (own action first) it cooperates with probability sigmoid(theta_s), and climbs along
the eligibility trace z <- gamma z + grad log pi(a | s), theta += eta (r - average r) z (REINFORCE as an online rule:
Baxter & Bartlett 2001, Journal of Artificial Intelligence Research 15:319). A level of 1/2 or more counts as C; it
plays full levels alone. What it learns from is what was played: where its hand slipped, what that brought.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from simulation.engine.compilation import rule
from simulation.engine.elementary import log
from simulation.gradual.players.level_learner import check_learner, softmax_choice, trace_step
from simulation.gradual.seat import (
    Asked,
    DuelPlayer,
    Mind,
    Played,
    Seat,
    is_cooperative,
    last_outcome,
    outcome_before_the_first,
    reading,
    seat_at,
    viewing,
)
from theory import Game
from theory.arguments import check_fields, checked, place
from theory.checks import FloatArray, finite_number
from theory.games.checks import two_player_game


class Numbers(NamedTuple):
    """What the rules go by."""

    learning_rate: float
    discount: float
    preference: float
    """Log-odds of C at first."""


class Memory(NamedTuple):
    """What is remembered beside the tables."""

    outcome: FloatArray
    """Of the last round: CC, CD, DC, DD are 0 to 3, the own action first."""
    average_reward: FloatArray
    has_learnt: FloatArray
    """Whether there has been a round with a payoff."""


numbers, memory = reading(Numbers), viewing(Memory)


@dataclass(frozen=True, kw_only=True)
class MemoryOneLearner(DuelPlayer):
    """Learn P(C) after each outcome of the last round by the policy gradient (see this module's text)."""

    Memory: ClassVar = Memory
    learns_from_payoffs: ClassVar[bool] = True

    learning_rate: float = 0.05
    """Positive."""
    discount: float = 0.9
    """In [0, 1)."""
    initial_cooperation: float = 0.5
    """P(C) in (0, 1) after every outcome, before it has learnt anything."""

    def __post_init__(self) -> None:
        check_fields(self)
        check_learner(self.learning_rate, self.discount)
        if not 0.0 < finite_number("initial_cooperation", self.initial_cooperation) < 1.0:
            raise ValueError(f"initial_cooperation must lie in (0, 1), got {self.initial_cooperation}")

    @checked(game=two_player_game, role=place(2))
    def seat(self, game: Game, role: int) -> Seat:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        p = self.initial_cooperation
        return seat_at(game, role, Numbers(self.learning_rate, self.discount, log(p / (1.0 - p))))

    @checked(game=two_player_game, role=place(2))
    def table_shape(self, game: Game, role: int) -> tuple[int, int]:
        """Return four outcomes and two actions."""
        return 4, 2

    @staticmethod
    def start(seat: Seat, mind: Mind) -> None:
        """Prefer C as said, after every outcome."""
        mind.table[:, 0] = numbers(seat.numbers).preference

    def remember(self, seat: Seat, mind: Mind, played: Played) -> None:
        """Remember the outcome of a round before the first; nobody was paid there."""
        memory(mind.memory).outcome[0] = last_outcome(played.own, played.other, *seat.own_payoffs.shape)

    @staticmethod
    @rule
    def choose(seat: Seat, mind: Mind, asked: Asked) -> int:
        """Cooperate with the probability that belongs to the last outcome."""
        own_actions, other_actions = seat.own_payoffs.shape
        outcome = memory(mind.memory).outcome
        if asked.turn == 0:
            outcome[0] = outcome_before_the_first(asked.other, other_actions)
        choice = softmax_choice(mind.table[int(outcome[0])], asked.draw)
        return 0 if choice == 0 else own_actions - 1

    @staticmethod
    @rule
    def learn(seat: Seat, mind: Mind, played: Played) -> None:
        """Take one step along the eligibility trace, and remember the outcome."""
        own, remembered = numbers(seat.numbers), memory(mind.memory)
        own_actions, other_actions = seat.own_payoffs.shape
        choice = 0 if is_cooperative(played.own, own_actions) else 1
        first = remembered.has_learnt[0] == 0.0
        trace_step(
            mind.table, mind.trace, remembered.average_reward, int(remembered.outcome[0]), choice, played.payoff,
            first, own.learning_rate, own.discount,
        )  # fmt: skip
        remembered.has_learnt[0] = 1.0
        remembered.outcome[0] = last_outcome(played.own, played.other, own_actions, other_actions)
