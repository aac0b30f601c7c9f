"""Duels: two players in a game with degrees of cooperation, over many runs at once."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, cast

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from simulation.engine.layout import copied
from simulation.engine.provenance import with_provenance
from simulation.engine.randomness import known_seed, whole_number
from simulation.engine.runs import Played as PlayedRuns
from simulation.engine.runs import Process, Record, fault_of, indices_told, play_runs, recording_interval
from simulation.engine.workers import Check, never_stopped, worker_threads
from simulation.gradual.graded_games import cooperation_levels
from simulation.gradual.law import (
    DRAWS,
    Duel,
    DuelRound,
    DuelState,
    duel_round,
    law_between,
    middle_action,
    new_duel_round,
)
from simulation.gradual.seat import DuelPlayer, Mind, Played, Seat, describe, duel_player, new_mind
from theory import Game
from theory.arguments import checked
from theory.checks import FloatArray, is_list, number_within, position, shown, truth_value
from theory.games.checks import two_player_game


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
    misreading: float = 0.0,
    start: Sequence[int] | None = None,
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
        The players, see `simulation.gradual.players`; or of your own (`simulation.gradual.seat.DuelPlayer`), whose
        rules are compiled if they can be, and else run in plain Python, with a warning.
    game
        Of two players, actions ordered from most to least cooperative.
    rounds, runs
        At least 1.
    seed
        A whole number, at least 0; None draws one, which the dataset keeps.
    noise
        Probability, for each player in each round, that a uniform one of its other actions is played instead.
    misreading
        Probability, for each player in each round, that it takes the other's action for a uniform one of the other's
        other actions. It knows its own action and its true payoff.
    start
        Action of each player in a round that both take to have been played before the first: they learn from it and
        answer it, but it counts for nothing else. None: they begin without.
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
        first, second, game=game, rounds=rounds, runs=runs, seed=seed, noise=noise, misreading=misreading,
        start=start, burn_in=burn_in, record=record, threads=threads, compile_law=compile_law, check=never_stopped,
        stacklevel=3,
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
        misreading=float(misreading),
        start=None if start is None else [int(action) for action in start],
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
    misreading: float = 0.0,
    start: Sequence[int] | None = None,
    burn_in: int,
    record: Record,
    threads: int,
    compile_law: bool,
    check: Check,
    stacklevel: int = 1,
) -> xr.Dataset:
    """Play duels as `play_duels` does, as part of something else, which `check` may end; without provenance."""
    rounds = whole_number("rounds", rounds, at_least=1)
    runs = whole_number("runs", runs, at_least=1)
    if whole_number("burn_in", burn_in, at_least=0) >= rounds:
        raise ValueError(f"burn_in must be less than the {rounds} rounds, got {burn_in}")
    every = recording_interval(record, "round")
    process = duel_process(
        first, second, game=game, rounds=rounds, noise=noise, misreading=misreading, start=start, burn_in=burn_in,
        compile_law=compile_law, stacklevel=stacklevel + 1,
    )  # fmt: skip
    played = play_runs(process, runs=runs, seed=seed, every=every, workers=threads, check=check)
    return _dataset(game, rounds - burn_in, played)


def duel_process(
    first: DuelPlayer,
    second: DuelPlayer,
    *,
    game: Game,
    rounds: int,
    noise: float,
    misreading: float = 0.0,
    start: Sequence[int] | None = None,
    burn_in: int = 0,
    compile_law: bool = True,
    stacklevel: int = 1,
) -> Process:
    """Return what the driver and the Mesa model must know of duels; `stacklevel` is that of a warning."""
    (one, first_mind), (two, second_mind) = _seat(first, game, 0), _seat(second, game, 1)
    before = np.array([middle_action(n) for n in game.n_actions])
    begun = None if start is None else starting_actions(start, game)
    last = before if begun is None else np.array(begun)
    begin = DuelState(
        first_mind, second_mind, last, last[::-1].copy(), np.zeros(2), np.zeros((2, max(game.n_actions)))
    )
    if begun is not None:
        begin = copied(begin)
        let_remember((first, second), (one, two), (begin.first, begin.second), game, begun)
    errors = number_within("noise", noise, 0.0, 1.0), number_within("misreading", misreading, 0.0, 1.0)
    law, places = law_between(first, second)
    process = Process(
        law=law,
        unit="round",
        steps=rounds,
        draws=DRAWS,
        constants=Duel(one, two, *places, np.array(game.payoffs), *errors, int(begun is not None), burn_in),
        start=partial(_same, begin),
        room=tuple,
        record=new_duel_round,
        recorded={name: ("player",) for name in DuelRound._fields if name != "action"},
        watched=learnt,
        tell=_divergence,
        compile_law=compile_law,
    )
    if law is duel_round:
        return process
    return with_own_players(process, (first, second), game, stacklevel=stacklevel + 1)


def let_remember(
    players: tuple[DuelPlayer, DuelPlayer],
    seats: tuple[Seat, Seat],
    minds: tuple[Mind, Mind],
    game: Game,
    actions: tuple[int, int],
) -> None:
    """Let new minds remember a round that is taken to have been played before the first."""
    for role, (player, seat, mind) in enumerate(zip(players, seats, minds, strict=True)):
        own, other = actions[role], actions[1 - role]
        payoff, before = float(game.payoffs[role][actions]), middle_action(game.n_actions[role])
        with indices_told():
            player.remember(seat, mind, Played(before, own, other, payoff, 0))


def with_own_players(
    process: Process, players: tuple[DuelPlayer, DuelPlayer], game: Game, *, stacklevel: int
) -> Process:
    """Return the process of players of whom some are a user's own, whose choices are looked at.

    The states have `first` and `second`, the minds. What cannot be compiled is played in plain Python, and a warning
    says so.
    """
    watched = partial(_chosen_too, process.watched)
    process = replace(process, watched=watched, wrong=partial(_complaint, players, game))
    if not process.compile_law:
        return process
    _try_plainly(process)
    return _compiled_if_it_can_be(process, stacklevel + 1)


# What a player of one's own does wrong often shows in its first rounds, and plain Python tells where.
_TRIED_ROUNDS = 3


def _try_plainly(process: Process) -> None:
    """Play some rounds in plain Python; raise ValueError if a rule looks beyond the numbers that there are."""
    tried = replace(process, steps=min(_TRIED_ROUNDS, process.steps), compile_law=False)
    play_runs(tried, runs=1, seed=0, every=0, workers=1)


def _compiled_if_it_can_be(process: Process, stacklevel: int) -> Process:
    """Return the process of a user's own player in plain Python where it cannot be compiled, and say so."""
    fault = fault_of(process)
    if not fault:
        return process
    warnings.warn(
        f"a player of your own runs in plain Python, about 200 times slower, since it cannot be compiled: {fault}",
        stacklevel=stacklevel + 1,
    )
    return replace(process, compile_law=False)


def starting_actions(start: Sequence[int], game: Game) -> tuple[int, int]:
    """Return the action of each player in a round before the first, or raise ValueError."""
    if not is_list(start) or len(start) != 2:
        raise ValueError(f"start must be an action of each player, got {shown(start)}")
    one, two = (position(f"start of player {i + 1}", start[i], game.n_actions[i]) for i in range(2))
    return one, two


def _same(state: DuelState, generator: np.random.Generator) -> DuelState:
    return state


def learnt(state: Any) -> tuple[FloatArray, ...]:
    """Return what both players have learnt, which must stay finite: of each the table, and what it remembers."""
    return state.first.table, state.first.memory, state.second.table, state.second.memory


def _chosen_too(watched: Callable[[Any], Sequence[NDArray[Any]]], state: Any) -> tuple[NDArray[Any], ...]:
    wrong = np.stack([state.first.wrong, state.second.wrong])
    return *watched(state), np.where(wrong == 0.0, 0.0, np.nan)


def _complaint(players: tuple[DuelPlayer, DuelPlayer], game: Game, state: Any) -> str:
    """Return what to say of a run in which a player chose what cannot be; empty if none did."""
    for player, mind, actions in zip(players, (state.first, state.second), game.n_actions, strict=True):
        if mind.wrong[0] != 0.0:
            return player.complaint(mind.wrong[0], actions)
    return ""


def _divergence(state: DuelState, record: Any, before: Any) -> str:
    return diverged_player(state)


def diverged_player(state: Any) -> str:
    """Return what to say of a run in which what a player has learnt left the finite numbers."""
    place, values = next((k, part) for k, part in enumerate(learnt(state)) if not np.isfinite(part).all())
    return f"player {1 + place // 2} has learnt {values.tolist()}; a smaller learning_rate would help"


def _seat(player: DuelPlayer, game: Game, role: int) -> tuple[Seat, Mind]:
    """Return tables and first mind; those of the last few players are kept, since one often meets many opponents."""
    try:
        return _kept_seat(cast(Any, player), game, role)
    except TypeError:  # a prior given as a list cannot be looked up
        return _new_seat(player, game, role)


def _new_seat(player: DuelPlayer, game: Game, role: int) -> tuple[Seat, Mind]:
    seat = player.seat(game, role)
    return seat, new_mind(player, seat, game, role)


_kept_seat = lru_cache(maxsize=8)(_new_seat)


def _dataset(game: Game, counted: int, played: PlayedRuns) -> xr.Dataset:
    end: DuelState = played.states
    levels = [cooperation_levels(n) for n in game.n_actions]
    frequency = end.actions / counted
    mean_level = np.stack(
        [(frequency[:, i, : len(own)] * own).sum(axis=1) for i, own in enumerate(levels)], axis=1
    )
    by_player = ("run", "player")
    minds = (end.first, end.second)
    data: dict[str, Any] = {
        "mean_payoff": (by_player, end.payoff / counted),
        "mean_level": (by_player, mean_level),
        "frequency": (("run", "player", "action"), frequency),
        "zero_evidence": (by_player, np.concatenate([mind.zero_evidence for mind in minds], axis=1)),
        "log_evidence": (by_player, np.concatenate([mind.log_evidence for mind in minds], axis=1)),
    }
    return played.dataset(data, {"player": [1, 2]})
