"""When defectors, Tit-for-Tat and gradual Tit-for-Tat invade each other on a network, by degree and clustering.

*Direct reciprocity*: neighbours play repeated Prisoner's Dilemmas (thesis Table 4.1) with noise, each pair its own
match, so that what a strategy gets from another is a number, exact or from sampled matches, computed once. One
invader among residents takes over with some probability; if selection did nothing that would be 1/N on every
network (death-birth: somebody dies, and its neighbours compete to fill the place with chances proportional to their
mean payoffs). Networks of one degree differ in clustering, networks of one kind in degree; matches are short or long.

*Generalised reciprocity*: agents of `simulation.Population`, gradual Tit-for-Tat players with one action for all
neighbours, beside direct ones. Nobody dies there; that the few get more than the many is what
invasion would begin with.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import xarray as xr

from scenarios.planner_cells import data_tree
from scenarios.scenario import Picture, Progress, Result, Table, silent
from scenarios.statistics import mean_interval, share_interval
from simulation import (
    NetworkDescription,
    PopulationParameters,
    evolve,
    gradual_tit_for_tat,
    round_robin,
    simulate_population,
)
from simulation.randomness import whole_number
from simulation.strategies.base import Strategy
from theory import named_game
from theory._checks import FloatArray

NAME = "cooperation-on-networks"
GAME = "prisoners-dilemma"
NOISE = 0.05
TURNS = (5, 50)
"""Lengths of short and long matches."""
MATCHES = 10_000
"""Sampled for each pair that has no exact payoffs."""

STRATEGIES = ("defectors", "Tit-for-Tat", "gradual")
# (invader, resident), by place.
PAIRS = ((0, 1), (0, 2), (1, 0), (2, 0), (1, 2), (2, 1))
LETTERS = "DTG"

# (kind, degree, rewiring); small worlds of degree 8 go from a ring to a random network.
NETWORKS: dict[str, tuple[str, int, float]] = {
    "ring 2": ("ring", 2, 0.0),
    "ring 4": ("ring", 4, 0.0),
    "ring 8": ("ring", 8, 0.0),
    "ring 16": ("ring", 16, 0.0),
    "lattice 4": ("grid", 4, 0.0),
    "small world .05": ("small-world", 8, 0.05),
    "small world .2": ("small-world", 8, 0.2),
    "small world 1": ("small-world", 8, 1.0),
    "regular 4": ("random-regular", 4, 0.0),
    "regular 8": ("random-regular", 8, 0.0),
    "regular 16": ("random-regular", 16, 0.0),
    "scale-free 4": ("scale-free", 4, 0.0),
    "scale-free 8": ("scale-free", 8, 0.0),
}
# Family-wise error rate of all statements of a part that somebody does better or worse.
LEVEL = 0.05

# Networks of the second part, and who is rare there.
GENERALISED = ("ring 2", "ring 8", "lattice 4", "small world .2", "regular 4", "regular 16",
               "scale-free 4")  # fmt: skip
RARE = 0.05
STEPS = 200

# The pictures follow three strategies with mutation over so many generations.
WATCHED = ("lattice 4", "ring 8", "regular 8", "scale-free 4")
GENERATIONS = 200
MUTATION = 0.002
WATCHED_RUNS = 20


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """Networks, strategies and matches are fixed; sizes can be changed."""

    runs: int = 5000
    """Invasions of each kind, at least 2."""
    seed: int = 0
    agents: int = 64
    """Of each network, at least 20."""
    watched: int = 400
    """Agents of the networks that pictures show, at least 20."""

    def __post_init__(self) -> None:
        whole_number("runs", self.runs, at_least=2)
        whole_number("seed", self.seed, at_least=0)
        for name in ("agents", "watched"):
            size = whole_number(name, getattr(self, name), at_least=20)
            if round(size**0.5) ** 2 != size:
                raise ValueError(f"{name} must be a square number, for lattices, got {size}")

    def quick(self) -> Parameters:
        """Return the parameters of a short look: a hundred invasions of each kind."""
        return replace(self, runs=min(self.runs, 100), watched=min(self.watched, 100))

    def network(self, name: str, *, size: int | None = None) -> NetworkDescription:
        """Return a network by name, the same in all runs."""
        kind, degree, rewiring = NETWORKS[name]
        return NetworkDescription(
            kind=kind, size=size or self.agents, degree=degree, rewiring=rewiring, seed=0
        )

    @cached_property
    def matches(self) -> dict[int, xr.Dataset]:
        """What each strategy gets from each, by the number of turns."""
        field: list[Strategy | str] = [
            "always-defect",
            "tit-for-tat",
            gradual_tit_for_tat("threshold", forgetting=0.1, name="gradual-tit-for-tat"),
        ]
        return {
            turns: round_robin(
                field,
                game=named_game(GAME),
                turns=turns,
                noise=NOISE,
                repetitions=MATCHES,
                exact=True,
                seed=self.seed,
            )
            for turns in TURNS
        }


@dataclass
class _Done:
    """What was finished."""

    invasions: dict[tuple[str, int], dict[tuple[int, int], xr.Dataset]]
    rare: dict[tuple[str, str, str], xr.Dataset]
    watched: dict[str, xr.Dataset]
    moments: list[FloatArray]


def run(parameters: Parameters, progress: Progress = silent) -> Result:
    """Simulate invasions, the rare among the many, and three strategies side by side."""
    started = time.perf_counter()
    done, complete = _simulate(parameters, progress)
    cells = [*_invasion_cells(done, parameters), *_rare_cells(done)]
    return Result(
        scenario=NAME,
        parameters=asdict(parameters),
        seconds=time.perf_counter() - started,
        complete=complete,
        cells=cells,
        verdicts=[],
        finding=_finding(cells),
        tables=[_match_table(parameters), *_invasion_tables(cells, parameters), _rare_table(cells)],
        pictures=_pictures(done, cells, parameters),
        data=_data(done, parameters),
    )


def _simulate(parameters: Parameters, progress: Progress) -> tuple[_Done, bool]:
    done = _Done({}, {}, {}, [])
    todo: list[tuple[str, Any]] = [("invasion", (name, turns)) for turns in TURNS for name in NETWORKS]
    todo += [
        ("rare", (name, rare, reciprocity))
        for name in GENERALISED
        for rare in ("defector", "mirror")
        for reciprocity in ("direct", "generalised")
    ]
    todo += [("watched", name) for name in WATCHED] + [("moments", WATCHED[0])]
    try:
        for kind, cell in progress(todo, total=len(todo)):
            if kind == "invasion":
                done.invasions[cell] = _invasions(parameters, *cell)
            elif kind == "rare":
                done.rare[cell] = _rare(parameters, *cell)
            elif kind == "watched":
                done.watched[cell] = _watch(parameters, cell)
            else:
                done.moments = _moments(parameters, cell)
    except KeyboardInterrupt:
        if not done.invasions:
            raise
        return done, False
    return done, True


def _payoffs(parameters: Parameters, turns: int) -> FloatArray:
    return np.asarray(parameters.matches[turns]["payoffs"].values)


def _invasions(parameters: Parameters, name: str, turns: int) -> dict[tuple[int, int], xr.Dataset]:
    graph = parameters.network(name).build().to_networkx()
    matrix = _payoffs(parameters, turns)
    return {
        pair: evolve(
            matrix[np.ix_(pair, pair)],
            graph=graph,
            process="death-birth",
            accumulation="mean",
            runs=parameters.runs,
            seed=parameters.seed,
            names=[STRATEGIES[k] for k in pair],
        )
        for pair in PAIRS
    }


def _rare(parameters: Parameters, name: str, rare: str, reciprocity: str) -> xr.Dataset:
    many = "mirror" if rare == "defector" else "defector"
    of_cell = PopulationParameters(
        graph=parameters.network(name, size=parameters.watched),
        rules={rare: RARE, many: 1.0 - RARE},
        per_partner=reciprocity == "direct",
        noise=NOISE,
        steps=STEPS,
    )
    return simulate_population(of_cell, runs=WATCHED_RUNS, seed=parameters.seed)


def _watch(parameters: Parameters, name: str) -> xr.Dataset:
    return _three(parameters, name, GENERATIONS * parameters.watched, runs=WATCHED_RUNS)


def _three(parameters: Parameters, name: str, steps: int, *, runs: int) -> xr.Dataset:
    return evolve(
        _payoffs(parameters, TURNS[0]),
        graph=parameters.network(name, size=parameters.watched).build().to_networkx(),
        process="death-birth",
        accumulation="mean",
        mutation=MUTATION,
        steps=steps,
        runs=runs,
        seed=parameters.seed,
        record=parameters.watched,
        names=STRATEGIES,
    )


def moments_of(parameters: Parameters) -> tuple[int, ...]:
    """Return the generations at which the network is drawn."""
    return (0, 3, 15, GENERATIONS)


def _moments(parameters: Parameters, name: str) -> list[FloatArray]:
    """Return who plays what at some moments of one run: shorter runs are its beginnings."""
    finals = [
        _three(parameters, name, max(1, generation * parameters.watched), runs=1)["final_strategies"]
        for generation in moments_of(parameters)
    ]
    return [np.asarray(final.values[0]) for final in finals]


def _invasion_cells(done: _Done, parameters: Parameters) -> list[dict[str, Any]]:
    import networkx as nx

    tests = len(NETWORKS) * len(PAIRS) * len(TURNS)
    neutral = 1.0 / parameters.agents
    cells: list[dict[str, Any]] = []
    for (name, turns), by_pair in done.invasions.items():
        graph = parameters.network(name).build().to_networkx()
        for (invader, resident), data in by_pair.items():
            won = int((data["fixated"].values == 0).sum())
            # Invasions that were still open after the last step may end either way.
            unresolved = int((data["fixated"].values < 0).sum())
            low = share_interval(won, parameters.runs, 1.0 - LEVEL / tests)[0]
            high = share_interval(won + unresolved, parameters.runs, 1.0 - LEVEL / tests)[1]
            cells.append(
                {
                    "part": "invasion",
                    "network": name,
                    "degree": 2 * graph.number_of_edges() / len(graph),
                    "clustering": float(nx.average_clustering(graph)),
                    "turns": turns,
                    "invader": STRATEGIES[invader],
                    "resident": STRATEGIES[resident],
                    "takes_over": won / parameters.runs,
                    "interval": [low, high],
                    "unresolved": unresolved,
                    "neutral": neutral,
                    "times_neutral": won / parameters.runs / neutral,
                    "selection": "for" if low > neutral else "against" if high < neutral else "unclear",
                    "runs": parameters.runs,
                }
            )
    return cells


def _rare_cells(done: _Done) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = []
    for (name, rare, reciprocity), data in done.rare.items():
        of_rule = {"defector": "fixed", "mirror": "mirror"}
        many = "mirror" if rare == "defector" else "defector"
        late = data.sel(step=slice(STEPS // 2, None)).mean("step")
        payoffs = late["payoff_by_rule"]
        ahead = (payoffs.sel(by_rule=of_rule[rare]) - payoffs.sel(by_rule=of_rule[many])).values
        interval = mean_interval(ahead, 1.0 - LEVEL / (4 * len(GENERALISED)))
        assert interval is not None
        cells.append(
            {
                "part": "rare among many",
                "network": name,
                "reciprocity": reciprocity,
                "rare": rare,
                "payoff_ahead": float(ahead.mean()),
                "interval": list(interval),
                "mirrors_cooperate": float(late["cooperation_by_rule"].sel(by_rule="mirror").mean()),
                "runs": len(ahead),
            }
        )
    return cells


def _match_table(parameters: Parameters) -> Table:
    rows = []
    for turns, data in parameters.matches.items():
        for k, name in enumerate(STRATEGIES):
            of = [
                f"{payoff:.3f}" + (f" ± {2 * error:.3f}" if error else "")
                for payoff, error in zip(
                    data["payoffs"].values[k], data["payoffs_standard_error"].values[k], strict=True
                )
            ]
            rows.append((f"{turns}", name, *of))
    return Table(
        "What a strategy gets from another, per turn",
        ("turns", "strategy", *(f"from {name}" for name in STRATEGIES)),
        rows,
        f"Prisoner's Dilemma (3, 0, 4, 1), noise {NOISE:g}. Exact where no error is given; else means of "
        f"{MATCHES:,} matches ± 2 standard errors. Gradual: gradual Tit-for-Tat, which cooperates where it "
        "expects at least half of the other's actions to be C.",
    )


def _invasion_tables(cells: list[dict[str, Any]], parameters: Parameters) -> list[Table]:
    signs = {"for": "+", "against": "−", "unclear": "?"}
    tables = []
    for turns in TURNS:
        by_network: dict[str, list[dict[str, Any]]] = {}
        for cell in cells:
            if cell["part"] == "invasion" and cell["turns"] == turns:
                by_network.setdefault(cell["network"], []).append(cell)
        rows = [
            (
                name,
                f"{of[0]['clustering']:.2f}",
                *(f"{cell['times_neutral']:.1f}{signs[cell['selection']]}" for cell in of),
            )
            for name, of in by_network.items()
        ]
        columns = [f"{LETTERS[a]}→{LETTERS[b]}" for a, b in PAIRS]
        if rows:
            tables.append(
                Table(
                    f"One invader among {parameters.agents - 1} residents, matches of {turns} turns",
                    ("network", "clust.", *columns),
                    rows,
                    "X→Y: one X among Y. How often it takes over, in units of 1/N, what it would be without "
                    "selection; + and −: selection is for or against it, at a family-wise error of "
                    f"{LEVEL:.0%} over both tables. D defectors, T Tit-for-Tat, G gradual Tit-for-Tat. Clust.: mean "
                    "clustering coefficient; numbers behind networks: degree, and of small worlds (degree 8) the "
                    "share of rewired edges."
                    if turns == TURNS[-1]
                    else "",
                )
            )
    return tables


def _rare_table(cells: list[dict[str, Any]]) -> Table:
    rows = [
        (
            cell["network"],
            f"{cell['rare']}s",
            cell["reciprocity"],
            f"{cell['payoff_ahead']:+.3f} ± {(cell['interval'][1] - cell['interval'][0]) / 2:.3f}",
            f"{cell['mirrors_cooperate']:.2f}",
        )
        for cell in cells
        if cell["part"] == "rare among many"
    ]
    return Table(
        f"{RARE:.0%} of one kind among {1 - RARE:.0%} of the other: defectors and gradual mirrors",
        ("network", "rare", "reciprocity", "payoff ahead", "mirrors' C"),
        rows,
        "Direct: a belief and an action for each partner; generalised: one of each for all. Payoff ahead: of the "
        "few, over the many, in payoff units a partner and step (± half of the interval, at a family-wise error of "
        f"{LEVEL:.0%}). Mirrors' C: share of their actions that are C.",
    )


def _finding(cells: list[dict[str, Any]]) -> str:
    return " ".join([*_on_invasions(cells), *_on_degree(cells), *_on_clustering(cells), *_on_rare(cells)])


def _invasion(cells: Sequence[dict[str, Any]], turns: int, pair: tuple[int, int]) -> list[dict[str, Any]]:
    return [
        cell
        for cell in cells
        if cell["part"] == "invasion"
        and cell["turns"] == turns
        and (cell["invader"], cell["resident"]) == (STRATEGIES[pair[0]], STRATEGIES[pair[1]])
    ]


def _on_invasions(cells: list[dict[str, Any]]) -> list[str]:
    sentences = []
    for turns in TURNS:
        parts = []
        for pair in PAIRS:
            of_pair = _invasion(cells, turns, pair)
            favoured = sum(cell["selection"] == "for" for cell in of_pair)
            opposed = sum(cell["selection"] == "against" for cell in of_pair)
            if of_pair:
                parts.append(
                    f"{STRATEGIES[pair[0]]} into {STRATEGIES[pair[1]]} {favoured} for, {opposed} against"
                )
        if parts:
            networks = len(_invasion(cells, turns, PAIRS[0]))
            sentences.append(
                f"Matches of {turns} turns, selection on {networks} networks: {'; '.join(parts)}."
            )
    return sentences


def _on_degree(cells: list[dict[str, Any]]) -> list[str]:
    sentences = []
    for prefix in ("ring", "regular"):
        parts = []
        for pair in ((1, 0), (2, 0), (2, 1)):
            of = [c for c in _invasion(cells, TURNS[0], pair) if c["network"].startswith(prefix)]
            if len(of) > 1:
                numbers = " → ".join(f"{c['times_neutral']:.1f}" for c in of)
                parts.append(f"{STRATEGIES[pair[0]]} into {STRATEGIES[pair[1]]} {numbers}")
        if parts:
            degrees = " → ".join(
                c["network"].rsplit(" ", 1)[1]
                for c in _invasion(cells, TURNS[0], (1, 0))
                if c["network"].startswith(prefix)
            )
            sentences.append(
                f"By degree ({prefix} networks, {degrees}; {TURNS[0]} turns, in units of 1/N): {'; '.join(parts)}."
            )
    return sentences


def _on_clustering(cells: list[dict[str, Any]]) -> list[str]:
    order = ("ring 8", "small world .05", "small world .2", "small world 1")
    parts = []
    for pair in ((1, 0), (2, 0), (2, 1)):
        of = {c["network"]: c for c in _invasion(cells, TURNS[0], pair)}
        if all(name in of for name in order):
            numbers = " → ".join(f"{of[name]['times_neutral']:.1f}" for name in order)
            parts.append(f"{STRATEGIES[pair[0]]} into {STRATEGIES[pair[1]]} {numbers}")
    if not parts:
        return []
    of = {c["network"]: c for c in _invasion(cells, TURNS[0], (1, 0))}
    clustering = " → ".join(f"{of[name]['clustering']:.2f}" for name in order)
    return [f"By clustering (degree 8, {clustering}; {TURNS[0]} turns): {'; '.join(parts)}."]


def _on_rare(cells: list[dict[str, Any]]) -> list[str]:
    sentences = []
    for reciprocity in ("direct", "generalised"):
        parts = []
        for rare in ("defector", "mirror"):
            of = [
                cell
                for cell in cells
                if cell["part"] == "rare among many"
                and (cell["reciprocity"], cell["rare"]) == (reciprocity, rare)
            ]
            if of:
                ahead = sum(cell["interval"][0] > 0 for cell in of)
                behind = sum(cell["interval"][1] < 0 for cell in of)
                parts.append(f"rare {rare}s get more on {ahead} of {len(of)} networks and less on {behind}")
        if parts:
            sentences.append(f"With {reciprocity} reciprocity {', '.join(parts)}.")
    return sentences


def _cooperativeness(parameters: Parameters, graph: Any, strategies: FloatArray) -> FloatArray:
    """Return `[N]`: the share of its actions that are C, of each agent in the matches with its neighbours."""
    cooperation = parameters.matches[TURNS[0]]["cooperation"].values
    return np.array(
        [
            np.mean([cooperation[strategies[v], strategies[u]] for u in graph[v]])
            for v in range(len(strategies))
        ]
    )


def _pictures(done: _Done, cells: list[dict[str, Any]], parameters: Parameters) -> list[Picture]:
    from scenarios.plots_networks import draw_invasions, draw_network_moments, draw_shares
    from scenarios.plots_simplex import simplex_figure

    pictures = []
    invasions = [cell for cell in cells if cell["part"] == "invasion"]
    if invasions:
        pictures.append(
            Picture(f"{NAME}-invasions", partial(draw_invasions, invasions, pairs=_named_pairs()))
        )
    if done.watched:
        title = f"Three strategies with mutation, {parameters.watched} agents, matches of {TURNS[0]} turns"
        pictures.append(
            Picture(
                f"{NAME}-shares", partial(draw_shares, done.watched, size=parameters.watched, title=title)
            )
        )
    if done.moments:
        pictures.append(
            Picture(f"{NAME}-moments", partial(_draw_moments, done, parameters, draw_network_moments))
        )
    if WATCHED[0] in done.watched:
        counts = done.watched[WATCHED[0]]["counts"].values[:5] / parameters.watched
        pictures.append(
            Picture(
                f"{NAME}-simplex",
                partial(
                    simplex_figure,
                    _payoffs(parameters, TURNS[0]),
                    STRATEGIES,
                    paths=list(counts),
                    path_label="five runs on the lattice",
                    title=f"Replicator dynamics, matches of {TURNS[0]} turns",
                ),
            )
        )
    return pictures


def _named_pairs() -> list[tuple[str, str]]:
    return [(STRATEGIES[a], STRATEGIES[b]) for a, b in PAIRS]


def _draw_moments(done: _Done, parameters: Parameters, draw: Any) -> Any:
    graph = parameters.network(WATCHED[0], size=parameters.watched).build().to_networkx()
    side = round(parameters.watched**0.5)
    return draw(
        graph,
        np.array([_cooperativeness(parameters, graph, moment) for moment in done.moments]),
        titles=[f"generation {generation}" for generation in moments_of(parameters)],
        title="Defectors (circles), Tit-for-Tat (squares) and gradual Tit-for-Tat (triangles) on a lattice",
        label="share of an agent's actions that are C",
        shapes=np.array(done.moments),
        positions={k: (k % side, k // side) for k in range(parameters.watched)},
    )


def _data(done: _Done, parameters: Parameters) -> xr.DataTree:
    groups: dict[str, xr.Dataset] = {}
    for turns, data in parameters.matches.items():
        groups[f"matches-{turns}"] = data.drop_vars("repetition_score")
    for (name, turns), by_pair in done.invasions.items():
        for pair, data in by_pair.items():
            key = f"invasions-{turns}/{_key(name)}/{LETTERS[pair[0]]}-in-{LETTERS[pair[1]]}"
            groups[key] = data[["fixated", "fixation_time"]]
    for (name, rare, reciprocity), data in done.rare.items():
        kept = data[["payoff_by_rule", "cooperation_by_rule", "cooperation"]]
        groups[f"rare-{rare}s/{_key(name)}/{reciprocity}"] = kept
    for name, data in done.watched.items():
        groups[f"watched/{_key(name)}"] = data
    return data_tree(NAME, groups, asdict(parameters))


def _key(name: str) -> str:
    return name.replace(" .", "-0.").replace(" ", "-")
