"""Duels with continuous levels in the graded donation game, judged on the game's grid of levels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from simulation.engine.compilation import compiled
from simulation.engine.provenance import with_provenance
from simulation.engine.randomness import known_seed, run_generator, whole_number
from simulation.engine.sizes import refuse_beyond_memory
from simulation.engine.workers import Check, blocks, in_threads
from simulation.gradual.beliefs import uniform_prior
from simulation.gradual.continuous_law import (
    FIRST_LEVEL,
    FIXED,
    LOG_EVIDENCE,
    MIRROR,
    TIT_FOR_TAT,
    ZERO_EVIDENCE,
    ContinuousMind,
    ContinuousPlayer,
    ContinuousRound,
    continuous_round,
    new_continuous_round,
    start_continuous,
)
from simulation.gradual.graded_games import DonationPayoffs, GradedGame, graded_donation_game
from simulation.gradual.players.fixed import FixedCooperativeness
from simulation.gradual.players.reciprocal import TitForTat
from simulation.gradual.policies import cooperativeness_grid
from simulation.gradual.seat import describe
from simulation.gradual.tunables import MirrorTunables
from theory.arguments import check_fields, checked, of_type, optional
from theory.checks import FloatArray, finite_number, number_within, truth_value

DRAWS = 4


@dataclass(frozen=True, kw_only=True)
class ContinuousMirror(MirrorTunables):
    """Gradual Tit-for-Tat with continuous levels: the closed-form best reply, and a belief on a grid.

    Defaults are those of `GradualPlayer`; the scale of the other's error is twice the grid's step.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states.
    """

    spread: float = 0.02
    """s > 0: scale of the logistic error with which the other is thought to meet the level it aims at."""
    believed_game: GradedGame | None = None
    """The donation game that the player believes in; None: the true one (section 6.3.2)."""

    def __post_init__(self) -> None:
        check_fields(self)
        super().__post_init__()
        optional(of_type(GradedGame))("believed_game", self.believed_game)
        if finite_number("spread", self.spread) <= 0.0:
            raise ValueError(f"spread must be positive, got {self.spread}")


class Outputs(NamedTuple):
    """Recorded rounds, `[runs, rounds, 2]`."""

    level: FloatArray
    payoff: FloatArray
    alpha: FloatArray
    estimate: FloatArray
    deviation: FloatArray


@checked(compile_law=truth_value)
def play_continuous_duels(
    first: ContinuousMirror | FixedCooperativeness | TitForTat,
    second: ContinuousMirror | FixedCooperativeness | TitForTat,
    *,
    game: GradedGame | None = None,
    rounds: int = 1000,
    runs: int = 1,
    seed: int | None = 0,
    noise: float = 0.0,
    burn_in: int = 0,
    compile_law: bool = True,
) -> xr.Dataset:
    """Play independent duels in which levels are any numbers in [0, 1].

    Run i depends on (players, game, seed, i) alone.

    Parameters
    ----------
    first, second
        A mirror, a fixed cooperativeness (of form "sum", by best reply) or plain Tit-for-Tat.
    game
        A graded donation game; its grid is used for `frequency` alone. By default b = c = 1, 101 levels.
    rounds, runs
        At least 1.
    seed
        A whole number, at least 0; None draws one, which the dataset keeps.
    noise
        Probability, for each player in each round, that a uniform level is played instead.
    burn_in
        Means are taken over the rounds from this one on.
    compile_law
        False plays the same law as plain Python.

    Returns
    -------
    xarray.Dataset
        As `play_duels` returns it; `frequency` (run, player, action) counts levels rounded to the game's grid,
        ready for `theory.judge`.

    Raises
    ------
    ValueError
        If the game is no graded donation game, an argument is out of its bounds, or the rounds do not fit into
        memory.
    """
    stage = graded_donation_game() if game is None else of_type(GradedGame)("game", game)
    payoffs = _donation(stage)
    seed = known_seed(seed)
    rounds = whole_number("rounds", rounds, at_least=1)
    runs = whole_number("runs", runs, at_least=1)
    if whole_number("burn_in", burn_in, at_least=0) >= rounds:
        raise ValueError(f"burn_in must be less than the {rounds} rounds, got {burn_in}")
    rate = number_within("noise", noise, 0.0, 1.0)
    one, two = (_seat(player, payoffs, role) for role, player in enumerate((first, second)))
    numbers = np.array([*payoffs.benefit, *payoffs.cost, payoffs.interaction])
    # Levels are compared with all levels of the grid, and what is recorded is copied once.
    refuse_beyond_memory(
        f"{runs} runs of {rounds} rounds",
        runs * (rounds * 2 * (8 * 8 + len(stage.levels)) + 16 * (len(one.grid) + len(two.grid))),
        lower="runs, rounds or grid_points",
    )
    minds = (_new_minds(one, runs), _new_minds(two, runs))
    out = Outputs(*(np.empty((runs, rounds, 2)) for _ in range(5)))
    last, record = np.zeros((runs, 2)), new_continuous_round()
    drive = _drive_compiled if compile_law else _drive

    def play(run: int, check: Check) -> None:
        generator, only = run_generator(seed, run), slice(run, run + 1)
        mind, other = (ContinuousMind(*(part[only] for part in of_all)) for of_all in minds)
        recorded = Outputs(*(part[only] for part in out))
        for begin, length in blocks(rounds, DRAWS, check, compiled=compile_law):
            draws = generator.random((1, length, DRAWS))
            drive(one, two, mind, other, numbers, rate, draws, begin, last[only], record, recorded)

    in_threads(play, range(runs), 1)
    return with_provenance(
        _dataset(stage, out, minds, burn_in),
        law=continuous_round,
        seed=seed,
        game=stage,
        first=describe(first),
        second=describe(second),
        rounds=rounds,
        noise=rate,
        burn_in=burn_in,
    )


def _drive(
    first: ContinuousPlayer,
    second: ContinuousPlayer,
    first_minds: ContinuousMind,
    second_minds: ContinuousMind,
    game: FloatArray,
    noise: float,
    draws: FloatArray,
    begin: int,
    last: FloatArray,
    record: ContinuousRound,
    out: Outputs,
) -> None:
    """Play the duels of `draws[runs, rounds, 4]`, which begin with round `begin`."""
    for run in range(draws.shape[0]):
        one = ContinuousMind(first_minds.numbers[run], first_minds.belief[run], first_minds.likelihood[run])
        two = ContinuousMind(
            second_minds.numbers[run], second_minds.belief[run], second_minds.likelihood[run]
        )
        if begin == 0:
            start_continuous(first, one)
            start_continuous(second, two)
            last[run, 0] = FIRST_LEVEL
            last[run, 1] = FIRST_LEVEL
        for k in range(draws.shape[1]):
            turn = begin + k
            continuous_round(first, second, one, two, last[run], turn, noise, game, draws[run, k], record)
            for i in range(2):
                out.level[run, turn, i] = record.level[i]
                out.payoff[run, turn, i] = record.payoff[i]
                out.alpha[run, turn, i] = record.alpha[i]
                out.estimate[run, turn, i] = record.estimate[i]
                out.deviation[run, turn, i] = record.deviation[i]


_drive_compiled = compiled(_drive)


def _donation(game: GradedGame) -> DonationPayoffs:
    payoffs = getattr(game, "payoffs_of_levels", None)
    if not isinstance(payoffs, DonationPayoffs):
        raise ValueError(f"continuous levels are played in graded donation games, got {game!r}")
    return payoffs


def _seat(player: Any, true: DonationPayoffs, role: int) -> ContinuousPlayer:
    """Return a player's tables as player `role` (0 or 1)."""
    nothing = np.zeros(1)
    if isinstance(player, ContinuousMirror):
        believed = true if player.believed_game is None else _donation(player.believed_game)
        grid = cooperativeness_grid(player.grid_points)
        tunables = (
            player.epsilon,
            player.uncertainty_factor,
            player.forgetting,
            player.tremble,
            player.spread,
        )
        kind, prior = MIRROR, uniform_prior(len(grid))
    elif (
        isinstance(player, FixedCooperativeness) and player.form == "sum" and player.selection == "best-reply"
    ):
        later = player.beta if player.later is None else player.later
        switch = math.inf if player.later is None else float(player.switch_round)
        believed, grid, prior = true, nothing, nothing
        kind, tunables = FIXED, (player.beta, later, switch, 0.0, 0.0)
    elif isinstance(player, TitForTat) and player.generosity == 0.0:
        believed, grid, prior = true, nothing, nothing
        kind, tunables = TIT_FOR_TAT, (0.0,) * 5
    else:
        raise ValueError(
            "players of continuous duels must be a ContinuousMirror, a FixedCooperativeness of form 'sum' by best "
            f"reply, or TitForTat without generosity, got {player!r}"
        )
    replies = [
        np.array([believed.benefit[1 - i], believed.cost[i], believed.interaction]) for i in (role, 1 - role)
    ]
    return ContinuousPlayer(kind, np.array(tunables), grid, prior, *replies)


def _new_minds(player: ContinuousPlayer, runs: int) -> ContinuousMind:
    points = len(player.grid)
    return ContinuousMind(np.zeros((runs, 5)), np.zeros((runs, points)), np.zeros((runs, points)))


def _dataset(
    game: GradedGame, out: Outputs, minds: tuple[ContinuousMind, ContinuousMind], burn_in: int
) -> xr.Dataset:
    counted = out.level[:, burn_in:]
    nearest = np.rint((1.0 - counted) * (len(game.levels) - 1)).astype(int)
    frequency = (nearest[..., None] == np.arange(len(game.levels))).mean(axis=1)
    by_player, by_round = ("run", "player"), ("run", "round", "player")
    data: dict[str, Any] = {name: (by_round, values) for name, values in out._asdict().items()}
    data |= {
        "mean_payoff": (by_player, out.payoff[:, burn_in:].mean(axis=1)),
        "mean_level": (by_player, counted.mean(axis=1)),
        "frequency": (("run", "player", "action"), frequency),
        "zero_evidence": (by_player, np.stack([mind.numbers[:, ZERO_EVIDENCE] for mind in minds], axis=1)),
        "log_evidence": (by_player, np.stack([mind.numbers[:, LOG_EVIDENCE] for mind in minds], axis=1)),
    }
    runs, rounds, _ = out.level.shape
    return xr.Dataset(data, {"run": np.arange(runs), "round": np.arange(rounds), "player": [1, 2]})
