r"""Mirroring: alpha <- clip(beta_hat + epsilon) (thesis section 5.2).

The generosity epsilon may be fixed, may grow with the uncertainty of the estimate, or both:

    epsilon = epsilon_0 + u * sd,

where sd is the standard deviation of the belief and u >= 0. A fixed epsilon > 0 is what lets two mirrors
climb to full cooperation; a player that is sure of its estimate and has epsilon_0 = 0 stays where it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from simulation.engine.compilation import rule
from simulation.engine.randomness import whole_number
from theory.checks import number_within


@dataclass(frozen=True, kw_only=True)
class MirrorTunables:
    """Belief and generosity of mirrors; the defaults are one setting for all games and noise levels.

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


@rule
def mirrored(
    estimate: float, deviation: float, epsilon: float, uncertainty_factor: float, low: float, high: float
) -> float:
    """Return the cooperativeness clip(beta_hat + epsilon_0 + u sd) in `[low, high]`."""
    alpha = estimate + epsilon + uncertainty_factor * deviation
    return min(high, max(low, alpha))


@rule
def combined(by_actions: float, by_rewards: float, reward_share: float) -> float:
    """Return (1 - s) beta_hat by actions + s beta_hat by rewards, for the share s in [0, 1]."""
    return (1.0 - reward_share) * by_actions + reward_share * by_rewards
