"""Fixation probabilities and times against closed forms, published values, symmetries and each other."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from theory import fixation_probability, fixation_times

CONSTANT = {"accumulation": "mean"}
PROCESSES = ("birth-death", "death-birth", "pairwise", "imitation", "wright-fisher")


def constant(r: float) -> list[list[float]]:
    """Return payoffs that give A the fitness r and B the fitness 1 against anybody."""
    return [[r, r], [1.0, 1.0]]


@pytest.mark.parametrize("size", [2, 5, 30, 500])
@pytest.mark.parametrize("r", [0.5, 1.1, 2.0])
def test_moran_process_with_constant_fitness(size: int, r: float) -> None:
    # Moran (1958): (1 - 1/r) / (1 - 1/r^N).
    expected = (1 - 1 / r) / (1 - r**-size)
    assert fixation_probability(constant(r), size=size, **CONSTANT) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("process", PROCESSES)
@pytest.mark.parametrize("initial", [1, 3])
def test_without_selection_everybody_has_the_same_chance(process: str, initial: int) -> None:
    options = {"process": process, "intensity": 0.0, "initial": initial}
    assert fixation_probability([[3, 0], [4, 1]], size=9, **options) == pytest.approx(initial / 9)
    for graph in (nx.cycle_graph(7), nx.complete_graph(6)):
        expected = initial / graph.number_of_nodes()
        assert fixation_probability([[3, 0], [4, 1]], graph=graph, **options) == pytest.approx(expected)


@pytest.mark.parametrize("graph", [nx.cycle_graph(8), nx.circulant_graph(9, [1, 2]), nx.petersen_graph()])
@pytest.mark.parametrize("r", [0.8, 2.0])
def test_isothermal_theorem(graph: nx.Graph, r: float) -> None:
    # Lieberman, Hauert & Nowak (2005): on regular graphs birth-death with constant fitness is the Moran process.
    size = graph.number_of_nodes()
    well_mixed = fixation_probability(constant(r), size=size, **CONSTANT)
    assert fixation_probability(constant(r), graph=graph, **CONSTANT) == pytest.approx(well_mixed)


def test_ring_of_eight_under_both_orders() -> None:
    # Exact: birth-death (1 - 1/2) / (1 - 2^-8) = 0.502; death-birth is lower, 0.4013.
    ring = nx.cycle_graph(8)
    assert fixation_probability(constant(2.0), graph=ring, **CONSTANT) == pytest.approx(128 / 255)
    death_birth = fixation_probability(constant(2.0), graph=ring, process="death-birth", **CONSTANT)
    assert death_birth == pytest.approx(0.4013, abs=5e-5)


@pytest.mark.parametrize("r", [0.9, 1.5, 3.0])
@pytest.mark.parametrize("n", [5, 8, 12])
def test_death_birth_on_a_ring_by_its_own_chain(n: int, r: float) -> None:
    # On a ring the A-players stay in one arc, so i is a chain. With 1 < i < n - 1 both ends compete r to 1, so
    # T-/T+ = 1/r; a lone A dies with 1/n and is surely replaced, and next to it B's fall to r/(1 + r).
    up = np.array([2 * r / (1 + r)] * (n - 1))
    down = np.array([2 / (1 + r)] * (n - 1))
    down[0], up[-1] = 1.0, 1.0
    ratios = np.concatenate([[1.0], np.cumprod(down / up)])
    exact = fixation_probability(constant(r), graph=nx.cycle_graph(n), process="death-birth", **CONSTANT)
    assert exact == pytest.approx(1 / ratios.sum())


@pytest.mark.parametrize("leaves", [3, 6, 10])
def test_birth_death_on_a_star(leaves: int) -> None:
    # Broom & Rychtář (2008), "An analysis of the fixation probability of a mutant on special classes of
    # non-directed graphs": from one leaf n r / (r + n) * r / (n r + 1)-type recursion, solved here as a chain on
    # (number of A-leaves, centre).
    n, r = leaves, 2.0
    size = 2 * (n + 1)
    system, right = np.eye(size), np.zeros(size)

    def index(i: int, centre: int) -> int:
        return 2 * i + centre

    for i in range(n + 1):
        for centre in (0, 1):
            k = index(i, centre)
            if (i, centre) == (0, 0):
                continue
            if (i, centre) == (n, 1):
                right[k] = 1.0
                continue
            weight = r * i + (n - i) + (r if centre else 1.0)
            if centre:
                to_leaf, to_centre = r / weight * (n - i) / n, (n - i) / weight
                moves = ((index(i + 1, 1), to_leaf), (index(i, 0), to_centre)) if i < n else ()
            else:
                to_leaf, to_centre = 1.0 / weight * i / n, r * i / weight
                moves = ((index(i - 1, 0), to_leaf), (index(i, 1), to_centre))
            total = sum(p for _, p in moves)
            for target, p in moves:
                system[k, target] -= p / total
    probability = np.linalg.solve(system, right)
    star = nx.star_graph(n)
    from_leaf = fixation_probability(constant(r), graph=star, initial=[1], **CONSTANT)
    from_centre = fixation_probability(constant(r), graph=star, initial=[0], **CONSTANT)
    assert from_leaf == pytest.approx(probability[index(1, 0)])
    assert from_centre == pytest.approx(probability[index(0, 1)])
    mean = fixation_probability(constant(r), graph=star, **CONSTANT)
    assert mean == pytest.approx((n * from_leaf + from_centre) / (n + 1))


payoff = st.floats(0.1, 5.0)


@given(
    payoff,
    payoff,
    payoff,
    payoff,
    st.sampled_from(PROCESSES),
    st.integers(1, 4),
)
@settings(max_examples=examples(40), deadline=None)
def test_complete_graph_is_the_well_mixed_population(a, b, c, d, process, initial) -> None:
    matrix = [[a, b], [c, d]]
    for accumulation in ("total", "mean"):
        options = {"process": process, "accumulation": accumulation, "initial": initial}
        on_graph = fixation_probability(matrix, graph=nx.complete_graph(6), **options)
        assert on_graph == pytest.approx(fixation_probability(matrix, size=6, **options), rel=1e-8)


@given(payoff, payoff, payoff, payoff, st.sampled_from(PROCESSES))
@settings(max_examples=examples(40), deadline=None)
def test_one_of_the_two_takes_over(a, b, c, d, process) -> None:
    swapped = [[d, c], [b, a]]
    for population in ({"size": 7}, {"graph": nx.path_graph(7)}):
        first = fixation_probability([[a, b], [c, d]], process=process, initial=3, **population)
        second = fixation_probability(swapped, process=process, initial=4, **population)
        assert first + second == pytest.approx(1.0)


def test_numbers_of_numpy_are_numbers() -> None:
    options = {"size": np.int64(9), "initial": np.int64(3)}
    assert fixation_probability([[1, 1], [1, 1]], **options) == pytest.approx(1 / 3)
    assert fixation_probability(
        [[1, 1], [1, 1]], graph=nx.path_graph(6), initial=np.int64(3)
    ) == pytest.approx(0.5)


def test_fermi_closed_form() -> None:
    # Traulsen, Nowak & Pacheco (2006): for equal gains from switching the chain has a constant ratio.
    w, gap, size = 0.3, 0.5, 12
    matrix = [[1.0 + gap, 1.0 + gap], [1.0, 1.0]]
    q = np.exp(-w * gap)
    rho = fixation_probability(matrix, size=size, process="pairwise", accumulation="mean", intensity=w)
    assert rho == pytest.approx((1 - q) / (1 - q**size))


@pytest.mark.parametrize("r", [0.7, 1.6])
def test_imitation_with_constant_fitness(r: float) -> None:
    # Everybody competes for the place with the same weights up and down, so T-/T+ = 1/r as in birth-death.
    expected = (1 - 1 / r) / (1 - r**-11)
    rho = fixation_probability(constant(r), size=11, process="imitation", **CONSTANT)
    assert rho == pytest.approx(expected, rel=1e-12)


def test_wright_fisher_of_two_individuals_by_hand() -> None:
    # From one A of fitness r among two, each of two offspring is A with p = r / (1 + r); p^2 ends well, (1 - p)^2
    # badly, the rest begins anew.
    p = 3.0 / 4.0
    rho = fixation_probability(constant(3.0), size=2, process="wright-fisher", **CONSTANT)
    assert rho == pytest.approx(p**2 / (p**2 + (1 - p) ** 2), rel=1e-12)


def test_wright_fisher_is_near_kimura_s_diffusion() -> None:
    # Kimura (1962): (1 - exp(-2 s)) / (1 - exp(-2 N s)) for a mutant's advantage s, to first order in s.
    s, size = 0.01, 400
    rho = fixation_probability(constant(1 + s), size=size, process="wright-fisher", **CONSTANT)
    assert rho == pytest.approx((1 - np.exp(-2 * s)) / (1 - np.exp(-2 * size * s)), rel=0.02)


def test_tiny_probabilities_of_wright_fisher_keep_their_digits() -> None:
    # The loser's chance from N - 1 of N, where a subtraction from one would leave only rounding.
    options = {"size": 30, "process": "wright-fisher", **CONSTANT}
    rho = fixation_probability(constant(0.2), **options)
    assert 0 < rho < 1e-25


def test_large_populations_do_not_overflow() -> None:
    options = {"size": 5000, "process": "pairwise", "intensity": 10.0}
    assert fixation_probability([[3, 0], [5, 1]], **options) == 0.0
    assert fixation_probability([[5, 5], [1, 1]], **options) == pytest.approx(1.0)


def test_a_place_without_competitors_keeps_its_player() -> None:
    # Only A reproduces. When the lone A dies no competitor has a positive fitness, so it stays and wins.
    for population in ({"size": 5}, {"graph": nx.complete_graph(5)}):
        assert fixation_probability([[1, 1], [0, 0]], process="death-birth", **population) == pytest.approx(1)


def test_fitness_of_zero_is_a_barrier() -> None:
    assert fixation_probability([[0, 0], [1, 1]], size=5) == 0.0
    assert fixation_probability([[1, 1], [0, 0]], size=5) == 1.0
    # A needs company: alone it never reproduces, in pairs it does.
    assert fixation_probability([[2, 0], [1, 1]], size=5) == 0.0
    assert 0 < fixation_probability([[2, 0], [1, 1]], size=5, initial=2) < 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "either the size of a well-mixed population or a graph, got both or neither"),
        ({"size": 1}, "size must be at least 2, got 1"),
        ({"size": 5, "initial": 5}, r"initial must lie in \[1, 4\], got 5"),
        ({"size": 5, "initial": [1]}, "initial must be a whole number, got"),
        ({"size": 5, "process": "birth"}, "unknown process 'birth'; nearest: "),
        ({"size": 5, "accumulation": "sum"}, "unknown accumulation 'sum'"),
        ({"size": 5, "intensity": 1.5}, r"intensity must lie in \[0, 1\], got 1.5"),
        ({"size": 5, "process": "pairwise", "intensity": -1}, "intensity must lie in"),
        ({"graph": nx.cycle_graph(20)}, "needs a graph of 2 to 14 nodes, got 20"),
        ({"graph": nx.DiGraph([(0, 1), (1, 0)])}, "graph must be undirected"),
        ({"graph": nx.Graph([(0, 1), (2, 3)])}, "graph must be connected, got 2 components"),
        ({"graph": nx.Graph([(0, 0), (0, 1)])}, "graph must have no loops, got one"),
        ({"graph": nx.Graph([(0, 1)]), "size": 3}, "got both or neither"),
        ({"graph": nx.MultiGraph([(0, 1), (0, 1)])}, "at most one edge between two nodes, got a multigraph"),
        ({"graph": nx.empty_graph(1)}, "graph must have at least 2 nodes, got 1"),
        (
            {"graph": nx.disjoint_union(nx.path_graph(3), nx.empty_graph(1))},
            "no isolated nodes, got 3 without",
        ),
        ({"graph": nx.cycle_graph(11), "process": "wright-fisher"}, "needs a graph of 2 to 10 nodes, got 11"),
        ({"size": 1001, "process": "wright-fisher"}, "needs a size of at most 1000, got 1001"),
        ({"size": 5.5}, "size must be a whole number, got 5.5"),
        ({"graph": nx.path_graph(3), "initial": [7]}, "must name some but not all nodes"),
        ({"graph": nx.path_graph(3), "initial": 3}, r"initial must lie in \[1, 2\], got 3"),
    ],
)
def test_bad_arguments_state_the_rule_and_the_value(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fixation_probability([[2, 1], [1, 1]], **arguments)


def test_negative_fitness_and_wrong_matrices_are_refused() -> None:
    with pytest.raises(ValueError, match="fitness must not be negative, got -4"):
        fixation_probability([[-1, -1], [1, 1]], size=5)
    with pytest.raises(ValueError, match=r"matrix must have shape \(2, 2\)"):
        fixation_probability([[1, 2, 3]], size=5)
    with pytest.raises(ValueError, match="matrix must be finite"):
        fixation_probability([[np.nan, 1], [1, 1]], size=5)
    with pytest.raises(ValueError, match="positive fitness"):
        fixation_probability([[0, 0], [0, 0]], size=5)
    with pytest.raises(ValueError, match="positive fitness"):
        fixation_probability([[0, 0], [0, 0]], graph=nx.path_graph(4), process="death-birth")


payoff = st.floats(0.1, 5.0)


@pytest.mark.parametrize("size", [2, 3, 10, 200])
def test_neutral_moran_process(size: int) -> None:
    # Offspring replace somebody else, so T+_i = T-_i = i (N - i) / (N (N - 1)); Antal & Scheuring (2006), with
    # i (N - i) / N^2, have N H_{N-1} and N (N - 1).
    harmonic = sum(1 / k for k in range(1, size))
    times = fixation_times([[1, 1], [1, 1]], size=size, accumulation="mean")
    assert times.probability == pytest.approx(1 / size)
    assert times.unconditional == pytest.approx((size - 1) * harmonic)
    assert times.conditional == pytest.approx((size - 1) ** 2)


def test_two_individuals_wait_geometrically() -> None:
    # One of them copies the other with the Fermi probability p or 1 - p, in each step with chance 1/2 each.
    p = 1 / (1 + np.exp(-0.7))
    times = fixation_times([[0.7, 0.7], [0, 0]], size=2, process="pairwise", accumulation="mean")
    assert times.probability == pytest.approx(p)
    assert times.unconditional == times.conditional == times.conditional_of_other == pytest.approx(2.0)


def test_neutral_wright_fisher_of_two() -> None:
    # Two offspring of different parents are alike with chance 1/2.
    times = fixation_times([[1, 1], [1, 1]], size=2, process="wright-fisher")
    assert times.unconditional == times.conditional == times.conditional_of_other == pytest.approx(2.0)


@given(payoff, payoff, payoff, payoff, st.integers(2, 30), st.sampled_from(PROCESSES[:4]))
@settings(max_examples=examples(60))
def test_mutants_of_both_kinds_need_the_same_time(a, b, c, d, size, process) -> None:
    # Taylor, Iwasa & Nowak (2006); Antal & Scheuring (2006): given success, one A among B's takes as long as one B
    # among A's, in any game.
    options = {"size": size, "process": process, "accumulation": "mean"}
    of_a = fixation_times([[a, b], [c, d]], initial=1, **options).conditional
    of_b = fixation_times([[a, b], [c, d]], initial=size - 1, **options).conditional_of_other
    assert of_a == pytest.approx(of_b, rel=1e-9)


@given(payoff, payoff, payoff, payoff, st.integers(1, 5), st.sampled_from(PROCESSES))
@settings(max_examples=examples(40))
def test_the_unconditional_time_is_the_mean_of_the_conditional_ones(a, b, c, d, initial, process) -> None:
    for population in ({"size": 6}, {"graph": nx.path_graph(6)}):
        options = {"initial": initial, "process": process, "accumulation": "mean", **population}
        times = fixation_times([[a, b], [c, d]], **options)
        mean = times.probability * times.conditional + (1 - times.probability) * times.conditional_of_other
        assert times.unconditional == pytest.approx(mean, rel=1e-9)
        assert times.probability == pytest.approx(fixation_probability([[a, b], [c, d]], **options))


@pytest.mark.parametrize("process", PROCESSES)
def test_times_on_a_complete_graph_are_those_of_the_well_mixed_population(process: str) -> None:
    options = {"process": process, "initial": 2}
    on_graph = fixation_times([[3, 1], [4, 2]], graph=nx.complete_graph(7), **options)
    well_mixed = fixation_times([[3, 1], [4, 2]], size=7, **options)
    for name in ("probability", "unconditional", "conditional", "conditional_of_other"):
        assert getattr(on_graph, name) == pytest.approx(getattr(well_mixed, name), rel=1e-9)


def test_named_nodes_and_counts_on_a_star() -> None:
    star = nx.star_graph(3)
    options = {"graph": star, "accumulation": "mean"}
    matrix = [[2, 2], [1, 1]]
    centre, leaf = (fixation_times(matrix, initial=[node], **options) for node in (0, 1))
    mean = fixation_times(matrix, initial=1, **options)
    assert mean.unconditional == pytest.approx((centre.unconditional + 3 * leaf.unconditional) / 4)
    won = (centre.probability * centre.conditional + 3 * leaf.probability * leaf.conditional) / 4
    assert mean.conditional == pytest.approx(won / mean.probability)


def test_coexistence_lasts_exponentially_long() -> None:
    # A snowdrift game holds both strategies for longer than any simulation; the recursions lose no digits.
    chain = {"size": 200, "process": "pairwise", "intensity": 1.0, "accumulation": "mean"}
    times = fixation_times([[0, 8], [8, 0]], initial=100, **chain)
    assert times.probability == pytest.approx(0.5)
    assert times.unconditional == pytest.approx(times.conditional, rel=1e-9)
    assert times.unconditional > 1e50


def test_what_cannot_happen_has_no_time() -> None:
    times = fixation_times([[0, 0], [1, 1]], size=5)
    assert times.probability == 0.0
    assert np.isnan(times.conditional)
    assert times.conditional_of_other == times.unconditional
    times = fixation_times([[0, 0], [1, 1]], graph=nx.cycle_graph(5))
    assert np.isnan(times.conditional)
    # Among three, whoever is alone has all the fitness: one A becomes two, and two become one, for ever.
    for population in ({"size": 3}, {"graph": nx.complete_graph(3)}):
        with pytest.raises(ValueError, match="fixation must be possible from all states"):
            fixation_times([[-1, 1], [1, -1]], **population)
    with pytest.raises(ValueError, match="positive fitness"):
        fixation_times([[0, 0], [0, 0]], size=4)
