"""Parameters from tables of a file: a model of pydantic is made of each dataclass, from its fields and their types.

A key is a field's name, a table within a table parameters within parameters. Values are read by the field's type and
nothing else: no text becomes a number. What pydantic has read, the dataclass checks: bounds, and what goes together.
Types that a file cannot write as they are (games, players, learning rules, networks) are read from tables of their
own, which `scenarios.experiments.tables` adds here.
"""

from __future__ import annotations

import collections.abc
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass, replace
from functools import cache, partial, reduce
from operator import or_
from types import NoneType, SimpleNamespace, UnionType
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    create_model,
    model_validator,
)
from pydantic_core import PydanticCustomError

from theory.checks import known_name, shown

# What stands for None, which a file cannot write.
NONE = "none"


class Table(BaseModel):
    """A table of a file, whose keys are known."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        protected_namespaces=(),
        arbitrary_types_allowed=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _keys_are_known(cls, given: Any) -> Any:
        if isinstance(given, Mapping):
            for key in given:
                if key not in cls.model_fields:
                    about = {"key": key, "known": tuple(cls.model_fields)}
                    raise PydanticCustomError("unknown_key", "unknown key", about)
        return given

    def given(self) -> dict[str, Any]:
        """Return what the file says, and no defaults."""
        return {
            name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set
        }


# Types that are read from tables of their own, with what pydantic is told of them.
_SPECIAL: dict[type, Callable[[Sequence[type], Any], Any]] = {}
# Fields that are read otherwise than by their type, by class and name.
_SPECIAL_FIELDS: dict[tuple[str, str], Callable[[], Any]] = {}
# Fields that a file cannot set.
_LEFT_OUT: set[tuple[str, str]] = set()


def read_type(kind: type, how: Callable[[Sequence[type], Any], Any]) -> None:
    """Let fields of a type, or of several below it, be read as `how` says of those types and the field's default."""
    _SPECIAL[kind] = how


def read_field(owner: str, name: str, how: Callable[[], Any] | None) -> None:
    """Let a field of a dataclass be read so, or not at all."""
    if how is None:
        _LEFT_OUT.add((owner, name))
    else:
        _SPECIAL_FIELDS[owner, name] = how


def hints_of(kind: type) -> dict[str, Any]:
    """Return the types of a dataclass's fields; what is there for type checkers alone is anything."""
    return typing.get_type_hints(kind, localns={"nx": SimpleNamespace(Graph=object)})


def fields_of(kind: type) -> dict[str, Any]:
    """Return what a file may set of a dataclass, by name, as pydantic is told."""
    hints = hints_of(kind)
    owners = [base.__name__ for base in kind.__mro__]
    found = {}
    for one in fields(kind):
        places = [(owner, one.name) for owner in owners]
        if not one.init or any(place in _LEFT_OUT for place in places):
            continue
        special = next((_SPECIAL_FIELDS[place] for place in places if place in _SPECIAL_FIELDS), None)
        found[one.name] = special() if special else annotation(hints[one.name], default_of(one))
    return found


@cache
def model_of(kind: type, name: str = "") -> type[Table]:
    """Return the model of a dataclass."""
    required = {one.name for one in fields(kind) if one.default is MISSING and one.default_factory is MISSING}
    definitions: dict[str, Any] = {
        field: (how, ... if field in required else None) for field, how in fields_of(kind).items()
    }
    made: type[Table] = create_model(name or kind.__name__, __base__=Table, **definitions)
    return made


def default_of(field: Any) -> Any:
    """Return the default of a dataclass's field; None if there is none."""
    if field.default_factory is not MISSING:
        return field.default_factory()
    return None if field.default is MISSING else field.default


def made_of(kind: type, default: Any = None) -> Any:
    """Return how a table becomes a dataclass, which checks itself; what it does not say is the default's."""
    base: Any = kind if type(default) is not kind else partial(replace, default)
    return Annotated[model_of(kind), AfterValidator(lambda table: base(**table.given()))]


def annotation(kind: Any, default: Any = None) -> Any:
    """Return what pydantic is told of a type, of a field with this default."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, UnionType):
        return _union(arguments, default)
    if origin is Literal:
        return Annotated[Literal[arguments], Field()]
    if origin is tuple and arguments[1:] != (Ellipsis,):
        several: Any = tuple
        fixed: Any = several[tuple(annotation(one) for one in arguments)]
        return Annotated[fixed, _AS_TUPLE]
    if origin in (tuple, collections.abc.Sequence, list):
        return listed(arguments[0])
    if isinstance(kind, type):
        return _of_classes([kind], default)
    return kind


def _of_classes(kinds: Sequence[type], default: Any) -> Any:
    special = next((how for base, how in _SPECIAL.items() if issubclass(kinds[0], base)), None)
    if special is not None:
        return special(kinds, default)
    return made_of(kinds[0], default) if is_dataclass(kinds[0]) else kinds[0]


def tag_of(name: Any) -> str:
    """Return by what pydantic tells a kind of table from others; it stands in the place of an error, too."""
    return f"<{name}>"


def is_tag(part: Any) -> bool:
    """Return whether a part of the place of an error is such a name, and no key."""
    return isinstance(part, str) and part.startswith("<")


def listed(kind: Any) -> Any:
    """Return what pydantic is told of a list of any length."""
    several: Any = tuple
    any_number: Any = several[annotation(kind), ...]
    return Annotated[any_number, _AS_TUPLE]


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


_AS_TUPLE = BeforeValidator(_as_tuple)


def _union(kinds: Sequence[Any], default: Any) -> Any:
    """Return what pydantic is told of several types: none, a list or not is all that tells them apart."""
    rest = [kind for kind in kinds if kind is not NoneType]
    lists = [kind for kind in rest if _is_list(kind)]
    others = [kind for kind in rest if not _is_list(kind)]
    if lists and others:
        read: Any = Annotated[
            Annotated[_one_of(others, default), Tag(tag_of("one"))]
            | Annotated[annotation(lists[0]), Tag(tag_of("list"))],
            Discriminator(lambda value: tag_of("list" if isinstance(value, list | tuple) else "one")),
        ]
    else:
        read = _one_of(rest, default)
    if len(rest) == len(kinds):
        return read
    return Annotated[read | None, BeforeValidator(lambda value: None if value == NONE else value)]


def _one_of(kinds: Sequence[Any], default: Any) -> Any:
    if len(kinds) > 1 and all(isinstance(kind, type) for kind in kinds):
        return _of_classes(kinds, default)
    return annotation(kinds[0], default)


def _is_list(kind: Any) -> bool:
    return typing.get_origin(kind) in (tuple, collections.abc.Sequence, list)


def one_of_tables(
    what: str, key: str, models: Mapping[str, Any], which: Callable[[Mapping[str, Any]], Any]
) -> Any:
    """Return what pydantic is told of a table that is one of several; a text is a table with one key.

    Parameters
    ----------
    what
        It is, for errors.
    key
        That a text stands for.
    models
        By name.
    which
        Says the name of a table's model.
    """

    def as_table(given: Any) -> Any:
        table = {key: given} if isinstance(given, str) else given
        if not isinstance(table, Mapping):
            raise ValueError(f"must be a {what}, by name or as a table, got {shown(given)}")
        known_name(f"kind of {what}", which(table), tuple(models))
        return table

    # A single model needs no tag.
    read: Any = reduce(or_, [Annotated[model, Tag(tag_of(name))] for name, model in models.items()])
    told = (Discriminator(lambda table: tag_of(which(table))),) if len(models) > 1 else ()
    return Annotated[read, *told, BeforeValidator(as_table)]


def table_of(called: str, /, **definitions: Any) -> Any:
    """Return the model of a table; a key that is given a type alone is required."""
    with_defaults: dict[str, Any] = {
        key: given if isinstance(given, tuple) else (given, ...) for key, given in definitions.items()
    }
    return create_model(called, __base__=Table, **with_defaults)


def made_by(model: Any, make: Callable[..., Any], *left_out: str) -> Any:
    """Return how a table becomes what `make` makes of its keys, but for those left out."""

    def of_table(table: Table) -> Any:
        return make(**{key: value for key, value in table.given().items() if key not in left_out})

    return Annotated[model, AfterValidator(of_table)]
