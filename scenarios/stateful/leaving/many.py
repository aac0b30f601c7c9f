"""Three and more players who remember the last outcome: their games, and what Win-Stay, Lose-Shift is among them.

A player wins as long as all did the same, and then means C; after an outcome in which some did and some did not, it
means D. If nobody's hand slips again, all have done the same one round later. Of two players this is Win-Stay,
Lose-Shift itself.

Whether a profile of such rules is strict is decided as for two players (`theory.strict_memory_one`): with the others
frozen, a rule is the only best reply in every state if and only if meaning the other action once loses in each.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from theory import Game
from theory.checks import BoolArray, FloatArray

# A public good: one unit is kept, or given and multiplied; everybody has this share of every unit that is given.
SHARES = {"public-good-3": (3, 0.6), "public-good-4": (4, 0.5)}


def public_good(name: str) -> Game:
    """Return a public good by name: giving costs 1 - share, and all are better off if all give."""
    n_players, share = SHARES[name]
    gives = 1 - np.indices((2,) * n_players)
    return Game(1.0 - gives + share * gives.sum(axis=0), title=name)


def win_stay(n_players: int) -> BoolArray:
    """Return `[S]`: whether C is meant before the first round and after each outcome, whoever looks."""
    meant = np.zeros(1 + 2**n_players, bool)
    meant[[0, 1, -1]] = True
    return meant


class Judged(NamedTuple):
    """What a profile of policies is worth, and what each player loses by one slip of the mind."""

    welfare: float
    """The sum of payoffs, a discounted mean a round."""
    losses: FloatArray
    """`[n_players, S]`: of meaning the other action once, as a share 1 - discount of the sum over rounds."""


def judged(game: Game, means: FloatArray, *, noise: float, discount: float) -> Judged:
    """Return what policies `[n_players, S]`, probabilities of meaning C, are worth, and how strict pure ones are."""
    n_players, outcomes = game.n_players, 2**game.n_players
    plays = noise + (1.0 - 2.0 * noise) * np.asarray(means)
    does_c = 1 - np.indices((2,) * n_players).reshape(n_players, outcomes)  # [player, J]
    each = np.where(does_c[:, None, :] == 1, plays[:, :, None], 1.0 - plays[:, :, None])  # [player, S, J]
    chances = each.prod(axis=0)
    payoffs = game.payoffs.reshape(n_players, outcomes)
    values = np.linalg.solve(
        np.eye(outcomes) - discount * chances[1:], (1.0 - discount) * chances[1:] @ payoffs.T
    ).T
    worth = (1.0 - discount) * payoffs + discount * values  # [player, J]
    losses = np.empty(plays.shape)
    for player in range(n_players):
        others = np.delete(each, player, axis=0).prod(axis=0)
        gains = others @ (np.where(does_c[player] == 1, 1.0, -1.0) * worth[player])
        losses[player] = (1.0 - 2.0 * noise) * np.where(means[player] > 0.5, gains, -gains)
    return Judged(float((chances[0] @ worth.T).sum()), losses)


def profile_name(means: FloatArray) -> str:
    """Return the name of a profile of pure rules `[n_players, S]`, whatever they begin with."""
    n_players = len(means)
    names = {
        win_stay(n_players)[1:].tobytes(): "WSLS",
        np.ones(2**n_players, bool).tobytes(): "All-C",
        np.zeros(2**n_players, bool).tobytes(): "All-D",
        (np.arange(2**n_players) == 0).tobytes(): "Grim",
    }
    found = {names.get((rule[1:] > 0.5).tobytes(), "another rule") for rule in means}
    return found.pop() if len(found) == 1 and "another rule" not in found else "other rules"
