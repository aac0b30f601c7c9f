r"""Verdicts on play that was observed: what the frequencies of outcomes say, and what they cannot tell.

Rounds are taken for independent draws from one distribution over outcomes. (Learners change: give the rounds
after they have settled.) The distribution is read in two ways:

- as a *correlated outcome*: players may have been coordinated by their common history. It is a correlated
  equilibrium if nobody gains by replacing an action that it plays by another one wherever it plays it (Aumann
  1987);
- as *independent mixtures*, one per player, from the frequencies of its own actions: a profile of the game,
  which may be a Nash equilibrium.

Every quantity is an estimate between two bounds. The bounds follow from simultaneous Clopper-Pearson
intervals (`theory.statistics`), so that *all* of a reading hold at once with probability at least
`confidence`, for any number of rounds. A yes or no is given where the bounds agree on it; otherwise the data
cannot tell, which is None.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from theory.arguments import checked
from theory.checks import FloatArray, IntArray, number_within, truth_value
from theory.equilibria.correlated import welfare_optimal_correlated_equilibrium
from theory.equilibria.nash import REGRET_TOLERANCE
from theory.equilibria.welfare import Bounds
from theory.games.checks import matrix_game
from theory.games.game import Game
from theory.geometry.linear_programs import maximise
from theory.pareto.slack import ParetoSlack
from theory.tables import ShownAsTables, Table, to_four_figures
from theory.verdicts.facts import NEGLIGIBLE, GameFacts, game_facts
from theory.verdicts.readings import (
    Reading,
    checked_counts,
    correlated_reading,
    count_plays,
    independence_is_refuted,
    independent_reading,
)
from theory.verdicts.verdict import check_tolerance, welfare_tolerance_bounds
from theory.verdicts.words import in_figures, label_of, label_suffix, listed, plain


@dataclass(frozen=True, eq=False)
class Estimate:
    """An estimate and the bounds of the true value: numbers, or one for each player."""

    value: Any
    low: Any
    high: Any

    @classmethod
    def around(cls, value: Any, low: Any, high: Any) -> Estimate:
        """Return an estimate whose bounds enclose it also where rounding put them on its other side."""
        if isinstance(value, float):
            return cls(value, min(low, value), max(high, value))
        return cls(value, np.minimum(low, value), np.maximum(high, value))

    def plus(self, amount: Any) -> Estimate:
        """Return the estimate of the value plus an amount."""
        return Estimate(self.value + amount, self.low + amount, self.high + amount)

    def over(self, lowest: float, spread: float) -> Estimate | None:
        """Return the estimate of (value - lowest) / spread, or None if the spread is 0."""
        if not spread:
            return None
        return Estimate(*((part - lowest) / spread for part in (self.value, self.low, self.high)))

    def is_at_most(self, limit: float) -> bool | None:
        """Return whether the true value is at most a limit, or None where the data cannot tell."""
        if self.high <= limit:
            return True
        return False if self.low > limit else None


@dataclass(frozen=True, eq=False)
class EmpiricalOutcome:
    """What observed play is, read in one way. Quantities and tolerances are those of `theory.Verdict`.

    Attributes
    ----------
    reading
        "correlated" or "independent".
    payoffs, regrets
        Estimates for each player, in payoff units.
    welfare, welfare_index, pareto_slack, nash_bargaining_distance, kalai_smorodinsky_distance
        Estimates; None where `theory.Verdict` has None.
    pareto_dominating
        `[n_players]`: payoffs of the outcome that gives the estimated slack; None if nothing dominates the
        estimate.
    best_equilibrium_welfare
        Over all equilibria of the reading's kind, correlated or Nash; None where not known.
    equilibrium_tolerance, pareto_tolerance, rationality_tolerance, welfare_tolerance
        Estimates of the least tolerance at which each answer is yes; None where not known.
    is_equilibrium, is_pareto_optimal, is_individually_rational, is_welfare_optimal_equilibrium
        True or False where the data settle it, None where they do not (or the game does not).
    label
        As in `theory.Verdict`, and what the data cannot tell.
    """

    reading: str
    payoffs: Estimate
    regrets: Estimate
    welfare: Estimate
    welfare_index: Estimate | None
    pareto_slack: Estimate
    pareto_dominating: FloatArray | None
    nash_bargaining_distance: Estimate | None
    kalai_smorodinsky_distance: Estimate | None
    best_equilibrium_welfare: float | None
    equilibrium_tolerance: Estimate
    pareto_tolerance: Estimate
    rationality_tolerance: Estimate
    welfare_tolerance: Estimate | None
    is_equilibrium: bool | None
    is_pareto_optimal: bool | None
    is_individually_rational: bool | None
    is_welfare_optimal_equilibrium: bool | None
    label: str


@dataclass(frozen=True, eq=False)
class EmpiricalVerdict(ShownAsTables):
    """A verdict on observed play.

    Attributes
    ----------
    game_title, players
        Names.
    rounds
        Number of rounds observed.
    counts
        `[*n_actions]`: how often each outcome was seen.
    correlated, independent
        The two readings; the second is None for games with too many players and actions.
    independence_refuted
        Whether independent mixtures can be excluded, with error rate 1 - `confidence`.
    confidence
        Probability with which all bounds of a reading hold at once, at least.
    tolerance, within, disagreement, disagreement_point, security_levels
        As in `theory.Verdict`.
    note
        Why something is None though data would not help; empty if nothing is.
    """

    game_title: str
    players: tuple[str, ...]
    rounds: int
    counts: IntArray
    correlated: EmpiricalOutcome
    independent: EmpiricalOutcome | None
    independence_refuted: bool
    confidence: float
    tolerance: float
    within: str
    disagreement: str
    disagreement_point: FloatArray
    security_levels: FloatArray
    note: str

    @property
    def explanation(self) -> str:
        """One paragraph that gives the reasons with numbers."""
        return " ".join(_sentences(self))

    def to_dict(self) -> dict[str, Any]:
        """Return all fields and the explanation as plain Python values, ready for JSON."""
        return {**plain(self), "explanation": self.explanation}

    def as_tables(self) -> list[Table]:
        """Return what was observed, a column a reading, as notebooks and the command line show it."""
        readings = [self.correlated] + ([self.independent] if self.independent else [])
        rows = [
            ("label", *(reading.label for reading in readings)),
            ("payoffs", *("; ".join(_each(reading.payoffs)) for reading in readings)),
            ("welfare", *(_estimate(reading.welfare) for reading in readings)),
            ("regrets", *("; ".join(_each(reading.regrets)) for reading in readings)),
            ("Pareto slack", *(_estimate(reading.pareto_slack) for reading in readings)),
            ("equilibrium", *(_settled(reading.is_equilibrium) for reading in readings)),
            ("Pareto-optimal", *(_settled(reading.is_pareto_optimal) for reading in readings)),
            ("individually rational", *(_settled(reading.is_individually_rational) for reading in readings)),
            (
                "best welfare of an equilibrium",
                *(to_four_figures(r.best_equilibrium_welfare) for r in readings),
            ),
        ]
        title = f"Verdict on {self.rounds} rounds" + (f" of {self.game_title}" if self.game_title else "")
        return [
            Table(
                title,
                ("quantity", *(reading.reading for reading in readings)),
                rows,
                f"Estimates between bounds that hold together with {self.confidence:.0%} confidence, if rounds are "
                f"independent. Tolerance {self.tolerance:g} of the range; dominated by: {self.within}; disagreement "
                f"point: {self.disagreement}.",
            )
        ]


def _each(estimate: Estimate) -> list[str]:
    parts = zip(estimate.value, estimate.low, estimate.high, strict=True)
    return [f"{value:z.3g} in [{low:z.3g}, {high:z.3g}]" for value, low, high in parts]


def _estimate(estimate: Estimate) -> str:
    return f"{estimate.value:z.3g} in [{estimate.low:z.3g}, {estimate.high:z.3g}]"


def _settled(answer: bool | None) -> str:
    return {True: "yes", False: "no", None: "the data cannot tell"}[answer]


def _sentences(verdict: EmpiricalVerdict) -> Iterator[str]:
    sure = f"{100 * verdict.confidence:g}%"
    yield f"{verdict.game_title or 'This play'}, {verdict.rounds} rounds, all bounds at {sure} confidence."
    for outcome in (verdict.correlated, verdict.independent):
        if outcome is not None:
            yield from _sentences_on_reading(verdict, outcome)
    if verdict.independence_refuted:
        yield "The players did not mix independently, so that the correlated reading is the one to trust."
    if verdict.note:
        yield verdict.note


def _sentences_on_reading(verdict: EmpiricalVerdict, outcome: EmpiricalOutcome) -> Iterator[str]:
    read_as = "a correlated outcome" if outcome.reading == "correlated" else "independent mixtures"
    yield f"Read as {read_as}: {outcome.label}."
    yield (
        f"Payoffs are about {listed(outcome.payoffs.value)}, welfare {_with_bounds(outcome.welfare)}; the "
        f"largest regret is {_with_bounds(outcome.equilibrium_tolerance)} of a payoff range, the Pareto slack "
        f"{_with_bounds(outcome.pareto_slack)} in payoff units."
    )
    settled = (outcome.is_equilibrium, outcome.is_pareto_optimal, outcome.is_individually_rational)
    if None in settled:
        yield f"With a tolerance of {in_figures(verdict.tolerance)}, more rounds would be needed to tell."


def _with_bounds(estimate: Estimate) -> str:
    return f"{in_figures(estimate.value)} ({in_figures(estimate.low)} to {in_figures(estimate.high)})"


@checked(game=matrix_game, by_player=truth_value)
def judge_plays(
    game: Game,
    plays: ArrayLike | Sequence[Sequence[Any]],
    *,
    by_player: bool = False,
    confidence: float = 0.95,
    tolerance: float = 0.02,
    disagreement: str | ArrayLike = "security",
    within: str = "lotteries",
) -> EmpiricalVerdict:
    """Judge play that was observed round by round.

    Parameters
    ----------
    game
        The game that was played.
    plays
        `[rounds, n_players]`: the action of each player in each round, by position or by name; with
        `by_player` `[n_players, rounds]`.
    by_player
        Whether `plays` holds one sequence per player.
    confidence
        Probability with which all bounds of a reading hold at once, at least.
    tolerance, disagreement, within
        As for `theory.judge`.

    Raises
    ------
    ValueError
        If there is no round, an action is not one of the game's, or an argument is out of its bounds.

    Examples
    --------
    >>> from theory import named_game
    >>> plays = [("D", "D")] * 500
    >>> judge_plays(named_game("prisoners-dilemma"), plays).independent.label
    'Pareto-dominated Nash equilibrium'
    """
    return judge_counts(
        game,
        count_plays(game, plays, by_player=by_player),
        confidence=confidence,
        tolerance=tolerance,
        disagreement=disagreement,
        within=within,
    )


@checked(game=matrix_game)
def judge_counts(
    game: Game,
    counts: ArrayLike,
    *,
    confidence: float = 0.95,
    tolerance: float = 0.02,
    disagreement: str | ArrayLike = "security",
    within: str = "lotteries",
) -> EmpiricalVerdict:
    """Judge play by how often each outcome was seen.

    Parameters
    ----------
    game
        The game that was played.
    counts
        `[*n_actions]`: numbers of rounds.
    confidence, tolerance, disagreement, within
        As for `judge_plays`.

    Raises
    ------
    ValueError
        If counts do not fit the game, or an argument is out of its bounds.
    """
    numbers = checked_counts(game, counts)
    number_within("confidence", confidence, 0.5, 1 - 1e-9)
    check_tolerance(tolerance)
    facts = game_facts(game, disagreement=disagreement, within=within)
    assert isinstance(facts.shifted, Game)
    error = 1.0 - confidence
    best_correlated, note = _best_correlated_welfare(facts)
    correlated = correlated_reading(facts.shifted, numbers, error=error)
    independent = independent_reading(facts.shifted, numbers, error=error)
    if independent is None:
        note = f"{note} The game is too large to be read as independent mixtures.".strip()
    return EmpiricalVerdict(
        game_title=game.title,
        players=game.players,
        rounds=int(numbers.sum()),
        counts=numbers.astype(np.int64),
        correlated=empirical_outcome("correlated", facts, correlated, best_correlated, tolerance),
        independent=None
        if independent is None
        else empirical_outcome("independent", facts, independent, facts.equilibria.best_bounds, tolerance),
        independence_refuted=independence_is_refuted(numbers, error=error),
        confidence=confidence,
        tolerance=tolerance,
        within=within,
        disagreement=facts.disagreement,
        disagreement_point=facts.disagreement_point,
        security_levels=facts.security_levels,
        note=" ".join(text for text in (*facts.notes, note) if text),
    )


def _best_correlated_welfare(facts: GameFacts) -> tuple[Bounds, str]:
    """Return bounds of the largest welfare of all correlated equilibria, and why they are not equal."""
    assert isinstance(facts.game, Game)
    try:
        best = welfare_optimal_correlated_equilibrium(facts.game).welfare
    except ValueError as error:
        # Each Nash equilibrium is a correlated one.
        bounds = facts.equilibria.best_bounds[0], facts.welfare.bounds[1]
        return bounds, f"The best correlated equilibrium is unknown: {error}."
    return (best, best), ""


def empirical_outcome(
    name: str, facts: GameFacts, reading: Reading, best: Bounds, tolerance: float
) -> EmpiricalOutcome:
    """Return what a reading says.

    Parameters
    ----------
    name
        "correlated" or "independent".
    facts
        Of the game that was played.
    reading
        Of play in `facts.shifted`.
    best
        Bounds of the largest welfare of all equilibria of the reading's kind; equal where it is known.
    tolerance
        The share of the range of each quantity that counts as nothing.
    """
    lowest, scale = facts.lowest, facts.scale
    payoffs = Estimate.around(reading.payoffs, *reading.payoff_bounds())
    total = Estimate.around(float(reading.payoffs.sum()), *reading.range_of(np.ones_like(lowest)))
    welfare = total.plus(float(lowest.sum()))
    regrets = Estimate.around(reading.regrets, reading.least_regrets, reading.largest_regrets)
    equilibrium_tolerance = _largest_share(regrets, scale)
    at_estimate = facts.slack(reading.payoffs)
    slack, pareto_tolerance = _slack_estimates(facts, reading, payoffs, at_estimate)
    levels = facts.security_levels - lowest
    missing = Estimate(*(np.maximum(levels - u, 0.0) for u in (payoffs.value, payoffs.high, payoffs.low)))
    rationality_tolerance = _largest_share(missing, scale)
    known_best = best[0] if best[1] - best[0] <= facts.equilibria.resolution else None
    welfare_tolerance, is_best = _welfare_optimality(facts, welfare, best, equilibrium_tolerance, tolerance)
    is_equilibrium = equilibrium_tolerance.is_at_most(tolerance)
    is_optimal = pareto_tolerance.is_at_most(tolerance)
    is_best = False if is_equilibrium is False else is_best
    below = np.array(facts.game.players)[missing.low / scale > tolerance].tolist()
    return EmpiricalOutcome(
        reading=name,
        payoffs=payoffs.plus(lowest),
        regrets=regrets,
        welfare=welfare,
        welfare_index=welfare.over(facts.welfare.lowest, facts.welfare.spread),
        pareto_slack=slack,
        pareto_dominating=at_estimate.dominating + lowest if at_estimate.relative_gain > NEGLIGIBLE else None,
        nash_bargaining_distance=_distance(facts, payoffs, facts.nash_bargaining),
        kalai_smorodinsky_distance=_distance(facts, payoffs, facts.kalai_smorodinsky),
        best_equilibrium_welfare=known_best,
        equilibrium_tolerance=equilibrium_tolerance,
        pareto_tolerance=pareto_tolerance,
        rationality_tolerance=rationality_tolerance,
        welfare_tolerance=welfare_tolerance,
        is_equilibrium=is_equilibrium,
        is_pareto_optimal=is_optimal,
        is_individually_rational=rationality_tolerance.is_at_most(tolerance),
        is_welfare_optimal_equilibrium=is_best,
        label=_label(name, is_equilibrium, is_optimal, is_best, is_known=welfare_tolerance is not None)
        + label_suffix(below),
    )


def _largest_share(amounts: Estimate, scale: FloatArray) -> Estimate:
    return Estimate(*(float((part / scale).max()) for part in (amounts.value, amounts.low, amounts.high)))


def _slack_estimates(
    facts: GameFacts, reading: Reading, payoffs: Estimate, at_estimate: ParetoSlack
) -> tuple[Estimate, Estimate]:
    """Return estimates of the slack in payoff units and in payoff ranges.

    The slack falls in each player's payoff, so that it is at least that of the largest payoffs. It is at most
    that of the smallest ones, and at most the largest slack within lotteries over all payoffs that the data
    allow.
    """
    assert isinstance(facts.shifted, Game)
    smallest, largest = facts.slack(payoffs.high), facts.slack(payoffs.low)
    estimates = []
    for weights, kind in ((facts.scale, "gain"), (np.ones_like(facts.scale), "relative_gain")):
        value, low = getattr(at_estimate, kind), getattr(smallest, kind)
        if low > 0:  # what dominates the largest payoffs dominates all that the data allow
            in_payoffs = weights / facts.scale
            total = float(in_payoffs @ smallest.dominating)
            low = max(low, total - reading.range_of(in_payoffs)[1])
        high = _largest_lottery_slack(facts.shifted.outcomes / facts.scale, reading, facts.scale, weights)
        if largest.exact:
            high = min(high, getattr(largest, kind))
        estimates.append(Estimate.around(value, low, high))
    return estimates[0], estimates[1]


def _largest_lottery_slack(
    outcomes: FloatArray, reading: Reading, scale: FloatArray, weights: FloatArray
) -> float:
    """Return the largest weighted gain of a lottery over payoffs that the data allow, in payoff ranges."""
    points, bounds = reading.points / scale, reading.bounds
    # The variables are the lottery's weights and those of the points.
    gains = np.hstack([outcomes.T, -points.T])
    sums = np.zeros((2, len(outcomes) + len(points)))
    sums[0, : len(outcomes)] = sums[1, len(outcomes) :] = 1.0
    solution = maximise(
        weights @ gains / weights.max(),
        at_least=(gains, np.zeros(len(scale))),
        equal=(sums, np.ones(2)),
        bounds=[(0.0, None)] * len(outcomes) + list(zip(bounds.low, bounds.high, strict=True)),
    )
    if solution is None:
        raise ValueError("some lottery must give what the data allow, got an infeasible linear program")
    return float(weights @ gains @ solution)


def _welfare_optimality(
    facts: GameFacts, welfare: Estimate, best: Bounds, equilibrium_tolerance: Estimate, tolerance: float
) -> tuple[Estimate | None, bool | None]:
    """Return the least tolerance at which the outcome is an equilibrium of the best welfare, and whether it is."""
    known = replace(facts.equilibria, best_bounds=best)
    value, low, high = (
        welfare_tolerance_bounds(known, bounds, regret)
        for bounds, regret in (
            ((welfare.value, welfare.value), equilibrium_tolerance.value),
            ((welfare.high, welfare.high), equilibrium_tolerance.low),
            ((welfare.low, welfare.low), equilibrium_tolerance.high),
        )
    )
    is_known = value[1] - value[0] <= REGRET_TOLERANCE
    estimate = Estimate(value[1], low[0], high[1])
    return estimate if is_known else None, estimate.is_at_most(tolerance)


def _distance(facts: GameFacts, payoffs: Estimate, point: FloatArray | None) -> Estimate | None:
    if point is None:
        return None
    target = point - facts.lowest
    short, beyond = target - payoffs.high, payoffs.low - target
    nearest = np.maximum(np.maximum(short, beyond), 0.0)
    furthest = np.maximum(np.abs(payoffs.low - target), np.abs(payoffs.high - target))
    return Estimate(
        *(float(np.linalg.norm(gap / facts.scale)) for gap in (payoffs.value - target, nearest, furthest))
    )


def _label(
    reading: str,
    is_equilibrium: bool | None,
    is_optimal: bool | None,
    is_best: bool | None,
    *,
    is_known: bool,
) -> str:
    """Return the label; `is_known` says whether the game, but for the data, would tell what is best."""
    kind = "Nash equilibrium" if reading == "independent" else "correlated equilibrium"
    if is_equilibrium is None and is_optimal is None:
        return "the data cannot tell"
    if is_equilibrium is None:
        pareto = "Pareto-optimal" if is_optimal else "Pareto-dominated"
        return f"{pareto}, the data cannot tell whether an equilibrium"
    if is_optimal is None:
        return (
            f"{kind if is_equilibrium else 'not an equilibrium'}, the data cannot tell whether Pareto-optimal"
        )
    if is_equilibrium and is_optimal and is_best is None and is_known:
        return f"Pareto-optimal {kind}, the data cannot tell whether welfare-optimal"
    return label_of(is_equilibrium, is_optimal, is_best).replace("Nash equilibrium", kind)
