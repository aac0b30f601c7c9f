r"""What a ledger mirror may concede to one who follows another notion of fairness (thesis sections 6.3.1, 6.4.3).

Which notion the other follows is not seen, but which it may follow is known: each agrees on an outcome. Let v be the
own payoff by one's own notion, and w the least one by any of them. The *concession* of a share s of the difference is
the efficient outcome, among those that give both more than their security levels, that leaves oneself most of at most

    v - s (v - w),

but never less than w. It is found by payoffs, so that no order of actions is needed, and it depends on their units no
more than the notions do. Where outcomes are few, more than the share is conceded, where it is not to be had.

Two players who both concede half of the difference never want more than there is, where the efficient outcomes lie on
a frontier that bends outwards: half-way between two agreed plays either then gets as much as it still insists on,
whichever notion the other follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from theory.checks import FloatArray
from theory.games.game import Game
from theory.repeated.ledger import Agreement, ledger_tables
from theory.resolution import TIE, read


@dataclass(frozen=True)
class Concession:
    """What a player agrees to, short of its own notion.

    Attributes
    ----------
    outcome
        The actions of player 1 and player 2.
    price
        How much less it gives than the own notion, in own payoff ranges; at least 0.
    """

    outcome: tuple[int, int]
    price: float


def concessions_in(
    game: Game,
    player: int,
    *,
    agreement: Agreement | Sequence[int],
    notions: Sequence[Agreement],
    shares: Sequence[float],
) -> tuple[Concession, ...]:
    """Return what a player may concede, each concession better for the other than the one before.

    There is nothing to concede where nothing is agreed on, or no notion gives the player less than its own.

    Parameters
    ----------
    game
        Of two players.
    player
        0 or 1: who concedes.
    agreement
        Its own notion, or an action of each player.
    notions
        That the other may follow.
    shares
        Of the difference, in (0, 1], ascending.
    """
    agreed = ledger_tables(game, player, agreement=agreement)
    if agreed.agreed is None:
        return ()
    payoffs = game.as_read.payoffs[[player, 1 - player]]
    spread = np.where(np.ptp(payoffs, axis=(1, 2)) > 0, np.ptp(payoffs, axis=(1, 2)), 1.0)
    # In payoff ranges above the security level; actions remain those of player 1 and player 2.
    gains = (payoffs - agreed.security[:, None, None]) / spread[:, None, None]
    mine, theirs = (agreed.agreed_payoffs - agreed.security) / spread
    by_notions = [ledger_tables(game, player, agreement=notion).agreed_payoffs[0] for notion in notions]
    difference = float(agreed.agreed_payoffs[0] - min(by_notions, default=np.inf)) / spread[0]
    if difference <= TIE:
        return ()
    bearable = [one for one in _efficient(gains) if gains[0][one] >= mine - difference - TIE]
    found: list[Concession] = []
    for share in shares:
        better = [one for one in bearable if gains[1][one] > theirs + TIE]
        enough = [one for one in better if gains[0][one] <= mine - share * difference + TIE]
        if better:
            outcome = enough[0] if enough else better[-1]
            theirs = float(gains[1][outcome])
            found.append(Concession(outcome, max(0.0, float(mine - gains[0][outcome]))))
    return tuple(found)


def _efficient(gains: FloatArray) -> list[tuple[int, int]]:
    """Return the efficient outcomes with positive `gains[2, k, m]`, what is best for the first player first."""
    own, other = read(gains.reshape(2, -1), np.full(2, TIE))
    kept: list[tuple[int, int]] = []
    most = TIE
    for place in np.lexsort((-other, -own)):
        if own[place] > TIE and other[place] > most + TIE:
            most = float(other[place])
            row, column = divmod(int(place), gains.shape[2])
            kept.append((row, column))
    return kept
