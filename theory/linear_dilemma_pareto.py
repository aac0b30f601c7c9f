r"""Pareto slack of linear dilemmas, exactly and without the 2^N outcomes.

A lottery puts weight q_k on "k players cooperate" and, given k, draws who they are. The payoff vectors that
one k reaches are those majorised by (c(k) repeated k times, d(k) repeated N - k times): a permutohedron. Its
mixtures over k are again the base polytope of a symmetric submodular function,

    f_q(m) = sum_k q_k g_k(m),   g_k(m) = largest total payoff of any m players when k cooperate,

so by the theorem of Edmonds (1970) on polymatroids some reachable vector weakly dominates u if and only if

    f_q(m) >= U_m = sum of the m largest u_i    for m = 1, ..., N.

The slack is therefore the linear program "maximise f_q(N) over the weights q subject to these N rows". Rows
and columns enter only when needed: few ever are. A column is missing while its reduced cost is positive, a
row while it is violated, and both are searched for in O(N), so that the answer is that of the full program.

In the solution the largest f_q(N) is shared so that the worst off gain first: v_i = max(u_i, tau). That is
the least unequal vector above u, so it is reachable if any is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from theory import pareto
from theory._checks import FloatArray, finite_array, known_name
from theory.pareto import WITHIN, ParetoSlack

if TYPE_CHECKING:
    from theory.linear_dilemmas import LinearDilemma

# All in units of the payoff range. HiGHS's tightest tolerance:
_SOLVER_TOLERANCE = 1e-10
# what may be missing per player from payoffs that are reached but for rounding,
_SHORTFALL = 1e-9
# mean gains per player that the program may not tell from none,
_NEGLIGIBLE = 1e-9
# and rounding of payoffs that are equal in exact arithmetic.
_ROUNDING = 1e-12

# A million players with payoffs all different took 93 linear programs.
_MOST_PROGRAMS = 3000

_FIRST_COLUMNS = 9


@dataclass(frozen=True)
class _Roles:
    """Payoffs by role, scaled to [0, 1]: `cooperator[k]` and `defector[k]` when k players cooperate."""

    cooperator: FloatArray
    defector: FloatArray

    @property
    def n_players(self) -> int:
        return len(self.cooperator) - 1

    @property
    def welfare(self) -> FloatArray:
        k = np.arange(self.n_players + 1)
        return np.asarray(k * self.cooperator + (self.n_players - k) * self.defector)

    def mean_of_best(self, k: ArrayLike, m: ArrayLike) -> FloatArray:
        """Return g_k(m) / m: the largest mean payoff of m players when k cooperate."""
        k, m = np.asarray(k), np.asarray(m)
        cooperator, defector = self.cooperator[k], self.defector[k]
        cooperators = np.where(
            cooperator >= defector, np.minimum(m, k), np.maximum(m - (self.n_players - k), 0)
        )
        return np.asarray(defector + cooperators / m * (cooperator - defector))


class _LotteryProgram:
    """The linear program of the module's docstring, in means of m players instead of sums.

    Its rows are sizes m, its columns numbers k of cooperators. `payoffs[n_players]` are in the roles' scale.
    """

    def __init__(self, roles: _Roles, payoffs: FloatArray) -> None:
        n = roles.n_players
        self.roles = roles
        self.sizes = np.arange(1, n + 1)
        self.needed = np.cumsum(np.sort(payoffs)[::-1]) / self.sizes
        self.worth = roles.welfare / n
        self.columns = list({int(k) for k in np.linspace(0, n, _FIRST_COLUMNS)} | {int(self.worth.argmax())})
        self.rows: dict[int, FloatArray] = {}
        self.programs = 0
        self._add_row(n)

    def solve(self) -> dict[int, float] | None:
        """Return the weights of numbers of cooperators, or None if no lottery dominates the payoffs."""
        while True:
            shortfall = self._least_shortfall()
            if shortfall > _SHORTFALL:
                return None
            weights = self._best_weights(shortfall)
            lottery = {k: float(q) for k, q in zip(self.columns, weights, strict=True) if q > 0}
            means = sum(q * self.roles.mean_of_best(k, self.sizes) for k, q in lottery.items())
            missing = self.needed - means
            worst = int(missing.argmax())
            if missing[worst] <= _ROUNDING or worst + 1 in self.rows:
                return lottery
            self._add_row(worst + 1)

    def _add_row(self, size: int) -> None:
        self.rows[size] = self.roles.mean_of_best(np.arange(self.roles.n_players + 1), size)

    def _least_shortfall(self) -> float:
        """Return how much the best lottery over all columns misses the rows at hand by, at least 0."""
        solution = self._over_all_columns(np.zeros_like(self.worth), elastic=True)
        if solution is None:  # although a large enough shortfall satisfies every row
            raise ValueError("the linear program of the Pareto slack must be solved, got no solution")
        return max(float(solution[-1]), 0.0)

    def _best_weights(self, shortfall: float) -> FloatArray:
        """Return the weights of columns with the largest welfare, for the rows at hand."""
        # HiGHS may not settle, or find infeasible, what it has just found feasible within its tolerance.
        for allowance in (shortfall, shortfall + _SOLVER_TOLERANCE, 2 * _SHORTFALL):
            weights = self._over_all_columns(self.worth, allowance=allowance)
            if weights is not None:
                return weights
        raise ValueError("the linear program of the Pareto slack must be solved, got no solution")

    def _over_all_columns(
        self, worth: FloatArray, *, elastic: bool = False, allowance: float = 0.0
    ) -> FloatArray | None:
        """Return the optimal weights of `columns`, which grow until no other column would do better.

        An elastic program minimises the shortfall of the rows, which is then the last entry.
        """
        while True:
            solved = self._over_columns_at_hand(worth, elastic, allowance)
            if solved is None:
                return None
            weights, prices, price_of_one = solved
            values = worth + sum(price * row for price, row in zip(prices, self.rows.values(), strict=True))
            best = int(values.argmax())
            settled = values[best] - price_of_one <= _SOLVER_TOLERANCE or best in self.columns
            if settled or (elastic and weights[-1] <= 0):
                return weights
            self.columns.append(best)

    def _over_columns_at_hand(
        self, worth: FloatArray, elastic: bool, allowance: float
    ) -> tuple[FloatArray, FloatArray, float] | None:
        """Return the weights of `columns`, the rows' prices and the price of a unit of weight, or None."""
        from scipy.optimize import linprog

        self.programs += 1
        if self.programs > _MOST_PROGRAMS:
            raise ValueError(
                f"the Pareto slack must settle within {_MOST_PROGRAMS} linear programs, got no end: "
                'ask for within="pure"'
            )
        means = np.array([row[self.columns] for row in self.rows.values()])
        needed = np.array([self.needed[size - 1] for size in self.rows]) - allowance
        extra = [1.0] if elastic else []
        result = linprog(
            np.append(-worth[self.columns], extra),
            A_ub=-np.hstack([means, np.ones((len(means), len(extra)))]),
            b_ub=-needed,
            A_eq=np.append(np.ones(len(self.columns)), np.zeros(len(extra)))[None],
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


def pareto_slack(game: LinearDilemma, payoffs: ArrayLike, *, within: str = "lotteries") -> ParetoSlack:
    """Return how much more the players could have had in all with nobody losing.

    Parameters
    ----------
    game
        The linear dilemma.
    payoffs
        `[n_players]` payoffs to be judged.
    within
        What may dominate: `"lotteries"` (exact, by the program of the module's docstring), `"pure"` (exact,
        by trying all k), or `"independent"` mixtures: for two players; for greed = fear, where mixtures
        reach what lotteries reach because payoffs are affine in the probabilities; and wherever not even a
        lottery dominates.

    Returns
    -------
    ParetoSlack
        Gains that are on average below 1e-9 of the payoff range are beyond the program's precision: 0.

    Raises
    ------
    ValueError
        If `within` is unknown, `payoffs` does not fit, or independent mixtures are asked for elsewhere.
    """
    judged = finite_array("payoffs", payoffs)
    if judged.shape != (game.n_players,):
        raise ValueError(f"payoffs must be {game.n_players} numbers, got shape {judged.shape}")
    name = known_name("set of dominating outcomes", within, WITHIN)
    if name == "independent":
        return _independent_slack(game, judged)
    spread = float(game.payoff_range[0])
    if spread == 0:
        return ParetoSlack(0.0, 0.0, judged)
    low = min(game.reward, game.sucker, game.temptation, game.punishment)
    k = np.arange(game.n_players + 1)
    roles = _Roles((game.cooperator_payoff(k) - low) / spread, (game.defector_payoff(k) - low) / spread)
    scaled = (judged - low) / spread
    dominating = (_share_out if name == "lotteries" else _assign)(roles, scaled)
    relative_gain = float((dominating - scaled).sum()) if dominating is not None else 0.0
    if dominating is None or relative_gain <= _NEGLIGIBLE * game.n_players:
        return ParetoSlack(0.0, 0.0, judged)
    return ParetoSlack(relative_gain * spread, relative_gain, low + spread * dominating)


def _share_out(roles: _Roles, payoffs: FloatArray) -> FloatArray | None:
    """Return the least unequal of the dominating payoffs with the largest sum, or None."""
    lottery = _LotteryProgram(roles, payoffs).solve()
    if lottery is None:
        return None
    to_share = sum(q * float(roles.welfare[k]) for k, q in lottery.items()) - float(payoffs.sum())
    ascending = np.sort(payoffs)
    counts = np.arange(1, len(payoffs) + 1)
    raised = np.cumsum(ascending)
    # What it takes to raise the j lowest to the j-th lowest: not decreasing in j.
    j = int(np.searchsorted(counts * ascending - raised, max(to_share, 0.0), side="right"))
    return np.asarray(np.maximum(payoffs, (raised[j - 1] + to_share) / j))


def _assign(roles: _Roles, payoffs: FloatArray) -> FloatArray | None:
    """Return the payoffs of the pure outcome of largest welfare that dominates, or None."""
    n = roles.n_players
    k = np.arange(n + 1)
    ascending = np.sort(payoffs) - _ROUNDING
    # Whoever has more than a defector gets must cooperate, and whoever has more than a cooperator must not.
    must_cooperate = n - np.searchsorted(ascending, roles.defector, side="right")
    must_defect = n - np.searchsorted(ascending, roles.cooperator, side="right")
    # For k = 0 and k = N one of the roles is not paid to anybody.
    best = np.maximum(np.where(k > 0, roles.cooperator, -np.inf), np.where(k < n, roles.defector, -np.inf))
    dominates = (must_cooperate <= k) & (must_defect <= n - k) & (ascending[-1] <= best)
    if not dominates.any():
        return None
    chosen = int(np.where(dominates, roles.welfare, -np.inf).argmax())
    # A cooperator's payoff suits those who must cooperate best, and those who must not worst.
    eagerness = (payoffs - _ROUNDING > roles.defector[chosen]).astype(float) - (
        payoffs - _ROUNDING > roles.cooperator[chosen]
    )
    cooperators = np.argsort(-eagerness, kind="stable")[:chosen]
    assigned = np.full(n, roles.defector[chosen])
    assigned[cooperators] = roles.cooperator[chosen]
    return assigned


def _independent_slack(game: LinearDilemma, judged: FloatArray) -> ParetoSlack:
    if game.n_players == 2:
        return pareto.pareto_slack(game.to_game(), judged, within="independent")
    slack = pareto_slack(game, judged, within="lotteries")
    alike = abs(game.greed - game.fear) <= _ROUNDING * game.payoff_range[0]
    if slack.gain > 0 and not alike:
        raise ValueError(
            'within "independent" is for two players, or greed equal to fear, or payoffs that no lottery '
            f"dominates, got {game.n_players} players, greed {game.greed:g} and fear {game.fear:g}"
        )
    return slack
