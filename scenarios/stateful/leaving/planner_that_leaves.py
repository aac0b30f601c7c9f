"""What do learners with memory keep when a planner has left, Eq. 4.3's or one trained for its absence?

Settings were fixed before any result was seen: cooperation lasts in a run if the mean welfare of the last tenth of
the updates after the planner has left is above .9 of what Win-Stay, Lose-Shift reaches at that rate of slips; hands
go on slipping, so that a policy which is nobody's best answer is unlearned. Each run's last pair, rounded to the pure
players that it is nearest to, is judged by theory: is it a strict equilibrium of the repeated game?
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from scenarios.frame.results import Picture, Table
from scenarios.frame.scenario import Report, Scenario
from scenarios.stateful.leaving import play as leaving_play
from scenarios.stateful.leaving.graded import BENEFITS, all_symmetric, rules
from scenarios.stateful.leaving.parameters import Parameters
from scenarios.stateful.leaving.terms import Cell, cells_of, named
from scenarios.stateful.preparation import prepare_jax
from theory.resolution import TIE
from theory.statistics import share_interval

if TYPE_CHECKING:
    from simulation.markov_games.leaving.leaving_planner import LeavingParameters

TITLES = {
    "leaving": "Prisoner's Dilemma: does cooperation last when the planner has left?",
    "unknown": "A planner trained for its absence meets learners that it was not trained on",
    "threshold": "Learners let go at Win-Stay, Lose-Shift, the discount just below and above the law's bound",
    "artefact": "Learners let go near All-C, by their log-odds of C",
    "games": "Other games",
    "controls": "Terms under which the planner was not trained (it was on natural learners)",
    "dilemmas": "Random dilemmas after a tutor, one run each",
    "sampled": "Learners whose gradients are sampled",
    "many": "Public goods of three and of four players",
    "graded": "Graded donation games with levels full, half and none",
}

PLANNERS = {"none": "none", "eq-4.3": "Eq. 4.3", "tutor": "tutor", "absence": "for its absence"}


def build(parameters: Parameters, cell: Cell) -> LeavingParameters | None:
    """Return the learners and the planner of a cell."""
    prepare_jax()
    return None if cell.table == "dilemmas" else leaving_play.build(parameters, cell)


def _group(cell: Cell) -> str:
    """Return the place of a cell in the stored file: all are equally deep."""
    return "/".join(part or "-" for part in cell)


def report(parameters: Parameters, done: Mapping[Cell, xr.Dataset]) -> Report:
    """Count in how many runs cooperation lasts, and what theory says of where they end."""
    cells = [_measured(cell, data) for cell, data in done.items()]
    verdicts = [_verdict(cell, data) for cell, data in done.items()]
    tables = [
        shown
        for table in dict.fromkeys(cell.table for cell in done)
        for shown in _tables(
            table, [row for row in zip(cells, verdicts, strict=True) if row[0]["table"] == table]
        )
    ]
    return Report(
        cells=cells,
        verdicts=verdicts,
        finding=_finding(cells),
        tables=tables,
        make_pictures=partial(_pictures, done),
    )


def _measured(cell: Cell, data: xr.Dataset) -> dict[str, Any]:
    runs, lasting = data.sizes["run"], int(data["lasts"].sum())
    measured = cell._asdict() | {
        "noise": float(data.attrs["noise"]),
        "discount": float(data.attrs["discount"]),
        "updates": int(data.attrs["updates"]),
        "runs": runs,
        "lasting": lasting,
        "interval": list(share_interval(lasting, runs)),
        "win_stay": int((data["label"].values == "WSLS").sum()),
        "wanted": float(data.attrs["wanted"]),
        "index_at_leaving": float(data["index_after"].values[:, 0].mean()),
        "index_at_end": float(data["last_index"].mean()),
    }
    if cell.table == "dilemmas":
        measured |= _foretold(data)
    return measured


def _foretold(data: xr.Dataset) -> dict[str, Any]:
    strict = data["bound"].values < data.attrs["discount"]
    right = int((strict == data["lasts"].values).sum())
    return {
        "strict_by_the_law": int(strict.sum()),
        "foretold": right,
        "foretold_interval": list(share_interval(right, len(strict))),
        "wrong_bounds": np.sort(data["bound"].values[strict != data["lasts"].values]).round(3).tolist(),
    }


def _verdict(cell: Cell, data: xr.Dataset) -> dict[str, Any]:
    labels = Counter(str(label) for label in data["label"].values)
    is_strict = np.array([not str(label).endswith(leaving_play.NOT_STRICT) for label in data["label"].values])
    slack = data["slack"].values
    return cell._asdict() | {
        "judged_in": "the repeated game",
        "labels": dict(labels.most_common()),
        "strict": int(is_strict.sum()),
        "least_slack": float(slack[is_strict].min()) if is_strict.any() else None,
        "median_slack": float(np.median(slack)),
        "furthest_from_pure": float(data["from_pure"].max()),
    }


def _tables(table: str, rows: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> list[Table]:
    condition = CONDITIONS.get(table, "planner")
    runs = rows[0][0]["runs"]
    return [
        Table(
            f"{TITLES[table]} {runs} runs",
            ("learners", condition, "lasting", "left", "end"),
            [_row(cell) for cell, _ in rows],
            NOTES.get(table, NOTE)
            + (_note_on_dilemmas([cell for cell, _ in rows]) if table == "dilemmas" else ""),
        ),
        Table(
            "Where they end, by theory",
            ("learners", condition, "nearest pure players", "slack"),
            [_row_by_theory(cell, verdict) for cell, verdict in rows],
            NOTES_BY_THEORY.get(table, NOTE_BY_THEORY),
        ),
    ] + ([_rules_of_graded_games([cell for cell, _ in rows])] if table == "graded" else [])


def _rules_of_graded_games(cells: Sequence[Mapping[str, Any]]) -> Table:
    """Return what theory says of rules among two of each, before anybody has learned."""
    rows, counts = [], []
    for game, noise, discount in dict.fromkeys(
        (cell["game"], cell["noise"], cell["discount"]) for cell in cells
    ):
        every, stage = all_symmetric(BENEFITS[game], noise, discount), named(game)
        index = leaving_play.welfare_index(stage, every.welfare)
        for name, rule in rules().items():
            place = int((every.rules == rule).all(axis=1).argmax())
            slack = float(every.slack[place])
            rows.append(
                (game, name, "yes" if slack > TIE else "no", _written(slack), f"{float(index[place]):.3f}")
            )
        strict = every.slack > TIE
        lasting = strict & (index > leaving_play.LASTING * float(index[strict].max()))
        counts.append(
            f"{game}: {int(strict.sum())} of {len(strict):,} rules are strict, {int(lasting.sum())} of these with a "
            f"welfare index above .9 of the best one's, {float(index[strict].max()):.3f}."
        )
    return Table(
        "Rules, each against itself, by theory",
        ("game", "rule", "strict", "slack", "index"),
        rows,
        f"{NOTE_ON_RULES} {' '.join(counts)}",
    )


# What varies within a table, where it is not the planner.
CONDITIONS = {
    "unknown": "trained on",
    "threshold": "noise, discount, updates",
    "artefact": "log-odds at first",
    "games": "game, planner",
    "many": "game, planner",
    "graded": "game, planner",
    "controls": "terms",
    "sampled": "terms",
}


def _condition(cell: Mapping[str, Any]) -> str:
    planner = PLANNERS[cell["planner"]]
    said: str = {
        "unknown": cell["trained_on"],
        "threshold": f"{cell['noise']:g}, {cell['discount']:.4f}, {cell['updates']:,}",
        "games": f"{cell['game']}, {planner}",
        "many": f"{cell['game']}, {planner}",
        "graded": f"{cell['game']}, {planner}",
    }.get(cell["table"], cell["terms"] or planner)
    return said


NOTE = (
    "Lasting: runs whose mean welfare in the last tenth of the updates is above .9 of what Win-Stay, Lose-Shift "
    "reaches, with the exact 95% interval of their share. Mean welfare index (0 to 1 over the game's outcomes): just "
    "after the planner has left, and in the last tenth."
)

NOTE_BY_THEORY = (
    "How many runs have which pure players nearest to their last policies (WSLS: Win-Stay, Lose-Shift; otherwise by "
    "what is meant after CC, CD, DC, DD), a strict equilibrium of the repeated game with these slips where nothing "
    "else is said. Slack: median over runs of the least that a player loses in any state by meaning the other action "
    "once, in payoff units a round; negative: it gains."
)

NOTES = {"graded": NOTE.replace("Win-Stay, Lose-Shift", "Climb")}

NOTES_BY_THEORY = {
    "graded": (
        "How many runs have which pure players nearest to their last policies, by the names below, a strict "
        "equilibrium of the repeated game with these slips where nothing else is said. Slack: median over runs of "
        "the least that a player loses in any state by meaning another level once, in payoff units a round; "
        "negative: it gains."
    )
}

NOTE_ON_RULES = (
    "What is meant after the last pair of levels: Copy the other's level; WSLS full after equal levels, else none; "
    "Grim full after full by both, else none; Pay Back one level less than its own last if the other did less than "
    "it, else one more; Climb one level more after equal levels, else none. Strict: meaning another level once loses "
    "in every state; slack: at least so much, in payoff units a round. Index: welfare from full at first, 0 to 1."
)


def _note_on_dilemmas(cells: Sequence[Mapping[str, Any]]) -> str:
    said = [
        f" {cell['learners']}: the law foretells {cell['foretold']} of {cell['runs']} "
        f"({cell['foretold_interval'][0]:.2f} to {cell['foretold_interval'][1]:.2f}), {cell['strict_by_the_law']} of "
        f"them to last at discount {cell['discount']:g}; bounds where it was wrong: "
        f"{', '.join(f'{bound:g}' for bound in cell['wrong_bounds']) or 'none'}."
        for cell in cells
    ]
    return "".join(said)


def _row(cell: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        cell["learners"],
        _condition(cell),
        f"{cell['lasting']} ({cell['interval'][0]:.2f} to {cell['interval'][1]:.2f})",
        f"{cell['index_at_leaving']:.2f}",
        f"{cell['index_at_end']:.2f}",
    )


def _row_by_theory(cell: Mapping[str, Any], verdict: Mapping[str, Any]) -> tuple[str, ...]:
    ends = [f"{count} {label}" for label, count in list(verdict["labels"].items())[:MOST_LABELS]]
    others = cell["runs"] - sum(list(verdict["labels"].values())[:MOST_LABELS])
    return (
        cell["learners"],
        _condition(cell),
        ", ".join(ends) + (f", {others} others" if others else ""),
        _written(verdict["median_slack"]),
    )


def _written(slack: float) -> str:
    """Return four decimals, of which the last does not hang on rounding: All-none loses .00485 in graded games."""
    return f"{round(slack, 12):.4f}"


MOST_LABELS = 3


def _finding(cells: Sequence[Mapping[str, Any]]) -> str:
    def counts(planner: str) -> str:
        return ", ".join(
            f"{cell['lasting']} of {cell['runs']} {cell['learners']}"
            for cell in cells
            if cell["table"] == "leaving" and cell["planner"] == planner
        )

    said = [
        f"{words}: cooperation lasts in {found} pairs."
        for words, planner in (
            ("After the planner of Eq. 4.3", "eq-4.3"),
            ("After one trained for its absence", "absence"),
        )
        if (found := counts(planner))
    ]
    for table, words in FOUND.items():
        if of_table := [cell for cell in cells if cell["table"] == table]:
            least, most = (f(cell["lasting"] for cell in of_table) for f in (min, max))
            said.append(f"{words} it lasts in {least} to {most} of {of_table[0]['runs']} runs, by cell.")
    for side, words in (("-", "below"), ("+", "above")):
        kept = [cell["win_stay"] for cell in cells if cell["table"] == "threshold" and side in cell["terms"]]
        if kept:
            said.append(
                f"Just {words} the bound {min(kept)} to {max(kept)} runs of a cell end at Win-Stay, Lose-Shift."
            )
    return " ".join(said)


FOUND = {
    "unknown": "With learners that the planner was not trained on",
    "artefact": "After a start near All-C",
    "games": "In other games",
    "controls": "Under terms under which the planner was not trained",
    "dilemmas": "In random dilemmas",
    "sampled": "With sampled gradients",
    "many": "Among three and four players",
    "graded": "In graded games",
}


def _pictures(done: Mapping[Cell, xr.Dataset]) -> list[Picture]:
    from scenarios.pictures.leaving import draw_courses, draw_policies

    of_table = {cell: data for cell, data in done.items() if cell.table == "leaving"}
    if not of_table:
        return []
    return [
        Picture("planner-that-leaves-welfare", partial(draw_courses, of_table)),
        Picture("planner-that-leaves-policies", partial(draw_policies, of_table)),
    ]


SCENARIO = Scenario(
    name="planner-that-leaves",
    Parameters=Parameters,
    cells=lambda parameters: cells_of(parameters.tables),
    build=build,
    play=leaving_play.play,
    report=report,
    group=_group,
    keys={
        "table": "what was asked: see `tables` of the parameters",
        "learners": "kind of the two learners, or both kinds joined by +",
        "planner": "who led: none, eq-4.3, tutor, absence (trained for its absence)",
        "trained_on": "the learners that a planner was trained on",
        "terms": "what differs from the parameters",
        "discount": "weight of the next round",
        "updates": "of the learners after the planner has left",
        "lasting": "runs in which cooperation lasts; `interval` is of their share",
        "win_stay": "runs whose last pair, rounded to pure players, is Win-Stay, Lose-Shift, strict",
        "wanted": "the welfare index above which it does",
        "index_at_leaving": "mean welfare index in the first 200th of the updates after the planner has left",
        "index_at_end": "mean welfare index in the last tenth",
        "strict": "runs whose last pair, rounded to pure players, is a strict equilibrium of the repeated game",
        "least_slack": "of these, the least that a player loses by meaning the other action once; None: of none",
        "median_slack": "median over all runs of the same",
        "furthest_from_pure": "the most that a last probability of meaning C differs from 0 and 1",
        "strict_by_the_law": "dilemmas in which the law says that Win-Stay, Lose-Shift is strict",
        "foretold": "dilemmas in which cooperation lasts if and only if the law says so",
        "foretold_interval": "exact 95% interval of their share",
        "wrong_bounds": "the law's bounds of the others",
    },
)
