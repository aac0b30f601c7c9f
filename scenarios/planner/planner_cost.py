"""What a learned planner pays, beside the least that theory allows, and when it turns from carrot to stick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from scenarios.frame.results import Picture, Table
from scenarios.frame.scenario import Report, Scenario
from scenarios.frame.verdicts import verdict_tables
from scenarios.thesis.cells import (
    RECORD_EVERY,
    GamesParameters,
    by_game,
    first_lasting,
    judged_cells,
    simulated,
    titles_of,
)
from scenarios.thesis.table_4_3 import VARIANTS
from simulation import MechanismDesignParameters, incentive_tensors, learned_profiles
from theory import Game, named_game
from theory.checks import FloatArray
from theory.incentives.expected_payment import expected_gradients, least_expected_payment
from theory.statistics import mean_interval

ARMS = ("exact", "decoupled", "literal")

# The end of a run over which payments are averaged, in episodes.
LAST = 500

# The yardstick is a linear program each, so it is taken at so many moments of so many runs.
MOMENTS = 16
YARDSTICK_RUNS = 5


@dataclass(frozen=True, kw_only=True)
class Parameters(GamesParameters):
    """Only the number of runs and the seed are worth changing."""

    least_episodes = 2 * LAST


class Cell(NamedTuple):
    """A game and a variant of the planner's learning rule."""

    game: str
    variant: str


def build(parameters: Parameters, cell: Cell) -> MechanismDesignParameters:
    """Return the parameters of one cell's simulation."""
    return MechanismDesignParameters(
        game=named_game(cell.game), episodes=parameters.episodes, **VARIANTS[cell.variant]
    )


def play(parameters: Parameters, cell: Cell) -> xr.Dataset:
    """Simulate, and find the least payments of the same effect."""
    data = simulated(parameters, build(parameters, cell))
    return data.merge(_yardstick(named_game(cell.game), data))


def report(parameters: Parameters, done: Mapping[Cell, xr.Dataset]) -> Report:
    """Compare payments with the least ones, time the switch to punishment and judge every run."""
    cells, verdicts, titles = _cells(done), judged_cells(done), titles_of(done)
    return Report(
        cells=cells,
        verdicts=verdicts,
        finding=_finding(cells),
        tables=[*_tables(cells, titles), *verdict_tables(verdicts, titles, arm="variant")],
        make_pictures=partial(_pictures, done),
    )


def conditional_incentives(data: xr.Dataset) -> tuple[FloatArray, FloatArray]:
    """Return what a player expects if it cooperates and if it defects, `[run, episode, player]` each."""
    p = data["cooperation_probability"].values
    extra = incentive_tensors(data["incentive"].values)
    others = learned_profiles(p[..., ::-1])  # the mixture that each player faces
    by_action = np.stack(
        [
            np.einsum("reac,rec->rea", extra[:, :, 0], others[:, :, 0]),
            np.einsum("rebc,reb->rec", extra[:, :, 1], others[:, :, 1]),
        ],
        axis=2,
    )
    return by_action[..., 0], by_action[..., 1]


def _yardstick(game: Game, data: xr.Dataset) -> xr.Dataset:
    """Return expected payments at some moments, and the least ones of the same effect within the bound."""
    recorded = data.sizes["episode"]
    moments = np.unique(np.linspace(0, recorded - 1, MOMENTS).round().astype(int))
    runs = min(data.sizes["run"], YARDSTICK_RUNS)
    learned, least = np.zeros((runs, len(moments))), np.zeros((runs, len(moments)))
    hold = np.zeros(runs)
    # What is paid lies within the bound to rounding.
    bound = MechanismDesignParameters().bound * (1 + 1e-9)
    for run_number in range(runs):
        for k, moment in enumerate(moments):
            at = data.isel(run=run_number, episode=moment)
            p = at["cooperation_probability"].values
            extra = incentive_tensors(at["incentive"].values)
            joint = np.multiply.outer([p[0], 1 - p[0]], [p[1], 1 - p[1]])
            learned[run_number, k] = float((joint * np.abs(extra)).sum())
            effect = expected_gradients(Game(extra), p)
            least[run_number, k] = _least(p, effect, bound)
        p = data["final_cooperation_probability"].values[run_number]
        hold[run_number] = _least(p, np.maximum(-expected_gradients(game, p), 0.0), bound)
    by_moment = ("yardstick_run", "moment")
    return xr.Dataset(
        {
            "expected_payment": (by_moment, learned),
            "least_payment": (by_moment, least),
            "least_payment_to_hold": ("yardstick_run", hold),
        },
        {"moment": data["episode"].values[moments]},
    )


def _least(p: FloatArray, gradients: FloatArray, bound: float) -> float:
    payment = least_expected_payment(p, gradients, bound=bound).payment
    return float("nan") if payment is None else payment


QUANTITIES = {
    "average_additional_reward": "additional reward, all episodes",
    "payment_last_episodes": f"additional reward, last {LAST}",
    "payment_over_least": "expected payment / least of same effect",
    "least_payment_to_hold": "least payment that holds cooperation",
    "switch_episode": "episode of the switch to punishment",
    "switch_cooperation": "P(C) at the switch",
}


def _cells(done: Mapping[Cell, xr.Dataset]) -> list[dict[str, Any]]:
    cells = []
    for place, data in done.items():
        total = data["cumulative_additional_reward"].sum("player").values
        end = data["average_additional_reward"].values * _episodes(data)
        # The record of an episode counts it in, so the one before the last LAST ends their complement.
        before = total[:, -(LAST // RECORD_EVERY) - 1] if total.shape[1] > LAST // RECORD_EVERY else 0.0
        episode, share = switches(data)
        learned, least = (data[name].values.sum(axis=1) for name in ("expected_payment", "least_payment"))
        measured = {
            "average_additional_reward": data["average_additional_reward"].values,
            "payment_last_episodes": (end - before) / (LAST + RECORD_EVERY - 1),
            "payment_over_least": learned / least,
            "least_payment_to_hold": data["least_payment_to_hold"].values,
            "switch_episode": episode.ravel(),
            "switch_cooperation": share.ravel(),
        }
        for quantity, values in measured.items():
            finite = values[np.isfinite(values)]
            interval = mean_interval(finite)
            cells.append(
                {
                    **place._asdict(),
                    "condition": "with-planner",
                    "quantity": quantity,
                    "mean": float(finite.mean()) if len(finite) else None,
                    "std": float(finite.std()) if len(finite) else None,
                    "interval": list(interval) if interval else None,
                    "runs": data.sizes["run"],
                    "observations": len(values),
                    "in_which_it_happened": len(finite),
                }
            )
    return cells


def _episodes(data: xr.Dataset) -> int:
    return int(data["episode"].values[-1]) + RECORD_EVERY


def switches(data: xr.Dataset) -> tuple[FloatArray, FloatArray]:
    """Return `[run, player]`: from when on punishment for D exceeds the reward for C, and P(C) then.

    Both are what the player expects. NaN where it never does lastingly, or did from the beginning.
    """
    if_cooperating, if_defecting = conditional_incentives(data)
    punishing = -if_defecting > if_cooperating
    runs, _, players = punishing.shape
    episode, share = np.full((runs, players), np.nan), np.full((runs, players), np.nan)
    for player in range(players):
        since = first_lasting(punishing[:, :, player], data["episode"].values)
        for k in range(runs):
            if np.isfinite(since[k]) and since[k] > 0.0:
                episode[k, player] = since[k]
                at = int(since[k]) // RECORD_EVERY
                share[k, player] = data["cooperation_probability"].values[k, at, player]
    return episode, share


def _tables(cells: list[dict[str, Any]], titles: Mapping[str, str]) -> list[Table]:
    games = list(dict.fromkeys(cell["game"] for cell in cells))
    return [
        Table(
            f"{titles[game]}: payments and the switch",
            ("variant", "quantity", "mean ± std", "cases"),
            [_row(cell) for cell in cells if cell["game"] == game],
            NOTE if game == games[-1] else "",
        )
        for game in games
    ]


NOTE = (
    "Payments are absolute, summed over players, an episode. The least payment of the same effect contributes "
    "as much to both learners' gradients within the bound (thesis section 4.1.5; `total`); it is taken at "
    f"{MOMENTS} moments of {YARDSTICK_RUNS} runs. That which holds cooperation makes both gradients 0 at the "
    "final policies. A switch is the last time that the punishment a player expects for D overtakes the reward "
    "it expects for C; cases are runs × players, ± is the standard deviation over cases."
)


def _row(cell: dict[str, Any]) -> tuple[str, ...]:
    value = "–" if cell["mean"] is None else f"{cell['mean']:.4g} ± {cell['std']:.2g}"
    cases = f"{cell['in_which_it_happened']} of {cell['observations']}"
    return cell["variant"], QUANTITIES[cell["quantity"]], value, cases


def _finding(cells: list[dict[str, Any]]) -> str:
    value = {(c["game"], c["variant"], c["quantity"]): c for c in cells}
    sentences = []
    for arm in ARMS:
        games = [
            game for game, variant, quantity in value if (variant, quantity) == (arm, "switch_cooperation")
        ]
        if not games:
            continue
        ratio = ", ".join(f"{value[game, arm, 'payment_over_least']['mean']:.2f}" for game in games)
        switch = ", ".join(
            "never" if mean is None else f"{mean:.2f}"
            for mean in (value[game, arm, "switch_cooperation"]["mean"] for game in games)
        )
        sentences.append(
            f"{arm}: {ratio} times the least payment of the same effect, and punishment overtakes reward at "
            f"P(C) = {switch} ({', '.join(named_game(game).title for game in games)})."
        )
    return (
        "Theory: a unit of gradient costs 1 / (1 - P(C)) as a reward for cooperating and 1 / P(C) as a "
        "punishment for defecting, so a planner that pays the least switches at P(C) = 1/2. "
    ) + " ".join(sentences)


def _pictures(done: Mapping[Cell, xr.Dataset]) -> list[Picture]:
    from scenarios.pictures.planner import draw_cost

    pictures = []
    for game, of_game in by_game(done).items():
        lines = {arm: (data, *conditional_incentives(data)) for arm, data in of_game.items()}
        pictures.append(Picture(f"{game}-cost", partial(draw_cost, named_game(game), lines)))
    return pictures


SCENARIO = Scenario(
    name="planner-cost",
    Parameters=Parameters,
    cells=lambda parameters: [Cell(game, variant) for game in parameters.games for variant in ARMS],
    build=build,
    play=play,
    report=report,
    keys={
        "variant": "the planner's learning rule and budget",
        "observations": "how many cases were looked at: runs, or runs times players",
        "in_which_it_happened": "how many of them `mean` is over",
    },
)
