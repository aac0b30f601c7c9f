"""Playing and measuring the duels of `gradual-tft-duels`: what is kept of a run is a few numbers.

An *index* is (payoff - d) / (R - d): 0 is the own security level, 1 mutual cooperation. Harm is counted in full harms
(`theory.ledger_tables`): received is what a player's net harm of each round sums to where it is positive, given where
it is negative.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from scenarios.frame.ensembles import random_payoffs
from scenarios.frame.verdicts import LEARNED_TOLERANCE
from scenarios.gradual.duel_cast import start_in
from scenarios.gradual.verdicts import facts_of, judged
from simulation.engine.layout import copied
from simulation.engine.randomness import run_generator
from simulation.engine.runs import play_runs, take_step
from simulation.gradual.duels import duel_process
from simulation.gradual.players import DuelPlayer
from theory import Game, LedgerTables, judge_batch, ledger_tables
from theory.checks import FloatArray, IntArray

# Of the duels with one slip: when it comes, how long both have to come back, and for how long they must stay.
SLIP_ROUND, RECOVERY, WATCHED = 100, 20, 50
# So small that no draw but 0 is below it: who is to slip is told so by its draws.
HARDLY = 1e-300


class Errors(NamedTuple):
    """With which probability an action slips, and with which it is misread."""

    noise: float
    misreading: float

    def __str__(self) -> str:
        return f"misreading {self.misreading:g}" if self.misreading else f"slips {self.noise:g}"


class Terms(NamedTuple):
    """On which terms duels are played."""

    rounds: int
    runs: int
    seed: int


class Duels(NamedTuple):
    """What is seen of duels, by run."""

    payoff: FloatArray
    """`[runs, 2]`: means over the rounds."""
    frequency: FloatArray
    """`[runs, 2, actions]`: of each player's actions."""
    actions: IntArray
    """`[runs, rounds, 2]`; no rounds where they are not asked for."""


@cache
def tables_of(game: Game) -> LedgerTables:
    """Return a game as player 1's ledger sees it."""
    return ledger_tables(game, 0)


def bounds_of(game: Game) -> tuple[float, float, float]:
    """Return of player 1: the security level d, the payoff R of mutual cooperation, and the payoff range."""
    return float(tables_of(game).security[0]), float(game.payoffs[0].ravel()[0]), float(game.payoff_range[0])


def duel(
    first: DuelPlayer,
    second: DuelPlayer,
    game: Game,
    terms: Terms,
    errors: Errors,
    start: str,
    *,
    every_round: bool = False,
) -> Duels:
    """Play the duels of `simulation.play_duels` that begin as `start` says, in one thread."""
    process = duel_process(
        first, second, game=game, rounds=terms.rounds, noise=errors.noise, misreading=errors.misreading,
        start=start_in(game, start),
    )  # fmt: skip
    process = replace(process, recorded={"action": ("player",)})
    played = play_runs(process, runs=terms.runs, seed=terms.seed, every=int(every_round), workers=1)
    end = played.states
    actions = played.recorded["action"] if every_round else np.empty((terms.runs, 0, 2), np.int64)
    return Duels(end.payoff / terms.rounds, end.actions / terms.rounds, actions)


def measured(game: Game, found: Duels) -> dict[str, FloatArray]:
    """Return what is kept of duels whose rounds are all recorded, by run.

    `payoff` and `partner_payoff` a round; `cooperation`, the share of rounds in which both cooperate fully; and the
    harm `received` and `given` by player 1, sums over the rounds.
    """
    own, other = found.actions[:, :, 0], found.actions[:, :, 1]
    harm = tables_of(game).net_harm[own, other]
    return {
        "payoff": found.payoff[:, 0],
        "partner_payoff": found.payoff[:, 1],
        "cooperation": ((own == 0) & (other == 0)).mean(axis=1),
        "received": np.maximum(harm, 0.0).sum(axis=1),
        "given": np.maximum(-harm, 0.0).sum(axis=1),
    }


def verdicts_on(game: Game | FloatArray, frequencies: Sequence[FloatArray]) -> list[dict[str, Any]]:
    """Judge runs one by one, by their players' frequencies of actions, and count the labels of each lot of runs.

    Parameters
    ----------
    game
        Of all runs, or `[games, 2, 2, 2]` payoffs of the games of a lot, each of which has the same number of runs.
    frequencies
        Of each lot: `[runs, 2, actions]`, or `[games, runs, 2, 2]`.
    """
    if isinstance(game, Game) and game.n_actions != (2, 2):
        return [
            judged(facts_of(game), xr.Dataset({"frequency": (("run", "player", "action"), of_lot)}))
            for of_lot in frequencies
        ]
    profiles = np.concatenate([of_lot.reshape(-1, 2, 2) for of_lot in frequencies])
    payoffs: Any = game
    if not isinstance(game, Game):
        payoffs = np.tile(np.repeat(game, frequencies[0].shape[1], axis=0), (len(frequencies), 1, 1, 1))
    found = judge_batch(payoffs, profiles, tolerance=LEARNED_TOLERANCE)
    size = len(profiles) // len(frequencies)
    lots = [slice(first, first + size) for first in range(0, len(profiles), size)]
    labels, regrets = np.array(found.label, dtype=str), found.regrets.max(axis=1)
    return [
        {
            "labels": dict(Counter(labels[lot].tolist()).most_common()),
            "median_regret": float(np.median(regrets[lot])),
            "median_pareto_slack": float(np.median(found.pareto_slack[lot])),
            "tolerance": LEARNED_TOLERANCE,
        }
        for lot in lots
    ]


def recovers(player: DuelPlayer, game: Game, terms: Terms) -> FloatArray:
    """Return `[2, runs]`: whether two of a kind are back at (C, C), and stay, after one slip of either of them.

    The slip comes in round `SLIP_ROUND`; they have `RECOVERY` rounds and are watched for the rest.
    """
    steps = SLIP_ROUND + 1 + RECOVERY + WATCHED
    process = duel_process(
        player, player, game=game, rounds=steps, noise=HARDLY, start=(0, 0), burn_in=steps - WATCHED
    )
    found = np.zeros((2, terms.runs))
    for run in range(terms.runs):
        for role in range(2):
            generator = run_generator(terms.seed, run)
            state = copied(process.start(generator))
            draws = generator.random((steps, 8))
            draws[:, [1, 5]] = 0.5  # whether each slips
            draws[SLIP_ROUND, 1 + 4 * role] = 0.0
            take_step(process, state, draws, 0, process.room(), process.record())
            found[role, run] = (state.actions[:, 0] == WATCHED).all()
    return found


def games_of(ensemble: str, number: int, seed: int) -> tuple[FloatArray, Iterable[Game]]:
    """Return `[number, 4]` T, R, P and S of an ensemble's games, and the games, each made when asked for."""
    payoffs = random_payoffs(ensemble, number, seed)
    return payoffs, (Game.bimatrix([[r, s], [t, p]], [[r, t], [s, p]]) for t, r, p, s in payoffs.tolist())


def security_of(payoffs: FloatArray) -> FloatArray:
    """Return `[number]`: security levels of symmetric games by `[number, 4]` T, R, P and S.

    In a dilemma, a Chicken and a Stag Hunt one action secures the most: max(min(R, S), min(T, P)).
    """
    t, r, p, s = payoffs.T
    return np.asarray(np.maximum(np.minimum(r, s), np.minimum(t, p)))


def pooled(payoff: FloatArray, payoffs: FloatArray) -> tuple[float, float]:
    """Return the pooled share of what is to be gained, and the median shortfall.

    `payoff[number]` of each game; sum(payoff - d) / sum(R - d) over the games, and the median of (R - payoff) /
    range. A mean of the games' own shares is dominated by those in which R is close to d.
    """
    security, reward = security_of(payoffs), payoffs[:, 1]
    spread = payoffs.max(axis=1) - payoffs.min(axis=1)
    share = (payoff - security).sum() / (reward - security).sum()
    return float(share), float(np.median((reward - payoff) / spread))


def paired_difference(
    first: FloatArray, second: FloatArray, payoffs: FloatArray
) -> tuple[float, float, float]:
    """Return the difference of two pooled shares in the same games, with its 95% interval.

    The share is a ratio of means over games; its error is that of what the ratio leaves of each game's difference
    (Cochran 1977, Sampling Techniques, section 6.4), by Student's t.
    """
    from scipy.stats import t

    gained, to_gain = first - second, payoffs[:, 1] - security_of(payoffs)
    difference = float(gained.sum() / to_gain.sum())
    left = (gained - difference * to_gain) / to_gain.mean()
    half = float(t.ppf(0.975, len(left) - 1)) * float(left.std(ddof=1)) / len(left) ** 0.5
    return difference, difference - half, difference + half
