"""Learners: agents of a population who live by a learning rule, the project's own or anybody's.

A learner treats all partners alike, so that what it did is one action. Its payoff is the mean or the sum over its
games, and what C would have gained it is known from the chances with which its partners cooperated.
"""

from __future__ import annotations

from dataclasses import replace

from simulation.engine.compilation import rule
from simulation.learning.policy_gradient import POLICY_GRADIENT
from simulation.learning.rule import Experience, LearningRule
from simulation.population.planner import paid_for
from simulation.population.rules.pairwise import gain_of_partner, own_gain
from simulation.population.rules.rule import PopulationRule
from simulation.population.state import PopulationConstants, PopulationRoom, PopulationState


@rule
def expected_gain_of(
    state: PopulationState, i: int, constants: PopulationConstants, room: PopulationRoom
) -> float:
    """Return what cooperating adds to agent i's expected reward, given with which chances its partners cooperate."""
    start, end = constants.starts[i], constants.starts[i + 1]
    own, others = 0.0, 0.0
    for e in range(start, end):
        q = room.chance[constants.seen[e]]
        own += own_gain(q, constants)
        others += gain_of_partner(q, constants)
    weight = 1.0 if constants.total else 1.0 / float(end - start)
    extra = paid_for(room, 1.0) - paid_for(room, 0.0) if room.targeted[i] == 1 else 0.0
    gain: float = weight * (own + state.alpha[i] * others) + extra
    return gain


@rule
def _experience(i: int, constants: PopulationConstants, room: PopulationRoom) -> Experience:
    return Experience(
        cooperated=room.share[i],
        cooperation_probability=room.own_chance[i],
        noise=constants.noise,
        score=room.score[i],
        reward=room.reward[i],
        expected_gain=room.gain[i],
        others_cooperated=room.seen[i] / constants.partners[i],
    )


def living_by(given: LearningRule, place: int) -> PopulationRule:
    """Return the rule of agents who live by a learning rule, whose tunables stand at `place` among all."""
    cooperation, learn = given.cooperation, given.learn

    @rule
    def means(state: PopulationState, i: int, _: int, constants: PopulationConstants) -> float:
        return cooperation(state.memory[:, i], constants.tunables[place])

    @rule
    def changes(state: PopulationState, i: int, constants: PopulationConstants, room: PopulationRoom) -> None:
        experience = _experience(i, constants, room)
        learn(state.memory[:, i], constants.tunables[place], experience)

    return PopulationRule(
        name=given.name,
        means=means,
        changes=changes,
        has_theta=given.policy_parameter is not None,
        learns=True,
        expects=given.expects,
    )


LEARNER_AGENT = replace(living_by(POLICY_GRADIENT, 0), name="learner")
