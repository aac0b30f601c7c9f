"""What may be asked of a planner: its options, what their names stand for in the law, what makes no sense."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.planner.incentives import (
    BOTH_SIGNS,
    LIMITED,
    PUNISHMENTS_ONLY,
    REVENUE_NEUTRAL,
    REVENUE_NEUTRAL_REFERENCE,
    REWARDS_ONLY,
    UNRESTRICTED,
)
from simulation.planner.planning import (
    COST_EXPECTED,
    COST_OF_EXPECTATION,
    COST_OF_ROUND,
    EXACT_WELFARE,
    EXPECTED_VALUE,
    LAYER_SLOPE,
    SAME_ROUND,
    SAMPLED_VALUE,
    WINDOW,
)
from simulation.planner.stability import outcomes_of
from simulation.planner.state import Planning
from theory import Game
from theory.checks import finite_number, known_name, positive_number, whole_number

# name: (first factor, second factor)
VALUE_FUNCTIONS = {
    "exact": (LAYER_SLOPE, EXACT_WELFARE),
    "literal": (EXPECTED_VALUE, EXACT_WELFARE),
    "estimated": (SAMPLED_VALUE, SAME_ROUND),
    "decoupled": (EXPECTED_VALUE, WINDOW),
    "decoupled-sampled": (SAMPLED_VALUE, WINDOW),
}
BUDGETS = {
    "unrestricted": UNRESTRICTED,
    "revenue-neutral": REVENUE_NEUTRAL,
    "revenue-neutral-reference": REVENUE_NEUTRAL_REFERENCE,
    "limited": LIMITED,
}
SIGNS = {"both": BOTH_SIGNS, "rewards": REWARDS_ONLY, "punishments": PUNISHMENTS_ONLY}
COSTS = {
    "round": COST_OF_ROUND,
    "expected-norm": COST_EXPECTED,
    "norm-of-expected": COST_OF_EXPECTATION,
}
POLICIES = ("layer", "stochastic", "others-rewards")
OPTIMISERS = ("adam", "ascent")
KNOWLEDGE = ("known", "modelled")

# alpha of thesis section 4.2.
THESIS_COST = 0.0002
NORMS = ("euclidean", "squared")


@dataclass(frozen=True, kw_only=True)
class PlannerOptions:
    """What is asked of planners of all games."""

    episodes: int = 4000
    """At least 1. An episode is one round of the game."""
    planner_episodes: int | None = None
    """The planner acts in so many first episodes, and is then turned off; None: in all; 0: never."""
    planner_learning_rate: float = 0.01
    """Step size of the planner, positive."""
    lookahead_rate: float = 0.01
    """The learners' step size eta that the planner reckons with (Eq. 4.1), positive."""
    bound: float = 3.0
    """c: no incentive is larger in absolute value before the budget, positive. Less their mean, incentives of n
    players can reach 2c (1 - 1/n)."""
    planner_scale: float = 0.1
    """Standard deviation of the planner's initial weights and biases, at least 0."""

    @property
    def planned_episodes(self) -> int:
        """In how many episodes the planner acts at most."""
        return self.episodes if self.planner_episodes is None else min(self.planner_episodes, self.episodes)


@dataclass(frozen=True, kw_only=True)
class PaymentOptions(PlannerOptions):
    """What is asked of planners that may be held to a budget, and may leave."""

    planner_retires: bool = False
    """Whether the planner leaves for good once the verdict in the original game is that cooperation is stable:
    play is, within 2%, an equilibrium of the highest welfare."""
    budget: str = "unrestricted"
    """"unrestricted"; "revenue-neutral": incentives less their mean over players, differentiated through it
    ("revenue-neutral-reference", of two players: as the reference code does it); or "limited": absolute incentives
    of a round are scaled down to sum to at most `budget_limit`."""
    budget_limit: float | None = None
    """With the budget "limited", positive."""
    incentive_signs: str = "both"
    """"both", "rewards" only or "punishments" only."""


@dataclass(frozen=True, kw_only=True)
class TwoPlayerPlannerOptions(PaymentOptions):
    """What is asked of a planner of two players with two actions each."""

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
    knowledge: str = "known"
    """Whether the planner has "known" the players' P(C), or "modelled" it by Eq. 4.6; it always models them if a
    learner's rule has no policy parameter theta."""
    model_window: int = 100
    """Past rounds that the model of the players uses, at least 1."""
    flip_probability: float = 0.0
    """With which the planner sees an action wrongly, in [0, 1/2)."""
    sees: tuple[bool, bool] = (True, True)
    """Whose actions the planner sees; what is not seen is taken to be its starting probability."""

    @property
    def models(self) -> bool:
        """Whether the planner makes itself a model of the players (Eq. 4.6)."""
        return self.knowledge == "modelled"

    @property
    def full_sight(self) -> bool:
        """Whether the planner knows both players' P(C) and sees all their actions as they are."""
        return not self.models and self.flip_probability == 0.0 and all(self.sees)


def check_planner(options: PlannerOptions) -> None:
    """Raise ValueError if an option of any planner is out of its bounds."""
    whole_number("episodes", options.episodes, at_least=1)
    if options.planner_episodes is not None:
        whole_number("planner_episodes", options.planner_episodes, at_least=0)
    for name in ("planner_learning_rate", "lookahead_rate", "bound"):
        check_positive(name, getattr(options, name))
    check_not_negative("planner_scale", options.planner_scale)


def check_payments(options: PaymentOptions, budgets: tuple[str, ...]) -> None:
    """Raise ValueError if an option is unknown or breaks a rule, which is then stated."""
    check_planner(options)
    known_name("budget", options.budget, budgets)
    known_name("incentive_signs", options.incentive_signs, tuple(SIGNS))
    limit = options.budget_limit
    if limit is not None:
        limit = positive_number("budget_limit", limit)
    _refuse_what_breaks(
        [
            (
                (options.budget == "limited") == (limit is not None and limit > 0.0),
                "budget_limit must be a positive number with the budget 'limited' and None with others, got "
                f"{limit} with {options.budget!r}",
            ),
            (
                not options.budget.startswith("revenue-neutral") or options.incentive_signs == "both",
                "revenue-neutral incentives are positive for some players and negative for others, so "
                f"incentive_signs must be 'both', got {options.incentive_signs!r}",
            ),
            (
                not options.planner_retires or options.planned_episodes > 0,
                "a planner that retires must act first, got planner_retires with planner_episodes 0",
            ),
        ]
    )


def check_two_player_planner(options: TwoPlayerPlannerOptions, *, expected: bool) -> None:
    """Raise ValueError if an option is unknown, or a combination breaks a rule, which is then stated.

    `expected` says whether learners ascend the gradient of the expected reward.
    """
    for name, at_least in (("window", 2), ("model_window", 1)):
        whole_number(name, getattr(options, name), at_least=at_least)
    if not 0.0 <= finite_number("flip_probability", options.flip_probability) < 0.5:
        raise ValueError(f"flip_probability must lie in [0, 1/2), got {options.flip_probability}")
    if options.cost is not None:
        check_not_negative("cost", options.cost)
    # Not `in (True, False)`, since 1 == True would let numbers pass that are not meant so.
    sees = options.sees
    if not isinstance(sees, tuple) or len(sees) != 2 or not all(isinstance(one, bool) for one in sees):
        raise ValueError(f"sees must say True or False of each of two players, got {sees!r}")
    check_positive("policy_deviation", options.policy_deviation)
    if options.baseline is not None:
        finite_number("baseline", options.baseline)
    check_payments(options, tuple(BUDGETS))
    for name, known in (
        ("value_function", VALUE_FUNCTIONS),
        ("policy", POLICIES),
        ("planner_optimiser", OPTIMISERS),
        ("knowledge", KNOWLEDGE),
        ("cost_norm", NORMS),
    ):
        known_name(name, getattr(options, name), tuple(known))
    if options.cost_of is not None:
        known_name("cost_of", options.cost_of, tuple(COSTS))
    _refuse_what_breaks(_rules(options, expected))


def check_positive(name: str, value: float) -> None:
    """Raise ValueError if an option is not a positive number."""
    if finite_number(name, value) <= 0.0:
        raise ValueError(f"{name} must be positive, got {value}")


def check_not_negative(name: str, value: float) -> None:
    """Raise ValueError if an option is a negative number, or none."""
    if finite_number(name, value) < 0.0:
        raise ValueError(f"{name} must be at least 0, got {value}")


def _refuse_what_breaks(rules: list[tuple[bool, str]]) -> None:
    for holds, rule in rules:
        if not holds:
            raise ValueError(rule)


def _rules(options: TwoPlayerPlannerOptions, expected: bool) -> list[tuple[bool, str]]:
    value_function, budget, policy = options.value_function, options.budget, options.policy
    first_factor, _ = VALUE_FUNCTIONS[value_function]
    return [
        (
            policy != "stochastic" or first_factor == SAMPLED_VALUE,
            "a stochastic policy is learned from what it paid, so value_function must be 'estimated' or "
            f"'decoupled-sampled', got {value_function!r}",
        ),
        (
            policy != "others-rewards" or (budget == "unrestricted" and options.incentive_signs == "both"),
            "the policy 'others-rewards' pays what the others get, so budget must be 'unrestricted' and "
            f"incentive_signs 'both', got {budget!r} and {options.incentive_signs!r}",
        ),
        (
            budget != "limited" or first_factor != LAYER_SLOPE,
            "value_function 'exact' needs the second derivative of the incentives, which a limited budget "
            "does not have: choose 'literal', 'decoupled' or 'estimated'",
        ),
        (
            budget != "revenue-neutral-reference" or value_function in ("exact", "estimated"),
            "the budget 'revenue-neutral-reference' is the reference code's gradient, which exists for "
            f"value_function 'exact' and 'estimated', got {value_function!r}",
        ),
        (
            budget != "revenue-neutral-reference" or policy != "stochastic",
            "the budget 'revenue-neutral-reference' is a gradient of the deterministic layer, got the policy "
            "'stochastic', which is learned from what it paid: choose 'revenue-neutral'",
        ),
        (
            policy != "others-rewards" or (not options.cost and options.cost_of is None),
            "the policy 'others-rewards' learns nothing and has no price, so cost must be None or 0 and cost_of "
            f"None, got {options.cost} and {options.cost_of!r}",
        ),
        (
            policy != "stochastic" or options.cost_of in (None, "round"),
            f"a stochastic policy's cost is that of the round, got cost_of {options.cost_of!r}",
        ),
        (
            policy != "stochastic" or not expected,
            "learners that ascend the gradient of the expected reward know the incentive of every outcome, which "
            "a stochastic policy draws: choose learners 'sampled' or another policy",
        ),
        (
            policy != "others-rewards" or options.full_sight,
            "the policy 'others-rewards' pays by the payoffs and not by what it sees, so knowledge must be "
            f"'known', flip_probability 0 and sees (True, True), got {options.knowledge!r}, "
            f"{options.flip_probability:g} and {options.sees}",
        ),
        (
            options.baseline is None or value_function == "estimated",
            f"baseline is what value_function 'estimated' subtracts, got {options.baseline} with "
            f"{value_function!r}",
        ),
        (any(options.sees), f"sees must be True for at least one player, got {options.sees}"),
        (
            all(options.sees) or not options.planner_retires,
            "a planner that retires must see both players to judge whether cooperation is stable, got sees "
            f"{options.sees}",
        ),
    ]


def planning_rules(options: TwoPlayerPlannerOptions, game: Game, initial_cooperation: float) -> Planning:
    """Return the options as the law's constants; what is not known of a player is its starting probability."""
    first, second = VALUE_FUNCTIONS[options.value_function]
    return Planning(
        learning_rate=float(options.planner_learning_rate),
        adam=options.planner_optimiser == "adam",
        lookahead_rate=float(options.lookahead_rate),
        bound=float(options.bound),
        sign=SIGNS[options.incentive_signs],
        budget=BUDGETS[options.budget],
        limit=float(options.budget_limit or 0.0),
        cost=_usual_price(options) if options.cost is None else float(options.cost),
        cost_squared=options.cost_norm == "squared",
        cost_of=COSTS[options.cost_of or _usual_cost(options)],
        incentive_factor=first,
        welfare_factor=second,
        baseline=_baseline(options, game),
        deviation=float(options.policy_deviation) if options.policy == "stochastic" else 0.0,
        closed_form=options.policy == "others-rewards",
        modelled=options.models,
        flip=float(options.flip_probability),
        sees=np.array(options.sees, dtype=np.float64),
        prior=float(initial_cooperation),
        retires=bool(options.planner_retires),
        outcomes=outcomes_of(game),
    )


def _usual_cost(options: TwoPlayerPlannerOptions) -> str:
    if options.value_function == "literal":
        return "norm-of-expected"
    # A planner that computes what its own rule gives in expectation can compute what it costs as well.
    return "expected-norm" if options.value_function == "decoupled" else "round"


def _usual_price(options: TwoPlayerPlannerOptions) -> float:
    # An estimate of welfare's slope vanishes when nobody is seen to cooperate for a while, and the cost alone
    # then pulls incentives to 0: at half the price that happens four times less often in the Stag Hunt.
    return THESIS_COST / 2 if options.value_function == "decoupled" else THESIS_COST


def _baseline(options: TwoPlayerPlannerOptions, game: Game) -> float:
    """Return the reference code's base T + S - 0.1: the welfare of unilateral defection less 0.1."""
    if options.baseline is not None:
        return float(options.baseline)
    welfare = game.payoffs.sum(axis=0)
    return float(0.5 * (welfare[0, 1] + welfare[1, 0]) - 0.1)
