"""Many players with two actions each: what games of such players share that store no payoff tensor.

Everything follows from what each action pays a player when the others mix independently.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import PROBABILITY_TOLERANCE, FloatArray, finite_array, number_within
from theory.games.game import Profile
from theory.tables import ShownAsTables

# A payoff tensor of 16 players holds 16 * 2^16 numbers: 8 MB.
LARGEST_TENSOR_GAME = 16


class TwoActionGame(ShownAsTables, ABC):
    """A game in which each player cooperates (action 0) or defects (action 1).

    Attributes
    ----------
    n_players
        Number of players.
    """

    n_players: int

    @abstractmethod
    def _action_payoffs(self, mixtures: FloatArray) -> FloatArray:
        """Return `[n_players, 2]`: what each action pays when the others mix by `mixtures[n_players, 2]`."""

    @cached_property
    def n_actions(self) -> tuple[int, ...]:
        """Number of actions of each player: two."""
        return (2,) * self.n_players

    @cached_property
    def players(self) -> tuple[str, ...]:
        """Names of the players."""
        return tuple(f"player {i + 1}" for i in range(self.n_players))

    def check_profile(self, profile: Profile) -> FloatArray:
        """Return the profile as an array `[n_players, 2]`, or raise ValueError with what is wrong."""
        mixtures = finite_array("profile", profile)  # type: ignore[arg-type]
        if mixtures.shape != (self.n_players, 2):
            raise ValueError(
                f"profile must have two probabilities for each of {self.n_players} players, "
                f"got shape {mixtures.shape}"
            )
        negative = (mixtures < 0).any(axis=1)
        off_sum = np.abs(mixtures.sum(axis=1) - 1.0) > PROBABILITY_TOLERANCE
        for rule, broken in (("be non-negative", negative), ("sum to one", off_sum)):
            if broken.any():
                player = int(broken.argmax())
                raise ValueError(
                    f"profile of player {player + 1} must {rule}, got {mixtures[player].tolist()}"
                )
        return mixtures

    def profile(self, cooperation: ArrayLike) -> FloatArray:
        """Return the profile `[n_players, 2]` of cooperation probabilities: one for all, or one each."""
        if isinstance(cooperation, np.ndarray) and cooperation.dtype == np.bool_:
            # Who cooperates for sure.
            cooperation = cooperation.astype(np.float64)
        probabilities = finite_array("cooperation", cooperation)
        if probabilities.shape not in ((), (self.n_players,)):
            raise ValueError(
                f"cooperation must be one probability or one for each of {self.n_players} players, "
                f"got shape {probabilities.shape}"
            )
        each = np.broadcast_to(probabilities, (self.n_players,))
        number_within("cooperation", each.min(), 0.0, 1.0)
        number_within("cooperation", each.max(), 0.0, 1.0)
        return np.stack([each, 1.0 - each], axis=1)

    def expected_payoffs(self, profile: Profile) -> FloatArray:
        """Return `[n_players]`: expected payoffs when all mix independently."""
        mixtures = self.check_profile(profile)
        return np.asarray((self._action_payoffs(mixtures) * mixtures).sum(axis=1))

    def regrets(self, profile: Profile) -> FloatArray:
        """Return `[n_players]`: what each player would gain by its best reply (never negative)."""
        mixtures = self.check_profile(profile)
        payoffs = self._action_payoffs(mixtures)
        # Differences that are all >= 0, so that rounding cannot go below 0.
        return np.asarray(((payoffs.max(axis=1, keepdims=True) - payoffs) * mixtures).sum(axis=1))

    def check_tensor(self) -> None:
        """Raise ValueError where a payoff tensor of all 2^N outcomes would be too large."""
        if self.n_players > LARGEST_TENSOR_GAME:
            raise ValueError(
                f"n_players must be at most {LARGEST_TENSOR_GAME} for a payoff tensor of 2^N outcomes, "
                f"got {self.n_players}: ask the {type(self).__name__} itself"
            )
