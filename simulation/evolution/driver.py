"""Playing the runs of an evolving population: draws from outside, laws over stretches of steps, threads over runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simulation.engine.randomness import run_generator
from simulation.engine.sizes import refuse_beyond_memory
from simulation.engine.workers import Check, in_threads
from simulation.evolution.graph_law import (
    Community,
    Neighbours,
    advance_on_graph,
    prepare_on_graph,
    sum_tree,
)
from simulation.evolution.start import Start
from simulation.evolution.well_mixed_law import (
    NO_FITNESS,
    Crowd,
    Record,
    Rules,
    advance,
    keep,
    prepare,
)
from theory.checks import FloatArray, IntArray
from theory.evolution import selection as _populations

# The first stretch of a run is short, since many fixate soon; later ones fill the cache. Results do not
# depend on it.
FIRST_DRAWS, MOST_DRAWS = 2**9, 2**15

DRAWS = {"birth-death": 2, "death-birth": 2, "pairwise": 3, "imitation": 2}


@dataclass(frozen=True, eq=False)
class Plan:
    """What all runs have in common."""

    payoffs: FloatArray
    selection: _populations.Selection
    mutation: float
    steps: int
    seed: int
    burn_in: int
    every: int
    nodes: list[Any]
    size: int
    runs: int

    def rows(self, steps: int) -> int:
        """Return how many of the first `steps` steps are recorded, the start included."""
        return steps // self.every + 1 if self.every else 0

    def refuse_beyond_memory(self, steps: int = 0) -> None:
        """Raise ValueError if what all runs keep would not fit into memory once one has taken so many steps.

        Without mutation nobody knows before how long the runs take.
        """
        n, rows = len(self.payoffs), self.rows(self.steps if self.mutation > 0.0 else steps)
        # What is recorded is put together at the end; of each run there are objects, counts and sums.
        kept = 2 * 4 * rows * n + 400 + 24 * n + (2 * self.size if self.nodes else 0)
        refuse_beyond_memory(
            f"{self.runs} runs of {rows} recorded steps of {n} strategies",
            self.runs * kept,
            lower="runs, or record fewer steps",
        )

    @property
    def width(self) -> int:
        """Number of draws of one step."""
        mutates = self.mutation > 0.0
        if self.selection.process == "wright-fisher":
            return self.size * (2 if mutates and self.nodes else 1)
        return DRAWS[self.selection.process] + (1 if mutates else 0)

    def rules(self, partners: float) -> Rules:
        """Return what laws know, with the number that payoffs of a well-mixed population are divided by."""
        selection = self.selection
        code = _populations.PROCESSES.index(selection.process)
        return Rules(self.payoffs, code, selection.background, selection.slope, partners, self.mutation)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of one run."""

    counts: IntArray
    occupied: IntArray
    recorded: NDArray[np.int32]
    fixation_time: float
    strategies: NDArray[np.int16]


class Evolving(Protocol):
    """A population that a law moves on; one for each thread."""

    @property
    def counts(self) -> IntArray:
        """`[n]` players of each strategy."""

    @property
    def clock(self) -> IntArray:
        """Steps so far, first; the step after the last change, last."""

    def start(self, generator: np.random.Generator) -> None:
        """Begin a run."""

    def advance(self, draws: FloatArray, width: int, steps: int, record: Record) -> int:
        """Play steps; return their number, FIXATED or NO_FITNESS."""

    def strategies(self) -> NDArray[np.int16]:
        """Return `[N]` who plays what on a graph; empty where nobody has a place."""


class _WellMixed:
    def __init__(self, plan: Plan, counts: IntArray) -> None:
        n = len(counts)
        self.rules = plan.rules(float(plan.selection.partners(np.asarray(plan.size - 1.0))))
        self.initial = counts
        self.crowd = Crowd(counts.copy(), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(3, dtype=np.int64))

    @property
    def counts(self) -> IntArray:
        return self.crowd.counts

    @property
    def clock(self) -> IntArray:
        return self.crowd.clock

    def start(self, generator: np.random.Generator) -> None:
        self.crowd.counts[:] = self.initial
        self.crowd.clock[:] = 0
        prepare(self.rules, self.crowd)

    def advance(self, draws: FloatArray, width: int, steps: int, record: Record) -> int:
        return advance(self.rules, self.crowd, draws, width, steps, record)

    def strategies(self) -> NDArray[np.int16]:
        return np.zeros(0, dtype=np.int16)


class _OnGraph:
    def __init__(self, plan: Plan, network: Neighbours, place: Start) -> None:
        size, n = plan.size, len(plan.payoffs)
        tree, leaf = sum_tree(size if plan.selection.process == "birth-death" else 1)
        self.rules = plan.rules(1.0)
        self.network = network
        self.place = place
        self.community = Community(
            strategy=np.zeros(size, dtype=np.int32),
            upcoming=np.zeros(size, dtype=np.int32),
            tally=np.zeros((size, n), dtype=np.int32),
            value=np.zeros(size),
            tree=tree,
            leaf=leaf,
            counts=np.zeros(n, dtype=np.int64),
            clock=np.zeros(2, dtype=np.int64),
        )

    @property
    def counts(self) -> IntArray:
        return self.community.counts

    @property
    def clock(self) -> IntArray:
        return self.community.clock

    def start(self, generator: np.random.Generator) -> None:
        self.community.strategy[:] = self.place(generator)
        self.community.clock[:] = 0
        prepare_on_graph(self.rules, self.network, self.community)

    def advance(self, draws: FloatArray, width: int, steps: int, record: Record) -> int:
        return advance_on_graph(self.rules, self.network, self.community, draws, width, steps, record)

    def strategies(self) -> NDArray[np.int16]:
        return self.community.strategy.astype(np.int16)


def well_mixed(plan: Plan, counts: IntArray) -> Evolving:
    """Return a well-mixed population whose runs start with `counts[n]`."""
    return _WellMixed(plan, counts)


def on_graph(plan: Plan, network: Neighbours, place: Start) -> Evolving:
    """Return a population on a graph; `place` gives each run its start."""
    return _OnGraph(plan, network, place)


def network_of(graph: Any, plan: Plan) -> Neighbours:
    """Return the neighbours of all nodes, in the order of the plan's nodes."""
    place = {node: k for k, node in enumerate(plan.nodes)}
    neighbours = [[place[other] for other in graph.adj[node]] for node in plan.nodes]
    degrees = np.array([len(around) for around in neighbours])
    return Neighbours(
        first=np.concatenate([[0], np.cumsum(degrees)]).astype(np.int64),
        neighbours=np.concatenate(neighbours).astype(np.int32),
        partners=plan.selection.partners(degrees.astype(np.float64)),
    )


def play(plan: Plan, make: Callable[[], Evolving], workers: int) -> list[Outcome]:
    """Play all runs; an interrupt or an error ends them all at once."""
    # A population and its draws serve one run after the other.
    spare: list[tuple[Evolving, FloatArray]] = []

    def one(run: int, check: Check) -> Outcome:
        try:
            population, draws = spare.pop()
        except IndexError:
            population, draws = make(), np.empty(max(MOST_DRAWS, plan.width))
        outcome = _run(plan, population, draws, run, check)
        spare.append((population, draws))
        return outcome

    return in_threads(one, range(plan.runs), workers)


def _run(plan: Plan, population: Evolving, draws: FloatArray, run: int, check: Check) -> Outcome:
    generator = run_generator(plan.seed, run)
    n, width = len(plan.payoffs), plan.width
    record = Record(
        plan.every,
        np.zeros((plan.rows(0), n), dtype=np.int32),
        plan.burn_in,
        np.zeros(n, dtype=np.int64),
    )
    population.start(generator)
    left, size, time, end = plan.steps, FIRST_DRAWS, np.nan, plan.steps
    while left > 0:
        check()
        steps = min(max(size // width, 1), left)
        record = _with_room(plan, record, plan.steps - left + steps)
        part = draws[: steps * width]
        generator.random(out=part)
        done = population.advance(part, width, steps, record)
        if done == NO_FITNESS:
            raise ValueError(f"{_populations.NO_FITNESS} (run {run}, counts {population.counts.tolist()})")
        if done < 0:
            time = float(population.clock[0])
            # What is recorded ends with the first recorded step at which all are alike.
            end = min(-(-int(time) // plan.every) * plan.every, plan.steps) if plan.every else plan.steps
            break
        left, size = left - steps, min(2 * size, MOST_DRAWS)
    record = _with_room(plan, record, end)
    keep(population.counts, record, int(population.clock[-1]), end + 1)
    if end < plan.steps:
        # What holds at the end holds until the last step.
        keep(population.counts, record._replace(every=0), end + 1, plan.steps + 1)
    return Outcome(
        population.counts.copy(),
        record.occupied,
        record.counts[: plan.rows(end)].copy(),
        time,
        population.strategies(),
    )


def _with_room(plan: Plan, record: Record, steps: int) -> Record:
    """Return the record with room for so many steps of the run, at least twice what it had if it had too little."""
    rows = plan.rows(steps)
    if not plan.every or rows <= len(record.counts):
        return record
    rows = min(max(rows, 2 * len(record.counts)), plan.rows(plan.steps))
    plan.refuse_beyond_memory((rows - 1) * plan.every)
    counts = np.zeros((rows, record.counts.shape[1]), dtype=np.int32)
    counts[: len(record.counts)] = record.counts
    return record._replace(counts=counts)
