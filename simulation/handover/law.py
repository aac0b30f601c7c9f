"""One round of two gradual Tit-for-Tat players under a planner, as a law: what is left when it goes?

1. The planner, while it is on, announces its incentives for each outcome (the layer of thesis section 4.2).
2. Each player replies to the other's last action by its cooperativeness alpha, in the game *in force*: it
   maximises V_own + its own incentive + alpha V_other. With the probability of noise a uniform action is
   played instead.
3. The planner pays, watches the actions, and improves its layer as it does with learners (Eq. 4.7). It does
   not know that these players are no learners: its model of them is Eq. 4.6, from the actions seen.
4. Each player updates its belief about the other's cooperativeness (Eq. 5.1) and mirrors it.

Step 4 needs a view of *why* the other cooperated. A player who attributes actions to **character** explains
them by the original game: whoever cooperates there is cooperative. One who attributes them to **incentives**
explains them by the game in force, in which cooperation that is paid for says nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulation.engine.compilation import rule
from simulation.gradual.law import choose, learn, slip
from simulation.gradual.state import (
    ALPHA,
    DEVIATION,
    ESTIMATE,
    DuelRound,
    IntArray,
    Mind,
    Player,
    policy_index,
)
from simulation.mechanism_design.law import Constants, Round, State, Workspace
from simulation.mechanism_design.observation import set_average_incentives
from simulation.mechanism_design.planning import plan
from theory.checks import FloatArray

# Uniform draws of a round: two actions' ties, two for seeing them, two for a stochastic planner, and for each
# player whether it slips and where to.
DRAWS = 10


class Pair(NamedTuple):
    """What stays fixed of two gradual players, but for the two tables that incentives change."""

    first: Player
    second: Player
    noise: float
    tremble: float
    """Floor of the likelihoods (see `simulation.gradual.beliefs`)."""
    by_incentives: bool
    """Whether actions are attributed to the incentives in force, or to character."""


@rule
def cooperation_in_force(
    own: FloatArray, other: FloatArray, incentive_c: float, incentive_d: float, weight: float, last: int
) -> float:
    """Return P(C) of the best reply to action `last`: 1, 0, or 1/2 where C and D are equally good.

    `own[2, 2]` and `other[2, 2]` are payoffs by the player's own action and the other's; the incentives are
    the player's own, for C and for D in reply to `last`; `weight` is its cooperativeness.
    """
    c = own[0, last] + incentive_c + weight * other[0, last]
    d = own[1, last] + incentive_d + weight * other[1, last]
    if c == d:
        return 0.5
    return 1.0 if c > d else 0.0


@rule
def set_incentive_table(
    table: FloatArray, planning: bool, state: State, constants: Constants, workspace: Workspace
) -> None:
    """Write `table[player, own action, other's action]`: what the planner announces, 0 while it is off.

    It announces what it pays on average for an outcome, over what it may see of it and what it may draw.
    """
    average = workspace.by_output
    for row in range(2):
        for column in range(2):
            if planning:
                set_average_incentives(
                    state.planner,
                    constants.payoffs,
                    constants.planning,
                    1.0 - row,
                    1.0 - column,
                    workspace.at,
                    average,
                )
            table[0, row, column] = average[0] if planning else 0.0
            table[1, column, row] = average[1] if planning else 0.0


@rule
def set_policy_in_force(player: Player, alpha: float, last: int, incentive: FloatArray) -> float:
    """Write the policy with which a player replies to `last`, and return its P(C)."""
    index = policy_index(player.weights, alpha)
    p = cooperation_in_force(
        player.own_payoffs,
        player.other_payoffs,
        incentive[0, last],
        incentive[1, last],
        player.weights[index],
        last,
    )
    player.cumulative[index, last, 0] = p
    player.cumulative[index, last, 1] = 1.0
    return p


@rule
def set_likelihood(
    player: Player, own_before: int, action: int, incentive: FloatArray, tremble: float
) -> None:
    """Write P(the other plays `action` in reply to `own_before`) for each cooperativeness of the other.

    `incentive[2, 2]` are those of the *other*, by its own action and the player's.
    """
    likelihood = player.likelihood[own_before, action]
    for k in range(likelihood.shape[0]):
        p = 0.0
        c = (
            player.other_payoffs[own_before, 0]
            + incentive[0, own_before]
            + player.grid[k] * player.own_payoffs[own_before, 0]
        )
        d = (
            player.other_payoffs[own_before, 1]
            + incentive[1, own_before]
            + player.grid[k] * player.own_payoffs[own_before, 1]
        )
        if c == d:
            p = 0.5
        elif c > d:
            p = 1.0
        chance = p if action == 0 else 1.0 - p
        likelihood[k] = (1.0 - tremble) * chance + 0.5 * tremble


@rule
def handover_round(
    state: State,
    one: Mind,
    two: Mind,
    last: IntArray,
    turn: int,
    draws: FloatArray,
    planning: bool,
    constants: Constants,
    pair: Pair,
    table: FloatArray,
    workspace: Workspace,
    record: Round,
    duel: DuelRound,
) -> None:
    """Play round `turn`: `state`, both minds, `last[2]`, `record` and `duel` are updated.

    `draws[10]` are uniform on [0, 1); `table[2, 2, 2]` is room for the incentives announced.
    """
    planning = planning and state.clock[1] < 0.0
    set_incentive_table(table, planning, state, constants, workspace)
    record.cooperation_probability[0] = set_policy_in_force(pair.first, one.numbers[ALPHA], last[1], table[0])
    record.cooperation_probability[1] = set_policy_in_force(
        pair.second, two.numbers[ALPHA], last[0], table[1]
    )
    duel.alpha[0] = one.numbers[ALPHA]
    duel.alpha[1] = two.numbers[ALPHA]
    first = slip(choose(pair.first, one, last[1], turn, draws[0], 0.0), 2, pair.noise, draws[6], draws[7])
    second = slip(choose(pair.second, two, last[0], turn, draws[1], 0.0), 2, pair.noise, draws[8], draws[9])
    record.cooperated[0] = 1.0 - first
    record.cooperated[1] = 1.0 - second
    for i in range(2):
        record.payoff[i] = constants.payoffs[i, first, second]
        record.additional_reward[i] = 0.0
        duel.payoff[i] = record.payoff[i]
    if planning:
        plan(state, draws, constants.payoffs, constants.planning, workspace, record)
    state.clock[0] += 1.0
    if pair.by_incentives:
        set_likelihood(pair.first, last[0], second, table[1], pair.tremble)
        set_likelihood(pair.second, last[1], first, table[0], pair.tremble)
    learn(pair.first, one, last[0], first, second, record.payoff[0], turn)
    learn(pair.second, two, last[1], second, first, record.payoff[1], turn)
    last[0] = first
    last[1] = second
    duel.action[0] = first
    duel.action[1] = second
    duel.estimate[0] = one.numbers[ESTIMATE]
    duel.estimate[1] = two.numbers[ESTIMATE]
    duel.deviation[0] = one.numbers[DEVIATION]
    duel.deviation[1] = two.numbers[DEVIATION]


def new_table() -> FloatArray:
    """Return room for the incentives announced in a round."""
    return np.zeros((2, 2, 2))
