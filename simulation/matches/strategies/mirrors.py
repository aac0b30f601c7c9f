"""Mirrors of how often the other cooperates, as players of the iterated Prisoner's Dilemma (thesis chapter 5).

The player holds a belief over the other's *propensity* beta to cooperate on a turn, on a grid of [0, 1], and
mirrors its mean b by a degree alpha = b + epsilon of its own (thesis Eq. 5.1 and section 5.3). Where actions
are C or D only, a degree must become a probability of C:

- *linear*, P(C) = alpha, is the thesis's rule taken literally;
- *sharp*, P(C) = sigmoid(steepness (alpha - 1/2));
- *threshold*, C if alpha >= 1/2: nothing gradual is left in the action, only in the belief. A tie is C, read to
  1e-9: without noise the belief after a first D is symmetric whatever is forgotten, so that its mean is 1/2 and
  rounding must not decide. A first D is thus answered with C;
- *reciprocal*, the threshold, which leaves out of account a D that answers its own D.

It knows the noise, as its likelihood P(C | beta) = beta (1 - noise) + (1 - beta) noise needs it.
"""

from __future__ import annotations

import numpy as np

from simulation.engine.compilation import rule
from simulation.gradual.beliefs import belief_mean, belief_update
from simulation.learning.policy_gradient import sigmoid
from simulation.matches.strategies.base import Functions, Known, Strategy
from theory.arguments import optional
from theory.checks import FloatArray, known_name, number_within, plain_text
from theory.resolution import TIE

RESPONSES = ("linear", "sharp", "threshold", "reciprocal")

# How fast the sharp response goes from D to C: at alpha = .9 it cooperates with probability .98.
STEEPNESS = 10.0


# Grid of propensities 0, .05, ..., 1.
_POINTS = 21

# Places in memory.
_CHANCE, _RESPONSE, _EPSILON, _FORGETTING, _OWN_BEFORE, _BELIEF = 0, 1, 2, 3, 4, 5
_PRIOR, _GRID, _LIKELIHOOD = _BELIEF + _POINTS, _BELIEF + 2 * _POINTS, _BELIEF + 3 * _POINTS


@rule
def mirrors(memory: FloatArray, turn: int, known: Known) -> float:
    """Return the chance of C that follows from the present belief."""
    return float(memory[_CHANCE])


@rule
def observe_action(memory: FloatArray, turn: int, own: int, other: int, known: Known) -> None:
    """Update the belief by the other's action and answer its mean."""
    answers_own_defection = turn > 0 and memory[_OWN_BEFORE] == 1.0 and other == 1
    memory[_OWN_BEFORE] = own
    if not (memory[_RESPONSE] == 3.0 and answers_own_defection):
        for k in range(_POINTS):
            beta = memory[_GRID + k]
            cooperates = beta * (1.0 - known.noise) + (1.0 - beta) * known.noise
            memory[_LIKELIHOOD + k] = cooperates if other == 0 else 1.0 - cooperates
        belief_update(
            memory[_BELIEF:_PRIOR],
            memory[_PRIOR:_GRID],
            memory[_LIKELIHOOD : _LIKELIHOOD + _POINTS],
            float(memory[_FORGETTING]),
        )
    mean = belief_mean(memory[_BELIEF:_PRIOR], memory[_GRID:_LIKELIHOOD])
    memory[_CHANCE] = _response(float(memory[_RESPONSE]), mean + float(memory[_EPSILON]))


@rule
def _response(response: float, alpha: float) -> float:
    if response == 0.0:
        return min(max(alpha, 0.0), 1.0)
    if response == 1.0:
        return sigmoid(STEEPNESS * (alpha - 0.5))
    return 1.0 if alpha >= 0.5 - TIE else 0.0


def frequency_mirror(
    response: str = "linear",
    *,
    forgetting: float = 0.1,
    epsilon: float = 0.0,
    name: str | None = None,
) -> Strategy:
    """Return a mirror of how often the other cooperates, as a player of a repeated 2x2 game.

    Parameters
    ----------
    response
        `linear`, `sharp`, `threshold` or `reciprocal` (see the module's text).
    forgetting
        In [0, 1]: before each turn the belief is mixed with that much of the prior.
    epsilon
        In [-1, 1]: how much more cooperative than the other it wants to be.
    name
        By default the settings.

    Notes
    -----
    The prior is Beta(2, 1), of mean 2/3: it starts friendly.
    """
    known_name("response", response, RESPONSES)
    forgetting = number_within("forgetting", forgetting, 0.0, 1.0)
    epsilon = number_within("epsilon", epsilon, -1.0, 1.0)
    grid = np.linspace(0.0, 1.0, _POINTS)
    prior = grid / grid.sum()
    code = float(RESPONSES.index(response))
    chance = _response(code, float(belief_mean(prior, grid)) + epsilon)
    memory = (chance, code, epsilon, forgetting, 0.0, *prior, *prior, *grid, *np.zeros(_POINTS))
    functions = Functions(
        mirrors,
        observe_action,
        tuple(float(x) for x in memory),
        is_stochastic=response in ("linear", "sharp"),
        compiles=True,
    )
    label = (
        optional(plain_text)("name", name)
        or f"frequency-mirror {response} (forgetting {forgetting:g}, epsilon {epsilon:g})"
    )
    return Strategy(label, functions, "thesis chapter 5; belief of Eq. 5.1")
