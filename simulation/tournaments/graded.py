"""Round robins in graded games: duels in which one cooperates more or less, not just C or D."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from simulation.engine.provenance import with_provenance
from simulation.engine.randomness import known_seed, whole_number
from simulation.engine.sizes import refuse_beyond_memory
from simulation.engine.workers import Check, in_threads, worker_threads
from simulation.gradual.duels import duels_between
from simulation.gradual.law import duel_round
from simulation.gradual.players import DuelPlayer
from simulation.gradual.seat import describe
from simulation.tournaments.pairings import described_graph, pairings
from simulation.tournaments.tables import Pairings, arrays_of, by_role, partners
from theory import Game
from theory.arguments import checked, of_type
from theory.checks import FloatArray, number_within, truth_value
from theory.deprecation import renamed_keyword
from theory.games.checks import two_player_game
from theory.resolution import TIE


@dataclass(frozen=True)
class _Entry:
    name: str
    player: DuelPlayer


@renamed_keyword("repetitions", "runs")
@checked(players=of_type(Mapping, called="players by name"), game=two_player_game, self_play=truth_value)
def graded_round_robin(
    players: Mapping[str, DuelPlayer],
    *,
    game: Game,
    rounds: int = 200,
    runs: int = 10,
    noise: float = 0.0,
    burn_in: int = 0,
    self_play: bool = True,
    graph: Any = None,
    seed: int | None = 0,
    workers: int | None = None,
) -> xr.Dataset:
    """Play a tournament of duels in a graded game, with the results of `simulation.round_robin`.

    The duels of two players depend on the seed and their places in the field alone, so that neither `graph`,
    `self_play` nor `workers` changes them.

    Parameters
    ----------
    players
        By name, see `simulation.gradual.players`; each plays either seat.
    game
        Of two players with the same number of actions, ordered from most to least cooperative. If it is not
        symmetric, each pair plays both ways round.
    rounds, noise, burn_in
        As in `simulation.play_duels`.
    runs
        Duels of each pair, at least 1; errors need 2.
    self_play, graph, seed, workers
        As in `simulation.round_robin`.

    Returns
    -------
    xarray.Dataset
        As `simulation.round_robin` returns it, `cooperation` being the mean level in [0, 1], without
        `distribution` and `is_exact`. `simulation.evolve` and `simulation.judge_tournament` take it.

    Raises
    ------
    ValueError
        If an argument violates its rule, or the results do not fit into memory.

    Examples
    --------
    >>> from simulation import FixedCooperativeness, graded_donation_game
    >>> field = {"kind": FixedCooperativeness(beta=1.0), "selfish": FixedCooperativeness(beta=0.0)}
    >>> table = graded_round_robin(field, game=graded_donation_game(), rounds=10, runs=2)
    >>> table["cooperation"].sel(strategy="selfish", opponent="kind").item()
    0.0
    """
    field = [_Entry(str(name), player) for name, player in players.items()]
    if len({entry.name for entry in field}) < len(field):
        raise ValueError(f"players must have names that differ as text, got {list(players)}")
    if not field:
        raise ValueError("a tournament needs at least one player, got none")
    if game.n_players != 2 or game.n_actions[0] != game.n_actions[1]:
        raise ValueError(
            f"game must be of two players with the same number of levels, got {game.n_actions} actions"
        )
    runs = whole_number("runs", runs, at_least=1)
    seed = known_seed(seed)
    noise = number_within("noise", noise, 0.0, 1.0)
    workers = worker_threads(workers)
    symmetric = game.is_symmetric
    pairs = pairings(field, graph, self_play=self_play, both_ways=not symmetric)

    # Twice, four numbers of each duel; the same arranged by strategy.
    refuse_beyond_memory(
        f"{runs} duels of each of {len(pairs)} pairs",
        8 * runs * 12 * len(pairs),
        lower="runs",
    )

    def duel(pair: tuple[int, int], check: Check) -> FloatArray:
        """Return `[runs, 4]`: payoffs and levels of both."""
        i, j = pair
        data = duels_between(
            field[i].player, field[j].player, game=game, rounds=rounds, runs=runs,
            seed=_seed_of(seed, i * len(field) + j), noise=noise, burn_in=burn_in, record="summary", threads=1,
            compile_law=True, check=check,
        )  # fmt: skip
        return np.concatenate([data["mean_payoff"].values, data["mean_level"].values], axis=1)

    results = in_threads(duel, pairs, workers)
    played = _pairings_of(np.array(pairs), np.stack(results))
    arrays = arrays_of(played, len(field), game, seed)
    payoffs, levels = played.influence[..., :2], played.influence[..., 2:]
    tie = TIE * float(game.payoff_range.max())
    arrays |= partners(played.pairs, payoffs, levels, tie, len(field))
    names = [entry.name for entry in field]
    coordinates: dict[str, Any] = {"strategy": names, "opponent": names}
    if not symmetric:
        arrays |= by_role(played, len(field))
        coordinates["role"] = ["row", "column"]
    return with_provenance(
        xr.Dataset(arrays, coordinates),
        law=duel_round,
        seed=seed,
        game=game,
        game_levels=game.n_actions[0],
        game_payoffs=game.payoffs.ravel().tolist(),
        turns=rounds,
        noise=noise,
        burn_in=burn_in,
        repetitions=runs,
        **described_graph(graph, pairs, self_play=self_play),
        players={entry.name: describe(entry.player) for entry in field},
    )


def _seed_of(seed: int, stream: int) -> int:
    """Return the seed of a pair's duels."""
    return int(np.random.SeedSequence(seed, spawn_key=(stream,)).generate_state(1, np.uint64)[0])


def _pairings_of(pairs: Any, results: FloatArray) -> Pairings:
    """Return means over duels and the covariances of their errors; `results[n_pairs, runs, 4]`."""
    runs = results.shape[1]
    mean = results.mean(axis=1)
    if runs == 1:
        covariance = np.full((len(results), 4, 4), np.nan)
    else:
        deviations = results - mean[:, None]
        covariance = np.einsum("prk,prl->pkl", deviations, deviations) / (runs - 1) / runs
    return Pairings(pairs, mean, covariance, results)
