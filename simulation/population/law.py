"""One step of a population on a network: everybody plays a 2x2 game with every neighbour, then adapts.

The game is symmetric, with payoffs R (both cooperate), S (only I do), T (only the other does) and P (nobody does).
An agent's payoff V_i is the mean, or the sum, over its games. Everybody adapts at once, each by its own rule
(`simulation.population.rules`): first those who look at others do, then everybody changes. A learner's reward is its
own payoff + alpha * the partners' payoffs in the games with it + incentive.

Noise flips each action with a probability in [0, 1/2). All see what was carried out, their own actions too; learners
and mirrors know the noise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from simulation.engine.compilation import loop_rule, rule
from simulation.learning.policy_gradient import POLICY_GRADIENT, log_odds
from simulation.learning.rule import LearningRule
from simulation.population.followers import ChangingAll, count_followers, for_followers, in_turn
from simulation.population.planner import improve_planner, offer_incentives, paid_for
from simulation.population.rules.catalogue import POPULATION_RULES
from simulation.population.rules.learner import LEARNER_AGENT, expects, living_by
from simulation.population.rules.rule import Meaning, PopulationRule, means_by_theta
from simulation.population.state import (
    BOTH,
    COOPERATION,
    FOR_COOPERATING,
    FOR_DEFECTING,
    MEAN_PAYOFF,
    ONE,
    OUTLAY,
    TARGETED,
    PopulationConstants,
    PopulationRoom,
    PopulationState,
    PopulationSums,
)
from theory.checks import FloatArray

Law = Callable[[PopulationState, FloatArray, int, PopulationConstants, PopulationRoom, PopulationSums], None]


def rules_with(learning: Sequence[LearningRule], books: Sequence[str] = ()) -> tuple[PopulationRule, ...]:
    """Return all rules of a population: a "learner" lives by the first of some learning rules, others by the rest.

    Of the rules by which agents keep books those are among them that are named.
    """
    learner, *further = (living_by(given, k) for k, given in enumerate(learning))
    others = (of_rule for of_rule in POPULATION_RULES[1:] if not of_rule.by_book or of_rule.name in books)
    return (replace(learner, name=LEARNER_AGENT.name), *others, *further)


@lru_cache(maxsize=64)
def population_law(learning: tuple[LearningRule, ...], books: tuple[str, ...] = ()) -> Law:
    """Return the law of one step, `(state, draws, step, constants, room, record)`, which updates its state.

    `draws` are uniform on [0, 1): `[N]` for actions, `[N]` for those who look at others if there may be any, and
    `[2E]` for what is done to single partners if conduct is by partner and there is noise, or books may be kept.

    Parameters
    ----------
    learning
        By which a "learner" learns, and further learning rules of other agents, `untuned`.
    books
        Names of rules by which agents keep books.
    """
    rules = rules_with(learning, books)
    means, means_towards, decide_all = _means_of(rules), _means_towards_of(rules), _decide_all_of(rules)
    look_all, change_all = _look_all_of(rules), _change_all_of(rules)

    @loop_rule
    def act(
        state: PopulationState, draws: FloatArray, constants: PopulationConstants, room: PopulationRoom
    ) -> None:
        """Write with which chance everybody cooperates, and what is carried out."""
        noise = constants.noise
        for i in range(state.rule.shape[0]):
            chance = noise + (1.0 - 2.0 * noise) * means(state.rule[i], state, i, constants)
            room.chance[i] = room.own_chance[i] = chance
            room.cooperated[i] = 1 if draws[i] < chance else 0
            room.share[i] = room.cooperated[i]

    @rule
    def act_by_partner(
        state: PopulationState, draws: FloatArray, constants: PopulationConstants, room: PopulationRoom
    ) -> None:
        noise = constants.noise
        first_of_partners = draws.shape[0] - constants.neighbours.shape[0]
        for i in range(state.rule.shape[0]):
            start, end = constants.starts[i], constants.starts[i + 1]
            by_partner = constants.slips_by_partner[state.rule[i]] == 1
            meant, done = 0.0, 0.0
            p, chance = 0.0, 0.0
            if not by_partner:
                p = means(state.rule[i], state, i, constants)
            draw = draws[i]
            for e in range(start, end):
                if by_partner:
                    p = means_towards(state.rule[i], state, e, constants)
                # Who treats all alike carries out one action; others slip with each partner on its own.
                if by_partner and constants.draws_by_partner:
                    draw = draws[first_of_partners + e]
                meant += p
                chance = noise + (1.0 - 2.0 * noise) * p
                room.chance[e] = chance
                room.cooperated[e] = 1 if draw < chance else 0
                done += room.cooperated[e]
            if by_partner:
                state.memory[0, i] = log_odds(meant / (end - start))
            room.own_chance[i] = chance
            room.share[i] = done / (end - start)

    @rule
    def population_step(
        state: PopulationState,
        draws: FloatArray,
        step: int,
        constants: PopulationConstants,
        room: PopulationRoom,
        record: PopulationSums,
    ) -> None:
        """Play and adapt once."""
        planning = step < constants.planned_steps
        if constants.by_partner:
            act_by_partner(state, draws, constants, room)
        else:
            decide_all(state, constants, room, record)
            act(state, draws, constants, room)
        offer_incentives(state, planning, constants, room)
        _play(state, planning, constants, room, record)
        if planning:
            improve_planner(state, constants, room)
        look_all(state, draws, constants, room, record)
        change_all(state, constants, room, record)

    population_step.__qualname__ = "population_step"  # by which datasets name it
    return population_step


def _means_of(rules: tuple[PopulationRule, ...]) -> Any:
    """Return how agents of all rules mean to act."""

    @rule
    def by_theta(which: int, state: PopulationState, i: int, constants: PopulationConstants) -> float:
        return means_by_theta(state, i, constants)

    means: Any = by_theta
    for k, of_rule in enumerate(rules):
        if of_rule.means is not means_by_theta:
            means = _if_followed(k, of_rule.means, means)
    return means


def _means_towards_of(rules: tuple[PopulationRule, ...]) -> Any:
    """Return the same for those rules that treat each partner on its own."""

    @rule
    def of_nobody(which: int, state: PopulationState, place: int, constants: PopulationConstants) -> float:
        return 0.0

    means: Any = of_nobody
    for k, of_rule in enumerate(rules):
        if of_rule.means_towards is not None:
            means = _if_followed(k, of_rule.means_towards, means)
    return means


def _if_followed(rule_number: int, means: Meaning, otherwise: Any) -> Any:
    @rule
    def of_all(which: int, state: PopulationState, place: int, constants: PopulationConstants) -> float:
        if which == rule_number:
            return means(state, place, constants)
        meant: float = otherwise(which, state, place, constants)
        return meant

    return of_all


def _decide_all_of(rules: tuple[PopulationRule, ...]) -> ChangingAll:
    """Return how all agents set the theta by which they act."""
    parts = []
    for k, of_rule in enumerate(rules):
        if of_rule.decides is not None:
            parts += [count_followers(k), for_followers(k, of_rule.decides)]
    return in_turn(parts)


def _change_all_of(rules: tuple[PopulationRule, ...]) -> ChangingAll:
    """Return how all agents change."""
    parts = []
    for k, of_rule in enumerate(rules):
        # On its own, since a loop over partners keeps the loop over learners from being vectorised.
        parts += [for_followers(k, expects)] if of_rule.expects else []
        parts += [for_followers(k, of_rule.changes)]
    return in_turn(parts)


def _look_all_of(rules: tuple[PopulationRule, ...], first: int = 0) -> Any:
    """Return how all agents look at others."""
    if not rules:
        return _nobody_looks
    others, looks = _look_all_of(rules[1:], first + 1), rules[0].looks
    if looks is None:
        return others

    @rule
    def look_all(
        state: PopulationState,
        draws: FloatArray,
        constants: PopulationConstants,
        room: PopulationRoom,
        record: PopulationSums,
    ) -> None:
        agents = state.rule.shape[0]
        if record.by_rule[first, 0] > 0.0:
            for i in range(agents):
                if state.rule[i] == first:
                    looks(state, draws[agents + i], i, constants, room)
        others(state, draws, constants, room, record)

    return look_all


@rule
def _nobody_looks(
    state: PopulationState,
    draws: FloatArray,
    constants: PopulationConstants,
    room: PopulationRoom,
    record: PopulationSums,
) -> None:
    """Look at nobody."""


@rule
def _play(
    state: PopulationState,
    planning: bool,
    constants: PopulationConstants,
    room: PopulationRoom,
    record: PopulationSums,
) -> None:
    """Write payoffs, incentives and rewards; sum up."""
    agents = state.rule.shape[0]
    r, s, t, p = constants.reward, constants.sucker, constants.temptation, constants.punishment
    for_c, for_d = paid_for(room, 1.0), paid_for(room, 0.0)
    cooperation, payoffs, outlay, targeted, both, one = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    record.by_rule[:, :] = 0.0
    for i in range(agents):
        partners = constants.partners[i]
        weight = constants.weights[i]
        cc, cd, dc, dd = _count_outcomes(i, partners, constants, room)
        share = room.share[i]
        pays = planning and room.targeted[i] == 1
        incentive = 0.0
        if pays:
            incentive = paid_for(room, share)
            # A mirror may be rewarded for some of its actions and taxed for others.
            outlay += share * abs(for_c) + (1.0 - share) * abs(for_d)
            targeted += 1.0
        payoff = weight * (cc * r + cd * s + dc * t + dd * p)
        room.payoff[i] = payoff
        room.incentive[i] = incentive
        others = weight * (cc * r + cd * t + dc * s + dd * p)
        room.reward[i] = payoff + state.alpha[i] * others + incentive
        room.seen[i] = cc + dc
        which = state.rule[i]
        state.mixed[i] = 1 if 0.0 < 2.0 * cc + cd + dc < 2.0 * partners else 0
        record.by_rule[which, 0] += 1.0
        record.by_rule[which, 1] += share
        record.by_rule[which, 2] += payoff
        record.by_rule[which, 3] += state.alpha[i]
        cooperation += share
        payoffs += payoff
        both += cc
        one += cd + dc
    edges = float(constants.neighbours.shape[0])
    record.summary[COOPERATION] = cooperation / agents
    record.summary[MEAN_PAYOFF] = payoffs / agents
    record.summary[OUTLAY] = outlay / agents
    record.summary[TARGETED] = targeted / agents
    record.summary[BOTH] = both / edges
    record.summary[ONE] = one / edges
    record.summary[FOR_COOPERATING] = for_c
    record.summary[FOR_DEFECTING] = for_d
    state.paid[0] += outlay


@rule
def _count_outcomes(
    i: int, partners: float, constants: PopulationConstants, room: PopulationRoom
) -> tuple[float, float, float, float]:
    """Return the numbers of partners with whom the outcome was CC, CD, DC and DD, own action first."""
    start, end = constants.starts[i], constants.starts[i + 1]
    if not constants.by_partner:
        seen = 0.0
        for e in range(start, end):
            seen += room.cooperated[constants.seen[e]]
        # Products, not branches, which a processor would mispredict.
        c, d = float(room.cooperated[i]), float(1 - room.cooperated[i])
        return c * seen, c * (partners - seen), d * seen, d * (partners - seen)
    cc, cd, dc = 0.0, 0.0, 0.0
    for e in range(start, end):
        own, other = room.cooperated[e], room.cooperated[constants.seen[e]]
        cc += own * other
        cd += own * (1 - other)
        dc += (1 - own) * other
    return cc, cd, dc, partners - cc - cd - dc


# The law of populations whose learners climb the sampled policy gradient.
population_step = population_law((POLICY_GRADIENT.untuned,))
