"""Whether play needs no planner any more: an equilibrium of the highest welfare, within a tolerance.

A planner judges by the original game, without its incentives. With pi_i(k) the probability of action k of
player i, v_i(k) what the action pays against the others' policies and W(o) the welfare of an outcome o, play is
stable cooperation if

    sum_o pi(o) (max W - W(o))         <= tolerance * (max W - min W),
    sum_k pi_i(k) (max_l v_i(l) - v_i(k)) <= tolerance * (payoff range of player i)        for all i.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simulation.engine.compilation import rare_rule, rule
from theory import Game
from theory.checks import FloatArray, IntArray

# Share of the ranges: that of verdicts on learned outcomes.
STABILITY_TOLERANCE = 0.02


class Outcomes(NamedTuple):
    """The outcomes of a finite game, one after the other."""

    payoffs: FloatArray
    """`[n_players, outcomes]`."""
    actions: IntArray
    """`[n_players, outcomes]`: a_i(o)."""
    n_actions: IntArray
    """`[n_players]`."""


def outcomes_of(game: Game) -> Outcomes:
    """Return a game's outcomes in the order of `Game.pure_profiles`."""
    return Outcomes(
        payoffs=np.array(game.payoffs.reshape(game.n_players, -1)),
        actions=np.ascontiguousarray(np.array(list(game.pure_profiles()), dtype=np.int64).T),
        n_actions=np.array(game.n_actions, dtype=np.int64),
    )


@rare_rule
def cooperation_is_stable(outcomes: Outcomes, policy: FloatArray) -> bool:
    """Return whether `policy[n_players, most actions]` is an equilibrium of the highest welfare."""
    players, count = outcomes.payoffs.shape
    best, worst = -math.inf, math.inf
    for o in range(count):
        welfare = _welfare(outcomes, o)
        best, worst = max(best, welfare), min(worst, welfare)
    # Sums of differences that are all >= 0, so that rounding makes no loss where nothing can be lost.
    loss = 0.0
    for o in range(count):
        loss += _chance(outcomes, policy, o, -1) * (best - _welfare(outcomes, o))
    if loss > STABILITY_TOLERANCE * (best - worst):
        return False
    for i in range(players):
        high, low, most = -math.inf, math.inf, -math.inf
        for o in range(count):
            high, low = max(high, outcomes.payoffs[i, o]), min(low, outcomes.payoffs[i, o])
        for k in range(outcomes.n_actions[i]):
            most = max(most, _action_value(outcomes, policy, i, k))
        regret = 0.0
        for k in range(outcomes.n_actions[i]):
            regret += policy[i, k] * (most - _action_value(outcomes, policy, i, k))
        if regret > STABILITY_TOLERANCE * (high - low):
            return False
    return True


@rule
def _welfare(outcomes: Outcomes, outcome: int) -> float:
    total = 0.0
    for i in range(outcomes.payoffs.shape[0]):
        total += outcomes.payoffs[i, outcome]
    return total


@rule
def _chance(outcomes: Outcomes, policy: FloatArray, outcome: int, but: int) -> float:
    """Return with what probability all players but one (-1: but none) play their part of an outcome."""
    chance = 1.0
    for j in range(outcomes.payoffs.shape[0]):
        if j != but:
            chance *= policy[j, outcomes.actions[j, outcome]]
    return chance


@rule
def _action_value(outcomes: Outcomes, policy: FloatArray, player: int, action: int) -> float:
    """Return v_i(k)."""
    value = 0.0
    for o in range(outcomes.payoffs.shape[1]):
        if outcomes.actions[player, o] == action:
            value += _chance(outcomes, policy, o, player) * outcomes.payoffs[player, o]
    return value
