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

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
