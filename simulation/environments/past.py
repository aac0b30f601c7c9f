"""What a player sees of the last rounds: who played what, itself first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from gymnasium.spaces import MultiDiscrete

from theory.checks import IntArray

# Numbers that the observations of all players may have together: some milliseconds a round.
MOST_NUMBERS = 1_000_000


class Past:
    """The actions of the last rounds, newest round first; how many actions a player has stands for no round.

    Parameters
    ----------
    n_actions
        Of each player.
    depth
        Rounds that are kept, at least 1.

    Raises
    ------
    ValueError
        If all players together would see more than a million numbers.
    """

    def __init__(self, n_actions: Sequence[int], depth: int) -> None:
        n_players = len(n_actions)
        if depth * n_players * n_players > MOST_NUMBERS:
            raise ValueError(
                f"what players see may have {MOST_NUMBERS} numbers in all, got depth {depth} for each of "
                f"{n_players} players who see each other"
            )
        self._n_actions = np.array(n_actions)
        self.rounds: IntArray = np.tile(self._n_actions, (depth, 1))
        """`[depth, n_players]`."""

    def clear(self) -> None:
        """Forget all rounds."""
        self.rounds[:] = self._n_actions

    def add(self, actions: Sequence[int]) -> None:
        """Remember a round, and forget the oldest that is kept."""
        self.rounds[1:] = self.rounds[:-1]
        self.rounds[:1] = actions

    def seen_by(self, player: int) -> IntArray:
        """Return `[depth * n_players]`: round by round oneself and the next players, the first after the last."""
        return np.concatenate([self.rounds[:, player:], self.rounds[:, :player]], axis=1).ravel()

    def space(self, player: int) -> MultiDiscrete:
        """Return the space of what a player sees."""
        counts = np.concatenate([self._n_actions[player:], self._n_actions[:player]]) + 1
        return MultiDiscrete(np.tile(counts, len(self.rounds)))
