r"""The cheapest incentives that make an outcome an equilibrium.

A planner adds z_i(a) to the payoff u_i(a) of every player i in every outcome a, a reward if positive and a
punishment if negative (thesis section 4.1.1). The target s becomes

- a *Nash equilibrium* with margin e if nobody's deviation from it pays, by at least e:
  u_i(s) + z_i(s) >= u_i(a_i, s_{-i}) + z_i(a_i, s_{-i}) + e for all i and a_i != s_i;
- a *dominant-strategy equilibrium* with margin e if the same holds whatever the others do.

For a mixed target x, payoffs are expected over what the others do; all actions in the support of x_i must
then pay the same, and those outside it less by e.

What is paid *on the path* is the expectation of sum_i |z_i(a)| when the target is played: rewards and
punishments count alike. It is minimised first. Off the path, that is in outcomes that the target never leads
to, incentives are promises and threats that are not carried out; of all incentives with the least payment on
the path, those with the least total, or the least largest one, off the path are chosen.

With punishments, the threat is enough: the least payment on the path is 0 for every pure target. With rewards
alone it is the sum of the players' regrets at s, the price of k-implementation (`theory.incentives.implementation`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import cast

import numpy as np

from theory.arguments import checked
from theory.checks import FloatArray, is_list, known_name, number_within, truth_value
from theory.deprecation import renamed_keyword
from theory.games.checks import matrix_game
from theory.games.game import Game, Profile
from theory.incentives.program import IncentiveProgram, Limits, Objective, signs_of_kind

SOLUTIONS = ("nash", "dominant")
OFF_PATH_MEASURES = ("total", "largest")


@dataclass(frozen=True, eq=False)
class CheapestIncentives:
    """The cheapest incentives for a target, or what bound they would need.

    Attributes
    ----------
    feasible
        Whether any allowed incentives make the target the equilibrium asked for.
    incentives
        `[n_players, *n_actions]`, to be given to `Game.with_incentives`; None if not feasible.
    on_path
        Expected sum over players of |incentive| when the target is played; None if not feasible.
    off_path
        The same, `total` or `largest`, of the incentives in outcomes that the target never leads to;
        None if not feasible.
    least_bound
        The smallest bound on absolute values that would allow the target, all else as asked for; infinite if
        none would.
    """

    feasible: bool
    incentives: FloatArray | None
    on_path: float | None
    off_path: float | None
    least_bound: float


@renamed_keyword("kind", "incentive_signs", translate=signs_of_kind)
@checked(game=matrix_game, revenue_neutral=truth_value)
def cheapest_incentives(
    game: Game,
    target: Sequence[int] | Profile,
    *,
    solution: str = "nash",
    margin: float = 0.0,
    incentive_signs: str = "both",
    bound: float | None = None,
    revenue_neutral: bool = False,
    off_path: str = "total",
) -> CheapestIncentives:
    """Return the incentives of least payment that make a profile an equilibrium.

    Parameters
    ----------
    game
        The game without incentives.
    target
        A pure profile as a tuple of actions, or one probability vector per player.
    solution
        `"nash"` or `"dominant"` (pure targets only).
    margin
        By how much other actions must be worse, in payoff units, at least 0.
    incentive_signs
        `"both"`, `"rewards"` (none negative) or `"punishments"` (none positive).
    bound
        c: largest absolute value of every incentive, in payoff units; None for no bound.
    revenue_neutral
        Whether incentives must sum to zero over the players in every outcome (thesis section 4.2).
    off_path
        What is minimised second: the `"total"` of |incentives| off the path, or the `"largest"` of them (and
        then their total).

    Returns
    -------
    CheapestIncentives
        Exact to 1e-7 of the largest payoff range.

    Raises
    ------
    ValueError
        If an argument does not fit, or the game has more than 20 000 payoffs.
    """
    known_name("solution", solution, SOLUTIONS)
    known_name("off-path measure", off_path, OFF_PATH_MEASURES)
    limits = Limits(incentive_signs, bound, revenue_neutral)
    strictness = number_within("margin", margin, 0.0, inf)
    mixtures = _as_profile(game, target)
    scale = max(float(game.payoff_range.max()), strictness) or 1.0
    program = IncentiveProgram(game.n_actions, limits, scale)
    if solution == "nash":
        _demand_nash(program, game, mixtures, strictness)
    else:
        _demand_dominance(program, game, mixtures, strictness)
    least_bound = program.least_bound()
    probabilities = np.broadcast_to(_joint(mixtures), game.payoffs.shape)
    off = (probabilities == 0).astype(np.float64)
    stages = [Objective(probabilities), Objective(off)]
    if off_path == "largest":
        stages.insert(1, Objective(off, "largest"))
    incentives = program.minimise(*stages)
    if incentives is None:
        return CheapestIncentives(False, None, None, None, least_bound)
    paid = np.abs(incentives)
    return CheapestIncentives(
        feasible=True,
        incentives=incentives,
        on_path=float((probabilities * paid).sum()),
        off_path=float((off * paid).sum() if off_path == "total" else (off * paid).max()),
        least_bound=least_bound,
    )


def _as_profile(game: Game, target: Sequence[int] | Profile) -> tuple[FloatArray, ...]:
    if is_list(target) and all(isinstance(part, int | np.integer) for part in target):
        return game.pure(*cast("Sequence[int]", target))
    return game.check_profile(cast("Profile", target))


def _joint(mixtures: Sequence[FloatArray]) -> FloatArray:
    """Return the joint distribution of independent mixtures, one axis each."""
    joint = np.ones(())
    for mixture in mixtures:
        joint = np.multiply.outer(joint, mixture)
    return joint


def _demand_nash(
    program: IncentiveProgram, game: Game, mixtures: tuple[FloatArray, ...], margin: float
) -> None:
    entries = np.arange(program.size).reshape(program.shape)
    for i in range(game.n_players):
        by_action = np.moveaxis(entries[i], i, 0).reshape(game.n_actions[i], -1)
        others = _joint([m for j, m in enumerate(mixtures) if j != i]).ravel()
        met = np.flatnonzero(others)
        payoffs = game.action_payoffs(i, mixtures)
        played = np.flatnonzero(mixtures[i])
        for action in range(game.n_actions[i]):
            if action == played[0]:
                continue
            columns = np.append(by_action[played[0], met], by_action[action, met])
            coefficients = np.append(others[met], -others[met])
            advantage = float(payoffs[action] - payoffs[played[0]])
            if action in played:
                program.equal(columns, coefficients, advantage)
            else:
                program.at_least(columns, coefficients, advantage + margin)


def _demand_dominance(
    program: IncentiveProgram, game: Game, mixtures: tuple[FloatArray, ...], margin: float
) -> None:
    if any(mixture.max() < 1.0 for mixture in mixtures):
        raise ValueError(
            'solution "dominant" needs a pure target, for no mixture is better than all its actions, '
            f"got {[mixture.tolist() for mixture in mixtures]}"
        )
    entries = np.arange(program.size).reshape(program.shape)
    for i, mixture in enumerate(mixtures):
        by_action = np.moveaxis(entries[i], i, 0).reshape(game.n_actions[i], -1)
        payoffs = np.moveaxis(game.payoffs[i], i, 0).reshape(game.n_actions[i], -1)
        target = int(mixture.argmax())
        for action in range(game.n_actions[i]):
            if action == target:
                continue
            advantages = payoffs[action] - payoffs[target]
            for dominating, dominated, advantage in zip(
                by_action[target], by_action[action], advantages.tolist(), strict=True
            ):
                program.at_least([dominating, dominated], [1.0, -1.0], advantage + margin)
