"""Duels with any level from 0 to 1, judged on the game's grid of levels."""

from __future__ import annotations

from simulation.gradual.parameters import ContinuousDuelParameters, play_continuous_parameters
from simulation.worlds.duels import measure_duels, outcomes_of_duels
from simulation.worlds.world import World

WORLD = World(
    name="continuous-duels",
    Parameters=ContinuousDuelParameters,
    play=play_continuous_parameters,
    measure=measure_duels,
    outcomes=outcomes_of_duels,
)
