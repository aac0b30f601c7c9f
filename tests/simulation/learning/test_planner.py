"""The planner's layer and the gradient of its objective (thesis Eq. 4.7)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.learning.planner import PLANNER_SIZE, incentive, planner_gradient

weights = st.lists(st.floats(-3, 3), min_size=PLANNER_SIZE, max_size=PLANNER_SIZE)
joint_actions = st.sampled_from([(1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)])


@given(weights, joint_actions, st.floats(0.1, 10))
@settings(max_examples=50, deadline=None)
def test_incentives_stay_within_the_bound(layer: list[float], actions: tuple, bound: float) -> None:
    for player in range(2):
        assert abs(incentive(np.array(layer), player, *actions, bound)) < bound


def test_incentive_computed_by_hand() -> None:
    layer = np.array([1.0, 2.0, 3.0, 4.0, 0.5, -0.5])
    # Player 2 with both cooperating: z = 2 + 4 - 0.5, and 2 c (sigmoid(z) - 1/2) = c tanh(z / 2).
    assert incentive(layer, 1, 1.0, 1.0, 3.0) == pytest.approx(3.0 * np.tanh(5.5 / 2))
    assert incentive(layer, 0, 0.0, 1.0, 3.0) == pytest.approx(3.0 * np.tanh(3.5 / 2))


def objective(
    layer: np.ndarray, actions: tuple, slopes: np.ndarray, welfare: np.ndarray, cost: float, bound: float
) -> float:
    """Eq. 4.7 at one joint action, with the layer's slope written as c W_ii (1 - tanh^2(z_i / 2)) / 2."""
    W, b = layer[:4].reshape(2, 2), layer[4:]
    z = np.array(actions) @ W + b
    reward = bound * np.tanh(z / 2)
    slope_of_layer = bound * (1 - np.tanh(z / 2) ** 2) / 2 * np.diag(W)
    return float(0.01 * np.sum(slopes * slope_of_layer * welfare) - cost * np.linalg.norm(reward))


@given(weights, joint_actions, st.floats(0, 1), st.floats(-2, 2))
@settings(max_examples=50, deadline=None)
def test_gradient_agrees_with_finite_differences(
    layer: list[float], actions: tuple, cost: float, welfare_slope: float
) -> None:
    planner, h = np.array(layer), 1e-5
    slopes, welfare, bound = np.array([0.2, 0.1]), np.array([welfare_slope, 0.3]), 3.0
    z = np.array(actions) @ planner[:4].reshape(2, 2) + planner[4:]
    if np.linalg.norm(z) < 1e-3:
        return  # the norm has no derivative at 0
    gradient = np.empty(PLANNER_SIZE)
    planner_gradient(planner, *actions, slopes, welfare, 0.01, cost, bound, gradient)
    for k in range(PLANNER_SIZE):
        step = np.eye(PLANNER_SIZE)[k] * h
        up = objective(planner + step, actions, slopes, welfare, cost, bound)
        down = objective(planner - step, actions, slopes, welfare, cost, bound)
        assert gradient[k] == pytest.approx((up - down) / (2 * h), abs=1e-6)


def test_the_norm_s_subgradient_is_zero_where_no_incentive_is_paid() -> None:
    gradient = np.full(PLANNER_SIZE, np.nan)
    planner_gradient(np.zeros(6), 1.0, 1.0, np.zeros(2), np.zeros(2), 0.01, 1.0, 3.0, gradient)
    assert gradient.tolist() == [0.0] * 6
