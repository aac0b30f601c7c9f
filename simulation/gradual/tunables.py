"""What every mirror can be tuned by, whatever it plays."""

from __future__ import annotations

import math
from dataclasses import dataclass

from simulation.engine.randomness import whole_number
from theory.checks import number_within


@dataclass(frozen=True, kw_only=True)
class MirrorTunables:
    """Belief and generosity of gradual Tit-for-Tat; the defaults are one setting for all games and noise levels.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states.
    """

    epsilon: float = 0.05
    """Generosity added to the estimate, in [-1, 1]."""
    uncertainty_factor: float = 0.0
    """u >= 0: generosity for each standard deviation of the belief."""
    forgetting: float = 0.01
    """phi in [0, 1]: probability before each round that the other has drawn a new cooperativeness."""
    tremble: float = 0.05
    """h in [0, 1]: probability with which the other is thought to play any action, all alike."""
    grid_points: int = 101
    """Points of the belief on [0, 1], at least 2."""

    def __post_init__(self) -> None:
        number_within("epsilon", self.epsilon, -1.0, 1.0)
        number_within("uncertainty_factor", self.uncertainty_factor, 0.0, math.inf)
        number_within("forgetting", self.forgetting, 0.0, 1.0)
        number_within("tremble", self.tremble, 0.0, 1.0)
        whole_number("grid_points", self.grid_points, at_least=2)
