"""What classic learners came to, beside what is known of them: tables, words and pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import xarray as xr

from scenarios.frame.results import Entry, Picture, Table
from scenarios.frame.verdicts import counted_labels
from scenarios.stateful.learning.cast import FICTITIOUS, GRADIENT, Trial

NAMES = {
    "naive": "naive",
    "look-ahead": "LookAhead",
    "lola": "LOLA",
    "stable-opponent-shaping": "stable opponent shaping",
    "lola-against-naive": "LOLA against naive",
    "fictitious-play": "fictitious play",
    "minimax-q": "minimax-Q",
    "friend-q": "friend-Q",
    "foe-q": "foe-Q",
    "independent-q": "independent Q",
    "joint-action": "joint-action",
    "optimistic-joint-action": "optimistic joint-action",
    "q-learning": "Q-learning",
}

GAMES = {
    "iterated-dilemma": "iterated Prisoner's Dilemma",
    "iterated-pennies": "iterated Matching Pennies",
    "shapley": "Shapley's game",
    "rock-paper-scissors": "Rock, Paper, Scissors",
    "matching-pennies": "Matching Pennies",
    "biased-pennies": "biased Matching Pennies",
    "climbing": "climbing game",
    "penalty-10": "penalty game, k = -10",
    "penalty-100": "penalty game, k = -100",
    "grid-game-1": "grid game 1",
    "grid-game-2": "grid game 2",
    "soccer": "soccer",
}

NOTE = (
    "Means with their 95% intervals, Student's t; shares with exact ones (Clopper & Pearson). What is known is a "
    "closed form, a definition, an exact solution, or a claim of the paper's abstract in words; where nothing is "
    "said, no published figure could be checked; ? where the runs are too few to tell. Pairs cooperate if their mean "
    "payoff is more than .8 of the way from mutual defection to mutual cooperation, conditionally if P(C) is below "
    ".65 in both states after the other defected, for both (the criterion of POLA's program, Zhao et al. 2022)."
)

VERDICTS_NOTE = (
    "Each run by itself, with a tolerance of .02 of the payoff range. Repeated games: best answers to both "
    "strategies at the discount. Markov games: best answers to both policies, from the first state. Other games: the "
    "label of the final policies, or of fictitious play's frequencies."
)


def known_tables(cells: Sequence[dict[str, Any]]) -> list[Table]:
    """Return what was measured beside what is known, a table for each game."""
    games = list(dict.fromkeys(cell["environment"] for cell in cells))
    return [
        Table(
            f"{GAMES[game][0].upper()}{GAMES[game][1:]}",
            ("learner", "quantity", "measured", "known", "agrees"),
            [_row(cell) for cell in cells if cell["environment"] == game],
            NOTE if game == games[-1] else "",
        )
        for game in games
    ]


def _row(cell: Mapping[str, Any]) -> tuple[Entry, ...]:
    known: Entry = "" if cell["known"] is None else (cell["known"], f"[{cell['source']}]")
    return NAMES[cell["learner"]], cell["quantity"], _with_interval(cell), known, _agrees(cell)


def _agrees(cell: Mapping[str, Any]) -> str:
    if cell["known"] is None:
        return ""
    return {True: "yes", False: "no", None: "?"}[cell["agrees"]]


def _with_interval(cell: Mapping[str, Any]) -> Entry:
    if cell["interval"] is None:
        return f"{cell['mean']:.5g}"
    low, high = cell["interval"]
    return (f"{cell['mean']:.3f}", f"({low:.3f}, {high:.3f})")


def verdict_table(verdicts: Sequence[dict[str, Any]]) -> Table:
    """Return the verdicts."""
    rows: list[tuple[Entry, ...]] = [
        (
            GAMES[verdict["environment"]],
            NAMES[verdict["learner"]],
            verdict["judged_in"],
            counted_labels(verdict["labels"]),
        )
        for verdict in verdicts
    ]
    columns = ("game", "learner", "judged in", "runs × label")
    return Table("Classic learners: verdicts on what each run came to", columns, rows, VERDICTS_NOTE)


SAID = (
    (
        ("naive", "iterated-dilemma", "payoff of a round"),
        "Two naive learners get {:.3f} a round (both defect: -2).",
    ),
    (("lola", "iterated-dilemma", "payoff of a round"), "Two LOLA get {:.3f} (both cooperate: -1)."),
    (
        ("friend-q", "grid-game-2", "got in fact"),
        "Two friends expect 98 in the second grid game, and get {:.3g}.",
    ),
    (
        ("independent-q", "climbing", "best outcome"),
        "Independent learners climb to the top in {:.3f} of runs.",
    ),
    (("joint-action", "climbing", "best outcome"), "Joint-action learners do in {:.3f} of runs."),
    (("optimistic-joint-action", "climbing", "best outcome"), "Optimistic ones do in {:.3f} of runs."),
    (
        ("minimax-q", "soccer", "worst loss at kick-off"),
        "In soccer, worth 0 to both, minimax-Q loses {:.3f} to its best opponent.",
    ),
    (("q-learning", "soccer", "worst loss at kick-off"), "Q-learning loses {:.3f} there."),
)


def finding(cells: Sequence[dict[str, Any]]) -> str:
    """Return in words how much of what is known came out, and where each learner loses."""
    known = [cell for cell in cells if cell["known"] is not None]
    missed = [cell for cell in known if cell["agrees"] is False]
    came_out = sum(cell["agrees"] is True for cell in known)
    said = [f"{came_out} of {len(known)} known outcomes came out."]
    said += [
        f"Not so: {NAMES[cell['learner']]} in the {GAMES[cell['environment']]}, {cell['quantity']} {cell['mean']:.4g}"
        f" where {cell['known']}."
        for cell in missed
    ]
    by = {(cell["learner"], cell["environment"], cell["quantity"]): cell["mean"] for cell in cells}
    said += [words.format(by[of]) for of, words in SAID if of in by]
    return " ".join(said)


def pictures_of(data: Mapping[Trial, xr.Dataset]) -> list[Picture]:
    """Return the learning curves of pairs, and the stretches of Shapley's game."""
    from scenarios.pictures import learners

    curves = {
        NAMES[trial.learner]: found["payoff_before"].mean("player").values
        for trial, found in data.items()
        if trial.learner in GRADIENT and trial.environment == "iterated-dilemma"
    }
    found = []
    if curves:
        found.append(Picture("opponent-shaping-curves", partial(learners.draw_curves, curves)))
    shapley = data.get(Trial(FICTITIOUS, "shapley"))
    if shapley is not None:
        stretches = shapley["outcome"].values, shapley["length"].values
        found.append(Picture("fictitious-play-shapley", partial(learners.draw_stretches, *stretches)))
    return found
