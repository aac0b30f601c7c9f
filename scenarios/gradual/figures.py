"""The four figures by which the literal mirror is held, in the graded donation game with 101 levels."""

from __future__ import annotations

from typing import Any

import numpy as np

from scenarios.gradual.measures import interval_of
from simulation.engine.randomness import run_generator
from simulation.gradual.duels import play_duels
from simulation.gradual.graded_games import graded_donation_game
from simulation.gradual.players import FixedCooperativeness, LiteralMirror
from theory.checks import FloatArray

FIGURES = {
    "self_play": "self-play, welfare index over rounds 100-1000",
    "loss": "loss against a pure defector, share of the payoff range",
    "error": "root mean square error of a fixed beta after 200 rounds",
    "answer": "rounds until alpha <= .1 after a switch from 1 to 0",
}
TARGETS = {
    ("self_play", 0.0): 0.99,
    ("self_play", 0.05): 0.95,
    ("loss", 0.0): 0.01,
    ("loss", 0.05): 0.02,
    ("error", 0.0): 0.02,
    ("error", 0.05): 0.05,
    ("answer", 0.0): 30.0,
    ("answer", 0.05): 60.0,
}
SWITCH = 200
BATCHES = 10


KEYS_OF_FIGURES = {
    "figure": "one of the figures by which the literal mirror is held: "
    + "; ".join(f"`{name}`, {words}" for name, words in FIGURES.items()),
    "target": "what it must reach: `at_least` this, or at most",
    "at_least": "see `target`",
    "reached": "whether it does",
}


def measured_figure(figure: str, noise: float, *, runs: int, seed: int) -> dict[str, Any]:
    """Return a figure as a cell, with the 95% interval of its mean over runs."""
    values = _MEASURES[figure](noise, runs, seed)
    mean, low, high = interval_of(values)
    target, at_least = TARGETS[figure, noise], figure == "self_play"
    # The slowest run must answer in time, not the mean.
    decisive = float(values.max()) if figure == "answer" else mean
    return {
        "figure": figure,
        "noise": noise,
        "mean": decisive,
        "interval": [low, high] if figure != "answer" else [float(values.min()), float(values.max())],
        "target": target,
        "at_least": at_least,
        "reached": decisive >= target if at_least else decisive <= target,
        "runs": len(values),
    }


def _self_play(noise: float, runs: int, seed: int) -> FloatArray:
    data = play_duels(
        LiteralMirror(), LiteralMirror(), game=graded_donation_game(), rounds=1000, runs=runs, seed=seed,
        noise=noise, burn_in=100, record="summary", workers=1,
    )  # fmt: skip
    # Welfare lies between 0 and 1 in this game.
    return np.asarray(data["mean_payoff"].values.sum(axis=1))


def _loss(noise: float, runs: int, seed: int) -> FloatArray:
    game = graded_donation_game()
    data = play_duels(
        LiteralMirror(), FixedCooperativeness(beta=0.0), game=game, rounds=1000, runs=runs, seed=seed,
        noise=noise, burn_in=100, record="summary", workers=1,
    )  # fmt: skip
    cost = data["frequency"].values[:, 0] @ (game.levels**2 / 2.0)
    return np.asarray(cost / game.payoff_range[0])


def _error(noise: float, runs: int, seed: int) -> FloatArray:
    """Return the root mean square errors of ten batches of cooperativenesses drawn uniformly from [0, 1]."""
    game = graded_donation_game()
    betas = run_generator(seed).random((BATCHES, max(runs // 4, 1)))
    batches = np.empty(BATCHES)
    for number, of_batch in enumerate(betas):
        errors = []
        for k, beta in enumerate(of_batch):
            data = play_duels(
                LiteralMirror(), FixedCooperativeness(beta=float(beta)), game=game, rounds=200, runs=4,
                seed=seed + 1000 * number + k, noise=noise, record=199, workers=1,
            )  # fmt: skip
            errors.append(data["estimate"].values[:, -1, 0] - beta)
        batches[number] = np.sqrt(np.mean(np.square(errors)))
    return batches


def _answer(noise: float, runs: int, seed: int) -> FloatArray:
    data = play_duels(
        LiteralMirror(), FixedCooperativeness(beta=1.0, later=0.0, switch_round=SWITCH),
        game=graded_donation_game(), rounds=SWITCH + 200, runs=runs, seed=seed, noise=noise, workers=1,
    )  # fmt: skip
    low = data["alpha"].values[:, SWITCH:, 0] <= 0.1
    return np.where(low.any(axis=1), low.argmax(axis=1), np.inf).astype(np.float64)


_MEASURES = {"self_play": _self_play, "loss": _loss, "error": _error, "answer": _answer}
