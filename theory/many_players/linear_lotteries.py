r"""The lotteries of a linear dilemma that dominate given payoffs, without the 2^N outcomes.

A lottery puts weight q_k on "k players cooperate" and, given k, draws who they are. The payoff vectors that one
k reaches are those majorised by (c(k) repeated k times, d(k) repeated N - k times): a permutohedron. Its
mixtures over k are again the base polytope of a symmetric submodular function,

    f_q(m) = sum_k q_k g_k(m),   g_k(m) = largest total payoff of any m players when k cooperate,

so by the theorem of Edmonds (1970) on polymatroids some reachable vector weakly dominates u if and only if

    f_q(m) >= U_m = sum of the m largest u_i    for m = 1, ..., N.

The best lottery is therefore the linear program "maximise f_q(N) over the weights q subject to these N rows".
Columns (numbers k) enter while their reduced cost is positive, rows (sizes m) while they are violated; both
are searched for in O(N), and few ever matter. Without the other rows the program is a bound from above. Where too
many rows bind, U is replaced by the least concave function above it that is linear between as few sizes: a
lottery that satisfies these rows satisfies all, and is a bound from below.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from theory.checks import FloatArray, Indices

# All in units of the payoff range. HiGHS's tightest tolerance:
_SOLVER_TOLERANCE = 1e-10
# what may be missing per player from payoffs that are reached but for rounding,
_SHORTFALL = 1e-9
# and rounding of payoffs that are equal in exact arithmetic.
_ROUNDING = 1e-12

# With more rows, bounds from above and below take over.
MOST_ROWS = 60
MOST_PROGRAMS = 5000

# Numbers of cooperators to start with, and rows or columns to add at a time.
_FIRST_COLUMNS = 9
_AT_A_TIME = 8


@dataclass(frozen=True)
class Roles:
    """Payoffs by role when k players cooperate, `cooperator[k]` and `defector[k]` for k = 0, ..., N.

    They are scaled to [0, 1], but for the roles that nobody has: of a cooperator if k = 0, of a defector if k = N.
    """

    cooperator: FloatArray
    defector: FloatArray

    @property
    def n_players(self) -> int:
        """N."""
        return len(self.cooperator) - 1

    @property
    def welfare(self) -> FloatArray:
        """`[N + 1]`: sum of payoffs when k cooperate."""
        k = np.arange(self.n_players + 1)
        return np.asarray(k * self.cooperator + (self.n_players - k) * self.defector)


@dataclass(frozen=True)
class BestLottery:
    """The dominating lottery of largest welfare, as far as it was found.

    Attributes
    ----------
    weights
        Weight of each number k of cooperators that may come up; None if no dominating lottery was found.
    most_welfare
        No dominating lottery has larger expected welfare, in the scale of the roles; minus infinity if
        there is none.
    """

    weights: dict[int, float] | None
    most_welfare: float


def best_lottery_of_roles(
    roles: Roles, payoffs: FloatArray, *, most_rows: int = MOST_ROWS, most_programs: int = MOST_PROGRAMS
) -> BestLottery:
    """Return the lottery of largest welfare with nobody below `payoffs[n_players]`, in the scale of `roles`.

    With more than `most_rows` rows bounds from above and below take over; ValueError after `most_programs` programs.
    """
    n = roles.n_players
    descending = np.sort(payoffs)[::-1]
    totals = np.cumsum(descending)
    means = totals / np.arange(1, n + 1)
    program = _Program(roles, most_programs)
    sizes = np.array([n])
    while True:
        weights = program.solve(sizes, means[sizes - 1])
        if weights is None:
            return BestLottery(None, -inf)
        most_welfare = program.welfare_of(weights)
        violated = _peaks(means - program.means_of_best(weights), _ROUNDING) + 1
        new = np.setdiff1d(violated, sizes)
        if not len(new):
            return BestLottery(weights, most_welfare)
        if len(sizes) > most_rows:
            evenly = np.linspace(1, n, most_rows // 2).astype(np.intp)
            kinks, bounds = _tangents(descending, totals, np.union1d(sizes, evenly))
            return BestLottery(program.solve(kinks, bounds / kinks), most_welfare)
        sizes = np.union1d(sizes, new)


def _peaks(values: FloatArray, threshold: float) -> Indices:
    """Return the positions of the largest value in each of a few blocks, where it exceeds the threshold."""
    blocks = np.array_split(np.arange(len(values)), min(_AT_A_TIME, len(values)))
    peaks = np.array([block[int(values[block].argmax())] for block in blocks])
    return np.asarray(peaks[values[peaks] > threshold])


def _tangents(descending: FloatArray, totals: FloatArray, sizes: Indices) -> tuple[Indices, FloatArray]:
    """Return the kinks, and values there, of a concave function above U that touches it at `sizes`.

    Between two sizes it follows the tangent of U at the one, then that at the other, as their slopes are the
    payoffs on either side.
    """
    starts, ends = np.append(0, sizes[:-1]), sizes
    start_values, end_values = np.append(0.0, totals)[starts], totals[ends - 1]
    start_slopes, end_slopes = descending[starts], descending[ends - 1]
    rise = end_values - start_values - end_slopes * (ends - starts)
    bend = start_slopes - end_slopes
    meet = starts + np.divide(rise, bend, out=np.zeros(len(bend)), where=bend > 0)
    between = np.concatenate([np.floor(meet), np.ceil(meet)]).astype(np.intp)
    twice = np.tile(np.arange(len(ends)), 2)
    values = np.minimum(
        start_values[twice] + start_slopes[twice] * (between - starts[twice]),
        end_values[twice] - end_slopes[twice] * (ends[twice] - between),
    )
    kinks, first = np.unique(np.append(ends, between), return_index=True)
    bounds = np.append(end_values, values)[first]
    return kinks[kinks > 0], bounds[kinks > 0]


class _Program:
    """The linear program for any rows, whose columns are kept from one solution to the next.

    Its rows are in means of m players instead of sums, so that all coefficients are within [0, 1].
    """

    def __init__(self, roles: Roles, most_programs: int) -> None:
        self._most_programs = most_programs
        n = roles.n_players
        k = np.arange(n + 1)
        self._n_players = n
        self._welfare = roles.welfare
        # The role that pays more, how many have it, and by how much it pays more.
        self._n_first = np.where(roles.cooperator >= roles.defector, k, n - k)
        self._second = np.minimum(roles.cooperator, roles.defector)
        self._difference = np.abs(roles.cooperator - roles.defector)
        starts = np.linspace(0, n, _FIRST_COLUMNS).astype(np.intp)
        self._columns = np.union1d(starts, self._welfare.argmax())
        self._programs = 0

    def welfare_of(self, weights: dict[int, float]) -> float:
        """Return the expected welfare."""
        return float(sum(q * self._welfare[k] for k, q in weights.items()))

    def means_of_best(self, weights: dict[int, float]) -> FloatArray:
        """Return f_q(m) / m for m = 1, ..., N."""
        n = self._n_players
        steps = np.zeros(n + 1)
        for k, q in weights.items():
            steps[0] += q * (self._second[k] + self._difference[k])
            steps[self._n_first[k]] -= q * self._difference[k]
        # steps: how the expected payoff of the m-th best player falls with m.
        return np.asarray(np.cumsum(np.cumsum(steps[:-1])) / np.arange(1, n + 1))

    def solve(self, sizes: Indices, needed: FloatArray) -> dict[int, float] | None:
        """Return the weights of largest welfare with f_q(m) / m >= `needed` for m in `sizes`, or None."""
        shortfall = self._least_shortfall(sizes, needed)
        if shortfall > _SHORTFALL:
            return None
        worth = self._welfare / self._n_players
        # HiGHS may not settle, or find infeasible, what it has just found feasible within its tolerance.
        for allowance in (shortfall, shortfall + _SOLVER_TOLERANCE, 2 * _SHORTFALL):
            weights = self._over_all_columns(sizes, needed - allowance, worth)
            if weights is not None:
                return {int(k): float(q) for k, q in zip(self._columns, weights, strict=True) if q > 0}
        raise ValueError("the linear program of the Pareto slack must be solved, got no solution")

    def _least_shortfall(self, sizes: Indices, needed: FloatArray) -> float:
        """Return how much the best lottery misses its worst row by, at least 0."""
        solution = self._over_all_columns(sizes, needed, None)
        if solution is None:  # although a large enough shortfall satisfies every row
            raise ValueError("the linear program of the Pareto slack must be solved, got no solution")
        return max(float(solution[-1]), 0.0)

    def _over_all_columns(
        self, sizes: Indices, needed: FloatArray, worth: FloatArray | None
    ) -> FloatArray | None:
        """Return the optimal weights of `columns`, which grow until no other column would do better.

        Without `worth` the shortfall is minimised instead, and is the last entry.
        """
        while True:
            solved = self._over_columns_at_hand(sizes, needed, worth)
            if solved is None:
                return None
            weights, prices, price_of_one = solved
            values = self._values(sizes, prices) - price_of_one + (0.0 if worth is None else worth)
            new = np.setdiff1d(_peaks(values, _SOLVER_TOLERANCE), self._columns)
            if not len(new) or (worth is None and weights[-1] <= 0):
                return weights
            self._columns = np.union1d(self._columns, new)

    def _values(self, sizes: Indices, prices: FloatArray) -> FloatArray:
        """Return `[N + 1]`: what each number of cooperators contributes to the rows, at their prices."""
        n = self._n_players
        at_size = np.bincount(sizes, prices, minlength=n + 1)
        per_player = np.bincount(sizes, prices / sizes, minlength=n + 1)
        # sum over rows m of price * min(m, j) / m for j = 0, ..., N
        shares = np.cumsum(at_size) + np.arange(n + 1) * (per_player.sum() - np.cumsum(per_player))
        return np.asarray(prices.sum() * self._second + self._difference * shares[self._n_first])

    def _over_columns_at_hand(
        self, sizes: Indices, needed: FloatArray, worth: FloatArray | None
    ) -> tuple[FloatArray, FloatArray, float] | None:
        """Return the weights of `columns`, the rows' prices and the price of a unit of weight, or None."""
        from scipy.optimize import linprog

        self._programs += 1
        if self._programs > self._most_programs:
            raise ValueError(
                f"the Pareto slack must settle within {self._most_programs} linear programs, got no end: "
                'ask for within="pure"'
            )
        k = self._columns
        m = sizes[:, None]
        means = self._second[k] + self._difference[k] * (np.minimum(m, self._n_first[k]) / m)
        n_extra = 1 if worth is None else 0
        cost = np.append(np.zeros(len(k)), 1.0) if worth is None else -worth[k]
        result = linprog(
            cost,
            A_ub=-np.hstack([means, np.ones((len(sizes), n_extra))]),
            b_ub=-needed,
            A_eq=np.append(np.ones(len(k)), np.zeros(n_extra))[None],
            b_eq=[1.0],
            method="highs-ds",
            options={
                "primal_feasibility_tolerance": _SOLVER_TOLERANCE,
                "dual_feasibility_tolerance": _SOLVER_TOLERANCE,
            },
        )
        if result.status != 0:
            return None
        return result.x, -result.ineqlin.marginals, -float(result.eqlin.marginals[0])
