r"""Evolution in finite populations: selection on payoffs that are computed once, with or without mutation.

`theory.evolution.selection` defines the processes, and `theory.fixation_probability` solves small cases exactly.
Here they are played step by step for any number of strategies, in well-mixed populations
(`simulation.evolution.well_mixed_law`) and on graphs (`simulation.evolution.graph_law`). A run depends on the
parameters, the seed and its number alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from simulation.engine.provenance import edges_of, with_provenance
from simulation.engine.randomness import known_seed, whole_number
from simulation.engine.runs import recording_interval
from simulation.engine.workers import worker_threads
from simulation.evolution.driver import Evolving, Outcome, Plan, network_of, on_graph, play, well_mixed
from simulation.evolution.graph_law import advance_on_graph
from simulation.evolution.start import Initial, placement, starting_counts
from simulation.evolution.well_mixed_law import advance
from theory.checks import LARGEST_COUNT, FloatArray, distinct_names, number_within
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
    make = _maker(plan, graph, initial, names)
    workers = worker_threads(workers)
    outcomes = play(plan, make, workers)
    data = _dataset(plan, outcomes, names)
    where: dict[str, Any] = {}
    if graph is not None:
        network = network_of(graph, plan)
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


def _maker(plan: Plan, graph: Any, initial: Initial, names: Sequence[str]) -> Callable[[], Evolving]:
    """Return what makes a population for a thread."""
    mixed = plan.mutation == 0.0
    if graph is None:
        counts = starting_counts(initial, plan.size, names, mixed=mixed)
        degrees = np.array([plan.size - 1.0])
    else:
        network = network_of(graph, plan)
        place = placement(initial, plan.nodes, names, mixed=mixed)
        degrees = np.diff(network.first).astype(np.float64)
    if plan.selection.process != "pairwise":
        plan.selection.check_fitness(plan.payoffs, degrees, plan.size)
    if graph is None:
        return lambda: well_mixed(plan, counts)
    return lambda: on_graph(plan, network, place)


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
