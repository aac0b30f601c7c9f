"""What the arms of the scenario `coin-game` show: counts with their intervals, verdicts, pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from scenarios.frame.results import Picture, Table
from scenarios.frame.scenario import Report
from scenarios.frame.verdicts import LEARNED_TOLERANCE
from theory.statistics import share_interval

SUCCESS = 0.65

# A mean over steps below this is below 0 by more than exploration makes it.
BELOW = -0.01

GAME = "Coin Game"


def report(parameters: Any, done: Mapping[Any, xr.Dataset]) -> Report:
    """Count who leaves the other's coins, and say what it costs and from which c on."""
    cells = [_measured(cell.arm, data) for cell, data in done.items()]
    verdicts = [_verdict(cell.arm, data) for cell, data in done.items()]
    return Report(
        cells=cells,
        verdicts=verdicts,
        finding=_finding(cells),
        tables=[
            _table(cells),
            _paid_table(cells),
            _verdict_table(verdicts),
        ],
        make_pictures=partial(_pictures, {cell.arm: data for cell, data in done.items()}),
    )


def _measured(arm: str, data: xr.Dataset) -> dict[str, Any]:
    welfare, runs = data["final_welfare"].values, data.sizes["run"]
    succeeded = int((welfare >= SUCCESS).sum())
    first_half = data["paid"].values[:, : data.sizes["point"] // 2]
    return {
        "game": GAME,
        "arm": arm,
        "runs": runs,
        "best_welfare": float(data.attrs["best_welfare"]),
        "bound": float(data.attrs["bound"]),
        "updates": int(data.attrs["updates"]),
        "succeeded": succeeded,
        "interval": list(share_interval(succeeded, runs)),
        "welfare": float(welfare.mean()),
        "least_welfare": float(welfare.min()),
        "own_fraction": float(data["own_fraction"].values.min(axis=1).mean()),
        "pick_up_rate": float(data["pick_up_rate"].values.sum(axis=1).mean()),
        "below_zero": int((data["final_reward"].values.min(axis=1) < BELOW).sum()),
        "paid": float(data["final_paid"].values.mean()),
        "paid_first": float(first_half.mean()),
        "welfare_when_led": float(data["welfare_when_led"].values.mean()),
    }


def _verdict(arm: str, data: xr.Dataset) -> dict[str, Any]:
    return {
        "game": GAME,
        "arm": arm,
        "judged": data.sizes["judged"],
        "equilibria": _held(data["relative_regret"]),
        "equilibria_with_incentives": _held(data["relative_regret_with_incentives"]),
        "median_relative_regret": float(np.median(data["relative_regret"].values.max(axis=1))),
        "median_pareto_slack": float(np.median(data["pareto_slack"].values)),
        "tolerance": LEARNED_TOLERANCE,
    }


def _held(regrets: xr.DataArray) -> int:
    """Return in how many runs nobody would gain more than the tolerance."""
    return int((regrets.values.max(axis=1) <= LEARNED_TOLERANCE).sum())


NOTE = (
    "c = 2, and 1 where the planner is a network, unless the arm says something else. Success: welfare of at least "
    ".65 a step, mean over the last tenth of training, with the exact 95% interval of its share; the last tenth is "
    "behind all other numbers too. Own: coins of the own colour among those picked up, the lower of both players. "
    "Picked: coins a step."
)

PAID_NOTE = (
    "Below 0: runs in which a player gets less than -.01 a step. Paid: absolute incentives a step, means over the "
    "first half of training and over the last tenth."
)


def _table(cells: Sequence[Mapping[str, Any]]) -> Table:
    columns = ("arm", "success", "welfare, least", "own", "picked")
    rows = [
        (
            cell["arm"],
            _counted(cell),
            f"{_rounded(cell['welfare'], 3)}, {_rounded(cell['least_welfare'], 2)}",
            f"{cell['own_fraction']:.2f}",
            f"{cell['pick_up_rate']:.2f}",
        )
        for cell in cells
    ]
    best = cells[0]["best_welfare"]
    return Table(f"{GAME}: who leads, and what comes of it (at most {best:.4f} a step)", columns, rows, NOTE)


def _paid_table(cells: Sequence[Mapping[str, Any]]) -> Table:
    rows = [
        (
            cell["arm"],
            f"{cell['below_zero']} of {cell['runs']}",
            f"{cell['paid_first']:.2f}",
            f"{cell['paid']:.2f}",
        )
        for cell in cells
    ]
    columns = ("arm", "below 0", "paid at first", "paid at last")
    return Table(f"{GAME}: who loses, and what is paid", columns, rows, PAID_NOTE)


def _verdict_table(verdicts: Sequence[Mapping[str, Any]]) -> Table:
    rows = [
        (
            verdict["arm"],
            f"{verdict['equilibria']} of {verdict['judged']}",
            f"{verdict['equilibria_with_incentives']} of {verdict['judged']}",
            f"{verdict['median_relative_regret']:.3f}",
            f"{verdict['median_pareto_slack']:.2f}",
        )
        for verdict in verdicts
    ]
    columns = ("arm", "Nash", "Nash with incentives", "regret", "slack")
    return Table(f"{GAME}: the last policies in the game between policies", columns, rows, VERDICT_NOTE)


VERDICT_NOTE = (
    "Each of the first runs is judged by itself. Nash: nobody would gain more than "
    f"{LEARNED_TOLERANCE:g} of its payoff range by a best response that sees the state and the step, in the game as "
    "it is, and with the incentives of the end. Regret (of the player who has more, in payoff ranges) and slack (the "
    "total gain an episode that some lottery over joint plays offers without a loss to anyone) are medians, in the "
    "game as it is."
)


def _rounded(value: float, digits: int) -> str:
    return f"{round(value, digits) + 0.0:.{digits}f}"  # and not minus zero


def _counted(cell: Mapping[str, Any]) -> str:
    low, high = cell["interval"]
    return f"{cell['succeeded']} of {cell['runs']} ({low:.2f} to {high:.2f})"


def _finding(cells: Sequence[Mapping[str, Any]]) -> str:
    by_arm = {cell["arm"]: cell for cell in cells}
    best = cells[0]["best_welfare"]
    said = [
        f"{words} {_rounded(cell['welfare'], 3)} a step ({cell['succeeded']} of {cell['runs']} runs)"
        for arm, words in (("alone", "alone"), ("events", "led by a planner that sees who picks what"))
        if (cell := by_arm.get(arm))
    ]
    sentences = [f"Of {best:.4f} a step two learners reach {', '.join(said)}."] if said else []
    if sentence := _least_bound(cells):
        sentences.append(sentence)
    if sentence := _networks(by_arm):
        sentences.append(sentence)
    if left := by_arm.get("leaves"):
        sentences.append(
            f"When it leaves half-way, {left['welfare_when_led']:.3f} become {left['welfare']:.3f}."
        )
    if counted := [cell for arm, cell in by_arm.items() if arm.startswith("debts")]:
        least, most = (f(cell["welfare"] for cell in counted) for f in (min, max))
        sentences.append(f"Where learners count debts, {least:.3f} to {most:.3f} are left, by arm.")
    others = [f"{cell['arm']} {cell['welfare']:.3f} ({_counted(cell)})" for cell in cells]
    return " ".join(sentences) or f"Of {best:.4f} a step two learners reach, by arm: {', '.join(others)}."


# How a planner that is a network, and sees what each player sees, comes to its gradients.
_NETWORKS = {
    "own-frame-exact": "exact gradients",
    "own-frame-biased": "both estimates from the same episodes",
    "own-frame": "estimates from halves of the episodes",
}


def _networks(by_arm: Mapping[str, Mapping[str, Any]]) -> str:
    """Say how many runs succeed where the planner is told of positions and moves alone."""
    said = [f"{_counted(by_arm[arm])} by {words}" for arm, words in _NETWORKS.items() if arm in by_arm]
    return f"A network that is not told who picks what succeeds in {', in '.join(said)}." if said else ""


def _least_bound(cells: Sequence[Mapping[str, Any]]) -> str:
    """Say from which c on all runs of the planner of events succeed, of those that were tried."""
    tried = sorted(
        (cell for cell in cells if cell["arm"] == "events" or cell["arm"].startswith("c-")), key=_bound
    )
    if len(tried) < 2:
        return ""
    short = [cell for cell in tried if cell["succeeded"] < cell["runs"]]
    enough = [cell for cell in tried if not short or cell["bound"] > short[-1]["bound"]]
    if not enough:
        return "At no c that was tried all runs succeed."
    least = f"All runs succeed from c = {enough[0]['bound']:g} on"
    return f"{least}, and {_counted(short[-1])} at c = {short[-1]['bound']:g}." if short else f"{least}."


def _bound(cell: Mapping[str, Any]) -> float:
    return float(cell["bound"])


def _pictures(done: Mapping[str, xr.Dataset]) -> list[Picture]:
    from scenarios.pictures.coin_game import draw_courses, draw_film, draw_players

    pictures = [
        Picture("coin-game", partial(draw_courses, done, SUCCESS)),
        Picture("coin-game-players", partial(draw_players, done)),
    ]
    films = [arm for arm in ("alone", "events") if arm in done]
    return pictures + [Picture(f"coin-game-film-{arm}", partial(draw_film, arm, done[arm])) for arm in films]
