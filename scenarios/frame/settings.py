"""Parameters from text: the one syntax `path=value` by which every field of a frozen dataclass can be set.

A path is the field's name, in parameters within parameters one below the other (`planner.bound`). A value is read by
the field's type: a number, text, `true` or `false`, `none`, one of the names that a type allows, or several with
commas between them (`games=chicken,stag-hunt`); lists of lists, and of names with commas, are JSON; a game is a name
of the catalogue. The parameters then check the value. `simulation.engine.fields` says what has a path.
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
import textwrap
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Protocol, Self, TypeVar, runtime_checkable

from simulation.engine.fields import fields_of, in_few_words, value_at, with_values
from theory import Game, named_game
from theory.checks import known_name, shown

# Of a whole number; a seed may be this large.
_MOST_DIGITS = 1000

# Of the kind of a value in words; those with more are lists of numbers in any form.
_LONGEST_KIND = 120

ParametersOf = TypeVar("ParametersOf")


@dataclass(frozen=True)
class Setting:
    """A field that can be set."""

    path: str
    kind: str
    """What a value is, in words."""
    value: Any
    """What it is now."""
    meaning: str
    """What the field's text says, bounds included."""


@runtime_checkable
class OwnSettings(Protocol):
    """Parameters that are set in their own way, as those of a file are."""

    def settings(self) -> list[Setting]:
        """Return what can be set."""

    def with_texts(self, given: Iterable[str]) -> Self:
        """Return parameters with values set by texts `path=value`."""


def settings_of(parameters: Any) -> list[Setting]:
    """Return what can be set of parameters, those within them included."""
    if isinstance(parameters, OwnSettings):
        return parameters.settings()
    found = []
    kinds, meanings = _kinds(parameters), meanings_of(type(parameters))
    for name, value in fields_of(parameters).items():
        within = settings_of(value)
        if not within or isinstance(value, Game):
            kind = kind_in_words(kinds.get(name, Any))
            kind = kind if len(kind) <= _LONGEST_KIND else "JSON"
            found.append(Setting(name, kind, value, meanings.get(name, "")))
        found += [Setting(f"{name}.{one.path}", one.kind, one.value, one.meaning) for one in within]
    return found


def _kinds(parameters: Any) -> dict[str, Any]:
    """Return the types of what can be set, by name; `Any` where a type is not known here."""
    if not is_dataclass(parameters):
        numbers = {int: int, float: float}
        return {name: numbers.get(type(value), Any) for name, value in fields_of(parameters).items()}
    bases = inspect.getmro(type(parameters))
    return {name: kind for one in bases[::-1] for name, kind in _annotated(one).items()}


def _annotated(kind: type) -> dict[str, Any]:
    try:
        return typing.get_type_hints(kind)
    except NameError:  # some types are imported for type checkers alone
        known = vars(sys.modules[kind.__module__])
        return {name: _evaluated(text, known) for name, text in inspect.get_annotations(kind).items()}


def _evaluated(text: Any, known: dict[str, Any]) -> Any:
    try:
        return eval(text, known) if isinstance(text, str) else text
    except NameError:
        return Any


def with_settings(parameters: ParametersOf, given: Iterable[str]) -> ParametersOf:
    """Return parameters with fields set by texts `path=value`.

    Raises
    ------
    ValueError
        If a text has no `=`, a path is unknown (with the nearest ones) or given twice, a value cannot be read as
        what the field is, or the parameters refuse it.
    """
    if isinstance(parameters, OwnSettings):
        return parameters.with_texts(given)
    texts: dict[str, str] = {}
    for text in given:
        path, sign, value = text.partition("=")
        path = path.strip()
        if not sign:
            raise ValueError(f"a setting must be written path=value, got {shown(text)}")
        if path in texts:
            raise ValueError(f"{path} must be set once, got {shown(texts[path])} and {shown(value)}")
        texts[path] = value.strip()
    paths = [setting.path for setting in settings_of(parameters)]
    for path in texts:
        known_name("setting", path, paths)
    return with_values(parameters, {path: read_at(parameters, path, text) for path, text in texts.items()})


class NoTextError(ValueError):
    """What stands at a path is of a kind that no plain text writes, such as a player."""


def read_at(parameters: Any, path: str, text: str) -> Any:
    """Return the value that a text writes for what stands at a path of parameters."""
    above, _, name = path.rpartition(".")
    kinds = _kinds(value_at(parameters, above) if above else parameters)
    return read_value(path, text, kinds.get(name, Any))


def read_value(name: str, text: str, kind: Any) -> Any:
    """Return the value of a type that a text writes; `name` is what errors call it."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, UnionType):
        if NoneType in arguments and text.lower() == "none":
            return None
        return _first_that_reads(name, text, [one for one in arguments if one is not NoneType])
    if isinstance(kind, type) and issubclass(kind, Game):
        return named_game(text)
    if kind is Any or origin in (Mapping, Sequence):
        return _read_anything(text)
    if origin is Literal:
        known_name(name, text, [str(one) for one in arguments])
        return next(one for one in arguments if str(one) == text)
    if origin is tuple:
        return _read_several(name, text, arguments)
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise ValueError(f"{name} must be true or false, got {shown(text)}")
        return text.lower() == "true"
    if kind is str:
        return text
    if kind is int:
        return read_whole_number(name, text)
    if kind is float:
        return read_number(name, text)
    raise NoTextError(f"{name} cannot be set by text, it is a {kind_in_words(kind)}, got {shown(text)}")


def _read_anything(text: str) -> Any:
    """Return what JSON, or the text itself, stands for; lists as tuples, which do not change."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        words = {"true": True, "false": False, "none": None}
        return words.get(text.lower(), text)
    return _unchanging(value)


def _unchanging(value: Any) -> Any:
    return tuple(_unchanging(part) for part in value) if isinstance(value, list) else value


def _first_that_reads(name: str, text: str, kinds: list[Any]) -> Any:
    for kind in kinds[:-1]:
        try:
            return read_value(name, text, kind)
        except ValueError:
            continue
    return read_value(name, text, kinds[-1])


def _read_several(name: str, text: str, kinds: tuple[Any, ...]) -> tuple[Any, ...]:
    if text.startswith("["):
        try:
            parts = [part if isinstance(part, str) else json.dumps(part) for part in json.loads(text)]
        except (ValueError, TypeError, RecursionError):
            raise ValueError(
                f"{name} must be a JSON list or have commas in between, got {shown(text)}"
            ) from None
    else:
        parts = [part.strip() for part in text.split(",")] if text else []
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(read_value(name, part, kinds[0]) for part in parts)
    if len(parts) != len(kinds):
        raise ValueError(f"{name} must be {len(kinds)} values with commas in between, got {shown(text)}")
    return tuple(read_value(name, part, kind) for part, kind in zip(parts, kinds, strict=True))


def read_whole_number(name: str, text: str) -> int:
    """Return the whole number that `text` writes; whoever counts with it knows its bounds."""
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"{name} must have at most {_MOST_DIGITS} digits, got {shown(text)}")
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{name} must be a whole number, got {shown(text)}") from None


def read_number(name: str, text: str) -> float:
    """Return the number that `text` writes."""
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{name} must be a number, got {shown(text)}") from None


def written(value: Any) -> str:
    """Return a value as a setting writes it."""
    if isinstance(value, tuple):
        as_json = any(isinstance(part, tuple) or (isinstance(part, str) and "," in part) for part in value)
        return json.dumps(value) if as_json else ",".join(written(part) for part in value)
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, (float, int, str)):
        return in_few_words(value)
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)


def kind_in_words(kind: Any) -> str:
    """Return what a value of a type is, in words."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, UnionType):
        return " or ".join("none" if one is NoneType else kind_in_words(one) for one in arguments)
    if origin is Literal:
        return " or ".join(str(one) for one in arguments)
    if origin is tuple:
        if arguments[1:] == (Ellipsis,):
            return f"{kind_in_words(arguments[0])}, ..."
        return ", ".join(kind_in_words(one) for one in arguments)
    words = {int: "whole number", float: "number", str: "name", bool: "true or false", Any: "JSON"}
    if isinstance(kind, type) and issubclass(kind, Game):
        return "game"
    return words.get(kind, getattr(kind, "__name__", str(kind)))


def meanings_of(kind: type) -> dict[str, str]:
    """Return what stands as text below the fields of a dataclass and of those it is made from."""
    meanings: dict[str, str] = {}
    for one in reversed(kind.__mro__):
        if not is_dataclass(one):
            continue
        try:
            (tree,) = ast.parse(textwrap.dedent(inspect.getsource(one))).body
        except (OSError, TypeError, SyntaxError):
            continue
        body = tree.body if isinstance(tree, ast.ClassDef) else []
        for line, below in zip(body, [*body[1:], None], strict=True):
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                text = below.value.value if _is_text(below) else meanings.get(line.target.id, "")  # type: ignore[union-attr]
                meanings[line.target.id] = " ".join(str(text).split())
    for name, text in meanings.items():
        least = getattr(kind, f"least_{name}", None)
        if isinstance(least, int) and "at least" not in text:
            meanings[name] = f"{text} At least {least}.".strip()
    return meanings


def _is_text(statement: ast.stmt | None) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
