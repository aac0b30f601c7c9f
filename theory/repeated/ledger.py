r"""What a ledger mirror knows of a game: the agreed play, what either player can do to the other, and what it costs.

Gradual Tit-for-Tat (thesis chapter 5) returns a degree of cooperation. Here degrees are counted in value units. With
the own actions x, the other's y, payoffs u_1 (own) and u_2, security levels d_i and an *agreed play* (c_1, c_2) that
gives both more, v_i = u_i(c_1, c_2) > d_i, the *net harm* of an outcome is what the player lost by it more than the
other, each in units of what the agreement gains them,

    n(x, y) = (u_2(x, y) - v_2) / (v_2 - d_2) - (u_1(x, y) - v_1) / (v_1 - d_1).

The *full harm* s = max over y of n(c_1, y) is the most that the other can do to one who keeps to the agreement; all
net harms are counted in it. In a symmetric Prisoner's Dilemma n(C, D) = s, n(D, C) = -s, n(C, C) = n(D, D) = 0.

Nothing here depends on the units of a player's payoffs, u -> a u + b with a > 0, unless the agreed play does: the
Nash and the Kalai-Smorodinsky outcome and a given one do not, the egalitarian and the utilitarian compare payoffs of
two players and so do by definition. Nothing depends on the order of actions but the choice among outcomes that are
alike in all that is compared, of which the first in the game's own order is agreed on, by both players.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np

from theory.arguments import checked, place
from theory.bargaining.security import security_levels
from theory.bargaining.solutions import BargainingProblem
from theory.checks import BoolArray, FloatArray, IntArray, is_list, known_name, number_within, position, shown
from theory.games.checks import two_player_game
from theory.games.game import Game
from theory.geometry.linear_programs import largest_smallest
from theory.resolution import TIE, read

Agreement = Literal["nash", "kalai-smorodinsky", "egalitarian", "utilitarian"]


@dataclass(frozen=True, eq=False)
class LedgerTables:
    """A game as a ledger mirror in one seat sees it; k own and m other's actions.

    Attributes
    ----------
    agreed
        The own and the other's action of the agreed play; None if no outcome gives both more than they can secure.
    reason
        Why there is no agreed play; empty if there is one.
    security
        `[2]`: own and other's security level (mixed maxmin), in payoffs.
    agreed_payoffs
        `[2]`: own and other's, v; the security levels where nothing is agreed.
    maxmin
        `[k]`: probabilities of the own actions that secure the own level. Among several pure ones the one whose
        payoffs, from the least on, are larger; then the one that harms the other more.
    minmax
        The own action that leaves the other least; of several the one that harms it most, then the one that costs
        less.
    net_harm
        `[k, m]`: n(x, y) in full harms; 0 where nothing is agreed.
    above_security
        `[k, m]`: own payoff less the own security level, in own payoff ranges.
    gain_of_other
        `[k, m]`: other's payoff less the agreed one, in the other's payoff ranges.
    punishments
        `[p]`: own actions that harm one who keeps to the agreement, mildest first; of equally harsh ones the one that
        costs less first.
    harms
        `[p]`: by how many full harms, -n(x, c_2), ascending and positive.
    temptation
        What the other gains at most by leaving the agreement once, in its payoff ranges; at least 0.
    full_harm
        s, in the agreement's gains; 0 if the other cannot harm one who keeps to the agreement.
    first_order
        The largest sum over both of (u_i - v_i) / (v_i - d_i) at any outcome. At most 0 where no lottery improves on
        the agreed play's product of gains: then leads are bounded by the ledger (see `docs/ledger.md`).
    """

    agreed: tuple[int, int] | None
    reason: str
    security: FloatArray
    agreed_payoffs: FloatArray
    maxmin: FloatArray
    minmax: int
    net_harm: FloatArray
    above_security: FloatArray
    gain_of_other: FloatArray
    punishments: IntArray
    harms: FloatArray
    temptation: float
    full_harm: float
    first_order: float
    _payoffs: tuple[FloatArray, FloatArray] = field(repr=False)

    @property
    def is_security_pure(self) -> bool:
        """Whether one own action alone secures the own level, so that losses below it are bounded surely."""
        return bool(self.maxmin.max() == 1.0)

    @property
    def worst(self) -> FloatArray:
        """`[k]`: what each own action gives at least, above the security level and in own payoff ranges."""
        return np.asarray(self.above_security.min(axis=1))

    def gains_by_lotteries(self) -> FloatArray:
        """Return `[2]`: what a lottery over outcomes, or taking turns, gives both beyond the agreed play, in payoffs.

        Zero where the agreed play is efficient among lotteries, as in a symmetric 2x2 game with 2R >= T + S.
        """
        own, other = self._payoffs
        outcomes = np.stack([own.ravel(), other.ravel()], axis=1)
        gains = BargainingProblem(outcomes, self.agreed_payoffs).nash().gains
        return np.asarray(gains if (gains > TIE * np.ptp(outcomes, axis=0)).all() else np.zeros(2))

    def deterring_budget(self, *, discount: float = 0.99) -> float:
        """Return the loss, in own payoff ranges, after which bullying has not paid at this discount.

        A bully plays its best reply to one's maxmin action, where it gets t more than the agreed v_2, until one
        yields. Each round of resisting by `minmax` leaves it f and costs a loss l below the security level; with k
        rounds of it bullying does not pay as soon as discount^k (t - f) <= v_2 - f. The loss is l k; 0 where
        resisting costs nothing or nothing is gained by bullying.

        Parameters
        ----------
        discount
            In (0, 1): weight of the next round relative to this one.
        """
        weight = number_within("discount", discount, 0.0, 1.0)
        if weight in (0.0, 1.0):
            raise ValueError(f"discount must lie in (0, 1), got {discount}")
        yielding = self.maxmin @ self.gain_of_other
        best = np.flatnonzero(yielding >= yielding.max() - TIE)
        losses = -self.above_security[self.minmax, best]
        loss, most = float(losses.max()), float(yielding.max())
        resisted = float(self.gain_of_other[self.minmax, best[losses.argmax()]])
        if self.agreed is None or loss <= TIE or most <= TIE or resisted >= -TIE:
            return 0.0
        rounds = math.log(resisted / (resisted - most)) / math.log(weight)
        return loss * math.ceil(rounds - TIE)


def agreement(name: str, value: Any) -> Agreement | tuple[int, int]:
    """Return a notion of fairness by its name, or what either player does by agreement; or raise ValueError."""
    if isinstance(value, str):
        return known_name(name, value, get_args(Agreement))  # type: ignore[return-value]
    if not is_list(value) or len(value) != 2:
        raise ValueError(
            f"{name} must be one of {', '.join(get_args(Agreement))} or an action of each player, got {shown(value)}"
        )
    first, second = (position(f"an action of {name}", action, 2**31) for action in value)
    return first, second


@checked(game=two_player_game, player=place(2), agreement=agreement)
def ledger_tables(game: Game, player: int, *, agreement: Agreement | Sequence[int] = "nash") -> LedgerTables:
    """Return a game as a ledger mirror sees it.

    Parameters
    ----------
    game
        Of two players.
    player
        0 or 1: whose actions are the own ones.
    agreement
        Which outcome is agreed on, among those that give both more than their security levels: `"nash"`, the largest
        product of gains, then the largest smaller share of the ideal gains; `"kalai-smorodinsky"`, the largest
        smaller share, then the largest other one; `"egalitarian"`, the largest smaller gain, then the largest other
        one; `"utilitarian"`, the largest sum, then the largest smaller gain. Ideal gains are a player's largest where
        nobody gets less than its security level. Or the actions of player 1 and player 2.

    Raises
    ------
    ValueError
        If an argument is out of its bounds.
    """
    as_read = game.as_read
    levels = np.asarray(security_levels(game))
    chosen, reason = agreed_outcome(as_read, levels, agreement)
    # Rows are the own actions.
    own, other = (
        np.ascontiguousarray(as_read.payoffs[i].T if player else as_read.payoffs[i])
        for i in (player, 1 - player)
    )
    levels = levels[::-1] if player else levels
    ranges = np.array([np.ptp(own) or 1.0, np.ptp(other) or 1.0])
    agreed = None if chosen is None else (chosen[player], chosen[1 - player])
    values = levels.copy() if agreed is None else np.array([own[agreed], other[agreed]])
    relative = np.zeros((2, *own.shape))
    if agreed is not None:
        relative = np.array(
            [(own - values[0]) / (values[0] - levels[0]), (other - values[1]) / (values[1] - levels[1])]
        )
    harm = relative[1] - relative[0]
    full = 0.0 if agreed is None else float(harm[agreed[0]].max())
    full = full if full > TIE else 0.0
    harm = harm / (full or 1.0)
    harsh = -harm[:, agreed[1]] if agreed is not None else np.zeros(len(own))
    costs = -own[:, agreed[1]] / ranges[0] if agreed is not None else np.zeros(len(own))
    order = _by(harsh, costs)
    punishing = order[harsh[order] > TIE]
    temptation = 0.0 if agreed is None else float((other[agreed[0]].max() - values[1]) / ranges[1])
    return LedgerTables(
        agreed=agreed,
        reason=reason,
        security=levels,
        agreed_payoffs=values,
        maxmin=_maxmin(own / ranges[0], harsh),
        minmax=_minmax(other / ranges[1], harsh, costs),
        net_harm=np.ascontiguousarray(harm),
        above_security=np.ascontiguousarray((own - levels[0]) / ranges[0]),
        gain_of_other=np.ascontiguousarray((other - values[1]) / ranges[1]),
        punishments=punishing.astype(np.int64),
        harms=harsh[punishing],
        temptation=temptation if temptation > TIE else 0.0,
        full_harm=full,
        first_order=float(relative.sum(axis=0).max()),
        _payoffs=(own, other),
    )


def agreed_outcome(
    game: Game, levels: FloatArray, agreement: Agreement | Sequence[int]
) -> tuple[tuple[int, int] | None, str]:
    """Return the actions of player 1 and player 2 that are agreed on, or None and why there are none."""
    spread = np.where(game.payoff_range > 0, game.payoff_range, 1.0)
    gains = game.payoffs - levels[:, None, None]
    units = gains / spread[:, None, None]
    usable: BoolArray = np.asarray((units > TIE).all(axis=0))
    if not isinstance(agreement, str):
        first, second = (
            position("an action of agreement", a, n) for a, n in zip(agreement, game.n_actions, strict=True)
        )
        if usable[first, second]:
            return (first, second), ""
        payoffs = game.payoffs[:, first, second].tolist()
        return (
            None,
            f"the given outcome pays {payoffs}, which is not more than the security levels {levels.tolist()}",
        )
    if not usable.any():
        return None, f"no outcome gives both players more than their security levels {levels.tolist()}"
    # What is compared first, second, ...: each in units that rounding is small beside.
    ideal = np.where((units >= -TIE).all(axis=0), units, 0.0).max(axis=(1, 2))
    shares = units / ideal[:, None, None]
    compared = {
        "nash": (units.prod(axis=0), shares.min(axis=0)),
        "kalai-smorodinsky": (shares.min(axis=0), shares.max(axis=0)),
        "egalitarian": (gains.min(axis=0), gains.max(axis=0)),
        "utilitarian": (gains.sum(axis=0), gains.min(axis=0)),
    }[agreement]
    best = usable
    for values in compared:
        largest = values[best].max()
        best = np.asarray(best & (values >= largest - TIE * abs(largest)))
    first, second = np.argwhere(best)[0].tolist()
    return (first, second), ""


def _by(first: FloatArray, then: FloatArray) -> IntArray:
    """Return `[n]`: positions ascending by one quantity, and by another where the first differs by rounding alone."""
    return np.asarray(np.lexsort((_without_rounding(then[None])[0], _without_rounding(first[None])[0])))


def _without_rounding(values: FloatArray) -> FloatArray:
    """Return `values[n, m]` with those of a row that differ by rounding alone made equal."""
    return read(values, np.full(len(values), TIE))


def _maxmin(own: FloatArray, harsh: FloatArray) -> FloatArray:
    """Return `[k]`: the mixture of `own[k, m]` actions, in payoff ranges, that secures most."""
    least = own.min(axis=1)
    if least.max() < own.max(axis=0).min() - TIE:  # no saddle point of pure actions
        return np.asarray(largest_smallest(own - own.min()))
    candidates = np.flatnonzero(least >= least.max() - TIE)
    columns = _without_rounding(np.sort(own[candidates]).T)
    best = np.lexsort([_without_rounding(harsh[candidates][None])[0], *columns[::-1]])[-1]
    mixture = np.zeros(len(own))
    mixture[candidates[best]] = 1.0
    return mixture


def _minmax(other: FloatArray, harsh: FloatArray, costs: FloatArray) -> int:
    """Return the action of `other[k, m]` that leaves the other least; of several the harshest, then the cheapest."""
    left = other.max(axis=1)
    candidates = np.flatnonzero(left <= left.min() + TIE)
    return int(candidates[_by(-harsh[candidates], costs[candidates])[0]])
