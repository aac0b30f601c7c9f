"""One round of two players of duels under a planner, as a law: what is left when it goes?

1. The planner, while it is on, announces its incentives for each outcome (the layer of thesis section 4.2).
2. Each player chooses by its own rule, which knows nothing of planners. One who is *informed* reads what is
   announced: a literal mirror replies in the game *in force*, where it maximises V_own + its own incentive +
   alpha V_other; whoever else goes by rules plays C where the game in force makes that worth it whatever the other
   does, and else what the rule says; a learner goes on learning. With the probability of noise the other action is
   played instead.
3. The planner pays, watches the actions, and improves its layer as it does with learners (Eq. 4.7). It does
   not know what its players are: its model of them is Eq. 4.6, from the actions seen.
4. Each player learns from both actions and from what it got, payoff and incentive together. A literal mirror updates
   its belief about the other's cooperativeness (Eq. 5.1) and mirrors it.

An informed literal mirror needs in step 4 a view of *why* the other cooperated. One who attributes actions to
**character** explains them by the original game: whoever cooperates there is cooperative. One who attributes them to
**incentives** explains them by the game in force, in which cooperation that is paid for says nothing.

The law is made of the rules of a list of players, as that of duels is, and asks those at a player's place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.engine.compilation import rare_rule, rule
from simulation.gradual.law import RULES, at_place, cooperation_level, drawn_again, law_between, slip
from simulation.gradual.players import LiteralMirror
from simulation.gradual.players.rule_learner import RuleLearner
from simulation.gradual.policies import policy_index
from simulation.gradual.seat import Asked, Choose, DuelPlayer, Learn, Mind, Played, Seat
from simulation.mechanism_design.law import Constants
from simulation.planner.observation import set_average_incentives
from simulation.planner.planning import plan
from simulation.planner.state import Planning, Round, State, Workspace, new_round
from theory.checks import BoolArray, FloatArray, IntArray
from theory.resolution import SHARE

choose_as_mirror = LiteralMirror.choose

# Uniform draws of a round: two actions' ties, two for seeing them, two for a stochastic planner, and for each
# player whether it slips and where to. Given whether it slips, the draw for that is uniform again on its part of
# [0, 1): it decides where a player explores or probes.
DRAWS = 10


class Handover(NamedTuple):
    """What stays fixed."""

    payoffs: FloatArray
    """`[2, 2, 2]`: player, row action, column action; action 0 is C."""
    planning: Planning
    planned_rounds: int
    """In how many first rounds the planner acts."""
    noise: float
    places: IntArray
    """`[2]`: of the players' rules among those that the law was made for."""
    earlier: int
    """How many rounds the players take to have been played before the first."""
    informed: BoolArray
    """`[2]`: whether a player goes by what is announced."""
    mirrors: BoolArray
    """`[2]`: whether it is a literal mirror."""
    tremble: FloatArray
    """`[2]`: floor of the likelihoods of literal mirrors (see `simulation.gradual.beliefs`)."""
    by_incentives: bool
    """Whether literal mirrors attribute actions to the incentives in force, or to character."""
    burn_in: int
    """From which round on outcomes are counted."""


class HandoverState(NamedTuple):
    """What is carried from round to round."""

    guide: State
    """The planner's, as in mechanism design; what it says of learners stays as it is."""
    first: Mind
    second: Mind
    last: IntArray
    """`[2]`: the actions played last."""
    counts: FloatArray
    """`[4]`: how often CC, CD, DC, DD were played in the rounds that are counted."""

    @property
    def planner(self) -> FloatArray:
        """The planner's layer."""
        return self.guide.planner

    @property
    def paid(self) -> FloatArray:
        """`[2]`: absolute additional rewards so far."""
        return self.guide.paid

    @property
    def clock(self) -> FloatArray:
        """`[2]`: rounds played, and the round in which the planner retired (-1: it has not)."""
        return self.guide.clock


class HandoverRoom(NamedTuple):
    """Room for intermediate results, so that a round allocates nothing."""

    first: Seat
    """The players' tables: what is written of policies in force and of likelihoods holds for one round."""
    second: Seat
    table: FloatArray
    """`[2, 2, 2]`: incentives announced, by player, own action and the other's."""
    workspace: Workspace


class HandoverRound(NamedTuple):
    """The record of one round, written anew by the law; `[2]` each."""

    planned: Round
    action: NDArray[np.int8]
    level: FloatArray
    alpha: FloatArray
    """With which the round was played; NaN for players who have none, like the following."""
    estimate: FloatArray
    """beta_hat after the round."""
    deviation: FloatArray
    """Standard deviation of the belief after the round."""


def new_handover_round() -> HandoverRound:
    """Return an empty record."""
    return HandoverRound(new_round(), np.zeros(2, np.int8), *(np.zeros(2) for _ in range(4)))


@rule
def cooperation_in_force(
    own: FloatArray, other: FloatArray, incentive_c: float, incentive_d: float, weight: float, last: int
) -> float:
    """Return P(C) of the best reply to action `last`: 1, 0, or 1/2 where C and D are equally good up to rounding.

    `own[2, 2]` and `other[2, 2]` are payoffs by the player's own action and the other's; the incentives are
    the player's own, for C and for D in reply to `last`; `weight` is its cooperativeness.
    """
    return _reply(
        own[0, last], incentive_c, weight * other[0, last], own[1, last], incentive_d, weight * other[1, last]
    )


@rule
def _reply(c: float, incentive_c: float, care_c: float, d: float, incentive_d: float, care_d: float) -> float:
    """Return P(C) of who gets these payoffs and incentives for C and D, and cares so much for the other's."""
    more = (c + incentive_c + care_c) - (d + incentive_d + care_d)
    added = abs(c) + abs(incentive_c) + abs(care_c) + abs(d) + abs(incentive_d) + abs(care_d)
    if abs(more) <= SHARE * added:
        return 0.5
    return 1.0 if more > 0.0 else 0.0


@rule
def set_incentive_table(
    table: FloatArray, planning: bool, state: State, handover: Handover | Constants, workspace: Workspace
) -> None:
    """Write `table[player, own action, other's action]`: what the planner announces, 0 while it is off.

    It announces what it pays on average for an outcome, over what it may see of it and what it may draw.
    """
    average = workspace.by_output
    for row in range(2):
        for column in range(2):
            if planning:
                set_average_incentives(
                    state.planner,
                    handover.payoffs,
                    handover.planning,
                    1.0 - row,
                    1.0 - column,
                    workspace.at,
                    average,
                )
            table[0, row, column] = average[0] if planning else 0.0
            table[1, column, row] = average[1] if planning else 0.0


@rule
def set_policy_in_force(seat: Seat, alpha: float, last: int, incentive: FloatArray) -> float:
    """Write the policy with which a player replies to `last`, and return its P(C)."""
    index = policy_index(seat.weights, alpha)
    p = cooperation_in_force(
        seat.own_payoffs,
        seat.other_payoffs,
        incentive[0, last],
        incentive[1, last],
        seat.weights[index],
        last,
    )
    seat.cumulative[index, last, 0] = p
    seat.cumulative[index, last, 1] = 1.0
    return p


@rule
def set_likelihood(seat: Seat, own_before: int, action: int, incentive: FloatArray, tremble: float) -> None:
    """Write P(the other plays `action` in reply to `own_before`) for each cooperativeness of the other.

    `incentive[2, 2]` are those of the *other*, by its own action and the player's.
    """
    likelihood = seat.likelihood[own_before, action]
    for k in range(likelihood.shape[0]):
        p = _reply(
            seat.other_payoffs[own_before, 0],
            incentive[0, own_before],
            seat.grid[k] * seat.own_payoffs[own_before, 0],
            seat.other_payoffs[own_before, 1],
            incentive[1, own_before],
            seat.grid[k] * seat.own_payoffs[own_before, 1],
        )
        chance = p if action == 0 else 1.0 - p
        likelihood[k] = (1.0 - tremble) * chance + 0.5 * tremble


class Told(NamedTuple):
    """What the incentives are to a player."""

    informed: bool
    """Whether it goes by what is announced."""
    planning: bool
    """Whether anything is."""
    own: FloatArray
    """`[2, 2]`: the own incentive by own action and the other's."""
    other: FloatArray
    """`[2, 2]`: the other's, by its own action and the player's."""
    tremble: float
    by_incentives: bool


class AskedUnder(NamedTuple):
    """What a player knows when it is asked for an action under a planner."""

    asked: Asked
    told: Told


class PlayedUnder(NamedTuple):
    """What a player knows of a round under a planner; its payoff is what it got, incentive included."""

    played: Played
    told: Told


@rule
def cooperation_pays(payoffs: FloatArray, incentive: FloatArray) -> bool:
    """Return whether C is at least as good as D in the game in force whatever the other does, and once better.

    Both are `[2, 2]`, by own action and the other's.
    """
    against_c = payoffs[0, 0] + incentive[0, 0] - payoffs[1, 0] - incentive[1, 0]
    against_d = payoffs[0, 1] + incentive[0, 1] - payoffs[1, 1] - incentive[1, 1]
    return bool(min(against_c, against_d) >= 0.0 and max(against_c, against_d) > 0.0)


def handover_law(chooses: Sequence[Choose], learns: Sequence[Learn]) -> Callable[..., None]:
    """Return the law for players whose rules are among these, `chooses[place]` and `learns[place]`."""
    # Around all rules at once: around each by itself, compiling takes a tenth longer.
    rule_chooses, rule_learns = at_place(chooses), at_place(learns)
    mirror = chooses.index(choose_as_mirror) if choose_as_mirror in chooses else -1

    @rare_rule
    def choose(place: int, seat: Seat, mind: Mind, under: AskedUnder) -> int:
        told = under.told
        if place == mirror and told.informed:
            set_policy_in_force(seat, mind.alpha[0], under.asked.other, told.own)
        action: int = rule_chooses(place, seat, mind, under.asked)
        worth_it = told.informed and told.planning and cooperation_pays(seat.own_payoffs, told.own)
        return 0 if worth_it and place != mirror else action

    @rare_rule
    def learn(place: int, seat: Seat, mind: Mind, under: PlayedUnder) -> None:
        told, played = under.told, under.played
        if place == mirror and told.informed and told.by_incentives:
            set_likelihood(seat, played.own_before, played.other, told.other, told.tremble)
        rule_learns(place, seat, mind, played)

    @rule
    def handover_round(
        state: HandoverState,
        draws: FloatArray,
        turn: int,
        handover: Handover,
        room: HandoverRoom,
        record: HandoverRound,
    ) -> None:
        guide, one, two, last = state.guide, state.first, state.second, state.last
        table, planned, places, noise = room.table, record.planned, handover.places, handover.noise
        theirs = turn + handover.earlier
        planning = turn < handover.planned_rounds and guide.clock[1] < 0.0
        set_incentive_table(table, planning, guide, handover, room.workspace)
        record.alpha[0] = one.alpha[0]
        record.alpha[1] = two.alpha[0]
        asked = Asked(last[1], theirs, draws[0], drawn_again(draws[6], noise))
        told = _told(handover, planning, table, 0)
        first = choose(places[0], room.first, one, AskedUnder(asked, told))
        planned.cooperation_probability[0] = _intended(room.first, one, handover.mirrors[0], first, last[1])
        asked = Asked(last[0], theirs, draws[1], drawn_again(draws[8], noise))
        told = _told(handover, planning, table, 1)
        second = choose(places[1], room.second, two, AskedUnder(asked, told))
        planned.cooperation_probability[1] = _intended(room.second, two, handover.mirrors[1], second, last[0])
        first = slip(first, 2, noise, draws[6], draws[7])
        second = slip(second, 2, noise, draws[8], draws[9])
        planned.cooperated[0] = 1.0 - first
        planned.cooperated[1] = 1.0 - second
        for i in range(2):
            planned.payoff[i] = handover.payoffs[i, first, second]
            planned.additional_reward[i] = 0.0
        if planning:
            plan(guide, draws, handover.payoffs, handover.planning, room.workspace, planned)
        guide.clock[0] += 1.0
        got = planned.payoff[0] + planned.additional_reward[0]
        told = _told(handover, planning, table, 0)
        learn(places[0], room.first, one, PlayedUnder(Played(last[0], first, second, got, theirs), told))
        got = planned.payoff[1] + planned.additional_reward[1]
        told = _told(handover, planning, table, 1)
        learn(places[1], room.second, two, PlayedUnder(Played(last[1], second, first, got, theirs), told))
        last[0] = first
        last[1] = second
        record.action[0] = first
        record.action[1] = second
        record.level[0] = cooperation_level(first, 2)
        record.level[1] = cooperation_level(second, 2)
        record.estimate[0] = one.estimate[0]
        record.estimate[1] = two.estimate[0]
        record.deviation[0] = one.deviation[0]
        record.deviation[1] = two.deviation[0]
        if turn >= handover.burn_in:
            state.counts[2 * first + second] += 1.0

    return handover_round


@rule
def _told(handover: Handover, planning: bool, table: FloatArray, player: int) -> Told:
    return Told(
        handover.informed[player],
        planning,
        table[player],
        table[1 - player],
        handover.tremble[player],
        handover.by_incentives,
    )


@rule
def _intended(seat: Seat, mind: Mind, is_mirror: bool, chosen: int, last: int) -> float:
    """Return P(C) of a literal mirror's policy in reply to `last`; of others what they chose, 1 for C and 0 for D."""
    if is_mirror:
        return float(seat.cumulative[policy_index(seat.weights, mind.alpha[0]), last, 0])
    return 1.0 if chosen == 0 else 0.0


# Of all players of the project, and of those who live by its policy gradient: one law serves them, compiled once.
_WITH_GRADIENT = (*RULES, (RuleLearner().choose, RuleLearner().learn))
handover_round = handover_law(*zip(*_WITH_GRADIENT, strict=True))
handover_round.__qualname__ = "handover_round"  # as which it can be pickled


def handover_law_between(
    first: DuelPlayer, second: DuelPlayer
) -> tuple[Callable[..., None], tuple[int, int]]:
    """Return the law of a handover to two players, and the places of both in it."""
    return law_between(first, second, make=handover_law, usual=handover_round, rules=_WITH_GRADIENT)


def new_table() -> FloatArray:
    """Return room for the incentives announced in a round."""
    return np.zeros((2, 2, 2))
