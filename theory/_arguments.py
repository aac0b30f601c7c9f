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
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from theory._checks import (
    LARGEST_COUNT,
    finite_number,
    known_name,
    number_within,
    position,
    positive_number,
    seed_number,
    whole_number,
)

Check = Callable[[str, Any], Any]
P = ParamSpec("P")
R = TypeVar("R")


def checked(**checks: Check) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Check the arguments of a function that are given (defaults are right)."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)
        unknown = set(checks) - set(signature.parameters)
        assert not unknown, f"{function.__qualname__} has no arguments {unknown}"

        @wraps(function)
        def with_checks(*args: P.args, **kwargs: P.kwargs) -> R:
            bound = signature.bind(*args, **kwargs)
            for name, check in checks.items():
                if name in bound.arguments:
                    bound.arguments[name] = check(name, bound.arguments[name])
            return function(*bound.args, **bound.kwargs)

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
