r"""Payoffs that are a sum of what one does oneself and what the others do.

V_i(s) = a_i(s_i) + b_i(s_-i): the effects of an own action on the own payoff, and on the other's, do not
depend on what the other does. The Prisoner's Dilemma with T - R = P - S (Table 3.2) is of this kind, with
a = 0 or 1 for C or D and b = 3 or 0; the donation game is, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.arguments import checked
from theory.checks import FloatArray, position
from theory.games.checks import two_player_game
from theory.games.game import Game


@dataclass(frozen=True, eq=False)
class SeparablePayoffs:
    """V_i(s) = own[i][s_i] + other[i][s_j] for the two players i and j.

    Attributes
    ----------
    own
        `own[i][s_i]`: what player i's action gives to itself.
    other
        `other[i][s_j]`: what the other's action gives to player i; its mean over s_j is the mean payoff.
    """

    own: tuple[FloatArray, FloatArray]
    other: tuple[FloatArray, FloatArray]

    def effects_of(self, player: int) -> tuple[FloatArray, FloatArray]:
        """Return `[n_actions[player]]` twice: what the player's actions give to itself and to the other."""
        player = position("player", player, 2)
        return self.own[player], self.other[1 - player]


@checked(game=two_player_game)
def separate_payoffs(game: Game) -> SeparablePayoffs | None:
    """Return the payoffs of a game of two players as sums, or None if they are not sums."""
    own, other = [], []
    for player in (0, 1):
        # Own actions along the rows.
        payoffs = game.payoffs[player] if player == 0 else game.payoffs[player].T
        by_other = payoffs.mean(axis=0)
        by_own = payoffs.mean(axis=1) - payoffs.mean()
        rounding = game.resolution[player]
        if np.abs(by_own[:, None] + by_other - payoffs).max() > rounding:
            return None
        own.append(by_own)
        other.append(by_other)
    return SeparablePayoffs((own[0], own[1]), (other[0], other[1]))
