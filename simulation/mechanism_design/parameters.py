"""Parameters of adaptive mechanism design in a 2x2 game."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simulation.engine.elementary import log
from simulation.engine.randomness import whole_number
from simulation.learning.catalogue import rules_of_players
from simulation.learning.players import remembered_at_start
from simulation.learning.rule import LearningRule
from simulation.mechanism_design.law import Constants, initial_state
from simulation.planner.options import (
    OPTIMISERS,
    TwoPlayerPlannerOptions,
    check_positive,
    check_two_player_planner,
    planning_rules,
)
from simulation.planner.state import State
from theory import Game, named_game
from theory.arguments import check_fields, checked, of_type
from theory.checks import LARGEST_COUNT, finite_array, finite_number, known_name
from theory.incentives.reach import warn_if_out_of_reach

LEARNERS = ("sampled", "expected")


@dataclass(frozen=True, kw_only=True)
class MechanismDesignParameters(TwoPlayerPlannerOptions):
    """Parameters of adaptive mechanism design; the defaults are those of thesis section 4.2.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states, the game is not of two players with two actions
        each, or options are combined that make no sense together.
    """

    game: Game = field(default_factory=lambda: named_game("prisoners-dilemma"))
    initial_cooperation: float = 0.25
    """P(C) of both learners at the start, in (0, 1)."""

    alpha: tuple[float, float] = (0.0, 0.0)
    """Cooperativeness of each learner: the weight of the other's payoff in its reward."""
    learners: str | LearningRule | tuple[LearningRule, LearningRule] | None = None
    """How they learn: from "sampled" rewards with a centralised critic, or by the gradient of the "expected"
    reward (Eq. 4.1); by default expected with the value function "literal", else sampled. Or by a `LearningRule`, of
    your own or by its name in `simulation.learning.catalogue`, or one for each; then what is said of their step size,
    optimiser and critics is not of use."""
    optimiser: str = "adam"
    """Of the learners: "adam", or plain gradient "ascent" as the thesis writes it."""
    learning_rate: float = 0.01
    """Step size of the learners' policies and critics, positive."""
    discount: float = 0.9
    """Of the critics' bootstrapped target, in [0, 1)."""
    critic_units: int = 20
    """Hidden units of each centralised critic, at least 1."""

    def __post_init__(self) -> None:
        check_fields(self)
        if not isinstance(self.game, Game) or self.game.n_actions != (2, 2):
            raise ValueError(f"game must be a game of two players with two actions each, got {self.game!r}")
        whole_number("critic_units", self.critic_units, at_least=1)
        check_positive("learning_rate", self.learning_rate)
        known_name("optimiser", self.optimiser, OPTIMISERS)
        self.learning_rules  # noqa: B018 # what is no rule, or one for one player, is found here
        if not 0.0 < finite_number("initial_cooperation", self.initial_cooperation) < 1.0:
            raise ValueError(f"initial_cooperation must lie in (0, 1), got {self.initial_cooperation}")
        if finite_array("alpha", self.alpha).shape != (2,):
            raise ValueError(f"alpha must be one number for each of two learners, got {self.alpha}")
        for value in self.alpha:
            finite_number("alpha", value)
        if not 0.0 <= finite_number("discount", self.discount) < 1.0:
            raise ValueError(f"discount must lie in [0, 1), got {self.discount}")
        check_two_player_planner(self, expected=self.learns_from_expectations)

    @property
    def learns_from_expectations(self) -> bool:
        """Whether learners ascend the gradient of their expected reward, or of a sampled one."""
        usual = "expected" if self.value_function == "literal" else "sampled"
        if self.learning_rules is not None:
            return any(rule.expects for rule in self.learning_rules)
        return (self.learners or usual) == "expected"

    @property
    def learning_rules(self) -> tuple[LearningRule, LearningRule] | None:
        """Both learners' learning rules; None where they are "sampled" or "expected" learners of the thesis."""
        if self.learners is None:
            return None
        rules = rules_of_players(self.learners, 2, LEARNERS)
        return None if rules is None else (rules[0], rules[1])

    @property
    def models(self) -> bool:
        """Whether the planner makes itself a model of the players (Eq. 4.6)."""
        return super().models or any(rule.policy_parameter is None for rule in self.learning_rules or ())

    @property
    def draws_per_episode(self) -> int:
        """How many uniform draws an episode takes: two actions, two for seeing them, two for the policy."""
        if self.policy == "stochastic":
            return 6
        return 4 if self.flip_probability > 0.0 else 2

    @property
    def constants(self) -> Constants:
        """What the law needs of these parameters."""
        return Constants(
            payoffs=np.array(self.game.payoffs),
            learning_rate=float(self.learning_rate),
            discount=float(self.discount),
            adam=self.optimiser == "adam",
            expected=self.learns_from_expectations,
            planning=planning_rules(self, self.game, self.initial_cooperation),
            tunables=tuple(rule.values for rule in self.learning_rules or ()),
            planned_episodes=LARGEST_COUNT if self.planner_episodes is None else self.planner_episodes,
        )

    @checked(generator=of_type(np.random.Generator))
    def start(self, generator: np.random.Generator) -> State:
        """Return the state of a run before its first episode."""
        p = self.initial_cooperation
        theta = np.full(2, log(p / (1.0 - p)))
        memory = np.zeros((2, 0))
        if self.learning_rules is not None:
            memory = remembered_at_start(self.learning_rules, theta)
        return initial_state(
            theta,
            np.array(self.alpha, dtype=np.float64),
            self.critic_units,
            self.planner_scale,
            self.window,
            self.model_window,
            memory,
            generator,
        )

    def warn_if_out_of_reach(self, *, stacklevel: int) -> None:
        """Warn if no incentives within bound and budget can make the best outcome an equilibrium.

        See `theory.incentives.reach`. Learners who care for each other need other incentives than their payoffs
        alone.
        """
        if self.planned_episodes == 0 or self.policy == "others-rewards":
            return
        warn_if_out_of_reach(
            self.game.altruistic(*self.alpha),
            self.bound,
            signs=self.incentive_signs,
            revenue_neutral=self.budget.startswith("revenue-neutral"),
            budget=self.budget_limit,
            flip=self.flip_probability,
            sees=self.sees,
            stacklevel=whole_number("stacklevel", stacklevel, 1, 1000) + 1,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the parameters as plain values for JSON."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        values["game"] = {"title": self.game.title, "payoffs": self.game.payoffs.tolist()}
        if self.learning_rules is not None:
            values["learners"] = [rule.to_dict() for rule in self.learning_rules]
        return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}
