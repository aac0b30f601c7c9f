r"""Gradual Tit-for-Tat (thesis chapter 5) in groups: ledgers with every other player of a graded public good.

The rule is that of two players (`simulation.gradual.ledgers.rule`), and with two players it is the same. With more,
each keeps a ledger with every other one. The good reaches everybody alike, so that two players' payoffs differ by
their costs alone: where all agree on the level x*, in units of the full harm that one who gives nothing does to one
who gives x*,

    n_ij = (V_j - V_i) / full harm = (x_i^2 - x_j^2) / x*^2.

*What is lost.* A level reaches all others alike, so that nobody can answer the others one by one. What is claimed is
the mean of what the others owe, or the most that one of them owes, and a punishment for one falls on all: on those,
too, who punish with it. By the mean, one who gives nothing is answered only after it has owed every other player the
`credit` as often as there are others; by the most, as soon as among two. In the end it takes the group down with it
either way: deterrence is that of a threat to everybody. What is proved of the lead of an opponent among two is not
proved here: one who leaves the agreement now and then, in step with peace offers, may gain a little by it.

- *Claim*: N_i + M_i - `credit`, where N_i gathers the mean of n_ij (`aggregate` "mean"), or is the N_ij of the least
  cooperative of the others (largest N_ij + M_ij, "least"). Each is kept within `most_claimed`.
- *Level*: the mildest whose harm 1 - (x / x*)^2 to one who keeps to x* is at least `severity` times the claim, and
  not more than twice the claim.
- *Account*: own payoff above the security level d, which is what the best level gives while nobody else gives
  anything. The *veto* is the same, and so is its guarantee: against all others together total losses below d never
  exceed `loss_budget`, own slips aside.
- *Mistrust* M_ij ends when j gives at least x*. An offer forgives everybody, so that the *quarrel* must have cost
  each of the others enough: it is what that one gained who gained most; and by the mean as many times enough as
  there are others, since one alone may have been ahead by so much. It ends, and peace offers are made good, when all
  give x*.

x* is the level that gives most to each where all play it; on it all notions of fairness agree by symmetry.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple, get_args

import numpy as np

from simulation.engine.compilation import rule
from simulation.engine.layout import copied
from simulation.engine.runs import Process
from simulation.gradual.graded_games import cooperation_levels
from simulation.gradual.groups.public_good import PublicGoodGroup, worth_and_cost
from simulation.gradual.law import cooperation_level, slip
from simulation.gradual.ledgers.rule import (
    HARM,
    MAXMIN,
    PUNISHMENT,
    WORST,
    LedgerBook,
    LedgerGame,
    LedgerNumbers,
    act,
    begin,
    book_at,
    earn,
    end_quarrel,
    forgive,
    intended,
    is_offer,
    level_meant,
    owed,
    quarrel_after,
)
from simulation.gradual.players.gradual_tit_for_tat import LEAST_BUDGET, GradualPlayer, ledger_numbers
from theory.altruism.group_mirror import Aggregate
from theory.arguments import of_type
from theory.checks import FloatArray, IntArray, is_list, known_name, number_within, shown
from theory.resolution import TIE

# For each player: for a peace offer, whether it slips, and where to.
DRAWS = 3


@dataclass(frozen=True, kw_only=True)
class LedgerGroupParameters(PublicGoodGroup):
    """A group of gradual Tit-for-Tat in a graded public good V_i = b mean(x)^e - c x_i^2 / 2, who keep ledgers.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states.
    """

    gradual: GradualPlayer = field(default_factory=GradualPlayer)
    """By whose numbers all keep their ledgers: credit, severity, peace offers, trust and others. All agree on one
    level for all, so that `agreement` must be a name; a `loss_budget` of None is 3 payoff ranges, since what deters
    several is not known."""
    stubborn_levels: tuple[float, ...] = ()
    """Levels in [0, 1] of the last players of the group, who play the nearest level of the grid whatever is owed."""
    aggregate: Aggregate = "mean"
    """Whether what the others owe in the `"mean"` is claimed, or what the `"least"` cooperative of them owes."""

    def __post_init__(self) -> None:
        super().__post_init__()
        of_type(GradualPlayer)("gradual", self.gradual)
        if not isinstance(self.gradual.agreement, str):
            raise ValueError(
                "agreement must be a notion of fairness by name where a group agrees on one level, got "
                f"{shown(self.gradual.agreement)}"
            )
        if not is_list(self.stubborn_levels):
            raise ValueError(f"stubborn_levels must be a list of levels, got {shown(self.stubborn_levels)}")
        if len(self.stubborn_levels) > self.n_players:
            raise ValueError(
                f"stubborn_levels must be of at most {self.n_players} players, got {len(self.stubborn_levels)}"
            )
        for level in self.stubborn_levels:
            number_within("stubborn_levels", level, 0.0, 1.0)
        known_name("aggregate", self.aggregate, get_args(Aggregate))

    @property
    def stubborn_actions(self) -> IntArray:
        """`[n_players]`: what the stubborn players always play, -1 for those who act by their ledgers."""
        grid = cooperation_levels(self.levels)
        actions = [int(np.abs(grid - level).argmin()) for level in self.stubborn_levels]
        return np.array([*[-1] * (self.n_players - len(actions)), *actions], dtype=np.int64)


class LedgerGroup(NamedTuple):
    """What stays fixed. With n players, k actions and S = (n - 1)(k - 1) + 1 sums:"""

    numbers: LedgerNumbers
    """What everybody goes by."""
    game: LedgerGame
    """Its tables by action; by outcome there are none, which would take a place for all others."""
    net_harm: FloatArray
    """`[k, k]`: n by own and another's action, in full harms."""
    payoffs: FloatArray
    """`[S, k]`: a player's payoff by the sum of the others' actions and its own."""
    security: float
    """d."""
    agreed_payoff: float
    """What each gets where all play x*; d where nothing is agreed."""
    payoff_range: float
    """Of the payoffs of a player."""
    stubborn: IntArray
    """`[n]`: the action of a stubborn player, -1 of others."""
    noise: float
    least: bool
    """Whether what the least cooperative of the others owes is claimed, not the mean."""


class LedgerGroupState(NamedTuple):
    """What is carried from round to round. Stubborn players keep books too, and do not act by them."""

    books: FloatArray
    """`[5, n]`: everybody's book, a row for each field of `LedgerBook`: what it claims, by the mean or the least."""
    ledgers: FloatArray
    """`[n, n]`: N_ij, what player j owes to player i, in full harms; 0 of oneself."""
    mistrusts: FloatArray
    """`[n, n]`: M_ij."""
    quarrels: FloatArray
    """`[n, n]`: what player j gained since all last gave x*, as player i remembers it, in payoff ranges."""
    alpha: FloatArray
    """`[n]`: level of what is meant next, 1 for x* and 0 for the harshest; of the stubborn their level."""
    estimate: FloatArray
    """`[n]`: what the others think of each player's cooperativeness: mean of clip(1 - N_ji) to [0, 1]."""


class LedgerGroupRound(NamedTuple):
    """The record of one round, `[n]` each, written anew by the law."""

    action: IntArray
    level: FloatArray
    payoff: FloatArray
    alpha: FloatArray
    """With which the round was played."""
    estimate: FloatArray
    """After the round, as the next three."""
    ledger: FloatArray
    """N_i."""
    account: FloatArray
    offers: FloatArray


def ledger_group_tables(parameters: LedgerGroupParameters) -> LedgerGroup:
    """Return the tables that the law works on."""
    worth, costs = worth_and_cost(parameters)
    payoffs, actions = worth - costs, np.arange(parameters.levels)
    spread = float(np.ptp(payoffs)) or 1.0
    alone, alike = payoffs[-1], payoffs[(parameters.n_players - 1) * actions, actions]
    # Of what is as good the less costly: the others' giving can only make it better.
    maxmin = int(np.flatnonzero(alone >= alone.max() - TIE * spread)[-1])
    best = int(np.flatnonzero(alike >= alike.max() - TIE * spread)[0])
    is_agreed = alike[best] - alone[maxmin] > TIE * spread
    full = float(costs[best]) if is_agreed else 1.0
    harms = 1.0 - costs[best + 1 :] / full if is_agreed else np.zeros(0)
    against_agreed = payoffs[(parameters.n_players - 1) * best]
    by_action = np.zeros((4, parameters.levels))
    by_action[WORST] = (alone - alone[maxmin]) / spread
    by_action[PUNISHMENT, : len(harms)] = actions[best + 1 : best + 1 + len(harms)]
    by_action[HARM, : len(harms)] = harms
    by_action[MAXMIN, maxmin:] = 1.0
    gradual = parameters.gradual
    temptation = max(0.0, float(against_agreed.max() - alike[best]) / spread) if is_agreed else 0.0
    # What is a harm in the mean of all may be as many of one alone, who is ahead by so many temptations then.
    alone_owes = 1 if parameters.aggregate == "least" else parameters.n_players - 1
    numbers = ledger_numbers(
        gradual,
        (best, best) if is_agreed else None,
        budget=LEAST_BUDGET if gradual.loss_budget is None else gradual.loss_budget,
        temptation=temptation * alone_owes,
        punishments=len(harms),
    )
    return LedgerGroup(
        numbers=numbers,
        game=LedgerGame(np.zeros((3, 0, 0)), by_action),
        net_harm=(costs[:, None] - costs) / full if is_agreed else np.zeros((len(costs), len(costs))),
        payoffs=payoffs,
        security=float(alone[maxmin]),
        agreed_payoff=float(alike[best] if is_agreed else alone[maxmin]),
        payoff_range=spread,
        stubborn=parameters.stubborn_actions,
        noise=float(parameters.noise),
        least=parameters.aggregate == "least",
    )


def new_ledger_group_round(n_players: int) -> LedgerGroupRound:
    """Return an empty record."""
    return LedgerGroupRound(np.zeros(n_players, np.int64), *(np.zeros(n_players) for _ in range(7)))


def ledger_group_start(group: LedgerGroup) -> LedgerGroupState:
    """Return the state before the first round."""
    n = len(group.stubborn)
    state = LedgerGroupState(
        books=np.zeros((len(LedgerBook._fields), n)),
        ledgers=np.zeros((n, n)),
        mistrusts=group.numbers.mistrust * (1.0 - np.eye(n)),
        quarrels=np.zeros((n, n)),
        alpha=np.zeros(n),
        estimate=np.zeros(n),
    )
    for i in range(n):
        begin(group.numbers, book_at(state.books, i))
    reflect_group(group, state)
    return state


@rule
def reflect_group(group: LedgerGroup, state: LedgerGroupState) -> None:
    """Set everybody's level of the next action, and what the others think of it."""
    n, k = state.alpha.shape[0], group.payoffs.shape[1]
    for i in range(n):
        state.alpha[i] = level_meant(group.numbers, group.game, book_at(state.books, i))
        if group.stubborn[i] >= 0:
            state.alpha[i] = cooperation_level(group.stubborn[i], k)
        total = 0.0
        for j in range(n):
            if j != i:
                total += min(1.0, max(0.0, 1.0 - state.ledgers[j, i]))
        state.estimate[i] = total / (n - 1)


@rule
def settle_in_group(
    group: LedgerGroup, state: LedgerGroupState, i: int, played: IntArray, total: int
) -> None:
    """Book a round of player i, by everybody's actions as they were played and their sum."""
    own, n, mine = group.numbers, played.shape[0], played[i]
    book = book_at(state.books, i)
    if is_offer(own, group.game, book, intended(own, group.game, book), mine):
        forgive(book)
        for j in range(n):
            state.ledgers[i, j] = 0.0
            state.mistrusts[i, j] = 0.0
    earn(own, book, (group.payoffs[total - mine, mine] - group.security) / group.payoff_range)
    if own.agreed_own < 0.0:
        return
    agreed = int(own.agreed_own)
    is_agreed = mine == agreed
    harm, mistrust, largest, ahead = 0.0, 0.0, i, -math.inf
    for j in range(n):
        if j == i:
            continue
        theirs = played[j]
        gained = (group.payoffs[total - theirs, theirs] - group.agreed_payoff) / group.payoff_range
        state.quarrels[i, j] = quarrel_after(own, state.quarrels[i, j], gained)
        ahead = max(ahead, state.quarrels[i, j])
        harm += group.net_harm[mine, theirs]
        is_agreed = is_agreed and theirs == agreed
        if theirs <= agreed:
            state.mistrusts[i, j] = 0.0
        mistrust += state.mistrusts[i, j]
        state.ledgers[i, j] = owed(own, state.ledgers[i, j], group.net_harm[mine, theirs])
        if largest == i or _claimed(state, i, j) > _claimed(state, i, largest):
            largest = j
    book.quarrel[0] = ahead
    if is_agreed:
        state.quarrels[i, :] = 0.0
        end_quarrel(own, book)
    if group.least:
        book.ledger[0] = state.ledgers[i, largest]
        book.mistrust[0] = state.mistrusts[i, largest]
    else:
        book.ledger[0] = owed(own, book.ledger[0], harm / (n - 1))
        book.mistrust[0] = mistrust / (n - 1)


@rule
def _claimed(state: LedgerGroupState, i: int, j: int) -> float:
    claimed: float = state.ledgers[i, j] + state.mistrusts[i, j]
    return claimed


@rule
def ledger_group_round(
    state: LedgerGroupState,
    draws: FloatArray,
    turn: int,
    group: LedgerGroup,
    room: Any,
    record: LedgerGroupRound,
) -> None:
    """Play a round; `state` and `record` are updated. `draws[3 n]` are uniform on [0, 1), three a player."""
    n, k = state.alpha.shape[0], group.payoffs.shape[1]
    total = 0
    for i in range(n):
        chosen = group.stubborn[i]
        if chosen < 0:
            # The maxmin play is one level, so that no draw is needed for a mixture.
            chosen = act(group.numbers, group.game, book_at(state.books, i), draws[DRAWS * i], 0.0)
        record.action[i] = slip(chosen, k, group.noise, draws[DRAWS * i + 1], draws[DRAWS * i + 2])
        record.level[i] = cooperation_level(record.action[i], k)
        record.alpha[i] = state.alpha[i]
        total += record.action[i]
    for i in range(n):
        record.payoff[i] = group.payoffs[total - record.action[i], record.action[i]]
        settle_in_group(group, state, i, record.action, total)
    reflect_group(group, state)
    for i in range(n):
        book = book_at(state.books, i)
        record.estimate[i] = state.estimate[i]
        record.ledger[i] = book.ledger[0]
        record.account[i] = book.account[0]
        record.offers[i] = book.offers[0]


def ledger_group_process(parameters: LedgerGroupParameters, *, compile_law: bool = True) -> Process:
    """Return what the driver and the Mesa model must know of groups who keep ledgers."""
    group = ledger_group_tables(parameters)
    return Process(
        law=ledger_group_round,
        unit="round",
        steps=parameters.rounds,
        draws=DRAWS * parameters.n_players,
        constants=group,
        start=partial(_begun, ledger_group_start(group)),
        room=tuple,
        record=partial(new_ledger_group_round, parameters.n_players),
        recorded={name: ("player",) for name in LedgerGroupRound._fields if name != "action"},
        watched=_accounts,
        tell=_divergence,
        compile_law=compile_law,
    )


def _begun(state: LedgerGroupState, generator: np.random.Generator) -> LedgerGroupState:
    begun: LedgerGroupState = copied(state)
    return begun


def _accounts(state: LedgerGroupState) -> tuple[FloatArray]:
    return (state.books,)


def _divergence(state: LedgerGroupState, record: Any, before: Any) -> str:
    return f"accounts {state.books[LedgerBook._fields.index('account')].tolist()}"
