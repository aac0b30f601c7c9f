"""Keywords of Mesa models: fields of their parameters, two names of a seed, reporters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np

from theory.arguments import given_or_default
from theory.checks import known_name, seed_number, shown

Function = TypeVar("Function", bound=Callable[..., Any])
ParametersOf = TypeVar("ParametersOf")


def takes_fields_of(kind: type) -> Callable[[Function], Function]:
    """Let the signature of an `__init__` name the fields of its parameters, which it takes as `**keywords`.

    That is what completion shows, and what Mesa asks: its pages, which keywords there are, and its batches, whether
    seeds are called `rng` or `seed`.
    """

    def decorate(init: Function) -> Function:
        own = [one for one in inspect.signature(init).parameters.values() if one.kind is not one.VAR_KEYWORD]
        named = {one.name for one in own}
        further = [
            one.replace(kind=one.KEYWORD_ONLY)
            for one in inspect.signature(kind).parameters.values()
            if one.name not in named
        ]
        init.__dict__["__signature__"] = inspect.Signature([*own, *further])
        return init

    return decorate


def parameters_of(
    kind: type[ParametersOf], parameters: ParametersOf | None, keywords: Mapping[str, Any]
) -> ParametersOf:
    """Return parameters that are given in one piece, or by keywords, or by default.

    Raises
    ------
    ValueError
        If both are given, a keyword is no field, or a value violates its rule.
    """
    if not keywords:
        return given_or_default("parameters", parameters, kind)
    known = [field.name for field in fields(kind)]  # type: ignore[arg-type] # parameters are dataclasses
    for name in keywords:
        known_name("keyword", name, known)
    if parameters is not None:
        raise ValueError(
            f"give parameters in one piece or their fields by keyword, got parameters and {', '.join(keywords)}"
        )
    return kind(**keywords)


def seed_or_rng(rng: int | np.random.Generator | None, seed: int | None) -> int | np.random.Generator | None:
    """Return what is given of two names of one argument, or None; ValueError if both are."""
    if seed is None:
        return rng
    if rng is not None:
        raise ValueError(
            f"rng and seed are two names of one argument: give one, got {shown(rng)} and {shown(seed)}"
        )
    return seed_number("seed", seed)


@dataclass(frozen=True)
class Attribute:
    """An agent's attribute, None of agents who have none: as Mesa reads it, but such that models can be pickled."""

    name: str

    def __call__(self, agent: Any) -> Any:
        """Return it."""
        return getattr(agent, self.name, None)


def checked_reporters(name: str, given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what a data collector of Mesa takes, by name; None for None.

    Raises
    ------
    ValueError
        If it is no mapping from names to attributes' names, functions, or lists of a function and its arguments.
    """
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise ValueError(f"{name} must be a mapping from names to reporters, got {shown(given)}")
    for called, reporter in given.items():
        function = reporter[0] if isinstance(reporter, list) and len(reporter) == 2 else reporter
        if not isinstance(called, str) or not (isinstance(reporter, str) or callable(function)):
            raise ValueError(
                f"{name} must have, by name, an attribute's name, a function, or a list of a function and its "
                f"arguments, got {shown(called)}: {shown(reporter)}"
            )
    return dict(given)
