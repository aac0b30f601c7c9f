r"""Pareto slack of games on networks.

Where R_i + P_i = S_i + T_i for every player, as in the Prisoner's Dilemma of thesis Table 4.1 and in donation games,
payoffs are affine in the probabilities x: lotteries, which can have any means, reach what independent mixtures
reach, and the slack is a linear program with one variable and one constraint for each player.

In other games, and with more players than the program takes, all-C, all-D and the outcome of largest welfare are
tried. What they gain is a lower bound (`exact` is False), unless it is all that welfare can gain at most.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import FloatArray, known_name
from theory.games.checks import payoffs_of_players
from theory.many_players.network_payoffs import NetworkPayoffs
from theory.many_players.network_welfare import best_outcome
from theory.pareto.slack import PROGRAM_ROUNDING, WITHIN, ParetoSlack

# The linear program takes seconds for so many players.
LARGEST_PROGRAM = 20_000


def network_pareto_slack(
    game: NetworkPayoffs, payoffs: ArrayLike, *, within: str = "lotteries"
) -> ParetoSlack:
    """Return how much more the players could have had in all with nobody losing.

    Parameters
    ----------
    game
        The game on a network.
    payoffs
        `[n_players]` payoffs to be judged.
    within
        What may dominate: `"lotteries"`, `"independent"` mixtures or `"pure"` profiles.

    Raises
    ------
    ValueError
        If `within` is unknown or `payoffs` does not fit.
    """
    name = known_name("set of dominating outcomes", within, WITHIN)
    judged = payoffs_of_players("payoffs", payoffs, game.n_players)
    scale = np.where(game.payoff_range > 0, game.payoff_range, 1.0)
    if name != "pure" and is_affine(game) and game.n_players <= LARGEST_PROGRAM:
        return _slack_by_program(game, judged, scale)
    return _slack_of_candidates(game, judged, scale)


def is_affine(game: NetworkPayoffs) -> bool:
    """Return whether R + P = S + T in every player's table, up to rounding."""
    (reward, sucker), (temptation, punishment) = np.moveaxis(game.tables, 0, -1)
    apart = np.abs(reward + punishment - sucker - temptation)
    return bool(apart.max() <= 1e-12 * np.abs(game.tables).max())


def _slack_by_program(game: NetworkPayoffs, judged: FloatArray, scale: FloatArray) -> ParetoSlack:
    prices = [np.ones(game.n_players)]
    if scale.min() < scale.max():
        prices.append(1.0 / scale)
    found = [_dominating(game, judged, scale, price) for price in prices]
    gains = [found_payoffs - judged for found_payoffs in found]
    total = max(float(gain.sum()) for gain in gains)
    relative = max(float((gain / scale).sum()) for gain in gains)
    if relative <= PROGRAM_ROUNDING * game.n_players:
        return ParetoSlack(0.0, 0.0, judged)
    return ParetoSlack(total, relative, found[0])


def _dominating(game: NetworkPayoffs, judged: FloatArray, scale: FloatArray, price: FloatArray) -> FloatArray:
    """Return the payoffs of the mixture of largest priced sum in which nobody gets less than `judged`."""
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    (_, sucker), (temptation, punishment) = np.moveaxis(game.tables, 0, -1)
    n, i, j = game.n_players, game.sources, game.neighbours
    own = game.weights * game.degrees * (sucker - punishment)
    of_partner = game.weights * (temptation - punishment)
    diagonal = np.arange(n)
    slopes = coo_array(
        (
            np.concatenate([own, of_partner[i]]),
            (np.concatenate([diagonal, i]), np.concatenate([diagonal, j])),
        ),
        shape=(n, n),
    ).tocsr()
    base = game.weights * game.degrees * punishment
    solution = linprog(
        -(price @ slopes), A_ub=-slopes / scale[:, None], b_ub=(base - judged) / scale + 1e-12, bounds=(0, 1),
        method="highs",
    )  # fmt: skip
    if solution.status == 2:
        return judged  # beyond what is feasible nothing dominates
    if not solution.success:
        raise ValueError(f"the program of dominating payoffs must have an optimum, got: {solution.message}")
    return np.asarray(np.maximum(base + slopes @ np.clip(solution.x, 0.0, 1.0), judged))


def _slack_of_candidates(game: NetworkPayoffs, judged: FloatArray, scale: FloatArray) -> ParetoSlack:
    outcomes = [np.ones(game.n_players), np.zeros(game.n_players)]
    best = best_outcome(game, 1.0)
    if best is not None:
        outcomes.append(best)
    gains = [game.expected_payoffs(game.profile(outcome)) - judged for outcome in outcomes]
    gains = [gain for gain in gains if (gain >= -1e-12 * scale).all()]
    total = max((float(gain.sum()) for gain in gains), default=0.0)
    relative = max((float((gain / scale).sum()) for gain in gains), default=0.0)
    if relative <= 1e-12 * game.n_players:
        total, relative = 0.0, 0.0
    chosen = max(gains, key=lambda gain: float(gain.sum())) if relative else np.zeros(game.n_players)
    # Nobody can gain more than the welfare that is missing; with equal ranges that bounds the relative gain too.
    highest = np.inf if best is None else float(game.expected_payoffs(game.profile(best)).sum())
    missing = highest - float(judged.sum())
    bound = missing / float(scale.min())
    exact = bool(missing - total <= 1e-9 * scale.sum()) and scale.min() == scale.max()
    return ParetoSlack(
        total, relative, judged + chosen, exact=exact, relative_gain_bound=None if exact else float(bound)
    )
