"""The tables and the finding of `cooperation-on-networks`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from scenarios.frame.results import Table
from scenarios.networks.invasions import LETTERS, LEVEL, NOISE, PAIRS, RARE, STRATEGIES, TURNS

if TYPE_CHECKING:
    from scenarios.networks.cooperation_on_networks import Parameters


def match_table(parameters: Parameters) -> Table:
    """Return what strategies get from each other in matches."""
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
        f"{parameters.sampled:,} matches ± 2 standard errors. Gradual: gradual Tit-for-Tat, which cooperates where "
        "it expects at least half of the other's actions to be C.",
    )


def invasion_tables(cells: list[dict[str, Any]], parameters: Parameters) -> list[Table]:
    """Return who takes over from whom, a table for each length of matches."""
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
        f"{RARE:.0%} of one kind among {1 - RARE:.0%} of the other: defectors and gradual mirrors",
        ("network", "rare", "reciprocity", "payoff ahead", "mirrors' C"),
        rows,
        "Direct: a belief and an action for each partner; generalised: one of each for all. Payoff ahead: of the "
        "few, over the many, in payoff units a partner and step (± half of the interval, at a family-wise error of "
        f"{LEVEL:.0%}). Mirrors' C: share of their actions that are C.",
    )


def finding(cells: list[dict[str, Any]]) -> str:
    """Return in words who invades whom, and what degree, clustering and reciprocity change."""
    return " ".join([*_on_invasions(cells), *_on_degree(cells), *_on_clustering(cells), *_on_rare(cells)])


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


def _invasion(cells: Sequence[dict[str, Any]], turns: int, pair: tuple[int, int]) -> list[dict[str, Any]]:
    return [
        cell
        for cell in cells
        if cell["part"] == "invasion"
        and cell["turns"] == turns
        and (cell["invader"], cell["resident"]) == (STRATEGIES[pair[0]], STRATEGIES[pair[1]])
    ]
