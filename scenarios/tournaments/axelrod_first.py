"""Axelrod's first tournament (1980), played again: does it give his table, cell by cell, and who wins?

Three programs of the tournament survive in the archive of the second one. The other rules are described in the
paper; where its sentences leave a choice, the default is the reading that the table supports, and the other readings
are played beside it: what two rules do to each other does not depend on who else is there.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import networkx as nx
import numpy as np
import xarray as xr

from scenarios.frame.results import Picture, Result
from scenarios.frame.scenario import Progress, RunParameters, silent
from scenarios.tournaments.axelrod_comparison import TURNS, UNKNOWN, Comparison, compare
from scenarios.tournaments.axelrod_published import CODES, table_of_1980
from scenarios.tournaments.axelrod_readings import Reading, readings
from scenarios.tournaments.axelrod_report import (
    cell_tables,
    cells_of,
    finding,
    readings_table,
    standings_table,
)
from scenarios.tournaments.verdict import basin_table, equilibrium_table, judged
from simulation.matches.strategies.axelrod_1980_described import as_described
from simulation.matches.strategies.base import Strategy
from simulation.tournaments.classic import round_robin
from theory import named_game

NAME = "axelrod-first"
GAME = "prisoners-dilemma-axelrod"

# Axelrod (1980), Table 2: mean points a game against all 15 entries, the twin included.
PUBLISHED = dict(zip(table_of_1980().names, table_of_1980().averages.tolist(), strict=True))


@dataclass(frozen=True, kw_only=True)
class Parameters(RunParameters):
    """The tournament of 1980: 200 turns, everybody against everybody, its twin and random."""

    least_runs = 10
    quick_runs = 50

    runs: int = 2000
    """Matches of each pair (Axelrod played five)."""


def run(parameters: Parameters, progress: Progress = silent) -> Result:
    """Play the field and each other reading against it, compare with the table, rank and judge."""
    started = time.perf_counter()
    others, described = readings(), as_described()
    players: dict[str, list[Any]] = {
        "field": list(PUBLISHED),
        "readings": [*PUBLISHED, *(reading.strategy for reading in others)],
        "described": [Strategy(name, described[name]) if name in described else name for name in PUBLISHED],
    }
    played = {}
    for step in progress(list(players), total=len(players)):
        graph = _against_the_field(others) if step == "readings" else None
        played[step] = _play(players[step], graph, parameters)
    field = played["field"]
    found = compare(field, played["readings"], played["described"], others, runs=parameters.runs)
    verdicts = [{"condition": "default"} | judged(field)]
    return Result(
        scenario=NAME,
        parameters=asdict(parameters),
        seconds=time.perf_counter() - started,
        complete=True,
        cells=cells_of(GAME, found),
        verdicts=verdicts,
        finding=finding(found, verdicts[0]),
        tables=[
            standings_table(found),
            *cell_tables(found),
            readings_table(found),
            equilibrium_table(verdicts),
            basin_table(verdicts),
        ],
        make_pictures=partial(_pictures, found),
        data=_data(found, parameters),
    )


def _play(players: list[Any], graph: nx.Graph | None, parameters: Parameters) -> xr.Dataset:
    return round_robin(
        players,
        game=named_game(GAME), turns=TURNS, repetitions=parameters.runs, seed=parameters.seed, graph=graph,
        record_repetitions=True,
    )  # fmt: skip


def _against_the_field(others: tuple[Reading, ...]) -> nx.Graph:
    """Return who meets whom: each reading all entries but its own."""
    graph: nx.Graph = nx.Graph()
    for reading in others:
        graph.add_edges_from((reading.strategy.name, name) for name in PUBLISHED if name != reading.entry)
    return graph


def _pictures(found: Comparison) -> list[Picture]:
    from scenarios.pictures.tournament import draw_payoff_heat_map, draw_rank_distributions, draw_reproduction

    points, error = np.zeros(found.table.points.shape), np.zeros(found.table.points.shape)
    for pair, seat, i, j in found.seats():
        points[i, j] = pair.points[seat]
        error[i, j] = found.of_five_games(pair, seat)
    published_ranks = {name: k + 1.0 for k, name in enumerate(found.names)}
    return [
        Picture(
            f"{NAME}-table",
            partial(
                draw_reproduction, [CODES[name] for name in found.names], found.table.points, points, error,
                seen=found.table.seen, left_out=[CODES[UNKNOWN]],
            ),
        ),
        Picture(
            f"{NAME}-ranks",
            partial(
                draw_rank_distributions, dict(zip(found.names, found.placed.T, strict=True)),
                published=published_ranks, share="share of tournaments",
                title=f"Ranks in {len(found.placed)} tournaments of five games a pair",
            ),
        ),
        Picture(
            f"{NAME}-payoffs",
            partial(draw_payoff_heat_map, found.field, title="Axelrod's first tournament: who gets what from whom"),
        ),
    ]  # fmt: skip


def _data(found: Comparison, parameters: Parameters) -> xr.DataTree:
    played = {"field": found.field, "readings": found.read, "described": found.described}
    # What each game of each pair gave is large, and the seed gives it again.
    kept = {f"{GAME}/{name}": data.drop_vars("repetition_payoffs") for name, data in played.items()}
    tree = xr.DataTree.from_dict(kept)
    tree.attrs = {"scenario": NAME, "parameters": json.dumps(asdict(parameters))}
    return tree
