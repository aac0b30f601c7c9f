"""Verdicts in words and numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from theory.checks import FloatArray

if TYPE_CHECKING:
    from theory.verdicts.observed import EmpiricalVerdict
    from theory.verdicts.readings import EmpiricalOutcome, Estimate
    from theory.verdicts.verdict import Verdict

_COUNTED = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_DOMINATING = {"lotteries": "lottery", "independent": "independent mixture", "pure": "pure profile"}

# Payoffs of more players than this are summarised, not listed.
_MOST_LISTED = 6


def explain(verdict: Verdict) -> str:
    """Return one paragraph that gives the reasons for a verdict with numbers."""
    return " ".join(_sentences(verdict))


def _sentences(verdict: Verdict) -> Iterator[str]:
    yield f"{verdict.game_title or 'This outcome'}: {verdict.label}."
    yield f"Payoffs are {_listed(verdict.payoffs)}."
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
    welfare = _number(verdict.welfare) + ("" if highest is None else f" of a possible {_number(highest)}")
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
    return f"the best of the {_counted(verdict.n_equilibria)} equilibria"


def _on_equilibrium(verdict: Verdict) -> str:
    worst = int(verdict.regrets.argmax())
    regret = _number(verdict.regrets[worst])
    if not verdict.is_nash:
        return f"{verdict.players[worst].capitalize()} would gain {regret} by its best reply."
    stays = f"Nobody gains {'by deviating' if regret == '0' else f'more than {regret} by deviating'}"
    if verdict.is_welfare_optimal_nash is False:
        best, least = verdict.best_nash_welfare, verdict.best_nash_welfare_bounds[0]
        welfare = f"at least {_number(least)}" if best is None else _number(best)
        return f"{stays}, but the best equilibrium has welfare {welfare}."
    return f"{stays}."


def _on_pareto(verdict: Verdict) -> str:
    kind = _DOMINATING[verdict.within]
    one = f"an {kind}" if kind[0] == "i" else f"a {kind}"
    if verdict.pareto_dominating is not None:
        gain = f"gives {_listed(verdict.pareto_dominating)}, {_number(verdict.pareto_slack)} more in total"
        return f"{one.capitalize()} {gain} with nobody losing."
    if verdict.is_pareto_optimal is None:
        return f"Whether {one} gives anyone more without a loss to another is unknown."
    return f"No {kind} gives anyone more without a loss to another."


def _on_security(verdict: Verdict) -> str:
    levels = _listed(verdict.security_levels)
    if verdict.is_individually_rational:
        return f"Everyone gets what it can secure alone, {levels}."
    return f"Not everyone gets what it can secure alone, {levels}."


def _on_bargaining(verdict: Verdict) -> str:
    point = f"disagreement point {_listed(verdict.disagreement_point)}, {verdict.disagreement}"
    nash, kalai_smorodinsky = verdict.nash_bargaining_distance, verdict.kalai_smorodinsky_distance
    if nash is None or kalai_smorodinsky is None:
        return f"No distance to a bargaining solution is known ({point})."
    return (
        f"The distance to the Nash bargaining solution is {_number(nash)} payoff ranges, "
        f"to that of Kalai and Smorodinsky {_number(kalai_smorodinsky)} ({point})."
    )


def _listed(values: FloatArray) -> str:
    if len(values) > _MOST_LISTED:
        return f"between {_number(values.min())} and {_number(values.max())}"
    return "(" + ", ".join(_number(value) for value in values) + ")"


def _number(value: float | None) -> str:
    # Without the last digits, which may be rounding, and without a negative zero.
    return "unknown" if value is None else f"{round(float(value), 12) + 0.0:.4g}"


def _counted(number: int) -> str:
    return _COUNTED[number] if number < len(_COUNTED) else str(number)


def explain_play(verdict: EmpiricalVerdict) -> str:
    """Return one paragraph that gives the reasons for a verdict on observed play with numbers."""
    return " ".join(_sentences_on_play(verdict))


def _sentences_on_play(verdict: EmpiricalVerdict) -> Iterator[str]:
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
        f"Payoffs are about {_listed(outcome.payoffs.value)}, welfare {_between(outcome.welfare)}; the "
        f"largest regret is {_between(outcome.equilibrium_tolerance)} of a payoff range, the Pareto slack "
        f"{_between(outcome.pareto_slack)} in payoff units."
    )
    settled = (outcome.is_equilibrium, outcome.is_pareto_optimal, outcome.is_individually_rational)
    if None in settled:
        yield f"With a tolerance of {_number(verdict.tolerance)}, more rounds would be needed to tell."


def _between(estimate: Estimate) -> str:
    return f"{_number(estimate.value)} ({_number(estimate.low)} to {_number(estimate.high)})"
