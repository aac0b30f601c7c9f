r"""Payoffs of N players that are linear in the number of cooperators (thesis Fig. 4.2).

Each of N players cooperates or defects. When k of them cooperate,

    a cooperator receives  c(k) = S + (R - S) (k - 1) / (N - 1)   for 1 <= k <= N,
    a defector receives    d(k) = P + (T - P) k / (N - 1)         for 0 <= k <= N - 1,

where R is the *reward* when all cooperate, P the *punishment* when all defect, T the *temptation* of
the only defector and S the *sucker* payoff of the only cooperator. *Greed* is T - R, *fear* is P - S.
For N = 2 this is the matrix dilemma of `theory.games.dilemmas`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import FloatArray, finite_array, finite_number, payoff_array, whole_number

LARGEST_POPULATION = 10**6


@dataclass(frozen=True)
class LinearPayoffs:
    """What cooperators and defectors get when some number of them cooperates.

    Parameters
    ----------
    n_players
        N, from 2 to a million.
    reward, sucker, temptation, punishment
        R, S, T, P of the module's docstring: any finite payoffs.

    Raises
    ------
    ValueError
        If N is out of bounds or a payoff is not finite (or so large that sums overflow).
    """

    n_players: int
    reward: float
    sucker: float
    temptation: float
    punishment: float

    def __post_init__(self) -> None:
        # The dataclass is frozen, so that checked values go around its __setattr__.
        n_players = whole_number("n_players", self.n_players, at_least=2, at_most=LARGEST_POPULATION)
        object.__setattr__(self, "n_players", n_players)
        for name in ("reward", "sucker", "temptation", "punishment"):
            payoff = float(payoff_array(name, finite_number(name, getattr(self, name))))
            object.__setattr__(self, name, payoff)

    @property
    def greed(self) -> float:
        """T - R: the motive to exploit cooperators."""
        return self.temptation - self.reward

    @property
    def fear(self) -> float:
        """P - S: the motive to avoid being exploited."""
        return self.punishment - self.sucker

    @property
    def corners(self) -> tuple[float, float, float, float]:
        """R, S, T, P."""
        return self.reward, self.sucker, self.temptation, self.punishment

    @property
    def payoff_range(self) -> FloatArray:
        """`[n_players]`: largest minus smallest payoff of each player over the outcomes."""
        # c and d are linear in k, so that their extremes are among these four.
        return np.full(self.n_players, max(self.corners) - min(self.corners))

    def cooperator_payoff(self, cooperators: ArrayLike) -> FloatArray:
        """Return c(k) for numbers k of cooperators; k = 0 gives the line's continuation, paid to nobody."""
        others = (finite_array("cooperators", cooperators) - 1) / (self.n_players - 1)
        return between(self.sucker, self.reward, others)

    def defector_payoff(self, cooperators: ArrayLike) -> FloatArray:
        """Return d(k) for numbers k of cooperators; k = N gives the line's continuation, paid to nobody."""
        others = finite_array("cooperators", cooperators) / (self.n_players - 1)
        return between(self.punishment, self.temptation, others)

    def welfare(self, cooperators: ArrayLike) -> FloatArray:
        """Return W(k) = k c(k) + (N - k) d(k), the sum of all payoffs when k cooperate."""
        k = finite_array("cooperators", cooperators)
        return k * self.cooperator_payoff(k) + (self.n_players - k) * self.defector_payoff(k)

    @cached_property
    def welfare_range(self) -> tuple[float, float]:
        """Smallest and largest sum of payoffs over the outcomes."""
        welfare = self.welfare(np.arange(self.n_players + 1))
        return float(welfare.min()), float(welfare.max())

    def tensor(self) -> FloatArray:
        """Return `[n_players, 2, ..., 2]`: the payoffs of all 2^N outcomes."""
        cooperates = 1 - np.indices((2,) * self.n_players)
        k = cooperates.sum(axis=0)
        return np.where(cooperates == 1, self.cooperator_payoff(k), self.defector_payoff(k))


def between(low: float, high: float, fraction: ArrayLike) -> FloatArray:
    """Interpolate so that fractions 0 and 1, and equal ends, give the ends bit for bit."""
    share = np.asarray(fraction, dtype=np.float64)
    return np.where(share < 0.5, low + share * (high - low), high - (1 - share) * (high - low))
