r"""Two strategies in a well-mixed population: the chain of the number i of A-players.

One step of every process but `wright-fisher` moves i by at most one, with probabilities T+_i and T-_i. Where the
newcomer would play X, it plays the other strategy with probability mu (mutation); a pairwise comparer does so instead
of comparing.
"""

from __future__ import annotations

import numpy as np

from theory.checks import FloatArray
from theory.evolution.selection import NO_FITNESS, Selection, logistic

# The chain of so many individuals takes some seconds and a GB.
LARGEST_POPULATION = 10**7


def values_by_count(payoffs: FloatArray, size: int, selection: Selection) -> tuple[FloatArray, FloatArray]:
    """Return `[N + 1]` fitness (`pairwise`: exponents) of A- and B-players among i = 0 ... N A-players.

    Who does not exist has the value that it would have in the place of another.
    """
    if size > LARGEST_POPULATION:
        raise ValueError(
            f"size must be at most {LARGEST_POPULATION} for exact chances, got {size}: simulate larger populations"
        )
    count = np.arange(size + 1, dtype=np.float64)
    partners = float(selection.partners(np.asarray(size - 1.0)))
    own_a, own_b = np.maximum(count - 1, 0), np.maximum(size - count - 1, 0)
    of_a = (payoffs[0, 0] * own_a + payoffs[0, 1] * (size - 1 - own_a)) / partners
    of_b = (payoffs[1, 0] * (size - 1 - own_b) + payoffs[1, 1] * own_b) / partners
    if selection.process != "pairwise":
        # With everybody alike fitness does not matter, so it may be negative there.
        selection.fitness(np.concatenate([of_a[1:-1], of_b[1:-1]]))
    return (
        selection.background + selection.slope * of_a,
        selection.background + selection.slope * of_b,
    )


def log_ratios(payoffs: FloatArray, size: int, selection: Selection) -> FloatArray:
    """Return `[N - 1]`: log(T-_i / T+_i) without mutation; infinite where only one of them is positive.

    Raises
    ------
    ValueError
        If some state cannot be left, or a fitness is negative.
    """
    a, b = (values[1:-1] for values in values_by_count(payoffs, size, selection))
    if selection.process == "pairwise":
        return np.asarray(b - a)
    if selection.process == "birth-death":
        up, down = a, b
    else:
        up, down = _shares_of_newcomers(a, b, size, selection.process)
    if ((up == 0) & (down == 0)).any():
        raise ValueError(NO_FITNESS)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(down) - np.log(up))


def _shares_of_newcomers(
    a: FloatArray, b: FloatArray, size: int, process: str
) -> tuple[FloatArray, FloatArray]:
    """Return `[N - 1]` T+_i and T-_i of `death-birth` and `imitation`, times N / (i (N - i))."""
    count = np.arange(1, size, dtype=np.float64)
    competes = 1.0 if process == "imitation" else 0.0
    for_b = count * a + (size - count - 1 + competes) * b
    for_a = (count - 1 + competes) * a + (size - count) * b
    up = np.divide(a, for_b, out=np.zeros_like(a), where=for_b > 0)
    down = np.divide(b, for_a, out=np.zeros_like(b), where=for_a > 0)
    return up, down


def step_probabilities(
    payoffs: FloatArray, size: int, selection: Selection, mutation: float = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Return `[N + 1]` T+_i and T-_i."""
    a, b = values_by_count(payoffs, size, selection)
    count = np.arange(size + 1, dtype=np.float64)
    to_b, to_a = count / size, (size - count) / size
    if selection.process == "pairwise":
        meets_a, meets_b = count / (size - 1), (size - count) / (size - 1)
        up = to_a * (mutation + (1 - mutation) * meets_a * logistic(a - b))
        down = to_b * (mutation + (1 - mutation) * meets_b * logistic(b - a))
        return up, down
    if selection.process == "birth-death":
        return _birth_death(a, b, count, size, mutation)
    up, down = np.zeros(size + 1), np.zeros(size + 1)
    share_up, share_down = _shares_of_newcomers(a[1:-1], b[1:-1], size, selection.process)
    inner = count[1:-1]
    becomes_a, becomes_b = share_up * inner, share_down * (size - inner)
    up[1:-1] = to_a[1:-1] * ((1 - mutation) * becomes_a + mutation * (1 - becomes_a))
    down[1:-1] = to_b[1:-1] * ((1 - mutation) * becomes_b + mutation * (1 - becomes_b))
    up[0], down[-1] = mutation, mutation
    return up, down


def _birth_death(
    a: FloatArray, b: FloatArray, count: FloatArray, size: int, mutation: float
) -> tuple[FloatArray, FloatArray]:
    total = count * a + (size - count) * b
    share_a = np.divide(count * a, total, out=np.zeros_like(total), where=total > 0)
    share_b = np.divide((size - count) * b, total, out=np.zeros_like(total), where=total > 0)
    share_a[[0, -1]], share_b[[0, -1]] = (0.0, 1.0), (1.0, 0.0)
    others = size - 1.0
    # Offspring of A that replaces a B, and mutated offspring of B that replaces another B.
    up = (share_a * (1 - mutation) * (size - count) + share_b * mutation * (size - count - 1)) / others
    down = (share_b * (1 - mutation) * count + share_a * mutation * (count - 1)) / others
    up[-1], down[0] = 0.0, 0.0
    return up, down


def generation_matrix(
    payoffs: FloatArray, size: int, selection: Selection, mutation: float = 0.0
) -> FloatArray:
    """Return `[N + 1, N + 1]`: probabilities of j A-players after i in `wright-fisher`, binomial in j."""
    from scipy.stats import binom

    a, b = values_by_count(payoffs, size, selection)
    count = np.arange(size + 1, dtype=np.float64)
    weight_a, weight_b = count * a, (size - count) * b
    weight_a[[0, -1]], weight_b[[0, -1]] = (0.0, 1.0), (1.0, 0.0)
    total = weight_a + weight_b
    if (total <= 0).any():
        raise ValueError(NO_FITNESS)
    share = (1 - mutation) * weight_a / total + mutation * weight_b / total
    return np.asarray(binom.pmf(count[None, :], size, share[:, None]))
