"""Running an experiment from the shell: what is finished is stored first, then judged, told and drawn.

Every cell lies on the disk before the next is played, and a run can go on from an earlier one that did not come to
its end. Once all is judged, signals wait: data are written, tables printed whatever became of the data, and pictures
drawn until a signal comes. What went wrong is told in the end, a line each.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from scenarios.command.signals import Signals
from scenarios.command.streams import complain, say
from scenarios.command.tables import print_in_short, print_result
from scenarios.command.terminal import output_console
from scenarios.frame.plain_text import in_one_line, shortened
from scenarios.frame.results import Result, failures_in_words, in_words
from scenarios.frame.resuming import EarlierRun, earlier_run
from scenarios.frame.source import OURS, Source
from scenarios.frame.store import ENDED_EARLY, Folder, recover

Extra = Callable[[Result, Path], None]


def no_extra(result: Result, folder: Path) -> None:
    """Write no further files."""


Finished = Mapping[str, Any]
"""What an earlier run played, by the group of its cell."""


def run_and_tell(
    name: str,
    parameters: Mapping[str, Any],
    play: Callable[[Folder, Finished], Result],
    out: Path,
    signals: Signals,
    *,
    as_json: bool,
    in_full: bool = True,
    extra: Extra = no_extra,
    source: Source = OURS,
    kinds: Sequence[str] = ("png",),
    resume: bool = False,
) -> None:
    """Play, store, print and draw.

    Parameters
    ----------
    name, parameters
        Of the run, as they are stored.
    play
        Plays and judges; the folder that it is given keeps each finished cell and notes each that failed. Cells that
        an earlier run finished are given, too.
    out
        The folder that results go to.
    signals
        Taken over.
    as_json
        Whether one JSON object is printed instead of tables.
    in_full
        Whether all tables are printed, or the finding and the first one. What could not be stored is printed in full.
    extra
        Writes further files into the folder of the run.
    source
        Where the scenario is from, if it is none of the project's.
    kinds
        Of the files that pictures are drawn as: png, svg, pdf.
    resume
        Whether the latest unfinished run of the same name and parameters in `out` is gone on with.

    Raises
    ------
    ValueError
        At once, if there is nothing to resume. In the end, if something failed: a cell, the report, the store, the
        output or a picture. Of several faults it is the last; those before are told by then.
    KeyboardInterrupt
        In the end, if a signal came.
    """
    with Folder(out, name, parameters, source) as folder:
        for line in recover(out):
            _tell(line)
        finished = _taken_over(earlier_run(out, name, parameters, source), folder) if resume else {}
        result = _played(lambda folder: play(folder, finished), folder, signals)
        earlier = signals.hold()
        problems = _finish(
            result, folder, signals, as_json=as_json, in_full=in_full, extra=extra, kinds=kinds
        )
        ended = signals.received or earlier or (KeyboardInterrupt() if result.interrupted else None)
    last = problems.pop() if ended is None and problems else None
    for problem in problems:
        _tell(problem)
    if last is not None:
        raise ValueError(last) from next(iter(result.failures.values()), None)
    if ended is not None:
        raise ended


def _taken_over(earlier: EarlierRun, folder: Folder) -> Finished:
    """Keep an earlier run's finished cells in the folder of this run, and return what they played."""
    try:
        folder.take_over(earlier.contents, earlier.at_work)
    except OSError as error:
        raise ValueError(f"finished cells of {earlier.path} must be copied, got {_reason(error)}") from error
    count, at_work = len(earlier.played), any(folder.at_work.iterdir())
    again = f"{count} finished {'cell is' if count == 1 else 'cells are'} not played again"
    _tell(f"going on from {earlier.path}: {again}{', and one goes on where it was' if at_work else ''}")
    return earlier.played


def _played(play: Callable[[Folder], Result], folder: Folder, signals: Signals) -> Result:
    """Play and judge; where judging ends by a failure or a signal, publish the cells and pass that on."""
    try:
        return play(folder)
    except (KeyboardInterrupt, Exception) as error:
        signals.hold()
        for line in failures_in_words(_others(folder.failures, error)):
            _tell(line)
        if not folder.holds_something():
            raise
        if isinstance(error, KeyboardInterrupt):
            _tell(f"interrupted: {_rescued(folder, ENDED_EARLY)}")
            raise
        failed = f"the report failed ({in_words(error)})"
        raise ValueError(f"{failed}: {_rescued(folder, failed)}") from error


def _others(failures: Mapping[str, Exception], error: BaseException) -> dict[str, Exception]:
    """Return the failures of cells without those that `error` says, where it is itself what a cell failed with."""
    of_a_cell = [in_words(failure) for failure in failures.values() if failure is error]
    return {cell: failure for cell, failure in failures.items() if in_words(failure) not in of_a_cell}


def _rescued(folder: Folder, ended: str) -> str:
    """Publish what finished cells gave, and return where it is in words."""
    try:
        rescued = folder.rescue(ended)
    except Exception as error:
        return f"what finished cells gave could not be stored: {_reason(error)}{_kept(folder)}"
    if not rescued:
        return ""
    if not rescued[1]:
        return f"how far the first cell was is in {rescued[0]}; the same command with --resume goes on"
    return f"what {rescued[1]} finished cells gave is in {rescued[0]}, without a report"


def _finish(
    result: Result,
    folder: Folder,
    signals: Signals,
    *,
    as_json: bool,
    in_full: bool,
    extra: Extra,
    kinds: Sequence[str],
) -> list[str]:
    """Store, print and draw what was found, and return what went wrong."""
    problems = failures_in_words(result.failures)
    unwritable: OSError | None = None
    path, missing = None, {}
    of_cells = len(problems)
    stored = _stored(result, folder, problems, extra)
    in_full = in_full or len(problems) > of_cells
    if not as_json:
        try:
            (print_result if in_full else print_in_short)(output_console(), result)
        except OSError as error:
            unwritable = error
        except Exception as error:
            problems.append(f"the tables could not be printed ({in_words(error)})")
    if stored:
        missing = folder.draw(result.make_pictures, lambda: signals.received is not None, kinds)
        try:
            path = folder.publish()
        except OSError as error:
            problems.append(f"the folder {folder.path} could not be given its name: {error.strerror}")
    try:
        _tell_where(result, path, missing, as_json=as_json)
        if not (as_json or in_full):
            _tell_of_more(len(result.tables) - 1, path)
    except OSError as error:
        unwritable = unwritable or error
    except Exception as error:
        problems.append(f"the result could not be printed ({in_words(error)}); data are in {path}")
    if missing and not signals.received:
        reasons = "; ".join(f"{name} ({reason})" for name, reason in missing.items())
        problems.append(f"pictures are missing: {reasons}")
    if unwritable is not None:
        where = f"; pictures and data are in {path}" if path else ""
        problems.append(f"standard output must be writable, got {unwritable.strerror}{where}")
    return problems


def _stored(result: Result, folder: Folder, problems: list[str], extra: Extra) -> bool:
    """Store a result, or finished cells alone where it has what no file can hold; return whether that was done."""
    try:
        folder.store(result, lambda path: extra(result, path))
    except OSError as error:
        problems.append(f"the result could not be stored: {_reason(error)}{_kept(folder)}")
    except Exception as error:
        failed = f"the report could not be stored ({in_words(error)})"
        try:
            folder.store_cells(failed)
        except Exception as fault:
            problems.append(f"{failed}, nor what finished cells gave: {_reason(fault)}{_kept(folder)}")
        else:
            problems.append(f"{failed}: what {folder.count()} finished cells gave is stored without it")
            return True
    else:
        return True
    return False


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or in_words(error)


def _kept(folder: Folder) -> str:
    """Say where finished cells are of which no result could be made."""
    kept = folder.count()
    return f"; {kept} finished cells are kept in {folder.path} for the next run to recover" if kept else ""


def _tell_where(result: Result, path: Path | None, missing: Mapping[str, str], *, as_json: bool) -> None:
    if as_json:
        plain = result.to_dict() | {"results": None if path is None else str(path)}
        say(json.dumps(plain, indent=1, allow_nan=False))
    elif path is not None:
        not_drawn = f" (not drawn: {', '.join(missing)})" if missing else ""
        text = f"Pictures and data are in {in_one_line(str(path))}{not_drawn}"
        output_console().print(text, soft_wrap=True)
        if not result.complete:
            more = "The same command with --resume plays the cells that are missing"
            output_console().print(more, soft_wrap=True)


def _tell_of_more(tables: int, path: Path | None) -> None:
    """Say how to see the tables that were not printed."""
    if tables > 0:
        more = "One more table" if tables == 1 else f"{tables} more tables"
        show = "" if path is None else f", or commonweal show {in_one_line(shlex.quote(str(path)))}"
        output_console().print(f"{more}: --full{show}", soft_wrap=True)


def _tell(line: str) -> None:
    complain("commonweal: " + in_one_line(shortened(line)))
