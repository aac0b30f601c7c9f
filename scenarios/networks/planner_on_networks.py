"""What a planner with a budget buys on a network, whom it should pay, and what remains when it leaves.

Learners play the Prisoner's Dilemma of thesis Table 4.1 with their neighbours on a scale-free network, where a few
hubs have many partners. Four questions, with settings fixed before any result was seen:

1. *Budget*: how much cooperation does a planner reach that may pay everyone, but not more than a budget a step?
2. *Targets*: it may pay a fifth of the agents (those of highest degree, of lowest degree, or chosen by lot), or
   whoever does not live among its like. Who should that be, at the same budget and seeds?
3. *What remains*: the planner is turned off for four times as many steps, among learners alone and where half of
   the agents are mirrors, with one action for all partners (generalised reciprocity) or one for
   each (direct).
4. *Gradual Tit-for-Tat*: does a network of ledgers need a planner, does a share of them keep cooperation among
   learners or imitators whose planner has left, and where do they lose? With defectors, contrite and plain
   Tit-for-Tat in their place, another network and another seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from scenarios.frame.results import Picture, Table
from scenarios.frame.scenario import Report, Scenario
from scenarios.frame.verdicts import LEARNED_TOLERANCE, counted_labels
from scenarios.networks import beside, budgets
from scenarios.networks.beside import OTHERS, Alone, Beside
from scenarios.networks.beside_report import (
    alone_table,
    beside_table,
    on_ledgers,
    pair_verdict_table,
    payoff_table,
)
from scenarios.networks.budgets import (
    BUDGETS,
    COMPARED,
    CONDITIONS,
    POPULATIONS,
    TARGET_SHARE,
    TARGETS,
    Budget,
    Parameters,
    Remains,
    budget_cells,
    measures,
    remaining_cells,
    verdicts,
)
from scenarios.networks.stacked import stacked_cells
from simulation import PopulationParameters
from theory.statistics import mean_interval

NAME = "planner-on-networks"

# Cooperation has been reached when its interval lies above this.
REACHED = 0.9

Cell = Budget | Remains | Alone | Beside
Done = Mapping[Any, xr.Dataset]


def cells_of(parameters: Parameters) -> list[Cell]:
    """Return the cells of all questions."""
    return [*budgets.cells_of(parameters), *beside.cells_alone(), *beside.cells_beside()]


def build(parameters: Parameters, cell: Cell) -> PopulationParameters:
    """Return the parameters of a cell's simulation."""
    if isinstance(cell, Alone | Beside):
        return beside.build(parameters, cell)
    return budgets.build(parameters, cell)


def play(parameters: Parameters, cell: Cell) -> xr.Dataset:
    """Simulate a cell."""
    if isinstance(cell, Alone | Beside):
        return beside.play(parameters, cell)
    return budgets.play(parameters, cell)


def report(parameters: Parameters, done: Done) -> Report:
    """Answer the four questions and judge every run."""
    of_ledgers = [*beside.alone_cells(done, parameters), *beside.beside_cells(done, parameters)]
    cells = [*budget_cells(done, parameters), *remaining_cells(done, parameters), *of_ledgers]
    judged, of_pairs = verdicts(done, parameters), beside.verdicts_of_pairs(done, parameters)
    return Report(
        cells=cells,
        verdicts=[*judged, *of_pairs],
        finding=finding(done, cells, parameters),
        tables=[
            budget_table(cells, parameters),
            remaining_table(cells),
            verdict_table(judged),
            alone_table(of_ledgers),
            *(table(of_ledgers, others) for others in OTHERS for table in (beside_table, payoff_table)),
            pair_verdict_table(of_pairs),
        ],
        make_pictures=partial(_pictures, done, parameters),
    )


def tree(parameters: Parameters, done: Done) -> dict[str, xr.Dataset]:
    """Return what is stored in the end: the cells of a question as one dataset."""
    kinds = {"budgets": Budget, "turned-off": Remains, "alone": Alone, "beside": Beside}
    groups = {
        name: {cell: data for cell, data in done.items() if isinstance(cell, kind)}
        for name, kind in kinds.items()
    }
    return {name: stacked_cells(cells) for name, cells in groups.items() if cells}


def group(cell: Cell) -> str:
    """Return the name of a cell's group while a run goes on."""
    if isinstance(cell, Budget):
        return f"budgets/{cell.targets}/{cell.budget:g}"
    if isinstance(cell, Remains):
        return f"turned-off/{cell.population}/{cell.condition}"
    return "/".join((type(cell).__name__.lower(), *(f"{part}" for part in asdict(cell).values())))


def budget_table(cells: list[dict[str, Any]], parameters: Parameters) -> Table:
    """Return what each budget bought."""
    by_cell: dict[tuple[str, float], dict[str, Any]] = {}
    for cell in cells:
        if cell["question"] == "budget and targets":
            by_cell.setdefault((cell["targets"], cell["budget"]), {})[cell["quantity"]] = cell
    rows = [
        (
            targets,
            f"{budget:g}",
            _shown(measured["cooperation"]),
            _shown(measured["welfare_index"]),
            f"{measured['outlay']['mean']:.3f}",
            f"{measured['outlay_at_end']['mean']:.3f}",
        )
        for (targets, budget), measured in by_cell.items()
    ]
    return Table(
        "What a budget buys, by whom the planner may pay",
        ("targets", "budget", "cooperation", "welfare index", "paid", "at end"),
        rows,
        "Budget and payments: absolute, in payoff units an agent of the population and step. Cooperation and welfare "
        "index (0: the least and 1: the most that the network allows; all defect: "
        f"{parameters.index_of_defection:.3f}): means of the last tenth of the steps, over "
        f"runs, ± half of the 95% interval. Degree and random: a fixed {TARGET_SHARE:.0%} of the agents; boundary: "
        "who did not live among its like in the step before.",
    )


def remaining_table(cells: list[dict[str, Any]]) -> Table:
    """Return what remained without the planner."""
    by_row: dict[tuple[str, str, str], list[str]] = {}
    for cell in cells:
        if cell["question"] == "what remains":
            of = cell["quantity"].removeprefix("cooperation of ")
            by_row.setdefault((cell["population"], cell["condition"], of), []).append(_shown(cell))
    return Table(
        "What remains when the planner is turned off",
        ("population", "planner", "of", "when it leaves", "at the end"),
        [(*row, *values) for row, values in by_row.items()],
        "Cooperation: share of actions that were C, mean of a tenth of the planner's steps, over runs, ± half of the "
        "95% interval. Mirrors cooperate by how often others do.",
    )


def verdict_table(verdicts: list[dict[str, Any]]) -> Table:
    """Return the verdicts, counted by label."""
    rows = [
        (
            f"{verdict['targets']} {verdict['budget']:g}",
            "original" if verdict["judged_in"] == "original" else "paid",
            counted_labels(verdict["labels"]),
            f"{verdict['median_regret']:.3f}",
            f"{verdict['median_pareto_slack_per_agent']:.3f}",
        )
        for verdict in verdicts
    ]
    return Table(
        "Verdicts on what each run learned, in the game of all agents on their network",
        ("targets, budget", "game", "runs × label", "regret", "slack"),
        rows,
        f"Each run is judged by itself, with a tolerance of {LEARNED_TOLERANCE:g} of the payoff range, in the "
        "original game and (paid) with the incentives of the last step. Regret (the largest of all agents') and "
        "slack (the gain an agent that some lottery offers without a loss to anyone) are medians over runs.",
    )


def finding(done: Done, cells: list[dict[str, Any]], parameters: Parameters) -> str:
    """Return the answers to the four questions, in words."""
    of_planner = [*_on_budget(cells), *_on_targets(done, parameters), *_on_what_remains(cells)]
    return " ".join([*of_planner, *on_ledgers(cells)])


def _on_budget(cells: list[dict[str, Any]]) -> list[str]:
    everyone = [
        cell for cell in cells if cell.get("targets") == "everyone" and cell["quantity"] == "cooperation"
    ]
    if len(everyone) < len(BUDGETS):
        return []
    enough = [c["budget"] for c in everyone if (c["interval"] or [c["mean"]])[0] > REACHED]
    short = [c for c in everyone if not enough or c["budget"] < enough[0]]
    shares = ", ".join(f"{c['mean']:.2f} at {c['budget']:g}" for c in short)
    sentence = f"Paying everyone, cooperation is {shares}" if short else "Paying everyone"
    if enough:
        paid = next(
            c["mean"]
            for c in cells
            if c.get("targets") == "everyone"
            and c["quantity"] == "outlay_at_end"
            and c["budget"] == enough[0]
        )
        of_enough = next(c["mean"] for c in everyone if c["budget"] == enough[0])
        sentence += (
            f"; from a budget of {enough[0]:g} on it is above {REACHED:g} ({of_enough:.2f} there), and {paid:.3f} an "
            "agent is then what the planner goes on paying"
        )
    else:
        sentence += f"; no budget brings it above {REACHED:g}"
    return [sentence + "."]


def _on_targets(done: Done, parameters: Parameters) -> list[str]:
    if any(Budget(targets, COMPARED) not in done for targets in TARGETS):
        return []
    measured = {targets: measures(done[Budget(targets, COMPARED)], parameters) for targets in TARGETS}
    welfare = {targets: of["welfare_index"] for targets, of in measured.items()}
    order = sorted(TARGETS, key=lambda targets: -float(welfare[targets].mean()))
    listed = ", ".join(
        f"{targets} {welfare[targets].mean():.2f} (cooperation {measured[targets]['cooperation'].mean():.2f}, "
        f"paid {measured[targets]['outlay'].mean():.3f})"
        for targets in order
    )
    ahead = welfare[order[0]] - welfare[order[1]]
    interval = mean_interval(ahead)
    sure = "" if interval is None else f" (95%: {interval[0]:.3f} to {interval[1]:.3f}, the same seeds)"
    return [
        f"At a budget of {COMPARED:g} the welfare index is: {listed}; {order[0]} is ahead of {order[1]} by "
        f"{ahead.mean():.3f}{sure}."
    ]


def _on_what_remains(cells: list[dict[str, Any]]) -> list[str]:
    found = {
        (c["population"], c["condition"], c["quantity"].removeprefix("cooperation of "), c["moment"]): c
        for c in cells
        if c["question"] == "what remains"
    }
    sentences = []
    for population in POPULATIONS:
        parts = []
        for of in ("learners", "mirrors"):
            left, end = (
                found.get((population, CONDITIONS[0], of, moment))
                for moment in ("when it leaves", "at the end")
            )
            if left is not None and end is not None and end["difference_to_never_on"] is not None:
                interval = end["difference_interval"]
                sure = "" if interval is None else f", 95%: {interval[0]:+z.3f} to {interval[1]:+z.3f}"
                parts.append(
                    f"{of} go from {left['mean']:.2f} to {end['mean']:.2f} "
                    f"({end['difference_to_never_on']:+z.3f} against never planned{sure})"
                )
        if parts:
            sentences.append(f"Turned off among {population}: {'; '.join(parts)}.")
    return sentences


def _shown(cell: dict[str, Any]) -> str:
    """Return a mean with half the width of its interval."""
    half = "" if cell["interval"] is None else f" ± {(cell['interval'][1] - cell['interval'][0]) / 2:.3f}"
    return f"{cell['mean']:.3f}{half}"


def _pictures(done: Done, parameters: Parameters) -> list[Picture]:
    from scenarios.pictures.networks import (
        draw_beside,
        draw_budgets,
        draw_network_moments,
        draw_turned_off,
    )

    pictures = []
    measured = {
        (cell.targets, cell.budget): measures(data, parameters)
        for cell, data in done.items()
        if isinstance(cell, Budget)
    }
    if measured:
        pictures.append(Picture(f"{NAME}-budget", partial(draw_budgets, measured)))
    remaining = {
        (cell.population, cell.condition): data for cell, data in done.items() if isinstance(cell, Remains)
    }
    if remaining:
        draw = partial(draw_turned_off, remaining, off=parameters.steps)
        pictures.append(Picture(f"{NAME}-turned-off", draw))
    cell = Remains("half mirrors", CONDITIONS[0])
    if cell in done:
        titles = (
            "start",
            f"step {parameters.moments[1]}",
            "planner leaves",
            f"{parameters.end - parameters.steps} steps later",
        )
        pictures.append(
            Picture(
                f"{NAME}-moments",
                partial(
                    draw_network_moments,
                    parameters.network.build().to_networkx(),
                    done[cell].isel(run=0)["snapshot_cooperation_probability"].values,
                    titles=titles,
                    groups=[_learners_and_mirrors(done[cell])] * len(titles),
                    title="Learners (circles) and mirrors (squares) under a planner that leaves",
                    label="probability of cooperation",
                ),
            )
        )
    courses = beside.courses(done)
    if courses:
        pictures.append(Picture(f"{NAME}-ledgers", partial(draw_beside, courses, off=parameters.steps)))
    return pictures


def _learners_and_mirrors(data: xr.Dataset) -> dict[str, Any]:
    """Return which nodes are whose in the first run."""
    is_mirror = data["rule"].isel(run=0).values == "mirror"
    return {"learners": np.flatnonzero(~is_mirror), "mirrors": np.flatnonzero(is_mirror)}


KEYS = {
    "question": "`budget and targets`, `what remains`, `alone` or `beside` others",
    "targets": "whom the planner may pay",
    "budget": "the most that may be paid in a step, in payoff units an agent of the population",
    "population": "who lives on the network",
    "condition": "`turned-off` where the planner leaves, `never-on` where there was none",
    "moment": "`when it leaves` or `at the end`: means are over a tenth of the planner's steps before; `first step`",
    "difference_to_never_on": "mean over runs of the cooperation less that of the same run without a planner",
    "difference_interval": "95% interval of `difference_to_never_on`",
    "median_pareto_slack_per_agent": "median over runs of the slack, divided by the number of agents",
    "players": "who plays gradual Tit-for-Tat (`ledgers`), or what is in their place; `others`: beside whom",
    "share": "of the players among all",
    "others": "see `players`",
    "opening": "what was played in a step before the first",
    "slips": "probability with which an action flips",
    "graph": "kind of network",
    "repeat": "added to the seed",
    "compared_with": "whose value is taken off, run by run: in the players' place, beside them, or `never on`",
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
