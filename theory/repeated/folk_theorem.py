"""What patient players can sustain in a repeated game, and how patient they must be."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from theory.arguments import checked, count, positive
from theory.bargaining.security import minimax_levels, security_levels
from theory.checks import known_name
from theory.games.checks import matrix_game, two_player_game
from theory.games.game import Game, Profile
from theory.geometry.polygons import Point, contains, convex_hull
from theory.pareto.feasible_set import FeasibleSet
from theory.repeated.nash_reversion import Target, friedman_discount
from theory.repeated.subgame_perfect import (
    LARGEST_DISCOUNT,
    MAX_ITERATIONS,
    ROUNDING,
    SustainedSet,
    UnitStage,
    least_promise,
)

# Payoffs this near to a set of equilibrium payoffs, in units of each player's range, count as in it.
IN_SET = 1e-10

# The search goes up to the discount factor 1 - 2^-LARGEST_POWER, unless Nash reversion needs a larger one.
LARGEST_POWER = 10

# The search ends after so many tries whose answer is unknown, for each takes all its iterations.
MAX_UNKNOWN = 5


@checked(game=matrix_game)
def folk_theorem_set(game: Game, *, punishment: str = "security") -> FeasibleSet:
    """Return the feasible payoffs that give everyone at least what the others can hold it down to.

    For two players, every payoff pair in it that gives both strictly more is sustained by a subgame-perfect
    equilibrium if they are patient enough (Fudenberg & Maskin 1986, Econometrica 54).

    Parameters
    ----------
    game
        A game; where there are more than two players, those who punish are taken to correlate.
    punishment
        `"security"`: punishers mix. `"minimax"`: they use pure actions, as where mixtures are not observed.

    Raises
    ------
    NoRationalAgreement
        If no feasible payoff gives everyone that much (pure-action minimax in Matching Pennies).
    ValueError
        If the set has too many corners to be listed (as a rule from five players or 81 outcomes on).
    """
    known_name("punishment", punishment, ("security", "minimax"))
    levels = security_levels(game) if punishment == "security" else minimax_levels(game)
    return FeasibleSet.of(game).individually_rational(levels)


@dataclass(frozen=True)
class SustainingDiscount:
    """The least discount factor at which subgame-perfect equilibria with public lotteries sustain a target.

    Attributes
    ----------
    discount
        A discount factor that sustains the target, at most `precision` above the least one; None if none
        of those tried does.
    lower
        No smaller discount factor sustains the target. Equal to `discount` where that is exact.
    impossible
        Whether no discount factor at all sustains the target, whatever mixtures punish: it is not feasible,
        gives a player less than its security level, or no more where the player gains by deviating.
    mixing_cannot_lower
        Whether `discount` stays the least if players may use any unobserved mixtures, as no punishment
        goes below the security level; None where this is not known.
    complete
        Whether all iterations came to rest.
    """

    discount: float | None
    lower: float
    impossible: bool
    mixing_cannot_lower: bool | None
    complete: bool


@checked(game=two_player_game, precision=positive, max_iterations=count())
def subgame_perfect_discount(
    game: Game,
    profile: Profile | None = None,
    *,
    payoffs: ArrayLike | None = None,
    precision: float = 1e-9,
    max_iterations: int = MAX_ITERATIONS,
) -> SustainingDiscount:
    """Return how patient two players must be for some subgame-perfect equilibrium to sustain a target.

    The equilibria are those of `theory.repeated.subgame_perfect`. As the set of their payoffs grows with the discount
    factor d (Abreu, Pearce & Stacchetti 1990, Theorem 6), the least d is found by bisection between the
    least that punishments at the security level would need and the first of 1 - 2^-k that is enough.

    Parameters
    ----------
    game
        The stage game, for two players.
    profile
        The target as a profile played every turn. Players who mix must be indifferent between the actions
        that they use.
    payoffs
        Or the target as `[2]` mean payoffs, reached in any way.
    precision
        Width at which the bisection stops.
    max_iterations
        Bound on the iterations for each d tried.
    """
    if not precision > 0:
        raise ValueError(f"precision must be positive, got {precision!r}")
    stage = UnitStage.of(game, stage_mixtures=True)
    target = Target.of(game, profile, payoffs)
    goal = _Goal(
        value=stage.in_units(target.value),
        gain=None if profile is None else stage.gain_in_units(target.gains[0]),
    )
    lower = goal.least_against_floor(stage)
    if lower is None:
        return SustainingDiscount(None, 1.0, impossible=True, mixing_cannot_lower=True, complete=True)
    search = _Search(stage, goal, max_iterations, lower)
    if search.sustains(lower):
        known = True if profile is not None or lower == 0.0 else None
        return SustainingDiscount(lower, lower, False, known, complete=True)
    # Reversion to the stage game's equilibria is itself such an equilibrium.
    high = search.bracket(friedman_discount(game, profile, payoffs=payoffs).discount)
    if high is not None:
        high = search.bisect(high, precision)
    return SustainingDiscount(high, search.lower, False, None, search.complete)


@dataclass(frozen=True)
class _Goal:
    """A target in units: its value and, where it is one profile played every turn, the players' gains."""

    value: Point
    gain: Point | None

    def least_against_floor(self, stage: UnitStage) -> float | None:
        """Return the least d if punishments reached the security levels; None if no d would be enough."""
        losses = [value - floor for value, floor in zip(self.value, stage.floor, strict=True)]
        if self.gain is None:
            reachable = contains(convex_hull(stage.payoffs, tolerance=ROUNDING), self.value, tolerance=IN_SET)
            return 0.0 if reachable and min(losses) >= -IN_SET else None
        gaining = [(gain, loss) for gain, loss in zip(self.gain, losses, strict=True) if gain > 0]
        if any(loss <= ROUNDING for _, loss in gaining):
            return None
        return max((gain / (gain + loss) for gain, loss in gaining), default=0.0)

    def is_met(self, found: SustainedSet, discount: float) -> bool:
        """Return whether an equilibrium with these payoffs and punishments sustains the target."""
        if not found.polygon:
            return False
        if self.gain is None:
            return contains(found.polygon, self.value, tolerance=IN_SET)
        least = least_promise(discount, self.gain, found.punishments)
        return least is not None and all(
            value >= promise - ROUNDING for value, promise in zip(self.value, least, strict=True)
        )


class _Search:
    """Tries discount factors from below.

    What a set that did not come to rest excludes is excluded, as it bounds the equilibrium payoffs from
    outside; what it includes is unknown, and counted as not sustained.
    """

    def __init__(self, stage: UnitStage, goal: _Goal, max_iterations: int, lower: float) -> None:
        self._stage, self._goal, self._max_iterations = stage, goal, max_iterations
        self.lower = lower
        self.unknown = 0

    @property
    def complete(self) -> bool:
        """Whether every try had a certain answer."""
        return self.unknown == 0

    def sustains(self, discount: float) -> bool:
        """Return whether the target is sure to be sustained at this discount factor."""
        if discount > LARGEST_DISCOUNT:
            return False
        found = self._stage.sustained(discount, self._max_iterations)
        met = self._goal.is_met(found, discount)
        if not met:
            self.lower = max(self.lower, discount)
        elif not found.settled:
            self.unknown += 1
        return met and found.settled

    def bracket(self, sufficient: float | None) -> float | None:
        """Return a discount factor that sustains the target: `sufficient` or the first of 1 - 2^-k."""
        if sufficient is not None:
            return max(sufficient, self.lower)
        for k in range(1, LARGEST_POWER + 1):
            tried = 1.0 - 2.0**-k
            if tried > self.lower and self.sustains(tried):
                return tried
            if self.unknown:
                break
        return None

    def bisect(self, high: float, precision: float) -> float:
        """Return the least discount factor that is sure to sustain the target, given a larger one."""
        low = self.lower
        while high - low > max(precision, ROUNDING) and self.unknown < MAX_UNKNOWN:
            middle = (low + high) / 2
            if self.sustains(middle):
                high = middle
            else:
                low = middle
        return high
