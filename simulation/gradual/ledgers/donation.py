r"""What a ledger mirror knows of the graded donation game where levels are any numbers in [0, 1].

`theory.ledger_tables` in closed form, in whose symbols: with own level x, other's y and

    u_1(x, y) = b_1 y + k x y - c_1 x^2 / 2,    u_2(x, y) = b_2 x + k x y - c_2 y^2 / 2,

who gives nothing secures 0 and nobody more: d = (0, 0), the maxmin play is level 0, and its worst is never negative.
Payoffs are linear in the other's level and concave in one's own, so that ranges, the worst that a level can bring,
temptation and full harm lie at ends or at one vertex. In raw units the harm of a level x_1 + e, where (x_1, y_1) is
agreed on, to one who keeps to y_1 is

    h(e) = p e - q e^2,    q = c_1 / (2 v_1),    p = (k y_1 - c_1 x_1) / v_1 - (b_2 + k y_1) / v_2,

a parabola whose vertex is the harshest level, and at most two levels harm alike: of these the one that costs less is
played.

Only the agreed play is looked for on a grid, of `AGREED_LEVELS` = 1001 levels a player, among which theory chooses as
in any graded game. Each level has one of these within 1/2000, where player i gets at most (b_i + c_i + 2 |k|) / 2000
less: so the smallest gain, the sum or the product of the agreed play is no less than the best in the continuum would
be if each gained so much less. It is exact where the best levels are on the grid, such as full cooperation.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from simulation.engine.compilation import rule
from simulation.gradual.graded_games import DonationPayoffs, GradedGame
from theory.repeated.ledger import Agreement, agreed_outcome
from theory.resolution import TIE

AGREED_LEVELS = 1001


class DonationLedger(NamedTuple):
    """The game as a ledger mirror in one seat sees it; payoffs are v where they are agreed on."""

    agreed_own: float
    """x_1; -1 where nothing is agreed."""
    agreed_other: float
    own_value: float
    """v_1; 1 where nothing is agreed."""
    other_value: float
    own_benefit: float
    """b_1."""
    other_benefit: float
    own_cost: float
    """c_1."""
    other_cost: float
    interaction: float
    """k."""
    own_range: float
    """Of the own payoffs, over all levels."""
    other_range: float
    full_harm: float
    """s, in the agreement's gains; 1 if the other cannot harm one who keeps to the agreement."""
    temptation: float
    """What the other gains at most by leaving the agreement once, in its payoff ranges; at least 0."""
    harshest: float
    """The own level that harms most one who keeps to the agreement."""
    most_harm: float
    """By how many full harms; 0 if none harms."""


@rule
def own_payoff(game: DonationLedger, own: float, other: float) -> float:
    """Return u_1."""
    return game.own_benefit * other + game.interaction * own * other - game.own_cost * own * own / 2.0


@rule
def other_payoff(game: DonationLedger, own: float, other: float) -> float:
    """Return u_2."""
    return game.other_benefit * own + game.interaction * own * other - game.other_cost * other * other / 2.0


@rule
def net_harm(game: DonationLedger, own: float, other: float) -> float:
    """Return n(x, y), in full harms."""
    gained = (other_payoff(game, own, other) - game.other_value) / game.other_value
    lost = (own_payoff(game, own, other) - game.own_value) / game.own_value
    return (gained - lost) / game.full_harm


@rule
def worst_of(game: DonationLedger, own: float) -> float:
    """Return what a level brings at least, above the security level and in own payoff ranges."""
    return min(own_payoff(game, own, 0.0), own_payoff(game, own, 1.0)) / game.own_range


@rule
def level_that_harms(game: DonationLedger, harm: float) -> float:
    """Return the level that harms one who keeps to the agreement so much, in full harms; at most the harshest."""
    if harm >= game.most_harm:
        return game.harshest
    curve, slope = harm_curve(game)
    root = math.sqrt(max(0.0, slope * slope - 4.0 * curve * harm * game.full_harm))
    root = -root if slope < 0.0 else root
    near = game.agreed_own + 2.0 * harm * game.full_harm / (slope + root)
    far = game.agreed_own + (slope + root) / (2.0 * curve)
    if 0.0 <= far <= 1.0 and own_payoff(game, far, game.agreed_other) > own_payoff(
        game, near, game.agreed_other
    ):
        return far
    return min(1.0, max(0.0, near))


@rule
def harm_curve(game: DonationLedger) -> tuple[float, float]:
    """Return q and p of the harm h(e) = p e - q e^2 of leaving the agreed level by e."""
    own, other = game.agreed_own, game.agreed_other
    slope = (game.interaction * other - game.own_cost * own) / game.own_value
    slope -= (game.other_benefit + game.interaction * other) / game.other_value
    return game.own_cost / (2.0 * game.own_value), slope


def donation_ledger(
    payoffs: DonationPayoffs, role: int, agreed: tuple[float, float] | None
) -> DonationLedger:
    """Return the game as player `role` (0 or 1) sees it, where levels of players 1 and 2 are agreed on, or None."""
    i, j = role, 1 - role
    k = payoffs.interaction
    ranges = [_range_of(payoffs, player) for player in range(2)]
    game = DonationLedger(
        agreed_own=-1.0,
        agreed_other=-1.0,
        own_value=1.0,
        other_value=1.0,
        own_benefit=payoffs.benefit[i],
        other_benefit=payoffs.benefit[j],
        own_cost=payoffs.cost[i],
        other_cost=payoffs.cost[j],
        interaction=k,
        own_range=ranges[i],
        other_range=ranges[j],
        full_harm=1.0,
        temptation=0.0,
        harshest=0.0,
        most_harm=0.0,
    )
    if agreed is None:
        return game
    own, other = agreed[i], agreed[j]
    game = game._replace(agreed_own=own, agreed_other=other)
    game = game._replace(own_value=own_payoff(game, own, other), other_value=other_payoff(game, own, other))
    tempting = _level(k * own / game.other_cost)
    temptation = (other_payoff(game, own, tempting) - game.other_value) / game.other_range
    ratio = game.other_value / game.own_value
    harmful = _level((k * own - (game.own_benefit + k * own) * ratio) / game.other_cost)
    full = net_harm(game, own, harmful)
    game = game._replace(
        temptation=temptation if temptation > TIE else 0.0, full_harm=full if full > TIE else 1.0
    )
    curve, slope = harm_curve(game)
    harshest = _level(own + slope / (2.0 * curve))
    most = -net_harm(game, harshest, other)
    return game._replace(harshest=harshest, most_harm=most if most > TIE else 0.0)


@lru_cache(maxsize=64)
def agreed_levels(
    payoffs: DonationPayoffs, agreement: Agreement | tuple[int, int], levels: int
) -> tuple[tuple[float, float] | None, str]:
    """Return the levels of players 1 and 2 that are agreed on, or None and why there are none.

    Parameters
    ----------
    payoffs
        Of the game.
    agreement
        A notion of fairness, or an action of each player on a grid of `levels` levels.
    """
    grid = GradedGame(payoffs, n_players=2, levels=AGREED_LEVELS if isinstance(agreement, str) else levels)
    chosen, reason = agreed_outcome(grid, np.zeros(2), agreement)
    if chosen is None:
        return None, reason
    return (float(grid.levels[chosen[0]]), float(grid.levels[chosen[1]])), ""


def _range_of(payoffs: DonationPayoffs, player: int) -> float:
    own = np.array([0.0, 1.0, _level(payoffs.interaction / payoffs.cost[player])])[:, None]
    levels = (own, np.array([0.0, 1.0])) if player == 0 else (np.array([0.0, 1.0]), own)
    return float(np.ptp(payoffs(levels)[player]))


def _level(value: float) -> float:
    return min(1.0, max(0.0, value))
