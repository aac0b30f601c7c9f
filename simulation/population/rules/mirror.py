"""Mirrors of how often partners cooperate (thesis chapter 5): what they believe, and when they cooperate.

With forgetting phi, remembered cooperations c become (1 - phi) c + phi c_0 + (cooperations seen), for the prior's
c_0, and likewise defections d. With the estimate q, alpha <- clip(q + epsilon) to [0, 1] (Eq. 5.1 and section 5.3).
It plays C where C is a best reply to q in the game that weighs the other's payoff by alpha:

    q (T - R) + (1 - q)(P - S)  <=  alpha [q (R - S) + (1 - q)(T - P)]                 (section 5.2).

With remembered cooperations c and defections d, prior included, the belief about how often partners are seen to
cooperate is Beta(c, d). Noise of probability n turns meaning to cooperate with probability q into being seen to
with probability (1 - 2n) q + n, which the estimate inverts.
"""

from __future__ import annotations

from simulation.engine.compilation import rule
from simulation.learning.policy_gradient import FIRM
from simulation.population.rules.pairwise import gain_of_partner, own_gain
from simulation.population.rules.rule import PopulationRule
from simulation.population.state import PopulationConstants, PopulationRoom, PopulationState
from theory.resolution import TIE


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
    # The two parts of the own gain may cancel: what they are sums of says what rounding can do.
    weighed = abs(constants.reward - constants.temptation) + abs(constants.sucker - constants.punishment)
    return own + alpha * partner >= -TIE * (weighed + abs(partner))


@rule
def mirrored_alpha(q: float, epsilon: float) -> float:
    """Return clip(q + epsilon) to [0, 1]."""
    return min(1.0, max(0.0, q + epsilon))


@rule
def _decides(state: PopulationState, i: int, constants: PopulationConstants, room: PopulationRoom) -> None:
    """Cooperate if that is best against what it believes of all partners."""
    q = estimate(state.cooperations[i], state.defections[i], constants.noise)
    state.memory[0, i] = FIRM if is_cooperation_best(q, state.alpha[i], constants) else -FIRM


@rule
def _replies(state: PopulationState, place: int, constants: PopulationConstants) -> float:
    """Return whether cooperation is best against what it believes of one partner."""
    q = estimate(state.cooperations[place], state.defections[place], constants.noise)
    alpha = mirrored_alpha(q, constants.epsilon)
    return 1.0 if is_cooperation_best(q, alpha, constants) else 0.0


@rule
def _observes(state: PopulationState, i: int, constants: PopulationConstants, room: PopulationRoom) -> None:
    """Update beliefs and alpha."""
    keep, forget = 1.0 - constants.forgetting, constants.forgetting
    start, end = constants.starts[i], constants.starts[i + 1]
    partners = float(end - start)
    if constants.by_partner:
        alpha = 0.0
        for e in range(start, end):
            done = float(room.cooperated[constants.seen[e]])
            c = keep * state.cooperations[e] + forget * constants.prior_cooperations + done
            d = keep * state.defections[e] + forget * constants.prior_defections + (1.0 - done)
            state.cooperations[e], state.defections[e] = c, d
            alpha += mirrored_alpha(estimate(c, d, constants.noise), constants.epsilon)
        state.alpha[i] = alpha / partners
    else:
        seen = room.seen[i]
        c = keep * state.cooperations[i] + forget * constants.prior_cooperations + seen
        d = keep * state.defections[i] + forget * constants.prior_defections + (partners - seen)
        state.cooperations[i], state.defections[i] = c, d
        state.alpha[i] = mirrored_alpha(estimate(c, d, constants.noise), constants.epsilon)


MIRROR_AGENT = PopulationRule(name="mirror", decides=_decides, means_towards=_replies, changes=_observes)
