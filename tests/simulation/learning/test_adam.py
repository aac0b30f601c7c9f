"""Adam against the closed form for a constant gradient, and against the paper's bias-corrected form."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.learning.adam import EPSILON, adam_ascend, adam_ascend_one, adam_rate
from tests.examples import examples


def ascend(gradients: np.ndarray, rate: float) -> np.ndarray:
    parameters, first, second = np.zeros((3, gradients.shape[1]))
    powers = np.ones(2)
    for gradient in gradients:
        adam_ascend(parameters, gradient, first, second, adam_rate(rate, powers))
    return parameters


@pytest.mark.parametrize("gradient", [3.0, -0.2])
def test_a_constant_gradient_moves_by_the_rate_each_step(gradient: float) -> None:
    # With a constant gradient the corrected means are g and g^2, so that each step is rate * sign(g).
    moved = ascend(np.full((50, 1), gradient), 0.01)
    assert moved[0] == pytest.approx(50 * 0.01 * np.sign(gradient), rel=1e-4)


def test_no_gradient_no_move() -> None:
    assert ascend(np.zeros((5, 3)), 0.1).tolist() == [0.0, 0.0, 0.0]


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=12))
@settings(max_examples=examples(60), deadline=None)
def test_agrees_with_algorithm_1_of_the_paper(gradients: list[float]) -> None:
    theta = m = v = 0.0
    for t, g in enumerate(gradients, start=1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        corrected_m, corrected_v = m / (1 - 0.9**t), v / (1 - 0.999**t)
        # The form of section 2 scales epsilon too.
        theta += 0.05 * corrected_m / (np.sqrt(corrected_v) + EPSILON / np.sqrt(1 - 0.999**t))
    assert ascend(np.array(gradients)[:, None], 0.05)[0] == pytest.approx(theta, rel=1e-9, abs=1e-12)


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=12))
@settings(max_examples=examples(40), deadline=None)
def test_one_parameter_moves_as_in_a_vector(gradients: list[float]) -> None:
    memory = np.array([0.0, 0.0, 0.0, 1.0, 1.0])
    for gradient in gradients:
        adam_ascend_one(memory, gradient, 0.05)
    assert memory[0] == ascend(np.array(gradients)[:, None], 0.05)[0]
