"""What is left after a planner, with intervals, and labels of runs."""

import numpy as np
import pytest
from scipy.stats import beta

from scenarios.planner.handover_verdicts import Left, difference, labels_of, left_of
from theory.statistics import share_difference_interval


def test_of_runs_that_keep_all_or_nothing_it_is_the_exact_interval_of_a_probability() -> None:
    left = left_of(np.array([1.0] * 7 + [0.0] * 3), is_certain=False)
    assert (left.mean, left.runs) == (pytest.approx(0.7), 10)
    assert (left.low, left.high) == pytest.approx((beta.ppf(0.025, 7, 4), beta.ppf(0.975, 8, 3)))
    other = left_of(np.array([1.0] * 2 + [0.0] * 8), is_certain=False)
    by, low, high = difference(left, other)
    assert by == pytest.approx(0.5)
    assert (low, high) == pytest.approx(share_difference_interval(7, 10, 2, 10))


def test_it_covers_the_mean_of_shares_too() -> None:
    """Beta(2, 1) has mean 2/3; 95% are promised, and 2000 draws say at least 93.5% but once in 1e3."""
    generator = np.random.default_rng(5)
    inside = 0
    for _ in range(2000):
        left = left_of(generator.beta(2.0, 1.0, 12), is_certain=False)
        inside += left.low <= 2.0 / 3.0 <= left.high
    assert inside >= 0.935 * 2000


def test_runs_that_cannot_differ_are_one_and_leave_nothing_uncertain() -> None:
    one, other = (left_of(np.array([value]), is_certain=True) for value in (1.0, 0.25))
    assert one == Left(1.0, 1.0, 1.0, 1)
    assert difference(one, other) == (0.75, 0.75, 0.75)


def test_labels_of_certain_play() -> None:
    frequencies = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0], [0.9991, 0.0002, 0.0002, 0.0005]])
    kept, lost, nearly = labels_of("prisoners-dilemma", frequencies, 100_000)
    assert kept == nearly == "Pareto-optimal, not an equilibrium"
    assert "Pareto-dominated" in lost
    assert "equilibrium" in lost
