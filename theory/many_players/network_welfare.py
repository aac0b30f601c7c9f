r"""The range of welfare of a game on a network.

Welfare is quadratic in who cooperates, x in {0, 1}^N: with the symbols of `theory.many_players.network_game`,

    W(x) = W(0) + sum_i c_i x_i + sum_{edges ij} q_ij x_i x_j,
    c_i = sum_{j in N(i)} [w_i (S_i - P_i) + w_j (T_j - P_j)],   q_ij = w_i k_i + w_j k_j,   k = R + P - S - T.

The largest W is found in up to three steps (the smallest likewise, from -W):

1. *Persistency*. If x_i adds to welfare whatever those do whose part is still open, it is 1 in some optimum;
   if it never adds, 0. What is fixed may decide others. In social dilemmas with equal weights this settles all.
2. *A linear program*, where every q_ij among the open ones is at least 0: W = max sum c_i x_i + sum q_ij y_ij with
   y_ij <= x_i and y_ij <= x_j has a totally unimodular matrix, so that its optimum is an outcome.

Otherwise (finding a maximum cut is of this kind) the extreme is left unknown: NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from theory.checks import FloatArray

if TYPE_CHECKING:
    from theory.many_players.network_game import NetworkGame

# The linear program takes seconds for so many open players and edges.
LARGEST_PROGRAM = 20_000

# So many open players have about a million outcomes: 10 ms and 30 MB.
MOST_ENUMERATED = 20

# Contributions within this share of the largest one are rounding.
_ROUNDING = 1e-12


def welfare_range(game: NetworkGame) -> tuple[float, float]:
    """Return the smallest and the largest sum of payoffs over the outcomes; NaN where unknown."""
    lowest, highest = (best_outcome(game, sign) for sign in (-1.0, 1.0))
    return tuple(  # type: ignore[return-value]
        np.nan if outcome is None else float(game.expected_payoffs(game.profile(outcome)).sum())
        for outcome in (lowest, highest)
    )


def best_outcome(game: NetworkGame, sign: float) -> FloatArray | None:
    """Return `[n_players]`, 1 for cooperators, where welfare (for sign -1 its negative) is largest, or None."""
    c, q = welfare_coefficients(game)
    c, q = sign * c, sign * q
    outcome, is_open = _persistent(game, c, q)
    if not is_open.any():
        return outcome
    i, j = game.sources, game.neighbours
    inside = is_open[i] & is_open[j]
    fixed = np.bincount(i, weights=q * outcome[j] * ~is_open[j], minlength=game.n_players)
    once = inside & (i < j)
    if is_open.sum() <= MOST_ENUMERATED:
        find = _best_of_all
    elif (q[inside] < 0.0).any() or is_open.sum() + inside.sum() // 2 > LARGEST_PROGRAM:
        return None
    else:
        find = _supermodular_optimum
    outcome[is_open] = find(c + fixed, np.flatnonzero(is_open), i[once], j[once], q[once])
    return outcome


def welfare_coefficients(game: NetworkGame) -> tuple[FloatArray, FloatArray]:
    """Return c_i `[n_players]` and q_ij `[2 * n_edges]` in the order of `neighbours`; rounding counts as 0."""
    (reward, sucker), (temptation, punishment) = np.moveaxis(game.tables, 0, -1)
    w, i, j = game.weights, game.sources, game.neighbours
    c = w * (sucker - punishment) * game.degrees + game.sum_over_neighbours(w * (temptation - punishment))
    k = w * (reward + punishment - sucker - temptation)
    q = k[i] + k[j]
    tie = _ROUNDING * float(np.abs(game.tables).max())
    q[np.abs(q) <= tie] = 0.0
    return c, q


def _persistent(game: NetworkGame, c: FloatArray, q: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return an outcome that is best where it is settled, and where it is open."""
    i, j = game.sources, game.neighbours
    outcome, is_open = np.zeros(game.n_players), np.ones(game.n_players, dtype=bool)
    while is_open.any():
        sure = np.where(is_open[j], 0.0, q * outcome[j])
        at_worst = np.where(is_open[j], np.minimum(q, 0.0), sure)
        at_best = np.where(is_open[j], np.maximum(q, 0.0), sure)
        adds = c + np.bincount(i, weights=at_worst, minlength=game.n_players) >= 0.0
        never_adds = c + np.bincount(i, weights=at_best, minlength=game.n_players) <= 0.0
        settled = is_open & (adds | never_adds)
        if not settled.any():
            break
        outcome[settled & adds] = 1.0
        is_open &= ~settled
    return outcome, is_open


def _best_of_all(
    c: FloatArray,
    players: NDArray[np.int64],
    i: NDArray[np.int64],
    j: NDArray[np.int64],
    q: FloatArray,
) -> FloatArray:
    """Return the best of all outcomes of `players`; with each of them, as it joins, their number doubles."""
    place = np.zeros(len(c), dtype=np.int64)
    place[players] = np.arange(len(players))
    pairs = np.zeros((len(players), len(players)))
    pairs[place[i], place[j]] = pairs[place[j], place[i]] = q
    welfare = np.zeros(1)
    for player, alone in enumerate(c[players]):
        gain = np.array([alone])
        for other in range(player):
            gain = np.concatenate([gain, gain + pairs[player, other]])
        welfare = np.concatenate([welfare, welfare + gain])
    return np.asarray(int(welfare.argmax()) >> np.arange(len(players)) & 1, dtype=np.float64)


def _supermodular_optimum(
    c: FloatArray,
    players: NDArray[np.int64],
    i: NDArray[np.int64],
    j: NDArray[np.int64],
    q: FloatArray,
) -> FloatArray:
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    place = np.zeros(len(c), dtype=np.int64)
    place[players] = np.arange(len(players))
    n, m = len(players), len(i)
    row = np.arange(m)
    rows = np.concatenate([row, row, m + row, m + row])
    columns = np.concatenate([n + row, place[i], n + row, place[j]])
    signs = np.concatenate([np.ones(m), -np.ones(m)] * 2)
    matrix = coo_array((signs, (rows, columns)), shape=(2 * m, n + m))
    found = linprog(
        -np.concatenate([c[players], q]), A_ub=matrix.tocsr(), b_ub=np.zeros(2 * m), bounds=(0, 1),
        method="highs-ds",
    )  # fmt: skip
    if not found.success:
        raise ValueError(f"the welfare program must have an optimum, got: {found.message}")
    return np.asarray(np.round(found.x[:n]))
