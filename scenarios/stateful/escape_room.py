"""Who holds the lever that lets others out? Learners alone, led by a planner, and after it has left.

Escape Room ER(N, M) of Yang et al. (2020, "Learning to Incentivize Other Learning Agents"): M of N must hold a lever,
which costs them and gives them nothing. The planner of thesis Eqs. 4.3 and 4.7 leads softmax learners by exact
gradients. Settings were fixed before any result was seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import xarray as xr

from scenarios.frame.scenario import Report, Scenario
from scenarios.stateful.led_runs import KEYS, NOTE, LedParameters, judged_runs, played_by, report_on
from scenarios.stateful.preparation import prepare_jax
from theory.checks import known_name, whole_number

if TYPE_CHECKING:
    from simulation.markov_games.planner.planning import Planning


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
class Parameters(LedParameters):
    """Rooms and how long their learners learn."""

    least_updates: ClassVar[int] = 60

    runs: int = 40
    seed: int = 1000
    rooms: tuple[str, ...] = tuple(ROOMS)
    """N-M."""
    conditions: tuple[str, ...] = CONDITIONS
    """Of those that each room has."""
    updates: int = 3000
    """Of the learners of ER(2,1), at least 60; those of ER(3,2) take a third of them, of ER(5,2) a twentieth."""
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


def play(parameters: Parameters, cell: Cell, kept: Path | None = None) -> xr.Dataset:
    """Let all runs learn, and judge what each has come to."""
    from simulation.markov_games.enumerated import enumerate_game
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
        checkpoint=kept,
    )
    # Means of 64 episodes are not the welfare of an update.
    judged = judged_runs(game, data, planning, exact=cell.condition != SAMPLED)
    return judged.drop_vars("incentive") if room.by_actions else judged


def report(parameters: Parameters, done: Mapping[Cell, xr.Dataset]) -> Report:
    """Count who gets out, say what it costs, and what is left without a planner."""
    return report_on(
        done,
        title=lambda cell: ROOMS[cell.room].title,
        picture=lambda cell: f"escape-room-{cell.room}",
        leaving=LEAVING,
        finding=lambda cells: _finding(cells) + played_by("rooms", cells_of(parameters), done),
        note=f"{NOTE} {SAMPLED_NOTE}",
        left_note=LEFT_NOTE,
    )


SAMPLED_NOTE = (
    f"Sampled: learners and planner (c of 2) see {SAMPLED_UPDATES} times {EPISODES_A_SIDE} episodes, and no gradient "
    "is exact."
)
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


SCENARIO = Scenario(
    name="escape-room",
    Parameters=Parameters,
    cells=cells_of,
    build=build,
    play=play,
    play_from=play,
    report=report,
    keys=KEYS,
)
