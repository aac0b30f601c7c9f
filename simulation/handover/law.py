"""One round of two literal mirrors under a planner, as a law: what is left when it goes?

1. The planner, while it is on, announces its incentives for each outcome (the layer of thesis section 4.2).
2. Each player replies to the other's last action by its cooperativeness alpha, in the game *in force*: it
   maximises V_own + its own incentive + alpha V_other. With the probability of noise the other action is
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
from numpy.typing import NDArray

from simulation.engine.compilation import rule
from simulation.gradual.law import cooperation_level, slip
from simulation.gradual.players import LiteralMirror
from simulation.gradual.policies import policy_index
from simulation.gradual.seat import Asked, Mind, Played, Seat
from simulation.mechanism_design.law import Constants
from simulation.planner.observation import set_average_incentives
from simulation.planner.planning import plan
from simulation.planner.state import Planning, Round, State, Workspace, new_round
from theory.checks import FloatArray, IntArray

choose, learn = LiteralMirror.choose, LiteralMirror.learn

# Uniform draws of a round: two actions' ties, two for seeing them, two for a stochastic planner, and for each
# player whether it slips and where to.
DRAWS = 10


class Handover(NamedTuple):
    """What stays fixed."""

    payoffs: FloatArray
    """`[2, 2, 2]`: player, row action, column action; action 0 is C."""
    planning: Planning
    planned_rounds: int
    """In how many first rounds the planner acts."""
    noise: float
    tremble: float
    """Floor of the likelihoods (see `simulation.gradual.beliefs`)."""
    by_incentives: bool
    """Whether actions are attributed to the incentives in force, or to character."""
    burn_in: int
    """From which round on outcomes are counted."""


class HandoverState(NamedTuple):
    """What is carried from round to round."""

    guide: State
    """The planner's, as in mechanism design; what it says of learners stays as it is."""
    first: Mind
    second: Mind
    last: IntArray
    """`[2]`: the actions played last."""
    counts: FloatArray
    """`[4]`: how often CC, CD, DC, DD were played in the rounds that are counted."""

    @property
    def planner(self) -> FloatArray:
        """The planner's layer."""
        return self.guide.planner

    @property
    def paid(self) -> FloatArray:
        """`[2]`: absolute additional rewards so far."""
        return self.guide.paid

    @property
    def clock(self) -> FloatArray:
        """`[2]`: rounds played, and the round in which the planner retired (-1: it has not)."""
        return self.guide.clock


class HandoverRoom(NamedTuple):
    """Room for intermediate results, so that a round allocates nothing."""

    first: Seat
    """The players' tables: what is written of policies in force and of likelihoods holds for one round."""
    second: Seat
    table: FloatArray
    """`[2, 2, 2]`: incentives announced, by player, own action and the other's."""
    workspace: Workspace


class HandoverRound(NamedTuple):
    """The record of one round, written anew by the law; `[2]` each."""

    planned: Round
    action: NDArray[np.int8]
    level: FloatArray
    alpha: FloatArray
    """With which the round was played."""
    estimate: FloatArray
    """beta_hat after the round."""
    deviation: FloatArray
    """Standard deviation of the belief after the round."""


def new_handover_round() -> HandoverRound:
    """Return an empty record."""
    return HandoverRound(new_round(), np.zeros(2, np.int8), *(np.zeros(2) for _ in range(4)))


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
    table: FloatArray, planning: bool, state: State, handover: Handover | Constants, workspace: Workspace
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
                    handover.payoffs,
                    handover.planning,
                    1.0 - row,
                    1.0 - column,
                    workspace.at,
                    average,
                )
            table[0, row, column] = average[0] if planning else 0.0
            table[1, column, row] = average[1] if planning else 0.0


@rule
def set_policy_in_force(seat: Seat, alpha: float, last: int, incentive: FloatArray) -> float:
    """Write the policy with which a player replies to `last`, and return its P(C)."""
    index = policy_index(seat.weights, alpha)
    p = cooperation_in_force(
        seat.own_payoffs,
        seat.other_payoffs,
        incentive[0, last],
        incentive[1, last],
        seat.weights[index],
        last,
    )
    seat.cumulative[index, last, 0] = p
    seat.cumulative[index, last, 1] = 1.0
    return p


@rule
def set_likelihood(seat: Seat, own_before: int, action: int, incentive: FloatArray, tremble: float) -> None:
    """Write P(the other plays `action` in reply to `own_before`) for each cooperativeness of the other.

    `incentive[2, 2]` are those of the *other*, by its own action and the player's.
    """
    likelihood = seat.likelihood[own_before, action]
    for k in range(likelihood.shape[0]):
        p = 0.0
        c = (
            seat.other_payoffs[own_before, 0]
            + incentive[0, own_before]
            + seat.grid[k] * seat.own_payoffs[own_before, 0]
        )
        d = (
            seat.other_payoffs[own_before, 1]
            + incentive[1, own_before]
            + seat.grid[k] * seat.own_payoffs[own_before, 1]
        )
        if c == d:
            p = 0.5
        elif c > d:
            p = 1.0
        chance = p if action == 0 else 1.0 - p
        likelihood[k] = (1.0 - tremble) * chance + 0.5 * tremble


@rule
def handover_round(
    state: HandoverState,
    draws: FloatArray,
    turn: int,
    handover: Handover,
    room: HandoverRoom,
    record: HandoverRound,
) -> None:
    """Play round `turn`: `state` and `record` are updated. `draws[10]` are uniform on [0, 1)."""
    guide, one, two, last = state.guide, state.first, state.second, state.last
    table, planned = room.table, record.planned
    planning = turn < handover.planned_rounds and guide.clock[1] < 0.0
    set_incentive_table(table, planning, guide, handover, room.workspace)
    planned.cooperation_probability[0] = set_policy_in_force(room.first, one.alpha[0], last[1], table[0])
    planned.cooperation_probability[1] = set_policy_in_force(room.second, two.alpha[0], last[0], table[1])
    record.alpha[0] = one.alpha[0]
    record.alpha[1] = two.alpha[0]
    chosen = choose(room.first, one, Asked(last[1], turn, draws[0], 0.0))
    first = slip(chosen, 2, handover.noise, draws[6], draws[7])
    chosen = choose(room.second, two, Asked(last[0], turn, draws[1], 0.0))
    second = slip(chosen, 2, handover.noise, draws[8], draws[9])
    planned.cooperated[0] = 1.0 - first
    planned.cooperated[1] = 1.0 - second
    for i in range(2):
        planned.payoff[i] = handover.payoffs[i, first, second]
        planned.additional_reward[i] = 0.0
    if planning:
        plan(guide, draws, handover.payoffs, handover.planning, room.workspace, planned)
    guide.clock[0] += 1.0
    if handover.by_incentives:
        set_likelihood(room.first, last[0], second, table[1], handover.tremble)
        set_likelihood(room.second, last[1], first, table[0], handover.tremble)
    learn(room.first, one, Played(last[0], first, second, planned.payoff[0], turn))
    learn(room.second, two, Played(last[1], second, first, planned.payoff[1], turn))
    last[0] = first
    last[1] = second
    record.action[0] = first
    record.action[1] = second
    record.level[0] = cooperation_level(first, 2)
    record.level[1] = cooperation_level(second, 2)
    record.estimate[0] = one.estimate[0]
    record.estimate[1] = two.estimate[0]
    record.deviation[0] = one.deviation[0]
    record.deviation[1] = two.deviation[0]
    if turn >= handover.burn_in:
        state.counts[2 * first + second] += 1.0


def new_table() -> FloatArray:
    """Return room for the incentives announced in a round."""
    return np.zeros((2, 2, 2))
