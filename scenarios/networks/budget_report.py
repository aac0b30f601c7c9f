"""The tables and the finding of `planner-on-networks`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios.frame.results import Table
from scenarios.frame.verdicts import LEARNED_TOLERANCE, counted_labels
from scenarios.networks.budgets import (
    BUDGETS,
    COMPARED,
    CONDITIONS,
    POPULATIONS,
    TARGET_SHARE,
    TARGETS,
    Cell,
    Done,
    measures,
)
from theory.statistics import mean_interval

if TYPE_CHECKING:
    from scenarios.networks.planner_on_networks import Parameters

# Cooperation has been reached when its interval lies above this.
REACHED = 0.9


def budget_table(cells: list[dict[str, Any]], parameters: Parameters) -> Table:
    """Return what each budget bought."""
    by_cell: dict[Cell, dict[str, Any]] = {}
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
        "95% interval. Mirrors are gradual Tit-for-Tat players.",
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
    """Return the answers to the three questions, in words."""
    return " ".join([*_on_budget(cells), *_on_targets(done, parameters), *_on_what_remains(cells)])


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
    if any((targets, COMPARED) not in done for targets in TARGETS):
        return []
    measured = {targets: measures(done[targets, COMPARED], parameters) for targets in TARGETS}
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
