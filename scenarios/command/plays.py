"""Files of plays: a line a round, one action a player. A file has one reading, which is said; or it is refused.

Cells are separated by commas, semicolons or tabs, and hold actions by name or by position counted from 0. What
every line fits is the reading. A file that fits two readings which differ (names `1`, `2` are positions too)
is refused with both. A first line that holds no action, nor one in other letters' case, is a heading.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory import Game
from theory.checks import known_name, shown
from theory.text_files import check_is_file, read_text

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
NAMES, POSITIONS = "names", "positions"
IN_WORDS = {NAMES: "names", POSITIONS: "positions from 0"}

# So many names of actions an error lists.
_MOST_LISTED = 8


@dataclass(frozen=True, eq=False)
class Plays:
    """Plays as they were read.

    Attributes
    ----------
    name
        Of the file.
    counts
        `[*n_actions]`: how often each outcome was played.
    actions_as
        "names" or "positions from 0".
    separator
        Between cells, in words.
    heading
        The cells of the first line if it is a heading, else None.
    first_line, last_line
        Of the plays, counted from 1.
    """

    name: str
    counts: NDArray[np.int64]
    actions_as: str
    separator: str
    heading: tuple[str, ...] | None
    first_line: int
    last_line: int

    @property
    def reading(self) -> str:
        """How the file was read, in words."""
        rounds = int(self.counts.sum())
        lines = f"line {self.first_line}" if rounds == 1 else f"lines {self.first_line} to {self.last_line}"
        heading = (
            f"line before them is a heading ({', '.join(self.heading)})" if self.heading else "no heading"
        )
        separator = f", separated by {self.separator}" if self.counts.ndim > 1 else ""
        return (
            f"{self.name}: {rounds} {'round' if rounds == 1 else 'rounds'} in {lines}, actions read as "
            f"{self.actions_as}{separator}; {'the ' if self.heading else ''}{heading}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return how the file was read, ready for JSON."""
        names = ("name", "actions_as", "separator", "first_line", "last_line")
        heading = None if self.heading is None else list(self.heading)
        return {name: getattr(self, name) for name in names} | {"heading": heading}

    def only_outcome(self) -> tuple[int, ...]:
        """Return the outcome that was played if it is one."""
        (outcome,) = np.argwhere(self.counts).tolist()
        return tuple(outcome)


def read_plays(path: Path, game: Game, *, actions_as: str | None = None) -> Plays:
    """Read a file of plays.

    Parameters
    ----------
    path
        UTF-8, or UTF-16 with a byte-order mark.
    game
        Whose actions they are.
    actions_as
        "names" or "positions"; by default what fits.

    Raises
    ------
    ValueError
        If the file has no reading or two, with file and line.
    """
    check_is_file("a file of plays", path)
    return parse_plays(read_text(path), game, name=str(path), actions_as=actions_as)


def parse_plays(
    text: str, game: Game, *, name: str, actions_as: str | None = None, heading: bool = True
) -> Plays:
    """Return the plays that a text holds; `name` is what errors call it, `heading` whether it may have one."""
    if actions_as is not None:
        known_name("reading of actions", actions_as, list(IN_WORDS))
    lines, last = _distinct_lines(text)
    if not lines:
        raise ValueError(f"{name} must hold at least one line of plays, got none")
    kinds = [actions_as] if actions_as else list(IN_WORDS)
    tables = _tables(lines, game.n_players, name)
    fitting = [
        reading for table in tables for kind in kinds for reading in table.readings(game, kind, heading)
    ]
    if not fitting:
        if heading and len(lines) == 1 and _is_heading(tables[0].cells[0], game):
            raise ValueError(f"{name} must hold at least one line of plays, got a heading alone")
        raise ValueError(_why_none_fits(tables[0], game, kinds, name, heading))
    first = fitting[0]
    for other in fitting[1:]:
        if (other.counts != first.counts).any():
            raise ValueError(_why_two_fit(first, other, game, name))
    return Plays(
        name=name,
        counts=first.counts,
        actions_as=IN_WORDS[first.kind],
        separator=SEPARATORS[first.separator],
        heading=first.heading,
        first_line=first.first_line,
        last_line=last,
    )


@dataclass
class _Line:
    """A line's text, where it is first, and how often it is there."""

    text: str
    number: int
    times: int = 1


def _distinct_lines(text: str) -> tuple[list[_Line], int]:
    """Return the first line and then the others, equal ones once; and the number of the last. Blank ones are none.

    Plays are counted, so that a file of millions of rounds has few lines to be understood.
    """
    lines: dict[str | None, _Line] = {}
    last = 0
    for number, content in enumerate(StringIO(text, newline=None), start=1):
        content = content.removesuffix("\n")
        if not content.strip():
            continue
        last = number
        if not lines:
            lines[None] = _Line(content, number)
        elif content in lines:
            lines[content].times += 1
        else:
            lines[content] = _Line(content, number)
    return list(lines.values()), last


@dataclass(frozen=True, eq=False)
class _Reading:
    separator: str
    kind: str
    counts: NDArray[np.int64]
    heading: tuple[str, ...] | None
    first_line: int
    first_outcome: tuple[int, ...]


@dataclass(frozen=True)
class _Table:
    """The cells of a text's distinct lines, for one separator."""

    separator: str
    lines: Sequence[_Line]
    cells: Sequence[tuple[str, ...]]

    def readings(self, game: Game, kind: str, may_have_heading: bool) -> Iterator[_Reading]:
        """Yield the readings that all lines fit: at most one without and one with a heading."""
        first, *outcomes = map(_outcome_of(game, kind), self.cells)
        if None in outcomes:
            return
        counts = np.zeros(game.n_actions, dtype=np.int64)
        for line, outcome in zip(self.lines[1:], outcomes, strict=True):
            counts[outcome] += line.times
        top = self.cells[0]
        if first is not None:
            with_top = counts.copy()
            with_top[first] += 1
            yield _Reading(self.separator, kind, with_top, None, self.lines[0].number, first)
        is_heading = top == game.players if first is not None else _is_heading(top, game)
        if may_have_heading and is_heading and outcomes:
            yield _Reading(self.separator, kind, counts, top, self.lines[1].number, outcomes[0] or ())


def _tables(lines: Sequence[_Line], n_players: int, name: str) -> list[_Table]:
    """Return the tables, one for each separator that gives every line an action a player."""
    found, problems = [], {}
    for separator in SEPARATORS:
        rows = []
        for line in lines:
            try:
                (row,) = csv.reader([line.text], delimiter=separator, strict=True, skipinitialspace=True)
            except (csv.Error, ValueError) as error:
                problems[separator] = (
                    f"{name}, line {line.number}: the quotes or cells cannot be read ({error})"
                )
                break
            if len(row) != n_players:
                problems[separator] = (
                    f"every line of {name} must have an action of each of {n_players} players, got {len(row)} "
                    f"in line {line.number}, separated by {SEPARATORS[separator]}"
                )
                break
            rows.append(tuple(cell.strip() for cell in row))
        else:
            found.append(_Table(separator, lines, rows))
    if not found:
        raise ValueError(problems[max(SEPARATORS, key=lines[0].text.count)])
    return found


def _outcome_of(game: Game, kind: str) -> Callable[[tuple[str, ...]], tuple[int, ...] | None]:
    """Return the function that gives a line's outcome, or None if a cell is no action."""
    places = _places(game, kind)

    def outcome(row: tuple[str, ...]) -> tuple[int, ...] | None:
        found = [place(cell) for place, cell in zip(places, row, strict=True)]
        return None if None in found else tuple(k for k in found if k is not None)

    return outcome


def _places(game: Game, kind: str) -> list[Callable[[str], int | None]]:
    """Return for each player the function that gives an action's position, or None for what is none."""
    if kind == NAMES:
        return [{action.strip(): k for k, action in enumerate(names)}.get for names in game.actions]

    def of_player(n: int) -> Callable[[str], int | None]:
        def place(cell: str) -> int | None:
            is_number = cell.isascii() and cell.isdecimal() and len(cell) <= len(str(n))
            return int(cell) if is_number and int(cell) < n else None

        return place

    return [of_player(n) for n in game.n_actions]


def _is_heading(cells: tuple[str, ...], game: Game) -> bool:
    """Return whether no cell could be meant for an action."""
    return not any(
        not cell or cell.isdecimal() or cell.casefold() in {action.strip().casefold() for action in names}
        for cell, names in zip(cells, game.actions, strict=True)
    )


def _why_none_fits(table: _Table, game: Game, kinds: list[str], name: str, may_have_heading: bool) -> str:
    """Return what is no action in any reading, or where each of them fails."""
    failures = {kind: _failures(table, game, kind, may_have_heading) for kind in kinds}
    in_all = set.intersection(*map(set, failures.values()))
    if in_all:
        number, player, cell = min(in_all)
        rules = " or ".join(_rule(game, player, kind) for kind in kinds)
        return (
            f"{name}, line {number}: {shown(cell)} must be {rules}, of {game.players[player]}"
            f"{_hint(cell, game.actions[player])}"
        )
    reasons = [
        f"{IN_WORDS[kind]} fail in line {number}, where {shown(cell)} is not {_rule(game, player, kind)}"
        for kind, ((number, player, cell), *_) in failures.items()
    ]
    return f"{name} must have one reading for all lines, got none: {', '.join(reasons)}"


def _failures(table: _Table, game: Game, kind: str, may_have_heading: bool) -> list[tuple[int, int, str]]:
    """Return line, player and cell of all that is no action; of a heading only if nothing else is."""
    places = _places(game, kind)
    failures = [
        (line.number, player, cell)
        for line, row in zip(table.lines, table.cells, strict=True)
        for player, (place, cell) in enumerate(zip(places, row, strict=True))
        if place(cell) is None
    ]
    below = [failure for failure in failures if failure[0] > table.lines[0].number]
    return below if may_have_heading and below and _is_heading(table.cells[0], game) else failures


def _rule(game: Game, player: int, kind: str) -> str:
    names = game.actions[player]
    if kind == POSITIONS:
        return f"a position from 0 to {len(names) - 1}"
    listed = ", ".join(names[:_MOST_LISTED]) + (", ..." if len(names) > _MOST_LISTED else "")
    return f"an action ({listed})"


def _hint(cell: str, names: Sequence[str]) -> str:
    near = [name for name in names if name.casefold() == cell.casefold()] or get_close_matches(
        cell[:100], names, n=1
    )
    return f"; nearest: {near[0]}" if near else ""


def _why_two_fit(first: _Reading, other: _Reading, game: Game, name: str) -> str:
    def words(reading: _Reading) -> str:
        heading = "a heading first" if reading.heading else "no heading"
        return (
            f"actions as {IN_WORDS[reading.kind]}, separated by {SEPARATORS[reading.separator]}, {heading} "
            f"(line {reading.first_line} is {game.name_of(reading.first_outcome)})"
        )

    way_out = "; say which with --actions-as names or positions" if first.kind != other.kind else ""
    return f"{name} must have one reading, got two: {words(first)}, or {words(other)}{way_out}"
