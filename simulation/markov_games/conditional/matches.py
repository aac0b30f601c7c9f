"""Matches of two players with memory in a game with state: many at once, step by step.

Match i depends on the seed and i alone. Where hands slip, an action is replaced by a uniform other one, and both see
what was played.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulation.engine.randomness import run_generator
from simulation.markov_games.conditional.player import MarkovPlayer
from simulation.markov_games.enumerated import EnumeratedGame
from theory.checks import FloatArray, IntArray, number_within, whole_number

# Numbers that a step needs: what is played, what slips and into what, what is remembered, and chance.
_DRAWS = 9


class Played(NamedTuple):
    """What matches came to."""

    states: IntArray
    """`[runs, steps]`."""
    joint: IntArray
    """`[runs, steps]`: the joint actions as played."""

    def mean_of(self, numbers: FloatArray) -> FloatArray:
        """Return `[runs]` means over steps of `numbers[S, J]`."""
        return np.asarray(numbers[self.states, self.joint].mean(axis=1))


def play_matches(
    game: EnumeratedGame,
    first: MarkovPlayer,
    second: MarkovPlayer,
    *,
    steps: int | None = None,
    runs: int = 1000,
    seed: int = 0,
    noise: float = 0.0,
    start: FloatArray | None = None,
) -> Played:
    """Return matches between two players.

    Parameters
    ----------
    game
        The tables, of two players.
    first, second
        In roles 0 and 1, in this order.
    steps
        Of a match; by default the game's horizon.
    runs, seed
        How many matches, and the seed.
    noise
        With which probability each action is replaced by another one, each of the others alike.
    start
        `[S]` probabilities of first states; by default the game's.

    Raises
    ------
    ValueError
        If roles are others, or a number is out of its bounds.
    """
    if (first.role, second.role) != (0, 1):
        raise ValueError(f"players must have roles 0 and 1, got {first.role} and {second.role}")
    number_within("noise", noise, 0.0, 1.0)
    whole_number("runs", runs, at_least=1)
    length = game.game.horizon if steps is None else whole_number("steps", steps, at_least=1)
    draws = np.stack([run_generator(seed, run).random((length + 1, _DRAWS)) for run in range(runs)], axis=1)
    states = _drawn(
        np.broadcast_to(game.start if start is None else start, (runs, game.n_states)), draws[-1, :, 0]
    )
    memories = [player.begin(runs) for player in (first, second)]
    seen, done = np.empty((length, runs), np.int64), np.empty((length, runs), np.int64)
    for step, now in enumerate(draws[:-1].transpose(0, 2, 1)):
        own, other = (
            _slipped(
                _drawn(player.chances(memory, states), now[k]),
                game.game.n_actions,
                noise,
                now[2 + k],
                now[4 + k],
            )
            for k, (player, memory) in enumerate(zip((first, second), memories, strict=True))
        )
        joint = own * game.game.n_actions + other
        memories = [
            player.remember(memory, states, joint, now[6 + k])
            for k, (player, memory) in enumerate(zip((first, second), memories, strict=True))
        ]
        seen[step], done[step] = states, joint
        states = game.successors[states, joint, _drawn(game.probabilities[states, joint], now[8])]
    return Played(seen.T, done.T)


def _drawn(chances: FloatArray, draws: FloatArray) -> IntArray:
    """Return `[n]` places by `chances[n, k]`, never an impossible one."""
    sums = chances.cumsum(axis=1)
    return np.asarray((draws[:, None] * sums[:, -1:] >= sums).sum(axis=1))


def _slipped(
    actions: IntArray, n_actions: int, noise: float, slips: FloatArray, others: FloatArray
) -> IntArray:
    if noise == 0.0:
        return actions
    another = (actions + 1 + (others * (n_actions - 1)).astype(np.int64)) % n_actions
    return np.where(slips < noise, another, actions)
