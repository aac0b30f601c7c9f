"""One round of a duel of two players in a game with degrees of cooperation, as a law.

1. Each player chooses an action from what it knows: the other's last action as played, and its mind.
2. With the probability of noise, for each player by itself, the action played is a uniform one instead.
3. Both receive their payoffs and observe both actions as played; each mind learns from them.

Before the first round both are taken to have played the middle action. `draws[8]` are uniform on [0, 1),
four a player: for the choice, whether it slips, where it slips to, and for exploring or probing.
"""

from __future__ import annotations

import math

from simulation.engine.compilation import rule
from simulation.gradual.players.conditional import (
    learn_binary,
    learn_consequentialist,
    play_binary,
    play_consequentialist,
)
from simulation.gradual.players.fixed import FIRST_WEIGHT, play_fixed
from simulation.gradual.players.gradual_rules import learn_gradual, play_gradual, start_gradual
from simulation.gradual.players.learners import (
    learn_actor_critic,
    learn_policy_gradient,
    learn_q,
    play_learner,
)
from simulation.gradual.players.probing import learn_probing, play_probing
from simulation.gradual.players.reciprocal import (
    learn_win_stay,
    play_grim,
    play_tit_for_tat,
    play_win_stay,
)
from simulation.gradual.state import (
    ACTOR_CRITIC,
    ALPHA,
    BINARY,
    CONSEQUENTIALIST,
    DEVIATION,
    ESTIMATE,
    FIXED,
    GRADUAL,
    GRIM,
    POLICY_GRADIENT,
    PROBING,
    Q_LEARNING,
    TIT_FOR_TAT,
    WIN_STAY,
    DuelRound,
    IntArray,
    Mind,
    Player,
    middle_action,
)
from theory.checks import FloatArray


@rule
def start_mind(player: Player, mind: Mind) -> None:
    """Set a mind that is all zeros to what it is before the first round."""
    mind.numbers[ALPHA] = math.nan
    mind.numbers[ESTIMATE] = math.nan
    mind.numbers[DEVIATION] = math.nan
    if player.kind == GRADUAL:
        start_gradual(player, mind)
    elif player.kind == FIXED:
        mind.numbers[ALPHA] = player.tunables[FIRST_WEIGHT]


@rule
def start_actions(last: IntArray, payoffs: FloatArray) -> None:
    """Set `last[2]` to the actions that both are taken to have played before the first round."""
    last[0] = middle_action(payoffs.shape[1])
    last[1] = middle_action(payoffs.shape[2])


@rule
def choose(player: Player, mind: Mind, other: int, turn: int, draw: float, extra: float) -> int:
    """Return the action that a player chooses in round `turn`, counted from 0."""
    kind = player.kind
    if kind == FIXED:
        return play_fixed(player, mind, other, turn, draw)
    if kind == GRADUAL:
        return play_gradual(player, mind, other, turn == 0, draw, extra)
    if kind == TIT_FOR_TAT:
        return play_tit_for_tat(player, other, turn == 0, draw)
    if kind == GRIM:
        return play_grim(player, mind, other, turn == 0)
    if kind == WIN_STAY:
        return play_win_stay(mind, turn == 0)
    if kind == BINARY:
        return play_binary(player, mind)
    if kind == CONSEQUENTIALIST:
        return play_consequentialist(player, mind, turn == 0)
    if kind == PROBING:
        return play_probing(player, mind, other, turn == 0, extra)
    return play_learner(player, mind, kind == Q_LEARNING, other, draw, extra)


@rule
def learn(
    player: Player, mind: Mind, own_before: int, own: int, other: int, payoff: float, turn: int
) -> None:
    """Let a mind learn from a round."""
    kind = player.kind
    if kind == GRADUAL:
        learn_gradual(player, mind, own_before, own, other, payoff, turn == 0)
    elif kind == WIN_STAY:
        learn_win_stay(player, mind, own, payoff)
    elif kind == BINARY:
        learn_binary(player, mind, own, other)
    elif kind == CONSEQUENTIALIST:
        learn_consequentialist(player, mind, payoff, turn == 0)
    elif kind == PROBING:
        learn_probing(player, mind, payoff)
    elif kind == Q_LEARNING:
        learn_q(player, mind, other, payoff)
    elif kind == POLICY_GRADIENT:
        learn_policy_gradient(player, mind, payoff, turn == 0)
    elif kind == ACTOR_CRITIC:
        learn_actor_critic(player, mind, other, payoff)


@rule
def slip(action: int, n_actions: int, noise: float, whether: float, where: float) -> int:
    """Return the action as played: with the probability of noise a uniform one."""
    return int(where * n_actions) if whether < noise else action


@rule
def duel_round(
    first: Player,
    second: Player,
    first_mind: Mind,
    second_mind: Mind,
    last: IntArray,
    turn: int,
    noise: float,
    payoffs: FloatArray,
    draws: FloatArray,
    record: DuelRound,
) -> None:
    """Play round `turn`; minds, `last[2]` and `record` are updated. `payoffs[2, k, m]` are the true ones."""
    one = choose(first, first_mind, last[1], turn, draws[0], draws[3])
    two = choose(second, second_mind, last[0], turn, draws[4], draws[7])
    one = slip(one, payoffs.shape[1], noise, draws[1], draws[2])
    two = slip(two, payoffs.shape[2], noise, draws[5], draws[6])
    record.action[0] = one
    record.action[1] = two
    record.payoff[0] = payoffs[0, one, two]
    record.payoff[1] = payoffs[1, one, two]
    record.alpha[0] = first_mind.numbers[ALPHA]
    record.alpha[1] = second_mind.numbers[ALPHA]
    learn(first, first_mind, last[0], one, two, record.payoff[0], turn)
    learn(second, second_mind, last[1], two, one, record.payoff[1], turn)
    last[0] = one
    last[1] = two
    record.estimate[0] = first_mind.numbers[ESTIMATE]
    record.estimate[1] = second_mind.numbers[ESTIMATE]
    record.deviation[0] = first_mind.numbers[DEVIATION]
    record.deviation[1] = second_mind.numbers[DEVIATION]
