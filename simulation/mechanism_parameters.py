"""Parameters of adaptive mechanism design in a 2x2 game."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simulation.mechanism_law import Constants, State, initial_state
from simulation.randomness import whole_number
from theory import Game, named_game
from theory._checks import finite_number, number_within


@dataclass(frozen=True, kw_only=True)
class MechanismDesignParameters:
    """Parameters of adaptive mechanism design; the defaults are those of thesis section 4.2.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states, or the game is not of two players with two
        actions each.
    """

    game: Game = field(default_factory=lambda: named_game("prisoners-dilemma"))
    episodes: int = 4000
    """At least 1. An episode is one round of the game."""
    planner_episodes: int | None = None
    """The planner acts in so many first episodes, and is then turned off; None: in all; 0: never."""
    initial_cooperation: float = 0.25
    """P(C) of both learners at the start, in (0, 1)."""
    alpha: tuple[float, float] = (0.0, 0.0)
    """Cooperativeness of each learner: the weight of the other's payoff in its reward."""
    learning_rate: float = 0.01
    """Step size of Adam for the learners' policies and critics, positive."""
    discount: float = 0.9
    """Of the critics' bootstrapped target, in [0, 1)."""
    critic_units: int = 20
    """Hidden units of each centralised critic, at least 1."""
    planner_learning_rate: float = 0.01
    """Step size of Adam for the planner, positive."""
    lookahead_rate: float = 0.01
    """The learners' step size eta that the planner reckons with (Eq. 4.1), positive."""
    bound: float = 3.0
    """c: no incentive is larger in absolute value, positive."""
    cost: float = 0.0002
    """alpha of Eq. 4.7, the price of incentives in the planner's objective, at least 0."""
    planner_scale: float = 0.1
    """Standard deviation of the planner's initial weights and biases, at least 0."""

    def __post_init__(self) -> None:
        if not isinstance(self.game, Game) or self.game.n_actions != (2, 2):
            raise ValueError(f"game must be a game of two players with two actions each, got {self.game!r}")
        whole_number("episodes", self.episodes, at_least=1)
        if self.planner_episodes is not None:
            whole_number("planner_episodes", self.planner_episodes, at_least=0)
        whole_number("critic_units", self.critic_units, at_least=1)
        if not 0.0 < finite_number("initial_cooperation", self.initial_cooperation) < 1.0:
            raise ValueError(f"initial_cooperation must lie in (0, 1), got {self.initial_cooperation}")
        if len(self.alpha) != 2:
            raise ValueError(f"alpha must be one number for each of two learners, got {self.alpha}")
        for value in self.alpha:
            finite_number("alpha", value)
        if not 0.0 <= finite_number("discount", self.discount) < 1.0:
            raise ValueError(f"discount must lie in [0, 1), got {self.discount}")
        for name in ("learning_rate", "planner_learning_rate", "lookahead_rate", "bound"):
            if finite_number(name, getattr(self, name)) <= 0.0:
                raise ValueError(f"{name} must be positive, got {getattr(self, name)}")
        for name in ("cost", "planner_scale"):
            number_within(name, getattr(self, name), 0.0, math.inf)

    @property
    def planned_episodes(self) -> int:
        """In how many episodes the planner acts."""
        return self.episodes if self.planner_episodes is None else min(self.planner_episodes, self.episodes)

    @property
    def constants(self) -> Constants:
        """What the law needs of these parameters."""
        return Constants(
            np.array(self.game.payoffs),
            float(self.learning_rate),
            float(self.discount),
            float(self.planner_learning_rate),
            float(self.lookahead_rate),
            float(self.bound),
            float(self.cost),
        )

    def start(self, generator: np.random.Generator) -> State:
        """Return the state of a run before its first episode."""
        p = self.initial_cooperation
        return initial_state(
            np.full(2, math.log(p / (1.0 - p))),
            np.array(self.alpha, dtype=np.float64),
            self.critic_units,
            self.planner_scale,
            generator,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the parameters as plain values for JSON."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        values["game"] = {"title": self.game.title, "payoffs": self.game.payoffs.tolist()}
        values["alpha"] = list(self.alpha)
        return values
