"""The planner's layer, its squashing and its budgets."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.planner.incentives import (
    BOTH_SIGNS,
    LIMITED,
    PLANNER_SIZE,
    PUNISHMENTS_ONLY,
    REVENUE_NEUTRAL,
    REVENUE_NEUTRAL_REFERENCE,
    REWARDS_ONLY,
    UNRESTRICTED,
    add_cost,
    layer_output,
    new_incentives,
    set_incentives,
    set_reward,
)
from tests.examples import examples

layers = st.lists(st.floats(-3, 3), min_size=PLANNER_SIZE, max_size=PLANNER_SIZE).map(np.array)
joint_actions = st.sampled_from([(1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)])
BUDGETS = (UNRESTRICTED, REVENUE_NEUTRAL, REVENUE_NEUTRAL_REFERENCE, LIMITED)


def incentives(layer, actions, *, bound=3.0, sign=BOTH_SIGNS, budget=UNRESTRICTED, limit=1.0):
    at = new_incentives()
    set_incentives(at, layer, *actions, bound, sign, budget, limit)
    return at


def test_layer_output_by_hand() -> None:
    layer = np.array([1.0, 2.0, 3.0, 4.0, 0.5, -0.5])
    assert layer_output(layer, 1, 1.0, 1.0) == pytest.approx(5.5)
    assert layer_output(layer, 0, 0.0, 1.0) == pytest.approx(3.5)
    assert layer_output(layer, 0, 1.0, 0.0) == pytest.approx(1.5)
    # 2 c (sigmoid(z) - 1/2) = c tanh(z / 2).
    assert incentives(layer, (1.0, 1.0)).paid == pytest.approx(3.0 * np.tanh(np.array([4.5, 5.5]) / 2))


@given(layers, joint_actions, st.floats(0.1, 10))
@settings(max_examples=examples(60), deadline=None)
def test_rewards_stay_within_the_bound_and_have_the_sign_asked_for(layer, actions, bound) -> None:
    both = incentives(layer, actions, bound=bound).paid
    assert (np.abs(both) < bound).all()
    rewards = incentives(layer, actions, bound=bound, sign=REWARDS_ONLY).paid
    assert ((rewards > 0) & (rewards < bound)).all()
    assert incentives(layer, actions, bound=bound, sign=PUNISHMENTS_ONLY).paid == pytest.approx(-rewards)


@given(layers, joint_actions, st.floats(0.1, 8))
@settings(max_examples=examples(60), deadline=None)
def test_budgets_hold(layer, actions, limit) -> None:
    for budget in (REVENUE_NEUTRAL, REVENUE_NEUTRAL_REFERENCE):
        paid = incentives(layer, actions, budget=budget).paid
        assert paid.sum() == pytest.approx(0.0, abs=1e-12)
        free = incentives(layer, actions).paid
        assert paid[0] - paid[1] == pytest.approx(free[0] - free[1])
    free, limited = (
        incentives(layer, actions).paid,
        incentives(layer, actions, budget=LIMITED, limit=limit).paid,
    )
    assert np.abs(limited).sum() <= limit * (1 + 1e-12)
    if np.abs(free).sum() <= limit:
        assert limited.tolist() == free.tolist()
    else:
        assert limited == pytest.approx(free * limit / np.abs(free).sum())


@pytest.mark.parametrize("budget", BUDGETS)
@pytest.mark.parametrize("sign", [BOTH_SIGNS, REWARDS_ONLY, PUNISHMENTS_ONLY])
def test_derivatives_agree_with_finite_differences(budget: int, sign: int) -> None:
    h = 1e-6
    for z in ([0.7, -1.3], [2.0, 1.5], [-0.4, -0.9]):

        def at(z, budget=budget):
            # A layer of biases alone has the outputs z.
            return incentives(np.array([0, 0, 0, 0, *z]), (1.0, 1.0), sign=sign, budget=budget)

        here = at(z)
        for j in range(2):
            up, down = (at(np.array(z) + s * h * np.eye(2)[j]) for s in (1, -1))
            assert here.slope[:, j] == pytest.approx((up.paid - down.paid) / (2 * h), abs=1e-7)
            assert here.first[j] == pytest.approx((up.reward[j] - down.reward[j]) / (2 * h), abs=1e-7)
            assert here.second[j] == pytest.approx((up.first[j] - down.first[j]) / (2 * h), abs=1e-7)


def test_rewards_of_each_sign_by_hand() -> None:
    at = new_incentives()
    for sign, expected in ((BOTH_SIGNS, 0.0), (REWARDS_ONLY, 1.5), (PUNISHMENTS_ONLY, -1.5)):
        set_reward(at, 0, 0.0, 3.0, sign)
        assert at.reward[0] == expected


def test_the_norm_s_subgradient_is_zero_where_no_incentive_is_paid() -> None:
    for squared in (True, False):
        gradient = np.zeros(PLANNER_SIZE)
        add_cost(gradient, incentives(np.zeros(6), (1.0, 1.0)), 1.0, 1.0, 1.0, squared, np.zeros(2))
        assert gradient.tolist() == [0.0] * 6
