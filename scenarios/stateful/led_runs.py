"""What learners of a game with state came to whom a planner leads, or leads and leaves: counts, verdicts, tables.

A run succeeds whose last policies have at least 95% of the most welfare that joint play can have, fixed before any
result was seen. A cell has a `condition`; some conditions are those in which the planner leaves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

import numpy as np
import xarray as xr

from scenarios.frame.results import Picture, Table
from scenarios.frame.scenario import Report, RunParameters
from scenarios.frame.verdicts import LEARNED_TOLERANCE, verdict_tables
from theory.checks import FloatArray, whole_number
from theory.statistics import mean_interval, share_interval

if TYPE_CHECKING:
    from simulation.markov_games.enumerated import EnumeratedGame
    from simulation.markov_games.planner.planning import Planning

SUCCESS = 0.95

# Updates are kept in steps of so many, the first and the last one included.
RECORD_EVERY = 10

KEYS = {
    "best_welfare": "the most that joint play can have, the sum of all rewards of an episode",
    "succeeded": "runs whose last policies have at least 95% of it; `interval` is of their share",
    "succeeded_when_left": "the same when the planner leaves; None where it stays or never came",
    "welfare": "mean over runs of the last policies' welfare, the sum of all rewards of an episode",
    "least_welfare": "the least of any run",
    "paid": "mean over runs of the absolute incentives of an episode at the end",
    "paid_interval": "95% interval of `paid` (Student's t); None for a single run",
    "median_paid": "median over runs of the same; `most_paid`: the most of any run",
    "most_paid": "see `median_paid`",
    "reached": "median update since which runs lastingly have 95% of the welfare, led ones while they are led",
    "equilibria_with_incentives": "runs in which nobody gains more than the tolerance, with incentives in force",
}

NOTE = (
    "c bounds an incentive; the cost is .01 (alpha of thesis Eq. 4.7). Within 5%: runs whose last policies have "
    "at least 95% of the most welfare, with the exact 95% interval of their share. From: median update since when. "
    "Paid: absolute incentives an episode at the end, mean over runs. Nash: runs whose last policies nobody would "
    f"leave for more than {LEARNED_TOLERANCE:g} of its payoff range, with the incentives of then in force."
)


@dataclass(frozen=True, kw_only=True)
class LedParameters(RunParameters):
    """How long learners learn whom a planner leads all along, or leads and leaves."""

    least_updates: ClassVar[int] = 1

    updates: int = 1000
    """Of learners who are led all along, or never, at least 1."""
    led_updates: int = 500
    """After which the planner leaves, where it does, at least 1."""
    later: int = 5000
    """Updates in all, where it leaves: more than `led_updates`."""

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("updates", self.updates, at_least=self.least_updates)
        whole_number("led_updates", self.led_updates, at_least=1)
        whole_number("later", self.later, at_least=self.led_updates + 1)


class Condition(Hashable, Protocol):
    """What a cell of such a scenario has."""

    @property
    def condition(self) -> str:
        """Who leads how."""


CellOf = TypeVar("CellOf", bound=Condition)


def judged_runs(
    game: EnumeratedGame, data: xr.Dataset, planning: Planning, *, exact: bool = True
) -> xr.Dataset:
    """Return every tenth update of what was learned, with the verdict on each run's last policies.

    Where welfare was not computed but seen in episodes (`exact` is false), nobody knows since when it was reached.
    """
    from simulation.markov_games.exact import best_welfare

    best = best_welfare(game)
    incentives = data["incentive"].values
    if planning.planner_updates < planning.updates:
        incentives = np.zeros_like(incentives)
    reached = _since(data["welfare"].values[:, : planning.planner_updates or None], SUCCESS * best)
    kept = np.unique(np.append(np.arange(0, planning.updates, RECORD_EVERY), planning.updates - 1))
    return (
        data.isel(update=kept)
        .assign_coords(update=kept)
        .merge(_judged(game, data["policy"].values, incentives))
        .assign(
            {
                "reached": ("run", reached if exact else np.full_like(reached, np.nan)),
                "welfare_when_left": data["welfare"][:, planning.planner_updates - 1],
            }
        )
        .assign_attrs(best_welfare=best)
    )


def _judged(game: EnumeratedGame, policies: FloatArray, incentives: FloatArray) -> xr.Dataset:
    """Return the verdict on each run, and each player's regret with the incentives at the end in force."""
    from simulation.markov_games.policy_game import PolicyGame, judge_policies

    # Those that were learned from episodes are of single precision.
    policies = np.asarray(policies, np.float64)
    policies = policies / policies.sum(axis=-1, keepdims=True)
    verdicts = [judge_policies(game, policy, tolerance=LEARNED_TOLERANCE) for policy in policies]
    with_incentives = []
    for policy, extra in zip(policies, incentives, strict=True):
        paid = PolicyGame(game).with_incentives(extra)
        with_incentives.append(paid.regrets(policy) / paid.payoff_range)
    return xr.Dataset(
        {
            "label": ("run", [verdict.label for verdict in verdicts]),
            "regret": (("run", "player"), [verdict.regrets for verdict in verdicts]),
            "pareto_slack": ("run", [verdict.pareto_slack for verdict in verdicts]),
            "relative_regret_with_incentives": (("run", "player"), with_incentives),
        }
    )


def _since(welfare: FloatArray, wanted: float) -> FloatArray:
    """Return `[run]`: from which update on the welfare `[run, update]` is lastingly as wanted; NaN if it is not."""
    short = welfare < wanted
    last_short = np.where(short.any(axis=1), welfare.shape[1] - np.argmax(short[:, ::-1], axis=1), 0)
    return np.where(short[:, -1], np.nan, last_short)


def report_on(
    done: Mapping[CellOf, xr.Dataset],
    *,
    title: Callable[[CellOf], str],
    picture: Callable[[CellOf], str],
    leaving: Sequence[str],
    finding: Callable[[Sequence[Mapping[str, Any]]], str],
    note: str = NOTE,
    left_note: str,
) -> Report:
    """Return a table and a picture for each game (`title`, `picture` name them), and one table of leaving."""
    cells = [
        _measured(title(cell), cell, data, leaves=cell.condition in leaving) for cell, data in done.items()
    ]
    verdicts = [_verdict(title(cell), cell, data) for cell, data in done.items()]
    games = list(dict.fromkeys(title(cell) for cell in done))
    return Report(
        cells=cells,
        verdicts=verdicts,
        finding=finding(cells),
        tables=[
            *_tables([cell for cell in cells if cell["condition"] not in leaving], games, note),
            *_tables_of_leaving([cell for cell in cells if cell["condition"] in leaving], left_note),
            *verdict_tables(
                verdicts, {game: game for game in games}, only="original", of="the last policies"
            ),
        ],
        make_pictures=partial(_pictures, done, title, picture),
    )


def _measured(game: str, cell: Condition, data: xr.Dataset, *, leaves: bool) -> dict[str, Any]:
    best, runs = float(data.attrs["best_welfare"]), data.sizes["run"]
    final, paid = data["payoff"].values.sum(axis=1), data["paid"].values[:, -1]
    succeeded = int((final >= SUCCESS * best).sum())
    held = int((data["relative_regret_with_incentives"].values.max(axis=1) <= LEARNED_TOLERANCE).sum())
    when_left = data["welfare_when_left"].values
    reached = data["reached"].values
    return {
        "game": game,
        "condition": cell.condition,
        "runs": runs,
        "best_welfare": best,
        "succeeded": succeeded,
        "interval": list(share_interval(succeeded, runs)),
        "succeeded_when_left": int((when_left >= SUCCESS * best).sum()) if leaves else None,
        "welfare": float(final.mean()),
        "least_welfare": float(final.min()),
        "paid": float(paid.mean()),
        "paid_interval": None if (interval := mean_interval(paid)) is None else list(interval),
        "median_paid": float(np.median(paid)),
        "most_paid": float(paid.max()),
        "reached": float(np.nanmedian(reached)) if np.isfinite(reached).any() else None,
        "equilibria_with_incentives": held,
    }


def _verdict(game: str, cell: Condition, data: xr.Dataset) -> dict[str, Any]:
    return {
        "game": game,
        "condition": cell.condition,
        "judged_in": "original",
        "labels": dict(Counter(str(label) for label in data["label"].values).most_common()),
        "median_regret": float(np.median(data["regret"].values.max(axis=1))),
        "median_pareto_slack": float(np.median(data["pareto_slack"].values)),
        "tolerance": LEARNED_TOLERANCE,
        "incentives_in_force": False,
    }


def _tables(cells: Sequence[Mapping[str, Any]], games: Sequence[str], note: str) -> list[Table]:
    columns = ("condition", f"within {1 - SUCCESS:.0%}", "welfare, least", "from", "paid, median", "Nash")
    tables = []
    for game in games:
        if here := [cell for cell in cells if cell["game"] == game]:
            title = f"{game}: {here[0]['runs']} runs, welfare at most {here[0]['best_welfare']:g}"
            tables.append(Table(title, columns, [_row(cell) for cell in here], note))
    return tables


def _row(cell: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        cell["condition"],
        counted(cell["succeeded"], cell["interval"]),
        f"{cell['welfare']:.2f}, {cell['least_welfare']:.2f}",
        "–" if cell["reached"] is None else f"{cell['reached']:.0f}",
        f"{cell['paid']:.2f}, {cell['median_paid']:.2f}",
        f"{cell['equilibria_with_incentives']}",
    )


def counted(count: int, interval: Sequence[float]) -> str:
    """Return a number of runs with the interval of its share."""
    return f"{count} ({interval[0]:.2f} to {interval[1]:.2f})"


def _tables_of_leaving(cells: Sequence[Mapping[str, Any]], note: str) -> list[Table]:
    rows = [
        (
            cell["game"],
            cell["condition"],
            f"{cell['succeeded_when_left']} of {cell['runs']}",
            counted(cell["succeeded"], cell["interval"]),
            f"{cell['welfare']:.2f}, {cell['least_welfare']:.2f}",
        )
        for cell in cells
    ]
    columns = ("game", "condition", "when it leaves", "at the end", "welfare, least")
    return [Table("When the planner leaves: runs within 5%", columns, rows, note)] if rows else []


def played_by(setting: str, wanted: Iterable[tuple[Any, str]], done: Iterable[tuple[Any, str]]) -> str:
    """Return how to play what an interrupt or a failure has left out; empty if nothing is missing.

    Cells are pairs of a value of `setting` and a condition.
    """
    finished = set(done)
    missing: dict[Any, list[str]] = {}
    for value, condition in wanted:
        if (value, condition) not in finished:
            missing.setdefault(value, []).append(condition)
    again = [
        f"--set {setting}={value} --set conditions={','.join(names)}" for value, names in missing.items()
    ]
    return f" What is missing is played by {' and by '.join(again)}." if again else ""


def _pictures(
    done: Mapping[CellOf, xr.Dataset], title: Callable[[CellOf], str], picture: Callable[[CellOf], str]
) -> list[Picture]:
    from scenarios.pictures.stateful import draw_welfare_of_every_run

    pictures = []
    for name in dict.fromkeys(picture(cell) for cell in done):
        of_game = {cell: data for cell, data in done.items() if picture(cell) == name}
        by_condition = {cell.condition: data for cell, data in of_game.items()}
        draw = partial(draw_welfare_of_every_run, title(next(iter(of_game))), by_condition, SUCCESS)
        pictures.append(Picture(name, draw))
    return pictures
