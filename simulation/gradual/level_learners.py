r"""Ordinary reinforcement learners that choose among levels, knowing the bin of the other's last level.

With situation s, choice a, reward r, next situation s', learning rate eta and discount gamma:

- *Q-learning*: Q(s, a) += eta (r + gamma max_b Q(s', b) - Q(s, a)), played epsilon-greedily;
- *policy gradient* (REINFORCE as an online rule: Baxter & Bartlett 2001): with softmax preferences theta and
  trace z <- gamma z + grad log pi(a | s), theta += eta (r - average r) z;
- *actor-critic*: delta = r + gamma v(s') - v(s), v(s) += eta delta, theta += eta delta grad log pi(a | s).
"""

from __future__ import annotations

import math

from simulation.compilation import rule
from simulation.gradual.state import AVERAGE_REWARD, CHOICE, SITUATION, Mind, Player
from theory._checks import FloatArray

# Positions of the tunables.
LEARNING_RATE, DISCOUNT, EXPLORATION = range(3)

# How fast the policy gradient's baseline follows the rewards.
BASELINE_RATE = 0.01


@rule
def situation_of(other: int, n_actions: int, situations: int) -> int:
    """Return the bin of the other's last level."""
    return other * situations // n_actions


@rule
def level_of_choice(choice: int, choices: int, n_actions: int) -> int:
    """Return the action of a choice: choices are spread evenly over the levels."""
    return choice * (n_actions - 1) // (choices - 1)


@rule
def softmax_choice(preferences: FloatArray, draw: float) -> int:
    """Return a choice drawn with probability proportional to exp(preferences)."""
    n: int = preferences.shape[0]
    highest = preferences[0]
    for a in range(1, n):
        highest = max(highest, preferences[a])
    total = 0.0
    for a in range(n):
        total += math.exp(preferences[a] - highest)
    left = draw * total
    for a in range(n - 1):
        left -= math.exp(preferences[a] - highest)
        if left < 0.0:
            return a
    return n - 1


@rule
def add_score(table: FloatArray, preferences: FloatArray, choice: int, step: float) -> None:
    """Add step * grad log pi(choice) for softmax `preferences[n]` to `table[n]`."""
    n = preferences.shape[0]
    highest = preferences[0]
    for a in range(1, n):
        highest = max(highest, preferences[a])
    total = 0.0
    for a in range(n):
        total += math.exp(preferences[a] - highest)
    for a in range(n):
        p = math.exp(preferences[a] - highest) / total
        table[a] += step * ((1.0 if a == choice else 0.0) - p)


@rule
def best_choice(values: FloatArray) -> int:
    """Return the first choice of the highest value."""
    best = 0
    for a in range(1, values.shape[0]):
        if values[a] > values[best]:
            best = a
    return best


@rule
def play_learner(player: Player, mind: Mind, greedy: bool, other: int, draw: float, explore: float) -> int:
    """Choose a level: epsilon-greedily by values, or by softmax of preferences."""
    situations, choices = mind.table.shape
    situation = situation_of(other, player.own_payoffs.shape[1], situations)
    if not greedy:
        choice = softmax_choice(mind.table[situation], draw)
    elif explore < player.tunables[EXPLORATION]:
        choice = int(draw * choices)
    else:
        choice = best_choice(mind.table[situation])
    mind.numbers[CHOICE] = choice
    mind.numbers[SITUATION] = situation
    return level_of_choice(choice, choices, player.own_payoffs.shape[0])


@rule
def learn_q(player: Player, mind: Mind, other: int, reward: float) -> None:
    """Take one step of Q-learning."""
    situation, choice = int(mind.numbers[SITUATION]), int(mind.numbers[CHOICE])
    following = situation_of(other, player.own_payoffs.shape[1], mind.table.shape[0])
    target = reward + player.tunables[DISCOUNT] * mind.table[following, best_choice(mind.table[following])]
    mind.table[situation, choice] += player.tunables[LEARNING_RATE] * (target - mind.table[situation, choice])


@rule
def learn_policy_gradient(player: Player, mind: Mind, reward: float, first: bool) -> None:
    """Take one step along the eligibility trace."""
    situation, choice = int(mind.numbers[SITUATION]), int(mind.numbers[CHOICE])
    situations, choices = mind.table.shape
    if first:
        mind.numbers[AVERAGE_REWARD] = reward
    for s in range(situations):
        for a in range(choices):
            mind.trace[s, a] *= player.tunables[DISCOUNT]
    add_score(mind.trace[situation], mind.table[situation], choice, 1.0)
    advantage = reward - mind.numbers[AVERAGE_REWARD]
    for s in range(situations):
        for a in range(choices):
            mind.table[s, a] += player.tunables[LEARNING_RATE] * advantage * mind.trace[s, a]
    mind.numbers[AVERAGE_REWARD] += BASELINE_RATE * advantage


@rule
def learn_actor_critic(player: Player, mind: Mind, other: int, reward: float) -> None:
    """Take one step of the critic, whose values are column 0 of the trace, and of the actor."""
    situation, choice = int(mind.numbers[SITUATION]), int(mind.numbers[CHOICE])
    following = situation_of(other, player.own_payoffs.shape[1], mind.table.shape[0])
    error = reward + player.tunables[DISCOUNT] * mind.trace[following, 0] - mind.trace[situation, 0]
    mind.trace[situation, 0] += player.tunables[LEARNING_RATE] * error
    add_score(mind.table[situation], mind.table[situation], choice, player.tunables[LEARNING_RATE] * error)
