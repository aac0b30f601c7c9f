"""Joint-action learners: values of joint actions, and a belief about what the others do (Claus & Boutilier 1998).

An own action is worth its expected value against the frequencies with which the others' actions were seen in the
state, as in fictitious play; V is the largest worth. The optimistic one ("optimistic Boltzmann" there) takes it that
the others will do what is best for its action.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simulation.engine.compilation import rule
from simulation.markov_games.learners.tabular import TabularLearner, write_best_replies, write_greedy
from theory.checks import FloatArray


@rule
def assess_by_belief(
    values: FloatArray,
    seen: FloatArray,
    numbers: FloatArray,
    tableau: FloatArray,
    worth: FloatArray,
    policy: FloatArray,
) -> float:
    """Return the largest expected value of an own action; `numbers[0]` is 1 for the optimist."""
    if numbers[0] == 1.0:
        write_best_replies(values, worth)
        return write_greedy(worth, policy)
    total = 0.0
    for b in range(len(seen)):
        total += seen[b]
    for a in range(len(worth)):
        worth[a] = 0.0
        for b in range(len(seen)):
            worth[a] += values[a, b] * (seen[b] / total)
    return write_greedy(worth, policy)


@dataclass(frozen=True, kw_only=True)
class JointAction(TabularLearner):
    """A joint-action learner, which sees what all others do; it plays games of any number of players.

    Parameters
    ----------
    optimistic
        Whether it takes it that the others do what is best for its action. Others are those of `TabularLearner`.
    """

    plays: ClassVar[str] = "games of any number of players that can be written out"
    assess = staticmethod(assess_by_belief)

    optimistic: bool = False

    @property
    def numbers(self) -> tuple[float, ...]:
        """Whether it is optimistic."""
        return (float(self.optimistic),)
