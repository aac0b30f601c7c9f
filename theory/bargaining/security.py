r"""What a player can be sure of, and the disagreement points of bargaining that are known by name.

The *security level* of player i is the mixed maxmin

    v_i = max over x_i of min over a_{-i} of u_i(x_i, a_{-i})

for own mixtures x_i and the others' pure joint actions a_{-i}. The others would gain nothing by mixing,
with or without correlation. By the minimax theorem (von Neumann 1928) v_i is also what they can hold
player i down to by mixing jointly: its *correlated minimax*, and for two players its *mixed minimax*.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from theory.arguments import checked
from theory.checks import FloatArray, known_name
from theory.equilibria.nash import nash_equilibria
from theory.games.checks import matrix_game, payoffs_of_players, strategic_game
from theory.games.game import Game, StrategicGame
from theory.geometry.frontier import Frontier
from theory.geometry.linear_programs import largest_smallest

DISAGREEMENTS = ("security", "minimax", "nash", "defection")

# Equilibria whose payoffs are closer than this fraction of each player's range pay the same.
SAME_PAYOFFS = 1e-6

# How far the values of the two sides of a linear program may differ, as a fraction of the payoff range.
SAME_VALUE = 1e-8


@checked(game=strategic_game)
def security_levels(game: StrategicGame) -> FloatArray:
    """Return `[n_players]`: the payoff that each player can secure by a mixture of its own (maxmin).

    Closed form wherever the player or all others jointly have two actions, or pure actions have a saddle
    point; else a linear program, verified by the mixtures of both sides. A game without a payoff tensor is
    asked for its own `security_levels()`.

    Raises
    ------
    ValueError
        If a linear program is not solved in time, or the game cannot answer.
    """
    if not isinstance(game, Game):
        if not hasattr(game, "security_levels"):
            matrix_game("game", game)
        return np.asarray(game.security_levels(), dtype=np.float64)  # type: ignore[attr-defined]
    read = game.as_read
    return np.array([maxmin_value(_own_payoffs(read, player)) for player in range(game.n_players)])


def minimax_levels(game: StrategicGame) -> FloatArray:
    r"""Return `[n_players]`: the *pure-action minimax*, the least that the others' actions leave a player.

    It is \min_{a_{-i}} \max_{a_i} u_i(a_i, a_{-i}), the bound of folk theorems in which mixtures cannot be
    observed (Mailath & Samuelson 2006, Repeated Games and Reputations, section 2.3), and never below the
    security level. Where the others may mix jointly, it falls to the security level: see the module's head.
    """
    tensor = matrix_game("game", game).as_read
    return np.array([_own_payoffs(tensor, i).max(axis=0).min() for i in range(tensor.n_players)])


@checked(game=strategic_game)
def disagreement_point(game: StrategicGame, disagreement: str | ArrayLike = "security") -> FloatArray:
    """Return `[n_players]`: the payoffs if no agreement is reached.

    Parameters
    ----------
    game
        The game that the players bargain about.
    disagreement
        `"security"`: mixed maxmin. `"minimax"`: pure-action minimax; it need not be feasible (Matching
        Pennies: 1 for both). `"nash"`: the payoffs of the Nash equilibria, if all pay the same.
        `"defection"`: all play action 1, in games with two actions each. Or `[n_players]` payoffs.

    Raises
    ------
    ValueError
        If the name is unknown, the payoffs do not fit, not everyone has two actions (`"defection"`), or the
        equilibria differ in payoffs or are not all known (`"nash"`): picking one is a selection, not a fact.
    """
    if not isinstance(disagreement, str):
        return payoffs_of_players("disagreement point", disagreement, game.n_players)
    name = known_name("disagreement point", disagreement, DISAGREEMENTS)
    if name == "security":
        return security_levels(game)
    if name == "minimax":
        return minimax_levels(game)
    return _nash_payoffs(matrix_game("game", game)) if name == "nash" else _defection_payoffs(game)


def maxmin_value(payoffs: FloatArray) -> float:
    """Return what the row player of `payoffs[own actions, others' joint actions]` can secure by mixing."""
    secured, held = float(payoffs.min(axis=1).max()), float(payoffs.max(axis=0).min())
    if secured == held:  # a saddle point of pure actions
        return secured
    if payoffs.shape == (2, 2):
        return _two_by_two_value(*payoffs.ravel().tolist())
    if payoffs.shape[1] == 2:
        return _largest_smaller_coordinate(payoffs)
    if payoffs.shape[0] == 2:
        return -_largest_smaller_coordinate(-payoffs.T)
    return _value_by_linear_program(payoffs)


def _two_by_two_value(a: float, b: float, c: float, d: float) -> float:
    """Return the value of [[a, b], [c, d]] without a saddle point, by the mixture that equals columns."""
    # Differences to c, so that large payoffs with small differences keep their digits.
    return c + (a - c) * (d - c) / ((a - c) + (d - b))


def _largest_smaller_coordinate(points: FloatArray) -> float:
    """Return the largest that the smaller coordinate of a mixture of `points[m, 2]` can be."""
    frontier = Frontier.of(points)
    return min(frontier.point(frontier.balanced(frontier.whole, (0.0, 0.0), (1.0, 1.0))))


def _value_by_linear_program(payoffs: FloatArray) -> float:
    low, spread = payoffs.min(), payoffs.max() - payoffs.min()
    units = (payoffs - low) / spread
    own, other = largest_smallest(units), largest_smallest(1.0 - units.T)
    secured, held = float((own @ units).min()), float((units @ other).max())
    if held - secured > SAME_VALUE:
        raise ValueError(
            f"what a player secures and is held to must agree within {SAME_VALUE:g} of its payoff range, "
            f"got {secured:.12g} and {held:.12g}"
        )
    return float(low + spread * secured)


def _own_payoffs(game: Game, player: int) -> FloatArray:
    """Return the player's payoffs as `[own actions, others' joint actions]`."""
    own_first = np.moveaxis(game.payoffs[player], player, 0)
    return np.asarray(own_first.reshape(game.n_actions[player], -1))


def _defection_payoffs(game: StrategicGame) -> FloatArray:
    if set(game.n_actions) != {2}:
        raise ValueError(
            f'disagreement "defection" needs two actions each (action 1 defects), got {game.n_actions}'
        )
    return np.asarray(game.expected_payoffs([[0.0, 1.0]] * game.n_players))


def _nash_payoffs(game: Game) -> FloatArray:
    equilibria = nash_equilibria(game)
    if not equilibria.complete:
        raise ValueError(
            f'disagreement "nash" needs all equilibria of the game, got {len(equilibria.profiles)} '
            "and no proof that there are no others: give the payoffs that you mean"
        )
    payoffs = np.array([game.expected_payoffs(profile) for profile in equilibria.profiles])
    spread = (payoffs.max(axis=0) - payoffs.min(axis=0)) / np.where(
        game.payoff_range > 0, game.payoff_range, 1.0
    )
    if spread.max() > SAME_PAYOFFS:
        listed = ", ".join(str(tuple(round(float(u), 6) for u in row)) for row in payoffs)
        raise ValueError(
            f'disagreement "nash" needs equilibria that all pay the same, got {listed}: '
            "which one is a selection, so give the payoffs that you mean"
        )
    return np.asarray(payoffs[0])
