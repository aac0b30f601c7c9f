r"""What is known of the Nash equilibria of a game on a network.

Whatever its partners do, player i gains by cooperating between the two values against all-C and all-D. Where every
player has a strictly dominant action, that is the only equilibrium. Else the outcomes in which all cooperate, or
all defect, are tried: if one of them is an equilibrium and no outcome has more welfare, the best equilibrium is
known; if one is an equilibrium and no outcome has less, the worst. Both must be known for `complete`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from theory.many_players.network_game import NetworkGame

# Gains and differences of welfare within this share of the payoffs are rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class NetworkGameEquilibria:
    """What is known of all Nash equilibria.

    Attributes
    ----------
    best_welfare, worst_welfare
        Largest and smallest sum of payoffs over all equilibria; None where not known.
    continuum
        Whether there are infinitely many; None where not known.
    complete
        Whether both welfares are known.
    """

    best_welfare: float | None
    worst_welfare: float | None
    continuum: bool | None

    @property
    def complete(self) -> bool:
        """Whether both welfares are known."""
        return self.best_welfare is not None and self.worst_welfare is not None


def equilibria(game: NetworkGame) -> NetworkGameEquilibria:
    """Return what is known of the Nash equilibria, in O(edges) where the welfare range takes no program."""
    (reward, sucker), (temptation, punishment) = np.moveaxis(game.tables, 0, -1)
    gains = np.stack([reward - temptation, sucker - punishment])
    tie = _ROUNDING * float(np.abs(game.tables).max())
    cooperate, defect = (gains > tie).all(axis=0), (gains < -tie).all(axis=0)
    if (cooperate | defect).all():
        welfare = float(game.expected_payoffs(game.profile(np.where(cooperate, 1.0, 0.0))).sum())
        return NetworkGameEquilibria(welfare, welfare, continuum=False)
    candidates = []
    if (gains[0] >= -tie).all():
        candidates.append(float(game.expected_payoffs(game.profile(1.0)).sum()))
    if (gains[1] <= tie).all():
        candidates.append(float(game.expected_payoffs(game.profile(0.0)).sum()))
    lowest, highest = game.welfare_range
    near = tie * game.n_players * float((game.weights * game.degrees).max())
    best = next((welfare for welfare in candidates if welfare >= highest - near), None)
    worst = next((welfare for welfare in candidates if welfare <= lowest + near), None)
    return NetworkGameEquilibria(best, worst, continuum=None)
