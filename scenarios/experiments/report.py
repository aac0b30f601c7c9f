"""What an experiment of a file showed: means with intervals, verdicts on every run, and pictures of both."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import numpy as np

from scenarios.experiments.reading import Experiment
from scenarios.frame.results import Entry, Picture, Table
from scenarios.frame.scenario import Measured, Report
from scenarios.frame.verdicts import counted_labels
from simulation import world
from simulation.worlds.world import Mixtures
from theory import Game
from theory.verdicts.verdict import LEARNED_TOLERANCE
from theory.verdicts.words import as_beginning

# Quantities that are told only where they are not 0 in all runs of all conditions: there is no planner then, or
# nobody cares for others.
ONLY_WHERE_THERE_IS = (
    "average_additional_reward",
    "average_additional_reward_per_player",
    "final_mean_alpha",
    "outlay_per_step",
    "planner_retired",
)

# Conditions of which the finding tells; of more, the highest and the lowest.
MOST_TOLD = 4

# Payoff spaces that are drawn, and payoffs of a game whose space is drawn in a moment.
MOST_SPACES = 4
LARGEST_DRAWN = 2 * 21 * 21

NOTE = (
    f"Each run is judged by itself, with a tolerance of {LEARNED_TOLERANCE:g} of the payoff range. Regret is the "
    "most that a player gains by deviating, slack the total gain that some outcome offers without a loss to anyone; "
    "both are medians over runs, in payoff units."
)


class Condition(Protocol):
    """A cell: a condition of the file."""

    @property
    def condition(self) -> str:
        """Its name."""


def report_on(name: str, experiment: Experiment, done: Mapping[Any, Measured]) -> Report:
    """Return what the finished conditions show; `name` is the scenario's."""
    cells = [entry for played in done.values() for entry in played.cells]
    verdicts = [entry for played in done.values() for entry in played.verdicts]
    title = experiment.heading.title
    tables = [_table_of_means(cells, title)]
    if verdicts:
        tables.append(_table_of_verdicts(verdicts))
    finding = " ".join(_sentences(cells, verdicts))
    return Report(
        cells=cells,
        verdicts=verdicts,
        finding=finding,
        tables=tables,
        make_pictures=partial(_pictures, name, experiment, cells, done),
    )


def in_words(quantity: str) -> str:
    """Return the name of a quantity as tables show it."""
    return re.sub(r" (\d+)$", r" of player \1", quantity.replace("_", " "))


def _table_of_means(cells: Sequence[dict[str, Any]], title: str) -> Table:
    happened = {cell["quantity"] for cell in cells if cell["mean"] or cell["std"]}
    rows: list[tuple[Entry, ...]] = [
        (cell["condition"] or "all", in_words(cell["quantity"]), _spread(cell))
        for cell in cells
        if cell["quantity"] not in ONLY_WHERE_THERE_IS or cell["quantity"] in happened
    ]
    return Table(
        title or "What runs came to",
        ("condition", "quantity", "mean ± std, 95% interval"),
        rows,
        "Mean and standard deviation over runs; the interval is that of the mean (Student's t).",
    )


def _spread(cell: Mapping[str, Any]) -> Entry:
    """Return mean and standard deviation, and below them the interval."""
    if cell["mean"] is None:
        return "in no run"
    happened = cell["runs_in_which_it_happened"]
    among = f" in {happened} of {cell['runs']} runs" if happened < cell["runs"] else ""
    spread = f"{cell['mean']:.4g} ± {cell['std']:.2g}{among}"
    if cell["interval"] is None:
        return spread
    return spread, f"{cell['interval'][0]:.4g} to {cell['interval'][1]:.4g}"


def _table_of_verdicts(verdicts: Sequence[dict[str, Any]]) -> Table:
    rows: list[tuple[Entry, ...]] = [
        (
            verdict["condition"] or "all",
            verdict["judged_in"],
            counted_labels(verdict["labels"]),
            f"{verdict['median_regret']:.3g}",
            f"{verdict['median_pareto_slack']:.3g}",
        )
        for verdict in verdicts
    ]
    return Table("Verdicts", ("condition", "judged in", "runs × label", "regret", "slack"), rows, NOTE)


def _sentences(cells: Sequence[dict[str, Any]], verdicts: Sequence[dict[str, Any]]) -> list[str]:
    """Return the first quantity and the commonest verdict of each condition, in words."""
    quantity = cells[0]["quantity"]
    of_quantity = [cell for cell in cells if cell["quantity"] == quantity and cell["mean"] is not None]
    if len(of_quantity) > MOST_TOLD:
        ordered = sorted(of_quantity, key=lambda cell: float(cell["mean"]))
        of_quantity = [ordered[-1], ordered[0]]
    sentences = []
    for cell in of_quantity:
        found = f"{in_words(quantity)} {cell['mean']:.3g}"
        if cell["interval"] is not None:
            found += f" (95% interval {cell['interval'][0]:.3g} to {cell['interval'][1]:.3g})"
        verdict = next((v for v in verdicts if v["condition"] == cell["condition"]), None)
        if verdict is not None:
            label, runs = next(iter(verdict["labels"].items()))
            judged_in = f" ({verdict['judged_in']})" if verdict["judged_in"] != "original" else ""
            found += f"; {runs} of {cell['runs']} runs are judged «{label}»{judged_in}"
        sentences.append(
            f"«{cell['condition']}»: {found}." if cell["condition"] else f"{as_beginning(found)}."
        )
    return sentences


def _pictures(
    name: str, experiment: Experiment, cells: Sequence[dict[str, Any]], done: Mapping[Any, Measured]
) -> list[Picture]:
    from scenarios.frame.look import figure_of
    from scenarios.pictures.conditions import draw_conditions
    from scenarios.pictures.payoff_space import draw_payoff_space

    quantity = cells[0]["quantity"]
    of_quantity = [cell for cell in cells if cell["quantity"] == quantity and cell["mean"] is not None]
    title = experiment.heading.title
    pictures = []
    if of_quantity:
        draw = partial(draw_conditions, title, in_words(quantity), of_quantity)
        pictures.append(Picture(f"{name}-conditions", draw))
    for number, (game, learned) in enumerate(_payoff_spaces(experiment, done)[:MOST_SPACES]):
        ending = f"-{number + 1}" if number else ""
        draw = partial(figure_of, draw_payoff_space, game, learned)
        pictures.append(Picture(f"{name}-payoff-space{ending}", draw))
    return pictures


def _payoff_spaces(experiment: Experiment, done: Mapping[Any, Measured]) -> list[tuple[Game, dict[str, Any]]]:
    """Return games of two players that can be drawn, each with what runs came to under some conditions."""
    from scenarios.pictures.payoff_space import LEARNED_STYLES

    of_world = world(experiment.heading.world)
    spaces: list[tuple[Game, dict[str, Any]]] = []
    for cell, played in done.items():
        if played.data is None:
            continue
        for outcomes in of_world.outcomes(experiment.variants[cell.condition], played.data):
            game = getattr(outcomes, "games", None)
            if not isinstance(outcomes, Mixtures) or outcomes.judged_in != "original":
                continue
            if not isinstance(game, Game) or game.n_players != 2 or game.payoffs.size > LARGEST_DRAWN:
                continue
            name = cell.condition or "all"
            alike = [learned for drawn, learned in spaces if np.array_equal(drawn.payoffs, game.payoffs)]
            if alike and len(alike[-1]) < len(LEARNED_STYLES):
                alike[-1][name] = outcomes.profiles
            else:
                spaces.append((game, {name: outcomes.profiles}))
    return spaces
