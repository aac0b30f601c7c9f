r"""One round of a duel with continuous levels in the graded donation game, as a law.

With V_i(x) = b_i x_j + k x_i x_j - c_i x_i^2 / 2 a player of cooperativeness alpha, who maximises
V_i + alpha V_j in reply to the other's last level y, plays the closed form

    x_i = clip((alpha b_j + (1 + alpha) k y) / c_i, 0, 1),

which is alpha b_j / c_i where levels do not interact. Nothing is rounded to a grid of levels.

Beliefs about the other's beta stay on a grid (`simulation.gradual.beliefs`). The other is thought to aim at its
closed form m(beta), to miss it by a logistic error of scale s that is cut off at 0 and 1, and with
probability h (the tremble) to play a uniform level. With F the logistic distribution function and f its
density, the likelihood of a level x is

    (1 - h) F(-m / s)                at x = 0,
    (1 - h) f((x - m) / s) / s + h   for 0 < x < 1,
    (1 - h) (1 - F((1 - m) / s))     at x = 1:

probabilities at both ends, a density between. The scale should not be far below the distance between two
points of the grid, or a beta between them fits neither.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simulation.engine.compilation import rule
from simulation.engine.elementary import exp, log
from simulation.gradual.beliefs import belief_deviation, belief_mean, belief_update
from simulation.gradual.mirroring import mirrored
from theory.checks import FloatArray

# Kinds of players.
FIXED, MIRROR, TIT_FOR_TAT = range(3)

# Positions of the tunables; a fixed player has its weight, the later one, and the round of the switch.
EPSILON, UNCERTAINTY_FACTOR, FORGETTING, TREMBLE, SPREAD = range(5)
WEIGHT, LATER_WEIGHT, SWITCH_ROUND = range(3)

# Positions in a mind's numbers.
ALPHA, ESTIMATE, DEVIATION, ZERO_EVIDENCE, LOG_EVIDENCE = range(5)

# Before the first round both are taken to have played this level.
FIRST_LEVEL = 0.5


class ContinuousPlayer(NamedTuple):
    """What stays fixed during a duel."""

    kind: int
    tunables: FloatArray
    """`[5]`, as the kind names them."""
    grid: FloatArray
    """`[b]`: the other's cooperativeness; length 1 for players without belief."""
    prior: FloatArray
    """`[b]`."""
    own_reply: FloatArray
    """`[3]`: b of the other, own cost, interaction, as the player believes them."""
    other_reply: FloatArray
    """`[3]`: own b, the other's cost, interaction, as the player believes them."""


class ContinuousMind(NamedTuple):
    """What a player carries from round to round; a batch has a leading axis of runs."""

    numbers: FloatArray
    """`[5]`."""
    belief: FloatArray
    """`[b]`."""
    likelihood: FloatArray
    """`[b]`: of the level that was seen last."""


class ContinuousRound(NamedTuple):
    """The record of one round, `[2]` each, written anew by the law."""

    level: FloatArray
    payoff: FloatArray
    alpha: FloatArray
    estimate: FloatArray
    deviation: FloatArray


def new_continuous_round() -> ContinuousRound:
    """Return an empty record."""
    return ContinuousRound(*(np.zeros(2) for _ in range(5)))


@rule
def best_level(weight: float, other: float, reply: FloatArray) -> float:
    """Return the level that maximises V_own + weight V_other in reply to the other's level."""
    wanted = (weight * reply[0] + (1.0 + weight) * reply[2] * other) / reply[1]
    return float(min(1.0, max(0.0, wanted)))


@rule
def level_likelihood(level: float, aim: float, spread: float, tremble: float) -> float:
    """Return the likelihood of a level for a player that aims at `aim`, both in [0, 1].

    Levels 0 and 1 have the mass of what is cut off there, F(-distance / s); other levels a density. Neither
    overflows, however small the spread.
    """
    decay = exp(-abs(level - aim) / spread)
    beyond = (1.0 - tremble) * decay / (1.0 + decay)
    if level <= 0.0 or level >= 1.0:
        return beyond
    return beyond / (spread * (1.0 + decay)) + tremble


@rule
def start_continuous(player: ContinuousPlayer, mind: ContinuousMind) -> None:
    """Set a mind that is all zeros to what it is before the first round."""
    mind.numbers[ALPHA] = math.nan
    mind.numbers[ESTIMATE] = math.nan
    mind.numbers[DEVIATION] = math.nan
    if player.kind == MIRROR:
        for k in range(player.prior.shape[0]):
            mind.belief[k] = player.prior[k]
        mirror_belief(player, mind)


@rule
def mirror_belief(player: ContinuousPlayer, mind: ContinuousMind) -> None:
    """Set alpha to clip(beta_hat + epsilon)."""
    mean = belief_mean(mind.belief, player.grid)
    deviation = belief_deviation(mind.belief, player.grid, mean)
    mind.numbers[ESTIMATE] = mean
    mind.numbers[DEVIATION] = deviation
    mind.numbers[ALPHA] = mirrored(
        mean, deviation, player.tunables[EPSILON], player.tunables[UNCERTAINTY_FACTOR], 0.0, 1.0
    )


@rule
def choose_level(player: ContinuousPlayer, mind: ContinuousMind, other: float, turn: int) -> float:
    """Return the level that a player chooses in round `turn`, counted from 0."""
    if player.kind == TIT_FOR_TAT:
        return 1.0 if turn == 0 else other
    if player.kind == FIXED:
        switched = turn >= player.tunables[SWITCH_ROUND]
        mind.numbers[ALPHA] = player.tunables[LATER_WEIGHT if switched else WEIGHT]
    return best_level(mind.numbers[ALPHA], other, player.own_reply)


@rule
def learn_level(player: ContinuousPlayer, mind: ContinuousMind, own_before: float, other: float) -> None:
    """Let a mirror learn from the other's level, which replied to `own_before`."""
    if player.kind != MIRROR:
        return
    tunables = player.tunables
    for k in range(player.grid.shape[0]):
        aim = best_level(player.grid[k], own_before, player.other_reply)
        mind.likelihood[k] = level_likelihood(other, aim, tunables[SPREAD], tunables[TREMBLE])
    evidence = belief_update(mind.belief, player.prior, mind.likelihood, tunables[FORGETTING])
    if evidence > 0.0:
        mind.numbers[LOG_EVIDENCE] += log(evidence)
    else:
        mind.numbers[ZERO_EVIDENCE] += 1.0
    mirror_belief(player, mind)


@rule
def continuous_round(
    first: ContinuousPlayer,
    second: ContinuousPlayer,
    first_mind: ContinuousMind,
    second_mind: ContinuousMind,
    last: FloatArray,
    turn: int,
    noise: float,
    game: FloatArray,
    draws: FloatArray,
    record: ContinuousRound,
) -> None:
    """Play round `turn`; minds, `last[2]` levels and `record` are updated.

    `game[5]` is b_1, b_2, c_1, c_2, k. `draws[4]` are uniform on [0, 1), two a player: whether its level slips
    to a uniform one, and where to.
    """
    x = choose_level(first, first_mind, last[1], turn)
    y = choose_level(second, second_mind, last[0], turn)
    x = draws[1] if draws[0] < noise else x
    y = draws[3] if draws[2] < noise else y
    record.level[0] = x
    record.level[1] = y
    record.payoff[0] = game[0] * y + game[4] * x * y - game[2] * x * x / 2.0
    record.payoff[1] = game[1] * x + game[4] * x * y - game[3] * y * y / 2.0
    record.alpha[0] = first_mind.numbers[ALPHA]
    record.alpha[1] = second_mind.numbers[ALPHA]
    learn_level(first, first_mind, last[0], y)
    learn_level(second, second_mind, last[1], x)
    last[0] = x
    last[1] = y
    record.estimate[0] = first_mind.numbers[ESTIMATE]
    record.estimate[1] = second_mind.numbers[ESTIMATE]
    record.deviation[0] = first_mind.numbers[DEVIATION]
    record.deviation[1] = second_mind.numbers[DEVIATION]
