"""Tables about a game and about a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scenarios.frame.results import Table
from theory import (
    BargainingProblem,
    EmpiricalVerdict,
    Game,
    NoRationalAgreement,
    Verdict,
    confirm_equilibria,
    disagreement_point,
    nash_equilibria,
    pareto_optimal_profiles,
)
from theory.verdicts.observed import Estimate


def solve(game: Game, disagreement: Any = "security", *, confirm: bool = False) -> dict[str, Any]:
    """Return equilibria, Pareto-optimal outcomes and bargaining points of a game, ready for JSON.

    With `confirm`, nashpy is asked for the equilibria too.
    """
    equilibria = nash_equilibria(game)
    confirmation = {"confirmation": confirm_equilibria(game, equilibria).to_dict()} if confirm else {}
    return {
        "game": game.title,
        "players": list(game.players),
        "actions": [list(names) for names in game.actions],
        "payoffs": game.payoffs.tolist(),
        "equilibria": {
            "profiles": [[mixture.tolist() for mixture in p] for p in equilibria.profiles],
            "payoffs": [game.expected_payoffs(p).tolist() for p in equilibria.profiles],
            "complete": equilibria.complete,
            "continuum": equilibria.continuum,
            **confirmation,
        },
        "pareto_optimal": [list(outcome) for outcome in pareto_optimal_profiles(game)],
        "bargaining": _bargaining(game, disagreement),
    }


def _bargaining(game: Game, disagreement: Any) -> dict[str, Any]:
    name = disagreement if isinstance(disagreement, str) else "given"
    point = disagreement_point(game, disagreement)
    result: dict[str, Any] = {"disagreement": name, "disagreement_point": point.tolist()}
    problem = BargainingProblem.of(game, disagreement=point)
    for solution in ("nash", "kalai_smorodinsky", "egalitarian", "utilitarian"):
        try:
            result[solution] = {"point": getattr(problem, solution)().point.tolist()}
        except NoRationalAgreement as error:
            result[solution] = {"point": None, "reason": str(error)}
    return result


def payoff_tables(game: Game) -> list[Table]:
    """Return the payoffs of a game as they were read: a matrix for each of two players, else outcome by outcome."""
    size = f"A game of {game.n_players} players with {' x '.join(map(str, game.n_actions))} actions"
    if len(game.outcomes) > _MANY:
        return [Table("The game as read", ("size",), [(f"{size}; it is too large to be shown.",)])]
    if game.n_players == 2:
        return [
            Table(
                f"Payoffs of {name}",
                (f"{game.players[0]} plays", *game.actions[1]),
                [
                    (action, *map(_exact, row))
                    for action, row in zip(game.actions[0], matrix.tolist(), strict=True)
                ],
                f"As read. Columns: what {game.players[1]} plays.",
            )
            for name, matrix in zip(game.players, game.payoffs, strict=True)
        ]
    rows = [
        (game.name_of(outcome), *map(_exact, payoffs))
        for outcome, payoffs in zip(game.pure_profiles(), game.outcomes.tolist(), strict=True)
    ]
    return [Table("Payoffs as read", ("outcome", *game.players), rows)]


def _exact(payoff: float) -> str:
    return repr(payoff + 0.0).removesuffix(".0")


def solution_tables(game: Game, solution: dict[str, Any]) -> list[Table]:
    """Return what `solve` found as tables."""
    equilibria = solution["equilibria"]
    rows = [
        (_mixture_text(game, profile), _payoffs_text(payoffs), f"{sum(payoffs):z.4g}")
        for profile, payoffs in zip(equilibria["profiles"], equilibria["payoffs"], strict=True)
    ]
    note = "These are all equilibria." if equilibria["complete"] else "There may be more equilibria."
    if equilibria["continuum"]:
        note = "There are infinitely many equilibria; these are the extreme ones. " + (
            "" if equilibria["complete"] else "There may be more."
        )
    confirmation = equilibria.get("confirmation", {})
    if confirmation.get("agrees") is not None:
        note += " " + confirmation["note"]
    tables = [
        Table(f"{game.title or 'Game'}: Nash equilibria", ("profile", "payoffs", "welfare"), rows, note)
    ]
    optimal = {tuple(outcome) for outcome in solution["pareto_optimal"]}
    outcomes = [
        (
            game.name_of(outcome),
            _payoffs_text(payoffs),
            f"{payoffs.sum():z.4g}",
            "yes" if outcome in optimal else "no",
        )
        for outcome, payoffs in zip(game.pure_profiles(), game.outcomes, strict=True)
    ]
    if len(outcomes) > _MANY:
        outcomes = [row for row in outcomes if row[-1] == "yes"]
    tables.append(
        Table(
            "Outcomes" if len(outcomes) <= _MANY else "Pareto-optimal outcomes",
            ("outcome", "payoffs", "welfare", "Pareto-optimal"),
            outcomes,
            "Pareto-optimal: no lottery over outcomes gives somebody more and nobody less.",
        )
    )
    bargaining = solution["bargaining"]
    points = [
        (name.replace("_", "-"), _payoffs_text(found["point"]) if found["point"] else found["reason"])
        for name, found in bargaining.items()
        if isinstance(found, dict)
    ]
    tables.append(
        Table(
            "Bargaining points",
            ("solution", "payoffs"),
            points,
            f"Disagreement point ({bargaining['disagreement']}): "
            f"{_payoffs_text(bargaining['disagreement_point'])}.",
        )
    )
    return tables


# Games with more outcomes show only the Pareto-optimal ones.
_MANY = 64


def verdict_table(verdict: Verdict) -> Table:
    """Return a verdict as a table of its quantities."""
    rows = [
        ("label", verdict.label),
        ("payoffs", _payoffs_text(verdict.payoffs)),
        ("welfare", _number(verdict.welfare)),
        ("welfare index", _number(verdict.welfare_index)),
        ("regrets", _payoffs_text(verdict.regrets)),
        ("Nash equilibrium", _answer(verdict.is_nash, verdict.nash_tolerance)),
        ("Pareto-optimal", _answer(verdict.is_pareto_optimal, verdict.pareto_tolerance)),
        ("Pareto slack", _number(verdict.pareto_slack)),
        ("individually rational", _answer(verdict.is_individually_rational, verdict.rationality_tolerance)),
        ("best welfare of an equilibrium", _number(verdict.best_nash_welfare)),
        ("worst welfare of an equilibrium", _number(verdict.worst_nash_welfare)),
        ("some equilibrium is Pareto-optimal", _answer(verdict.pareto_optimal_nash_exists, None)),
        ("distance to the Nash bargaining point", _number(verdict.nash_bargaining_distance)),
        ("distance to the Kalai-Smorodinsky point", _number(verdict.kalai_smorodinsky_distance)),
    ]
    title = f"Verdict in {verdict.game_title}" if verdict.game_title else "Verdict"
    return Table(
        title,
        ("quantity", "value"),
        rows,
        f"Tolerance {verdict.tolerance:g} of the range; dominated by: {verdict.within}; "
        f"disagreement point: {verdict.disagreement}.",
    )


def observed_table(verdict: EmpiricalVerdict) -> Table:
    """Return a verdict on observed play as a table, one column a reading."""
    readings = [verdict.correlated] + ([verdict.independent] if verdict.independent else [])
    rows = [
        ("label", *(reading.label for reading in readings)),
        ("payoffs", *("; ".join(_each(reading.payoffs)) for reading in readings)),
        ("welfare", *(_estimate(reading.welfare) for reading in readings)),
        ("regrets", *("; ".join(_each(reading.regrets)) for reading in readings)),
        ("Pareto slack", *(_estimate(reading.pareto_slack) for reading in readings)),
        ("equilibrium", *(_settled(reading.is_equilibrium) for reading in readings)),
        ("Pareto-optimal", *(_settled(reading.is_pareto_optimal) for reading in readings)),
        ("individually rational", *(_settled(reading.is_individually_rational) for reading in readings)),
        ("best welfare of an equilibrium", *(_number(r.best_equilibrium_welfare) for r in readings)),
    ]
    title = f"Verdict on {verdict.rounds} rounds" + (
        f" of {verdict.game_title}" if verdict.game_title else ""
    )
    return Table(
        title,
        ("quantity", *(reading.reading for reading in readings)),
        rows,
        f"Estimates between bounds that hold together with {verdict.confidence:.0%} confidence, if rounds are "
        f"independent. Tolerance {verdict.tolerance:g} of the range; dominated by: {verdict.within}; disagreement "
        f"point: {verdict.disagreement}.",
    )


def _each(estimate: Estimate) -> list[str]:
    parts = zip(estimate.value, estimate.low, estimate.high, strict=True)
    return [f"{value:z.3g} in [{low:z.3g}, {high:z.3g}]" for value, low, high in parts]


def _estimate(estimate: Estimate) -> str:
    return f"{estimate.value:z.3g} in [{estimate.low:z.3g}, {estimate.high:z.3g}]"


def _settled(answer: bool | None) -> str:
    return {True: "yes", False: "no", None: "the data cannot tell"}[answer]


def _answer(answer: bool | None, least: float | None) -> str:
    text = {True: "yes", False: "no", None: "not known"}[answer]
    return text if least is None else f"{text} (holds from a tolerance of {least:.2g})"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:z.4g}"


def _payoffs_text(payoffs: Sequence[float] | np.ndarray[Any, Any]) -> str:
    return "(" + ", ".join(f"{value:z.4g}" for value in payoffs) + ")"


def _mixture_text(game: Game, profile: Sequence[Sequence[float]]) -> str:
    """Return a profile such as "C ; 2/3 C + 1/3 D", by names of actions."""
    texts = []
    for names, mixture in zip(game.actions, profile, strict=True):
        played = [(p, name) for p, name in zip(mixture, names, strict=True) if p > 0]
        texts.append(
            played[0][1] if len(played) == 1 else " + ".join(f"{p:.4g} {name}" for p, name in played)
        )
    return "(" + ", ".join(texts) + ")"
