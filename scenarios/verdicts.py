"""Verdicts on what the runs of a cell learned: each run is judged by itself, then labels are counted."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from scenarios.scenario import Table
from theory import Game, judge_batch
from theory._checks import FloatArray

# Tolerance for learned outcomes, as a share of the payoff range, fixed before any result was seen.
LEARNED_TOLERANCE = 0.02


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
    }


def verdict_table(verdicts: list[dict[str, Any]], names: dict[str, str]) -> Table:
    """Return the verdicts as a table; `names` are the games' titles."""
    rows = []
    for verdict in verdicts:
        labels = [f"{runs} × {label}" for label, runs in verdict["labels"].items()]
        rows.append(
            (
                names[verdict["game"]],
                verdict["condition"],
                verdict["judged_in"],
                "\n".join(labels),
                f"{verdict['median_regret']:.3f}",
                f"{verdict['median_pareto_slack']:.3f}",
            )
        )
    return Table(
        "Verdicts on what each run learned",
        ("game", "condition", "judged in", "runs × label", "median regret", "median Pareto slack"),
        rows,
        f"Each run is judged by itself, with a tolerance of {LEARNED_TOLERANCE:g} of the payoff range. "
        "Regret is the larger of the two players'; Pareto slack is the total gain that some lottery over "
        "outcomes offers without a loss to anyone. Both are in payoff units.",
    )
