"""How a public function checks its arguments: one declaration above it, one check for each argument.

    @checked(game=two_player_game, tolerance=number(0.0), within=name("set of outcomes", KINDS))
    def judge(...)

Each check takes the argument's name and its value, and returns the value as the function wants it, or raises
ValueError with the rule and the value. What depends on several arguments stays in the function.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from theory.checks import (
    LARGEST_COUNT,
    finite_number,
    known_name,
    number_within,
    plain_text,
    position,
    positive_number,
    seed_number,
    shown,
    truth_value,
    whole_number,
)

Check = Callable[[str, Any], Any]
P = ParamSpec("P")
R = TypeVar("R")


def checked(**checks: Check) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Check the arguments of a function that are given (defaults are right)."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        parameters = inspect.signature(function).parameters
        unknown = set(checks) - set(parameters)
        assert not unknown, f"{function.__qualname__} has no arguments {unknown}"
        by_place = [(k, name, checks[name]) for k, name in enumerate(parameters) if name in checks]

        @wraps(function)
        def with_checks(*args: P.args, **kwargs: P.kwargs) -> R:
            # What is missing or too much is Python's to say, when the function is called.
            given: list[Any] = list(args)
            for place, name, check in by_place:
                if place < len(given):
                    given[place] = check(name, given[place])
                elif name in kwargs:
                    kwargs[name] = check(name, kwargs[name])
            return function(*given, **kwargs)

        return with_checks

    return decorate


def optional(check: Check) -> Check:
    """Let None stand for itself."""
    return lambda name, value: None if value is None else check(name, value)


def number(low: float = -math.inf, high: float = math.inf) -> Check:
    """Ask for a finite number in `[low, high]`."""
    if low == -math.inf and high == math.inf:
        return finite_number
    return lambda name, value: number_within(name, value, low, high)


def count(at_least: int = 1, at_most: int | None = LARGEST_COUNT) -> Check:
    """Ask for a whole number in `[at_least, at_most]`."""
    return lambda name, value: whole_number(name, value, at_least, at_most)


def place(length: int) -> Check:
    """Ask for the place of one of `length` things, counted from 0."""
    return lambda name, value: position(name, value, length)


def name_of(kind: str, known: Sequence[str]) -> Check:
    """Ask for one of the known names."""
    return lambda _, value: known_name(kind, value, known)


positive = positive_number
seed = seed_number


def check_fields(instance: Any) -> None:
    """Check the fields of a frozen dataclass by their annotations, and keep plain numbers of Python.

    A `bool` is True or False, an `int` a whole number, a `float` finite, a `str` text, each "or None" where the
    annotation says so; other annotations are left to the class, as bounds are.
    """
    for entry in fields(instance):
        annotation = str(entry.type)
        kind = annotation.removesuffix(" | None")
        if kind not in _BY_ANNOTATION:
            continue
        value = getattr(instance, entry.name)
        if value is not None or kind == annotation:
            object.__setattr__(instance, entry.name, _BY_ANNOTATION[kind](entry.name, value))


def _any_whole_number(name: str, value: Any) -> int:
    return whole_number(name, value, at_least=-LARGEST_COUNT, at_most=None)


_BY_ANNOTATION: dict[str, Check] = {
    "bool": truth_value,
    "int": _any_whole_number,
    "float": finite_number,
    "str": plain_text,
}


def of_type(*types: type, called: str = "") -> Check:
    """Ask for an instance of one of some types, which errors call by `called`."""
    wanted = called or " or ".join(f"a {kind.__name__}" for kind in types)

    def check(name: str, value: Any) -> Any:
        if not isinstance(value, types):
            raise ValueError(f"{name} must be {wanted}, got {shown(value)}")
        return value

    return check


def function(name: str, value: Any) -> Any:
    """Ask for a function (or another object that can be called), not for a class."""
    if not callable(value) or isinstance(value, type):
        raise ValueError(f"{name} must be a function, got {shown(value)}")
    return value


def function_of(takes: str) -> Check:
    """Ask for a function of some arguments, whose names `takes` lists: "memory, turn"."""

    def check(name: str, value: Any) -> Any:
        function(name, value)
        try:
            given = inspect.signature(value)
        except ValueError:  # built-in functions need not tell
            return value
        try:
            given.bind(*takes.split(", "))
        except TypeError as error:
            raise ValueError(f"{name} must take ({takes}), got {given}") from error
        return value

    return check


def with_methods(called: str, *methods: str) -> Check:
    """Ask for an object that has some methods, which errors call by `called`."""

    def check(name: str, value: Any) -> Any:
        if isinstance(value, type) or not all(callable(getattr(value, method, None)) for method in methods):
            raise ValueError(f"{name} must be {called}, got {shown(value)}")
        return value

    return check


def dataset_of(source: str, *variables: str) -> Check:
    """Ask for the dataset that `source` returns, known by some of its variables."""

    def check(name: str, value: Any) -> Any:
        known = getattr(value, "variables", None)
        if known is None or not set(variables) <= set(known):
            raise ValueError(f"{name} must be a dataset that {source} returns, got {shown(value)}")
        return value

    return check


def given_or_default(name: str, value: Any, kind: type[R]) -> R:
    """Return an instance of `kind` as it is given, or the default one for None, or raise ValueError."""
    if value is None:
        return kind()
    given: R = of_type(kind)(name, value)
    return given
