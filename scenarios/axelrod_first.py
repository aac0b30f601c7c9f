"""Axelrod's first tournament (1980), from his descriptions: who wins, and does it hang on how they are read?

The programs are lost, and several descriptions leave a choice. Each reading is played, alone and combined with all
others: what two rules do to each other does not depend on who else is there, so one tournament with all readings
gives the standings of every combination.
"""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from scenarios.scenario import Picture, Progress, Result, RunParameters, Table, silent
from scenarios.tournaments import basin_table, equilibrium_table, judged
from simulation.strategies.axelrod_1980 import (
    downing_rule,
    feld_rule,
    shubik_rule,
    stein_rapoport_rule,
    tideman_chieruzzi_rule,
    tullock_rule,
)
from simulation.strategies.base import Strategy, memory_one
from simulation.strategies.catalogue import strategy
from simulation.strategies.short_memory import nydegger
from simulation.tournament import round_robin, standings
from theory import named_game

NAME = "axelrod-first"
GAME = "prisoners-dilemma-axelrod"
TURNS = 200

# Axelrod (1980), Table 2: mean points a game against all 15 entries, the twin included.
PUBLISHED = {
    "tit-for-tat": 504.5,
    "tideman-chieruzzi": 500.4,
    "nydegger": 485.5,
    "grofman": 481.9,
    "shubik": 480.7,
    "stein-rapoport": 477.8,
    "grim": 473.4,
    "davis": 471.8,
    "graaskamp": 400.7,
    "downing": 390.6,
    "feld": 327.6,
    "joss": 304.4,
    "tullock": 300.5,
    "name-withheld": 282.2,
    "random": 276.3,
}
PUBLISHED_RANKS = {name: float(k + 1) for k, name in enumerate(PUBLISHED)}


@dataclass(frozen=True)
class Reading:
    """Another way of reading an entry's description."""

    entry: str
    question: str
    default: str
    other: str
    strategy: Strategy


def _reading(entry: str, question: str, default: str, other: str, rule: Any) -> Reading:
    return Reading(entry, question, default, other, Strategy(f"{entry} ({other})", rule))


def readings() -> tuple[Reading, ...]:
    """Return every ambiguous description with a second reading (name withheld has a third)."""
    return (
        _reading(
            "tideman-chieruzzi", "what counts as a run of defections that lengthens punishment?",
            "all runs", "ended runs", tideman_chieruzzi_rule(finished_runs=True),
        ),
        _reading(
            "nydegger", "weights 16, 4, 1 in chronological order: from which end?",
            "newest 16", "oldest 16", nydegger(newest_weighs_most=False),
        ),
        _reading(
            "shubik", "which defections are departures from mutual cooperation?",
            "own C only", "any", shubik_rule(any_defection=True),
        ),
        _reading(
            "stein-rapoport", "what does the chi-squared test of randomness compare?",
            "counts", "transitions", stein_rapoport_rule(transitions=True),
        ),
        _reading(
            "downing", "what do initial chances of .5 mean?",
            "D, D first", ".5 at first", downing_rule(assumed_answers=False),
        ),
        _reading("feld", "how does the chance fall to .5?", "linear", "geometric", feld_rule(geometric=True)),
        _reading("tullock", "10% less than the other", "ten points", "a tenth", tullock_rule(relative=True)),
        _reading(
            "name-withheld", "a chance of C between 30% and 70%", "drawn", "always 30%",
            memory_one(0.3, (0.3, 0.3, 0.3, 0.3)).rule,
        ),
        _reading(
            "name-withheld", "a chance of C between 30% and 70%", "drawn", "always 70%",
            memory_one(0.7, (0.7, 0.7, 0.7, 0.7)).rule,
        ),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Parameters(RunParameters):
    """The tournament of 1980: 200 turns, everybody against everybody, its twin and random."""

    least_runs = 2
    quick_runs = 5

    runs: int = 200
    """Matches of each pair (Axelrod played five)."""


def run(parameters: Parameters, progress: Progress = silent) -> Result:
    """Play all entries in all readings, rank each combination and judge the first."""
    started = time.perf_counter()
    other_readings = readings()
    entries = [strategy(name) for name in PUBLISHED]
    data = xr.Dataset()
    for _ in progress([NAME], total=1):
        data = round_robin(
            [*entries, *(reading.strategy for reading in other_readings)],
            game=named_game(GAME),
            turns=TURNS,
            repetitions=parameters.runs,
            seed=parameters.seed,
        )
    first = _with_standings(data, list(PUBLISHED))
    combined = combinations(data, other_readings)
    alone = {
        reading.strategy.name: standings(data, _field({reading.entry: reading.strategy.name}))
        for reading in other_readings
    }
    cells = _cells(first, combined, alone, other_readings)
    verdicts = [{"condition": "default"} | judged(first)]
    return Result(
        scenario=NAME,
        parameters=asdict(parameters),
        seconds=time.perf_counter() - started,
        complete=True,
        cells=cells,
        verdicts=verdicts,
        finding=_finding(first, combined, verdicts[0]),
        tables=[
            _table(first, combined),
            _readings_table(first, alone, other_readings),
            equilibrium_table(verdicts),
            basin_table(verdicts),
        ],
        pictures=_pictures(first, combined),
        data=_data(data, parameters),
    )


def winner_of(table: xr.Dataset) -> str:
    """Return the strategy with the best score."""
    return str(table["strategy"].values[int(np.argmax(table["score"].values))])


def _field(instead: dict[str, str]) -> list[str]:
    return [instead.get(name, name) for name in PUBLISHED]


def _with_standings(data: xr.Dataset, names: list[str]) -> xr.Dataset:
    """Return the part of a tournament in which only some take part, with their own standings."""
    part = data.sel(strategy=names, opponent=names)
    part = part.drop_vars(["wins", "good_partner", "repetition_score"])
    return part.assign(standings(data, names))


def combinations(data: xr.Dataset, other_readings: tuple[Reading, ...]) -> dict[str, np.ndarray[Any, Any]]:
    """Return `[combinations]` ranks by entry, over all combinations of readings."""
    choices: dict[str, list[str]] = {name: [name] for name in PUBLISHED}
    for reading in other_readings:
        choices[reading.entry].append(reading.strategy.name)
    place = {str(name): k for k, name in enumerate(data["strategy"].values)}
    payoffs = data["payoffs"].values
    ranks = []
    for names in itertools.product(*choices.values()):
        members = [place[name] for name in names]
        score = payoffs[np.ix_(members, members)].mean(axis=1)
        ranks.append((score > score[:, None] + 1e-9).sum(axis=1) + 1.0)
    return dict(zip(PUBLISHED, np.array(ranks).T, strict=True))


def _cells(
    first: xr.Dataset,
    combined: dict[str, Any],
    alone: dict[str, xr.Dataset],
    other_readings: tuple[Reading, ...],
) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = [
        {
            "game": GAME,
            "condition": "default readings",
            "strategy": name,
            "points": TURNS * float(first["score"].sel(strategy=name)),
            "standard_error": TURNS * float(first["score_standard_error"].sel(strategy=name)),
            "published_points": PUBLISHED[name],
            "rank": float(first["rank"].sel(strategy=name)),
            "rank_low": float(first["rank_low"].sel(strategy=name)),
            "rank_high": float(first["rank_high"].sel(strategy=name)),
            "published_rank": PUBLISHED_RANKS[name],
            "best_rank_over_readings": float(combined[name].min()),
            "worst_rank_over_readings": float(combined[name].max()),
        }
        for name in PUBLISHED
    ]
    for reading in other_readings:
        table = alone[reading.strategy.name]
        best = winner_of(table)
        cells.append(
            {
                "game": GAME,
                "condition": reading.strategy.name,
                "question": reading.question,
                "strategy": reading.strategy.name,
                "points": TURNS * float(table["score"].sel(strategy=reading.strategy.name)),
                "rank": float(table["rank"].sel(strategy=reading.strategy.name)),
                "winner": best,
                "rank_of_tit_for_tat": float(table["rank"].sel(strategy="tit-for-tat")),
            }
        )
    return cells


def _table(first: xr.Dataset, combined: dict[str, Any]) -> Table:
    rows = []
    for name in sorted(PUBLISHED, key=lambda name: float(first["rank"].sel(strategy=name))):
        of = first.sel(strategy=name)
        rows.append(
            (
                f"{float(of['rank']):g}",
                name,
                f"{TURNS * float(of['score']):.1f} ± {TURNS * float(of['score_standard_error']):.1f}",
                f"{float(of['rank_low']):g} – {float(of['rank_high']):g}",
                f"{combined[name].min():g} – {combined[name].max():g}",
                f"{PUBLISHED[name]:.1f}",
                f"{PUBLISHED_RANKS[name]:g}",
            )
        )
    return Table(
        "Axelrod's first tournament: points a game (200 turns), mean ± standard error",
        ("rank", "entry", "points", "95%", "readings", "1980", "rank"),
        rows,
        "95%: ranks that sampling errors allow. Readings: ranks over all combinations of readings. 1980: points "
        "and rank as published.",
    )


def _readings_table(
    first: xr.Dataset, alone: dict[str, xr.Dataset], other_readings: tuple[Reading, ...]
) -> Table:
    rows = []
    for reading in other_readings:
        table = alone[reading.strategy.name]
        best = winner_of(table)
        rows.append(
            (
                reading.entry,
                f"{float(first['rank'].sel(strategy=reading.entry)):g}: {reading.default}",
                f"{float(table['rank'].sel(strategy=reading.strategy.name)):g}: {reading.other}",
                best.split(" (")[0],
                f"{float(table['rank'].sel(strategy='tit-for-tat')):g}",
            )
        )
    return Table(
        "Descriptions that can be read in more than one way",
        ("entry", "rank: default", "rank: other", "winner", "TFT"),
        rows,
        "Ranks of the entry by either reading, the others by default; then the winner and Tit-for-Tat's (TFT) rank.",
    )


def _finding(first: xr.Dataset, combined: dict[str, Any], verdict: dict[str, Any]) -> str:
    winner = winner_of(first)
    tit_for_tat = first.sel(strategy="tit-for-tat")
    ours = [float(first["rank"].sel(strategy=name)) for name in PUBLISHED]
    correlation = float(np.corrcoef(ours, list(PUBLISHED_RANKS.values()))[0, 1])
    versions = len(combined["tit-for-tat"])
    wins = {name: int((ranks == 1).sum()) for name, ranks in combined.items()}
    winners = ", ".join(
        f"{name} in {count}" for name, count in sorted(wins.items(), key=lambda item: -item[1]) if count
    )
    top = float(np.mean(combined["tit-for-tat"] <= 5))
    stable = sum(bool(e["is_evolutionarily_stable"]) for e in verdict["equilibria"])
    return (
        f"By the default readings {winner} is first; Tit-for-Tat, the winner of 1980, has rank "
        f"{float(tit_for_tat['rank']):g} ({float(tit_for_tat['rank_low']):g} to "
        f"{float(tit_for_tat['rank_high']):g}) with {TURNS * float(tit_for_tat['score']):.1f} points (504.5 "
        f"published). The rank correlation with the published table is {correlation:.2f}. Of {versions} "
        f"combinations of readings, Tit-for-Tat wins {wins['tit-for-tat']} and is among the first five in "
        f"{top:.0%} of them; winners (ties count for all): {winners}. Of "
        f"{len(verdict['equilibria'])} equilibria found in the meta-game {stable} are evolutionarily stable. Which "
        "rule wins hangs on how the others are read."
    )


def _pictures(first: xr.Dataset, combined: dict[str, Any]) -> list[Picture]:
    from scenarios.plots_tournament import draw_payoff_heat_map, draw_rank_distributions, draw_ranks

    return [
        Picture(
            f"{NAME}-ranks",
            partial(
                draw_ranks, first, title="Axelrod's first tournament, default readings",
                published=PUBLISHED_RANKS,
            ),
        ),
        Picture(
            f"{NAME}-readings",
            partial(
                draw_rank_distributions, combined, published=PUBLISHED_RANKS,
                title="Ranks over all combinations of readings",
            ),
        ),
        Picture(
            f"{NAME}-payoffs",
            partial(draw_payoff_heat_map, first, title="Axelrod's first tournament: who gets what from whom"),
        ),
    ]  # fmt: skip


def _data(data: xr.Dataset, parameters: Parameters) -> xr.DataTree:
    tree = xr.DataTree.from_dict({f"{GAME}/all-readings": data})
    tree.attrs = {"scenario": NAME, "parameters": json.dumps(asdict(parameters))}
    return tree
