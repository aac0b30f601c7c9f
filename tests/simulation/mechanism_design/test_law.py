"""The law of one episode: by hand, and plain Python against the compiled twin."""

from dataclasses import replace

import numpy as np
import pytest

from simulation import MechanismDesign, simulate
from simulation.engine.randomness import run_generator
from simulation.engine.runs import play_runs
from simulation.learning.critic import critic_value
from simulation.mechanism_design.law import mechanism_design_round
from simulation.mechanism_design.parameters import MechanismDesignParameters
from simulation.mechanism_design.runs import mechanism_design_process
from simulation.planner.state import new_round, new_workspace
from theory import named_game, named_games

VARIANTS = (
    {},
    {"value_function": "literal", "cost_of": "norm-of-expected", "cost_norm": "squared"},
    {"value_function": "estimated", "policy": "stochastic"},
    {"value_function": "decoupled", "knowledge": "modelled", "flip_probability": 0.1, "window": 20},
    {"value_function": "decoupled-sampled", "budget": "revenue-neutral"},
    {"value_function": "literal", "budget": "limited", "budget_limit": 1.0},
    {"value_function": "exact", "budget": "revenue-neutral-reference", "sees": (True, False)},
    {"policy": "others-rewards", "optimiser": "ascent"},
    {"optimiser": "ascent", "planner_optimiser": "ascent", "learners": "expected", "planner_retires": True},
    {"incentive_signs": "rewards"},
    {"policy": "others-rewards", "learners": "expected"},
    {"value_function": "literal", "flip_probability": 0.2},
    {"value_function": "decoupled-sampled", "flip_probability": 0.2, "sees": (False, True)},
)


def play(parameters: MechanismDesignParameters, draws: np.ndarray, *, planning: bool = True):
    state, record = parameters.start(run_generator(0)), new_round()
    workspace = new_workspace(parameters.critic_units)
    for row in draws:
        mechanism_design_round(state, row, planning, parameters.constants, workspace, record)
    return state, record


def test_a_learner_cooperates_when_its_draw_is_below_its_probability() -> None:
    parameters = MechanismDesignParameters(initial_cooperation=0.25)
    _, record = play(parameters, np.array([[0.2499, 0.2501]]))
    assert record.cooperated.tolist() == [1.0, 0.0]
    assert record.payoff.tolist() == [0.0, 4.0]
    assert record.cooperation_probability == pytest.approx([0.25, 0.25])


def test_the_first_step_moves_theta_by_the_rate_towards_what_was_rewarded() -> None:
    # Both defect and get P = 1: a positive reward, so that theta falls by Adam's first step, the rate.
    state, _ = play(MechanismDesignParameters(learning_rate=0.01), np.array([[0.9, 0.9]]), planning=False)
    assert state.theta - np.log(1 / 3) == pytest.approx([-0.01, -0.01], rel=1e-5)


def test_cooperativeness_weighs_the_other_s_payoff() -> None:
    # The first learner is exploited: 0 for itself, 4 for the other. If it cares, cooperation is rewarded; if
    # it is spiteful, punished. (The critic's value is multiplied by 1 - 0.9 and small.)
    draws = np.array([[0.0, 0.99]])
    moved = {}
    for alpha in (1.0, -1.0):
        state, _ = play(MechanismDesignParameters(alpha=(alpha, 0.0)), draws, planning=False)
        moved[alpha] = state.theta[0] - np.log(1 / 3)
    assert moved[1.0] == pytest.approx(0.01, rel=1e-5)
    assert moved[-1.0] == pytest.approx(-0.01, rel=1e-5)


def test_without_planner_nothing_is_paid_and_the_planner_stays() -> None:
    parameters = MechanismDesignParameters()
    start = parameters.start(run_generator(0))
    state, record = play(parameters, run_generator(1).random((20, 2)), planning=False)
    assert state.paid.tolist() == [0.0, 0.0]
    assert record.additional_reward.tolist() == [0.0, 0.0]
    assert np.array_equal(state.planner, start.planner)


def test_what_was_paid_last_is_not_paid_again_when_the_planner_is_off() -> None:
    parameters = MechanismDesignParameters()
    state, record, workspace = parameters.start(run_generator(0)), new_round(), new_workspace(20)
    draws = np.array([0.5, 0.5])
    mechanism_design_round(state, draws, True, parameters.constants, workspace, record)
    assert (record.additional_reward != 0).all()
    mechanism_design_round(state, draws, False, parameters.constants, workspace, record)
    assert (record.additional_reward == 0).all()


def test_critics_see_both_policies_and_descend_the_squared_temporal_difference_error() -> None:
    parameters = MechanismDesignParameters(optimiser="ascent", learning_rate=0.01, alpha=(0.3, -0.2))
    state, record, workspace = parameters.start(run_generator(0)), new_round(), new_workspace(20)
    state.theta[:] = [0.4, -0.9]
    before, theta = state.critics.copy(), state.theta.copy()
    mechanism_design_round(state, np.array([0.5, 0.5]), True, parameters.constants, workspace, record)
    p = 1 / (1 + np.exp(-theta))
    inputs = np.array([1 - p[0], p[0], 1 - p[1], p[1]])
    for i in range(2):
        value = critic_value(before[i], inputs, np.zeros(20))
        reward = record.payoff[i] + parameters.alpha[i] * record.payoff[1 - i] + record.additional_reward[i]
        error = reward + 0.9 * value - value
        steps = 1e-6 * np.eye(before.shape[1])
        slope = [
            (
                critic_value(before[i] + s, inputs, np.zeros(20))
                - critic_value(before[i] - s, inputs, np.zeros(20))
            )
            / 2e-6
            for s in steps
        ]
        # The target is held fixed: half the derivative of -error^2 is error times the value's slope.
        assert state.critics[i] - before[i] == pytest.approx(0.01 * 2 * error * np.array(slope), abs=1e-8)
        assert state.theta[i] - theta[i] == pytest.approx(0.01 * error * (record.cooperated[i] - p[i]))


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: "-".join(map(str, variant.values())))
def test_what_records_and_workspaces_held_before_makes_no_difference(variant: dict) -> None:
    parameters, results = MechanismDesignParameters(**variant), []
    draws = run_generator(3).random((3, parameters.draws_per_episode))
    for before in (0.0, np.nan):
        state = parameters.start(run_generator(0))
        for row in draws:
            record, workspace = new_round(), new_workspace(20)
            for room in (*record, *workspace[:-1], *workspace.at):
                room[...] = before
            mechanism_design_round(state, row, True, parameters.constants, workspace, record)
        results.append((*state, *record))
    for clean, dirty in zip(*results, strict=True):
        assert np.array_equal(clean, dirty)


def test_a_fresh_state_has_the_shapes_that_its_documentation_states() -> None:
    state = MechanismDesignParameters(window=7, model_window=5, critic_units=3).start(run_generator(0))
    pairs = (
        "theta",
        "alpha",
        "theta_first",
        "theta_second",
        "learner_powers",
        "planner_powers",
        "paid",
        "clock",
    )
    assert {getattr(state, name).shape for name in pairs} == {(2,)}
    assert {getattr(state, f"planner{part}").shape for part in ("", "_first", "_second")} == {(6,)}
    assert {getattr(state, f"critics{part}").shape for part in ("", "_first", "_second")} == {(2, 6 * 3 + 1)}
    assert state.window.shape == (7, 3)
    assert state.seen.shape == (5, 2)
    for name in (
        "theta_first",
        "theta_second",
        "critics_first",
        "critics_second",
        "planner_first",
        "planner_second",
        "paid",
        "window",
        "window_sums",
        "seen",
        "seen_sums",
    ):
        assert not getattr(state, name).any(), name
    assert state.learner_powers.tolist() == state.planner_powers.tolist() == [1.0, 1.0]
    assert state.clock.tolist() == [0.0, -1.0]


def test_paid_sums_absolute_incentives_of_each_player() -> None:
    parameters = MechanismDesignParameters()
    state, record, workspace = parameters.start(run_generator(0)), new_round(), new_workspace(20)
    total = np.zeros(2)
    for draws in run_generator(1).random((30, 2)):
        mechanism_design_round(state, draws, True, parameters.constants, workspace, record)
        total += np.abs(record.additional_reward)
    assert state.paid == pytest.approx(total)
    assert (total > 0).all()


@pytest.mark.filterwarnings("ignore:.*the planner does not see")
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: "-".join(map(str, variant.values())))
def test_every_variant_agrees_between_python_and_compiled_and_between_drivers(variant: dict) -> None:
    parameters = MechanismDesignParameters(episodes=150, **variant)
    batch = simulate(parameters, runs=2, seed=4)
    with pytest.warns(UserWarning, match="uncompiled"):
        assert simulate(parameters, runs=2, seed=4, law=mechanism_design_round).equals(batch)
    model = MechanismDesign(parameters, rng=4, run=1)
    while model.running:
        model.step()
    final = batch.isel(run=1)
    assert np.array_equal(model.cooperation_probability, final["final_cooperation_probability"])
    assert np.array_equal(model.planner.incentives, final["final_incentive"])


@pytest.mark.parametrize("name", [n for n in named_games() if named_game(n).n_actions == (2, 2)][:6])
@pytest.mark.parametrize("planning", [True, False])
def test_python_and_compiled_law_agree_bit_for_bit(name: str, planning: bool) -> None:
    parameters = MechanismDesignParameters(
        game=named_game(name), alpha=(0.3, -0.2), episodes=150, planner_episodes=None if planning else 0
    )
    process = mechanism_design_process(parameters)
    machine = play_runs(process, runs=2, seed=5, every=1, workers=1)
    plain = play_runs(replace(process, compile_law=False), runs=2, seed=5, every=1, workers=1)
    for one, other in zip(plain.states, machine.states, strict=True):
        assert np.array_equal(one, other)
    for recorded, values in machine.recorded.items():
        assert np.array_equal(plain.recorded[recorded], values)
