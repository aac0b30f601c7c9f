"""When defectors, Tit-for-Tat and mirrors invade each other on a network, by degree and clustering.

*Direct reciprocity*: neighbours play repeated Prisoner's Dilemmas (thesis Table 4.1) with noise, each pair its own
match, so that what a strategy gets from another is a number, exact or from sampled matches, computed once. One
invader among residents takes over with some probability; if selection did nothing that would be 1/N on every
network (death-birth: somebody dies, and its neighbours compete to fill the place with chances proportional to their
mean payoffs). Networks of one degree differ in clustering, networks of one kind in degree; matches are short or long.

*Generalised reciprocity*: agents of `simulation.Population`, mirrors with one action for all
neighbours, beside direct ones. Nobody dies there; that the few get more than the many is what
invasion would begin with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from scenarios.frame.results import Picture, Table
from scenarios.frame.scenario import Report, Scenario
from scenarios.networks.invasions import (
    GRADUAL,
    LETTERS,
    LEVEL,
    MOMENTS,
    NOISE,
    PAIRS,
    RARE,
    RIVAL_LETTERS,
    RIVALS,
    STRATEGIES,
    TURNS,
    WATCHED,
    Cell,
    Done,
    Moments,
    Parameters,
    Rare,
    Watched,
    build,
    cells_of,
    gradual_pairs,
    invasion_cells,
    match_payoffs,
    part_of,
    play,
    rare_cells,
)
from scenarios.networks.stacked import stacked_cells
from scenarios.tournaments.verdict import KEYS_OF_VERDICTS, equilibrium_table
from scenarios.tournaments.verdict import judged as judged_meta_game
from theory.checks import FloatArray

NAME = "cooperation-on-networks"


def report(parameters: Parameters, done: Done) -> Report:
    """Say who invades whom, and how the rare do among the many; judge the game of strategies."""
    cells = [*invasion_cells(done, parameters), *rare_cells(done)]
    judged = [{"turns": turns} | judged_meta_game(data) for turns, data in parameters.matches.items()]
    return Report(
        cells=cells,
        verdicts=judged,
        finding=finding(cells),
        tables=[
            match_table(parameters),
            *invasion_tables(cells, parameters),
            gradual_match_table(parameters),
            *gradual_tables(cells, parameters),
            rare_table(cells),
            equilibrium_table(judged, where=lambda verdict: f"{verdict['turns']} turns"),
        ],
        make_pictures=partial(_pictures, done, cells, parameters),
    )


def tree(parameters: Parameters, done: Done) -> dict[str, xr.Dataset]:
    """Return what is stored in the end: the cells of a kind as one dataset, without the moments of a picture."""
    kept = ["payoff_by_rule", "cooperation_by_rule", "cooperation"]
    groups: dict[str, Mapping[Any, xr.Dataset]] = {
        name: {
            cell: data[["fixated", "fixation_time"]] for cell, data in done.items() if part_of(cell) == part
        }
        for name, part in (("invasions", "invasion"), ("gradual-invasions", "gradual"))
    }
    groups |= {
        "rare": {cell: data[kept] for cell, data in done.items() if isinstance(cell, Rare)},
        "watched": {cell: data for cell, data in done.items() if isinstance(cell, Watched)},
    }
    matches = {
        f"matches-{turns}": data.drop_vars("repetition_score") for turns, data in parameters.matches.items()
    }
    matches |= {
        f"matches-gradual-{turns}": data.drop_vars("repetition_score")
        for turns, data in parameters.gradual_matches.items()
    }
    return matches | {name: stacked_cells(cells) for name, cells in groups.items() if cells}


def group(cell: Cell) -> str:
    """Return the name of a cell's group while a run goes on."""
    return "/".join((type(cell).__name__.lower(), *(f"{part}" for part in asdict(cell).values())))


def match_table(parameters: Parameters) -> Table:
    """Return what strategies get from each other in matches."""
    rows = []
    for turns, data in parameters.matches.items():
        for k, name in enumerate(STRATEGIES):
            of = map(_with_error, data["payoffs"].values[k], data["payoffs_standard_error"].values[k])
            rows.append((f"{turns}", name, *of))
    return Table(
        "What a strategy gets from another, per turn",
        ("turns", "strategy", *(f"from {name}" for name in STRATEGIES)),
        rows,
        f"Prisoner's Dilemma (3, 0, 4, 1), noise {NOISE:g}. {_how_exact(parameters)} Mirrors: frequency mirrors, who "
        "cooperate where they expect at least half of the other's actions to be C.",
    )


def _how_exact(parameters: Parameters) -> str:
    return f"Exact where no error is given; else means of {parameters.sampled:,} matches ± 2 standard errors."


def gradual_match_table(parameters: Parameters) -> Table:
    """Return what gradual Tit-for-Tat and its rivals get from each other in matches."""
    rows = []
    for turns, data in parameters.gradual_matches.items():
        payoffs, errors = data["payoffs"].values, data["payoffs_standard_error"].values
        for k, name in enumerate((GRADUAL, *RIVALS)):
            of = [(0, k), (k, 0), (k, k)]
            rows.append((f"{turns}", name, *(_with_error(payoffs[at], errors[at]) for at in of)))
    return Table(
        f"What {GRADUAL} gets from others, and they from it, per turn",
        ("turns", "other", "it gets", "other gets", "of its twin"),
        rows,
        f"{_how_exact(parameters)} Of its twin: what the other gets from its like.",
    )


def _with_error(payoff: float, error: float) -> str:
    return f"{payoff:.3f}" + (f" ± {2 * error:.3f}" if error else "")


SIGNS = {"for": "+", "against": "−", "unclear": "?"}


def invasion_tables(cells: list[dict[str, Any]], parameters: Parameters) -> list[Table]:
    """Return who takes over from whom, a table for each length of matches."""
    columns = [f"{LETTERS[a]}→{LETTERS[b]}" for a, b in PAIRS]
    tables = []
    for turns in TURNS:
        rows = [
            (name, f"{next(iter(of.values()))['clustering']:.2f}", *_taken_over(of, _named_pairs()))
            for name, of in _by_network(cells, "invasion", turns).items()
        ]
        if rows:
            tables.append(
                Table(
                    f"One invader among {parameters.agents - 1} residents, matches of {turns} turns",
                    ("network", "clust.", *columns),
                    rows,
                    f"{_how_read('both tables')} D defectors, T Tit-for-Tat, M frequency mirrors. Clust.: mean "
                    "clustering coefficient; numbers behind networks: degree, and of small worlds (degree 8) the "
                    "share of rewired edges."
                    if turns == TURNS[-1]
                    else "",
                )
            )
    return tables


def gradual_tables(cells: list[dict[str, Any]], parameters: Parameters) -> list[Table]:
    """Return who takes over from gradual Tit-for-Tat and from whom it does, for each length and three rivals."""
    tables = []
    for turns in TURNS:
        found = _by_network(cells, "gradual", turns)
        pairs = gradual_pairs(turns)
        for some in (pairs[: 2 * len(STRATEGIES)], pairs[2 * len(STRATEGIES) :]):
            rows = [(name, *_taken_over(of, some)) for name, of in found.items()]
            if rows and some:
                tables.append(
                    Table(
                        f"Gradual Tit-for-Tat (L), one among {parameters.agents - 1}, matches of {turns} turns",
                        ("network", *(f"{_letter(a)}→{_letter(b)}" for a, b in some)),
                        rows,
                        f"{_how_read('all tables of L')} L gradual Tit-for-Tat, which keeps a ledger, D defectors, T "
                        "Tit-for-Tat, M frequency mirrors, W win-stay lose-shift, G generous and C contrite "
                        "Tit-for-Tat."
                        if some[0][0] == RIVALS[-3]
                        else "",
                    )
                )
    return tables


def _how_read(tables: str) -> str:
    """Return what entries of tables of invasions are, where selection is tested over these tables together."""
    return (
        "X→Y: one X among Y. How often it takes over, in units of 1/N, what it would be without selection; + and −: "
        f"selection is for or against it, at a family-wise error of {LEVEL:.0%} over {tables}."
    )


def _letter(name: str) -> str:
    return "L" if name == GRADUAL else RIVAL_LETTERS[RIVALS.index(name)]


def _by_network(
    cells: list[dict[str, Any]], part: str, turns: int
) -> dict[str, dict[tuple[str, str], dict[str, Any]]]:
    """Return the invasions of a part in matches of some turns, by network and (invader, resident)."""
    found: dict[str, dict[tuple[str, str], dict[str, Any]]] = {}
    for cell in cells:
        if cell["part"] == part and cell["turns"] == turns:
            found.setdefault(cell["network"], {})[cell["invader"], cell["resident"]] = cell
    return found


def _taken_over(of: dict[tuple[str, str], dict[str, Any]], pairs: Sequence[tuple[str, str]]) -> list[str]:
    return [
        f"{of[pair]['times_neutral']:.1f}{SIGNS[of[pair]['selection']]}" if pair in of else "–"
        for pair in pairs
    ]


def rare_table(cells: list[dict[str, Any]]) -> Table:
    """Return how the few do among the many."""
    rows = [
        (
            cell["network"],
            f"{cell['rare']}s",
            cell["reciprocity"],
            f"{cell['payoff_ahead']:+z.3f} ± {(cell['interval'][1] - cell['interval'][0]) / 2:.3f}",
            f"{cell['mirrors_cooperate']:.2f}",
        )
        for cell in cells
        if cell["part"] == "rare among many"
    ]
    return Table(
        f"{RARE:.0%} of one kind among {1 - RARE:.0%} of the other: defectors and mirrors",
        ("network", "rare", "reciprocity", "payoff ahead", "mirrors' C"),
        rows,
        "Direct: a belief and an action for each partner; generalised: one of each for all. Payoff ahead: of the "
        "few, over the many, in payoff units a partner and step (± half of the interval, at a family-wise error of "
        f"{LEVEL:.0%}). Mirrors' C: share of their actions that are C.",
    )


def finding(cells: list[dict[str, Any]]) -> str:
    """Return in words who invades whom, and what degree, clustering and reciprocity change."""
    return " ".join(
        [
            *_on_invasions(cells),
            *_on_gradual(cells),
            *_on_degree(cells),
            *_on_clustering(cells),
            *_on_rare(cells),
        ]
    )


def _on_invasions(cells: list[dict[str, Any]]) -> list[str]:
    sentences = []
    for turns in TURNS:
        parts = []
        for pair in PAIRS:
            of_pair = _of_pair(cells, turns, pair)
            favoured = sum(cell["selection"] == "for" for cell in of_pair)
            opposed = sum(cell["selection"] == "against" for cell in of_pair)
            if of_pair:
                parts.append(
                    f"{STRATEGIES[pair[0]]} into {STRATEGIES[pair[1]]} {favoured} for, {opposed} against"
                )
        if parts:
            networks = len({c["network"] for c in cells if c["part"] == "invasion" and c["turns"] == turns})
            sentences.append(
                f"Matches of {turns} turns, selection on {networks} networks: {'; '.join(parts)}."
            )
    return sentences


def _on_gradual(cells: list[dict[str, Any]]) -> list[str]:
    sentences = []
    for turns in TURNS:
        found = _by_network(cells, "gradual", turns)
        parts = []
        for invader, resident in gradual_pairs(turns):
            selection = [
                of[invader, resident]["selection"] for of in found.values() if (invader, resident) in of
            ]
            if selection:
                parts.append(
                    f"{invader} into {resident} {selection.count('for')} for, {selection.count('against')} against"
                )
        if parts:
            sentences.append(
                f"Matches of {turns} turns, selection on {len(found)} networks: {'; '.join(parts)}."
            )
    return sentences


COMPARED = ((1, 0), (2, 0), (2, 1))
"""Pairs that are compared by degree and clustering: who reciprocates into who does less."""


def _compared_on_all(cells: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return the short invasions of each network on which all compared pairs were played, in their order."""
    by_pair = [{c["network"]: c for c in _of_pair(cells, TURNS[0], pair)} for pair in COMPARED]
    return {name: [of[name] for of in by_pair] for name in by_pair[0] if all(name in of for of in by_pair)}


def _in_order(found: list[list[dict[str, Any]]]) -> str:
    """Return how often each pair took over, from network to network."""
    return "; ".join(
        f"{STRATEGIES[pair[0]]} into {STRATEGIES[pair[1]]} "
        + " → ".join(f"{of[k]['times_neutral']:.1f}" for of in found)
        for k, pair in enumerate(COMPARED)
    )


def _on_degree(cells: list[dict[str, Any]]) -> list[str]:
    sentences = []
    for prefix in ("ring", "regular"):
        found = {name: of for name, of in _compared_on_all(cells).items() if name.startswith(prefix)}
        if len(found) > 1:
            degrees = " → ".join(name.rsplit(" ", 1)[1] for name in found)
            sentences.append(
                f"By degree ({prefix} networks, {degrees}; {TURNS[0]} turns, in units of 1/N): "
                f"{_in_order(list(found.values()))}."
            )
    return sentences


def _on_clustering(cells: list[dict[str, Any]]) -> list[str]:
    order = ("ring 8", "small world .05", "small world .2", "small world 1")
    found = _compared_on_all(cells)
    if not set(order) <= set(found):
        return []
    clustering = " → ".join(f"{found[name][0]['clustering']:.2f}" for name in order)
    in_order = _in_order([found[name] for name in order])
    return [f"By clustering (degree 8, {clustering}; {TURNS[0]} turns): {in_order}."]


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


def _of_pair(cells: Sequence[dict[str, Any]], turns: int, pair: tuple[int, int]) -> list[dict[str, Any]]:
    return [
        cell
        for cell in cells
        if cell["part"] == "invasion"
        and cell["turns"] == turns
        and (cell["invader"], cell["resident"]) == (STRATEGIES[pair[0]], STRATEGIES[pair[1]])
    ]


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
    from scenarios.frame.look import figure_of
    from scenarios.pictures.networks import draw_invasions, draw_shares
    from scenarios.pictures.simplex import draw_simplex

    pictures = []
    invasions = [cell for cell in cells if cell["part"] == "invasion"]
    if invasions:
        pictures.append(
            Picture(f"{NAME}-invasions", partial(draw_invasions, invasions, pairs=_named_pairs()))
        )
    watched = {cell.network: data for cell, data in done.items() if isinstance(cell, Watched)}
    moments = done.get(Moments(WATCHED[0]))
    if watched:
        title = f"Three strategies with mutation, {parameters.watched} agents, matches of {TURNS[0]} turns"
        pictures.append(
            Picture(f"{NAME}-shares", partial(draw_shares, watched, size=parameters.watched, title=title))
        )
    if moments is not None:
        pictures.append(Picture(f"{NAME}-moments", partial(_draw_moments, moments, parameters)))
    if WATCHED[0] in watched:
        counts = watched[WATCHED[0]]["counts"].values[:5] / parameters.watched
        pictures.append(
            Picture(
                f"{NAME}-simplex",
                partial(
                    figure_of,
                    draw_simplex,
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


def _draw_moments(moments: xr.Dataset, parameters: Parameters) -> Any:
    from scenarios.pictures.networks import draw_network_moments

    graph = parameters.network(WATCHED[0], size=parameters.watched).build().to_networkx()
    side = round(parameters.watched**0.5)
    strategies = moments["strategies"].values
    return draw_network_moments(
        graph,
        np.array([_cooperativeness(parameters, graph, moment) for moment in strategies]),
        titles=[f"generation {generation}" for generation in MOMENTS],
        title="Defectors (circles), Tit-for-Tat (squares) and mirrors (triangles) on a lattice",
        label="share of an agent's actions that are C",
        groups=[
            {name: np.flatnonzero(moment == k) for k, name in enumerate(STRATEGIES)} for moment in strategies
        ],
        positions={k: (k % side, k // side) for k in range(parameters.watched)},
    )


KEYS = KEYS_OF_VERDICTS | {
    "part": "`invasion`, `gradual` (invasions by and of gradual Tit-for-Tat) or `rare among many`",
    "network": "its name: the kind, then the degree, or of small worlds the share of rewired edges",
    "degree": "mean number of neighbours",
    "clustering": "mean clustering coefficient",
    "turns": "length of matches",
    "invader": "one agent's strategy at the start; `resident`: that of all others",
    "resident": "see `invader`",
    "takes_over": "share of runs in which the invader's strategy took over",
    "interval": "of `takes_over` or `payoff_ahead`, at a family-wise error over the part",
    "unresolved": "runs that were still open after the last step",
    "neutral": "how often it would take over without selection, 1/N",
    "times_neutral": "`takes_over` in units of `neutral`",
    "selection": "whether selection is `for` or `against` the invader, or `unclear`",
    "reciprocity": "`direct`, a belief and an action for each partner, or `generalised`, one of each for all",
    "rare": "who is rare",
    "payoff_ahead": "payoff of the few less that of the many, a partner and step",
    "mirrors_cooperate": "share of the mirrors' actions that are C",
}

SCENARIO = Scenario(
    name=NAME,
    Parameters=Parameters,
    cells=cells_of,
    build=build,
    play=play,
    report=report,
    group=group,
    tree=tree,
    keys=KEYS,
)
