"""How payoffs depend on how much players care for each other (thesis chapter 5): the parts in one place.

- `surfaces`: V1, V2 and W over a grid of weights, under a stated selection among equilibria;
- `monotonicity`: whether altruism costs oneself, helps the other and raises welfare, by which theorem,
  or with the smallest counterexample;
- `altruism_counterexamples`: six small games in which it does not;
- `cooperation_thresholds`: from which weights an outcome is an equilibrium; `reply_interval`: for one player;
- `full_altruism`: where play rests when all weigh all payoffs alike. `game.altruistic(1, 1)` is the fully
  cooperative game of thesis section 4.1.2, in which everyone receives the sum of all payoffs;
- `mirror_fixed_points`, `mirror_trajectory`: where mirroring the other's weight leads;
  `ActionMirror`, `mirrored_play`: where it leads if the weight is read off actions.
"""

from theory.altruism.action_mirror import (
    ActionMirror,
    CooperativenessEstimates,
    cooperativeness_estimates,
    mirrored_play,
    mutual_defection_is_absorbing,
)
from theory.altruism.counterexamples import AltruismCase, altruism_counterexamples
from theory.altruism.effects import (
    Guarantee,
    Monotonicity,
    MonotonicityClaim,
    MonotonicityCounterexample,
    monotonicity,
)
from theory.altruism.mirror import (
    MirrorFixedPoints,
    MirrorTrajectory,
    mirror_fixed_points,
    mirror_step,
    mirror_trajectory,
)
from theory.altruism.payoff_surfaces import SELECTIONS, AltruismSurfaces, best_reply_rest_point, surfaces
from theory.altruism.separability import SeparablePayoffs, separate_payoffs
from theory.altruism.thresholds import (
    CooperationThresholds,
    FullAltruism,
    WeightInterval,
    cooperation_thresholds,
    full_altruism,
    reply_interval,
)

__all__ = [
    "SELECTIONS",
    "ActionMirror",
    "AltruismCase",
    "AltruismSurfaces",
    "CooperationThresholds",
    "CooperativenessEstimates",
    "FullAltruism",
    "Guarantee",
    "MirrorFixedPoints",
    "MirrorTrajectory",
    "Monotonicity",
    "MonotonicityClaim",
    "MonotonicityCounterexample",
    "SeparablePayoffs",
    "WeightInterval",
    "altruism_counterexamples",
    "best_reply_rest_point",
    "cooperation_thresholds",
    "cooperativeness_estimates",
    "full_altruism",
    "mirror_fixed_points",
    "mirror_step",
    "mirror_trajectory",
    "mirrored_play",
    "monotonicity",
    "mutual_defection_is_absorbing",
    "reply_interval",
    "separate_payoffs",
    "surfaces",
]
