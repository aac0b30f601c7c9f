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

Where not all equilibria are known, their welfare still has bounds. Each of them lies between the extremes over
outcomes of actions that are not strictly dominated, and between those over correlated equilibria; the best has at
least the welfare of any equilibrium found, the worst at most. Where the bounds meet, as in a constant-sum game or
where an equilibrium has the largest welfare of all outcomes, the welfare is known without knowing all equilibria.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np

from theory.arguments import checked, number
from theory.checks import FloatArray
from theory.equilibria.correlated import correlated_welfare_bounds
from theory.equilibria.dominance import eliminate_dominated
from theory.equilibria.nash import REGRET_TOLERANCE, MixedProfile, nash_equilibria
from theory.equilibria.zero_sum import zero_sum_form, zero_sum_welfare_bounds
from theory.games.checks import strategic_game
from theory.games.game import Game
from theory.resolution import LAST_BITS, SHARE

# Entries of the linear program that bounds the welfare of equilibria which are not all known: about a second.
MAX_BOUND_ENTRIES = 1_000_000

# Lower and upper bound of a welfare, infinite where there is none.
Bounds = tuple[float, float]


@runtime_checkable
class KnowsItsWelfare(Protocol):
    """A game without payoff tensor that knows the welfare of its outcomes and equilibria."""

    @property
    def payoff_range(self) -> FloatArray:
        """`[n_players]`: largest minus smallest payoff of each player over the outcomes."""

    @property
    def welfare_range(self) -> tuple[float, float]:
        """Smallest and largest sum of payoffs over the outcomes, each NaN where it is not known."""

    def equilibria(self) -> Any:
        """Return the Nash equilibria, with `best_welfare`, `worst_welfare`, `continuum` and `complete`.

        Where they are not `complete`, the two welfares are those of equilibria that are known, or None.
        """


@dataclass(frozen=True, eq=False)
class WelfareRange:
    """The welfare of a game's outcomes; a game without payoff tensor may not know all of it.

    Attributes
    ----------
    lowest, highest
        Wmin and Wmax; NaN where not known.
    spread
        Wmax - Wmin, and 0 where rounding can explain the difference; NaN where not known.
    spread_at_most
        What the spread cannot exceed: itself where it is known, else the sum of payoff ranges.
    """

    lowest: float
    highest: float
    spread: float
    spread_at_most: float

    @classmethod
    def of(cls, game: Game | KnowsItsWelfare) -> WelfareRange:
        """Return the welfare range of a game."""
        if isinstance(game, Game):
            welfare = game.outcomes.sum(axis=1)
            lowest, highest = float(welfare.min()), float(welfare.max())
            resolution = float(game.resolution.sum())
        else:
            lowest, highest = game.welfare_range
            resolution = max(
                SHARE * float(game.payoff_range.sum()), LAST_BITS * max(abs(lowest), abs(highest))
            )
        spread = highest - lowest
        if np.isnan(spread):
            return cls(lowest, highest, np.nan, float(game.payoff_range.sum()))
        spread = spread if spread > resolution else 0.0
        return cls(lowest, highest, spread, spread)

    @property
    def bounds(self) -> Bounds:
        """Wmin and Wmax, infinite where not known."""
        return (
            -np.inf if np.isnan(self.lowest) else self.lowest,
            np.inf if np.isnan(self.highest) else self.highest,
        )

    def index(self, welfare: float) -> float | None:
        """Return (W - Wmin) / (Wmax - Wmin); None if all outcomes have the same welfare, or where not known."""
        return (welfare - self.lowest) / self.spread if self.spread > 0 else None

    def share(self, short: Bounds, reached: tuple[float, ...] = ()) -> Bounds:
        """Return bounds of (W' - W) / (Wmax - Wmin), or 0 if W' < W, where W' - W is between bounds.

        W and W' are welfares that occur. `reached` are others: with those that are known they bound a spread
        that is not known from below.
        """
        least, most = (max(bound, 0.0) for bound in short)
        if not np.isnan(self.spread):
            return (least / self.spread, most / self.spread) if self.spread else (0.0, 0.0)
        occur = [welfare for welfare in (self.lowest, self.highest, *reached) if np.isfinite(welfare)]
        spread_at_least = max(occur) - min(occur) if occur else 0.0
        return (
            min(least / self.spread_at_most, 1.0) if self.spread_at_most else 0.0,
            0.0 if not most else min(most / spread_at_least, 1.0) if spread_at_least else 1.0,
        )


@dataclass(frozen=True, eq=False)
class EquilibriumWelfare:
    """The welfare of a game's Nash equilibria: numbers where they are known, bounds where they are not.

    Attributes
    ----------
    best_bounds, worst_bounds
        Bounds of the largest and of the smallest welfare over *all* Nash equilibria, infinite where there are
        none; equal where the welfare is known.
    resolution
        Bounds that are so near have met.
    over_outcomes
        The welfare of the game's outcomes.
    profiles
        The equilibria found (two players: the extreme ones), also where they are not all; none for a game
        without payoff tensor.
    complete
        Whether these are all equilibria (two players: all extreme ones).
    continuum
        Whether there are infinitely many equilibria; None where not known.
    note
        Why something is unknown; empty if nothing is.
    """

    best_bounds: Bounds
    worst_bounds: Bounds
    resolution: float
    over_outcomes: WelfareRange
    profiles: tuple[MixedProfile, ...] = ()
    complete: bool = False
    continuum: bool | None = None
    note: str = ""

    @property
    def best(self) -> float | None:
        """Largest welfare over *all* Nash equilibria; None where not known."""
        return self._settled(self.best_bounds, 0)

    @property
    def worst(self) -> float | None:
        """Smallest welfare over *all* Nash equilibria; None where not known."""
        return self._settled(self.worst_bounds, 1)

    @checked(welfare=number())
    def with_found(self, welfare: float) -> EquilibriumWelfare:
        """Return the same with an equilibrium that was not known before."""
        if self.complete:
            return self
        (low, most), (least, high) = self.best_bounds, self.worst_bounds
        return replace(
            self,
            best_bounds=(max(low, welfare), max(most, welfare)),
            worst_bounds=(min(least, welfare), min(high, welfare)),
        )

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

    def _settled(self, bounds: Bounds, of_found: int) -> float | None:
        """Return the bound that an equilibrium found has, where both have met."""
        return bounds[of_found] if bounds[1] - bounds[0] <= self.resolution else None

    def _price(self, welfare: float | None) -> float | None:
        if welfare is None or welfare <= 0 or np.isnan(self.over_outcomes.highest):
            return None
        return self.over_outcomes.highest / welfare

    def _loss(self, welfare: float | None) -> float | None:
        if welfare is None or not self.over_outcomes.spread > 0:
            return None
        return (self.over_outcomes.highest - welfare) / self.over_outcomes.spread


@checked(game=strategic_game)
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
    resolution = REGRET_TOLERANCE * float(game.payoff_range.sum())
    if not isinstance(game, Game):
        return _of_game_without_tensor(game, over_outcomes, resolution)
    resolution = max(resolution, float(game.resolution.sum()))
    try:
        equilibria = nash_equilibria(game)
    except ValueError as error:
        note = f"Equilibria are unknown: {error}."
        return _bounded((), bounds_of_all(game, over_outcomes), resolution, over_outcomes, note=note)
    welfare = tuple(float(game.expected_payoffs(profile).sum()) for profile in equilibria.profiles)
    if equilibria.complete:
        best, worst = max(welfare), min(welfare)
        return EquilibriumWelfare(
            (best, best), (worst, worst), resolution, over_outcomes, equilibria.profiles, True,
            equilibria.continuum,
        )  # fmt: skip
    return _bounded(
        welfare,
        bounds_of_all(game, over_outcomes),
        resolution,
        over_outcomes,
        profiles=equilibria.profiles,
        continuum=equilibria.continuum or None,
        note=equilibria.note,
    )


def _of_game_without_tensor(
    game: KnowsItsWelfare, over_outcomes: WelfareRange, resolution: float
) -> EquilibriumWelfare:
    known = game.equilibria()
    best, worst = known.best_welfare, known.worst_welfare
    if known.complete:
        return EquilibriumWelfare(
            (best, best), (worst, worst), resolution, over_outcomes, complete=True, continuum=known.continuum
        )
    found = tuple(welfare for welfare in (best, worst) if welfare is not None)
    note = "The game does not know all its equilibria."
    return _bounded(found, over_outcomes.bounds, resolution, over_outcomes, note=note)


def _bounded(
    found: tuple[float, ...], of_all: Bounds, resolution: float, over_outcomes: WelfareRange, **known: Any
) -> EquilibriumWelfare:
    """Return what is known where only equilibria of welfare `found` are, and all have one between bounds."""
    least, most = of_all
    unknown = EquilibriumWelfare((least, most), (least, most), resolution, over_outcomes, **known)
    for welfare in found:
        unknown = unknown.with_found(welfare)
    return unknown


def bounds_of_all(game: Game, over_outcomes: WelfareRange) -> Bounds:
    """Return bounds of the welfare of each Nash equilibrium of a game whose equilibria are not all known."""
    least, most = over_outcomes.bounds
    if not over_outcomes.spread:
        return least, most
    if (
        game.n_players == 2
        and (form := zero_sum_form(*game.as_read.payoffs, resolution=game.resolution)) is not None
    ):
        zero_sum = zero_sum_welfare_bounds(form)
        return max(least, zero_sum[0]), min(most, zero_sum[1])
    reduced = eliminate_dominated(game, by="pure").game
    welfare = reduced.payoffs.sum(axis=0)
    least, most = float(welfare.min()), float(welfare.max())
    correlated = correlated_welfare_bounds(reduced, max_entries=MAX_BOUND_ENTRIES)
    return (least, most) if correlated is None else (max(least, correlated[0]), min(most, correlated[1]))
