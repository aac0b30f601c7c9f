r"""Reading the other's cooperativeness off received rewards (thesis section 5.3.2).

With the time-weighted average reward G_1 = r_1, G_t = tau r_t + (1 - tau) G_{t-1}, the estimate solves

    V_own(alpha, beta_hat) = G_t.

Three things go wrong if this is taken literally, and are put right here:

- The text clamps to 0 on both sides. If G_t is above V_own(alpha, beta) for every beta, it must be 1.
- Rewards of earlier rounds were earned at other values of alpha. So the curve is averaged with the weights
  of the rewards: C_1 = V_own(alpha_1, .), C_t = tau V_own(alpha_t, .) + (1 - tau) C_{t-1}, and C_t = G_t is
  solved. For a constant alpha the two are the same.
- V_own need not rise with beta, and is often flat. So the answer is the set of all solutions of the
  piecewise linear curve, with its ends, and a middle as the estimate where there is not one solution.
- Where beta shows only as one of two actions, V_own is flat but for a jump, as in the Prisoner's Dilemma
  (1 below beta = 1/3 and 4 above, for a defector). A reward of exactly 1 then says "below 1/3"; but 1.05, after one
  slip, is explained by no beta at all. `invert_values` says so (`in_jump`), and with the `uncertainty` of an average
  reward it returns the set of all beta that are compatible with it. The rule of the law has no such
  knowledge: it takes the place of the jump for the estimate, which is why rewards alone fail there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from simulation.engine.compilation import rule
from simulation.gradual.policies import check_weights
from theory.checks import FloatArray, finite_array, finite_number

# Values of the curve closer than this share of its range are the same; or of its magnitude, since surfaces stop
# within 1e-12 of their rest.
SAME_VALUE = 1e-9
ROUNDING = 1e-10

# A step between neighbouring points of more than this share of the curve's range is a jump.
JUMP = 0.1


@rule
def average_reward(average: float, reward: float, rate: float, first: bool) -> float:
    """Return G_t from G_{t-1}, the reward and tau."""
    return reward if first else rate * reward + (1.0 - rate) * average


@rule
def average_curve(curve: FloatArray, values: FloatArray, rate: float, first: bool) -> None:
    """Update `curve[n]` by the values `V_own(alpha_t, .)[n]` as the rewards are averaged."""
    for k in range(curve.shape[0]):
        curve[k] = values[k] if first else rate * values[k] + (1.0 - rate) * curve[k]


@rule
def same_value(lowest: float, highest: float) -> float:
    """Return up to which difference two values of a curve between these bounds are the same."""
    return max(SAME_VALUE * (highest - lowest), ROUNDING * max(abs(lowest), abs(highest)))


@rule
def invert_curve(grid: FloatArray, curve: FloatArray, reward: float) -> tuple[float, float, float]:
    """Return lower end, upper end and estimate of the beta at which `curve[n]` over `grid[n]` is `reward`."""
    n = grid.shape[0]
    lowest = curve[0]
    highest = curve[0]
    for k in range(1, n):
        lowest = min(lowest, curve[k])
        highest = max(highest, curve[k])
    same = same_value(lowest, highest)
    target = min(max(reward, lowest), highest)
    lower = grid[n - 1]
    upper = grid[0]
    for k in range(n):
        if abs(curve[k] - target) <= same:
            lower = min(lower, grid[k])
            upper = max(upper, grid[k])
        elif k + 1 < n and (curve[k] - target) * (curve[k + 1] - target) < 0.0:
            share = (target - curve[k]) / (curve[k + 1] - curve[k])
            crossing = grid[k] + share * (grid[k + 1] - grid[k])
            lower = min(lower, crossing)
            upper = max(upper, crossing)
    middle = (lower + upper) / 2.0
    # The clamps: a reward below (above) every value speaks for the least (most) cooperative beta.
    if reward < lowest and lower == grid[0] and upper < grid[n - 1]:
        return lower, upper, lower
    if reward > highest and upper == grid[n - 1] and lower > grid[0]:
        return lower, upper, upper
    return lower, upper, middle


@dataclass(frozen=True)
class RewardEstimate:
    """What an average reward tells of the other's cooperativeness.

    Attributes
    ----------
    lower, upper
        Ends of the set of all beta that explain the reward (or, outside the curve's range, best explain it).
    estimate
        The one solution; or the clamp, where the reward is outside the range at that end; or the middle.
    position
        Whether the reward is `"below"`, `"within"` or `"above"` the curve's values.
    solutions
        `[n, 2]`: the intervals of solutions in ascending order, points being intervals of no length.
    monotone
        Whether the curve nowhere falls with beta, as the thesis assumes.
    in_jump
        Whether every solution lies inside a jump between two neighbouring points of the grid: then no
        cooperativeness explains the reward, and the estimate is no more than the place of the jump.
    """

    lower: float
    upper: float
    estimate: float
    position: Literal["below", "within", "above"]
    solutions: FloatArray
    monotone: bool
    in_jump: bool


def invert_values(
    grid: ArrayLike, values: ArrayLike, reward: float, *, uncertainty: float = 0.0
) -> RewardEstimate:
    """Return which cooperativeness explains an average reward.

    Parameters
    ----------
    grid
        `[n]` values of beta, ascending and equally spaced in [-1, 1].
    values
        `[n]`: V_own(alpha, beta) at each.
    reward
        G_t, in payoff units.
    uncertainty
        By how much, at least 0, an average reward may miss its expectation, such as two standard errors. All beta
        whose value lies so near to the reward are solutions, and the estimate is the middle of their ends; a reward
        that is further outside the curve's range than that is clamped as before.
    """
    betas, curve = check_weights(grid), finite_array("values", values)
    if curve.shape != betas.shape:
        raise ValueError(f"values must be one for each of {len(betas)} weights, got shape {curve.shape}")
    target = finite_number("reward", reward)
    margin = finite_number("uncertainty", uncertainty)
    if margin < 0.0:
        raise ValueError(f"uncertainty must be at least 0, got {margin:g}")
    low, high = float(curve.min()), float(curve.max())
    position: Literal["below", "within", "above"] = (
        "below" if target + margin < low else "above" if target - margin > high else "within"
    )
    same = float(same_value(low, high))
    nearest = min(max(target, low), high)
    solutions = _solutions(betas, curve, nearest, same)
    in_jump = _in_jump(betas, curve, solutions)
    lower, upper, estimate = invert_curve(betas, curve, target)
    if margin > 0.0 and position == "within":
        solutions = _solutions_within(betas, curve, target - margin, target + margin)
        lower, upper = solutions[0, 0], solutions[-1, 1]
        estimate = (lower + upper) / 2.0
        in_jump = in_jump and _in_jump(betas, curve, solutions)
    return RewardEstimate(
        lower=float(lower),
        upper=float(upper),
        estimate=float(estimate),
        position=position,
        solutions=solutions,
        monotone=bool((np.diff(curve) >= -same).all()),
        in_jump=in_jump,
    )


def _in_jump(grid: FloatArray, curve: FloatArray, solutions: FloatArray) -> bool:
    """Return whether all solutions lie strictly between neighbouring points that a jump separates."""
    if len(grid) == 1:
        return False
    left = np.clip(np.searchsorted(grid, solutions[:, 0], side="right") - 1, 0, len(grid) - 2)
    inside = (solutions[:, 0] > grid[left]) & (solutions[:, 1] < grid[left + 1])
    steps = np.abs(np.diff(curve))
    return bool((inside & (steps[left] > JUMP * np.ptp(curve))).all())


def _solutions_within(grid: FloatArray, curve: FloatArray, low: float, high: float) -> FloatArray:
    """Return the intervals of beta over which the piecewise linear curve lies within `[low, high]`."""
    intervals: list[list[float]] = []
    for k in range(len(grid) - 1):
        start, end = sorted(_shares_within(curve[k], curve[k + 1], low, high))
        if start > end or max(start, 0.0) > min(end, 1.0):
            continue
        step = grid[k + 1] - grid[k]
        begin, stop = grid[k] + max(start, 0.0) * step, grid[k] + min(end, 1.0) * step
        if intervals and begin <= intervals[-1][1] + ROUNDING:
            intervals[-1][1] = stop
        else:
            intervals.append([begin, stop])
    return np.array(intervals) if intervals else np.array([[grid[0], grid[-1]]])


def _shares_within(here: float, following: float, low: float, high: float) -> tuple[float, float]:
    """Return the shares of the way from one point to the next at which the bounds are crossed."""
    slope = following - here
    if slope == 0.0:
        return (0.0, 1.0) if low <= here <= high else (2.0, 2.0)
    return (low - here) / slope, (high - here) / slope


def _crosses(here: float, following: FloatArray, same: float) -> bool:
    """Return whether there is a next point, beyond the target and not at it."""
    return bool(following.size > 0 and abs(following[0]) > same and here * following[0] < 0.0)


def _solutions(grid: FloatArray, curve: FloatArray, target: float, same: float) -> FloatArray:
    intervals: list[list[float]] = []
    was_at_target = False
    for k, value in enumerate(curve):
        at_target = abs(value - target) <= same
        if at_target and was_at_target:
            intervals[-1][1] = grid[k]
        elif at_target:
            intervals.append([grid[k], grid[k]])
        elif _crosses(value - target, curve[k + 1 : k + 2] - target, same):
            crossing = grid[k] + (target - value) / (curve[k + 1] - value) * (grid[k + 1] - grid[k])
            intervals.append([crossing, crossing])
        was_at_target = at_target
    return np.array(intervals)
