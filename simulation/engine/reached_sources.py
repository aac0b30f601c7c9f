"""What a law reaches: the files of the functions that it calls, and the values of the constants that it reads.

Two laws that reach the same text and the same constants compile to the same code, whatever else was edited.
The walk follows the global names that a function's bytecode loads, the cells that it closes over and the names
in its annotations (a state's fields are found by name), into every function and class outside of the libraries.
"""

from __future__ import annotations

import builtins
import dis
import hashlib
import re
import sys
import sysconfig
from collections.abc import Callable, Iterator
from enum import Enum
from functools import cache
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")})


def reached_digest(function: Callable[..., Any]) -> str:
    """Return a hash of all sources and constants that `function` reaches.

    Raises
    ------
    ValueError
        If a function that is reached reads a global name that is not defined yet (what stands below it would
        be left out), or a constant of a kind that has no stable text.
    """
    sources: set[Path] = set()
    constants: set[str] = set()
    seen: set[int] = set()
    waiting: list[tuple[str, Any]] = [(function.__name__, function)]
    while waiting:
        name, value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        value = getattr(value, "py_func", value)  # of a compiled function, the text that it was made of
        if isinstance(value, (FunctionType, type)):
            source = source_file(value)
            if source is not None:
                sources.add(source)
                waiting += _reached_by(value) if isinstance(value, FunctionType) else ()
        elif not isinstance(value, (ModuleType, BuiltinFunctionType, np.ufunc)):
            constants.add(f"{name}={_text_of(name, value)}")
    digest = hashlib.sha256()
    for part in (*sorted(_hash_of_file(source) for source in sources), *sorted(constants)):
        digest.update(part.encode())
    return digest.hexdigest()


def _reached_by(function: FunctionType) -> Iterator[tuple[str, Any]]:
    for name in sorted(_global_names(function.__code__)):
        if name in function.__globals__:
            yield name, function.__globals__[name]
        elif not hasattr(builtins, name):
            raise ValueError(
                f"what a compiled law reads must be defined above it, got {name!r} in {function.__qualname__}"
            )
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        yield name, cell.cell_contents
    for annotation in function.__annotations__.values():
        for name in re.findall(r"\w+", str(annotation)):
            if isinstance(function.__globals__.get(name), type):
                yield name, function.__globals__[name]


def _global_names(code: CodeType) -> set[str]:
    names = {step.argval for step in dis.get_instructions(code) if step.opname == "LOAD_GLOBAL"}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= _global_names(constant)
    return names


def source_file(value: FunctionType | type) -> Path | None:
    """Return the file that defines a function or class, None where that is a library or no file at all."""
    module = sys.modules.get(value.__module__)
    file = (
        value.__code__.co_filename if isinstance(value, FunctionType) else getattr(module, "__file__", None)
    )
    if file is None or file.startswith(_LIBRARIES) or "site-packages" in file or not Path(file).is_file():
        return None
    return Path(file).resolve()


def _text_of(name: str, value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape} {hashlib.sha256(value.tobytes()).hexdigest()}"
    if isinstance(value, tuple):
        return f"({', '.join(_text_of(name, part) for part in value)})"
    if value is None or isinstance(
        value, (bool, int, float, complex, str, bytes, Enum, np.generic, np.dtype)
    ):
        return repr(value)
    raise ValueError(
        f"a constant of a compiled law must be a number, text, array or tuple, got {name}={value!r}"
    )


@cache
def _hash_of_file(source: Path) -> str:
    return hashlib.sha256(source.read_bytes()).hexdigest()
