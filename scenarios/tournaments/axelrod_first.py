"""Axelrod's first tournament (1980), played again: does it give his table, cell by cell, and who wins?

Three programs of the tournament survive in the archive of the second one. The other rules are described in the
paper; where its sentences leave a choice, the default is the reading that the table supports, and the other readings
are played beside it: what two rules do to each other does not depend on who else is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Literal, NamedTuple

import networkx as nx
import numpy as np
import xarray as xr

from scenarios.frame.results import Picture, Table
from scenarios.frame.scenario import Report, RunParameters, Scenario
from scenarios.tournaments.axelrod_comparison import TURNS, UNKNOWN, Comparison, PairFit, compare
from scenarios.tournaments.axelrod_published import CODES, table_of_1980
from scenarios.tournaments.axelrod_readings import Reading, readings
from scenarios.tournaments.verdict import (
    KEYS_OF_VERDICTS,
    basin_table,
    equilibrium_table,
    judged,
    stable_in_words,
)
from simulation.matches.strategies.axelrod_1980_described import as_described
from simulation.matches.strategies.base import Strategy
from simulation.tournaments.classic import round_robin
from theory import named_game
from theory.statistics import share_interval

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


# Opponents side by side in a table of 80 columns.
BLOCK = 5

# A chi-squared above this is not told from others in tables.
MUCH = 9999


class Cell(NamedTuple):
    """One of the three things that are played."""

    field: Literal["field", "readings", "described"]
    """By default; the other readings, each against the entries by default; all as the Axelrod library reads them."""


FIELD, READINGS, DESCRIBED = Cell("field"), Cell("readings"), Cell("described")


def play(parameters: Parameters, cell: Cell) -> xr.Dataset:
    """Play the field, or each other reading against it, with what each game of each pair gave."""
    players: list[Any] = list(PUBLISHED)
    if cell == READINGS:
        players += [reading.strategy for reading in readings()]
    elif cell == DESCRIBED:
        described = as_described()
        players = [Strategy(name, described[name]) if name in described else name for name in PUBLISHED]
    return round_robin(
        players,
        game=named_game(GAME),
        turns=TURNS,
        repetitions=parameters.runs,
        seed=parameters.seed,
        graph=_against_the_field(readings()) if cell == READINGS else None,
        record_repetitions=True,
    )


def _against_the_field(others: tuple[Reading, ...]) -> nx.Graph:
    """Return who meets whom: each reading all entries but its own."""
    graph: nx.Graph = nx.Graph()
    for reading in others:
        graph.add_edges_from((reading.strategy.name, name) for name in PUBLISHED if name != reading.entry)
    return graph


def report(parameters: Parameters, done: Mapping[Cell, xr.Dataset]) -> Report:
    """Compare with the table, rank and judge; without the field by default there is nothing to compare."""
    if FIELD not in done:
        return Report(
            cells=[], verdicts=[], finding="The field was not played, so that nothing is compared.", tables=[]
        )
    found = compare(done[FIELD], done.get(READINGS), done.get(DESCRIBED), readings(), runs=parameters.runs)
    verdict = {"condition": "default"} | judged(found.field)
    return Report(
        cells=cells_of(GAME, found),
        verdicts=[verdict],
        finding=finding(found, verdict),
        tables=[
            standings_table(found),
            *cell_tables(found),
            *([readings_table(found)] if found.read_as else []),
            equilibrium_table([verdict]),
            basin_table([verdict]),
        ],
        make_pictures=partial(_pictures, found),
    )


def tree(parameters: Parameters, done: Mapping[Cell, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Return what is stored in the end: what each game of each pair gave is large, and the seed gives it again."""
    return {_group(cell): data.drop_vars("repetition_payoffs") for cell, data in done.items()}


def _group(cell: Cell) -> str:
    return f"{GAME}/{cell.field}"


def cells_of(game: str, found: Comparison) -> list[dict[str, Any]]:
    """Return the standings, all cells of the table and all readings as plain data."""
    cells = [*_standings(found), *_table_cells(found), *_read_cells(found)]
    return [{"game": game} | cell for cell in cells]


def _standings(found: Comparison) -> list[dict[str, Any]]:
    low, high = np.quantile(found.placed, [0.025, 0.975], axis=0, method="inverted_cdf")
    first = found.placed == 1.0
    return [
        {
            "condition": "field",
            "strategy": name,
            "points": TURNS * float(found.field["score"].sel(strategy=name)),
            "standard_error": TURNS * float(found.field["score_standard_error"].sel(strategy=name)),
            "tournament_standard_deviation": float(found.tournaments[:, k].std(ddof=1)),
            "published_points": float(found.table.averages[k]),
            "rank": float(found.field["rank"].sel(strategy=name)),
            "tournament_rank_low": float(low[k]),
            "tournament_rank_high": float(high[k]),
            "published_rank": k + 1.0,
            "first_in": int(first[:, k].sum()),
            "tournaments": len(first),
        }
        for k, name in enumerate(found.names)
    ]


def _table_cells(found: Comparison) -> list[dict[str, Any]]:
    return [
        {
            "condition": "cell",
            "strategy": found.names[i],
            "opponent": found.names[j],
            "table_points": float(pair.table[seat]),
            "table_status": "seen" if found.table.seen[i, j] else "recalled",
            "points": float(pair.points[seat]),
            "standard_error": float(pair.error[seat]),
            "standard_error_of_five_games": found.of_five_games(pair, seat),
            "is_free_of_chance": pair.is_free_of_chance,
            "pair_chi_squared": pair.chi_squared,
            "pair_degrees": pair.degrees,
            "pair_p_value": pair.p_value,
        }
        for pair, seat, i, j in found.seats()
    ]


def _read_cells(found: Comparison) -> list[dict[str, Any]]:
    return [
        {
            "condition": read.reading,
            "strategy": read.entry,
            "points": read.points,
            "rank": read.rank,
            "winner": read.winner,
            "p_value": read.fit.p_value,
        }
        | asdict(read.fit)
        for read in found.read_as
    ]


def standings_table(found: Comparison) -> Table:
    """Return points and ranks beside the published ones."""
    cells = sorted(_standings(found), key=lambda cell: float(cell["rank"]))
    rows = [
        (
            f"{cell['rank']:g}",
            CODES[cell["strategy"]],
            cell["strategy"],
            f"{cell['points']:.1f} ± {cell['tournament_standard_deviation']:.1f}",
            f"{cell['tournament_rank_low']:g} – {cell['tournament_rank_high']:g}",
            f"{cell['first_in'] / cell['tournaments']:.1%}",
            f"{cell['published_points']:.1f}",
            f"{cell['published_rank']:g}",
        )
        for cell in cells
    ]
    return Table(
        "Axelrod's first tournament: points a game (200 turns)",
        ("rank", "", "entry", "points", "ranks", "first", "1980", "rank"),
        rows,
        f"± standard deviation, ranks (95%) and how often first: over {len(found.placed)} tournaments of five "
        "games a pair, as in 1980. 1980: Axelrod's points and ranks.",
    )


def cell_tables(found: Comparison) -> list[Table]:
    """Return all cells of the table beside the simulated ones, in blocks of opponents."""
    text = {}
    for pair, seat, i, j in found.seats():
        printed = f"{pair.table[seat]:.0f}"
        text[i, j] = (f" {printed} " if found.table.seen[i, j] else f"({printed})") + _ours(found, pair, seat)
    blocks = [range(k, min(k + BLOCK, len(found.names))) for k in range(0, len(found.names), BLOCK)]
    codes = [CODES[name] for name in found.names]
    note = (
        "Each cell: the table of 1980 (in brackets: recalled, not seen), then = if nothing is random and we have the "
        "same, else our points, ± the standard error of a mean of five games where something is random. *: the pair "
        "is rejected at 1%, or missed though nothing is random."
    )
    return [
        Table(
            f"Points of the row against {codes[block[0]]} to {codes[block[-1]]}: 1980 and here",
            ("", *(codes[j] for j in block)),
            [(codes[i], *(text[i, j] for j in block)) for i in range(len(codes))],
            note if block is blocks[-1] else "",
        )
        for block in blocks
    ]


def _ours(found: Comparison, pair: PairFit, seat: int) -> str:
    mark = "" if pair.p_value >= 0.01 else "*"
    if pair.is_free_of_chance:
        return "=" if abs(pair.points[seat] - pair.table[seat]) < 0.5 else f"{pair.points[seat]:.0f}{mark}"
    error = found.of_five_games(pair, seat)
    return f"{pair.points[seat]:.0f}±{error:.{int(error < 0.95)}f}{mark}"


def readings_table(found: Comparison) -> Table:
    """Return what each reading changes."""
    rows = [
        (
            CODES[read.entry],
            read.reading,
            f"{read.fit.exact}/{read.fit.free_of_chance}",
            f"{_in_short(read.fit.chi_squared)}/{read.fit.degrees}",
            f"{read.points:.1f}",
            f"{read.rank:g}",
            CODES[read.winner],
        )
        for read in found.read_as
    ]
    return Table(
        "What each reading changes, the others by default",
        ("entry", "reading", "exact", "chi²", "points", "rank", "first"),
        rows,
        "The first row of an entry is its default. Exact: of its pairs in which nothing is random, those that meet "
        "the table to the point. Chi²: the others, with their degrees of freedom. Pairs with name-withheld count in "
        "its own rows alone. Points, rank: the entry's; first: who has most points.",
    )


def _in_short(chi_squared: float) -> str:
    return f"{chi_squared:.0f}" if chi_squared < MUCH else f">{MUCH}"


def finding(found: Comparison, verdict: dict[str, Any]) -> str:
    """Return the result in words."""
    return " ".join([_on_the_table(found), _on_the_winner(found), _on_the_meta_game(verdict)])


def _on_the_table(found: Comparison) -> str:
    fit = found.fit
    missed = [
        f"{CODES[pair.first]} and {CODES[pair.second]}"
        for pair in found.pairs
        if pair.is_free_of_chance and not pair.is_exact
    ]
    return (
        f"Of {fit.free_of_chance} pairs without chance (name-withheld left out) {fit.exact} agree with the table of "
        f"1980 to the point (not: {', '.join(missed) or 'none'}){_with_hexadecimal(found)}. The "
        f"{fit.pairs_with_chance} others have chi-squared "
        f"{fit.chi_squared:.1f} ± {fit.chi_squared_error:.1f} (Monte Carlo) on {fit.degrees} degrees of freedom, "
        f"p = {fit.p_value:.2f}; of {len(found.placed)} tables printed from simulated games "
        f"{fit.simulated_above:.0%} have as much or more; {fit.rejected} of the pairs are rejected at 1%. About a "
        f"dozen readings were chosen on these data, so that both flatter.{_on_the_unknown(found)}"
    )


def _with_hexadecimal(found: Comparison) -> str:
    fits = [read.fit for read in found.read_as if read.reading == "hexadecimal"]
    return "".join(
        f"; with hexadecimal arithmetic {fit.exact} of Downing's {fit.free_of_chance} do" for fit in fits
    )


def _on_the_unknown(found: Comparison) -> str:
    fits = [read.fit for read in found.read_as if read.entry == UNKNOWN]
    return "".join(
        f" Name-withheld as one chance of C does not fit: chi-squared {fit.chi_squared:.0f} on {fit.degrees}."
        for fit in fits[:1]
    )


def _on_the_winner(found: Comparison) -> str:
    number = len(found.placed)
    winners = (found.placed == 1.0).sum(axis=0)
    best = int(np.argmax(winners))
    least, _ = share_interval(int(winners[best]), number)
    in_order = int((found.placed == np.arange(1.0, len(found.names) + 1.0)).all(axis=1).sum())
    correlation = float(np.corrcoef(found.field["rank"].values, np.arange(len(found.names)))[0, 1])
    return (
        f"In this field and by these rules {found.names[best]} is first in {winners[best]} of {number} tournaments "
        f"of five games (at least {least:.1%} of all, 95%).{_with_single_readings(found, best)}"
        f"{_as_described(found, best)} The rank "
        f"correlation with the published order is {correlation:.3f}; {in_order} of the tournaments have exactly that "
        "order."
    )


def _with_single_readings(found: Comparison, best: int) -> str:
    if not found.read_as:
        return ""
    others = [read for read in found.read_as if read.winner != found.names[best]]
    rejected = all(read.fit.exact < read.fit.free_of_chance or read.fit.p_value < 0.01 for read in others)
    listed = "; ".join(f"{read.winner} if {read.entry} is read as {read.reading!r}" for read in others)
    which = ", each of which the table rejects" if others and rejected else ""
    return f" Others are first with single readings{which}: {listed or 'none'}."


def _as_described(found: Comparison, best: int) -> str:
    if found.described is None:
        return ""
    ranks = found.described["rank"].values
    return (
        f" With all entries read as the Axelrod library does {found.names[int(np.argmin(ranks))]} is first and "
        f"{found.names[best]} has rank {ranks[best]:g}."
    )


def _on_the_meta_game(verdict: dict[str, Any]) -> str:
    return (
        f"Of {len(verdict['equilibria'])} equilibria found in the meta-game {stable_in_words(verdict)} are "
        "evolutionarily stable."
    )


def _pictures(found: Comparison) -> list[Picture]:
    from scenarios.frame.look import figure_of
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
            partial(
                figure_of, draw_payoff_heat_map, found.field,
                title="Axelrod's first tournament: who gets what from whom",
            ),
        ),
    ]  # fmt: skip


KEYS = KEYS_OF_VERDICTS | {
    "condition": "`field` (standings), `cell` (of the table), or how the entry is read; of verdicts `default`",
    "strategy": "the entry",
    "opponent": "whom it met",
    "points": "its mean points a game (200 turns); of a cell, against the opponent",
    "standard_error": "of `points`",
    "tournament_standard_deviation": "of its points, over tournaments of five games a pair",
    "published_points": "Axelrod's; `published_rank` likewise",
    "published_rank": "see `published_points`",
    "rank": "by mean points; 1 is best",
    "tournament_rank_low": "lower end of 95% of its ranks in tournaments; `tournament_rank_high` is the upper end",
    "tournament_rank_high": "see `tournament_rank_low`",
    "first_in": "how many of the `tournaments` it wins",
    "tournaments": "of five games a pair, cut from the games played",
    "table_points": "the table's points; `table_status` says whether the cell was seen or is recalled",
    "table_status": "see `table_points`",
    "standard_error_of_five_games": "of a mean of five games",
    "is_free_of_chance": "whether nothing in the pair's games is random",
    "pair_chi_squared": "of the pair's cells together, on `pair_degrees` of freedom, with `pair_p_value`",
    "pair_degrees": "see `pair_chi_squared`",
    "pair_p_value": "see `pair_chi_squared`",
    "winner": "who has most points if the entry is read so",
    "exact": "of the entry's pairs without chance, `free_of_chance`, those that meet the table to the point",
    "free_of_chance": "see `exact`",
    "chi_squared": "sum over the entry's other pairs, on `degrees` of freedom, with `p_value`",
    "degrees": "see `chi_squared`",
    "p_value": "see `chi_squared`",
    "chi_squared_error": "Monte Carlo standard error of `chi_squared`",
    "pairs_with_chance": "how many other pairs there are; `rejected`: how many of them have a p-value below 1%",
    "rejected": "see `pairs_with_chance`",
    "simulated_above": "share of tables printed from simulated games whose sum is at least `chi_squared`",
}

SCENARIO = Scenario(
    name=NAME,
    Parameters=Parameters,
    cells=lambda parameters: [FIELD, READINGS, DESCRIBED],
    play=play,
    report=report,
    group=_group,
    tree=tree,
    keys=KEYS,
)
