r"""Linear programs over incentives: one number z[i, a] for every player i and outcome a.

Incentives are split into rewards and punishments, z = r - q with r, q >= 0, so that what is paid,
|z| = r + q, is linear wherever it is minimised. Constraints are linear in z. Objectives are minimised one
after the other, each as far as the earlier ones allow. Everything is in units of the payoffs' scale, and
solutions are rounded to 1e-9 of it; then those that are paid are moved by as much, so that the demands that bind
are met but for the last bits: whoever is to be indifferent is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.checks import FloatArray, known_name, number_within

SIGNS = ("both", "rewards", "punishments")

# Ten players with two actions each have 10 240 incentives, and take some seconds.
MOST_INCENTIVES = 20_000

_SOLVER_TOLERANCE = 1e-10
# What rounding and the solver may leave of a constraint whose coefficients are at most 1 in sum.
_RESIDUAL = 1e-7


def signs_of_kind(kind: Any, given: Mapping[str, Any]) -> Any:
    """Return under the name `incentive_signs` what was given as `kind`, where both signs were "any"."""
    return "both" if isinstance(kind, str) and kind == "any" else kind


@dataclass(frozen=True)
class Limits:
    """Which incentives are allowed: see the arguments of `theory.incentives.cheapest.cheapest_incentives`."""

    incentive_signs: str = "both"
    bound: float | None = None
    revenue_neutral: bool = False

    def __post_init__(self) -> None:
        known_name("incentive_signs", self.incentive_signs, SIGNS)
        if self.bound is not None:
            object.__setattr__(self, "bound", number_within("bound", self.bound, 0.0, inf))


@dataclass(frozen=True)
class Effort:
    """How long and how exactly incentives are looked for.

    Attributes
    ----------
    seconds
        For each linear program.
    cuts
        Rounds of cutting planes; three players took up to 60.
    decimals
        To which incentives, in units of the scale, are rounded.
    """

    seconds: float = 60.0
    cuts: int = 300
    decimals: int = 9


USUAL = Effort()


@dataclass(frozen=True, eq=False)
class Objective:
    """What is to be small.

    Attributes
    ----------
    weights
        Of the incentives, in their shape `[n_players, *n_actions]`, none negative.
    measure
        `total`: the weighted sum of absolute values; `largest`: the largest of those of positive weight;
        `euclidean`: the sum over outcomes of the length of the incentives' vector, weighted by the first
        player's weights.
    """

    weights: FloatArray
    measure: str = "total"


class IncentiveProgram:
    """Constraints on incentives `[n_players, *n_actions]`, whose entries are numbered as if flattened."""

    def __init__(
        self, n_actions: tuple[int, ...], limits: Limits, scale: float, effort: Effort = USUAL
    ) -> None:
        self.shape = (len(n_actions), *n_actions)
        self.size = prod(self.shape)
        if self.size > MOST_INCENTIVES:
            raise ValueError(
                f"the game must have at most {MOST_INCENTIVES} payoffs for its incentives to be found, "
                f"got {self.size}"
            )
        self._limits = limits
        self._scale = scale
        self._effort = effort
        self._at_least = _Rows(self.size)
        self._equal = _Rows(self.size)
        if limits.revenue_neutral:
            for of_outcome in np.arange(self.size).reshape(self.shape[0], -1).T:
                self.equal(of_outcome, np.ones(self.shape[0]), 0.0)

    def at_least(self, entries: ArrayLike, coefficients: ArrayLike, value: float) -> None:
        """Demand that the sum of coefficients times incentives is at least `value`."""
        self._at_least.append(entries, coefficients, value / self._scale)

    def equal(self, entries: ArrayLike, coefficients: ArrayLike, value: float) -> None:
        """Demand that the sum of coefficients times incentives is `value`."""
        self._equal.append(entries, coefficients, value / self._scale)

    def least_bound(self) -> float:
        """Return the smallest bound on absolute values under which the demands can be met, or infinity."""
        everything = Objective(np.ones(self.shape), "largest")
        incentives = self._minimise([everything], inf)
        return inf if incentives is None else float(np.abs(incentives).max())

    def minimise(self, *objectives: Objective) -> FloatArray | None:
        """Return the incentives that minimise the objectives, the first one first; None if there are none."""
        return self._minimise(list(objectives), inf if self._limits.bound is None else self._limits.bound)

    def _minimise(self, objectives: list[Objective], bound: float) -> FloatArray | None:
        program = _SplitProgram(
            self.shape[0],
            self._at_least,
            self._equal,
            self._limits.incentive_signs,
            bound / self._scale,
            self._effort,
        )
        for objective in objectives:
            if not program.minimise(objective):
                return None
        incentives = np.round(program.incentives, self._effort.decimals) + 0.0  # no -0
        self._verify(incentives)
        incentives = self._binding_met(incentives, bound / self._scale)
        return np.asarray(self._scale * incentives.reshape(self.shape))

    def _binding_met(self, incentives: FloatArray, bound: float) -> FloatArray:
        """Return incentives that meet what binds but for the last bits; those that are 0 or the bound stay."""
        from scipy.sparse import vstack
        from scipy.sparse.linalg import lsqr

        demands, equations = self._at_least.matrix, self._equal.matrix
        short = self._at_least.values - demands @ incentives
        binding = short > -_RESIDUAL
        missing = np.append(short[binding], self._equal.values - equations @ incentives)
        paid = np.abs(incentives)
        free = (paid > _RESIDUAL) & (paid < bound - _RESIDUAL)
        if not free.any() or not missing.any():
            return incentives
        rows = vstack([demands[binding], equations], format="csc")[:, free]
        moves = np.zeros(len(incentives))
        moves[free] = lsqr(rows, missing, atol=_SOLVER_TOLERANCE, btol=_SOLVER_TOLERANCE)[0]
        return incentives + moves if np.abs(moves).max() <= _RESIDUAL else incentives

    def _verify(self, incentives: FloatArray) -> None:
        short = self._at_least.values - self._at_least.matrix @ incentives
        off = np.abs(self._equal.values - self._equal.matrix @ incentives)
        worst = max(short.max(initial=0.0), off.max(initial=0.0))
        if worst > _RESIDUAL:
            raise ValueError(
                "the linear program of the incentives must meet its demands to 1e-7 of the payoff range, "
                f"got {worst:.3g}"
            )


class _Rows:
    """Sparse rows of coefficients, each with a value."""

    def __init__(self, n_columns: int) -> None:
        self._n_columns = n_columns
        self._columns: list[NDArray[np.intp]] = []
        self._coefficients: list[FloatArray] = []
        self._values: list[float] = []

    def append(self, columns: ArrayLike, coefficients: ArrayLike, value: float) -> None:
        self._columns.append(np.ravel(np.asarray(columns, dtype=np.intp)))
        self._coefficients.append(np.ravel(np.asarray(coefficients, dtype=np.float64)))
        self._values.append(value)

    @property
    def values(self) -> FloatArray:
        return np.array(self._values)

    @property
    def matrix(self) -> Any:
        from scipy.sparse import csr_array

        lengths = [len(columns) for columns in self._columns]
        entries = (
            np.concatenate([*self._coefficients, np.empty(0)]),
            (
                np.repeat(np.arange(len(lengths)), lengths),
                np.concatenate([*self._columns, np.empty(0, dtype=np.intp)]),
            ),
        )
        return csr_array(entries, shape=(len(lengths), self._n_columns))


class _SplitProgram:
    """The program in rewards, punishments, and one bound for each outcome on what is paid in it."""

    def __init__(
        self, n_players: int, at_least: _Rows, equal: _Rows, signs: str, bound: float, effort: Effort
    ) -> None:
        self._effort = effort
        demands, equations = at_least.matrix, equal.matrix
        self._n = n = demands.shape[1]
        self._n_players = n_players
        self._n_outcomes = n // n_players
        self._upper = self._in_columns(-demands, demands)
        self._limits = -at_least.values
        self._equations = self._in_columns(equations, -equations)
        self._right = equal.values
        self._highest = np.full(2 * n + self._n_outcomes, bound)
        self._highest[2 * n :] = inf
        if signs == "punishments":
            self._highest[:n] = 0.0
        if signs == "rewards":
            self._highest[n : 2 * n] = 0.0
        self._solution = np.zeros(len(self._highest))

    def _in_columns(self, rewards: Any, punishments: Any, bounds: Any = None) -> Any:
        from scipy.sparse import csr_array, hstack

        if bounds is None:
            bounds = csr_array((rewards.shape[0], self._n_outcomes))
        return hstack([rewards, punishments, bounds], format="csr")

    @property
    def incentives(self) -> FloatArray:
        return np.asarray(self._solution[: self._n] - self._solution[self._n : 2 * self._n])

    def minimise(self, objective: Objective) -> bool:
        """Minimise, and demand that what is minimised later leaves it so; False if there is no solution."""
        weights = objective.weights.ravel()
        if objective.measure == "total":
            cost = np.concatenate([weights, weights, np.zeros(self._n_outcomes)])
            return self._solve(cost) and self._keep(cost)
        if objective.measure == "largest":
            # One bound on all that counts: that of the first outcome stands for it.
            cost = np.zeros(len(self._solution))
            cost[2 * self._n] = 1.0
            self._bound_payments(np.flatnonzero(weights > 0))
            return self._solve(cost) and self._keep(cost)
        return self._minimise_euclidean(weights[: self._n_outcomes])

    def _minimise_euclidean(self, weights: FloatArray) -> bool:
        """Minimise the sum of lengths by cutting planes: a length is the largest d @ |z| with |d| = 1."""
        cost = np.append(np.zeros(2 * self._n), weights)
        directions = np.full((self._n_players, self._n_outcomes), self._n_players**-0.5)
        for _ in range(self._effort.cuts):
            self._bound_lengths(directions)
            if not self._solve(cost):
                return False
            paid = (self._solution[: self._n] + self._solution[self._n : 2 * self._n]).reshape(
                self._n_players, -1
            )
            lengths = np.sqrt((paid**2).sum(axis=0))
            if weights @ lengths - cost @ self._solution <= _SOLVER_TOLERANCE * (1 + weights @ lengths):
                return True
            directions = np.where(lengths > 0, paid / np.where(lengths > 0, lengths, 1.0), directions)
        raise ValueError(f"the least length of incentives must be found within {self._effort.cuts} cuts")

    def _bound_lengths(self, directions: FloatArray) -> None:
        """Demand of every outcome that its bound is at least `directions[:, outcome]` @ |incentives|."""
        from scipy.sparse import diags_array, eye_array, hstack

        rows = hstack([diags_array(of_player) for of_player in directions])
        self._demand(self._in_columns(rows, rows, -eye_array(self._n_outcomes)), np.zeros(self._n_outcomes))

    def _bound_payments(self, entries: NDArray[np.intp]) -> None:
        """Demand that the first outcome's bound is at least the absolute value of these incentives."""
        from scipy.sparse import csr_array, eye_array

        rows = eye_array(self._n, format="csr")[entries]
        first = np.zeros((len(entries), self._n_outcomes))
        first[:, 0] = -1.0
        self._demand(self._in_columns(rows, rows, csr_array(first)), np.zeros(len(entries)))

    def _keep(self, cost: FloatArray) -> bool:
        from scipy.sparse import csr_array

        least = float(cost @ self._solution)
        self._demand(csr_array(cost[None]), np.array([least + _SOLVER_TOLERANCE * (1 + abs(least))]))
        return True

    def _demand(self, rows: Any, limits: FloatArray) -> None:
        from scipy.sparse import vstack

        self._upper = vstack([self._upper, rows], format="csr")
        self._limits = np.append(self._limits, limits)

    def _solve(self, cost: FloatArray) -> bool:
        from scipy.optimize import linprog

        result = linprog(
            cost,
            A_ub=self._upper,
            b_ub=self._limits,
            A_eq=self._equations,
            b_eq=self._right,
            bounds=np.column_stack([np.zeros(len(cost)), self._highest]),
            method="highs",
            options={
                "primal_feasibility_tolerance": _SOLVER_TOLERANCE,
                "dual_feasibility_tolerance": _SOLVER_TOLERANCE,
                "time_limit": self._effort.seconds,
            },
        )
        if result.status == 2:
            return False
        if result.status != 0:
            raise ValueError(
                f"the linear program of the incentives must be solved within {self._effort.seconds:g} seconds, "
                f"got {result.message}"
            )
        self._solution = result.x
        return True
