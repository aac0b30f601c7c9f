import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.learning.policy_gradient import score, sigmoid
from tests.examples import examples


def test_a_quarter_is_the_thesis_start() -> None:
    assert sigmoid(math.log(1 / 3)) == pytest.approx(0.25, abs=1e-15)


@pytest.mark.parametrize(("theta", "expected"), [(0.0, 0.5), (1e4, 1.0), (-1e4, 0.0), (math.log(3), 0.75)])
def test_sigmoid_values_without_overflow(theta: float, expected: float) -> None:
    assert sigmoid(theta) == pytest.approx(expected, abs=1e-15)


@given(st.floats(-30, 30))
@settings(max_examples=examples(50), deadline=None)
def test_sigmoid_is_symmetric(theta: float) -> None:
    assert sigmoid(theta) + sigmoid(-theta) == pytest.approx(1.0, abs=1e-15)


@given(st.floats(-5, 5), st.sampled_from([0.0, 1.0]))
@settings(max_examples=examples(50), deadline=None)
def test_score_is_the_derivative_of_the_log_probability(theta: float, cooperated: float) -> None:
    def log_probability(x: float) -> float:
        p = sigmoid(x)
        return math.log(p if cooperated else 1.0 - p)

    h = 1e-5
    slope = (log_probability(theta + h) - log_probability(theta - h)) / (2 * h)
    assert score(cooperated, sigmoid(theta)) == pytest.approx(slope, abs=1e-6)
