"""What a profile of rules with memory of one round is worth, and what meaning another action once costs.

Whether a profile is strict is decided as for two players of two actions (`theory.strict_memory_one`): with the others
frozen, a rule is the only best reply in every state if and only if meaning another action once loses in each. Players
and actions may be as many as one likes; a hand slips to any other action alike.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

import numpy as np

from theory import Game
from theory.checks import FloatArray


class Judged(NamedTuple):
    """What a profile of policies is worth, and what each player loses by one slip of the mind."""

    welfare: float
    """The sum of payoffs, a discounted mean a round."""
    losses: FloatArray
    """`[n_players, S]`: the least by meaning another action once, as a share 1 - discount of the sum over rounds."""


def judged(game: Game, policies: FloatArray, *, noise: float, discount: float) -> Judged:
    """Return what policies `[n_players, S, K]` are worth, and how strict pure ones are.

    Parameters
    ----------
    game
        In which all have K actions.
    policies
        Probabilities of meaning each action before the first round and after each outcome, as the game writes them.
        What is lost is lost against the likeliest.
    noise
        Probability that another action is played than is meant.
    discount
        In [0, 1).
    """
    policies = np.asarray(policies, float)
    n_players, n_actions = game.n_players, policies.shape[2]
    outcomes = prod(game.n_actions)
    steadiness = 1.0 - n_actions / (n_actions - 1.0) * noise
    written = noise / (n_actions - 1) + steadiness * policies[:, :, :-1]
    plays = np.concatenate([written, 1.0 - written.sum(axis=2, keepdims=True)], axis=2)
    action_of = np.indices(game.n_actions).reshape(n_players, outcomes)
    each = np.stack([plays[player][:, action_of[player]] for player in range(n_players)])  # [player, S, J]
    chances = each.prod(axis=0)
    payoffs = game.payoffs.reshape(n_players, outcomes)
    values = np.linalg.solve(
        np.eye(outcomes) - discount * chances[1:], (1.0 - discount) * chances[1:] @ payoffs.T
    ).T
    worth = (1.0 - discount) * payoffs + discount * values  # [player, J]
    losses = np.full(policies.shape[:2], np.inf)
    meant = policies.argmax(axis=2)
    for player in range(n_players):
        others = np.delete(each, player, axis=0).prod(axis=0)
        does = action_of[player] == np.arange(n_actions)[:, None]  # [action, J]
        for own in range(n_actions):
            at = meant[player] == own
            for other in np.delete(np.arange(n_actions), own):
                gains = others @ ((1.0 * does[own] - does[other]) * worth[player])
                losses[player, at] = np.minimum(losses[player, at], steadiness * gains[at])
    return Judged(float((chances[0] @ worth.T).sum()), losses)


def of_two_actions(means: FloatArray) -> FloatArray:
    """Return policies `[n_players, S, 2]` of the probabilities of meaning C `[n_players, S]`."""
    means = np.asarray(means, float)
    return np.stack([means, 1.0 - means], axis=2)
