r"""Selection in a well-mixed population, step by step, on the numbers of players of each strategy.

Individuals of a strategy are alike, so a population is its counts k_1 ... k_n, and no step costs more than O(n).
`theory.evolution.selection` defines the processes. With probability mu a newcomer plays one of the strategies other
than its parent's, each alike; who compares itself pairwise does so instead of comparing.

What a strategy receives from all is kept as sums over opponents that change with the counts. They are computed
afresh after n changes, so that rounding cannot add up.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.engine.compilation import compiled, rule
from simulation.learning.policy_gradient import sigmoid
from theory.checks import FloatArray, IntArray

BIRTH_DEATH, DEATH_BIRTH, PAIRWISE, IMITATION, WRIGHT_FISHER = range(5)

# What `advance` stops for, besides the end of its draws.
FIXATED, NO_FITNESS = -1, -2


class Rules(NamedTuple):
    """What does not change during a run."""

    matrix: FloatArray
    """`[n, n]` payoffs of strategy against strategy."""
    process: int
    """Place of the process in `theory.evolution.selection.PROCESSES`."""
    background: float
    slope: float
    """Fitness (in `pairwise` the exponent) is background + slope * payoff."""
    partners: float
    """What the payoffs of a well-mixed population are divided by."""
    mutation: float
    """Probability in [0, 1]."""


class Crowd(NamedTuple):
    """A well-mixed population."""

    counts: IntArray
    """`[n]` players of each strategy."""
    received: FloatArray
    """`[n]`: payoff of each strategy against everybody, sum_j M_ij k_j."""
    value: FloatArray
    """`[n]`: fitness of its players, or exponent."""
    share: FloatArray
    """`[n]`: room for the chances of one newcomer."""
    clock: IntArray
    """`[3]`: steps so far, changes since `received` was computed afresh, step after the last change."""


class Record(NamedTuple):
    """What is kept of a run."""

    every: int
    """Steps between recorded ones; 0 stands for none."""
    counts: NDArray[np.int32]
    """`[recorded, n]`; row r holds the state after r * every steps."""
    burn_in: int
    """Steps that do not enter `occupied`."""
    occupied: IntArray
    """`[n]`: sums of counts over the states after each step behind the burn-in."""


@rule
def refresh(rules: Rules, crowd: Crowd) -> None:
    """Compute from the counts what each strategy receives."""
    n = crowd.counts.size
    for i in range(n):
        total = 0.0
        for j in range(n):
            total += rules.matrix[i, j] * crowd.counts[j]
        crowd.received[i] = total
        crowd.value[i] = _value(rules, crowd, i)
    crowd.clock[1] = 0


@rule
def value_of(rules: Rules, payoff: float) -> float:
    """Return the fitness that a payoff makes, or the exponent that pairwise comparison compares."""
    value = rules.background + rules.slope * payoff
    # Fitness has been found to be non-negative; sums may miss a zero by rounding.
    return value if value > 0.0 or rules.process == PAIRWISE else 0.0


@rule
def _value(rules: Rules, crowd: Crowd, i: int) -> float:
    return value_of(rules, (crowd.received[i] - rules.matrix[i, i]) / rules.partners)


@rule
def _replace(rules: Rules, crowd: Crowd, old: int, new: int) -> None:
    n = crowd.counts.size
    crowd.counts[old] -= 1
    crowd.counts[new] += 1
    if crowd.clock[1] + 1 >= n:
        refresh(rules, crowd)
        return
    crowd.clock[1] += 1
    for i in range(n):
        crowd.received[i] += rules.matrix[i, new] - rules.matrix[i, old]
        crowd.value[i] = _value(rules, crowd, i)


@rule
def other_strategy(strategy: int, strategies: int, draw: float) -> int:
    """Return one of the other strategies, each alike."""
    other = int(draw * (strategies - 1))
    return other + 1 if other >= strategy else other


@rule
def _anybody(counts: IntArray, without: int, draw: float) -> int:
    """Return the strategy of somebody drawn alike from all but one player of `without` (-1: from all)."""
    rest = 0
    for i in range(counts.size):
        rest += counts[i]
    place = draw * (rest - (1 if without >= 0 else 0))
    for i in range(counts.size - 1):
        there = counts[i] - (1 if i == without else 0)
        if place < there:
            return i
        place -= there
    return counts.size - 1


@rule
def _fit_parent(crowd: Crowd, without: int, draw: float) -> int:
    """Return the strategy of a parent in proportion to fitness, from all but one player of `without`.

    -1 where nobody has a positive fitness.
    """
    total = 0.0
    for i in range(crowd.counts.size):
        total += (crowd.counts[i] - (1 if i == without else 0)) * crowd.value[i]
    place = draw * total
    parent = -1
    for i in range(crowd.counts.size):
        weight = (crowd.counts[i] - (1 if i == without else 0)) * crowd.value[i]
        if weight > 0.0:
            parent = i
            if place < weight:
                return parent
            place -= weight
    return parent


@rule
def only_strategy(counts: IntArray) -> int:
    """Return the strategy that everybody plays, or -1."""
    found = -1
    for i in range(counts.size):
        if counts[i] > 0:
            if found >= 0:
                return -1
            found = i
    return found


@rule
def _step(rules: Rules, crowd: Crowd, draws: FloatArray, at: int) -> int:
    """Let one individual be replaced, and return n * (its strategy) + newcomer's, or NO_FITNESS."""
    n = crowd.counts.size
    if rules.process == PAIRWISE:
        old = _anybody(crowd.counts, -1, draws[at])
        if rules.mutation > 0.0 and draws[at + 3] < rules.mutation:
            return n * old + other_strategy(old, n, draws[at + 3] / rules.mutation)
        model = _anybody(crowd.counts, old, draws[at + 1])
        if model != old and draws[at + 2] < sigmoid(crowd.value[model] - crowd.value[old]):
            return n * old + model
        return n * old + old
    if rules.process == BIRTH_DEATH:
        parent = _fit_parent(crowd, -1, draws[at])
        if parent < 0:
            parent = only_strategy(crowd.counts)
            if parent < 0:
                return NO_FITNESS
        old = _anybody(crowd.counts, parent, draws[at + 1])
    else:
        old = _anybody(crowd.counts, -1, draws[at])
        parent = _fit_parent(crowd, old if rules.process == DEATH_BIRTH else -1, draws[at + 1])
        if parent < 0:
            if crowd.value[old] <= 0.0 and only_strategy(crowd.counts) < 0:
                return NO_FITNESS
            parent = old
    if rules.mutation > 0.0 and draws[at + 2] < rules.mutation:
        return n * old + other_strategy(parent, n, draws[at + 2] / rules.mutation)
    return n * old + parent


@rule
def _generation(rules: Rules, crowd: Crowd, size: int, draws: FloatArray, at: int) -> int:
    """Replace everybody at once; return 0 or NO_FITNESS."""
    n = crowd.counts.size
    total = 0.0
    for i in range(n):
        total += crowd.counts[i] * crowd.value[i]
    alone = only_strategy(crowd.counts)
    if total <= 0.0 and alone < 0:
        return NO_FITNESS
    for i in range(n):
        share = crowd.counts[i] * crowd.value[i] / total if alone < 0 else (1.0 if i == alone else 0.0)
        crowd.share[i] = (1.0 - rules.mutation) * share + rules.mutation * (1.0 - share) / (n - 1)
        crowd.counts[i] = 0
    for k in range(size):
        place = draws[at + k]
        chosen = -1
        for i in range(n):
            if crowd.share[i] > 0.0:
                chosen = i
                if place < crowd.share[i]:
                    break
                place -= crowd.share[i]
        crowd.counts[chosen] += 1
    return 0


@rule
def note(counts: IntArray, record: Record, since: int, until: int) -> None:
    """Keep the counts that held after the steps `since` to `until` - 1."""
    first = since if since > record.burn_in else record.burn_in + 1
    if until > first:
        for i in range(counts.size):
            record.occupied[i] += counts[i] * (until - first)
    if record.every > 0:
        row = (since + record.every - 1) // record.every
        while row * record.every < until:
            for i in range(counts.size):
                record.counts[row, i] = counts[i]
            row += 1


def _advance(rules: Rules, crowd: Crowd, draws: FloatArray, width: int, steps: int, record: Record) -> int:
    """Play up to `steps` steps, each on `width` draws; return their number, FIXATED or NO_FITNESS."""
    n = crowd.counts.size
    if rules.process == WRIGHT_FISHER:
        size = 0
        for i in range(n):
            size += crowd.counts[i]
        for t in range(steps):
            note(crowd.counts, record, crowd.clock[2], crowd.clock[0] + 1)
            if _generation(rules, crowd, size, draws, t * width) == NO_FITNESS:
                return NO_FITNESS
            refresh(rules, crowd)
            crowd.clock[0] += 1
            crowd.clock[2] = crowd.clock[0]
            if rules.mutation == 0.0 and only_strategy(crowd.counts) >= 0:
                return FIXATED
        return steps
    for t in range(steps):
        change = _step(rules, crowd, draws, t * width)
        if change < 0:
            return change
        crowd.clock[0] += 1
        old, new = change // n, change % n
        if old != new:
            note(crowd.counts, record, crowd.clock[2], crowd.clock[0])
            crowd.clock[2] = crowd.clock[0]
            _replace(rules, crowd, old, new)
            if rules.mutation == 0.0 and crowd.counts[old] == 0 and only_strategy(crowd.counts) >= 0:
                return FIXATED
    return steps


def _prepare(rules: Rules, crowd: Crowd) -> None:
    refresh(rules, crowd)


def _keep(counts: IntArray, record: Record, since: int, until: int) -> None:
    note(counts, record, since, until)


advance = compiled(_advance)
keep = compiled(_keep)
prepare = compiled(_prepare)
