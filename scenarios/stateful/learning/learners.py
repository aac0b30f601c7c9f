"""Whom is it best to learn as? Learners by gradients, all against all, in repeated 2x2 games.

Two who remember one round learn together (as `classic-learners` has it); what they come to is judged in the repeated
game, run by run. Then the choice of a learner is a game itself, whose payoffs are those that were measured.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations_with_replacement
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from scenarios.frame.ensembles import ENSEMBLES, random_payoffs
from scenarios.frame.results import Picture
from scenarios.frame.scenario import Measured, Report, RunParameters, Scenario
from scenarios.frame.verdicts import LEARNED_TOLERANCE
from scenarios.stateful.learning.learners_report import (
    NAMES,
    TITLES,
    finding,
    payoff_table,
    random_table,
    verdict_table,
)
from scenarios.stateful.learning.trials import strategies_of_pair
from scenarios.tournaments.verdict import KEYS_OF_VERDICTS, basin_table, equilibrium_table
from simulation.engine.randomness import run_generator
from simulation.markov_games.learners.climbing import climb_together
from simulation.markov_games.learners.lola import Lola
from simulation.markov_games.learners.look_ahead import LookAhead
from simulation.markov_games.learners.naive import NaiveLearner
from simulation.markov_games.learners.natural_gradient import NaturalGradient
from simulation.markov_games.learners.shaping import GradientLearner
from simulation.markov_games.learners.stable_opponent_shaping import StableOpponentShaping
from simulation.tournaments.verdict import symmetric_errors
from theory import Game, judge_machines, named_game, pareto_slack
from theory.checks import FloatArray, known_name, number_within, whole_number
from theory.resolution import TIE
from theory.statistics import mean_interval
from theory.verdicts.meta_game import MetaVerdict, judge_meta_game

LEARNERS: Mapping[str, GradientLearner] = {
    "naive": NaiveLearner(),
    "natural": NaturalGradient(),
    "look-ahead": LookAhead(),
    "lola": Lola(),
    "sos": StableOpponentShaping(),
}
GAMES = ("prisoners-dilemma", "chicken", "stag-hunt")

# From the least to the largest payoff of a random game.
RANGE = 4.0

# Of the error of measured payoffs.
ERROR_DRAWS = 500


@dataclass(frozen=True, kw_only=True)
class Parameters(RunParameters):
    """How long pairs learn; figures on the page are those of the defaults."""

    quick_runs = 5

    runs: int = 100
    games: tuple[str, ...] = GAMES
    """Named games of two players with two actions each, the same for both."""
    learners: tuple[str, ...] = tuple(LEARNERS)
    """Who meets whom: at least two."""
    updates: int = 400
    """How often both learn."""
    discount: float = 0.96
    """Of the repeated game, in [0, 1)."""
    deviation: float = 1.0
    """Standard deviation of the log-odds that all begin with, at least 0."""
    random_games: int = 10
    """Random games of each kind (dilemmas, Chickens, Stag Hunts); 0: none."""
    random_runs: int = 10
    """Of each pair in each of them, at least 2."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for game in self.games:
            known_name("game", game, GAMES)
        for learner in self.learners:
            known_name("learner", learner, tuple(LEARNERS))
        if len(set(self.learners)) != len(self.learners) or len(self.learners) < 2:
            raise ValueError(f"learners must be at least two different ones, got {self.learners}")
        whole_number("updates", self.updates, at_least=1)
        number_within("discount", self.discount, 0.0, 0.9999)
        number_within("deviation", self.deviation, 0.0, 1e9)
        whole_number("random_games", self.random_games, at_least=0)
        whole_number("random_runs", self.random_runs, at_least=2)

    def quick(self) -> Parameters:
        """Return the parameters of a short look: few runs of few updates, and no random games."""
        return replace(
            self, runs=min(self.runs, self.quick_runs), updates=min(self.updates, 100), random_games=0
        )


class Cell(NamedTuple):
    """A pair of learners in a named game, or all pairs in random games of one kind."""

    game: str
    learner: str
    opponent: str


ALL = "all"


def cells_of(parameters: Parameters) -> list[Cell]:
    """Return the pairs, game by game, and the kinds of random games."""
    pairs = list(combinations_with_replacement(parameters.learners, 2))
    named = [Cell(game, *pair) for game in parameters.games for pair in pairs]
    return named + [Cell(kind, ALL, ALL) for kind in ENSEMBLES if parameters.random_games]


def play(parameters: Parameters, cell: Cell) -> Measured:
    """Let a pair learn in a named game and judge each run; or all pairs in random games."""
    if cell.learner == ALL:
        return _play_random(parameters, cell.game)
    game = named_game(cell.game)
    data = _met(parameters, game, cell.learner, cell.opponent, parameters.runs)
    data["both_cooperate"] = ("run", _cooperates(game, data["payoff"].values))
    label = partial(label_of_pair, game, discount=parameters.discount)
    labels = Counter(map(label, data["cooperation"].values, data["payoff"].values))
    named = {"game": cell.game, "learner": cell.learner, "opponent": cell.opponent}
    judged = named | {"labels": dict(labels.most_common()), "tolerance": LEARNED_TOLERANCE}
    return Measured(data=data, cells=_measures(named, data), verdicts=[judged])


def _met(parameters: Parameters, game: Game, first: str, second: str, runs: int) -> xr.Dataset:
    return climb_together(
        LEARNERS[first], LEARNERS[second], game=game, discount=parameters.discount, updates=parameters.updates,
        deviation=parameters.deviation, runs=runs, seed=parameters.seed,
    )  # fmt: skip


def _cooperates(game: Game, payoff: FloatArray) -> Any:
    """Return in which runs `payoff[runs, 2]` is within the tolerance of that of mutual cooperation, for both."""
    short = game.payoffs[:, 0, 0] - payoff
    return (short <= LEARNED_TOLERANCE * game.payoff_range).all(axis=1)


def _measures(named: dict[str, Any], data: xr.Dataset) -> list[dict[str, Any]]:
    payoff, both = data["payoff"].values, data["both_cooperate"].values
    told = (("payoff", payoff[:, 0]), ("opponent's payoff", payoff[:, 1]), ("both cooperate", both))
    return [
        named
        | {
            "quantity": quantity,
            "mean": float(values.mean()),
            "interval": None if (interval := mean_interval(values)) is None else list(interval),
            "std": float(values.std()),
            "runs": len(values),
        }
        for quantity, values in told
    ]


def label_of_pair(game: Game, cooperation: FloatArray, payoff: FloatArray, *, discount: float) -> str:
    """Judge what two have learned, `cooperation[2, 5]`, in the repeated game; `payoff[2]` is that of a round."""
    verdict = judge_machines(
        game, *strategies_of_pair(cooperation), discount=discount, tolerance=LEARNED_TOLERANCE
    )
    slack = pareto_slack(game, payoff).relative_gain
    optimal = "Pareto-optimal" if slack <= LEARNED_TOLERANCE else "Pareto-dominated"
    return f"{optimal} Nash equilibrium" if verdict.is_equilibrium else f"{optimal}, not an equilibrium"


def _play_random(parameters: Parameters, kind: str) -> Measured:
    """Let all pairs meet in random games; keep the mean payoffs, and judge the choice of a learner in each."""
    names = parameters.learners
    payoffs, strict, best = [], [], []
    for number, drawn in enumerate(random_payoffs(kind, parameters.random_games, parameters.seed)):
        # Learners move by payoffs, so that all games have the range of the Prisoner's Dilemma of Table 4.1.
        T, R, P, S = RANGE * (drawn - drawn.min()) / np.ptp(drawn)
        game = Game.bimatrix([[R, S], [T, P]], [[R, T], [S, P]], title=f"{kind} {number}")
        met = {
            (a, b): _met(parameters, game, a, b, parameters.random_runs)["payoff"].values
            for a, b in combinations_with_replacement(names, 2)
        }
        verdict = judge_choice(game, names, met, seed=parameters.seed)
        payoffs.append(verdict.game.payoffs[0])
        strict.append([_is_strict(verdict, name) for name in names])
        best.append([_against_all(verdict.game.payoffs[0])[names.index(name)] for name in names])
    data = xr.Dataset(
        {
            "payoff": (("random_game", "learner", "opponent"), np.array(payoffs)),
            "is_strict_equilibrium": (("random_game", "learner"), np.array(strict)),
            "is_best_against_all": (("random_game", "learner"), np.array(best)),
        },
        {"learner": list(names), "opponent": list(names)},
    )
    return Measured(data=data)


def _is_strict(verdict: MetaVerdict, name: str) -> bool:
    return any(found.is_strict and found.row == ((name, 1.0),) for found in verdict.equilibria)


def _against_all(matrix: FloatArray) -> Any:
    """Return who gets most, on average over all opponents, itself included."""
    mean = matrix.mean(axis=1)
    return mean >= mean.max() - TIE


def judge_choice(
    game: Game, names: tuple[str, ...], met: Mapping[tuple[str, str], FloatArray], *, seed: int
) -> MetaVerdict:
    """Judge the game in which players choose a learner; `met` has the payoffs `[runs, 2]` of each pair."""
    n = len(names)
    mean, error, covariance = np.zeros((3, n, n))
    for (a, b), payoff in met.items():
        i, j = names.index(a), names.index(b)
        if i == j:
            payoff = np.repeat(payoff.mean(axis=1, keepdims=True), 2, axis=1)
        spread = np.atleast_2d(np.cov(payoff.T)) / len(payoff)
        mean[i, j], mean[j, i] = payoff.mean(axis=0)
        error[i, j], error[j, i] = np.sqrt(np.diag(spread))
        covariance[i, j] = covariance[j, i] = spread[0, 1]
    measured = xr.Dataset({
        "payoffs_standard_error": (("strategy", "opponent"), error),
        "payoff_covariance": (("strategy", "opponent"), covariance),
    })  # fmt: skip
    normals = run_generator(seed).standard_normal((ERROR_DRAWS, n, n))
    return judge_meta_game(
        mean, game, names=names, errors=symmetric_errors(measured, normals), tolerance=LEARNED_TOLERANCE
    )


def report(parameters: Parameters, done: Mapping[Cell, Measured]) -> Report:
    """Say who gains from whom, and which learner it is an equilibrium to be."""
    cells = [cell for measured in done.values() for cell in measured.cells]
    verdicts = [verdict for measured in done.values() for verdict in measured.verdicts]
    data = {cell: measured.data for cell, measured in done.items() if measured.data is not None}
    chosen = {game: verdict for game in parameters.games if (verdict := _choice(parameters, game, data))}
    random = {cell.game: data[cell] for cell in data if cell.learner == ALL}
    choices = [{"condition": game} | one.to_dict() for game, one in chosen.items()]
    tables = [payoff_table(game, cells) for game in parameters.games if any(c["game"] == game for c in cells)]
    if verdicts:
        tables.append(verdict_table(verdicts))
    if choices:
        tables += [equilibrium_table(choices), basin_table(choices)]
    if random:
        tables.append(random_table(random))

    def pictures() -> list[Picture]:
        from scenarios.pictures import learners

        curves = {
            (TITLES[cell.game], NAMES[cell.learner]): found["payoff_before"].mean("player").values
            for cell, found in data.items()
            if cell.learner == cell.opponent != ALL
        }
        return [Picture("learners-curves", partial(learners.draw_grid_of_curves, curves))] if curves else []

    return Report(
        cells=cells, verdicts=verdicts + choices, finding=finding(cells, chosen, random), tables=tables,
        make_pictures=pictures,
    )  # fmt: skip


def _choice(parameters: Parameters, game: str, data: Mapping[Cell, xr.Dataset]) -> MetaVerdict | None:
    """Judge the choice of a learner; None where a pair is missing, or had a single run."""
    pairs = list(combinations_with_replacement(parameters.learners, 2))
    if parameters.runs < 2 or any(Cell(game, *pair) not in data for pair in pairs):
        return None
    met = {pair: data[Cell(game, *pair)]["payoff"].values for pair in pairs}
    return judge_choice(named_game(game), parameters.learners, met, seed=parameters.seed)


KEYS = {
    "learner": "the first of two learners",
    "opponent": "the second one",
    "quantity": "`both cooperate`: payoffs of both within the tolerance of mutual cooperation's",
    **KEYS_OF_VERDICTS,
}

SCENARIO = Scenario(
    name="learners", Parameters=Parameters, cells=cells_of, play=play, report=report, keys=KEYS
)
