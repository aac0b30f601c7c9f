"""Normal and geometric numbers and orders from uniform draws, against mpmath and exact distributions."""

import math

import mpmath
import numpy as np
import pytest
from scipy import stats

from simulation.engine.draws import LONGEST, geometric, normal, normal_of, permutation
from simulation.engine.randomness import run_generator


@pytest.mark.parametrize(
    "region", [(0, 200), (2**40, 2**41), (2**46, 2**50), (2**50, 2**53), (2**53 - 200, 2**53)]
)
def test_normal_numbers_have_the_share_below_them_that_was_drawn(region: tuple[int, int]) -> None:
    with mpmath.workprec(200):
        for k in np.random.default_rng(1).integers(*region, 100).tolist():
            z = normal_of(k * 2.0**-53)
            share = (mpmath.mpf(k) + mpmath.mpf(1) / 2) / mpmath.mpf(2) ** 53
            # One step of Newton's method from z gives how far off it is.
            off = (mpmath.erfc(-mpmath.mpf(z) / mpmath.sqrt(2)) / 2 - share) / mpmath.npdf(z)
            assert abs(off) <= 1e-15 * abs(z)


def test_normal_numbers_are_symmetric_and_bounded() -> None:
    for k in (0, 1, 17, 2**40, 2**52 - 1, 2**52):
        assert normal_of(k * 2.0**-53) == -normal_of((2**53 - 1 - k) * 2.0**-53)
    assert 8.2 < normal_of(1.0 - 2.0**-53) < 8.3


def test_one_draw_gives_one_normal_number() -> None:
    drawn = normal(run_generator(3), 0.5, 1000)
    uniform = run_generator(3).random(1000)
    assert drawn.tolist() == [0.5 * normal_of(u) for u in uniform.tolist()]


def test_normal_distribution() -> None:
    # Fails for one of a thousand seeds.
    assert stats.kstest(normal(run_generator(4), 2.0, 20_000) / 2.0, "norm").pvalue > 1e-3


@pytest.mark.parametrize("chance", [0.9, 0.3, 0.005])
def test_geometric_distribution(chance: float) -> None:
    lengths = geometric(run_generator(5), chance, 20_000)
    assert lengths.min() >= 1
    most = int(stats.geom.ppf(0.999, chance))
    edges = sorted({int(x) for x in stats.geom.ppf(np.linspace(0.05, 0.95, 10), chance)} | {most})
    seen = np.diff([0, *[(lengths <= edge).sum() for edge in edges], len(lengths)])
    expected = np.diff([0.0, *stats.geom.cdf(edges, chance), 1.0]) * len(lengths)
    # Fails for one of a thousand seeds, in each of three.
    assert stats.chisquare(seen, expected).pvalue > 1e-3


def test_geometric_numbers_at_the_bounds_of_the_chance() -> None:
    assert geometric(run_generator(6), 1.0, 5).tolist() == [1] * 5
    assert geometric(run_generator(6), 5e-324, 5).tolist() == [LONGEST] * 5
    assert math.log2(LONGEST) == 62


def test_every_order_is_as_likely_as_any_other() -> None:
    generator = run_generator(7)
    seen: dict[tuple[int, ...], int] = {}
    for _ in range(6000):
        order = tuple(permutation(generator, 4).tolist())
        seen[order] = seen.get(order, 0) + 1
    assert len(seen) == 24
    # Fails for one of a thousand seeds.
    assert stats.chisquare(list(seen.values())).pvalue > 1e-3
    assert permutation(generator, 0).tolist() == []
