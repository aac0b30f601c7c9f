"""Loops over the agents who live by one rule, rule after rule.

Who lives by which rule is drawn, so that a loop which asks each agent for its rule, and does what that says, is
neither predicted by a processor nor vectorised. A loop of one simple rule is: agents of other rules are masked, and
where everybody follows there is no mask.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simulation.engine.compilation import loop_rule, rule
from simulation.population.rules.rule import Changing
from simulation.population.state import (
    PopulationConstants,
    PopulationRoom,
    PopulationState,
    PopulationSums,
)

ChangingAll = Callable[[PopulationState, PopulationConstants, PopulationRoom, PopulationSums], None]


def count_followers(which: int) -> ChangingAll:
    """Return what writes how many agents live by a rule, in the first column of `record.by_rule`."""

    @rule
    def count(
        state: PopulationState, constants: PopulationConstants, room: PopulationRoom, record: PopulationSums
    ) -> None:
        followers = 0
        for i in range(state.rule.shape[0]):
            followers += 1 if state.rule[i] == which else 0
        record.by_rule[which, 0] = followers

    return count


def for_followers(which: int, changes: Changing) -> ChangingAll:
    """Return what does something to all agents who live by a rule, after these have been counted."""

    @loop_rule
    def for_everybody(state: PopulationState, constants: PopulationConstants, room: PopulationRoom) -> None:
        for i in range(state.rule.shape[0]):
            changes(state, i, constants, room)

    @loop_rule
    def for_some(state: PopulationState, constants: PopulationConstants, room: PopulationRoom) -> None:
        for i in range(state.rule.shape[0]):
            if state.rule[i] == which:
                changes(state, i, constants, room)

    @rule
    def for_all_who_follow(
        state: PopulationState, constants: PopulationConstants, room: PopulationRoom, record: PopulationSums
    ) -> None:
        if record.by_rule[which, 0] == state.rule.shape[0]:
            for_everybody(state, constants, room)
        elif record.by_rule[which, 0] > 0.0:
            for_some(state, constants, room)

    return for_all_who_follow


@rule
def _nothing(
    state: PopulationState, constants: PopulationConstants, room: PopulationRoom, record: PopulationSums
) -> None:
    """Do nothing."""


def in_turn(parts: Sequence[ChangingAll]) -> ChangingAll:
    """Return what does one after the other."""
    if not parts:
        return _nothing
    first, others = parts[0], in_turn(parts[1:])

    @rule
    def all_parts(
        state: PopulationState, constants: PopulationConstants, room: PopulationRoom, record: PopulationSums
    ) -> None:
        first(state, constants, room, record)
        others(state, constants, room, record)

    return all_parts
