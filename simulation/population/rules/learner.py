"""Learners: agents of a population who live by a learning rule, the project's own or anybody's.

A learner treats all partners alike, so that what it did is one action. Its payoff is the mean or the sum over its
games, and what C would have gained it is known from the chances with which its partners cooperated.
"""

from __future__ import annotations

import math
from dataclasses import replace

from simulation.engine.compilation import is_own, rule
from simulation.learning.policy_gradient import POLICY_GRADIENT, cooperation_by_theta, score_with_noise
from simulation.learning.rule import Experience, LearningRule
from simulation.population.planner import paid_for
from simulation.population.rules.pairwise import gain_of_partner, own_gain
from simulation.population.rules.rule import Meaning, PopulationRule, means_by_theta
from simulation.population.state import PopulationConstants, PopulationRoom, PopulationState


@rule
def expects(state: PopulationState, i: int, constants: PopulationConstants, room: PopulationRoom) -> None:
    """Write what cooperating adds to agent i's expected reward, given with which chances its partners cooperate."""
    start, end = constants.starts[i], constants.starts[i + 1]
    own, others = 0.0, 0.0
    for e in range(start, end):
        q = room.chance[constants.seen[e]]
        own += own_gain(q, constants)
        others += gain_of_partner(q, constants)
    extra = paid_for(room, 1.0) - paid_for(room, 0.0) if room.targeted[i] == 1 else 0.0
    room.gain[i] = constants.weights[i] * (own + state.alpha[i] * others) + extra


@rule
def _experience(i: int, constants: PopulationConstants, room: PopulationRoom) -> Experience:
    return Experience(
        cooperated=room.share[i],
        cooperation_probability=room.own_chance[i],
        noise=constants.noise,
        score=score_with_noise(room.share[i], room.own_chance[i], constants.noise),
        reward=room.reward[i],
        expected_gain=room.gain[i],
        others_cooperated=room.seen[i] / constants.partners[i],
    )


def living_by(given: LearningRule, place: int) -> PopulationRule:
    """Return the rule of agents who live by a learning rule, whose tunables stand at `place` among all."""
    learn, numbers = given.learn, len(given.memory)

    @rule
    def changes(state: PopulationState, i: int, constants: PopulationConstants, room: PopulationRoom) -> None:
        experience = _experience(i, constants, room)
        learn(state.memory[:numbers, i], constants.tunables[place], experience)

    living = PopulationRule(
        name=given.name,
        means=_meaning_of(given, place),
        changes=changes,
        has_theta=given.policy_parameter is not None,
        learns=True,
        expects=given.expects,
    )
    return living if is_own(given.cooperation) else _held_to_probabilities(living)


def _meaning_of(given: LearningRule, place: int) -> Meaning:
    cooperation, numbers = given.cooperation, len(given.memory)
    # Rules that mean to cooperate by the same function are not told apart where agents act.
    if cooperation is cooperation_by_theta:
        return means_by_theta

    @rule
    def means(state: PopulationState, i: int, constants: PopulationConstants) -> float:
        return cooperation(state.memory[:numbers, i], constants.tunables[place])

    return means


def _held_to_probabilities(living: PopulationRule) -> PopulationRule:
    """Return the same for a rule of somebody else's, which may give what is no probability.

    Its agent's alpha, which nothing else changes, is NaN then, which ends the run, and its memory stays as it was.
    """
    means, changes = living.means, living.changes

    @rule
    def means_held(state: PopulationState, i: int, constants: PopulationConstants) -> float:
        p: float = means(state, i, constants)
        if 0.0 <= p <= 1.0:
            return p
        state.alpha[i] = math.nan
        return 0.0

    @rule
    def changes_held(
        state: PopulationState, i: int, constants: PopulationConstants, room: PopulationRoom
    ) -> None:
        if state.alpha[i] == state.alpha[i]:
            changes(state, i, constants, room)

    return replace(living, means=means_held, changes=changes_held)


LEARNER_AGENT = replace(living_by(POLICY_GRADIENT, 0), name="learner")
