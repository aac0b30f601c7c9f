"""Who invades whom on networks: what `cooperation-on-networks` plays, and how it is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr

from scenarios.frame.scenario import RunParameters
from simulation import (
    NetworkDescription,
    PopulationParameters,
    evolve,
    frequency_mirror,
    round_robin,
    simulate_population,
)
from simulation.engine.randomness import whole_number
from simulation.matches.strategies.base import Strategy
from theory import named_game
from theory.checks import FloatArray
from theory.statistics import mean_interval, share_interval

GAME = "prisoners-dilemma"
NOISE = 0.05
TURNS = (5, 50)
"""Lengths of short and long matches."""

STRATEGIES = ("defectors", "Tit-for-Tat", "mirrors")
# (invader, resident), by place.
PAIRS = ((0, 1), (0, 2), (1, 0), (2, 0), (1, 2), (2, 1))
LETTERS = "DTM"

# Gradual Tit-for-Tat, and whom it invades and is invaded by; the last three in long matches alone.
GRADUAL = "gradual Tit-for-Tat"
RIVALS = (*STRATEGIES, "win-stay lose-shift", "generous Tit-for-Tat", "contrite Tit-for-Tat")
RIVAL_LETTERS = "DTMWGC"

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
MOMENTS = (0, 3, 15, GENERATIONS)
"""Generations at which the network is drawn."""
MUTATION = 0.002
WATCHED_RUNS = 20


_THREE: tuple[Strategy | str, ...] = (
    "always-defect",
    "tit-for-tat",
    frequency_mirror("threshold", forgetting=0.1, name="frequency-mirror"),
)
_FURTHER = ("win-stay-lose-shift", "generous-tit-for-tat", "contrite-tit-for-tat")


@dataclass(frozen=True, kw_only=True)
class Parameters(RunParameters):
    """Networks, strategies and matches are fixed; sizes can be changed."""

    least_runs = 2

    runs: int = 5000
    """Invasions of each kind, at least 2."""
    agents: int = 64
    """Of each network, at least 20."""
    sampled: int = 10_000
    """Matches of each pair that has no exact payoffs, at least 2."""
    watched: int = 400
    """Agents of the networks that pictures show, at least 20."""

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("sampled", self.sampled, at_least=2)
        for name in ("agents", "watched"):
            size = whole_number(name, getattr(self, name), at_least=20)
            if round(size**0.5) ** 2 != size:
                raise ValueError(f"{name} must be a square number, for lattices, got {size}")

    def quick(self) -> Parameters:
        """Return the parameters of a short look: a hundred invasions of each kind."""
        return replace(
            self,
            runs=min(self.runs, 100),
            watched=min(self.watched, 100),
            sampled=min(self.sampled, 500),
        )

    def network(self, name: str, *, size: int | None = None) -> NetworkDescription:
        """Return a network by name, the same in all runs."""
        kind, degree, rewiring = NETWORKS[name]
        return NetworkDescription(
            kind=kind, size=size or self.agents, degree=degree, rewiring=rewiring, seed=0
        )

    @cached_property
    def matches(self) -> dict[int, xr.Dataset]:
        """What each strategy gets from each, by the number of turns."""
        return {turns: self._tournament(_THREE, turns) for turns in TURNS}

    @cached_property
    def gradual_matches(self) -> dict[int, xr.Dataset]:
        """What gradual Tit-for-Tat and its rivals get from it and from their twins, by the number of turns."""
        field: list[Strategy | str] = ["gradual-tit-for-tat", *_THREE, *_FURTHER]
        star = [(0, place) for place in range(1, len(field))]
        return {turns: self._tournament(field, turns, graph=star) for turns in TURNS}

    def _tournament(self, field: Sequence[Strategy | str], turns: int, graph: Any = None) -> xr.Dataset:
        return round_robin(
            field,
            game=named_game(GAME),
            turns=turns,
            noise=NOISE,
            repetitions=self.sampled,
            exact=True,
            seed=self.seed,
            graph=graph,
        )


@dataclass(frozen=True)
class Invasion:
    """One invader among residents, who play matches of some turns with their neighbours."""

    network: str
    turns: int
    invader: str
    resident: str


@dataclass(frozen=True)
class Rare:
    """A few defectors or mirrors among many of the other kind."""

    network: str
    rare: str
    reciprocity: str


@dataclass(frozen=True)
class Watched:
    """Three strategies with mutation, over many generations."""

    network: str


@dataclass(frozen=True)
class Moments:
    """Who plays what at some moments of one run."""

    network: str


Cell = Invasion | Rare | Watched | Moments
Done = Mapping[Cell, xr.Dataset]


def gradual_pairs(turns: int) -> list[tuple[str, str]]:
    """Return (invader, resident) of all invasions by and of gradual Tit-for-Tat in matches of some turns."""
    rivals = RIVALS if turns == TURNS[-1] else STRATEGIES
    return [pair for rival in rivals for pair in ((rival, GRADUAL), (GRADUAL, rival))]


def cells_of(parameters: Parameters) -> list[Cell]:
    """Return all invasions, then the rare among the many, then what pictures show."""
    return [
        *(
            Invasion(name, turns, STRATEGIES[invader], STRATEGIES[resident])
            for turns in TURNS
            for name in NETWORKS
            for invader, resident in PAIRS
        ),
        *(
            Invasion(name, turns, *pair)
            for turns in TURNS
            for name in NETWORKS
            for pair in gradual_pairs(turns)
        ),
        *(
            Rare(name, rare, reciprocity)
            for name in GENERALISED
            for rare in ("defector", "mirror")
            for reciprocity in ("direct", "generalised")
        ),
        *(Watched(name) for name in WATCHED),
        Moments(WATCHED[0]),
    ]


def part_of(cell: Cell) -> str:
    """Return what a cell is a part of: an `invasion`, one by or of `gradual` Tit-for-Tat, or anything else."""
    if not isinstance(cell, Invasion):
        return ""
    return "gradual" if GRADUAL in (cell.invader, cell.resident) else "invasion"


def build(parameters: Parameters, cell: Cell) -> PopulationParameters | NetworkDescription:
    """Return the network of a cell, or the parameters of its population."""
    match cell:
        case Invasion(name):
            return parameters.network(name)
        case Rare(name, rare, reciprocity):
            many = "mirror" if rare == "defector" else "defector"
            return PopulationParameters(
                graph=parameters.network(name, size=parameters.watched),
                rules={rare: RARE, many: 1.0 - RARE},
                per_partner=reciprocity == "direct",
                noise=NOISE,
                steps=STEPS,
            )
        case Watched(name) | Moments(name):
            return parameters.network(name, size=parameters.watched)


def play(parameters: Parameters, cell: Cell) -> xr.Dataset:
    """Simulate a cell."""
    options = build(parameters, cell)
    if isinstance(options, PopulationParameters):
        return simulate_population(options, runs=WATCHED_RUNS, seed=parameters.seed)
    match cell:
        case Invasion():
            return _invasion(parameters, cell, options)
        case Moments(name):
            moments = watch_moments(parameters, name)
            return xr.Dataset(
                {"strategies": (("generation", "agent"), moments)}, {"generation": list(MOMENTS)}
            )
    return three_strategies(parameters, cell.network, GENERATIONS * parameters.watched, runs=WATCHED_RUNS)


def _invasion(parameters: Parameters, cell: Invasion, network: NetworkDescription) -> xr.Dataset:
    return evolve(
        payoffs_between(parameters, cell),
        graph=network.build().to_networkx(),
        process="death-birth",
        accumulation="mean",
        runs=parameters.runs,
        seed=parameters.seed,
        names=[cell.invader, cell.resident],
    )


def payoffs_between(parameters: Parameters, cell: Invasion) -> FloatArray:
    """Return `[2, 2]`: what invader and resident get from each other, per turn."""
    names = [cell.invader, cell.resident]
    if GRADUAL in names:
        places = [(GRADUAL, *RIVALS).index(name) for name in names]
        payoffs = np.asarray(parameters.gradual_matches[cell.turns]["payoffs"].values)
    else:
        places = [STRATEGIES.index(name) for name in names]
        payoffs = match_payoffs(parameters, cell.turns)
    return np.asarray(payoffs[np.ix_(places, places)])


def watch_moments(parameters: Parameters, name: str) -> FloatArray:
    """Return `[len(MOMENTS), N]`: who plays what at moments of one run; shorter runs are its beginnings."""
    finals = [
        three_strategies(parameters, name, max(1, generation * parameters.watched), runs=1)
        for generation in MOMENTS
    ]
    return np.array([final["final_strategies"].values[0] for final in finals])


def match_payoffs(parameters: Parameters, turns: int) -> FloatArray:
    """Return `[3, 3]`: what each strategy gets from each, per turn."""
    return np.asarray(parameters.matches[turns]["payoffs"].values)


def three_strategies(parameters: Parameters, name: str, steps: int, *, runs: int) -> xr.Dataset:
    """Let the three strategies compete, with equal numbers at the start, in short matches."""
    return evolve(
        match_payoffs(parameters, TURNS[0]),
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


def invasion_cells(done: Done, parameters: Parameters) -> list[dict[str, Any]]:
    """Return how often each invader took over, and whether selection was for it."""
    import networkx as nx

    # Those of gradual Tit-for-Tat are a part of their own.
    of_gradual = sum(len(gradual_pairs(turns)) for turns in TURNS)
    neutral = 1.0 / parameters.agents
    cells: list[dict[str, Any]] = []
    networks = {
        name: (2 * graph.number_of_edges() / len(graph), float(nx.average_clustering(graph)))
        for name in dict.fromkeys(cell.network for cell in done if isinstance(cell, Invasion))
        for graph in [parameters.network(name).build().to_networkx()]
    }
    for cell, data in done.items():
        if not isinstance(cell, Invasion):
            continue
        part = part_of(cell)
        tests = len(NETWORKS) * (of_gradual if part == "gradual" else len(PAIRS) * len(TURNS))
        won = int((data["fixated"].values == 0).sum())
        # Invasions that were still open after the last step may end either way.
        unresolved = int((data["fixated"].values < 0).sum())
        low = share_interval(won, parameters.runs, 1.0 - LEVEL / tests)[0]
        high = share_interval(won + unresolved, parameters.runs, 1.0 - LEVEL / tests)[1]
        degree, clustered = networks[cell.network]
        cells.append(
            {
                "part": part,
                "network": cell.network,
                "degree": degree,
                "clustering": clustered,
                "turns": cell.turns,
                "invader": cell.invader,
                "resident": cell.resident,
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


def rare_cells(done: Done) -> list[dict[str, Any]]:
    """Return by how much the few were ahead of the many."""
    cells: list[dict[str, Any]] = []
    of_rule = {"defector": "fixed", "mirror": "mirror"}
    for cell, data in done.items():
        if not isinstance(cell, Rare):
            continue
        many = "mirror" if cell.rare == "defector" else "defector"
        late = data.sel(step=slice(STEPS // 2, None)).mean("step")
        payoffs = late["payoff_by_rule"]
        ahead = (payoffs.sel(by_rule=of_rule[cell.rare]) - payoffs.sel(by_rule=of_rule[many])).values
        interval = mean_interval(ahead, 1.0 - LEVEL / (4 * len(GENERALISED)))
        assert interval is not None
        cells.append(
            {
                "part": "rare among many",
                "network": cell.network,
                "reciprocity": cell.reciprocity,
                "rare": cell.rare,
                "payoff_ahead": float(ahead.mean()),
                "interval": list(interval),
                "mirrors_cooperate": float(late["cooperation_by_rule"].sel(by_rule="mirror").mean()),
                "runs": len(ahead),
            }
        )
    return cells
