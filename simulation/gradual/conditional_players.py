r"""Binary conditional cooperators: they switch between one cooperative policy and full defection.

- *Approximate Markov Tit-for-Tat* (Lerer & Peysakhovich 2017, "Maintaining cooperation in complex social
  dilemmas using deep reinforcement learning"): a debit sums what the other gained by not playing its
  cooperative policy. When it exceeds a threshold, the player defects for the least number of rounds that
  costs the other at least `factor` times the debit, and the debit is cleared.
- *Consequentialist conditional cooperation* (Peysakhovich & Lerer 2018, "Consequentialist conditional
  cooperation in social dilemmas with imperfect information"): cooperate while the average reward is at least
  (1 - a) V(C, D) + a V(C, C), defect while it is below.
"""

from __future__ import annotations

import math

from simulation.compilation import rule
from simulation.gradual.reward_inversion import average_reward
from simulation.gradual.state import ACCOUNT, AVERAGE_REWARD, COUNTER, Mind, Player

# Positions of the tunables.
DEBIT_LIMIT, FACTOR, FAIR_OWN, FAIR_OTHER = range(4)
REQUIRED_AVERAGE, RATE = range(2)


@rule
def play_binary(player: Player, mind: Mind) -> int:
    """Defect during a punishment, else play the own part of what is fair."""
    return player.own_payoffs.shape[0] - 1 if mind.numbers[COUNTER] > 0.0 else int(player.tunables[FAIR_OWN])


@rule
def learn_binary(player: Player, mind: Mind, own: int, other: int) -> None:
    """Count down a punishment, or book what the other gained and perhaps start one."""
    numbers = mind.numbers
    if numbers[COUNTER] > 0.0:
        numbers[COUNTER] -= 1.0
        return
    theirs = player.other_payoffs
    fair_own, fair_other = int(player.tunables[FAIR_OWN]), int(player.tunables[FAIR_OTHER])
    numbers[ACCOUNT] += max(0.0, theirs[own, other] - theirs[own, fair_other])
    if numbers[ACCOUNT] > player.tunables[DEBIT_LIMIT]:
        last_own = theirs.shape[0] - 1
        last_other = theirs.shape[1] - 1
        a_round = theirs[fair_own, fair_other] - theirs[last_own, last_other]
        # Where mutual defection does not hurt the other nothing punishes it: one round, as a sign.
        rounds = math.ceil(player.tunables[FACTOR] * numbers[ACCOUNT] / a_round) if a_round > 0.0 else 1
        numbers[COUNTER] = float(max(1, rounds))
        numbers[ACCOUNT] = 0.0


@rule
def play_consequentialist(player: Player, mind: Mind, first: bool) -> int:
    """Cooperate fully while the average reward is what it should be."""
    enough = first or mind.numbers[AVERAGE_REWARD] >= player.tunables[REQUIRED_AVERAGE]
    return 0 if enough else player.own_payoffs.shape[0] - 1


@rule
def learn_consequentialist(player: Player, mind: Mind, payoff: float, first: bool) -> None:
    """Average the reward."""
    mind.numbers[AVERAGE_REWARD] = average_reward(
        mind.numbers[AVERAGE_REWARD], payoff, player.tunables[RATE], first
    )
