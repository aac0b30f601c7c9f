"""What people write on the command line: games and profiles, numbers and JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scenarios.command.plays import parse_plays
from scenarios.frame.store import PICTURE_KINDS
from simulation.engine.sizes import refuse_beyond_memory
from theory import Game, named_game, named_games, read_efg
from theory.checks import LARGEST_PAYOFF, known_name, payoff_array, shown
from theory.text_files import check_is_file

# Deeper than any game's payoffs, which have an axis for each of at most 63 players, and one for the players.
_DEEPEST = 64

# A payoff matrix of each of two players: no scenario keeps less of a run.
LEAST_BYTES_OF_A_RUN = 64


def read_game(texts: list[str]) -> Game:
    """Return a game from a catalogue name, a `.nfg` or `.efg` file, or payoffs as JSON.

    Payoffs are one array with the players first, or one array for each of two or more players.

    Raises
    ------
    ValueError
        If the text is none of these, with what was expected.
    """
    if not texts:
        raise ValueError("a game is one name or file, or a matrix for each player, got nothing")
    if len(texts) == 1:
        return _read_one(texts[0])
    arrays = [read_numbers("a payoff matrix", text) for text in texts]
    if len(arrays) == 2:
        A, B = (payoff_array(f"the payoff matrix of player {k}", array) for k, array in enumerate(arrays, 1))
        return Game.bimatrix(A, B)
    try:
        return Game(arrays)
    except ValueError as error:
        n = len(arrays)
        raise ValueError(
            f"the game has {n} players, so that each of the {n} arrays must have {n} axes: {error}"
        ) from None


def is_written_out(texts: list[str]) -> bool:
    """Return whether a game's payoffs are given by numbers or a file, and not by a name of the catalogue."""
    return len(texts) != 1 or texts[0] not in named_games()


def _read_one(text: str) -> Game:
    if text in named_games():
        return named_game(text)
    if text.lstrip().startswith("["):
        payoffs = read_numbers("a payoff tensor", text)
        if len(payoffs) > 1 and _depth(payoffs) == 2:
            raise ValueError("a game of two players needs two matrices, got one")
        return Game(payoffs)
    path = Path(text)
    readers = {".nfg": Game.from_nfg, ".efg": read_efg}
    ending = path.suffix.lower()
    if ending in readers:
        check_is_file("a game file", path)
        return readers[ending](path)
    if "/" in text or ending[1:].isalpha() or path.is_file():
        raise ValueError(
            f"a game file must end in .nfg (a table of payoffs) or .efg (a tree), got {shown(text)}"
        )
    return named_game(text)


def read_profile(text: str, game: Game, *, actions_as: str | None = None) -> tuple[Any, str]:
    """Return a profile and how it was read, in words, from JSON or from one action a player.

    JSON gives mixtures, such as `[[.9, .1], [1, 0]]`; a list such as `C,D` gives actions by name or by
    position from 0, read as a line of a file of plays is (`scenarios.command.plays`).
    """
    if not text.lstrip().startswith("[") and _holds_plays(text, game):
        plays = parse_plays(text, game, name="--profile", actions_as=actions_as, heading=False)
        outcome = plays.only_outcome()
        return game.pure(*outcome), f"{game.name_of(outcome)}, read as {plays.actions_as}"
    profile = read_numbers("a profile", text)
    if not all(isinstance(mixture, list) for mixture in profile):
        raise ValueError(f"a profile must be a list of probability vectors, got {shown(text)}")
    return profile, ""


def _holds_plays(text: str, game: Game) -> bool:
    """Return whether a text can be meant for actions: it is in one line and has a separator."""
    return len(text.splitlines()) == 1 and (game.n_players == 1 or any(sign in text for sign in ",;\t"))


def read_disagreement(text: str) -> Any:
    """Return the name of a disagreement point as it is, or payoffs written as JSON as a list."""
    return read_numbers("a disagreement point", text) if text.lstrip().startswith("[") else text


def check_runs(runs: int) -> None:
    """Raise ValueError for runs that cannot fit into memory, whatever a scenario keeps of them.

    What a scenario does keep is checked again where it plays.
    """
    refuse_beyond_memory(
        f"{runs} runs of {LEAST_BYTES_OF_A_RUN} bytes at least", runs * LEAST_BYTES_OF_A_RUN, lower="runs"
    )


def read_picture_kinds(text: str) -> tuple[str, ...]:
    """Return the kinds of files that pictures become, such as `png,svg`."""
    kinds = tuple(dict.fromkeys(kind.strip().lower() for kind in text.split(",")))
    for kind in kinds:
        known_name("kind of picture", kind, PICTURE_KINDS)
    return kinds


def read_numbers(what: str, text: str) -> list[Any]:
    """Return a JSON list (of lists ...) of numbers.

    Raises
    ------
    ValueError
        If it is no list, an entry is no number (text and truth values are none), or one is too large.
    """
    numbers = read_json(what, text)
    if not isinstance(numbers, list):
        raise ValueError(f"{what} must be a list, got {shown(text)}")
    waiting: list[tuple[Any, tuple[int, ...]]] = [(numbers, ())]
    while waiting:
        value, position = waiting.pop()
        if isinstance(value, list):
            if len(position) >= _DEEPEST:
                raise ValueError(f"{what} must be nested at most {_DEEPEST} deep, got {shown(text)}")
            waiting += [(entry, (*position, k)) for k, entry in enumerate(value)]
        elif type(value) not in (int, float):
            raise ValueError(f"{what} must hold numbers, got {shown(json.dumps(value))} at {position}")
        elif isinstance(value, int) and abs(value) > LARGEST_PAYOFF:
            raise ValueError(
                f"{what} must hold numbers of at most {LARGEST_PAYOFF:g} in absolute value, "
                f"got {shown(str(value))} at {position}"
            )
    return numbers


def read_json(what: str, text: str) -> Any:
    """Return the JSON value of `text`; decimals may leave out the zero before the point, as in `.9`."""
    try:
        return json.loads(_with_leading_zeros(text))
    except json.JSONDecodeError as error:
        reason = "more follows its end" if error.msg == "Extra data" else error.msg
        raise ValueError(
            f"{what} must be written as one value of JSON, got {shown(text)} ({reason})"
        ) from None
    except ValueError:  # Python reads whole numbers of up to 4300 digits
        raise ValueError(f"{what} must hold numbers of at most 4300 digits, got {shown(text)}") from None
    except RecursionError:
        raise ValueError(f"{what} must be nested at most {_DEEPEST} deep, got {shown(text)}") from None


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
    depth = 0
    while isinstance(value, list) and value:
        depth, value = depth + 1, value[0]
    return depth
