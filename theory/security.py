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

from theory._checks import FloatArray, finite_array, known_name
from theory.games import Game, StrategicGame

DISAGREEMENTS = ("security", "minimax", "nash", "defection")

# Equilibria whose payoffs are closer than this fraction of each player's range pay the same.
SAME_PAYOFFS = 1e-6


def security_levels(game: StrategicGame) -> FloatArray:
    """Return `[n_players]`: the payoff that each player can secure by a mixture of its own (maxmin).

    Closed form for players with two actions against two joint actions and wherever pure actions have a
    saddle point, else a linear program, verified by the mixtures of both sides.

    Raises
    ------
    ValueError
        If a linear program is not solved in time, or the game lists no outcomes.
    """
    return np.array([maxmin_value(_own_payoffs(game, i)) for i in range(game.n_players)])


def minimax_levels(game: StrategicGame) -> FloatArray:
    r"""Return `[n_players]`: the *pure-action minimax*, the least that the others' actions leave a player.

    It is \min_{a_{-i}} \max_{a_i} u_i(a_i, a_{-i}), the bound of folk theorems in which mixtures cannot be
    observed (Mailath & Samuelson 2006, Repeated Games and Reputations, section 2.3), and never below
    the security level. Where the others may mix, it falls to the security level: see the module's head.
    """
    return np.array([_own_payoffs(game, i).max(axis=0).min() for i in range(game.n_players)])


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
        return _given_point(disagreement, game.n_players)
    name = known_name("disagreement point", disagreement, DISAGREEMENTS)
    if name == "security":
        return security_levels(game)
    if name == "minimax":
        return minimax_levels(game)
    return _nash_payoffs(game) if name == "nash" else _defection_payoffs(game)


def maxmin_value(payoffs: FloatArray) -> float:
    """Return the value to the row player of `payoffs[own actions, others' joint actions]`, mixing allowed."""
    secured, held = payoffs.min(axis=1).max(), payoffs.max(axis=0).min()
    if secured == held:  # a saddle point of pure actions
        return float(secured)
    if payoffs.shape == (2, 2):
        return _two_by_two_value(*payoffs.ravel().tolist())
    return _value_by_linear_program(payoffs)


def _two_by_two_value(a: float, b: float, c: float, d: float) -> float:
    """Return the value of [[a, b], [c, d]] without a saddle point: the row that makes columns equal."""
    # Differences to c, so that large payoffs with small differences keep their digits.
    return c + (a - c) * (d - c) / ((a - c) + (d - b))


def _value_by_linear_program(payoffs: FloatArray) -> float:
    from theory._linear_programs import as_lottery, maximise

    low, spread = payoffs.min(), payoffs.max() - payoffs.min()
    units = (payoffs - low) / spread
    mixtures = []
    # Both sides' programs: own mixture that secures most, others' mixture that concedes least.
    for matrix in (units, 1.0 - units.T):
        n_own, n_other = matrix.shape
        solution = maximise(
            np.append(np.zeros(n_own), 1.0),
            at_least=(np.hstack([matrix.T, -np.ones((n_other, 1))]), np.zeros(n_other)),
            equal=(np.append(np.ones(n_own), 0.0)[None], np.ones(1)),
        )
        if solution is None:
            raise ValueError("the maxmin program must be feasible, got an infeasible one")
        mixtures.append(as_lottery(solution[:-1]))
    own, other = mixtures
    secured, held = (own @ units).min(), (units @ other).max()
    if held - secured > 1e-8:
        raise ValueError(f"maxmin and minimax must agree, got {secured:.12g} and {held:.12g} (range 1)")
    return float(low + spread * secured)


def outcomes_of(game: StrategicGame) -> FloatArray:
    """Return `[n_outcomes, n_players]` of a game that lists its outcomes, else raise ValueError."""
    if not isinstance(game, Game):
        raise ValueError(
            f"the game must list its outcomes, got {game!r}: "
            "give FeasibleSet or BargainingProblem the payoffs that can arise instead"
        )
    return game.outcomes


def _own_payoffs(game: StrategicGame, player: int) -> FloatArray:
    """Return the player's payoffs as `[own actions, others' joint actions]`."""
    outcomes_of(game)
    assert isinstance(game, Game)
    return np.moveaxis(game.payoffs[player], player, 0).reshape(game.n_actions[player], -1)


def _given_point(values: ArrayLike, n_players: int) -> FloatArray:
    point = finite_array("disagreement point", values)
    if point.shape != (n_players,):
        raise ValueError(f"disagreement point must be a name or {n_players} payoffs, got shape {point.shape}")
    return point


def _defection_payoffs(game: StrategicGame) -> FloatArray:
    if set(game.n_actions) != {2}:
        raise ValueError(
            f'disagreement "defection" needs two actions each (action 1 defects), got {game.n_actions}'
        )
    return game.expected_payoffs([[0.0, 1.0]] * game.n_players)


def _nash_payoffs(game: StrategicGame) -> FloatArray:
    from theory.equilibria import nash_equilibria

    assert isinstance(game, Game)
    equilibria = nash_equilibria(game)
    payoffs = np.array([game.expected_payoffs(profile) for profile in equilibria.profiles])
    if not equilibria.complete:
        raise ValueError(
            'disagreement "nash" needs all equilibria of the game, got '
            f"{len(payoffs)} and no proof that there are no others: give the payoffs that you mean"
        )
    scale = np.where(game.payoff_range > 0, game.payoff_range, 1.0)
    if ((payoffs.max(axis=0) - payoffs.min(axis=0)) / scale > SAME_PAYOFFS).any():
        listed = ", ".join(str(tuple(round(float(u), 6) for u in row)) for row in payoffs)
        raise ValueError(
            'disagreement "nash" needs equilibria that all pay the same, got several: '
            f"{listed}. Which one is a selection: give the payoffs that you mean"
        )
    return np.asarray(payoffs[0])
