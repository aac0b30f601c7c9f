"""The policy gradient: learners with one policy parameter theta, P(C) = sigmoid(theta) (thesis section 4.2).

Sampled, theta ascends the reward times the score of what was done (REINFORCE: Williams 1992; thesis Eq. 3.10).
Expected, it ascends the derivative of the expected reward (Eq. 4.1). Both come with Adam, or climb by plain gradient
ascent as the thesis writes it.
"""

from __future__ import annotations

import numpy as np

from simulation.engine.compilation import compiled, rule
from simulation.engine.elementary import exp, log
from simulation.learning.adam import adam_ascend_one
from simulation.learning.rule import Experience, Learn, LearningRule, Tunables
from theory.checks import FloatArray


@rule
def sigmoid(x: float) -> float:
    """Return 1 / (1 + exp(-x)), without overflow for any finite x."""
    e = exp(-abs(x))
    # A choice of numerators, not of formulas: nothing for a processor to mispredict.
    return (1.0 if x >= 0.0 else e) / (1.0 + e)


# The same bits, ten times faster where Python asks for one at a time.
sigmoid_compiled = compiled(sigmoid)


def _sigmoid_each(values: FloatArray) -> None:
    for k in range(values.size):
        values[k] = sigmoid(values[k])


_sigmoid_each_compiled = compiled(_sigmoid_each)


def sigmoid_of(values: FloatArray) -> FloatArray:
    """Return sigmoid of each of `values[...]`: the same bits as one by one."""
    flat = np.array(values, dtype=np.float64).ravel()
    _sigmoid_each_compiled(flat)
    return flat.reshape(np.shape(values))


# Policy parameter of sure cooperation: sigmoid(40) is 1 in double precision, sigmoid(-40) is 4e-18.
FIRM = 40.0


@rule
def log_odds(share: float) -> float:
    """Return log(share / (1 - share)), within -FIRM and FIRM."""
    if share <= 0.0:
        return -FIRM
    if share >= 1.0:
        return FIRM
    return min(FIRM, max(-FIRM, log(share / (1.0 - share))))


@rule
def score(cooperated: float, cooperation_probability: float) -> float:
    """Return d log pi(a) / d theta = a - P(C), where a is 1 if the learner cooperated and 0 if not.

    Times an advantage it is the policy gradient (thesis Eq. 3.10).
    """
    return cooperated - cooperation_probability


@rule
def chance_slope(chance: float, noise: float) -> float:
    """Return d chance / d theta of carrying out C: (1 - 2 noise) p (1 - p) for p = P(C), the chance without noise."""
    if noise == 0.0:
        return chance * (1.0 - chance)
    p = (chance - noise) / (1.0 - 2.0 * noise)
    return (1.0 - 2.0 * noise) * p * (1.0 - p)


@rule
def score_with_noise(cooperated: float, chance: float, noise: float) -> float:
    """Return d log chance(a) / d theta of what was carried out: the score, where what is meant may be flipped."""
    if noise == 0.0:
        return score(cooperated, chance)
    return score(cooperated, chance) * (chance_slope(chance, noise) / (chance * (1.0 - chance)))


@rule
def sampled_gradient(experience: Experience) -> float:
    """Return the score of what was carried out times the reward."""
    return experience.score * experience.reward


@rule
def expected_gradient(experience: Experience) -> float:
    """Return the derivative of the expected reward by theta."""
    # As `chance_slope` has it, with the same bits where there is no noise: without a branch the loop is vectorised.
    kept = 1.0 - 2.0 * experience.noise
    p = (experience.cooperation_probability - experience.noise) / kept
    return kept * p * (1.0 - p) * experience.expected_gain


@rule
def cooperation_by_theta(memory: FloatArray, tunables: Tunables) -> float:
    """Return sigmoid(theta), where theta is remembered first."""
    return sigmoid(memory[0])


@rule
def _learn_sampled(memory: FloatArray, tunables: Tunables, experience: Experience) -> None:
    (learning_rate,) = tunables
    adam_ascend_one(memory, sampled_gradient(experience), learning_rate)


@rule
def _learn_expected(memory: FloatArray, tunables: Tunables, experience: Experience) -> None:
    (learning_rate,) = tunables
    adam_ascend_one(memory, expected_gradient(experience), learning_rate)


@rule
def _climb_sampled(memory: FloatArray, tunables: Tunables, experience: Experience) -> None:
    (learning_rate,) = tunables
    memory[0] += learning_rate * sampled_gradient(experience)


@rule
def _climb_expected(memory: FloatArray, tunables: Tunables, experience: Experience) -> None:
    (learning_rate,) = tunables
    memory[0] += learning_rate * expected_gradient(experience)


# As `adam_ascend_one` has them: theta, the running means, and the powers of their decay rates.
_WITH_ADAM = {"theta": 0.0, "first_mean": 0.0, "second_mean": 0.0, "first_power": 1.0, "second_power": 1.0}


def _policy_gradient(
    name: str, memory: dict[str, float], learn: Learn, expects: bool = False
) -> LearningRule:
    return LearningRule(
        name=name,
        memory=memory,
        tunables={"learning_rate": 0.01},
        cooperation=cooperation_by_theta,
        learn=learn,
        policy_parameter="theta",
        expects=expects,
        source="Thesis Eqs. 3.10 and 4.1; Williams (1992), Machine Learning 8, 229-256.",
    )


POLICY_GRADIENT = _policy_gradient("policy-gradient", _WITH_ADAM, _learn_sampled)
EXPECTED_POLICY_GRADIENT = _policy_gradient(
    "expected-policy-gradient", _WITH_ADAM, _learn_expected, expects=True
)
POLICY_GRADIENT_ASCENT = _policy_gradient("policy-gradient-ascent", {"theta": 0.0}, _climb_sampled)
EXPECTED_POLICY_GRADIENT_ASCENT = _policy_gradient(
    "expected-policy-gradient-ascent", {"theta": 0.0}, _climb_expected, expects=True
)
