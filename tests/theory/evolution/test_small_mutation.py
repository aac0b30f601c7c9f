"""Long-run distributions against closed forms, limits and each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom, binom

from theory import fixation_probability, small_mutation_distribution, stationary_distribution

PROCESSES = ("birth-death", "death-birth", "pairwise", "imitation", "wright-fisher")


def constant(fitness: list[float]) -> np.ndarray:
    """Return payoffs that give each strategy its fitness against anybody."""
    return np.repeat(np.array(fitness)[:, None], len(fitness), axis=1)


@pytest.mark.parametrize("process", ["birth-death", "imitation"])
def test_constant_fitness_has_a_closed_form(process: str) -> None:
    # rho_ij / rho_ji = (r_j / r_i)^(N - 1), so the chain is reversible with pi_i proportional to r_i^(N - 1).
    fitness, size = [1.0, 1.3, 0.8, 1.1], 25
    rare = small_mutation_distribution(constant(fitness), size=size, process=process, accumulation="mean")
    expected = np.array(fitness) ** (size - 1)
    assert rare.distribution == pytest.approx(expected / expected.sum(), rel=1e-10)
    assert (1, 0) not in rare.favoured
    assert (0, 1) in rare.favoured


@pytest.mark.parametrize("intensity", [0.01, 1.0, 50.0])
def test_pairwise_comparison_has_a_closed_form(intensity: float) -> None:
    # Traulsen, Nowak & Pacheco (2006): rho_ij / rho_ji = exp(w (N - 1) (c_j - c_i)). At w = 50 the largest ratio
    # is e^1470, whose inverse no double holds.
    gains, size = [0.0, 0.4, 1.0], 30
    rare = small_mutation_distribution(
        constant(gains), size=size, process="pairwise", accumulation="mean", intensity=intensity
    )
    logs = intensity * (size - 1) * np.array(gains)
    expected = np.exp(logs - np.logaddexp.reduce(logs))
    assert rare.distribution == pytest.approx(expected, rel=1e-9, abs=1e-300)
    assert np.isfinite(rare.log_fixation).all()


@pytest.mark.parametrize("process", PROCESSES)
def test_rock_paper_scissors_is_even_handed(process: str) -> None:
    matrix = [[2, 1, 4], [4, 2, 1], [1, 4, 2]]
    rare = small_mutation_distribution(matrix, size=12, process=process)
    assert rare.distribution == pytest.approx(np.full(3, 1 / 3))


@given(st.lists(st.floats(0.1, 4.0), min_size=9, max_size=9), st.sampled_from(PROCESSES))
def test_markov_chain_tree_theorem(payoffs, process) -> None:
    # With three states pi_0 is proportional to rho_10 rho_20 + rho_12 rho_20 + rho_21 rho_10.
    matrix = np.reshape(payoffs, (3, 3))
    rare = small_mutation_distribution(matrix, size=8, process=process, accumulation="mean")
    r = rare.fixation
    weights = []
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        weights.append(r[j, i] * r[k, i] + r[j, k] * r[k, i] + r[k, j] * r[j, i])
    assert rare.distribution == pytest.approx(np.array(weights) / sum(weights), rel=1e-8)
    options = {"size": 8, "process": process, "accumulation": "mean"}
    chance = fixation_probability(matrix[np.ix_([2, 0], [2, 0])], **options)
    assert r[0, 2] == pytest.approx(chance)


def test_strategies_that_nobody_invades() -> None:
    # B has no fitness: one A always takes over, one B never does.
    rare = small_mutation_distribution([[1, 1], [0, 0]], size=6)
    assert rare.distribution.tolist() == [1.0, 0.0]
    # A lone mutant of either kind has no fitness, so both populations are for ever.
    with pytest.raises(ValueError, match="must be unique, got 2 sets of states"):
        small_mutation_distribution([[1, 0], [0, 1]], size=6)


@pytest.mark.parametrize(("process", "competitors"), [("imitation", 30), ("death-birth", 29)])
def test_neutral_drift_with_mutation_is_beta_binomial(process: str, competitors: int) -> None:
    # T+_i / T-_{i+1} = (N - i) (i + a) / ((i + 1) (N - i - 1 + a)), a = mu n / (1 - 2 mu) for n competitors.
    mutation, size = 0.04, 30
    found = stationary_distribution(
        [[1, 1], [1, 1]], size=size, mutation=mutation, process=process, accumulation="mean"
    )
    a = mutation * competitors / (1 - 2 * mutation)
    assert found == pytest.approx(betabinom.pmf(np.arange(size + 1), size, a, a), rel=1e-9)


@pytest.mark.parametrize("process", ["imitation", "death-birth", "wright-fisher"])
def test_a_mutation_of_one_half_forgets_the_parent(process: str) -> None:
    found = stationary_distribution([[1, 2], [3, 1]], size=12, mutation=0.5, process=process)
    assert found == pytest.approx(binom.pmf(np.arange(13), 12, 0.5), rel=1e-9)


@pytest.mark.parametrize("process", PROCESSES)
def test_rare_mutations_are_the_limit(process: str) -> None:
    options = {"size": 10, "process": process, "accumulation": "mean", "intensity": 0.3}
    matrix = [[3, 1], [4, 2]]
    rare = small_mutation_distribution(matrix, **options)
    full = stationary_distribution(matrix, mutation=1e-9, **options)
    assert full[[-1, 0]] == pytest.approx(rare.distribution, abs=1e-6)
    assert full[1:-1].sum() < 1e-6


@pytest.mark.parametrize("process", PROCESSES)
def test_stationary_distribution_is_one_of_the_step_by_hand(process: str) -> None:
    # Three individuals with equal payoffs: exchanging the strategies' names changes nothing.
    found = stationary_distribution([[1, 1], [1, 1]], size=3, mutation=0.1, process=process)
    assert found == pytest.approx(found[::-1])
    assert found.sum() == pytest.approx(1.0)


def test_mutation_across_barriers() -> None:
    # A has no fitness: in death-birth it comes by mutation alone.
    found = stationary_distribution([[0, 0], [1, 1]], size=5, mutation=0.01, process="death-birth")
    assert found[0] > 0.9
    # With certain mutation one A among two in birth-death always stays one A.
    found = stationary_distribution([[1, 1], [1, 1]], size=2, mutation=1.0)
    assert found.tolist() == [0.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (small_mutation_distribution, {"matrix": [[1, 2]], "size": 5}, "at least two strategies, got shape"),
        (small_mutation_distribution, {"matrix": [[1]], "size": 5}, "at least two strategies"),
        (
            small_mutation_distribution,
            {"matrix": [[1, 0], [0, 1]], "size": 1},
            "size must be at least 2, got 1",
        ),
        (
            stationary_distribution,
            {"matrix": [[1, 1], [1, 1]], "size": 5, "mutation": 0.0},
            "must be positive",
        ),
        (
            stationary_distribution,
            {"matrix": [[1, 1], [1, 1]], "size": 5, "mutation": 1.5},
            r"\[0, 1\], got 1.5",
        ),
        (stationary_distribution, {"matrix": np.eye(3), "size": 5, "mutation": 0.1}, r"shape \(2, 2\)"),
        (stationary_distribution, {"matrix": -np.eye(2), "size": 5, "mutation": 0.1}, "must not be negative"),
    ],
)
def test_bad_arguments(function, arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        function(**arguments)
