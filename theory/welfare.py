r"""Welfare, the sum of all payoffs: over the outcomes of a game and over all its Nash equilibria.

With W the welfare of an equilibrium, Wmin and Wmax the smallest and largest welfare of the game's outcomes
(mixing reaches no other extremes, since welfare is linear in each player's mixture):

- the *price of anarchy* is Wmax / W in the worst equilibrium (Koutsoupias & Papadimitriou 1999), the *price
  of stability* Wmax / W in the best (Anshelevich et al. 2004). Adding a constant to all payoffs changes both,
  and they mean nothing unless W > 0;
- the *loss of anarchy* is (Wmax - W) / (Wmax - Wmin) in the worst equilibrium, the *loss of stability* the
  same in the best: 0 where nothing is lost, 1 where everything is. Neither a shift nor a common unit of
  payoffs changes them. They are 1 minus the `welfare_index` of a verdict.

For two players the extreme equilibria suffice. *On a maximal Nash subset X x Y the first player's payoff
max_i (A y)_i does not depend on x in X, since every such x is a best reply to every y in Y, and it is linear
in y; the second player's depends linearly on x alone. So the payoffs on X x Y fill a rectangle, and each of
its corners is reached at a pair of extreme points, that is, at an extreme equilibrium.* Where further players
have a single undominated action left, their payoffs are bilinear on X x Y, so that welfare is extreme at such
pairs too. The best and the worst welfare over all equilibria are therefore those of extreme ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from theory._checks import FloatArray
from theory.equilibria import MixedProfile, nash_equilibria
from theory.games import Game

# Welfare that varies by less than this share of the sum of payoff ranges is constant but for rounding.
ROUNDING = 1e-12


@runtime_checkable
class KnowsItsWelfare(Protocol):
    """A game without payoff tensor that knows the welfare of its outcomes and equilibria."""

    @property
    def payoff_range(self) -> FloatArray:
        """`[n_players]`: largest minus smallest payoff of each player over the outcomes."""

    @property
    def welfare_range(self) -> tuple[float, float]:
        """Smallest and largest sum of payoffs over the outcomes."""

    def equilibria(self) -> Any:
        """Return the Nash equilibria, with `best_welfare`, `worst_welfare`, `continuum` and `complete`."""


@dataclass(frozen=True, eq=False)
class WelfareRange:
    """The welfare of a game's outcomes.

    Attributes
    ----------
    lowest, highest
        Wmin and Wmax.
    spread
        Wmax - Wmin, and 0 where rounding can explain the difference.
    """

    lowest: float
    highest: float
    spread: float

    @classmethod
    def of(cls, game: Game | KnowsItsWelfare) -> WelfareRange:
        """Return the welfare range of a game."""
        if isinstance(game, Game):
            welfare = game.outcomes.sum(axis=1)
            lowest, highest = float(welfare.min()), float(welfare.max())
            magnitude = float(np.abs(game.outcomes).max(axis=0).sum())
        else:
            lowest, highest = game.welfare_range
            magnitude = max(abs(lowest), abs(highest))
        spread = welfare_spread(lowest, highest, float(game.payoff_range.sum()), magnitude)
        return cls(lowest, highest, float(spread))

    def index(self, welfare: float) -> float | None:
        """Return (W - Wmin) / (Wmax - Wmin), or None if all outcomes have the same welfare."""
        return (welfare - self.lowest) / self.spread if self.spread else None


def welfare_spread(
    lowest: FloatArray | float,
    highest: FloatArray | float,
    ranges: FloatArray | float,
    magnitude: FloatArray | float,
) -> FloatArray:
    """Return largest minus smallest welfare, and 0 where rounding can explain the difference.

    `ranges` and `magnitude` are sums over players: of payoff ranges, and of the largest absolute payoffs.
    """
    spread = np.subtract(highest, lowest)
    rounding = ROUNDING * np.asarray(ranges) + 4 * np.finfo(np.float64).eps * np.asarray(magnitude)
    return np.where(spread > rounding, spread, 0.0)


@dataclass(frozen=True, eq=False)
class EquilibriumWelfare:
    """The welfare of a game's Nash equilibria; None wherever not all of them are known.

    Attributes
    ----------
    best, worst
        Largest and smallest welfare over *all* Nash equilibria.
    over_outcomes
        The welfare of the game's outcomes.
    profiles
        The equilibria found (two players: the extreme ones), also where they are not all; none for a game
        without payoff tensor.
    continuum
        Whether there are infinitely many equilibria.
    note
        Why something is unknown; empty if nothing is.
    """

    best: float | None
    worst: float | None
    over_outcomes: WelfareRange
    profiles: tuple[MixedProfile, ...] = ()
    continuum: bool | None = None
    note: str = ""

    @property
    def price_of_anarchy(self) -> float | None:
        """Wmax / `worst`; also None where `worst` is not positive."""
        return self._price(self.worst)

    @property
    def price_of_stability(self) -> float | None:
        """Wmax / `best`; also None where `best` is not positive."""
        return self._price(self.best)

    @property
    def loss_of_anarchy(self) -> float | None:
        """(Wmax - `worst`) / (Wmax - Wmin), within [0, 1]; also None where welfare is constant."""
        return self._loss(self.worst)

    @property
    def loss_of_stability(self) -> float | None:
        """(Wmax - `best`) / (Wmax - Wmin), within [0, 1]; also None where welfare is constant."""
        return self._loss(self.best)

    def _price(self, welfare: float | None) -> float | None:
        return self.over_outcomes.highest / welfare if welfare is not None and welfare > 0 else None

    def _loss(self, welfare: float | None) -> float | None:
        if welfare is None or not self.over_outcomes.spread:
            return None
        return (self.over_outcomes.highest - welfare) / self.over_outcomes.spread


def equilibrium_welfare(game: Game | KnowsItsWelfare) -> EquilibriumWelfare:
    """Return the welfare of a game's Nash equilibria, with the prices of anarchy and stability.

    Parameters
    ----------
    game
        A `Game`, or a game without payoff tensor that answers what `KnowsItsWelfare` lists.

    Examples
    --------
    >>> from theory import named_game
    >>> welfare = equilibrium_welfare(named_game("stag-hunt"))
    >>> welfare.price_of_anarchy, welfare.price_of_stability
    (3.0, 1.0)
    """
    over_outcomes = WelfareRange.of(game)
    if not isinstance(game, Game):
        known = game.equilibria()
        if not known.complete:
            note = "The game does not know all its equilibria."
            return EquilibriumWelfare(None, None, over_outcomes, note=note)
        return EquilibriumWelfare(
            known.best_welfare, known.worst_welfare, over_outcomes, continuum=known.continuum
        )
    try:
        equilibria = nash_equilibria(game)
    except ValueError as error:
        return EquilibriumWelfare(None, None, over_outcomes, note=f"Equilibria are unknown: {error}.")
    if not equilibria.complete:
        return EquilibriumWelfare(
            None,
            None,
            over_outcomes,
            profiles=equilibria.profiles,
            continuum=equilibria.continuum or None,
            note=equilibria.note,
        )
    welfare = [float(game.expected_payoffs(profile).sum()) for profile in equilibria.profiles]
    return EquilibriumWelfare(
        best=max(welfare),
        worst=min(welfare),
        over_outcomes=over_outcomes,
        profiles=equilibria.profiles,
        continuum=equilibria.continuum,
    )
