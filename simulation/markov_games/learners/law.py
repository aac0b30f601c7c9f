"""One step of learners in tables in a game that is written out, in scalar loops.

Everybody chooses by its policy in the state, an outcome is drawn, everybody moves the value of what was done towards
its reward and what the next state is worth to it, and assesses the state anew. Values and policies of states are kept
and not looked up again (as in Littman 1994): only the state that was left is assessed. An episode that has ended, or
has lasted `horizon` steps, is followed by the next one; in the second case what would have come counts (Pardo and
others 2018, "Time limits in reinforcement learning").
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from simulation.engine.compilation import rare_rule, rule
from simulation.engine.elementary import exp
from simulation.markov_games.learners.chances import Chances
from simulation.markov_games.learners.tabular import Assess
from theory.checks import FloatArray, IntArray


class TablesState(NamedTuple):
    """What a run carries from step to step."""

    values: FloatArray
    """`[n_players, S, A, B]`."""
    seen: FloatArray
    """`[n_players, S, B]`: 1 + how often the others did it."""
    worth: FloatArray
    """`[n_players, S, A]`."""
    policy: FloatArray
    """`[n_players, S, A]`."""
    value: FloatArray
    """`[n_players, S]`: V."""
    rates: FloatArray
    """`[n_players]`."""
    temperatures: FloatArray
    """`[n_players]`."""
    where: IntArray
    """`[2]`: the state of the game, and how many steps the episode has lasted."""


class TablesConstants(NamedTuple):
    """What stays fixed."""

    chances: Chances
    others: IntArray
    """`[n_players, J]`: the place of the others' actions among theirs, 0 for who does not see them."""
    kind: IntArray
    """`[n_players]`: whose assessment a player has."""
    width: IntArray
    """`[n_players]`: B of each."""
    numbers: FloatArray
    """`[n_players, k]`."""
    exploration: FloatArray
    """`[n_players]`."""
    falling: FloatArray
    """`[n_players]`: factors of the learning rates."""
    cooling: FloatArray
    """`[n_players]`: factors of the temperatures."""
    least_temperature: FloatArray
    """`[n_players]`."""
    discount: float
    horizon: int


class TablesRoom(NamedTuple):
    """For intermediate results."""

    tableau: FloatArray
    chosen: IntArray
    """`[n_players]`."""
    weights: FloatArray
    """`[A]`."""


class TablesStep(NamedTuple):
    """What happened."""

    action: IntArray
    """`[n_players]`."""
    reward: FloatArray
    """`[n_players]`."""


@rule
def place_of(sums: FloatArray, draw: float) -> int:
    """Return the first place whose sum of probabilities is above a uniform draw."""
    for k in range(len(sums)):
        if draw < sums[k]:
            return k
    return len(sums) - 1


@rare_rule
def chosen_action(
    policy: FloatArray,
    worth: FloatArray,
    exploration: float,
    temperature: float,
    explores: float,
    draw: float,
    weights: FloatArray,
) -> int:
    """Return an action by two uniform draws: what is meant or a uniform one, or one of Boltzmann's."""
    n_actions = len(policy)
    largest = worth[0]
    for a in range(n_actions):
        largest = max(largest, worth[a])
    total = 0.0
    for a in range(n_actions):
        if temperature > 0.0:
            weights[a] = exp((worth[a] - largest) / temperature)
        else:
            weights[a] = 1.0 if explores < exploration else policy[a]
        total += weights[a]
    below = 0.0
    for a in range(n_actions):
        below += weights[a] / total
        if draw < below:
            return a
    # The sum of all falls short of 1 by rounding; an action that is never meant is not taken for that.
    for a in range(n_actions - 1, -1, -1):
        if weights[a] > 0.0:
            return a
    return n_actions - 1


def assess_by(kinds: tuple[Assess, ...], first: int = 0) -> Any:
    """Return the rule that assesses by the player's kind, given as its first argument."""
    assess = kinds[0]

    @rule
    def by_first(
        kind: int,
        values: FloatArray,
        seen: FloatArray,
        numbers: FloatArray,
        tableau: FloatArray,
        worth: FloatArray,
        policy: FloatArray,
    ) -> float:
        value: float = assess(values, seen, numbers, tableau, worth, policy)
        return value

    if len(kinds) == 1:
        return by_first
    others = assess_by(kinds[1:], first + 1)

    @rule
    def by_all(
        kind: int,
        values: FloatArray,
        seen: FloatArray,
        numbers: FloatArray,
        tableau: FloatArray,
        worth: FloatArray,
        policy: FloatArray,
    ) -> float:
        if kind == first:
            return by_first(kind, values, seen, numbers, tableau, worth, policy)
        value: float = others(kind, values, seen, numbers, tableau, worth, policy)
        return value

    return by_all


@cache
def law_of(kinds: tuple[Assess, ...]) -> Any:
    """Return the law of players who assess by these rules; it takes 2 n_players + 2 draws."""
    assess = assess_by(kinds)

    @rule
    def tables_step(
        state: TablesState,
        draws: FloatArray,
        step: int,
        constants: TablesConstants,
        room: TablesRoom,
        record: TablesStep,
    ) -> None:
        players, _, n_actions, _ = state.values.shape
        here = state.where[0]
        joint = 0
        for i in range(players):
            room.chosen[i] = chosen_action(
                state.policy[i, here], state.worth[i, here], constants.exploration[i], state.temperatures[i],
                draws[2 * i], draws[2 * i + 1], room.weights,
            )  # fmt: skip
            joint = joint * n_actions + room.chosen[i]
        outcome = place_of(constants.chances.cumulative[here, joint], draws[2 * players])
        there = constants.chances.successors[here, joint, outcome]
        ended = constants.chances.ended[here, joint, outcome]
        for i in range(players):
            reward = constants.chances.rewards[here, joint, outcome, i]
            ahead = 0.0 if ended else constants.discount * state.value[i, there]
            own, others = room.chosen[i], constants.others[i, joint]
            entry = state.values[i, here, own, others]
            state.values[i, here, own, others] = entry + state.rates[i] * (reward + ahead - entry)
            state.seen[i, here, others] += 1.0
            record.action[i] = own
            record.reward[i] = reward
        for i in range(players):
            width = constants.width[i]
            state.value[i, here] = assess(
                constants.kind[i], state.values[i, here, :, :width], state.seen[i, here, :width],
                constants.numbers[i], room.tableau, state.worth[i, here], state.policy[i, here],
            )  # fmt: skip
            state.rates[i] *= constants.falling[i]
            cooled = state.temperatures[i] * constants.cooling[i]
            if state.temperatures[i] > 0.0:
                state.temperatures[i] = max(cooled, constants.least_temperature[i])
        state.where[1] += 1
        if ended or state.where[1] >= constants.horizon:
            state.where[0] = place_of(constants.chances.start, draws[2 * players + 1])
            state.where[1] = 0
        else:
            state.where[0] = there

    return tables_step
