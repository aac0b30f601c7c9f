"""Intervals and tests against their definitions, SciPy and textbook numbers."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.stats import beta, binom, multinomial, ttest_ind, ttest_ind_from_stats

from tests.examples import examples
from theory.statistics import (
    Bounds,
    Sample,
    holm_rejects,
    share_difference_interval,
    simultaneous_bounds,
    welch_p_value,
)


def test_bounds_are_those_of_clopper_and_pearson():
    # 10 draws, 3 of the first kind: (0.0667, 0.6525) at 95%, for instance in R's binom.test.
    bounds = simultaneous_bounds(np.array([3, 7]), error=0.05)
    assert bounds.low == pytest.approx([0.06673951, 0.34754710], abs=1e-7)
    assert bounds.high == pytest.approx([0.65245290, 0.93326049], abs=1e-7)


def test_several_outcomes_share_the_error():
    counts = np.array([5, 0, 15])
    bounds = simultaneous_bounds(counts, error=0.06)
    assert bounds.low == pytest.approx([beta.ppf(0.01, 5, 16), 0, beta.ppf(0.01, 15, 6)])
    assert bounds.high == pytest.approx([beta.ppf(0.99, 6, 15), beta.ppf(0.99, 1, 20), beta.ppf(0.99, 16, 5)])


def test_what_never_and_what_always_happened():
    bounds = simultaneous_bounds(np.array([100, 0]), error=0.05)
    # Never in n draws: at most 1 - (error / 2)^(1 / n).
    assert bounds.low == pytest.approx([0.025 ** (1 / 100), 0])
    assert bounds.high == pytest.approx([1, 1 - 0.025 ** (1 / 100)])


def test_single_outcome_is_certain():
    bounds = simultaneous_bounds(np.array([4]), error=0.05)
    assert (bounds.low.tolist(), bounds.high.tolist()) == ([1], [1])


@pytest.mark.parametrize("p", [0.0, 0.003, 0.05, 0.3, 0.5, 0.92, 1.0])
@pytest.mark.parametrize("draws", [1, 7, 40])
def test_exact_coverage_of_two_outcomes(p, draws):
    covered = 0.0
    for seen in range(draws + 1):
        bounds = simultaneous_bounds(np.array([seen, draws - seen]), error=0.1)
        if bounds.low[0] <= p <= bounds.high[0] and bounds.low[1] <= 1 - p <= bounds.high[1]:
            covered += binom.pmf(seen, draws, p)
    assert covered >= 0.9


@pytest.mark.parametrize("probabilities", [(0.2, 0.3, 0.5), (0.01, 0.01, 0.98), (0.05, 0.95, 0.0)])
def test_exact_coverage_of_three_outcomes(probabilities):
    draws, covered = 15, 0.0
    for seen in product(range(draws + 1), repeat=3):
        if sum(seen) == draws:
            bounds = simultaneous_bounds(np.array(seen), error=0.1)
            if (bounds.low <= probabilities).all() and (probabilities <= bounds.high).all():
                covered += multinomial.pmf(seen, draws, probabilities)
    # By less than half of the error too many: the bounds are not idle.
    assert 0.9 <= covered <= 1.0


counts = st.lists(st.integers(0, 30), min_size=2, max_size=5).filter(any).map(np.array)


@given(counts, st.lists(st.floats(-5, 5), min_size=5, max_size=5))
@settings(max_examples=examples(60), deadline=None)
def test_range_of_a_mean_against_linear_programs(seen, values):
    bounds = simultaneous_bounds(seen, error=0.05)
    worth = np.array(values[: len(seen)])
    box = list(zip(bounds.low, bounds.high, strict=True))
    low, high = (
        sign * linprog(sign * worth, A_eq=np.ones((1, len(seen))), b_eq=[1], bounds=box).fun
        for sign in (1, -1)
    )
    assert bounds.range_of_mean(worth) == pytest.approx((low, high), abs=1e-7)
    share = seen / seen.sum()
    assert low - 1e-9 <= share @ worth <= high + 1e-9


@given(counts, st.lists(st.floats(-5, 5), min_size=5, max_size=5))
@settings(max_examples=examples(60), deadline=None)
def test_means_are_extreme_at_corners(seen, values):
    bounds = simultaneous_bounds(seen, error=0.05)
    corners = bounds.corners()
    assert corners.sum(axis=1) == pytest.approx(np.ones(len(corners)))
    assert (corners >= bounds.low - 1e-12).all()
    assert (corners <= bounds.high + 1e-12).all()
    means = corners @ np.array(values[: len(seen)])
    assert (means.min(), means.max()) == pytest.approx(bounds.range_of_mean(np.array(values[: len(seen)])))


def test_corners_by_hand():
    two = Bounds(np.array([0.2, 0.3]), np.array([0.7, 0.8])).corners()
    assert two == pytest.approx(np.array([[0.2, 0.8], [0.7, 0.3]]))
    simplex = Bounds(np.zeros(3), np.ones(3)).corners()
    assert simplex == pytest.approx(np.eye(3)[::-1])
    point = Bounds(np.array([0.5, 0.5]), np.array([0.5, 0.5])).corners()
    assert point == pytest.approx(np.array([[0.5, 0.5]]))


def sample(values: np.ndarray) -> Sample:
    return Sample(float(values.mean()), float(values.std()), values.size)


def test_welch_agrees_with_scipy_on_samples() -> None:
    # The samples of Welch's example in Wikipedia's article on the test ("Example 3"), p = 0.0011 or so.
    a = np.array([19.8, 20.4, 19.6, 17.8, 18.5, 18.9, 18.3, 18.9, 19.5, 22.0])
    b = np.array([28.2, 26.6, 20.1, 23.3, 25.2, 22.1, 17.7, 27.6, 20.6, 13.7, 23.2, 17.5, 20.6, 18.0, 23.9])
    expected = ttest_ind(a, b, equal_var=False).pvalue
    assert welch_p_value(sample(a), sample(b)) == pytest.approx(expected)
    from_stats = ttest_ind_from_stats(1.0, 0.5, 10, 1.5, 0.25, 20, equal_var=False).pvalue
    other = Sample(1.5, 0.25 * np.sqrt(19 / 20), 20)
    assert welch_p_value(Sample(1.0, 0.5 * np.sqrt(9 / 10), 10), other) == pytest.approx(from_stats)


def test_samples_that_do_not_vary() -> None:
    fixed = Sample(0.0, 0.0, 10)
    assert welch_p_value(fixed, fixed) == 1.0
    assert welch_p_value(Sample(0.1, 0.0, 10), fixed) == 0.0


def test_a_single_run_cannot_be_tested() -> None:
    assert welch_p_value(Sample(1.0, 0.0, 1), Sample(0.0, 1.0, 10)) is None


def test_holm_s_own_steps() -> None:
    # Levels .05/4, .05/3, .05/2: the third test fails, so the fourth is not rejected either.
    assert holm_rejects([0.01, 0.04, 0.03, 0.005], 0.05) == [True, False, False, True]
    assert holm_rejects([None, 0.04], 0.05) == [None, True]
    assert holm_rejects([], 0.05) == []


def test_interval_of_a_difference_of_shares() -> None:
    # Newcombe (1998), table II: 56/70 and 48/80 give .0524 to .3339 by method 10 on Wilson's intervals; the exact
    # intervals are a little wider.
    low, high = share_difference_interval(56, 70, 48, 80)
    assert 0.03 < low < 0.0524
    assert 0.3339 < high < 0.36


def test_interval_of_a_difference_keeps_its_width_where_all_runs_agree() -> None:
    # With 100 of 100 and 0 of 100 each exact interval leaves out 1 - .025 ** (1 / 100).
    edge = 1.0 - 0.025**0.01
    assert share_difference_interval(100, 100, 0, 100) == pytest.approx((1.0 - math.hypot(edge, edge), 1.0))
    assert share_difference_interval(5, 5, 5, 5)[0] == pytest.approx(
        -share_difference_interval(5, 5, 5, 5)[1]
    )
