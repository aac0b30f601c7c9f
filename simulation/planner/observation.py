"""What the planner sees of the players' actions, and what that does to incentives.

An action that is seen at all is seen flipped with probability f. A player who cooperates with probability p is
then seen to cooperate with probability m = p (1 - f) + (1 - p) f, and with p = sigmoid(theta)

    dm / dtheta = (1 - 2 f) p (1 - p),        d log P(seen) / dtheta = (o - m) / (m (1 - m)) dm / dtheta,

where o is 1 if the player was seen to cooperate and 0 if not. These take the places of p (1 - p) and a - p in
Eqs. 4.3 and 4.5, since incentives depend on what was seen. A player who is not seen counts as its starting
probability whatever it does, so that no incentive moves it. The thesis and its reference code know neither
flips nor hidden players.
"""

from __future__ import annotations

from simulation.engine.compilation import rare_rule, rule
from simulation.planner.incentives import Incentives, set_incentives
from simulation.planner.lookahead import modelled_cooperation
from simulation.planner.state import Planning, Round, State, Workspace
from theory.checks import FloatArray


@rule
def observe(state: State, draws: FloatArray, rules: Planning, workspace: Workspace, record: Round) -> None:
    """Write the actions as the planner sees them, and the probabilities that it reckons with."""
    for i in range(2):
        action = record.cooperated[i]
        if rules.flip > 0.0 and draws[2 + i] < rules.flip:
            action = 1.0 - action
        workspace.observed[i] = told(rules, i, action)
        if rules.sees[i] == 0.0:
            workspace.believed[i] = rules.prior
        elif rules.modelled:
            workspace.believed[i] = modelled_cooperation(state.seen_sums, i, rules.flip, rules.prior)
        else:
            workspace.believed[i] = record.cooperation_probability[i]


@rule
def told(rules: Planning, player: int, action: float) -> float:
    """Return what stands for an action in the planner's layer: its starting probability if it is not seen."""
    if rules.sees[player] == 0.0:
        return rules.prior
    return action


@rule
def seen_cooperation(rules: Planning, p: float) -> float:
    """Return m, the probability of being seen to cooperate."""
    return p * (1.0 - rules.flip) + (1.0 - p) * rules.flip


@rule
def seen_share(rules: Planning, player: int) -> float:
    """Return dm / dp, how much of a change of play is seen; 0 for a player who is not seen."""
    share: float = (1.0 - 2.0 * rules.flip) * rules.sees[player]
    return share


@rule
def seen_slope(rules: Planning, player: int, p: float) -> float:
    """Return dm / dtheta; 0 for a player who is not seen."""
    return p * (1.0 - p) * seen_share(rules, player)


@rule
def seen_score(rules: Planning, player: int, observed: float, p: float) -> float:
    """Return d log P(seen) / dtheta, which is a - p without flips; 0 for a player who is not seen."""
    if rules.sees[player] == 0.0:
        return 0.0
    if rules.flip == 0.0:
        return observed - p
    m = seen_cooperation(rules, p)
    return (observed - m) / (m * (1.0 - m)) * seen_slope(rules, player, p)


@rule
def seen_chance(rules: Planning, believed: FloatArray, player: int, action: float) -> float:
    """Return the probability with which `player` is seen to do `action`.

    Of a player who is not seen there is one thing to see, for which C stands.
    """
    if rules.sees[player] == 0.0:
        return action
    m = seen_cooperation(rules, believed[player])
    return m if action == 1.0 else 1.0 - m


@rare_rule
def set_average_incentives(
    layer: FloatArray,
    payoffs: FloatArray,
    rules: Planning,
    a1: float,
    a2: float,
    at: Incentives,
    average: FloatArray,
) -> None:
    """Write to `average[2]` what the players get when they play (a_1, a_2), averaged over what is seen."""
    for i in range(2):
        average[i] = 0.0
        if rules.closed_form:
            average[i] = payoffs[1 - i, int(1.0 - a1), int(1.0 - a2)]
    if rules.closed_form:
        return
    for first in range(2):
        for second in range(2):
            chance = (rules.flip if first == 1 else 1.0 - rules.flip) * (
                rules.flip if second == 1 else 1.0 - rules.flip
            )
            if chance > 0.0:
                o1 = told(rules, 0, 1.0 - a1 if first == 1 else a1)
                o2 = told(rules, 1, 1.0 - a2 if second == 1 else a2)
                set_incentives(at, layer, o1, o2, rules.bound, rules.sign, rules.budget, rules.limit)
                for i in range(2):
                    average[i] += chance * at.paid[i]
