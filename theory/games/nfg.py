r"""Gambit's file format for strategic games, `.nfg`.

A file starts with `NFG 1 R` (or `D`), a title in quotes, the players' names in braces and the strategies:
their names in one pair of braces per player, or only their numbers. A comment in quotes may follow. Then come
the payoffs in one of two forms,

- a *payoff list*: every player's payoff in every contingency, or
- an *outcome list* in braces, `{ "name" u_1, ..., u_n }` each, and one outcome number per contingency, where
  outcome 0 pays nothing to anybody,

with contingencies in an order in which the **first** player's strategy changes fastest (in a `Game`'s tensor
the last axis does). Whitespace separates and means nothing else. Numbers are whole, decimal (`-.5`, `1.5e-3`)
or rational (`1/3`). In quotes `\"` stands for a quote and `\\` for a backslash.

Source: the Gambit manual, "Game representation formats".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import inf, prod
from typing import TypeVar

import numpy as np

from theory.checks import LARGEST_PAYOFF, FloatArray
from theory.games.gambit_text import Reader, read_names, unquoted

# Some seconds of reading, and a gibibyte.
MOST_PAYOFFS = 10**7

# NumPy's limit of 64 axes, one of which is the players'.
_MOST_PLAYERS = 63

Game = TypeVar("Game")

# What the reader would take for an escape: a backslash before a quote, a backslash or the end.
_NEEDS_ESCAPE = re.compile(r'\\(?=["\\]|\Z)|"')


def game_of(text: str, *, name: str, make: Callable[..., Game]) -> Game:
    """Return the game that a text describes, as `theory.parse_nfg` does.

    `make` is the class of games: it is given the payoffs `[n_players, *n_actions]`, `actions`, `players` and `title`.
    """
    reader = Reader(text, name)
    title, players = _read_header(reader)
    n_actions, actions = _read_strategies(reader, len(players))
    if len(players) * prod(n_actions) > MOST_PAYOFFS:
        raise ValueError(
            f"{name} must have at most {MOST_PAYOFFS} payoffs, got {len(players)} players with "
            f"{' x '.join(map(str, n_actions))} strategies"
        )
    if reader.current.kind == "text":  # a comment, which a game has no place for
        reader.advance()
    read = _read_by_outcome if reader.current.text == "{" else _read_payoff_list
    contingencies = read(reader, len(players), prod(n_actions))
    reader.expect("end", "the end of the file after the last contingency")
    # In Fortran's order the first of the action axes changes fastest.
    payoffs = np.array(contingencies).T.reshape((len(players), *n_actions), order="F")
    if actions is None:
        actions = [[""] * n for n in n_actions]
    try:
        return make(payoffs, actions=[_named(names) for names in actions], players=players, title=title)
    except ValueError as error:  # two actions of one name
        raise ValueError(f"{name}: {error}") from None


def _named(names: list[str]) -> list[str]:
    """Return the names of a player's strategies; where more than one has none, each of these gets its number."""
    if names.count("") < 2:
        return names
    return [given or str(k + 1) for k, given in enumerate(names)]


def text_of(
    payoffs: FloatArray, *, actions: Sequence[Sequence[str]], players: Sequence[str], title: str
) -> str:
    """Return a game as text, as `theory.format_nfg` does."""
    names = " ".join(_quoted(name) for name in players)
    strategies = "\n".join("  { " + " ".join(_quoted(a) for a in of_player) + " }" for of_player in actions)
    by_contingency = payoffs.reshape((len(payoffs), -1), order="F").T
    table = "\n".join(" ".join(_shortest(u) for u in row) for row in by_contingency.tolist())
    return f"NFG 1 R {_quoted(title)} {{ {names} }}\n{{\n{strategies}\n}}\n\n{table}\n"


def _quoted(name: str) -> str:
    return '"' + _NEEDS_ESCAPE.sub(r"\\\g<0>", name) + '"'


def _shortest(payoff: float) -> str:
    """Return the shortest decimal that rounds to the payoff, without the point of whole numbers."""
    return repr(payoff).removesuffix(".0")


def _read_header(reader: Reader) -> tuple[str, list[str]]:
    reader.expect("word", "NFG, the mark of a strategic game's file", text="NFG")
    reader.expect("number", "1, the format's version", text="1")
    if reader.current.text not in ("R", "D"):
        reader.fail("R or D, the type of the numbers")
    reader.advance()
    title = unquoted(reader.expect("text", "the title in quotes"))
    braces = reader.current
    players = read_names(reader, "the players' names")
    if len(players) > _MOST_PLAYERS:
        reader.fail(f"at most {_MOST_PLAYERS} players, as many as an array has axes for", braces)
    return title, players


def _read_strategies(reader: Reader, n_players: int) -> tuple[list[int], list[list[str]] | None]:
    """Return the numbers of strategies, and their names where the file gives them."""
    reader.expect("brace", "{ before the strategies", text="{")
    if reader.current.kind == "number":
        counts = [_read_whole(reader, f"number of strategies of player {i + 1}") for i in range(n_players)]
        reader.expect("brace", f"}} after {n_players} numbers of strategies", text="}")
        return counts, None
    names = [read_names(reader, f"the strategies of player {i + 1}") for i in range(n_players)]
    reader.expect("brace", f"}} after the strategies of {n_players} players", text="}")
    return [len(of_player) for of_player in names], names


def _read_whole(reader: Reader, what: str, *, least: int = 1, most: float = inf) -> int:
    bounds = f"a whole number from {least} to {most}" if most < inf else f"at least {least}"
    token = reader.expect("number", what)
    # More digits than any count needs; int() refuses thousands of them.
    if not token.text.isdecimal() or len(token.text) > 18 or not least <= int(token.text) <= most:
        reader.fail(f"{what}, {bounds}", token)
    return int(token.text)


def _read_payoff(reader: Reader, what: str) -> float:
    token = reader.expect("number", what)
    try:
        payoff = float(Fraction(token.text)) if "/" in token.text else float(token.text)
    except (OverflowError, ZeroDivisionError, ValueError):  # 1e999/3, 1/0, 1.5/2 or thousands of digits
        reader.fail("a decimal, or a / between two whole numbers, the second not 0", token)
    if abs(payoff) > LARGEST_PAYOFF:
        reader.fail(f"a payoff of at most {LARGEST_PAYOFF:g} in absolute value", token)
    return payoff


def _read_payoff_list(reader: Reader, n_players: int, n_contingencies: int) -> list[list[float]]:
    return [
        [
            _read_payoff(reader, f"payoff of player {i + 1} in contingency {k + 1} of {n_contingencies}")
            for i in range(n_players)
        ]
        for k in range(n_contingencies)
    ]


def _read_by_outcome(reader: Reader, n_players: int, n_contingencies: int) -> list[list[float]]:
    reader.advance()  # the brace that told the caller of outcomes
    outcomes = [[0.0] * n_players]
    while reader.current.text == "{":
        outcomes.append(_read_outcome(reader, n_players, f"outcome {len(outcomes)}"))
    reader.expect("brace", "{ before another outcome, or } after the last", text="}")
    return [
        outcomes[
            _read_whole(
                reader,
                f"outcome number in contingency {k + 1} of {n_contingencies}",
                least=0,
                most=len(outcomes) - 1,
            )
        ]
        for k in range(n_contingencies)
    ]


def _read_outcome(reader: Reader, n_players: int, what: str) -> list[float]:
    reader.advance()  # the brace that told the caller of an outcome
    reader.expect("text", f"the name of {what} in quotes")
    payoffs = []
    for i in range(n_players):
        payoffs.append(_read_payoff(reader, f"payoff of player {i + 1} in {what}"))
        if reader.current.kind == "comma":
            reader.advance()
    reader.expect("brace", f"}} after {n_players} payoffs of {what}", text="}")
    return payoffs
