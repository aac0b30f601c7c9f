"""Where a dataset comes from: what was asked for, of which game, by which law, with which seed and versions.

Everything is kept as the dataset's attributes, as text, numbers and lists of numbers, which NetCDF can store.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import platform
from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from types import FunctionType
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from simulation.engine.quantities import QUANTITIES
from simulation.engine.reached_sources import reached_digest, source_file
from theory import Game, LinearDilemma

_LIBRARIES = ("commonweal", "mesa", "networkx", "numba", "numpy", "scipy", "xarray")

# Names of attributes that say how a dataset was made and not what was asked for.
MADE_BY = ("law", "law_source", "versions")

# Games of more payoffs are known by their rule, where they have one.
_MOST_PAYOFFS = 4096

# The largest whole number that NetCDF's attributes hold.
_LARGEST = 2**63 - 1


def with_provenance(
    data: xr.Dataset,
    *,
    law: Callable[..., Any],
    seed: int,
    game: Game | LinearDilemma | None = None,
    parameters: str | Mapping[str, Any] | None = None,
    **terms: Any,
) -> xr.Dataset:
    """Write into the dataset where it comes from, and what its variables mean; return it.

    Parameters
    ----------
    data
        The result of a driver.
    law
        What was applied in each step, compiled or plain; its qualified name and the hash of all sources that it
        reaches are kept as `law` and `law_source`.
    seed
        From which, with the rest, each run follows. Larger than 63 bits it is kept as text.
    game
        Kept as `game` (its title), `game_payoffs` and `game_actions` or what else `describe_game` says.
    parameters
        Kept as JSON.
    terms
        Further things that were asked for: text, numbers, lists or arrays of numbers, or what JSON can hold.
    """
    attributes: dict[str, Any] = {}
    if parameters is not None:
        attributes["parameters"] = parameters if isinstance(parameters, str) else json.dumps(dict(parameters))
    attributes |= {name: _storable(value) for name, value in terms.items()}
    if game is not None:
        attributes = _game(game) | attributes
    attributes |= {
        "seed": seed if seed <= _LARGEST else str(seed),
        "law": qualified_name(law),
        "law_source": source_of(law),
        "versions": json.dumps(versions()),
    }
    data.attrs = attributes
    for name, variable in data.variables.items():
        variable.attrs |= QUANTITIES.get(str(name), {})
    return data


def edges_of(starts: NDArray[Any], neighbours: NDArray[Any]) -> NDArray[np.int32]:
    """Return `[2E]`: the numbers of the two whom each edge joins, edge by edge, the lower first.

    The neighbours of i are `neighbours[starts[i]:starts[i + 1]]`.
    """
    ends = np.stack([np.repeat(np.arange(len(starts) - 1), np.diff(starts)), neighbours], axis=1)
    return ends[ends[:, 0] < ends[:, 1]].astype(np.int32).ravel()


def qualified_name(function: Callable[..., Any]) -> str:
    """Return the qualified name of a law or rule."""
    function = getattr(function, "py_func", function)
    kind = function if hasattr(function, "__qualname__") else type(function)
    return f"{kind.__module__}.{kind.__qualname__}"


def source_of(function: Callable[..., Any]) -> str:
    """Return a hash of the sources that a law or rule reaches.

    A rule that holds what has no stable text, such as a list, or that stands in no file, as in a notebook, is known
    by its own source alone, or by its bytecode where there is none. An object is known by its class.
    """
    plain = getattr(function, "py_func", function)
    kind: Any = plain if hasattr(plain, "__qualname__") else type(plain)
    return _hash_of(kind)


@lru_cache(maxsize=256)
def _hash_of(kind: Any) -> str:
    if isinstance(kind, (FunctionType, type)) and source_file(kind) is not None:
        try:
            return reached_digest(kind)
        except ValueError:
            pass
    try:
        text = inspect.getsource(kind)
    except (OSError, TypeError):
        code = getattr(kind, "__code__", None)
        text = repr(kind) if code is None else f"{code.co_code.hex()} {code.co_consts!r} {code.co_names!r}"
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "unknown"


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that results depend on."""
    return {"python": platform.python_version()} | {name: _version(name) for name in _LIBRARIES}


def describe_game(game: Game | LinearDilemma) -> dict[str, Any]:
    """Return a game's title, numbers of actions and payoffs (player by player, row by row) as plain values for JSON.

    Of a linear dilemma the payoffs are R, S, T, P. A graded game of many levels gives the `rule` of its payoffs.
    """
    if isinstance(game, LinearDilemma):
        payoffs = [game.reward, game.sucker, game.temptation, game.punishment]
        return {"title": game.title, "players": game.n_players, "payoffs": payoffs}
    known = {"title": game.title, "actions": list(game.n_actions)}
    by_rule = getattr(game, "payoffs_of_levels", None)
    if game.payoffs.size > _MOST_PAYOFFS and is_dataclass(by_rule):
        return known | {"rule": repr(by_rule)}
    return known | {"payoffs": game.payoffs.ravel().tolist()}


def _game(game: Game | LinearDilemma) -> dict[str, Any]:
    described = describe_game(game)
    return {"game": described.pop("title")} | {f"game_{name}": value for name, value in described.items()}


def _storable(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (str, int, float, np.ndarray)):
        return value
    if isinstance(value, (list, tuple)) and value and all(isinstance(part, (int, float)) for part in value):
        return list(value)
    return json.dumps(value)
