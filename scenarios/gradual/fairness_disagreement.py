"""Two notions of fairness in an asymmetric game: does mirroring save what the binary rule loses?

Thesis sections 6.3.1 and 6.4.3: players who disagree about what is fair take the other's fair play for an offence.
Ledger mirrors do, with agreed plays by different notions, and literal mirrors; `ConcedingMirror` narrows the gap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from scenarios.frame.scenario import Measured, Report, RunParameters, Scenario
from scenarios.gradual.duel_cast import STARTS, start_in
from scenarios.gradual.fairness_cast import (
    CONCEDING,
    DEFECTOR,
    FORMS,
    ITSELF,
    LEDGER,
    RULES,
    UNMOVED,
    follower,
    insister,
)
from scenarios.gradual.fairness_report import (
    fair_table,
    finding,
    insisting_table,
    pair_table,
    pictures_of,
    summary_table,
)
from scenarios.gradual.measures import KEYS_OF_DUELS, duel_measures
from scenarios.gradual.verdicts import facts_of, judged, judged_as_correlated, three_verdicts
from simulation.engine.randomness import whole_number
from simulation.gradual.duels import play_duels
from simulation.gradual.graded_games import GradedGame, graded_donation_game
from simulation.gradual.players import DuelPlayer, LiteralMirror
from simulation.gradual.policies import Form
from theory.checks import FloatArray, known_name
from theory.verdicts.facts import GameFacts

NAME = "fairness-disagreement"
NOISES = (0.0, 0.05)
LEVELS = 21

# Runs of each duel whose rounds are stored.
KEPT_RUNS = 3
# How many notions a short look lets meet each other.
QUICK_NOTIONS = 2


@dataclass(frozen=True, kw_only=True)
class Parameters(RunParameters):
    """The two players' benefits make the game asymmetric."""

    quick_runs = 3

    runs: int = 20
    rounds: int = 1000
    """Of a duel, more than `burn_in`; means are over the rounds from `burn_in` on."""
    burn_in: int = 100
    """Rounds at the beginning of a duel that do not count."""
    benefits: tuple[float, float] = (3.0, 1.0)
    """What the other's full cooperation is worth to each player, positive."""
    costs: tuple[float, float] = (1.0, 1.0)
    """Twice what one's own full cooperation costs each player, positive."""
    interaction: float = 0.0
    """What joint full cooperation adds for both."""
    notions: tuple[Form, ...] = FORMS
    """Notions of fairness that meet each other."""
    rules: tuple[str, ...] = RULES
    """That the players follow."""
    start: str = "none"
    """What both take to have been played before the first round: CC, DD, CD, or `none`."""

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("rounds", self.rounds, at_least=self.burn_in + 1)
        for notion in self.notions:
            known_name("notion of fairness", notion, FORMS)
        for rule in self.rules:
            known_name("rule", rule, RULES)
        known_name("start", self.start, ("none", *STARTS))

    def quick(self) -> Parameters:
        """Return the parameters of a short look: three runs, the first two notions of fairness."""
        return replace(self, runs=min(self.runs, self.quick_runs), notions=self.notions[:QUICK_NOTIONS])

    @cached_property
    def game(self) -> GradedGame:
        """The asymmetric donation game."""
        return graded_donation_game(
            benefit=self.benefits, cost=self.costs, interaction=self.interaction, levels=LEVELS
        )

    @property
    def begun(self) -> tuple[int, int] | None:
        """The actions of the start."""
        return None if self.start == "none" else start_in(self.game, self.start)


class Cell(NamedTuple):
    """All duels in which a rule meets itself, by two notions, and a defector; or one that insists on its notion."""

    rule: str
    noise: float
    meets: str


class Meeting(NamedTuple):
    """Two players by their notions of fairness; at most one is the defector."""

    player_1: str
    player_2: str
    insists: int
    """Which of them never concedes: 1, 2, or 0 for neither."""


def cells_of(parameters: Parameters) -> list[Cell]:
    """Return every rule with itself, and the conceding one with those who insist, at every noise."""
    insisting = CONCEDING in parameters.rules and len(set(parameters.notions)) > 1
    return [Cell(rule, noise, ITSELF) for rule in parameters.rules for noise in NOISES] + [
        Cell(CONCEDING, noise, meets) for meets in (LEDGER, UNMOVED) for noise in NOISES if insisting
    ]


def meetings_of(parameters: Parameters, cell: Cell) -> list[Meeting]:
    """Return who meets whom: all pairs and each with the defector; with those who insist all pairs who differ."""
    notions = parameters.notions
    if cell.meets != ITSELF:
        return [
            Meeting(one, two, insists)
            for insists in (1, 2)
            for one in notions
            for two in notions
            if one != two
        ]
    seats = (*notions, DEFECTOR)
    return [Meeting(one, two, 0) for one in seats for two in seats if (one, two) != (DEFECTOR, DEFECTOR)]


def group(cell: Cell) -> str:
    """Return the name of a cell's group in the stored file."""
    return f"{cell.rule.replace(', ', '-')}/noise-{cell.noise:g}/{cell.meets}"


def build(parameters: Parameters, cell: Cell) -> list[tuple[Meeting, DuelPlayer, DuelPlayer]]:
    """Return the players of a cell's duels."""
    game = parameters.game

    def seated(meeting: Meeting, role: int) -> DuelPlayer:
        notion = (meeting.player_1, meeting.player_2)[role]
        if meeting.insists == role + 1:
            return insister(cell.meets, notion, game, role)  # type: ignore[arg-type]
        return follower(cell.rule, notion)

    return [(meeting, seated(meeting, 0), seated(meeting, 1)) for meeting in meetings_of(parameters, cell)]


def play(parameters: Parameters, cell: Cell) -> Measured:
    """Play duels, measure and judge them."""
    game, burn_in = parameters.game, parameters.burn_in
    facts = facts_of(game)
    kept: list[xr.Dataset] = []
    cells: list[dict[str, Any]] = []
    verdicts: list[dict[str, Any]] = []
    for meeting, *players in build(parameters, cell):
        data = play_duels(
            *players, game=game, rounds=parameters.rounds, runs=parameters.runs, seed=parameters.seed,
            noise=cell.noise, start=parameters.begun, burn_in=burn_in, workers=1,
        )  # fmt: skip
        where = cell._asdict() | meeting._asdict()
        kept.append(data[["level", "payoff"]].isel(run=slice(0, KEPT_RUNS)))
        cells.append(where | _measures(facts, data, burn_in))
        verdicts += [where | verdict for verdict in _verdicts(facts, data, (players[0], players[1]), burn_in)]
    return Measured(data=_stored(kept, cells), cells=cells, verdicts=verdicts)


def _stored(kept: list[xr.Dataset], cells: list[dict[str, Any]]) -> xr.Dataset:
    """Return the rounds of several duels as one dataset, which says of each who met whom."""
    dimensions = ("duel", "run", "round", "player")
    return xr.Dataset(
        {name: (dimensions, np.stack([data[name].values for data in kept])) for name in ("level", "payoff")},
        {"player": kept[0]["player"].values}
        | {name: ("duel", [cell[name] for cell in cells]) for name in Meeting._fields}
        | {name: ("duel", [data.attrs[name] for data in kept]) for name in ("first", "second")},
        {name: value for name, value in kept[0].attrs.items() if name not in ("first", "second")},
    )


def _verdicts(
    facts: GameFacts, data: xr.Dataset, players: tuple[DuelPlayer, DuelPlayer], burn_in: int
) -> Iterator[dict[str, Any]]:
    """Yield verdicts on each run; in the altruistic game, too, where alpha is a weight and not a level."""
    if any(isinstance(player, LiteralMirror) for player in players):
        yield from three_verdicts(facts, data, players, burn_in)
    else:
        yield {"judged_in": "original"} | judged(facts, data)
        yield {"judged_in": "correlated"} | judged_as_correlated(facts, data, burn_in)


def _measures(facts: GameFacts, data: xr.Dataset, burn_in: int) -> dict[str, Any]:
    payoffs = data["mean_payoff"].values
    lost = np.maximum(facts.security_levels - payoffs, 0.0).mean(axis=0) / facts.scale
    return duel_measures(facts, data, burn_in) | {
        "welfare_index_of_runs": _index(facts, payoffs).tolist(),
        "payoffs_of_runs": payoffs.tolist(),
        "partner_loss_below_security": float(lost[1]),
    }


def _index(facts: GameFacts, payoffs: FloatArray) -> FloatArray:
    return np.asarray((payoffs.sum(axis=1) - facts.welfare.lowest) / facts.welfare.spread)


def report(parameters: Parameters, done: Mapping[Cell, Measured]) -> Report:
    """Say what each rule saves where notions of fairness differ, and what a defector and who insists take."""
    cells = [cell for measured in done.values() for cell in measured.cells]
    verdicts = [verdict for measured in done.values() for verdict in measured.verdicts]
    game = parameters.game
    tables = [
        fair_table(game),
        summary_table(cells, verdicts),
        insisting_table(game, cells),
        pair_table(cells, verdicts),
    ]
    return Report(
        cells=cells,
        verdicts=verdicts,
        finding=finding(cells),
        tables=[table for table in tables if table.rows],
        make_pictures=partial(pictures_of, game, cells),
    )


KEYS = KEYS_OF_DUELS | {
    "rule": "that both players follow; the defector follows none, nor does who insists",
    "meets": "who the other is: `itself`, `insisting ledger` (gradual Tit-for-Tat) or `unmoved` (its own fair part)",
    "insists": "which player insists on its notion: 1, 2, or 0 for neither",
    "player_1": "the first player's notion of fairness, or `defector`; `player_2` likewise",
    "player_2": "see `player_1`",
    "welfare_index_of_runs": "the welfare index of each run",
    "payoffs_of_runs": "mean payoff of each player, run by run",
    "partner_loss_below_security": "`loss_below_security` of the second player",
}

SCENARIO = Scenario(
    name=NAME,
    Parameters=Parameters,
    cells=cells_of,
    build=build,
    play=play,
    report=report,
    group=group,
    keys=KEYS,
)
