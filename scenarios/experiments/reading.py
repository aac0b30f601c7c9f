"""A file of an experiment, read: what is played, how often, and under which conditions."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

# What these two register is how games, players and others are read.
from scenarios.experiments import games as games
from scenarios.experiments import tables as tables
from scenarios.experiments.problems import in_one_sentence
from scenarios.experiments.schema import Table, annotation, made_of
from scenarios.experiments.variants import Document, Variant, merged, nested, paths_of, variants_of
from scenarios.frame.plain_text import visible
from simulation import world, world_names
from simulation.engine.fields import value_at
from theory.checks import known_name, seed_number, shown, whole_number
from theory.text_files import check_is_file, read_text

if TYPE_CHECKING:
    from simulation.engine.runs import Record

# Of a file, written by hand or by a program.
LARGEST_FILE = 2**20

# Deeper than any table of an experiment.
DEEPEST = 70

LONGEST_NAME = 100

# How an error of TOML says where it is, and that a table was begun again.
_LINE = re.compile(r"at line (\d+), column")
_REPEATED = "Cannot declare"


def _one_line(text: str) -> str:
    if not text.strip() or len(text) > LONGEST_NAME or visible(text, keep="") != text:
        raise ValueError(
            f"must be one line of 1 to {LONGEST_NAME} characters that can be seen, got {shown(text)}"
        )
    return text


OneLine = Annotated[str, AfterValidator(_one_line)]
Records: Any = annotation(int | str)


def _record(value: Any) -> Any:
    if isinstance(value, list) and value and all(isinstance(name, str) for name in value):
        return tuple(dict.fromkeys(value))
    if type(value) is int and value >= 1:
        return value
    if isinstance(value, str) and value in ("all", "summary"):
        return value
    raise ValueError(
        f'must be "summary", "all", every k-th step, a whole number of at least 1, or names of variables as a list, '
        f"got {shown(value)}"
    )


class Heading(Table):
    """What every file says, whatever the world."""

    title: OneLine = ""
    """What is asked, in a line."""
    world: Annotated[str, AfterValidator(lambda name: known_name("world", name, world_names()))]
    """What kind of simulation."""
    runs: Annotated[int, AfterValidator(lambda value: whole_number("runs", value, at_least=1))] = 10
    """Independent runs of each condition, at least 1."""
    seed: Annotated[int, AfterValidator(lambda value: seed_number("seed", value))] = 0
    """A whole number of at least 0. Run i depends on the parameters, the seed and i alone."""
    record: Annotated[Any, AfterValidator(_record)] = "summary"
    """What is kept of each run: the "summary" at its end, "all" steps, every k-th, or the summary and some variables
    of all steps, by their names."""
    conditions: Annotated[list[dict[str, Any]], Field(min_length=1)] = []  # noqa: RUF012 # pydantic copies it
    """Named conditions, each a table of what is different in it."""
    vary: dict[str, Any] = {}  # noqa: RUF012
    """Lists of values by path, of which every combination is played."""

    @property
    def steps(self) -> Record:
        """Which steps must be recorded for what is kept."""
        return "all" if isinstance(self.record, tuple) else self.record

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that are kept; none where no choice is made."""
        return self.record if isinstance(self.record, tuple) else ()


class _Named(Table):
    name: OneLine


KEYS = tuple(Heading.model_fields)


@dataclass(frozen=True, eq=False)
class Experiment:
    """What a file says.

    Attributes
    ----------
    heading
        What every file says.
    variants
        What is played, by name: the parameters of the world.
    """

    heading: Heading
    variants: dict[str, Any]


def document_of(path: Path) -> tuple[str, Document]:
    """Return a file's text, and what is in it.

    Raises
    ------
    ValueError
        If there is no such file, it is too large, or it is no TOML, with line and column.
    """
    check_is_file("a scenario's file", path)
    if path.stat().st_size > LARGEST_FILE:
        raise ValueError(f"{path} must hold at most {LARGEST_FILE} bytes, got {path.stat().st_size}")
    text = read_text(path)
    try:
        document = tomllib.loads(text)
    except RecursionError:
        raise ValueError(f"{path} must be nested at most {DEEPEST} deep") from None
    except ValueError as error:  # also of whole numbers with thousands of digits
        raise ValueError(f"{path} must be written in TOML: {error}{_line_of(text, error)}") from None
    check_depth(path, document)
    return text, document


def _line_of(text: str, error: ValueError) -> str:
    """Return the line of which an error of TOML says the number, and what helps where a list is begun as a table."""
    found = _LINE.search(str(error))
    lines = text.splitlines()
    if found is None or int(found[1]) > len(lines):
        return ""
    line = lines[int(found[1]) - 1].strip()
    repeated = str(error).startswith(_REPEATED)
    hint = "; each condition begins with [[conditions]]" if repeated and "conditions" in line else ""
    return f", got {shown(line)}{hint}"


def check_depth(path: Path, document: Document) -> None:
    """Raise ValueError if tables and lists are nested too deeply to be walked through."""
    waiting: list[tuple[Any, int]] = [(document, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            raise ValueError(f"{path} must be nested at most {DEEPEST} deep")
        if isinstance(value, dict | list):
            inner: Iterable[Any] = value.values() if isinstance(value, dict) else value
            waiting += [(one, depth + 1) for one in inner]


def experiment_of(document: Document, path: Path) -> Experiment:
    """Return the experiment that a document describes; ValueError says what is wrong with it, in one line.

    Parameters
    ----------
    document
        That a file holds.
    path
        Of the file: paths in it begin at its folder.
    """
    heading = _heading_of(document, path)
    base = {key: value for key, value in document.items() if key not in KEYS}
    conditions = [
        condition | {"name": _name_of(k, condition, path)} for k, condition in enumerate(heading.conditions)
    ]
    try:
        variants = variants_of(base, conditions, heading.vary)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    context = {"folder": path.parent, "games": {}}
    made = {variant.name: _made(heading.world, variant, base, path, context) for variant in variants}
    return Experiment(heading, made)


def _heading_of(document: Document, path: Path) -> Heading:
    known = {key: value for key, value in document.items() if key in KEYS}
    if "world" not in known:
        raise ValueError(f"{path}: world must be given, one of {', '.join(world_names())}")
    try:
        return Heading.model_validate(known)
    except ValidationError as error:
        raise ValueError(f"{path}: {in_one_sentence(error, known)}") from None


def _name_of(number: int, condition: Document, path: Path) -> str:
    given = {key: value for key, value in condition.items() if key == "name"}
    try:
        return _Named.model_validate(given).name
    except ValidationError as error:
        raise ValueError(f"{path}: conditions[{number}].{in_one_sentence(error, given)}") from None


def _made(of: str, variant: Variant, base: Document, path: Path, context: dict[str, Any]) -> Any:
    """Return the parameters of a variant; what is wrong with the file as a whole is not said of a condition."""
    try:
        return adapter_of(of).validate_python(variant.document, context=context)
    except ValidationError as error:
        problem = in_one_sentence(error, variant.document, KEYS)
        try:
            adapter_of(of).validate_python(base, context=context)
        except ValidationError as wrong:
            if in_one_sentence(wrong, base, KEYS) == problem:
                raise ValueError(f"{path}: {problem}") from None
        else:
            pass
        where = f", condition {shown(variant.name)}" if variant.name else ""
        raise ValueError(f"{path}{where}: {problem}") from None


@cache
def adapter_of(of: str) -> TypeAdapter[Any]:
    """Return what reads the parameters of a world."""
    return TypeAdapter(made_of(world(of).Parameters))


def value_written(of: str, path: str, text: str) -> Any:
    """Return what a file that says `path = text` puts there into a world's parameters, such as a player by its name.

    Raises
    ------
    ValueError
        If a file could not say so.
    """
    document = nested(path, _value_of(text))
    try:
        made = adapter_of(of).validate_python(document, context={"folder": Path(), "games": {}})
    except ValidationError as error:
        raise ValueError(in_one_sentence(error, document)) from None
    return value_at(made, path)


def with_texts(document: Document, given: Iterable[str]) -> Document:
    """Return a document with values that are set as texts `path=value`, as if the file said so.

    Raises
    ------
    ValueError
        If a text has no `=`, a path is given twice, or is what the file itself varies.
    """
    changes: dict[str, Any] = {}
    for text in given:
        path, sign, value = text.partition("=")
        path = path.strip()
        if not sign or not path:
            raise ValueError(f"a setting must be written path=value, got {shown(text)}")
        if path in changes:
            raise ValueError(f"{path} must be set once, got it twice")
        changes[path] = _value_of(value.strip())
    varied = varied_paths(document)
    for path, value in changes.items():
        if path in varied:
            raise ValueError(
                f"{path} is what the file varies, so that setting it would change nothing: set "
                f"vary.{path}, or change its conditions"
            )
        document = merged(document, nested(path, value))
    return document


def varied_paths(document: Document, *, by_some: bool = False) -> set[str]:
    """Return the paths that the file varies, with those that each of its conditions sets, or some of them."""
    vary, conditions = document.get("vary", {}), document.get("conditions", [])
    varied = {path for path, _ in paths_of(vary)} if isinstance(vary, dict) else set()
    of_each = [
        {path for path, _ in paths_of(condition)} for condition in conditions if isinstance(condition, dict)
    ]
    join = set.union if by_some else set.intersection
    return varied | (join(*of_each) if of_each else set())


def _value_of(text: str) -> Any:
    """Return the value that a text is in TOML; what is none is taken as the text that it is."""
    try:
        found = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return found["value"] if set(found) == {"value"} else text
