"""What a law reaches: the functions that it calls, their files, and the values of the constants that it reads.

Two laws that reach the same text in the same places and the same constants compile to the same code, whatever else
was edited. The walk follows the global names that a function's bytecode loads, what it reads of modules, the cells
that it closes over, the defaults of its parameters and the names in its annotations (a state's fields are found by
name), into every function and class outside of Python's library, NumPy and numba. Laws that a factory makes of
different rules differ, although all stand in one text: the walk keeps which name leads where.
"""

from __future__ import annotations

import builtins
import dis
import hashlib
import re
import sys
from collections.abc import Callable, Iterator
from enum import Enum
from functools import cache
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

# Of these the version is part of what compiled code is kept by.
_LIBRARIES = frozenset({"numba", "numpy", "llvmlite"}) | sys.stdlib_module_names


def reached_digest(function: Callable[..., Any], *, bytecode: bool = False) -> str:
    """Return a hash of all sources and constants that `function` reaches.

    Parameters
    ----------
    function
        A function, compiled or not, or a class.
    bytecode
        Whether the functions' bytecode counts too, which differs from one version of Python to the next. A file that
        was edited after it was imported then gives a hash that nobody else finds.

    Raises
    ------
    ValueError
        If a function that is reached reads a global name that is not defined yet (what stands below it would
        be left out), or a constant of a kind that has no stable text.
    """
    walk = _Walk(bytecode)
    walk.token(function.__name__, function)
    return hashlib.sha256("\n".join(walk.lines).encode()).hexdigest()


class _Walk:
    """Numbers functions and classes in the order in which they are met, and writes a line for each."""

    def __init__(self, bytecode: bool) -> None:
        self._bytecode = bytecode
        self._numbers: dict[int, int] = {}
        self._met: list[Any] = []  # kept alive, so that no two things met have one identity
        self.lines: list[str] = []

    def token(self, name: str, value: Any) -> str:
        """Return the text that stands for a value; the line of what it reaches is written once."""
        # What numba wraps around a function holds the text that the function was made of.
        value = getattr(value, "py_func", getattr(value, "_defn", value))
        if isinstance(value, tuple):
            return f"({', '.join(self.token(name, part) for part in value)})"
        if isinstance(value, (BuiltinFunctionType, np.ufunc)):
            return value.__name__
        if not isinstance(value, (FunctionType, type)):
            return _text_of(name, value)
        if _is_of_a_library(value.__module__):
            return f"{value.__module__}.{value.__qualname__}"
        if id(value) not in self._numbers:
            number = self._numbers[id(value)] = len(self._numbers)
            self._met.append(value)
            self.lines.append(f"{number}: {self._line_of(value)}")
        return f"#{self._numbers[id(value)]}"

    def _line_of(self, value: FunctionType | type) -> str:
        source = source_file(value)
        parts = [value.__qualname__, "" if source is None else _hash_of_file(source)]
        if isinstance(value, type):
            parts += [repr(getattr(value, "_fields", ())), repr(getattr(value, "_field_defaults", {}))]
            parts += [f"{one.name}={one.value!r}" for one in value] if issubclass(value, Enum) else []
            return " ".join(parts)
        if self._bytecode or source is None:
            parts.append(_hash_of_code(value.__code__))
        parts += [f"{name}={self.token(name, reached)}" for name, reached in _reached_by(value)]
        return " ".join(parts)


def _reached_by(function: FunctionType) -> Iterator[tuple[str, Any]]:
    scope, names = function.__globals__, _attributes(function.__code__)
    for name in _global_names(function.__code__):
        if name not in scope:
            if hasattr(builtins, name):
                continue
            raise ValueError(
                f"what a compiled law reads must be defined above it, got {name!r} in {function.__qualname__}"
            )
        yield from _read_of(name, scope[name], names)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            value = cell.cell_contents
        except ValueError:
            raise ValueError(
                f"what a compiled law reads must be defined above it, got {name!r} in {function.__qualname__}"
            ) from None
        yield from _read_of(name, value, names)
    for default in function.__defaults__ or ():
        yield "default", default
    for name, default in sorted((function.__kwdefaults__ or {}).items()):
        yield name, default
    for annotation in function.__annotations__.values():
        for name in re.findall(r"\w+", str(annotation)):
            if isinstance(scope.get(name), type):
                yield name, scope[name]


def _read_of(name: str, value: Any, attributes: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Yield a value; of a module what its attributes of these names are."""
    if not isinstance(value, ModuleType):
        yield name, value
    elif not _is_of_a_library(value.__name__):
        for attribute in attributes:
            if hasattr(value, attribute):
                yield from _read_of(f"{name}.{attribute}", getattr(value, attribute), attributes)


def _is_of_a_library(module: str | None) -> bool:
    return (module or "").partition(".")[0] in _LIBRARIES


@cache
def _global_names(code: CodeType) -> tuple[str, ...]:
    names = {step.argval for step in dis.get_instructions(code) if step.opname == "LOAD_GLOBAL"}
    return tuple(sorted(names.union(*map(_global_names, _nested(code)))))


@cache
def _attributes(code: CodeType) -> tuple[str, ...]:
    return tuple(sorted({*code.co_names}.union(*map(_attributes, _nested(code)))))


def _nested(code: CodeType) -> list[CodeType]:
    return [constant for constant in code.co_consts if isinstance(constant, CodeType)]


@cache
def _hash_of_code(code: CodeType) -> str:
    def text(constant: Any) -> str:
        if isinstance(constant, CodeType):
            return _hash_of_code(constant)
        return repr(sorted(map(repr, constant)) if isinstance(constant, frozenset) else constant)

    shape = (code.co_argcount, code.co_kwonlyargcount, code.co_posonlyargcount, code.co_flags)
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    parts = (code.co_code.hex(), repr(shape), repr(names), *map(text, code.co_consts))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def source_file(value: FunctionType | type) -> Path | None:
    """Return the file that defines a function or class, None where that is a library or no file at all."""
    if _is_of_a_library(value.__module__):
        return None
    module = sys.modules.get(value.__module__)
    file = (
        value.__code__.co_filename if isinstance(value, FunctionType) else getattr(module, "__file__", None)
    )
    if file is None or not Path(file).is_file():
        return None
    return Path(file).resolve()


def _text_of(name: str, value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape} {hashlib.sha256(value.tobytes()).hexdigest()}"
    if value is None or isinstance(
        value, (bool, int, float, complex, str, bytes, Enum, np.generic, np.dtype)
    ):
        return repr(value)
    if type(value).__module__.startswith("numba."):
        return str(value)  # a type
    raise ValueError(
        f"a constant of a compiled law must be a number, text, array, function or tuple, got {name}={value!r}"
    )


@cache
def _hash_of_file(source: Path) -> str:
    return hashlib.sha256(source.read_bytes()).hexdigest()
