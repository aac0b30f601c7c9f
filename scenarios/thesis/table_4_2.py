"""Thesis Table 4.2: does a planner lead learners to cooperation, and does it last when it leaves?"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from scenarios.frame.published import thesis_cells
from scenarios.frame.scenario import Picture, Progress, Result, silent
from scenarios.frame.verdicts import verdict_tables
from scenarios.thesis.cells import (
    COMPARISON_NOTE,
    GAMES,
    Done,
    EpisodeParameters,
    comparison_tables,
    data_tree,
    judged_cells,
    measured_cells,
    payoff_space_pictures,
    percent,
    simulate_cells,
)
from simulation import MechanismDesignParameters
from theory import Game, named_game

NAME = "thesis-table-4.2"
CONDITIONS = ("without-planner", "with-planner", "turned-off")


@dataclass(frozen=True, kw_only=True)
class Parameters(EpisodeParameters):
    """The thesis's experiment; only the number of runs and the seed are worth changing."""

    episodes: int = 4000
    """Of a phase; the condition `turned-off` has a second phase of the same length without the planner."""

    def of(self, game: Game, condition: str) -> MechanismDesignParameters:
        """Return the parameters of one cell's simulation."""
        return MechanismDesignParameters(
            game=game,
            episodes=2 * self.episodes if condition == "turned-off" else self.episodes,
            planner_episodes=0 if condition == "without-planner" else self.episodes,
        )


def run(parameters: Parameters, progress: Progress = silent) -> Result:
    """Simulate all cells, compare them with the thesis and judge every run."""
    started = time.perf_counter()
    done, complete = simulate_cells(
        [(game, condition) for game in GAMES for condition in CONDITIONS],
        parameters.of,
        runs=parameters.runs,
        seed=parameters.seed,
        progress=progress,
    )
    comparable = parameters.episodes == Parameters.episodes
    published = thesis_cells("exact", revenue_neutral=False) if comparable else {}
    cells = measured_cells(done, "condition", published)
    verdicts = judged_cells(done, "condition")
    titles = {name: named_game(name).title for name in GAMES}
    note = f"Thesis Table 4.2. {COMPARISON_NOTE}"
    return Result(
        scenario=NAME,
        parameters=asdict(parameters),
        seconds=time.perf_counter() - started,
        complete=complete,
        cells=cells,
        verdicts=verdicts,
        finding=_finding(done, cells, verdicts),
        tables=[
            *comparison_tables(cells, "condition", titles, note),
            *verdict_tables(verdicts, titles),
        ],
        pictures=_pictures(done),
        data=data_tree(
            NAME,
            {f"{game}/{condition}": data for (game, condition), data in done.items()},
            asdict(parameters),
        ),
    )


def _finding(done: Done, cells: list[dict[str, Any]], verdicts: list[dict[str, Any]]) -> str:
    sentences = []
    for name in GAMES:
        if any((name, condition) not in done for condition in CONDITIONS):
            continue
        share = {c: float(done[name, c]["joint_cooperation"].mean()) for c in CONDITIONS}
        after = next(
            v
            for v in verdicts
            if (v["game"], v["condition"], v["judged_in"]) == (name, "turned-off", "original")
        )
        label, runs = next(iter(after["labels"].items()))
        sentences.append(
            f"{named_game(name).title}: P(C,C) is {percent(share['without-planner'])} without a planner, "
            f"{percent(share['with-planner'])} with one and {percent(share['turned-off'])} after it is "
            "turned off, "
            f"where {runs} of {sum(after['labels'].values())} runs are judged «{label}» in the original game."
        )
    compared = [cell["agrees"] for cell in cells if cell["agrees"] is not None]
    if compared:
        sentences.append(f"{sum(compared)} of {len(compared)} means agree with the thesis.")
    return " ".join(sentences)


def _pictures(done: Done) -> list[Picture]:
    from scenarios.pictures.mechanism_design import draw_mechanism_design

    learning = [
        Picture(f"{name}-learning", partial(draw_mechanism_design, named_game(name), done[name, arm]))
        for name, arm in done
        if arm == "with-planner"
    ]
    return [*learning, *payoff_space_pictures(done, CONDITIONS)]
