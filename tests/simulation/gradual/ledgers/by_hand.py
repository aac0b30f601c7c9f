"""The rule of the ledger written a second time, from its description and in exact rationals, to compare it with."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product

from simulation.gradual.ledgers.rule import LedgerBook
from simulation.gradual.players import GradualPlayer
from tests.theory.repeated.ledger_by_definition import Defined, spread_of
from theory import LedgerTables

ZERO, ONE = Fraction(0), Fraction(1)


def rational(value: float) -> Fraction:
    return Fraction(value).limit_denominator(5000)


@dataclass
class Hand:
    """A book that is kept by hand: what is asked for, and what is entered."""

    player: GradualPlayer
    defined: Defined
    tables: LedgerTables
    """Which pure maxmin action or mixture, and the order of punishments that are alike, are the implementation's."""
    budget: Fraction
    ledger: Fraction = ZERO
    account: Fraction = ZERO
    mistrust: Fraction = ZERO
    quarrel: Fraction = ZERO
    offers: Fraction = ZERO
    mixture: list[Fraction] = field(init=False)

    def __post_init__(self) -> None:
        self.credit, self.severity = rational(self.player.credit), rational(self.player.severity)
        self.mistrust = (ONE - rational(self.player.trust)) * (ONE + self.credit)
        self.mixture = [rational(float(p)) for p in self.tables.maxmin]
        of = self.defined
        places = list(product(range(of.n), range(of.m)))
        self.net_harm = {place: of.net_harm(*place) for place in places}
        self.above = {(x, y): (of.own[x][y] - of.levels[0]) / spread_of(of.own) for x, y in places}
        self.gained = {(x, y): (of.other[x][y] - of.values[1]) / spread_of(of.other) for x, y in places}
        self.harms = [(int(x), of.harsh(int(x))) for x in self.tables.punishments]

    @property
    def book(self) -> LedgerBook:
        return LedgerBook(self.ledger, self.account, self.mistrust, self.quarrel, self.offers)  # type: ignore[arg-type]

    def can_pay(self, action: int, rounds: int) -> bool:
        worst = min(self.above[action, y] for y in range(self.defined.m))
        return self.account + rounds * min(ZERO, worst) >= -self.budget

    @property
    def asked(self) -> int | None:
        """What the ledger asks for; None for the maxmin play."""
        if self.defined.agreed is None:
            return None
        claim, action = self.ledger + self.mistrust - self.credit, self.defined.agreed[0]
        if claim > 0:
            fit = [(x, harm) for x, harm in self.harms if harm <= 2 * claim]
            enough = [x for x, harm in fit if harm >= self.severity * claim]
            action = [action, *(x for x, _ in fit), *enough[:1]][-1]
        return action if self.can_pay(action, 1) else None

    @property
    def forgiven(self) -> int:
        """How many whole harms are not returned, since half of one is more than is claimed."""
        return sum(2 * (harms - self.credit) < 1 for harms in range(1, 10))

    @property
    def chance_of_offer(self) -> float:
        agreed, asked = self.defined.agreed, self.asked
        if agreed is None or asked == agreed[0]:
            return 0.0
        has_cost = -self.quarrel >= max(1, self.forgiven) * self.defined.temptation
        is_told_apart = asked is not None or self.mixture[agreed[0]] in (ZERO, ONE)
        if not (has_cost and is_told_apart and self.can_pay(agreed[0], 2)):
            return 0.0
        return self.player.offer_probability * self.player.offer_decay ** float(self.offers)

    @property
    def chances(self) -> list[float]:
        """The probabilities of the own actions."""
        meant = [float(x == self.asked) for x in range(self.defined.n)]
        if self.asked is None:
            meant = [float(p) for p in self.mixture]
        offer = self.chance_of_offer
        mixed = [(1.0 - offer) * p for p in meant]
        if self.defined.agreed is not None:
            mixed[self.defined.agreed[0]] += offer
        return mixed

    def level(self, action: int) -> Fraction:
        return ONE - dict(self.harms).get(action, ZERO) / (self.harms[-1][1] if self.harms else ONE)

    @property
    def alpha(self) -> Fraction:
        if self.defined.agreed is None:
            return ZERO
        if self.asked is not None:
            return self.level(self.asked)
        return sum((p * self.level(x) for x, p in enumerate(self.mixture)), ZERO)

    @property
    def estimate(self) -> Fraction:
        return min(ONE, max(ZERO, ONE - self.ledger))

    def enter_harm(self, mine: int, theirs: int) -> None:
        most = rational(self.player.most_claimed)
        self.ledger = min(most, max(-most, self.ledger + self.net_harm[mine, theirs]))

    def enter(self, mine: int, theirs: int) -> None:
        """Book a round as it was played."""
        agreed, of = self.defined.agreed, self.defined
        is_offer = agreed is not None and mine == agreed[0] and self.chance_of_offer > 0.0
        earned = self.above[mine, theirs]
        if is_offer:
            self.ledger = self.mistrust = ZERO
            self.offers = min(Fraction(6), self.offers + 1)
        elif self.asked is None and self.mixture[mine] > 0:
            earned = sum((p * self.above[x, theirs] for x, p in enumerate(self.mixture)), ZERO)
        self.account = min(rational(self.player.account_cap), self.account + earned)
        if agreed is None:
            return
        if of.own[agreed[0]][theirs] >= of.values[0]:
            self.mistrust = ZERO
        if (mine, theirs) == agreed:
            self.quarrel = ZERO
            self.offers = max(ZERO, self.offers - rational(self.player.calm))
        else:
            bound = 3 * of.temptation
            self.quarrel = min(bound, max(-bound, self.quarrel + self.gained[mine, theirs]))
        self.enter_harm(mine, theirs)
