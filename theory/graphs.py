"""How an argument `graph` is read, everywhere: a networkx graph, a list of edges, or an adjacency matrix.

Graphs are undirected, with at most one edge between two nodes and no loops. All edges count alike: the processes and
games here have no weights, of which more than one use is common (how often two play, how much a payoff counts, how
likely a neighbour is replaced), so that a graph with edges of a weight other than 1 is refused, not read as another.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.checks import IntArray, finite_array, shown

if TYPE_CHECKING:
    import networkx as nx

# What a player gets from games with all neighbours: their sum, or their mean.
ACCUMULATIONS = ("total", "mean")

READINGS = (
    "an undirected networkx graph, a list of edges (pairs of nodes) or a symmetric matrix of ones and zeros"
)


def undirected_graph(name: str, value: Any, *, loops: bool = False) -> nx.Graph:
    """Return the graph that `value` stands for, or raise ValueError.

    `loops` says whether a node may be its own neighbour. Nodes of a matrix are 0, 1, ...; those of a list of edges
    are what it names, in the order of their numbers if all are numbers, else as they come. A matrix of two rows is
    the same as the edges that its rows would be.
    """
    import networkx as nx

    if isinstance(value, nx.Graph):
        graph = value
    else:
        graph = _of_matrix(name, value) if _is_matrix(value) else _of_edges(name, value)
    if graph.is_directed():
        raise ValueError(f"{name} must be undirected, got a directed one of {len(graph)} nodes")
    if graph.is_multigraph():
        raise ValueError(f"{name} must have at most one edge between two nodes, got a multigraph")
    loop = next(iter(nx.selfloop_edges(graph)), None)
    if loop is not None and not loops:
        raise ValueError(f"{name} must have no loops, got one at node {loop[0]!r}")
    _check_weights(name, graph)
    return graph


def connected_graph(name: str, value: Any) -> nx.Graph:
    """Return a connected graph of at least two nodes, or raise ValueError."""
    import networkx as nx

    graph = undirected_graph(name, value)
    if len(graph) < 2:
        raise ValueError(f"{name} must have at least 2 nodes, got {len(graph)}")
    isolated = next(nx.isolates(graph), None)
    if isolated is not None:
        raise ValueError(f"{name} must have no isolated nodes, got {isolated!r} without neighbours")
    if not nx.is_connected(graph):
        raise ValueError(f"{name} must be connected, got {nx.number_connected_components(graph)} components")
    return graph


def neighbour_rows(name: str, value: Any) -> tuple[IntArray, IntArray]:
    """Return compressed sparse rows of a graph without isolated nodes, or raise ValueError.

    The neighbours of the i-th node are `neighbours[starts[i]:starts[i + 1]]`, ascending.

    Parameters
    ----------
    name
        What errors call the graph.
    value
        What `undirected_graph` reads; or such rows, a tuple (starts, neighbours).
    """
    if isinstance(value, tuple):
        starts, neighbours = _given_rows(name, value)
    else:
        graph = undirected_graph(name, value)
        place = {node: k for k, node in enumerate(graph)}
        rows = [sorted(place[other] for other in graph[node]) for node in graph]
        starts = np.cumsum([0, *map(len, rows)], dtype=np.int64)
        neighbours = np.array([k for row in rows for k in row], dtype=np.int64)
    _check_rows(starts, neighbours)
    return starts, neighbours


def _given_rows(name: str, rows: tuple[Any, ...]) -> tuple[IntArray, IntArray]:
    if len(rows) != 2:
        raise ValueError(f"a tuple as {name} must be (starts, neighbours), got {len(rows)} parts")
    starts, neighbours = (
        finite_array(part, row) for part, row in zip(("starts", "neighbours"), rows, strict=True)
    )
    for part, row in (("starts", starts), ("neighbours", neighbours)):
        if row.ndim != 1 or not row.size or (row != np.floor(row)).any():
            raise ValueError(
                f"{part} must be a list of whole numbers, got {shown(row)}: {name} as a list has edges"
            )
    return starts.astype(np.int64), neighbours.astype(np.int64)


def _check_rows(starts: IntArray, neighbours: IntArray) -> None:
    players = len(starts) - 1
    degrees = np.diff(starts)
    if players < 2 or starts[0] != 0 or starts[-1] != len(neighbours):
        raise ValueError(f"starts must run from 0 to the number of neighbours, got {starts.tolist()[:5]} ...")
    if (degrees < 1).any():
        raise ValueError(
            f"each player must have a neighbour, got player {int((degrees < 1).argmax()) + 1} alone"
        )
    sources = np.repeat(np.arange(players), degrees)
    if (neighbours < 0).any() or (neighbours >= players).any() or (sources == neighbours).any():
        raise ValueError(f"neighbours must be other players below {players}, got a loop or another number")
    forth, back = sources * players + neighbours, neighbours * players + sources
    if len(np.unique(forth)) != len(forth) or (np.sort(forth) != np.sort(back)).any():
        raise ValueError("edges must be undirected, each neighbour once in both of its rows")


def _is_matrix(value: Any) -> bool:
    try:
        shape = np.shape(value)
    except Exception:
        return False
    return len(shape) == 2 and shape[0] == shape[1] != 2


def _of_matrix(name: str, value: Any) -> nx.Graph:
    import networkx as nx

    matrix = np.asarray(value)
    if matrix.dtype.kind not in "biuf" or not ((matrix == 0) | (matrix == 1)).all():
        raise ValueError(
            f"{name} must be {READINGS}, got a matrix with other entries, {shown(value)}: edges have no weights"
        )
    if (matrix != matrix.T).any():
        i, j = np.argwhere(matrix != matrix.T)[0]
        raise ValueError(f"{name} must be undirected, got a matrix that is not symmetric at ({i}, {j})")
    return nx.from_numpy_array(matrix.astype(np.int64))


def _of_edges(name: str, value: Any) -> nx.Graph:
    import networkx as nx

    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise ValueError(f"{name} must be {READINGS}, got {shown(value)}")
    edges = [_edge(name, edge) for edge in value]
    nodes = list(dict.fromkeys(node for edge in edges for node in edge))
    numbers = [node for node in nodes if isinstance(node, int)]
    if len(numbers) == len(nodes):
        nodes = [*sorted(numbers)]
    graph = nx.Graph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from(edges)
    return graph


def _edge(name: str, edge: Any) -> tuple[Hashable, Hashable]:
    ends = () if isinstance(edge, (str, bytes, Mapping)) or not isinstance(edge, Iterable) else tuple(edge)
    # NumPy's numbers are the same nodes as Python's, and print alike.
    ends = tuple(end.item() if isinstance(end, np.generic) else end for end in ends)
    if len(ends) != 2 or not all(_is_node(end) for end in ends):
        raise ValueError(
            f"each edge of {name} must be a pair of nodes, got {shown(edge)}: {name} is {READINGS}"
        )
    return ends[0], ends[1]


def _is_node(value: Any) -> bool:
    # None is no node of networkx; NaN is not even equal to itself.
    return (
        isinstance(value, Hashable) and value is not None and not isinstance(value, bool) and value == value
    )


def _check_weights(name: str, graph: nx.Graph) -> None:
    if not any(any(around.values()) for _, around in graph.adjacency()):
        return  # no edge has attributes: ten times as fast as asking each
    for one, other, weight in graph.edges(data="weight", default=1):
        if not (isinstance(weight, (int, float, np.number)) and weight == 1):
            raise ValueError(
                f"edges of {name} must have no weight other than 1, got {shown(weight)} between {one!r} and "
                f"{other!r}: all edges count alike here; networkx.Graph(graph.edges) is the graph without weights"
            )
