"""What a group has come to, on a grid of levels that is coarse enough for a verdict."""

from __future__ import annotations

import numpy as np

from simulation.gradual.graded_games import GradedGame, cooperation_levels, graded_public_good
from simulation.gradual.groups.public_good import PublicGoodGroup
from theory.checks import FloatArray, IntArray

# The grid on which a group is judged, by its players: a payoff tensor of 20 players cannot be written down.
JUDGED_LEVELS = {2: 21, 3: 11, 5: 6}


def judged_game(group: PublicGoodGroup) -> GradedGame | None:
    """Return the game in which a group is judged; None where there is none for so many players."""
    levels = JUDGED_LEVELS.get(group.n_players)
    if levels is None:
        return None
    return graded_public_good(
        group.n_players, benefit=group.benefit, cost=group.cost, exponent=group.exponent, levels=levels
    )


def frequencies_on_grid(frequency: FloatArray, levels: int) -> FloatArray:
    """Return `[..., levels]`: the frequencies `[..., actions]` of levels, moved to the nearest of a coarser grid."""
    fine = cooperation_levels(frequency.shape[-1])
    nearest: IntArray = np.rint((1.0 - fine) * (levels - 1)).astype(np.int64)
    return np.asarray(frequency @ (nearest[:, None] == np.arange(levels)))
