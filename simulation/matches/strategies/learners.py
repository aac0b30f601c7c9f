"""Learning rules as players of a match, on equal terms with fixed strategies."""

from __future__ import annotations

from simulation.engine.compilation import rule
from simulation.learning.policy_gradient import score, sigmoid
from simulation.matches.strategies.base import Functions, Known, Strategy
from theory.checks import FloatArray, finite_number, known_name, number_within
from theory.resolution import TIE

_COOPERATION_AT_TIES = {"cooperation": 1.0, "lot": 0.5, "defection": 0.0}

# Place of the values in the memory of Q-learning.
_VALUES = 5


@rule
def reinforce_cooperation(memory: FloatArray, turn: int, known: Known) -> float:
    """Return sigmoid(theta). Memory: theta, mean reward, learning rate, rate of the mean."""
    return sigmoid(float(memory[0]))


@rule
def reinforce_update(memory: FloatArray, turn: int, own: int, other: int, known: Known) -> None:
    """Ascend score * (reward - mean reward) (Williams 1992 with a baseline; thesis Eq. 3.10)."""
    advantage = known.payoffs[0, own, other] - memory[1]
    memory[0] += memory[2] * advantage * score(1.0 - own, sigmoid(float(memory[0])))
    memory[1] += memory[3] * advantage


@rule
def q_learning_cooperation(memory: FloatArray, turn: int, known: Known) -> float:
    """Take the action with the larger value, and with probability `exploration` either at random.

    Memory: state (0 at the start, then 1 + outcome), learning rate, discount, exploration, P(C) where both are worth
    the same, values `[5, 2]`.
    """
    values = _VALUES + 2 * int(memory[0])
    worth_c, worth_d = memory[values], memory[values + 1]
    greedy = 1.0 if worth_c > worth_d else 0.0
    if abs(worth_c - worth_d) <= TIE * max(abs(worth_c), abs(worth_d)):
        greedy = memory[4]
    return float((1.0 - memory[3]) * greedy + memory[3] * 0.5)


@rule
def q_learning_update(memory: FloatArray, turn: int, own: int, other: int, known: Known) -> None:
    """Move the value of the action taken towards reward + discount * best next value (Watkins 1989)."""
    value = _VALUES + 2 * int(memory[0]) + own
    following = 1 + 2 * own + other
    best = max(memory[_VALUES + 2 * following], memory[_VALUES + 2 * following + 1])
    target = known.payoffs[0, own, other] + memory[2] * best
    memory[value] += memory[1] * (target - memory[value])
    memory[0] = following


def reinforce(
    *,
    learning_rate: float = 0.1,
    baseline_rate: float = 0.05,
    theta: float = 0.0,
    name: str = "reinforce",
) -> Strategy:
    """Return a policy-gradient learner whose P(C) = sigmoid(theta) does not look back.

    Parameters
    ----------
    learning_rate
        Step of theta per unit of payoff, at least 0.
    baseline_rate
        In [0, 1]: how fast the mean reward follows the rewards.
    theta
        Policy parameter at the start of a match.
    name
        Its name.
    """
    memory = (
        finite_number("theta", theta),
        0.0,
        number_within("learning_rate", learning_rate, 0.0, 1e6),
        number_within("baseline_rate", baseline_rate, 0.0, 1.0),
    )
    rule = Functions(reinforce_cooperation, reinforce_update, memory, compiles=True)
    return Strategy(name, rule, "Williams (1992), Machine Learning 8:229")


def q_learning(
    *,
    learning_rate: float = 0.1,
    discount: float = 0.9,
    exploration: float = 0.05,
    ties: str = "cooperation",
    name: str = "q-learning",
) -> Strategy:
    """Return a Q-learner that sees the last outcome; all values start at 0.

    Parameters
    ----------
    learning_rate, discount, exploration
        Each in [0, 1]; `exploration` is the probability of a random action.
    ties
        What it plays where C and D are worth the same, as at first: "cooperation", "defection", or by "lot". Only the
        lot tells what it has learnt from what it has not unlearnt.
    name
        Its name.
    """
    memory = (
        0.0,
        number_within("learning_rate", learning_rate, 0.0, 1.0),
        number_within("discount", discount, 0.0, 1.0),
        number_within("exploration", exploration, 0.0, 1.0),
        _COOPERATION_AT_TIES[known_name("ties", ties, tuple(_COOPERATION_AT_TIES))],
        *(0.0,) * 10,
    )
    rule = Functions(q_learning_cooperation, q_learning_update, memory, compiles=True)
    return Strategy(name, rule, "Sandholm & Crites (1996), BioSystems 37:147")
