"""Estimates of fixation against the intervals' own definitions and exact values."""

import numpy as np
import pytest
from scipy.stats import beta, norm, t

from simulation import evolve, fixation_estimates
from theory import fixation_times

MATRIX = [[1.5, 1.5], [1.0, 1.0]]
OPTIONS = {"size": 6, "accumulation": "mean", "initial": 2}


def test_intervals_are_what_they_are_called() -> None:
    data = evolve(MATRIX, runs=50, seed=0, **OPTIONS)
    won, n = int((data["fixated"] == 0).sum()), 50
    wilson = fixation_estimates(data, confidence=0.9)
    # Wilson (1927): the shares p with |p_hat - p| = z sqrt(p (1 - p) / n).
    z = norm.ppf(0.95)
    for name in ("probability_low", "probability_high"):
        p = float(wilson[name][0])
        assert abs(won / n - p) == pytest.approx(z * np.sqrt(p * (1 - p) / n))
    exact = fixation_estimates(data, confidence=0.9, method="clopper-pearson")
    assert float(exact["probability_low"][0]) == pytest.approx(beta.ppf(0.05, won, n - won + 1))
    assert float(exact["probability_high"][0]) == pytest.approx(beta.ppf(0.95, won + 1, n - won))
    time = data["fixation_time"].values
    half = t.ppf(0.95, n - 1) * time.std(ddof=1) / np.sqrt(n)
    assert float(wilson["unconditional_time"]) == pytest.approx(time.mean())
    assert float(wilson["unconditional_time_high"]) == pytest.approx(time.mean() + half)
    given = time[data["fixated"].values == 1]
    assert float(wilson["conditional_time"][1]) == pytest.approx(given.mean())
    assert int(wilson["unresolved"]) == 0


def test_intervals_hold_the_exact_values() -> None:
    # At confidence .9999 for each of five intervals, a right program fails with probability 5e-4.
    data = evolve(MATRIX, runs=3000, seed=1, **OPTIONS)
    exact = fixation_times(MATRIX, **OPTIONS)
    found = fixation_estimates(data, confidence=0.9999)
    pairs = [
        (found["probability_low"][0], exact.probability, found["probability_high"][0]),
        (found["conditional_time_low"][0], exact.conditional, found["conditional_time_high"][0]),
        (found["conditional_time_low"][1], exact.conditional_of_other, found["conditional_time_high"][1]),
        (found["unconditional_time_low"], exact.unconditional, found["unconditional_time_high"]),
    ]
    for low, value, high in pairs:
        assert float(low) <= value <= float(high)


def test_unfinished_runs_leave_probabilities_open_and_times_unknown() -> None:
    data = evolve([[1, 1], [1, 1]], size=20, initial=10, steps=100, runs=40, seed=2, accumulation="mean")
    left = int((data["fixated"] == -1).sum())
    assert 0 < left < 40
    found = fixation_estimates(data, method="clopper-pearson")
    won = int((data["fixated"] == 0).sum())
    assert int(found["unresolved"]) == left
    assert float(found["probability_low"][0]) == pytest.approx(
        beta.ppf(0.025, won, 40 - won + 1) if won else 0.0
    )
    assert float(found["probability_high"][0]) == pytest.approx(
        beta.ppf(0.975, won + left + 1, 40 - won - left)
    )
    assert float(found["probability"].sum()) == pytest.approx(1.0)
    assert np.isnan(found["unconditional_time"])
    assert np.isnan(found["conditional_time"]).all()


def test_what_never_happened_has_no_time() -> None:
    data = evolve([[1, 1], [0, 0]], size=5, runs=1, seed=0)
    found = fixation_estimates(data)
    assert float(found["probability"][0]) == 1.0
    assert np.isnan(found["conditional_time"][1])
    assert np.isnan(found["conditional_time_low"][0])


def test_bad_arguments() -> None:
    data = evolve(MATRIX, runs=2, **OPTIONS)
    with pytest.raises(ValueError, match="unknown method 'wald'"):
        fixation_estimates(data, method="wald")
    with pytest.raises(ValueError, match="confidence must lie between 0 and 1, got 1"):
        fixation_estimates(data, confidence=1.0)
    with pytest.raises(ValueError, match=r"only without mutation, got 0\.1"):
        fixation_estimates(evolve(MATRIX, mutation=0.1, steps=5, **OPTIONS))
