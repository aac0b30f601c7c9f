r"""Memory-one strategies that force a linear relation between the payoffs (Press & Dyson 2012, PNAS 109).

Let p be a player's probabilities of C after (own, other's) actions CC, CD, DC, DD, let o and t be its own and
the other's payoffs in these four outcomes, and e = (1, 1, 0, 0). In the long run the outcome
frequencies v satisfy (p - e) v = 0 against every opponent, because the chance to cooperate settles
(Akin 2016). Hence a strategy with

    p - e = a o + b t + c          (zero-determinant)

enforces a s_own + b s_other + c = 0 for the long-run payoffs s, whatever the other does. With a *slope*
and a *baseline*, the payoff k that both have on the line,

    s_other - k = slope (s_own - k),    p - e = phi (slope (o - k) - (t - k)).

Slope 1/chi with the punishment as baseline extorts by the factor chi, with the reward as baseline it is
generous (Stewart & Plotkin 2013), slope 0 sets the other's payoff, slope 1 is Tit-for-Tat.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.arguments import checked, number, place
from theory.checks import FloatArray, finite_number, number_within, position
from theory.games.checks import two_by_two_game
from theory.games.game import Game
from theory.repeated.memory_one import OUTCOMES, MemoryOne, memory_one_strategy

# A coefficient or residual of this size, relative to the payoff range, is rounding.
ROUNDING = 1e-9

_COOPERATED = np.array([1.0, 1.0, 0.0, 0.0])


@dataclass(frozen=True)
class LinearRelation:
    """The relation own * s_own + other * s_other + constant = 0 between long-run payoffs."""

    own: float
    other: float
    constant: float

    @property
    def slope(self) -> float | None:
        """How much the other's payoff changes per unit of the own one; None if it may be anything."""
        return None if self.other == 0.0 else -self.own / self.other

    @property
    def baseline(self) -> float | None:
        """The payoff at which both get the same; None if there is none (slope 1)."""
        total = self.own + self.other
        return None if abs(total) <= ROUNDING * abs(self.own) else -self.constant / total


@checked(game=two_by_two_game)
def zero_determinant(
    game: Game,
    *,
    baseline: float,
    slope: float | None = None,
    extortion_factor: float | None = None,
    phi: float | None = None,
    first: float = 1.0,
    player: int = 0,
) -> MemoryOne:
    """Return the strategy that enforces s_other - baseline = slope (s_own - baseline).

    Parameters
    ----------
    game
        A game of two players with two actions each.
    baseline
        The payoff that both have on the enforced line, in payoff units.
    slope
        Change of the other's payoff per unit of the own payoff.
    extortion_factor
        chi = 1 / slope, not zero: s_own - baseline = chi (s_other - baseline). Give this or `slope`.
    phi
        Scale of the strategy's reactions; by default half of the largest that leaves probabilities (as in
        Press & Dyson's and Stewart & Plotkin's examples). With `extortion_factor` it is Press & Dyson's
        (2012, where they solve for the four probabilities), with P and S the own payoffs after DD and CD:
        p - e = phi / (P - S) ((o - k) - chi (t - k)). With `slope` it is that of the module's docstring, as
        in Stewart & Plotkin (2013), in 1/payoff.
    first
        Probability of cooperating on the first turn, which the relation does not depend on.
    player
        0 or 1: who enforces.

    Raises
    ------
    ValueError
        If no probabilities enforce the relation, or `phi` does not leave them in [0, 1].
    """
    baseline = finite_number("baseline", baseline)
    own, other = _payoffs_by_outcome(game, player)
    unit = _unit_of_phi(own, extortion_factor) if phi is not None and extortion_factor is not None else 1.0
    slope = _slope(slope, extortion_factor)
    direction = slope * (own - baseline) - (other - baseline)
    direction[np.abs(direction) <= ROUNDING * float(game.payoff_range.max())] = 0.0
    if not direction.any():
        raise ValueError(
            f"slope must leave something to enforce, got {slope:g} with baseline {baseline:g}: "
            "every outcome of this game lies on that line"
        )
    limit = _largest_scale(direction, slope, baseline)
    scale = limit / 2 if phi is None else finite_number("phi", phi) * unit
    if not 0.0 < scale / limit <= 1.0 + ROUNDING:
        low, high = sorted((0.0, limit / unit))
        raise ValueError(f"phi must lie between {low:g} and {high:g} and not be 0, got {scale / unit:g}")
    after = np.clip(_COOPERATED + scale * direction, 0.0, 1.0)
    return MemoryOne(
        number_within("first", first, 0.0, 1.0),
        (float(after[0]), float(after[1]), float(after[2]), float(after[3])),
    )


@checked(strategy=memory_one_strategy, game=two_by_two_game, player=place(2), tolerance=number(0.0))
def enforced_relation(
    strategy: MemoryOne, game: Game, *, player: int = 0, tolerance: float = 1e-9
) -> LinearRelation | None:
    """Return the relation that `strategy` enforces in the long run, or None if it enforces none.

    Parameters
    ----------
    strategy
        The strategy, with its noise, if any, mixed in (`MemoryOne.with_noise`).
    game
        A game of two players with two actions each.
    player
        0 or 1: whose strategy it is.
    tolerance
        Largest deviation of a probability from the zero-determinant form that counts as rounding.

    Notes
    -----
    The strategy that repeats its own last action, p = e, enforces nothing. Where own and other's payoffs
    are themselves tied in every outcome (constant-sum games), the coefficients are the smallest ones.
    """
    own, other = _payoffs_by_outcome(game, player)
    reaction = np.array(strategy.after) - _COOPERATED
    # Payoffs in units of their range, so that the fit does not depend on the scale of the game.
    scale = max(float(game.payoff_range.max()), np.finfo(float).tiny)
    shift = float(game.payoffs.mean())
    design = np.stack([(own - shift) / scale, (other - shift) / scale, np.ones(4)], axis=1)
    fit = np.linalg.lstsq(design, reaction, rcond=None)[0]
    fit[np.abs(fit) <= tolerance] = 0.0
    if np.abs(design @ fit - reaction).max() > tolerance or not fit[:2].any():
        return None
    a, b = fit[:2] / scale
    return LinearRelation(float(a), float(b), float(fit[2] - (a + b) * shift))


def _slope(slope: float | None, extortion_factor: float | None) -> float:
    if (slope is None) == (extortion_factor is None):
        raise ValueError(f"give either slope or extortion_factor, got {slope!r} and {extortion_factor!r}")
    if slope is not None:
        return finite_number("slope", slope)
    factor = finite_number("extortion_factor", extortion_factor)
    if factor == 0.0:
        raise ValueError("extortion_factor must not be 0, got 0")
    return 1.0 / factor


def _unit_of_phi(own: FloatArray, extortion_factor: float) -> float:
    """Return by what Press & Dyson's phi is multiplied to scale slope (o - k) - (t - k): chi / (P - S)."""
    sucker, punishment = float(own[1]), float(own[3])
    if punishment == sucker:
        raise ValueError(
            f"phi with an extortion factor needs different payoffs after DD and CD, got {punishment:g} twice: "
            "give slope = 1 / extortion_factor, and phi in 1/payoff"
        )
    return finite_number("extortion_factor", extortion_factor) / (punishment - sucker)


def _largest_scale(direction: FloatArray, slope: float, baseline: float) -> float:
    """Return the phi farthest from 0 that keeps e + phi * direction within probabilities."""
    # After own C the probability may only fall, after own D only rise.
    rises = np.where(_COOPERATED > 0, -direction, direction)
    if (rises > 0).any() and (rises < 0).any():
        sign = 1.0 if rises[np.abs(rises).argmax()] > 0 else -1.0
        blocked = ", ".join(o for o, r in zip(OUTCOMES, rises, strict=True) if sign * r < 0)
        raise ValueError(
            f"slope and baseline must leave probabilities in [0, 1], got slope {slope:g} and baseline "
            f"{baseline:g}, which no strategy can enforce: it would need one outside after {blocked}"
        )
    return float(np.sign(rises.sum()) / np.abs(direction).max())


def _payoffs_by_outcome(game: Game, player: int) -> tuple[FloatArray, FloatArray]:
    """`[4]` own and `[4]` other's payoffs after (own, other's) actions CC, CD, DC, DD."""
    player = position("player", player, 2)
    payoffs = game.payoffs if player == 0 else game.payoffs.transpose(0, 2, 1)
    return payoffs[player].reshape(4), payoffs[1 - player].reshape(4)
