"""Gradual Tit-for-Tat (thesis chapter 5) by a ledger of harms: what the other owes is mirrored.

The rule is `simulation.gradual.ledgers.rule`, its tables are `theory.ledger_tables`. The
estimate of its cooperativeness is beta_hat = clip(1 - N) to [0, 1] for N full harms on the ledger, and alpha is the
level of one's next action, 1 for the agreed one and 0 for the harshest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from simulation.engine.compilation import rule
from simulation.gradual.ledgers.rule import (
    LedgerBook,
    LedgerGame,
    LedgerNumbers,
    act,
    begin,
    book_harm,
    ledger_game,
    level_meant,
    settle,
)
from simulation.gradual.seat import Asked, DuelPlayer, Mind, Played, Seat, reading, seat_at, viewing
from theory import Game, LedgerTables, ledger_tables
from theory.arguments import check_fields, checked, of_type, place
from theory.checks import number_within
from theory.games.checks import two_player_game
from theory.repeated.ledger import Agreement, agreement

# In own payoff ranges: what a budget is at least that is not given.
LEAST_BUDGET = 3.0

numbers, memory = reading(LedgerNumbers), viewing(LedgerBook)


@rule
def ledger_game_of(seat: Seat) -> LedgerGame:
    """Return the tables of a seat that the rule of the ledger reads."""
    return LedgerGame(seat.by_outcome, seat.by_action)


@rule
def reflect(seat: Seat, mind: Mind) -> None:
    """Set the estimate of the other's cooperativeness, and the level of the next action."""
    show(mind, numbers(seat.numbers), ledger_game_of(seat), memory(mind.memory))


@rule
def show(mind: Mind, own: LedgerNumbers, game: LedgerGame, book: LedgerBook) -> None:
    """Let a mind show what its book says."""
    mind.estimate[0] = min(1.0, max(0.0, 1.0 - book.ledger[0]))
    mind.alpha[0] = level_meant(own, game, book)


@dataclass(frozen=True, kw_only=True)
class GradualPlayer(DuelPlayer):
    """Mirror what the other owes on a ledger of harms.

    The defaults are one setting for all games and noise levels.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states.
    """

    Memory: ClassVar = LedgerBook

    agreement: Agreement | Sequence[int] = "nash"
    """What is agreed on: "nash", "kalai-smorodinsky", "egalitarian", "utilitarian", or an action of each player."""
    credit: float = 1.05
    """Full harms, >= 0, that are not claimed back. Above 1 a single slip is forgiven; the other can be so many
    temptations ahead, and half a harm more."""
    severity: float = 0.5
    """Share in (0, 1] of a claim that one round of punishment works off at least, where some action can."""
    offer_probability: float = 1.0
    """Of the first peace offer of a quarrel, in each round in which one may be made; in [0, 1]."""
    offer_decay: float = 0.25
    """Factor in [0, 1] on that probability after each offer."""
    calm: float = 0.2
    """Part of an offer, >= 0, that each agreed round takes away from those counted."""
    loss_budget: float | None = None
    """Own payoff ranges, >= 0: the most that all losses below the security level may add up to. None: what deters a
    bully at `patience` (`theory.LedgerTables.deterring_budget`) times `margin`, at least 3."""
    patience: float = 0.99
    """Discount in (0, 1) at which the budget that is not given deters a bully."""
    margin: float = 1.5
    """Factor, >= 0, on what deters."""
    account_cap: float = 5.0
    """Own payoff ranges, >= 0: the most that the account holds."""
    most_claimed: float = 3.0
    """Full harms, >= 0, that the ledger holds at most, either way."""
    trust: float = 1.0
    """Estimate in [0, 1] of the other's cooperativeness before the first round."""

    def __post_init__(self) -> None:
        check_fields(self)
        agreement("agreement", self.agreement)
        for name, high in (
            ("offer_probability", 1.0), ("offer_decay", 1.0), ("trust", 1.0), ("credit", math.inf),
            ("calm", math.inf), ("margin", math.inf), ("account_cap", math.inf), ("most_claimed", math.inf),
        ):  # fmt: skip
            number_within(name, getattr(self, name), 0.0, high)
        if self.loss_budget is not None:
            number_within("loss_budget", self.loss_budget, 0.0, math.inf)
        if number_within("severity", self.severity, 0.0, 1.0) == 0.0:
            raise ValueError(f"severity must lie in (0, 1], got {self.severity}")
        if number_within("patience", self.patience, 0.0, 1.0) in (0.0, 1.0):
            raise ValueError(f"patience must lie in (0, 1), got {self.patience}")

    @checked(game=two_player_game, role=place(2))
    def tables(self, game: Game, role: int) -> LedgerTables:
        """Return the game as this player sees it as player `role` (0 or 1)."""
        return ledger_tables(game, role, agreement=self.agreement)

    @checked(tables=of_type(LedgerTables))
    def loss_budget_in(self, tables: LedgerTables) -> float:
        """Return the budget in a game, in own payoff ranges."""
        if self.loss_budget is not None:
            return float(self.loss_budget)
        return max(LEAST_BUDGET, self.margin * tables.deterring_budget(discount=self.patience))

    @checked(tables=of_type(LedgerTables))
    def numbers_in(self, tables: LedgerTables) -> LedgerNumbers:
        """Return what the rule of the ledger goes by in a game."""
        return ledger_numbers(
            self,
            tables.agreed,
            budget=self.loss_budget_in(tables),
            temptation=tables.temptation,
            punishments=len(tables.punishments),
        )

    @checked(game=two_player_game, role=place(2))
    def seat(self, game: Game, role: int) -> Seat:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        tables = self.tables(game, role)
        by_outcome, by_action = ledger_game(tables)
        return seat_at(game, role, self.numbers_in(tables), by_outcome=by_outcome, by_action=by_action)

    @staticmethod
    def start(seat: Seat, mind: Mind) -> None:
        """Open an empty book."""
        begin(numbers(seat.numbers), memory(mind.memory))
        reflect(seat, mind)

    def remember(self, seat: Seat, mind: Mind, played: Played) -> None:
        """Enter what was harmed before the first round on the ledger; account and quarrel begin with the play."""
        book = memory(mind.memory)
        book_harm(numbers(seat.numbers), ledger_game_of(seat), book, played.own, played.other)
        reflect(seat, mind)

    @staticmethod
    @rule
    def choose(seat: Seat, mind: Mind, asked: Asked) -> int:
        """Return what the ledger asks for, the maxmin play where the account forbids it, or a peace offer."""
        return act(numbers(seat.numbers), ledger_game_of(seat), memory(mind.memory), asked.draw, asked.extra)

    @staticmethod
    @rule
    def learn(seat: Seat, mind: Mind, played: Played) -> None:
        """Book the round."""
        settle(numbers(seat.numbers), ledger_game_of(seat), memory(mind.memory), played.own, played.other)
        reflect(seat, mind)


def ledger_numbers(
    player: GradualPlayer,
    agreed: tuple[float, float] | None,
    *,
    budget: float,
    temptation: float,
    punishments: int,
) -> LedgerNumbers:
    """Return what the rule of the ledger goes by, of a player's tunables and of a game; payoffs in payoff ranges."""
    own, other = agreed or (-1, -1)
    return LedgerNumbers(
        agreed_own=float(own),
        agreed_other=float(other),
        credit=float(player.credit),
        severity=float(player.severity),
        offer_probability=float(player.offer_probability),
        offer_decay=float(player.offer_decay),
        calm=float(player.calm),
        most_claimed=float(player.most_claimed),
        account_cap=float(player.account_cap),
        budget=float(budget),
        temptation=float(temptation),
        # So many whole harms go unpunished: as far may the other be ahead when a quarrel begins, and whom an
        # offer forgives is not ahead.
        quarrel_cost=float(max(1, math.ceil(player.credit - 0.5))),
        mistrust=(1.0 - player.trust) * (1.0 + player.credit),
        punishments=float(punishments),
    )
