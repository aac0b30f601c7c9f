"""Thesis Fig. 4.1: how a planner's incentives change the Prisoner's Dilemma over time."""

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
from scenarios.thesis.cells import EpisodeParameters, judged_cells, titles_of
from simulation import MechanismDesignParameters, simulate
from theory import named_game

GAME = "prisoners-dilemma"
CONDITION = "with-planner"

# The end of a run over which payments are averaged, in episodes.
LAST = 500


@dataclass(frozen=True, kw_only=True)
class Parameters(EpisodeParameters):
    """The thesis's experiment; only the number of runs and the seed are worth changing."""

    least_episodes = LAST


class Cell(NamedTuple):
    """The one cell."""

    game: str
    condition: str


def build(parameters: Parameters, cell: Cell) -> MechanismDesignParameters:
    """Return the parameters of the simulation."""
    return MechanismDesignParameters(game=named_game(cell.game), episodes=parameters.episodes)


def play(parameters: Parameters, cell: Cell) -> xr.Dataset:
    """Simulate with a planner, every episode recorded."""
    return simulate(build(parameters, cell), runs=parameters.runs, seed=parameters.seed)


def report(parameters: Parameters, done: Mapping[Cell, xr.Dataset]) -> Report:
    """Time the events that the thesis describes, and judge every run."""
    (data,) = done.values()
    cells, verdicts = _cells(data), judged_cells(done)
    return Report(
        cells=cells,
        verdicts=verdicts,
        finding=_finding(cells),
        tables=[_table(cells), *verdict_tables(verdicts, titles_of(done))],
        make_pictures=partial(_pictures, data),
    )


def _cells(data: xr.Dataset) -> list[dict[str, Any]]:
    from scenarios.pictures.mechanism_design import modified_greed_and_fear

    greed, fear = modified_greed_and_fear(named_game(GAME), data)
    joint = data["cooperation_probability"].prod("player").values
    paid = np.abs(data["additional_reward"].values).sum(axis=2)
    switch = data["incentive"].sel(player=1, outcome="CC").values <= 0.0
    # The planner starts without incentives, so only what comes after its first rewards is a switch.
    after_peak = np.arange(switch.shape[1]) > np.argmax(~switch, axis=1)[:, None]
    measured = {
        "episode_greed_stays_negative": _stays(greed < 0.0),
        "episode_fear_stays_negative": _stays(fear < 0.0),
        "episode_cooperation_likely": _stays(joint > 0.5),
        "episode_reward_for_cooperation_ends": _first(switch & after_peak),
        "payment_first_episodes": paid[:, :LAST].mean(axis=1),
        "payment_last_episodes": paid[:, -LAST:].mean(axis=1),
    }
    return [
        {
            "game": GAME,
            "condition": CONDITION,
            "quantity": quantity,
            "mean": float(np.nanmean(values)) if np.isfinite(values).any() else None,
            "std": float(np.nanstd(values)) if np.isfinite(values).any() else None,
            "runs": int(values.size),
            "runs_in_which_it_happened": int(np.isfinite(values).sum()),
        }
        for quantity, values in measured.items()
    ]


def _first(holds: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return for each run the first episode at which `holds[run, episode]`, NaN if there is none."""
    return np.where(holds.any(axis=1), holds.argmax(axis=1), np.nan)


def _stays(holds: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return for each run the episode from which `holds[run, episode]` to the end, NaN if there is none."""
    failures = ~holds[:, ::-1]
    from_the_end = np.where(failures.any(axis=1), failures.argmax(axis=1), holds.shape[1])
    return np.where(from_the_end > 0, holds.shape[1] - from_the_end, np.nan)


_WORDS = {
    "episode_greed_stays_negative": "episode from which greed stays below 0",
    "episode_fear_stays_negative": "episode from which fear stays below 0",
    "episode_cooperation_likely": "episode from which P(C,C) stays above 1/2",
    "episode_reward_for_cooperation_ends": "episode at which (C,C) is no longer rewarded",
    "payment_first_episodes": f"additional reward an episode, first {LAST}",
    "payment_last_episodes": f"additional reward an episode, last {LAST}",
}


def _table(cells: list[dict[str, Any]]) -> Table:
    rows = []
    for cell in cells:
        value = "–" if cell["mean"] is None else f"{cell['mean']:.4g} ± {cell['std']:.2g}"
        happened = f"{cell['runs_in_which_it_happened']} of {cell['runs']}"
        rows.append((_WORDS[cell["quantity"]], value, happened))
    return Table(
        "Thesis Fig. 4.1: what happens when (Prisoner's Dilemma with a planner)",
        ("quantity", "mean ± std", "runs"),
        rows,
        "±: standard deviation over runs. Greed, fear and the reward are those of player 1. Additional reward: "
        "absolute, summed over players.",
    )


def _finding(cells: list[dict[str, Any]]) -> str:
    value = {cell["quantity"]: cell for cell in cells}
    first, last = value["payment_first_episodes"]["mean"], value["payment_last_episodes"]["mean"]
    ends = value["episode_reward_for_cooperation_ends"]
    return (
        f"The planner first rewards cooperation, then pays less and less: {first:.2f} an episode over the "
        f"first {LAST} episodes, {last:.3f} over the last {LAST} ({last / first:.1%} of it). In "
        f"{ends['runs_in_which_it_happened']} of {ends['runs']} runs it stops rewarding (C,C) altogether, "
        "and cooperation rests on the threat to punish defection."
    )


def _pictures(data: xr.Dataset) -> list[Picture]:
    from scenarios.frame.look import figure_of
    from scenarios.pictures.mechanism_design import draw_mechanism_design
    from scenarios.pictures.payoff_space import draw_payoff_space

    game = named_game(GAME)
    return [
        Picture(f"{GAME}-learning", partial(draw_mechanism_design, game, data)),
        Picture(f"{GAME}-payoff-space", partial(figure_of, draw_payoff_space, game, {CONDITION: data})),
    ]


SCENARIO = Scenario(
    name="thesis-figure-4.1",
    Parameters=Parameters,
    cells=lambda parameters: [Cell(GAME, CONDITION)],
    build=build,
    play=play,
    report=report,
)
