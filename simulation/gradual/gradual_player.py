"""Gradual Tit-for-Tat: play by cooperativeness, then estimate and mirror (thesis chapter 5)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from simulation.compilation import rule
from simulation.gradual.beliefs import (
    belief_deviation,
    belief_mean,
    belief_update,
    floored_likelihoods,
    uniform_prior,
)
from simulation.gradual.mirroring import combined, mirrored
from simulation.gradual.policies import (
    Form,
    PolicyFamily,
    Selection,
    cooperativeness_grid,
    policy_family,
)
from simulation.gradual.reward_inversion import average_curve, average_reward, invert_curve
from simulation.gradual.seats import seat_at
from simulation.gradual.state import (
    ALPHA,
    AVERAGE_REWARD,
    DEVIATION,
    ESTIMATE,
    GRADUAL,
    LOG_EVIDENCE,
    LOWER,
    UPPER,
    ZERO_EVIDENCE,
    Mind,
    Player,
    draw_action,
    policy_index,
)
from simulation.gradual.surfaces import value_surfaces
from simulation.randomness import whole_number
from theory import Game
from theory._checks import finite_number, number_within, probability_vector

# Positions of Gradual Tit-for-Tat's tunables.
FORGETTING, EPSILON, UNCERTAINTY_FACTOR, REWARD_SHARE, REWARD_RATE, LOW, HIGH = range(7)


@dataclass(frozen=True, kw_only=True)
class GradualPlayer:
    """Mirror the other's degree of cooperativeness (thesis chapter 5).

    The defaults are one setting for all games and noise levels.

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
    """h in [0, 1]: probability with which the other is thought to play any action."""
    reward_share: float = 0.0
    """Share in [0, 1] of the estimate by rewards (section 5.3.2) in the combined estimate."""
    reward_rate: float = 0.05
    """tau in (0, 1]: weight of the newest reward in the average."""
    grid_points: int = 101
    """Points of the belief and policies on [0, 1], at least 2."""
    prior: ArrayLike | None = None
    """`[grid_points]` prior probabilities of the other's cooperativeness; None: all alike."""
    form: Form = "sum"
    """What cooperativeness maximises, see `simulation.gradual.policies`; the other is thought to do alike."""
    selection: Selection = "best-reply"
    """`"best-reply"` or `"logit"`."""
    rationality: float | None = None
    """Of logit selection."""
    disagreement: str = "security"
    """Disagreement point of the forms with gains."""
    believed_game: Game | None = None
    """The payoffs that the player believes in; None: the true ones (section 6.3.2)."""
    families: tuple[PolicyFamily, PolicyFamily] | None = None
    """Own policies and those that the other is thought to have; None: those of form and selection."""

    def __post_init__(self) -> None:
        number_within("epsilon", self.epsilon, -1.0, 1.0)
        number_within("uncertainty_factor", self.uncertainty_factor, 0.0, math.inf)
        number_within("forgetting", self.forgetting, 0.0, 1.0)
        number_within("tremble", self.tremble, 0.0, 1.0)
        number_within("reward_share", self.reward_share, 0.0, 1.0)
        if not 0.0 < finite_number("reward_rate", self.reward_rate) <= 1.0:
            raise ValueError(f"reward_rate must lie in (0, 1], got {self.reward_rate}")
        whole_number("grid_points", self.grid_points, at_least=2)
        if self.prior is not None:
            probability_vector("prior", self.prior, self.grid_points)

    def policies(self, game: Game, role: int) -> tuple[PolicyFamily, PolicyFamily]:
        """Return the own policies and those that the other is thought to have."""
        if self.families is not None:
            return self.families
        own, other = (
            policy_family(
                self.believed_game or game,
                player,
                weights=cooperativeness_grid(self.grid_points),
                form=self.form,
                selection=self.selection,
                rationality=self.rationality,
                disagreement=self.disagreement,
            )
            for player in (role, 1 - role)
        )
        return own, other

    def seat(self, game: Game, role: int) -> Player:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        believed = self.believed_game or game
        if believed.n_actions != game.n_actions:
            raise ValueError(
                f"believed_game must have the game's actions {game.n_actions}, got {believed.n_actions}"
            )
        own, other = self.policies(game, role)
        points = len(other.weights)
        values = np.zeros((1, 1))
        if self.reward_share > 0.0:
            by_role = (own, other) if role == 0 else (other, own)
            surfaces = value_surfaces(believed, *by_role)
            # Rows are the own cooperativeness, whichever player that is.
            values = surfaces.values[0] if role == 0 else np.ascontiguousarray(surfaces.values[1].T)
        prior = uniform_prior(points) if self.prior is None else np.array(self.prior, dtype=np.float64)
        return seat_at(
            believed,
            role,
            GRADUAL,
            (
                self.forgetting,
                self.epsilon,
                self.uncertainty_factor,
                self.reward_share,
                self.reward_rate,
                float(own.weights[0]),
                float(own.weights[-1]),
            ),
            own=own,
            grid=other.weights.copy(),
            prior=prior / prior.sum(),
            likelihood=floored_likelihoods(other, self.tremble),
            values=values,
        )


@rule
def play_by_cooperativeness(player: Player, alpha: float, other: int, draw: float) -> int:
    """Return the action of the policy of cooperativeness alpha in reply to the other's last action."""
    return draw_action(player.cumulative, policy_index(player.weights, alpha), other, draw)


@rule
def start_gradual(player: Player, mind: Mind) -> None:
    """Begin with the prior and mirror its mean."""
    for k in range(player.prior.shape[0]):
        mind.belief[k] = player.prior[k]
    _mirror(player, mind, 0.0)


@rule
def learn_gradual(
    player: Player, mind: Mind, own_before: int, own: int, other: int, payoff: float, first: bool
) -> None:
    """Update the belief, the average reward and alpha.

    `own_before` is what the other replied to, `own` and `other` are the actions of this round, `payoff` is
    the reward.
    """
    tunables = player.tunables
    evidence = belief_update(
        mind.belief, player.prior, player.likelihood[own_before, other], tunables[FORGETTING]
    )
    if evidence > 0.0:
        mind.numbers[LOG_EVIDENCE] += math.log(evidence)
    else:
        mind.numbers[ZERO_EVIDENCE] += 1.0
    by_rewards = 0.0
    if tunables[REWARD_SHARE] > 0.0:
        rate = tunables[REWARD_RATE]
        mind.numbers[AVERAGE_REWARD] = average_reward(mind.numbers[AVERAGE_REWARD], payoff, rate, first)
        index = policy_index(player.weights, mind.numbers[ALPHA])
        average_curve(mind.curve, player.values[index], rate, first)
        lower, upper, by_rewards = invert_curve(player.grid, mind.curve, mind.numbers[AVERAGE_REWARD])
        mind.numbers[LOWER] = lower
        mind.numbers[UPPER] = upper
    _mirror(player, mind, by_rewards)


@rule
def _mirror(player: Player, mind: Mind, by_rewards: float) -> None:
    tunables = player.tunables
    mean = belief_mean(mind.belief, player.grid)
    deviation = belief_deviation(mind.belief, player.grid, mean)
    estimate = combined(mean, by_rewards, tunables[REWARD_SHARE])
    mind.numbers[ESTIMATE] = estimate
    mind.numbers[DEVIATION] = deviation
    mind.numbers[ALPHA] = mirrored(
        estimate,
        deviation,
        tunables[EPSILON],
        tunables[UNCERTAINTY_FACTOR],
        tunables[LOW],
        tunables[HIGH],
    )
