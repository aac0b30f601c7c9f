"""What a player with a memory beside the state is, and those whose memory is one of finitely many.

A player has a role, 0 or 1, and sees states and joint actions as they were played. `FiniteMemory` writes one out:
what it plays in each memory and state, and what it remembers after each joint action, where lots may decide between
several memories. Numbers that are remembered on a grid are rounded by lot, so that their mean is kept: then backward
induction with linear interpolation between grid points is exact, and so are best responses (`responses`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np

from theory.checks import LARGEST_COUNT, FloatArray, IntArray, finite_array, position, shown
from theory.resolution import TIE

# Probabilities sum to 1 within this.
_ROUNDING = 1e-9


class MarkovPlayer(Protocol):
    """Somebody who plays many matches of a game with state at once, and remembers what it wants of each.

    `FiniteMemory` is one that is written out, so that best responses to it are exact. Any other object with these
    methods plays, too; S are the states of the tables, J their joint actions, A the actions of one player.
    """

    @property
    def role(self) -> int:
        """0 or 1: whose actions it plays."""

    def begin(self, runs: int) -> Any:
        """Return what is remembered before the first step, of each match."""

    def chances(self, memory: Any, states: IntArray) -> FloatArray:
        """Return `[runs, A]` probabilities of the own actions in `states[runs]`."""

    def remember(self, memory: Any, states: IntArray, joint: IntArray, lots: FloatArray) -> Any:
        """Return what is remembered after joint actions, by `lots[runs]` that are uniform on [0, 1)."""


@dataclass(frozen=True, eq=False)
class FiniteMemory:
    """A player of a game with state who has one of M memories; one of K of them follows a joint action.

    Parameters
    ----------
    role
        0 or 1: whose actions it plays.
    policy
        `[M, S, A]` probabilities of the own actions.
    successors
        `[M, S, J]` or `[M, S, J, K]`: places of the memories that may follow a joint action.
    lots
        Their probabilities, of the shape `[M, S, J, K]`; by default the only one that may follow does.
    start
        The memory before the first step.

    Raises
    ------
    ValueError
        If something is not as above, or probabilities do not sum to 1.
    """

    role: int
    policy: FloatArray
    successors: IntArray
    lots: FloatArray = field(default_factory=lambda: np.ones(1))
    start: int = 0

    def __post_init__(self) -> None:
        policy, lots = finite_array("policy", self.policy), finite_array("lots", self.lots)
        successors = _whole("successors", self.successors)
        if policy.ndim != 3 or 0 in policy.shape:
            raise ValueError(f"policy must be [memory, state, own action], got shape {policy.shape}")
        memories, states, n_actions = policy.shape
        wanted = (memories, states, n_actions**2)
        successors = successors[..., None] if successors.ndim == 3 else successors
        if successors.shape[:-1] != wanted or successors.shape[-1] == 0:
            raise ValueError(
                f"successors must be [memory, state, joint action] of shape {wanted}, or have an axis more,"
                f" got shape {np.shape(self.successors)}"
            )
        if lots.shape not in ((1,), successors.shape):
            raise ValueError(f"lots must be of the shape {successors.shape}, got {lots.shape}")
        lots = np.broadcast_to(lots, successors.shape)
        if successors.min() < 0 or successors.max() >= memories:
            raise ValueError(
                f"successors must be places of {memories} memories, from 0 to {memories - 1}, got"
                f" {successors.min()} to {successors.max()}"
            )
        for name, chances in (("policy", policy), ("lots", lots)):
            off = np.abs(chances.sum(axis=-1) - 1.0).max()
            if chances.min() < 0.0 or off > _ROUNDING:
                raise ValueError(
                    f"{name} must be probabilities that sum to 1 over its last axis, got {chances.min():g} as the"
                    f" least and a sum that is {off:g} off"
                )
        whole = {"role": position("role", self.role, 2), "start": position("start", self.start, memories)}
        for name, value in (whole | {"policy": policy, "successors": successors, "lots": lots}).items():
            object.__setattr__(self, name, value)

    @property
    def n_memories(self) -> int:
        """M."""
        return len(self.policy)

    def begin(self, runs: int) -> IntArray:
        """Return the first memory, of each match."""
        return np.full(runs, self.start)

    def chances(self, memory: IntArray, states: IntArray) -> FloatArray:
        """Return `[runs, A]` probabilities of the own actions."""
        return np.asarray(self.policy[memory, states])

    def remember(self, memory: IntArray, states: IntArray, joint: IntArray, lots: FloatArray) -> IntArray:
        """Return what is remembered after joint actions."""
        sums = self.lots[memory, states, joint].cumsum(axis=1)
        drawn = (lots[:, None] * sums[:, -1:] >= sums).sum(axis=1)
        return np.asarray(self.successors[memory, states, joint, drawn])


def _whole(name: str, values: Any) -> IntArray:
    numbers = finite_array(name, values)
    if np.any(np.rint(numbers) != numbers) or np.any(np.abs(numbers) > LARGEST_COUNT):
        raise ValueError(f"{name} must be whole numbers, got {shown(values)}")
    return numbers.astype(np.int64)


def without_memory(policy: FloatArray, *, role: int) -> FiniteMemory:
    """Return who plays `policy[S, A]`, whatever has been."""
    states, n_actions = policy.shape
    return FiniteMemory(role, policy[None], np.zeros((1, states, n_actions**2), np.int64))


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
