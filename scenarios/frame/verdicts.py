"""Verdicts on what the runs of a cell learned: each run is judged by itself, then labels are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from scenarios.frame.results import Entry, Table
from theory import Game, judge_batch
from theory.checks import FloatArray
from theory.verdicts.verdict import LEARNED_TOLERANCE as LEARNED_TOLERANCE


def summarise_verdicts(
    game: Game, profiles: FloatArray, incentives: FloatArray | None = None
) -> dict[str, Any]:
    """Judge `profiles[runs, 2, 2]` one by one and count the labels.

    With `incentives[runs, 2, 2, 2]` each run is judged in the game that its own incentives make.
    """
    payoffs = np.array(game.payoffs) if incentives is None else game.payoffs + incentives
    verdicts = judge_batch(payoffs, profiles, tolerance=LEARNED_TOLERANCE)
    labels = Counter(str(label) for label in verdicts.label)
    return {
        "labels": dict(labels.most_common()),
        "median_regret": float(np.median(np.max(verdicts.regrets, axis=1))),
        "median_pareto_slack": float(np.median(verdicts.pareto_slack)),
        "tolerance": LEARNED_TOLERANCE,
        "incentives_in_force": incentives is not None and bool(np.any(incentives)),
    }


NOTE = (
    f"Each run is judged by itself, with a tolerance of {LEARNED_TOLERANCE:g} of the payoff range, in the "
    "original game and, where incentives are in force at the end, with them. Regret (the larger of the two "
    "players') and slack (the total gain that some lottery over outcomes offers without a loss to anyone) "
    "are medians over runs, in payoff units."
)


def verdict_tables(
    verdicts: list[dict[str, Any]],
    titles: dict[str, str],
    *,
    arm: str = "condition",
    only: str | None = None,
    of: str = "what each run learned",
) -> list[Table]:
    """Return the verdicts as one table a game.

    `titles` are the games' names in words; `arm` is the key of what is varied within a game, by a text or a
    number; `only` restricts the tables to what is judged in that game, such as "original"; `of` says in the titles
    what was judged.
    """
    tables = []
    games = list(dict.fromkeys(verdict["game"] for verdict in verdicts))
    for game in games:
        rows = [
            _row(verdict, arm, only)
            for verdict in verdicts
            if verdict["game"] == game
            and (verdict["judged_in"] == "original" or verdict["incentives_in_force"])
            and only in (None, verdict["judged_in"])
        ]
        tables.append(
            Table(
                f"{titles[game]}: verdicts on {of}" + (f" ({only} game)" if only else ""),
                (arm, *(() if only else ("judged in",)), "runs × label", "regret", "slack"),
                rows,
                NOTE if game == games[-1] else "",
            )
        )
    return tables


def counted_labels(labels: Mapping[str, int]) -> tuple[str, ...]:
    """Return how many runs got which label, a line each."""
    return tuple(f"{runs} × {label}" for label, runs in labels.items())


def _row(verdict: dict[str, Any], arm: str, only: str | None) -> tuple[Entry, ...]:
    varied = verdict[arm]
    return (
        f"{varied:g}" if isinstance(varied, float) else str(varied),
        *(() if only else (verdict["judged_in"],)),
        counted_labels(verdict["labels"]),
        f"{verdict['median_regret']:.3f}",
        f"{verdict['median_pareto_slack']:.3f}",
    )
