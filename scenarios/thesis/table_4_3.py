"""Thesis Table 4.3: variants of the planner's learning rule, the published ones and better ones."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from scenarios.frame.comparison import mean_interval, share_interval
from scenarios.frame.published import PublishedCell, thesis_cells
from scenarios.frame.scenario import Picture, Progress, Result, Table, silent
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
    simulate_cells,
)
from simulation import MechanismDesignParameters
from theory import Game, named_game

NAME = "thesis-table-4.3"

# variant: (value function of the thesis, revenue-neutral), and whether Table 4.3 prints it
REFERENCE = MappingProxyType(
    {
        "exact": ("exact", False),
        "exact-revenue-neutral": ("exact", True),
        "estimated": ("estimated", False),
        "estimated-revenue-neutral": ("estimated", True),
    }
)
PRINTED = ("exact", "exact-revenue-neutral", "estimated")
PRINTED_QUANTITIES = ("joint_cooperation", "average_additional_reward")

VARIANTS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "exact": {},
        "exact-revenue-neutral": {"budget": "revenue-neutral-reference"},
        "estimated": {"value_function": "estimated"},
        "estimated-revenue-neutral": {
            "value_function": "estimated",
            "budget": "revenue-neutral-reference",
        },
        "estimated-corrected": {"value_function": "estimated", "budget": "revenue-neutral"},
        "literal": {"value_function": "literal"},
        "literal-revenue-neutral": {"value_function": "literal", "budget": "revenue-neutral"},
        "decoupled": {"value_function": "decoupled"},
        "decoupled-sampled": {"value_function": "decoupled-sampled"},
        "decoupled-revenue-neutral": {"value_function": "decoupled", "budget": "revenue-neutral"},
        "sampled-revenue-neutral": {
            "value_function": "decoupled-sampled",
            "budget": "revenue-neutral",
        },
        "revenue-neutral": {"budget": "revenue-neutral"},
    }
)

# A run succeeds if mutual cooperation is more likely than not at its end.
SUCCESS = 0.5


@dataclass(frozen=True, kw_only=True)
class Parameters(EpisodeParameters):
    """The thesis's experiment; only the number of runs and the seed are worth changing."""

    def of(self, game: Game, variant: str) -> MechanismDesignParameters:
        """Return the parameters of one cell's simulation."""
        return MechanismDesignParameters(game=game, episodes=self.episodes, **VARIANTS[variant])


def run(parameters: Parameters, progress: Progress = silent) -> Result:
    """Simulate all cells, compare the published variants with the thesis and judge every run."""
    started = time.perf_counter()
    done, complete = simulate_cells(
        [(game, variant) for game in GAMES for variant in VARIANTS],
        parameters.of,
        runs=parameters.runs,
        seed=parameters.seed,
        progress=progress,
    )
    comparable = parameters.episodes == Parameters.episodes
    cells = _cells(done, _published() if comparable else {})
    verdicts = judged_cells(done, "variant")
    titles = {name: named_game(name).title for name in GAMES}
    shown = [
        # A long name takes two lines, so that a table fits a terminal of 80 columns.
        cell | {"variant": tuple(cell["variant"].replace("-", "-\n", 1).split("\n"))}
        for cell in cells
        if cell["quantity"] in PRINTED_QUANTITIES
    ]
    return Result(
        scenario=NAME,
        parameters=asdict(parameters),
        seconds=time.perf_counter() - started,
        complete=complete,
        cells=cells,
        verdicts=verdicts,
        finding=_finding(cells),
        tables=[
            *comparison_tables(shown, "variant", titles, NOTE),
            _successes(cells, titles),
            *verdict_tables(verdicts, titles, arm="variant", only="original"),
        ],
        pictures=_pictures(done),
        data=data_tree(
            NAME,
            {f"{game}/{variant}": data for (game, variant), data in done.items()},
            asdict(parameters),
        ),
    )


NOTE = (
    f"Thesis Table 4.3; exact to estimated-revenue-neutral are the reference code's. {COMPARISON_NOTE} The "
    "thesis does not print estimated-revenue-neutral: its figures are from the summary file beside the code. "
    "Of the revenue-neutral variants the reference code's forget in their gradient that the mean is subtracted; "
    "estimated-corrected is estimated-revenue-neutral differentiated through the mean."
)


def _published() -> dict[tuple[str, str, str], PublishedCell]:
    """Return the published cells by (game, variant, quantity)."""
    published = {}
    for variant, (value_function, revenue_neutral) in REFERENCE.items():
        cells = thesis_cells(value_function, revenue_neutral=revenue_neutral)
        for (game, condition, quantity), cell in cells.items():
            if condition == "with-planner":
                published[game, variant, quantity] = cell
    return published


def _cells(done: Done, published: dict[tuple[str, str, str], PublishedCell]) -> list[dict[str, Any]]:
    """Return the cells with intervals, and the share of successful runs as one more quantity."""
    cells = []
    for cell in measured_cells(done, "variant", published):
        values = done[cell["game"], cell["variant"]][cell["quantity"]].values
        interval = mean_interval(values)
        printed = cell["variant"] in PRINTED and cell["quantity"] in PRINTED_QUANTITIES
        cells.append(cell | {"interval": list(interval) if interval else None, "printed": printed})
        if cell["quantity"] == "average_additional_reward":
            cells.append(_success(cell, done[cell["game"], cell["variant"]]["joint_cooperation"].values))
    return cells


def _success(like: dict[str, Any], joint_cooperation: Any) -> dict[str, Any]:
    succeeded = joint_cooperation > SUCCESS
    nothing: dict[str, Any] = dict.fromkeys(
        ("thesis_mean", "thesis_std", "agrees", "reference_protocol_range")
    )
    return {
        "game": like["game"],
        "variant": like["variant"],
        "quantity": "success",
        "mean": float(succeeded.mean()),
        "std": float(succeeded.std()),
        "runs": like["runs"],
        "interval": list(share_interval(int(succeeded.sum()), like["runs"])),
        "printed": False,
    } | nothing


def _successes(cells: list[dict[str, Any]], titles: dict[str, str]) -> Table:
    shares = {(c["variant"], c["game"]): c for c in cells if c["quantity"] == "success"}
    games = list(dict.fromkeys(game for _, game in shares))
    rows = []
    for variant in dict.fromkeys(variant for variant, _ in shares):
        row = [variant]
        for game in games:
            cell = shares.get((variant, game))
            row.append("–" if cell is None else f"{cell['mean'] * cell['runs']:.0f} of {cell['runs']}")
        rows.append(tuple(row))
    return Table(
        f"Runs that end with P(C,C) above {SUCCESS:g}", ("variant", *(titles[game] for game in games)), rows
    )


def _finding(cells: list[dict[str, Any]]) -> str:
    sentences = []
    compared = [cell for cell in cells if cell["agrees"] is not None]
    if compared:
        printed = [cell["agrees"] for cell in compared if cell["printed"]]
        others = [cell["agrees"] for cell in compared if not cell["printed"]]
        sentences.append(
            f"{sum(printed)} of the {len(printed)} printed means agree with the thesis, and {sum(others)} of "
            f"{len(others)} that it does not print."
        )
    share = {(c["variant"], c["game"]): c["mean"] for c in cells if c["quantity"] == "joint_cooperation"}
    for one, other, words in (
        ("decoupled", "estimated", "With different rounds for the two expectations of Eq. 4.5"),
        ("revenue-neutral", "exact-revenue-neutral", "Differentiated through the mean, redistribution"),
        ("decoupled-revenue-neutral", "estimated-revenue-neutral", "Both together, redistribution"),
    ):
        games = [game for game in GAMES if (one, game) in share and (other, game) in share]
        if games:
            ours, theirs = (
                ", ".join(f"{share[variant, game]:.3g}" for game in games) for variant in (one, other)
            )
            titles = ", ".join(named_game(game).title for game in games)
            sentences.append(f"{words} ({one}) gives P(C,C) = {ours} in {titles}, instead of {theirs}.")
    sentences += _what_redistribution_costs_estimates(cells)
    return " ".join(sentences)


def _what_redistribution_costs_estimates(cells: list[dict[str, Any]]) -> list[str]:
    succeeded = {(c["variant"], c["game"]): c for c in cells if c["quantity"] == "success"}
    games = [game for game in GAMES if ("estimated-corrected", game) in succeeded]
    counts = ", ".join(
        f"{of['mean'] * of['runs']:.0f} of {of['runs']} ({low:.0%} to {high:.0%})"
        for of in (succeeded["estimated-corrected", game] for game in games)
        for low, high in (of["interval"],)
    )
    free = ", ".join(
        f"{of['mean'] * of['runs']:.0f}" for of in (succeeded["estimated", game] for game in games)
    )
    return (
        [
            "With both expectations from the same round even that redistribution (estimated-corrected) leaves "
            f"{counts} runs with P(C,C) above {SUCCESS:g}, where unrestricted ones (estimated) are {free}."
        ]
        if games
        else []
    )


def _pictures(done: Done) -> list[Picture]:
    from scenarios.pictures.planner import draw_variants

    learning = [
        Picture(f"{name}-variants", partial(draw_variants, named_game(name), _of_game(done, name)))
        for name in dict.fromkeys(game for game, _ in done)
    ]
    return [*learning, *payoff_space_pictures(done, ("exact", "estimated", "decoupled"))]


def _of_game(done: Done, name: str) -> dict[str, Any]:
    return {variant: data for (game, variant), data in done.items() if game == name}
