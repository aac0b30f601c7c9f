"""Profiles of supports with three and more mixing players, in classes that neither order nor names can tell apart.

A class holds all profiles of supports of the same sizes, whoever has them. Whoever takes whole classes, small ones
first, looks at the same profiles however players and actions are ordered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product
from math import comb, prod

# The least number of mixing players.
_MIXERS = 3

Sizes = tuple[int, ...]
Supports = tuple[tuple[int, ...], ...]


def n_supports(n_actions: Sequence[int]) -> int:
    """Return how many profiles of supports there are with three and more mixing players."""
    fewer = [1] + [0] * (_MIXERS - 1)  # by the number of mixing players
    for n in n_actions:
        mixing = 2**n - 1 - n
        fewer = [n * same + mixing * less for same, less in zip(fewer, [0, *fewer], strict=False)]
    return int(prod(2**n - 1 for n in n_actions) - sum(fewer))


def size_classes(n_actions: Sequence[int]) -> Iterator[Iterator[Sizes]]:
    """Yield the classes, by rising number of actions in all, each as the sizes of its profiles of supports."""
    largest = max(n_actions) - 1
    for excess in range(_MIXERS, sum(n_actions) - len(n_actions) + 1):
        for parts in _partitions(excess, largest):
            if _MIXERS <= len(parts) <= len(n_actions):
                yield _arranged(parts, n_actions)


def whole_classes(n_actions: Sequence[int], limit: int) -> list[Sizes]:
    """Return the sizes of the profiles of supports of all first classes that have at most `limit` together."""
    taken: list[Sizes] = []
    n_taken = 0
    for sizes_of_class in size_classes(n_actions):
        of_class = []
        for sizes in sizes_of_class:
            n_taken += n_of_sizes(n_actions, sizes)
            if n_taken > limit:
                return taken
            of_class.append(sizes)
        taken += of_class
    return taken


def n_of_sizes(n_actions: Sequence[int], sizes: Sizes) -> int:
    """Return how many profiles of supports of these sizes there are."""
    return prod(comb(n, k) for n, k in zip(n_actions, sizes, strict=True))


def supports_of_sizes(n_actions: Sequence[int], sizes: Sizes) -> Iterator[Supports]:
    """Yield all profiles of supports of these sizes."""
    return product(*(combinations(range(n), k) for n, k in zip(n_actions, sizes, strict=True)))


def _partitions(total: int, largest: int) -> Iterator[tuple[int, ...]]:
    """Yield the ways to write a number as a sum of parts in falling order."""
    if total == 0:
        yield ()
    for first in range(min(total, largest), 0, -1):
        for rest in _partitions(total - first, first):
            yield first, *rest


def _arranged(parts: tuple[int, ...], n_actions: Sequence[int]) -> Iterator[Sizes]:
    """Yield the sizes of supports in which some players have one of the parts each beyond their first action."""
    if len(parts) > len(n_actions):
        return
    if not n_actions:
        yield ()
        return
    for part in (0, *sorted(set(parts))):
        if part >= n_actions[0]:
            continue
        left = list(parts)
        if part:
            left.remove(part)
        for rest in _arranged(tuple(left), n_actions[1:]):
            yield part + 1, *rest
