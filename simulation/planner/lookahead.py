"""What the planner reckons with: the slope of welfare by each player's parameter, dV / dtheta_i (Eq. 4.3).

With p_i = P(C) of player i, score_i = a_i - p_i (the derivative of log pi(a_i) by theta_i) and R the sum of
the payoffs of a round:

- exact: p_i (1 - p_i) (E[V | i plays C] - E[V | i plays D]);
- from the round just played: score_i (R - base). Since Eq. 4.5 is a product of two expectations, using the
  same round for both factors is biased: it rewards whatever was played when R was above the base. The
  author's reference code does this, with the base T + S - 0.1, which it takes from the payoffs;
- from a window of past rounds: the sample covariance of score_i and R. That is the mean of score_i times R
  less the mean of the *other* rounds' R (a leave-one-out baseline), it needs no knowledge of the payoffs, and
  it is independent of the round that the first factor is taken from.
"""

from __future__ import annotations

from simulation.engine.compilation import rare_rule, rule
from theory.checks import FloatArray

# Columns of `window_sums`: score_1 R, score_2 R, score_1, score_2, R, number of rounds.
WINDOW_SUMS = 6

# Columns of `seen_sums`: how often each player was seen to cooperate, number of rounds.
SEEN_SUMS = 3


@rule
def welfare_gain_of_cooperating(payoffs: FloatArray, player: int, other_cooperates: float) -> float:
    """Return E[V | player plays C] - E[V | D], where V is the sum of payoffs and the other mixes."""
    gain = 0.0
    for other in range(2):
        weight = other_cooperates if other == 0 else 1.0 - other_cooperates
        for receiver in range(2):
            if player == 0:
                gain += weight * (payoffs[receiver, 0, other] - payoffs[receiver, 1, other])
            else:
                gain += weight * (payoffs[receiver, other, 0] - payoffs[receiver, other, 1])
    return gain


@rule
def window_slope(sums: FloatArray, player: int) -> float:
    """Return the covariance of the player's score and the welfare over the window; 0 before two rounds."""
    rounds = sums[5]
    if rounds < 2.0:
        return 0.0
    covariance: float = (sums[player] - sums[2 + player] * sums[4] / rounds) / (rounds - 1.0)
    return covariance


@rare_rule
def remember_round(
    window: FloatArray, sums: FloatArray, clock: int, score_1: float, score_2: float, welfare: float
) -> None:
    """Put a round into `window[rounds, 3]` in place of the oldest one, and keep the sums up to date."""
    slot = clock % window.shape[0]
    if sums[5] == window.shape[0]:
        _add_round(sums, window[slot, 0], window[slot, 1], window[slot, 2], -1.0)
    window[slot, 0] = score_1
    window[slot, 1] = score_2
    window[slot, 2] = welfare
    _add_round(sums, score_1, score_2, welfare, 1.0)


@rule
def _add_round(sums: FloatArray, score_1: float, score_2: float, welfare: float, sign: float) -> None:
    sums[0] += sign * score_1 * welfare
    sums[1] += sign * score_2 * welfare
    sums[2] += sign * score_1
    sums[3] += sign * score_2
    sums[4] += sign * welfare
    sums[5] += sign


@rare_rule
def remember_actions(
    window: FloatArray, sums: FloatArray, clock: int, cooperated_1: float, cooperated_2: float
) -> None:
    """Put the actions as seen into `window[rounds, 2]` in place of the oldest ones."""
    slot = clock % window.shape[0]
    if sums[2] == window.shape[0]:
        sums[0] -= window[slot, 0]
        sums[1] -= window[slot, 1]
        sums[2] -= 1.0
    window[slot, 0] = cooperated_1
    window[slot, 1] = cooperated_2
    sums[0] += cooperated_1
    sums[1] += cooperated_2
    sums[2] += 1.0


@rare_rule
def modelled_cooperation(sums: FloatArray, player: int, flip: float, prior: float) -> float:
    """Return the maximum-likelihood P(C) of a player from the actions seen in the window (Eq. 4.6).

    If each action is seen flipped with probability f, the frequency of C is p (1 - f) + (1 - p) f, which is
    solved for p. The estimate is kept one half of an observation away from 0 and 1, where the planner could
    not move anything; `prior` stands in before the first observation.
    """
    rounds = sums[2]
    if rounds == 0.0:
        return prior
    estimate = (sums[player] / rounds - flip) / (1.0 - 2.0 * flip)
    edge = 0.5 / (rounds + 1.0)
    probability: float = min(max(estimate, edge), 1.0 - edge)
    return probability
