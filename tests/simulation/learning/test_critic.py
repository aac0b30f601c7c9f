import numpy as np
import pytest

from simulation.engine.randomness import run_generator
from simulation.learning.critic import critic_gradient, critic_size, critic_value, initial_critic

INPUTS = np.array([0.3, 0.7, 0.8, 0.2])


def test_value_of_a_critic_computed_by_hand() -> None:
    # Two units: the first sees x1 + 2 x3 - 1 = 0.9, the second -x2 = -0.7 (cut to 0).
    critic = np.array([1.0, 0, 0, -1, 2, 0, 0, 0, -1.0, 0.0, 5.0, 7.0, 0.5])
    hidden = np.empty(2)
    assert critic_value(critic, INPUTS, hidden) == pytest.approx(5 * 0.9 + 0.5)
    assert hidden.tolist() == pytest.approx([0.9, 0.0])


def test_initial_critic_has_the_reference_s_biases_and_spread() -> None:
    units = 2000
    critic = initial_critic(units, run_generator(0))
    assert critic.shape == (critic_size(units),) == (6 * units + 1,)
    kernel, biases, output = np.split(critic[:-1], [4 * units, 5 * units])
    assert critic[-1] == 0.1
    assert set(biases) == {0.1}
    # The standard error of a standard deviation of n draws is sigma / sqrt(2 n); 5 of them: p < 1e-6.
    for weights in (kernel, output):
        assert abs(weights.std() - 0.1) < 5 * 0.1 / np.sqrt(2 * weights.size)


def test_gradient_agrees_with_finite_differences_of_the_value() -> None:
    units, error, h = 20, 0.37, 1e-6
    critic = initial_critic(units, run_generator(1))
    hidden, gradient = np.empty(units), np.empty(critic.size)
    critic_value(critic, INPUTS, hidden)
    critic_gradient(critic, INPUTS, hidden, error, gradient)
    for k in range(critic.size):
        up, down = critic.copy(), critic.copy()
        up[k] += h
        down[k] -= h
        slope = (critic_value(up, INPUTS, hidden) - critic_value(down, INPUTS, hidden)) / (2 * h)
        assert gradient[k] == pytest.approx(2 * error * slope, abs=1e-8)
