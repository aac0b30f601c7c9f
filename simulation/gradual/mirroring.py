r"""Mirroring: alpha <- clip(beta_hat + epsilon) (thesis section 5.2).

The generosity epsilon may be fixed, may grow with the uncertainty of the estimate, or both:

    epsilon = epsilon_0 + u * sd,

where sd is the standard deviation of the belief and u >= 0. A fixed epsilon > 0 is what lets two mirrors
climb to full cooperation; a player that is sure of its estimate and has epsilon_0 = 0 stays where it is.
"""

from __future__ import annotations

from simulation.engine.compilation import rule


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
