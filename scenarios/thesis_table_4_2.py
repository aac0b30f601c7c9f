"""Thesis Table 4.2: does a planner lead learners to cooperation, and does it last when it leaves?"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import xarray as xr

from scenarios.published import PublishedCell, thesis_cells
from scenarios.scenario import Picture, Progress, Result, Table, silent
from scenarios.statistics import holm_rejects, welch_p_value
from scenarios.verdicts import summarise_verdicts, verdict_tables
from simulation import MechanismDesignParameters, incentive_tensors, learned_profiles, simulate
from simulation.randomness import whole_number
from theory import Game, named_game

NAME = "thesis-table-4.2"
GAMES = ("prisoners-dilemma", "chicken", "stag-hunt")
CONDITIONS = ("without-planner", "with-planner", "turned-off")
QUANTITIES = {
    "joint_cooperation": "P(C,C)",
    "welfare": "V",
    "average_additional_reward": "add. reward",
}

# Family-wise error rate of the comparison with the published means.
LEVEL = 0.01

# Pictures need no more than every tenth episode.
RECORD_EVERY = 10


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """The thesis's experiment; only the number of runs and the seed are worth changing."""

    runs: int = 10
    seed: int = 0
    episodes: int = 4000
    """Of a phase; the condition `turned-off` has a second phase of the same length without the planner."""

    def __post_init__(self) -> None:
        whole_number("runs", self.runs, at_least=1)
        whole_number("seed", self.seed, at_least=0)
        whole_number("episodes", self.episodes, at_least=1)

    def quick(self) -> Parameters:
        """Return the parameters of a short look: two runs a cell."""
        return replace(self, runs=min(self.runs, 2))

    def of(self, game: Game, condition: str) -> MechanismDesignParameters:
        """Return the parameters of one cell's simulation."""
        return MechanismDesignParameters(
            game=game,
            episodes=2 * self.episodes if condition == "turned-off" else self.episodes,
            planner_episodes=0 if condition == "without-planner" else self.episodes,
        )


def run(parameters: Parameters, progress: Progress = silent) -> Result:
    """Simulate all cells, compare them with the thesis and judge every run."""
    started = time.perf_counter()
    todo = [(game, condition) for game in GAMES for condition in CONDITIONS]
    done: dict[tuple[str, str], xr.Dataset] = {}
    complete = True
    try:
        for name, condition in progress(todo, total=len(todo)):
            done[name, condition] = simulate(
                parameters.of(named_game(name), condition),
                runs=parameters.runs,
                seed=parameters.seed,
                record=RECORD_EVERY,
            )
    except KeyboardInterrupt:
        if not done:
            raise
        complete = False
    comparable = parameters.episodes == Parameters.episodes
    cells = _cells(done, thesis_cells("exact", revenue_neutral=False) if comparable else {})
    verdicts = _verdicts(done)
    titles = {name: named_game(name).title for name in GAMES}
    return Result(
        scenario=NAME,
        parameters=asdict(parameters),
        seconds=time.perf_counter() - started,
        complete=complete,
        cells=cells,
        verdicts=verdicts,
        finding=_finding(done, cells, verdicts),
        tables=[*_tables(cells, titles), *verdict_tables(verdicts, titles)],
        pictures=_pictures(done),
        data=_data(done, parameters),
    )


def _cells(
    done: dict[tuple[str, str], xr.Dataset], published: dict[tuple[str, str, str], PublishedCell]
) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = []
    p_values = []
    for (game, condition), data in done.items():
        for quantity in QUANTITIES:
            values = data[quantity].values
            mean, std, runs = float(values.mean()), float(values.std()), int(values.size)
            thesis = published.get((game, condition, quantity))
            p_values.append(welch_p_value(mean, std, runs, thesis) if thesis else None)
            usual = thesis.reference_protocol_range if thesis else None
            cells.append(
                {
                    "game": game,
                    "condition": condition,
                    "quantity": quantity,
                    "mean": mean,
                    "std": std,
                    "runs": runs,
                    "thesis_mean": thesis.mean if thesis else None,
                    "thesis_std": thesis.std if thesis else None,
                    "agrees": None,
                    "reference_protocol_range": list(usual) if usual else None,
                }
            )
    for cell, rejected in zip(cells, holm_rejects(p_values, LEVEL), strict=True):
        cell["agrees"] = None if rejected is None else not rejected
    return cells


def _verdicts(done: dict[tuple[str, str], xr.Dataset]) -> list[dict[str, Any]]:
    verdicts = []
    for (name, condition), data in done.items():
        game = named_game(name)
        profiles = learned_profiles(data["final_cooperation_probability"].values)
        in_force = incentive_tensors(data["final_incentive"].values)
        for judged_in, incentives in (("original", None), ("with-incentives", in_force)):
            where = {"game": name, "condition": condition, "judged_in": judged_in}
            verdicts.append(where | summarise_verdicts(game, profiles, incentives))
    return verdicts


def _tables(cells: list[dict[str, Any]], titles: dict[str, str]) -> list[Table]:
    games = list(dict.fromkeys(cell["game"] for cell in cells))
    return [
        Table(
            f"{titles[game]}: mean ± standard deviation over runs",
            ("condition", "quantity", "here", "thesis", "agrees"),
            [_row(cell) for cell in cells if cell["game"] == game],
            NOTE if game == games[-1] else "",
        )
        for game in games
    ]


NOTE = (
    "Thesis Table 4.2. Agrees: Welch's test against the thesis's ten runs is not rejected, family-wise error "
    f"{LEVEL:.0%} (Holm). Add. reward: absolute, summed over players, an episode."
)


def _row(cell: dict[str, Any]) -> tuple[str, ...]:
    in_percent = cell["quantity"] == "joint_cooperation"
    thesis = "–"
    if cell["thesis_mean"] is not None:
        thesis = _plus_minus(cell["thesis_mean"], cell["thesis_std"], in_percent)
    return (
        cell["condition"],
        QUANTITIES[cell["quantity"]],
        _plus_minus(cell["mean"], cell["std"], in_percent),
        thesis,
        {True: "yes", False: "NO", None: "–"}[cell["agrees"]],
    )


def _plus_minus(mean: float, std: float, in_percent: bool) -> str:
    if in_percent:
        digits = 1 if abs(mean) >= 0.01 else 4
        return f"{100 * mean:.{digits}f}% ± {100 * std:.{digits}f}%"
    return f"{mean:.3f} ± {std:.3f}"


def _percent(share: float) -> str:
    return f"{100 * share:.3g}%"


def _finding(
    done: dict[tuple[str, str], xr.Dataset], cells: list[dict[str, Any]], verdicts: list[dict[str, Any]]
) -> str:
    sentences = []
    for name in GAMES:
        if any((name, condition) not in done for condition in CONDITIONS):
            continue
        share = {c: float(done[name, c]["joint_cooperation"].mean()) for c in CONDITIONS}
        after = next(
            v
            for v in verdicts
            if (v["game"], v["condition"], v["judged_in"]) == (name, "turned-off", "original")
        )
        label, runs = next(iter(after["labels"].items()))
        sentences.append(
            f"{named_game(name).title}: P(C,C) is {_percent(share['without-planner'])} without a planner, "
            f"{_percent(share['with-planner'])} with one and {_percent(share['turned-off'])} after it is "
            "turned off, "
            f"where {runs} of {sum(after['labels'].values())} runs are judged «{label}» in the original game."
        )
    compared = [cell["agrees"] for cell in cells if cell["agrees"] is not None]
    if compared:
        sentences.append(f"{sum(compared)} of {len(compared)} means agree with the thesis.")
    return " ".join(sentences)


def _pictures(done: dict[tuple[str, str], xr.Dataset]) -> list[Picture]:
    from scenarios.plots_mechanism_design import draw_mechanism_design
    from scenarios.plots_payoff_space import LearnedOutcomes, draw_payoff_space

    pictures = []
    for name in GAMES:
        game = named_game(name)
        if (name, "with-planner") in done:
            data = done[name, "with-planner"]
            pictures.append(Picture(f"{name}-learning", partial(draw_mechanism_design, game, data)))
        learned = [
            LearnedOutcomes(
                condition, learned_profiles(done[name, condition]["final_cooperation_probability"].values)
            )
            for condition in CONDITIONS
            if (name, condition) in done
        ]
        if learned:
            pictures.append(Picture(f"{name}-payoff-space", partial(draw_payoff_space, game, learned)))
    return pictures


def _data(done: dict[tuple[str, str], xr.Dataset], parameters: Parameters) -> xr.DataTree:
    tree = xr.DataTree.from_dict({f"{game}/{condition}": data for (game, condition), data in done.items()})
    tree.attrs = {"scenario": NAME, "parameters": json.dumps(asdict(parameters))}
    return tree
