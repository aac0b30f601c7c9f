"""Frozen players to try theory on: machines, and a counter of a real number."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from theory import FiniteState
from theory.checks import FloatArray, IntArray


@dataclass
class FrozenMachine:
    """A machine of two actions; its state is the number of the machine's."""

    machine: FiniteState
    loss_bound: float | None = None
    n_actions: tuple[int, int] = (2, 2)
    resolution: FloatArray = field(default_factory=lambda: np.ones(1))
    lowest: FloatArray = field(default_factory=lambda: np.full(1, -np.inf))

    @property
    def start(self) -> FloatArray:
        return np.array([float(self.machine.start)])

    def action_probabilities(self, states: FloatArray) -> FloatArray:
        cooperation = np.array(self.machine.cooperation)[states[:, 0].round().astype(int)]
        return np.stack([cooperation, 1.0 - cooperation], axis=1)

    def next_states(self, states: FloatArray, own: IntArray, other: IntArray) -> FloatArray:
        following = np.array(self.machine.transitions)[states[:, 0].round().astype(int), 2 * own + other]
        return np.asarray(following[:, None].astype(float))


@dataclass
class Counter:
    """It defects while what it counts is above 1: `up` for each D of the other, less `down` for each C, in [0, 3]."""

    up: float
    down: float
    resolution: FloatArray
    loss_bound: float | None = None
    n_actions: tuple[int, int] = (2, 2)
    start: FloatArray = field(default_factory=lambda: np.zeros(1))
    lowest: FloatArray = field(default_factory=lambda: np.full(1, -np.inf))

    def action_probabilities(self, states: FloatArray) -> FloatArray:
        cooperates = (states[:, 0] <= 1.0).astype(float)
        return np.stack([cooperates, 1.0 - cooperates], axis=1)

    def next_states(self, states: FloatArray, own: IntArray, other: IntArray) -> FloatArray:
        return np.clip(states + np.where(other == 1, self.up, -self.down)[:, None], 0.0, 3.0)
