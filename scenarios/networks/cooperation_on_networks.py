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
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import xarray as xr

from scenarios.frame.results import Picture, Result
from scenarios.frame.scenario import Progress, RunParameters, data_tree, silent
from scenarios.networks.budgets import stacked_cells
from scenarios.networks.invasion_report import finding, invasion_tables, match_table, rare_table
from scenarios.networks.invasions import (
    GAME,
    GENERALISED,
    MOMENTS,
    NETWORKS,
    NOISE,
    PAIRS,
    STRATEGIES,
    TURNS,
    WATCHED,
    Done,
    invade,
    invasion_cells,
    match_payoffs,
    rare_among_many,
    rare_cells,
    watch,
    watch_moments,
)
from scenarios.tournaments.verdict import equilibrium_table
from scenarios.tournaments.verdict import judged as judged_meta_game
from simulation import NetworkDescription, gradual_tit_for_tat, round_robin
from simulation.engine.randomness import whole_number
from simulation.matches.strategies.base import Strategy
from theory import named_game
from theory.checks import FloatArray

NAME = "cooperation-on-networks"


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
                repetitions=self.sampled,
                exact=True,
                seed=self.seed,
            )
            for turns in TURNS
        }


def run(parameters: Parameters, progress: Progress = silent) -> Result:
    """Simulate invasions, the rare among the many, and three strategies side by side."""
    started = time.perf_counter()
    done, complete = _simulate(parameters, progress)
    cells = [*invasion_cells(done, parameters), *rare_cells(done)]
    judged = [
        {"condition": f"{turns} turns"} | judged_meta_game(data) for turns, data in parameters.matches.items()
    ]
    return Result(
        scenario=NAME,
        parameters=asdict(parameters),
        seconds=time.perf_counter() - started,
        complete=complete,
        cells=cells,
        verdicts=judged,
        finding=finding(cells),
        tables=[
            match_table(parameters),
            *invasion_tables(cells, parameters),
            rare_table(cells),
            equilibrium_table(judged),
        ],
        make_pictures=partial(_pictures, done, cells, parameters),
        data=_data(done, parameters),
    )


def _simulate(parameters: Parameters, progress: Progress) -> tuple[Done, bool]:
    done = Done()
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
                done.invasions[cell] = invade(parameters, *cell)
            elif kind == "rare":
                done.rare[cell] = rare_among_many(parameters, *cell)
            elif kind == "watched":
                done.watched[cell] = watch(parameters, cell)
            else:
                done.moments = watch_moments(parameters, cell)
    except KeyboardInterrupt:
        if not done.invasions:
            raise
        return done, False
    return done, True


def _cooperativeness(parameters: Parameters, graph: Any, strategies: FloatArray) -> FloatArray:
    """Return `[N]`: the share of its actions that are C, of each agent in the matches with its neighbours."""
    cooperation = parameters.matches[TURNS[0]]["cooperation"].values
    return np.array(
        [
            np.mean([cooperation[strategies[v], strategies[u]] for u in graph[v]])
            for v in range(len(strategies))
        ]
    )


def _pictures(done: Done, cells: list[dict[str, Any]], parameters: Parameters) -> list[Picture]:
    from scenarios.pictures.networks import draw_invasions, draw_network_moments, draw_shares
    from scenarios.pictures.simplex import simplex_figure

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
                    match_payoffs(parameters, TURNS[0]),
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


def _draw_moments(done: Done, parameters: Parameters, draw: Any) -> Any:
    graph = parameters.network(WATCHED[0], size=parameters.watched).build().to_networkx()
    side = round(parameters.watched**0.5)
    return draw(
        graph,
        np.array([_cooperativeness(parameters, graph, moment) for moment in done.moments]),
        titles=[f"generation {generation}" for generation in MOMENTS],
        title="Defectors (circles), Tit-for-Tat (squares) and gradual Tit-for-Tat (triangles) on a lattice",
        label="share of an agent's actions that are C",
        shapes=np.array(done.moments),
        positions={k: (k % side, k // side) for k in range(parameters.watched)},
    )


def _data(done: Done, parameters: Parameters) -> xr.DataTree:
    flat = {
        (name, turns, STRATEGIES[pair[0]], STRATEGIES[pair[1]]): data[["fixated", "fixation_time"]]
        for (name, turns), by_pair in done.invasions.items()
        for pair, data in by_pair.items()
    }
    kept = ["payoff_by_rule", "cooperation_by_rule", "cooperation"]
    groups = {
        f"matches-{turns}": data.drop_vars("repetition_score") for turns, data in parameters.matches.items()
    }
    for name, cells, dimensions in (
        ("invasions", flat, ("network", "turns", "invader", "resident")),
        ("rare", {cell: data[kept] for cell, data in done.rare.items()}, ("network", "rare", "reciprocity")),
        ("watched", {(cell,): data for cell, data in done.watched.items()}, ("network",)),
    ):
        if cells:
            groups[name] = stacked_cells(cells, dimensions)
    return data_tree(NAME, groups, asdict(parameters))
