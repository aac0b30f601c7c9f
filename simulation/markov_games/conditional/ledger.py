r"""The ledger with state: gradual Tit-for-Tat by harms in value units, contrite and bounded.

It is the rule of `simulation.gradual.ledgers` where an outcome is what a joint action does to values. With g_i the
gain beyond the agreement (`agreement`), h_i the same beyond mutual safe play, r_i + gamma E V^dd_i(s') - V^dd_i(s),
and G_i what the agreement gives more than security a step, the *net harm* of a joint action to the player is

    n(s, j) = (g_other / G_other - g_own / G_own) / f   while |N| <= credit,   the same of h_i in a quarrel,

in *full harms*, f the most that the other can do to one who keeps to the agreement. It remembers

- the *ledger* N, the sum of n, kept within +-`most_claimed`: what its own hand or its own punishing harmed is booked
  as debt, so that an answer to it is not answered again, and a punishment ends when it has harmed as much as was
  claimed;
- the *account* A, the sum of e_own, what it had beyond its security value, at most `account_cap`.

In a quarrel two who both play safe owe each other nothing, as n(D, D) = 0 where there is no state: measured against
the agreement it would be booked as harm who happens to stand next to whose coin, and a defector be forgiven by luck.

It plays the agreed action while N is at most `credit`, else its safe policy; and the safe policy wherever the worst
that the agreed action can bring would take A below minus the budget. Both numbers are remembered on grids, rounded by
lot. The safe policy books what it gets in expectation over its own mixture.

*What is lost is bounded.* At discount gamma, whatever the other does, the player gets in expectation at least

    V^d(s_0) - budget,

if the budget is a whole number of `account_step`, and its own hand does not slip. For the sum of the e_own that are
booked never falls below -budget (the safe policy has e_own >= 0 in expectation over its mixture, whatever the other
plays; the cap lowers A alone; lots keep the mean); by partial summation the expected sum weighed by gamma^t does not
either, and that is what is had beyond V^d(s_0).

It harms by its safe policy alone: where what is safe harms nobody, as in Chicken, it deters nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simulation.markov_games.conditional.agreement import AGREED_PLAY, AgreedPlay, joint_place
from simulation.markov_games.conditional.cooperator import ConditionalCooperator
from simulation.markov_games.conditional.player import FiniteMemory, Grid, grid_from_to
from theory.arguments import check_fields, checked, place
from theory.checks import FloatArray, IntArray, number_within
from theory.resolution import TIE


@dataclass(frozen=True, kw_only=True)
class StateLedger(ConditionalCooperator):
    """The ledger with state: gradual Tit-for-Tat by harms in value units, contrite, its loss bounded by a budget.

    Credit, what is claimed at most, and the loss budget are those of a `GradualPlayer`.

    Parameters
    ----------
    credit
        Claims up to which nothing is punished, in full harms, at least 0.
    most_claimed
        |N| at most, in full harms, more than the credit.
    loss_budget, account_cap
        What the account may fall and rise to, in ranges of the own rewards of a step; the budget above 0.
    ledger_step, account_step
        Between remembered N and A, in these units.

    Raises
    ------
    ValueError
        If a parameter is not as above.
    """

    credit: float = 1.05
    most_claimed: float = 3.0
    loss_budget: float = 3.0
    account_cap: float = 3.0
    ledger_step: float = 0.25
    account_step: float = 1.0 / 3.0

    def __post_init__(self) -> None:
        check_fields(self)
        number_within("credit", self.credit, 0.0, 1e3)
        number_within("most_claimed", self.most_claimed, self.credit, 1e3)
        number_within("loss_budget", self.loss_budget, 1e-3, 1e3)
        number_within("account_cap", self.account_cap, 0.0, 1e3)
        number_within("ledger_step", self.ledger_step, 1e-2, 1e3)
        number_within("account_step", self.account_step, 1e-2, 1e3)

    @checked(play=AGREED_PLAY, role=place(2))
    def seated(self, play: AgreedPlay, role: int) -> FiniteMemory:
        """Return the player in a role: memory p * (points of A) + q has the p-th N and the q-th A."""
        book = self.book()
        unit = float(np.ptp(play.game.rewards[role]))
        bears = book.account.points[:, None] + worst_of_agreed(play, role) / unit >= -self.loss_budget - TIE
        claims = book.owed.points > self.credit + TIE
        keeps = ~claims[:, None, None] & bears
        policy = np.where(keeps[..., None], play.agreed[role], play.safe[role])
        earned = np.where(keeps[..., None], play.above_security[role], booked_when_safe(play, role)) / unit
        in_quarrel = np.abs(book.owed.points) > self.credit + TIE
        harm = np.where(
            in_quarrel[:, None, None],
            state_harm(play, role, play.above_defence),
            state_harm(play, role, play.gains),
        )
        successors, lots = book.rounded(
            (book.owed.points[:, None, None] + harm)[:, None], book.account.points[:, None, None] + earned
        )
        memories, joint = book.owed.size * book.account.size, harm.shape[1:]
        return FiniteMemory(
            role,
            policy.reshape(memories, *policy.shape[2:]),
            successors.reshape(memories, *joint, 4),
            lots.reshape(memories, *joint, 4),
            book.place(0.0, 0.0),
        )

    def book(self) -> Book:
        """Return the numbers that are remembered."""
        return Book(
            grid_from_to(-self.most_claimed, self.most_claimed, self.ledger_step),
            grid_from_to(-self.loss_budget, self.account_cap, self.account_step),
        )


class Book(NamedTuple):
    """The grids of N and of A."""

    owed: Grid
    account: Grid

    def place(self, ledger: float, account: float) -> int:
        """Return the memory whose N and A are nearest."""
        return self.owed.place_of(ledger) * self.account.size + self.account.place_of(account)

    def rounded(self, ledger: FloatArray, account: FloatArray) -> tuple[IntArray, FloatArray]:
        """Return `[..., 4]` memories and their lots, each number rounded by a lot of its own."""
        p, up = self.owed.rounded(ledger)
        q, right = self.account.rounded(account)
        corners = [(0, 0), (0, 1), (1, 0), (1, 1)]
        places = [(p + i) * self.account.size + q + k for i, k in corners]
        chances = [(up if i else 1.0 - up) * (right if k else 1.0 - right) for i, k in corners]
        return np.stack(places, axis=-1), np.stack(chances, axis=-1)


def state_harm(play: AgreedPlay, role: int, gains: FloatArray) -> FloatArray:
    """Return `[S, J]`: n, in full harms, by `gains[2, S, J]`."""
    return np.asarray(_relative(play, role, gains) / full_harm(play, role))


def full_harm(play: AgreedPlay, role: int) -> float:
    """Return f: the most that the other can do to one who keeps to the agreement, in gains of the agreement a step.

    Raises
    ------
    ValueError
        If it can do nothing.
    """
    most = float(
        np.take_along_axis(_relative(play, role, play.gains), _beside_agreed(play, role), axis=1).max()
    )
    if most <= TIE:
        raise ValueError(
            "a ledger needs a game in which one who keeps to the agreement can be harmed, got none"
        )
    return most


def worst_of_agreed(play: AgreedPlay, role: int) -> FloatArray:
    """Return `[S]`: the surplus over security that the agreed action brings at least, in payoff units, at most 0."""
    surplus = np.take_along_axis(play.above_security[role], _beside_agreed(play, role), axis=1)
    return np.asarray(np.minimum(0.0, surplus.min(axis=1)))


def booked_when_safe(play: AgreedPlay, role: int) -> FloatArray:
    """Return `[S, J]`: the surplus in expectation over the safe mixture, or as it is where a slip played else."""
    n_actions = play.game.game.n_actions
    surplus, mixture = play.above_security[role], play.safe[role]
    own, other = play.game.actions[:, role], play.game.actions[:, 1 - role]
    expected = np.zeros_like(surplus)
    for action in range(n_actions):
        expected += (
            mixture[:, action, None] * surplus[:, joint_place(play, role, np.full_like(other, action), other)]
        )
    return np.asarray(np.where(mixture[:, own] > 0.0, expected, surplus))


def _relative(play: AgreedPlay, role: int, gains: FloatArray) -> FloatArray:
    gain = play.gain_a_step
    return np.asarray(gains[1 - role] / gain[1 - role] - gains[role] / gain[role])


def _beside_agreed(play: AgreedPlay, role: int) -> IntArray:
    """Return `[S, A]`: the joint actions of the agreed action and each of the other's."""
    others = np.arange(play.game.game.n_actions)
    return joint_place(play, role, play.agreed_actions[role][:, None], others[None, :])
