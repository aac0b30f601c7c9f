"""Tables about a game: as it was read, and what solving it gives. Verdicts make their own."""

from __future__ import annotations

from typing import Any

from theory import (
    BargainingProblem,
    Game,
    NoRationalAgreement,
    confirm_equilibria,
    disagreement_point,
    nash_equilibria,
    pareto_optimal_profiles,
)
from theory.equilibria.tables import equilibria_table
from theory.tables import Table, exactly, in_brackets, to_four_figures


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
                    (action, *map(exactly, row))
                    for action, row in zip(game.actions[0], matrix.tolist(), strict=True)
                ],
                f"As read. Columns: what {game.players[1]} plays.",
            )
            for name, matrix in zip(game.players, game.payoffs, strict=True)
        ]
    rows = [
        (game.name_of(outcome), *map(exactly, payoffs))
        for outcome, payoffs in zip(game.pure_profiles(), game.outcomes.tolist(), strict=True)
    ]
    return [Table("Payoffs as read", ("outcome", *game.players), rows)]


def solution_tables(game: Game, solution: dict[str, Any]) -> list[Table]:
    """Return what `solve` found as tables."""
    equilibria = solution["equilibria"]
    confirmation = equilibria.get("confirmation", {})
    tables = [
        equilibria_table(
            game,
            equilibria["profiles"],
            complete=equilibria["complete"],
            continuum=equilibria["continuum"],
            note=confirmation["note"] if confirmation.get("agrees") is not None else "",
        )
    ]
    optimal = {tuple(outcome) for outcome in solution["pareto_optimal"]}
    outcomes = [
        (
            game.name_of(outcome),
            in_brackets(payoffs),
            to_four_figures(payoffs.sum()),
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
        (name.replace("_", "-"), in_brackets(found["point"]) if found["point"] else found["reason"])
        for name, found in bargaining.items()
        if isinstance(found, dict)
    ]
    tables.append(
        Table(
            "Bargaining points",
            ("solution", "payoffs"),
            points,
            f"Disagreement point ({bargaining['disagreement']}): "
            f"{in_brackets(bargaining['disagreement_point'])}.",
        )
    )
    return tables


# Games with more outcomes show only the Pareto-optimal ones.
_MANY = 64
