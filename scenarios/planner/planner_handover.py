"""What is left when the planner goes: whom does a planner help for good, and how little of it is enough?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from scenarios.frame.results import Entry, Picture, Table
from scenarios.frame.scenario import Measured, Report, Scenario
from scenarios.frame.verdicts import LEARNED_TOLERANCE, counted_labels
from scenarios.planner.handover_verdicts import Left, difference, labels_of, left_of
from scenarios.thesis.cells import GamesParameters, titles_of
from simulation import (
    ContriteTitForTat,
    GradualPlayer,
    HandoverParameters,
    LiteralMirror,
    MechanismDesignParameters,
    MemoryOneLearner,
    OutcomeQLearner,
    RuleLearner,
    TitForTat,
    WinStayLoseShift,
    simulate_handover,
)
from simulation.gradual.seat import DuelPlayer
from simulation.handover.parameters import prior_of_defectors
from theory import named_game
from theory.checks import number_within, whole_number

NONE, LEARNED, CLOSED_FORM = "none", "learned", "closed form"
DEFAULT, WARY = "default", "wary"
PRIORS = (DEFAULT, WARY)

# Whether players read what is announced, or only get it.
INFORMED, PAID = "informed", "paid"

# So much more P(C,C) the interval must promise at least, if a planner is to have helped.
LEAST_HELP = 0.1


def _literal(wary: bool) -> DuelPlayer:
    # A belief that is refreshed at least as fast as actions are thought to tremble forgives no defection.
    prior = tuple(prior_of_defectors()) if wary else None
    return LiteralMirror(prior=prior, forgetting=0.05, tremble=0.05)


class Kind(NamedTuple):
    """Who is led."""

    player: Callable[[bool], DuelPlayer]
    """By whether it expects defection."""
    information: tuple[str, ...] = (INFORMED,)
    """In which ways incentives can reach it at all: rules on actions alone do not notice what they get, and what is
    announced tells learners nothing."""
    mixes: bool = False
    """Whether it draws anything."""


# Settings of learners were fixed on another seed, so that a closed form leads them well within 4000 rounds.
PLAYERS: Mapping[str, Kind] = MappingProxyType(
    {
        "learners": Kind(
            lambda wary: RuleLearner(initial_cooperation=0.05 if wary else 0.5), (PAID,), mixes=True
        ),
        "Q with memory": Kind(
            lambda wary: OutcomeQLearner(learning_rate=0.3, expected_cooperation=0.05 if wary else 0.5),
            (PAID,),
            mixes=True,
        ),
        "memory-one": Kind(
            lambda wary: MemoryOneLearner(initial_cooperation=0.05 if wary else 0.5), (PAID,), mixes=True
        ),
        "Tit-for-Tat": Kind(lambda wary: TitForTat()),
        "contrite": Kind(lambda wary: ContriteTitForTat(begins_provoked=wary)),
        "generous": Kind(lambda wary: TitForTat(generosity=None), mixes=True),
        "win-stay": Kind(lambda wary: WinStayLoseShift(), (INFORMED, PAID)),
        "literal mirrors": Kind(_literal),
        "ledger mirrors": Kind(lambda wary: GradualPlayer(trust=0.05 if wary else 1.0), mixes=True),
    }
)


@dataclass(frozen=True, kw_only=True)
class Parameters(GamesParameters):
    """The planner acts in so many first rounds, and `episodes` follow without it, of which the last half count."""

    least_episodes = 2

    runs: int = 20
    seed: int = 20000
    games: tuple[str, ...] = ("prisoners-dilemma",)
    """Names of two-player games with two actions, as `commonweal list` gives them."""
    planned_rounds: tuple[int, ...] = (0, 1, 2, 20, 200, 4000)
    """In how many first rounds a planner acts, ascending from 0."""
    slips: tuple[float, ...] = (0.0, 0.0001, 0.001, 0.01, 0.05)
    """Probabilities with which an action is swapped."""
    later: int = 40_000
    """After so many rounds without it those whom a planner has helped are looked at again."""

    def __post_init__(self) -> None:
        super().__post_init__()
        rounds = [whole_number("planned_rounds", each, at_least=0) for each in self.planned_rounds]
        if not rounds or rounds[0] != 0 or sorted(set(rounds)) != rounds:
            raise ValueError(f"planned_rounds must ascend from 0, got {self.planned_rounds}")
        for level in self.slips:
            number_within("slips", level, 0.0, 1.0)
        if not self.slips or len(set(self.slips)) < len(self.slips):
            raise ValueError(f"slips must be different, at least one, got {self.slips}")
        whole_number("later", self.later, at_least=self.episodes)

    def quick(self) -> Parameters:
        """Return the parameters of a short look."""
        return replace(
            self,
            runs=min(self.runs, 4),
            planned_rounds=(0, 2, 200),
            slips=(0.0, 0.01),
            episodes=400,
            later=400,
        )

    @property
    def counted(self) -> int:
        """Last rounds that are counted."""
        return self.episodes - self.episodes // 2


class Cell(NamedTuple):
    """A game, who plays, and what they expect at first."""

    game: str
    players: str
    prior: str


class Arm(NamedTuple):
    """Who leads, for how long, and what the players know of it."""

    planner: str
    information: str
    planned: int


NOBODY = Arm(NONE, PAID, 0)


def arms(parameters: Parameters, players: str) -> list[Arm]:
    """Return nobody, and every planner for every number of rounds, of those that players can notice at all."""
    return [
        NOBODY,
        *(
            Arm(planner, information, planned)
            for planner in (LEARNED, CLOSED_FORM)
            for information in PLAYERS[players].information
            for planned in parameters.planned_rounds[1:]
        ),
    ]


def build(
    parameters: Parameters, cell: Cell, arm: Arm = NOBODY, slips: float = 0.0, episodes: int = 0
) -> HandoverParameters:
    """Return the parameters of one arm; `episodes` rounds follow after the planner (0: as the parameters say)."""
    closed, wary = arm.planner == CLOSED_FORM, cell.prior == WARY
    lead = MechanismDesignParameters(
        game=named_game(cell.game),
        episodes=arm.planned + (episodes or parameters.episodes),
        planner_episodes=arm.planned,
        initial_cooperation=0.05 if wary else 0.5,
        policy="others-rewards" if closed else "layer",
        knowledge="known" if closed else "modelled",
    )
    return HandoverParameters(
        planner=lead,
        player=PLAYERS[cell.players].player(wary),
        informed=arm.information == INFORMED,
        defected_before=wary,
        noise=slips,
    )


def is_certain(cell: Cell, arm: Arm, slips: float) -> bool:
    """Return whether runs cannot differ, since nobody draws anything: then one is played."""
    return slips == 0.0 and not PLAYERS[cell.players].mixes and arm.planner != LEARNED


def outcomes(
    parameters: Parameters, cell: Cell, arm: Arm, slips: float, episodes: int = 0
) -> tuple[xr.DataArray, float]:
    """Return how often runs were in CC, CD, DC, DD in the rounds that count, and the planner's pay a round of its."""
    options = build(parameters, cell, arm, slips, episodes)
    rounds = options.planner.episodes
    data = simulate_handover(
        options,
        runs=1 if is_certain(cell, arm, slips) else parameters.runs,
        seed=parameters.seed,
        record="summary",
        burn_in=rounds - parameters.counted,
    )
    pay = float(data["average_additional_reward"].mean()) * rounds / max(arm.planned, 1)
    return data["outcome_frequency"], pay


def play(parameters: Parameters, cell: Cell) -> Measured:
    """Play all arms at all rates of slips, and measure and judge what is left."""
    cells: list[dict[str, Any]] = []
    verdicts = []
    kept = {}
    for slips in parameters.slips:
        without = None
        for arm in arms(parameters, cell.players):
            frequency, pay = outcomes(parameters, cell, arm, slips)
            left = left_of(frequency.values[:, 0], is_certain=is_certain(cell, arm, slips))
            without = without or left
            key = cell._asdict() | arm._asdict() | {"slips": slips}
            cells.append(key | _measured(left, without, arm, pay) | {"later": None})
            labels = Counter(labels_of(cell.game, frequency.values, parameters.counted))
            verdicts.append(key | _judged(labels))
            kept["/".join((f"{slips:g}", *map(str, arm)))] = frequency.values
    for slips in parameters.slips:
        helped = [found for found in cells if found["slips"] == slips and found["helps"]]
        without = _much_later(parameters, cell, NOBODY, slips) if helped else None
        lasting = set()
        for found in helped:
            arm = Arm(found["planner"], found["information"], found["planned"])
            if arm[:2] not in lasting:  # of each planner the fewest rounds that last are looked for
                found["later"] = _compared(_much_later(parameters, cell, arm, slips), without)
                lasting |= {arm[:2]} if found["later"]["helps"] else set()
    runs = max(map(len, kept.values()))
    padded = [np.pad(rows, ((0, runs - len(rows)), (0, 0)), constant_values=np.nan) for rows in kept.values()]
    data = xr.Dataset(
        {"outcome_frequency": (("arm", "run", "outcome"), np.stack(padded))},
        {"arm": list(kept), "outcome": ["CC", "CD", "DC", "DD"]},
    )
    return Measured(data=data, cells=cells, verdicts=verdicts)


def _measured(left: Left, without: Left, arm: Arm, pay: float) -> dict[str, Any]:
    by, low, high = difference(left, without)
    compared = arm.planner != NONE
    return {
        "quantity": "joint_cooperation",
        "mean": left.mean,
        "interval": [left.low, left.high],
        "runs": left.runs,
        "additional_reward": pay,
        "without": without.mean,
        "difference_to_none": by if compared else None,
        "difference_interval": [low, high] if compared else None,
        "helps": compared and low >= LEAST_HELP,
        "harms": compared and high <= -LEAST_HELP,
    }


def _judged(labels: Counter[str]) -> dict[str, Any]:
    return {
        "judged_in": "original",
        "labels": dict(labels.most_common()),
        "runs": labels.total(),
        "tolerance": LEARNED_TOLERANCE,
    }


def _much_later(parameters: Parameters, cell: Cell, arm: Arm, slips: float) -> Left:
    frequency, _ = outcomes(parameters, cell, arm, slips, parameters.later)
    return left_of(frequency.values[:, 0], is_certain=is_certain(cell, arm, slips))


def _compared(left: Left, without: Left | None) -> dict[str, Any]:
    """Return what is left of a planner's help."""
    assert without is not None
    by, low, high = difference(left, without)
    return {
        "mean": left.mean,
        "without": without.mean,
        "difference_to_none": by,
        "difference_interval": [low, high],
        "helps": low >= LEAST_HELP,
    }


def report(parameters: Parameters, done: Mapping[Cell, Measured]) -> Report:
    """Say who needs no planner, whom one helps for good, and how little of it is enough."""
    cells = [found for measured in done.values() for found in measured.cells]
    verdicts = [found for measured in done.values() for found in measured.verdicts]
    titles = titles_of(done)
    tables = []
    for game in titles:
        of_game = [found for found in cells if found["game"] == game]
        tables += [
            _left_table(parameters, of_game, titles[game], planner) for planner in (CLOSED_FORM, LEARNED)
        ]
        tables.append(_help_table(parameters, of_game, titles[game]))
        tables.append(_verdict_table(parameters, verdicts, game, titles[game]))
    return Report(
        cells=cells,
        verdicts=verdicts,
        finding=" ".join(_finding(parameters, cells, game, title) for game, title in titles.items()),
        tables=[table for table in tables if table.rows],
        make_pictures=partial(_pictures, parameters, cells, titles),
    )


def _left_table(parameters: Parameters, cells: list[dict[str, Any]], title: str, planner: str) -> Table:
    """Return P(C,C) without a planner and after the longest of one kind, by the rate of slips."""
    longest = parameters.planned_rounds[-1]
    rows = []
    for players, prior in dict.fromkeys((c["players"], c["prior"]) for c in cells if c["planner"] == planner):
        arm = Arm(planner, PLAYERS[players].information[0], longest)
        found = [_one(cells, players, prior, slips, arm) for slips in parameters.slips]
        entries = (f"{_percent(c['without'])}→{_percent(c['mean'])}" if c else "–" for c in found)
        rows.append((players, prior, *entries))
    return Table(
        f"{title}: P(C,C) in %, without a planner → after {longest} rounds ({planner})",
        ("players", "prior", *(f"{slips:g}" for slips in parameters.slips)),
        rows,
        "By the probability of slips; mean over runs, rounds "
        f"{parameters.episodes - parameters.counted + 1} to {parameters.episodes} after the planner has gone. Wary "
        "players expect defection and have just met it. Learners only get what is paid, others are informed of it.",
    )


def _percent(share: float) -> str:
    return f"{100.0 * share:.0f}"


def _one(
    cells: list[dict[str, Any]], players: str, prior: str, slips: float, arm: Arm
) -> dict[str, Any] | None:
    wanted = {"players": players, "prior": prior, "slips": slips, **arm._asdict()}
    return next((c for c in cells if all(c[key] == value for key, value in wanted.items())), None)


def _smallest(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return for each kind of players, prior and rate of slips the planner of fewest rounds that helps for good."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for cell in cells:
        key = cell["players"], cell["prior"], cell["slips"]
        lasts = cell["later"] is not None and cell["later"]["helps"]
        if lasts and (key not in found or cell["planned"] < found[key]["planned"]):
            found[key] = cell
    return list(found.values())


def _help_table(parameters: Parameters, cells: list[dict[str, Any]], title: str) -> Table:
    rows = []
    for cell in _smallest(cells):
        low, high = cell["difference_interval"]
        interval = f"{100.0 * low:+.0f} to {100.0 * high:+.0f}" if low < high else f"{100.0 * low:+.0f}"
        rows.append(
            (
                cell["players"],
                cell["prior"],
                f"{cell['slips']:g}",
                f"{cell['planned']}",
                cell["planner"].split()[0],
                interval,
                f"{100.0 * cell['later']['difference_to_none']:+.0f}",
            )
        )
    return Table(
        f"{title}: whom a planner helps for good, and the fewest rounds of one that do",
        ("players", "prior", "slips", "rounds", "planner", "interval", "later"),
        rows,
        "Interval: of the difference of P(C,C) to no planner, in points of %, 95%; a point where runs cannot differ "
        f"and one was played. A planner helps if it lies above {100.0 * LEAST_HELP:g}, for good if it still does in "
        f"the last {parameters.counted} of {parameters.later} rounds without it (later: the difference then).",
    )


def _verdict_table(parameters: Parameters, verdicts: list[dict[str, Any]], game: str, title: str) -> Table:
    slips = parameters.slips[len(parameters.slips) // 2]
    longest = parameters.planned_rounds[-1]
    rows: list[tuple[Entry, ...]] = []
    for found in verdicts:
        is_longest = (found["planner"], found["planned"]) in ((NONE, 0), (CLOSED_FORM, longest))
        if (found["game"], found["slips"], found["prior"]) == (game, slips, WARY) and is_longest:
            labels: Counter[str] = Counter()
            for label, runs in found["labels"].items():
                labels[label.split(", below")[0]] += runs
            lead = NONE if found["planner"] == NONE else found["information"]
            rows.append((found["players"], lead, counted_labels(labels)))
    return Table(
        f"{title}: verdicts on what each run ended in (slips {slips:g})",
        ("players", "planner", "runs × label"),
        rows,
        f"Of observed play of wary players, in the original game, without a planner and after {longest} "
        "rounds of the closed form. All arms are judged; their verdicts are in the stored result.",
    )


def _finding(parameters: Parameters, cells: list[dict[str, Any]], game: str, title: str) -> str:
    of_game = [cell for cell in cells if cell["game"] == game]
    sentences = []
    ledger = [cell for cell in of_game if cell["players"] == "ledger mirrors"]
    if ledger:
        without = [cell["mean"] for cell in ledger if cell["planner"] == NONE]
        needs = any(cell["helps"] for cell in ledger)
        sentences.append(
            f"{title}: ledger mirrors {'gain by a planner' if needs else 'need no planner'} (P(C,C) without one "
            f"{min(without):.2f} to {max(without):.2f}, whatever they expect and however often actions slip)."
        )
    helped = _smallest(of_game)
    names = dict.fromkeys(cell["players"] for cell in helped)
    parts = []
    for players in names:
        of_it = [cell for cell in helped if cell["players"] == players]
        rates = ", ".join(f"{slips:g}" for slips in sorted({cell["slips"] for cell in of_it}))
        fewest = min(cell["planned"] for cell in of_it)
        parts.append(f"{players} (from {fewest} {'round' if fewest == 1 else 'rounds'} on; slips {rates})")
    never = [
        players for players in dict.fromkeys(cell["players"] for cell in of_game) if players not in names
    ]
    sentences.append(f"A planner helps for good: {'; '.join(parts) or 'nobody'}.")
    sentences.append(f"It does not help for good: {', '.join(never) or 'none of them'}.")
    passing = dict.fromkeys(
        cell["players"] for cell in of_game if cell["players"] in never and cell["later"] is not None
    )
    if passing:
        sentences.append(
            f"What it leaves to {', '.join(passing)} is gone, or no more than without it, after "
            f"{parameters.later} rounds."
        )
    return " ".join(sentences)


def _pictures(
    parameters: Parameters, cells: list[dict[str, Any]], titles: Mapping[str, str]
) -> list[Picture]:
    from scenarios.pictures.handover import draw_differences, draw_what_is_left

    pictures = []
    for game, title in titles.items():
        of_game = [cell for cell in cells if cell["game"] == game]
        pictures.append(Picture(f"{game}-handover", partial(draw_what_is_left, title, of_game)))
        pictures.append(
            Picture(
                f"{game}-handover-differences",
                partial(draw_differences, title, of_game, parameters.planned_rounds[-1]),
            )
        )
    return pictures


SCENARIO = Scenario(
    name="planner-handover",
    Parameters=Parameters,
    cells=lambda parameters: [
        Cell(game, players, prior) for game in parameters.games for players in PLAYERS for prior in PRIORS
    ],
    build=build,
    play=play,
    report=report,
    keys={
        "planner": "who leads at first",
        "players": "who is led",
        "prior": "what they expect at first: `default`, or `wary`: defection, and they have just met it",
        "information": "whether they read what is announced (`informed`), or only get it (`paid`)",
        "planned": "rounds in which the planner acts",
        "slips": "probability with which an action is swapped",
        "additional_reward": "what the planner gives, absolute, a round of its time",
        "without": "the mean without a planner",
        "difference_to_none": "mean less that without a planner; `difference_interval`: 95%",
        "difference_interval": "see `difference_to_none`",
        "helps": f"whether that interval lies above {LEAST_HELP:g}; `harms`: below its negative",
        "harms": "see `helps`",
        "later": "the same after many more rounds, of each planner that helped up to the fewest rounds that still do",
    },
)
