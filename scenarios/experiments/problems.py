"""What is wrong with a file, in one line: the path of the key, the rule, the value, the nearest name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from scenarios.experiments.schema import is_tag
from theory.checks import shown

_RULES = {
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "model_type": "must be a table",
    "dict_type": "must be a table",
    "list_type": "must be a list",
    "missing": "must be given",
}
_KEY = re.compile(r"[A-Za-z0-9_-]+")
# Nearest names are looked for among the beginnings of long ones.
_LONGEST_NAME = 100


def in_one_sentence(error: ValidationError, document: Any, elsewhere: Sequence[str] = ()) -> str:
    """Return the first thing that is wrong with a document, in words.

    Parameters
    ----------
    error
        What pydantic says of it.
    document
        That was read.
    elsewhere
        Keys that are known at the top of a file, for those that stand in a table by mistake.
    """
    first = error.errors(include_url=False)[0]
    about, kind = first.get("ctx", {}), first["type"]
    place = [part for part in first["loc"] if not is_tag(part)]
    value = _at(document, place)
    if kind == "unknown_key":
        key = str(about["key"])
        hint = _hint(key, about["known"], elsewhere, in_table=bool(place))
        return f"unknown key {written([*place, key])} = {shown(_at(document, [*place, key]))}{hint}"
    where = written(place)
    if kind == "value_error":
        rule = str(about["error"])
        return f"{_before(rule, place, value)}{rule}"
    if kind == "missing":
        above = _at(document, place[:-1])
        short = f"{written(place[:-1])} must have more entries, got {shown(above)}"
        return short if isinstance(above, list) else f"{where} must be given"
    if kind == "literal_error":
        names = re.findall(r"'([^']*)'", str(about["expected"]))
        return f"{where} must be one of {', '.join(names)}, got {shown(value)}{nearest(value, names)}"
    tables = (
        " of tables, each begun with [[conditions]]" if (kind, where) == ("list_type", "conditions") else ""
    )
    return f"{where} {_rule(kind, first)}{tables}, got {shown(value)}"


def written(place: Sequence[Any]) -> str:
    """Return the path of a key as a file could write it."""
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            key = part if _KEY.fullmatch(part) else shown(part)
            text += f".{key}" if text else key
    return text


def nearest(name: Any, known: Sequence[str]) -> str:
    """Return the nearest names, as an end of a sentence."""
    near = get_close_matches(name[:_LONGEST_NAME], known, n=3, cutoff=0.5) if isinstance(name, str) else []
    return f"; nearest: {', '.join(near)}" if near else ""


def _hint(key: str, known: Sequence[str], elsewhere: Sequence[str], *, in_table: bool) -> str:
    if in_table and key in elsewhere:
        return "; it is a key of the file as a whole, which stands above the first [table]"
    if not in_table:
        known = [*known, *elsewhere]
    return nearest(key, known) or f"; known: {', '.join(known)}"


def _rule(kind: str, error: Mapping[str, Any]) -> str:
    if kind in _RULES:
        return _RULES[kind]
    about = error.get("ctx", {})
    if kind in ("too_long", "too_short"):
        most, least = about.get("max_length"), about.get("min_length")
        return f"must have {f'at most {most}' if most is not None else f'at least {least}'} entries"
    message = str(error["msg"])
    return f"cannot be read ({message[:1].lower()}{message[1:]})"


def _before(rule: str, place: Sequence[Any], value: Any) -> str:
    """Return what goes before a rule so that the path is named: its words begin with a key, or with must."""
    if not place:
        return ""
    first, where = rule.partition(" ")[0], written(place)
    if first == "must":
        return f"{where} "
    if isinstance(value, Mapping) and first in value:
        return f"{where}."
    if first == place[-1]:
        return f"{written(place[:-1])}." if len(place) > 1 else ""
    return f"{where}: "


def _at(document: Any, place: Sequence[Any]) -> Any:
    value = document
    for part in place:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value
