r"""Binary conditional cooperators: they switch between one cooperative policy and full defection.

- *Approximate Markov Tit-for-Tat* (Lerer & Peysakhovich 2017, "Maintaining cooperation in complex social
  dilemmas using deep reinforcement learning"): a debit sums what the other gained by not playing its
  cooperative policy. When it exceeds a threshold, the player defects for the least number of rounds that
  costs the other at least `factor` times the debit, and the debit is cleared.
- *Consequentialist conditional cooperation* (Peysakhovich & Lerer 2018, "Consequentialist conditional
  cooperation in social dilemmas with imperfect information"): cooperate while the average reward is at least
  (1 - a) V(C, D) + a V(C, C), defect while it is below.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from simulation.engine.compilation import rule
from simulation.gradual.policies import Form, fair_actions, form_name, named_disagreement, own_and_other
from simulation.gradual.reward_inversion import average_reward
from simulation.gradual.seat import seat_at
from simulation.gradual.state import (
    ACCOUNT,
    AVERAGE_REWARD,
    BINARY,
    CONSEQUENTIALIST,
    COUNTER,
    Mind,
    Player,
)
from theory import Game
from theory.arguments import check_fields, checked, optional, place
from theory.checks import finite_number, number_within
from theory.games.checks import two_player_game

# Positions of the tunables.
DEBIT_LIMIT, FACTOR, FAIR_OWN, FAIR_OTHER = range(4)
REQUIRED_AVERAGE, RATE = range(2)


@dataclass(frozen=True, kw_only=True)
class BinaryTitForTat:
    """Switch between fair cooperation and full defection by the other's debit (Lerer & Peysakhovich 2017)."""

    debit_limit: float = 0.5
    """A punishment starts when the debit exceeds this share, >= 0, of the gain from full defection."""
    factor: float = 2.0
    """A punishment costs the other at least so many times its debit; positive."""
    form: Form | None = None
    """The notion of fairness whose best outcome is the cooperative policy; None: full cooperation of both."""
    disagreement: str = "security"
    """Disagreement point of the forms with gains."""

    def __post_init__(self) -> None:
        check_fields(self)
        optional(form_name)("form", self.form)
        named_disagreement("disagreement", self.disagreement)
        number_within("debit_limit", self.debit_limit, 0.0, math.inf)
        if finite_number("factor", self.factor) <= 0.0:
            raise ValueError(f"factor must be positive, got {self.factor}")

    @checked(game=two_player_game, role=place(2))
    def seat(self, game: Game, role: int) -> Player:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        own, other = 0, 0
        if self.form is not None:
            own, other = fair_actions(game, role, form=self.form, disagreement=self.disagreement)
        theirs = own_and_other(game, role)[1]  # rows are the other's actions
        gain = max(0.0, float(theirs[-1, own] - theirs[other, own]))
        return seat_at(game, role, BINARY, (self.debit_limit * gain, self.factor, float(own), float(other)))


@dataclass(frozen=True, kw_only=True)
class ConsequentialistCooperator:
    """Cooperate fully while one's average reward is as cooperation promises (Peysakhovich & Lerer 2018)."""

    share: float = 0.5
    """a in [0, 1]: the average required is (1 - a) V(C, D) + a V(C, C)."""
    rate: float = 0.05
    """Weight in (0, 1] of the newest reward in the average."""

    def __post_init__(self) -> None:
        check_fields(self)
        number_within("share", self.share, 0.0, 1.0)
        if not 0.0 < finite_number("rate", self.rate) <= 1.0:
            raise ValueError(f"rate must lie in (0, 1], got {self.rate}")

    @checked(game=two_player_game, role=place(2))
    def seat(self, game: Game, role: int) -> Player:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        mine = own_and_other(game, role)[0]
        required = (1.0 - self.share) * mine[-1, 0] + self.share * mine[0, 0]
        return seat_at(game, role, CONSEQUENTIALIST, (float(required), self.rate))


@rule
def play_binary(player: Player, mind: Mind) -> int:
    """Defect during a punishment, else play the own part of what is fair."""
    return player.own_payoffs.shape[0] - 1 if mind.numbers[COUNTER] > 0.0 else int(player.tunables[FAIR_OWN])


@rule
def learn_binary(player: Player, mind: Mind, own: int, other: int) -> None:
    """Count down a punishment, or book what the other gained and perhaps start one."""
    numbers = mind.numbers
    if numbers[COUNTER] > 0.0:
        numbers[COUNTER] -= 1.0
        return
    theirs = player.other_payoffs
    fair_own, fair_other = int(player.tunables[FAIR_OWN]), int(player.tunables[FAIR_OTHER])
    numbers[ACCOUNT] += max(0.0, theirs[own, other] - theirs[own, fair_other])
    if numbers[ACCOUNT] > player.tunables[DEBIT_LIMIT]:
        last_own = theirs.shape[0] - 1
        last_other = theirs.shape[1] - 1
        a_round = theirs[fair_own, fair_other] - theirs[last_own, last_other]
        # Where mutual defection does not hurt the other nothing punishes it: one round, as a sign.
        rounds = math.ceil(player.tunables[FACTOR] * numbers[ACCOUNT] / a_round) if a_round > 0.0 else 1
        numbers[COUNTER] = float(max(1, rounds))
        numbers[ACCOUNT] = 0.0


@rule
def play_consequentialist(player: Player, mind: Mind, first: bool) -> int:
    """Cooperate fully while the average reward is what it should be."""
    enough = first or mind.numbers[AVERAGE_REWARD] >= player.tunables[REQUIRED_AVERAGE]
    return 0 if enough else player.own_payoffs.shape[0] - 1


@rule
def learn_consequentialist(player: Player, mind: Mind, payoff: float, first: bool) -> None:
    """Average the reward."""
    mind.numbers[AVERAGE_REWARD] = average_reward(
        mind.numbers[AVERAGE_REWARD], payoff, player.tunables[RATE], first
    )
