"""Evolving populations against exact chains, closed forms, and the same laws in plain Python.

Simulated means are held to 4 standard errors of their exact values: with fixed seeds a right program fails each such
line with probability 6e-5.
"""

import itertools
import signal
import subprocess
import sys
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import xarray as xr

from simulation import evolve, round_robin
from simulation.evolution import graph_law as evolution_graph_law
from simulation.evolution import runs as evolution_runs
from simulation.evolution import well_mixed_law as evolution_law
from simulation.evolution.runs import Plan, _OnGraph, network_of
from theory import (
    fixation_probability,
    fixation_times,
    named_game,
    small_mutation_distribution,
    stationary_distribution,
)
from theory.evolution.selection import PROCESSES, checked_selection

HAWK_DOVE = [[1.0, 3.0], [2.0, 1.5]]
DRIFT = [[1.0, 1.0], [1.0, 1.0]]
THREE = [[2.0, 1.0, 3.0], [2.5, 2.0, 1.0], [1.0, 2.5, 2.0]]


def constant(r: float) -> list[list[float]]:
    """Return payoffs that give A the fitness r and B the fitness 1 against anybody."""
    return [[r, r], [1.0, 1.0]]


def assert_mean(values: np.ndarray, expected: float) -> None:
    """Hold a sample mean to 4 standard errors of what it should be."""
    error = values.std(ddof=1) / np.sqrt(len(values))
    assert abs(values.mean() - expected) <= 4 * error, (values.mean(), expected, error)


def assert_share(successes: int, runs: int, expected: float) -> None:
    assert abs(successes / runs - expected) <= 4 * np.sqrt(expected * (1 - expected) / runs)


POPULATIONS = {
    "well-mixed": {"size": 9},
    "ring": {"graph": nx.cycle_graph(8)},
    "star": {"graph": nx.star_graph(6)},
    "lollipop": {"graph": nx.lollipop_graph(4, 4)},
    "twelve": {"graph": nx.gnm_random_graph(12, 20, seed=3)},
}


@pytest.mark.parametrize("process", PROCESSES)
@pytest.mark.parametrize("population", POPULATIONS)
def test_fixation_agrees_with_the_exact_chain(population: str, process: str) -> None:
    options = {"process": process, "accumulation": "mean", "initial": 3, **POPULATIONS[population]}
    if process == "wright-fisher" and population == "twelve":
        options["graph"] = nx.gnm_random_graph(9, 14, seed=3)
    runs = 2000
    data = evolve(HAWK_DOVE, runs=runs, seed=1, **options)
    exact = fixation_times(HAWK_DOVE, **options)
    won = data["fixated"].values == 0
    assert (data["fixated"].values >= 0).all()
    assert_share(won.sum(), runs, exact.probability)
    assert_mean(data["fixation_time"].values, exact.unconditional)
    assert_mean(data["fixation_time"].values[won], exact.conditional)


def test_ring_of_eight_under_both_orders() -> None:
    # Exact: birth-death (1 - 1/2) / (1 - 2^-8) by the isothermal theorem, death-birth 0.4013.
    ring, runs = nx.cycle_graph(8), 10_000
    for process, exact in (("birth-death", 128 / 255), ("death-birth", 0.40132)):
        data = evolve(constant(2.0), graph=ring, accumulation="mean", process=process, runs=runs, seed=2)
        assert_share((data["fixated"].values == 0).sum(), runs, exact)


@pytest.mark.parametrize(
    "graph", [nx.random_regular_graph(4, 40, seed=1), nx.grid_2d_graph(6, 7, periodic=True)]
)
def test_isothermal_theorem_on_larger_graphs(graph: nx.Graph) -> None:
    # Lieberman, Hauert & Nowak (2005): regular graphs do not change the Moran process with constant fitness.
    r, runs = 1.3, 4000
    exact = (1 - 1 / r) / (1 - r ** -graph.number_of_nodes())
    data = evolve(constant(r), graph=graph, accumulation="mean", runs=runs, seed=3)
    assert_share((data["fixated"].values == 0).sum(), runs, exact)


def test_named_nodes_begin_on_a_star() -> None:
    # In birth-death a mutant on a leaf of a star is better off than in its centre.
    star, runs = nx.star_graph(6), 4000
    for node in (0, 1):
        options = {"graph": star, "initial": [node], "accumulation": "mean"}
        data = evolve(constant(1.5), runs=runs, seed=4, **options)
        exact = fixation_probability(constant(1.5), **options)
        assert_share((data["fixated"].values == 0).sum(), runs, exact)


@pytest.mark.parametrize("accumulation", ["total", "mean"])
def test_intensities_and_accumulations(accumulation: str) -> None:
    for process, intensity in (("birth-death", 0.2), ("death-birth", 0.9), ("pairwise", 0.05)):
        for population in ({"size": 10}, {"graph": nx.lollipop_graph(4, 3)}):
            options = {"process": process, "accumulation": accumulation, "intensity": intensity, **population}
            data = evolve(HAWK_DOVE, runs=3000, seed=5, initial=2, **options)
            exact = fixation_probability(HAWK_DOVE, initial=2, **options)
            assert_share((data["fixated"].values == 0).sum(), 3000, exact)


@pytest.mark.parametrize("process", PROCESSES)
def test_mutation_leads_to_the_stationary_distribution(process: str) -> None:
    options = {"size": 12, "process": process, "mutation": 0.1, "accumulation": "mean"}
    exact = stationary_distribution(HAWK_DOVE, **options)
    steps = 300 if process == "wright-fisher" else 3000
    data = evolve(HAWK_DOVE, runs=300, seed=6, steps=steps, burn_in=steps // 3, record=steps // 3, **options)
    assert_mean(data["mean_shares"].values[:, 0], exact @ np.arange(13) / 12)
    # The last step alone, by runs: squares distinguish distributions with the same mean.
    assert_mean(data["final_counts"].values[:, 0] ** 2.0, exact @ np.arange(13.0) ** 2)


@pytest.mark.parametrize("process", PROCESSES)
def test_mutation_on_the_complete_graph_is_that_of_the_well_mixed_population(process: str) -> None:
    options = {"process": process, "mutation": 0.1, "accumulation": "mean"}
    exact = stationary_distribution(HAWK_DOVE, size=8, **options)
    steps = 200 if process == "wright-fisher" else 1500
    data = evolve(
        HAWK_DOVE, graph=nx.complete_graph(8), runs=400, seed=7, steps=steps, burn_in=steps // 3, **options
    )
    assert_mean(data["mean_shares"].values[:, 0], exact @ np.arange(9) / 8)


def chances_by_the_book(state: tuple, graph: nx.Graph, process: str, v: int) -> np.ndarray:
    """Return `[3]`: what node v plays after it has been chosen to change, mutation .2 included."""
    payoff = {u: np.mean([THREE[state[u]][state[w]] for w in graph[u]]) for u in graph}
    others = [[0.0 if i == j else 0.5 for j in range(3)] for i in range(3)]
    chances = np.zeros(3)
    if process == "pairwise":
        for u in graph[v]:
            copied = 1 / (1 + np.exp(payoff[v] - payoff[u])) / graph.degree[v]
            chances[state[u]] += copied
            chances[state[v]] += 1 / graph.degree[v] - copied
        return 0.8 * chances + 0.2 * np.array(others[state[v]])
    competitors = [*graph[v], *([v] if process in ("imitation", "wright-fisher") else [])]
    for u in competitors:
        chances[state[u]] += payoff[u] / sum(payoff[w] for w in competitors)
    return 0.8 * chances + 0.2 * chances @ others


def long_run_by_the_book(graph: nx.Graph, process: str) -> np.ndarray:
    """Return `[3]` mean shares from the chain of all placements."""
    states = list(itertools.product(range(3), repeat=len(graph)))
    place = {state: k for k, state in enumerate(states)}
    chain = np.zeros((len(states), len(states)))
    for k, state in enumerate(states):
        if process == "wright-fisher":
            by_node = [chances_by_the_book(state, graph, process, v) for v in graph]
            for after in states:
                chain[k, place[after]] = np.prod([by_node[v][after[v]] for v in graph])
            continue
        payoff = [np.mean([THREE[state[u]][state[w]] for w in graph[u]]) for u in graph]
        for v in graph:
            if process == "birth-death":
                weights = np.zeros(3)
                for u in graph[v]:
                    weights[state[u]] += payoff[u] / sum(payoff) / graph.degree[u]
                others = (1 - np.eye(3)) / 2
                chances = 0.8 * weights + 0.2 * weights @ others
            else:
                chances = chances_by_the_book(state, graph, process, v) / len(graph)
            for new in range(3):
                after = (*state[:v], new, *state[v + 1 :])
                chain[k, place[after]] += chances[new]
    assert chain.sum(axis=1) == pytest.approx(np.ones(len(states)))
    system = np.vstack([chain.T - np.eye(len(states)), np.ones(len(states))])
    distribution = np.linalg.lstsq(system, np.append(np.zeros(len(states)), 1.0), rcond=None)[0]
    counts = np.array([[state.count(j) for j in range(3)] for state in states])
    return distribution @ counts / len(graph)


@pytest.mark.parametrize("process", PROCESSES)
def test_mutation_of_three_strategies_on_a_graph(process: str) -> None:
    # A triangle with a tail: degrees differ, and neighbours of the dead are no neighbours of each other.
    graph = nx.lollipop_graph(3, 1)
    exact = long_run_by_the_book(graph, process)
    data = evolve(
        THREE, graph=graph, process=process, accumulation="mean", mutation=0.2, steps=20_000, burn_in=100,
        runs=40, seed=15, initial=[2, 1, 1],
    )  # fmt: skip
    for k in range(3):
        assert_mean(data["mean_shares"].values[:, k], exact[k])


@pytest.mark.parametrize("process", ["birth-death", "pairwise", "wright-fisher"])
def test_rare_mutations_of_three_strategies(process: str) -> None:
    options = {"size": 6, "process": process, "accumulation": "mean"}
    exact = small_mutation_distribution(THREE, **options).distribution
    steps = 60_000 if process == "wright-fisher" else 400_000
    data = evolve(THREE, mutation=1e-3, steps=steps, burn_in=steps // 10, runs=60, seed=8, **options)
    # Mutants are there for a share of about 1e-3 * 6 of the time, which moves shares by less than this.
    shares = data["mean_shares"].values
    error = shares.std(axis=0, ddof=1) / np.sqrt(len(shares))
    assert (np.abs(shares.mean(axis=0) - exact) <= 4 * error + 0.01).all()


@pytest.mark.parametrize("population", [{"size": 12}, {"graph": nx.path_graph(12)}], ids=["mixed", "path"])
@pytest.mark.parametrize("process", PROCESSES)
def test_without_selection_shares_are_chances(process: str, population: dict) -> None:
    initial, runs = [6, 4, 2], 3000
    matrix = np.arange(9.0).reshape(3, 3)
    data = evolve(matrix, process=process, intensity=0.0, initial=initial, runs=runs, seed=9, **population)
    for k, count in enumerate(initial):
        assert_share((data["fixated"].values == k).sum(), runs, count / 12)


@pytest.mark.parametrize("process", PROCESSES)
@pytest.mark.parametrize(
    "population", [{"size": 20}, {"graph": nx.lollipop_graph(5, 8)}], ids=["mixed", "graph"]
)
@pytest.mark.parametrize("mutation", [0.0, 0.05])
def test_plain_python_is_the_compiled_law_bit_for_bit(process, population, mutation, monkeypatch) -> None:
    options = {"process": process, "mutation": mutation, "steps": 400, "runs": 2, "record": 7, "seed": 10}
    compiled = evolve(THREE, workers=1, **options, **population)
    monkeypatch.setattr(evolution_runs, "advance", evolution_law._advance)
    monkeypatch.setattr(evolution_runs, "prepare", evolution_law._prepare)
    monkeypatch.setattr(evolution_runs, "keep", evolution_law._keep)
    monkeypatch.setattr(evolution_runs, "advance_on_graph", evolution_graph_law._advance)
    monkeypatch.setattr(evolution_runs, "prepare_on_graph", evolution_graph_law._prepare)
    plain = evolve(THREE, workers=1, **options, **population)
    xr.testing.assert_identical(compiled, plain)


@pytest.mark.parametrize("process", ["birth-death", "pairwise"])
def test_payoffs_on_graphs_are_never_stale(process: str) -> None:
    graph = nx.barabasi_albert_graph(60, 2, seed=1)
    plan = Plan(
        payoffs=np.random.default_rng(0).uniform(1, 2, (4, 4)),
        selection=checked_selection(process, "mean", None),
        mutation=0.1, steps=5000, seed=0, burn_in=0, every=0, nodes=list(graph), size=60, runs=1,
    )  # fmt: skip
    population = _OnGraph(plan, network_of(graph, plan), lambda generator: generator.integers(0, 4, 60))
    evolution_runs.play(plan, lambda: population, 1)
    value, tree = population.community.value.copy(), population.community.tree.copy()
    counts, tally = population.counts.copy(), population.community.tally.copy()
    evolution_graph_law.prepare_on_graph(population.rules, population.network, population.community)
    assert (value == population.community.value).all()
    assert (tree == population.community.tree).all()
    assert (counts == population.counts).all()
    assert (tally == population.community.tally).all()


def test_a_run_depends_on_its_number_alone() -> None:
    options = {"graph": nx.cycle_graph(10), "initial": 5, "record": "all", "steps": 50, "seed": 11}
    many = evolve(HAWK_DOVE, runs=7, workers=3, **options)
    few = evolve(HAWK_DOVE, runs=4, workers=1, **options)
    xr.testing.assert_identical(many.isel(run=slice(4)), few)
    assert not many["counts"][0].equals(many["counts"][1])


def test_what_is_recorded() -> None:
    options = {"size": 10, "initial": [4, 3, 3], "steps": 100, "runs": 3, "seed": 12}
    whole = evolve(THREE, record="all", **options)
    part = evolve(THREE, record=8, **options)
    # Nothing happened behind the end of the longest run.
    longest = int(whole["fixation_time"].max())
    assert 8 < longest < 100
    assert whole["step"].values.tolist() == list(range(longest + 1))
    assert part["step"].values.tolist() == list(range(0, longest + 8, 8))
    part = part.isel(step=slice(0, -1))
    xr.testing.assert_equal(part["counts"], whole["counts"].sel(step=part["step"]))
    assert (whole["counts"][:, 0] == [4, 3, 3]).all()
    assert (whole["counts"].sum("strategy") == 10).all()
    assert np.abs(whole["counts"].diff("step")).sum("strategy").max() == 2
    xr.testing.assert_equal(whole["counts"][:, -1].drop_vars("step"), whole["final_counts"].astype(np.int32))
    stays = np.repeat(whole["final_counts"].values[:, None], 100 - longest, axis=1)
    all_steps = np.concatenate([whole["counts"].values, stays], axis=1)
    assert whole["mean_shares"].values == pytest.approx(all_steps[:, 1:].mean(axis=1) / 10)
    late = evolve(THREE, burn_in=60, **options)
    assert "counts" not in late
    assert late["mean_shares"].values == pytest.approx(all_steps[:, 61:].mean(axis=1) / 10)


def test_what_did_not_happen_takes_no_memory() -> None:
    data = evolve([[3, 3], [1, 1]], size=10, initial=5, steps=10**12, runs=40, seed=0, record="all")
    assert (data["fixated"] >= 0).all()
    assert data["counts"].nbytes < 10**6
    assert (data["counts"][:, -1] == data["final_counts"]).all()
    mutating = evolve(THREE, size=10, mutation=0.1, steps=70, record=20)
    assert mutating["step"].values.tolist() == [0, 20, 40, 60]


def test_a_fixated_population_stays() -> None:
    data = evolve(constant(3.0), size=4, initial=2, steps=1000, runs=20, seed=13, record="all")
    for run in range(20):
        end = int(data["fixation_time"][run])
        assert (data["counts"][run, end:] == data["final_counts"][run]).all()
        assert (data["counts"][run, end - 1] > 0).all()
    on_graph = evolve(
        constant(3.0), graph=nx.cycle_graph(4), initial=2, steps=1000, runs=5, seed=13, record=10,
        process="wright-fisher",
    )  # fmt: skip
    assert (on_graph["final_strategies"] == on_graph["fixated"]).all()


def test_an_unfinished_run_says_so() -> None:
    data = evolve(DRIFT, size=100, initial=50, steps=10, seed=0)
    assert data["fixated"].values.tolist() == [-1]
    assert np.isnan(data["fixation_time"].values).all()
    assert "fixated" not in evolve(DRIFT, size=100, mutation=0.1, steps=10)


def test_the_payoffs_of_a_tournament() -> None:
    names = ["tit-for-tat", "always-defect", "always-cooperate"]
    table = round_robin(names, game=named_game("prisoners-dilemma"), turns=50, repetitions=1)
    data = evolve(table, size=30, accumulation="mean", runs=5, seed=14)
    assert data["strategy"].values.tolist() == names
    xr.testing.assert_identical(
        data, evolve(table["payoffs"].values, size=30, accumulation="mean", runs=5, seed=14, names=names)
    )
    alone = round_robin(names, game=named_game("prisoners-dilemma"), turns=50, repetitions=1, self_play=False)
    with pytest.raises(ValueError, match="twins too, got no match of 'tit-for-tat' with 'tit-for-tat'"):
        evolve(alone, size=30)


def test_who_sits_where() -> None:
    graph = nx.relabel_nodes(nx.path_graph(4), dict(enumerate("abcd")))
    options = {"graph": graph, "intensity": 0.0, "process": "pairwise", "steps": 1, "record": "all"}
    placed = {"a": "C", "b": "D", "c": 2, "d": "C"}
    data = evolve(np.eye(3), initial=placed, names=["C", "D", "E"], seed=0, **options)
    assert data["counts"][0, 0].values.tolist() == [2, 1, 1]
    still = evolve(np.eye(2) - 5, initial=["b", "c"], graph=graph, process="pairwise", steps=1, record="all")
    assert still["counts"][0, 0].values.tolist() == [2, 2]
    scattered = {
        tuple(evolve(np.eye(2), initial=1, seed=seed, **options)["final_strategies"].values[0])
        for seed in range(40)
    }
    assert len(scattered) >= 4


def test_equal_numbers_are_the_default_of_more_than_two() -> None:
    data = evolve(THREE, size=11, steps=1, record="all")
    assert data["counts"][0, 0].values.tolist() == [4, 4, 3]
    assert evolve(DRIFT, size=11, steps=1, record="all")["counts"][0, 0].values.tolist() == [1, 10]


def test_places_without_fit_competitors() -> None:
    # Only A reproduces; when the lone A dies no competitor is fit, so it stays and wins.
    for population in ({"size": 5}, {"graph": nx.complete_graph(5)}):
        for process in ("death-birth", "imitation"):
            data = evolve([[1, 1], [0, 0]], process=process, runs=20, seed=0, **population)
            assert (data["fixated"] == 0).all()
    # Mutation brings B back where nobody's fitness matters.
    for process in ("birth-death", "death-birth", "wright-fisher"):
        for population in ({"size": 5}, {"graph": nx.cycle_graph(5)}):
            data = evolve(
                np.zeros((2, 2)), process=process, intensity=0.0, mutation=0.5, steps=200, **population
            )
            assert 0.2 < float(data["mean_shares"][0, 0]) < 0.8


@pytest.mark.parametrize("process", ["birth-death", "death-birth", "imitation", "wright-fisher"])
def test_nobody_fit_is_an_error(process: str) -> None:
    with pytest.raises(ValueError, match="must have a positive fitness, got a state without any"):
        evolve(np.zeros((3, 3)), size=6, process=process)
    if process == "birth-death":
        with pytest.raises(ValueError, match=r"without any \(run 0, counts"):
            evolve(np.zeros((3, 3)), graph=nx.cycle_graph(6), process=process)


RING = nx.cycle_graph(6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "got both or neither"),
        ({"size": 5, "graph": RING}, "got both or neither"),
        ({"size": 1}, "size must be at least 2, got 1"),
        ({"size": 5, "process": "moran"}, "unknown process 'moran'"),
        ({"size": 5, "accumulation": "sum"}, "unknown accumulation 'sum'"),
        ({"size": 5, "intensity": 1.5}, r"intensity must lie in \[0, 1\], got 1.5"),
        ({"size": 5, "process": "pairwise", "intensity": -1}, "intensity must lie in"),
        ({"size": 5, "mutation": 1.1}, r"mutation must lie in \[0, 1\], got 1.1"),
        ({"size": 5, "steps": 0}, "steps must be at least 1, got 0"),
        ({"size": 5, "runs": 0}, "runs must be at least 1, got 0"),
        ({"size": 5, "seed": -1}, "seed must be at least 0, got -1"),
        ({"size": 5, "burn_in": 10, "steps": 10}, "burn_in must be below 10 steps, got 10"),
        ({"size": 5, "record": 0}, "record must be at least 1, got 0"),
        (
            {"size": 5, "mutation": 0.1, "record": "all", "steps": 10**12},
            r"what is kept must fit into the \d+ MiB of memory that are free, got 15258790 MiB for 1 runs of "
            r"1000000000001 recorded steps of 2 strategies: lower runs, or record fewer steps",
        ),
        ({"size": 5, "runs": 10**15}, r"what is kept must fit into .* for 10{15} runs of 0 recorded steps"),
        ({"size": 5, "steps": 10**20}, "steps must be at most 9007199254740992, got 1(0){20}"),
        (
            {"size": 10**12},
            r"individuals times steps must be at most 9007199254740992, got 10{12} times 1000000",
        ),
        ({"size": 5, "workers": 0.5}, "workers must be a whole number"),
        ({"size": 5, "names": ["A"]}, "names must be 2 names, got 1"),
        ({"size": 5, "names": ["A", "A"]}, "names must be different names"),
        ({"size": 5, "initial": 0}, "players of two strategies where nobody mutates"),
        ({"size": 5, "initial": 6}, "add up to 5, got"),
        ({"size": 5, "initial": [2, 2]}, r"add up to 5, got \[2, 2\] with sum 4"),
        ({"size": 5, "initial": [-1, 6]}, "initial must be at least 0, got -1"),
        ({"size": 5, "initial": {0: 1}}, "must be 2 numbers of players"),
        ({"graph": nx.DiGraph([(0, 1), (1, 0)])}, "graph must be undirected"),
        ({"graph": nx.Graph([(0, 1), (2, 3)])}, "graph must be connected, got 2 components"),
        ({"graph": nx.Graph([(0, 0), (0, 1)])}, "graph must have no loops, got one"),
        (
            {"graph": nx.disjoint_union(RING, nx.empty_graph(1))},
            "no isolated nodes, got 6 without neighbours",
        ),
        ({"graph": RING, "initial": [9]}, r"must name nodes of the graph, got \[9\]"),
        ({"graph": RING, "initial": list(RING)}, "players of two strategies where nobody mutates"),
        ({"graph": RING, "initial": {0: 0}}, "each of 6 nodes, got 1 without 1"),
        ({"graph": RING, "initial": dict.fromkeys(range(6), 2)}, "must be below 2, got 2"),
        ({"graph": RING, "initial": dict.fromkeys(range(6), "x")}, "unknown strategy 'x'"),
    ],
)
def test_bad_arguments_state_the_rule_and_the_value(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        evolve(DRIFT, **arguments)


@pytest.mark.parametrize(
    ("matrix", "arguments", "message"),
    [
        ([[1, 2, 3]], {"size": 5}, "matrix must have shape"),
        ([[np.nan, 1], [1, 1]], {"size": 5}, "matrix must be finite"),
        ([[-1, -1], [1, 1]], {"size": 5}, "fitness must not be negative, got -4"),
        ([[-1, -1], [1, 1]], {"size": 5, "accumulation": "mean"}, "must not be negative, got -1"),
        ([[1, 1], [-2, 1]], {"graph": RING, "intensity": 0.5}, "must not be negative, got -1.5"),
        (THREE, {"size": 6, "initial": 2}, "must be 3 numbers of players"),
        (THREE, {"graph": RING, "initial": [1, 2]}, "must be 3 numbers of players that add up to 6"),
    ],
)
def test_bad_matrices(matrix, arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        evolve(matrix, **arguments)


def test_only_states_that_exist_must_be_fit() -> None:
    # Five A's would get -4 each, but four get -3 + 3 as long as somebody plays B.
    matrix = [[-1.0, 3.0], [1.0, 1.0]]
    assert (evolve(matrix, size=5, runs=3, seed=0)["fixated"] >= 0).all()
    assert (evolve(matrix, graph=nx.complete_graph(5), runs=3, seed=0)["fixated"] >= 0).all()
    with pytest.raises(ValueError, match="must not be negative, got -2"):
        evolve(matrix, graph=RING, runs=3, seed=0)


def test_an_interrupt_ends_all_threads() -> None:
    program = (
        # A shell starts its background jobs with interrupts ignored, and so would be what they start.
        "import signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from simulation import evolve\n"
        "from simulation.evolution import runs\n"
        "evolve([[1, 1], [1, 1]], size=10, steps=10)\n"
        "real = runs.run_generator\n"
        "def begun(*arguments):\n"
        "    print('begun\\n', end='', flush=True)\n"  # in one piece: two threads say so
        "    return real(*arguments)\n"
        "runs.run_generator = begun\n"
        "evolve([[1, 1], [1, 1]], size=1000, mutation=0.1, steps=10**11, runs=4, workers=2)\n"
    )
    root = Path(__file__).resolve().parents[3]
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert errors.rstrip().endswith("KeyboardInterrupt")


def test_negative_payoffs_do_not_matter_to_pairwise_comparison() -> None:
    data = evolve([[-3, -9], [0, -5]], size=20, process="pairwise", initial=10, seed=0)
    assert int(data["fixated"][0]) == 1


@pytest.mark.parametrize("process", ["birth-death", "death-birth", "imitation", "wright-fisher"])
@pytest.mark.parametrize(
    "place", [{"size": 6}, {"graph": nx.complete_graph(6)}, {"graph": nx.cycle_graph(6)}]
)
def test_a_state_in_which_nobody_is_fit_is_refused(process, place) -> None:
    with pytest.raises(ValueError, match="some of those who compete must have a positive fitness"):
        evolve([[0, 0], [0, 0]], process=process, initial=3, seed=0, **place)


@pytest.mark.parametrize(("intensity", "payoff"), [(0.9, -1 / 9), (0.3, -7 / 3)])
def test_a_fitness_of_zero_may_be_missed_by_rounding(intensity, payoff) -> None:
    # 1 - w + w x is 0 on paper and -1.4e-17 in numbers; who has it is never copied.
    matrix = [[1, payoff], [payoff, 1]]
    for place in ({"size": 4}, {"graph": nx.complete_graph(4)}):
        data = evolve(matrix, intensity=intensity, accumulation="mean", initial=2, seed=0, **place)
        assert int(data["fixated"][0]) in (0, 1)
