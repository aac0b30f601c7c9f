r"""The empirical game that a tournament makes: strategies as actions, mean payoffs as payoffs.

In the *meta-game* (Wellman 2006) a player chooses a strategy for the whole match. Its payoffs are measured,
so every statement on it comes with the share of error draws in which it holds.

One population (a symmetric game with matrix M, where M_ij is what i gets against j) looks for symmetric
equilibria x. Such an x is *evolutionarily stable* if for every other y (Maynard Smith & Price 1973)

    x M x > y M x,  or  x M x = y M x  and  x M y > y M y,

and *neutrally stable* if the last > is only >=. A set of strategies whose members all get the same payoff c
from one another, while everybody else gets less than c from each of them, is a *strict equilibrium set*: it
is evolutionarily stable as a set (Thomas 1985; Balkenborg & Schlag 2001), though drift goes on inside. Two
populations (row and column strategies of an asymmetric game) are stable exactly where equilibria are
strict (Selten 1980).

Where selection leads is found by following the replicator dynamics from a grid of starts. With many strategies
equilibria cannot all be listed, but a dynamics can be followed, and what it ends in may be a mixture that no search
of pure ones finds.

What is stable is judged in the game that is played on each turn: whether lotteries over its outcomes offer
both more, and which bargaining point is nearest.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from math import comb
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from theory.arguments import checked, number
from theory.bargaining.solutions import BargainingProblem, NoRationalAgreement
from theory.checks import FloatArray, distinct_names, finite_array
from theory.equilibria.dominance import restricted
from theory.equilibria.nash import nash_equilibria
from theory.evolution.replicator import ends, rests, simplex_grid
from theory.evolution.stability import Stability, stability, stability_of_two
from theory.games.checks import two_player_game
from theory.games.game import Game
from theory.pareto.slack import pareto_slack
from theory.tables import ShownAsTables, Table, in_brackets, to_four_figures

# Gains below this share of the payoff range are rounding.
ROUNDING = 1e-9

# Actions that are left after elimination up to which all equilibria are looked for.
MOST_ACTIONS = 12

# The grid is the finest of at most so many starts.
MOST_STARTS, FINEST = 400, 20

# Draws of the sampling error that are followed.
MOST_DRAWS = 50

# Strategies with less than this share have gone, or are on their way.
LEAST_SHARE = 1e-3

# In units of 1 / (payoff range).
DURATION = 1e4

# Share of the payoff range that a Pareto-optimal outcome may leave on the table, as for learned outcomes.
TOLERANCE = 0.02


@dataclass(frozen=True)
class MetaEquilibrium:
    """An equilibrium of the meta-game.

    Attributes
    ----------
    row, column
        Strategies with their probabilities; the same for one population.
    payoffs
        Payoffs per turn of both players.
    is_strict
        Whether every other strategy does worse against it.
    is_evolutionarily_stable, is_neutrally_stable
        As in the module's text; None where that is not decided (see `theory.evolution.copositivity`: never with up
        to 20 alternative best replies).
    pareto_slack
        What lotteries over the outcomes of a turn could add for both together, in payoff units.
    is_pareto_optimal
        Whether that is at most the tolerance.
    nearest_bargaining_point
        Its name; None if agreement cannot give everybody the security level.
    bargaining_distances
        By name, in payoff ranges.
    sure_equilibrium, sure_stable, sure_pareto_optimal
        Shares of the error draws in which it is an equilibrium, evolutionarily stable and Pareto-optimal; None
        without draws (`sure_stable` also for mixtures, and where a draw is not decided).
    """

    row: tuple[tuple[str, float], ...]
    column: tuple[tuple[str, float], ...]
    payoffs: tuple[float, float]
    is_strict: bool
    is_evolutionarily_stable: bool | None
    is_neutrally_stable: bool | None
    pareto_slack: float
    is_pareto_optimal: bool
    nearest_bargaining_point: str | None
    bargaining_distances: dict[str, float]
    sure_equilibrium: float | None
    sure_stable: float | None
    sure_pareto_optimal: float | None


@dataclass(frozen=True)
class MetaBasin:
    """Initial states from which the replicator dynamics ends with the same strategies.

    Attributes
    ----------
    strategies
        Those that are left, with their mean shares over these ends.
    payoff
        Mean payoff per turn at the ends.
    share
        Share of the initial states.
    is_at_rest
        Whether all ends are at rest; else some were still moving when they were last seen.
    from_even_start
        Whether equal shares of all strategies lead here.
    sure
        Share of (up to 50) error draws in which equal shares lead to the same strategies; None without draws.
    """

    strategies: tuple[tuple[str, float], ...]
    payoff: float
    share: float
    is_at_rest: bool
    from_even_start: bool
    sure: float | None


@dataclass(frozen=True, eq=False)
class MetaVerdict(ShownAsTables):
    """What game theory says of a tournament.

    Attributes
    ----------
    game
        The meta-game, with the strategies' names as actions.
    equilibria
        One population: the symmetric ones; two: all that were found. Pure ones first.
    strict_sets
        One population: strict equilibrium sets of at least two strategies, with their common payoff.
    basins
        One population: where the replicator dynamics leads from which share of initial states.
    survivors
        Strategies that iterated elimination of strictly dominated ones leaves (row player's).
    complete
        Whether no equilibrium is missing; infinitely many count as their extreme ones.
    draws
        Number of error draws.
    """

    game: Game
    equilibria: tuple[MetaEquilibrium, ...]
    strict_sets: tuple[tuple[tuple[str, ...], float], ...]
    basins: tuple[MetaBasin, ...]
    survivors: tuple[str, ...]
    complete: bool
    draws: int

    def as_tables(self) -> list[Table]:
        """Return equilibria and where selection leads, as notebooks show them."""
        known = "These are all equilibria." if self.complete else "There may be more equilibria."
        equilibria = Table(
            "Equilibria of the meta-game",
            ("row", "column", "payoffs", "evolution", "Pareto slack", "nearest agreement"),
            [
                (
                    _in_words(found.row),
                    _in_words(found.column),
                    in_brackets(found.payoffs),
                    stability_in_words(found.is_evolutionarily_stable, found.is_neutrally_stable),
                    to_four_figures(found.pareto_slack),
                    found.nearest_bargaining_point or "–",
                )
                for found in self.equilibria
            ],
            f"{known} {len(self.survivors)} strategies survive the elimination of dominated ones.",
        )
        basins = Table(
            "Where the replicator dynamics leads",
            ("strategies that are left", "payoff", "share of first states"),
            [
                (_in_words(basin.strategies), to_four_figures(basin.payoff), f"{basin.share:.0%}")
                for basin in self.basins
            ],
        )
        return [equilibria, basins] if self.basins else [equilibria]

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict ready for JSON, without the game."""
        return {
            "equilibria": [asdict(equilibrium) for equilibrium in self.equilibria],
            "strict_sets": [{"strategies": list(names), "payoff": c} for names, c in self.strict_sets],
            "basins": [asdict(basin) for basin in self.basins],
            "survivors": list(self.survivors),
            "complete": self.complete,
            "draws": self.draws,
        }


def _in_words(mixture: Sequence[tuple[str, float]]) -> str:
    return (
        mixture[0][0] if len(mixture) == 1 else " + ".join(f"{share:.4g} {name}" for name, share in mixture)
    )


def stability_in_words(stable: bool | None, neutral: bool | None) -> str:
    """Say whether an equilibrium is evolutionarily or at least neutrally stable; None: not decided."""
    if stable:
        return "stable"
    if stable is None:
        return "neutral or stable" if neutral else "not decided"
    return {True: "neutral", False: "unstable", None: "not stable"}[neutral]


@checked(stage_game=two_player_game, tolerance=number(0.0, 1.0))
def judge_meta_game(
    payoffs: ArrayLike,
    stage_game: Game,
    *,
    names: Sequence[str],
    errors: ArrayLike | None = None,
    tolerance: float = TOLERANCE,
) -> MetaVerdict:
    """Judge the meta-game of a tournament.

    Parameters
    ----------
    payoffs
        `[n, n]`: what the row's strategy gets from the column's, per turn, in one population. For an
        asymmetric game `[2, n, n]`: of the row and of the column player, by row and column strategy.
    stage_game
        The game that is played on each turn.
    names
        The strategies' names.
    errors
        `[draws, *payoffs.shape]`: draws of the sampling error of `payoffs`.
    tolerance
        Of Pareto optimality, as a share of the payoff range.

    Raises
    ------
    ValueError
        If shapes do not fit, or pairs are missing (NaN): a meta-game needs everybody against everybody.
    """
    matrix = finite_array("payoffs", payoffs)
    n = matrix.shape[-1] if matrix.ndim else 0
    one_population = matrix.ndim == 2
    if matrix.shape != (n, n) and matrix.shape != (2, n, n):
        raise ValueError(f"payoffs must have shape {(n, n)} or {(2, n, n)}, got {matrix.shape}")
    names = distinct_names("names", names, n)
    noise = np.zeros((0, *matrix.shape)) if errors is None else finite_array("errors", errors)
    if noise.shape[1:] != matrix.shape:
        raise ValueError(f"errors must have shape [draws, *{matrix.shape}], got {noise.shape}")
    game = _bimatrix(matrix, names)
    drawn = (
        np.stack([matrix + noise, np.swapaxes(matrix + noise, 1, 2)], axis=1)
        if one_population
        else (matrix + noise)
    )
    rows, columns = _survivors(game)
    profiles, complete = _profiles(game, rows, columns, one_population)
    judge = _Judge(game, stage_game, drawn, one_population, tolerance)
    return MetaVerdict(
        game=game,
        equilibria=tuple(judge.equilibrium(x, y) for x, y in profiles),
        strict_sets=_strict_sets(game) if one_population else (),
        basins=meta_basins(matrix, names, matrix + noise) if one_population else (),
        survivors=tuple(names[i] for i in rows),
        complete=complete,
        draws=len(noise),
    )


def _bimatrix(matrix: FloatArray, names: Sequence[str]) -> Game:
    A, B = (matrix, matrix.T) if matrix.ndim == 2 else matrix
    return Game.bimatrix(A, B, actions=(names, names), title="meta-game")


def _survivors(game: Game) -> tuple[list[int], list[int]]:
    """Eliminate strictly dominated strategies (by pure ones) until none is left; no equilibrium is lost."""
    tie = ROUNDING * game.payoff_range
    left = [list(range(n)) for n in game.n_actions]
    while True:
        A = game.payoffs[0][np.ix_(left[0], left[1])]
        B = game.payoffs[1][np.ix_(left[0], left[1])].T
        kept = [
            [k for k, own in zip(of_player, M, strict=True) if not (M - own > t).all(axis=1).any()]
            for of_player, M, t in zip(left, (A, B), tie, strict=True)
        ]
        if kept == left:
            return left[0], left[1]
        left = kept


def _profiles(
    game: Game, rows: list[int], columns: list[int], one_population: bool
) -> tuple[list[tuple[FloatArray, FloatArray]], bool]:
    """Return equilibria as pairs of mixtures over all strategies, and whether they are complete."""
    n = game.n_actions[0]
    unit = np.eye(n)
    A, B = game.payoffs
    allowed = game.payoff_range * ROUNDING
    best_rows, best_columns = A.max(axis=0) - A <= allowed[0], B.max(axis=1)[:, None] - B <= allowed[1]
    pure = [
        (unit[i], unit[j]) for i, j in np.argwhere(best_rows & best_columns) if i == j or not one_population
    ]
    if max(len(rows), len(columns)) > MOST_ACTIONS:
        return pure, False
    reduced = restricted(game, (rows, columns))
    try:
        found = nash_equilibria(reduced)
    except ValueError:
        return pure, False
    mixed = []
    for p, q in found.profiles:
        x, y = np.zeros(n), np.zeros(n)
        x[rows], y[columns] = p, q
        is_mixed = min(x.max(), y.max()) < 1
        if is_mixed and (not one_population or np.abs(x - y).max() <= ROUNDING):
            mixed.append((x, y))
    return pure + mixed, found.complete


def _strict_sets(game: Game) -> tuple[tuple[tuple[str, ...], float], ...]:
    """Find the strict equilibrium sets of one population; sets of one strategy are strict equilibria."""
    M = game.payoffs[0]
    tie = ROUNDING * float(game.payoff_range[0])
    found: dict[tuple[int, ...], float] = {}
    for i in range(len(M)):
        # Whoever gets as much from i as i itself must be a member.
        members = {int(k) for k in np.flatnonzero(np.abs(M[:, i] - M[i, i]) <= tie)}
        inside, outside = sorted(members), [k for k in range(len(M)) if k not in members]
        block = M[np.ix_(inside, inside)]
        is_level = np.abs(block - M[i, i]).max() <= tie
        if len(inside) > 1 and is_level and (M[np.ix_(outside, inside)] < M[i, i] - tie).all():
            found[tuple(inside)] = float(M[i, i])
    names = game.actions[0]
    return tuple((tuple(names[k] for k in members), c) for members, c in found.items())


class _Judge:
    """Judges equilibria of one meta-game."""

    def __init__(
        self, game: Game, stage_game: Game, drawn: FloatArray, one_population: bool, tolerance: float
    ) -> None:
        self.game = game
        self.stage_game = stage_game
        self.drawn = drawn
        self.one_population = one_population
        self.tolerance = tolerance
        self.tie = ROUNDING * game.payoff_range
        self.bargaining = _bargaining_points(stage_game)

    def equilibrium(self, x: FloatArray, y: FloatArray) -> MetaEquilibrium:
        payoffs = self.game.expected_payoffs((x, y))
        slack = pareto_slack(self.stage_game, payoffs)
        distances = {name: point.distance_to(payoffs) for name, point in self.bargaining.items()}
        is_pure = x.max() == y.max() == 1.0
        found = self._stability(x, y)
        return MetaEquilibrium(
            row=self._names(x),
            column=self._names(y),
            payoffs=(float(payoffs[0]), float(payoffs[1])),
            is_strict=found.is_strict,
            is_evolutionarily_stable=found.is_evolutionarily_stable,
            is_neutrally_stable=found.is_neutrally_stable,
            pareto_slack=slack.gain,
            is_pareto_optimal=slack.relative_gain <= self.tolerance,
            nearest_bargaining_point=min(distances, key=distances.__getitem__) if distances else None,
            bargaining_distances=distances,
            sure_equilibrium=self._sure_equilibrium(x, y) if len(self.drawn) else None,
            sure_stable=self._sure_stable(x, y) if len(self.drawn) and is_pure else None,
            sure_pareto_optimal=self._sure_pareto_optimal(x, y) if len(self.drawn) else None,
        )

    def _names(self, mixture: FloatArray) -> tuple[tuple[str, float], ...]:
        return tuple((self.game.actions[0][k], float(mixture[k])) for k in np.flatnonzero(mixture > ROUNDING))

    def _stability(self, x: FloatArray, y: FloatArray) -> Stability:
        A, B = self.game.payoffs
        if self.one_population:
            return stability(A, x, tie=float(self.tie[0]))
        return stability_of_two(A, B, x, y, ties=self.tie)

    def _sure_equilibrium(self, x: FloatArray, y: FloatArray) -> float:
        to_row, to_column = self.drawn[:, 0] @ y, x @ self.drawn[:, 1]
        regret_row = to_row.max(axis=1) - to_row @ x
        regret_column = to_column.max(axis=1) - to_column @ y
        # A mixture is never exactly indifferent in a draw: it counts if it loses less than the tolerance.
        is_pure = x.max() == y.max() == 1.0
        allowed = (ROUNDING if is_pure else self.tolerance) * self.game.payoff_range
        return float(((regret_row <= allowed[0]) & (regret_column <= allowed[1])).mean())

    def _sure_stable(self, x: FloatArray, y: FloatArray) -> float | None:
        i, j = int(x.argmax()), int(y.argmax())
        rows = np.delete(self.drawn[:, 0, i, j, None] - self.drawn[:, 0, :, j], i, axis=1)
        if not self.one_population:
            columns = np.delete(self.drawn[:, 1, i, j, None] - self.drawn[:, 1, i, :], j, axis=1)
            strict = (rows > self.tie[0]).all(axis=1) & (columns > self.tie[1]).all(axis=1)
            return float(strict.mean())
        tie = float(self.tie[0])
        stable = np.array((rows > tie).all(axis=1))
        # The more draws tie, the more alike they are: what nothing random decides is the same in all of them.
        same: dict[bytes, bool | None] = {}
        for draw in np.flatnonzero(~stable & (rows >= -tie).all(axis=1)):
            M = self.drawn[draw, 0]
            ties = np.append(np.flatnonzero(M[:, i] >= M[i, i] - tie), i)
            key = M[np.ix_(ties, ties)].tobytes()
            if key not in same:
                same[key] = stability(M, x, tie=tie).is_evolutionarily_stable
            verdict = same[key]
            if verdict is None:
                return None
            stable[draw] = verdict
        return float(stable.mean())

    def _sure_pareto_optimal(self, x: FloatArray, y: FloatArray) -> float:
        payoffs = np.stack([np.einsum("i,dij,j->d", x, self.drawn[:, k], y) for k in range(2)], axis=1)
        different = np.unique(payoffs, axis=0, return_counts=True)
        optimal = [
            weight
            for point, weight in zip(*different, strict=True)
            if pareto_slack(self.stage_game, point).relative_gain <= self.tolerance
        ]
        return float(sum(optimal) / len(payoffs))


def _bargaining_points(game: Game) -> dict[str, Any]:
    problem = BargainingProblem.of(game)
    points = {"utilitarian": problem.utilitarian()}
    with suppress(NoRationalAgreement):
        points = {
            "Nash": problem.nash(),
            "Kalai-Smorodinsky": problem.kalai_smorodinsky(),
            "egalitarian": problem.egalitarian(),
        } | points
    return points


def meta_basins(matrix: FloatArray, names: Sequence[str], drawn: FloatArray) -> tuple[MetaBasin, ...]:
    """Return the basins of a one-population meta-game, largest first.

    Parameters
    ----------
    matrix
        `[n, n]` payoffs of strategy against strategy.
    names
        The strategies' names.
    drawn
        `[draws, n, n]` matrices with sampling errors.
    """
    n = len(matrix)
    if n == 1:
        sure = 1.0 if len(drawn) else None
        return (MetaBasin(((names[0], 1.0),), float(matrix[0, 0]), 1.0, True, True, sure),)
    even = np.full((1, n), 1.0 / n)
    final = _ends(matrix, np.vstack([even, simplex_grid(n, _resolution(n))]))
    resting = rests(matrix, final)
    left = _strategies_left(final)
    drawn = drawn[:MOST_DRAWS]
    of_draws = _strategies_left(_ends(drawn, np.repeat(even, len(drawn), axis=0))) if len(drawn) else []
    basins = []
    for support in sorted(set(left)):
        here = np.array([strategies == support for strategies in left])
        # The even start stands for itself; shares are those of the grid.
        members = final[here]
        payoffs = np.einsum("pi,ij,pj->p", members, matrix, members)
        basins.append(
            MetaBasin(
                strategies=tuple((names[k], float(members[:, k].mean())) for k in support),
                payoff=float(payoffs.mean()),
                share=float(here[1:].mean()),
                is_at_rest=bool(resting[here].all()),
                from_even_start=bool(here[0]),
                sure=float(np.mean([strategies == support for strategies in of_draws])) if of_draws else None,
            )
        )
    return tuple(sorted(basins, key=lambda basin: -basin.share))


def _resolution(n: int) -> int:
    """Return the finest grid's."""
    fitting = [r for r in range(1, FINEST + 1) if comb(r + n - 1, n - 1) <= MOST_STARTS]
    return max(fitting, default=1)


def _ends(matrix: FloatArray, starts: FloatArray) -> FloatArray:
    """Follow states, in one game or one for each, until they rest or time is over."""
    spread = float(np.ptp(matrix, axis=(-2, -1)).max()) or 1.0

    def at_rest(states: FloatArray, rows: Any) -> Any:
        return rests(matrix if matrix.ndim == 2 else matrix[rows], states)

    return ends(matrix, starts, DURATION / spread, at_rest)


def _strategies_left(states: FloatArray) -> list[tuple[int, ...]]:
    return [tuple(np.flatnonzero(state > LEAST_SHARE).tolist()) for state in states]
