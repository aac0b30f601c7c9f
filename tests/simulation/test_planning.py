"""The planner's objective: gradients of every variant against finite differences of Eq. 4.7; what it sees."""

import itertools
import math

import numpy as np
import pytest

from simulation import MechanismDesign, MechanismDesignParameters, simulate
from simulation.mechanism_law import mechanism_design_round, new_round, new_workspace
from simulation.planning import _improve, cooperation_is_stable
from simulation.randomness import run_generator
from theory import judge, named_game

P, OBSERVED, PUSH = np.array([0.3, 0.8]), (1.0, 0.0), np.array([0.7, -0.4])
LAYER = np.array([0.9, -0.3, 0.4, 1.1, -0.2, 0.6])


def paid(layer: np.ndarray, a: tuple, parameters: MechanismDesignParameters) -> np.ndarray:
    """Incentives written independently of the law: c tanh(z / 2) and its budgets."""
    z = np.array(a) @ layer[:4].reshape(2, 2) + layer[4:]
    reward = parameters.bound * np.tanh(z / 2)
    if parameters.incentive_signs != "both":
        sign = 1 if parameters.incentive_signs == "rewards" else -1
        reward = sign * parameters.bound / (1 + np.exp(-z))
    if parameters.budget.startswith("revenue-neutral"):
        return reward - reward.mean()
    if parameters.budget == "limited":
        return reward * min(1.0, parameters.budget_limit / np.abs(reward).sum())
    return reward


def objective(layer: np.ndarray, parameters: MechanismDesignParameters) -> float:
    """Eq. 4.7 with the second factor given by PUSH."""
    reference = parameters.budget == "revenue-neutral-reference"
    free = MechanismDesignParameters(bound=parameters.bound) if reference else parameters
    outcomes = [
        ((a, b), (P[0] if a else 1 - P[0]) * (P[1] if b else 1 - P[1])) for a in (1, 0) for b in (1, 0)
    ]
    slope = P * (1 - P)
    if parameters.value_function == "exact":
        h = 1e-4  # the layer taken as continuous in the actions
        first = 0.0
        for i in range(2):
            step = h * np.eye(2)[i]
            change = paid(layer, OBSERVED + step, free)[i] - paid(layer, OBSERVED - step, free)[i]
            first += PUSH[i] * slope[i] * change / (2 * h)
    elif parameters.value_function in ("estimated", "decoupled-sampled"):
        first = np.sum(PUSH * (np.array(OBSERVED) - P) * paid(layer, OBSERVED, free))
    else:
        first = 0.0
        for i in range(2):
            for (a, b), chance in outcomes:
                score = (a, b)[i] - P[i]
                first += PUSH[i] * chance * score * paid(layer, (a, b), free)[i]
    power = 2 if parameters.cost_norm == "squared" else 1
    computes = parameters.value_function in ("literal", "decoupled")
    kind = parameters.cost_of or ("expected-norm" if computes else "round")
    if kind == "round":
        cost = np.linalg.norm(paid(layer, OBSERVED, parameters)) ** power
    elif kind == "expected-norm":
        cost = sum(chance * np.linalg.norm(paid(layer, a, parameters)) ** power for a, chance in outcomes)
    else:
        expected = sum(chance * paid(layer, a, parameters) for a, chance in outcomes)
        cost = np.linalg.norm(expected) ** power
    return float(first - parameters.cost * cost)


VARIANTS = [
    {"value_function": value_function, "budget": budget, "cost_norm": norm, "cost_of": cost_of}
    for value_function, budget, norm, cost_of in itertools.product(
        ("exact", "literal", "estimated", "decoupled", "decoupled-sampled"),
        ("unrestricted", "revenue-neutral"),
        ("euclidean", "squared"),
        ("round", "expected-norm", "norm-of-expected"),
    )
] + [
    {"value_function": "exact", "budget": "revenue-neutral-reference"},
    {"value_function": "estimated", "budget": "revenue-neutral-reference"},
    {"value_function": "literal", "budget": "limited", "budget_limit": 1.5},
    {"value_function": "decoupled", "budget": "limited", "budget_limit": 9.0},
    {"value_function": "estimated", "incentive_signs": "rewards"},
    {"value_function": "exact", "incentive_signs": "punishments"},
    {"value_function": "literal", "incentive_signs": "punishments"},
]


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: "-".join(map(str, variant.values())))
def test_gradient_of_every_variant_agrees_with_finite_differences(variant: dict) -> None:
    parameters = MechanismDesignParameters(
        **variant, cost=0.3, planner_optimiser="ascent", planner_learning_rate=1.0
    )
    state, workspace = parameters.start(run_generator(0)), new_workspace(parameters.critic_units)
    state.planner[:] = LAYER
    workspace.observed[:], workspace.believed[:], workspace.push[:] = OBSERVED, P, PUSH
    rules = parameters.constants.planning
    from simulation.learning.planner import set_incentives

    set_incentives(workspace.at, LAYER, *OBSERVED, rules.bound, rules.sign, rules.budget, rules.limit)
    _improve(state, rules, workspace)
    gradient = state.planner - LAYER
    h = 1e-5
    for k in range(6):
        up, down = (objective(LAYER + s * h * np.eye(6)[k], parameters) for s in (1, -1))
        assert gradient[k] == pytest.approx((up - down) / (2 * h), abs=2e-6)


@pytest.mark.parametrize("norm", ["euclidean", "squared"])
def test_score_function_of_a_stochastic_planner_is_unbiased(norm: str) -> None:
    # Its mean over draws is the derivative of the expected objective by the layer's outputs, here estimated
    # by the pathwise derivative on the same draws; four standard errors are exceeded with p < 1e-3 in all.
    parameters = MechanismDesignParameters(
        value_function="decoupled-sampled",
        policy="stochastic",
        policy_deviation=0.8,
        cost=0.3,
        cost_norm=norm,
        planner_optimiser="ascent",
        planner_learning_rate=1.0,
    )
    rules, workspace = parameters.constants.planning, new_workspace(parameters.critic_units)
    workspace.observed[:], workspace.believed[:], workspace.push[:] = OBSERVED, P, PUSH
    state, differences = parameters.start(run_generator(0)), []
    z = np.array(OBSERVED) @ LAYER[:4].reshape(2, 2) + LAYER[4:]
    score = np.array(OBSERVED) - P
    for noise in run_generator(1).normal(size=(20_000, 2)):
        outputs = z + 0.8 * noise
        u = 3.0 * np.tanh(outputs / 2)
        workspace.noise[:] = noise
        workspace.at.paid[:] = u
        state.planner[:] = 0.0
        _improve(state, rules, workspace)
        slope = 1.5 * (1 - np.tanh(outputs / 2) ** 2)
        cost = 2 * 0.3 * u if norm == "squared" else 0.3 * u / np.linalg.norm(u)
        differences.append(state.planner[4:] - (PUSH * score - cost) * slope)
    errors = np.std(differences, axis=0) / np.sqrt(len(differences))
    assert (np.abs(np.mean(differences, axis=0)) < 4 * errors).all()


def test_expected_learners_ascend_the_gradient_of_their_expected_reward() -> None:
    parameters = MechanismDesignParameters(
        game=named_game("chicken"), learners="expected", optimiser="ascent", alpha=(0.5, 0.0)
    )
    state, record, workspace = parameters.start(run_generator(0)), new_round(), new_workspace(20)
    state.theta[:] = [0.4, -0.6]
    state.planner[:] = LAYER
    game = parameters.game

    def reward(theta: np.ndarray, i: int) -> float:
        p = 1 / (1 + np.exp(-theta))
        profile = np.stack([p, 1 - p], axis=1)
        extra = np.empty((2, 2, 2))
        for a, b in itertools.product((0, 1), repeat=2):
            extra[:, a, b] = paid(LAYER, (1 - a, 1 - b), parameters)
        own = game.altruistic(0.5, 0.0).with_incentives(extra)
        return float(own.expected_payoffs(profile)[i])

    before = state.theta.copy()
    mechanism_design_round(state, np.array([0.5, 0.5]), True, parameters.constants, workspace, record)
    for i in range(2):
        step = 1e-5 * np.eye(2)[i]
        slope = (reward(before + step, i) - reward(before - step, i)) / 2e-5
        assert (state.theta - before)[i] == pytest.approx(0.01 * slope, abs=1e-9)


def test_the_planner_of_section_4_1_2_pays_everybody_the_other_s_payoff() -> None:
    data = simulate(MechanismDesignParameters(policy="others-rewards", episodes=50), runs=2)
    assert np.array_equal(data["additional_reward"].values, data["payoff"].values[..., ::-1])
    total = named_game("prisoners-dilemma").payoffs[::-1]
    assert np.array_equal(data["final_incentive"].values[0], total.reshape(2, 4).T)


def test_a_planner_that_sees_flipped_actions_pays_for_what_it_saw() -> None:
    parameters = MechanismDesignParameters(flip_probability=0.4, episodes=400)
    data = simulate(parameters, runs=1, seed=0)
    outcome = 2 * data["action"].values[..., 0] + data["action"].values[..., 1]
    told = np.take_along_axis(data["incentive"].values, outcome[..., None, None], axis=2)[:, :, 0]
    right = (told == data["additional_reward"].values).all(axis=2).mean()
    # Both actions are seen rightly with probability .36; four standard errors of 400 draws.
    assert abs(right - 0.36) < 4 * math.sqrt(0.36 * 0.64 / 400)


def test_a_player_that_is_not_seen_is_paid_without_regard_to_its_action() -> None:
    parameters = MechanismDesignParameters(sees=(True, False), episodes=1, initial_cooperation=0.5)
    model = MechanismDesign(parameters, rng=0)
    model.state.planner[:] = LAYER
    payments = []
    for theta in (50.0, -50.0):
        model.learners[0].theta, model.learners[1].theta = 50.0, theta
        model.state.planner[:] = LAYER
        model.step()
        payments.append([learner.additional_reward for learner in model.learners])
    assert payments[0] == payments[1]
    assert payments[0] == pytest.approx(paid(LAYER, (1.0, 0.5), parameters))


@pytest.mark.parametrize("name", ["prisoners-dilemma", "chicken", "stag-hunt", "stag-hunt-3.2", "harmony"])
def test_stability_is_the_verdict_that_no_better_is_possible(name: str) -> None:
    game = named_game(name)
    for p, q in itertools.product(np.linspace(0, 1, 41), repeat=2):
        verdict = judge(game, [[p, 1 - p], [q, 1 - q]], tolerance=0.02)
        # The best equilibrium is one of the best outcomes, and play is as good and stable.
        best = game.payoffs.sum(axis=0).max()
        spread = best - game.payoffs.sum(axis=0).min()
        expected = verdict.is_nash and best - verdict.welfare <= 0.02 * spread
        assert cooperation_is_stable(np.array(game.payoffs), np.array([p, q])) == expected


def test_a_planner_retires_when_cooperation_is_stable_and_not_before() -> None:
    retiring = {
        name: simulate(
            MechanismDesignParameters(game=named_game(name), planner_retires=True), runs=4, record=1
        )
        for name in ("stag-hunt", "prisoners-dilemma")
    }
    stag = retiring["stag-hunt"]
    assert (stag["planner_retired"] > 0).all()
    for run in range(4):
        left = int(stag["planner_retired"][run])
        assert (stag["additional_reward"].values[run, : left + 1] != 0).all()
        assert (stag["additional_reward"].values[run, left + 1 :] == 0).all()
    assert (stag["joint_cooperation"] > 0.97).all()
    assert (stag["final_incentive"] == 0).all()
    assert (retiring["prisoners-dilemma"]["planner_retired"] == -1).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"value_function": "exakt"}, "unknown value_function 'exakt'; nearest: exact"),
        ({"budget": "free"}, "unknown budget 'free'"),
        ({"learners": "samples"}, "unknown learners 'samples'; nearest: sampled"),
        ({"policy": "stochastic"}, "value_function must be 'estimated' or 'decoupled-sampled', got 'exact'"),
        ({"policy": "others-rewards", "budget": "revenue-neutral"}, "budget must be 'unrestricted'"),
        ({"budget": "limited", "budget_limit": 1.0}, "needs the second derivative"),
        ({"budget": "limited", "value_function": "literal"}, "budget_limit must be a positive number"),
        ({"budget_limit": 1.0}, "budget_limit must be a positive number with the budget 'limited' and None"),
        ({"budget": "revenue-neutral", "incentive_signs": "rewards"}, "incentive_signs must be 'both'"),
        (
            {"budget": "revenue-neutral-reference", "value_function": "literal"},
            "the reference code's gradient",
        ),
        ({"flip_probability": 0.5}, r"flip_probability must lie in \[0, 1/2\), got 0.5"),
        ({"sees": (False, False)}, "sees must say which of two players are seen"),
        ({"window": 1}, "window must be at least 2, got 1"),
        ({"cost_of": "rounds"}, "unknown cost_of 'rounds'; nearest: round"),
        (
            {"policy": "stochastic", "value_function": "estimated", "cost_of": "expected-norm"},
            "a stochastic policy's cost is that of the round",
        ),
    ],
)
def test_options_that_make_no_sense_are_refused_with_the_rule(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MechanismDesignParameters(**options)
