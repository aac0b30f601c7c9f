"""Thesis Table 4.2: does a planner lead learners to cooperation, and does it last when it leaves?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import xarray as xr

from scenarios.frame.published import PublishedCell, thesis_cells
from scenarios.frame.results import Picture
from scenarios.frame.scenario import Report, Scenario
from scenarios.frame.verdicts import verdict_tables
from scenarios.thesis.cells import (
    COMPARISON_NOTE,
    KEYS_OF_COMPARISON,
    GamesParameters,
    by_game,
    comparison_tables,
    judged_cells,
    measured_cells,
    payoff_space_pictures,
    percent,
    simulated,
    titles_of,
)
from simulation import MechanismDesignParameters
from theory import named_game

CONDITIONS = ("without-planner", "with-planner", "turned-off")


@dataclass(frozen=True, kw_only=True)
class Parameters(GamesParameters):
    """The thesis's experiment; only the number of runs and the seed are worth changing."""

    episodes: int = 4000
    """Of a phase; the condition `turned-off` has a second phase of the same length without the planner."""


class Cell(NamedTuple):
    """A game under a condition."""

    game: str
    condition: str


def build(parameters: Parameters, cell: Cell) -> MechanismDesignParameters:
    """Return the parameters of one cell's simulation."""
    return MechanismDesignParameters(
        game=named_game(cell.game),
        episodes=2 * parameters.episodes if cell.condition == "turned-off" else parameters.episodes,
        planner_episodes=0 if cell.condition == "without-planner" else parameters.episodes,
    )


def report(parameters: Parameters, done: Mapping[Cell, xr.Dataset]) -> Report:
    """Compare the cells with the thesis and judge every run."""
    cells = measured_cells(done, _published() if parameters.episodes == Parameters.episodes else {})
    verdicts, titles = judged_cells(done), titles_of(done)
    note = f"Thesis Table 4.2. {COMPARISON_NOTE}"
    return Report(
        cells=cells,
        verdicts=verdicts,
        finding=_finding(done, cells, verdicts),
        tables=[*comparison_tables(cells, "condition", titles, note), *verdict_tables(verdicts, titles)],
        make_pictures=partial(_pictures, done),
    )


def _published() -> dict[tuple[Cell, str], PublishedCell]:
    published = thesis_cells("exact", revenue_neutral=False)
    return {
        (Cell(game, condition), quantity): cell for (game, condition, quantity), cell in published.items()
    }


def _finding(
    done: Mapping[Cell, xr.Dataset], cells: list[dict[str, Any]], verdicts: list[dict[str, Any]]
) -> str:
    sentences = []
    for game, data in by_game(done).items():
        if set(data) != set(CONDITIONS):
            continue
        share = {c: percent(float(data[c]["joint_cooperation"].mean())) for c in CONDITIONS}
        (after,) = (
            v["labels"]
            for v in verdicts
            if (v["game"], v["condition"], v["judged_in"]) == (game, "turned-off", "original")
        )
        label, runs = next(iter(after.items()))
        sentences.append(
            f"{named_game(game).title}: P(C,C) is {share['without-planner']} without a planner, "
            f"{share['with-planner']} with one and {share['turned-off']} after it is turned off, "
            f"where {runs} of {sum(after.values())} runs are judged «{label}» in the original game."
        )
    compared = [cell["agrees"] for cell in cells if cell["agrees"] is not None]
    if compared:
        sentences.append(f"{sum(compared)} of {len(compared)} means agree with the thesis.")
    return " ".join(sentences)


def _pictures(done: Mapping[Cell, xr.Dataset]) -> list[Picture]:
    from scenarios.pictures.mechanism_design import draw_mechanism_design

    learning = [
        Picture(f"{cell.game}-learning", partial(draw_mechanism_design, named_game(cell.game), data))
        for cell, data in done.items()
        if cell.condition == "with-planner"
    ]
    return [*learning, *payoff_space_pictures(done, CONDITIONS)]


SCENARIO = Scenario(
    name="thesis-table-4.2",
    Parameters=Parameters,
    cells=lambda parameters: [Cell(game, condition) for game in parameters.games for condition in CONDITIONS],
    build=build,
    play=lambda parameters, cell: simulated(parameters, build(parameters, cell)),
    report=report,
    keys=KEYS_OF_COMPARISON,
)
