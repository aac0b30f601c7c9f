"""Gradual Tit-for-Tat in one round: play by cooperativeness, then estimate and mirror (thesis chapter 5)."""

from __future__ import annotations

from simulation.engine.compilation import rule
from simulation.engine.elementary import log
from simulation.gradual.beliefs import belief_deviation, belief_mean, belief_update
from simulation.gradual.mirroring import combined, mirrored
from simulation.gradual.players.probing import booked, is_affordable
from simulation.gradual.players.reciprocal import is_cooperative
from simulation.gradual.reward_inversion import average_curve, average_reward, invert_curve
from simulation.gradual.state import (
    ACCOUNT,
    ALPHA,
    AVERAGE_REWARD,
    COUNTER,
    DEVIATION,
    ESTIMATE,
    LOG_EVIDENCE,
    LOWER,
    UPPER,
    ZERO_EVIDENCE,
    Mind,
    Player,
    draw_action,
    policy_index,
)

# Positions of Gradual Tit-for-Tat's tunables.
FORGETTING, EPSILON, UNCERTAINTY_FACTOR, REWARD_SHARE, REWARD_RATE, LOW, HIGH = range(7)
PROBE_PROBABILITY, PROBE_BUDGET, PROBE_CAP, SECURITY, WORST, DOUBT = range(7, 13)


@rule
def play_by_cooperativeness(player: Player, alpha: float, other: int, draw: float) -> int:
    """Return the action of the policy of cooperativeness alpha in reply to the other's last action."""
    return draw_action(player.cumulative, policy_index(player.weights, alpha), other, draw)


@rule
def play_gradual(player: Player, mind: Mind, other: int, first: bool, draw: float, extra: float) -> int:
    """Return the reply of the present cooperativeness; or full cooperation, where that is a probe."""
    tunables, numbers = player.tunables, mind.numbers
    reply = play_by_cooperativeness(player, numbers[ALPHA], other, draw)
    if tunables[PROBE_PROBABILITY] == 0.0:
        return reply
    own_actions, other_actions = player.own_payoffs.shape
    probing = numbers[COUNTER] > 0.0
    low = not first and not is_cooperative(reply, own_actions) and not is_cooperative(other, other_actions)
    chance = tunables[PROBE_PROBABILITY]
    if tunables[DOUBT] > 0.0:
        chance *= min(1.0, numbers[DEVIATION] / tunables[DOUBT])
    starting = not probing and low and extra < chance
    affordable = is_affordable(numbers[ACCOUNT], tunables[WORST], tunables[SECURITY], tunables[PROBE_BUDGET])
    numbers[COUNTER] = 1.0 if starting and affordable else 0.0
    return 0 if affordable and (probing or starting) else reply


@rule
def start_gradual(player: Player, mind: Mind) -> None:
    """Begin with the prior and mirror its mean."""
    for k in range(player.prior.shape[0]):
        mind.belief[k] = player.prior[k]
    _mirror(player, mind, 0.0)


@rule
def learn_gradual(
    player: Player, mind: Mind, own_before: int, own: int, other: int, payoff: float, first: bool
) -> None:
    """Update the belief, the average reward, the account of probes and alpha.

    `own_before` is what the other replied to, `own` and `other` are the actions of this round, `payoff` is
    the reward.
    """
    tunables = player.tunables
    mind.numbers[ACCOUNT] = booked(mind.numbers[ACCOUNT], payoff, tunables[SECURITY], tunables[PROBE_CAP])
    evidence = belief_update(
        mind.belief, player.prior, player.likelihood[own_before, other], tunables[FORGETTING]
    )
    if evidence > 0.0:
        mind.numbers[LOG_EVIDENCE] += log(evidence)
    else:
        mind.numbers[ZERO_EVIDENCE] += 1.0
    by_rewards = 0.0
    if tunables[REWARD_SHARE] > 0.0:
        rate = tunables[REWARD_RATE]
        mind.numbers[AVERAGE_REWARD] = average_reward(mind.numbers[AVERAGE_REWARD], payoff, rate, first)
        index = policy_index(player.weights, mind.numbers[ALPHA])
        average_curve(mind.curve, player.values[index], rate, first)
        lower, upper, by_rewards = invert_curve(player.grid, mind.curve, mind.numbers[AVERAGE_REWARD])
        mind.numbers[LOWER] = lower
        mind.numbers[UPPER] = upper
    _mirror(player, mind, by_rewards)


@rule
def _mirror(player: Player, mind: Mind, by_rewards: float) -> None:
    tunables = player.tunables
    mean = belief_mean(mind.belief, player.grid)
    deviation = belief_deviation(mind.belief, player.grid, mean)
    estimate = combined(mean, by_rewards, tunables[REWARD_SHARE])
    mind.numbers[ESTIMATE] = estimate
    mind.numbers[DEVIATION] = deviation
    mind.numbers[ALPHA] = mirrored(
        estimate,
        deviation,
        tunables[EPSILON],
        tunables[UNCERTAINTY_FACTOR],
        tunables[LOW],
        tunables[HIGH],
    )
