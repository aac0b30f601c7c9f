"""Compiling laws with numba, so that the plain Python text stays the one owner of each rule.

`rule` marks a function that laws are built of: called from Python it is plain Python, called from a
compiled law it is compiled with it. `compiled` makes the machine-code twin of a law.

Rules and laws allocate nothing: arrays come from outside. So they are compiled without numba's counting of
references, which would take four times as long as the arithmetic of a round of mechanism design.

numba's file cache notices a change in the file of the compiled function but not in a function that it
calls from another file. So the compiled code of a law is kept under a hash of all that the law reaches
(`reached_sources`): an edit there starts a fresh cache, an edit anywhere else recompiles nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar, cast

import numba
from numba.core import config
from numba.extending import register_jitable

from simulation.engine.reached_sources import reached_digest

_config: Any = config  # numba fills this module while it is imported, which type checkers cannot see

# Threads that make twins at once would take each other's folder, or none: the one they stand in.
_SETTING_THE_FOLDER = Lock()

Function = TypeVar("Function", bound=Callable[..., Any])


def rule(function: Function) -> Function:
    """Mark a function as part of laws: plain in Python, compiled and inlined inside a compiled law."""
    return register_jitable(forceinline=True, _nrt=False)(function)


def rare_rule(function: Function) -> Function:
    """Mark a part of laws that the usual round does not reach: compiled as a call, not inlined."""
    return register_jitable(_nrt=False)(function)


def compiled(function: Function) -> Function:
    """Return the machine-code twin of a law: strict IEEE arithmetic, without the GIL, cached."""
    folder = str(cache_folder(function))
    # numba's "python" error model tests every divisor, which keeps loops from being vectorised.
    options: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
    with _SETTING_THE_FOLDER:
        keep = _config.CACHE_DIR
        # numba asks for the folder when the twin is made, so nothing outside sees this setting.
        _config.CACHE_DIR = folder
        try:
            return cast(Function, numba.njit(function, **options))
        finally:
            _config.CACHE_DIR = keep


def cache_folder(law: Callable[..., Any]) -> Path:
    """Return the folder of the compiled code of a law as it now stands."""
    return _base_folder() / reached_digest(law)[:16]


def _base_folder() -> Path:
    given = os.environ.get("NUMBA_CACHE_DIR")
    if given:  # empty is not set, as numba has it; the path "" would be the present folder
        return Path(given)
    if sys.prefix != sys.base_prefix and os.access(sys.prefix, os.W_OK):
        return Path(sys.prefix) / "commonweal-compiled"
    user_cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(user_cache) / "commonweal-compiled"
