"""The planner's objective: gradients of every variant against finite differences of Eq. 4.7; what it sees."""

import itertools
import math

import numpy as np
import pytest
from scipy.stats import norm

from simulation import MechanismDesign, MechanismDesignParameters, simulate
from simulation.engine.randomness import run_generator
from simulation.mechanism_design.law import mechanism_design_round
from simulation.planner.incentives import set_incentives
from simulation.planner.lookahead import welfare_gain_of_cooperating
from simulation.planner.planning import _draw_incentives, _improve, _set_push
from simulation.planner.state import new_round, new_workspace
from theory import named_game

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
    usual = {"literal": "norm-of-expected", "decoupled": "expected-norm"}
    kind = parameters.cost_of or usual.get(parameters.value_function, "round")
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
    set_incentives(workspace.at, LAYER, *OBSERVED, rules.bound, rules.sign, rules.budget, rules.limit)
    _improve(state, rules, workspace)
    gradient = state.planner - LAYER
    h = 1e-5
    for k in range(6):
        up, down = (objective(LAYER + s * h * np.eye(6)[k], parameters) for s in (1, -1))
        assert gradient[k] == pytest.approx((up - down) / (2 * h), abs=2e-6)


def test_outputs_of_a_stochastic_planner_are_independent_and_standard_normal() -> None:
    # Each output is the normal quantile of a draw of its own.
    parameters = MechanismDesignParameters(value_function="estimated", policy="stochastic")
    state, workspace = parameters.start(run_generator(0)), new_workspace(parameters.critic_units)
    rules = parameters.constants.planning
    for draws in itertools.product((np.arange(40) + 0.5) / 40, repeat=2):
        _draw_incentives(state, np.array([0, 0, 0, 0, *draws]), rules, workspace)
        assert workspace.noise == pytest.approx(norm.ppf(draws), abs=1e-12)
        outputs = state.planner[4:] + 0.5 * workspace.noise  # nobody was seen to cooperate
        assert workspace.at.paid == pytest.approx(3.0 * np.tanh(outputs / 2))


def test_the_planner_remembers_the_last_rounds_as_it_saw_them() -> None:
    parameters = MechanismDesignParameters(
        value_function="decoupled",
        window=5,
        knowledge="modelled",
        model_window=4,
        flip_probability=0.2,
        episodes=14,
    )
    state, workspace = parameters.start(run_generator(0)), new_workspace(parameters.critic_units)
    record, constants, seen, scores = new_round(), parameters.constants, [], []
    for draws in run_generator(1).random((14, 4)):
        mechanism_design_round(state, draws, True, constants, workspace, record)
        observed = np.where(draws[2:] < 0.2, 1 - record.cooperated, record.cooperated)
        assert np.array_equal(observed, workspace.observed)
        frequency = np.mean(seen[-4:], axis=0) if seen else np.full(2, 0.2 + 0.6 * 0.25)
        edge = 0.5 / (min(len(seen), 4) + 1.0) if seen else 0.0
        assert workspace.believed == pytest.approx(np.clip((frequency - 0.2) / 0.6, edge, 1 - edge))
        expected = workspace.believed * 0.8 + (1 - workspace.believed) * 0.2
        scores.append([*(observed - expected), record.payoff.sum()])
        seen.append(observed)
    kept = np.array(scores[-5:])
    sums = [*(kept[:, :2].T @ kept[:, 2]), *kept.sum(axis=0), 5]
    assert state.window_sums == pytest.approx(sums)
    assert state.seen_sums == pytest.approx([*np.sum(seen[-4:], axis=0), 4])


def test_what_a_planner_sees_and_believes() -> None:
    # Draws below P(C) cooperate, draws below the flip probability are seen flipped, a draw at it is not.
    theta = np.array([0.4, -0.6])
    for sees in ((True, True), (True, False), (False, True)):
        parameters = MechanismDesignParameters(
            game=named_game("stag-hunt"), flip_probability=0.25, sees=sees, initial_cooperation=0.3
        )
        for draws, seen in (((0.1, 0.9, 0.25, 0.3), (1, 0)), ((0.1, 0.9, 0.2, 0.1), (0, 1))):
            state, workspace = parameters.start(run_generator(0)), new_workspace(20)
            state.theta[:] = theta
            law_arguments = (np.array(draws), True, parameters.constants, workspace, new_round())
            mechanism_design_round(state, *law_arguments)
            p = 1 / (1 + np.exp(-theta))
            assert workspace.observed.tolist() == np.where(sees, seen, 0.3).tolist()
            assert workspace.believed == pytest.approx(np.where(sees, p, 0.3))


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


SIGHTS = (
    {},
    {"flip_probability": 0.2},
    {"sees": (True, False)},
    {"flip_probability": 0.1, "sees": (False, True)},
)


def chances(p: np.ndarray, parameters: MechanismDesignParameters) -> list[tuple]:
    """What may happen: (actions, what is seen of them, probability of both)."""
    flip, found = parameters.flip_probability, []
    for actions in itertools.product((1.0, 0.0), repeat=2):
        for flipped in itertools.product((0, 1), repeat=2):
            chance = math.prod(flip if one else 1 - flip for one in flipped)
            chance *= math.prod(q if a else 1 - q for q, a in zip(p, actions, strict=True))
            seen = [
                (1 - a if one else a) if sees else parameters.initial_cooperation
                for a, one, sees in zip(actions, flipped, parameters.sees, strict=True)
            ]
            found.append((actions, tuple(seen), chance))
    return found


@pytest.mark.parametrize("sight", SIGHTS, ids=str)
@pytest.mark.parametrize("policy", ["layer", "others-rewards"])
def test_expected_learners_ascend_the_gradient_of_their_expected_reward(policy: str, sight: dict) -> None:
    if policy == "others-rewards" and sight:
        return
    parameters = MechanismDesignParameters(
        game=named_game("chicken"),
        learners="expected",
        optimiser="ascent",
        alpha=(0.5, 0.0),
        policy=policy,
        **sight,
    )
    state, record, workspace = parameters.start(run_generator(0)), new_round(), new_workspace(20)
    state.theta[:] = [0.4, -0.6]
    state.planner[:] = LAYER
    payoffs = parameters.game.payoffs

    def reward(theta: np.ndarray, i: int) -> float:
        total = 0.0
        for (a, b), seen, chance in chances(1 / (1 + np.exp(-theta)), parameters):
            own = payoffs[:, int(1 - a), int(1 - b)]
            incentive = own[::-1] if policy == "others-rewards" else paid(LAYER, seen, parameters)
            total += chance * (own[i] + parameters.alpha[i] * own[1 - i] + incentive[i])
        return total

    before = state.theta.copy()
    draws = np.full(parameters.draws_per_episode, 0.5)
    mechanism_design_round(state, draws, True, parameters.constants, workspace, record)
    for i in range(2):
        step = 1e-5 * np.eye(2)[i]
        slope = (reward(before + step, i) - reward(before - step, i)) / 2e-5
        assert (state.theta - before)[i] == pytest.approx(0.01 * slope, abs=1e-9)


@pytest.mark.parametrize("sight", SIGHTS, ids=str)
@pytest.mark.parametrize(
    "variant",
    [
        {"value_function": "literal", "cost_of": "expected-norm"},
        {"value_function": "decoupled", "cost_of": "norm-of-expected", "cost_norm": "squared"},
        {"value_function": "estimated"},
        {"value_function": "decoupled-sampled", "budget": "revenue-neutral"},
    ],
    ids=lambda variant: variant["value_function"],
)
def test_the_planner_ascends_what_comes_of_what_it_sees(variant: dict, sight: dict) -> None:
    # Averaged over what may be seen, steps are the derivative of sum_i push_i dV^p_i / dtheta_i - alpha cost.
    parameters = MechanismDesignParameters(
        **variant, **sight, cost=0.3, planner_optimiser="ascent", planner_learning_rate=1.0
    )
    rules, theta = parameters.constants.planning, np.log(P / (1 - P))
    gradient = np.zeros(6)
    for _, seen, chance in chances(P, parameters):
        state, workspace = parameters.start(run_generator(0)), new_workspace(parameters.critic_units)
        state.planner[:] = LAYER
        believed = np.where(parameters.sees, P, parameters.initial_cooperation)
        workspace.observed[:], workspace.believed[:], workspace.push[:] = seen, believed, PUSH
        set_incentives(workspace.at, LAYER, *seen, rules.bound, rules.sign, rules.budget, rules.limit)
        _improve(state, rules, workspace)
        gradient += chance * (state.planner - LAYER)

    def value(layer: np.ndarray) -> float:
        first, h = 0.0, 1e-4
        for i in range(2):
            for sign in (1, -1):
                p = 1 / (1 + np.exp(-theta - sign * h * np.eye(2)[i]))
                expected = sum(
                    chance * paid(layer, seen, parameters)[i] for _, seen, chance in chances(p, parameters)
                )
                first += PUSH[i] * sign * expected / (2 * h)
        payments = [(chance, paid(layer, seen, parameters)) for _, seen, chance in chances(P, parameters)]
        if parameters.cost_of == "norm-of-expected":
            cost = np.linalg.norm(sum(chance * u for chance, u in payments)) ** 2
        else:
            cost = sum(chance * np.linalg.norm(u) for chance, u in payments)
        return float(first - 0.3 * cost)

    for k in range(6):
        up, down = (value(LAYER + s * 1e-4 * np.eye(6)[k]) for s in (1, -1))
        assert gradient[k] == pytest.approx((up - down) / 2e-4, abs=5e-6)


def test_the_layer_s_slope_counts_as_much_as_is_seen_of_an_action() -> None:
    steps = {}
    for sight in SIGHTS[:3]:
        parameters = MechanismDesignParameters(
            **sight, cost=0.0, planner_optimiser="ascent", planner_learning_rate=1.0
        )
        state, workspace = parameters.start(run_generator(0)), new_workspace(parameters.critic_units)
        state.planner[:] = LAYER
        workspace.observed[:], workspace.believed[:], workspace.push[:] = OBSERVED, P, PUSH
        rules = parameters.constants.planning
        set_incentives(workspace.at, LAYER, *OBSERVED, rules.bound, rules.sign, rules.budget, rules.limit)
        _improve(state, rules, workspace)
        steps[str(sight)] = state.planner - LAYER
    full, flipped, hidden = steps.values()
    assert flipped == pytest.approx(0.6 * full)
    # Nothing moves the incentives of a player who is not seen: those of the layer's second output.
    assert hidden[::2] == pytest.approx(full[::2])
    assert (hidden[1::2] == 0).all()
    assert (full[1::2] != 0).any()


@pytest.mark.parametrize("value_function", ["exact", "literal"])
def test_welfare_s_slope_is_exact_where_it_is_said_to_be(value_function: str) -> None:
    game, h = named_game("chicken"), 1e-5
    parameters = MechanismDesignParameters(game=game, value_function=value_function, lookahead_rate=0.7)
    workspace, state = new_workspace(20), parameters.start(run_generator(0))
    workspace.observed[:], workspace.believed[:] = OBSERVED, P
    _set_push(state, np.array(game.payoffs), parameters.constants.planning, workspace, 0.0)
    theta = np.log(P / (1 - P))

    def welfare(logits: np.ndarray) -> float:
        p = 1 / (1 + np.exp(-logits))
        return float(game.expected_payoffs(np.stack([p, 1 - p], axis=1)).sum())

    slope = [(welfare(theta + s) - welfare(theta - s)) / (2 * h) for s in h * np.eye(2)]
    assert workspace.push == pytest.approx(0.7 * np.array(slope), abs=1e-8)


def test_a_planner_may_retire_in_the_first_episode() -> None:
    parameters = MechanismDesignParameters(
        game=named_game("harmony"), planner_retires=True, initial_cooperation=0.999, episodes=20
    )
    data = simulate(parameters, runs=2)
    assert data["planner_retired"].values.tolist() == [0.0, 0.0]
    assert (data["additional_reward"].values[:, 0] != 0).all()
    assert (data["additional_reward"].values[:, 1:] == 0).all()


@pytest.mark.parametrize("flip", [0.0, 0.2])
def test_welfare_s_slope_from_the_same_round_is_right_on_average(flip: float) -> None:
    parameters = MechanismDesignParameters(
        game=named_game("chicken"), value_function="estimated", flip_probability=flip, lookahead_rate=1.0
    )
    payoffs, push = np.array(parameters.game.payoffs), np.zeros(2)
    for (a, b), seen, chance in chances(P, parameters):
        workspace, state = new_workspace(20), parameters.start(run_generator(0))
        workspace.observed[:], workspace.believed[:] = seen, P
        welfare = payoffs[:, int(1 - a), int(1 - b)].sum()
        _set_push(state, payoffs, parameters.constants.planning, workspace, welfare)
        push += chance * workspace.push
    gains = [welfare_gain_of_cooperating(payoffs, i, P[1 - i]) for i in range(2)]
    assert push == pytest.approx(P * (1 - P) * gains)


def test_the_planner_of_section_4_1_2_pays_everybody_the_other_s_payoff() -> None:
    data = simulate(MechanismDesignParameters(policy="others-rewards", episodes=50), runs=2)
    assert np.array_equal(data["additional_reward"].values, data["payoff"].values[..., ::-1])
    total = named_game("prisoners-dilemma").payoffs[::-1]
    assert np.array_equal(data["final_incentive"].values[0], total.reshape(2, 4).T)


def test_a_planner_that_sees_flipped_actions_pays_for_what_it_saw() -> None:
    model = MechanismDesign(MechanismDesignParameters(flip_probability=0.4, episodes=400), rng=0)
    right = 0
    while model.running:
        layer = model.state.planner.copy()
        model.step()
        told = paid(layer, tuple(model.last_round.cooperated), model.parameters)
        right += np.allclose(told, model.last_round.additional_reward, rtol=1e-12)
    # Both actions are seen rightly with probability .36; four standard errors of 400 draws.
    assert abs(right / 400 - 0.36) < 4 * math.sqrt(0.36 * 0.64 / 400)


@pytest.mark.parametrize("sight", SIGHTS, ids=str)
def test_incentives_in_force_are_those_of_the_actions_played(sight: dict) -> None:
    parameters = MechanismDesignParameters(game=named_game("stag-hunt"), **sight)
    model = MechanismDesign(parameters, rng=0)
    model.state.planner[:] = LAYER
    for incentives, actions in zip(
        model.planner.incentives, itertools.product((1.0, 0.0), repeat=2), strict=True
    ):
        of_actions = [(seen, chance) for a, seen, chance in chances(P, parameters) if a == actions]
        total = sum(chance for _, chance in of_actions)
        expected = sum(chance * paid(LAYER, seen, parameters) for seen, chance in of_actions) / total
        assert incentives == pytest.approx(expected)


def test_a_player_that_is_not_seen_is_paid_without_regard_to_its_action() -> None:
    parameters = MechanismDesignParameters(
        game=named_game("stag-hunt"), sees=(True, False), episodes=1, initial_cooperation=0.5
    )
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
        ({"sees": (False, False)}, r"sees must be True for at least one player, got \(False, False\)"),
        ({"sees": True}, "sees must say True or False of each of two players, got True"),
        ({"sees": (1, 0)}, r"sees must say True or False of each of two players, got \(1, 0\)"),
        ({"sees": (True,)}, r"sees must say True or False of each of two players, got \(True,\)"),
        ({"planner_retires": "yes"}, "planner_retires must be True or False, got 'yes'"),
        ({"planner_retires": True, "planner_episodes": 0}, "a planner that retires must act first"),
        (
            {"policy": "others-rewards", "cost": 0.1},
            "cost must be None or 0 and cost_of None, got 0.1 and None",
        ),
        ({"policy": "others-rewards", "cost_of": "round"}, "and cost_of None, got None and 'round'"),
        (
            {
                "policy": "stochastic",
                "value_function": "estimated",
                "budget": "revenue-neutral-reference",
            },
            "a gradient of the deterministic layer, got the policy 'stochastic'",
        ),
        ({"planner_retires": True, "sees": (True, False)}, "a planner that retires must see both players"),
        ({"alpha": 0.5}, "alpha must be one number for each of two learners, got 0.5"),
        ({"baseline": float("nan"), "value_function": "estimated"}, "baseline must be finite, got nan"),
        ({"baseline": 2.0}, "baseline is what value_function 'estimated' subtracts, got 2.0 with 'exact'"),
        (
            {"budget": "limited", "value_function": "literal", "budget_limit": "a"},
            "budget_limit must be one number",
        ),
        ({"policy": "others-rewards", "knowledge": "modelled"}, "'others-rewards' pays by the payoffs"),
        ({"policy": "others-rewards", "flip_probability": 0.1}, r"flip_probability 0 and sees .*, 0.1 and"),
        ({"policy": "others-rewards", "sees": (True, False)}, r"got 'known', 0 and \(True, False\)"),
        (
            {"policy": "stochastic", "value_function": "estimated", "learners": "expected"},
            "which a stochastic policy draws: choose learners 'sampled'",
        ),
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
