"""Gradual Tit-for-Tat that narrows the gap between two notions of fairness (thesis sections 6.3.1, 6.4.3).

Two ledger mirrors whose agreed plays come from different notions each take the other's fair play for an offence, and
proportion alone does not end that. This one concedes. Its *terms* are the agreed play of its own notion, and then the
concessions of `theory.repeated.concession`, each of a larger part of what the notions differ in.

1. It plays by the ledger (`simulation.gradual.ledgers.rule`) of the terms in force: the last that it has conceded, or
   the last of those before them a round of which the account can pay for.
2. *Before it punishes*: where the terms leave a claim, it concedes the next ones, if the account can pay for a round
   of them, and forgives what is on the ledger, as with a peace offer.
3. A round in which it plays its part of conceded terms is paid for: what they give less than its own notion, their
   price, is taken from the account.

What it sees are the actions as played. It knows the game and which notions there are; it knows neither which of them
the other follows nor the other's ledger. So one who asks for more concedes when it is not given that, one who gives
less when it is punished, and one whom nobody harms keeps to its own notion.

The account is never above what was gained over the security level less what was paid. Hence all losses below the
security level together never exceed the budget (theorem A of `docs/ledger.md`), and what was paid for concessions
never exceeds what had been gained above the security level. Claims are forgiven so once for each of the terms. Where
all notions agree on one outcome it plays as `GradualPlayer` does, action for action.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, NamedTuple, get_args

import numpy as np

from simulation.engine.compilation import rule
from simulation.gradual.ledgers.rule import (
    LedgerBook,
    LedgerGame,
    LedgerNumbers,
    act,
    begin,
    book_harm,
    earn,
    ledger_game,
    settle,
)
from simulation.gradual.players.gradual_tit_for_tat import GradualPlayer, show
from simulation.gradual.seat import Asked, DuelPlayer, Mind, Played, Seat, reading, seat_at, viewing
from theory import Game
from theory.arguments import checked, of_type, place
from theory.checks import FloatArray, finite_array, is_list, known_name, shown
from theory.games.checks import two_player_game
from theory.repeated.concession import concessions_in
from theory.repeated.ledger import Agreement
from theory.resolution import TIE

NOTIONS: tuple[Agreement, ...] = get_args(Agreement)


class Memory(NamedTuple):
    """What is remembered, one number each, `[1]`: a book (`LedgerBook`), and the terms."""

    ledger: FloatArray
    account: FloatArray
    mistrust: FloatArray
    quarrel: FloatArray
    offers: FloatArray
    conceded: FloatArray
    """The place of the last terms that were conceded; 0 for those of the own notion."""


numbers, book, memory = reading(LedgerNumbers), viewing(LedgerBook), viewing(Memory)

# A seat has one vector: of each terms the numbers of the ledger, and the price.
PRICE = len(LedgerNumbers._fields)
TERMS = PRICE + 1
# Of each terms so many tables by outcome, and by action.
BY_OUTCOME, BY_ACTION = 3, 4


@rule
def numbers_of(seat: Seat, terms: int) -> LedgerNumbers:
    """Return what the ledger of some terms goes by."""
    return numbers(seat.numbers[terms * TERMS : terms * TERMS + PRICE])


@rule
def price_of(seat: Seat, terms: int) -> float:
    """Return what a round of some terms costs, in own payoff ranges."""
    return float(seat.numbers[terms * TERMS + PRICE])


@rule
def ledger_game_on(seat: Seat, terms: int) -> LedgerGame:
    """Return the tables of the ledger of some terms."""
    return LedgerGame(
        seat.by_outcome[terms * BY_OUTCOME : (terms + 1) * BY_OUTCOME],
        seat.by_action[terms * BY_ACTION : (terms + 1) * BY_ACTION],
    )


@rule
def terms_in_force(seat: Seat, mind: Mind) -> int:
    """Return the place of the last conceded terms that the account can pay a round of."""
    remembered = memory(mind.memory)
    terms = int(remembered.conceded[0])
    while terms > 0 and remembered.account[0] < price_of(seat, terms) - TIE:
        terms -= 1
    return terms


@rule
def concede(seat: Seat, mind: Mind) -> None:
    """Move to the next terms where there would be a claim, if there are any and the account can pay for them."""
    remembered = memory(mind.memory)
    terms = int(remembered.conceded[0])
    if (terms + 1) * TERMS >= len(seat.numbers) or terms_in_force(seat, mind) < terms:
        return
    claim = remembered.ledger[0] + remembered.mistrust[0] - numbers_of(seat, terms).credit
    if claim > 0.0 and remembered.account[0] >= price_of(seat, terms + 1) - TIE:
        remembered.conceded[0] = terms + 1.0
        remembered.ledger[0] = 0.0
        remembered.mistrust[0] = 0.0


@rule
def reflect_on_terms(seat: Seat, mind: Mind) -> None:
    """Set the estimate of the other's cooperativeness, and the level of the next action."""
    terms = terms_in_force(seat, mind)
    show(mind, numbers_of(seat, terms), ledger_game_on(seat, terms), book(mind.memory))


@dataclass(frozen=True, kw_only=True)
class ConcedingMirror(DuelPlayer):
    """Mirror what the other owes on a ledger of harms, and concede part of what two notions of fairness differ in.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states.
    """

    Memory: ClassVar = Memory

    gradual: GradualPlayer = field(default_factory=GradualPlayer)
    """By whose numbers it keeps its ledger; `agreement` is its own notion of fairness."""
    concessions: Sequence[float] = (0.25, 0.5)
    """Shares, in (0, 1] and ascending, of the difference between the own payoff by its own notion and the least that
    any of the `notions` gives it. With none it is the gradual player itself."""
    notions: Sequence[Agreement] = NOTIONS
    """Of fairness, which the other may follow."""

    def __post_init__(self) -> None:
        of_type(GradualPlayer)("gradual", self.gradual)
        object.__setattr__(self, "concessions", shares_of_a_difference("concessions", self.concessions))
        if not is_list(self.notions):
            raise ValueError(f"notions must be a list of names, got {shown(self.notions)}")
        notions = tuple(known_name("notion of fairness", notion, NOTIONS) for notion in self.notions)
        object.__setattr__(self, "notions", notions)

    @checked(game=two_player_game, role=place(2))
    def terms(self, game: Game, role: int) -> tuple[tuple[GradualPlayer, float], ...]:
        """Return by whom it plays as player `role` (0 or 1) of the game, under each of its terms, and their price.

        The first are those of its own notion, at no price. All have one loss budget.
        """
        own = self.gradual
        found = concessions_in(
            game, role, agreement=own.agreement, notions=self.notions, shares=self.concessions
        )
        budget = own.loss_budget_in(own.tables(game, role))
        agreed = [replace(own, agreement=one.outcome, loss_budget=budget) for one in found]
        return ((own, 0.0), *zip(agreed, (one.price for one in found), strict=True))

    @checked(game=two_player_game, role=place(2))
    def seat(self, game: Game, role: int) -> Seat:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        kept: list[float] = []
        games: list[LedgerGame] = []
        for player, price in self.terms(game, role):
            tables = player.tables(game, role)
            kept += [*player.numbers_in(tables), price]
            games.append(ledger_game(tables))
        by_outcome, by_action = (np.concatenate(parts) for parts in zip(*games, strict=True))
        return seat_at(game, role, tuple(kept), by_outcome=by_outcome, by_action=by_action)

    @staticmethod
    def start(seat: Seat, mind: Mind) -> None:
        """Open an empty book, on the terms of the own notion."""
        begin(numbers_of(seat, 0), book(mind.memory))
        reflect_on_terms(seat, mind)

    def remember(self, seat: Seat, mind: Mind, played: Played) -> None:
        """Enter what was harmed before the first round on the ledger; all else begins with the play."""
        book_harm(numbers_of(seat, 0), ledger_game_on(seat, 0), book(mind.memory), played.own, played.other)
        reflect_on_terms(seat, mind)

    @staticmethod
    @rule
    def choose(seat: Seat, mind: Mind, asked: Asked) -> int:
        """Return what the ledger of the terms in force asks for, as `GradualPlayer` does."""
        terms = terms_in_force(seat, mind)
        return act(
            numbers_of(seat, terms), ledger_game_on(seat, terms), book(mind.memory), asked.draw, asked.extra
        )

    @staticmethod
    @rule
    def learn(seat: Seat, mind: Mind, played: Played) -> None:
        """Book the round by the terms in force, pay for them, and concede before claiming."""
        terms = terms_in_force(seat, mind)
        own, remembered = numbers_of(seat, terms), book(mind.memory)
        settle(own, ledger_game_on(seat, terms), remembered, played.own, played.other)
        if terms > 0 and played.own == int(own.agreed_own):
            earn(own, remembered, -price_of(seat, terms))
        concede(seat, mind)
        reflect_on_terms(seat, mind)


def shares_of_a_difference(name: str, values: Sequence[float]) -> tuple[float, ...]:
    """Return shares in (0, 1] in ascending order, or raise ValueError."""
    shares = finite_array(name, values)
    if shares.ndim != 1 or (shares <= 0.0).any() or (shares > 1.0).any() or (np.diff(shares) <= 0.0).any():
        raise ValueError(f"{name} must be shares in (0, 1], ascending, got {shown(values)}")
    return tuple(shares.tolist())
