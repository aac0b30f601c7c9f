r"""One round of a graded public good of n players, as a law.

A player of weight alpha maximises V_i + alpha times the sum of the others' payoffs in reply to the others' last
levels. In a public good (`simulation.gradual.graded_games`) only their sum matters, so that one table of replies
by weight and by the sum of the others' actions serves everybody, and one table of likelihoods.

A level reaches all others alike: nobody can answer the others one by one. So a mirror keeps a belief about *each*
other player (Eq. 5.1) and mirrors their mean estimate, or the least one (`theory.altruism.group_mirror`). All see
all actions, and mirrors share prior, forgetting and tremble: hence they hold the same belief about player j, which
is kept once.

`draws[n, 3]` are uniform on [0, 1): for the choice, whether it slips, and where to.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simulation.engine.compilation import rule
from simulation.gradual.beliefs import belief_mean, belief_update
from simulation.gradual.law import slip
from simulation.gradual.mirroring import mirrored
from simulation.gradual.state import IntArray, draw_action, middle_action, policy_index
from theory.checks import FloatArray


class Group(NamedTuple):
    """What stays fixed. With n players, k actions, S = (n - 1)(k - 1) + 1 sums, w weights:"""

    weights: FloatArray
    """`[w]`: of policies and beliefs."""
    cumulative: FloatArray
    """`[w, S, k]`: cumulative probabilities of actions in reply to the sum of the others' last actions."""
    likelihood: FloatArray
    """`[S, k, w]`: of an action, by the sum of the actions that it replied to."""
    prior: FloatArray
    """`[w]`."""
    payoffs: FloatArray
    """`[S, k]`: a player's payoff by the sum of the others' actions and its own."""
    epsilon: FloatArray
    """`[n]`: generosities."""
    stubborn: FloatArray
    """`[n]`: a weight in [0, 1] that stays, or NaN for a mirror."""
    forgetting: float
    noise: float
    least: bool
    """Whether the least cooperative of the others is mirrored, not their mean."""


class GroupState(NamedTuple):
    """What is carried from round to round."""

    belief: FloatArray
    """`[n, w]`: everybody's belief about each player's weight."""
    alpha: FloatArray
    """`[n]`."""
    estimate: FloatArray
    """`[n]`: mean of the belief about each player."""
    last: IntArray
    """`[n]`: the actions played last."""


class GroupRound(NamedTuple):
    """The record of one round, `[n]` each, written anew by the law."""

    action: IntArray
    payoff: FloatArray
    alpha: FloatArray


def new_group_state(n_players: int, points: int) -> GroupState:
    """Return an empty state, to be started by `start_group`."""
    n = n_players
    return GroupState(np.zeros((n, points)), np.zeros(n), np.zeros(n), np.zeros(n, np.int64))


def new_group_round(n_players: int) -> GroupRound:
    """Return an empty record."""
    return GroupRound(np.zeros(n_players, np.int64), np.zeros(n_players), np.zeros(n_players))


@rule
def start_group(group: Group, state: GroupState) -> None:
    """Set a state to what it is before the first round: the prior about all, who seem to have played the middle."""
    for j in range(state.alpha.shape[0]):
        state.last[j] = middle_action(group.payoffs.shape[1])
        for k in range(group.prior.shape[0]):
            state.belief[j, k] = group.prior[k]
        state.estimate[j] = belief_mean(state.belief[j], group.weights)
    mirror_group(group, state)


@rule
def of_others(estimate: FloatArray, player: int, least: bool) -> float:
    """Return the mean, or the least, of the estimates of all others."""
    total = 0.0
    smallest = math.inf
    for j in range(estimate.shape[0]):
        if j != player:
            total += estimate[j]
            smallest = min(smallest, estimate[j])
    return smallest if least else total / (estimate.shape[0] - 1)


@rule
def mirror_group(group: Group, state: GroupState) -> None:
    """Set every mirror's weight to clip(estimate of the others + epsilon)."""
    for i in range(state.alpha.shape[0]):
        if math.isnan(group.stubborn[i]):
            of_all = of_others(state.estimate, i, group.least)
            state.alpha[i] = mirrored(of_all, 0.0, group.epsilon[i], 0.0, 0.0, 1.0)
        else:
            state.alpha[i] = group.stubborn[i]


@rule
def group_round(group: Group, state: GroupState, draws: FloatArray, record: GroupRound) -> None:
    """Play a round; `state` and `record` are updated."""
    n = state.alpha.shape[0]
    k = group.payoffs.shape[1]
    before = 0
    for i in range(n):
        before += state.last[i]
    total = 0
    for i in range(n):
        policy = policy_index(group.weights, state.alpha[i])
        chosen = draw_action(group.cumulative, policy, before - state.last[i], draws[i, 0])
        record.action[i] = slip(chosen, k, group.noise, draws[i, 1], draws[i, 2])
        record.alpha[i] = state.alpha[i]
        total += record.action[i]
    for i in range(n):
        record.payoff[i] = group.payoffs[total - record.action[i], record.action[i]]
        seen = group.likelihood[before - state.last[i], record.action[i]]
        belief_update(state.belief[i], group.prior, seen, group.forgetting)
        state.estimate[i] = belief_mean(state.belief[i], group.weights)
    for i in range(n):
        state.last[i] = record.action[i]
    mirror_group(group, state)
