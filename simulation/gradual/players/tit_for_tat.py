"""Tit-for-Tat on degrees of cooperation; with two levels it is the well-known one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from simulation.engine.compilation import rule
from simulation.gradual.policies import own_and_other
from simulation.gradual.seat import Asked, DuelPlayer, Mind, Seat, reading, seat_at
from theory import Game
from theory.arguments import check_fields, checked, place
from theory.checks import number_within
from theory.games.checks import two_player_game


class Numbers(NamedTuple):
    """What the rules go by."""

    generosity: float


numbers = reading(Numbers)


def safe_generosity(game: Game, role: int) -> float:
    r"""Return the generosity min(1 - (T - R) / (R - S), (R - P) / (T - P)), cut to [0, 1].

    More of it, and defection would pay against it or among its like (Molander 1985, Journal of Conflict Resolution
    29:611; Nowak & Sigmund 1992, Nature 355:250). R, S, T and P are the payoffs of the player in `role` where both
    levels are full or none. What a bound divides by is positive where defection tempts; else it binds nothing.
    """
    mine, _ = own_and_other(game, role)  # rows are the other's actions
    reward, sucker, temptation, punishment = mine[0, 0], mine[-1, 0], mine[0, -1], mine[-1, -1]
    if temptation <= reward:
        return 1.0
    if reward <= max(sucker, punishment):
        return 0.0
    bounds = (
        1.0 - (temptation - reward) / (reward - sucker),
        (reward - punishment) / (temptation - punishment),
    )
    return float(min(1.0, max(0.0, min(bounds))))


@dataclass(frozen=True, kw_only=True)
class TitForTat(DuelPlayer):
    """Copy the other's last level; with the probability of generosity cooperate fully instead."""

    generosity: float | None = 0.0
    """In [0, 1]; None: the most that is safe in the game, `safe_generosity`."""

    def __post_init__(self) -> None:
        check_fields(self)
        if self.generosity is not None:
            number_within("generosity", self.generosity, 0.0, 1.0)

    @checked(game=two_player_game, role=place(2))
    def seat(self, game: Game, role: int) -> Seat:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        if game.n_actions[0] != game.n_actions[1]:
            raise ValueError(f"Tit-for-Tat needs the same levels for both players, got {game.n_actions}")
        generosity = safe_generosity(game, role) if self.generosity is None else self.generosity
        return seat_at(game, role, Numbers(generosity))

    @staticmethod
    @rule
    def choose(seat: Seat, mind: Mind, asked: Asked) -> int:
        """Cooperate fully at first and with the probability of generosity; else copy the other's last level."""
        return 0 if asked.turn == 0 or asked.draw < numbers(seat.numbers).generosity else asked.other
