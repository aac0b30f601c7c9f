"""Networks: neighbours as arrays, the kinds, and graphs that cannot be played on."""

import networkx as nx
import numpy as np
import pytest

from simulation import NetworkDescription
from simulation.population.networks import KINDS, as_network


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_connected_with_the_degree_asked_for(kind: str) -> None:
    description = NetworkDescription(kind=kind, size=144, degree=4, seed=2)
    network = description.build()
    graph = network.to_networkx()
    assert nx.is_connected(graph)
    assert network.n_agents == graph.number_of_nodes() == 144
    assert network.n_edges == graph.number_of_edges()
    assert network.degrees.tolist() == [graph.degree(k) for k in range(144)]
    assert all(network.of(k).tolist() == sorted(graph[k]) for k in range(144))
    if kind == "scale-free":
        assert network.degrees.mean() == pytest.approx(4, abs=0.2)
        assert network.degrees.max() > 15
    else:
        assert network.degrees.mean() == 4
    again = description.build()
    assert (again.neighbours == network.neighbours).all()


def test_ring_and_grid_are_those_of_networkx() -> None:
    ring = NetworkDescription(kind="ring", size=11, degree=6).build().to_networkx()
    assert set(ring.edges) == set(map(tuple, map(sorted, nx.circulant_graph(11, [1, 2, 3]).edges)))
    grid = NetworkDescription(kind="grid", size=12).build().to_networkx()
    torus = nx.convert_node_labels_to_integers(nx.grid_2d_graph(3, 4, periodic=True), ordering="sorted")
    assert {frozenset(edge) for edge in grid.edges} == {frozenset(edge) for edge in torus.edges}


def test_rewiring_destroys_clustering() -> None:
    clustering = [
        nx.average_clustering(
            NetworkDescription(kind="small-world", size=400, degree=6, rewiring=p).build().to_networkx()
        )
        for p in (0.0, 0.1, 1.0)
    ]
    assert clustering[0] == pytest.approx(0.6)  # 3 (k - 2) / (4 (k - 1)) of a ring of degree k
    assert clustering[0] > clustering[1] > clustering[2]


def test_reverse_finds_the_same_edge_from_the_other_side() -> None:
    network = NetworkDescription(kind="scale-free", size=60, degree=6, seed=1).build()
    assert (network.sources[network.reverse] == network.neighbours).all()
    assert (network.neighbours[network.reverse] == network.sources).all()
    assert (network.reverse[network.reverse] == np.arange(2 * network.n_edges)).all()


def test_a_given_graph_keeps_its_nodes() -> None:
    graph = nx.Graph([("b", "a"), ("a", "c")])
    network = as_network(graph)
    assert network.nodes == ("b", "a", "c")
    assert network.of(1).tolist() == [0, 2]
    assert as_network(nx.path_graph(3)).nodes is None
    assert as_network(network) is network


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (nx.DiGraph([(0, 1)]), "graph must be undirected, got a directed one"),
        (nx.MultiGraph([(0, 1), (0, 1)]), "got a multigraph"),
        (nx.Graph([(0, 1), (2, 3)]), "graph must be connected, got 2 components"),
        (nx.Graph([(0, 1), (1, 1)]), "no loops, got one at node 1"),
        (nx.empty_graph(3), "no isolated nodes, got 0"),
        (nx.empty_graph(1), "at least 2 nodes, got 1"),
        ("ring", "must be an undirected networkx graph, a list of edges .*, got 'ring'"),
    ],
)
def test_graphs_that_make_no_sense_are_refused(graph, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        as_network(graph)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "smallworld"}, "unknown kind of network 'smallworld'; nearest: small-world"),
        ({"size": 2}, "size must be at least 3, got 2"),
        ({"size": 97}, "product of two numbers of at least 3, got 97"),
        ({"degree": 6}, "degree must be 4 on a grid, got 6"),
        ({"kind": "ring", "degree": 3}, "degree must be even in a ring network, got 3"),
        ({"kind": "ring", "size": 6, "degree": 6}, "degree must be below the size 6, got 6"),
        ({"kind": "random-regular", "size": 9, "degree": 3}, "even size \\* degree"),
        ({"kind": "small-world", "rewiring": 1.5}, "rewiring must lie in \\[0, 1\\], got 1.5"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"degree": 2.5}, "degree must be a whole number"),
    ],
)
def test_descriptions_that_make_no_sense_are_refused(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NetworkDescription(**arguments)


def test_a_network_that_is_hardly_ever_connected_is_given_up(monkeypatch) -> None:
    monkeypatch.setattr("simulation.population.networks.ATTEMPTS", 1)
    thin = NetworkDescription(kind="small-world", size=3000, degree=2, rewiring=1.0)
    with pytest.raises(
        ValueError, match="must be connected, got none in 1 attempts with size 3000 and degree 2"
    ):
        thin.build()
