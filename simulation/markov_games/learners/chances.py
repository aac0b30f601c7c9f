"""A game that is written out, outcome by outcome: what is needed to play it by drawing places in tables."""

from __future__ import annotations

from typing import NamedTuple

import jax
import numpy as np

from simulation.markov_games.enumerated import EnumeratedGame
from theory.checks import BoolArray, FloatArray, IntArray


class Chances(NamedTuple):
    """The outcomes of S states, J joint actions and at most K draws."""

    start: FloatArray
    """`[S]`, summed up from the first: of first states."""
    cumulative: FloatArray
    """`[S, J, K]`, summed up over K."""
    successors: IntArray
    """`[S, J, K]`."""
    rewards: FloatArray
    """`[S, J, K, n_players]`, in payoff units."""
    ended: BoolArray
    """`[S, J, K]`."""


def chances_of(game: EnumeratedGame) -> Chances:
    """Return what may happen in each state after each joint action, rewards of each outcome by themselves."""
    with jax.enable_x64(True):
        listed = jax.jit(jax.vmap(jax.vmap(game.game.outcomes, (None, 0)), (0, None)))
        may = jax.tree.map(np.asarray, listed(game.states, game.actions))
    return Chances(
        _summed(game.start),
        _summed(may.probabilities),
        np.ascontiguousarray(game.successors, np.int64),
        np.ascontiguousarray(may.rewards, float),
        np.ascontiguousarray(may.terminated, bool),
    )


def _summed(probabilities: FloatArray) -> FloatArray:
    """Return sums of which the last is 1, so that a draw below 1 is below one of them."""
    sums = np.cumsum(np.asarray(probabilities, float), axis=-1)
    return np.ascontiguousarray(np.where(sums >= sums[..., -1:], 1.0, sums))
