"""Whether a literal mirror of a 2x2 game can be exploited by who always defects, and the warning that says so.

Its policy of cooperativeness alpha answers C with C from theta_C on, and D with D below theta_D. Where a D comes in
reply to its C, the other's cooperativeness is below the other's theta_C: it estimates theta_C / 2, and plays C again
if that and its generosity reach its own theta_D (`theory.altruism.action_mirror`).
"""

from __future__ import annotations

import math
import warnings

import numpy as np

from simulation.gradual.mirroring import MirrorTunables
from theory import Game, security_levels
from theory.altruism.action_mirror import ActionMirror
from theory.altruism.thresholds import reply_interval
from theory.checks import FloatArray

C, D = np.array([1.0, 0.0]), np.array([0.0, 1.0])


class UnsafeMirrorWarning(UserWarning):
    """A literal mirror plays a game in which an unconditional defector can exploit it for ever."""


def warn_if_unsafe(mirror: MirrorTunables, game: Game, role: int) -> None:
    """Warn that in a 2x2 game a mirror, whose prior is uniform, is not safe as player `role` (0 or 1).

    Not asked about are games in which C is not the kinder action of both players, and in which C in reply to D costs
    nothing below the security level, as in Chicken. Trembles and forgetting are left out: they raise the estimate
    by less than a thousandth at their defaults.
    """
    if game.n_actions != (2, 2):
        return
    own_c, own_d = (_threshold(game, role, reply_to) for reply_to in (C, D))
    others = _threshold(game, 1 - role, C)
    if own_c is None or own_d is None or others is None or not 0.0 < own_d <= 1.0:
        return
    outcome = (0, 1) if role == 0 else (1, 0)
    loss = float(security_levels(game)[role] - game.payoffs[role][outcome])
    # Where the other answers C alike at every cooperativeness in [0, 1], its D tells nothing: the mean is 1/2.
    told = others if 0.0 < others <= 1.0 else 1.0
    generosity = mirror.epsilon + mirror.uncertainty_factor * told / math.sqrt(12.0)
    safe = ActionMirror(own_d, epsilon=generosity, threshold_of_other=told).is_safe_against_defector
    if safe or loss <= game.resolution[role]:
        return
    warnings.warn(
        f"{type(mirror).__name__} is not safe as player {role + 1} of this game: theta_C = {own_c:.3g}, theta_D = "
        f"{own_d:.3g}, and from a D in reply to its C it takes the other for {told / 2.0:.3g} cooperative, which "
        f"with its generosity {generosity:.3g} reaches theta_D. An unconditional defector can hold it in cooperation "
        f"for ever, {loss:.3g} a round below its security level; GradualPlayer loses no more than its budget in all",
        UnsafeMirrorWarning,
        stacklevel=4,
    )


def _threshold(game: Game, player: int, reply_to: FloatArray) -> float | None:
    """Return from which weight on the other's payoff on C is a best reply; None where it is not from one on."""
    profile = (C, reply_to) if player == 0 else (reply_to, C)
    interval = reply_interval(game, player, profile)
    return interval.lower if interval is not None and interval.upper == math.inf else None
