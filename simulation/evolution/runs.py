r"""Evolution in finite populations: selection on payoffs that are computed once, with or without mutation.

`theory.evolution.selection` defines the processes, and `theory.fixation_probability` solves small cases exactly.
Here they are played step by step for any number of strategies, in well-mixed populations
(`simulation.evolution.well_mixed_law`) and on graphs (`simulation.evolution.graph_law`). A run depends on the
parameters, the seed and its number alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from simulation.engine.provenance import edges_of, with_provenance
from simulation.engine.randomness import known_seed, run_generator, whole_number
from simulation.engine.runs import recording_interval
from simulation.engine.sizes import refuse_beyond_memory
from simulation.engine.workers import Check, in_threads, worker_threads
from simulation.evolution.graph_law import (
    Community,
    Neighbours,
    advance_on_graph,
    prepare_on_graph,
    sum_tree,
)
from simulation.evolution.start import Initial, Start, placement, starting_counts
from simulation.evolution.well_mixed_law import (
    NO_FITNESS,
    Crowd,
    Record,
    Rules,
    advance,
    keep,
    prepare,
)
from theory.checks import LARGEST_COUNT, FloatArray, IntArray, distinct_names, number_within
from theory.evolution import selection as _populations
from theory.graphs import connected_graph


def evolve(
    matrix: ArrayLike | xr.Dataset,
    *,
    size: int | None = None,
    graph: Any = None,
    initial: Initial = None,
    process: str = "birth-death",
    accumulation: str = "total",
    intensity: float | None = None,
    mutation: float = 0.0,
    steps: int = 1_000_000,
    runs: int = 1,
    seed: int | None = 0,
    record: Literal["all", "summary"] | int = "summary",
    burn_in: int = 0,
    names: Sequence[str] | None = None,
    workers: int | None = None,
) -> xr.Dataset:
    """Let strategies compete in a finite population, and return who plays what over time.

    Parameters
    ----------
    matrix
        `[n, n]`: payoff of the row strategy against the column strategy, for n >= 2; or the dataset that
        `simulation.round_robin` or `simulation.graded_round_robin` returns, whose mean payoffs count.
    size
        Number of individuals in a well-mixed population, at least 2; or
    graph
        an undirected connected graph without loops: of networkx, a list of edges or an adjacency matrix. All
        edges count alike; weights other than 1 are refused.
    initial
        As in `theory.fixation_probability`: a number of players of the first of two strategies (on a graph
        placed at random in each run), or on a graph the nodes where they sit. For n > 2 strategies n numbers of
        players; on a graph also a mapping from nodes to strategies (names or places). By default one player of
        the first of two, or equal numbers of more.
    process
        "birth-death", "death-birth", "pairwise", "imitation" or "wright-fisher".
    accumulation
        "total" or "mean" payoff over partners.
    intensity
        w: at least 0 for "pairwise", in [0, 1] for the others; None stands for fitness equal to the payoff,
        and for w = 1 in "pairwise".
    mutation
        Probability with which a newcomer plays one of the strategies other than its parent's, each alike
        ("pairwise": with which an individual changes so instead of comparing itself).
    steps
        Replacements ("wright-fisher": generations) of a run at most; without mutation it ends when all are alike.
    runs
        Number of independent runs, at least 1.
    seed
        A whole number, at least 0; None draws one, which the dataset keeps.
    record
        "all" steps, every k-th (the start included), or a "summary" without `counts`. Without mutation nothing is
        kept behind the recorded step at which the last run has ended.
    burn_in
        Steps at the start that do not enter `mean_shares`.
    names
        The strategies' names; by default those of the dataset, or "1", "2", ...
    workers
        Threads; by default one for each processor. Results do not depend on it.

    Returns
    -------
    xarray.Dataset
        `final_counts` (run, strategy); `mean_shares` (run, strategy), the mean over all steps behind the burn-in
        of the shares of players (a fixated population stays as it is); `counts` (run, step, strategy) unless
        `record` is "summary". Without mutation `fixated` (run), the place of the strategy that took over or -1
        where none had after `steps`, and `fixation_time` (run), NaN there. On a graph, unless `record` is
        "summary", `final_strategies` (run, node).

    Raises
    ------
    ValueError
        If an argument violates its rule, what is recorded does not fit into memory, a fitness could be negative, or
        nobody has a positive one.
    """
    payoffs, names = _payoffs(matrix, names)
    selection = _populations.checked_selection(process, accumulation, intensity)
    _populations.check_population(size, graph)
    graph = None if graph is None else connected_graph("graph", graph)
    intensity = None if intensity is None else number_within("intensity", intensity, 0.0, np.inf)
    mutation = number_within("mutation", mutation, 0.0, 1.0)
    steps, runs = whole_number("steps", steps, at_least=1), whole_number("runs", runs, at_least=1)
    seed = known_seed(seed)
    burn_in = whole_number("burn_in", burn_in, at_least=0)
    if burn_in >= steps:
        raise ValueError(f"burn_in must be below {steps} steps, got {burn_in}")
    individuals: int = size if graph is None else graph.number_of_nodes()  # type: ignore[assignment]
    if individuals * steps > LARGEST_COUNT:
        raise ValueError(
            f"individuals times steps must be at most {LARGEST_COUNT}, got {individuals} times {steps} for size and "
            "steps"
        )
    plan = Plan(
        payoffs=payoffs,
        selection=selection,
        mutation=mutation,
        steps=steps,
        seed=seed,
        burn_in=burn_in,
        every=recording_interval(record),
        nodes=[] if graph is None else list(graph.nodes),
        size=individuals,
        runs=runs,
    )
    plan.refuse_beyond_memory()
    network = None if graph is None else network_of(graph, plan)
    make = _maker(plan, network, initial, names)
    workers = worker_threads(workers)
    outcomes = play(plan, make, workers)
    data = _dataset(plan, outcomes, names)
    where: dict[str, Any] = {}
    if network is not None:
        where = {
            "edges": edges_of(network.first, network.neighbours),
            "nodes": [str(node) for node in plan.nodes],
        }
        if plan.every:
            data["final_strategies"] = (
                ("run", "node"),
                np.stack([outcome.strategies for outcome in outcomes]),
            )
            data = data.assign_coords(node=np.arange(plan.size))
    return with_provenance(
        data,
        law=advance if graph is None else advance_on_graph,
        seed=seed,
        process=selection.process,
        accumulation=selection.accumulation,
        intensity=np.nan if intensity is None else float(intensity),
        mutation=mutation,
        size=plan.size,
        steps=steps,
        burn_in=burn_in,
        payoffs=payoffs.ravel().tolist(),
        well_mixed=graph is None,
        **where,
    )


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
    """A well-mixed population whose runs start with `counts[n]`."""

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
    """A population on a graph; `place` gives each run its start."""

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


def network_of(graph: Any, plan: Plan) -> Neighbours:
    """Return the neighbours of all nodes, in the order of the plan's nodes."""
    place = {node: k for k, node in enumerate(plan.nodes)}
    around = dict(graph.adjacency())
    neighbours = [[place[other] for other in around[node]] for node in plan.nodes]
    degrees = np.array([len(row) for row in neighbours])
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


def _payoffs(
    matrix: ArrayLike | xr.Dataset, names: Sequence[str] | None
) -> tuple[FloatArray, tuple[str, ...]]:
    if isinstance(matrix, xr.Dataset):
        names = [str(name) for name in matrix["strategy"].values] if names is None else names
        values = matrix["payoffs"].values
        if np.isnan(values).any():
            i, j = np.argwhere(np.isnan(values))[0]
            raise ValueError(
                "evolution needs the payoffs of everybody against everybody, twins too, got no match of "
                f"{names[i]!r} with {names[j]!r}"
            )
        payoffs = _populations.checked_matrix(values)
    else:
        payoffs = _populations.checked_matrix(matrix)
    if names is None:
        return payoffs, tuple(str(k + 1) for k in range(len(payoffs)))
    return payoffs, distinct_names("names", names, len(payoffs))


def _maker(
    plan: Plan, network: Neighbours | None, initial: Initial, names: Sequence[str]
) -> Callable[[], Evolving]:
    """Return what makes a population for a thread."""
    mixed = plan.mutation == 0.0
    if network is None:
        counts = starting_counts(initial, plan.size, names, mixed=mixed)
        degrees = np.array([plan.size - 1.0])
    else:
        place = placement(initial, plan.nodes, names, mixed=mixed)
        degrees = np.diff(network.first).astype(np.float64)
    if plan.selection.process != "pairwise":
        plan.selection.check_fitness(plan.payoffs, degrees, plan.size)
    if network is None:
        return lambda: _WellMixed(plan, counts)
    return lambda: _OnGraph(plan, network, place)


def _dataset(plan: Plan, outcomes: list[Outcome], names: Sequence[str]) -> xr.Dataset:
    final = np.stack([outcome.counts for outcome in outcomes])
    occupied = np.stack([outcome.occupied for outcome in outcomes])
    by_run = ("run", "strategy")
    data: dict[str, Any] = {
        "final_counts": (by_run, final),
        "mean_shares": (by_run, occupied / (plan.size * (plan.steps - plan.burn_in))),
    }
    coordinates: dict[str, Any] = {"run": np.arange(len(outcomes)), "strategy": list(names)}
    if plan.every:
        data["counts"] = (("run", "step", "strategy"), _recorded(outcomes))
        coordinates["step"] = np.arange(data["counts"][1].shape[1]) * plan.every
    if plan.mutation == 0.0:
        time = np.array([outcome.fixation_time for outcome in outcomes])
        data["fixated"] = ("run", np.where(np.isnan(time), -1, final.argmax(axis=1)))
        data["fixation_time"] = ("run", time)
    return xr.Dataset(data, coordinates)


def _recorded(outcomes: list[Outcome]) -> NDArray[np.int32]:
    """Return `[run, step, strategy]` as far as the longest run; those that ended before stay as they were."""
    longest = max(len(outcome.recorded) for outcome in outcomes)
    counts = np.empty((len(outcomes), longest, outcomes[0].counts.size), dtype=np.int32)
    for of_run, outcome in zip(counts, outcomes, strict=True):
        of_run[: len(outcome.recorded)] = outcome.recorded
        of_run[len(outcome.recorded) :] = outcome.counts
    return counts
