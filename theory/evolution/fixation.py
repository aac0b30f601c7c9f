r"""Exact chances that one of two strategies takes over a finite population, and how long it takes.

Somebody plays A, the others play B, and in each step some are replaced (`theory.evolution.selection` has the
processes: `birth-death`, `death-birth`, `imitation`, `pairwise` and `wright-fisher`). Payoffs come from games with
all neighbours, summed (`total`) or averaged (`mean`). Fitness is the payoff, or 1 - w + w * payoff for an intensity
of selection w in [0, 1].

In a well-mixed population the number i of A-players is a birth-death chain with steps T+_i and T-_i, and from i_0 on

    rho = sum_{k=0}^{i_0-1} prod_{i=1}^k (T-_i / T+_i)  /  sum_{k=0}^{N-1} prod_{i=1}^k (T-_i / T+_i).

In `wright-fisher` all states lead to all others, and on a graph of n nodes the chain has 2^n states: there the
probabilities solve a linear system.

The *unconditional* time is the expected number of steps until everybody plays the same, whichever it is; the
*conditional* ones are those of the runs that A, or B, wins (Antal & Scheuring 2006; Altrock & Traulsen 2009). A step
is one replacement, in `wright-fisher` a generation; N replacements make a generation. From below,
b_i = 1 - a_i is the chance that i falls to 0 before it reaches i + 1, e_i the time until either, and c_i the time
from i to i + 1 given that A wins:

    b_i = T-_i b_{i-1} / w_i,  e_i = (1 + T-_i e_{i-1}) / w_i,  c_i = (1 + T-_i a_{i-1} c_{i-1}) / w_i,
    w_i = T+_i + T-_i b_{i-1},  b_0 = 1,

and t_i = e_i + a_i t_{i+1}. Nothing is subtracted, so times of any size are exact to rounding.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import FloatArray, whole_number
from theory.evolution.chains import absorption
from theory.evolution.on_graphs import (
    adjacency_of,
    chances_on_graph,
    conditional_time,
    solve_on_graph,
    starting_states,
)
from theory.evolution.selection import (
    NO_FITNESS,
    Selection,
    check_population,
    checked_matrix,
    checked_selection,
)
from theory.evolution.well_mixed import generation_matrix, log_ratios, step_probabilities

if TYPE_CHECKING:
    import networkx as nx


# A generation's matrix of so many rows is reduced in about two seconds.
MAX_SIZE_AT_ONCE = 1000


def fixation_probability(
    matrix: ArrayLike,
    *,
    size: int | None = None,
    graph: nx.Graph | None = None,
    initial: int | Collection[Hashable] = 1,
    process: str = "birth-death",
    accumulation: str = "total",
    intensity: float | None = None,
) -> float:
    """Return the probability that the first of two strategies takes over.

    Parameters
    ----------
    matrix
        `[2, 2]`: payoff of the row strategy against the column strategy; the first is A.
    size
        Number of individuals in a well-mixed population, at least 2 (`wright-fisher`: at most 1000); or
    graph
        an undirected connected graph without loops, with at most 14 nodes (`wright-fisher`: 10): of networkx,
        a list of edges or an adjacency matrix. All edges count alike; weights other than 1 are refused.
    initial
        Number of A-players at the start (on a graph the mean over all their placements), or on a graph the
        nodes where they sit.
    process
        "birth-death", "death-birth", "pairwise", "imitation" or "wright-fisher".
    accumulation
        "total" or "mean" payoff over partners.
    intensity
        w: at least 0 for "pairwise", in [0, 1] for the others; None stands for fitness equal to the payoff,
        and for w = 1 in "pairwise".

    Raises
    ------
    ValueError
        If an argument is out of its bounds, a fitness is negative, or nobody in a state can be replaced by a
        player of the other kind.

    Examples
    --------
    >>> fixation_probability([[2, 2], [1, 1]], size=10, accumulation="mean")  # doctest: +ELLIPSIS
    0.5004...
    """
    payoffs = checked_matrix(matrix, 2)
    selection = checked_selection(process, accumulation, intensity)
    check_population(size, graph)
    if graph is not None:
        adjacency, nodes = adjacency_of(graph, process)
        states = starting_states(initial, nodes)
        return float(chances_on_graph(payoffs, adjacency, selection)[states].mean())
    assert size is not None
    return float(np.exp(log_fixation(payoffs, size, selection, checked_count(initial, size))))


def checked_count(initial: object, size: int) -> int:
    """Return a number of A-players among `size`, or raise ValueError unless it leaves both kinds."""
    return whole_number("initial", initial, 1, size - 1)


def log_fixation(payoffs: FloatArray, size: int, selection: Selection, initial: int = 1) -> float:
    """Return log rho in a well-mixed population, which is finite also where rho is below 1e-308."""
    if selection.process != "wright-fisher":
        return _by_ratios(log_ratios(payoffs, size, selection), initial)
    check_size_at_once(size)
    probability = absorption(generation_matrix(payoffs, size, selection))[0]
    with np.errstate(divide="ignore"):
        return float(np.log(probability[initial]))


def check_size_at_once(size: int) -> None:
    """Raise ValueError if a generation's matrix would be too large."""
    if size > MAX_SIZE_AT_ONCE:
        raise ValueError(
            f"an exact solution of wright-fisher needs a size of at most {MAX_SIZE_AT_ONCE}, got {size}: "
            "simulate larger ones"
        )


def _by_ratios(log_ratio: FloatArray, initial: int) -> float:
    """Return log rho from log(T-_i / T+_i), `[N - 1]`, without overflow; infinite ratios are barriers."""
    infinite = np.flatnonzero(log_ratio == np.inf)
    if infinite.size and infinite[-1] >= initial - 1:
        return -np.inf
    zero = np.flatnonzero(log_ratio == -np.inf)
    if zero.size and zero[0] <= initial - 1:
        return 0.0
    start = int(infinite[-1]) + 1 if infinite.size else 0
    stop = int(zero[0]) if zero.size else len(log_ratio)
    # Between barriers the chain is a shorter one, from which it leaves below or above.
    logs = np.concatenate([[0.0], np.cumsum(log_ratio[start:stop])])
    return float(np.logaddexp.reduce(logs[: initial - start]) - np.logaddexp.reduce(logs))


@dataclass(frozen=True)
class FixationTimes:
    """How long it takes until one of two strategies has taken over.

    Attributes
    ----------
    probability
        That the first, A, does.
    unconditional
        Expected steps until one of both does.
    conditional
        Expected steps until A does, given that; NaN if it cannot.
    conditional_of_other
        The same of B.
    """

    probability: float
    unconditional: float
    conditional: float
    conditional_of_other: float


def fixation_times(
    matrix: ArrayLike,
    *,
    size: int | None = None,
    graph: nx.Graph | None = None,
    initial: int | Collection[Hashable] = 1,
    process: str = "birth-death",
    accumulation: str = "total",
    intensity: float | None = None,
) -> FixationTimes:
    """Return the expected numbers of steps until one of two strategies has taken over.

    Parameters are those of `theory.fixation_probability`. On a graph with a count as `initial`, conditional times
    are those of the runs that are won, over all placements.

    Raises
    ------
    ValueError
        As `theory.fixation_probability`, and if some state is never left for fixation.

    Examples
    --------
    >>> fixation_times([[1, 1], [1, 1]], size=3, accumulation="mean").unconditional
    3.0
    """
    payoffs = checked_matrix(matrix, 2)
    selection = checked_selection(process, accumulation, intensity)
    check_population(size, graph)
    if graph is not None:
        return _on_graph(payoffs, graph, initial, selection)
    assert size is not None
    start = checked_count(initial, size)
    if process == "wright-fisher":
        return _at_once(payoffs, size, start, selection)
    up, down = step_probabilities(payoffs, size, selection)
    if ((up[1:-1] == 0) & (down[1:-1] == 0)).any():
        raise ValueError(NO_FITNESS)
    rising, falling = _Rise(up[1:-1], down[1:-1]), _Rise(down[-2:0:-1], up[-2:0:-1])
    return FixationTimes(
        probability=rising.probability(start),
        unconditional=rising.time(start),
        conditional=rising.conditional(start),
        conditional_of_other=falling.conditional(size - start),
    )


class _Rise:
    """The recursions from below for a chain with steps `up[N - 1]` and `down[N - 1]` from 1, ..., N - 1."""

    def __init__(self, up: FloatArray, down: FloatArray) -> None:
        n = len(up)
        self.climbs, self.leaves, self.given = np.empty(n), np.empty(n), np.empty(n)
        falls, climbs, leaves, given = 1.0, 0.0, 0.0, 0.0
        for i, (rise, fall) in enumerate(zip(up.tolist(), down.tolist(), strict=True)):
            weight = rise + fall * falls
            if weight <= 0.0:
                raise ValueError(f"fixation must be possible from all states, got none from {i + 1} players")
            leaves = (1.0 + fall * leaves) / weight
            given = (1.0 + fall * climbs * given) / weight
            falls, climbs = fall * falls / weight, rise / weight
            self.climbs[i], self.leaves[i], self.given[i] = climbs, leaves, given

    def probability(self, start: int) -> float:
        return float(np.prod(self.climbs[start - 1 :]))

    def time(self, start: int) -> float:
        time = 0.0
        for climbs, leaves in zip(
            self.climbs[start - 1 :][::-1], self.leaves[start - 1 :][::-1], strict=True
        ):
            time = leaves + climbs * time
        return float(time)

    def conditional(self, start: int) -> float:
        if not self.climbs[start - 1 :].all():
            return float("nan")
        return float(self.given[start - 1 :].sum())


def _at_once(payoffs: FloatArray, size: int, initial: int, selection: Selection) -> FixationTimes:
    check_size_at_once(size)
    transitions = generation_matrix(payoffs, size, selection)
    probability, steps = absorption(transitions)
    mirrored = np.ascontiguousarray(transitions[::-1, ::-1])
    return FixationTimes(
        probability=float(probability[initial]),
        unconditional=float(steps[initial]),
        conditional=float(conditional_time(transitions, probability)[initial]),
        conditional_of_other=float(conditional_time(mirrored, absorption(mirrored)[0])[size - initial]),
    )


def _on_graph(
    payoffs: FloatArray, graph: nx.Graph, initial: int | Collection[Hashable], selection: Selection
) -> FixationTimes:
    adjacency, nodes = adjacency_of(graph, selection.process)
    states = np.array(starting_states(initial, nodes))
    solution = solve_on_graph(payoffs, adjacency, selection)
    other = solve_on_graph(np.ascontiguousarray(payoffs[::-1, ::-1]), adjacency, selection)
    complement = 2 ** len(nodes) - 1 - states
    return FixationTimes(
        probability=float(solution.probability[states].mean()),
        unconditional=float(solution.steps[states].mean()),
        conditional=_mean_of_won(solution.conditional[states], solution.probability[states]),
        conditional_of_other=_mean_of_won(other.conditional[complement], other.probability[complement]),
    )


def _mean_of_won(times: FloatArray, chances: FloatArray) -> float:
    won = chances > 0
    if not won.any():
        return float("nan")
    return float((times[won] * chances[won]).sum() / chances[won].sum())
