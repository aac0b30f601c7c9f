"""Two strategies on a graph of few nodes: the chain of all 2^n placements, as bit sets of the A-players."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from theory.checks import FloatArray, shown, whole_number
from theory.evolution.chains import absorption
from theory.evolution.selection import NO_FITNESS, Selection, logistic
from theory.graphs import connected_graph, undirected_graph

# 14 nodes take about ten seconds and 1 GB; where all states lead to all others, 10 nodes take two.
MAX_NODES = 14
MAX_NODES_AT_ONCE = 10

# Below this, what is left after elimination is mostly rounding.
SMALLEST_PIVOT = 1e-12


def adjacency_of(graph: Any, process: str) -> tuple[FloatArray, list[Hashable]]:
    """Return `[n, n]` ones and zeros, and the nodes in that order; ValueError where a graph does not do."""
    import networkx as nx

    most = MAX_NODES_AT_ONCE if process == "wright-fisher" else MAX_NODES
    graph = undirected_graph("graph", graph)
    if len(graph) > most:
        raise ValueError(
            f"an exact solution needs a graph of 2 to {most} nodes, got {len(graph)}: simulate larger ones"
        )
    nodes = list(connected_graph("graph", graph).nodes)
    return np.asarray(nx.to_numpy_array(graph, nodelist=nodes, weight=None)), nodes


def starting_states(initial: int | Collection[Hashable], nodes: list[Hashable]) -> list[int]:
    """Return the states over which the mean is taken: all placements of a count, or the one that is named."""
    n = len(nodes)
    if not isinstance(initial, Collection):
        number = whole_number("initial", initial, 1, n - 1)
        return [sum(1 << k for k in chosen) for chosen in combinations(range(n), number)]
    named = [node for node in initial if isinstance(node, Hashable) and node in nodes]
    if isinstance(initial, str) or len(named) < len(initial) or not 1 <= len(set(named)) < n:
        raise ValueError(f"initial must name some but not all nodes of the graph, got {shown(initial)}")
    return [sum(1 << nodes.index(node) for node in set(named))]


@dataclass(frozen=True, eq=False)
class GraphSolution:
    """What becomes of each placement of A-players.

    Attributes
    ----------
    probability
        `[2^n]`: that A takes over.
    steps
        `[2^n]`: expected until one of both does.
    conditional
        `[2^n]`: expected until A does, given that; NaN where it cannot.
    """

    probability: FloatArray
    steps: FloatArray
    conditional: FloatArray


def chances_on_graph(payoffs: FloatArray, adjacency: FloatArray, selection: Selection) -> FloatArray:
    """Return `[2^n]`: the chance of each placement that A takes over."""
    if selection.process == "wright-fisher":
        return absorption(_transitions_at_once(payoffs, adjacency, selection))[0]
    return _Levels(payoffs, adjacency, selection).solve(0.0)


def solve_on_graph(payoffs: FloatArray, adjacency: FloatArray, selection: Selection) -> GraphSolution:
    """Return the chances and times of all placements."""
    if selection.process == "wright-fisher":
        transitions = _transitions_at_once(payoffs, adjacency, selection)
        probability, steps = absorption(transitions)
        return GraphSolution(probability, steps, conditional_time(transitions, probability))
    levels = _Levels(payoffs, adjacency, selection)
    probability = levels.solve(0.0)
    steps = levels.solve(levels.waiting, last=0.0)
    # Steps of the runs that A wins, times their share.
    winning = levels.solve(levels.waiting * probability, last=0.0)
    conditional = np.divide(winning, probability, out=np.full(len(steps), np.nan), where=probability > 0)
    return GraphSolution(probability, steps, conditional)


class _Levels:
    """The chain seen when it changes: each change adds or removes one A-player.

    With x_k the unknowns of all placements of k A-players, and U, D the probabilities of a change upwards and
    downwards, x_k = U_k x_{k+1} + D_k x_{k-1} + s_k. From below x_k = A_k x_{k+1} + c_k, with
    A_k = (1 - D_k A_{k-1})^-1 U_k and c_k = (1 - D_k A_{k-1})^-1 (s_k + D_k c_{k-1}): blocks of binomial(n, k) rows,
    where the sparse system of all 2^n states would fill up.
    """

    def __init__(self, payoffs: FloatArray, adjacency: FloatArray, selection: Selection) -> None:
        from scipy.linalg import lu_solve
        from scipy.linalg.lapack import dgetrf

        n = len(adjacency)
        bits = np.arange(n)
        number = np.arange(2**n)
        holds = (number[:, None] >> bits) & 1
        self.of_level = [number[holds.sum(axis=1) == k] for k in range(n + 1)]
        place = np.empty(2**n, dtype=np.int64)
        for states in self.of_level:
            place[states] = np.arange(len(states))
        self.waiting = np.zeros(2**n)
        self.factors: list[Any] = []
        self.rising: list[FloatArray] = []
        self.falls: list[Any] = []
        below = np.zeros((1, n))
        for k in range(1, n):
            states = self.of_level[k]
            plays_a = holds[states] == 1
            change = _change_probabilities(payoffs, adjacency, plays_a, selection)
            leaving = change.sum(axis=1)
            if (leaving <= 0).any():
                raise ValueError(NO_FITNESS)
            self.waiting[states] = 1.0 / leaving
            targets = place[states[:, None] ^ (1 << bits)]
            share = change / leaving[:, None]
            down = _sparse(share, targets, plays_a, len(self.of_level[k - 1]))
            up = _sparse(share, targets, ~plays_a, len(self.of_level[k + 1]))
            *factors, _ = dgetrf(np.eye(len(states)) - down @ below)
            if np.abs(np.diag(factors[0])).min() < SMALLEST_PIVOT:
                raise ValueError(
                    "fixation must be possible from all states, and not so rare that rounding hides it, "
                    f"got neither for some placement of {k} players"
                )
            below = lu_solve(factors, up.toarray())
            self.factors.append(factors)
            self.rising.append(below)
            self.falls.append(down)

    def solve(self, source: FloatArray | float, last: float = 1.0) -> FloatArray:
        """Return `[2^n]` x for sources s, with x = 0 where all play B and x = `last` where all play A."""
        from scipy.linalg import lu_solve

        n = len(self.of_level) - 1
        sources = np.broadcast_to(source, (2**n,))
        carried, constants = np.zeros(1), []
        for k in range(1, n):
            right = sources[self.of_level[k]] + self.falls[k - 1] @ carried
            carried = lu_solve(self.factors[k - 1], right)
            constants.append(carried)
        out = np.zeros(2**n)
        out[-1] = last
        for k in range(n - 1, 0, -1):
            out[self.of_level[k]] = self.rising[k - 1] @ out[self.of_level[k + 1]] + constants[k - 1]
        return out


def _sparse(share: FloatArray, targets: Any, chosen: Any, columns: int) -> Any:
    from scipy.sparse import csr_matrix

    rows = np.nonzero(chosen)[0]
    return csr_matrix((share[chosen], (rows, targets[chosen])), shape=(len(share), columns))


def _transitions_at_once(payoffs: FloatArray, adjacency: FloatArray, selection: Selection) -> FloatArray:
    """Return `[2^n, 2^n]` step probabilities where all nodes change at once, independently given the state."""
    n = len(adjacency)
    states = np.arange(2**n)
    plays_a = (states[:, None] >> np.arange(n)) & 1 == 1
    a = plays_a.astype(np.float64)
    fitness = np.ones(a.shape)
    fitness[1:-1] = selection.fitness(_payoffs(payoffs, adjacency, plays_a[1:-1], selection))
    closed = adjacency + np.eye(n)
    competing, of_a = fitness @ closed, (fitness * a) @ closed
    # Whoever has no competitor keeps its strategy.
    becomes_a = np.divide(of_a, competing, out=a.copy(), where=competing > 0)
    transitions = np.ones((len(states), len(states)))
    for k in range(n):
        transitions *= np.where(plays_a[None, :, k], becomes_a[:, None, k], 1.0 - becomes_a[:, None, k])
    return transitions


def conditional_time(transitions: FloatArray, probability: FloatArray) -> FloatArray:
    """Return `[n]`: expected steps until the last state, given that it is reached; NaN where it is not."""
    given = np.zeros_like(transitions)
    possible = probability > 0
    given[possible] = transitions[possible] * probability / probability[possible, None]
    # Rows that cannot occur may lead anywhere.
    given[~possible, -1] = 1.0
    return np.where(possible, absorption(given)[1], np.nan)


def _payoffs(payoffs: FloatArray, adjacency: FloatArray, plays_a: Any, selection: Selection) -> FloatArray:
    degree = adjacency.sum(axis=1)
    a_neighbours = plays_a.astype(np.float64) @ adjacency
    b_neighbours = degree - a_neighbours
    payoff = np.where(
        plays_a,
        payoffs[0, 0] * a_neighbours + payoffs[0, 1] * b_neighbours,
        payoffs[1, 0] * a_neighbours + payoffs[1, 1] * b_neighbours,
    )
    return np.asarray(payoff / selection.partners(degree))


def _change_probabilities(
    payoffs: FloatArray, adjacency: FloatArray, plays_a: Any, selection: Selection
) -> FloatArray:
    """Return `[states, n]`: the probability that a step replaces node k by a player of the other kind."""
    n, degree, a = len(adjacency), adjacency.sum(axis=1), plays_a.astype(np.float64)
    payoff = _payoffs(payoffs, adjacency, plays_a, selection)
    if selection.process == "pairwise":
        # [state, node, neighbour]: the node copies a neighbour of the other kind.
        gap = selection.slope * (payoff[:, None, :] - payoff[:, :, None])
        copies = logistic(gap) * (plays_a[:, None, :] != plays_a[:, :, None])
        return np.asarray((adjacency[None] * copies).sum(axis=2) / degree / n)
    fitness = selection.fitness(payoff)
    if selection.process == "birth-death":
        # A parent sends its offspring to each of its neighbours alike.
        spread = fitness / degree
        arriving = np.where(plays_a, (spread * (1 - a)) @ adjacency, (spread * a) @ adjacency)
        total = fitness.sum(axis=1, keepdims=True)
        return np.asarray(np.divide(arriving, total, out=np.zeros_like(arriving), where=total > 0))
    other = np.where(plays_a, (fitness * (1 - a)) @ adjacency, (fitness * a) @ adjacency)
    competing = fitness @ adjacency + (fitness if selection.process == "imitation" else 0.0)
    return np.asarray(np.divide(other, competing, out=np.zeros_like(other), where=competing > 0) / n)
