"""Parameters of adaptive mechanism design in a 2x2 game."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simulation.engine.elementary import log
from simulation.engine.randomness import whole_number
from simulation.mechanism_design.law import Constants, State, initial_state
from simulation.mechanism_design.planner_options import check_options, options_as_dict, planning_rules
from theory import Game, named_game
from theory.arguments import check_fields, checked, of_type
from theory.checks import LARGEST_COUNT, finite_array, finite_number, number_within
from theory.incentives.reach import warn_if_out_of_reach


@dataclass(frozen=True, kw_only=True)
class MechanismDesignParameters:
    """Parameters of adaptive mechanism design; the defaults are those of thesis section 4.2.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states, the game is not of two players with two actions
        each, or options are combined that make no sense together.
    """

    game: Game = field(default_factory=lambda: named_game("prisoners-dilemma"))
    episodes: int = 4000
    """At least 1. An episode is one round of the game."""
    initial_cooperation: float = 0.25
    """P(C) of both learners at the start, in (0, 1)."""

    alpha: tuple[float, float] = (0.0, 0.0)
    """Cooperativeness of each learner: the weight of the other's payoff in its reward."""
    learners: str | None = None
    """How they learn: from "sampled" rewards with a centralised critic, or by the gradient of the "expected"
    reward (Eq. 4.1); by default expected with the value function "literal", else sampled."""
    optimiser: str = "adam"
    """Of the learners: "adam", or plain gradient "ascent" as the thesis writes it."""
    learning_rate: float = 0.01
    """Step size of the learners' policies and critics, positive."""
    discount: float = 0.9
    """Of the critics' bootstrapped target, in [0, 1)."""
    critic_units: int = 20
    """Hidden units of each centralised critic, at least 1."""

    planner_episodes: int | None = None
    """The planner acts in so many first episodes, and is then turned off; None: in all; 0: never."""
    planner_retires: bool = False
    """Whether the planner leaves for good once the verdict in the original game is that cooperation is stable."""
    value_function: str = "exact"
    """"exact", "estimated" (the reference code's), "literal" (Eqs. 4.1-4.3 as written), "decoupled" (the
    welfare factor from past rounds, the incentive factor exact) or "decoupled-sampled" (both sampled)."""
    window: int = 100
    """Past rounds that a decoupled estimate uses, at least 2."""
    baseline: float | None = None
    """What "estimated" subtracts from the welfare; None: T + S - 0.1, as the reference code."""
    policy: str = "layer"
    """"layer" (deterministic), "stochastic" (normal layer outputs, learned by the score function as Eq. 4.5
    is written), or "others-rewards" (pay each player what the other gets: section 4.1.2)."""
    policy_deviation: float = 0.5
    """Standard deviation of a stochastic policy's layer outputs, positive."""
    budget: str = "unrestricted"
    """"unrestricted"; "revenue-neutral" (differentiated through the mean) or "revenue-neutral-reference" (as
    the reference code does it); or "limited": absolute incentives of a round sum to at most `budget_limit`."""
    budget_limit: float | None = None
    """With the budget "limited", positive."""
    incentive_signs: str = "both"
    """"both", "rewards" only or "punishments" only."""
    bound: float = 3.0
    """c: no reward of the layer is larger in absolute value, positive."""
    cost: float | None = None
    """alpha of Eq. 4.7, the price of incentives in the planner's objective, at least 0; None: the thesis's
    0.0002, and half of it with the value function "decoupled", whose estimate is noisier than its price."""
    cost_norm: str = "euclidean"
    """"euclidean" (||V^p||_2 of Eq. 4.7, and the reference code) or its square ("squared")."""
    cost_of: str | None = None
    """What the cost is a norm of: the "norm-of-expected" incentives (Eq. 4.7; the default with "literal"), the
    "expected-norm" (the default with "decoupled"), or the norm of the incentives of the "round" (the reference
    code; the default otherwise)."""
    planner_optimiser: str = "adam"
    """"adam" or plain gradient "ascent"."""
    planner_learning_rate: float = 0.01
    """Step size of the planner, positive."""
    lookahead_rate: float = 0.01
    """The learners' step size eta that the planner reckons with (Eq. 4.1), positive."""
    planner_scale: float = 0.1
    """Standard deviation of the planner's initial weights and biases, at least 0."""

    knowledge: str = "known"
    """Whether the planner has "known" the players' P(C), or "modelled" it by Eq. 4.6."""
    model_window: int = 100
    """Past rounds that the model of the players uses, at least 1."""
    flip_probability: float = 0.0
    """With which the planner sees an action wrongly, in [0, 1/2)."""
    sees: tuple[bool, bool] = (True, True)
    """Whose actions the planner sees; what is not seen is taken to be its starting probability."""

    def __post_init__(self) -> None:
        check_fields(self)
        if not isinstance(self.game, Game) or self.game.n_actions != (2, 2):
            raise ValueError(f"game must be a game of two players with two actions each, got {self.game!r}")
        for name, at_least in (("critic_units", 1), ("window", 2), ("model_window", 1)):
            whole_number(name, getattr(self, name), at_least=at_least)
        if not 0.0 < finite_number("initial_cooperation", self.initial_cooperation) < 1.0:
            raise ValueError(f"initial_cooperation must lie in (0, 1), got {self.initial_cooperation}")
        if finite_array("alpha", self.alpha).shape != (2,):
            raise ValueError(f"alpha must be one number for each of two learners, got {self.alpha}")
        for value in self.alpha:
            finite_number("alpha", value)
        if not 0.0 <= finite_number("discount", self.discount) < 1.0:
            raise ValueError(f"discount must lie in [0, 1), got {self.discount}")
        if not 0.0 <= finite_number("flip_probability", self.flip_probability) < 0.5:
            raise ValueError(f"flip_probability must lie in [0, 1/2), got {self.flip_probability}")
        number_within("planner_scale", self.planner_scale, 0.0, math.inf)
        if self.cost is not None:
            number_within("cost", self.cost, 0.0, math.inf)
        check_options(self)

    @property
    def learns_from_expectations(self) -> bool:
        """Whether learners ascend the gradient of their expected reward, or of a sampled one."""
        usual = "expected" if self.value_function == "literal" else "sampled"
        return (self.learners or usual) == "expected"

    @property
    def full_sight(self) -> bool:
        """Whether the planner knows both players' P(C) and sees all their actions as they are."""
        return self.knowledge == "known" and self.flip_probability == 0.0 and all(self.sees)

    @property
    def planned_episodes(self) -> int:
        """In how many episodes the planner acts at most."""
        return self.episodes if self.planner_episodes is None else min(self.planner_episodes, self.episodes)

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
            planning=planning_rules(self),
            planned_episodes=LARGEST_COUNT if self.planner_episodes is None else self.planner_episodes,
        )

    @checked(generator=of_type(np.random.Generator))
    def start(self, generator: np.random.Generator) -> State:
        """Return the state of a run before its first episode."""
        p = self.initial_cooperation
        return initial_state(
            np.full(2, log(p / (1.0 - p))),
            np.array(self.alpha, dtype=np.float64),
            self.critic_units,
            self.planner_scale,
            self.window,
            self.model_window,
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
        return options_as_dict(self)
