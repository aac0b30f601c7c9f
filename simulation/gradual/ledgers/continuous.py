"""Gradual Tit-for-Tat by its ledger where levels are any numbers in [0, 1], in the graded donation game.

The rule is that of `simulation.gradual.ledgers.rule`, and the same is booked; tables give way to the closed forms of
`simulation.gradual.ledgers.donation`. Where a claim is more than rounding, the answer is the level that harms by
exactly `severity` times the claim, or the harshest one where none harms so much: what the mildest of ever finer
levels comes to. So a claim falls by that share each round, and is worked off when no more than rounding is left.
"""

from __future__ import annotations

from simulation.engine.compilation import rule
from simulation.gradual.ledgers.donation import (
    DonationLedger,
    level_that_harms,
    net_harm,
    other_payoff,
    own_payoff,
    worst_of,
)
from simulation.gradual.ledgers.rule import (
    LedgerBook,
    LedgerNumbers,
    book_deeds,
    can_bear,
    earn,
    forgive,
    is_quarrel_paid,
    next_offer,
    owed,
)
from theory.resolution import TIE


@rule
def level_asked(own: LedgerNumbers, game: DonationLedger, book: LedgerBook) -> float:
    """Return the level that the ledger asks for, or -1 for the maxmin play where the account forbids it."""
    if own.agreed_own < 0.0:
        return -1.0
    claim = book.ledger[0] + book.mistrust[0] - own.credit
    level = own.agreed_own
    if claim > TIE and game.most_harm > 0.0:
        level = level_that_harms(game, own.severity * claim)
    return level if can_bear(own, book, worst_of(game, level)) else -1.0


@rule
def chance_of_peace(own: LedgerNumbers, game: DonationLedger, book: LedgerBook, asked: float) -> float:
    """Return the probability of a peace offer where `asked` is what the ledger asks for."""
    if own.agreed_own < 0.0 or asked == own.agreed_own or not is_quarrel_paid(own, book):
        return 0.0
    if not can_bear(own, book, 2.0 * worst_of(game, own.agreed_own)):
        return 0.0
    return next_offer(own, book)


@rule
def ledger_level(own: LedgerNumbers, game: DonationLedger, book: LedgerBook, draw: float) -> float:
    """Return a level, by a draw for an offer that is uniform on [0, 1). The maxmin play is level 0."""
    asked = level_asked(own, game, book)
    if draw < chance_of_peace(own, game, book, asked):
        return own.agreed_own
    return max(0.0, asked)


@rule
def settle_levels(
    own: LedgerNumbers, game: DonationLedger, book: LedgerBook, mine: float, theirs: float
) -> None:
    """Book a round, by the levels of both as they were played."""
    asked = level_asked(own, game, book)
    if mine == own.agreed_own and chance_of_peace(own, game, book, asked) > 0.0:
        forgive(book)
    earn(own, book, own_payoff(game, mine, theirs) / game.own_range)
    if own.agreed_own < 0.0:
        return
    kept = own_payoff(game, own.agreed_own, theirs) - game.own_value
    gained = other_payoff(game, mine, theirs) - game.other_value
    book_deeds(
        own,
        book,
        kept >= -TIE * game.own_range,
        mine == own.agreed_own and theirs == own.agreed_other,
        gained / game.other_range,
        net_harm(game, mine, theirs),
    )


@rule
def remember_levels(
    own: LedgerNumbers, game: DonationLedger, book: LedgerBook, mine: float, theirs: float
) -> None:
    """Enter what was harmed before the first round on the ledger; account and quarrel begin with the play."""
    if own.agreed_own >= 0.0:
        book.ledger[0] = owed(own, book.ledger[0], net_harm(game, mine, theirs))


@rule
def intended_degree(own: LedgerNumbers, game: DonationLedger, book: LedgerBook) -> float:
    """Return alpha, in [0, 1]: the degree of what is meant next, peace offers aside; 0 where nothing is agreed.

    It is 1 for the agreed level, 0 for the harshest, between them by the harm.
    """
    if own.agreed_own < 0.0:
        return 0.0
    harm = -net_harm(game, max(0.0, level_asked(own, game, book)), own.agreed_other)
    return 1.0 - min(1.0, harm / game.most_harm) if game.most_harm > 0.0 and harm > TIE else 1.0
