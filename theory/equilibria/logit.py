r"""Logit quantal response equilibria on the principal branch (McKelvey & Palfrey 1995).

At rationality r a player chooses action a with probability proportional to exp(r u_i(a, x_-i)), where
u_i(a, x_-i) is the expected payoff of a against the others' mixtures x_-i. In logits z, with x_i =
softmax(z_i) and C the subtraction of a player's mean, such a profile solves

    F(z, r) = z_i - r C u_i(., x_-i) = 0    for every player i.

The *principal branch* is the curve of solutions that starts at r = 0 in the uniform profile. It is followed
by arc length: a predictor along the tangent, a Newton corrector (Turocy 2005, "A dynamic homotopy
interpretation of the logistic quantal response equilibrium correspondence"). Where dF/dz is singular it has

- a *turning point*: it goes back to smaller r before it grows again, and is followed through; or
- a *bifurcation*: other solutions branch off, as in games with symmetries (Stag Hunt, Battle of the Sexes).
  The branch is followed straight on, so that a symmetric game keeps its symmetric solution. Which of the
  solutions play would follow from there on is not determined, so the rationality is reported.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from theory.arguments import checked, number
from theory.checks import FloatArray, finite_number
from theory.equilibria.logit_two_by_two import TwoByTwoLogitSystem
from theory.equilibria.tables import mixture_in_words
from theory.games.checks import matrix_game
from theory.games.game import Game
from theory.tables import ShownAsTables, Table, to_four_figures

# Steps along the branch before the search is given up.
MAX_STEPS = 5000

# Arc lengths of the first and of the least step, logits and payoff ranges times rationality being the axes.
_FIRST_STEP, _LEAST_STEP = 0.05, 1e-9

# Cosine of the largest angle between the tangents before and after a step, and of the one below which the
# next step is twice as long.
_STRAIGHT, _VERY_STRAIGHT = 0.99, 0.9995

# Largest share of a step that the corrector may go beside the predictor.
_CORRECTION = 0.1

# A step in which the eigenvalues change without a critical point has jumped to another branch, unless it is
# shorter than this.
_NO_JUMP = 1e-3
_NEWTON_STEPS = 8

# Singular values below this share of the largest belong to directions in which solutions branch off.
_SINGULAR = 1e-7

# Eigenvalues of dF/dz that are this close to the negative axis, or to 0, lie there but for rounding.
_IMAGINARY, _ZERO = 1e-6, 1e-14
_BISECTIONS = 50


@dataclass(frozen=True, eq=False)
class LogitEquilibrium(ShownAsTables):
    """A logit equilibrium on the principal branch.

    Attributes
    ----------
    profile
        One probability vector per player.
    rationality
        r, in units of 1 / payoff: where all payoffs are k times as large, r / k gives the same profile.
    residual
        Largest difference between a probability of `profile` and that of the logit response to it. Near
        a critical point a small residual does not mean that the equilibrium is near.
    bifurcation
        The first rationality, up to `rationality`, at which other solutions branch off; None if none do.
    turning_points
        The rationalities at which the branch turned, back and forth. If there are any, it has several
        solutions for some rationalities; `profile` is the first that it meets at `rationality`.
    game
        Whose it is; for showing it by names of actions.
    """

    profile: tuple[FloatArray, ...]
    rationality: float
    residual: float
    bifurcation: float | None
    turning_points: tuple[float, ...]
    game: Game = field(repr=False)

    def as_tables(self) -> list[Table]:
        """Return what each player plays and gets, as notebooks show it."""
        payoffs = self.game.expected_payoffs(self.profile)
        rows = [
            (name, mixture_in_words(names, mixture), to_four_figures(float(payoff)))
            for name, names, mixture, payoff in zip(
                self.game.players, self.game.actions, self.profile, payoffs, strict=True
            )
        ]
        title = f"{self.game.title or 'Game'}: logit equilibrium at rationality {self.rationality:g}"
        return [Table(title, ("player", "plays", "payoff"), rows, self._branch_in_words())]

    def _branch_in_words(self) -> str:
        if self.bifurcation is not None:
            return f"Other solutions branch off at rationality {self.bifurcation:.4g}: what follows is open."
        if self.turning_points:
            return "The branch turns on its way: there are several solutions for some rationalities."
        return "On the principal branch, which neither splits nor turns on its way here."


@checked(game=matrix_game, rationality=number())
def logit_equilibrium(game: Game, rationality: float) -> LogitEquilibrium:
    """Return the logit equilibrium at a rationality, on the principal branch.

    Parameters
    ----------
    game
        A game of any number of players.
    rationality
        At least 0 (uniform play), in units of 1 / payoff.

    Raises
    ------
    ValueError
        If `rationality` is negative or not finite, or is not reached within `MAX_STEPS` steps.
    """
    rationality = finite_number("rationality", rationality)
    if rationality < 0:
        raise ValueError(f"rationality must be at least 0, got {rationality:g}")
    scale = float(game.payoff_range.max()) or 1.0
    system = system_of(game, scale)
    branch = follow(system, finite_number("rationality times payoff range", rationality * scale))
    profile = system.profile(branch.point)
    response = system.profile(branch.point - np.append(system.residuals(branch.point), 0.0))
    return LogitEquilibrium(
        profile=profile,
        rationality=rationality,
        residual=max(float(np.abs(x - y).max()) for x, y in zip(profile, response, strict=True)),
        bifurcation=branch.bifurcations[0] / scale if branch.bifurcations else None,
        turning_points=tuple(point / scale for point in branch.turning_points),
        game=game,
    )


def system_of(game: Game, scale: float) -> AnySystem:
    """Return the equations of a game whose payoffs are divided by `scale`."""
    if game.n_actions == (2, 2):
        return TwoByTwoLogitSystem(
            game.payoffs / scale, singular=_SINGULAR, newton_steps=_NEWTON_STEPS, zero=_ZERO
        )
    return _LogitSystem(game, scale)


class _LogitSystem:
    """F and its derivatives at points (z, r), for payoffs divided by `scale`."""

    def __init__(self, game: Game, scale: float) -> None:
        self.payoffs = game.payoffs / scale
        ends = np.cumsum(game.n_actions)
        self.blocks = [slice(end - n, end) for end, n in zip(ends, game.n_actions, strict=True)]
        self.size = int(ends[-1])

    def profile(self, point: FloatArray) -> tuple[FloatArray, ...]:
        weights = [np.exp(point[block] - point[block].max()) for block in self.blocks]
        return tuple(weight / weight.sum() for weight in weights)

    def residuals(self, point: FloatArray) -> FloatArray:
        """Return F, `[size]`."""
        mixtures = self.profile(point)
        payoffs = [_centred(self._expected(i, mixtures, kept=i)) for i in range(len(mixtures))]
        return np.asarray(point[:-1] - point[-1] * np.concatenate(payoffs))

    def jacobian(self, point: FloatArray) -> FloatArray:
        """Return `[size, size + 1]`: the derivatives of F by z and, in the last column, by r."""
        jacobian = np.eye(self.size, self.size + 1)
        mixtures = self.profile(point)
        for i, rows in enumerate(self.blocks):
            jacobian[rows, -1] = -_centred(self._expected(i, mixtures, kept=i))
            for j, columns in enumerate(self.blocks):
                if i != j:
                    by_actions = _centred(self._expected(i, mixtures, kept=j))
                    spread = np.diag(mixtures[j]) - np.outer(mixtures[j], mixtures[j])
                    jacobian[rows, columns] = -point[-1] * by_actions @ spread
        return jacobian

    def _expected(self, player: int, mixtures: tuple[FloatArray, ...], kept: int) -> FloatArray:
        """Return what each action of `player` pays, by the actions of the player `kept` if it is another."""
        tensor = self.payoffs[player]
        n_before = 1
        for i, mixture in enumerate(mixtures):
            tensor = tensor.reshape(n_before, len(mixture), -1)
            if i in (player, kept):
                n_before *= len(mixture)
            else:
                tensor = mixture @ tensor
        payoffs = tensor.reshape([len(mixtures[i]) for i in sorted({player, kept})])
        return np.asarray(payoffs.T if kept < player else payoffs)

    def tangent(self, point: FloatArray, previous: FloatArray) -> FloatArray:
        """Return the direction of the branch: of all in which F stays 0, the nearest to the previous one."""
        _, singular, directions = np.linalg.svd(self.jacobian(point))
        null = directions[np.append(singular <= _SINGULAR * singular[0], True)]
        tangent = (null @ previous) @ null
        return np.asarray(tangent / np.linalg.norm(tangent))

    def corrected(self, guess: FloatArray, normal: FloatArray) -> FloatArray | None:
        """Return the solution near `guess` on the plane through it with this normal, None if Newton fails."""
        point = guess
        for _ in range(_NEWTON_STEPS):
            residuals = self.residuals(point)
            matrix = np.vstack([self.jacobian(point), normal])
            # Least squares, so that nothing is added along a direction in which solutions branch off.
            move = np.linalg.lstsq(matrix, np.append(-residuals, normal @ (guess - point)), rcond=_SINGULAR)[
                0
            ]
            point = point + move
            if np.abs(move).max() <= 1e-10 * (1.0 + np.abs(point).max()):
                return point
        return None

    def n_crossed(self, point: FloatArray) -> int:
        """Return how many real eigenvalues of dF/dz are not positive: it changes only where one is 0."""
        eigenvalues = np.linalg.eigvals(self.jacobian(point)[:, :-1])
        is_real = np.abs(eigenvalues.imag) <= _IMAGINARY * np.maximum(1.0, np.abs(eigenvalues))
        return int((is_real & (eigenvalues.real <= _ZERO)).sum())

    def is_critical(self, point: FloatArray) -> bool:
        """Return whether dF/dz is singular."""
        singular = np.linalg.svd(self.jacobian(point)[:, :-1], compute_uv=False)
        return bool(singular[-1] <= _SINGULAR * singular[0])


AnySystem = _LogitSystem | TwoByTwoLogitSystem


def _centred(payoffs: FloatArray) -> FloatArray:
    return np.asarray(payoffs - payoffs.sum(axis=0) / len(payoffs))


@dataclass(frozen=True, eq=False)
class _State:
    """A point of the branch, the direction in which it goes on, and the eigenvalues that have crossed 0."""

    point: FloatArray
    tangent: FloatArray
    n_crossed: int


@dataclass(frozen=True, eq=False)
class _Branch:
    """The end of the branch, and the rationalities of the critical points on the way."""

    point: FloatArray
    bifurcations: tuple[float, ...]
    turning_points: tuple[float, ...]


def follow(system: AnySystem, target: float, *, max_steps: int = MAX_STEPS) -> _Branch:
    """Follow the principal branch from r = 0 to its first point at which r is `target`, or raise ValueError."""
    start = np.zeros(system.size + 1)
    state = _State(start, system.tangent(start, previous=np.eye(system.size + 1)[-1]), 0)
    step = _FIRST_STEP
    bifurcations: list[float] = []
    turning_points: list[float] = []
    for _ in range(max_steps):
        ahead = target - state.point[-1]
        if ahead <= 0:
            return _Branch(state.point, tuple(bifurcations), tuple(turning_points))
        is_last = ahead <= step * state.tangent[-1]
        length = ahead / state.tangent[-1] if is_last else step
        new = _advanced(system, state, length)
        if is_last and new is not None:
            new = _moved(system, new, target, within=_CORRECTION * length)
        if length < _LEAST_STEP and not is_last:
            break
        step = length / 2
        if new is None or new.point[-1] > target:
            continue
        if _has_turned(state, new):
            turning_points.append(float(_located(system, state, length, _has_turned)[-1]))
        elif _has_crossed(state, new):
            point = _located(system, state, length, _has_crossed)
            if system.is_critical(point):
                bifurcations.append(float(point[-1]))
            elif length > _NO_JUMP:
                continue
            # Else two real eigenvalues have become complex, and nothing branches off.
        step = 2 * length if state.tangent @ new.tangent > _VERY_STRAIGHT else length
        state = new
    raise ValueError(
        f"rationality must be within reach along the principal branch, got {target:g} / payoff range: "
        f"the search ended at {state.point[-1]:g} / payoff range"
    )


def _advanced(system: AnySystem, state: _State, length: float) -> _State | None:
    """Return the state one step further, None if the step is too long to be sure of the branch."""
    guess, halfway = (state.point + share * length * state.tangent for share in (1.0, 0.5))
    point, middle = (system.corrected(start, state.tangent) for start in (guess, halfway))
    if point is None or middle is None or np.linalg.norm(point - guess) > _CORRECTION * length:
        return None
    # A smooth curve leaves its tangent quadratically: halfway by a quarter of what it does at the end.
    if np.linalg.norm(middle - halfway - (point - guess) / 4) > _CORRECTION * length / 4:
        return None
    tangent = system.tangent(point, previous=state.tangent)
    if tangent @ state.tangent < _STRAIGHT:
        return None
    return _State(point, tangent, system.n_crossed(point))


def _moved(system: AnySystem, state: _State, rationality: float, within: float) -> _State | None:
    """Return the state moved to a rationality nearby, None if that leads away."""
    only_rationality = np.eye(system.size + 1)[-1]
    guess = state.point + (rationality - state.point[-1]) * only_rationality
    point = system.corrected(guess, only_rationality)
    if point is None or np.linalg.norm(point - state.point) > within:
        return None
    point[-1] = rationality
    return _State(point, system.tangent(point, previous=state.tangent), system.n_crossed(point))


def _has_turned(before: _State, after: _State) -> bool:
    return bool(before.tangent[-1] * after.tangent[-1] < 0)


def _has_crossed(before: _State, after: _State) -> bool:
    return before.n_crossed != after.n_crossed


def _located(
    system: AnySystem, state: _State, length: float, has_changed: Callable[[_State, _State], bool]
) -> FloatArray:
    """Return the point within a step at which something changes."""
    low, high, point = 0.0, length, state.point
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        between = _advanced(system, state, middle)
        if between is None:
            break
        point = between.point
        if has_changed(state, between):
            high = middle
        else:
            low = middle
    return point
