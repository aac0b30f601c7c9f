"""Who meets whom in a tournament: everybody, or whom a graph says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from theory.graphs import undirected_graph


class Named(Protocol):
    """Whoever takes part."""

    @property
    def name(self) -> str:
        """A name of its own."""


def pairings(
    field: Sequence[Named], graph: Any, *, self_play: bool, both_ways: bool
) -> list[tuple[int, int]]:
    """Return who meets whom, as places in the field, the first as the row player."""
    n = len(field)
    meets = np.zeros((n, n), dtype=bool)
    if graph is None:
        meets[:] = ~np.eye(n, dtype=bool)
    else:
        graph = undirected_graph("graph", graph, loops=True)
        place = _places(field, graph)
        for u, v in graph.edges():
            meets[place[u], place[v]] = meets[place[v], place[u]] = True
    if self_play:
        meets |= np.eye(n, dtype=bool)
    alone = np.flatnonzero(~meets.any(axis=1))
    if len(alone):
        raise ValueError(f"each strategy must meet somebody, got {field[alone[0]].name!r} alone")
    if graph is not None and n > 1:
        isolated = np.flatnonzero(~(meets & ~np.eye(n, dtype=bool)).any(axis=1))
        if len(isolated):
            name = field[isolated[0]].name
            raise ValueError(f"graph must have no isolated nodes, got {name!r} without an edge to another")
    return [(i, j) for i in range(n) for j in range(n) if meets[i, j] and (both_ways or i <= j)]


def described_graph(graph: Any, pairs: Sequence[tuple[int, int]], *, self_play: bool) -> dict[str, Any]:
    """Return what a dataset keeps of who met whom: `self_play` and, of a graph, `edges`.

    `edges` are places in the field, the lower first, of the two who met, pair after pair, without twins.
    """
    if graph is None:
        return {"self_play": self_play}
    met = sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]})
    return {"self_play": self_play, "edges": [place for pair in met for place in pair]}


def _places(field: Sequence[Named], graph: Any) -> dict[Any, int]:
    by_name = {strategy.name: k for k, strategy in enumerate(field)}
    by_place = {k: k for k in range(len(field))}
    nodes = set(graph.nodes())
    for place in (by_name, by_place):
        if nodes == set(place):
            return place
    raise ValueError(
        f"the nodes of graph must be the strategies' names or 0 ... {len(field) - 1}, got {len(nodes)} nodes "
        f"such as {next(iter(nodes), None)!r}"
    )
