"""A scenario of one's own in a Python file, which `commonweal run ./my_scenario.py` plays.

The file is a program of its author's, run as Python runs it. It ends in `SCENARIO = Scenario(...)`, as the modules
of the project's scenarios do; the project keeps nothing of it but its text and hash beside the results.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from traceback import extract_tb
from types import ModuleType
from typing import Any

from scenarios.frame.scenario import Scenario
from scenarios.frame.source import source_of_file
from theory.checks import shown
from theory.text_files import check_is_file, read_text

# Modules of files are known by this and the file's name, which may be that of a library.
_CALLED = "scenario_file_"


def scenario_of_python_file(path: Path) -> Scenario[Any, Any, Any]:
    """Return the scenario that a Python file holds; beside it, it may import files of its folder.

    Raises
    ------
    ValueError
        If there is no such file, it fails when it is run (with the line), or `SCENARIO` is no scenario.
    """
    check_is_file("a scenario's file", path)
    text = read_text(path)
    module = ModuleType(_CALLED + path.stem)
    module.__file__ = str(path)
    # Dataclasses and readers of their fields look their module up.
    sys.modules[module.__name__] = module
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)
    try:
        exec(compile(text, str(path), "exec"), module.__dict__)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a file may also end the program
        raise ValueError(f"{path} must be a module that Python can run, got {_told(error, path)}") from error
    scenario = getattr(module, "SCENARIO", None)
    if not isinstance(scenario, Scenario):
        raise ValueError(f"{path} must hold SCENARIO = Scenario(...), got {shown(scenario)}")
    return replace(scenario, about=scenario.about or first_line(module), source=source_of_file(path, text))


def first_line(module: ModuleType) -> str:
    """Return the first line of a module's text, which says what its scenario asks."""
    return (module.__doc__ or "").strip().partition("\n")[0]


def _told(error: BaseException, path: Path) -> str:
    """Return an error's kind and words, and the last line of the file that it came through."""
    if isinstance(error, SyntaxError):  # names its line
        return f"SyntaxError: {error}"
    lines = [frame.lineno for frame in extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f"{type(error).__name__}{f' in line {lines[-1]}' if lines else ''}: {error}"
