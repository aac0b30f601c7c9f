"""Cells, tables and words of Axelrod's first tournament."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from scenarios.frame.comparison import share_interval
from scenarios.frame.results import Table
from scenarios.tournaments.axelrod_comparison import TURNS, UNKNOWN, Comparison
from scenarios.tournaments.axelrod_fit import PairFit
from scenarios.tournaments.axelrod_published import CODES
from scenarios.tournaments.verdict import stable_in_words

# Opponents side by side in a table of 80 columns.
BLOCK = 5

# A chi-squared above this is not told from others in tables.
MUCH = 9999


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
    hexadecimal = next(read for read in found.read_as if read.reading == "hexadecimal").fit
    unknown = next(read for read in found.read_as if read.entry == UNKNOWN).fit
    return (
        f"Of {fit.free_of_chance} pairs without chance (name-withheld left out) {fit.exact} agree with the table of "
        f"1980 to the point (not: {', '.join(missed) or 'none'}); with hexadecimal arithmetic {hexadecimal.exact} of "
        f"Downing's {hexadecimal.free_of_chance} do. The {fit.pairs_with_chance} others have chi-squared "
        f"{fit.chi_squared:.1f} ± {fit.chi_squared_error:.1f} (Monte Carlo) on {fit.degrees} degrees of freedom, "
        f"p = {fit.p_value:.2f}; of {len(found.placed)} tables printed from simulated games "
        f"{fit.simulated_above:.0%} have as much or more; {fit.rejected} of the pairs are rejected at 1%. About a "
        "dozen readings were chosen "
        "on these data, so that both flatter. Name-withheld as one chance of C does not fit: chi-squared "
        f"{unknown.chi_squared:.0f} on {unknown.degrees}."
    )


def _on_the_winner(found: Comparison) -> str:
    number = len(found.placed)
    winners = (found.placed == 1.0).sum(axis=0)
    best = int(np.argmax(winners))
    least, _ = share_interval(int(winners[best]), number)
    in_order = int((found.placed == np.arange(1.0, len(found.names) + 1.0)).all(axis=1).sum())
    correlation = float(np.corrcoef(found.field["rank"].values, np.arange(len(found.names)))[0, 1])
    others = [read for read in found.read_as if read.winner != found.names[best]]
    rejected = all(read.fit.exact < read.fit.free_of_chance or read.fit.p_value < 0.01 for read in others)
    listed = "; ".join(f"{read.winner} if {read.entry} is read as {read.reading!r}" for read in others)
    described = found.described["rank"].values
    return (
        f"In this field and by these rules {found.names[best]} is first in {winners[best]} of {number} tournaments "
        f"of five games (at least {least:.1%} of all, 95%). Others are first with single readings"
        f"{', each of which the table rejects' if others and rejected else ''}: {listed or 'none'}. With all "
        f"entries read as the Axelrod library does {found.names[int(np.argmin(described))]} is first and "
        f"{found.names[best]} has rank {described[best]:g}. The rank "
        f"correlation with the published order is {correlation:.3f}; {in_order} of the tournaments have exactly that "
        "order."
    )


def _on_the_meta_game(verdict: dict[str, Any]) -> str:
    return (
        f"Of {len(verdict['equilibria'])} equilibria found in the meta-game {stable_in_words(verdict)} are "
        "evolutionarily stable."
    )
