"""Whether incentives within a bound and budget can work at all, said before a run.

Incentives can work if they make an outcome of the highest welfare an equilibrium. With g_i what player i gains
by its best deviation from that outcome (its regret), the incentive x_i >= 0 there and -y_i <= 0 where i alone
deviates must give x_i + y_i >= g_i. Nothing else is in their way, since outcomes where different players
deviate are different. The answers below are those of the linear program `theory.cheapest_incentives`, but that
revenue-neutral incentives of more than two players are bounded before their mean is subtracted, as planners do.
Where what is possible depends on more than that, as with incentives by own action, nothing is said of it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np

from theory.checks import FloatArray
from theory.games.game import Game
from theory.many_players.linear_dilemma import LinearDilemma

# What incentives must have for given regrets: the largest of them, a bound, a budget.
Need = Callable[[FloatArray], float]


def largest(regrets: FloatArray) -> float:
    """Return the largest regret."""
    return float(regrets.max())


def regrets_at_best(game: Game, need: Need = largest) -> tuple[tuple[int, ...], FloatArray]:
    """Return the outcome of the highest welfare that needs the least, and the regrets there."""
    welfare = game.payoffs.sum(axis=0)
    best = [tuple(int(k) for k in at) for at in np.argwhere(welfare >= welfare.max())]
    found = [(outcome, game.regrets(game.pure(*outcome))) for outcome in best]
    return min(found, key=lambda pair: need(pair[1]))


def regrets_at_best_of_many(game: LinearDilemma, need: Need = largest) -> tuple[int, FloatArray]:
    """Return how many cooperate where welfare is highest and least is needed, and `[2]` the regrets there.

    The regrets are those of a cooperator, d(k - 1) - c(k), and of a defector, c(k + 1) - d(k), 0 if nobody
    cooperates or defects (see `theory.many_players.linear_dilemma`).
    """
    numbers = np.arange(game.n_players + 1)
    welfare = game.welfare(numbers)
    best = numbers[welfare >= welfare.max()]
    # Where nobody is there to change, the number that comes of it counts for nothing below.
    fewer, more = np.maximum(best - 1, 0), np.minimum(best + 1, game.n_players)
    of_cooperator = game.defector_payoff(fewer) - game.cooperator_payoff(best)
    of_defector = game.cooperator_payoff(more) - game.defector_payoff(best)
    of_cooperator[best == 0] = 0.0
    of_defector[best == game.n_players] = 0.0
    regrets = np.maximum(np.stack([of_cooperator, of_defector], axis=1), 0.0)
    least = min(range(len(best)), key=lambda k: need(regrets[k]))
    return int(best[least]), regrets[least]


def _name_at_best(game: Game | LinearDilemma, need: Need) -> tuple[str, FloatArray]:
    """Return in words the outcome of the highest welfare that needs the least, and the regrets there."""
    if isinstance(game, LinearDilemma):
        cooperators, regrets = regrets_at_best_of_many(game, need)
        name = f"cooperation of {cooperators} of {game.n_players}"
    else:
        outcome, regrets = regrets_at_best(game, need)
        name = game.name_of(outcome)
    return f"{name}, the outcome of the highest welfare, an equilibrium", regrets


def least_bound(regrets: FloatArray, *, signs: str = "both", revenue_neutral: bool = False) -> float:
    """Return the smallest bound c on absolute incentives with which they can work.

    `both` signs share the work, c = max g / 2; one sign does it alone, c = max g. Revenue-neutral rewards at the
    outcome are taken from the other players: less their mean, rewards r_i of n players within c are any incentives
    that sum to 0 and differ by at most 2c. Where i alone deviates it can be made to lose 2c (1 - 1/n), so that
    incentives of at least l_i = g_i - 2c (1 - 1/n) at the outcome are needed, which exist if and only if
    sum_i max(l_i, max l - 2c) <= 0. Since a maximum is at most 0 if both terms are, for every choice of terms, with
    G_k the sum of the k largest regrets

        c = max_k (G_k + (n - k) max g) / (2 (2n - 1 - k)),

    which is the larger of max g / 2 and (g_1 + g_2) / 2 for two players.
    """
    if revenue_neutral:
        n, k = len(regrets), np.arange(1, len(regrets) + 1)
        largest = np.cumsum(np.sort(regrets)[::-1])
        return float(((largest + (n - k) * regrets.max()) / (2.0 * (2 * n - 1 - k))).max())
    return float(regrets.max() / 2.0 if signs == "both" else regrets.max())


def least_budget(regrets: FloatArray, bound: float, *, signs: str = "both") -> float:
    """Return the smallest sum of absolute incentives of a round with which they can work, infinite if none.

    Punishments of up to m = min(c, B) are free of competition, since one player alone is punished; what they
    leave is rewarded at the outcome, where all share the budget B.
    """
    if least_bound(regrets, signs=signs) > bound:
        return float("inf")
    if signs == "rewards":
        return float(regrets.sum())
    if signs == "punishments":
        return float(regrets.max())
    # The least B with sum_i max(0, g_i - min(c, B)) <= B: the left falls and the right rises.
    needed = float(np.maximum(regrets - bound, 0.0).sum())
    low, high = 0.0, max(float(regrets.sum()), needed)
    for _ in range(200):
        middle = 0.5 * (low + high)
        if np.maximum(regrets - min(bound, middle), 0.0).sum() <= middle:
            high = middle
        else:
            low = middle
    return high


def warn_if_out_of_reach(
    game: Game | LinearDilemma,
    bound: float,
    *,
    signs: str = "both",
    revenue_neutral: bool = False,
    budget: float | None = None,
    flip: float = 0.0,
    sees: tuple[bool, ...] | None = None,
    stacklevel: int = 3,
) -> None:
    """Warn if no incentives within bound and budget can work, and name the least that would.

    Where actions are seen flipped with probability `flip`, a difference d of incentives is felt as (1 - 2 flip) d,
    so that the gains to be outweighed count 1 / (1 - 2 flip) times; least budgets are then not known. Nothing
    outweighs the gain of a player whom the planner does not see (`sees[i]` is False).
    """
    if sees is not None and not all(sees):
        hidden = [i for i, seen in enumerate(sees) if not seen]
        what, regrets = _name_at_best(game, lambda regrets: float(regrets[hidden].max()))
        player = max(hidden, key=lambda i: float(regrets[i]))
        if regrets[player] > 0.0:
            warnings.warn(
                f"no incentives make {what}: player {player + 1} gains {regrets[player]:g} by leaving it, and "
                "the planner does not see what that player does",
                stacklevel=stacklevel,
            )
            return
    felt = 1.0 - 2.0 * flip

    def bound_for(regrets: FloatArray) -> float:
        return least_bound(regrets / felt, signs=signs, revenue_neutral=revenue_neutral)

    def budget_for(regrets: FloatArray) -> float:
        return least_budget(regrets, bound, signs=signs)

    # Rounding must not warn of a bound that is exactly enough.
    enough = 1.0 - 1e-12
    what, regrets = _name_at_best(game, bound_for)
    if bound < bound_for(regrets) * enough:
        warnings.warn(
            f"no incentives within the bound {bound:g} make {what}: the least bound is {bound_for(regrets):g}",
            stacklevel=stacklevel,
        )
    elif flip == 0.0 and budget is not None:
        what, regrets = _name_at_best(game, budget_for)
        if budget < budget_for(regrets) * enough:
            warnings.warn(
                f"no incentives within the budget {budget:g} a round make {what}: the least budget is "
                f"{budget_for(regrets):g}",
                stacklevel=stacklevel,
            )
