"""Compiling laws with numba, so that the plain Python text stays the one owner of each rule.

`rule` marks a function that laws are built of: called from Python it is plain Python, called from a
compiled law it is compiled with it. `compiled` makes the machine-code twin of a law.

Rules and laws allocate nothing: arrays come from outside. So they are compiled without numba's counting of
references, which would take four times as long as the arithmetic of a round of mechanism design.

numba's file cache notices a change in the file of the compiled function but not in a function that it
calls from another file. So the compiled code of a law is kept (`kept_code`) under a hash of all that the law
reaches (`reached_sources`): an edit there compiles anew, an edit anywhere else does not.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core.errors import NumbaError, UnsupportedBytecodeError
from numba.extending import register_jitable

from simulation.engine.kept_code import KeptCode
from simulation.engine.linked_rules import RULE_OPTIONS, LawCompiler, LoopCompiler
from simulation.engine.reached_sources import reached_digest

Function = TypeVar("Function", bound=Callable[..., Any])


def rule(function: Function) -> Function:
    """Mark a function as part of laws: plain in Python, compiled and inlined inside a compiled law.

    Compiled code does not look whether an index is one: beyond its numbers it would read and write what belongs to
    others. The project's rules are tested in plain Python; those of anybody else look at each index.
    """
    return register_jitable(forceinline=True, boundscheck=not is_own(function), **RULE_OPTIONS)(function)


def is_own(function: Callable[..., Any]) -> bool:
    """Return whether a function is one of the project's."""
    return (function.__module__ or "").partition(".")[0] in ("simulation", "theory")


def rare_rule(function: Function) -> Function:
    """Mark a part of laws that the usual round does not reach: compiled as a call, not inlined."""
    return register_jitable(**RULE_OPTIONS)(function)


def loop_rule(function: Function) -> Function:
    """Mark a loop of a law that is only vectorised if nothing stands around it: compiled as a call, never inlined."""
    return register_jitable(**(RULE_OPTIONS | {"forceinline": False, "pipeline_class": LoopCompiler}))(
        function
    )


def compiled(function: Function) -> Function:
    """Return the machine-code twin of a law: strict IEEE arithmetic, without the GIL, kept for later runs."""
    # numba's "python" error model tests every divisor, which keeps loops from being vectorised.
    options: dict[str, Any] = {
        "nogil": True,
        "error_model": "numpy",
        "_nrt": False,
        "pipeline_class": LawCompiler,
    }
    twin = numba.njit(function, **options)
    if hasattr(twin, "enable_caching"):  # with NUMBA_DISABLE_JIT it is the law itself
        # What enable_caching() does, with files of our own.
        twin._cache = KeptCode(function, cache_folder(function))
    return cast(Function, twin)


def cache_folder(law: Callable[..., Any]) -> Path:
    """Return the folder of the compiled code of a law as it now stands."""
    return kept_folder() / reached_digest(law, bytecode=True)[:16]


def kept_folder() -> Path:
    """Return the folder below which machine code is kept; it need not exist."""
    return _base_folder() / "commonweal-compiled"


def _base_folder() -> Path:
    given = os.environ.get("NUMBA_CACHE_DIR")
    if given:  # empty is not set, as numba has it; the path "" would be the present folder
        return Path(given)
    if sys.prefix != sys.base_prefix and os.access(sys.prefix, os.W_OK):
        return Path(sys.prefix)
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:  # nobody's home is known: nothing is kept
        return Path(os.devnull)


# What numba raises at what it cannot translate: opcodes that it does not know are no NumbaError.
UNTRANSLATABLE = (NumbaError, UnsupportedBytecodeError)


def line_beyond_numba(error: str) -> str:
    """Return the line that numba cannot translate, as it tells it from inside out, and what it says of it.

    Lines of libraries are left out.
    """
    for place in re.finditer(r'File "([^"]+)", line (\d+):| at (\S+) \((\d+)\)', error):
        file, line = place[1] or place[3], place[2] or place[4]
        if "site-packages" in file:
            continue
        said = [text.strip() for text in error[: place.start()].splitlines() if text.strip()]
        reasons = [text for text in said if not text.startswith(("During:", "raised from"))]
        return f"line {line} of {Path(file).name} is beyond numba: {reasons[-1] if reasons else said[-1]}"
    return error.strip().splitlines()[-1]
