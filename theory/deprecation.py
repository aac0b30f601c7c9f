"""Two words for one argument: old names that still work, and second names that stay."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C")

# Of a value under the old name and the other arguments that were given, by name: the value under the new name.
Translate = Callable[[Any, Mapping[str, Any]], Any]


def renamed_keyword(
    old: str, new: str, *, translate: Translate | None = None, of: str = "", stacklevel: int = 2
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Take a keyword under its old name as well, with a DeprecationWarning, for one version.

    `translate` says what the old value means under the new name, where the two do not mean the same. `of` is what
    the warning calls the function, by default its name, and `stacklevel` to whom it points.

    Raises
    ------
    ValueError
        By the function: if both names are given.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)
        assert new in signature.parameters
        assert old not in signature.parameters

        @wraps(function)
        def with_old_name(*args: P.args, **kwargs: P.kwargs) -> R:
            if old in kwargs:
                _refuse_both(old, new, kwargs)
                called = of or function.__name__
                warnings.warn(
                    f"{old} of {called} is called {new} now, and will be refused in the next version",
                    DeprecationWarning,
                    stacklevel=stacklevel,
                )
                value = kwargs.pop(old)
                if translate:
                    value = translate(value, signature.bind_partial(*args, **kwargs).arguments)
                kwargs[new] = value
            return function(*args, **kwargs)

        return with_old_name

    return decorate


def renamed_fields(**names: str) -> Callable[[type[C]], type[C]]:
    """Let a dataclass take fields under their old names as well: `renamed_fields(budget="probe_budget")`.

    They are keywords as those of `renamed_keyword`, with the same warning; attributes have their new names alone.
    """

    def decorate(kind: type[C]) -> type[C]:
        made: Any = kind
        # The last name is looked for first, and each before it a frame further from who makes the object.
        for place, (old, new) in enumerate(names.items()):
            renamed = renamed_keyword(old, new, of=kind.__name__, stacklevel=1 + len(names) - place)
            made.__init__ = renamed(made.__init__)
        return kind

    return decorate


def also_called(**names: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Take a keyword under a second name, which stays: `also_called(runs="repetitions")`.

    The function lists second names among its keywords, None by default, for whoever reads or checks it, and looks
    at first names alone.

    Raises
    ------
    ValueError
        By the function: if both names are given.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        parameters = inspect.signature(function).parameters
        assert all(parameters[second].default is None for second in names)

        @wraps(function)
        def with_second_names(*args: P.args, **kwargs: P.kwargs) -> R:
            for second, first in names.items():
                if kwargs.get(second) is not None:
                    if kwargs.get(first) is not None:
                        _refuse_both(second, first, kwargs)
                    kwargs[first] = kwargs.pop(second)
            return function(*args, **kwargs)

        return with_second_names

    return decorate


def _refuse_both(one: str, other: str, given: Mapping[str, Any]) -> None:
    if other in given:
        raise ValueError(
            f"{one} and {other} are two names of one argument: give one, got {given[one]!r} and {given[other]!r}"
        )
