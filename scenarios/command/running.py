"""Running an experiment from the shell: what is finished is stored first, then judged, told and drawn.

Every cell lies on the disk before the next is played. Once all is judged, signals wait: data are written, tables
printed whatever became of the data, and pictures drawn until a signal comes. What went wrong is told in the end, in
one line.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from scenarios.command.signals import Signals
from scenarios.command.streams import complain, say
from scenarios.command.tables import print_result
from scenarios.command.terminal import output_console
from scenarios.frame.plain_text import in_one_line, shortened
from scenarios.frame.results import Result, in_words
from scenarios.frame.scenario import Keep
from scenarios.frame.store import Folder, recover

Extra = Callable[[Result, Path], None]


def no_extra(result: Result, folder: Path) -> None:
    """Write no further files."""


def run_and_tell(
    name: str,
    parameters: Mapping[str, Any],
    play: Callable[[Keep], Result],
    out: Path,
    signals: Signals,
    *,
    as_json: bool,
    extra: Extra = no_extra,
) -> None:
    """Play, store, print and draw.

    Parameters
    ----------
    name, parameters
        Of the run, as they are stored.
    play
        Plays and judges; it is given what stores a finished cell.
    out
        The folder that results go to.
    signals
        Taken over.
    as_json
        Whether one JSON object is printed instead of tables.
    extra
        Writes further files into the folder of the run.

    Raises
    ------
    ValueError
        In the end, if something failed: a cell, the store, the output or a picture.
    KeyboardInterrupt
        In the end, if a signal came.
    """
    with Folder(out, name, parameters) as folder:
        for line in recover(out):
            _tell(line)
        result = _played(play, folder, signals)
        earlier = signals.hold()
        problems = _finish(result, folder, signals, as_json=as_json, extra=extra)
        ended = signals.received or earlier or (KeyboardInterrupt() if result.interrupted else None)
    if ended is None and problems:
        raise ValueError("; ".join(problems))
    for problem in problems:
        _tell(problem)
    if ended is not None:
        raise ended


def _played(play: Callable[[Keep], Result], folder: Folder, signals: Signals) -> Result:
    """Play and judge; where judging ends by a failure or a signal, publish the cells and pass that on."""
    try:
        return play(folder.keep)
    except (KeyboardInterrupt, Exception) as error:
        signals.hold()
        rescued = folder.rescue()
        if rescued is None:
            raise
        where = f"what {rescued[1]} finished cells gave is in {rescued[0]}, without a report"
        if isinstance(error, KeyboardInterrupt):
            _tell(f"interrupted: {where}")
            raise
        raise ValueError(f"the report failed ({in_words(error)}): {where}") from error


def _finish(result: Result, folder: Folder, signals: Signals, *, as_json: bool, extra: Extra) -> list[str]:
    """Store, print and draw what was found, and return what went wrong."""
    problems = [f"cell {cell} failed: {in_words(error)}" for cell, error in result.failures.items()]
    unwritable: OSError | None = None
    path, missing = None, {}
    stored = _stored(result, folder, problems, extra)
    if not as_json:
        try:
            print_result(output_console(), result)
        except OSError as error:
            unwritable = error
    if stored:
        missing = folder.draw(result.make_pictures, stop=lambda: signals.received is not None)
        try:
            path = folder.publish()
        except OSError as error:
            problems.append(f"the folder {folder.path} could not be given its name: {error.strerror}")
    try:
        _tell_where(result, path, missing, as_json=as_json)
    except OSError as error:
        unwritable = unwritable or error
    if missing and not signals.received:
        reasons = "; ".join(f"{name} ({reason})" for name, reason in missing.items())
        problems.append(f"pictures are missing: {reasons}")
    if unwritable is not None:
        where = f"; pictures and data are in {path}" if path else ""
        problems.append(f"standard output must be writable, got {unwritable.strerror}{where}")
    return problems


def _stored(result: Result, folder: Folder, problems: list[str], extra: Extra) -> bool:
    try:
        folder.store(result, lambda path: extra(result, path))
    except Exception as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or in_words(error)
        kept = folder.count()
        what = f"{kept} finished cells are kept in {folder.path} for the next run to recover" if kept else ""
        problems.append(f"the result could not be stored: {reason}" + (f"; {what}" if what else ""))
        return False
    return True


def _tell_where(result: Result, path: Path | None, missing: Mapping[str, str], *, as_json: bool) -> None:
    if as_json:
        plain = result.to_dict() | {"results": None if path is None else str(path)}
        say(json.dumps(plain, indent=1, allow_nan=False))
    elif path is not None:
        not_drawn = f" (not drawn: {', '.join(missing)})" if missing else ""
        text = f"Pictures and data are in {in_one_line(str(path))}{not_drawn}"
        output_console().print(text, soft_wrap=True)


def _tell(line: str) -> None:
    complain("commonweal: " + in_one_line(shortened(line)))
