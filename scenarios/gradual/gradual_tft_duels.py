"""Gradual Tit-for-Tat against everyone, beside contrite Tit-for-Tat and others: the experiment of thesis 5.4."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from scenarios.frame.ensembles import ENSEMBLES
from scenarios.frame.scenario import Measured, Report, RunParameters, Scenario
from scenarios.gradual.duel_cast import (
    COMPARED,
    DEFECTOR,
    GAMES,
    GRADED,
    GRADUAL,
    OPPONENTS,
    RULES,
    STARTS,
    stage_game,
)
from scenarios.gradual.duel_play import (
    Duels,
    Errors,
    Terms,
    bounds_of,
    duel,
    games_of,
    measured,
    recovers,
    verdicts_on,
)
from scenarios.gradual.duel_report import KEYS, reported
from simulation.engine.randomness import whole_number
from simulation.gradual.players import DuelPlayer
from simulation.gradual.unsafe_mirror import UnsafeMirrorWarning
from theory import Game
from theory.checks import FloatArray, known_name, number_within

NAME = "gradual-tft-duels"
QUICK_GAMES = ("prisoners-dilemma", GRADED)
QUICK_SIZE = 2

SELF_PLAY, AGAINST, SLIP, LOSS = "self-play", "against", "one-slip", "defector"
ENSEMBLE, ENSEMBLE_AGAINST = "ensemble", "ensemble-against"


@dataclass(frozen=True, kw_only=True)
class Parameters(RunParameters):
    """Only the number of runs and the seed are worth changing."""

    runs: int = 100
    rounds: int = 1000
    """Of a duel; all of them count."""
    games: tuple[str, ...] = tuple(GAMES)
    """Named games that are played."""
    players: tuple[str, ...] = tuple(RULES)
    """Rules that are played."""
    noise: tuple[float, ...] = (0.0, 0.001, 0.005, 0.01, 0.05)
    """With which probabilities actions slip, in [0, 1]: each is swapped for another one."""
    misreading: float = 0.01
    """With which probability the other's action is misread, in [0, 1], where nothing slips."""
    ensembles: tuple[str, ...] = tuple(ENSEMBLES)
    """Kinds of random games that are played."""
    ensemble_seeds: tuple[int, ...] = (2026, 2027, 2028)
    """Each draws an ensemble of each kind."""
    dilemmas: int = 200
    """How many random dilemmas there are in an ensemble, at least 2; of other kinds there is a quarter of it."""
    ensemble_runs: int = 5
    """Runs of each random game: what differs from game to game is far more than what differs from run to run."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for kind, names, known in (
            ("game", self.games, GAMES), ("player", self.players, RULES), ("ensemble", self.ensembles, ENSEMBLES)
        ):  # fmt: skip
            for name in names:
                known_name(kind, name, tuple(known))
        for rate in self.noise:
            number_within("noise", rate, 0.0, 1.0)
        number_within("misreading", self.misreading, 0.0, 1.0)
        whole_number("rounds", self.rounds, at_least=1)
        whole_number("dilemmas", self.dilemmas, at_least=2)
        whole_number("ensemble_runs", self.ensemble_runs, at_least=1)

    def quick(self) -> Parameters:
        """Return the parameters of a short look: two runs, two named games, two random ones of each kind."""
        return replace(
            self,
            runs=min(self.runs, self.quick_runs),
            games=tuple(game for game in self.games if game in QUICK_GAMES) or self.games,
            ensemble_seeds=self.ensemble_seeds[:1],
            dilemmas=min(self.dilemmas, QUICK_SIZE),
            ensemble_runs=min(self.ensemble_runs, self.quick_runs),
        )

    @property
    def errors(self) -> tuple[Errors, ...]:
        """Slips, and misreading without them."""
        return (*(Errors(rate, 0.0) for rate in self.noise), Errors(0.0, self.misreading))

    @property
    def errors_against_all(self) -> tuple[Errors, ...]:
        """Those of duels with all opponents: the most of slips, the one before it, none, and misreading."""
        rates = tuple(dict.fromkeys((*self.noise[:1], *self.noise[-2:])))
        return (*(Errors(rate, 0.0) for rate in rates), Errors(0.0, self.misreading))

    def terms(self) -> Terms:
        """Return the terms on which named games are played."""
        return Terms(self.rounds, self.runs, self.seed)

    def size(self, ensemble: str) -> int:
        """Return how many games an ensemble has."""
        return self.dilemmas if ensemble == "dilemmas" else max(2, self.dilemmas // 4)


class Cell(NamedTuple):
    """What is measured of a rule in a game, or in an ensemble of games."""

    part: str
    game: str
    """A named game, or an ensemble and its seed, such as `dilemmas 2026`."""
    player: str


def cells_of(parameters: Parameters) -> list[Cell]:
    """Return what is measured in the named games, then in the ensembles."""
    named = [
        Cell(part, game, player)
        for part in (SELF_PLAY, AGAINST, SLIP, LOSS)
        for game in parameters.games
        for player in parameters.players
    ]
    drawn = [f"{kind} {seed}" for kind in parameters.ensembles for seed in parameters.ensemble_seeds]
    compared = [player for player in parameters.players if player in (GRADUAL, *COMPARED)]
    alone = [Cell(ENSEMBLE, game, player) for game in drawn for player in parameters.players]
    return named + alone + [Cell(ENSEMBLE_AGAINST, game, player) for game in drawn for player in compared]


def group(cell: Cell) -> str:
    """Return the name of a cell's group in the stored file."""
    return "/".join(part.replace(" ", "-") for part in cell)


def play(parameters: Parameters, cell: Cell) -> Measured:
    """Play a cell's duels, measure and judge each run."""
    with warnings.catch_warnings():
        # What becomes of the literal rule in games in which it is not safe is shown here on purpose.
        warnings.simplefilter("ignore", UnsafeMirrorWarning)
        return _PLAYS[cell.part](parameters, cell)


def _self_play(parameters: Parameters, cell: Cell) -> Measured:
    game, player = stage_game(cell.game), RULES[cell.player]
    places = [(start, errors) for start in STARTS for errors in parameters.errors]
    found = [
        duel(player, player, game, parameters.terms(), *place[::-1], every_round=True) for place in places
    ]
    where = [_where(cell, "itself", start, errors) for start, errors in places]
    names = [str(errors) for errors in parameters.errors]
    return _of_duels(game, found, where, {"start": list(STARTS), "errors": names})


def _against(parameters: Parameters, cell: Cell) -> Measured:
    game, player = stage_game(cell.game), RULES[cell.player]
    places = [(errors, name) for errors in parameters.errors_against_all for name in OPPONENTS]
    found = [
        duel(player, OPPONENTS[name], game, parameters.terms(), errors, "CC", every_round=True)
        for errors, name in places
    ]
    where = [_where(cell, name, "CC", errors) for errors, name in places]
    names = [str(errors) for errors in parameters.errors_against_all]
    return _of_duels(game, found, where, {"errors": names, "opponent": list(OPPONENTS)})


def _of_duels(
    game: Game, found: Sequence[Duels], where: Sequence[dict[str, Any]], along: dict[str, list[str]]
) -> Measured:
    """Measure and judge duels that were played along some dimensions, the last of which varies fastest."""
    parts = [measured(game, of_place) for of_place in found]
    shape = tuple(map(len, along.values()))
    arrays: dict[str, Any] = {
        key: ((*along, "run"), np.stack([part[key] for part in parts]).reshape(*shape, -1))
        for key in parts[0]
    }
    verdicts = verdicts_on(game, [of_place.frequency for of_place in found])
    return Measured(
        data=xr.Dataset(arrays, along),
        cells=[
            place | _summary(game, part, of_place.actions.shape[1])
            for place, part, of_place in zip(where, parts, found, strict=True)
        ],
        verdicts=[
            place | {"judged_in": "original"} | verdict
            for place, verdict in zip(where, verdicts, strict=True)
        ],
    )


def _one_slip(parameters: Parameters, cell: Cell) -> Measured:
    back = recovers(RULES[cell.player], stage_game(cell.game), parameters.terms())
    found = cell._asdict() | {"recovered": float(back.mean()), "runs": back.size}
    return Measured(cells=[found])


def _loss(parameters: Parameters, cell: Cell) -> Measured:
    game = stage_game(cell.game)
    terms = parameters.terms()._replace(rounds=2 * parameters.rounds)
    found = duel(RULES[cell.player], OPPONENTS[DEFECTOR], game, terms, Errors(0.0, 0.0), "CC")
    security, _, spread = bounds_of(game)
    loss = (security - found.payoff[:, 0]) / spread
    summary = {
        "loss_below_security": float(loss.mean()),
        "largest_loss": float(loss.max()),
        "runs": len(loss),
    }
    return Measured(cells=[cell._asdict() | summary])


def _ensemble(parameters: Parameters, cell: Cell) -> Measured:
    player, terms, payoffs, games = _drawn(parameters, cell)
    places = [(start, errors) for start in STARTS for errors in parameters.errors]
    payoff = np.empty((len(places), len(payoffs), terms.runs))
    frequency = np.empty((*payoff.shape, 2, 2))
    tensors = np.empty((len(payoffs), 2, 2, 2))
    for g, game in enumerate(games):
        tensors[g] = game.payoffs
        for k, (start, errors) in enumerate(places):
            found = duel(player, player, game, terms, errors, start)
            payoff[k, g], frequency[k, g] = found.payoff.mean(axis=1), found.frequency
    verdicts = [
        _where(cell, "itself", *place) | {"judged_in": "original"} | verdict
        for place, verdict in zip(places, verdicts_on(tensors, list(frequency)), strict=True)
    ]
    names = [str(errors) for errors in parameters.errors]
    by_place = payoff.reshape(len(STARTS), len(names), *payoff.shape[1:])
    arrays: dict[str, Any] = {
        "payoff": (("start", "errors", "game", "run"), by_place.astype(np.float32)),
        "game_payoffs": (("game", "payoff_name"), payoffs),
    }
    coordinates = {"start": list(STARTS), "errors": names, "payoff_name": list("TRPS")}
    return Measured(data=xr.Dataset(arrays, coordinates), verdicts=verdicts)


def _ensemble_against(parameters: Parameters, cell: Cell) -> Measured:
    player, terms, payoffs, games = _drawn(parameters, cell)
    chosen = (parameters.errors_against_all[0], parameters.errors_against_all[-2])
    payoff = np.empty((len(chosen), len(OPPONENTS), len(payoffs)))
    for g, game in enumerate(games):
        for k, errors in enumerate(chosen):
            for j, other in enumerate(OPPONENTS.values()):
                payoff[k, j, g] = duel(player, other, game, terms, errors, "CC").payoff[:, 0].mean()
    arrays: dict[str, Any] = {
        "payoff": (("errors", "opponent", "game"), payoff),
        "game_payoffs": (("game", "payoff_name"), payoffs),
    }
    names = [str(errors) for errors in chosen]
    coordinates = {"errors": names, "opponent": list(OPPONENTS), "payoff_name": list("TRPS")}
    return Measured(data=xr.Dataset(arrays, coordinates))


def _drawn(parameters: Parameters, cell: Cell) -> tuple[DuelPlayer, Terms, FloatArray, Iterable[Game]]:
    """Return who plays random games, on which terms, their payoffs and the games."""
    kind, seed = cell.game.split()
    terms = parameters.terms()._replace(runs=parameters.ensemble_runs)
    return RULES[cell.player], terms, *games_of(kind, parameters.size(kind), int(seed))


_PLAYS = {
    SELF_PLAY: _self_play,
    AGAINST: _against,
    SLIP: _one_slip,
    LOSS: _loss,
    ENSEMBLE: _ensemble,
    ENSEMBLE_AGAINST: _ensemble_against,
}


def _where(cell: Cell, opponent: str, start: str, errors: Errors) -> dict[str, Any]:
    return {**cell._asdict(), "opponent": opponent, "start": start, **errors._asdict()}


def _summary(game: Game, found: Mapping[str, FloatArray], rounds: int) -> dict[str, Any]:
    """Return the means over the runs of a duel."""
    security, reward, spread = bounds_of(game)
    own, other = ((found[key] - security) / (reward - security) for key in ("payoff", "partner_payoff"))
    return {
        "index": float(own.mean()),
        "partner_index": float(other.mean()),
        "cooperation": float(found["cooperation"].mean()),
        "loss_below_security": float(np.maximum(security - found["payoff"], 0.0).mean() / spread),
        "received": float(found["received"].sum()),
        "given": float(found["given"].sum()),
        "runs": len(own),
        "rounds": rounds,
    }


def report(parameters: Parameters, done: Mapping[Cell, Measured]) -> Report:
    """Say how the gradual rule fares beside contrite Tit-for-Tat, by which targets, and how runs are judged."""
    data = {tuple(cell): found.data for cell, found in done.items() if found.data is not None}
    cells = [cell for found in done.values() for cell in found.cells]
    verdicts = [verdict for found in done.values() for verdict in found.verdicts]
    return reported(cells, verdicts, data)


SCENARIO = Scenario(
    name=NAME, Parameters=Parameters, cells=cells_of, play=play, report=report, group=group, keys=KEYS
)
