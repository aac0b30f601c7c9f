"""Friend-or-Foe-Q: others are friends who help, or a foe who harms; which, is told beforehand (Littman 2001).

V is the largest value of a joint action for a friend, what can be secured for a foe. Values converge to what friends
could have, or foes can secure ("Friend-or-Foe Q-learning in general-sum games", ICML 2001).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simulation.engine.compilation import rule
from simulation.markov_games.enumerated import EnumeratedGame
from simulation.markov_games.learners.minimax_q import assess_safely
from simulation.markov_games.learners.tabular import (
    TabularLearner,
    of_two_players,
    write_best_replies,
    write_greedy,
)
from theory.checks import FloatArray


@rule
def assess_as_friend(
    values: FloatArray,
    seen: FloatArray,
    numbers: FloatArray,
    tableau: FloatArray,
    worth: FloatArray,
    policy: FloatArray,
) -> float:
    """Return the largest value of a joint action."""
    write_best_replies(values, worth)
    return write_greedy(worth, policy)


@dataclass(frozen=True, kw_only=True)
class FriendQ(TabularLearner):
    """Takes all others for friends, in games of any number of players.

    Friends do not agree on which of several best joint actions to take: what they get may be less than what each of
    them expects.
    """

    plays: ClassVar[str] = "games of any number of players that can be written out"
    assess = staticmethod(assess_as_friend)


@dataclass(frozen=True, kw_only=True)
class FoeQ(TabularLearner):
    """Takes the other for a foe, in games of two players whatever their rewards are."""

    plays: ClassVar[str] = "games of two players"
    assess = staticmethod(assess_safely)

    def refusal(self, game: EnumeratedGame) -> str:
        """Return what to say of a game that has not two players."""
        return of_two_players(game)
