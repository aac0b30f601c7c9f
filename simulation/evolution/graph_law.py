r"""Selection on a graph, step by step.

Everybody plays with its neighbours and competes with them (`theory.evolution.selection` defines the processes).
After a change only the payoffs of the node and of its neighbours are computed anew, from how many of their
neighbours play what, so that rounding does not add up. In birth-death a parent is found in O(log N) in a tree of
sums: each inner vertex has eight children, and holds the fitness below it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.engine.compilation import compiled, rule
from simulation.evolution.well_mixed_law import (
    BIRTH_DEATH,
    FIXATED,
    IMITATION,
    NO_FITNESS,
    PAIRWISE,
    WRIGHT_FISHER,
    Record,
    Rules,
    note,
    only_strategy,
    other_strategy,
    value_of,
)
from simulation.learning.policy_gradient import sigmoid
from theory.checks import FloatArray, IntArray

# Of the tree of sums; vertices 0 to 6 are unused, so that children begin at multiples of eight.
ROOT = 7


class Neighbours(NamedTuple):
    """Who is whose neighbour: those of node v are `neighbours[first[v] : first[v + 1]]`."""

    first: IntArray
    """`[N + 1]`."""
    neighbours: NDArray[np.int32]
    """`[2 * edges]`."""
    partners: FloatArray
    """`[N]`: what payoffs are divided by."""


class Community(NamedTuple):
    """A population on a graph."""

    strategy: NDArray[np.int32]
    """`[N]`."""
    upcoming: NDArray[np.int32]
    """`[N]`: room for the next generation."""
    tally: NDArray[np.int32]
    """`[N, n]`: how many neighbours play what."""
    value: FloatArray
    """`[N]`: fitness, or exponent."""
    tree: FloatArray
    """Vertex k holds the sum of its eight children, from 8 k - 48 on; the root is 7, the leaves hold fitness."""
    leaf: int
    """The vertex of node 0; those of the others follow."""
    counts: IntArray
    """`[n]` players of each strategy."""
    clock: IntArray
    """`[2]`: steps so far, step after the last change."""


@rule
def _value(rules: Rules, network: Neighbours, community: Community, v: int) -> float:
    own = community.strategy[v]
    total = 0.0
    for j in range(community.counts.size):
        total += rules.matrix[own, j] * community.tally[v, j]
    return value_of(rules, total / network.partners[v])


@rule
def _sum_of_children(tree: FloatArray, k: int) -> float:
    at = 8 * k - 48
    # Sums of pairs, which do not wait for each other.
    first = (tree[at] + tree[at + 1]) + (tree[at + 2] + tree[at + 3])
    second = (tree[at + 4] + tree[at + 5]) + (tree[at + 6] + tree[at + 7])
    total: float = first + second
    return total


@rule
def _lift(community: Community, v: int) -> None:
    """Carry the fitness of node v up the tree."""
    tree = community.tree
    k = community.leaf + v
    tree[k] = community.value[v]
    while k > ROOT:
        k = (k + 48) // 8
        tree[k] = _sum_of_children(tree, k)


@rule
def _replace(rules: Rules, network: Neighbours, community: Community, v: int, new: int) -> None:
    old = community.strategy[v]
    community.counts[old] -= 1
    community.counts[new] += 1
    community.strategy[v] = new
    community.value[v] = _value(rules, network, community, v)
    if rules.process == BIRTH_DEATH:
        _lift(community, v)
    for k in range(network.first[v], network.first[v + 1]):
        u = network.neighbours[k]
        community.tally[u, old] -= 1
        community.tally[u, new] += 1
        community.value[u] = _value(rules, network, community, u)
        if rules.process == BIRTH_DEATH:
            _lift(community, u)


@rule
def _refresh(rules: Rules, network: Neighbours, community: Community) -> None:
    """Compute everything from the strategies."""
    for j in range(community.counts.size):
        community.counts[j] = 0
    for v in range(community.strategy.size):
        community.counts[community.strategy[v]] += 1
        for j in range(community.counts.size):
            community.tally[v, j] = 0
        for k in range(network.first[v], network.first[v + 1]):
            community.tally[v, community.strategy[network.neighbours[k]]] += 1
    for v in range(community.strategy.size):
        community.value[v] = _value(rules, network, community, v)
    if rules.process == BIRTH_DEATH:
        for v in range(community.strategy.size):
            community.tree[community.leaf + v] = community.value[v]
        for k in range(community.leaf - 1, ROOT - 1, -1):
            community.tree[k] = _sum_of_children(community.tree, k)


@rule
def _fit_node(tree: FloatArray, leaf: int, draw: float) -> int:
    """Return a node in proportion to fitness, or -1 where nobody has any."""
    if tree[ROOT] <= 0.0:
        return -1
    place = draw * tree[ROOT]
    k = ROOT
    while k < leaf:
        at = 8 * k - 48
        for j in range(at, at + 8):
            # Rounding must not lead to where nobody has any fitness.
            if tree[j] > 0.0:
                k = j
                if place < tree[j]:
                    break
                place -= tree[j]
    return k - leaf


@rule
def _fit_neighbour(network: Neighbours, community: Community, v: int, competes: bool, draw: float) -> int:
    """Return a neighbour of v, or v if it competes, in proportion to fitness; -1 where nobody has any."""
    total = community.value[v] if competes else 0.0
    for k in range(network.first[v], network.first[v + 1]):
        total += community.value[network.neighbours[k]]
    place = draw * total
    chosen = -1
    if competes and community.value[v] > 0.0:
        chosen = v
        if place < community.value[v]:
            return chosen
        place -= community.value[v]
    for k in range(network.first[v], network.first[v + 1]):
        u = int(network.neighbours[k])
        weight = community.value[u]
        if weight > 0.0:
            chosen = u
            if place < weight:
                return chosen
            place -= weight
    return chosen


@rule
def _nobody_is_fit(community: Community) -> bool:
    """Return whether several strategies are there and none of their players has any fitness."""
    if only_strategy(community.counts) >= 0:
        return False
    fitness = 0.0
    for v in range(community.value.size):
        fitness += community.value[v]
    return fitness <= 0.0


@rule
def _neighbour(network: Neighbours, v: int, draw: float) -> int:
    first = network.first[v]
    return int(network.neighbours[first + int(draw * (network.first[v + 1] - first))])


@rule
def _step(rules: Rules, network: Neighbours, community: Community, draws: FloatArray, at: int) -> int:
    """Let one node be replaced, and return n * node + its new strategy, or NO_FITNESS."""
    n, size = community.counts.size, community.strategy.size
    strategy = community.strategy
    if rules.process == PAIRWISE:
        v = int(draws[at] * size)
        own = int(strategy[v])
        if rules.mutation > 0.0 and draws[at + 3] < rules.mutation:
            return n * v + other_strategy(own, n, draws[at + 3] / rules.mutation)
        u = _neighbour(network, v, draws[at + 1])
        if strategy[u] != own and draws[at + 2] < sigmoid(community.value[u] - community.value[v]):
            return n * v + int(strategy[u])
        return n * v + own
    if rules.process == BIRTH_DEATH:
        parent = _fit_node(community.tree, community.leaf, draws[at])
        if parent < 0:
            if only_strategy(community.counts) < 0:
                return NO_FITNESS
            parent = int(draws[at] * size)
        v = _neighbour(network, parent, draws[at + 1])
    else:
        v = int(draws[at] * size)
        parent = _fit_neighbour(network, community, v, rules.process == IMITATION, draws[at + 1])
        if parent < 0:
            if _nobody_is_fit(community):
                return NO_FITNESS
            parent = v
    new = int(strategy[parent])
    if rules.mutation > 0.0 and draws[at + 2] < rules.mutation:
        return n * v + other_strategy(new, n, draws[at + 2] / rules.mutation)
    return n * v + new


@rule
def _generation(rules: Rules, network: Neighbours, community: Community, draws: FloatArray, at: int) -> int:
    """Let everybody be replaced at once; return 0, or NO_FITNESS."""
    n, size = community.counts.size, community.strategy.size
    for v in range(size):
        parent = _fit_neighbour(network, community, v, True, draws[at + v])
        if parent < 0 and _nobody_is_fit(community):
            return NO_FITNESS
        new = community.strategy[parent if parent >= 0 else v]
        if rules.mutation > 0.0 and draws[at + size + v] < rules.mutation:
            new = other_strategy(new, n, draws[at + size + v] / rules.mutation)
        community.upcoming[v] = new
    for v in range(size):
        community.strategy[v] = community.upcoming[v]
    return 0


def _advance(
    rules: Rules,
    network: Neighbours,
    community: Community,
    draws: FloatArray,
    width: int,
    steps: int,
    record: Record,
) -> int:
    """Play up to `steps` steps, each on `width` draws; return their number, FIXATED or NO_FITNESS."""
    n, clock = community.counts.size, community.clock
    if rules.process == WRIGHT_FISHER:
        for t in range(steps):
            note(community.counts, record, clock[1], clock[0] + 1)
            if _generation(rules, network, community, draws, t * width) < 0:
                return NO_FITNESS
            _refresh(rules, network, community)
            clock[0] += 1
            clock[1] = clock[0]
            if rules.mutation == 0.0 and only_strategy(community.counts) >= 0:
                return FIXATED
        return steps
    for t in range(steps):
        change = _step(rules, network, community, draws, t * width)
        if change < 0:
            return change
        clock[0] += 1
        v, new = change // n, change % n
        old = community.strategy[v]
        if old != new:
            note(community.counts, record, clock[1], clock[0])
            clock[1] = clock[0]
            _replace(rules, network, community, v, new)
            if rules.mutation == 0.0 and community.counts[old] == 0 and only_strategy(community.counts) >= 0:
                return FIXATED
    return steps


def _prepare(rules: Rules, network: Neighbours, community: Community) -> None:
    _refresh(rules, network, community)


def sum_tree(size: int) -> tuple[FloatArray, int]:
    """Return an empty tree for so many nodes, and the vertex of node 0."""
    leaf, leaves = ROOT, 1
    while leaves < size:
        leaf, leaves = 8 * leaf - 48, 8 * leaves
    return np.zeros(leaf + leaves), leaf


advance_on_graph = compiled(_advance)
prepare_on_graph = compiled(_prepare)
