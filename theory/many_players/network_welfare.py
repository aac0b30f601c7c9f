r"""The range of welfare of a game on a network, and what is known of the welfare of its Nash equilibria.

Welfare is quadratic in who cooperates, x in {0, 1}^N: with the symbols of `theory.many_players.network_payoffs`,

    W(x) = W(0) + sum_i c_i x_i + sum_{edges ij} q_ij x_i x_j,
    c_i = sum_{j in N(i)} [w_i (S_i - P_i) + w_j (T_j - P_j)],   q_ij = w_i k_i + w_j k_j,   k = R + P - S - T.

The largest W is found in up to three steps (the smallest likewise, from -W):

1. *Persistency*. If x_i adds to welfare whatever those do whose part is still open, it is 1 in some optimum;
   if it never adds, 0. What is fixed may decide others. In social dilemmas with equal weights this settles all.
2. *A linear program*, where every q_ij among the open ones is at least 0: W = max sum c_i x_i + sum q_ij y_ij with
   y_ij <= x_i and y_ij <= x_j has a totally unimodular matrix, so that its optimum is an outcome.

Otherwise (finding a maximum cut is of this kind) the extreme is left unknown: NaN.

Whatever its partners do, player i gains by cooperating between the two values against all-C and all-D. Where every
player has a strictly dominant action, that is the only equilibrium. Else the outcomes in which all cooperate, or
all defect, are tried: if one of them is an equilibrium and no outcome has more welfare, the best equilibrium is
known; if one is an equilibrium and no outcome has less, the worst. Both must be known for `complete`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.checks import BoolArray, FloatArray, IntArray
from theory.many_players.network_payoffs import NetworkPayoffs

# The linear program takes seconds for so many open players and edges.
LARGEST_PROGRAM = 20_000

# So many open players have about a million outcomes: 10 ms and 30 MB.
MOST_ENUMERATED = 20

# Contributions, gains and differences of welfare within this share of the largest payoff are rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class NetworkGameEquilibria:
    """What is known of all Nash equilibria.

    Attributes
    ----------
    best_welfare, worst_welfare
        Largest and smallest sum of payoffs over all equilibria; None where not known.
    continuum
        Whether there are infinitely many; None where not known.
    complete
        Whether both welfares are known.
    """

    best_welfare: float | None
    worst_welfare: float | None
    continuum: bool | None

    @property
    def complete(self) -> bool:
        """Whether both welfares are known."""
        return self.best_welfare is not None and self.worst_welfare is not None


def welfare_range(
    game: NetworkPayoffs, *, most_enumerated: int = MOST_ENUMERATED, largest_program: int = LARGEST_PROGRAM
) -> tuple[float, float]:
    """Return the smallest and the largest sum of payoffs over the outcomes; NaN where unknown."""
    bounds = {"most_enumerated": most_enumerated, "largest_program": largest_program}
    lowest, highest = (best_outcome(game, sign, **bounds) for sign in (-1.0, 1.0))
    return tuple(  # type: ignore[return-value]
        np.nan if outcome is None else float(game.expected_payoffs(game.profile(outcome)).sum())
        for outcome in (lowest, highest)
    )


def best_outcome(
    game: NetworkPayoffs,
    sign: float,
    *,
    most_enumerated: int = MOST_ENUMERATED,
    largest_program: int = LARGEST_PROGRAM,
) -> FloatArray | None:
    """Return `[n_players]`, 1 for cooperators, where welfare (for sign -1 its negative) is largest, or None.

    All outcomes of up to `most_enumerated` open players are tried; the linear program has at most
    `largest_program` open players and edges.
    """
    c, q = welfare_coefficients(game)
    c, q = sign * c, sign * q
    outcome, is_open = _persistent(game, c, q)
    if not is_open.any():
        return outcome
    i, j = game.sources, game.neighbours
    inside = is_open[i] & is_open[j]
    fixed = np.bincount(i, weights=q * outcome[j] * ~is_open[j], minlength=game.n_players)
    once = inside & (i < j)
    # Open players are numbered among themselves; each pair of them stands once.
    place = np.cumsum(is_open) - 1
    if is_open.sum() <= most_enumerated:
        find = _best_of_all
    elif (q[inside] < 0.0).any() or is_open.sum() + inside.sum() // 2 > largest_program:
        return None
    else:
        find = _supermodular_optimum
    outcome[is_open] = find((c + fixed)[is_open], place[i[once]], place[j[once]], q[once])
    return outcome


def welfare_coefficients(game: NetworkPayoffs) -> tuple[FloatArray, FloatArray]:
    """Return c_i `[n_players]` and q_ij `[2 * n_edges]` in the order of `neighbours`; rounding counts as 0."""
    (reward, sucker), (temptation, punishment) = np.moveaxis(game.tables, 0, -1)
    w, i, j = game.weights, game.sources, game.neighbours
    c = w * (sucker - punishment) * game.degrees + game.sum_over_neighbours(w * (temptation - punishment))
    k = w * (reward + punishment - sucker - temptation)
    q = k[i] + k[j]
    tie = _ROUNDING * float(np.abs(game.tables).max())
    q[np.abs(q) <= tie] = 0.0
    return c, q


def _persistent(game: NetworkPayoffs, c: FloatArray, q: FloatArray) -> tuple[FloatArray, BoolArray]:
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


def _best_of_all(c: FloatArray, i: IntArray, j: IntArray, q: FloatArray) -> FloatArray:
    """Return the best of all outcomes; with each player, as it joins, their number doubles."""
    pairs = np.zeros((len(c), len(c)))
    pairs[i, j] = pairs[j, i] = q
    welfare = np.zeros(1)
    for player, alone in enumerate(c):
        gain = np.array([alone])
        for other in range(player):
            gain = np.concatenate([gain, gain + pairs[player, other]])
        welfare = np.concatenate([welfare, welfare + gain])
    return np.asarray(int(welfare.argmax()) >> np.arange(len(c)) & 1, dtype=np.float64)


def _supermodular_optimum(c: FloatArray, i: IntArray, j: IntArray, q: FloatArray) -> FloatArray:
    """Return the best outcome by the linear program of step 2 above."""
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    n, m = len(c), len(i)
    row = np.arange(m)
    rows = np.concatenate([row, row, m + row, m + row])
    columns = np.concatenate([n + row, i, n + row, j])
    signs = np.concatenate([np.ones(m), -np.ones(m)] * 2)
    matrix = coo_array((signs, (rows, columns)), shape=(2 * m, n + m))
    found = linprog(
        -np.concatenate([c, q]), A_ub=matrix.tocsr(), b_ub=np.zeros(2 * m), bounds=(0, 1),
        method="highs-ds",
    )  # fmt: skip
    if not found.success:
        raise ValueError(f"the welfare program must have an optimum, got: {found.message}")
    return np.asarray(np.round(found.x[:n]))


def _gains_by_cooperating(game: NetworkPayoffs) -> tuple[FloatArray, float]:
    """Return `[2, n_players]`: what cooperating gains if all partners cooperate and if none does; and rounding."""
    (reward, sucker), (temptation, punishment) = np.moveaxis(game.tables, 0, -1)
    gains = np.stack([reward - temptation, sucker - punishment])
    return gains, _ROUNDING * float(np.abs(game.tables).max())


def dominant_equilibrium(game: NetworkPayoffs) -> NetworkGameEquilibria | None:
    """Return the only equilibrium where every player has a strictly dominant action, else None: O(edges)."""
    gains, tie = _gains_by_cooperating(game)
    cooperate, defect = (gains > tie).all(axis=0), (gains < -tie).all(axis=0)
    if not (cooperate | defect).all():
        return None
    welfare = float(game.expected_payoffs(game.profile(np.where(cooperate, 1.0, 0.0))).sum())
    return NetworkGameEquilibria(welfare, welfare, continuum=False)


def equilibria_of_extreme_welfare(
    game: NetworkPayoffs, over_outcomes: tuple[float, float]
) -> NetworkGameEquilibria:
    """Return what all-C and all-D tell of the equilibria, given the range of welfare over the outcomes."""
    gains, tie = _gains_by_cooperating(game)
    candidates = []
    if (gains[0] >= -tie).all():
        candidates.append(float(game.expected_payoffs(game.profile(1.0)).sum()))
    if (gains[1] <= tie).all():
        candidates.append(float(game.expected_payoffs(game.profile(0.0)).sum()))
    lowest, highest = over_outcomes
    near = tie * game.n_players * float((game.weights * game.degrees).max())
    best = next((welfare for welfare in candidates if welfare >= highest - near), None)
    worst = next((welfare for welfare in candidates if welfare <= lowest + near), None)
    return NetworkGameEquilibria(best, worst, continuum=None)
