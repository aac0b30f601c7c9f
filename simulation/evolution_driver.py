"""Playing the runs of an evolving population: draws from outside, laws over stretches of steps, threads over runs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simulation.evolution_graph_law import (
    Community,
    Neighbours,
    advance_on_graph,
    prepare_on_graph,
    sum_tree,
)
from simulation.evolution_law import NO_FITNESS, Crowd, IntArray, Record, Rules, advance, keep, prepare
from simulation.evolution_start import Start
from simulation.randomness import run_generator
from theory import _populations
from theory._checks import FloatArray

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

    @property
    def recorded(self) -> int:
        """Number of steps that are recorded, the start included."""
        return self.steps // self.every + 1 if self.every else 0

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


def play(plan: Plan, make: Callable[[], Evolving], runs: int, workers: int) -> list[Outcome]:
    """Play all runs, in threads that take them in turns; an interrupt or an error ends them all at once."""
    stop = Event()

    def stretch(first: int) -> list[Outcome]:
        population: Evolving = make()
        draws = np.empty(max(MOST_DRAWS, plan.width))
        try:
            return [_run(plan, population, draws, run, stop) for run in range(first, runs, workers)]
        except _StoppedError:
            return []
        except ValueError:
            stop.set()
            raise

    workers = min(workers, runs)
    if workers == 1:
        return stretch(0)
    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(stretch, first) for first in range(workers)]
        try:
            parts = [future.result() for future in futures]
        except BaseException:
            stop.set()
            raise
    return [parts[run % workers][run // workers] for run in range(runs)]


class _StoppedError(Exception):
    """Another thread has failed, or the user has interrupted."""


def _run(plan: Plan, population: Evolving, draws: FloatArray, run: int, stop: Event) -> Outcome:
    generator = run_generator(plan.seed, run)
    n, width = len(plan.payoffs), plan.width
    record = Record(
        plan.every, np.zeros((plan.recorded, n), dtype=np.int32), plan.burn_in, np.zeros(n, dtype=np.int64)
    )
    population.start(generator)
    left, size, time = plan.steps, FIRST_DRAWS, np.nan
    while left > 0:
        if stop.is_set():
            raise _StoppedError
        steps = min(max(size // width, 1), left)
        part = draws[: steps * width]
        generator.random(out=part)
        done = population.advance(part, width, steps, record)
        if done == NO_FITNESS:
            raise ValueError(f"{_populations.NO_FITNESS} (run {run}, counts {population.counts.tolist()})")
        if done < 0:
            time = float(population.clock[0])
            break
        left, size = left - steps, min(2 * size, MOST_DRAWS)
    # What holds at the end holds until the last step.
    keep(population.counts, record, int(population.clock[-1]), plan.steps + 1)
    return Outcome(
        population.counts.copy(),
        record.occupied,
        record.counts,
        time,
        population.strategies(),
    )
