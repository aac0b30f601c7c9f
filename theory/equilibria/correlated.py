r"""Correlated equilibria: lotteries over outcomes that nobody gains by disobeying (Aumann 1974, 1987).

A mediator draws an outcome from `distribution` and tells each player its own action. With p the distribution,
u_i the payoffs and s_-i the others' actions, nobody gains by playing b when told a iff

    sum over s_-i of p(a, s_-i) (u_i(b, s_-i) - u_i(a, s_-i)) <= 0    for all players i and actions a, b.

A *coarse* correlated equilibrium only asks that nobody gains by ignoring the mediator from the start
(Moulin & Vial 1978); the frequencies of play of learners without regret come close to that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import permutations

import numpy as np
from numpy.typing import ArrayLike

from theory.arguments import checked
from theory.checks import PROBABILITY_TOLERANCE, FloatArray, finite_array, truth_value
from theory.games.checks import matrix_game
from theory.games.game import Game
from theory.geometry.linear_programs import as_lottery, maximise, prices
from theory.tables import ShownAsTables, Table, in_brackets, to_four_figures

# Largest number of entries of the linear program, 160 MB of numbers.
MAX_ENTRIES = 20_000_000

# Of a table: rows that are shown, and the probability below which an outcome is never drawn but for rounding.
_SHOWN, _NEVER = 20, 1e-12


@dataclass(frozen=True, eq=False)
class CorrelatedEquilibrium(ShownAsTables):
    """A correlated equilibrium.

    Attributes
    ----------
    distribution
        `[*n_actions]`: the probability of each outcome.
    payoffs
        `[n_players]`: expected payoffs.
    welfare
        Their sum.
    regrets
        `[n_players]`: what each player could still gain by disobeying: rounding.
    game
        Whose it is; for showing it by names of actions.
    """

    distribution: FloatArray
    payoffs: FloatArray
    welfare: float
    regrets: FloatArray
    game: Game = field(repr=False)

    def as_tables(self) -> list[Table]:
        """Return the outcomes that are drawn, the likeliest first, as notebooks show them."""
        drawn = [tuple(outcome) for outcome in np.argwhere(self.distribution > _NEVER)]
        drawn.sort(key=lambda outcome: -self.distribution[outcome])
        rows = [
            (
                "(" + ", ".join(names[a] for names, a in zip(self.game.actions, outcome, strict=True)) + ")",
                to_four_figures(float(self.distribution[outcome])),
                in_brackets(self.game.payoffs[(slice(None), *outcome)]),
            )
            for outcome in drawn[:_SHOWN]
        ]
        more = f" {len(drawn) - _SHOWN} more outcomes are drawn." if len(drawn) > _SHOWN else ""
        note = f"On average {in_brackets(self.payoffs)}, welfare {to_four_figures(self.welfare)}.{more}"
        title = f"{self.game.title or 'Game'}: correlated equilibrium of the largest welfare"
        return [Table(title, ("outcome", "probability", "payoffs"), rows, note)]


@checked(game=matrix_game)
def welfare_optimal_correlated_equilibrium(game: Game) -> CorrelatedEquilibrium:
    """Return a correlated equilibrium with the largest sum of payoffs.

    The welfare is unique; where several distributions reach it, the linear program's solution is one of them.

    Parameters
    ----------
    game
        A game of any number of players.

    Raises
    ------
    ValueError
        If the linear program would have more than `MAX_ENTRIES` entries.
    """
    n_outcomes = int(np.prod(game.n_actions))
    n_constraints = sum(n * (n - 1) for n in game.n_actions)
    if n_outcomes * n_constraints > MAX_ENTRIES:
        raise ValueError(
            f"the game must have at most {MAX_ENTRIES} outcomes times pairs of actions, got "
            f"{n_outcomes} x {n_constraints}: eliminate dominated actions first (theory.equilibria.dominance)"
        )
    welfare = game.payoffs.sum(axis=0).ravel()
    solution = maximise(
        (welfare - welfare.min()) / (np.ptp(welfare) or 1.0),
        at_least=(_obedience(game), np.zeros(n_constraints)),
        equal=(np.ones((1, n_outcomes)), np.ones(1)),
    )
    if solution is None:
        raise ValueError(
            "a correlated equilibrium must exist, got a linear program that rounding made infeasible"
        )
    distribution = as_lottery(solution).reshape(game.n_actions)
    payoffs = game.outcomes.T @ distribution.ravel()
    regrets = correlated_regrets(game, distribution)
    return CorrelatedEquilibrium(distribution, payoffs, float(payoffs.sum()), regrets, game)


def correlated_welfare_bounds(game: Game, *, max_entries: int = MAX_ENTRIES) -> tuple[float, float] | None:
    """Return numbers between which the welfare of each correlated equilibrium is, and so of each Nash one.

    With prices y >= 0 of obedience and O(s) >= 0 on average what obeying pays more than each disobedience in
    outcome s, no correlated equilibrium's welfare W exceeds the largest W(s) + y O(s). That is so for all y,
    so that rounding in the linear program that finds the best ones makes the bounds wider, never wrong.

    Parameters
    ----------
    game
        A game of any number of players.
    max_entries
        Largest number of entries of the linear program.

    Returns
    -------
    tuple of float, or None
        None where the program is too large or is not solved in time.
    """
    welfare = game.payoffs.sum(axis=0).ravel()
    lowest, spread = welfare.min(), np.ptp(welfare)
    n_constraints = sum(n * (n - 1) for n in game.n_actions)
    if not spread or not n_constraints:
        return float(lowest), float(welfare.max())
    if len(welfare) * n_constraints > max_entries:
        return None
    share, obedience = (welfare - lowest) / spread, _obedience(game)
    most = []
    for objective in (share, 1.0 - share):
        y = prices(objective, at_least=obedience)
        if y is None:
            return None
        most.append(float((objective + y @ obedience).max()))
    return float(lowest + spread * (1.0 - most[1])), float(lowest + spread * most[0])


@checked(game=matrix_game, coarse=truth_value)
def correlated_regrets(game: Game, distribution: ArrayLike, *, coarse: bool = False) -> FloatArray:
    """Return what each player would gain by disobeying a lottery over outcomes, such as frequencies of play.

    Parameters
    ----------
    game
        A game of any number of players.
    distribution
        `[*n_actions]`: the probability of each outcome.
    coarse
        Whether a player has to decide before it is told its action. By default it may replace
        each action it is told by another one (Hart & Mas-Colell 2000: internal regret, summed over actions).

    Returns
    -------
    numpy.ndarray
        `[n_players]`, never negative; all zero iff the distribution is a (coarse) correlated equilibrium.

    Raises
    ------
    ValueError
        If `distribution` is not one over the game's outcomes.
    """
    lottery = _check_distribution(game, distribution)
    regrets = np.empty(game.n_players)
    for i in range(game.n_players):
        told, payoffs = _by_action(lottery, i), _by_action(game.payoffs[i], i)
        # gains[a, b] = what is gained by playing b whenever told a
        gains = told @ payoffs.T - (told * payoffs).sum(axis=1, keepdims=True)
        np.fill_diagonal(gains, 0.0)
        regrets[i] = max(0.0, gains.sum(axis=0).max()) if coarse else gains.max(axis=1).sum()
    return regrets


def _check_distribution(game: Game, distribution: ArrayLike) -> FloatArray:
    lottery = finite_array("distribution", distribution)
    if lottery.shape != game.n_actions:
        raise ValueError(
            f"distribution must have a probability for each outcome, shape {game.n_actions}, "
            f"got shape {lottery.shape}"
        )
    if (lottery < 0).any():
        raise ValueError(f"distribution must be non-negative, got {lottery.min():g}")
    if abs(lottery.sum() - 1.0) > PROBABILITY_TOLERANCE:
        raise ValueError(f"distribution must sum to one, got sum {lottery.sum():g}")
    return lottery


def _by_action(tensor: FloatArray, player: int) -> FloatArray:
    """Return `[n_actions of the player, n_choices of the others]` of a tensor over outcomes."""
    return np.moveaxis(tensor, player, 0).reshape(tensor.shape[player], -1)


def _obedience(game: Game) -> FloatArray:
    """Return `[n_constraints, n_outcomes]`: what obeying pays more than playing b, in the outcomes with a.

    There is one row for each player and each two of its actions a and b, in units of its payoff range.
    """
    rows = []
    for i, (n, scale) in enumerate(zip(game.n_actions, game.payoff_range, strict=True)):
        payoffs = _by_action(game.payoffs[i], i) / (scale or 1.0)
        others = game.n_actions[:i] + game.n_actions[i + 1 :]
        for a, b in permutations(range(n), 2):
            row = np.zeros_like(payoffs)
            row[a] = payoffs[a] - payoffs[b]
            rows.append(np.moveaxis(row.reshape(n, *others), 0, i).ravel())
    return np.array(rows).reshape(-1, int(np.prod(game.n_actions)))
