"""Who plays with whom: undirected networks as arrays of neighbours.

The neighbours of agent i are `neighbours[starts[i]:starts[i + 1]]`, ascending (compressed sparse rows), so that a
network of N agents and E edges takes 8 bytes for each of N agents and 2E directed edges. Ring and grid are built
as arrays directly; the other kinds by networkx, which takes some seconds for a hundred thousand agents.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulation.engine.randomness import whole_number
from simulation.engine.sizes import refuse_beyond_memory
from theory.arguments import check_fields
from theory.checks import known_name, number_within, seed_number
from theory.graphs import connected_graph

if TYPE_CHECKING:
    import networkx as nx

IndexArray = NDArray[np.int32]

# Random networks are drawn again so often if they are not connected.
ATTEMPTS = 20

KINDS = ("ring", "grid", "small-world", "scale-free", "random-regular")


@dataclass(frozen=True, kw_only=True)
class NetworkDescription:
    """A kind of network, of which the same seed gives the same network.

    Raises
    ------
    ValueError
        If the kind is unknown, or size and degree do not fit it.
    """

    kind: str = "grid"
    """"ring" (each plays the degree / 2 nearest on either side), "grid" (a torus of rows and columns as equal as the
    size allows), "small-world" (a ring whose edges are rewired: Watts & Strogatz 1998), "scale-free" (Barabási &
    Albert 1999; degree / 2 edges for each newcomer) or "random-regular"."""
    size: int = 100
    """Number of agents, at least 3."""
    degree: int = 4
    """Mean number of neighbours (of a scale-free network in the limit of many agents), at least 2 and below the
    size; even but for "random-regular"; 4 on a grid."""
    rewiring: float = 0.1
    """Of a small world: the probability with which each edge is rewired, in [0, 1]."""
    seed: int = 0
    """Of the random kinds, at least 0."""

    def __post_init__(self) -> None:
        check_fields(self)
        known_name("kind of network", self.kind, KINDS)
        whole_number("size", self.size, at_least=3)
        whole_number("degree", self.degree, at_least=2)
        seed_number("seed", self.seed)
        number_within("rewiring", self.rewiring, 0.0, 1.0)
        if self.degree >= self.size:
            raise ValueError(f"degree must be below the size {self.size}, got {self.degree}")
        if self.kind == "random-regular":
            if self.size * self.degree % 2 or self.degree < 3:
                raise ValueError(
                    "a random regular network needs a degree of at least 3 and an even size * degree, got size "
                    f"{self.size} and degree {self.degree}"
                )
        elif self.degree % 2:
            raise ValueError(f"degree must be even in a {self.kind} network, got {self.degree}")
        if self.kind == "grid" and self.degree != 4:
            raise ValueError(f"degree must be 4 on a grid, got {self.degree}")
        if self.kind == "grid" and self.rows < 3:
            raise ValueError(
                f"the size of a grid must be a product of two numbers of at least 3, got {self.size}"
            )

    @property
    def rows(self) -> int:
        """Rows of a grid of this size: the largest divisor that is not above the number of columns."""
        return next(d for d in range(math.isqrt(self.size), 0, -1) if self.size % d == 0)

    def build(self) -> Network:
        """Return the network, or raise ValueError if it does not fit into memory."""
        as_arrays = self.kind in ("ring", "grid")
        # Whole-number arrays on the way, or a dictionary for each edge in either direction.
        each = 16 + 32 * self.degree if as_arrays else 500 + 250 * self.degree
        refuse_beyond_memory(
            f"a {self.kind} network of {self.size} agents", self.size * each, lower="size or degree"
        )
        if self.kind == "ring":
            return _ring(self.size, self.degree)
        if self.kind == "grid":
            return _grid(self.rows, self.size // self.rows)
        return as_network(self._random_graph())

    def _random_graph(self) -> nx.Graph:
        import networkx as nx

        if self.kind == "scale-free":
            return nx.barabasi_albert_graph(self.size, self.degree // 2, seed=self.seed)
        for attempt in range(ATTEMPTS):
            seed = self.seed + attempt * 1_000_003
            if self.kind == "small-world":
                graph = nx.watts_strogatz_graph(self.size, self.degree, self.rewiring, seed=seed)
            else:
                graph = nx.random_regular_graph(self.degree, self.size, seed=seed)
            if nx.is_connected(graph):
                return graph
        raise ValueError(
            f"a {self.kind} network must be connected, got none in {ATTEMPTS} attempts with size {self.size} and "
            f"degree {self.degree}: take a larger degree"
        )


@dataclass(frozen=True, eq=False)
class Network:
    """An undirected connected network without loops.

    Attributes
    ----------
    starts
        `[n_agents + 1]`: where the neighbours of each agent start.
    neighbours
        `[2 * n_edges]`: agents by number.
    nodes
        `[n_agents]`: the nodes of the graph that the network was made of; None if they are the numbers.
    """

    starts: IndexArray
    neighbours: IndexArray
    nodes: tuple[Hashable, ...] | None = None

    @property
    def n_agents(self) -> int:
        """Number of agents."""
        return len(self.starts) - 1

    @property
    def n_edges(self) -> int:
        """Number of undirected edges."""
        return len(self.neighbours) // 2

    @cached_property
    def degrees(self) -> IndexArray:
        """`[n_agents]`: numbers of neighbours."""
        return np.diff(self.starts)

    @property
    def sources(self) -> IndexArray:
        """`[2 * n_edges]`: whose neighbour stands in each place of `neighbours`."""
        return np.repeat(np.arange(self.n_agents, dtype=np.int32), self.degrees)

    @cached_property
    def reverse(self) -> IndexArray:
        """`[2 * n_edges]`: the place of the same edge in the other direction."""
        # Sorted by (neighbour, source) the edges stand in the order of their reverses.
        return np.lexsort((self.sources, self.neighbours)).astype(np.int32)

    def of(self, agent: int) -> IndexArray:
        """Return the neighbours of one agent."""
        return self.neighbours[self.starts[agent] : self.starts[agent + 1]]

    def to_networkx(self) -> nx.Graph:
        """Return a networkx graph whose nodes are the numbers of the agents."""
        import networkx as nx

        graph = nx.Graph()
        graph.add_nodes_from(range(self.n_agents))
        once = self.sources < self.neighbours
        graph.add_edges_from(zip(self.sources[once].tolist(), self.neighbours[once].tolist(), strict=True))
        return graph


def as_network(graph: Any) -> Network:
    """Return a network from a description, a network, a networkx graph, a list of edges or an adjacency matrix.

    Raises
    ------
    ValueError
        If the graph is directed, has weights, parallel edges, loops or isolated nodes, or is not connected.
    """
    if isinstance(graph, Network):
        return graph
    if isinstance(graph, NetworkDescription):
        return graph.build()
    return _from_networkx(connected_graph("graph", graph))


def _from_networkx(graph: nx.Graph) -> Network:
    nodes = tuple(graph.nodes())
    place = {node: k for k, node in enumerate(nodes)}
    ends = np.array([(place[u], place[v]) for u, v in graph.edges()], dtype=np.int32)
    network = _from_edges(len(nodes), ends)
    return (
        network if nodes == tuple(range(len(nodes))) else Network(network.starts, network.neighbours, nodes)
    )


def _from_edges(n_agents: int, ends: IndexArray) -> Network:
    """Return the network of undirected edges `ends[n_edges, 2]`."""
    sources = np.concatenate([ends[:, 0], ends[:, 1]])
    targets = np.concatenate([ends[:, 1], ends[:, 0]])
    order = np.lexsort((targets, sources))
    starts = np.zeros(n_agents + 1, dtype=np.int32)
    np.cumsum(np.bincount(sources, minlength=n_agents), out=starts[1:])
    return Network(starts, np.ascontiguousarray(targets[order]))


def _of_equal_degrees(neighbours: NDArray[np.int64]) -> Network:
    """Return the network of `neighbours[n_agents, degree]`."""
    n_agents, degree = neighbours.shape
    starts = np.arange(0, n_agents * degree + 1, degree, dtype=np.int32)
    return Network(starts, np.sort(neighbours, axis=1).astype(np.int32).ravel())


def _ring(size: int, degree: int) -> Network:
    reach = np.arange(1, degree // 2 + 1)
    return _of_equal_degrees((np.arange(size)[:, None] + np.concatenate([reach, -reach])) % size)


def _grid(rows: int, columns: int) -> Network:
    row, column = np.divmod(np.arange(rows * columns), columns)
    steps = ((1, 0), (-1, 0), (0, 1), (0, -1))
    return _of_equal_degrees(
        np.stack([(row + a) % rows * columns + (column + b) % columns for a, b in steps], axis=1)
    )
