"""What learners by exact gradients of repeated 2x2 games share: a direction in which a player's five numbers move."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from simulation.markov_games.learners.meeting import Meeting
from theory import Game
from theory.arguments import check_fields
from theory.checks import FloatArray, number_within, positive_number, shown


@dataclass(frozen=True, kw_only=True)
class GradientLearner(ABC):
    """A learner who remembers one round and climbs by exact gradients.

    Parameters
    ----------
    rate
        Step along the direction, positive, per unit of the sum of discounted payoffs.

    Raises
    ------
    ValueError
        If a value is not as above.
    """

    plays: ClassVar[str] = "repeated games of two players with two actions each"
    """Which games it plays, in words."""

    rate: float = 1.0

    def __post_init__(self) -> None:
        check_fields(self)
        positive_number("rate", self.rate)

    @abstractmethod
    def direction(self, meeting: Meeting, player: int) -> FloatArray:
        """Return `[runs, 5]`: where the numbers of `player`, who learns by this, move."""

    def refusal(self, game: object) -> str:
        """Return which rule of what it plays a game breaks, and how; empty if it plays the game."""
        if not isinstance(game, Game):
            return f"game must be a Game, got {shown(game)}"
        if game.n_actions != (2, 2):
            return f"the game must have 2 players with 2 actions each, got {game.n_actions}"
        return ""


@dataclass(frozen=True, kw_only=True)
class ForesightedLearner(GradientLearner):
    """One who reckons with the other's next step.

    Parameters
    ----------
    lookahead_rate
        The step that the other is taken to make along its own gradient, at least 0. Others as of `GradientLearner`.
    """

    lookahead_rate: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        number_within("lookahead_rate", self.lookahead_rate, 0.0, 1e9)
