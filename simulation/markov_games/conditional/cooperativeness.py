r"""Degrees of cooperation in a game with state: policies pi(a | s, alpha) and what they are worth to each other.

Thesis section 5.2 describes a degree by the weight alpha that a player gives to the other's value, V_own + alpha
V_other, and leaves open which policies "result" from alpha and beta. Here pi( . | alpha) is the logit equilibrium of
two players who both weigh so (McKelvey and Palfrey 1995): with Q the worth of an action beside the other's policy,

    pi(a | s) = exp(Q(s, a) / temperature) / sum over b of exp(Q(s, b) / temperature).

So it depends on the own degree alone, and what somebody of degree beta does is known from what oneself would do: the
plug-in that section 5.3.1 proposes for Eq. 5.1. V_i(alpha, beta) is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.markov_games.enumerated import ENUMERATED, EnumeratedGame
from simulation.markov_games.exact import discounted_values, expected_ahead
from theory.arguments import checked, count, number, of_type
from theory.checks import FloatArray, IntArray

# How close to a fixed point policies are, in probabilities.
_PRECISION = 1e-9

# Sweeps after which an equilibrium is given up.
_MOST_SWEEPS = 2000


@dataclass(frozen=True, eq=False)
class DegreesOfCooperation:
    """Policies of a game with state by degree of cooperation, and what they are worth to each other.

    Attributes
    ----------
    degrees
        `[G]`, ascending, in [0, 1].
    policies
        `[G, 2, S, A]`: of each degree in each role.
    values
        `[2, G, G]`: V_1(alpha, beta) and V_2(alpha, beta) a step, in payoff units: from the first state on,
        discounted sums times 1 - gamma.
    """

    degrees: FloatArray
    policies: FloatArray
    values: FloatArray


DEGREES = of_type(DegreesOfCooperation, called="what `simulation.degrees_of_cooperation` returns")


def nearest_degrees(degrees: DegreesOfCooperation, wanted: FloatArray) -> IntArray:
    """Return the places of the degrees that are nearest to some."""
    return np.asarray(np.abs(np.asarray(wanted)[..., None] - degrees.degrees).argmin(axis=-1))


def check_degrees(degrees: DegreesOfCooperation, game: EnumeratedGame) -> None:
    """Raise ValueError if policies are not of the shape of those of a game."""
    wanted = (2, game.n_states, game.game.n_actions)
    if degrees.policies.shape[1:] != wanted:
        raise ValueError(
            f"degrees must be of the game that is played, with policies [player, state, action] of shape {wanted},"
            f" got {degrees.policies.shape[1:]}"
        )


@checked(game=ENUMERATED, discount=number(0.0, 1.0), grid_points=count(2), temperature=number(1e-6, 1e6))
def degrees_of_cooperation(
    game: EnumeratedGame, *, discount: float = 0.99, grid_points: int = 11, temperature: float = 0.1
) -> DegreesOfCooperation:
    """Return policies of degrees from 0 to 1, logit equilibria of two alike, and what each is worth beside each.

    A degree is the weight that a player gives to the other's value (thesis section 5.2).

    Parameters
    ----------
    game
        The tables of a game of two players.
    discount
        gamma, in [0, 1).
    grid_points
        How many degrees, at least 2.
    temperature
        Of the logit equilibria, in payoff units, above 0.

    Raises
    ------
    ValueError
        If an argument is not as above, or an equilibrium is not found.
    """
    if game.n_players != 2:
        raise ValueError(f"degrees of cooperation are of 2 players, got a game of {game.n_players}")
    if discount == 1.0:
        raise ValueError("discount must be below 1 where a game need not end, got 1")
    degrees = np.linspace(0.0, 1.0, grid_points)
    policies, found = [], np.full((2, game.n_states, game.game.n_actions), 1.0 / game.game.n_actions)
    for degree in degrees:
        # Each begins with the one before, so that degrees that are near have policies that are.
        found = _logit_equilibrium(game, float(degree), discount, temperature, found)
        policies.append(found)
    values = np.empty((2, grid_points, grid_points))
    for own, mine in enumerate(policies):
        for other, theirs in enumerate(policies):
            both = discounted_values(game, np.stack([mine[0], theirs[1]]), discount=discount)
            values[:, own, other] = (1.0 - discount) * both @ game.start
    return DegreesOfCooperation(degrees, np.array(policies), values)


def _logit_equilibrium(
    game: EnumeratedGame, degree: float, discount: float, temperature: float, policies: FloatArray
) -> FloatArray:
    n_actions = game.game.n_actions
    for _ in range(_MOST_SWEEPS):
        values = discounted_values(game, policies, discount=discount)
        answers = []
        for player in (0, 1):
            weighed = game.rewards[player] + degree * game.rewards[1 - player]
            ahead = expected_ahead(game, values[player] + degree * values[1 - player])
            worth = (weighed + discount * ahead).reshape(game.n_states, n_actions, n_actions)
            by_action = np.einsum("sab,sb->sa" if player == 0 else "sba,sb->sa", worth, policies[1 - player])
            powers = np.exp((by_action - by_action.max(axis=1, keepdims=True)) / temperature)
            answers.append(powers / powers.sum(axis=1, keepdims=True))
        change = np.stack(answers) - policies
        policies = policies + 0.5 * change
        policies /= policies.sum(axis=2, keepdims=True)
        if np.abs(change).max() <= _PRECISION:
            return policies
    raise ValueError(
        f"a logit equilibrium of degree {degree:g} must be found within {_MOST_SWEEPS} sweeps at temperature"
        f" {temperature:g}: raise the temperature"
    )
