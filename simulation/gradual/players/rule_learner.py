"""A learning rule as a player of duels: the same object that learns in a population chooses between C and D here.

It cooperates fully or not at all, and takes a level of 1/2 or more for C. After a slip of its hand the rule is told
what was played, with the probability of C that was meant.
"""

from __future__ import annotations

import math
from collections import namedtuple
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from simulation.engine.compilation import rule as marked
from simulation.engine.elementary import log
from simulation.gradual.seat import (
    Asked,
    Choose,
    DuelPlayer,
    Learn,
    Mind,
    Played,
    Seat,
    is_cooperative,
    reading,
    seat_at,
)
from simulation.learning.catalogue import learning_rule
from simulation.learning.policy_gradient import POLICY_GRADIENT, score
from simulation.learning.rule import Cooperation, Experience, LearningRule, cooperation_of, no_probability
from simulation.learning.rule import Learn as LearnByExperience
from theory import Game
from theory.arguments import check_fields, checked, place
from theory.checks import finite_number
from theory.games.checks import two_player_game


@dataclass(frozen=True, kw_only=True)
class RuleLearner(DuelPlayer):
    """Choose between full cooperation and full defection by a learning rule.

    Raises
    ------
    ValueError
        If the rule needs to know with which probabilities the other cooperates, or a probability is out of bounds.
    """

    learns_from_payoffs: ClassVar[bool] = True

    rule: LearningRule = POLICY_GRADIENT
    """Your own, or the name of one of `simulation.learning.catalogue`, which is kept as the rule."""
    initial_cooperation: float = 0.5
    """P(C) in (0, 1) with which a rule that has a policy parameter starts."""

    def __post_init__(self) -> None:
        check_fields(self)
        object.__setattr__(self, "rule", learning_rule(self.rule))
        if self.rule.expects:
            raise ValueError(
                "a rule of duels must learn from what is played, since nobody knows with which probability the other "
                f"cooperates, got {self.rule.name!r}, made with expects=True"
            )
        if not 0.0 < finite_number("initial_cooperation", self.initial_cooperation) < 1.0:
            raise ValueError(f"initial_cooperation must lie in (0, 1), got {self.initial_cooperation}")

    @property
    def Memory(self) -> type[tuple[Any, ...]]:  # type: ignore[override] # noqa: N802
        """What the rule remembers, by name."""
        return _named("Memory", tuple(self.rule.memory))

    @checked(game=two_player_game, role=place(2))
    def seat(self, game: Game, role: int) -> Seat:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        return seat_at(game, role, self.rule.values)

    def start(self, seat: Seat, mind: Mind) -> None:  # type: ignore[override]
        """Begin with what the rule remembers before the first round."""
        p = self.initial_cooperation
        mind.memory[:] = self.rule.start(log(p / (1.0 - p)))
        cooperation_of(self.rule, mind.memory)

    def remember(self, seat: Seat, mind: Mind, played: Played) -> None:
        """Learn from the round before the first as from one in which the hand slipped to what was played."""
        self.choose(seat, mind, Asked(played.other, played.turn, 0.0, 0.0))
        self.learn(seat, mind, played)

    def complaint(self, wrong: float, n_actions: int) -> str:
        """Return what to say of a probability that is none."""
        return no_probability(self.rule, wrong)

    @property
    def choose(self) -> Choose:  # type: ignore[override]
        """The rule's choice, made of its `cooperation`."""
        return self._rules[0]

    @property
    def learn(self) -> Learn:  # type: ignore[override]
        """What the rule makes of a round, made of its `learn`."""
        return self._rules[1]

    @property
    def _rules(self) -> tuple[Choose, Learn]:
        return _rules_of(self.rule.cooperation, self.rule.learn, tuple(self.rule.tunables))


@lru_cache(maxsize=256)
def _named(name: str, fields: tuple[str, ...]) -> type[tuple[Any, ...]]:
    return namedtuple(name, fields, rename=True)


@lru_cache(maxsize=256)
def _rules_of(
    cooperation: Cooperation, learn: LearnByExperience, tunables: tuple[str, ...]
) -> tuple[Choose, Learn]:
    """Return `choose` and `learn` of a player by a learning rule with tunables of some names."""
    values = reading(_named("Tunables", tunables))

    @marked
    def choose_by_rule(seat: Seat, mind: Mind, asked: Asked) -> int:
        p = cooperation(mind.memory, values(seat.numbers))
        if not 0.0 <= p <= 1.0 and mind.wrong[0] == 0.0:
            mind.wrong[0] = p
        mind.table[0, 0] = p
        return 0 if asked.draw < p else seat.own_payoffs.shape[0] - 1

    @marked
    def learn_by_rule(seat: Seat, mind: Mind, played: Played) -> None:
        cooperated = 1.0 if is_cooperative(played.own, seat.own_payoffs.shape[0]) else 0.0
        other = 1.0 if is_cooperative(played.other, seat.own_payoffs.shape[1]) else 0.0
        p = mind.table[0, 0]
        experience = Experience(cooperated, p, 0.0, score(cooperated, p), played.payoff, math.nan, other)
        learn(mind.memory, values(seat.numbers), experience)

    return choose_by_rule, learn_by_rule
