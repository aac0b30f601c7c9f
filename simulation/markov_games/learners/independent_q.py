"""Independent learners: each learns values of its own actions, others being a part of nature (Watkins 1989).

With one player it is tabular Q-learning; V is the largest value of an own action. Several are the independent
learners of Claus & Boutilier ("The dynamics of reinforcement learning in cooperative multiagent systems", AAAI 1998).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simulation.engine.compilation import rule
from simulation.markov_games.learners.tabular import TabularLearner, write_greedy
from theory.checks import FloatArray


@rule
def assess_own_actions(
    values: FloatArray,
    seen: FloatArray,
    numbers: FloatArray,
    tableau: FloatArray,
    worth: FloatArray,
    policy: FloatArray,
) -> float:
    """Return the largest value of an own action."""
    for a in range(len(worth)):
        worth[a] = values[a, 0]
    return write_greedy(worth, policy)


@dataclass(frozen=True, kw_only=True)
class IndependentQ(TabularLearner):
    """Tabular Q-learning, which does not see what others do.

    It plays games of any number of players, and is promised to find the best policy with one (Watkins & Dayan 1992);
    with more, nothing is promised, since what others do changes as they learn.
    """

    plays: ClassVar[str] = "games of any number of players that can be written out"
    sees_others: ClassVar[bool] = False
    assess = staticmethod(assess_own_actions)
