"""What a file varies: named conditions, and lists of values, each combination of which is a document of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from theory.checks import shown

Document = dict[str, Any]

# So many combinations are read within a second.
MOST_VARIANTS = 1000

# Keys that say what a table is: another value of one makes it another table.
_SELECTORS = ("name", "file", "payoffs", "edges", "kind")
# What a name that stands for a table is the value of, by the table's key.
_NAMES = {"game": "name", "believed_game": "name", "learners": "name", "rule": "name"}
# Tables that make sense as a whole alone: shares that sum to 1.
_SHARES = ("rules",)

LONGEST_VALUE = 40


class Variant(NamedTuple):
    """A condition with its values: what it is called, and its document."""

    name: str
    document: Document


def variants_of(base: Document, conditions: Sequence[Document], vary: Mapping[str, Any]) -> list[Variant]:
    """Return what is to be played: each condition with each combination of values.

    Raises
    ------
    ValueError
        If they are too many, two have one name, or what is varied is no list.
    """
    lists = [(path, _values_of(path, values)) for path, values in paths_of(vary)]
    number = max(len(conditions), 1)
    for _, values in lists:
        number *= len(values)
    if number > MOST_VARIANTS:
        raise ValueError(f"conditions and values make at most {MOST_VARIANTS} combinations, got {number}")
    found = []
    for condition in conditions or [{}]:
        changed = merged(base, {key: value for key, value in condition.items() if key != "name"})
        for chosen in product(*(values for _, values in lists)):
            document = changed
            names: list[str] = [condition["name"]] if conditions else []
            for (path, _), value in zip(lists, chosen, strict=True):
                document = merged(document, nested(path, value))
                names.append(f"{path}={_text_of(value)}")
            found.append(Variant(", ".join(names), document))
    names = [variant.name for variant in found]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"what is varied must differ in what it is called, got {shown(name)} twice")
    return found


def merged(base: Document, changes: Document) -> Document:
    """Return a document with changes, key by key; a table that says to be another takes the place of the old one."""
    together = dict(base)
    for key, value in changes.items():
        old = together.get(key)
        if isinstance(old, str) and isinstance(value, dict):
            old = {_NAMES.get(key, "kind"): old}
        if (
            isinstance(old, dict)
            and isinstance(value, dict)
            and key not in _SHARES
            and not _is_another(old, value)
        ):
            together[key] = merged(old, value)
        else:
            together[key] = value
    return together


def _is_another(old: Document, new: Document) -> bool:
    said, says = ({key: table[key] for key in _SELECTORS if key in table} for table in (old, new))
    return bool(says) and says != said


def paths_of(table: Mapping[str, Any], above: str = "") -> list[tuple[str, Any]]:
    """Return the paths of all that is no table, in order; a key with points is a path, too."""
    found = []
    for key, value in table.items():
        path = f"{above}{key}"
        found += paths_of(value, f"{path}.") if isinstance(value, Mapping) else [(path, value)]
    return found


def nested(path: str, value: Any) -> Document:
    """Return the document of one key."""
    for key in reversed(path.split(".")):
        value = {key: value}
    return dict(value)


def _values_of(path: str, values: Any) -> list[Any]:
    if not isinstance(values, list) or not values:
        raise ValueError(f"vary.{path} must be a list of at least one value, got {shown(values)}")
    return values


def _text_of(value: Any) -> str:
    if isinstance(value, float):
        text = f"{value:g}"
    else:
        text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
