"""Thesis Fig. 4.1: how a planner's incentives change the Prisoner's Dilemma over time."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from scenarios.frame.scenario import Picture, Progress, Result, Table, silent
from scenarios.frame.verdicts import summarise_verdicts, verdict_tables
from scenarios.thesis.cells import EpisodeParameters
from simulation import MechanismDesignParameters, incentive_tensors, learned_profiles, simulate
from theory import named_game

NAME = "thesis-figure-4.1"
GAME = "prisoners-dilemma"
CONDITION = "with-planner"

# The end of a run over which payments are averaged, in episodes.
LAST = 500


@dataclass(frozen=True, kw_only=True)
class Parameters(EpisodeParameters):
    """The thesis's experiment; only the number of runs and the seed are worth changing."""

    least_episodes = LAST


def run(parameters: Parameters, progress: Progress = silent) -> Result:
    """Simulate with a planner, time the events that the thesis describes, and judge every run."""
    started = time.perf_counter()
    game = named_game(GAME)
    data = xr.Dataset()
    for _ in progress([GAME], total=1):
        data = simulate(
            MechanismDesignParameters(game=game, episodes=parameters.episodes),
            runs=parameters.runs,
            seed=parameters.seed,
        )
    cells = _cells(data)
    profiles = learned_profiles(data["final_cooperation_probability"].values)
    in_force = incentive_tensors(data["final_incentive"].values)
    verdicts = [
        {"game": GAME, "condition": CONDITION, "judged_in": judged_in}
        | summarise_verdicts(game, profiles, incentives)
        for judged_in, incentives in (("original", None), ("with-incentives", in_force))
    ]
    return Result(
        scenario=NAME,
        parameters=asdict(parameters),
        seconds=time.perf_counter() - started,
        complete=True,
        cells=cells,
        verdicts=verdicts,
        finding=_finding(cells),
        tables=[_table(cells), *verdict_tables(verdicts, {GAME: game.title})],
        pictures=_pictures(data),
        data=_data(data, parameters),
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
        "Greed, fear and the reward are those of player 1. Additional reward: absolute, summed over players.",
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
    from scenarios.pictures.mechanism_design import draw_mechanism_design
    from scenarios.pictures.payoff_space import LearnedOutcomes, draw_payoff_space

    game = named_game(GAME)
    learned = LearnedOutcomes(CONDITION, learned_profiles(data["final_cooperation_probability"].values))
    return [
        Picture(f"{GAME}-learning", partial(draw_mechanism_design, game, data)),
        Picture(f"{GAME}-payoff-space", partial(draw_payoff_space, game, [learned])),
    ]


def _data(data: xr.Dataset, parameters: Parameters) -> xr.DataTree:
    tree = xr.DataTree.from_dict({f"{GAME}/{CONDITION}": data})
    tree.attrs = {"scenario": NAME, "parameters": json.dumps(asdict(parameters))}
    return tree
