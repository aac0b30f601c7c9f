"""Playing, measuring and judging one classic learner in one game."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
import xarray as xr

from scenarios.frame.scenario import Measured
from scenarios.frame.verdicts import LEARNED_TOLERANCE
from scenarios.stateful.learning.cast import (
    BOARDS,
    GRADIENT,
    MATRIX,
    REPEATED,
    SOCCER,
    TABULAR,
    Repeated,
    Trial,
)
from scenarios.stateful.learning.known import KNOWN
from simulation.markov_games.enumerated import EnumeratedGame, enumerate_game
from simulation.markov_games.exact import best_response
from simulation.markov_games.games.iterated_game import IteratedGame
from simulation.markov_games.learners.climbing import climb_together
from simulation.markov_games.learners.fictitious_play import fictitious_play
from simulation.markov_games.learners.learning import learn_in_tables
from theory import FiniteState, Game, MemoryOne, judge, judge_machines
from theory.checks import FloatArray
from theory.statistics import mean_interval, share_interval

# Of what comes later, to learners in tables; in games of a common interest a round stands alone.
GRID_DISCOUNT, ZERO_SUM_DISCOUNT = 0.99, 0.9

# Conditional cooperation (the program of POLA, Zhao and others 2022): payoffs above four fifths of the way from
# mutual defection to mutual cooperation, and P(C) below this in both states in which the other has just defected.
CONDITIONAL = 0.65
COOPERATIVE = 0.8

# Matching Pennies is played at its equilibrium where all probabilities are within this of 1/2.
NEAR_HALF = 0.1

IN_GAME, IN_REPEATED, IN_MARKOV = "game", "repeated game", "Markov game"


def play_pairs(trial: Trial, *, pairs: int, judged: int, updates: int, seed: int) -> Measured:
    """Let pairs of learners by gradients play a repeated game."""
    repeated, learners = REPEATED[trial.environment], GRADIENT[trial.learner]
    data = climb_together(
        *learners, game=repeated.game, discount=repeated.discount, updates=updates, runs=pairs, seed=seed
    )
    cooperation, payoff = data["cooperation"].values, data["payoff"].values
    if trial.environment == "iterated-dilemma":
        cells = _dilemma_measures(trial, repeated.game, cooperation, payoff)
    else:
        near = np.abs(cooperation - 0.5).max(axis=(1, 2)) <= NEAR_HALF
        cells = [_share(trial, f"within {NEAR_HALF:g} of 1/2".replace("0.", "."), near)]
    labels = Counter(_label_of_pair(repeated, pair) for pair in cooperation[:judged])
    return Measured(data=data, cells=cells, verdicts=[_verdict(trial, IN_REPEATED, labels)])


def _dilemma_measures(
    trial: Trial, game: Game, cooperation: FloatArray, payoff: FloatArray
) -> list[dict[str, Any]]:
    reward, punishment = game.payoffs[0, 0, 0], game.payoffs[0, 1, 1]
    both = payoff.mean(axis=1)
    cooperates = both > punishment + COOPERATIVE * (reward - punishment)
    # The other has just defected after CD and DD for player 1, after DC and DD for player 2.
    after = np.stack([cooperation[:, 0, 1], cooperation[:, 0, 3], cooperation[:, 1, 2], cooperation[:, 1, 3]])
    conditional = cooperates & (after < CONDITIONAL).all(axis=0)
    found = [
        _mean(trial, "payoff of a round", both),
        _share(trial, "cooperate", cooperates),
        _share(trial, "cooperate conditionally", conditional),
    ]
    if trial.learner == "lola-against-naive":
        found = [
            _mean(trial, "payoff of LOLA", payoff[:, 0]),
            _mean(trial, "payoff of the naive", payoff[:, 1]),
            _mean(trial, "first ahead by", payoff[:, 0] - payoff[:, 1]),
            *found[1:],
        ]
    return found


def strategies_of_pair(cooperation: FloatArray) -> tuple[FiniteState, FiniteState]:
    """Return what `cooperation[2, 5]` plays; strategies of the theory look at their own action first."""
    (p, q), (cc, cd, dc, dd, start) = cooperation.tolist(), range(5)
    first = MemoryOne(p[start], (p[cc], p[cd], p[dc], p[dd]))
    second = MemoryOne(q[start], (q[cc], q[dc], q[cd], q[dd]))
    return FiniteState.of_memory_one(first), FiniteState.of_memory_one(second)


def _label_of_pair(repeated: Repeated, cooperation: FloatArray) -> str:
    verdict = judge_machines(
        repeated.game,
        *strategies_of_pair(cooperation),
        discount=repeated.discount,
        tolerance=LEARNED_TOLERANCE,
    )
    return "Nash equilibrium" if verdict.is_equilibrium else "not an equilibrium"


def play_fictitiously(trial: Trial, *, rounds: int) -> Measured:
    """Let two play fictitiously; nothing is random."""
    game = MATRIX[trial.environment]
    played = fictitious_play(game, rounds=rounds, first=(0, 1))
    cells = [_mean(trial, "largest regret", np.array([played.regrets.max()]))]
    if trial.environment == "shapley":
        cells.insert(0, _mean(trial, "growth of stretches", played.growth[-1:]))
    label = judge(game, [*played.frequencies], tolerance=LEARNED_TOLERANCE).label
    data = xr.Dataset(
        {"outcome": (("stretch", "player"), played.outcomes), "length": ("stretch", played.lengths)},
        {"player": [1, 2]},
        {"rounds": rounds},
    )
    return Measured(data=data, cells=cells, verdicts=[_verdict(trial, IN_GAME, Counter([label]))])


def has_common_interest(trial: Trial) -> bool:
    """Return whether both players of a matrix game get the same."""
    return np.array_equal(*MATRIX[trial.environment].payoffs)


def play_matrix_game(trial: Trial, *, runs: int, steps: int, seed: int) -> Measured:
    """Let learners in tables play a matrix game again and again, or, of a common interest, single rounds of it."""
    game, is_common = MATRIX[trial.environment], has_common_interest(trial)
    data = learn_in_tables(
        _tables(IteratedGame(game=game, remember=False)), TABULAR[trial.learner],
        discount=0.0 if is_common else ZERO_SUM_DISCOUNT, steps=steps, runs=runs, seed=seed, workers=1,
    )  # fmt: skip
    policies = data["policy"].values[:, :, 0]
    if is_common:
        policies = np.eye(policies.shape[-1])[policies.argmax(axis=-1)]
        got = game.payoffs[0][policies[:, 0].argmax(axis=-1), policies[:, 1].argmax(axis=-1)]
        cells = [
            _share(trial, "best outcome", got == game.payoffs[0].max()),
            _mean(trial, "payoff of a round", got),
        ]
    else:
        cells = [_mean(trial, "value", data["value"].values[:, 0, 0])]
    # Many runs end alike.
    profiles, counts = np.unique(policies, axis=0, return_counts=True)
    labels: Counter[str] = Counter()
    for profile, count in zip(profiles, counts.tolist(), strict=True):
        labels[judge(game, [*profile], tolerance=LEARNED_TOLERANCE).label] += count
    return Measured(data=data, cells=cells, verdicts=[_verdict(trial, IN_GAME, labels)])


def play_board(trial: Trial, *, runs: int, steps: int, seed: int) -> Measured:
    """Let learners in tables play a game on a board, and look for the best answer to each of their final policies."""
    tables = _tables(BOARDS[trial.environment])
    is_soccer = trial.environment == SOCCER
    discount = ZERO_SUM_DISCOUNT if is_soccer else GRID_DISCOUNT
    data = learn_in_tables(
        tables, TABULAR[trial.learner], discount=discount, steps=steps, runs=runs, seed=seed, workers=1
    )
    values, policies = data["value"].values, data["policy"].values
    answers = np.array([[_answer(tables, pair, player, discount) for player in (0, 1)] for pair in policies])
    played, gains = answers[..., 0] - answers[..., 1], answers[..., 1]
    if is_soccer:
        # Kick-off with the ball is the first state for the first player, the second for the second.
        with_ball = np.stack([values[:, 0, 0], values[:, 1, 1]], axis=1).mean(axis=1)
        cells = [
            _mean(trial, "value with the ball", with_ball),
            # The game is worth 0: what the other's best answer gets is what one loses.
            _mean(trial, "worst loss at kick-off", answers[..., 0].max(axis=1)),
        ]
    else:
        cells = [
            _mean(trial, "value", (values @ tables.start).mean(axis=1)),
            _mean(trial, "got in fact", played.mean(axis=1)),
        ]
    span = np.ptp(tables.rewards, axis=(1, 2)).max()
    settled = gains.max(axis=1) <= LEARNED_TOLERANCE * span
    labels = Counter("Nash equilibrium" if yes else "not an equilibrium" for yes in settled)
    return Measured(data=data, cells=cells, verdicts=[_verdict(trial, IN_MARKOV, labels)])


def _answer(
    tables: EnumeratedGame, policies: FloatArray, player: int, discount: float
) -> tuple[float, float]:
    """Return what a player's best answer to the other's policy is worth, and by how much that is more."""
    found = best_response(tables, policies, player=player, discount=discount)
    return found.value, max(found.gain, 0.0)


@cache
def _tables(game: Any) -> EnumeratedGame:
    return enumerate_game(game)


def _mean(trial: Trial, quantity: str, values: FloatArray) -> dict[str, Any]:
    interval = mean_interval(values)
    return _cell(trial, quantity, float(values.mean()), interval, len(values), float(values.std()))


def _share(trial: Trial, quantity: str, which: Iterable[Any]) -> dict[str, Any]:
    happened = np.asarray(which)
    interval = share_interval(int(happened.sum()), len(happened))
    return _cell(trial, quantity, float(happened.mean()), interval, len(happened), None)


def _cell(
    trial: Trial,
    quantity: str,
    mean: float,
    interval: tuple[float, float] | None,
    runs: int,
    std: float | None,
) -> dict[str, Any]:
    known = KNOWN.get((trial.learner, trial.environment, quantity))
    return trial._asdict() | {
        "quantity": quantity,
        "mean": mean,
        "interval": None if interval is None else list(interval),
        "std": std,
        "runs": runs,
        "known": known.words if known else None,
        "source": known.source if known else None,
        "agrees": known.holds(mean, interval) if known else None,
    }


def _verdict(trial: Trial, judged_in: str, labels: Counter[str]) -> dict[str, Any]:
    counted = dict(labels.most_common())
    return trial._asdict() | {"judged_in": judged_in, "labels": counted, "tolerance": LEARNED_TOLERANCE}
