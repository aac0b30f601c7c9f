"""The literal mirror against everyone, beside the binary rules: the experiment of thesis section 5.4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import xarray as xr

from scenarios.frame.results import Picture
from scenarios.frame.scenario import Measured, Report, RunParameters, Scenario
from scenarios.gradual.cast import (
    BINARY,
    GAMES,
    LEARNERS,
    LITERAL,
    PLAYERS,
    column_players,
    row_players,
    stage_game,
)
from scenarios.gradual.duel_report import (
    duel_tables,
    figure_table,
    finding,
    summary_table,
    variants_table,
    verdict_table,
)
from scenarios.gradual.figures import KEYS_OF_FIGURES, TARGETS, measured_figure
from scenarios.gradual.measures import KEYS_OF_DUELS, duel_measures
from scenarios.gradual.verdicts import facts_of, three_verdicts
from simulation.engine.randomness import whole_number
from simulation.gradual.duels import play_duels
from simulation.gradual.players import DuelPlayer
from theory.checks import known_name

NAME = "gradual-tft-duels"
QUICK_GAMES = ("donation", "prisoners-dilemma", "chicken")
CONDITIONS = {"no noise": 0.0, "5% noise": 0.05, "wrong model": 0.0}


@dataclass(frozen=True, kw_only=True)
class Parameters(RunParameters):
    """Only the number of runs and the seed are worth changing."""

    rounds: int = 1000
    """Of a duel; means are over the rounds from `burn_in` on."""
    burn_in: int = 100
    """Rounds at the beginning of a duel that do not count."""
    learning_rounds: int = 6000
    """Of a duel with a learner; means are over the last sixth."""
    games: tuple[str, ...] = tuple(GAMES)
    """Games that are played."""
    players: tuple[str, ...] = PLAYERS
    """Those whose performance is measured, where a game and a condition have them."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for game in self.games:
            known_name("game", game, tuple(GAMES))
        for player in self.players:
            known_name("player", player, PLAYERS)
        whole_number("rounds", self.rounds, at_least=501)
        whole_number("learning_rounds", self.learning_rounds, at_least=6)

    def quick(self) -> Parameters:
        """Return the parameters of a short look: two runs, less time for learners, three of the games."""
        return replace(
            self,
            runs=min(self.runs, 2),
            learning_rounds=min(self.learning_rounds, 1200),
            games=tuple(game for game in self.games if game in QUICK_GAMES) or self.games,
        )


@dataclass(frozen=True)
class Figure:
    """One of the figures by which the literal mirror is held."""

    figure: str
    noise: float


@dataclass(frozen=True)
class Duel:
    """Two players in a game, under a condition."""

    game: str
    condition: str
    player: str
    opponent: str


Cell = Figure | Duel


def cells_of(parameters: Parameters) -> list[Cell]:
    """Return the figures, then everybody against all opponents in every game and condition."""
    cells: list[Cell] = [Figure(figure, noise) for figure, noise in TARGETS]
    for game in parameters.games:
        for condition in CONDITIONS:
            wrong = condition == "wrong model"
            for name in row_players(game, wrong_model=wrong):
                if name in parameters.players:
                    opponents = column_players(game, name, wrong_model=wrong)
                    cells += [Duel(game, condition, name, opponent) for opponent in opponents]
    return cells


def group(cell: Cell) -> str:
    """Return the name of a cell's group in the stored file."""
    if isinstance(cell, Figure):
        return f"figures/{cell.figure}/noise-{cell.noise:g}"
    parts = (cell.game, cell.condition, cell.player, cell.opponent)
    return "/".join(part.replace(" ", "-") for part in parts)


def build(parameters: Parameters, cell: Cell) -> tuple[DuelPlayer, DuelPlayer] | None:
    """Return the two players of a duel; figures have players of their own."""
    if isinstance(cell, Figure):
        return None
    wrong = cell.condition == "wrong model"
    player = row_players(cell.game, wrong_model=wrong)[cell.player]
    return player, column_players(cell.game, cell.player, wrong_model=wrong)[cell.opponent]


def play(parameters: Parameters, cell: Cell) -> Measured:
    """Measure a figure, or play a duel, measure and judge it."""
    if isinstance(cell, Figure):
        runs = max(parameters.runs, 2) * 10
        return Measured(cells=[measured_figure(cell.figure, cell.noise, runs=runs, seed=parameters.seed)])
    players = build(parameters, cell)
    assert players is not None
    learning = cell.opponent in LEARNERS
    rounds = parameters.learning_rounds if learning else parameters.rounds
    burn_in = rounds - rounds // 6 if learning else parameters.burn_in
    game, where = stage_game(cell.game), vars(cell)
    data = play_duels(
        *players,
        game=game,
        rounds=rounds,
        runs=parameters.runs,
        seed=parameters.seed,
        noise=CONDITIONS[cell.condition],
        burn_in=burn_in,
        workers=1,
    )
    facts = facts_of(game)
    is_kept = cell.player in (LITERAL, BINARY) and cell.game == "donation"
    return Measured(
        data=data.isel(round=slice(0, parameters.rounds)) if is_kept else None,
        cells=[where | duel_measures(facts, data, burn_in)],
        verdicts=[where | verdict for verdict in three_verdicts(facts, data, players, burn_in)],
    )


def report(parameters: Parameters, done: Mapping[Cell, Measured]) -> Report:
    """Compare the literal mirror with its figures and with the binary rules."""
    figures = [cell for of, found in done.items() if isinstance(of, Figure) for cell in found.cells]
    cells = [cell for of, found in done.items() if isinstance(of, Duel) for cell in found.cells]
    verdicts = [verdict for found in done.values() for verdict in found.verdicts]
    kept = {of: found.data for of, found in done.items() if isinstance(of, Duel) and found.data is not None}
    conditions = tuple(CONDITIONS)
    return Report(
        cells=[*figures, *cells],
        verdicts=verdicts,
        finding=finding(figures, cells, verdicts),
        tables=[
            figure_table(figures),
            *duel_tables(cells, verdicts, conditions),
            summary_table(cells, conditions),
            variants_table(cells),
            verdict_table(verdicts),
        ],
        make_pictures=partial(_pictures, kept, cells),
    )


def _pictures(kept: Mapping[Duel, xr.Dataset], cells: list[dict[str, Any]]) -> list[Picture]:
    from scenarios.pictures.gradual import (
        draw_beliefs,
        draw_outcomes,
        draw_payoff_table,
        draw_surface_with_paths,
    )

    pictures = []
    for condition in ("no noise", "5% noise"):
        stem = condition.replace(" ", "-").replace("%", "-percent")
        of_mirror = {
            duel.opponent: data
            for duel, data in kept.items()
            if (duel.game, duel.condition, duel.player) == ("donation", condition, LITERAL)
        }
        if of_mirror:
            pictures.append(Picture(f"beliefs-{stem}", partial(draw_beliefs, of_mirror, condition)))
        here = [c for c in cells if c["game"] == "donation" and c["condition"] == condition]
        if here:
            game = stage_game("donation")
            pictures.append(Picture(f"payoffs-{stem}", partial(draw_payoff_table, here, condition)))
            pictures.append(Picture(f"payoff-space-{stem}", partial(draw_outcomes, game, here, condition)))
        if of_mirror and condition == "no noise":
            pictures.append(
                Picture(
                    "surface-with-paths", partial(draw_surface_with_paths, stage_game("donation"), of_mirror)
                )
            )
    return pictures


KEYS = KEYS_OF_FIGURES | KEYS_OF_DUELS

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
