r"""Mirroring by thresholds that can climb out of mutual defection and stays safe: probing on account.

In a matrix dilemma cooperativeness shows only as C or D, and no rule that looks one action back can both
leave mutual defection and be safe from a defector (`theory.altruism.action_mirror`). This one can, by keeping an
*account* of what it received over its security level v:

    A_0 = 0,    A_t = min(cap, A_{t-1} + r_t - v).

It mirrors the other's last action, cooperating if that was cooperative. If it was not, it *probes* with
a small probability: it cooperates twice, once to be seen and once to meet the answer. But it cooperates
only where even the worst answer w = min over y of V(C, y) keeps the account above minus the budget,

    A_{t-1} + w - v >= -budget,

and plays D otherwise, which must be a maxmin action: V(D, y) >= v for every y.

**Bound.** Against every opponent and at every time T the total loss below the security level, the sum over
t <= T of v - r_t, is at most the budget; over any stretch of rounds at most the budget plus the cap.
*Proof.* If C is played, A_{t-1} + r_t - v >= A_{t-1} + w - v >= -budget; if D is played, r_t >= v, so that
A_{t-1} + r_t - v >= A_{t-1}. By induction A_t >= -budget always (cap >= 0). Without the cap A_T is minus
the total loss; the cap only lowers A_T, so the loss from the start is at most -A_T <= budget. A stretch
that starts with account A_s <= cap loses at most A_s - A_T <= cap + budget. QED. (Slips of one's own
hand are outside the rule: each adds at most v minus the smallest payoff.)

**In graded play** (`LiteralMirror.probe_probability`) the account, in units of the own payoff range, is
kept in the same way, but stands above the probes alone: the mirror replies as its estimate says. Where
its reply and the other's last level are both below 1/2, it may start a probe. By the same induction the total
loss *up to and including any probe*, mirroring included, is at most the budget: so probes can never be what
a player is ruined by. With `probe_in_doubt` the probability is multiplied by how unsure the belief still is: a
mirror that has seen level 0 again and again knows a defector and all but stops probing, while in a Stag Hunt, where
actions tell nothing, it goes on.

**Escape.** Two such players with empty accounts and budget >= 2 (v - w) leave mutual defection at the first
probe, if nothing slips: the probe is mirrored in the next round, in which the prober cooperates too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from simulation.engine.compilation import rule
from simulation.gradual.policies import own_and_other
from simulation.gradual.seat import (
    Asked,
    DuelPlayer,
    Mind,
    Played,
    Seat,
    is_cooperative,
    reading,
    seat_at,
    viewing,
)
from theory import Game, security_levels
from theory.arguments import check_fields, checked, place
from theory.checks import FloatArray, number_within
from theory.deprecation import renamed_fields
from theory.games.checks import two_player_game
from theory.resolution import TIE


class Numbers(NamedTuple):
    """What the rules go by."""

    budget: float
    cap: float
    probability: float
    security: float
    """The own security level."""
    worst: float
    """The least payoff of C."""


class Memory(NamedTuple):
    """What is remembered."""

    account: FloatArray
    is_probing: FloatArray


numbers, memory = reading(Numbers), viewing(Memory)


@rule
def is_affordable(account: float, worst: float, security: float, budget: float) -> bool:
    """Return whether even the worst answer keeps the account above minus the budget."""
    return account + worst - security >= -budget - TIE


@rule
def booked(account: float, payoff: float, security: float, cap: float) -> float:
    """Return the account after a round."""
    return min(cap, account + payoff - security)


@renamed_fields(budget="probe_budget", cap="probe_cap", probability="probe_probability")
@dataclass(frozen=True, kw_only=True)
class ProbingMirror(DuelPlayer):
    """Mirror C and D, probe out of mutual defection, and never lose more than a budget (see this module's text)."""

    Memory: ClassVar = Memory

    probe_budget: float = 4.0
    """Total loss below the security level that is accepted, in payoff units, at least 0."""
    probe_cap: float = 20.0
    """The most that the account holds, in payoff units, at least 0."""
    probe_probability: float = 0.1
    """Of a probe in a round in which the other has just defected, in [0, 1]."""

    def __post_init__(self) -> None:
        check_fields(self)
        number_within("probe_budget", self.probe_budget, 0.0, math.inf)
        number_within("probe_cap", self.probe_cap, 0.0, math.inf)
        number_within("probe_probability", self.probe_probability, 0.0, 1.0)

    @checked(game=two_player_game, role=place(2))
    def seat(self, game: Game, role: int) -> Seat:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        mine = own_and_other(game, role)[0]
        security = float(security_levels(game)[role])
        defection = float(mine[:, -1].min())
        if defection < security - 1e-9 * float(game.payoff_range[role]):
            raise ValueError(
                "probing on account needs a game in which defection secures the security level "
                f"{security:g}, got {defection:g}"
            )
        worst = float(mine[:, 0].min())
        own = Numbers(self.probe_budget, self.probe_cap, self.probe_probability, security, worst)
        return seat_at(game, role, own)

    @staticmethod
    @rule
    def choose(seat: Seat, mind: Mind, asked: Asked) -> int:
        """Mirror the other's last action, probe now and then, and cooperate only on account."""
        own, remembered = numbers(seat.numbers), memory(mind.memory)
        defect = seat.own_payoffs.shape[0] - 1
        probing = remembered.is_probing[0] > 0.0
        mirroring = asked.turn == 0 or is_cooperative(asked.other, seat.own_payoffs.shape[1])
        starting = not probing and not mirroring and asked.extra < own.probability
        remembered.is_probing[0] = 1.0 if starting else 0.0
        affordable = is_affordable(remembered.account[0], own.worst, own.security, own.budget)
        return 0 if affordable and (probing or mirroring or starting) else defect

    @staticmethod
    @rule
    def learn(seat: Seat, mind: Mind, played: Played) -> None:
        """Book the payoff."""
        own, account = numbers(seat.numbers), memory(mind.memory).account
        account[0] = booked(account[0], played.payoff, own.security, own.cap)
