r"""A Bayesian belief about the other's cooperativeness (thesis Eq. 5.1) on a grid.

With belief P_t over the grid's beta, prior P_0, forgetting phi and the likelihood of the observed action a,

    P_{t+1}(beta)  is proportional to  P(a | beta) [(1 - phi) P_t(beta) + phi P_0(beta)].

For phi = 0 this is Eq. 5.1. Forgetting makes it the exact filter for an opponent who, with probability phi
before each round, draws a new beta from the prior. Likelihoods are those of a policy family, floored by
a *tremble* h: with probability h the opponent plays any of its k actions, all alike, so that

    P(a | beta) = (1 - h) pi(a | beta, own last action) + h / k.

With h = 0 an action may have no evidence at all, sum over beta of P(a | beta) P(beta) = 0; it is then
left out of account and counted.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from simulation.engine.compilation import rule
from simulation.engine.elementary import log
from simulation.gradual.policies import PolicyFamily, check_weights
from theory.arguments import checked, number
from theory.checks import FloatArray, number_within, probability_vector, real_array, shown
from theory.deprecation import renamed_keyword

# What is less likely than this counts as impossible: its reciprocal would overflow.
LEAST_EVIDENCE = 1e-300


@rule
def inner_product(a: FloatArray, b: FloatArray) -> float:
    """Return the sum of `a[n]` times `b[n]`."""
    # Four sums side by side: one alone waits for each addition to end, which takes most of a round's time.
    one = 0.0
    two = 0.0
    three = 0.0
    four = 0.0
    whole = a.shape[0] // 4 * 4
    for k in range(0, whole, 4):
        one += a[k] * b[k]
        two += a[k + 1] * b[k + 1]
        three += a[k + 2] * b[k + 2]
        four += a[k + 3] * b[k + 3]
    for k in range(whole, a.shape[0]):
        one += a[k] * b[k]
    return (one + two) + (three + four)


@rule
def belief_update(belief: FloatArray, prior: FloatArray, likelihood: FloatArray, forgetting: float) -> float:
    """Update `belief[n]` by `likelihood[n]` and return the evidence, P(a) before it was seen.

    If that is 0 (less than 1e-300) the observation is left out of account: only forgetting takes place.
    """
    remembering = 1.0 - forgetting
    for k in range(belief.shape[0]):
        belief[k] = remembering * belief[k] + forgetting * prior[k]
    evidence = inner_product(belief, likelihood)
    if evidence < LEAST_EVIDENCE:
        return 0.0
    scale = 1.0 / evidence
    for k in range(belief.shape[0]):
        belief[k] = belief[k] * likelihood[k] * scale
    return evidence


@rule
def belief_mean(belief: FloatArray, grid: FloatArray) -> float:
    """Return the mean of `belief[n]` over `grid[n]`."""
    return inner_product(belief, grid)


@rule
def belief_deviation(belief: FloatArray, grid: FloatArray, mean: float) -> float:
    """Return the standard deviation of `belief[n]` over `grid[n]`."""
    one = 0.0
    two = 0.0
    three = 0.0
    four = 0.0
    whole = belief.shape[0] // 4 * 4
    for k in range(0, whole, 4):
        one += belief[k] * ((grid[k] - mean) * (grid[k] - mean))
        two += belief[k + 1] * ((grid[k + 1] - mean) * (grid[k + 1] - mean))
        three += belief[k + 2] * ((grid[k + 2] - mean) * (grid[k + 2] - mean))
        four += belief[k + 3] * ((grid[k + 3] - mean) * (grid[k + 3] - mean))
    for k in range(whole, belief.shape[0]):
        one += belief[k] * ((grid[k] - mean) * (grid[k] - mean))
    return math.sqrt((one + two) + (three + four))


def belief_interval(belief: FloatArray, grid: FloatArray, confidence: float) -> tuple[float, float]:
    """Return the central interval: grid points between the quantiles (1 - confidence) / 2 and its mirror."""
    tail = (1.0 - number_within("confidence", confidence, 0.0, 1.0)) / 2.0
    # A belief about several forms together goes through the grid once for each of them.
    order = np.argsort(grid, kind="stable")
    grid, below = grid[order], np.cumsum(belief[order])
    low = int(np.searchsorted(below, tail * below[-1], side="right"))
    high = int(np.searchsorted(below, (1.0 - tail) * below[-1], side="left"))
    last = len(grid) - 1
    return float(grid[min(low, last)]), float(grid[min(high, last)])


def floored_likelihoods(opponent: PolicyFamily, tremble: float) -> FloatArray:
    """Return `[own last action, opponent's action, n_weights]`: P(action | beta) with the tremble's floor."""
    h = number_within("tremble", tremble, 0.0, 1.0)
    floored = (1.0 - h) * opponent.probabilities + h / opponent.probabilities.shape[2]
    return np.ascontiguousarray(floored.transpose(1, 2, 0))


def warn_if_levels_are_finer(levels: int, points: int) -> None:
    """Warn that a game has more levels than a belief has points: what no point plays tells nothing about beta."""
    if levels > points:
        warnings.warn(
            f"the game's {levels} levels are finer than a belief of {points} points: a level that is the best reply "
            f"of no point tells nothing; give grid_points={levels} or more",
            UserWarning,
            stacklevel=3,
        )


def uniform_prior(points: int) -> FloatArray:
    """Return `[points]` equal probabilities."""
    return np.full(points, 1.0 / points)


@dataclass(eq=False)
class CooperativenessBelief:
    """A belief that is updated in place.

    Attributes
    ----------
    grid
        `[n]` values of beta, ascending and equally spaced in [-1, 1].
    prior
        `[n]` probabilities; by default all alike.
    forgetting
        phi in [0, 1]: probability, before each observation, that the opponent draws a new beta.
    probabilities
        `[n]`: the present belief.
    observations, zero_evidence
        How many actions were observed, and how many of them had probability 0 under every beta.
    log_evidence
        Sum of log P(a) over the observations with evidence: the larger, the better the policy family
        explains the opponent.
    """

    grid: FloatArray
    prior: FloatArray | None = None
    forgetting: float = 0.0
    probabilities: FloatArray = field(init=False)
    observations: int = field(init=False, default=0)
    zero_evidence: int = field(init=False, default=0)
    log_evidence: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self.grid = check_weights(self.grid)
        n = len(self.grid)
        given = uniform_prior(n) if self.prior is None else probability_vector("prior", self.prior, n)
        self.prior = given / given.sum()
        self.forgetting = number_within("forgetting", self.forgetting, 0.0, 1.0)
        self.probabilities = self.prior.copy()

    def update(self, likelihood: ArrayLike) -> float:
        """Take an observation with `likelihood[n]` for each beta into account; return its evidence."""
        values = real_array("likelihood", likelihood)
        if values.shape != self.grid.shape or not (values >= 0.0).all() or not np.isfinite(values).all():
            raise ValueError(
                f"likelihood must be {len(self.grid)} finite numbers of at least 0, got {shown(likelihood)}"
            )
        assert self.prior is not None
        evidence = float(belief_update(self.probabilities, self.prior, values, self.forgetting))
        self.observations += 1
        if evidence > 0.0:
            self.log_evidence += log(evidence)
        else:
            self.zero_evidence += 1
        return evidence

    @property
    def mean(self) -> float:
        """The belief's mean, the estimate beta_hat."""
        return float(belief_mean(self.probabilities, self.grid))

    @property
    def deviation(self) -> float:
        """The belief's standard deviation."""
        return float(belief_deviation(self.probabilities, self.grid, self.mean))

    @renamed_keyword("coverage", "confidence")
    @checked(confidence=number())
    def interval(self, confidence: float = 0.9) -> tuple[float, float]:
        """Return the central interval that holds at least the share `confidence` of the belief."""
        return belief_interval(self.probabilities, self.grid, confidence)
