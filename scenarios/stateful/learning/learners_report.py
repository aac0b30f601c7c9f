"""Who gained from whom as a learner: tables and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import xarray as xr

from scenarios.frame.results import Entry, Table
from scenarios.frame.verdicts import LEARNED_TOLERANCE
from scenarios.stateful.learning.classic_report import NAMES as CLASSIC_NAMES
from theory.statistics import share_interval
from theory.verdicts.meta_game import MetaVerdict

NAMES = {**CLASSIC_NAMES, "natural": "natural", "sos": "SOS"}
TITLES = {"prisoners-dilemma": "Prisoner's Dilemma", "chicken": "Chicken", "stag-hunt": "Stag Hunt"}
KINDS = {"dilemmas": "Prisoner's Dilemmas", "chickens": "Chickens", "stag-hunts": "Stag Hunts"}

# What a run can be called, and the heads of columns that count it.
LABELS = {
    "Pareto-optimal Nash equilibrium": "PN",
    "Pareto-dominated Nash equilibrium": "DN",
    "Pareto-optimal, not an equilibrium": "P–",
    "Pareto-dominated, not an equilibrium": "D–",
}

PAYOFF_NOTE = (
    "What the learner of the row gets a round from that of the column: mean over runs, below it ± half of its 95% "
    "interval (Student's t). Both C: in how many runs of its self-play both get what mutual cooperation gives, to "
    f"within {LEARNED_TOLERANCE:g} of the payoff range."
)
VERDICT_NOTE = (
    f"Runs, each judged by itself, with a tolerance of {LEARNED_TOLERANCE:g} of the payoff range. N: a Nash "
    "equilibrium, both strategies answer each other best at the discount, among all strategies. P: Pareto-optimal, "
    "no lottery over a round's outcomes offers both more; D: Pareto-dominated."
)
RANDOM_NOTE = (
    "In how many of the random games (exact 95% interval, Clopper & Pearson) the learner is best on average against "
    "all, itself included, and in how many it is a strict equilibrium that all choose it: any other gets less from "
    "it than it gets itself. Means of few runs, whose errors are not looked at."
)


def payoff_table(game: str, cells: Sequence[dict[str, Any]]) -> Table:
    """Return who gets what from whom in a game."""
    found = {
        (cell["learner"], cell["opponent"], cell["quantity"]): cell for cell in cells if cell["game"] == game
    }
    names = list(dict.fromkeys(name for a, b, _ in found for name in (a, b)))
    rows = [
        (NAMES[a], *(_payoff(found, a, b) for b in names), _share(found.get((a, a, "both cooperate"))))
        for a in names
    ]
    columns = ("learner", *(NAMES[name] for name in names), "both C")
    return Table(f"{TITLES[game]}: payoffs", columns, rows, PAYOFF_NOTE)


def _payoff(found: Mapping[tuple[str, str, str], dict[str, Any]], learner: str, opponent: str) -> Entry:
    cell = found.get((learner, opponent, "payoff")) or found.get((opponent, learner, "opponent's payoff"))
    if cell is None:
        return ""
    if cell["interval"] is None:
        return f"{cell['mean']:.2f}"
    return f"{cell['mean']:.2f}", f"±{cell['interval'][1] - cell['mean']:.2f}"


def _share(cell: dict[str, Any] | None) -> str:
    return "" if cell is None else f"{round(cell['mean'] * cell['runs'])} of {cell['runs']}"


def verdict_table(verdicts: Sequence[dict[str, Any]]) -> Table:
    """Return the verdicts on what pairs came to."""
    rows: list[tuple[Entry, ...]] = [
        (
            TITLES[verdict["game"]],
            f"{NAMES[verdict['learner']]}, {NAMES[verdict['opponent']]}",
            *(str(verdict["labels"].get(label, 0)) for label in LABELS),
        )
        for verdict in verdicts
    ]
    columns = ("game", "learners", *LABELS.values())
    return Table("Verdicts on what each pair came to, in the repeated game", columns, rows, VERDICT_NOTE)


def random_table(random: Mapping[str, xr.Dataset]) -> Table:
    """Return which learners are best, and which an equilibrium, in random games."""
    rows: list[tuple[Entry, ...]] = []
    for kind, data in random.items():
        for name in data["learner"].values:
            of_one = data.sel(learner=name)
            best, strict = (of_one[what].values for what in ("is_best_against_all", "is_strict_equilibrium"))
            rows.append((KINDS[kind], NAMES[str(name)], _counted(best), _counted(strict)))
    columns = ("games", "learner", "best against all", "strict equilibrium")
    return Table("Random games", columns, rows, RANDOM_NOTE)


def _counted(happened: Any) -> str:
    k, n = int(happened.sum()), len(happened)
    low, high = share_interval(k, n)
    return f"{k} of {n} ({low:.2f}–{high:.2f})"


def finding(
    cells: Sequence[dict[str, Any]], chosen: Mapping[str, MetaVerdict], random: Mapping[str, xr.Dataset]
) -> str:
    """Return in words whom it is best to learn as, and at whose cost."""
    said = []
    for game, verdict in chosen.items():
        strict = [NAMES[found.row[0][0]] for found in verdict.equilibria if found.is_strict]
        to_be = f"to be {' or '.join(strict)}" if strict else "none that is strict"
        said.append(f"{TITLES[game]}, equilibria of the choice of a learner: {to_be}.")
        said.append(_most_one_sided(game, cells))
    for kind, data in random.items():
        often = data["is_best_against_all"].values.sum(axis=0)
        name = NAMES[str(data["learner"].values[often.argmax()])]
        number = data.sizes["random_game"]
        said.append(f"In {number} random {KINDS[kind]}, {name} is best against all in {often.max()}.")
    if not said:
        mean = {
            (c["game"], c["learner"], c["opponent"]): c["mean"] for c in cells if c["quantity"] == "payoff"
        }
        said = [
            f"{TITLES[g]}: {NAMES[a]} gets {value:.2f} from {NAMES[b]}." for (g, a, b), value in mean.items()
        ][:3]
    return " ".join(said)


def _most_one_sided(game: str, cells: Sequence[dict[str, Any]]) -> str:
    """Return in words which pair is furthest apart."""
    payoff = {(c["learner"], c["opponent"], c["quantity"]): c["mean"] for c in cells if c["game"] == game}
    pairs = [(a, b) for a, b, quantity in payoff if quantity == "payoff"]
    apart = {pair: payoff[(*pair, "payoff")] - payoff[(*pair, "opponent's payoff")] for pair in pairs}
    one, other = max(apart, key=lambda pair: abs(apart[pair]))
    first, second = payoff[(one, other, "payoff")], payoff[(one, other, "opponent's payoff")]
    if first < second:
        one, other, first, second = other, one, second, first
    return f"The widest gap there: {NAMES[one]} gets {first:.2f}, {NAMES[other]} {second:.2f}."
