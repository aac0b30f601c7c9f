r"""Where the replicator dynamics of one population rests, whether it returns there, and from where it comes.

A state x rests if all strategies that are played get the same. It is *asymptotically stable* if all eigenvalues of
the linearised dynamics, within the simplex, have negative real parts, and unstable if one has a positive one
(Hofbauer & Sigmund 1998, chapter 7). With f = A x and F = x A x the linearisation is

    J_ij = [i = j] (f_i - F) + x_i (A_ij - f_j - (A' x)_j).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.checks import (
    BoolArray,
    FloatArray,
    IntArray,
    finite_array,
    number_within,
    probability_vector,
    whole_number,
)
from theory.deprecation import renamed_keyword
from theory.evolution.dynamics import TooLongError, integrate
from theory.evolution.selection import checked_matrix

# All supports of so many strategies are looked at.
MOST_STRATEGIES = 12

MOST_POINTS = 20_000

# Of the payoffs of all states, in one stretch of time; each takes from some 50 microseconds to a millisecond.
MOST_EVALUATIONS = 10_000

# Marks of states that are not at a stable rest point.
AT_REST, MOVING = -1, -2

# Of the payoff range: eigenvalues, slopes and differences below it are rounding.
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class RestPoint:
    """An isolated rest point.

    Attributes
    ----------
    shares
        `[n]`.
    eigenvalues
        `[n - 1]` complex: of the linearised dynamics within the simplex, largest real part first.
    is_stable
        Whether the dynamics returns to it from nearby; None where the largest real part is 0.
    is_nash
        Whether no strategy would do better against it (a symmetric equilibrium).
    """

    shares: FloatArray
    eigenvalues: NDArray[np.complex128]
    is_stable: bool | None
    is_nash: bool


@dataclass(frozen=True, eq=False)
class RestPoints:
    """All rest points of a replicator dynamics.

    Attributes
    ----------
    isolated
        Those that have no others near them with the same strategies, pure ones first.
    continua
        Sets of strategies (as places) whose mixtures contain infinitely many rest points in which all of them
        are played.
    """

    isolated: tuple[RestPoint, ...]
    continua: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class Basins:
    """Where a replicator dynamics goes.

    Attributes
    ----------
    stable
        The asymptotically stable rest points.
    shares
        `[stable]`: shares of initial states that reach each of them.
    at_rest
        Share that comes to rest elsewhere (in continua, or where stability is not decided).
    moving
        Share that still moves in the end: cycles, what is too slow, and what takes too long to follow.
    initial, final
        `[points, n]` states.
    reached
        `[points]`: place in `stable`, -1 at rest elsewhere, -2 moving.
    """

    stable: tuple[RestPoint, ...]
    shares: FloatArray
    at_rest: float
    moving: float
    initial: FloatArray
    final: FloatArray
    reached: IntArray


def replicator_rest_points(matrix: ArrayLike) -> RestPoints:
    """Return all rest points of the replicator dynamics of one population.

    Parameters
    ----------
    matrix
        `[n, n]`: payoff of the row strategy against the column strategy, n at most 12.

    Raises
    ------
    ValueError
        If there are more strategies.
    """
    payoffs = checked_matrix(matrix)
    n = len(payoffs)
    if n > MOST_STRATEGIES:
        raise ValueError(f"rest points are looked for among at most {MOST_STRATEGIES} strategies, got {n}")
    isolated, continua = [], []
    for size in range(1, n + 1):
        for support in combinations(range(n), size):
            inside = payoffs[np.ix_(support, support)]
            # Whoever is played gets as much as the first, and shares sum to one.
            system = np.vstack([inside[1:] - inside[0], np.full(size, max(np.ptp(inside), 1e-300))])
            right = np.zeros(size)
            right[-1] = system[-1, 0]
            if np.linalg.matrix_rank(system, tol=ROUNDING * system[-1, 0]) == size:
                mixture = np.linalg.solve(system, right) if size > 1 else np.ones(1)
                if (mixture > ROUNDING).all():
                    shares = np.zeros(n)
                    shares[list(support)] = mixture
                    isolated.append(_described(payoffs, shares))
            elif _has_positive_solution(system, right):
                continua.append(support)
    return RestPoints(tuple(isolated), tuple(continua))


def _has_positive_solution(system: FloatArray, right: FloatArray) -> bool:
    from scipy.optimize import linprog

    n = len(right)
    scale = system[-1, 0]
    # The largest t with x_i >= t for all i.
    found = linprog(
        np.append(np.zeros(n), -1.0),
        A_ub=np.hstack([-np.eye(n), np.ones((n, 1))]),
        b_ub=np.zeros(n),
        A_eq=np.hstack([system / scale, np.zeros((n, 1))]),
        b_eq=right / scale,
        bounds=[(None, None)] * n + [(None, 1.0)],
    )
    return bool(found.status == 0 and found.x[-1] > ROUNDING)


def _described(payoffs: FloatArray, shares: FloatArray) -> RestPoint:
    n = len(shares)
    f = payoffs @ shares
    mean = shares @ f
    jacobian = np.diag(f - mean) + shares[:, None] * (payoffs - f - payoffs.T @ shares)
    # Columns that span the directions within the simplex.
    inside = np.linalg.qr(np.vstack([np.eye(n - 1), -np.ones(n - 1)]))[0]
    eigenvalues = np.linalg.eigvals(inside.T @ jacobian @ inside).astype(np.complex128)
    eigenvalues = eigenvalues[np.argsort(-eigenvalues.real)]
    small = ROUNDING * np.ptp(payoffs)
    largest = eigenvalues.real[0]
    stable = None if abs(largest) <= small else bool(largest < 0)
    return RestPoint(shares, eigenvalues, stable, bool((f <= mean + small).all()))


@renamed_keyword("resolution", "divisions")
def replicator_basins(
    matrix: ArrayLike,
    *,
    divisions: int = 20,
    points: ArrayLike | None = None,
    duration: float | None = None,
    tolerance: float = 1e-3,
) -> Basins:
    """Return which shares of initial states reach which stable rest points.

    Parameters
    ----------
    matrix
        `[n, n]`: payoff of the row strategy against the column strategy, n at most 12.
    divisions
        The initial states are an even grid inside the simplex, (k_i + 1/2) / (divisions + n/2) for whole k_i
        >= 0 that sum to `divisions`.
    points
        `[points, n]` initial states instead.
    duration
        Time for which states are followed at most; by default 10^4 / (payoff range).
    tolerance
        Distance from a stable rest point (in any share) within which a state counts as having reached it.

    Raises
    ------
    ValueError
        If an argument is out of its bounds, or there are more than 20,000 points.

    Examples
    --------
    >>> replicator_basins([[3, 0], [2, 1]], divisions=99).shares.tolist()
    [0.5, 0.5]
    """
    payoffs = checked_matrix(matrix)
    stable = tuple(rest for rest in replicator_rest_points(payoffs).isolated if rest.is_stable)
    n = len(payoffs)
    initial = simplex_grid(n, divisions) if points is None else _checked_points(points, n)
    tolerance = number_within("tolerance", tolerance, 1e-9, 0.5)
    spread = float(np.ptp(payoffs)) or 1.0
    last = 1e4 / spread if duration is None else number_within("duration", duration, 0.0, np.inf)
    targets = np.array([rest.shares for rest in stable]).reshape(-1, n)

    final = ends(
        payoffs, initial, last, lambda states, _: _places(payoffs, states, targets, tolerance) != MOVING
    )
    reached = _places(payoffs, final, targets, tolerance)
    shares = np.array([(reached == k).mean() for k in range(len(stable))])
    at_rest, moving = float((reached == AT_REST).mean()), float((reached == MOVING).mean())
    return Basins(stable, shares, at_rest, moving, initial, final, reached)


def _places(payoffs: FloatArray, states: FloatArray, targets: FloatArray, tolerance: float) -> IntArray:
    """Return `[points]`: the place of the target that a state has reached, -1 at rest elsewhere, -2 moving."""
    places = np.where(rests(payoffs, states), AT_REST, MOVING)
    for k, target in enumerate(targets):
        places[np.abs(states - target).max(axis=1) <= tolerance] = k
    return places


def _gains(payoffs: FloatArray, states: FloatArray) -> FloatArray:
    """Return `[points, n]`: how much better than the mean strategies do, in one game or one for each state."""
    own = (payoffs @ states[:, :, None])[:, :, 0]
    return np.asarray(own - (states * own).sum(axis=1, keepdims=True))


def rests(payoffs: FloatArray, states: FloatArray) -> BoolArray:
    """Return `[points]`: whether states change no faster than rounding."""
    speed = np.abs(states * _gains(payoffs, states)).max(axis=1)
    return np.asarray(speed <= ROUNDING * np.ptp(payoffs, axis=(-2, -1)))


def ends(
    payoffs: FloatArray,
    starts: FloatArray,
    duration: float,
    arrived: Callable[[FloatArray, IntArray], BoolArray],
) -> FloatArray:
    """Follow many states at once until they have arrived, time is over, or it would take too long.

    Parameters
    ----------
    payoffs
        `[n, n]`, or `[points, n, n]` for a game of its own for each state.
    starts
        `[points, n]`.
    duration
        In time units of the replicator dynamics.
    arrived
        Says of `[some, n]` states and their `[some]` numbers which need not be followed on.

    Returns
    -------
    numpy.ndarray
        `[points, n]`: where the states were last seen.
    """
    states = starts.copy()
    moving = np.flatnonzero(~arrived(states, np.arange(len(states))))
    time = 0.0
    stretch = 10.0 / (float(np.ptp(payoffs, axis=(-2, -1)).max()) or 1.0)
    while len(moving) and time < duration:
        stretch = min(stretch, duration - time)
        games = payoffs if payoffs.ndim == 2 else payoffs[moving]
        try:
            states[moving] = _followed(games, states[moving], stretch)
        except TooLongError:
            break
        time, stretch = time + stretch, 2.0 * stretch
        moving = moving[~arrived(states[moving], moving)]
    return states


def _followed(payoffs: FloatArray, states: FloatArray, duration: float) -> FloatArray:
    """Return where states are after a time, in log shares."""
    present = states > 0
    start = np.log(np.where(present, states, 1.0))

    def shares_of(flat: FloatArray) -> FloatArray:
        # Trial steps of the integration may lead far: relative to the largest nothing overflows.
        logs = np.where(present, flat.reshape(states.shape), -np.inf)
        weights = np.exp(logs - logs.max(axis=1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    def slope(flat: FloatArray) -> FloatArray:
        return np.where(present, _gains(payoffs, shares_of(flat)), 0.0).ravel()

    course = integrate(
        slope, start.ravel(), np.array([0.0, duration]), method="DOP853", rtol=1e-8, atol=1e-8,
        most_evaluations=MOST_EVALUATIONS,
    )  # fmt: skip
    return shares_of(course[-1])


def simplex_grid(strategies: int, divisions: int) -> FloatArray:
    """Return `[points, n]`: an even grid inside the simplex, (k_i + 1/2) / (divisions + n/2)."""
    divisions = whole_number("divisions", divisions, at_least=1)
    number = comb(divisions + strategies - 1, strategies - 1)
    if number > MOST_POINTS:
        raise ValueError(f"divisions must give at most {MOST_POINTS} points, got {number}: give points")
    whole = np.array(list(_compositions(divisions, strategies)), dtype=np.float64)
    return np.asarray((whole + 0.5) / (divisions + strategies / 2))


def _compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    for bars in combinations(range(total + parts - 1), parts - 1):
        edges = (-1, *bars, total + parts - 1)
        yield tuple(b - a - 1 for a, b in pairwise(edges))


def _checked_points(points: ArrayLike, n: int) -> FloatArray:
    array = finite_array("points", points)
    if array.ndim != 2 or len(array) == 0 or len(array) > MOST_POINTS:
        raise ValueError(f"points must have shape [1 to {MOST_POINTS}, {n}], got shape {array.shape}")
    checked = np.array([probability_vector(f"point {k}", point, n) for k, point in enumerate(array)])
    return np.asarray(checked / checked.sum(axis=1, keepdims=True))
