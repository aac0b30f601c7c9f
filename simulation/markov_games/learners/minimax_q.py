"""Minimax-Q: V is the value of the zero-sum matrix game that the joint actions' values are (Littman 1994)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simulation.engine.compilation import rule
from simulation.markov_games.enumerated import EnumeratedGame
from simulation.markov_games.learners.tabular import TabularLearner, of_opposed_players, write_safe
from theory.checks import FloatArray


@rule
def assess_safely(
    values: FloatArray,
    seen: FloatArray,
    numbers: FloatArray,
    tableau: FloatArray,
    worth: FloatArray,
    policy: FloatArray,
) -> float:
    """Return what can be secured against anything that the other does."""
    return write_safe(values, tableau, worth, policy)


@dataclass(frozen=True, kw_only=True)
class MinimaxQ(TabularLearner):
    """Minimax-Q, for two players whose rewards add up to 0.

    Its values converge to those of the game if all is tried again and again and learning rates fall as they should
    (Littman & Szepesvari 1996). Where rewards do not add up to 0 the same rule is `FoeQ`.
    """

    plays: ClassVar[str] = "zero-sum games of two players"
    assess = staticmethod(assess_safely)

    def refusal(self, game: EnumeratedGame) -> str:
        """Return what to say of a game that is not zero-sum for two players."""
        return of_opposed_players(game)
