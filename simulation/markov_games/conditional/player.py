"""What a player with a memory beside the state is, and those whose memory is one of finitely many.

A player is in a seat, 0 or 1, and sees states and joint actions as they were played. `FiniteMemory` writes one out:
what it plays in each memory and state, and what it remembers after each joint action, where lots may decide between
several memories. Numbers that are remembered on a grid are rounded by lot, so that their mean is kept: then backward
induction with linear interpolation between grid points is exact, and so are best responses (`responses`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from theory.checks import FloatArray, IntArray
from theory.resolution import TIE


class Player(Protocol):
    """Somebody who plays many matches at once."""

    @property
    def seat(self) -> int:
        """0 or 1."""

    def begin(self, matches: int) -> Any:
        """Return what is remembered before the first step, of each match."""

    def chances(self, memory: Any, states: IntArray) -> FloatArray:
        """Return `[matches, A]` probabilities of the own actions in `states[matches]`."""

    def remember(self, memory: Any, states: IntArray, joint: IntArray, lots: FloatArray) -> Any:
        """Return what is remembered after joint actions, by `lots[matches]` that are uniform on [0, 1)."""


@dataclass(frozen=True, eq=False)
class FiniteMemory:
    """A player of M memories; K of them at most may follow.

    Attributes
    ----------
    seat
        0 or 1.
    policy
        `[M, S, A]` probabilities of the own actions.
    successors, lots
        `[M, S, J, K]`: memories that may follow a joint action, and their probabilities.
    first
        The memory before the first step.
    """

    seat: int
    policy: FloatArray
    successors: IntArray
    lots: FloatArray
    first: int = 0

    @property
    def n_memories(self) -> int:
        """M."""
        return len(self.policy)

    def begin(self, matches: int) -> IntArray:
        """Return the first memory, of each match."""
        return np.full(matches, self.first)

    def chances(self, memory: IntArray, states: IntArray) -> FloatArray:
        """Return `[matches, A]` probabilities of the own actions."""
        return np.asarray(self.policy[memory, states])

    def remember(self, memory: IntArray, states: IntArray, joint: IntArray, lots: FloatArray) -> IntArray:
        """Return what is remembered after joint actions."""
        sums = self.lots[memory, states, joint].cumsum(axis=1)
        drawn = (lots[:, None] * sums[:, -1:] >= sums).sum(axis=1)
        return np.asarray(self.successors[memory, states, joint, drawn])


def without_memory(policy: FloatArray, *, seat: int) -> FiniteMemory:
    """Return who plays `policy[S, A]`, whatever has been."""
    states, n_actions = policy.shape
    shape = (1, states, n_actions**2, 1)
    return FiniteMemory(seat, policy[None], np.zeros(shape, np.int64), np.ones(shape))


class Grid(NamedTuple):
    """Numbers from `low` on, `size` of them, `step` apart."""

    low: float
    step: float
    size: int

    @property
    def points(self) -> FloatArray:
        """`[size]`."""
        return np.asarray(self.low + self.step * np.arange(self.size), float)

    def place_of(self, value: float) -> int:
        """Return the place of the point that is nearest."""
        return int(np.clip(round((value - self.low) / self.step), 0, self.size - 1))

    def rounded(self, values: FloatArray) -> tuple[IntArray, FloatArray]:
        """Return of each value, moved to the ends where beyond, the point below and the chance of the one above."""
        exact = np.clip((values - self.low) / self.step, 0.0, self.size - 1.0)
        # What is a point but for rounding is that point.
        near = np.rint(exact)
        exact = np.where(np.abs(exact - near) < TIE, near, exact)
        below = (
            np.minimum(exact.astype(np.int64), self.size - 2) if self.size > 1 else np.zeros(exact.shape, int)
        )
        return below, exact - below


def grid_from_to(low: float, high: float, step: float) -> Grid:
    """Return the grid through 0 of that step that reaches from `low` <= 0 or lower to `high` >= 0 or higher."""
    below, above = int(np.ceil(-low / step - TIE)), int(np.ceil(high / step - TIE))
    return Grid(-below * step, step, below + above + 1)
