"""Fields of parameters by their paths: `planner.bound`, `game.greed`.

A path is a field's name; in what has fields of its own, one below the other. So have parameters within parameters,
players of duels and networks; and whatever has numbers that it is tuned by (`tunables` and `tuned`), as a dilemma has
greed and fear and a learning rule its step sizes.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass, replace
from numbers import Integral, Real
from typing import Any, TypeVar

import numpy as np

from simulation.engine.provenance import describe_game, qualified_name, source_of
from theory import Game, LinearDilemma
from theory.checks import known_name, shown

ParametersOf = TypeVar("ParametersOf")

# Arrays with more entries are described by a hash.
_MOST_ENTRIES = 100


def fields_of(value: Any) -> dict[str, Any]:
    """Return what a value is made of, by name; nothing for what is a value as a whole."""
    if hasattr(value, "tuned") and isinstance(getattr(value, "tunables", None), Mapping):
        return dict(value.tunables)
    if is_dataclass(value) and not isinstance(value, (type, Game, LinearDilemma)):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return {}


def paths_of(parameters: Any) -> Iterator[str]:
    """Yield the paths of all that can be replaced in parameters, wholes before their parts."""
    for name, value in fields_of(parameters).items():
        yield name
        for path in paths_of(value):
            yield f"{name}.{path}"


def value_at(parameters: Any, path: str) -> Any:
    """Return what stands at a path; ValueError names the nearest ones where there is none."""
    value = parameters
    for name in known_name("parameter", path, list(paths_of(parameters))).split("."):
        value = fields_of(value)[name]
    return value


def with_values(parameters: ParametersOf, values: Mapping[str, Any]) -> ParametersOf:
    """Return parameters with other values at some paths, which are checked when all are there.

    Where a whole and a part of it are given, the part is that of the new whole.

    Raises
    ------
    ValueError
        If a path is unknown, with the nearest ones, or the parameters refuse a value.
    """
    changed: ParametersOf = _with_values(parameters, values, "")
    return changed


def _with_values(parameters: Any, values: Mapping[str, Any], above: str) -> Any:
    known = fields_of(parameters)
    changes: dict[str, Any] = {}
    parts: dict[str, dict[str, Any]] = {}
    for path, value in values.items():
        name, _, part = path.partition(".")
        if name not in known:
            known_name(
                "parameter", above + path, [above + one for one in paths_of(parameters)] or [above[:-1]]
            )
        if part:
            parts.setdefault(name, {})[part] = value
        else:
            changes[name] = value
    for name, of_part in parts.items():
        changes[name] = _with_values(changes.get(name, known[name]), of_part, f"{above}{name}.")
    if not changes:
        return parameters
    return parameters.tuned(**changes) if hasattr(parameters, "tuned") else replace(parameters, **changes)


def described(value: Any) -> Any:
    """Return a value as what JSON can hold, so that equal descriptions mean equal results.

    Functions and learning rules are described by the hash of the sources that they reach, large arrays by theirs.
    """
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, (Game, LinearDilemma)):
        return describe_game(value)
    if isinstance(value, np.generic):
        return described(value.item())
    if isinstance(value, np.ndarray):
        if value.size <= _MOST_ENTRIES and value.dtype.kind in "biuf":
            return value.tolist()
        return {
            "array": hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest(),
            "shape": value.shape,
        }
    if is_dataclass(value) and not isinstance(value, type):
        return {"kind": type(value).__qualname__} | {
            field.name: described(getattr(value, field.name)) for field in fields(value)
        }
    if isinstance(value, Mapping):
        return [[described(key), described(part)] for key, part in value.items()]
    if isinstance(value, (Sequence, set, frozenset)):
        return [described(part) for part in value]
    if hasattr(value, "edges") and hasattr(value, "nodes"):
        return {
            "nodes": [str(node) for node in value.nodes],
            "edges": [[str(a), str(b)] for a, b in value.edges],
        }
    if callable(value):
        return {"function": qualified_name(value), "source": source_of(value)}
    return {"kind": type(value).__qualname__}


def in_few_words(value: Any) -> str:
    """Return a value as a label: text as it is, a game by its title, a dataclass by what is not its default."""
    if value is None or isinstance(value, (bool, np.bool_)):
        return str(value).lower()
    if isinstance(value, (Integral, str)):
        return str(value)
    if isinstance(value, Real):
        return f"{float(value):g}"
    if isinstance(value, (Game, LinearDilemma)):
        return value.title or "untitled game"
    if isinstance(value, (tuple, list)):
        return ",".join(in_few_words(part) for part in value)
    if isinstance(value, Mapping):
        return ",".join(f"{in_few_words(key)}={in_few_words(part)}" for key, part in value.items())
    name = getattr(value, "name", None)
    if isinstance(name, str):
        return name
    if is_dataclass(value) and not isinstance(value, type):
        given = [
            f"{field.name}={in_few_words(getattr(value, field.name))}"
            for field in fields(value)
            if not _is_default(field, getattr(value, field.name))
        ]
        return type(value).__name__ + (f"({', '.join(given)})" if given else "")
    return shown(value)


def _is_default(field: Any, value: Any) -> bool:
    if field.default is not MISSING:
        default = field.default
    elif field.default_factory is not MISSING:
        default = field.default_factory()
    else:
        return False
    return bool(described(value) == described(default))
