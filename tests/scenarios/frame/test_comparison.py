"""Welch's test and Holm's procedure against textbook numbers."""

import math

import numpy as np
import pytest
from scipy.stats import ttest_ind, ttest_ind_from_stats

from scenarios.frame.comparison import holm_rejects, share_difference_interval, welch_p_value
from scenarios.frame.published import PublishedCell


def cell(values: np.ndarray) -> PublishedCell:
    return PublishedCell(float(values.mean()), float(values.std()), values.size, None)


def test_welch_agrees_with_scipy_on_samples() -> None:
    # The samples of Welch's example in Wikipedia's article on the test ("Example 3"), p = 0.0011 or so.
    a = np.array([19.8, 20.4, 19.6, 17.8, 18.5, 18.9, 18.3, 18.9, 19.5, 22.0])
    b = np.array([28.2, 26.6, 20.1, 23.3, 25.2, 22.1, 17.7, 27.6, 20.6, 13.7, 23.2, 17.5, 20.6, 18.0, 23.9])
    expected = ttest_ind(a, b, equal_var=False).pvalue
    assert welch_p_value(float(a.mean()), float(a.std()), a.size, cell(b)) == pytest.approx(expected)
    from_stats = ttest_ind_from_stats(1.0, 0.5, 10, 1.5, 0.25, 20, equal_var=False).pvalue
    published = PublishedCell(1.5, 0.25 * np.sqrt(19 / 20), 20, None)
    assert welch_p_value(1.0, 0.5 * np.sqrt(9 / 10), 10, published) == pytest.approx(from_stats)


def test_samples_that_do_not_vary() -> None:
    fixed = PublishedCell(0.0, 0.0, 10, None)
    assert welch_p_value(0.0, 0.0, 10, fixed) == 1.0
    assert welch_p_value(0.1, 0.0, 10, fixed) == 0.0


def test_a_single_run_cannot_be_tested() -> None:
    assert welch_p_value(1.0, 0.0, 1, PublishedCell(0.0, 1.0, 10, None)) is None


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
