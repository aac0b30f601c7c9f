"""One step of a population on a network: everybody plays a 2x2 game with every neighbour, then adapts.

The game is symmetric, with payoffs R (both cooperate), S (only I do), T (only the other does) and P (nobody does).
An agent's payoff V_i is the mean, or the sum, over its games. Everybody adapts at once, each by its own rule:

- a *learner* has P(C) = sigmoid(theta) and ascends its reward, own payoff + alpha * the partners' payoffs in
  the games with it + incentive: REINFORCE (thesis Eq. 3.10) from what it received, or the gradient of what it
  expects (Eq. 4.1), with Adam and without a centralised critic, as in `simulation.mechanism_design.many_players_law`;
- an *imitator* compares what it received with what a random neighbour did and takes over that neighbour's theta and
  alpha with probability sigmoid(intensity * difference) (Szabó & Tőke 1998);
- a *mirror* is gradual Tit-for-Tat (thesis chapter 5). Its belief about how often partners cooperate is Beta, with
  remembered cooperations c and defections d; with forgetting phi they become (1 - phi) c + phi c_0 + (cooperations
  seen), for the prior's c_0, and likewise d. With the estimate q, alpha <- clip(q + epsilon) to [0, 1] (Eq. 5.1 and
  section 5.3). It plays C where C is a best reply to q in the game that weighs the other's payoff by alpha:

      q (T - R) + (1 - q)(P - S)  <=  alpha [q (R - S) + (1 - q)(T - P)]                 (section 5.2);

- a *fixed* agent keeps its theta.

Noise flips each action with a probability in [0, 1/2). All see what was carried out, their own actions too; learners
and mirrors know the noise.
"""

from __future__ import annotations

from simulation.engine.compilation import rule
from simulation.engine.elementary import log
from simulation.learning.adam import adam_ascend_each
from simulation.learning.policy_gradient import sigmoid
from simulation.population.learners import expected_gradient, score_of
from simulation.population.mirrors import (
    estimate,
    is_cooperation_best,
    mirrored_alpha,
    observe_partners,
)
from simulation.population.planner import improve_planner, offer_incentives, paid_for
from simulation.population.state import (
    BOTH,
    COOPERATION,
    FIRM,
    FOR_COOPERATING,
    FOR_DEFECTING,
    IMITATOR,
    LEARNER,
    MEAN_PAYOFF,
    MIRROR,
    ONE,
    OUTLAY,
    TARGETED,
    PopulationConstants,
    PopulationRound,
    PopulationState,
)
from theory.checks import FloatArray


@rule
def population_step(
    state: PopulationState,
    draws: FloatArray,
    planning: bool,
    constants: PopulationConstants,
    record: PopulationRound,
) -> None:
    """Play and adapt once; `state` and `record` are updated.

    `draws` are uniform on [0, 1): `[N]` for actions, `[N]` for imitation if there may be imitators, and `[2E]` for
    slips towards single partners if conduct is by partner and there is noise.
    """
    _act(state, draws, constants, record)
    offer_incentives(state, planning, constants, record)
    _play(state, planning, constants, record)
    if planning:
        improve_planner(state, constants, record)
    if record.by_rule[IMITATOR, 0] > 0.0:
        _imitate(state, draws, constants, record)
    if record.by_rule[LEARNER, 0] > 0.0:
        # Without a gradient and running means the other agents' theta stays as it is.
        adam_ascend_each(
            state.theta,
            record.gradient,
            state.theta_first,
            state.theta_second,
            constants.learning_rate,
            state.learner_powers,
        )
    if record.by_rule[IMITATOR, 0] + record.by_rule[MIRROR, 0] > 0.0:
        _adopt(state, record)


@rule
def _act(
    state: PopulationState, draws: FloatArray, constants: PopulationConstants, record: PopulationRound
) -> None:
    """Write with which chance everybody cooperates, and what is carried out."""
    if constants.by_partner:
        _act_by_partner(state, draws, constants, record)
        return
    noise = constants.noise
    for i in range(state.rule.shape[0]):
        if state.rule[i] == MIRROR:
            q = estimate(state.cooperations[i], state.defections[i], noise)
            state.theta[i] = FIRM if is_cooperation_best(q, state.alpha[i], constants) else -FIRM
        chance = noise + (1.0 - 2.0 * noise) * sigmoid(state.theta[i])
        record.chance[i] = chance
        record.cooperated[i] = 1 if draws[i] < chance else 0
        record.share[i] = record.cooperated[i]


@rule
def _act_by_partner(
    state: PopulationState, draws: FloatArray, constants: PopulationConstants, record: PopulationRound
) -> None:
    noise = constants.noise
    first_slip = draws.shape[0] - constants.neighbours.shape[0]
    for i in range(state.rule.shape[0]):
        start, end = constants.starts[i], constants.starts[i + 1]
        mirrors = state.rule[i] == MIRROR
        meant, done = 0.0, 0.0
        p = sigmoid(state.theta[i])
        draw = draws[i]
        for e in range(start, end):
            if mirrors:
                q = estimate(state.cooperations[e], state.defections[e], noise)
                alpha = mirrored_alpha(q, constants.epsilon)
                p = 1.0 if is_cooperation_best(q, alpha, constants) else 0.0
                meant += p
                # Who treats all alike carries out one action; a mirror slips with each partner on its own.
                if noise > 0.0:
                    draw = draws[first_slip + e]
            chance = noise + (1.0 - 2.0 * noise) * p
            record.chance[e] = chance
            record.cooperated[e] = 1 if draw < chance else 0
            done += record.cooperated[e]
        if mirrors:
            state.theta[i] = _log_odds(meant / (end - start))
        record.share[i] = done / (end - start)


@rule
def _log_odds(share: float) -> float:
    if share <= 0.0:
        return -FIRM
    if share >= 1.0:
        return FIRM
    return log(share / (1.0 - share))


@rule
def _play(
    state: PopulationState, planning: bool, constants: PopulationConstants, record: PopulationRound
) -> None:
    """Write payoffs, incentives, gradients and what mirrors make of the step; sum up."""
    agents = state.rule.shape[0]
    r, s, t, p = constants.reward, constants.sucker, constants.temptation, constants.punishment
    for_c, for_d = paid_for(record, 1.0), paid_for(record, 0.0)
    cooperation, payoffs, outlay, targeted, both, one = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    record.by_rule[:, :] = 0.0
    for i in range(agents):
        partners = float(constants.starts[i + 1] - constants.starts[i])
        weight = 1.0 if constants.total else 1.0 / partners
        cc, cd, dc, dd = _count_outcomes(i, partners, constants, record)
        share = record.share[i]
        pays = planning and record.targeted[i] == 1
        incentive, extra = 0.0, 0.0
        if pays:
            incentive, extra = paid_for(record, share), for_c - for_d
            # A mirror may be rewarded for some of its actions and taxed for others.
            outlay += share * abs(for_c) + (1.0 - share) * abs(for_d)
            targeted += 1.0
        payoff = weight * (cc * r + cd * s + dc * t + dd * p)
        record.payoff[i] = payoff
        record.incentive[i] = incentive
        gradient = 0.0
        which = state.rule[i]
        if which == LEARNER:
            if constants.expected:
                gradient = expected_gradient(state, i, weight, extra, constants, record)
            else:
                others = weight * (cc * r + cd * t + dc * s + dd * p)
                gradient = score_of(i, constants, record) * (payoff + state.alpha[i] * others + incentive)
        elif which == MIRROR:
            observe_partners(state, i, cc + dc, partners, constants, record)
        record.gradient[i] = gradient
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
    i: int, partners: float, constants: PopulationConstants, record: PopulationRound
) -> tuple[float, float, float, float]:
    """Return the numbers of partners with whom the outcome was CC, CD, DC and DD, own action first."""
    start, end = constants.starts[i], constants.starts[i + 1]
    if not constants.by_partner:
        seen = 0.0
        for e in range(start, end):
            seen += record.cooperated[constants.seen[e]]
        if record.cooperated[i] == 1:
            return seen, partners - seen, 0.0, 0.0
        return 0.0, 0.0, seen, partners - seen
    cc, cd, dc = 0.0, 0.0, 0.0
    for e in range(start, end):
        own, other = record.cooperated[e], record.cooperated[constants.seen[e]]
        cc += own * other
        cd += own * (1 - other)
        dc += (1 - own) * other
    return cc, cd, dc, partners - cc - cd - dc


@rule
def _imitate(
    state: PopulationState, draws: FloatArray, constants: PopulationConstants, record: PopulationRound
) -> None:
    """Write what imitators will be."""
    agents = state.rule.shape[0]
    for i in range(agents):
        if state.rule[i] == IMITATOR:
            start, end = constants.starts[i], constants.starts[i + 1]
            # One draw chooses the neighbour, and what is left of it whether to imitate.
            place = draws[agents + i] * (end - start)
            chosen = min(int(place), end - start - 1)
            j = constants.neighbours[start + chosen]
            model = i
            # From its like an imitator has nothing to learn, which saves most comparisons within clusters.
            if state.theta[j] != state.theta[i] or state.alpha[j] != state.alpha[i]:
                better = record.payoff[j] + record.incentive[j] - record.payoff[i] - record.incentive[i]
                if place - chosen < sigmoid(constants.intensity * better):
                    model = j
            record.next_theta[i] = state.theta[model]
            record.next_alpha[i] = state.alpha[model]


@rule
def _adopt(state: PopulationState, record: PopulationRound) -> None:
    for i in range(state.rule.shape[0]):
        if state.rule[i] == IMITATOR:
            state.theta[i] = record.next_theta[i]
        if state.rule[i] == IMITATOR or state.rule[i] == MIRROR:
            state.alpha[i] = record.next_alpha[i]
