"""Duels: two players in a game with degrees of cooperation, over many runs at once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal, NamedTuple, cast

import numpy as np
import xarray as xr

from simulation.engine.compilation import compiled
from simulation.engine.provenance import with_provenance
from simulation.engine.randomness import known_seed, run_generator, whole_number
from simulation.engine.sizes import refuse_beyond_memory, size_of
from simulation.engine.workers import Check, blocks, in_threads, never_stopped, worker_threads
from simulation.gradual.graded_games import cooperation_levels
from simulation.gradual.law import duel_round, start_actions, start_mind
from simulation.gradual.seat import DuelPlayer, describe, duel_player, new_mind, table_shape_of
from simulation.gradual.state import (
    LOG_EVIDENCE,
    ZERO_EVIDENCE,
    DuelRound,
    IntArray,
    Mind,
    Player,
    mind_of,
    new_duel_round,
)
from theory import Game
from theory.arguments import checked
from theory.checks import FloatArray, number_within, truth_value
from theory.games.checks import two_player_game

# Rounds of one chunk share their arrays of draws and records; results do not depend on it.
CHUNK_ROUNDS = 64_000

DRAWS = 8

Record = Literal["all", "summary"] | int


class DuelTrajectories(NamedTuple):
    """Recorded rounds, `[runs, recorded, 2]`."""

    action: np.ndarray[Any, np.dtype[np.int16]]
    payoff: FloatArray
    alpha: FloatArray
    estimate: FloatArray
    deviation: FloatArray


class DuelSums(NamedTuple):
    """Sums over the rounds from the burn-in on."""

    payoff: FloatArray
    """`[runs, 2]`."""
    actions: FloatArray
    """`[runs, 2, most actions]`: how often each was played."""


def _drive(
    first: Player,
    second: Player,
    first_minds: Mind,
    second_minds: Mind,
    payoffs: FloatArray,
    noise: float,
    draws: FloatArray,
    begin: int,
    burn_in: int,
    every: int,
    last: IntArray,
    record: DuelRound,
    out: DuelTrajectories,
    sums: DuelSums,
) -> None:
    """Play the duels of `draws[runs, rounds, 8]`, which begin with round `begin`; each `every`-th goes to `out`."""
    for run in range(draws.shape[0]):
        one = mind_of(first_minds, run)
        two = mind_of(second_minds, run)
        if begin == 0:
            start_mind(first, one)
            start_mind(second, two)
            start_actions(last[run], payoffs)
        for k in range(draws.shape[1]):
            turn = begin + k
            duel_round(first, second, one, two, last[run], turn, noise, payoffs, draws[run, k], record)
            if turn >= burn_in:
                for i in range(2):
                    sums.payoff[run, i] += record.payoff[i]
                    sums.actions[run, i, record.action[i]] += 1.0
            if every > 0 and turn % every == 0:
                row = turn // every
                for i in range(2):
                    out.action[run, row, i] = record.action[i]
                    out.payoff[run, row, i] = record.payoff[i]
                    out.alpha[run, row, i] = record.alpha[i]
                    out.estimate[run, row, i] = record.estimate[i]
                    out.deviation[run, row, i] = record.deviation[i]


_drive_compiled = compiled(_drive)


@checked(first=duel_player, second=duel_player, game=two_player_game, compile_law=truth_value)
def play_duels(
    first: DuelPlayer,
    second: DuelPlayer,
    *,
    game: Game,
    rounds: int = 1000,
    runs: int = 1,
    seed: int | None = 0,
    noise: float = 0.0,
    burn_in: int = 0,
    record: Record = "all",
    workers: int | None = None,
    compile_law: bool = True,
) -> xr.Dataset:
    """Play independent duels of two players and return their trajectories.

    Run i depends on (players, game, seed, i) alone, so neither `runs` nor `workers` changes it, and the
    Mesa model `GradualPair` with the same seed takes the same steps, bit for bit.

    Parameters
    ----------
    first, second
        The players, see `simulation.gradual.players`.
    game
        Of two players, actions ordered from most to least cooperative.
    rounds, runs
        At least 1.
    seed
        A whole number, at least 0; None draws one, which the dataset keeps.
    noise
        Probability, for each player in each round, that a uniform action is played instead.
    burn_in
        Means are taken over the rounds from this one on.
    record
        "all" rounds, every k-th (an int), or the "summary" at the end of each run alone.
    workers
        Threads; by default one for each processor.
    compile_law
        False plays the same law as plain Python, to look into it with a debugger.

    Returns
    -------
    xarray.Dataset
        By (run, round, player), for recorded rounds: `level` of cooperation and `payoff` as played, `alpha`
        with which the round was played, `estimate` beta_hat and its standard deviation `deviation` after it
        (NaN for players who have none). By (run, player), over the rounds from `burn_in` on: `mean_payoff`,
        `mean_level`, and `frequency` of each action (run, player, action); at the end: `zero_evidence`, the
        number of rounds that no cooperativeness could explain, and `log_evidence`.

    Raises
    ------
    ValueError
        If an argument is out of its bounds, what is recorded does not fit into memory, or a learner diverges: with
        the round.
    """
    seed, threads = known_seed(seed), worker_threads(workers)
    data = duels_between(
        first, second, game=game, rounds=rounds, runs=runs, seed=seed, noise=noise, burn_in=burn_in,
        record=record, threads=threads, compile_law=compile_law, check=never_stopped,
    )  # fmt: skip
    return with_provenance(
        data,
        law=duel_round,
        seed=seed,
        game=game,
        first=describe(first),
        second=describe(second),
        rounds=rounds,
        noise=float(noise),
        burn_in=burn_in,
    )


def duels_between(
    first: DuelPlayer,
    second: DuelPlayer,
    *,
    game: Game,
    rounds: int,
    runs: int,
    seed: int,
    noise: float,
    burn_in: int,
    record: Record,
    threads: int,
    compile_law: bool,
    check: Check,
) -> xr.Dataset:
    """Play duels as `play_duels` does, as part of something else, which `check` may end; without provenance."""
    rounds = whole_number("rounds", rounds, at_least=1)
    runs = whole_number("runs", runs, at_least=1)
    if whole_number("burn_in", burn_in, at_least=0) >= rounds:
        raise ValueError(f"burn_in must be less than the {rounds} rounds, got {burn_in}")
    rate = number_within("noise", noise, 0.0, 1.0)
    every = _recording_interval(record)
    players = (_seat(first, game, 0), _seat(second, game, 1))
    shapes = (table_shape_of(first, game, 0), table_shape_of(second, game, 1))
    payoffs = np.array(game.payoffs)
    drive = _drive_compiled if compile_law else _drive
    recorded = -(-rounds // every) if every else 0
    minds = [new_mind(player, shape, 1) for player, shape in zip(players, shapes, strict=True)]
    refuse_beyond_memory(
        f"{runs} runs of {recorded} recorded rounds",
        runs * (2 * recorded * size_of(_empty_trajectories(1, 1)) + sum(size_of(mind) for mind in minds)),
        lower="runs, or record fewer rounds",
    )

    def chunk(
        numbers: range, stop: Check, singly: bool = False
    ) -> tuple[tuple[Mind, Mind], DuelTrajectories, DuelSums]:
        n = len(numbers)
        generators = [run_generator(seed, run) for run in numbers]
        one, two = (new_mind(player, shape, n) for player, shape in zip(players, shapes, strict=True))
        out = _empty_trajectories(n, recorded)
        last, round_record = np.zeros((n, 2), np.int64), new_duel_round()
        sums = DuelSums(np.zeros((n, 2)), np.zeros((n, 2, max(game.n_actions))))
        for begin, length in blocks(rounds, n * DRAWS, stop, compiled=compile_law, singly=singly):
            check()
            draws = np.empty((n, length, DRAWS))
            for of_run, generator in zip(draws, generators, strict=True):
                generator.random(out=of_run)
            drive(
                *players, one, two, payoffs, rate, draws, begin, burn_in, every, last, round_record, out, sums
            )
            for row, run in enumerate(numbers):
                for role, mind in enumerate((one, two)):
                    if not np.isfinite(mind.table[row]).all():
                        if singly:
                            raise ValueError(divergence(f"run {run}", begin, role, mind.table[row]))
                        chunk(range(run, run + 1), stop, singly=True)
        return (one, two), out, sums

    size = max(1, CHUNK_ROUNDS // rounds)
    chunks = [range(start, min(start + size, runs)) for start in range(0, runs, size)]
    played = in_threads(chunk, chunks, threads)
    return _dataset(game, every, rounds - burn_in, played)


def divergence(run: str, turn: int, role: int, table: FloatArray) -> str:
    """Return what to say of a run in which a learner's table left the finite numbers in a round."""
    return (
        f"{run} diverged in round {turn}: player {role + 1} has learnt {table.tolist()}; a smaller learning_rate "
        "would help"
    )


def _seat(player: DuelPlayer, game: Game, role: int) -> Player:
    """Return a player's tables; those of the last few are kept, since one often meets many opponents."""
    try:
        return _kept_seat(cast(Any, player), game, role)
    except TypeError:  # a prior given as a list cannot be looked up
        return player.seat(game, role)


@lru_cache(maxsize=8)
def _kept_seat(player: DuelPlayer, game: Game, role: int) -> Player:
    return player.seat(game, role)


def _recording_interval(record: Record) -> int:
    """Return every how many rounds one is recorded; 0 stands for none."""
    if isinstance(record, str):
        if record not in ("all", "summary"):
            raise ValueError(f"record must be 'all', 'summary' or every how many rounds, got {record!r}")
        return 1 if record == "all" else 0
    return whole_number("record", record, at_least=1)


def _empty_trajectories(runs: int, recorded: int) -> DuelTrajectories:
    shape = (runs, recorded, 2)
    return DuelTrajectories(np.zeros(shape, np.int16), *(np.zeros(shape) for _ in range(4)))


def _dataset(
    game: Game,
    every: int,
    counted: int,
    played: list[tuple[tuple[Mind, Mind], DuelTrajectories, DuelSums]],
) -> xr.Dataset:
    minds = [np.concatenate([minds[i].numbers for minds, _, _ in played]) for i in range(2)]
    payoff = np.concatenate([sums.payoff for _, _, sums in played])
    frequency = np.concatenate([sums.actions for _, _, sums in played]) / counted
    levels = [cooperation_levels(n) for n in game.n_actions]
    mean_level = np.stack(
        [(frequency[:, i, : len(own)] * own).sum(axis=1) for i, own in enumerate(levels)], axis=1
    )
    by_player = ("run", "player")
    data: dict[str, Any] = {
        "mean_payoff": (by_player, payoff / counted),
        "mean_level": (by_player, mean_level),
        "frequency": (("run", "player", "action"), frequency),
        "zero_evidence": (by_player, np.stack([mind[:, ZERO_EVIDENCE] for mind in minds], axis=1)),
        "log_evidence": (by_player, np.stack([mind[:, LOG_EVIDENCE] for mind in minds], axis=1)),
    }
    coordinates: dict[str, Any] = {"run": np.arange(len(payoff)), "player": [1, 2]}
    if every:
        parts = [np.concatenate(part) for part in zip(*(out for _, out, _ in played), strict=True)]
        recorded = DuelTrajectories(*parts)
        coordinates["round"] = np.arange(recorded.payoff.shape[1]) * every
        by_round = ("run", "round", "player")
        level = np.stack([own[recorded.action[:, :, i]] for i, own in enumerate(levels)], axis=2)
        data["level"] = (by_round, level)
        for name in ("payoff", "alpha", "estimate", "deviation"):
            data[name] = (by_round, getattr(recorded, name))
    return xr.Dataset(data, coordinates)
