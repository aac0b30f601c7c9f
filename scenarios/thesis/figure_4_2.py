"""Thesis Fig. 4.2: a planner among ten players, and among up to ten thousand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from scenarios.frame.results import Picture, Table
from scenarios.frame.scenario import Report, Scenario
from scenarios.frame.verdicts import LEARNED_TOLERANCE, counted_labels
from scenarios.thesis.cells import RECORD_EVERY, EpisodeParameters, first_lasting
from simulation import ManyPlayersParameters, simulate_many
from simulation.engine.randomness import whole_number
from theory import judge
from theory.statistics import mean_interval

GAME = "linear prisoner's dilemma"
CONDITIONS = ("without-planner", "with-planner")

# Cooperation has arrived when the mean probability stays above this.
ARRIVED = 0.9


@dataclass(frozen=True, kw_only=True)
class Parameters(EpisodeParameters):
    """The thesis's experiment with ten players, then more; runs and seed are worth changing."""

    sizes: tuple[int, ...] = (10, 100, 1000, 10_000)
    """Numbers of players, at least 2 each; without a planner only the first is simulated."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.sizes:
            raise ValueError("sizes must name at least one number of players, got none")
        for size in self.sizes:
            whole_number("sizes", size, at_least=2)

    def quick(self) -> Parameters:
        """Return the parameters of a short look: two runs, at most a thousand players."""
        return replace(
            self,
            runs=min(self.runs, 2),
            sizes=tuple(size for size in self.sizes if size <= 1000) or self.sizes[:1],
        )


class Cell(NamedTuple):
    """So many players under a condition."""

    n_players: int
    condition: str


def cells(parameters: Parameters) -> list[Cell]:
    """Return what is played: without a planner the smallest number of players only."""
    smallest, *larger = parameters.sizes
    return [
        *(Cell(smallest, condition) for condition in CONDITIONS),
        *(Cell(n, "with-planner") for n in larger),
    ]


def build(parameters: Parameters, cell: Cell) -> ManyPlayersParameters:
    """Return the parameters of one cell's simulation."""
    return ManyPlayersParameters(
        n_players=cell.n_players,
        episodes=parameters.episodes,
        planner_episodes=0 if cell.condition == "without-planner" else None,
    )


def play(parameters: Parameters, cell: Cell) -> xr.Dataset:
    """Simulate a cell."""
    options = build(parameters, cell)
    return simulate_many(options, runs=parameters.runs, seed=parameters.seed, record=RECORD_EVERY)


def report(parameters: Parameters, done: Mapping[Cell, xr.Dataset]) -> Report:
    """Measure and judge every run."""
    measured, verdicts = _measured(done), _verdicts(parameters, done)
    return Report(
        cells=measured,
        verdicts=verdicts,
        finding=_finding(measured),
        tables=[_table(measured), _verdict_table(verdicts)],
        make_pictures=partial(_pictures, done),
    )


QUANTITIES = {
    "mean_cooperation": "mean P(C) at the end",
    "average_additional_reward_per_player": "add. reward a player",
    "episode_cooperation_arrives": f"episode from which mean P(C) > {ARRIVED:g}",
    "incentive_for_cooperating": "incentive for C at the end",
    "incentive_for_defecting": "incentive for D at the end",
}


def _measured(done: Mapping[Cell, xr.Dataset]) -> list[dict[str, Any]]:
    cells = []
    for place, data in done.items():
        measured = {
            "mean_cooperation": data["final_mean_cooperation"].values,
            "average_additional_reward_per_player": data["average_additional_reward_per_player"].values,
            "episode_cooperation_arrives": first_lasting(
                data["mean_cooperation"].values > ARRIVED, data["episode"].values
            ),
            "incentive_for_cooperating": data["final_incentive"].sel(action="C").values,
            "incentive_for_defecting": data["final_incentive"].sel(action="D").values,
        }
        for quantity, values in measured.items():
            finite = values[np.isfinite(values)]
            interval = mean_interval(finite)
            cells.append(
                {
                    "game": GAME,
                    **place._asdict(),
                    "quantity": quantity,
                    "mean": float(finite.mean()) if len(finite) else None,
                    "std": float(finite.std()) if len(finite) else None,
                    "interval": list(interval) if interval else None,
                    "runs": len(values),
                    "runs_in_which_it_happened": len(finite),
                }
            )
    return cells


def _verdicts(parameters: Parameters, done: Mapping[Cell, xr.Dataset]) -> list[dict[str, Any]]:
    """Judge every run, in the original game and with the incentives in force.

    An incentive for one's own action changes R and S alike, and T and P, so the game stays linear.
    """
    verdicts = []
    for cell, data in done.items():
        game = build(parameters, cell).game
        for judged_in in ("original", "with-incentives"):
            labels: Counter[str] = Counter()
            regrets, slacks = [], []
            for k in range(data.sizes["run"]):
                p = data["final_cooperation_probability"].values[k]
                extra = data["final_incentive"].values[k] * (judged_in == "with-incentives")
                verdict = judge(
                    game.with_incentives(extra),
                    game.profile(p),
                    tolerance=LEARNED_TOLERANCE,
                )
                labels[verdict.label] += 1
                regrets.append(float(verdict.regrets.max()))
                slacks.append(float(verdict.pareto_slack))
            verdicts.append(
                {
                    "game": GAME,
                    **cell._asdict(),
                    "judged_in": judged_in,
                    "labels": dict(labels.most_common()),
                    "median_regret": float(np.median(regrets)),
                    "median_pareto_slack": float(np.median(slacks)),
                    "tolerance": LEARNED_TOLERANCE,
                    "incentives_in_force": judged_in != "original" and bool(data["final_incentive"].any()),
                }
            )
    return verdicts


def _table(cells: list[dict[str, Any]]) -> Table:
    rows = [
        (
            f"{cell['n_players']:,}",
            cell["condition"],
            QUANTITIES[cell["quantity"]],
            "–" if cell["mean"] is None else f"{cell['mean']:.4g} ± {cell['std']:.2g}",
        )
        for cell in cells
        if cell["condition"] == "with-planner" or cell["quantity"] == "mean_cooperation"
    ]
    return Table(
        "Thesis Fig. 4.2: a planner among many players",
        ("players", "condition", "quantity", "mean ± std"),
        rows,
        "Thesis section 4.3, footnote 4: payoffs between R = 3, P = 1, T = 4 and S = 0 are linear in the number "
        "of cooperators. Additional reward: absolute, an episode. ±: standard deviation over runs.",
    )


def _verdict_table(verdicts: list[dict[str, Any]]) -> Table:
    rows = [
        (
            f"{verdict['n_players']:,}" + (", alone" if verdict["condition"] == CONDITIONS[0] else ""),
            verdict["judged_in"],
            counted_labels(verdict["labels"]),
            f"{verdict['median_regret']:.3f}",
            f"{verdict['median_pareto_slack'] / verdict['n_players']:.3f}",
        )
        for verdict in verdicts
        if verdict["judged_in"] == "original" or verdict["incentives_in_force"]
    ]
    return Table(
        "Verdicts on what each run learned",
        ("players", "judged in", "runs × label", "regret", "slack"),
        rows,
        f"Each run is judged by itself, with a tolerance of {LEARNED_TOLERANCE:g} of the payoff range. Slack: "
        "a player's. That which is compared with the tolerance is a total over all players, so that many players who "
        "each miss a little are Pareto-dominated. Alone: without a planner.",
    )


def _finding(cells: list[dict[str, Any]]) -> str:
    value = {(c["n_players"], c["condition"], c["quantity"]): c["mean"] for c in cells}
    sizes = list(dict.fromkeys(size for size, _, _ in value))
    sentences = []
    without = value.get((sizes[0], "without-planner", "mean_cooperation"))
    if without is not None:
        sentences.append(f"Without a planner {sizes[0]} players end with mean P(C) = {without:.3g}.")
    planned = [size for size in sizes if (size, "with-planner", "mean_cooperation") in value]
    shares = [
        f"{value[size, 'with-planner', 'mean_cooperation']:.4f} with {size:,} "
        f"({value[size, 'with-planner', 'average_additional_reward_per_player']:.2f})"
        for size in planned
    ]
    if shares:
        sentences.append(
            "With one it is " + ", ".join(shares) + " (in brackets: additional reward a player and episode)."
        )
    if len(planned) > 1:
        (reached, cost), (reached_by_most, cost_of_most) = (
            tuple(
                value[size, "with-planner", quantity]
                for quantity in ("mean_cooperation", "average_additional_reward_per_player")
            )
            for size in (planned[0], planned[-1])
        )
        sentences.append(
            f"So from {planned[0]:,} to {planned[-1]:,} players what a planner reaches changes by "
            f"{reached_by_most - reached:+z.4f}, and what a player costs it by {cost_of_most / cost - 1.0:+z.0%}."
        )
    return " ".join(sentences)


def _pictures(done: Mapping[Cell, xr.Dataset]) -> list[Picture]:
    from scenarios.pictures.planner import draw_many_players

    by_size = {(cell.n_players, cell.condition): data for cell, data in done.items()}
    return [Picture("many-players", partial(draw_many_players, by_size))]


SCENARIO = Scenario(
    name="thesis-figure-4.2",
    Parameters=Parameters,
    cells=cells,
    build=build,
    play=play,
    report=report,
    group=lambda cell: f"{cell.n_players}-players/{cell.condition}",
)
