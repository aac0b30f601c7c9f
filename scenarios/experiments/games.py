"""How a file writes a game: by name, as a file, by payoffs, or by the numbers of a kind of dilemma.

What stands in the table says which it is; `kind` does where several have the same keys. Without either, numbers are
those in which the game differs from what the world plays usually; beside a name, from the game of that name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, ValidationInfo, ValidatorFunctionWrapHandler, WrapValidator

from scenarios.experiments.schema import annotation, listed, made_by, one_of_tables, read_type, table_of
from simulation import graded_donation_game, graded_public_good
from simulation.gradual.graded_games import DonationPayoffs, GradedGame
from theory import Game, linear_dilemma, matrix_dilemma, named_game
from theory.checks import LARGEST_PAYOFF, shown
from theory.games.dilemmas import MatrixDilemma
from theory.games.nfg import MOST_PAYOFFS

# Deeper than any game's payoffs, which have an axis for each of at most 63 players, and one for the players.
DEEPEST = 64

_FORMS = ("name", "file", "payoffs")
MATRIX_DILEMMA, LINEAR_DILEMMA = "matrix-dilemma", "linear-dilemma"
DONATION_GAME, PUBLIC_GOOD = "graded-donation-game", "graded-public-good"
_OF_DILEMMAS = ("greed", "fear", "reward", "punishment")


def game(kinds: Sequence[str] = (), default: Game | None = None) -> Any:
    """Return how a game is read, of these kinds or of any, where `default` is what is played usually."""
    models = {form: model for form, model in _games(default).items() if not kinds or form in kinds}
    usual = DONATION_GAME if DONATION_GAME in models and isinstance(default, GradedGame) else MATRIX_DILEMMA

    def form_of(table: Mapping[str, Any]) -> Any:
        form = next((key for key in _FORMS if key in table), None)
        if form is not None or "kind" in table:
            return form or table["kind"]
        return MATRIX_DILEMMA if any(key in table for key in _OF_DILEMMAS) and not kinds else usual

    read = one_of_tables("game", "name", models, form_of)
    return Annotated[read, WrapValidator(partial(_remembered, object()))]


def _remembered(place: object, given: Any, make: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    """Return what a table makes; what a file says of a game in all of its conditions is made once.

    Raises
    ------
    ValueError
        If a file's games are together too large to be made in a moment.
    """
    games: dict[Any, Game] = (info.context or {}).get("games", {})
    key = place, json.dumps(given, default=repr)
    if key not in games:
        games[key] = make(given)
        payoffs = sum(one.payoffs.size for one in games.values())
        if payoffs > MOST_PAYOFFS:
            raise ValueError(
                f"games of all conditions must have at most {MOST_PAYOFFS} payoffs, got {payoffs}"
            )
    return games[key]


def numbers_of(game: Game | None) -> dict[str, Any]:
    """Return the numbers that a game is made of, as a file writes them; nothing for games of other kinds."""
    if isinstance(game, MatrixDilemma):
        return {name: getattr(game, name) for name in _OF_DILEMMAS}
    if isinstance(game, GradedGame) and isinstance(game.payoffs_of_levels, DonationPayoffs):
        rule = game.payoffs_of_levels
        return {
            "levels": len(game.levels), "benefit": rule.benefit, "cost": rule.cost, "interaction": rule.interaction,
        }  # fmt: skip
    return {}


def _games(default: Game | None) -> dict[str, Any]:
    numbers: dict[str, Any] = dict.fromkeys(_OF_DILEMMAS, (float, 0.0))
    kind: Any = (str, "")
    one_or_two = annotation(float | tuple[float, float])
    payoffs = Annotated[Any, AfterValidator(_lists_of_numbers)]
    return {
        "name": made_by(table_of("named game", name=str, **numbers), _named),
        "file": Annotated[table_of("game file", file=str), AfterValidator(_game_of_file)],
        "payoffs": made_by(
            table_of(
                "payoffs", payoffs=payoffs, actions=(listed(tuple[str, ...]), None), players=(listed(str), None),
                title=(str, ""),
            ),
            Game,
        ),
        MATRIX_DILEMMA: made_by(
            table_of(MATRIX_DILEMMA, kind=kind, title=(str, ""), **numbers), partial(_dilemma, default)
        ),
        LINEAR_DILEMMA: made_by(
            table_of(LINEAR_DILEMMA, kind=kind, n_players=int, **numbers | {"greed": float, "fear": float}),
            _linear_dilemma, "kind",
        ),
        DONATION_GAME: made_by(
            table_of(
                DONATION_GAME, kind=kind, benefit=(one_or_two, 1.0), cost=(one_or_two, 1.0), interaction=(float, 0.0),
                levels=(int, 21), title=(str, ""),
            ),
            partial(_donation_game, default),
        ),
        PUBLIC_GOOD: made_by(
            table_of(
                PUBLIC_GOOD, kind=kind, n_players=(int, 2), benefit=(float, 1.5), cost=(float, 1.0),
                exponent=(float, 1.0), levels=(int, 11),
            ),
            graded_public_good, "kind",
        ),
    }  # fmt: skip


def _named(*, name: str, **numbers: float) -> Game:
    found = named_game(name)
    if not numbers:
        return found
    if not isinstance(found, MatrixDilemma):
        raise ValueError(
            f"{next(iter(numbers))} must be of a dilemma by greed and fear, got the game {name!r}"
        )
    return matrix_dilemma(**{**numbers_of(found), **numbers})


def _dilemma(default: Game | None, *, kind: str = "", **given: Any) -> Game:
    usual = numbers_of(default) if not kind and isinstance(default, MatrixDilemma) else {}
    numbers = {**usual, **given}
    for name in ("greed", "fear"):
        if name not in numbers:
            raise ValueError(f"{name} must be given")
    return matrix_dilemma(**numbers)


def _donation_game(default: Game | None, *, kind: str = "", **given: Any) -> Game:
    usual = numbers_of(default) if not kind and isinstance(default, GradedGame) else {"levels": 21}
    return graded_donation_game(**{**usual, **given})


def _linear_dilemma(*, n_players: int, **numbers: Any) -> Game:
    return linear_dilemma(n_players, **numbers).to_game()


def _game_of_file(table: Any, info: ValidationInfo) -> Game:
    path = Path((info.context or {}).get("folder", ".")) / table.file
    if "\0" in table.file or path.suffix.lower() != ".nfg":
        raise ValueError(f"file must be the path of a .nfg file, got {shown(table.file)}")
    try:
        if not path.is_file():
            raise ValueError(
                f"file must exist, got {shown(table.file)}, which is looked for at {shown(str(path))}"
            )
        return Game.from_nfg(path)
    except OSError as error:
        raise ValueError(f"file must be readable, got {shown(table.file)}: {error.strerror}") from None


def _lists_of_numbers(given: Any) -> Any:
    """Return lists of lists of numbers as they are; truth values and text are none."""
    waiting, entries = [(given, 0)], 0
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, list):
            if depth >= DEEPEST:
                raise ValueError(f"payoffs must be nested at most {DEEPEST} deep")
            waiting += [(entry, depth + 1) for entry in value]
            entries += len(value)
        elif type(value) not in (int, float) or depth == 0:
            raise ValueError(f"payoffs must be lists of numbers, players first, got {shown(value)}")
        elif isinstance(value, int) and abs(value) > LARGEST_PAYOFF:
            raise ValueError(f"payoffs must be at most {LARGEST_PAYOFF:g}, got {shown(value)}")
    if entries > MOST_PAYOFFS:
        raise ValueError(f"payoffs must be at most {MOST_PAYOFFS} numbers, got {entries}")
    return given


read_type(GradedGame, lambda kinds, default: game((DONATION_GAME, PUBLIC_GOOD), default))
read_type(Game, lambda kinds, default: game((), default))
