"""Thesis Table 4.3: variants of the planner's learning rule, the published ones and better ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

import xarray as xr

from scenarios.frame.published import PublishedCell, thesis_cells
from scenarios.frame.results import Picture, Table
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
    simulated,
    titles_of,
)
from simulation import MechanismDesignParameters
from theory import named_game
from theory.statistics import mean_interval, share_interval

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
class Parameters(GamesParameters):
    """The thesis's experiment; only the number of runs and the seed are worth changing."""


class Cell(NamedTuple):
    """A game and a variant of the planner's learning rule."""

    game: str
    variant: str


def build(parameters: Parameters, cell: Cell) -> MechanismDesignParameters:
    """Return the parameters of one cell's simulation."""
    return MechanismDesignParameters(
        game=named_game(cell.game), episodes=parameters.episodes, **VARIANTS[cell.variant]
    )


def report(parameters: Parameters, done: Mapping[Cell, xr.Dataset]) -> Report:
    """Compare the published variants with the thesis and judge every run."""
    cells = _cells(done, _published() if parameters.episodes == Parameters.episodes else {})
    verdicts, titles = judged_cells(done), titles_of(done)
    shown = [
        # A long name takes two lines, so that a table fits a terminal of 80 columns.
        cell | {"variant": tuple(cell["variant"].replace("-", "-\n", 1).split("\n"))}
        for cell in cells
        if cell["quantity"] in PRINTED_QUANTITIES
    ]
    return Report(
        cells=cells,
        verdicts=verdicts,
        finding=_finding(cells),
        tables=[
            *comparison_tables(shown, "variant", titles, NOTE),
            _successes(cells, titles),
            *verdict_tables(verdicts, titles, arm="variant", only="original"),
        ],
        make_pictures=partial(_pictures, done),
    )


NOTE = (
    f"Thesis Table 4.3; exact to estimated-revenue-neutral are the reference code's. {COMPARISON_NOTE} The "
    "thesis does not print estimated-revenue-neutral: its figures are from the summary file beside the code. "
    "Of the revenue-neutral variants the reference code's forget in their gradient that the mean is subtracted; "
    "estimated-corrected is estimated-revenue-neutral differentiated through the mean."
)


def _published() -> dict[tuple[Cell, str], PublishedCell]:
    """Return the published cells by cell and quantity."""
    published = {}
    for variant, (value_function, revenue_neutral) in REFERENCE.items():
        cells = thesis_cells(value_function, revenue_neutral=revenue_neutral)
        for (game, condition, quantity), cell in cells.items():
            if condition == "with-planner":
                published[Cell(game, variant), quantity] = cell
    return published


def _cells(
    done: Mapping[Cell, xr.Dataset], published: Mapping[tuple[Cell, str], PublishedCell]
) -> list[dict[str, Any]]:
    """Return the cells with intervals, and the share of successful runs as one more quantity."""
    cells = []
    for cell in measured_cells(done, published):
        data = done[Cell(cell["game"], cell["variant"])]
        interval = mean_interval(data[cell["quantity"]].values)
        printed = cell["variant"] in PRINTED and cell["quantity"] in PRINTED_QUANTITIES
        cells.append(cell | {"interval": list(interval) if interval else None, "printed": printed})
        if cell["quantity"] == "average_additional_reward":
            cells.append(_success(cell, data["joint_cooperation"].values))
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
        games = _games_of_both(share, one, other)
        if games:
            ours, theirs = (
                ", ".join(f"{share[variant, game]:.3g}" for game in games) for variant in (one, other)
            )
            titles = ", ".join(named_game(game).title for game in games)
            sentences.append(f"{words} ({one}) gives P(C,C) = {ours} in {titles}, instead of {theirs}.")
    sentences += _what_redistribution_costs_estimates(cells)
    return " ".join(sentences)


def _games_of_both(found: Mapping[tuple[str, str], Any], one: str, other: str) -> list[str]:
    """Return the games for which there are figures of both variants."""
    games = dict.fromkeys(game for _, game in found)
    return [game for game in games if (one, game) in found and (other, game) in found]


def _what_redistribution_costs_estimates(cells: list[dict[str, Any]]) -> list[str]:
    succeeded = {(c["variant"], c["game"]): c for c in cells if c["quantity"] == "success"}
    games = _games_of_both(succeeded, "estimated-corrected", "estimated")
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


def _pictures(done: Mapping[Cell, xr.Dataset]) -> list[Picture]:
    from scenarios.pictures.planner import draw_variants

    learning = [
        Picture(f"{game}-variants", partial(draw_variants, named_game(game), of_game))
        for game, of_game in by_game(done).items()
    ]
    return [*learning, *payoff_space_pictures(done, ("exact", "estimated", "decoupled"))]


SCENARIO = Scenario(
    name="thesis-table-4.3",
    Parameters=Parameters,
    cells=lambda parameters: [Cell(game, variant) for game in parameters.games for variant in VARIANTS],
    build=build,
    play=lambda parameters, cell: simulated(parameters, build(parameters, cell)),
    report=report,
    keys=KEYS_OF_COMPARISON
    | {
        "variant": "the planner's learning rule and budget",
        "printed": "whether the thesis prints the figure that is compared",
    },
)
