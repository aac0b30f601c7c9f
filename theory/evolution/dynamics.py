r"""Selection in infinite populations: replicator and logit dynamics.

Let x_i be the share of strategy i in a population and f_i(x) its payoff. In the *replicator dynamics* (Taylor &
Jonker 1978) strategies grow as far as they do better than the mean,

    dx_i/dt = x_i (f_i(x) - sum_j x_j f_j(x)),

and in the *logit dynamics* (Fudenberg & Levine 1998; Hofbauer & Sandholm 2007) people now and then revise by a
logit choice of rationality lambda,

    dx_i/dt = exp(lambda f_i(x)) / sum_j exp(lambda f_j(x)) - x_i,

whose rest points are the logit equilibria (`theory.logit_equilibrium`).

In one population everybody meets everybody, and the game is symmetric; or each player of a game stands for a
population of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import FloatArray, finite_array, finite_number, is_list, probability_vector, shown
from theory.evolution.selection import checked_matrix
from theory.games.game import Game, Profile

# Evaluations of payoffs after which an integration is given up: some tens of seconds.
MOST_EVALUATIONS = 300_000

Shares = tuple[FloatArray, ...]


@dataclass(frozen=True, eq=False)
class Trajectory:
    """The course of a dynamics.

    Attributes
    ----------
    times
        `[times]`.
    populations
        One `[times, n_i]` array of shares for each population.
    """

    times: FloatArray
    populations: tuple[FloatArray, ...]

    @property
    def shares(self) -> FloatArray:
        """`[times, n]`: shares in the one population."""
        if len(self.populations) != 1:
            raise ValueError(
                f"shares are those of one population, got {len(self.populations)}: ask populations"
            )
        return self.populations[0]

    @property
    def final(self) -> Shares:
        """One `[n_i]` vector of shares at the last time for each population."""
        return tuple(shares[-1] for shares in self.populations)


def replicator_dynamics(
    game: ArrayLike | Game, initial: ArrayLike | Profile, *, times: ArrayLike
) -> Trajectory:
    """Follow the replicator dynamics.

    Parameters
    ----------
    game
        `[n, n]` payoffs of strategy against strategy, or a game of any number of players.
    initial
        `[n]` shares of one population, in which everybody plays against everybody (the game must be
        symmetric); or one vector of shares for each player's population.
    times
        `[times]` at which shares are wanted, increasing; `initial` holds at the first.

    Raises
    ------
    ValueError
        If shares are not probabilities, times do not increase, a game for one population is not symmetric, or
        the course is too long to be followed.

    Examples
    --------
    >>> replicator_dynamics([[2, 2], [1, 1]], [0.5, 0.5], times=[0, 1]).final[0].round(6).tolist()
    [0.731059, 0.268941]
    """
    field = payoff_field(game, initial)
    start = checked_shares(game, initial)
    # Log shares keep shares positive; who is not there never comes.
    present = [np.flatnonzero(shares > 0) for shares in start]
    sizes = [len(shares) for shares in start]

    def shares_of(logs: FloatArray) -> Shares:
        shares, at = [], 0
        for n, places in zip(sizes, present, strict=True):
            part = logs[at : at + len(places)]
            weights = np.exp(part - part.max())
            vector = np.zeros(n)
            vector[places] = weights / weights.sum()
            shares.append(vector)
            at += len(places)
        return tuple(shares)

    def slope(logs: FloatArray) -> FloatArray:
        shares = shares_of(logs)
        gains = [
            (payoffs - payoffs @ vector)[places]
            for payoffs, vector, places in zip(field(shares), shares, present, strict=True)
        ]
        return np.concatenate(gains)

    logs = np.concatenate([np.log(shares[places]) for shares, places in zip(start, present, strict=True)])
    moments = _increasing(times)
    course = integrate(slope, logs, moments, method="DOP853", rtol=1e-10, atol=1e-10)
    return _trajectory(moments, [shares_of(row) for row in course])


def logit_dynamics(
    game: ArrayLike | Game, initial: ArrayLike | Profile, *, rationality: float, times: ArrayLike
) -> Trajectory:
    """Follow the logit dynamics.

    Parameters
    ----------
    game, initial, times
        As in `replicator_dynamics`.
    rationality
        lambda, at least 0 (per unit of payoff): 0 chooses at random, infinity would be the best reply.

    Raises
    ------
    ValueError
        As `replicator_dynamics`, and if the rationality is negative.

    Examples
    --------
    >>> logit_dynamics([[2, 2], [1, 1]], [0.5, 0.5], rationality=1.0, times=[0, 50]).final[0].round(6).tolist()
    [0.731059, 0.268941]
    """
    rationality = finite_number("rationality", rationality)
    if rationality < 0:
        raise ValueError(f"rationality must be at least 0, got {rationality:g}")
    field = payoff_field(game, initial)
    start = checked_shares(game, initial)
    ends = np.cumsum([len(shares) for shares in start])[:-1]

    def slope(state: FloatArray) -> FloatArray:
        shares = tuple(np.split(state, ends))
        choices = []
        for payoffs in field(shares):
            weights = np.exp(rationality * (payoffs - payoffs.max()))
            choices.append(weights / weights.sum())
        return np.concatenate(choices) - state

    moments = _increasing(times)
    course = integrate(slope, np.concatenate(start), moments, method="LSODA", rtol=1e-10, atol=1e-13)
    # What is left of rounding and of the integration's error is taken out.
    parts = [[np.maximum(part, 0.0) for part in np.split(row, ends)] for row in course]
    return _trajectory(moments, [tuple(part / part.sum() for part in row) for row in parts])


def _trajectory(times: FloatArray, rows: Sequence[Shares]) -> Trajectory:
    return Trajectory(times, tuple(np.stack(column) for column in zip(*rows, strict=True)))


def is_one_population(initial: Any) -> bool:
    """Return whether shares are those of one population, not one vector for each of several."""
    if not is_list(initial) or not len(initial):
        raise ValueError(f"initial must be shares, or a list of shares for each player, got {shown(initial)}")
    return not is_list(initial[0])


def checked_shares(game: ArrayLike | Game, initial: Any) -> Shares:
    """Return shares as one vector for each population, or raise ValueError."""
    if is_one_population(initial):
        n = game.n_actions[0] if isinstance(game, Game) else len(checked_matrix(game))
        return (_normed(probability_vector("initial", initial, n)),)
    if not isinstance(game, Game):
        raise ValueError(f"a matrix is played in one population, got shares of {len(initial)}: give a Game")
    return tuple(_normed(shares) for shares in game.check_profile(initial))


def _normed(shares: FloatArray) -> FloatArray:
    return np.asarray(shares / shares.sum())


def payoff_field(game: ArrayLike | Game, initial: Any) -> Callable[[Shares], Shares]:
    """Return the function from shares to the strategies' payoffs, one `[n_i]` vector for each population."""
    if not isinstance(game, Game):
        matrix = checked_matrix(game)
        return lambda shares: (matrix @ shares[0],)
    payoffs = game.payoffs
    if is_one_population(initial):
        check_symmetric(game)
        return lambda shares: (_against(payoffs[0], 0, shares * game.n_players),)
    return lambda shares: tuple(_against(payoffs[i], i, shares) for i in range(game.n_players))


def _against(tensor: FloatArray, player: int, shares: Shares) -> FloatArray:
    for other in reversed(range(tensor.ndim)):
        if other != player:
            tensor = np.tensordot(tensor, shares[other], axes=(other, 0))
    return tensor


def check_symmetric(game: Game) -> None:
    """Raise ValueError unless all players of a game are alike, whatever the order of the others."""
    payoffs, n = game.payoffs, game.n_players
    alike = len(set(game.n_actions)) == 1
    for k in range(1, n):
        # Exchanging two players exchanges their payoffs; these exchanges generate all.
        alike = alike and np.array_equal(payoffs[k], np.swapaxes(payoffs[0], 0, k))
        alike = alike and (k < 2 or np.array_equal(payoffs[0], np.swapaxes(payoffs[0], 1, k)))
    if not alike:
        raise ValueError(
            f"a game within one population must be symmetric, got {game!r}: give one vector of shares a player"
        )


class TooLongError(ValueError):
    """A course needs more evaluations than are allowed."""


def integrate(
    slope: Callable[[FloatArray], FloatArray],
    start: FloatArray,
    times: FloatArray,
    *,
    method: str,
    rtol: float,
    atol: float,
    most_evaluations: int = MOST_EVALUATIONS,
) -> FloatArray:
    """Return `[times, len(start)]` the solution of an autonomous equation; TooLongError where it takes too long."""
    from scipy.integrate import solve_ivp

    evaluations = 0

    def counted(_: float, state: FloatArray) -> FloatArray:
        nonlocal evaluations
        evaluations += 1
        if evaluations > most_evaluations:
            raise TooLongError(
                f"the course until time {times[-1]:g} takes more than {most_evaluations} evaluations: "
                "ask for less time, or scale payoffs down"
            )
        return slope(state)

    solution = solve_ivp(
        counted, (times[0], times[-1]), start, method=method, t_eval=times, rtol=rtol, atol=atol
    )
    if not solution.success or solution.y.shape[1] != len(times):
        raise ValueError(f"the course could not be followed until time {times[-1]:g}: {solution.message}")
    return np.ascontiguousarray(solution.y.T)


def _increasing(times: ArrayLike) -> FloatArray:
    moments = finite_array("times", times)
    if moments.ndim != 1 or len(moments) < 2 or (np.diff(moments) <= 0).any():
        raise ValueError(f"times must be at least two increasing numbers, got {moments.tolist()}")
    return moments
