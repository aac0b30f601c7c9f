r"""What a verdict needs to know of a game, whatever outcome is judged.

Some statements need *all* equilibria. For two players the extreme equilibria suffice:

*On a maximal Nash subset X x Y the first player's payoff max_i (A y)_i does not depend on x in X, since every
such x is a best reply to every y in Y, and is linear in y; the second player's depends linearly on x alone.
So the payoffs on X x Y fill a rectangle, and each corner of it is reached at a pair of extreme points, that
is, at an extreme equilibrium.* Hence

- the best and the worst welfare over all equilibria are those of extreme ones;
- if some equilibrium is Pareto-optimal, so is an extreme one: the upper right corner h of its rectangle is at
  least as good for both, and whatever dominates h would dominate it too, in each of the three senses of
  domination.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from theory._checks import FloatArray, known_name
from theory.equilibria import nash_equilibria
from theory.games import Game, Profile, StrategicGame
from theory.linear_dilemma import LinearDilemma
from theory.pareto import TOLERANCE, WITHIN, ParetoSlack, pareto_slack
from theory.security import disagreement_point, security_levels

# Welfare that varies by less than this share of the sum of payoff ranges is constant but for rounding.
ROUNDING = 1e-12

# A relative gain up to which no dominating outcome is named: it may be rounding.
NEGLIGIBLE = 1e-9


def welfare_spread(
    lowest: FloatArray | float,
    highest: FloatArray | float,
    ranges: FloatArray | float,
    magnitude: FloatArray | float,
) -> FloatArray:
    """Return largest minus smallest welfare, and 0 where rounding can explain the difference.

    `ranges` and `magnitude` are sums over players: of payoff ranges, and of the largest absolute payoffs.
    """
    spread = np.subtract(highest, lowest)
    rounding = ROUNDING * np.asarray(ranges) + 4 * np.finfo(np.float64).eps * np.asarray(magnitude)
    return np.where(spread > rounding, spread, 0.0)


@dataclass(frozen=True)
class EquilibriumWelfare:
    """What is known of the welfare of a game's Nash equilibria; None where the solver is not complete.

    Attributes
    ----------
    best, worst
        Largest and smallest sum of payoffs over *all* Nash equilibria.
    pareto_optimal_exists
        Whether some Nash equilibrium is Pareto-optimal.
    count
        Number of equilibria (two players: of extreme ones).
    continuum
        Whether there are infinitely many.
    note
        Why something is unknown; empty if nothing is.
    """

    best: float | None = None
    worst: float | None = None
    pareto_optimal_exists: bool | None = None
    count: int | None = None
    continuum: bool | None = None
    note: str = ""


@runtime_checkable
class GameWithoutTensor(StrategicGame, Protocol):
    """What a game must answer itself to be judged without a payoff tensor."""

    @property
    def players(self) -> tuple[str, ...]:
        """Names of the players."""

    @property
    def title(self) -> str:
        """A name for tables and pictures."""

    @property
    def welfare_range(self) -> tuple[float, float]:
        """Smallest and largest sum of payoffs over the outcomes."""

    def check_profile(self, profile: Profile) -> FloatArray | tuple[FloatArray, ...]:
        """Return the profile as probability vectors, or raise ValueError with what is wrong."""

    def security_levels(self) -> FloatArray:
        """`[n_players]`: what each player can be sure of by mixing."""

    def pareto_slack(self, payoffs: ArrayLike, *, within: str = "lotteries") -> ParetoSlack:
        """How much more the players could have had with nobody losing."""

    def equilibria(self) -> Any:
        """Return the Nash equilibria, with `best_welfare`, `worst_welfare`, `continuum` and `complete`."""

    def bargaining_point(self, name: str, *, disagreement: ArrayLike | None = None) -> FloatArray:
        """`[n_players]`: the payoffs of a bargaining solution by name."""


@dataclass(frozen=True, eq=False)
class GameFacts:
    """Facts of one game.

    Attributes
    ----------
    game
        The game.
    shifted, lowest
        The same game with each player's `lowest[n_players]` payoff moved to 0, so that payoffs with a large
        common part are compared without loss of digits; a game without tensor as it is, and 0.
    scale
        `[n_players]`: payoff ranges, 1 where the range is 0.
    security_levels, disagreement_point
        `[n_players]`, payoffs.
    disagreement
        The name of the disagreement point, "given" if it was given as payoffs.
    lowest_welfare, highest_welfare, welfare_spread
        Smallest and largest sum of payoffs over the outcomes, and their difference (0 if rounding explains
        it).
    equilibria
        What is known of the Nash equilibria.
    nash_bargaining, kalai_smorodinsky
        `[n_players]` payoffs of the bargaining solutions; None where there is none.
    within
        What may dominate.
    notes
        Why something is unknown.
    """

    game: Game | GameWithoutTensor
    shifted: Game | GameWithoutTensor
    lowest: FloatArray
    scale: FloatArray
    security_levels: FloatArray
    disagreement_point: FloatArray
    disagreement: str
    lowest_welfare: float
    highest_welfare: float
    welfare_spread: float
    equilibria: EquilibriumWelfare
    nash_bargaining: FloatArray | None
    kalai_smorodinsky: FloatArray | None
    within: str
    notes: tuple[str, ...]


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
            "the game must be a theory.Game or answer what theory.facts.GameWithoutTensor lists, "
            f"got {type(game).__name__}"
        )
    shifted, low = _shifted(game)
    levels = security_levels(shifted) if isinstance(shifted, Game) else shifted.security_levels()
    name = disagreement if isinstance(disagreement, str) else "given"
    if name == "security":
        point = levels
    elif name == "given":
        point = disagreement_point(game, disagreement) - low
    else:
        point = disagreement_point(shifted, disagreement)
    lowest, highest, magnitude = _welfare_range(game)
    spread = float(welfare_spread(lowest, highest, game.payoff_range.sum(), magnitude))
    if isinstance(shifted, Game):
        equilibria = _equilibria_of_tensor(shifted, float(low.sum()), within)
    else:
        equilibria = _equilibria_without_tensor(shifted, highest, within)
    nash, kalai_smorodinsky, note = _bargaining_points(shifted, point, is_security=name == "security")
    return GameFacts(
        game=game,
        shifted=shifted,
        lowest=low,
        scale=np.where(game.payoff_range > 0, game.payoff_range, 1.0),
        security_levels=low + levels,
        disagreement_point=low + point,
        disagreement=name,
        lowest_welfare=lowest,
        highest_welfare=highest,
        welfare_spread=spread,
        equilibria=equilibria,
        nash_bargaining=None if nash is None else low + nash,
        kalai_smorodinsky=None if kalai_smorodinsky is None else low + kalai_smorodinsky,
        within=within,
        notes=tuple(text for text in (equilibria.note, note) if text),
    )


def _shifted(game: Game | GameWithoutTensor) -> tuple[Game | GameWithoutTensor, FloatArray]:
    if not isinstance(game, Game):
        return game, np.zeros(game.n_players)
    lowest = game.outcomes.min(axis=0)
    payoffs = game.payoffs - lowest.reshape(-1, *(1,) * game.n_players)
    return Game(payoffs, actions=game.actions, players=game.players, title=game.title), lowest


def _welfare_range(game: Game | GameWithoutTensor) -> tuple[float, float, float]:
    """Return the smallest and largest welfare, and how large the payoffs are that it is summed from."""
    if isinstance(game, Game):
        welfare = game.outcomes.sum(axis=1)
        return float(welfare.min()), float(welfare.max()), float(np.abs(game.outcomes).max(axis=0).sum())
    lowest, highest = game.welfare_range
    return lowest, highest, max(abs(lowest), abs(highest))


def _equilibria_of_tensor(shifted: Game, lowest: float, within: str) -> EquilibriumWelfare:
    try:
        equilibria = nash_equilibria(shifted)
    except ValueError as error:
        return EquilibriumWelfare(note=f"Equilibria are unknown: {error}.")
    if not equilibria.complete:
        return EquilibriumWelfare(count=len(equilibria.profiles), note=equilibria.note)
    payoffs = [shifted.expected_payoffs(profile) for profile in equilibria.profiles]
    welfare = [lowest + float(u.sum()) for u in payoffs]
    return EquilibriumWelfare(
        best=max(welfare),
        worst=min(welfare),
        pareto_optimal_exists=_any_pareto_optimal(shifted, payoffs, within),
        count=len(payoffs),
        continuum=equilibria.continuum,
    )


def _any_pareto_optimal(game: Game, payoffs: list[FloatArray], within: str) -> bool | None:
    slacks = [pareto_slack(game, u, within=within) for u in payoffs]
    undominated = [slack.exact for slack in slacks if slack.relative_gain <= TOLERANCE]
    # A slack that is only a lower bound cannot show that nothing dominates.
    return any(undominated) or (None if undominated else False)


def _equilibria_without_tensor(
    game: GameWithoutTensor, largest_welfare: float, within: str
) -> EquilibriumWelfare:
    equilibria = game.equilibria()
    if not equilibria.complete:
        return EquilibriumWelfare(note="The game does not know all its equilibria.")
    exists = equilibria.best_welfare >= largest_welfare or None  # nothing dominates the largest welfare
    if isinstance(game, LinearDilemma):
        from theory.linear_dilemma_efficiency import pareto_optimal_nash_exists

        exists = pareto_optimal_nash_exists(game, within=within)
    return EquilibriumWelfare(
        best=equilibria.best_welfare,
        worst=equilibria.worst_welfare,
        pareto_optimal_exists=exists,
        continuum=equilibria.continuum,
        note="" if exists is not None else "Whether a Pareto-optimal Nash equilibrium exists is unknown.",
    )


def _bargaining_points(
    game: Game | GameWithoutTensor, point: FloatArray, *, is_security: bool
) -> tuple[FloatArray | None, FloatArray | None, str]:
    """Return the points of Nash and of Kalai and Smorodinsky, or None twice and why."""
    from theory.bargaining import BargainingProblem

    try:
        if isinstance(game, Game):
            problem = BargainingProblem.of(game, point)
            return problem.nash().point, problem.kalai_smorodinsky().point, ""
        # Without a point the game takes its security levels, which rounding then cannot make infeasible.
        given = None if is_security else point
        return (
            game.bargaining_point("nash", disagreement=given),
            game.bargaining_point("kalai-smorodinsky", disagreement=given),
            "",
        )
    except ValueError as error:
        return None, None, f"Bargaining points are unknown: {error}."
