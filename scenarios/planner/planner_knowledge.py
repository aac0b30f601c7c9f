"""What a planner loses that must model the players, mishears what they do, or does not see one of them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

import xarray as xr

from scenarios.frame.results import Picture, Table
from scenarios.frame.scenario import Report, Scenario
from scenarios.frame.verdicts import verdict_tables
from scenarios.thesis.cells import GamesParameters, judged_cells, measured_cells, titles_of
from scenarios.thesis.table_4_3 import SUCCESS, VARIANTS
from simulation import MechanismDesignParameters, simulate
from theory import named_game
from theory.statistics import mean_interval

PLANNERS = ("exact", "decoupled")

# What the planner knows and sees; the first is what the others are compared with, on the same draws of actions.
KNOWLEDGE: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "full": {},
        "modelled, 20 rounds": {"knowledge": "modelled", "model_window": 20},
        "modelled, 100 rounds": {"knowledge": "modelled", "model_window": 100},
        "5% flipped": {"flip_probability": 0.05},
        "20% flipped": {"flip_probability": 0.2},
        "modelled, 5% flipped": {"knowledge": "modelled", "flip_probability": 0.05},
        "modelled, 20% flipped": {"knowledge": "modelled", "flip_probability": 0.2},
        "sees player 1 only": {"sees": (True, False)},
    }
)
FULL = "full"

# Pictures need no more episodes.
RECORD_EVERY = 50


@dataclass(frozen=True, kw_only=True)
class Parameters(GamesParameters):
    """Only the number of runs and the seed are worth changing."""

    runs: int = 300


class Cell(NamedTuple):
    """A game, a planner's learning rule, and what the planner knows and sees."""

    game: str
    planner: str
    knowledge: str

    @property
    def arm(self) -> str:
        """Planner and knowledge in words."""
        return f"{self.planner}: {self.knowledge}"


def build(parameters: Parameters, cell: Cell) -> MechanismDesignParameters:
    """Return the parameters of one cell's simulation."""
    return MechanismDesignParameters(
        game=named_game(cell.game),
        episodes=parameters.episodes,
        **VARIANTS[cell.planner],
        **KNOWLEDGE[cell.knowledge],
    )


def play(parameters: Parameters, cell: Cell) -> xr.Dataset:
    """Simulate a cell."""
    with warnings.catch_warnings():
        # That nothing moves a player who is not seen is one of the findings here.
        warnings.filterwarnings("ignore", message=".*the planner does not see", category=UserWarning)
        return simulate(
            build(parameters, cell), runs=parameters.runs, seed=parameters.seed, record=RECORD_EVERY
        )


def report(parameters: Parameters, done: Mapping[Cell, xr.Dataset]) -> Report:
    """Compare each kind of knowledge with full knowledge, and judge every run."""
    cells, verdicts, titles = _cells(done), judged_cells(done, _keys), titles_of(done)
    return Report(
        cells=cells,
        verdicts=verdicts,
        finding=_finding(cells),
        tables=[*_tables(cells, titles), *verdict_tables(verdicts, titles, arm="arm", only="original")],
        make_pictures=partial(_pictures, done),
    )


def _keys(cell: Cell) -> dict[str, Any]:
    return {"game": cell.game, "arm": cell.arm}


def _cells(done: Mapping[Cell, xr.Dataset]) -> list[dict[str, Any]]:
    """Return the cells with their loss against full knowledge: the mean difference of runs i, and interval."""
    cells = []
    for measured in measured_cells(done, {}):
        cell, quantity = Cell(*(measured[part] for part in Cell._fields)), measured["quantity"]
        full = done.get(cell._replace(knowledge=FULL))
        difference, interval = None, None
        if full is not None and cell.knowledge != FULL:
            # Run i of both arms starts alike and draws its actions from the same numbers, except with flips.
            against = done[cell][quantity].values - full[quantity].values
            difference, interval = float(against.mean()), mean_interval(against)
        cells.append(
            {
                **cell._asdict(),
                "condition": "with-planner",
                "arm": cell.arm,
                "quantity": quantity,
                "mean": measured["mean"],
                "std": measured["std"],
                "runs": measured["runs"],
                "successes": int((done[cell]["joint_cooperation"].values > SUCCESS).sum()),
                "difference_to_full": difference,
                "difference_interval": list(interval) if interval else None,
            }
        )
    return cells


def _tables(cells: list[dict[str, Any]], titles: Mapping[str, str]) -> list[Table]:
    games = list(dict.fromkeys(cell["game"] for cell in cells))
    return [
        Table(
            f"{titles[game]}: what knowledge is worth",
            ("planner", "knows", "P(C,C)", "difference", "> 1/2", "reward"),
            _rows([cell for cell in cells if cell["game"] == game]),
            NOTE if game == games[-1] else "",
        )
        for game in games
    ]


NOTE = (
    "Means over runs. Difference: of P(C,C) to full knowledge, 95% interval in percentage points (Student's t, "
    f"paired by run). > 1/2: runs that end with P(C,C) above {SUCCESS:g}. Reward: additional, an episode. "
    "Modelled: P(C) by Eq. 4.6 from the last rounds. Flipped: each action is seen wrongly with this probability, "
    "which the planner knows. Not seen: taken as P(C) = 1/4, "
    "which is the truth at the start. Every planner is told the true welfare of each round."
)


def _rows(cells: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    by_arm: dict[str, dict[str, dict[str, Any]]] = {}
    for cell in cells:
        by_arm.setdefault(cell["arm"], {})[cell["quantity"]] = cell
    rows: list[tuple[str, ...]] = []
    for measured in by_arm.values():
        joint, paid = measured["joint_cooperation"], measured["average_additional_reward"]
        interval = joint["difference_interval"]
        rows.append(
            (
                joint["planner"],
                joint["knowledge"],
                f"{100 * joint['mean']:.1f}%",
                f"{100 * interval[0]:+z.2f} to {100 * interval[1]:+z.2f}" if interval else "–",
                str(joint["successes"]),
                f"{paid['mean']:.2f}",
            )
        )
    return rows


# A loss of P(C,C) that matters; smaller ones count as none.
NEGLIGIBLE_LOSS = 0.01


def _finding(cells: list[dict[str, Any]]) -> str:
    """Say, for each planner and kind of knowledge, where P(C,C) falls, by the intervals of the differences.

    A loss is one whose whole interval lies below zero and whose mean is more than negligible; "as much" is a
    difference whose whole interval lies above a negligible loss; everything between is undecided.
    """
    sentences = []
    for planner in PLANNERS:
        worse, as_good, undecided = [], [], []
        for knowledge in KNOWLEDGE:
            compared = {
                cell["game"]: (cell["difference_to_full"], *cell["difference_interval"])
                for cell in cells
                if (cell["planner"], cell["knowledge"], cell["quantity"])
                == (planner, knowledge, "joint_cooperation")
                and cell["difference_interval"] is not None
            }
            lost = {
                game: shown
                for game, shown in compared.items()
                if shown[0] < -NEGLIGIBLE_LOSS and shown[2] < 0.0
            }
            if lost:
                where = (f"{named_game(game).title} {_with_interval(*of)}" for game, of in lost.items())
                worse.append(f"{knowledge} ({', '.join(where)})")
            elif compared and all(low > -NEGLIGIBLE_LOSS for _, low, _ in compared.values()):
                as_good.append(knowledge)
            elif compared:
                undecided.append(knowledge)
        for words, known in (
            (f"The planner {planner} reaches as much of P(C,C), to {NEGLIGIBLE_LOSS:g}, with", as_good),
            ("It loses with", worse),
            ("These runs cannot tell with", undecided),
        ):
            if known:
                sentences.append(f"{words}: {'; '.join(known)}.")
    return " ".join(sentences)


def _with_interval(mean: float, low: float, high: float) -> str:
    return f"{mean:+z.3f} [{low:+z.3f}, {high:+z.3f}]"


def _pictures(done: Mapping[Cell, xr.Dataset]) -> list[Picture]:
    from scenarios.pictures.planner import draw_knowledge

    pictures = []
    for game in titles_of(done):
        planners: dict[str, dict[str, xr.Dataset]] = {}
        for cell, data in done.items():
            if cell.game == game:
                planners.setdefault(cell.planner, {})[cell.knowledge] = data
        pictures.append(Picture(f"{game}-knowledge", partial(draw_knowledge, named_game(game), planners)))
    return pictures


SCENARIO = Scenario(
    name="planner-knowledge",
    Parameters=Parameters,
    cells=lambda parameters: [
        Cell(game, planner, known) for game in parameters.games for planner in PLANNERS for known in KNOWLEDGE
    ],
    build=build,
    play=play,
    report=report,
    keys={
        "planner": "the planner's learning rule",
        "knowledge": "what it knows and sees",
        "arm": "planner and knowledge in words",
        "successes": "runs that end with P(C,C) above 1/2",
        "difference_to_full": "mean difference to full knowledge, run by run; `difference_interval`: 95%",
        "difference_interval": "see `difference_to_full`",
    },
)
