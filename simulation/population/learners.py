"""Learners: the gradient of their reward, sampled or expected (module `simulation.population.law`)."""

from __future__ import annotations

from simulation.engine.compilation import rule
from simulation.learning.policy_gradient import score
from simulation.population.pairwise import gain_of_partner, own_gain, theta_slope
from simulation.population.state import PopulationConstants, PopulationRound, PopulationState


@rule
def score_of(i: int, constants: PopulationConstants, record: PopulationRound) -> float:
    """Return the derivative by theta of the log chance of what learner i carried out."""
    at = constants.starts[i] if constants.by_partner else i
    chance, done = record.chance[at], float(record.cooperated[at])
    if constants.noise == 0.0:
        return score(done, chance)
    slope: float = theta_slope(chance, constants.noise) / (chance * (1.0 - chance))
    return score(done, chance) * slope


@rule
def expected_gradient(
    state: PopulationState,
    i: int,
    weight: float,
    extra: float,
    constants: PopulationConstants,
    record: PopulationRound,
) -> float:
    """Return the derivative of learner i's expected reward; cooperating is paid `extra` more than defecting."""
    start, end = constants.starts[i], constants.starts[i + 1]
    own, others = 0.0, 0.0
    for e in range(start, end):
        q = record.chance[constants.seen[e]]
        own += own_gain(q, constants)
        others += gain_of_partner(q, constants)
    at = start if constants.by_partner else i
    slope = theta_slope(record.chance[at], constants.noise)
    gradient: float = slope * (weight * (own + state.alpha[i] * others) + extra)
    return gradient
