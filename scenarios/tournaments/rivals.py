"""One strategy beside its rivals: what it gets from each opponent, and who takes over from whom in a population.

Payoffs are those of one tournament. Strategies spread in a well-mixed population in which somebody is born in
proportion to its mean payoff and takes the place of somebody (birth-death). Intervals hold the sampling error of the
payoffs: they are quantiles over draws of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from scenarios.frame.results import Table
from simulation.engine.randomness import run_generator
from simulation.tournaments.verdict import symmetric_errors
from theory import fixation_probability, small_mutation_distribution
from theory.checks import FloatArray
from theory.resolution import TIE
from theory.statistics import student_quantile

POPULATION = 100
DRAWS = 200
LEVEL = 0.05

# The smallest difference that a table shows, in payoff per turn.
SHOWN = 0.1


def opponent_cells(
    data: xr.Dataset, name: str, references: Sequence[str], where: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return from whom a strategy gets clearly more or less than others get from the same opponents."""
    opponents = [str(opponent) for opponent in data["opponent"].values]
    freedom = np.full(len(opponents), int(data.attrs["repetitions"]) - 1)
    # At once for all opponents, at this level for each of the two signs.
    quantile = student_quantile(1.0 - LEVEL / (2 * len(opponents)), freedom)
    own = data.sel(strategy=name)
    cells: list[dict[str, Any]] = []
    for reference in references:
        other = data.sel(strategy=reference)
        ahead = (own["payoffs"] - other["payoffs"]).values
        error = np.hypot(own["payoffs_standard_error"].values, other["payoffs_standard_error"].values)
        clear = np.abs(ahead) > quantile * error + TIE
        order = np.argsort(-ahead, kind="stable")
        cells.append(
            where
            | {
                "part": "opponents",
                "strategy": name,
                "reference": reference,
                "more": {opponents[k]: float(ahead[k]) for k in order if clear[k] and ahead[k] > 0},
                "less": {opponents[k]: float(ahead[k]) for k in order[::-1] if clear[k] and ahead[k] < 0},
            }
        )
    return cells


def barrier(payoffs: FloatArray) -> float:
    """Return the share of the second of two strategies, in [0, 1], below which the first gets more.

    `payoffs[2, 2]`. 0 if a single one of the second gets more, 1 if the first always does; NaN if both get the same
    of each other.
    """
    among_first, among_second = payoffs[0] - payoffs[1]
    if abs(among_first) <= TIE and abs(among_second) <= TIE:
        return float("nan")
    if among_first <= TIE:
        # Alike among the first: who gets more among the second decides.
        return 1.0 if among_first >= -TIE and among_second > TIE else 0.0
    return 1.0 if among_second >= -TIE else float(among_first / (among_first - among_second))


def takes_over(payoffs: FloatArray) -> float:
    """Return the chance that one of the first of two strategies takes over from the second, in units of 1/N."""
    return POPULATION * fixation_probability(payoffs, size=POPULATION, accumulation="mean")


def rival_cells(
    data: xr.Dataset, name: str, rivals: Sequence[str], where: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return who takes over from whom, a strategy and each of its rivals, and how common all are in the long run."""
    field = [name, *rivals]
    part = data.sel(strategy=field, opponent=field)
    payoffs = part["payoffs"].values
    normals = run_generator(0).standard_normal((DRAWS, len(field), len(field)))
    drawn = np.concatenate([payoffs[None], payoffs + symmetric_errors(part, normals)])
    shares = [
        small_mutation_distribution(each, size=POPULATION, accumulation="mean").distribution for each in drawn
    ]
    long_run = _with_interval(np.array(shares))
    cells: list[dict[str, Any]] = []
    for k, rival in enumerate(rivals, start=1):
        pair, reverse = drawn[:, [[0], [k]], [0, k]], drawn[:, [[k], [0]], [k, 0]]
        measured = {
            "takes_over": [takes_over(each) for each in pair],
            "is_taken_over": [takes_over(each) for each in reverse],
            "barrier": [barrier(each) for each in pair],
        }
        cells.append(
            where
            | {"part": "evolution", "strategy": name, "rival": rival, "long_run": long_run[k]}
            | {what: _with_interval(np.array(values)[:, None])[0] for what, values in measured.items()}
        )
    own = where | {"part": "long run", "strategy": name, "long_run": long_run[0]}
    return [*cells, own]


def _with_interval(values: FloatArray) -> list[list[float] | None]:
    """Return of each column the first value and the 95% quantiles of the others; None where there is none."""
    if np.isnan(values[0]).any():
        return [None] * values.shape[1]
    low, high = np.quantile(values[1:], [LEVEL / 2, 1 - LEVEL / 2], axis=0)
    return [list(map(float, of)) for of in zip(values[0], low, high, strict=True)]


def opponent_table(cells: list[dict[str, Any]], name: str, reference: str) -> Table:
    """Return from whom a strategy gets more than another does, and from whom less, by noise."""
    ahead = {
        f"{cell['noise']:g}": cell["more"] | cell["less"]
        for cell in cells
        if cell["part"] == "opponents" and cell["reference"] == reference
    }
    shown = {
        opponent: sum(of.get(opponent, 0.0) for of in ahead.values())
        for opponent in dict.fromkeys(opponent for of in ahead.values() for opponent in of)
        if any(abs(of.get(opponent, 0.0)) >= SHOWN for of in ahead.values())
    }
    rows = [
        (opponent, *(f"{of[opponent]:+z.2f}" if opponent in of else "" for of in ahead.values()))
        for opponent in sorted(shown, key=lambda opponent: -shown[opponent])
    ]
    for what, sign in (("more", 1.0), ("less", -1.0)):
        rows.append(
            (
                f"(from how many {what})",
                *(f"{sum(x * sign > 0 for x in of.values())}" for of in ahead.values()),
            )
        )
    return Table(
        f"What {name} gets from an opponent, less what {reference} gets",
        ("opponent", *(f"noise {noise}" for noise in ahead)),
        rows,
        f"Per turn; opponents with a difference of {SHOWN:g} or more at some noise. Empty: not clear, at {LEVEL:.0%} "
        "for all opponents at once.",
    )


def rival_table(cells: list[dict[str, Any]], name: str) -> Table:
    """Return who takes over from whom."""
    rows = [
        (
            f"{cell['noise']:g}",
            cell["rival"],
            _with_half(cell["takes_over"]),
            _with_half(cell["is_taken_over"]),
            _with_ends(cell["barrier"]),
        )
        for cell in cells
        if cell["part"] == "evolution"
    ]
    return Table(
        f"{name} and a rival in a population of {POPULATION}",
        ("noise", "rival", "takes over", "taken over", "barrier"),
        rows,
        f"Takes over: how often one {name} takes over from {POPULATION - 1} of the rival, in units of "
        f"1/{POPULATION}, what it would be without selection; taken over: the reverse. Barrier: share of the rival "
        f"below which {name} gets more, 0 if it does not from the first on. Birth-death, fitness is the payoff. ±: "
        "half of the 95% interval by the payoffs' sampling error, which stands in brackets for the barrier.",
    )


def long_run_table(cells: list[dict[str, Any]]) -> Table:
    """Return how common a strategy and its rivals are in the long run, by noise."""
    shares: dict[str, dict[str, str]] = {}
    for cell in cells:
        if "long_run" in cell:
            of_one = shares.setdefault(cell.get("rival", cell["strategy"]), {})
            of_one[f"{cell['noise']:g}"] = _with_half(cell["long_run"])
    levels = list(dict.fromkeys(noise for of_one in shares.values() for noise in of_one))
    return Table(
        f"Shares of time of {len(shares)} strategies where mutations are rare",
        ("strategy", *(f"noise {noise}" for noise in levels)),
        [(name, *(of_one.get(noise, "") for noise in levels)) for name, of_one in shares.items()],
        "All at once. ±: half of the 95% interval by the payoffs' sampling error.",
    )


def _with_half(measured: list[float]) -> str:
    value, low, high = measured
    return f"{value:.2f}" + (f" ± {(high - low) / 2:.2f}" if high - low >= 0.01 else "")


def _with_ends(measured: list[float] | None) -> str:
    if measured is None:
        return "–"
    value, low, high = (f"{x:.2f}" for x in measured)
    return value if low == value == high else f"{value} ({low}–{high})"
