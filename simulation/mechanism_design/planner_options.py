"""Names of the planner's options, what they stand for in the law, and which combinations make no sense."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from simulation.mechanism_design.planning import (
    COST_EXPECTED,
    COST_OF_EXPECTATION,
    COST_OF_ROUND,
    EXACT_WELFARE,
    EXPECTED_VALUE,
    LAYER_SLOPE,
    SAME_ROUND,
    SAMPLED_VALUE,
    WINDOW,
    Planning,
)
from simulation.planner.incentives import (
    BOTH_SIGNS,
    LIMITED,
    PUNISHMENTS_ONLY,
    REVENUE_NEUTRAL,
    REVENUE_NEUTRAL_REFERENCE,
    REWARDS_ONLY,
    UNRESTRICTED,
)
from simulation.planner.stability import outcomes_of
from theory.checks import finite_number, known_name, positive_number, whole_number

if TYPE_CHECKING:
    from simulation.mechanism_design.parameters import MechanismDesignParameters

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
LEARNERS = ("sampled", "expected")

# alpha of thesis section 4.2.
THESIS_COST = 0.0002
NORMS = ("euclidean", "squared")


class PlannerOptions(Protocol):
    """The options that planners of 2x2 games and of any finite game have in common."""

    @property
    def episodes(self) -> int:
        """How many episodes are played."""

    @property
    def planner_episodes(self) -> int | None:
        """In how many first episodes the planner acts."""

    @property
    def budget(self) -> str:
        """What may be paid in a round."""

    @property
    def budget_limit(self) -> float | None:
        """Largest sum of absolute incentives of a round with the budget "limited"."""

    @property
    def incentive_signs(self) -> str:
        """Both signs, "rewards" or "punishments" alone."""

    @property
    def planner_retires(self) -> bool:
        """Whether the planner leaves for good once cooperation is stable."""

    @property
    def planned_episodes(self) -> int:
        """In how many episodes the planner acts at most."""


def check_common_options(parameters: PlannerOptions, budgets: tuple[str, ...] = tuple(BUDGETS)) -> None:
    """Raise ValueError if an option that all planners have is unknown or breaks a rule, which is then stated."""
    whole_number("episodes", parameters.episodes, at_least=1)
    if parameters.planner_episodes is not None:
        whole_number("planner_episodes", parameters.planner_episodes, at_least=0)
    for name in ("learning_rate", "planner_learning_rate", "lookahead_rate", "bound"):
        check_positive(name, getattr(parameters, name))
    known_name("budget", parameters.budget, budgets)
    known_name("incentive_signs", parameters.incentive_signs, tuple(SIGNS))
    limit = parameters.budget_limit
    if limit is not None:
        limit = positive_number("budget_limit", limit)
    _refuse_what_breaks(
        [
            (
                (parameters.budget == "limited") == (limit is not None and limit > 0.0),
                "budget_limit must be a positive number with the budget 'limited' and None with others, got "
                f"{limit} with {parameters.budget!r}",
            ),
            (
                not parameters.budget.startswith("revenue-neutral") or parameters.incentive_signs == "both",
                "revenue-neutral incentives are positive for some players and negative for others, so "
                f"incentive_signs must be 'both', got {parameters.incentive_signs!r}",
            ),
            (
                not parameters.planner_retires or parameters.planned_episodes > 0,
                "a planner that retires must act first, got planner_retires with planner_episodes 0",
            ),
        ]
    )


def check_positive(name: str, value: float) -> None:
    """Raise ValueError if an option is not a positive number."""
    if finite_number(name, value) <= 0.0:
        raise ValueError(f"{name} must be positive, got {value}")


def _refuse_what_breaks(rules: list[tuple[bool, str]]) -> None:
    for holds, rule in rules:
        if not holds:
            raise ValueError(rule)


def check_options(parameters: MechanismDesignParameters) -> None:
    """Raise ValueError if an option is unknown, or a combination breaks a rule, which is then stated."""
    _check_kinds(parameters)
    check_common_options(parameters)
    for name, known in (
        ("value_function", VALUE_FUNCTIONS),
        ("policy", POLICIES),
        ("optimiser", OPTIMISERS),
        ("planner_optimiser", OPTIMISERS),
        ("knowledge", KNOWLEDGE),
        ("cost_norm", NORMS),
    ):
        known_name(name, getattr(parameters, name), tuple(known))
    if parameters.learners is not None:
        known_name("learners", parameters.learners, LEARNERS)
    if parameters.cost_of is not None:
        known_name("cost_of", parameters.cost_of, tuple(COSTS))
    _refuse_what_breaks(_rules(parameters))


def _check_kinds(parameters: MechanismDesignParameters) -> None:
    sees = parameters.sees
    # Not `in (True, False)`, since 1 == True would let numbers pass that are not meant so.
    if not isinstance(sees, tuple) or len(sees) != 2 or not all(isinstance(one, bool) for one in sees):
        raise ValueError(f"sees must say True or False of each of two players, got {sees!r}")
    check_positive("policy_deviation", parameters.policy_deviation)
    if parameters.baseline is not None:
        finite_number("baseline", parameters.baseline)


def _rules(parameters: MechanismDesignParameters) -> list[tuple[bool, str]]:
    value_function, budget, policy = parameters.value_function, parameters.budget, parameters.policy
    first_factor, _ = VALUE_FUNCTIONS[value_function]
    return [
        (
            policy != "stochastic" or first_factor == SAMPLED_VALUE,
            "a stochastic policy is learned from what it paid, so value_function must be 'estimated' or "
            f"'decoupled-sampled', got {value_function!r}",
        ),
        (
            policy != "others-rewards" or (budget == "unrestricted" and parameters.incentive_signs == "both"),
            "the policy 'others-rewards' pays what the others get, so budget must be 'unrestricted' and "
            f"incentive_signs 'both', got {budget!r} and {parameters.incentive_signs!r}",
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
            policy != "others-rewards" or (not parameters.cost and parameters.cost_of is None),
            "the policy 'others-rewards' learns nothing and has no price, so cost must be None or 0 and cost_of "
            f"None, got {parameters.cost} and {parameters.cost_of!r}",
        ),
        (
            policy != "stochastic" or parameters.cost_of in (None, "round"),
            f"a stochastic policy's cost is that of the round, got cost_of {parameters.cost_of!r}",
        ),
        (
            policy != "stochastic" or not parameters.learns_from_expectations,
            "learners that ascend the gradient of the expected reward know the incentive of every outcome, which "
            "a stochastic policy draws: choose learners 'sampled' or another policy",
        ),
        (
            policy != "others-rewards" or parameters.full_sight,
            "the policy 'others-rewards' pays by the payoffs and not by what it sees, so knowledge must be "
            f"'known', flip_probability 0 and sees (True, True), got {parameters.knowledge!r}, "
            f"{parameters.flip_probability:g} and {parameters.sees}",
        ),
        (
            parameters.baseline is None or value_function == "estimated",
            f"baseline is what value_function 'estimated' subtracts, got {parameters.baseline} with "
            f"{value_function!r}",
        ),
        (any(parameters.sees), f"sees must be True for at least one player, got {parameters.sees}"),
        (
            all(parameters.sees) or not parameters.planner_retires,
            "a planner that retires must see both players to judge whether cooperation is stable, got sees "
            f"{parameters.sees}",
        ),
    ]


def planning_rules(parameters: MechanismDesignParameters) -> Planning:
    """Return the parameters as the law's constants."""
    first, second = VALUE_FUNCTIONS[parameters.value_function]
    return Planning(
        learning_rate=float(parameters.planner_learning_rate),
        adam=parameters.planner_optimiser == "adam",
        lookahead_rate=float(parameters.lookahead_rate),
        bound=float(parameters.bound),
        sign=SIGNS[parameters.incentive_signs],
        budget=BUDGETS[parameters.budget],
        limit=float(parameters.budget_limit or 0.0),
        cost=_usual_price(parameters) if parameters.cost is None else float(parameters.cost),
        cost_squared=parameters.cost_norm == "squared",
        cost_of=COSTS[parameters.cost_of or _usual_cost(parameters)],
        incentive_factor=first,
        welfare_factor=second,
        baseline=_baseline(parameters),
        deviation=float(parameters.policy_deviation) if parameters.policy == "stochastic" else 0.0,
        closed_form=parameters.policy == "others-rewards",
        modelled=parameters.knowledge == "modelled",
        flip=float(parameters.flip_probability),
        sees=np.array(parameters.sees, dtype=np.float64),
        prior=float(parameters.initial_cooperation),
        retires=bool(parameters.planner_retires),
        outcomes=outcomes_of(parameters.game),
    )


def _usual_cost(parameters: MechanismDesignParameters) -> str:
    if parameters.value_function == "literal":
        return "norm-of-expected"
    # A planner that computes what its own rule gives in expectation can compute what it costs as well.
    return "expected-norm" if parameters.value_function == "decoupled" else "round"


def _usual_price(parameters: MechanismDesignParameters) -> float:
    # An estimate of welfare's slope vanishes when nobody is seen to cooperate for a while, and the cost alone
    # then pulls incentives to 0: at half the price that happens four times less often in the Stag Hunt.
    return THESIS_COST / 2 if parameters.value_function == "decoupled" else THESIS_COST


def _baseline(parameters: MechanismDesignParameters) -> float:
    """Return the reference code's base T + S - 0.1: the welfare of unilateral defection less 0.1."""
    if parameters.baseline is not None:
        return float(parameters.baseline)
    welfare = parameters.game.payoffs.sum(axis=0)
    return float(0.5 * (welfare[0, 1] + welfare[1, 0]) - 0.1)


def options_as_dict(parameters: MechanismDesignParameters) -> dict[str, Any]:
    """Return the parameters as plain values for JSON."""
    values = {name: getattr(parameters, name) for name in parameters.__dataclass_fields__}
    values["game"] = {"title": parameters.game.title, "payoffs": parameters.game.payoffs.tolist()}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}
