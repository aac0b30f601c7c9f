"""Who holds the lever that lets others out? Learners alone, led by a planner, and after it has left.

Escape Room ER(N, M) of Yang et al. (2020, "Learning to Incentivize Other Learning Agents"): M of N must hold a lever,
which costs them and gives them nothing. The planner of thesis Eqs. 4.3 and 4.7 leads softmax learners by exact
gradients. Settings were fixed before any result was seen: success is a welfare of the last policies, trembles
included, of at least 95% of the most that joint play can have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import xarray as xr

from scenarios.frame.results import Picture, Table
from scenarios.frame.scenario import Report, RunParameters, Scenario
from scenarios.frame.verdicts import LEARNED_TOLERANCE, verdict_tables
from scenarios.stateful.preparation import prepare_jax
from theory.checks import FloatArray, known_name, whole_number
from theory.statistics import mean_interval, share_interval

if TYPE_CHECKING:
    from simulation.markov_games.enumerated import EnumeratedGame
    from simulation.markov_games.planner.planning import Planning

SUCCESS = 0.95

# Updates are kept in steps of so many, the first and the last one included.
RECORD_EVERY = 10


class Room(NamedTuple):
    """How a room is played."""

    players: int
    needed: int
    pace: int
    """Its learners take `updates` divided by this."""
    learner_rate: float
    by_actions: bool
    """Whether the planner looks at joint actions alone: its tables would else have a number for each state too."""
    conditions: tuple[str, ...]

    @property
    def title(self) -> str:
        """As Yang et al. write it."""
        return f"ER({self.players},{self.needed})"


LED = ("alone", "c-1", "c-2", "c-5", "c-2-cost")
LEAVING = ("leaves", "explorers")
SAMPLED = "sampled"
CONDITIONS = (*LED, *LEAVING, SAMPLED)
ROOMS: dict[str, Room] = {
    "2-1": Room(2, 1, 1, 0.1, False, (*LED, *LEAVING, SAMPLED)),
    "3-2": Room(3, 2, 3, 0.1, False, (*LED, SAMPLED)),
    "5-2": Room(5, 2, 20, 0.3, True, ("alone", "c-2", "c-2-cost")),
}
# More joint states and actions than this are played in fewer runs.
LARGE = "5-2"

# What differs from a planner that pays at most 2 and stays.
CHANGES: dict[str, dict[str, Any]] = {
    "alone": {},
    "c-1": {"bound": 1.0},
    "c-2": {},
    "c-5": {"bound": 5.0},
    "c-2-cost": {"cost": 0.01},
    "leaves": {},
    "explorers": {"entropy": 0.1},
}


# From 78 updates of 64 episodes: fewer than 5,000.
EPISODES_A_SIDE = 64
SAMPLED_UPDATES = 78


@dataclass(frozen=True, kw_only=True)
class Parameters(RunParameters):
    """Rooms and how long their learners learn."""

    runs: int = 40
    seed: int = 1000
    rooms: tuple[str, ...] = tuple(ROOMS)
    """N-M."""
    conditions: tuple[str, ...] = CONDITIONS
    """Of those that each room has."""
    updates: int = 3000
    """Of the learners of ER(2,1), at least 60; those of ER(3,2) take a third of them, of ER(5,2) a twentieth."""
    led_updates: int = 500
    """After which the planner leaves, where it does, at least 1."""
    later: int = 20_000
    """Updates in all, where it leaves: more than `led_updates`."""
    large_runs: int = 10
    """Of ER(5,2)."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for room in self.rooms:
            known_name("room", room, tuple(ROOMS))
        for condition in self.conditions:
            known_name("condition", condition, CONDITIONS)
        whole_number("updates", self.updates, at_least=60)
        whole_number("led_updates", self.led_updates, at_least=1)
        whole_number("later", self.later, at_least=self.led_updates + 1)
        whole_number("large_runs", self.large_runs, at_least=1)

    def quick(self) -> Parameters:
        """Return the parameters of a short look: two runs, few updates, the two smaller rooms, no episodes."""
        return replace(
            self,
            runs=min(self.runs, 2),
            large_runs=min(self.large_runs, 2),
            rooms=tuple(room for room in self.rooms if room != LARGE) or self.rooms,
            conditions=tuple(name for name in self.conditions if name != SAMPLED) or self.conditions,
            updates=min(self.updates, 300),
            led_updates=min(self.led_updates, 100),
            later=min(self.later, 300),
        )

    def runs_of(self, room: str) -> int:
        """Return how many runs a cell of the room has."""
        return min(self.runs, self.large_runs) if room == LARGE else self.runs


class Cell(NamedTuple):
    """A room, and who leads how."""

    room: str
    condition: str


def cells_of(parameters: Parameters) -> list[Cell]:
    """Return the cells, room by room."""
    return [
        Cell(room, condition)
        for room in parameters.rooms
        for condition in ROOMS[room].conditions
        if condition in parameters.conditions
    ]


def build(parameters: Parameters, cell: Cell) -> Planning:
    """Return how learners and planner of a cell climb."""
    prepare_jax()
    from simulation.markov_games.planner.planning import ExactPlanning
    from simulation.markov_games.planner.sampling import SampledPlanning

    if cell.condition == SAMPLED:
        return SampledPlanning(
            updates=SAMPLED_UPDATES,
            planner_updates=SAMPLED_UPDATES,
            environments=EPISODES_A_SIDE,
            steps=None,
            critic="none",
            discount=0.99,
            learner_rate=0.3,
            learner_optimiser="ascent",
            planner_rate=0.05,
            entropy=0.02,
        )
    room = ROOMS[cell.room]
    updates = parameters.later if cell.condition in LEAVING else parameters.updates // room.pace
    led = 0 if cell.condition == "alone" else updates
    return ExactPlanning(
        updates=updates,
        planner_updates=parameters.led_updates if cell.condition in LEAVING else led,
        learner_rate=room.learner_rate,
        **CHANGES[cell.condition],
    )


def play(parameters: Parameters, cell: Cell) -> xr.Dataset:
    """Let all runs learn, and judge what each has come to."""
    from simulation.markov_games.enumerated import enumerate_game
    from simulation.markov_games.exact import best_welfare
    from simulation.markov_games.games.escape_room import EscapeRoom
    from simulation.markov_games.planner.planning import plan_exactly
    from simulation.markov_games.planner.policies import SoftmaxTable
    from simulation.markov_games.planner.sampling import plan_by_episodes

    room, planning = ROOMS[cell.room], build(parameters, cell)
    game = enumerate_game(EscapeRoom(players=room.players, needed=room.needed))
    plan: Any = plan_exactly
    if cell.condition == SAMPLED:
        plan = partial(plan_by_episodes, policies=SoftmaxTable())
    data: xr.Dataset = plan(
        game,
        planning,
        encoding="by-actions" if room.by_actions else "each-apart",
        runs=parameters.runs_of(cell.room),
        seed=parameters.seed,
    )
    best = best_welfare(game)
    incentives = data["incentive"].values
    if planning.planner_updates < planning.updates:
        incentives = np.zeros_like(incentives)
    judged = _judged(game, data["policy"].values, incentives)
    reached = _since(data["welfare"].values[:, : planning.planner_updates or None], SUCCESS * best)
    if cell.condition == SAMPLED:
        reached = np.full_like(reached, np.nan)  # means of 64 episodes are not the welfare of an update
    kept = np.unique(np.append(np.arange(0, planning.updates, RECORD_EVERY), planning.updates - 1))
    return (
        data.drop_vars("incentive" if room.by_actions else [])
        .isel(update=kept)
        .assign_coords(update=kept)
        .merge(judged)
        .assign(
            {
                "reached": ("run", reached),
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


def report(parameters: Parameters, done: Mapping[Cell, xr.Dataset]) -> Report:
    """Count who gets out, say what it costs, and what is left without a planner."""
    cells = [_measured(cell, data) for cell, data in done.items()]
    verdicts = [_verdict(cell, data) for cell, data in done.items()]
    rooms = list(dict.fromkeys(ROOMS[cell.room].title for cell in done))
    return Report(
        cells=cells,
        verdicts=verdicts,
        finding=_finding(cells) + _on_missing(parameters, done),
        tables=[
            *(_table([cell for cell in cells if cell["game"] == room]) for room in rooms),
            *_tables_of_leaving(cells),
            *verdict_tables(
                verdicts, {room: room for room in rooms}, only="original", of="the last policies"
            ),
        ],
        make_pictures=partial(_pictures, done),
    )


def _measured(cell: Cell, data: xr.Dataset) -> dict[str, Any]:
    best, runs = float(data.attrs["best_welfare"]), data.sizes["run"]
    final, paid = data["payoff"].values.sum(axis=1), data["paid"].values[:, -1]
    succeeded = int((final >= SUCCESS * best).sum())
    held = int((data["relative_regret_with_incentives"].values.max(axis=1) <= LEARNED_TOLERANCE).sum())
    when_left = data["welfare_when_left"].values
    reached = data["reached"].values
    return {
        "game": ROOMS[cell.room].title,
        "condition": cell.condition,
        "runs": runs,
        "best_welfare": best,
        "succeeded": succeeded,
        "interval": list(share_interval(succeeded, runs)),
        "succeeded_when_left": int((when_left >= SUCCESS * best).sum())
        if cell.condition in LEAVING
        else None,
        "welfare": float(final.mean()),
        "least_welfare": float(final.min()),
        "paid": float(paid.mean()),
        "paid_interval": None if (interval := mean_interval(paid)) is None else list(interval),
        "median_paid": float(np.median(paid)),
        "most_paid": float(paid.max()),
        "reached": float(np.nanmedian(reached)) if np.isfinite(reached).any() else None,
        "equilibria_with_incentives": held,
    }


def _verdict(cell: Cell, data: xr.Dataset) -> dict[str, Any]:
    return {
        "game": ROOMS[cell.room].title,
        "condition": cell.condition,
        "judged_in": "original",
        "labels": dict(Counter(str(label) for label in data["label"].values).most_common()),
        "median_regret": float(np.median(data["regret"].values.max(axis=1))),
        "median_pareto_slack": float(np.median(data["pareto_slack"].values)),
        "tolerance": LEARNED_TOLERANCE,
        "incentives_in_force": False,
    }


def _table(cells: Sequence[Mapping[str, Any]]) -> Table:
    first = cells[0]
    return Table(
        f"{first['game']}: {first['runs']} runs, welfare at most {first['best_welfare']:g}",
        ("condition", f"within {1 - SUCCESS:.0%}", "welfare, least", "from", "paid, median", "Nash"),
        [_row(cell) for cell in cells if cell["condition"] not in LEAVING],
        NOTE,
    )


NOTE = (
    "c bounds an incentive; the cost is .01 (alpha of thesis Eq. 4.7). Within 5%: runs whose last policies have "
    "at least 95% of the most welfare, with the exact 95% interval of their share. From: median update since when. "
    "Paid: absolute incentives an episode at the end, mean over runs. Nash: runs whose last policies nobody would "
    f"leave for more than {LEARNED_TOLERANCE:g} of its payoff range, with the incentives of then in force. Sampled: "
    f"learners and planner (c of 2) see {SAMPLED_UPDATES} times {EPISODES_A_SIDE} episodes, and no gradient is exact."
)


def _row(cell: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        cell["condition"],
        _counted(cell["succeeded"], cell["interval"]),
        f"{cell['welfare']:.2f}, {cell['least_welfare']:.2f}",
        "–" if cell["reached"] is None else f"{cell['reached']:.0f}",
        f"{cell['paid']:.2f}, {cell['median_paid']:.2f}",
        f"{cell['equilibria_with_incentives']}",
    )


def _counted(count: int, interval: Sequence[float]) -> str:
    return f"{count} ({interval[0]:.2f} to {interval[1]:.2f})"


def _tables_of_leaving(cells: Sequence[Mapping[str, Any]]) -> list[Table]:
    rows = [
        (
            cell["game"],
            cell["condition"],
            f"{cell['succeeded_when_left']} of {cell['runs']}",
            _counted(cell["succeeded"], cell["interval"]),
            f"{cell['welfare']:.2f}, {cell['least_welfare']:.2f}",
        )
        for cell in cells
        if cell["condition"] in LEAVING
    ]
    columns = ("room", "condition", "when it leaves", "at the end", "welfare, least")
    return [Table("When the planner leaves: runs within 5%", columns, rows, LEFT_NOTE)] if rows else []


LEFT_NOTE = (
    "Explorers also climb .1 times the mean entropy of their policies, before and after. Without exploration "
    "learners that are sure of what they do hardly learn any more: what stands then shows saturation, not stability."
)


def _finding(cells: Sequence[Mapping[str, Any]]) -> str:
    sentences = []
    for room in dict.fromkeys(cell["game"] for cell in cells):
        of_room = {cell["condition"]: cell for cell in cells if cell["game"] == room}
        said = [
            f"{words} {of_room[condition]['succeeded']} of {of_room[condition]['runs']}"
            for condition, words in (
                ("alone", "alone"),
                ("c-2", "led"),
                ("c-2-cost", "led at a cost"),
            )
            if condition in of_room
        ]
        if said:
            sentences.append(f"{room}: {', '.join(said)} come within 5% of the most that they can have.")
        if left := of_room.get("explorers"):
            sentences.append(
                f"When the planner leaves {left['succeeded_when_left']} of {left['runs']} pairs of learners who "
                f"go on exploring have that, in the end {left['succeeded']}."
            )
    return " ".join(sentences) or "What was played answers none of the questions."


def _on_missing(parameters: Parameters, done: Mapping[Cell, xr.Dataset]) -> str:
    """Return how to play what an interrupt or a failure has left out; empty if nothing is missing."""
    missing = [cell for cell in cells_of(parameters) if cell not in done]
    by_room = {
        room: ",".join(cell.condition for cell in missing if cell.room == room) for room in parameters.rooms
    }
    again = [f"--set rooms={room} --set conditions={named}" for room, named in by_room.items() if named]
    return f" What is missing is played by {' and by '.join(again)}." if again else ""


def _pictures(done: Mapping[Cell, xr.Dataset]) -> list[Picture]:
    from scenarios.pictures.stateful import draw_welfare_of_every_run

    pictures = []
    for room in dict.fromkeys(cell.room for cell in done):
        of_room = {cell.condition: data for cell, data in done.items() if cell.room == room}
        pictures.append(
            Picture(
                f"escape-room-{room}", partial(draw_welfare_of_every_run, ROOMS[room].title, of_room, SUCCESS)
            )
        )
    return pictures


SCENARIO = Scenario(
    name="escape-room",
    Parameters=Parameters,
    cells=cells_of,
    build=build,
    play=play,
    report=report,
    keys={
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
    },
)
