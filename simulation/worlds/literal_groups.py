"""A group of literal mirrors in a graded public good."""

from __future__ import annotations

from simulation.gradual.groups.runs import GroupParameters
from simulation.worlds.groups import group_outcomes, measure_group, play_second_half
from simulation.worlds.world import World

WORLD = World(
    name="literal-groups",
    Parameters=GroupParameters,
    play=play_second_half,
    measure=measure_group,
    outcomes=group_outcomes,
)
