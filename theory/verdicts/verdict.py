r"""The verdict on an outcome: how far it is from what game theory calls cooperative (thesis section 6.2.1).

Every yes or no comes with the least tolerance at which it would be yes. A tolerance is a share of the range
of the quantity that it judges, so that no answer depends on the units in which payoffs are measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import FloatArray, number_within, truth_value
from theory.equilibria.confirmation import Confirmation, confirm_equilibria
from theory.equilibria.nash import REGRET_TOLERANCE
from theory.equilibria.welfare import Bounds, EquilibriumWelfare
from theory.games.checks import matrix_game
from theory.games.game import Profile, StrategicGame
from theory.pareto.slack import TOLERANCE, ParetoSlack
from theory.tables import ShownAsTables, Table, in_brackets, to_four_figures
from theory.verdicts.facts import NEGLIGIBLE, AnyGame, GameFacts, game_facts, has_undominated_welfare
from theory.verdicts.words import (
    MOST_LISTED,
    as_beginning,
    counted,
    in_figures,
    label_of,
    label_suffix,
    listed,
    plain,
)

# Tolerance for learned outcomes, as a share of the payoff range, fixed before any result was seen.
LEARNED_TOLERANCE = 0.02

_DOMINATING = {"lotteries": "lottery", "independent": "independent mixture", "pure": "pure profile"}


@dataclass(frozen=True, eq=False)
class Verdict(ShownAsTables):
    r"""What game theory says of one outcome.

    With payoffs u_i, regrets r_i, security levels v_i and ranges R_i of the payoffs over the game's outcomes
    (1 where a player's range is 0), welfare W = sum of u_i, and Wmin, Wmax over the outcomes:

    Attributes
    ----------
    payoffs, regrets, security_levels, disagreement_point
        `[n_players]`, in payoff units.
    welfare
        W.
    nash_tolerance, is_nash
        max r_i / R_i, and whether that is at most `tolerance`.
    pareto_slack
        Largest total gain over players that a dominating outcome gives with nobody losing, in payoff units;
        the largest known where `is_pareto_optimal` is None, and in games without tensor.
    pareto_dominating
        `[n_players]`: payoffs of the outcome that gives it; None if nothing that is known dominates.
    pareto_tolerance, is_pareto_optimal
        Largest sum of gains in payoff ranges, and whether that is at most `tolerance`. None (the second)
        where no dominating outcome is known, but none can be excluded.
    rationality_tolerance, is_individually_rational
        max (v_i - u_i) / R_i or 0, and whether that is at most `tolerance`.
    welfare_index
        (W - Wmin) / (Wmax - Wmin); None if all outcomes have the same welfare, or where Wmin or Wmax is not
        known.
    best_nash_welfare, worst_nash_welfare
        Over all Nash equilibria; None where not known.
    best_nash_welfare_bounds, worst_nash_welfare_bounds
        Between which numbers these are, None for a bound that is not known.
    pareto_optimal_nash_exists
        Whether the game has a Pareto-optimal Nash equilibrium at all; None where not known.
    welfare_tolerance, is_welfare_optimal_nash
        The larger of `nash_tolerance` and (best_nash_welfare - W) / (Wmax - Wmin) or 0, and whether that is
        at most `tolerance`: an equilibrium with the best welfare of all equilibria. It need not be
        Pareto-optimal. None where the bounds above do not settle it; the second is False for whatever is no
        equilibrium.
    nash_bargaining_distance, kalai_smorodinsky_distance
        Euclidean distance from the payoffs to the bargaining solutions, payoffs divided by their ranges; None
        where no agreement is rational for all.
    label
        One of `LABELS` or `UNSETTLED` of `theory.verdicts.words`, and which players are below their security level.
    tolerance, within, disagreement
        As asked for; `disagreement` is "given" if payoffs were given.
    n_equilibria
        Number of equilibria known (two players: of extreme ones).
    continuum
        Whether the game has infinitely many equilibria; None where not known.
    welfare_range
        (Wmin, Wmax), None for what is not known.
    game_title, players
        Names.
    note
        Why something is None; empty if nothing is unknown.
    confirmation
        Whether nashpy finds the same equilibria, where that was asked for; else None.
    """

    game_title: str
    players: tuple[str, ...]
    payoffs: FloatArray
    welfare: float
    regrets: FloatArray
    is_nash: bool
    pareto_slack: float
    pareto_dominating: FloatArray | None
    is_pareto_optimal: bool | None
    security_levels: FloatArray
    is_individually_rational: bool
    welfare_index: float | None
    welfare_range: tuple[float | None, float | None]
    best_nash_welfare: float | None
    worst_nash_welfare: float | None
    best_nash_welfare_bounds: tuple[float | None, float | None]
    worst_nash_welfare_bounds: tuple[float | None, float | None]
    n_equilibria: int | None
    continuum: bool | None
    pareto_optimal_nash_exists: bool | None
    is_welfare_optimal_nash: bool | None
    disagreement: str
    disagreement_point: FloatArray
    nash_bargaining_distance: float | None
    kalai_smorodinsky_distance: float | None
    nash_tolerance: float
    pareto_tolerance: float
    rationality_tolerance: float
    welfare_tolerance: float | None
    tolerance: float
    within: str
    label: str
    note: str
    confirmation: Confirmation | None = None

    @property
    def explanation(self) -> str:
        """One paragraph that gives the reasons with numbers."""
        return " ".join(_sentences(self))

    def to_dict(self) -> dict[str, Any]:
        """Return all fields and the explanation as plain Python values, ready for JSON.

        `confirmation` is there if it was asked for.
        """
        fields = plain(self)
        del fields["confirmation"]
        if self.confirmation is not None:
            fields["confirmation"] = self.confirmation.to_dict()
        return {**fields, "explanation": self.explanation}

    def as_tables(self) -> list[Table]:
        """Return the verdict's quantities, as notebooks and the command line show them."""
        rows = [
            ("label", self.label),
            ("payoffs", _of_players(self.payoffs)),
            ("welfare", to_four_figures(self.welfare)),
            ("welfare index", to_four_figures(self.welfare_index)),
            ("regrets", _of_players(self.regrets)),
            ("Nash equilibrium", _answer(self.is_nash, self.nash_tolerance)),
            ("Pareto-optimal", _answer(self.is_pareto_optimal, self.pareto_tolerance)),
            ("Pareto slack", to_four_figures(self.pareto_slack)),
            ("individually rational", _answer(self.is_individually_rational, self.rationality_tolerance)),
            ("best welfare of an equilibrium", to_four_figures(self.best_nash_welfare)),
            ("worst welfare of an equilibrium", to_four_figures(self.worst_nash_welfare)),
            ("some equilibrium is Pareto-optimal", _answer(self.pareto_optimal_nash_exists, None)),
            ("distance to the Nash bargaining point", to_four_figures(self.nash_bargaining_distance)),
            ("distance to the Kalai-Smorodinsky point", to_four_figures(self.kalai_smorodinsky_distance)),
        ]
        title = f"Verdict in {self.game_title}" if self.game_title else "Verdict"
        return [
            Table(
                title,
                ("quantity", "value"),
                rows,
                f"Tolerance {self.tolerance:g} of the range; dominated by: {self.within}; "
                f"disagreement point: {self.disagreement}.",
            )
        ]


def _of_players(values: FloatArray) -> str:
    return in_brackets(values) if len(values) <= MOST_LISTED else listed(values)


def _answer(answer: bool | None, least: float | None) -> str:
    text = {True: "yes", False: "no", None: "not known"}[answer]
    return text if least is None else f"{text} (holds from a tolerance of {least:.2g})"


def _sentences(verdict: Verdict) -> Iterator[str]:
    yield f"{verdict.game_title or 'This outcome'}: {verdict.label}."
    yield f"Payoffs are {listed(verdict.payoffs)}."
    yield _on_welfare(verdict)
    yield _on_equilibrium(verdict)
    yield _on_pareto(verdict)
    yield _on_security(verdict)
    if verdict.pareto_optimal_nash_exists is not None:
        some = "a" if verdict.pareto_optimal_nash_exists else "no"
        yield f"The game has {some} Pareto-optimal Nash equilibrium."
    yield _on_bargaining(verdict)
    if verdict.note:
        yield verdict.note


def _on_welfare(verdict: Verdict) -> str:
    """Return the rank among the equilibria, if it has one, and the welfare."""
    highest = verdict.welfare_range[1]
    welfare = in_figures(verdict.welfare) + (
        "" if highest is None else f" of a possible {in_figures(highest)}"
    )
    if not verdict.is_welfare_optimal_nash:
        return f"Welfare is {welfare}."
    falls_short = verdict.welfare_index is not None and verdict.welfare_index < 1 - verdict.tolerance
    return f"This is {_best_of(verdict)}, {'but' if falls_short else 'with'} welfare {welfare}."


def _best_of(verdict: Verdict) -> str:
    if verdict.continuum:
        return "the best of infinitely many equilibria"
    if verdict.n_equilibria is None or verdict.continuum is None:  # not all are listed
        return "the best of all equilibria"
    if verdict.n_equilibria == 1:
        return "the only equilibrium"
    return f"the best of the {counted(verdict.n_equilibria)} equilibria"


def _on_equilibrium(verdict: Verdict) -> str:
    worst = int(verdict.regrets.argmax())
    regret = in_figures(verdict.regrets[worst])
    if not verdict.is_nash:
        return f"{as_beginning(verdict.players[worst])} would gain {regret} by its best reply."
    stays = f"Nobody gains {'by deviating' if regret == '0' else f'more than {regret} by deviating'}"
    if verdict.is_welfare_optimal_nash is False:
        best, least = verdict.best_nash_welfare, verdict.best_nash_welfare_bounds[0]
        welfare = f"at least {in_figures(least)}" if best is None else in_figures(best)
        return f"{stays}, but the best equilibrium has welfare {welfare}."
    return f"{stays}."


def _on_pareto(verdict: Verdict) -> str:
    kind = _DOMINATING[verdict.within]
    one = f"an {kind}" if kind[0] == "i" else f"a {kind}"
    if verdict.pareto_dominating is not None:
        gain = f"gives {listed(verdict.pareto_dominating)}, {in_figures(verdict.pareto_slack)} more in total"
        return f"{as_beginning(one)} {gain} with nobody losing."
    if verdict.is_pareto_optimal is None:
        return f"Whether {one} gives anyone more without a loss to another is unknown."
    return f"No {kind} gives anyone more without a loss to another."


def _on_security(verdict: Verdict) -> str:
    levels = listed(verdict.security_levels)
    if verdict.is_individually_rational:
        return f"Everyone gets what it can secure alone, {levels}."
    return f"Not everyone gets what it can secure alone, {levels}."


def _on_bargaining(verdict: Verdict) -> str:
    point = f"disagreement point {listed(verdict.disagreement_point)}, {verdict.disagreement}"
    nash, kalai_smorodinsky = verdict.nash_bargaining_distance, verdict.kalai_smorodinsky_distance
    if nash is None or kalai_smorodinsky is None:
        return f"No distance to a bargaining solution is known ({point})."
    return (
        f"The distance to the Nash bargaining solution is {in_figures(nash)} payoff ranges, "
        f"to that of Kalai and Smorodinsky {in_figures(kalai_smorodinsky)} ({point})."
    )


def judge(
    game: StrategicGame,
    profile: Profile,
    *,
    disagreement: str | ArrayLike = "security",
    within: str = "lotteries",
    tolerance: float = 1e-6,
    confirm: bool = False,
) -> Verdict:
    """Judge the outcome of a profile in a game.

    Parameters
    ----------
    game
        A `Game`, or one without payoff tensor that answers what `theory.verdicts.facts.GameWithoutTensor` lists.
    profile
        One probability vector for each player.
    disagreement
        The disagreement point of the bargaining solutions: a name that `theory.disagreement_point` knows, or
        `[n_players]` payoffs. Individual rationality is always judged by the security levels.
    within
        What may dominate: `lotteries`, `independent` mixtures or `pure` profiles.
    tolerance
        The share of the range of each quantity that counts as nothing: 1e-6 for exact profiles; .02 is usual
        for learned ones.
    confirm
        Whether nashpy is asked for the equilibria too (`theory.confirm_equilibria`, for a game with payoffs); the
        answer is the verdict's `confirmation`.

    Returns
    -------
    Verdict

    Raises
    ------
    ValueError
        If the profile does not fit the game or an argument is out of its bounds.

    Examples
    --------
    >>> from theory import judge, named_game
    >>> judge(named_game("prisoners-dilemma"), [[0, 1], [0, 1]]).label
    'Pareto-dominated Nash equilibrium'
    """
    check_tolerance(tolerance)
    truth_value("confirm", confirm)
    facts = game_facts(game, disagreement=disagreement, within=within)
    verdict = judge_by_facts(facts, profile, tolerance=tolerance)
    return (
        replace(verdict, confirmation=confirm_equilibria(matrix_game("game", game))) if confirm else verdict
    )


def judge_by_facts(facts: GameFacts, profile: Profile, *, tolerance: float = 1e-6) -> Verdict:
    """Judge an outcome by facts of its game that are known already: for many outcomes of one game.

    Parameters
    ----------
    facts
        What `theory.verdicts.facts.game_facts` returned.
    profile, tolerance
        As for `judge`.
    """
    check_tolerance(tolerance)
    game, found = facts.game, _measured(facts, profile)
    slack = found.slack
    is_nash = found.nash_tolerance <= tolerance
    is_optimal = _is_pareto_optimal(slack, tolerance)
    known, exists = _known_equilibria(facts, found), facts.pareto_optimal_nash_exists
    if (
        found.nash_tolerance <= REGRET_TOLERANCE
        and exists is None
        and (has_undominated_welfare(known, game.payoff_range) or _is_pareto_optimal(slack, TOLERANCE))
    ):
        exists = True
    least, most = welfare_tolerance_bounds(known, (found.welfare, found.welfare), found.nash_tolerance)
    is_best = False if not is_nash else is_at_most(least, most, tolerance)
    below = found.players_below_security(game, tolerance)
    return Verdict(
        game_title=game.title,
        players=game.players,
        payoffs=found.payoffs,
        welfare=found.welfare,
        regrets=found.regrets,
        is_nash=is_nash,
        pareto_slack=slack.gain,
        pareto_dominating=slack.dominating + facts.lowest if slack.relative_gain > NEGLIGIBLE else None,
        is_pareto_optimal=is_optimal,
        security_levels=facts.security_levels,
        is_individually_rational=not below,
        welfare_index=facts.welfare.index(found.welfare),
        welfare_range=_finite(facts.welfare.bounds),
        best_nash_welfare=known.best,
        worst_nash_welfare=known.worst,
        best_nash_welfare_bounds=_finite(known.best_bounds),
        worst_nash_welfare_bounds=_finite(known.worst_bounds),
        n_equilibria=len(known.profiles) or None,
        continuum=known.continuum,
        pareto_optimal_nash_exists=exists,
        is_welfare_optimal_nash=is_best,
        disagreement=facts.disagreement,
        disagreement_point=facts.disagreement_point,
        nash_bargaining_distance=_distance(facts, found.above_lowest, facts.nash_bargaining),
        kalai_smorodinsky_distance=_distance(facts, found.above_lowest, facts.kalai_smorodinsky),
        nash_tolerance=found.nash_tolerance,
        pareto_tolerance=slack.relative_gain,
        rationality_tolerance=float(found.below_security.max()),
        welfare_tolerance=most if most - least <= REGRET_TOLERANCE else None,
        tolerance=tolerance,
        within=facts.within,
        label=label_of(is_nash, is_optimal, is_best) + label_suffix(below),
        note=" ".join(facts.notes),
    )


@dataclass(frozen=True, eq=False)
class LabelledOutcome:
    """An outcome's label with what it is read from: `regrets[n_players]` and the Pareto slack, in payoff units."""

    label: str
    regrets: FloatArray
    pareto_slack: float


def label_by_facts(facts: GameFacts, profile: Profile, *, tolerance: float = 1e-6) -> LabelledOutcome:
    """Return the label that `judge_by_facts` gives an outcome, without working out what the label does not need.

    Equilibria are asked for only where the outcome is a Pareto-optimal one.
    """
    check_tolerance(tolerance)
    found = _measured(facts, profile)
    is_nash = found.nash_tolerance <= tolerance
    is_optimal = _is_pareto_optimal(found.slack, tolerance)
    is_best = None
    if is_nash and is_optimal:
        known, welfare = _known_equilibria(facts, found), (found.welfare, found.welfare)
        is_best = is_at_most(*welfare_tolerance_bounds(known, welfare, found.nash_tolerance), tolerance)
    label = label_of(is_nash, is_optimal, is_best)
    below = found.players_below_security(facts.game, tolerance)
    return LabelledOutcome(label + label_suffix(below), found.regrets, found.slack.gain)


@dataclass(frozen=True, eq=False)
class _Measured:
    """What a profile gives: payoffs, what exceeds the lowest ones, regrets, slack, payoff ranges below security."""

    payoffs: FloatArray
    above_lowest: FloatArray
    regrets: FloatArray
    slack: ParetoSlack
    below_security: FloatArray
    nash_tolerance: float

    @property
    def welfare(self) -> float:
        return float(self.payoffs.sum())

    def players_below_security(self, game: AnyGame, tolerance: float) -> list[str]:
        return [name for name, gap in zip(game.players, self.below_security, strict=True) if gap > tolerance]


def _measured(facts: GameFacts, profile: Profile) -> _Measured:
    game = facts.game
    exact = _summing_to_one(game.check_profile(profile))
    regrets = game.regrets(exact)
    above_lowest = facts.shifted.expected_payoffs(exact)
    short = facts.security_levels - facts.lowest - above_lowest
    return _Measured(
        payoffs=game.expected_payoffs(exact),
        above_lowest=above_lowest,
        regrets=regrets,
        slack=facts.slack(above_lowest),
        below_security=np.where(short > facts.resolution, short, 0.0) / facts.scale,
        nash_tolerance=float((regrets / facts.scale).max()),
    )


def _known_equilibria(facts: GameFacts, found: _Measured) -> EquilibriumWelfare:
    """Return what is known of the equilibria; of those that are not all known, the outcome may be one."""
    known = facts.equilibria
    return known.with_found(found.welfare) if found.nash_tolerance <= REGRET_TOLERANCE else known


def check_tolerance(tolerance: float) -> float:
    """Return the tolerance, or raise ValueError if it is not a share."""
    return number_within("tolerance", tolerance, 0.0, 1.0)


def _summing_to_one(mixtures: FloatArray | tuple[FloatArray, ...]) -> Any:
    # Probabilities typed by hand sum to one only up to 1e-6; payoffs are judged far more finely.
    if isinstance(mixtures, np.ndarray):
        return np.asarray(mixtures / mixtures.sum(axis=1, keepdims=True))
    return tuple(mixture / mixture.sum() for mixture in mixtures)


def _is_pareto_optimal(slack: ParetoSlack, tolerance: float) -> bool | None:
    if slack.relative_gain > tolerance:
        return False
    # A slack that is only a lower bound can show that something dominates, but not that nothing does.
    bound = slack.relative_gain if slack.exact else slack.relative_gain_bound
    return True if bound is not None and bound <= tolerance else None


def welfare_tolerance_bounds(known: EquilibriumWelfare, welfare: Bounds, nash_tolerance: float) -> Bounds:
    """Return bounds of the least tolerance at which an outcome is an equilibrium of the best welfare.

    `welfare` are bounds of the outcome's welfare, `nash_tolerance` is that at which it is an equilibrium.
    """
    least, most = known.best_bounds
    reached = (*welfare, least, known.worst_bounds[1])
    low, high = known.over_outcomes.share((least - welfare[1], most - welfare[0]), reached)
    return max(nash_tolerance, low), max(nash_tolerance, high)


def is_at_most(least: float, most: float, limit: float) -> bool | None:
    """Return whether what is between two bounds is at most a limit, None where they cannot tell."""
    if most <= limit:
        return True
    return False if least > limit else None


def _finite(bounds: Bounds) -> tuple[float | None, float | None]:
    low, high = (bound if np.isfinite(bound) else None for bound in bounds)
    return low, high


def _distance(facts: GameFacts, above_lowest: FloatArray, point: FloatArray | None) -> float | None:
    if point is None:
        return None
    return float(np.linalg.norm((above_lowest + facts.lowest - point) / facts.scale))
