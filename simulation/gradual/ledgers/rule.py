r"""The ledger mirror, this project's gradual Tit-for-Tat (thesis chapter 5), as a rule on public actions.

Degrees of cooperation are counted in value units (`theory.ledger_tables`, whose symbols are used here). One who plays
by a ledger keeps to the agreed play (c_1, c_2) and books what happens, each in the units of its table:

- the *ledger* N, net harm received less given, in full harms: what one's own slips harmed is booked as debt and
  leaves the other's answer unpunished, so that a slip is settled and not echoed;
- the *account* A, own payoffs above the security level, in own payoff ranges;
- *mistrust* M, a claim without a deed, until the other first keeps to what one gets by the agreement;
- the *quarrel* G, what the other gained since the last agreed round, in its payoff ranges; and the *offers* j made.

**Act.** The claim is N + M - `credit`.

1. Play the mildest action whose harm -n(x, c_2) is at least `severity` times the claim, but none that is more than
   twice the claim; c_1 where there is no claim.
2. *Veto*: if the worst that this action can bring would leave the account below minus the budget, play the maxmin
   action, or mixture, instead.
3. *Peace offer*: where that is not c_1, the quarrel has cost the other as many temptations as whole harms go
   unpunished (at least one, `quarrel_cost`) and the account can pay for two rounds of c_1, play c_1 with
   probability `offer_probability` times `offer_decay` to the power j; but not where a mixture plays c_1 by chance.

**Learn.** Who plays c_1 where an offer may be made has made it: N = M = 0, j = j + 1. Then the round is booked,

    A = min(`account_cap`, A + (u_1 - d_1) / range_1),    N = clip(N + n, +-`most_claimed`),

M = 0 if u_1(c_1, y) >= v_1, and G = 0 and j = max(0, j - `calm`) after (c_1, c_2), else
G = clip(G + (u_2 - v_2) / range_2, +-3 temptations). In a vetoed round a maxmin mixture books what it gets in
expectation: then -A never exceeds the budget, whatever the coins say.

All that is booked are actions as played, which both players see: each could keep the other's ledger, too.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulation.engine.compilation import rule
from simulation.engine.elementary import power
from theory.checks import FloatArray
from theory.repeated.ledger import LedgerTables
from theory.resolution import TIE

# Offers that weaken the next one at most.
MOST_OFFERS = 6.0

# The most that is remembered of a quarrel, in temptations.
QUARREL_BOUND = 3.0


class LedgerNumbers(NamedTuple):
    """What the rule goes by."""

    agreed_own: float
    """c_1; -1 where nothing is agreed."""
    agreed_other: float
    """c_2."""
    credit: float
    """In full harms."""
    severity: float
    offer_probability: float
    offer_decay: float
    calm: float
    most_claimed: float
    """In full harms."""
    account_cap: float
    """In own payoff ranges."""
    budget: float
    """In own payoff ranges."""
    temptation: float
    """In the other's payoff ranges."""
    quarrel_cost: float
    """What a quarrel must have cost the other before peace is offered, in temptations."""
    mistrust: float
    """M before the first round, in full harms."""
    punishments: float
    """How many own actions punish."""


class LedgerBook(NamedTuple):
    """What is remembered, one number each, `[1]`."""

    ledger: FloatArray
    """N, in full harms."""
    account: FloatArray
    """A, in own payoff ranges."""
    mistrust: FloatArray
    """M, in full harms."""
    quarrel: FloatArray
    """G, in the other's payoff ranges."""
    offers: FloatArray
    """j: each agreed round takes `calm` of it away."""


class LedgerGame(NamedTuple):
    """The tables by which the rule plays; k own and m other's actions."""

    by_outcome: FloatArray
    """`[3, k, m]`: net harm, own payoff above security, gain of the other (`theory.LedgerTables`)."""
    by_action: FloatArray
    """`[4, k]`: the worst above security; punishments, mildest first, and their harms (padded); the cumulative
    probabilities of the maxmin mixture."""


@rule
def book_at(books: FloatArray, place: int) -> LedgerBook:
    """Return the book at a place of `books[5, n]`, which has a row for each field, as views."""
    end = place + 1
    return LedgerBook(
        books[0, place:end],
        books[1, place:end],
        books[2, place:end],
        books[3, place:end],
        books[4, place:end],
    )


NET_HARM, ABOVE_SECURITY, GAIN_OF_OTHER = 0, 1, 2
WORST, PUNISHMENT, HARM, MAXMIN = 0, 1, 2, 3


def ledger_game(tables: LedgerTables) -> LedgerGame:
    """Return tables as arrays that compiled rules read."""
    by_action = np.zeros((4, len(tables.maxmin)))
    by_action[WORST] = tables.worst
    by_action[PUNISHMENT, : len(tables.punishments)] = tables.punishments
    by_action[HARM, : len(tables.harms)] = tables.harms
    by_action[MAXMIN] = np.minimum(1.0, np.cumsum(tables.maxmin))
    by_action[MAXMIN, int(np.flatnonzero(tables.maxmin)[-1]) :] = 1.0
    outcomes = np.stack([tables.net_harm, tables.above_security, tables.gain_of_other])
    return LedgerGame(np.ascontiguousarray(outcomes), by_action)


@rule
def begin(own: LedgerNumbers, book: LedgerBook) -> None:
    """Open an empty book."""
    book.ledger[0] = 0.0
    book.account[0] = 0.0
    book.mistrust[0] = own.mistrust
    book.quarrel[0] = 0.0
    book.offers[0] = 0.0


@rule
def answer_to(own: LedgerNumbers, game: LedgerGame, claim: float) -> int:
    """Return the agreed action, or the mildest punishment that works off enough of a claim in full harms."""
    action = int(own.agreed_own)
    if claim <= 0.0:
        return action
    for k in range(int(own.punishments)):
        harm = game.by_action[HARM, k]
        if harm > 2.0 * claim + TIE:
            break
        action = int(game.by_action[PUNISHMENT, k])
        if harm >= own.severity * claim - TIE:
            break
    return action


@rule
def is_payable(own: LedgerNumbers, game: LedgerGame, book: LedgerBook, action: int, rounds: float) -> bool:
    """Return whether the account can bear the worst that some rounds of an action may bring."""
    return can_bear(own, book, rounds * game.by_action[WORST, action])


@rule
def can_bear(own: LedgerNumbers, book: LedgerBook, worst: float) -> bool:
    """Return whether the account can bear what may come, above the security level and in own payoff ranges."""
    return bool(book.account[0] + min(0.0, worst) >= -own.budget - TIE)


@rule
def intended(own: LedgerNumbers, game: LedgerGame, book: LedgerBook) -> int:
    """Return the action that the ledger asks for, or -1 for the maxmin play where the account forbids it."""
    if own.agreed_own < 0.0:
        return -1
    action = answer_to(own, game, book.ledger[0] + book.mistrust[0] - own.credit)
    return action if is_payable(own, game, book, action, 1.0) else -1


@rule
def chance_of_offer(own: LedgerNumbers, game: LedgerGame, book: LedgerBook, action: int) -> float:
    """Return the probability of a peace offer where `action` is intended."""
    agreed = int(own.agreed_own)
    if agreed < 0 or action == agreed or not is_quarrel_paid(own, book):
        return 0.0
    if not is_payable(own, game, book, agreed, 2.0):
        return 0.0
    if action < 0 and 0.0 < maxmin_share(game, agreed) < 1.0:
        return 0.0  # nobody could tell it from the mixture, whose luck is not to be booked
    return next_offer(own, book)


@rule
def is_quarrel_paid(own: LedgerNumbers, book: LedgerBook) -> bool:
    """Return whether the quarrel has cost the other what it must before peace is offered."""
    return bool(book.quarrel[0] <= -own.quarrel_cost * own.temptation + TIE)


@rule
def next_offer(own: LedgerNumbers, book: LedgerBook) -> float:
    """Return the probability of the next peace offer, where one may be made."""
    return float(own.offer_probability * power(own.offer_decay, book.offers[0]))


@rule
def maxmin_share(game: LedgerGame, action: int) -> float:
    """Return the probability of an action in the maxmin mixture."""
    below = game.by_action[MAXMIN, action - 1] if action > 0 else 0.0
    return float(game.by_action[MAXMIN, action] - below)


@rule
def maxmin_action(game: LedgerGame, draw: float) -> int:
    """Return an action of the maxmin mixture by a draw that is uniform on [0, 1)."""
    action = 0
    while game.by_action[MAXMIN, action] <= draw:
        action += 1
    return action


@rule
def act(own: LedgerNumbers, game: LedgerGame, book: LedgerBook, draw: float, extra: float) -> int:
    """Return an action, by two draws that are uniform on [0, 1): for an offer and for the maxmin mixture."""
    action = intended(own, game, book)
    if draw < chance_of_offer(own, game, book, action):
        return int(own.agreed_own)
    return action if action >= 0 else maxmin_action(game, extra)


@rule
def probability_of(own: LedgerNumbers, game: LedgerGame, book: LedgerBook, action: int) -> float:
    """Return the probability with which `act` returns an action."""
    asked = intended(own, game, book)
    chance = 1.0 if action == asked else 0.0
    if asked < 0:
        chance = maxmin_share(game, action)
    offer = chance_of_offer(own, game, book, asked)
    return float((1.0 - offer) * chance + (offer if action == int(own.agreed_own) else 0.0))


@rule
def settle(own: LedgerNumbers, game: LedgerGame, book: LedgerBook, mine: int, theirs: int) -> None:
    """Book a round, by the actions of both as they were played."""
    agreed, action = int(own.agreed_own), intended(own, game, book)
    earned = game.by_outcome[ABOVE_SECURITY, mine, theirs]
    if is_offer(own, game, book, action, mine):
        forgive(book)
    elif action < 0:
        earned = expected_of_maxmin(game, mine, theirs)
    earn(own, book, earned)
    if agreed < 0:
        return
    other = int(own.agreed_other)
    table = game.by_outcome
    is_kept = table[ABOVE_SECURITY, agreed, theirs] >= table[ABOVE_SECURITY, agreed, other] - TIE
    is_agreed = mine == agreed and theirs == other
    book_deeds(
        own, book, is_kept, is_agreed, table[GAIN_OF_OTHER, mine, theirs], table[NET_HARM, mine, theirs]
    )


@rule
def book_deeds(
    own: LedgerNumbers, book: LedgerBook, is_kept: bool, is_agreed: bool, gained: float, harm: float
) -> None:
    """Book what both did.

    That is whether the other keeps to what one gets by the agreement, whether both played it, what the other gained
    beyond it, in its payoff ranges, and the net harm in full harms.
    """
    if is_kept:
        book.mistrust[0] = 0.0
    if is_agreed:
        end_quarrel(own, book)
    else:
        book.quarrel[0] = quarrel_after(own, book.quarrel[0], gained)
    book.ledger[0] = owed(own, book.ledger[0], harm)


@rule
def is_offer(own: LedgerNumbers, game: LedgerGame, book: LedgerBook, action: int, mine: int) -> bool:
    """Return whether what was played is a peace offer, where `action` was intended."""
    return bool(mine == int(own.agreed_own) and chance_of_offer(own, game, book, action) > 0.0)


@rule
def forgive(book: LedgerBook) -> None:
    """Book a peace offer: nothing is claimed or owed any more."""
    book.ledger[0] = 0.0
    book.mistrust[0] = 0.0
    book.offers[0] = min(MOST_OFFERS, book.offers[0] + 1.0)


@rule
def earn(own: LedgerNumbers, book: LedgerBook, earned: float) -> None:
    """Book what was earned above the security level, in own payoff ranges."""
    book.account[0] = min(own.account_cap, book.account[0] + earned)


@rule
def end_quarrel(own: LedgerNumbers, book: LedgerBook) -> None:
    """Book a round of the agreed play, which ends a quarrel and makes peace offers good."""
    book.quarrel[0] = 0.0
    book.offers[0] = max(0.0, book.offers[0] - own.calm)


@rule
def quarrel_after(own: LedgerNumbers, quarrel: float, gained: float) -> float:
    """Return a quarrel after another round, in which the other gained so much, in its payoff ranges."""
    bound = QUARREL_BOUND * own.temptation
    return min(bound, max(-bound, quarrel + gained))


@rule
def book_harm(own: LedgerNumbers, game: LedgerGame, book: LedgerBook, mine: int, theirs: int) -> None:
    """Enter the net harm of a round on the ledger, and nothing else."""
    if own.agreed_own < 0.0:
        return
    book.ledger[0] = owed(own, book.ledger[0], game.by_outcome[NET_HARM, mine, theirs])


@rule
def owed(own: LedgerNumbers, ledger: float, harm: float) -> float:
    """Return a ledger after a net harm, in full harms."""
    return min(own.most_claimed, max(-own.most_claimed, ledger + harm))


@rule
def expected_of_maxmin(game: LedgerGame, mine: int, theirs: int) -> float:
    """Return what the maxmin mixture gets in expectation, or the action played if that is none of the mixture's."""
    if maxmin_share(game, mine) == 0.0:
        return float(game.by_outcome[ABOVE_SECURITY, mine, theirs])
    total = 0.0
    for action in range(game.by_action.shape[1]):
        total += maxmin_share(game, action) * game.by_outcome[ABOVE_SECURITY, action, theirs]
    return float(total)


@rule
def level_meant(own: LedgerNumbers, game: LedgerGame, book: LedgerBook) -> float:
    """Return alpha, in [0, 1]: the level of what is meant next, peace offers aside; 0 where nothing is agreed.

    It is 1 for the agreed action, 0 for the harshest, between them by the harm; that of the maxmin play is its mean.
    """
    if own.agreed_own < 0.0:
        return 0.0
    action = intended(own, game, book)
    if action >= 0:
        return level_of(own, game, action)
    total = 0.0
    for k in range(game.by_action.shape[1]):
        total += maxmin_share(game, k) * level_of(own, game, k)
    return float(total)


@rule
def level_of(own: LedgerNumbers, game: LedgerGame, action: int) -> float:
    """Return the level of an own action: 1 where it does not harm one who keeps to the agreement."""
    last = int(own.punishments) - 1
    for k in range(last + 1):
        if int(game.by_action[PUNISHMENT, k]) == action:
            return float(1.0 - game.by_action[HARM, k] / game.by_action[HARM, last])
    return 1.0
