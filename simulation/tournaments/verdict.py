"""From a tournament's dataset to the verdict of game theory."""

from __future__ import annotations

import numpy as np
import xarray as xr

from simulation.engine.randomness import run_generator, whole_number
from theory import Game
from theory.arguments import checked, dataset_of
from theory.checks import FloatArray
from theory.verdicts.meta_game import MetaVerdict, judge_meta_game


@checked(data=dataset_of("simulation.round_robin", "payoffs", "payoff_covariance"))
def judge_tournament(data: xr.Dataset, *, draws: int = 500, seed: int = 0) -> MetaVerdict:
    """Judge what a tournament says of the choice of strategy (see `theory.verdicts.meta_game`).

    Parameters
    ----------
    data
        What `simulation.round_robin` or `simulation.graded_round_robin` returns, with self-play and without a
        graph.
    draws
        Draws of the sampling error, at least 0. Their covariance within each pair of strategies is the
        measured one; different pairs are independent.
    seed
        A whole number, at least 0.

    Raises
    ------
    ValueError
        If some two strategies did not meet, or errors are unknown (a single repetition) and draws are asked
        for.
    """
    draws = whole_number("draws", draws, at_least=0)
    names = [str(name) for name in data["strategy"].values]
    levels = data.attrs.get("game_levels", 2)
    stage_game = Game(np.reshape(data.attrs["game_payoffs"], (2, levels, levels)), title=data.attrs["game"])
    payoffs = data["payoffs"].values
    if np.isnan(payoffs).any():
        i, j = np.argwhere(np.isnan(payoffs))[0]
        raise ValueError(
            f"a meta-game needs everybody against everybody, twins too, got no match of {names[i]!r} "
            f"with {names[j]!r}"
        )
    if draws and np.isnan(data["payoffs_standard_error"].values).any():
        raise ValueError("error draws need at least 2 repetitions, got 1: give draws=0")
    normals = run_generator(seed).standard_normal((2, draws, len(names), len(names)))
    if "role_payoffs" in data:
        by_role = data["role_payoffs"].values
        matrix = np.stack([by_role[0], by_role[1].T])
        error = data["role_payoffs_standard_error"].values
        errors = np.moveaxis(normals, 0, 1) * np.stack([error[0], error[1].T])
    else:
        matrix = payoffs
        errors = symmetric_errors(data, normals[0])
    return judge_meta_game(matrix, stage_game, names=names, errors=errors if draws else None)


def symmetric_errors(data: xr.Dataset, normals: FloatArray) -> FloatArray:
    """Turn `normals[draws, n, n]` into errors with the measured covariance of (i, j) and (j, i)."""
    error, covariance = data["payoffs_standard_error"].values, data["payoff_covariance"].values
    product = error * error.T
    correlation = np.divide(covariance, product, out=np.zeros_like(product), where=product > 0)
    correlation = np.clip(correlation, -1.0, 1.0)
    upper = np.triu(np.ones(error.shape, dtype=bool))
    partner = np.swapaxes(normals, 1, 2)
    mixed = correlation * partner + np.sqrt(1.0 - correlation**2) * normals
    return np.asarray(np.where(upper, normals, mixed) * error)
