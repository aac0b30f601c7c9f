"""What a player of graded duels is made of: fixed tables, and a mind that changes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from simulation.engine.compilation import rule
from theory.checks import FloatArray

IntArray = np.ndarray[Any, np.dtype[np.int64]]

# Kinds of players.
FIXED, GRADUAL, TIT_FOR_TAT, GRIM, WIN_STAY, BINARY, CONSEQUENTIALIST, PROBING = range(8)
Q_LEARNING, POLICY_GRADIENT, ACTOR_CRITIC = range(8, 11)

# Positions in a mind's numbers.
ALPHA, ESTIMATE, DEVIATION, LOWER, UPPER, AVERAGE_REWARD, ZERO_EVIDENCE, LOG_EVIDENCE = range(8)
"""Cooperativeness of the next round, beta_hat, sd of the belief, ends of the estimate by rewards, ..."""
ACCOUNT, COUNTER, CHOICE, SITUATION = range(8, 12)
"""Debit or account, a countdown or flag, and a learner's last choice and the situation it was made in."""
N_NUMBERS = 12
N_TUNABLES = 13


class Player(NamedTuple):
    """What stays fixed during a duel. Tables that a kind does not use have length 1.

    With k own and m other's actions, w policies and b points of the belief's grid:
    """

    kind: int
    tunables: FloatArray
    """`[13]`, as the kind's rule names them."""
    weights: FloatArray
    """`[w]`: cooperativeness of the policies, equally spaced."""
    cumulative: FloatArray
    """`[w, m, k]`: cumulative probabilities of own actions in reply to the other's last."""
    grid: FloatArray
    """`[b]`: the other's cooperativeness."""
    prior: FloatArray
    """`[b]`."""
    likelihood: FloatArray
    """`[k, m, b]`: of the other's action in reply to one's own last."""
    values: FloatArray
    """`[w, b]`: V_own(alpha, beta)."""
    own_payoffs: FloatArray
    """`[k, m]`: as the player believes them."""
    other_payoffs: FloatArray
    """`[k, m]`: as the player believes them."""


class Mind(NamedTuple):
    """What a player carries from round to round; a batch has a leading axis of runs."""

    numbers: FloatArray
    """`[12]`."""
    belief: FloatArray
    """`[b]`."""
    curve: FloatArray
    """`[b]`: average of V_own(alpha_t, .)."""
    table: FloatArray
    """`[situations, choices]`: a learner's values or preferences."""
    trace: FloatArray
    """`[situations, choices]`: eligibility, or the critic in column 0."""


@rule
def mind_of(minds: Mind, run: int) -> Mind:
    """Return the mind of one run, a view on the arrays of a batch."""
    return Mind(minds.numbers[run], minds.belief[run], minds.curve[run], minds.table[run], minds.trace[run])


class DuelRound(NamedTuple):
    """The record of one round, written anew by the law each time."""

    action: IntArray
    """`[2]`: as played, slips included."""
    payoff: FloatArray
    """`[2]`."""
    alpha: FloatArray
    """`[2]`: cooperativeness with which the round was played; NaN for players who have none."""
    estimate: FloatArray
    """`[2]`: beta_hat after the round; NaN for players who estimate nothing."""
    deviation: FloatArray
    """`[2]`: sd of the belief after the round."""


def new_duel_round() -> DuelRound:
    """Return an empty record."""
    return DuelRound(np.zeros(2, np.int64), np.zeros(2), np.zeros(2), np.zeros(2), np.zeros(2))


@rule
def middle_action(n_actions: int) -> int:
    """Return the action that the other is taken to have played before the first round: the middle one."""
    return (n_actions - 1) // 2


@rule
def draw_action(cumulative: FloatArray, policy: int, other: int, draw: float) -> int:
    """Return the first action whose cumulative probability exceeds a draw that is uniform on [0, 1).

    The probabilities are those of `policy` in reply to the other's action: `cumulative[policy, other]`.
    """
    low: int = 0
    high: int = cumulative.shape[2] - 1
    while low < high:
        middle = (low + high) // 2
        if cumulative[policy, other, middle] > draw:
            high = middle
        else:
            low = middle + 1
    return low


@rule
def policy_index(weights: FloatArray, alpha: float) -> int:
    """Return the position in `weights[w]`, equally spaced, that is nearest to alpha."""
    n: int = weights.shape[0]
    if n == 1:
        return 0
    position = int((alpha - weights[0]) / (weights[n - 1] - weights[0]) * (n - 1) + 0.5)
    return min(n - 1, max(0, position))
