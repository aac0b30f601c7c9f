"""How graphs are read, and that nobody ignores the weights of edges."""

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from theory import fixation_probability, fixation_times, named_game, network_game
from theory.graphs import connected_graph, undirected_graph

PD = named_game("prisoners-dilemma")


def by_exact_chain(matrix: list[list[int]], edges: list[tuple[int, int]], n: int) -> Fraction:
    """Return the mean chance over single mutants that A takes over by birth-death, from the definition.

    Fitness is the mean payoff over neighbours; a parent is drawn in proportion to it, a random neighbour is replaced.
    """
    beside = [sorted({b for e in edges for a, b in (e, e[::-1]) if a == v}) for v in range(n)]
    states = list(product((0, 1), repeat=n))
    number = {state: k for k, state in enumerate(states)}
    rows = [[Fraction(0)] * (2**n + 1) for _ in states]
    for state, row in zip(states, rows, strict=True):
        row[number[state]] += 1
        if len(set(state)) == 1:
            # Strategy 0 is A.
            row[-1] = Fraction(1 - state[0])
            continue
        fitness = [
            Fraction(sum(matrix[state[v]][state[u]] for u in beside[v]), len(beside[v])) for v in range(n)
        ]
        for v in range(n):
            for u in beside[v]:
                after = number[(*state[:u], state[v], *state[u + 1 :])]
                row[after] -= fitness[v] / sum(fitness) / len(beside[v])
    # Gauss's elimination.
    for k in range(2**n):
        pivot = next(r for r in range(k, 2**n) if rows[r][k])
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [x / rows[k][k] for x in rows[k]]
        for r in range(2**n):
            if r != k and rows[r][k]:
                rows[r] = [x - rows[r][k] * y for x, y in zip(rows[r], rows[k], strict=True)]
    single = [tuple(int(u != v) for u in range(n)) for v in range(n)]
    return sum((rows[number[state]][-1] for state in single), Fraction(0)) / n


@settings(max_examples=examples(15))
@given(
    st.integers(3, 4).flatmap(
        lambda n: st.tuples(
            st.just(n), st.sets(st.sampled_from(list(combinations(range(n), 2))), min_size=n - 1)
        )
    ),
    st.lists(st.integers(1, 5), min_size=4, max_size=4),
)
def test_all_readings_of_a_graph_are_the_exact_chain(drawn: Any, payoffs: list[int]) -> None:
    n, edges = drawn[0], sorted(drawn[1])
    graph = nx.Graph(edges)
    assume(len(graph) == n and nx.is_connected(graph))
    matrix = [payoffs[:2], payoffs[2:]]
    right = float(by_exact_chain(matrix, edges, n))
    weighted = nx.Graph([(a, b, {"weight": 1.0}) for a, b in edges])
    adjacency = nx.to_numpy_array(graph, nodelist=range(n))
    readings = [
        graph,
        weighted,
        edges,
        [list(e) for e in edges],
        np.array(edges),
        adjacency,
        adjacency.tolist(),
    ]
    for reading in readings:
        assert fixation_probability(matrix, graph=reading, accumulation="mean") == pytest.approx(right)


@pytest.mark.parametrize(
    "ask",
    [
        lambda graph: fixation_probability([[2, 1], [1, 2]], graph=graph),
        lambda graph: fixation_times([[2, 1], [1, 2]], graph=graph),
        lambda graph: network_game(graph, PD),
        lambda graph: undirected_graph("graph", graph),
    ],
)
def test_weights_are_refused(ask: Callable[[Any], Any]) -> None:
    weighted = nx.path_graph(3)
    weighted.edges[0, 1]["weight"], weighted.edges[1, 2]["weight"] = 100, 0.001
    with pytest.raises(
        ValueError, match="edges of graph must have no weight other than 1, got 100 between 0 and 1"
    ):
        ask(weighted)
    with pytest.raises(ValueError, match="a matrix with other entries"):
        ask([[0, 100, 0], [100, 0, 0.001], [0, 0.001, 0]])


def test_nodes_of_edges_are_in_the_order_of_their_numbers() -> None:
    assert list(undirected_graph("graph", [(2, 1), (1, 0)])) == [0, 1, 2]
    assert list(undirected_graph("graph", np.array([(2, 1), (1, 0)]))) == [0, 1, 2]
    assert list(undirected_graph("graph", [("b", "a"), ("a", "c")])) == ["b", "a", "c"]
    # Two rows are edges, and the matrix of two nodes says the same.
    assert set(undirected_graph("graph", [[0, 1], [1, 0]]).edges) == {(0, 1)}


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        ("ring", "list of edges .* got 'ring'"),
        ([(0, 1, 2)], r"each edge of graph must be a pair of nodes, got \(0, 1, 2\)"),
        ([(0, None)], "must be a pair of nodes"),
        ([0, 1], "must be a pair of nodes, got 0"),
        ({0: [1]}, "list of edges .*, got {0: "),
        ([[0, 1, 0], [0, 0, 1], [0, 1, 0]], r"not symmetric at \(0, 1\)"),
        ([[1, 1, 0], [1, 0, 1], [0, 1, 0]], "no loops, got one at node 0"),
        (nx.DiGraph([(0, 1)]), "undirected, got a directed one"),
        (nx.MultiGraph([(0, 1), (0, 1)]), "at most one edge between two nodes, got a multigraph"),
        ([], "at least 2 nodes, got 0"),
        ([(0, 1), (2, 3)], "connected, got 2 components"),
        (nx.empty_graph(2), "no isolated nodes, got 0"),
    ],
)
def test_graphs_that_make_no_sense_are_refused(graph: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        connected_graph("graph", graph)
