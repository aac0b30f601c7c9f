r"""Exact probabilities that one of two strategies takes over a finite population.

Somebody plays A, the others play B, and in each step one of them is replaced:

- `birth-death`: one individual reproduces, chosen with probability proportional to fitness, and its offspring
  replaces a random neighbour (Moran 1958; on graphs Lieberman, Hauert & Nowak 2005);
- `death-birth`: a random individual dies, and its neighbours compete to fill the place, with probability
  proportional to fitness (Ohtsuki, Hauert, Lieberman & Nowak 2006);
- `pairwise`: a random individual compares itself with a random neighbour, and copies it with probability
  1 / (1 + exp(-w (payoff of the neighbour - own payoff))) (Szabó & Töke 1998; Traulsen, Nowak & Pacheco 2006).

Payoffs come from games with all neighbours, summed (`total`) or averaged (`mean`). Fitness is the payoff, or
1 - w + w * payoff for an intensity of selection w in [0, 1].

In a well-mixed population the number i of A-players is a birth-death chain with steps T+_i and T-_i, and from i_0 on

    rho = sum_{k=0}^{i_0-1} prod_{i=1}^k (T-_i / T+_i)  /  sum_{k=0}^{N-1} prod_{i=1}^k (T-_i / T+_i).

On a graph of n nodes the chain has 2^n states, and the probabilities solve a linear system.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from theory._checks import FloatArray, finite_array, known_name, number_within

if TYPE_CHECKING:
    import networkx as nx

PROCESSES = ("birth-death", "death-birth", "pairwise")
ACCUMULATIONS = ("total", "mean")

# 2^14 linear equations are solved in seconds.
MAX_NODES = 14


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
        Number of individuals in a well-mixed population, at least 2; or
    graph
        an undirected connected graph without loops, with at most 14 nodes.
    initial
        Number of A-players at the start (on a graph the mean over all their placements), or on a graph the
        nodes where they sit.
    process
        "birth-death", "death-birth" or "pairwise".
    accumulation
        "total" or "mean" payoff over partners.
    intensity
        w: in [0, 1] for the first two processes, at least 0 for "pairwise"; None stands for fitness equal to the
        payoff, and for w = 1 in "pairwise".

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
    payoffs = finite_array("matrix", matrix)
    if payoffs.shape != (2, 2):
        raise ValueError(f"matrix must have shape (2, 2), got {payoffs.shape}")
    known_name("process", process, PROCESSES)
    known_name("accumulation", accumulation, ACCUMULATIONS)
    if (size is None) == (graph is None):
        raise ValueError("give either the size of a well-mixed population or a graph, got both or neither")
    if intensity is not None:
        number_within("intensity", intensity, 0.0, np.inf if process == "pairwise" else 1.0)
    if graph is not None:
        adjacency, nodes = _adjacency(graph)
        return _fixation_on_graph(payoffs, adjacency, nodes, initial, process, accumulation, intensity)
    assert size is not None
    if not isinstance(size, int) or size < 2:
        raise ValueError(f"size must be a whole number of at least 2, got {size!r}")
    if not isinstance(initial, int):
        raise ValueError(f"initial must be a number of players in a well-mixed population, got {initial!r}")
    if not 1 <= initial < size:
        raise ValueError(f"initial must lie between 1 and {size - 1}, got {initial}")
    return _fixation_well_mixed(payoffs, size, initial, process, accumulation, intensity)


def _fixation_well_mixed(
    payoffs: FloatArray, size: int, initial: int, process: str, accumulation: str, intensity: float | None
) -> float:
    count = np.arange(1, size, dtype=np.float64)
    partners = 1.0 if accumulation == "total" else size - 1.0
    of_a = (payoffs[0, 0] * (count - 1) + payoffs[0, 1] * (size - count)) / partners
    of_b = (payoffs[1, 0] * count + payoffs[1, 1] * (size - count - 1)) / partners
    if process == "pairwise":
        log_ratio = (1.0 if intensity is None else intensity) * (of_b - of_a)
        return _by_ratios(log_ratio, initial)
    a, b = _fitness(of_a, intensity), _fitness(of_b, intensity)
    with np.errstate(divide="ignore", invalid="ignore"):
        if process == "birth-death":
            up, down = a, b
        else:
            # A B-player dies and an A-player fills its place, or the other way round.
            up = a / (count * a + (size - count - 1) * b)
            down = b / ((count - 1) * a + (size - count) * b)
            up[~np.isfinite(up)] = np.nan
            down[~np.isfinite(down)] = np.nan
        if np.isnan(up).any() or np.isnan(down).any() or ((up == 0) & (down == 0)).any():
            raise ValueError(
                "some of those who compete must have a positive fitness, got a state without any"
            )
        return _by_ratios(np.log(down) - np.log(up), initial)


def _by_ratios(log_ratio: FloatArray, initial: int) -> float:
    """Return rho from log(T-_i / T+_i), `[N - 1]`, without overflow; infinite ratios are barriers."""
    infinite = np.flatnonzero(log_ratio == np.inf)
    if infinite.size and infinite[-1] >= initial - 1:
        return 0.0
    zero = np.flatnonzero(log_ratio == -np.inf)
    if zero.size and zero[0] <= initial - 1:
        return 1.0
    start = int(infinite[-1]) + 1 if infinite.size else 0
    stop = int(zero[0]) if zero.size else len(log_ratio)
    # Between barriers the chain is a shorter one, from which it leaves below or above.
    logs = np.concatenate([[0.0], np.cumsum(log_ratio[start:stop])])
    terms = np.exp(logs - logs.max())
    return float(terms[: initial - start].sum() / terms.sum())


def _fitness(payoffs: FloatArray, intensity: float | None) -> FloatArray:
    fitness = payoffs if intensity is None else 1.0 - intensity + intensity * payoffs
    if (fitness < 0).any():
        raise ValueError(
            f"fitness must not be negative, got {fitness.min():g}: lower the intensity or shift payoffs"
        )
    return fitness


def _adjacency(graph: Any) -> tuple[FloatArray, list[Hashable]]:
    import networkx as nx

    nodes = list(graph.nodes)
    if graph.is_directed():
        raise ValueError("graph must be undirected, got a directed one")
    if not 2 <= len(nodes) <= MAX_NODES:
        raise ValueError(
            f"an exact solution needs a graph of 2 to {MAX_NODES} nodes, got {len(nodes)}: simulate larger ones"
        )
    if nx.number_of_selfloops(graph):
        raise ValueError(f"graph must have no loops, got {nx.number_of_selfloops(graph)}")
    if not nx.is_connected(graph):
        raise ValueError(f"graph must be connected, got {nx.number_connected_components(graph)} components")
    return np.asarray(nx.to_numpy_array(graph, nodelist=nodes, weight=None)), nodes


def _fixation_on_graph(
    payoffs: FloatArray,
    adjacency: FloatArray,
    nodes: list[Hashable],
    initial: int | Collection[Hashable],
    process: str,
    accumulation: str,
    intensity: float | None,
) -> float:
    n = len(nodes)
    starts = _starting_states(initial, nodes)
    probability = _solve_on_graph(payoffs, adjacency, process, accumulation, intensity)
    assert probability.shape == (2**n,)
    return float(np.mean([probability[state] for state in starts]))


def _starting_states(initial: int | Collection[Hashable], nodes: list[Hashable]) -> list[int]:
    """Return the states, as bit sets of A-players, over which the mean is taken."""
    n = len(nodes)
    if isinstance(initial, int):
        if not 1 <= initial < n:
            raise ValueError(f"initial must lie between 1 and {n - 1}, got {initial}")
        states = [sum(1 << k for k in chosen) for chosen in combinations(range(n), initial)]
        assert len(states) == comb(n, initial)
        return states
    unknown = [node for node in initial if node not in nodes]
    if unknown or not 1 <= len(set(initial)) < n:
        raise ValueError(f"initial must name some but not all nodes of the graph, got {list(initial)}")
    return [sum(1 << nodes.index(node) for node in set(initial))]


def _solve_on_graph(
    payoffs: FloatArray, adjacency: FloatArray, process: str, accumulation: str, intensity: float | None
) -> FloatArray:
    """Return `[2^n]`: the probability that A takes over from each state."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.linalg import spsolve

    n = len(adjacency)
    states = np.arange(1, 2**n - 1)
    plays_a = (states[:, None] >> np.arange(n)) & 1 == 1
    change = _change_probabilities(payoffs, adjacency, plays_a, process, accumulation, intensity)
    leaving = change.sum(axis=1)
    if (leaving <= 0).any():
        raise ValueError("some of those who compete must have a positive fitness, got a state without any")
    share = change / leaving[:, None]
    targets = states[:, None] ^ (1 << np.arange(n))
    rows = np.broadcast_to(np.arange(len(states))[:, None], targets.shape)
    inner = (targets > 0) & (targets < 2**n - 1)
    moves = csr_matrix((share[inner], (rows[inner], targets[inner] - 1)), shape=(len(states), len(states)))
    identity = csr_matrix((np.ones(len(states)), (np.arange(len(states)),) * 2))
    wins = np.where(targets == 2**n - 1, share, 0.0).sum(axis=1)
    inside = spsolve((identity - moves).tocsc(), wins)
    return np.concatenate([[0.0], np.atleast_1d(inside), [1.0]])


def _change_probabilities(
    payoffs: FloatArray,
    adjacency: FloatArray,
    plays_a: np.ndarray[Any, np.dtype[np.bool_]],
    process: str,
    accumulation: str,
    intensity: float | None,
) -> FloatArray:
    """Return `[states, n]`: the probability that a step replaces node k by a player of the other kind."""
    a = plays_a.astype(np.float64)
    degree = adjacency.sum(axis=1)
    a_neighbours = a @ adjacency
    b_neighbours = degree - a_neighbours
    payoff = np.where(
        plays_a,
        payoffs[0, 0] * a_neighbours + payoffs[0, 1] * b_neighbours,
        payoffs[1, 0] * a_neighbours + payoffs[1, 1] * b_neighbours,
    )
    if accumulation == "mean":
        payoff = payoff / degree
    n = len(adjacency)
    if process == "pairwise":
        w = 1.0 if intensity is None else intensity
        # [state, node, neighbour]: the node copies a neighbour of the other kind.
        gap = w * (payoff[:, None, :] - payoff[:, :, None])
        copies = 0.5 * (1.0 + np.tanh(0.5 * gap)) * (plays_a[:, None, :] != plays_a[:, :, None])
        return np.asarray((adjacency[None] * copies).sum(axis=2) / degree / n)
    fitness = _fitness(payoff, intensity)
    other = np.where(plays_a, (fitness * (1 - a)) @ adjacency, (fitness * a) @ adjacency)
    if process == "death-birth":
        competing = fitness @ adjacency
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.where(competing > 0, other / competing, 0.0) / n)
    # Birth-death: a parent with `degree` neighbours sends its offspring to each of them alike.
    spread = fitness / degree
    arriving = np.where(plays_a, (spread * (1 - a)) @ adjacency, (spread * a) @ adjacency)
    total = fitness.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(total > 0, arriving / total, 0.0))
