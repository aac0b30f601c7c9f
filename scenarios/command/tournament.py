"""What `commonweal tournament` does: a round robin among strategies by name, as a result like any scenario's."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import xarray as xr

from scenarios.command.export import write_pairs, write_standings
from scenarios.command.tournament_tables import standings_table, tournament_to_dict
from scenarios.frame.results import Picture, Result
from scenarios.frame.scenario import Keep, Progress, keep_nothing, silent
from scenarios.tournaments.verdict import equilibrium_table, judged, stable_in_words
from simulation import round_robin, strategy
from simulation.engine.randomness import whole_number
from simulation.matches.runs import refuse_many_matches
from simulation.matches.terms import as_field, checked_terms
from simulation.tournaments.pairings import pairings
from theory import Game
from theory.checks import seed_number

NAME = "tournament"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a tournament is played; `simulation.round_robin` states the bounds."""

    strategies: tuple[str, ...]
    turns: int | None = 200
    repetitions: int = 10
    noise: float = 0.0
    prob_end: float | None = None
    self_play: bool = True
    seed: int = 0


def check(game: Game, settings: Settings) -> None:
    """Raise ValueError with the rule that a tournament would violate, before anything is played or drawn."""
    field = as_field(settings.strategies)
    turns = settings.turns if settings.prob_end is None else None
    checked_terms(game, turns, noise=settings.noise, prob_end=settings.prob_end)
    whole_number("repetitions", settings.repetitions, at_least=1)
    seed_number("seed", settings.seed)
    pairs = pairings(field, None, self_play=settings.self_play, both_ways=not game.is_symmetric)
    refuse_many_matches(len(pairs), settings.repetitions)


def parameters_of(game: Game, settings: Settings) -> dict[str, Any]:
    """Return how a tournament is played, as it is stored."""
    return asdict(settings) | {"game": game.title or game.payoffs.tolist()}


def run(game: Game, settings: Settings, progress: Progress = silent, keep: Keep = keep_nothing) -> Result:
    """Play, rank and judge."""
    started = time.perf_counter()
    players = [strategy(name) for name in settings.strategies]
    data = xr.Dataset()
    for _ in progress(["round robin"], total=1):
        data = round_robin(
            players,
            game=game,
            turns=settings.turns if settings.prob_end is None else None,
            repetitions=settings.repetitions,
            noise=settings.noise,
            prob_end=settings.prob_end,
            self_play=settings.self_play,
            seed=settings.seed,
        )
        keep(NAME, data)
    condition = {"condition": f"noise {settings.noise:g}"}
    # Without self-play the strategies' game among themselves is not known on its diagonal.
    verdicts = [condition | judged(data)] if settings.self_play else []
    played = tournament_to_dict(data)
    return Result(
        scenario=NAME,
        parameters=parameters_of(game, settings),
        seconds=time.perf_counter() - started,
        complete=True,
        cells=played["standings"],
        verdicts=verdicts,
        finding=_finding(played["standings"], verdicts),
        tables=[standings_table(data)] + ([equilibrium_table(verdicts)] if verdicts else []),
        make_pictures=partial(_pictures, data),
        data=xr.DataTree.from_dict({NAME: data}),
    )


def write_tables(result: Result, folder: Path) -> None:
    """Write standings and pairs of a tournament as tables for other people's tools."""
    data = result.data[NAME].to_dataset()
    write_standings(data, folder / "standings.csv")
    write_pairs(data, folder / "pairs.csv")


def _finding(standings: Sequence[dict[str, Any]], verdicts: Sequence[dict[str, Any]]) -> str:
    first = standings[0]
    text = f"{first['strategy']} has the best score of {len(standings)}, {first['score']:.3f} a turn."
    for verdict in verdicts:
        found = len(verdict["equilibria"])
        text += f" Of {found} equilibria among the strategies {stable_in_words(verdict)} are evolutionarily stable."
    return text


def _pictures(data: xr.Dataset) -> list[Picture]:
    from scenarios.frame.look import figure_of
    from scenarios.pictures.tournament import draw_payoff_heat_map, draw_ranks, draw_score_boxes

    drawings = {"payoffs": draw_payoff_heat_map, "scores": draw_score_boxes, "ranks": draw_ranks}
    return [Picture(name, partial(figure_of, draw, data)) for name, draw in drawings.items()]
