"""What the runs of an evolving population say of fixation, with intervals."""

from __future__ import annotations

import numpy as np
import xarray as xr

from theory.arguments import checked, dataset_of
from theory.checks import FloatArray, known_name, number_within
from theory.statistics import mean_interval, share_interval

METHODS = ("wilson", "clopper-pearson")


@checked(data=dataset_of("simulation.evolve", "final_counts", "mean_shares"))
def fixation_estimates(data: xr.Dataset, *, confidence: float = 0.95, method: str = "wilson") -> xr.Dataset:
    """Return estimates of fixation probabilities and times with intervals.

    Parameters
    ----------
    data
        What `simulation.evolve` returns, without mutation.
    confidence
        Of each interval, in (0, 1).
    method
        Of the intervals of probabilities: "wilson" (1927), near the confidence on average, or
        "clopper-pearson" (1934), never below it.

    Returns
    -------
    xarray.Dataset
        By strategy: `probability` that it takes over, with `probability_low`, `probability_high`, and `fixated`,
        the number of runs; `conditional_time`, mean steps of these runs, with `conditional_time_low`,
        `..._high` (Student's intervals; NaN below two runs). For all runs: `unconditional_time` with `..._low`,
        `..._high`, and `unresolved`, the number of runs in which nobody had taken over after the last step. With
        such runs `probability` lies between the extremes that they leave open (it is their mean, and the interval
        covers both), and times, which they would lengthen, are NaN.

    Raises
    ------
    ValueError
        If there was mutation, or an argument is out of its bounds.
    """
    if "fixated" not in data:
        raise ValueError(f"fixation is for good only without mutation, got {data.attrs.get('mutation')}")
    known_name("method", method, METHODS)
    confidence = number_within("confidence", confidence, 0.0, 1.0)
    if confidence in (0.0, 1.0):
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence:g}")
    fixated, time = data["fixated"].values, data["fixation_time"].values
    runs, strategies = len(fixated), data.sizes["strategy"]
    unresolved = int((fixated < 0).sum())
    won = np.array([(fixated == k).sum() for k in range(strategies)])
    low = [share_interval(int(k), runs, confidence, method=method)[0] for k in won]
    high = [share_interval(int(k) + unresolved, runs, confidence, method=method)[1] for k in won]
    given = [_mean_interval(time[fixated == k], confidence, unresolved) for k in range(strategies)]
    overall = _mean_interval(time, confidence, unresolved)
    by_strategy = {
        "fixated": won,
        "probability": (won + 0.5 * unresolved) / runs,
        "probability_low": low,
        "probability_high": high,
        "conditional_time": [interval[0] for interval in given],
        "conditional_time_low": [interval[1] for interval in given],
        "conditional_time_high": [interval[2] for interval in given],
    }
    estimates = xr.Dataset(
        {name: ("strategy", np.asarray(values)) for name, values in by_strategy.items()},
        {"strategy": data["strategy"].values},
        {"confidence": confidence, "method": method, "runs": runs},
    )
    names = ("unconditional_time", "unconditional_time_low", "unconditional_time_high")
    return estimates.assign({**dict(zip(names, overall, strict=True)), "unresolved": unresolved})


def _mean_interval(values: FloatArray, confidence: float, unresolved: int) -> tuple[float, float, float]:
    """Return a mean and Student's interval."""
    if unresolved or not len(values):
        return np.nan, np.nan, np.nan
    return float(values.mean()), *(mean_interval(values, confidence) or (np.nan, np.nan))
