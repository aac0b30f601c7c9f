"""Classes of profiles of supports: against a list of all of them."""

from collections import Counter
from itertools import chain, combinations, permutations, product

import pytest

from theory.equilibria.support_classes import (
    n_of_sizes,
    n_supports,
    size_classes,
    supports_of_sizes,
    whole_classes,
)

GAMES = [(2, 2, 2), (3, 2, 4), (3, 1, 2, 2), (2, 2, 2, 2, 2), (1, 1, 3), (4, 3, 3)]


def all_supports(n_actions):
    each = [list(chain.from_iterable(combinations(range(n), k) for k in range(1, n + 1))) for n in n_actions]
    return [supports for supports in product(*each) if sum(len(support) > 1 for support in supports) > 2]


@pytest.mark.parametrize("n_actions", GAMES)
def test_every_profile_of_supports_is_in_one_class(n_actions):
    expected = all_supports(n_actions)
    assert n_supports(n_actions) == len(expected)
    classes = [list(sizes_of_class) for sizes_of_class in size_classes(n_actions)]
    listed = [
        supports
        for sizes_of_class in classes
        for sizes in sizes_of_class
        for supports in supports_of_sizes(n_actions, sizes)
    ]
    assert Counter(listed) == Counter(expected)
    # Small ones first; a class has the same sizes in all orders that there are.
    assert [sum(map(len, supports)) for supports in listed] == sorted(
        sum(map(len, supports)) for supports in expected
    )
    assert all(len({tuple(sorted(sizes)) for sizes in of_class}) <= 1 for of_class in classes)


@pytest.mark.parametrize("n_actions", [(3, 2, 4), (3, 1, 2, 2)])
@pytest.mark.parametrize("limit", [0, 1, 5, 20, 10**6])
def test_whole_classes_do_not_depend_on_the_order_of_players(n_actions, limit):
    taken = whole_classes(n_actions, limit)
    assert sum(n_of_sizes(n_actions, sizes) for sizes in taken) <= limit
    for order in permutations(range(len(n_actions))):
        other = whole_classes([n_actions[i] for i in order], limit)
        assert set(other) == {tuple(sizes[i] for i in order) for sizes in taken}


def test_classes_of_games_too_large_to_list_are_told_at_once():
    assert whole_classes((50,) * 20, 1000) == []
    assert n_supports((700, 700, 700)) == (2**700 - 701) ** 3
    assert whole_classes((2,) * 30, 10**6) == whole_classes((2,) * 30, 10**7) == []
