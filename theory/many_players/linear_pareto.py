r"""Pareto optimality in linear dilemmas: the slack of an outcome, and whether some equilibrium has none.

Among the dominating payoffs with the largest sum, those in which the worst off gain most are chosen:
v_i = max(u_i, tau) for judged payoffs u. They are the least unequal ones above u, so that they are reachable
if any are (`theory.many_players.linear_lotteries` says which are).

*Within lotteries the pure equilibria decide.* Let a mixed equilibrium be Pareto-optimal. Its payoffs then lie
on a face of the set of feasible payoffs on which some sum with positive weights is largest, so every outcome
that it may lead to is on that face, hence Pareto-optimal too. One of these outcomes is an equilibrium: in
each case of `theory.many_players.linear_equilibria` the players of a mixed equilibrium end up, with positive
probability, with a number of cooperators at which nobody wants to change. By symmetry all outcomes with that
number are alike.

Within fewer dominating outcomes a mixed equilibrium may be optimal although no pure one is; then the
question stays open unless there are no mixed equilibria.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import FloatArray, known_name
from theory.games.checks import payoffs_of_players
from theory.games.game import Game
from theory.many_players.linear_equilibria import equilibria
from theory.many_players.linear_lotteries import MOST_PROGRAMS, MOST_ROWS, Roles, best_lottery_of_roles
from theory.many_players.linear_payoffs import LinearPayoffs
from theory.pareto import slack as pareto
from theory.pareto.slack import TOLERANCE, WITHIN, ParetoSlack

# In units of the payoff range: rounding of payoffs that are equal in exact arithmetic,
_ROUNDING = 1e-12
# and mean gains per player that the linear programs may not tell from none.
_NEGLIGIBLE = 1e-9

# Up to so many players independent mixtures are searched among as in any game.
_MOST_SEARCHED = 8


def linear_pareto_slack(
    game: LinearPayoffs,
    payoffs: ArrayLike,
    *,
    within: str = "lotteries",
    most_rows: int = MOST_ROWS,
    most_programs: int = MOST_PROGRAMS,
) -> ParetoSlack:
    """Return how much more the players could have had in all with nobody losing.

    Parameters
    ----------
    game
        The linear dilemma.
    payoffs
        `[n_players]` payoffs to be judged.
    within
        What may dominate: `"lotteries"` (by the linear program of `theory.many_players.linear_lotteries`),
        `"pure"` (by trying all k), or `"independent"` mixtures (up to eight players as for other games;
        beyond, exact where greed equals fear, and else between pure outcomes and lotteries).
    most_rows, most_programs
        See `theory.many_players.linear_lotteries.best_lottery`.

    Returns
    -------
    ParetoSlack
        Gains that are on average below 1e-9 of the payoff range are beyond the program's precision: 0. Where
        `exact` is False (independent mixtures, and with hundreds of players lotteries) the true relative gain
        is between `relative_gain` and `relative_gain_bound`.

    Raises
    ------
    ValueError
        If `within` is unknown or `payoffs` does not fit.
    """
    judged = payoffs_of_players("payoffs", payoffs, game.n_players)
    name = known_name("set of dominating outcomes", within, WITHIN)
    if name == "independent":
        return _independent_slack(game, judged, most_rows)
    spread = float(game.payoff_range[0])
    if spread == 0:
        return ParetoSlack(0.0, 0.0, judged)
    low = min(game.corners)
    k = np.arange(game.n_players + 1)
    roles = Roles((game.cooperator_payoff(k) - low) / spread, (game.defector_payoff(k) - low) / spread)
    scaled = (judged - low) / spread
    if name == "pure":
        dominating, most_gain = _assign(roles, scaled), -np.inf
    else:
        lottery = best_lottery_of_roles(roles, scaled, most_rows=most_rows, most_programs=most_programs)
        dominating = None if lottery.weights is None else _share_out(roles, lottery.weights, scaled)
        most_gain = lottery.most_welfare - float(scaled.sum())
    negligible = _NEGLIGIBLE * game.n_players
    gain = 0.0 if dominating is None else float((dominating - scaled).sum())
    if dominating is None or gain <= negligible:
        gain, found = 0.0, judged
    else:
        found = low + spread * dominating
    if most_gain - gain <= negligible:
        return ParetoSlack(gain * spread, gain, found)
    return ParetoSlack(gain * spread, gain, found, exact=False, relative_gain_bound=most_gain)


def _share_out(roles: Roles, weights: dict[int, float], payoffs: FloatArray) -> FloatArray:
    """Return the least unequal of the payoffs that a lottery can give with nobody below `payoffs`."""
    to_share = sum(q * float(roles.welfare[k]) for k, q in weights.items()) - float(payoffs.sum())
    ascending = np.sort(payoffs)
    counts = np.arange(1, len(payoffs) + 1)
    raised = np.cumsum(ascending)
    # What it takes to raise the j lowest to the j-th lowest: not decreasing in j.
    j = int(np.searchsorted(counts * ascending - raised, max(to_share, 0.0), side="right"))
    return np.asarray(np.maximum(payoffs, (raised[j - 1] + to_share) / j))


def _assign(roles: Roles, payoffs: FloatArray) -> FloatArray | None:
    """Return the payoffs of the pure outcome of largest welfare that dominates, or None."""
    n = roles.n_players
    k = np.arange(n + 1)
    ascending = np.sort(payoffs) - _ROUNDING
    # Whoever has more than a defector gets must cooperate, and whoever has more than a cooperator must not.
    must_cooperate = n - np.searchsorted(ascending, roles.defector, side="right")
    must_defect = n - np.searchsorted(ascending, roles.cooperator, side="right")
    # For k = 0 and k = N one of the roles is not paid to anybody.
    best = np.maximum(np.where(k > 0, roles.cooperator, -np.inf), np.where(k < n, roles.defector, -np.inf))
    dominates = (must_cooperate <= k) & (must_defect <= n - k) & (ascending[-1] <= best)
    if not dominates.any():
        return None
    chosen = int(np.where(dominates, roles.welfare, -np.inf).argmax())
    # A cooperator's payoff suits those who must cooperate best, and those who must not worst.
    eagerness = (payoffs - _ROUNDING > roles.defector[chosen]).astype(float) - (
        payoffs - _ROUNDING > roles.cooperator[chosen]
    )
    cooperators = np.argsort(-eagerness, kind="stable")[:chosen]
    assigned = np.full(n, roles.defector[chosen])
    assigned[cooperators] = roles.cooperator[chosen]
    return assigned


def _independent_slack(game: LinearPayoffs, judged: FloatArray, most_rows: int) -> ParetoSlack:
    if game.n_players <= _MOST_SEARCHED:
        return pareto.pareto_slack(Game(game.tensor()), judged, within="independent")
    by_lotteries = linear_pareto_slack(game, judged, within="lotteries", most_rows=most_rows)
    if abs(game.greed - game.fear) <= _ROUNDING * game.payoff_range[0]:
        # Payoffs are affine in the probabilities, so that mixtures reach what lotteries reach.
        return by_lotteries
    # Mixtures reach at least what pure outcomes and at most what lotteries do.
    found = linear_pareto_slack(game, judged, within="pure")
    most_gain = by_lotteries.relative_gain
    if by_lotteries.relative_gain_bound is not None:
        most_gain = by_lotteries.relative_gain_bound
    if most_gain - found.relative_gain <= _NEGLIGIBLE * game.n_players:
        return found
    return replace(found, exact=False, relative_gain_bound=most_gain)


def pareto_optimal_nash_exists(game: LinearPayoffs, *, within: str = "lotteries") -> bool | None:
    """Return whether some Nash equilibrium is Pareto-optimal, or None where the pure ones cannot tell.

    Parameters
    ----------
    game
        The linear dilemma.
    within
        What may dominate: `lotteries`, `independent` mixtures or `pure` profiles.

    Raises
    ------
    ValueError
        If `within` is unknown, or the slack of a pure equilibrium cannot be settled within it.
    """
    known = equilibria(game)
    if known.best_welfare >= game.welfare_range[1]:
        return True  # nothing dominates the largest welfare
    for cooperators in known.cooperators:
        payoffs = np.where(
            np.arange(game.n_players) < cooperators,
            game.cooperator_payoff(cooperators),
            game.defector_payoff(cooperators),
        )
        slack = linear_pareto_slack(game, payoffs, within=within)
        if slack.relative_gain <= TOLERANCE:
            return True
    only_pure = game.greed * game.fear > 0
    return False if within == "lotteries" or only_pure else None
