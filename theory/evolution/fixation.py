r"""Exact probabilities that one of two strategies takes over a finite population.

Somebody plays A, the others play B, and in each step some are replaced (`theory.evolution.selection` has the
processes: `birth-death`, `death-birth`, `imitation`, `pairwise` and `wright-fisher`). Payoffs come from games with
all neighbours, summed (`total`) or averaged (`mean`). Fitness is the payoff, or 1 - w + w * payoff for an intensity
of selection w in [0, 1].

In a well-mixed population the number i of A-players is a birth-death chain with steps T+_i and T-_i, and from i_0 on

    rho = sum_{k=0}^{i_0-1} prod_{i=1}^k (T-_i / T+_i)  /  sum_{k=0}^{N-1} prod_{i=1}^k (T-_i / T+_i).

In `wright-fisher` all states lead to all others, and on a graph of n nodes the chain has 2^n states: there the
probabilities solve a linear system.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import FloatArray, whole_number
from theory.evolution.chains import absorption
from theory.evolution.on_graphs import adjacency_of, chances_on_graph, starting_states
from theory.evolution.selection import Selection, check_population, checked_matrix, checked_selection
from theory.evolution.well_mixed import generation_matrix, log_ratios

if TYPE_CHECKING:
    import networkx as nx

# A generation's matrix of so many rows is reduced in about two seconds.
MAX_SIZE_AT_ONCE = 1000


def fixation_probability(
    matrix: ArrayLike,
    *,
    size: int | None = None,
    graph: nx.Graph | None = None,
    initial: int | Collection[Hashable] = 1,
    process: str = "birth-death",
    accumulation: str = "total",
    intensity: float | None = None,
) -> float:
    """Return the probability that the first of two strategies takes over.

    Parameters
    ----------
    matrix
        `[2, 2]`: payoff of the row strategy against the column strategy; the first is A.
    size
        Number of individuals in a well-mixed population, at least 2 (`wright-fisher`: at most 1000); or
    graph
        an undirected connected graph without loops, with at most 14 nodes (`wright-fisher`: 10): of networkx,
        a list of edges or an adjacency matrix. All edges count alike; weights other than 1 are refused.
    initial
        Number of A-players at the start (on a graph the mean over all their placements), or on a graph the
        nodes where they sit.
    process
        "birth-death", "death-birth", "pairwise", "imitation" or "wright-fisher".
    accumulation
        "total" or "mean" payoff over partners.
    intensity
        w: at least 0 for "pairwise", in [0, 1] for the others; None stands for fitness equal to the payoff,
        and for w = 1 in "pairwise".

    Raises
    ------
    ValueError
        If an argument is out of its bounds, a fitness is negative, or nobody in a state can be replaced by a
        player of the other kind.

    Examples
    --------
    >>> fixation_probability([[2, 2], [1, 1]], size=10, accumulation="mean")  # doctest: +ELLIPSIS
    0.5004...
    """
    payoffs = checked_matrix(matrix, 2)
    selection = checked_selection(process, accumulation, intensity)
    check_population(size, graph)
    if graph is not None:
        adjacency, nodes = adjacency_of(graph, process)
        states = starting_states(initial, nodes)
        return float(chances_on_graph(payoffs, adjacency, selection)[states].mean())
    assert size is not None
    return float(np.exp(log_fixation(payoffs, size, selection, checked_count(initial, size))))


def checked_count(initial: object, size: int) -> int:
    """Return a number of A-players among `size`, or raise ValueError unless it leaves both kinds."""
    return whole_number("initial", initial, 1, size - 1)


def log_fixation(payoffs: FloatArray, size: int, selection: Selection, initial: int = 1) -> float:
    """Return log rho in a well-mixed population, which is finite also where rho is below 1e-308."""
    if selection.process != "wright-fisher":
        return _by_ratios(log_ratios(payoffs, size, selection), initial)
    check_size_at_once(size)
    probability = absorption(generation_matrix(payoffs, size, selection))[0]
    with np.errstate(divide="ignore"):
        return float(np.log(probability[initial]))


def check_size_at_once(size: int) -> None:
    """Raise ValueError if a generation's matrix would be too large."""
    if size > MAX_SIZE_AT_ONCE:
        raise ValueError(
            f"an exact solution of wright-fisher needs a size of at most {MAX_SIZE_AT_ONCE}, got {size}: "
            "simulate larger ones"
        )


def _by_ratios(log_ratio: FloatArray, initial: int) -> float:
    """Return log rho from log(T-_i / T+_i), `[N - 1]`, without overflow; infinite ratios are barriers."""
    infinite = np.flatnonzero(log_ratio == np.inf)
    if infinite.size and infinite[-1] >= initial - 1:
        return -np.inf
    zero = np.flatnonzero(log_ratio == -np.inf)
    if zero.size and zero[0] <= initial - 1:
        return 0.0
    start = int(infinite[-1]) + 1 if infinite.size else 0
    stop = int(zero[0]) if zero.size else len(log_ratio)
    # Between barriers the chain is a shorter one, from which it leaves below or above.
    logs = np.concatenate([[0.0], np.cumsum(log_ratio[start:stop])])
    return float(np.logaddexp.reduce(logs[: initial - start]) - np.logaddexp.reduce(logs))
