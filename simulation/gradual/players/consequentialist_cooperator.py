r"""Binary conditional cooperation by the average reward.

*Consequentialist conditional cooperation* (Peysakhovich & Lerer 2018, "Consequentialist conditional cooperation in
social dilemmas with imperfect information"): cooperate while the average reward is at least
(1 - a) V(C, D) + a V(C, C), defect while it is below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from simulation.engine.compilation import rule
from simulation.gradual.policies import own_and_other
from simulation.gradual.reward_inversion import average_reward
from simulation.gradual.seat import Asked, DuelPlayer, Mind, Played, Seat, reading, seat_at, viewing
from theory import Game
from theory.arguments import check_fields, checked, place
from theory.checks import FloatArray, finite_number, number_within
from theory.games.checks import two_player_game
from theory.resolution import TIE


class Numbers(NamedTuple):
    """What the rules go by."""

    required_average: float
    """Up to rounding."""
    rate: float


class Memory(NamedTuple):
    """What is remembered."""

    average_reward: FloatArray


numbers, memory = reading(Numbers), viewing(Memory)


@dataclass(frozen=True, kw_only=True)
class ConsequentialistCooperator(DuelPlayer):
    """Cooperate fully while one's average reward is as cooperation promises (Peysakhovich & Lerer 2018)."""

    Memory: ClassVar = Memory

    share: float = 0.5
    """a in [0, 1]: the average required is (1 - a) V(C, D) + a V(C, C)."""
    rate: float = 0.05
    """Weight in (0, 1] of the newest reward in the average."""

    def __post_init__(self) -> None:
        check_fields(self)
        number_within("share", self.share, 0.0, 1.0)
        if not 0.0 < finite_number("rate", self.rate) <= 1.0:
            raise ValueError(f"rate must lie in (0, 1], got {self.rate}")

    @checked(game=two_player_game, role=place(2))
    def seat(self, game: Game, role: int) -> Seat:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        mine = own_and_other(game, role)[0]
        required = (1.0 - self.share) * mine[-1, 0] + self.share * mine[0, 0]
        return seat_at(game, role, Numbers(float(required - TIE * game.payoff_range[role]), self.rate))

    @staticmethod
    @rule
    def choose(seat: Seat, mind: Mind, asked: Asked) -> int:
        """Cooperate fully at first and while the average reward is what it should be."""
        average = memory(mind.memory).average_reward[0]
        enough = asked.turn == 0 or average >= numbers(seat.numbers).required_average
        return 0 if enough else seat.own_payoffs.shape[0] - 1

    @staticmethod
    @rule
    def learn(seat: Seat, mind: Mind, played: Played) -> None:
        """Average the reward."""
        average = memory(mind.memory).average_reward
        rate = numbers(seat.numbers).rate
        average[0] = average_reward(average[0], played.payoff, rate, played.turn == 0)
