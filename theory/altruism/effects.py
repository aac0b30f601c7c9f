r"""Does altruism cost oneself, help the other and raise welfare? (thesis section 5.2)

The thesis expects of the payoffs V1(alpha, beta), V2(alpha, beta) and of welfare W = V1 + V2 that V1 falls
in alpha and rises in beta, V2 the other way round, and that W rises in both ("proof to be delivered"). In
a finite game this can only be meant weakly, as equilibria jump; and stated for every game it is false:
see `theory.altruism.counterexamples`. What is true of weights in [0, 1], and reported where it applies:

*Separable payoffs.* If V_i(s) = a_i(s_i) + b_i(s_j), all six claims hold for every selection in which a
player's action depends on its own weight alone. Proof: player 1 maximises a_1 + alpha b_2 whatever the other
does. From alpha to alpha' > alpha let its choice change a_1 by Da and b_2 by Db. Adding
Da + alpha Db <= 0 and Da + alpha' Db >= 0 gives Db >= 0: V2 rises. V1 changes by Da <= -alpha Db <= 0,
W by Da + Db >= (1 - alpha') Db >= 0. (Separable *levels*, V_i(alpha, beta) = f_i(alpha) + g_i(beta) as
in thesis section 5.4, are not enough.)

*Separable payoffs, logit replies.* Raising alpha tilts player 1's mixture towards large b_2, whatever this
costs. So V2 rises always; V1 falls if a_1 is a falling function of b_2, and W rises if a_1 + b_2 is a
rising one (both by Chebyshev's association inequality).

*Unique strict equilibria* of 2x2 games before and after a rise of alpha: V1 and V2 do not both fall, V2 rises
if beta = 0, and W rises if beta = 1. Proof: if only player 1 moves, this is revealed preference as above. If
both move, from (a, c) to (b, d), uniqueness makes player 1 switch from a to b against both columns, so
that V2(b, c) > V2(a, c) and W(b, c) >= W(a, c). Player 2 prefers (b, d) to (b, c), which is V2 if beta = 0
and W if beta = 1. And if V2(b, d) < V2(a, c), that preference and player 1's switch at c give
V1(b, d) - V1(b, c) > V2(b, c) - V2(a, c) >= V1(a, c) - V1(b, c).

*Social optimum.* From the weights on at which a social optimum is an equilibrium it stays one, and the best
equilibrium has the highest welfare of all outcomes (`theory.altruism.thresholds`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from theory.altruism.payoff_surfaces import AltruismSurfaces, Selection, surfaces
from theory.altruism.separability import SeparablePayoffs, separate_payoffs
from theory.altruism.thresholds import cooperation_thresholds
from theory.arguments import checked, number
from theory.checks import FloatArray, plain_text
from theory.equilibria.nash import MixedProfile
from theory.games.checks import two_player_game
from theory.games.game import Game
from theory.resolution import SHARE

SEPARABLE = "separable payoffs"
SEPARABLE_LOGIT = "separable payoffs, logit replies"
STRICT = "unique strict equilibria"
SOCIAL_OPTIMUM = "social optimum"


# Which payoff is expected to move which way as which weight rises.
_CLAIMS = (
    ("V1", "alpha", "falls"),
    ("V1", "beta", "rises"),
    ("V2", "alpha", "rises"),
    ("V2", "beta", "falls"),
    ("W", "alpha", "rises"),
    ("W", "beta", "rises"),
)


@dataclass(frozen=True, eq=False)
class MonotonicityCounterexample:
    """Two points of the grid between which a payoff moves the wrong way.

    Attributes
    ----------
    before, after
        The weights (alpha, beta); one of them has risen.
    profile_before, profile_after
        The selected equilibria.
    payoffs_before, payoffs_after
        `[2]`: original payoffs (V1, V2) in them.
    violation
        How far the payoff moves the wrong way, in payoff units.
    """

    before: tuple[float, float]
    after: tuple[float, float]
    profile_before: MixedProfile
    profile_after: MixedProfile
    payoffs_before: FloatArray
    payoffs_after: FloatArray
    violation: float


@dataclass(frozen=True, eq=False)
class MonotonicityClaim:
    """One of the six claims, and whether it holds on the grid.

    Attributes
    ----------
    payoff, weight, direction
        Such as "V1", "alpha", "falls" (weakly).
    holds
        Whether it holds on the grid; None if no counterexample is known but some equilibria are not.
    theorem
        What guarantees it for all weights in [0, 1]; None if no theorem known here does.
    counterexample
        The smallest one: with the least change of the weight and, among those, the largest violation.
    """

    payoff: str
    weight: str
    direction: str
    holds: bool | None
    theorem: str | None
    counterexample: MonotonicityCounterexample | None

    @property
    def statement(self) -> str:
        """The claim in words."""
        return f"{self.payoff} {self.direction} in {self.weight}"


@dataclass(frozen=True)
class Guarantee:
    """Something weaker than the six claims that a theorem promises for this game on this grid."""

    theorem: str
    statement: str


@dataclass(frozen=True, eq=False)
class Monotonicity:
    """Whether altruism costs oneself, helps the other and raises welfare in a game.

    Attributes
    ----------
    surfaces
        The payoffs judged.
    claims
        The six claims of thesis section 5.2.
    guarantees
        What theorems promise beside them.
    """

    surfaces: AltruismSurfaces
    claims: tuple[MonotonicityClaim, ...]
    guarantees: tuple[Guarantee, ...]

    @property
    def holds(self) -> bool | None:
        """Whether all six claims hold on the grid; None if that is not known."""
        verdicts = {claim.holds for claim in self.claims}
        return False if False in verdicts else None if None in verdicts else True

    def claim(self, payoff: str, weight: str) -> MonotonicityClaim:
        """Return the claim on "V1", "V2" or "W" in "alpha" or "beta"."""
        for claim in self.claims:
            if (claim.payoff, claim.weight) == (plain_text("payoff", payoff), plain_text("weight", weight)):
                return claim
        raise ValueError(f"a claim is on V1, V2 or W in alpha or beta, got {payoff!r} in {weight!r}")


@checked(game=two_player_game, tolerance=number(0.0))
def monotonicity(
    game: Game,
    alphas: ArrayLike | None = None,
    betas: ArrayLike | None = None,
    *,
    selection: Selection = "best-equilibrium",
    start: tuple[int, int] | None = None,
    rationality: float | None = None,
    tolerance: float = 1e-9,
) -> Monotonicity:
    """Return which of the six claims hold on a grid of weights, by which theorem, or why not.

    Parameters
    ----------
    game
        A game of two players.
    alphas, betas, selection, start, rationality
        As for `surfaces`.
    tolerance
        A payoff that goes the wrong way by at most this share of its range over all outcomes has not moved.
    """
    if not tolerance >= 0:
        raise ValueError(f"tolerance must not be negative, got {tolerance!r}")
    over_grid = surfaces(game, alphas, betas, selection=selection, start=start, rationality=rationality)
    separable = separate_payoffs(game)
    claims = []
    for payoff, weight, direction in _CLAIMS:
        counterexample = _smallest_counterexample(over_grid, payoff, weight, direction, tolerance)
        holds = False if counterexample else True if over_grid.known.all() else None
        theorem = _theorem(separable, selection, payoff, weight) if holds else None
        claims.append(MonotonicityClaim(payoff, weight, direction, holds, theorem, counterexample))
    return Monotonicity(over_grid, tuple(claims), _guarantees(over_grid))


def _smallest_counterexample(
    over_grid: AltruismSurfaces, payoff: str, weight: str, direction: str, tolerance: float
) -> MonotonicityCounterexample | None:
    surface: np.ma.MaskedArray = getattr(over_grid, payoff)
    # The weight along the rows, and the payoff so signed that it should rise.
    rising = surface if direction == "rises" else -surface
    rising, steps = (rising, over_grid.alphas) if weight == "alpha" else (rising.T, over_grid.betas)
    outcomes = over_grid.game.outcomes
    judged = {"V1": outcomes[:, 0], "V2": outcomes[:, 1], "W": outcomes.sum(axis=1)}[payoff]
    slack = tolerance * float(np.ptp(judged))
    highest_so_far = np.maximum.accumulate(rising.filled(-np.inf), axis=0)
    if (rising.filled(np.inf) >= highest_so_far - slack).all():
        return None
    best: tuple[float, float, int, int, int] | None = None
    for i, j in combinations(range(len(steps)), 2):
        step = round(float(steps[j] - steps[i]), 12)
        if best is not None and step > best[0]:
            continue
        falls = (rising[i] - rising[j]).filled(-np.inf)
        k = int(falls.argmax())
        if falls[k] > slack and (best is None or (step, -falls[k]) < best[:2]):
            best = (step, -float(falls[k]), i, j, k)
    assert best is not None
    _, fall, i, j, k = best
    before, after = ((i, k), (j, k)) if weight == "alpha" else ((k, i), (k, j))
    return _counterexample(over_grid, before, after, -fall)


def _counterexample(
    over_grid: AltruismSurfaces, before: tuple[int, int], after: tuple[int, int], violation: float
) -> MonotonicityCounterexample:
    profiles = [over_grid.profiles[row][column] for row, column in (before, after)]
    assert profiles[0] is not None
    assert profiles[1] is not None
    return MonotonicityCounterexample(
        before=(float(over_grid.alphas[before[0]]), float(over_grid.betas[before[1]])),
        after=(float(over_grid.alphas[after[0]]), float(over_grid.betas[after[1]])),
        profile_before=profiles[0],
        profile_after=profiles[1],
        payoffs_before=over_grid.game.expected_payoffs(profiles[0]),
        payoffs_after=over_grid.game.expected_payoffs(profiles[1]),
        violation=violation,
    )


def _theorem(separable: SeparablePayoffs | None, selection: str, payoff: str, weight: str) -> str | None:
    """Return the theorem by which the claim holds for all weights in [0, 1]."""
    if separable is None:
        return None
    if selection != "logit":
        return SEPARABLE
    player = 0 if weight == "alpha" else 1
    own, other = separable.effects_of(player)
    if payoff == ("V2", "V1")[player]:
        return SEPARABLE_LOGIT
    moved = own + other if payoff == "W" else -own
    return SEPARABLE_LOGIT if _rises_with(moved, other) else None


def _rises_with(values: FloatArray, order: FloatArray) -> bool:
    """Return whether `values[m]` is a rising function of `order[m]`, as Chebyshev's inequality needs it."""
    products = np.subtract.outer(values, values) * np.subtract.outer(order, order)
    return bool((products >= -SHARE * np.ptp(values) * np.ptp(order)).all())


def _guarantees(over_grid: AltruismSurfaces) -> tuple[Guarantee, ...]:
    game, alphas, betas = over_grid.game, over_grid.alphas, over_grid.betas
    found = []
    if game.n_actions == (2, 2) and over_grid.selection != "logit":
        strict = np.array(
            [
                [has_unique_strict_equilibrium(game.altruistic(float(a), float(b))) for b in betas]
                for a in alphas
            ]
        )
        if strict.all():
            found.append(Guarantee(STRICT, "V1 and V2 never both fall where one weight rises"))
        for weight, of_other, lines, slices in (
            ("alpha", "beta", betas, strict.T),
            ("beta", "alpha", alphas, strict),
        ):
            other = "V2" if weight == "alpha" else "V1"
            for at, payoff in ((0.0, other), (1.0, "W")):
                if slices[lines == at].any(axis=0).all():
                    found.append(Guarantee(STRICT, f"{payoff} rises in {weight} where {of_other} = {at:g}"))
    if over_grid.selection == "best-equilibrium":
        found.append(Guarantee(SOCIAL_OPTIMUM, _orthant(game)))
    return tuple(found)


def _orthant(game: Game) -> str:
    thresholds = cooperation_thresholds(game)
    assert thresholds.alpha is not None
    assert thresholds.beta is not None
    return (
        "W is the highest of all outcomes where "
        f"alpha >= {thresholds.alpha.lower:.6g} and beta >= {thresholds.beta.lower:.6g}"
    )


def has_unique_strict_equilibrium(game: Game) -> bool:
    """Return whether a 2x2 game has one pure equilibrium, a strict one: then it has no other at all.

    Were there a mixed one beside a strict pure one, the opposite corner would be an equilibrium, too.
    """
    if game.n_actions != (2, 2):
        raise ValueError(f"the test is for games of 2x2 actions, got {game.n_actions}")
    ties = game.resolution
    # What the action in each cell gains over the player's other action.
    gains = [game.payoffs[i] - np.flip(game.payoffs[i], axis=i) for i in (0, 1)]
    weak = (gains[0] >= -ties[0]) & (gains[1] >= -ties[1])
    strict = (gains[0] > ties[0]) & (gains[1] > ties[1])
    return bool(weak.sum() == 1 and strict.sum() == 1)
