"""What people write on the command line: games and profiles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from theory import Game, named_game, named_games


def read_game(texts: list[str]) -> Game:
    """Return a game from a catalogue name, the path of a `.nfg` file, or two matrices as JSON.

    Raises
    ------
    ValueError
        If the text is none of these, with what was expected.
    """
    if len(texts) == 2:
        rows, columns = (read_json("a payoff matrix", text) for text in texts)
        return Game.bimatrix(rows, columns)
    if len(texts) != 1:
        raise ValueError(f"a game is one name or file, or two matrices, got {len(texts)} arguments")
    text = texts[0]
    if text in named_games():
        return named_game(text)
    if text.endswith(".nfg"):
        if not Path(text).is_file():
            raise ValueError(f"a game file must exist, got {text!r}")
        return Game.from_nfg(text)
    if text.lstrip().startswith("["):
        payoffs = read_json("a payoff tensor", text)
        if isinstance(payoffs, list) and payoffs and isinstance(payoffs[0], list) and _depth(payoffs) == 2:
            raise ValueError("a game of two players needs two matrices, got one")
        return Game(payoffs)
    return named_game(text)


def read_profile(text: str) -> Any:
    """Return a profile from JSON such as `[[.9, .1], [1, 0]]`."""
    profile = read_json("a profile", text)
    if not isinstance(profile, list) or not all(isinstance(mixture, list) for mixture in profile):
        raise ValueError(f"a profile must be a list of probability vectors, got {text}")
    return profile


def read_plays(path: Path, game: Game) -> list[list[str | int]]:
    """Return plays from a CSV file: a line a round with one action a player, by name or by position from 0.

    A first line that holds no action of any player is taken for a heading.
    """
    import csv

    if not path.is_file():
        raise ValueError(f"a file of plays must exist, got {str(path)!r}")
    with path.open(newline="", encoding="utf-8") as file:
        rows = [
            [cell.strip() for cell in row] for row in csv.reader(file) if any(cell.strip() for cell in row)
        ]
    for number, row in enumerate(rows, start=1):
        if len(row) != game.n_players:
            raise ValueError(
                f"every line of {path} must have an action of each of {game.n_players} players, got {len(row)} "
                f"in line {number}"
            )
    known = {name for names in game.actions for name in names}
    if rows and not any(cell in known or cell.isdigit() for cell in rows[0]):
        rows = rows[1:]
    return [[int(cell) if cell.isdigit() and cell not in known else cell for cell in row] for row in rows]


def read_disagreement(text: str) -> Any:
    """Return the name of a disagreement point as it is, or payoffs written as JSON as a list."""
    return read_json("a disagreement point", text) if text.lstrip().startswith("[") else text


def read_whole_number(name: str, text: str) -> int:
    """Return the whole number that `text` writes."""
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{name} must be a whole number, got {text!r}") from None


def read_number(name: str, text: str) -> float:
    """Return the number that `text` writes."""
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{name} must be a number, got {text!r}") from None


def read_json(what: str, text: str) -> Any:
    """Return the JSON value of `text`; decimals may leave out the zero before the point, as in `.9`."""
    try:
        return json.loads(_with_leading_zeros(text))
    except json.JSONDecodeError as error:
        raise ValueError(f"{what} must be written as JSON, got {text!r} ({error.msg})") from None


def _with_leading_zeros(text: str) -> str:
    before = " "
    pieces = []
    for character in text:
        if character == "." and not before.isdigit():
            pieces.append("0")
        pieces.append(character)
        before = character
    return "".join(pieces)


def _depth(value: Any) -> int:
    return 1 + _depth(value[0]) if isinstance(value, list) and value else 0
