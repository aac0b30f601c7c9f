"""Who plays what at the start of an evolving population."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.engine.draws import permutation
from theory.checks import IntArray, is_list, known_name, whole_number

Initial = int | Sequence[int] | Collection[Hashable] | Mapping[Hashable, Any] | None

# Gives each run its start; on a graph players are placed at random where nodes are not named.
Start = Callable[[np.random.Generator], NDArray[Any]]


def starting_counts(initial: Initial, size: int, names: Sequence[str], *, mixed: bool) -> IntArray:
    """Return `[n]` players of each strategy.

    Parameters
    ----------
    initial
        Of two strategies a number of players of the first; of more, n numbers that add up to `size`; None
        stands for one player of the first of two, and for equal numbers of more.
    size
        Number of individuals.
    names
        The strategies' names.
    mixed
        Whether at least two strategies must be there.

    Raises
    ------
    ValueError
        If the numbers do not fit.
    """
    n = len(names)
    if initial is None:
        counts = np.array([1, size - 1]) if n == 2 else np.full(n, size // n) + (np.arange(n) < size % n)
    elif isinstance(initial, Mapping) or not isinstance(initial, Collection):
        if n != 2 or isinstance(initial, Mapping):
            raise ValueError(
                f"initial must be {n} numbers of players in a well-mixed population of {n} strategies, "
                f"got {initial!r}"
            )
        first = whole_number("initial", initial, at_least=0)
        counts = np.array([first, size - first])
    else:
        counts = np.array([whole_number("initial", number, at_least=0) for number in initial])
    if len(counts) != n or counts.min() < 0 or counts.sum() != size:
        raise ValueError(
            f"initial must be {n} numbers of players that add up to {size}, got {counts.tolist()} with sum "
            f"{counts.sum()}"
        )
    if mixed and (counts > 0).sum() < 2:
        raise ValueError(
            f"initial must have players of two strategies where nobody mutates, got {counts.tolist()}"
        )
    return counts.astype(np.int64)


def placement(initial: Initial, nodes: Sequence[Hashable], names: Sequence[str], *, mixed: bool) -> Start:
    """Return how a run places `[N]` strategies on the nodes of a graph."""
    size, n = len(nodes), len(names)
    given = _given_strategies(initial, nodes, names)
    if given is not None:
        starting_counts(np.bincount(given, minlength=n).tolist(), size, names, mixed=mixed)
        return lambda generator: given
    counts = starting_counts(initial, size, names, mixed=mixed)
    lined_up = np.repeat(np.arange(n, dtype=np.int32), counts)
    return lambda generator: lined_up[permutation(generator, size)]


def _given_strategies(
    initial: Initial, nodes: Sequence[Hashable], names: Sequence[str]
) -> NDArray[np.int32] | None:
    """Return `[N]` strategies if `initial` says who sits where, else None."""
    if isinstance(initial, Mapping):
        missing = [node for node in nodes if node not in initial]
        if missing or len(initial) != len(nodes):
            raise ValueError(
                f"initial must name the strategy of each of {len(nodes)} nodes, got {len(initial)}"
                + (f" without {missing[0]!r}" if missing else "")
            )
        return np.array([_strategy(initial[node], names) for node in nodes], dtype=np.int32)
    if not isinstance(initial, Collection) or len(names) > 2:
        return None
    holders = {node for node in initial if isinstance(node, Hashable)} if is_list(initial) else set(initial)
    if isinstance(initial, str) or len(list(initial)) < len(holders) or not holders <= set(nodes):
        raise ValueError(f"initial must name nodes of the graph, got {list(initial)}")
    return np.array([0 if node in holders else 1 for node in nodes], dtype=np.int32)


def _strategy(value: Any, names: Sequence[str]) -> int:
    if isinstance(value, str):
        return list(names).index(known_name("strategy", value, names))
    place = whole_number("the strategy of a node", value, at_least=0)
    if place >= len(names):
        raise ValueError(f"the strategy of a node must be below {len(names)}, got {place}")
    return place
