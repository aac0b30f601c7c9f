"""How many runs got which verdict: what notebooks show of the verdicts on all runs of a world."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import xarray as xr

from theory.arguments import checked, dataset_of
from theory.tables import ShownAsTables, Table, to_four_figures


@dataclass(frozen=True)
class CountedVerdicts:
    """The runs that got one label in one game.

    Attributes
    ----------
    judged_in, label
        The game, and what was said of the runs' outcomes in it.
    runs
        Number of these runs.
    median_regret, median_pareto_slack, median_welfare
        Of these runs, in payoff units.
    """

    judged_in: str
    label: str
    runs: int
    median_regret: float
    median_pareto_slack: float
    median_welfare: float


@dataclass(frozen=True)
class VerdictCounts(ShownAsTables):
    """How many runs got which label.

    Attributes
    ----------
    runs
        Number of all runs.
    by_label
        Those of a label in a game together, the most frequent first.
    """

    runs: int
    by_label: tuple[CountedVerdicts, ...]

    def as_tables(self) -> list[Table]:
        """Return the counts, as notebooks show them."""
        rows = [
            (
                each.judged_in,
                each.label,
                str(each.runs),
                to_four_figures(each.median_regret),
                to_four_figures(each.median_pareto_slack),
                to_four_figures(each.median_welfare),
            )
            for each in self.by_label
        ]
        return [
            Table(
                f"Verdicts on {self.runs} run{'s' * (self.runs != 1)}",
                ("judged in", "label", "runs", "regret", "Pareto slack", "welfare"),
                rows,
                "Each run is judged by itself. Regret (the largest of a player), slack and welfare are medians over "
                "the runs of a label, in payoff units of the game judged in.",
            )
        ]


@checked(judged=dataset_of("simulation.judge_runs", "label", "regret", "pareto_slack", "welfare"))
def count_verdicts(judged: xr.Dataset) -> VerdictCounts:
    """Count the verdicts of `judge_runs` by game and label.

    Parameters
    ----------
    judged
        What `judge_runs` returned.

    Raises
    ------
    ValueError
        If it is something else.
    """
    counted = []
    for game in judged["judged_in"].values:
        here = judged.sel(judged_in=game)
        labels = here["label"].values
        for label, runs in Counter(labels.tolist()).most_common():
            of_label = here.isel(run=np.flatnonzero(labels == label))
            medians = (
                float(np.median(of_label[name].values)) for name in ("regret", "pareto_slack", "welfare")
            )
            counted.append(CountedVerdicts(str(game), str(label), runs, *medians))
    return VerdictCounts(judged.sizes["run"], tuple(counted))
