r"""Games with degrees of cooperation (thesis section 5.1).

Each player i chooses a *level* x_i in [0, 1]: 1 is full cooperation, 0 is full defection. On a grid of k
levels such a game is a `theory.Game`, which theory judges: action 0 is level 1 and the last action is level
0, as action 0 is C in a matrix dilemma. So a matrix dilemma is a graded game with two levels. Between the
grid's levels `payoffs_at` gives the payoffs of the continuous game.

Two families are provided:

- the *graded donation game* with benefit b_i, cost c_i and interaction k,

      V_i(x) = b_i x_j + k x_i x_j - c_i x_i^2 / 2,

  separable in the levels for k = 0 (then a player of cooperativeness alpha, who maximises V_i + alpha V_j,
  plays x_i = min(1, alpha b_j / c_i) whatever the other does), with strategic complements for k > 0 and
  substitutes for k < 0. Where benefits or costs differ between the players, the Nash and
  Kalai-Smorodinsky solutions differ;
- the *graded public good* of n players with benefit b, cost c and exponent e,

      V_i(x) = b ((x_1 + ... + x_n) / n)^e - c x_i^2 / 2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from simulation.engine.elementary import power_of
from theory import Game
from theory.arguments import function
from theory.checks import FloatArray, finite_array, finite_number, known_name, plain_text

PayoffFunction = Callable[[Sequence[FloatArray]], FloatArray]

# A tensor of this many payoffs takes 40 MB.
LARGEST_TENSOR = 5_000_000


class GradedGame(Game):
    """A game in which players choose degrees of cooperation.

    Parameters
    ----------
    payoffs_of_levels
        Takes the players' levels, `n_players` arrays that broadcast, and returns payoffs `[n_players, ...]`.
    n_players
        At least 2.
    levels
        Number of equally spaced levels of the grid on which the game is judged, at least 2.
    title
        A name for tables and pictures.

    Raises
    ------
    ValueError
        If there are fewer than 2 players or levels, or more than 5,000,000 payoffs on the grid.
    """

    def __init__(
        self, payoffs_of_levels: PayoffFunction, *, n_players: int, levels: int, title: str = ""
    ) -> None:
        from simulation.engine.randomness import whole_number

        n = whole_number("n_players", n_players, at_least=2)
        k = whole_number("levels", levels, at_least=2)
        if n * k**n > LARGEST_TENSOR:
            raise ValueError(
                f"a grid may have {LARGEST_TENSOR} payoffs, got {n} players with {k} levels: give fewer"
            )
        self.payoffs_of_levels = payoffs_of_levels
        self.levels = cooperation_levels(k)
        self.levels.flags.writeable = False
        names = [f"{level:g}" for level in self.levels.round(6)]
        function("payoffs_of_levels", payoffs_of_levels)
        tensor = payoffs_of_levels(np.meshgrid(*[self.levels] * n, indexing="ij"))
        super().__init__(tensor, actions=[names] * n, title=title)

    @property
    def tunables(self) -> dict[str, Any]:
        """The numbers that make a donation game or a public good, by the names that `tuned` knows; else nothing."""
        rule = self.payoffs_of_levels
        if not isinstance(rule, DonationPayoffs | PublicGoodPayoffs):
            return {}
        return {field.name: getattr(rule, field.name) for field in fields(rule)} | {
            "levels": len(self.levels)
        }

    def tuned(self, **tunables: Any) -> GradedGame:
        """Return the game with some of its numbers changed, the others as they are.

        Raises
        ------
        ValueError
            If the game has no such number, or it is out of its bounds.
        """
        for given in tunables:
            known_name(f"number of {self.title or 'this game'}", given, tuple(self.tunables))
        if not tunables:
            return self
        if isinstance(self.payoffs_of_levels, DonationPayoffs):
            return graded_donation_game(**(self.tunables | tunables))
        return graded_public_good(self.n_players, **(self.tunables | tunables))

    def payoffs_at(self, levels: ArrayLike) -> FloatArray:
        """Return `[n_players]` payoffs of the continuous game at `levels[n_players]`, each in [0, 1]."""
        at = finite_array("levels", levels)
        if at.shape != (self.n_players,):
            raise ValueError(f"levels must be {self.n_players} numbers, got shape {at.shape}")
        if (at < 0.0).any() or (at > 1.0).any():
            raise ValueError(f"levels must lie in [0, 1], got {at.tolist()}")
        return np.asarray(self.payoffs_of_levels(list(at)))


def cooperation_levels(n_actions: int) -> FloatArray:
    """Return `[n_actions]`: the degrees of cooperation of actions ordered from C to D, from 1 down to 0."""
    return np.arange(n_actions - 1, -1, -1) / max(n_actions - 1, 1)


@dataclass(frozen=True)
class DonationPayoffs:
    """Payoffs of the graded donation game."""

    benefit: tuple[float, float]
    cost: tuple[float, float]
    interaction: float

    def __call__(self, levels: Sequence[FloatArray]) -> FloatArray:
        """Return `[2, ...]` payoffs."""
        x, y = levels
        both = self.interaction * x * y
        return np.array(
            [
                self.benefit[0] * y + both - self.cost[0] * x * x / 2.0,
                self.benefit[1] * x + both - self.cost[1] * y * y / 2.0,
            ]
        )


@dataclass(frozen=True)
class PublicGoodPayoffs:
    """Payoffs of the graded public good."""

    benefit: float
    cost: float
    exponent: float

    def __call__(self, levels: Sequence[FloatArray]) -> FloatArray:
        """Return `[n_players, ...]` payoffs."""
        mean = sum(levels[1:], levels[0]) / len(levels)
        worth = self.benefit * power_of(mean, self.exponent)
        return np.array([worth - self.cost * x * x / 2.0 for x in levels])


def graded_donation_game(
    *,
    benefit: float | tuple[float, float] = 1.0,
    cost: float | tuple[float, float] = 1.0,
    interaction: float = 0.0,
    levels: int = 101,
    title: str = "",
) -> GradedGame:
    """Return the graded donation game of two players.

    Parameters
    ----------
    benefit
        b: what the other's full cooperation is worth to a player, positive; one number or one a player.
    cost
        c: twice what one's own full cooperation costs, positive; one number or one a player.
    interaction
        k: what joint full cooperation adds for both; 0 for the plain donation game.
    levels
        Levels of the grid, at least 2.
    title
        By default the name of the game with its numbers.
    """
    b, c = _of_both("benefit", benefit), _of_both("cost", cost)
    k = finite_number("interaction", interaction)
    name = (
        plain_text("title", title)
        or f"Graded donation game (b = {_words(b)}, c = {_words(c)}{f', k = {k:g}' if k else ''})"
    )
    return GradedGame(DonationPayoffs(b, c, k), n_players=2, levels=levels, title=name)


def graded_public_good(
    n_players: int = 2,
    *,
    benefit: float = 1.5,
    cost: float = 1.0,
    exponent: float = 1.0,
    levels: int = 11,
) -> GradedGame:
    """Return the graded public good of `n_players`.

    Parameters
    ----------
    n_players
        At least 2.
    benefit
        b: what the good is worth to each player when all cooperate fully, positive.
    cost
        c: twice what one's own full cooperation costs, positive.
    exponent
        e, in (0, 1]: returns to contributions are constant at 1 and diminish below it, which makes
        contributions strategic substitutes.
    levels
        Levels of the grid, at least 2.
    """
    e = finite_number("exponent", exponent)
    if not 0.0 < e <= 1.0:
        raise ValueError(f"exponent must lie in (0, 1], got {e:g}")
    payoffs = PublicGoodPayoffs(_positive("benefit", benefit), _positive("cost", cost), e)
    title = f"Graded public good of {n_players} players (b = {benefit:g}, c = {cost:g}, e = {e:g})"
    return GradedGame(payoffs, n_players=n_players, levels=levels, title=title)


def _positive(name: str, value: float) -> float:
    number = finite_number(name, value)
    if number <= 0.0:
        raise ValueError(f"{name} must be positive, got {number:g}")
    return number


def _of_both(name: str, value: float | tuple[float, float]) -> tuple[float, float]:
    numbers = finite_array(name, value)
    if numbers.shape not in {(), (2,)}:
        raise ValueError(f"{name} must be one number or one for each of two players, got {value!r}")
    one, two = np.broadcast_to(numbers, 2).tolist()
    return _positive(name, one), _positive(name, two)


def _words(pair: tuple[float, float]) -> str:
    return f"{pair[0]:g}" if pair[0] == pair[1] else f"{pair[0]:g} and {pair[1]:g}"
