"""What installed packages bring: scenarios and learning rules, by entry points.

A package declares them in its `pyproject.toml`:

    [project.entry-points."commonweal.scenarios"]
    my-scenario = "my_package.my_scenario:SCENARIO"

    [project.entry-points."commonweal.rules"]
    my-rule = "my_package.rules:MY_RULE"

Nothing of a package is loaded before one of its names is asked for, or all are listed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from scenarios.experiments.python_file import first_line
from scenarios.frame.results import in_words
from scenarios.frame.scenario import Scenario, check_name
from simulation import LearningRule
from theory.checks import shown

SCENARIOS, RULES = "commonweal.scenarios", "commonweal.rules"


def names_of_packages(group: str) -> tuple[str, ...]:
    """Return the names that installed packages bring to a group."""
    return _names_on(tuple(sys.path), group)


@lru_cache(maxsize=8)
def _names_on(path: tuple[str, ...], group: str) -> tuple[str, ...]:
    # To look through all packages takes some milliseconds, and a file may ask a thousand times.
    return tuple(sorted({entry.name for entry in entry_points(group=group)}))


def scenario_of_package(name: str, taken: Iterable[str] = ()) -> Scenario[Any, Any, Any]:
    """Return the scenario that a package brings under a name.

    Raises
    ------
    ValueError
        If it cannot be loaded, is no scenario, or its name is another's, of another package or one of those `taken`.
    """
    entry, loaded = _loaded(SCENARIOS, "scenario", name, taken)
    check_name(name)
    if not isinstance(loaded, Scenario):
        raise ValueError(f"{_whose('scenario', entry)} must be a Scenario, got {shown(loaded)}")
    about = loaded.about or first_line(sys.modules[entry.module])
    return replace(loaded, name=name, about=about, source={"package": _package_of(entry)})


def rule_of_package(name: str, taken: Iterable[str] = ()) -> LearningRule:
    """Return the learning rule that a package brings under a name; ValueError as for scenarios."""
    entry, loaded = _loaded(RULES, "rule", name, taken)
    if not isinstance(loaded, LearningRule):
        raise ValueError(f"{_whose('rule', entry)} must be a LearningRule, got {shown(loaded)}")
    return loaded


def _loaded(group: str, what: str, name: str, taken: Iterable[str]) -> tuple[EntryPoint, Any]:
    entry, *others = entry_points(group=group, name=name)
    if others:
        packages = ", ".join(_package_of(one) for one in (entry, *others))
        raise ValueError(f"the {what} {name} must be of one package, got {packages}")
    if name in taken:
        raise ValueError(f"{_whose(what, entry)} must have a name that the project does not use itself")
    try:
        return entry, entry.load()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a module may also end the program
        words = in_words(error) if isinstance(error, Exception) else f"{type(error).__name__}: {error}"
        raise ValueError(f"{_whose(what, entry)} cannot be loaded: {words}") from error


def _whose(what: str, entry: EntryPoint) -> str:
    return f"the {what} {entry.name} of the package {_package_of(entry)}"


def _package_of(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.module.partition(".")[0]
