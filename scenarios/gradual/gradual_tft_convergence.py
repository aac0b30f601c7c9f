"""Where do two gradual Tit-for-Tat rest, beside what theory says: ledgers, literal mirrors, groups? (thesis 5.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import xarray as xr

from scenarios.frame.results import Picture
from scenarios.frame.scenario import Measured, Report, RunParameters, Scenario
from scenarios.gradual.groups import (
    ALL_groups,
    KEYS_OF_groups,
    beside_table,
    group_finding,
    group_parameters,
    group_table,
    groups,
    play_group,
)
from scenarios.gradual.ledger_rest import ENSEMBLE, LEDGER_GAMES, play_dilemmas, play_ledgers
from scenarios.gradual.ledger_rest_report import KEYS_OF_LEDGERS, answer_table, ledger_finding, ledger_table
from scenarios.gradual.mirror_pairs import (
    GENEROSITIES,
    KEYS_OF_PAIRS,
    NOISES,
    PAIR_GAMES,
    Pair,
    mirrors_of,
    pair_finding,
    pair_table,
    pair_verdicts,
    play_pair,
)
from simulation.engine.randomness import whole_number
from theory.checks import known_name

NAME = "gradual-tft-convergence"
# What a short look leaves of two ledgers, of pairs of literal mirrors, and of groups.
QUICK_LEDGERS = ("prisoners-dilemma", "stag-hunt", "donation", "donation, continuous")
QUICK_GAMES = ("prisoners-dilemma", "chicken", "stag-hunt", "donation", "donation, continuous")
QUICK_groups = ("2 mirrors", "3 mirrors", "2 mirrors, 1 defector", "19 mirrors, 1 defector",
                "3 ledgers", "2 ledgers, 1 defector")  # fmt: skip
QUICK_SIZE = 3


@dataclass(frozen=True, kw_only=True)
class Parameters(RunParameters):
    """Only the number of runs and the seed are worth changing."""

    runs: int = 20
    rounds: int = 1000
    """Of a duel or a group, at least 20; what counts is their second half."""
    ledgers: tuple[str, ...] = LEDGER_GAMES
    """Games of two ledgers."""
    ensemble_seeds: tuple[int, ...] = (2026, 2027, 2028)
    """Each draws an ensemble of random dilemmas, which two ledgers play."""
    dilemmas: int = 50
    """How many there are in an ensemble, at least 2."""
    ensemble_runs: int = 5
    """Runs of each random dilemma."""
    games: tuple[str, ...] = PAIR_GAMES
    """Of pairs of literal mirrors."""
    groups: tuple[str, ...] = ALL_groups
    """Of more players, in the public good: literal mirrors, and ledgers."""

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("rounds", self.rounds, at_least=20)
        whole_number("dilemmas", self.dilemmas, at_least=2)
        whole_number("ensemble_runs", self.ensemble_runs, at_least=1)
        for kind, names, known in (
            ("game", self.ledgers, LEDGER_GAMES), ("game", self.games, PAIR_GAMES), ("group", self.groups, ALL_groups)
        ):  # fmt: skip
            for name in names:
                known_name(kind, name, known)

    def quick(self) -> Parameters:
        """Return the parameters of a short look: two runs, few games, groups and random dilemmas."""
        return replace(
            self,
            runs=min(self.runs, self.quick_runs),
            ledgers=tuple(game for game in self.ledgers if game in QUICK_LEDGERS) or self.ledgers,
            games=tuple(game for game in self.games if game in QUICK_GAMES) or self.games,
            groups=tuple(group for group in self.groups if group in QUICK_groups) or self.groups,
            ensemble_seeds=self.ensemble_seeds[:1],
            dilemmas=min(self.dilemmas, QUICK_SIZE),
            ensemble_runs=min(self.ensemble_runs, self.quick_runs),
        )


@dataclass(frozen=True)
class Ledgers:
    """Two ledgers in a named game."""

    game: str


@dataclass(frozen=True)
class Dilemmas:
    """Two ledgers in the random dilemmas of a seed."""

    seed: int


@dataclass(frozen=True)
class Group:
    """A group in the public good."""

    group: str
    noise: float


Cell = Ledgers | Dilemmas | Pair | Group


def cells_of(parameters: Parameters) -> list[Cell]:
    """Return two ledgers in every game, pairs of literal mirrors at every noise and pair of generosities, groups."""
    pairs = [
        Pair(game, noise, pair) for game in parameters.games for noise in NOISES for pair in GENEROSITIES
    ]
    return [
        *map(Ledgers, parameters.ledgers),
        *map(Dilemmas, parameters.ensemble_seeds),
        *pairs,
        *(Group(group, noise) for group in parameters.groups for noise in NOISES[:2]),
    ]


def group_of_cell(cell: Cell) -> str:
    """Return the name of a cell's group in the stored file."""
    match cell:
        case Ledgers(game):
            return f"ledgers/{game}"
        case Dilemmas(seed):
            return f"ledgers/{ENSEMBLE}-{seed}"
        case Group(group, noise):
            return f"groups/{group}/noise-{noise:g}"
    return f"{cell.game}/noise-{cell.noise:g}/epsilon{cell.epsilon[0]:+g}{cell.epsilon[1]:+g}"


def build(parameters: Parameters, cell: Cell) -> object:
    """Return who plays: the mirrors of a pair, or the parameters of a group; of ledgers all is checked already."""
    match cell:
        case Group(group, noise):
            return group_parameters(group, noise=noise, rounds=parameters.rounds)
        case Pair():
            return mirrors_of(cell)
    return None


def play(parameters: Parameters, cell: Cell) -> Measured:
    """Play, measure and judge a cell."""
    terms: dict[str, Any] = {"runs": parameters.runs, "seed": parameters.seed}
    match cell:
        case Ledgers(game):
            return play_ledgers(game, rounds=parameters.rounds, **terms)
        case Dilemmas(seed):
            terms["runs"] = parameters.ensemble_runs
            return play_dilemmas(seed, parameters.dilemmas, rounds=parameters.rounds, **terms)
        case Group(group, noise):
            options = group_parameters(group, noise=noise, rounds=parameters.rounds)
            return play_group({"group": group, "noise": noise}, options, **terms)
    return play_pair(cell, rounds=parameters.rounds, **terms)


def report(parameters: Parameters, done: Mapping[Cell, Measured]) -> Report:
    """Say where two ledgers rest, then compare pairs and groups of literal mirrors with what theory foretells."""
    cells, verdicts = {}, {}
    for kind, of in (("ledgers", (Ledgers, Dilemmas)), ("pairs", Pair), ("groups", Group)):
        found = [measured for cell, measured in done.items() if isinstance(cell, of)]
        cells[kind] = [cell for measured in found for cell in measured.cells]
        verdicts[kind] = [verdict for measured in found for verdict in measured.verdicts]
    literal = [cell for cell in cells["groups"] if cell["group"] in groups]
    sentences = (
        ledger_finding(cells["ledgers"]),
        pair_finding(cells["pairs"]),
        pair_verdicts(verdicts["pairs"]),
        group_finding(literal),
    )
    tables = [
        answer_table(cells["ledgers"]),
        ledger_table(cells["ledgers"], verdicts["ledgers"]),
        pair_table(cells["pairs"]),
        group_table(literal, verdicts["groups"]),
        beside_table(cells["groups"], verdicts["groups"]),
    ]
    return Report(
        cells=[cell for found in cells.values() for cell in found],
        verdicts=[verdict for found in verdicts.values() for verdict in found],
        finding=" ".join(text for text in sentences if text),
        tables=[table for table in tables if table.rows],
        make_pictures=partial(_pictures, done, cells["ledgers"], literal),
    )


def _pictures(
    done: Mapping[Cell, Measured], ledgers: list[dict[str, Any]], groups: list[dict[str, Any]]
) -> list[Picture]:
    from scenarios.pictures.gradual import draw_convergence, draw_groups, draw_ledgers

    pictures = [Picture("two-ledgers", partial(draw_ledgers, ledgers))] if ledgers else []
    pictures += [Picture("groups", partial(draw_groups, groups))] if groups else []
    for noise in NOISES:
        runs: dict[str, xr.Dataset] = {}
        for game in PAIR_GAMES:
            found = done.get(Pair(game, noise, GENEROSITIES[0]))
            if found is not None and found.data is not None:
                runs[game] = found.data
        if runs:
            pictures.append(
                Picture(f"convergence-noise-{100 * noise:.0f}", partial(draw_convergence, runs, noise))
            )
    return pictures


SCENARIO = Scenario(
    name=NAME,
    Parameters=Parameters,
    cells=cells_of,
    build=build,
    play=play,
    report=report,
    group=group_of_cell,
    keys=KEYS_OF_LEDGERS | KEYS_OF_groups | KEYS_OF_PAIRS,
)
