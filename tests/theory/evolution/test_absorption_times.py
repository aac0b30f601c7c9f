"""Fixation times against closed forms, symmetries that theorems state, and each other."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import fixation_probability, fixation_times

PROCESSES = ("birth-death", "death-birth", "pairwise", "imitation", "wright-fisher")
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
@settings(max_examples=60)
def test_mutants_of_both_kinds_need_the_same_time(a, b, c, d, size, process) -> None:
    # Taylor, Iwasa & Nowak (2006); Antal & Scheuring (2006): given success, one A among B's takes as long as one B
    # among A's, in any game.
    options = {"size": size, "process": process, "accumulation": "mean"}
    of_a = fixation_times([[a, b], [c, d]], initial=1, **options).conditional
    of_b = fixation_times([[a, b], [c, d]], initial=size - 1, **options).conditional_of_other
    assert of_a == pytest.approx(of_b, rel=1e-9)


@given(payoff, payoff, payoff, payoff, st.integers(1, 5), st.sampled_from(PROCESSES))
@settings(max_examples=40)
def test_the_unconditional_time_is_the_mean_of_the_conditional_ones(a, b, c, d, initial, process) -> None:
    for population in ({"size": 6}, {"graph": nx.path_graph(6)}):
        options = {"initial": initial, "process": process, "accumulation": "mean", **population}
        times = fixation_times([[a, b], [c, d]], **options)
        mean = times.probability * times.conditional + (1 - times.probability) * times.conditional_of_other
        assert times.unconditional == pytest.approx(mean, rel=1e-9)
        assert times.probability == pytest.approx(fixation_probability([[a, b], [c, d]], **options))


@pytest.mark.parametrize("process", PROCESSES)
def test_complete_graph_is_the_well_mixed_population(process: str) -> None:
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
