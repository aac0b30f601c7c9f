r"""What a verdict needs to know of a game, whatever outcome is judged.

A game that stores its payoffs is served by the functions of `theory`, any other by its own methods, so that a
game of a million players is judged without listing its outcomes.

Whether *some* Nash equilibrium is Pareto-optimal is decided at the extreme equilibria. For two players: *each
maximal Nash subset has a best pair of payoffs, reached at an extreme equilibrium (see `theory.equilibria.welfare`).
Whatever dominates that pair dominates every other in the subset too, in each of the three senses of
domination. So if any equilibrium is undominated, an extreme one is.* For more players, within lotteries: *the
payoffs of an undominated equilibrium are largest in a sum with positive weights; the extreme equilibria that
it mixes then reach the same sum, and are undominated too.*
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from theory.bargaining.security import disagreement_point, security_levels
from theory.bargaining.solutions import BargainingProblem
from theory.checks import FloatArray, known_name
from theory.equilibria.welfare import EquilibriumWelfare, KnowsItsWelfare, WelfareRange, equilibrium_welfare
from theory.games.game import Game, Profile, StrategicGame
from theory.many_players.linear_dilemma import LinearDilemma
from theory.many_players.linear_pareto import pareto_optimal_nash_exists
from theory.pareto.slack import TOLERANCE, WITHIN, ParetoSlack, pareto_slack
from theory.resolution import SHARE

# A relative gain up to which no dominating outcome is named: it may be rounding.
NEGLIGIBLE = 1e-9

# A weighted sum of payoffs, each in units of its range, that varies by less times the least weight is constant.
SAME_SUM = 1e-12


@runtime_checkable
class GameWithoutTensor(StrategicGame, KnowsItsWelfare, Protocol):
    """What a game must answer itself to be judged without a payoff tensor."""

    @property
    def players(self) -> tuple[str, ...]:
        """Names of the players."""

    @property
    def title(self) -> str:
        """A name for tables and pictures."""

    def check_profile(self, profile: Profile) -> FloatArray | tuple[FloatArray, ...]:
        """Return the profile as probability vectors, or raise ValueError with what is wrong."""

    def security_levels(self) -> FloatArray:
        """`[n_players]`: what each player can be sure of by mixing."""

    def pareto_slack(self, payoffs: ArrayLike, *, within: str = "lotteries") -> ParetoSlack:
        """How much more the players could have had with nobody losing."""

    def bargaining_point(self, name: str, *, disagreement: ArrayLike | None = None) -> FloatArray:
        """`[n_players]`: the payoffs of a bargaining solution by name."""


AnyGame = Game | GameWithoutTensor


@dataclass(frozen=True, eq=False)
class GameFacts:
    """Facts of one game; equilibria and bargaining solutions are worked out when they are first asked for.

    Attributes
    ----------
    game
        The game.
    shifted, lowest
        The same game as it is read (`theory.Game.as_read`), with each player's `lowest[n_players]` payoff moved
        to 0, so that payoffs with a large common part are compared without loss of digits; a game without
        tensor as it is, and 0.
    scale, resolution
        `[n_players]`: payoff ranges, 1 where the range is 0, and differences of payoffs that are rounding.
    security_levels
        `[n_players]`, payoffs.
    disagreement_above_lowest
        `[n_players]`: what the disagreement point gives beyond `lowest`.
    disagreement
        The name of the disagreement point, "given" if it was given as payoffs.
    within
        What may dominate.
    """

    game: AnyGame
    shifted: AnyGame
    lowest: FloatArray
    scale: FloatArray
    resolution: FloatArray
    security_levels: FloatArray
    disagreement_above_lowest: FloatArray
    disagreement: str
    within: str

    @cached_property
    def equilibria(self) -> EquilibriumWelfare:
        """The welfare of the Nash equilibria."""
        return equilibrium_welfare(self.game)

    @property
    def disagreement_point(self) -> FloatArray:
        """`[n_players]`, payoffs."""
        return self.lowest + self.disagreement_above_lowest

    @property
    def pareto_optimal_nash_exists(self) -> bool | None:
        """Whether some Nash equilibrium is Pareto-optimal; None where not known."""
        return self._existence[0]

    @property
    def nash_bargaining(self) -> FloatArray | None:
        """`[n_players]` payoffs of the bargaining solution of Nash; None where there is none."""
        return None if self._bargaining[0] is None else self.lowest + self._bargaining[0]

    @property
    def kalai_smorodinsky(self) -> FloatArray | None:
        """`[n_players]` payoffs of the bargaining solution of Kalai and Smorodinsky; None where there is none."""
        return None if self._bargaining[1] is None else self.lowest + self._bargaining[1]

    @property
    def notes(self) -> tuple[str, ...]:
        """Why something is unknown."""
        return tuple(text for text in (self.equilibria.note, self._existence[1], self._bargaining[2]) if text)

    @cached_property
    def _existence(self) -> tuple[bool | None, str]:
        return _pareto_optimal_nash_exists(self.shifted, self.equilibria, self.within)

    @cached_property
    def _bargaining(self) -> tuple[FloatArray | None, FloatArray | None, str]:
        is_security = self.disagreement == "security"
        return _bargaining_points(self.shifted, self.disagreement_above_lowest, is_security=is_security)

    @property
    def welfare(self) -> WelfareRange:
        """The welfare of the game's outcomes."""
        return self.equilibria.over_outcomes

    def slack(self, above_lowest: FloatArray) -> ParetoSlack:
        """Return the Pareto slack of payoffs, given as what exceeds `lowest`."""
        return _slack(self.shifted, above_lowest, self.within)


def game_facts(
    game: StrategicGame, *, disagreement: str | ArrayLike = "security", within: str = "lotteries"
) -> GameFacts:
    """Return what a verdict needs to know of a game.

    Parameters
    ----------
    game
        A `Game`, or a game without tensor that answers what `GameWithoutTensor` lists.
    disagreement
        A name that `theory.disagreement_point` knows, or `[n_players]` payoffs.
    within
        What may dominate: `lotteries`, `independent` mixtures or `pure` profiles.

    Raises
    ------
    ValueError
        If a name is unknown, or the game cannot answer what a verdict needs.
    """
    known_name("set of dominating outcomes", within, WITHIN)
    if not isinstance(game, Game | GameWithoutTensor):
        raise ValueError(
            "the game must be a theory.Game or answer what theory.verdicts.facts.GameWithoutTensor lists, "
            f"got {type(game).__name__}"
        )
    shifted, lowest = _shifted(game)
    levels = security_levels(shifted) if isinstance(shifted, Game) else shifted.security_levels()
    name = disagreement if isinstance(disagreement, str) else "given"
    point = levels if name == "security" else _point_above(lowest, game, shifted, disagreement)
    return GameFacts(
        game=game,
        shifted=shifted,
        lowest=lowest,
        scale=np.where(game.payoff_range > 0, game.payoff_range, 1.0),
        resolution=game.resolution if isinstance(game, Game) else SHARE * game.payoff_range,
        security_levels=lowest + levels,
        disagreement_above_lowest=point,
        disagreement=name,
        within=within,
    )


def _shifted(game: AnyGame) -> tuple[AnyGame, FloatArray]:
    if not isinstance(game, Game):
        return game, np.zeros(game.n_players)
    read = game.as_read
    lowest = read.outcomes.min(axis=0)
    payoffs = read.payoffs - lowest.reshape(-1, *(1,) * game.n_players)
    shifted = Game(
        payoffs,
        actions=game.actions,
        players=game.players,
        title=game.title,
        resolution=game.resolution,
    )
    return shifted, lowest


def _point_above(
    lowest: FloatArray, game: AnyGame, shifted: AnyGame, disagreement: str | ArrayLike
) -> FloatArray:
    if isinstance(disagreement, str):
        return disagreement_point(shifted, disagreement)
    return disagreement_point(game, disagreement) - lowest


def _slack(game: AnyGame, payoffs: FloatArray, within: str) -> ParetoSlack:
    if isinstance(game, Game):
        return pareto_slack(game, payoffs, within=within)
    return game.pareto_slack(payoffs, within=within)


def _pareto_optimal_nash_exists(
    shifted: AnyGame, equilibria: EquilibriumWelfare, within: str
) -> tuple[bool | None, str]:
    """Return whether some equilibrium is Pareto-optimal, or None and why this is not known."""
    try:
        exists = _is_some_equilibrium_optimal(shifted, equilibria, within)
        why = "equilibria are not listed or their slack is not settled"
    except ValueError as error:
        exists, why = None, str(error)
    if exists is None:
        # Where not all equilibria are known, their own note says why.
        unknown = f"Whether a Pareto-optimal Nash equilibrium exists is unknown: {why}."
        return None, unknown if equilibria.complete else ""
    return exists, ""


def has_undominated_welfare(equilibria: EquilibriumWelfare, ranges: FloatArray) -> bool:
    """Return whether the welfare of an equilibrium is so near the largest that nothing dominates it.

    What dominates has a larger sum of payoffs, and gains at most that much for each player. In the units of a
    player with a small payoff range that can be more than rounding.
    """
    gap = equilibria.over_outcomes.highest - equilibria.best_bounds[0]
    smallest = float(ranges.min(where=ranges > 0, initial=np.inf))
    return bool(gap + SHARE * float(ranges.sum()) <= TOLERANCE * smallest)


def _is_some_equilibrium_optimal(
    shifted: AnyGame, equilibria: EquilibriumWelfare, within: str
) -> bool | None:
    if isinstance(shifted, LinearDilemma):
        return pareto_optimal_nash_exists(shifted, within=within)
    if has_undominated_welfare(equilibria, shifted.payoff_range):
        return True  # nothing dominates the largest welfare
    if not isinstance(shifted, Game):
        return None
    if all_outcomes_pareto_optimal(shifted):
        return True  # some equilibrium exists (Nash 1950)
    found = [shifted.expected_payoffs(profile) for profile in equilibria.profiles]
    is_open = not equilibria.complete
    for payoffs in sorted(found, key=lambda payoffs: -float(payoffs.sum())):
        slack = _slack(shifted, payoffs, within)
        if slack.relative_gain <= TOLERANCE:
            if slack.exact:
                return True
            is_open = True  # a slack that is only a lower bound cannot show that nothing dominates
    # Nor can extreme equilibria speak for the others where a third player's payoff varies among them; within
    # lotteries they can.
    is_open |= bool(equilibria.continuum) and shifted.n_players > 2 and within != "lotteries"
    return None if is_open else False


def all_outcomes_pareto_optimal(game: Game) -> bool:
    """Return whether some sum of payoffs with positive weights is the same in all outcomes.

    So it is in constant-sum games, in whatever units the players measure. A False says nothing: the weights
    are only looked for where they are unique.
    """
    varies = game.payoff_range > 0
    payoffs = game.outcomes[:, varies]
    if not payoffs.size:
        return True
    centred = (payoffs - payoffs.mean(axis=0)) / game.payoff_range[varies]
    _, vectors = np.linalg.eigh(centred.T @ centred)
    weights = vectors[:, 0] * np.sign(vectors[:, 0].sum())
    return bool((weights > 0).all() and np.ptp(centred @ weights) <= SAME_SUM * weights.min())


def _bargaining_points(
    game: AnyGame, point: FloatArray, *, is_security: bool
) -> tuple[FloatArray | None, FloatArray | None, str]:
    """Return the points of Nash and of Kalai and Smorodinsky, or None twice and why."""
    try:
        if isinstance(game, Game):
            problem = BargainingProblem.of(game, point)
            return problem.nash().point, problem.kalai_smorodinsky().point, ""
        # Without a point the game takes its security levels, which rounding then cannot make infeasible.
        given = None if is_security else point
        nash = game.bargaining_point("nash", disagreement=given)
        return nash, game.bargaining_point("kalai-smorodinsky", disagreement=given), ""
    except ValueError as error:
        return None, None, f"Bargaining points are unknown: {error}."
