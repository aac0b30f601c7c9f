r"""Which strategies a finite population plays in the long run, where newcomers sometimes mutate.

With probability mu a newcomer plays one of the other n - 1 strategies, each alike. If mu is small, a mutant has taken
over or gone before the next one comes, and the population is nearly always of one kind. Fudenberg & Imhof (2006): as
mu goes to 0, the shares of time in these states go to the stationary distribution of the *embedded chain* that moves
from i to j != i with probability

    Lambda_ij = rho_ij / (n - 1),

where rho_ij is the chance that one j-player takes over a population of i-players.

For two strategies the distribution over the number of A-players is exact for any mu > 0: the chain is reversible, so
that pi_{i+1} / pi_i = T+_i / T-_{i+1}.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import FloatArray, number_within, whole_number
from theory.evolution.chains import log_stationary
from theory.evolution.fixation import check_size_at_once, log_fixation
from theory.evolution.selection import Selection, checked_matrix, checked_selection
from theory.evolution.well_mixed import generation_matrix, step_probabilities


@dataclass(frozen=True, eq=False)
class SmallMutationDistribution:
    """What is played in the limit of rare mutations.

    Attributes
    ----------
    distribution
        `[n]`: shares of time in which everybody plays strategy i.
    fixation
        `[n, n]`: rho_ij, the chance that one j-player takes over from i-players; 1 on the diagonal.
    log_fixation
        `[n, n]`: its logarithm, finite also where rho is below 1e-308.
    neutral
        1/N, the chance of a mutant that makes no difference.
    """

    distribution: FloatArray
    fixation: FloatArray
    log_fixation: FloatArray
    neutral: float

    @property
    def favoured(self) -> tuple[tuple[int, int], ...]:
        """Return the pairs (i, j) in which selection favours j taking over from i: rho_ij > 1/N."""
        above = self.fixation > self.neutral * (1 + 1e-9)
        return tuple((int(i), int(j)) for i, j in np.argwhere(above) if i != j)


def small_mutation_distribution(
    matrix: ArrayLike,
    *,
    size: int,
    process: str = "birth-death",
    accumulation: str = "total",
    intensity: float | None = None,
) -> SmallMutationDistribution:
    """Return the shares of time of each strategy in a well-mixed population with rare mutations.

    Parameters
    ----------
    matrix
        `[n, n]`: payoff of the row strategy against the column strategy.
    size
        Number of individuals, at least 2.
    process, accumulation, intensity
        As in `theory.fixation_probability`.

    Raises
    ------
    ValueError
        If an argument is out of its bounds, a fitness is negative, or the distribution is not unique, since
        some strategies can never be invaded by the others.

    Examples
    --------
    >>> rare = small_mutation_distribution([[3, 0], [4, 1]], size=20, process="pairwise", intensity=0.01)
    >>> rare.distribution.round(3).tolist()
    [0.015, 0.985]
    """
    payoffs = checked_matrix(matrix)
    selection = checked_selection(process, accumulation, intensity)
    size = whole_number("size", size, at_least=2)
    n = len(payoffs)
    logs = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            if i != j:
                logs[i, j] = log_fixation(payoffs[np.ix_([j, i], [j, i])], size, selection)
    return SmallMutationDistribution(log_stationary(logs), np.exp(logs), logs, 1.0 / size)


def stationary_distribution(
    matrix: ArrayLike,
    *,
    size: int,
    mutation: float,
    process: str = "birth-death",
    accumulation: str = "total",
    intensity: float | None = None,
) -> FloatArray:
    """Return `[N + 1]`: the long-run distribution of the number of A-players, of two strategies with mutation.

    Parameters
    ----------
    matrix
        `[2, 2]`: payoff of the row strategy against the column strategy; the first is A.
    size
        Number of individuals in a well-mixed population, at least 2 (`wright-fisher`: at most 1000).
    mutation
        Probability mu in (0, 1] that a newcomer plays the other strategy.
    process, accumulation, intensity
        As in `theory.fixation_probability`.

    Raises
    ------
    ValueError
        If an argument is out of its bounds or a fitness is negative.

    Examples
    --------
    >>> stationary_distribution([[1, 1], [1, 1]], size=2, mutation=0.5, accumulation="mean").tolist()
    [0.25, 0.5, 0.25]
    """
    payoffs = checked_matrix(matrix, 2)
    selection = checked_selection(process, accumulation, intensity)
    size = whole_number("size", size, at_least=2)
    mutation = number_within("mutation", mutation, 0.0, 1.0)
    if mutation == 0.0:
        raise ValueError("mutation must be positive, got 0: without it some strategy takes over for good")
    if process == "wright-fisher":
        check_size_at_once(size)
        with np.errstate(divide="ignore"):
            return log_stationary(np.log(generation_matrix(payoffs, size, selection, mutation)))
    return _reversible(payoffs, size, selection, mutation)


def _reversible(payoffs: FloatArray, size: int, selection: Selection, mutation: float) -> FloatArray:
    up, down = step_probabilities(payoffs, size, selection, mutation)
    with np.errstate(divide="ignore"):
        rise, fall = np.log(up[:-1]), np.log(down[1:])
    barriers = np.isneginf(rise) | np.isneginf(fall)
    if barriers.any():
        # Nothing flows back over such a step: the general solver finds out what remains.
        logs = np.full((size + 1, size + 1), -np.inf)
        logs[np.arange(size), np.arange(1, size + 1)] = rise
        logs[np.arange(1, size + 1), np.arange(size)] = fall
        return log_stationary(logs)
    mass = np.concatenate([[0.0], np.cumsum(rise - fall)])
    return np.asarray(np.exp(mass - np.logaddexp.reduce(mass)))
