"""What a planner with a budget buys on a network, whom it should pay, and what remains when it leaves.

Learners play the Prisoner's Dilemma of thesis Table 4.1 with their neighbours on a scale-free network, where a few
hubs have many partners. Three questions, with settings fixed before any result was seen:

1. *Budget*: how much cooperation does a planner reach that may pay everyone, but not more than a budget a step?
2. *Targets*: it may pay a fifth of the agents (those of highest degree, of lowest degree, or chosen by lot), or
   whoever does not live among its like. Who should that be, at the same budget and seeds?
3. *What remains*: the planner is turned off for four times as many steps, among learners alone and where half of
   the agents are gradual Tit-for-Tat players, with one action for all partners (generalised reciprocity) or one for
   each (direct).
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from scenarios.planner_cells import data_tree
from scenarios.scenario import Picture, Progress, Result, Table, silent
from scenarios.statistics import mean_interval
from scenarios.verdicts import LEARNED_TOLERANCE
from simulation import NetworkDescription, PopulationParameters, judge_population, simulate_population
from simulation.randomness import whole_number
from theory._checks import FloatArray

NAME = "planner-on-networks"

# Most that may be paid in a step, in payoff units for each agent of the population.
BUDGETS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 1.0)
TARGETS = ("everyone", "highest-degree", "lowest-degree", "random", "boundary")
TARGET_SHARE = 0.2
# At this budget targets are compared run by run.
COMPARED = 0.1

POPULATIONS: dict[str, dict[str, Any]] = {
    "learners": {"rules": {"learner": 1.0}},
    "half mirrors": {"rules": {"learner": 0.5, "mirror": 0.5}},
    "half mirrors, direct": {"rules": {"learner": 0.5, "mirror": 0.5}, "per_partner": True},
}
CONDITIONS = ("turned-off", "never-on")

# Cooperation has been reached when its interval lies above this.
REACHED = 0.9
RECORD_EVERY = 10


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """Sizes of the experiment; budgets, targets and populations are fixed."""

    runs: int = 20
    seed: int = 0
    agents: int = 400
    """At least 20."""
    steps: int = 2500
    """In which the planner acts, at least 100; four times as many follow where it is turned off."""

    def __post_init__(self) -> None:
        whole_number("runs", self.runs, at_least=1)
        whole_number("seed", self.seed, at_least=0)
        whole_number("agents", self.agents, at_least=20)
        whole_number("steps", self.steps, at_least=100)

    def quick(self) -> Parameters:
        """Return the parameters of a short look: two runs of a hundred agents."""
        return replace(self, runs=min(self.runs, 2), agents=min(self.agents, 100))

    @property
    def network(self) -> NetworkDescription:
        """Who plays with whom, the same in all runs."""
        return NetworkDescription(kind="scale-free", size=self.agents, degree=4, seed=0)

    @property
    def end(self) -> int:
        """After how many steps the last question is answered."""
        return 5 * self.steps

    @property
    def moments(self) -> tuple[int, ...]:
        """After how many steps the network is drawn."""
        return (0, self.steps // 5, self.steps, self.end)

    def with_budget(self, targets: str, budget: float) -> PopulationParameters:
        """Return the parameters of a cell of the first two questions."""
        return PopulationParameters(
            graph=self.network,
            steps=self.steps,
            planner_steps=None,
            targets=targets,
            target_share=TARGET_SHARE,
            budget=budget,
        )

    def turned_off(self, population: str, condition: str) -> PopulationParameters:
        """Return the parameters of a cell of the third question."""
        return PopulationParameters(
            graph=self.network,
            steps=self.end,
            planner_steps=0 if condition == "never-on" else self.steps,
            **POPULATIONS[population],
        )


Cell = tuple[str, Any]
Done = dict[Cell, xr.Dataset]


def run(parameters: Parameters, progress: Progress = silent) -> Result:
    """Simulate all cells, compare them and judge every run."""
    started = time.perf_counter()
    done, complete = _simulate(parameters, progress)
    cells = [*_budget_cells(done, parameters), *_remaining_cells(done, parameters)]
    verdicts = _verdicts(done, parameters)
    return Result(
        scenario=NAME,
        parameters=asdict(parameters),
        seconds=time.perf_counter() - started,
        complete=complete,
        cells=cells,
        verdicts=verdicts,
        finding=_finding(done, cells, parameters),
        tables=[_budget_table(cells), _remaining_table(cells), _verdict_table(verdicts)],
        pictures=_pictures(done, parameters),
        data=data_tree(NAME, {_group(cell): data for cell, data in done.items()}, asdict(parameters)),
    )


def _simulate(parameters: Parameters, progress: Progress) -> tuple[Done, bool]:
    todo: list[Cell] = [(targets, budget) for targets in TARGETS for budget in BUDGETS]
    todo += [(population, condition) for population in POPULATIONS for condition in CONDITIONS]
    done: Done = {}
    try:
        for cell in progress(todo, total=len(todo)):
            of_cell = _parameters_of(parameters, cell)
            moments = parameters.moments if cell[0] in POPULATIONS else ()
            done[cell] = simulate_population(
                of_cell, runs=parameters.runs, seed=parameters.seed, record=RECORD_EVERY, snapshots=moments
            )
    except KeyboardInterrupt:
        if not done:
            raise
        return done, False
    return done, True


def _parameters_of(parameters: Parameters, cell: Cell) -> PopulationParameters:
    if cell[0] in POPULATIONS:
        return parameters.turned_off(*cell)
    return parameters.with_budget(*cell)


def _group(cell: Cell) -> str:
    return f"{cell[0].replace(', ', '-').replace(' ', '-')}/{cell[1]}"


def _window(data: xr.Dataset, name: str, end: int, steps: int) -> FloatArray:
    """Return `[run]`: the mean of the last tenth of so many steps before `end`."""
    part = data[name].sel(step=slice(end - steps // 10, end - 1))
    return np.asarray(part.mean("step").values)


def _mean(values: FloatArray) -> dict[str, Any]:
    interval = mean_interval(values)
    return {"mean": float(values.mean()), "interval": list(interval) if interval else None}


def _measures(data: xr.Dataset, parameters: Parameters) -> dict[str, FloatArray]:
    """Return what a planner reached and paid, `[run]` each."""
    steps = parameters.steps
    return {
        "cooperation": _window(data, "cooperation", steps, steps),
        "welfare_index": _window(data, "welfare_index", steps, steps),
        "outlay": data["outlay_per_step"].values,
        "outlay_at_end": _window(data, "outlay", steps, steps),
    }


def _budget_cells(done: Done, parameters: Parameters) -> list[dict[str, Any]]:
    return [
        {
            "question": "budget and targets",
            "targets": cell[0],
            "budget": cell[1],
            "quantity": quantity,
            "runs": data.sizes["run"],
        }
        | _mean(values)
        for cell, data in done.items()
        if cell[0] in TARGETS
        for quantity, values in _measures(data, parameters).items()
    ]


def _remaining_cells(done: Done, parameters: Parameters) -> list[dict[str, Any]]:
    cells = []
    for cell, data in done.items():
        if cell[0] not in POPULATIONS:
            continue
        for moment, end in (("when it leaves", parameters.steps), ("at the end", parameters.end)):
            for of in ("learner", "mirror"):
                values = _window(data.sel(by_rule=of), "cooperation_by_rule", end, parameters.steps)
                if np.isfinite(values).all():
                    cells.append(
                        {
                            "question": "what remains",
                            "population": cell[0],
                            "condition": cell[1],
                            "moment": moment,
                            "quantity": f"cooperation of {of}s",
                            "runs": data.sizes["run"],
                        }
                        | _mean(values)
                    )
    return cells


def _verdicts(done: Done, parameters: Parameters) -> list[dict[str, Any]]:
    """Judge every run at the largest budget, and at the compared one, as it ended."""
    verdicts = []
    chosen = [("everyone", BUDGETS[-1]), *((targets, COMPARED) for targets in TARGETS)]
    for targets, budget in chosen:
        if (targets, budget) not in done:
            continue
        data, of_cell = done[targets, budget], parameters.with_budget(targets, budget)
        judged = [
            judge_population(of_cell, data, run=run, tolerance=LEARNED_TOLERANCE)
            for run in range(data.sizes["run"])
        ]
        for judged_in in ("original", "with_incentives"):
            found = [verdict for each in judged if (verdict := getattr(each, judged_in)) is not None]
            if found:
                labels = Counter(verdict.label.split(", below")[0] for verdict in found)
                verdicts.append(
                    {
                        "targets": targets,
                        "budget": budget,
                        "judged_in": judged_in.replace("_", "-"),
                        "labels": dict(labels.most_common()),
                        "median_regret": float(np.median([v.regrets.max() for v in found])),
                        "median_pareto_slack_per_agent": float(
                            np.median([v.pareto_slack for v in found]) / parameters.agents
                        ),
                        "tolerance": LEARNED_TOLERANCE,
                    }
                )
    return verdicts


def _shown(cell: dict[str, Any]) -> str:
    """Return a mean with half the width of its interval."""
    half = "" if cell["interval"] is None else f" ± {(cell['interval'][1] - cell['interval'][0]) / 2:.3f}"
    return f"{cell['mean']:.3f}{half}"


def _budget_table(cells: list[dict[str, Any]]) -> Table:
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
        "index (0: all defect, 1: the most that the network allows): means of the last tenth of the steps, over "
        f"runs, ± half of the 95% interval. Degree and random: a fixed {TARGET_SHARE:.0%} of the agents; boundary: "
        "who did not live among its like in the step before.",
    )


def _remaining_table(cells: list[dict[str, Any]]) -> Table:
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


def _verdict_table(verdicts: list[dict[str, Any]]) -> Table:
    rows = [
        (
            f"{verdict['targets']} {verdict['budget']:g}",
            "original" if verdict["judged_in"] == "original" else "paid",
            "\n".join(f"{runs} × {label}" for label, runs in verdict["labels"].items()),
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


def _finding(done: Done, cells: list[dict[str, Any]], parameters: Parameters) -> str:
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
    measured = {targets: _measures(done[targets, COMPARED], parameters) for targets in TARGETS}
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
        (c["population"], c["condition"], c["quantity"].removeprefix("cooperation of "), c["moment"]): c[
            "mean"
        ]
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
            never = found.get((population, CONDITIONS[1], of, "at the end"))
            if left is not None and end is not None and never is not None:
                parts.append(f"{of} go from {left:.2f} to {end:.2f} (never planned: {never:.2f})")
        if parts:
            sentences.append(f"Turned off among {population}: {'; '.join(parts)}.")
    return sentences


def _pictures(done: Done, parameters: Parameters) -> list[Picture]:
    from scenarios.plots_networks import draw_budgets, draw_network_moments, draw_turned_off

    pictures = []
    by_target = {cell: data for cell, data in done.items() if cell[0] in TARGETS}
    if by_target:
        measured = {cell: _measures(data, parameters) for cell, data in by_target.items()}
        pictures.append(Picture(f"{NAME}-budget", partial(draw_budgets, measured)))
    remaining = {cell: data for cell, data in done.items() if cell[0] in POPULATIONS}
    if remaining:
        draw = partial(draw_turned_off, remaining, off=parameters.steps)
        pictures.append(Picture(f"{NAME}-turned-off", draw))
    cell = ("half mirrors", CONDITIONS[0])
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
                    shapes=done[cell].isel(run=0)["rule"].values == "mirror",
                    title="Learners (circles) and gradual Tit-for-Tat players (squares) under a planner that leaves",
                    label="probability of cooperation",
                ),
            )
        )
    return pictures
