"""A mirror cooperates where that is a best reply by exact arithmetic, at ties too."""

from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest

from simulation.population.rules.mirror import is_cooperation_best

UNITS = [(Fraction(1), Fraction(0)), (Fraction(1, 3), Fraction(1, 10)), (Fraction(1, 7), Fraction(3, 10))]


@pytest.mark.parametrize(
    "payoffs", [(4, 3, 1, 0), ("7/2", 3, 1, 2), (2, 3, 1, 0), (5, 3, 1, 0)]
)  # T, R, P, S
def test_ties_are_cooperation_in_all_units(payoffs: tuple[Any, ...]) -> None:
    ties = 0
    for factor, shift in UNITS:
        t, r, p, s = (factor * Fraction(payoff) + shift for payoff in payoffs)
        constants: Any = SimpleNamespace(
            temptation=float(t), reward=float(r), punishment=float(p), sucker=float(s)
        )
        for q in (Fraction(k, 12) for k in range(13)):
            for alpha in (Fraction(k, 12) for k in range(13)):
                gain = q * (r - t) + (1 - q) * (s - p) + alpha * (q * (r - s) + (1 - q) * (t - p))
                ties += gain == 0
                assert is_cooperation_best(float(q), float(alpha), constants) == (gain >= 0)
    assert ties >= 3
