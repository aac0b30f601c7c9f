"""The levels that learners choose among: ends, distances and symmetry, for all small numbers of levels."""

from fractions import Fraction
from itertools import pairwise

import pytest

from simulation.gradual.players.level_learner import level_of_choice, situation_of


def actions_of(choices: int, n_actions: int) -> list[int]:
    return [level_of_choice(choice, choices, n_actions) for choice in range(choices)]


def test_six_of_seven_levels_lean_to_no_end() -> None:
    assert actions_of(6, 7) == [0, 1, 2, 4, 5, 6]


@pytest.mark.parametrize("n_actions", range(2, 24))
def test_choices_are_the_nearest_to_an_even_spread_and_alike_from_both_ends(n_actions: int) -> None:
    for choices in range(2, n_actions + 1):
        chosen = actions_of(choices, n_actions)
        assert (chosen[0], chosen[-1]) == (0, n_actions - 1)
        assert all(first < second for first, second in pairwise(chosen))
        for choice, action in enumerate(chosen):
            even = Fraction(choice * (n_actions - 1), choices - 1)
            assert abs(action - even) <= Fraction(1, 2)
            # An odd number of choices among an even number of levels has a middle that no level is.
            middle = 2 * choice == choices - 1 and n_actions % 2 == 0
            assert chosen[choices - 1 - choice] == n_actions - 1 - action - middle


@pytest.mark.parametrize("n_actions", range(1, 24))
def test_bins_differ_by_one_level_at_most(n_actions: int) -> None:
    for situations in range(1, n_actions + 1):
        bins = [situation_of(other, n_actions, situations) for other in range(n_actions)]
        sizes = [bins.count(k) for k in range(situations)]
        assert bins == sorted(bins)
        assert max(sizes) - min(sizes) <= 1
