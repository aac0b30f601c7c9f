r"""Q-learning with the last outcome as state (Sandholm & Crites 1996, Biosystems 37:147): it can hold cooperation.

In the outcome s = CC, CD, DC, DD of the last round (own action first), after action a, reward r and the outcome s' of
this round,

    Q(s, a) += eta (r + gamma max_b Q(s', b) - Q(s, a)),

played epsilon-greedily. A level of 1/2 or more counts as C; it plays full levels alone. What it learns from is what
was played. Before the first round all states have the values of play against somebody who cooperates with a fixed
probability x, whatever one does: Q(s, a) = E u(a) + gamma max_b E u(b) / (1 - gamma).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from simulation.engine.compilation import rule
from simulation.gradual.players.level_learner import TIES, best_choice, check_learner, q_step
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
from theory.checks import FloatArray, known_name, number_within
from theory.games.checks import two_player_game


class Numbers(NamedTuple):
    """What the rules go by."""

    learning_rate: float
    discount: float
    exploration: float
    expected_cooperation: float
    ties: float
    """Who wins among equal values: the place in `TIES`."""


class Memory(NamedTuple):
    """What is remembered beside the values."""

    outcome: FloatArray
    """Of the last round: CC, CD, DC, DD are 0 to 3, the own action first."""


numbers, memory = reading(Numbers), viewing(Memory)


@dataclass(frozen=True, kw_only=True)
class OutcomeQLearner(DuelPlayer):
    """Learn the value of C and D after each outcome of the last round (see this module's text)."""

    Memory: ClassVar = Memory
    learns_from_payoffs: ClassVar[bool] = True

    learning_rate: float = 0.05
    """Positive."""
    discount: float = 0.9
    """In [0, 1)."""
    exploration: float = 0.05
    """Share of uniform choices, in [0, 1]."""
    expected_cooperation: float = 0.5
    """x in [0, 1]: how often the other is expected to cooperate before anything is learnt."""

    ties: str = "cooperation"
    """Who wins where C and D have the same value, as they may at first: "cooperation", "defection", or the "lot"."""

    def __post_init__(self) -> None:
        check_fields(self)
        known_name("ties", self.ties, TIES)
        check_learner(self.learning_rate, self.discount)
        number_within("exploration", self.exploration, 0.0, 1.0)
        number_within("expected_cooperation", self.expected_cooperation, 0.0, 1.0)

    @checked(game=two_player_game, role=place(2))
    def seat(self, game: Game, role: int) -> Seat:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        rates = self.learning_rate, self.discount, self.exploration
        return seat_at(game, role, Numbers(*rates, self.expected_cooperation, TIES.index(self.ties)))

    @checked(game=two_player_game, role=place(2))
    def table_shape(self, game: Game, role: int) -> tuple[int, int]:
        """Return four outcomes and two actions."""
        return 4, 2

    @staticmethod
    def start(seat: Seat, mind: Mind) -> None:
        """Expect the other to cooperate as often as is said, whatever one does."""
        own, payoffs = numbers(seat.numbers), seat.own_payoffs
        x = own.expected_cooperation
        at_once = [x * payoffs[action, 0] + (1.0 - x) * payoffs[action, -1] for action in (0, -1)]
        mind.table[:] = [value + own.discount * max(at_once) / (1.0 - own.discount) for value in at_once]

    def remember(self, seat: Seat, mind: Mind, played: Played) -> None:
        """Remember the outcome of a round before the first; nobody was paid there."""
        memory(mind.memory).outcome[0] = last_outcome(played.own, played.other, *seat.own_payoffs.shape)

    @staticmethod
    @rule
    def choose(seat: Seat, mind: Mind, asked: Asked) -> int:
        """Choose the better action after the last outcome, or explore."""
        own, outcome = numbers(seat.numbers), memory(mind.memory).outcome
        own_actions, other_actions = seat.own_payoffs.shape
        if asked.turn == 0:
            outcome[0] = outcome_before_the_first(asked.other, other_actions)
        if asked.extra < own.exploration:
            choice = int(asked.draw * 2.0)
        else:
            choice = best_choice(mind.table[int(outcome[0])], own.ties, asked.draw)
        return 0 if choice == 0 else own_actions - 1

    @staticmethod
    @rule
    def learn(seat: Seat, mind: Mind, played: Played) -> None:
        """Take one step of Q-learning, and remember the outcome."""
        own, outcome = numbers(seat.numbers), memory(mind.memory).outcome
        own_actions, other_actions = seat.own_payoffs.shape
        choice = 0 if is_cooperative(played.own, own_actions) else 1
        following = last_outcome(played.own, played.other, own_actions, other_actions)
        q_step(mind.table, int(outcome[0]), choice, following, played.payoff, own.learning_rate, own.discount)
        outcome[0] = following
