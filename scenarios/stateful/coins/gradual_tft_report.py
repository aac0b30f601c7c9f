"""What is told of conditional cooperators in the Coin Game: criteria, payoffs of all who met, slips, verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from scenarios.frame.results import Picture, Table
from scenarios.frame.scenario import Report
from scenarios.frame.verdicts import LEARNED_TOLERANCE
from theory import Game, judge
from theory.checks import FloatArray
from theory.statistics import mean_interval, share_interval

GAME = "Coin Game"

# What is asked of a conditional cooperator, fixed before any was played.
SELF_MATCH = 0.95
SAFETY = 0.02

# Degrees that are shown, of eleven.
SHOWN = slice(None, None, 2)


def report_on(
    met: Mapping[str, xr.Dataset], degrees: xr.Dataset | None, steps: int, missing: Sequence[str]
) -> Report:
    """Return the report on players by name, and on degrees where these are finished."""
    cells = [_measured(name, data, steps) for name, data in met.items()]
    pool = _payoffs(met)
    verdicts = [_verdict(name, place, data, pool) for place, (name, data) in enumerate(met.items())]
    tables = []
    if cells:
        tables += [_criteria_table(cells), _twins_table(cells, met), _payoff_table(list(met), pool)]
        tables.append(_verdict_table(verdicts))
    if degrees is not None:
        tables.append(_degrees_table(degrees))
    return Report(
        cells=cells,
        verdicts=verdicts,
        finding=_finding(cells) + _on_missing(missing),
        tables=tables,
        make_pictures=partial(_pictures, cells, degrees),
    )


def _payoffs(met: Mapping[str, xr.Dataset]) -> FloatArray:
    """Return `[2, n, n]` mean payoffs a step of the players that are finished."""
    names = list(met)
    if not names:
        return np.zeros((2, 0, 0))
    rewards = [data["reward"].mean("run").sel(opponent=names).values for data in met.values()]
    return np.moveaxis(np.array(rewards), -1, 0)


def _measured(name: str, data: xr.Dataset, steps: int) -> dict[str, Any]:
    best, runs = float(data.attrs["best_welfare"]), data.sizes["run"]
    welfare = data["reward"].sel(opponent=name).sum("player").values
    interval = mean_interval(welfare / best)
    own, other = data["own_coins"].values, data["other_coins"].values
    peaceful = int((other * steps < 0.5).sum())
    picked = float(own.mean() + other.mean())
    exact = bool(data.attrs["exact"])
    return {
        "game": GAME,
        "player": name,
        "runs": runs,
        "best_welfare": best,
        "self_match": float(welfare.mean() / best),
        "interval": None if interval is None else list(interval),
        "safety": float(data.attrs["safety"]),
        "incentive": float(data.attrs["incentive"]),
        "exploiter_gain": float(data.attrs["exploiter"]) - best / 2.0,
        "exploiter_later": float(data.attrs["exploiter_later"]),
        "is_exact": exact,
        "exploiter_gain_from": float(data.attrs["exploited_from"]) if exact else None,
        "with_foe": float(data.attrs["with_foe"]) if exact else None,
        "with_foe_from": float(data.attrs["with_foe_from"]) if exact else None,
        "own_fraction": float(own.mean() / picked) if picked > 0.0 else None,
        "pick_up_rate": picked,
        "peaceful": peaceful,
        "peaceful_interval": list(share_interval(peaceful, runs)),
        "beside": {
            str(other): float(data["reward"].sel(opponent=other).mean("run")[0])
            for other in data["opponent"].values
        },
        "welfare_with_slips": [float(value) for value in data["welfare_with_slips"].mean("run").values],
    }


def _verdict(name: str, place: int, data: xr.Dataset, pool: FloatArray) -> dict[str, Any]:
    chosen = np.eye(pool.shape[1])[place]
    if pool.shape[1] > 1:
        among = judge(Game(pool), [chosen, chosen], tolerance=LEARNED_TOLERANCE)
        label, regret = among.label, among.nash_tolerance
    else:
        label, regret = "nobody else was met", 0.0
    return {
        "game": GAME,
        "player": name,
        "label": str(data.attrs["label"]),
        "relative_regret": float(data.attrs["regret"]),
        "pareto_slack": float(data.attrs["pareto_slack"]),
        "is_exact": bool(data.attrs["exact"]),
        "label_among_these": label,
        "relative_regret_among_these": float(regret),
        "tolerance": LEARNED_TOLERANCE,
    }


def _criteria_table(cells: Sequence[Mapping[str, Any]]) -> Table:
    rows = []
    for cell in cells:
        bound = "" if cell["is_exact"] else "≥ "
        half = "" if cell["interval"] is None else f"±{abs(cell['interval'][1] - cell['self_match']):.3f}"
        rows.append(
            (
                cell["player"],
                f"{cell['self_match']:.3f}{half}",
                f"{cell['safety']:.4f}",
                _signed(cell["incentive"]),
                f"{bound}{_signed(cell['exploiter_gain'])}",
                f"{bound}{cell['exploiter_later']:.3f}",
                "–" if cell["with_foe"] is None else f"{round(cell['with_foe'], 1) + 0.0:.1f}",
            )
        )
    best = cells[0]["best_welfare"]
    columns = ("player", "self-match", "safety", "pays", "exploited", "later", "foe")
    return Table(f"{GAME}: conditional cooperators (two have at most {best:.4f} a step)", columns, rows, NOTE)


NOTE = (
    "Self-match: welfare of two of a kind, as a share of the most, ± half of its 95% interval. Safety: what it gets "
    "beside a defector, a step, less what two defectors get. Pays: what its partner has more, a step, from "
    "cooperating than from defecting. Exploited: what the best response, which sees all that it remembers and the "
    "step, gets a step beyond half of the most; later: a step, after the first episode (two who cooperate have "
    ".350). Foe: the sum that it has at least, whatever the other does. All exact but self-match, and but for "
    "mirrors of degrees (≥), whose figures are means of matches, and whose exploiters are the best of those tried."
)


def _signed(value: float) -> str:
    return f"{value:+.3f}" if round(value, 3) else "0.000"


def _twins_table(cells: Sequence[Mapping[str, Any]], met: Mapping[str, xr.Dataset]) -> Table:
    slips = next(iter(met.values()))["slip"].values
    rows = [
        (
            cell["player"],
            "–" if cell["own_fraction"] is None else f"{cell['own_fraction']:.2f}",
            f"{cell['pick_up_rate']:.2f}",
            f"{cell['peaceful']} ({cell['peaceful_interval'][0]:.2f} to {cell['peaceful_interval'][1]:.2f})",
            *(f"{value:z.3f}" for value in cell["welfare_with_slips"]),
        )
        for cell in cells
    ]
    columns = ("player", "own", "picked", "peaceful", *(f"{slip:g}" for slip in slips))
    title = f"{GAME}: two of a kind in {cells[0]['runs']} matches"
    return Table(title, columns, rows, TWINS_NOTE)


TWINS_NOTE = (
    "Own: coins of the own colour among those picked up. Picked: coins a step. Peaceful: matches in which nobody "
    "takes a coin of the other's, with the exact 95% interval of their share. Numbers: welfare a step where so "
    "many actions are replaced by others."
)


# Beside whom payoffs are shown, and how these are called there.
BESIDE = {
    "cooperator": "C",
    "defector": "D",
    "amtft": "amtft",
    "ccc": "ccc",
    "ledger": "ledger",
    "bayes": "bayes",
    "rewards": "rewards",
}

PAYOFF_NOTE = "Means of matches. C: who always cooperates. D: who always defects."


def _payoff_table(names: Sequence[str], pool: FloatArray) -> Table:
    beside = {name: short for name, short in BESIDE.items() if name in names}
    rows = [
        (name, *(_plain(pool[0, number, names.index(other)]) for other in beside))
        for number, name in enumerate(names)
    ]
    return Table(
        f"{GAME}: what a player has, a step, beside others", ("player", *beside.values()), rows, PAYOFF_NOTE
    )


def _plain(value: float) -> str:
    return f"{value:.3f}" if round(value, 3) else "0.000"


def _verdict_table(verdicts: Sequence[Mapping[str, Any]]) -> Table:
    rows = [
        (
            verdict["player"],
            verdict["label"],
            f"{'' if verdict['is_exact'] else '≥ '}{verdict['relative_regret']:.3f}",
            verdict["label_among_these"],
            f"{verdict['relative_regret_among_these']:.3f}",
        )
        for verdict in verdicts
    ]
    columns = ("player", "among all there are", "regret", "among these", "regret")
    return Table(f"{GAME}: verdicts on two of a kind", columns, rows, VERDICT_NOTE)


VERDICT_NOTE = (
    "Of theory.judge. Among all there are: the game in which anything may be played, with any memory; regrets are "
    "against exact best responses (≥: against the best that were tried). Among these: the game of the players that "
    f"met, by mean payoffs. Regrets in payoff ranges, of which {LEARNED_TOLERANCE:g} is tolerated; an episode's last "
    "steps, after which nothing is answered, are in them."
)


def _degrees_table(degrees: xr.Dataset) -> Table:
    values = degrees["value"].values[0][SHOWN, SHOWN]
    shown = [f"{degree:g}" for degree in degrees["own_degree"].values[SHOWN]]
    rows = [(alpha, *(f"{value:.3f}" for value in row)) for alpha, row in zip(shown, values, strict=True)]
    return Table(f"{GAME}: V_1(alpha, beta) a step", ("alpha \\ beta", *shown), rows, DEGREES_NOTE)


DEGREES_NOTE = (
    "What a player of degree alpha has beside one of degree beta, exactly (discount .99). Policies are logit "
    "equilibria of two of the same degree, temperature .1."
)


def _finding(cells: Sequence[Mapping[str, Any]]) -> str:
    asked = [cell for cell in cells if cell["player"] not in ("cooperator", "defector")]
    if not asked:
        return "No conditional cooperator was played."
    good = [
        cell["player"]
        for cell in asked
        if (cell["interval"] or [0.0, cell["self_match"]])[1] >= SELF_MATCH
        and cell["safety"] >= -SAFETY
        and cell["incentive"] > 0.0
    ]
    best = max(asked, key=lambda cell: float(np.mean(cell["welfare_with_slips"])))
    met = (
        f"{len(good)} of {len(asked)} meet all three criteria (self-match {SELF_MATCH:g}, safety -{SAFETY:g})"
    )
    named = f": {', '.join(good)}" if good else ""
    slips = f" Of pairs whose hands slip {best['player']} keeps most." if best["welfare_with_slips"] else ""
    return f"{met}{named}.{slips}"


def _on_missing(missing: Sequence[str]) -> str:
    """Return how to play what an interrupt or a failure has left out; empty if nothing is missing."""
    return f" What is missing is played by --set parts={','.join(missing)}." if missing else ""


def _pictures(cells: Sequence[Mapping[str, Any]], degrees: xr.Dataset | None) -> list[Picture]:
    from scenarios.pictures.conditional import draw_criteria, draw_degrees

    pictures = []
    if cells:
        pictures.append(Picture("coin-game-gradual-tft", partial(draw_criteria, cells)))
    if degrees is not None:
        pictures.append(Picture("coin-game-degrees", partial(draw_degrees, degrees)))
    return pictures


KEYS = {
    "best_welfare": "the most that joint play can have a step, the sum of both players' rewards",
    "self_match": "welfare of two of a kind as a share of that; `interval` is of its mean",
    "safety": "what the player has beside a defector, a step, less what two defectors have",
    "incentive": "what its partner has more, a step, from cooperating than from defecting",
    "exploiter_gain": "what the best response to it gets in an episode, a step, beyond half of `best_welfare`",
    "exploiter_later": "what it gets a step after the first episode",
    "is_exact": "whether all these are exact; else means of matches, and exploiters the best of those tried",
    "exploiter_gain_from": "the most that a best response gets beyond the agreement from any one state on, a step",
    "with_foe": "the sum that the player has at least in an episode, whatever the other does",
    "with_foe_from": "the same from any one state on, less what its safe policy has from there at least",
    "own_fraction": "coins of the own colour among those that two of a kind pick up; `pick_up_rate`: coins a step",
    "pick_up_rate": "see `own_fraction`",
    "peaceful": "matches of two of a kind in which nobody takes a coin of the other's; `peaceful_interval`: exact",
    "peaceful_interval": "see `peaceful`",
    "beside": "what the player has a step beside each of those that it met, mean over matches",
    "welfare_with_slips": "welfare of two of a kind a step, for each of the slips",
    "label": "the verdict on two of a kind in the game in which anything may be played, with any memory",
    "relative_regret": "what one would gain there by a best response, in payoff ranges",
    "pareto_slack": "the total gain a step that some lottery over joint plays offers without a loss to anyone",
    "label_among_these": "the verdict in the game of the players that met, and `relative_regret_among_these`",
    "relative_regret_among_these": "see `label_among_these`",
}
