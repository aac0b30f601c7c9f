"""Networks of gradual Tit-for-Tat, alone and beside others whose planner leaves: cells, measures and verdicts.

What a planner pays is on no ledger: who keeps one, or plays Tit-for-Tat, answers actions alone. So a planner reaches
such players only through learners and imitators beside them, and a network of their own is asked without one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import xarray as xr

from scenarios.frame.verdicts import LEARNED_TOLERANCE
from scenarios.networks.budgets import BUDGETS, CONDITIONS, RECORD_EVERY, Parameters, mean_of, window
from simulation import (
    GradualPlayer,
    NetworkDescription,
    PopulationParameters,
    judge_population,
    simulate_population,
)
from theory.checks import FloatArray

NOBODY, LEDGERS, WARY, CONTRITE, PLAIN, DEFECTORS = (
    "nobody",
    "ledgers",
    "wary ledgers",
    "contrite",
    "Tit-for-Tat",
    "defectors",
)
# By which rule each plays; all rules are named everywhere, so that all cells have the same draws.
RULES = {
    LEDGERS: "gradual-tit-for-tat",
    WARY: "gradual-tit-for-tat",
    CONTRITE: "contrite-tit-for-tat",
    PLAIN: "tit-for-tat",
    DEFECTORS: "defector",
}
# With which probability C was played in a step before the first; None: there was none.
OPENINGS = {"CC": 1.0, "mixed": 0.5, "DD": 0.0, "nothing": None}
SLIPS = (0.0, 0.01)
SHARES = (0.1, 0.5)
# Beside imitators a tenth of all learn: the planner learns through them.
OTHERS: dict[str, dict[str, float]] = {"learners": {}, "imitators": {"learner": 0.1}}
RULE_OF_OTHERS = {"learners": "learner", "imitators": "imitator"}
GRAPHS = ("scale-free", "small-world")
# Of these budgets the least that brings nine in ten of learners alone to cooperate.
BUDGET = BUDGETS[-1]

# Of a run, what verdicts are on.
OUTCOME = (
    "final_cooperation_probability",
    "final_alpha",
    "final_targeted",
    "final_incentive",
    "final_pairs",
)


@dataclass(frozen=True)
class Alone:
    """A network of one kind of players, who remember a step before the first."""

    players: str
    opening: str
    slips: float
    graph: str = GRAPHS[0]
    repeat: int = 0
    """Added to the seed."""


@dataclass(frozen=True)
class Beside:
    """A share of players beside others, whose planner is turned off, or who never had one."""

    players: str
    share: float
    others: str
    condition: str
    slips: float
    graph: str = GRAPHS[0]
    repeat: int = 0
    """Added to the seed."""


Done = Mapping[Any, xr.Dataset]


def cells_alone() -> list[Alone]:
    """Return players from all openings with and without slips, and ledgers on another network and seed."""
    return [
        *(
            Alone(players, opening, slips)
            for players in (LEDGERS, CONTRITE, PLAIN)
            for opening in ("CC", "mixed", "DD")
            for slips in SLIPS
        ),
        *(Alone(WARY, "nothing", slips) for slips in SLIPS),
        Alone(LEDGERS, "mixed", SLIPS[-1], graph=GRAPHS[1]),
        Alone(LEDGERS, "mixed", SLIPS[-1], repeat=1),
    ]


def cells_beside() -> list[Beside]:
    """Return ledgers beside others, and what a sceptic would put in their place."""
    off, slips = CONDITIONS[0], SLIPS[-1]
    cells = []
    for others in OTHERS:
        cells += [Beside(NOBODY, 0.0, others, condition, slips) for condition in CONDITIONS]
        for share in SHARES:
            cells += [
                *(Beside(LEDGERS, share, others, condition, e) for e in SLIPS for condition in CONDITIONS),
                *(Beside(players, share, others, off, slips) for players in (CONTRITE, PLAIN, DEFECTORS)),
                Beside(LEDGERS, share, others, off, slips, graph=GRAPHS[1]),
                Beside(LEDGERS, share, others, off, slips, repeat=1),
            ]
        cells.append(Beside(NOBODY, 0.0, others, off, slips, graph=GRAPHS[1]))
    return cells


def _network(parameters: Parameters, graph: str) -> NetworkDescription:
    return NetworkDescription(kind=graph, size=parameters.ledger_agents, degree=4, seed=0)


def build(parameters: Parameters, cell: Alone | Beside) -> PopulationParameters:
    """Return the parameters of a cell's simulation."""
    named = dict.fromkeys(RULES.values(), 0.0)
    common: dict[str, Any] = {
        "graph": _network(parameters, cell.graph),
        "per_partner": True,
        "noise": cell.slips,
        "gradual": GradualPlayer(trust=0.0) if cell.players == WARY else GradualPlayer(),
    }
    if isinstance(cell, Alone):
        rules = named | {RULES[cell.players]: 1.0}
        return PopulationParameters(
            rules=rules, opening=OPENINGS[cell.opening], steps=parameters.alone_steps, **common
        )
    beside = OTHERS[cell.others]
    rules = named | beside
    rules[RULE_OF_OTHERS[cell.others]] = 1.0 - cell.share - sum(beside.values())
    if cell.players != NOBODY:
        rules[RULES[cell.players]] = cell.share
    return PopulationParameters(
        rules=rules,
        steps=parameters.end,
        planner_steps=parameters.steps if cell.condition == CONDITIONS[0] else 0,
        budget_per_agent=BUDGET,
        **common,
    )


def play(parameters: Parameters, cell: Alone | Beside) -> xr.Dataset:
    """Simulate a cell."""
    data = simulate_population(
        build(parameters, cell),
        runs=parameters.ledger_runs,
        seed=parameters.seed + cell.repeat,
        record=1 if isinstance(cell, Alone) else RECORD_EVERY,
    )
    return data[["cooperation", "cooperation_by_rule", "payoff_by_rule", *OUTCOME]]


def place_of(cell: Mapping[str, Any]) -> str:
    """Return on which network a cell is played, and with which seed, if these are not the first."""
    parts = [cell["graph"]] if cell["graph"] != GRAPHS[0] else []
    return ", ".join([*parts, *(["second seed"] if cell["repeat"] else [])])


def alone_cells(done: Done, parameters: Parameters) -> list[dict[str, Any]]:
    """Return how many cooperated in the first step and in the last tenth of all, means over runs with intervals."""
    moments = {"first step": slice(0, 1), "at the end": slice(-max(1, parameters.alone_steps // 10), None)}
    return [
        asdict(cell)
        | {"question": "alone", "moment": moment, "quantity": "cooperation", "runs": data.sizes["run"]}
        | mean_of(data["cooperation"].isel(step=steps).mean("step").values)
        for cell, data in done.items()
        if isinstance(cell, Alone)
        for moment, steps in moments.items()
    ]


def beside_cells(done: Done, parameters: Parameters) -> list[dict[str, Any]]:
    """Return what players and others beside them did and got when the planner left, and at the end."""
    cells = []
    for cell in done:
        if not isinstance(cell, Beside):
            continue
        for moment, end in (("when it leaves", parameters.steps), ("at the end", parameters.end)):
            found = by_role(done, cell, end, parameters)
            cells += [_measured(cell, moment, quantity, None, values) for quantity, values in found.items()]
            cells += [
                _measured(cell, moment, quantity, other, found[quantity] - compared[quantity])
                for other, compared in _compared(done, cell, end, parameters).items()
                for quantity in found
                if quantity in compared
            ]
            if "payoff of players" in found:
                ahead = found["payoff of players"] - found["payoff of others"]
                cells.append(_measured(cell, moment, "payoff of players", "others", ahead))
    return cells


def by_role(done: Done, cell: Beside, end: int, parameters: Parameters) -> dict[str, FloatArray]:
    """Return what players and others did and got in a tenth of the planner's steps before `end`, `[run]` each."""
    roles = {"others": RULE_OF_OTHERS[cell.others]}
    if cell.players != NOBODY:
        roles["players"] = "fixed" if cell.players == DEFECTORS else RULES[cell.players]
    return {
        f"{quantity} of {role}": window(
            done[cell].sel(by_rule=rule), f"{quantity}_by_rule", end, parameters.steps
        )
        for quantity in ("cooperation", "payoff")
        for role, rule in roles.items()
    }


def _compared(done: Done, cell: Beside, end: int, parameters: Parameters) -> dict[str, dict[str, FloatArray]]:
    """Return the same of the cells that a cell is compared with, run by run: the same draws."""
    if cell.condition != CONDITIONS[0]:
        return {}
    beside = {"never on": replace(cell, condition=CONDITIONS[1])}
    if cell.players == LEDGERS:
        beside |= {players: replace(cell, players=players) for players in (CONTRITE, PLAIN, DEFECTORS)}
        beside |= {NOBODY: replace(cell, players=NOBODY, share=0.0)}
    return {name: by_role(done, of, end, parameters) for name, of in beside.items() if of in done}


def _measured(
    cell: Beside, moment: str, quantity: str, compared_with: str | None, values: FloatArray
) -> dict[str, Any]:
    return (
        asdict(cell)
        | {
            "question": "beside",
            "moment": moment,
            "quantity": quantity,
            "compared_with": compared_with,
            "runs": len(values),
        }
        | mean_of(values)
    )


def verdicts_of_pairs(done: Done, parameters: Parameters) -> list[dict[str, Any]]:
    """Judge every run of each cell: neighbours' play in the last step, as a correlated outcome."""
    verdicts = []
    for cell, data in done.items():
        if not isinstance(cell, Alone | Beside):
            continue
        of_cell = build(parameters, cell)
        judged = [
            judge_population(of_cell, data, run=run, tolerance=LEARNED_TOLERANCE).pairs.correlated
            for run in range(data.sizes["run"])
        ]
        labels = Counter(verdict.label.split(", below")[0] for verdict in judged)
        verdicts.append(
            asdict(cell)
            | {
                "judged_in": "original",
                "labels": dict(labels.most_common()),
                "median_regret": float(np.median([np.max(v.regrets.value) for v in judged])),
                "median_pareto_slack": float(np.median([v.pareto_slack.value for v in judged])),
                "tolerance": LEARNED_TOLERANCE,
            }
        )
    return verdicts


def courses(done: Done) -> dict[tuple[str, float], dict[str, xr.DataArray]]:
    """Return how the others cooperated over time, `[run, step]`, by others and share, and by who was beside them.

    With slips, on the first network and seed, under a planner that leaves.
    """
    found: dict[tuple[str, float], dict[str, xr.DataArray]] = {}
    for others, rule in RULE_OF_OTHERS.items():
        for share in SHARES:
            for players in (NOBODY, DEFECTORS, PLAIN, CONTRITE, LEDGERS):
                cell = Beside(players, share if players != NOBODY else 0.0, others, CONDITIONS[0], SLIPS[-1])
                if cell in done:
                    of_others = done[cell]["cooperation_by_rule"].sel(by_rule=rule)
                    found.setdefault((others, share), {})[players] = of_others
    return found
