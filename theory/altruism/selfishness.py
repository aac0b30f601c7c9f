r"""The selfishness level of a game (Apt & Schaefer 2014).

If every player also receives alpha times the social welfare W(s) = sum_i u_i(s), the game has utilities
u_i + alpha W. The *selfishness level* is the smallest alpha >= 0 with which some social optimum, a pure
profile of largest W, is a Nash equilibrium; it is infinite if there is no such alpha. For a social optimum s
a deviation of player i to s' matters only if it gains u_i(s') - u_i(s) > 0, and stops paying at

    alpha = (u_i(s') - u_i(s)) / (W(s) - W(s')),

the deviation's *appeal factor*; if it costs the others nothing net (W(s') = W(s)), no alpha stops it.

Dividing u_i + alpha W by 1 + alpha gives u_i + a sum_{j != i} u_j with a = alpha / (1 + alpha): a selfishness
level is a weight a on every other player's payoff, and alpha = a / (1 - a).

Source: K. R. Apt & G. Schaefer (2014), "Selfishness level of strategic games", JAIR 49, 207-240.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np

from theory.arguments import checked
from theory.checks import FloatArray
from theory.games.checks import matrix_game
from theory.games.game import Game


@dataclass(frozen=True)
class SelfishnessLevel:
    """The selfishness level of a game.

    Attributes
    ----------
    level
        The smallest alpha; infinite if no social optimum can be made an equilibrium.
    optimum
        A social optimum that is an equilibrium with `level`, as actions; the first one if the level is
        infinite.
    player, deviation
        Whose deviation from `optimum`, and to which action, needs `level` (or, if infinite, can never be
        stopped); None if the level is 0.
    """

    level: float
    optimum: tuple[int, ...]
    player: int | None
    deviation: int | None

    @property
    def altruism(self) -> float:
        """The same as a weight a in [0, 1] on every other player's payoff: a = alpha / (1 + alpha)."""
        return 1.0 if self.level == inf else self.level / (1.0 + self.level)


@checked(game=matrix_game)
def selfishness_level(game: Game) -> SelfishnessLevel:
    """Return the smallest share of welfare, given to everyone, that makes a social optimum an equilibrium.

    Welfare and payoffs that differ by no more than the game's `resolution` count as equal.

    Examples
    --------
    >>> from theory import matrix_dilemma
    >>> selfishness_level(matrix_dilemma(greed=1, fear=1)).level
    0.5
    """
    welfare = game.payoffs.sum(axis=0)
    tie = float(game.resolution.sum())
    optima = np.argwhere(welfare >= welfare.max() - tie)
    levels = [_level_of(game, welfare, tuple(int(a) for a in optimum)) for optimum in optima]
    return min(levels, key=lambda found: found.level)


def _level_of(game: Game, welfare: FloatArray, optimum: tuple[int, ...]) -> SelfishnessLevel:
    worst = SelfishnessLevel(0.0, optimum, None, None)
    ties = game.resolution
    for i in range(game.n_players):
        deviations: tuple[Any, ...] = (*optimum[:i], slice(None), *optimum[i + 1 :])
        gains = game.payoffs[i][deviations] - game.payoffs[i][optimum]
        losses = welfare[optimum] - welfare[deviations]
        for action in np.flatnonzero(gains > ties[i]):
            appeal = gains[action] / losses[action] if losses[action] > ties.sum() else inf
            if appeal > worst.level:
                worst = SelfishnessLevel(float(appeal), optimum, i, int(action))
    return worst
