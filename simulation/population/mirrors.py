"""Mirrors, gradual Tit-for-Tat players: what they believe, how much they weigh others, when they cooperate.

With remembered cooperations c and defections d, prior included, the belief about how often partners are seen to
cooperate is Beta(c, d). Noise of probability n turns meaning to cooperate with probability q into being seen to
with probability (1 - 2n) q + n, which the estimate inverts.
"""

from __future__ import annotations

from simulation.engine.compilation import rule
from simulation.population.pairwise import gain_of_partner, own_gain
from simulation.population.state import PopulationConstants, PopulationRound, PopulationState

# Of what is weighed: smaller differences are rounding.
TIE = 1e-9


@rule
def estimate(cooperations: float, defections: float, noise: float) -> float:
    """Return how often a partner means to cooperate, from how often it was seen to."""
    seen = cooperations / (cooperations + defections)
    return min(1.0, max(0.0, (seen - noise) / (1.0 - 2.0 * noise)))


@rule
def is_cooperation_best(q: float, alpha: float, constants: PopulationConstants) -> bool:
    """Return whether C is a best reply to P(C) = q for an agent that weighs the other's payoff by alpha.

    A tie is C, read to 1e-9 of what is weighed: rounding does not decide.
    """
    own, partner = own_gain(q, constants), gain_of_partner(q, constants)
    return own + alpha * partner >= -TIE * (abs(own) + abs(partner))


@rule
def mirrored_alpha(q: float, epsilon: float) -> float:
    """Return clip(q + epsilon) to [0, 1]."""
    return min(1.0, max(0.0, q + epsilon))


@rule
def observe_partners(
    state: PopulationState,
    i: int,
    seen: float,
    partners: float,
    constants: PopulationConstants,
    record: PopulationRound,
) -> None:
    """Update mirror i's beliefs; its next alpha follows from them."""
    keep, forget = 1.0 - constants.forgetting, constants.forgetting
    if constants.by_partner:
        alpha = 0.0
        for e in range(constants.starts[i], constants.starts[i + 1]):
            done = float(record.cooperated[constants.seen[e]])
            c = keep * state.cooperations[e] + forget * constants.prior_cooperations + done
            d = keep * state.defections[e] + forget * constants.prior_defections + (1.0 - done)
            state.cooperations[e], state.defections[e] = c, d
            alpha += mirrored_alpha(estimate(c, d, constants.noise), constants.epsilon)
        record.next_alpha[i] = alpha / partners
    else:
        c = keep * state.cooperations[i] + forget * constants.prior_cooperations + seen
        d = keep * state.defections[i] + forget * constants.prior_defections + (partners - seen)
        state.cooperations[i], state.defections[i] = c, d
        record.next_alpha[i] = mirrored_alpha(estimate(c, d, constants.noise), constants.epsilon)
