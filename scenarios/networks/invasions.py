"""Measuring who invades whom on networks: simulations and cells of `cooperation-on-networks`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from simulation import PopulationParameters, evolve, simulate_population
from theory.checks import FloatArray
from theory.statistics import mean_interval, share_interval

if TYPE_CHECKING:
    from scenarios.networks.cooperation_on_networks import Parameters

GAME = "prisoners-dilemma"
NOISE = 0.05
TURNS = (5, 50)
"""Lengths of short and long matches."""

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
MOMENTS = (0, 3, 15, GENERATIONS)
"""Generations at which the network is drawn."""
MUTATION = 0.002
WATCHED_RUNS = 20


@dataclass
class Done:
    """What was finished."""

    invasions: dict[tuple[str, int], dict[tuple[int, int], xr.Dataset]] = field(default_factory=dict)
    """By network and number of turns, then by invader and resident."""
    rare: dict[tuple[str, str, str], xr.Dataset] = field(default_factory=dict)
    """By network, who is rare, and reciprocity."""
    watched: dict[str, xr.Dataset] = field(default_factory=dict)
    """By network."""
    moments: list[FloatArray] = field(default_factory=list)
    """`[N]` strategies at each of `MOMENTS`."""


def invade(parameters: Parameters, name: str, turns: int) -> dict[tuple[int, int], xr.Dataset]:
    """Let one invader of each strategy try its luck among residents of each other."""
    graph = parameters.network(name).build().to_networkx()
    matrix = match_payoffs(parameters, turns)
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


def rare_among_many(parameters: Parameters, name: str, rare: str, reciprocity: str) -> xr.Dataset:
    """Let a few defectors or mirrors live among many of the other kind."""
    many = "mirror" if rare == "defector" else "defector"
    of_cell = PopulationParameters(
        graph=parameters.network(name, size=parameters.watched),
        rules={rare: RARE, many: 1.0 - RARE},
        per_partner=reciprocity == "direct",
        noise=NOISE,
        steps=STEPS,
    )
    return simulate_population(of_cell, runs=WATCHED_RUNS, seed=parameters.seed)


def watch(parameters: Parameters, name: str) -> xr.Dataset:
    """Follow three strategies with mutation over many generations."""
    return three_strategies(parameters, name, GENERATIONS * parameters.watched, runs=WATCHED_RUNS)


def watch_moments(parameters: Parameters, name: str) -> list[FloatArray]:
    """Return who plays what at some moments of one run: shorter runs are its beginnings."""
    finals = [
        three_strategies(parameters, name, max(1, generation * parameters.watched), runs=1)[
            "final_strategies"
        ]
        for generation in MOMENTS
    ]
    return [np.asarray(final.values[0]) for final in finals]


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


def rare_cells(done: Done) -> list[dict[str, Any]]:
    """Return by how much the few were ahead of the many."""
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
