"""Where results go: one folder a run, hidden until it is whole, with every finished cell in it from the first moment.

While a run is on, `.NAME-....partial` holds `begun.json` (what was asked for) and each finished cell. In the end it
becomes `NAME-DATE-TIME`: `data.nc` (all cells; NetCDF-4 with one group each), `summary.json` (measured quantities,
verdicts, finding, tables), `cells.csv` and `verdicts.csv` (the same as flat tables), `run.json` (parameters, seconds,
versions, what is missing) and pictures. Of a run that was killed the folder stays; `recover` makes a result of it
that says what it lacks. A lock tells such a folder from that of a run at work. Where cells are missing, finished ones
stay in the folder `cells`, and in `at-work` how far an unfinished one of minutes was: a later run can go on from
there (`resuming.py`).
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from scenarios.frame.files import check_writable, locked, rename_to_fresh, write_whole
from scenarios.frame.flat import csv_bytes, flat_cells, flat_verdicts
from scenarios.frame.results import Picture, Result, errors_in_words, in_words
from scenarios.frame.source import OURS, Source

_JUST_MADE = 60.0
"""Seconds."""

_LIBRARIES = ("commonweal", "mesa", "numpy", "numba", "scipy", "xarray")

BEGUN, CELLS, AT_WORK = "begun.json", "cells", "at-work"
DATA, SUMMARY, RUN = "data.nc", "summary.json", "run.json"
PICTURE_KINDS = ("png", "svg", "pdf")
CELLS_TABLE, VERDICTS_TABLE = "cells.csv", "verdicts.csv"

# Stands for pictures whose names are not known yet.
ALL_PICTURES = "all"

# What ended a run of which nothing else is known.
ENDED_EARLY = "before its report"


class Folder:
    """The folder of a run, to be entered by `with`: what is neither published nor of use is removed at the end.

    Parameters
    ----------
    out
        The folder that results go to.
    name, parameters, source
        Of the run.

    Raises
    ------
    ValueError
        If the folder cannot be written.
    """

    def __init__(self, out: Path, name: str, parameters: Mapping[str, Any], source: Source = OURS) -> None:
        check_writable(out)
        try:
            self.path, self._lock = _fresh_folder(out, name)
            begun = {"scenario": name, "parameters": parameters, "versions": versions()}
            self._write_json(BEGUN, begun | ({"source": dict(source)} if source else {}))
            (self.path / CELLS).mkdir()
            self.at_work.mkdir()
        except OSError as error:
            self._remove()
            raise ValueError(f"the output folder must be writable, got {out}: {error.strerror}") from error
        self._name = name
        self.failures: dict[str, Exception] = {}

    @classmethod
    def adopt(cls, path: Path) -> Self | None:
        """Return the folder that a run left which is no more; None if it is not one, or its run is at work."""
        lock = locked(path)
        if lock is None:
            return None
        folder = cls.__new__(cls)
        folder.path, folder._lock, folder.failures = path, lock, {}
        for file in (RUN, BEGUN):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                folder._name = str(json.loads((path / file).read_text(encoding="utf-8"))["scenario"])
                return folder
        with contextlib.suppress(OSError):
            path.rmdir()  # only what is empty goes
        os.close(lock)
        return None

    @property
    def at_work(self) -> Path:
        """The folder in which cells of minutes keep how far they are."""
        return self.path / AT_WORK

    def keep(self, group: str, played: Any) -> None:
        """Store a finished cell; a disk that is full then does not stop the run, whose end will say so."""
        from scenarios.frame.records import cell_bytes

        number = self.count()
        with contextlib.suppress(OSError):
            write_whole(self.path / CELLS / f"{number:06d}.npz", cell_bytes(group, played))

    def take_over(self, contents: Sequence[bytes], at_work: Path) -> None:
        """Keep cells that an earlier run finished, as they were kept then, and how far an unfinished one was.

        Raises
        ------
        OSError
            If the disk is full or fails; then this folder is gone, and the earlier one as it was.
        """
        try:
            for number, content in enumerate(contents, start=self.count()):
                write_whole(self.path / CELLS / f"{number:06d}.npz", content)
            if at_work.is_dir():
                shutil.copytree(at_work, self.at_work, dirs_exist_ok=True)
        except OSError:
            self._remove()
            raise

    def note_failure(self, group: str, error: Exception) -> None:
        """Remember what a cell failed with, in case that no report will say it."""
        self.failures[group] = error

    def store(self, result: Result, extra: Callable[[Path], None] = lambda folder: None) -> None:
        """Write data and summary, what `extra` adds, and at last what says that they are there.

        Raises
        ------
        OSError
            If the disk is full or fails. What `keep` stored stays.
        """
        from scenarios.frame.records import netcdf_bytes

        write_whole(self.path / DATA, netcdf_bytes(result.data))
        summary = {name: value for name, value in result.to_dict().items() if name != "parameters"}
        self._write_json(SUMMARY, summary | {"tables": [asdict(table) for table in result.tables]})
        write_whole(self.path / CELLS_TABLE, csv_bytes(flat_cells(result.cells)))
        write_whole(self.path / VERDICTS_TABLE, csv_bytes(flat_verdicts(result.verdicts)))
        extra(self.path)
        self._write_json(
            RUN,
            {
                "scenario": result.scenario,
                "parameters": result.parameters,
                "seconds": result.seconds,
                "complete": result.complete,
                "finished_cells": self.count(),
                "missing_pictures": [ALL_PICTURES],
                "versions": versions(),
            }
            | ({"source": dict(result.source)} if result.source else {}),
        )

    def draw(
        self,
        make_pictures: Callable[[], Sequence[Picture]],
        stop: Callable[[], bool] = lambda: False,
        kinds: Sequence[str] = ("png",),
    ) -> dict[str, str]:
        """Draw pictures as files of these kinds, asking `stop` before each; return why some are missing, by name."""
        missing = {}
        try:
            pictures = make_pictures()
            self._check_names(pictures)
        except Exception as error:
            return {ALL_PICTURES: in_words(error)}
        self._set_missing([picture.name for picture in pictures])
        for picture in pictures:
            if stop():
                missing[picture.name] = "interrupted"
                continue
            try:
                for kind, content in picture_files(picture, kinds).items():
                    write_whole(self.path / f"{picture.name}.{kind}", content)
            except Exception as error:
                missing[picture.name] = in_words(error)
        return missing

    def publish(self) -> Path:
        """Give a stored run its final name, and return it."""
        run = json.loads((self.path / RUN).read_text(encoding="utf-8"))
        if run["complete"]:
            shutil.rmtree(self.path / CELLS, ignore_errors=True)
        if run["complete"] or not self._is_at_work():
            shutil.rmtree(self.at_work, ignore_errors=True)
        for leftover in (self.path / BEGUN, *self.path.glob(".*.partial")):
            leftover.unlink(missing_ok=True)
        there = {path.stem for kind in PICTURE_KINDS for path in self.path.glob(f"*.{kind}")}
        self._set_missing([name for name in run["missing_pictures"] if name not in there])
        self.path = rename_to_fresh(self.path, self.path.parent, self._name)
        return self.path

    def rescue(self, ended: str = ENDED_EARLY) -> tuple[Path, int] | None:
        """Publish what is there of a run that did not get to its end; None if no cell was finished or well begun.

        Parameters
        ----------
        ended
            What the run ended by, in words.

        Returns
        -------
        folder, cells
            `run.json` says `complete` false, unless the run had stored everything but its pictures.
        """
        cells = self.count()
        if not (self.path / RUN).exists():
            if not self.holds_something():
                return None
            self.store_cells(ended)
        return self.publish(), cells

    def store_cells(self, ended: str) -> None:
        """Make the files of a result from finished cells alone: nothing of it was judged by its report."""
        from scenarios.frame.records import netcdf_bytes, read_cells
        from scenarios.frame.scenario import data_tree

        begun = json.loads((self.path / BEGUN).read_text(encoding="utf-8"))
        cells = [cell for _, cell in read_cells(self._kept())]
        groups = {cell.group: cell.data for cell in cells if cell.data is not None}
        tree = data_tree(self._name, groups, begun["parameters"], begun.get("source", OURS))
        write_whole(self.path / DATA, netcdf_bytes(tree))
        for name in (SUMMARY, CELLS_TABLE, VERDICTS_TABLE):
            (self.path / name).unlink(missing_ok=True)
        if any(cell.cells or cell.verdicts for cell in cells):
            measured = [entry for cell in cells for entry in cell.cells]
            verdicts = [entry for cell in cells for entry in cell.verdicts]
            self._write_json(
                SUMMARY,
                {"scenario": self._name, "complete": False, "cells": measured, "verdicts": verdicts},
            )
        self._write_json(
            RUN,
            begun
            | {
                "complete": False,
                "finished_cells": len(cells),
                "ended": f"{ended}: cells that were finished by then are here",
                "missing_pictures": [ALL_PICTURES],
            }
            | ({"failures": errors_in_words(self.failures)} if self.failures else {}),
        )

    def count(self) -> int:
        """Return how many finished cells are kept."""
        return len(self._kept())

    def holds_something(self) -> bool:
        """Say whether a cell was finished, or how far an unfinished one was is kept."""
        return bool(self._kept()) or self._is_at_work()

    def _is_at_work(self) -> bool:
        return any(path.is_file() for path in self.at_work.rglob("*.npz"))

    def _kept(self) -> list[Path]:
        return sorted((self.path / CELLS).glob("*.npz"))

    @staticmethod
    def _check_names(pictures: Sequence[Picture]) -> None:
        names = [picture.name for picture in pictures]
        for name in names:
            if Path(name).name != name:
                raise ValueError(f"the name of a picture must be that of a file, got {name!r}")
            if names.count(name) > 1:
                raise ValueError(f"pictures of a run must have different names, got {name!r} twice")

    def _set_missing(self, names: Sequence[str]) -> None:
        """Note which pictures are missing; where the disk is full, an older and longer list stays."""
        run = json.loads((self.path / RUN).read_text(encoding="utf-8"))
        with contextlib.suppress(OSError):
            self._write_json(RUN, run | {"missing_pictures": list(names)})

    def _write_json(self, name: str, value: Any) -> None:
        text = json.dumps(value, indent=1, allow_nan=False) + "\n"
        write_whole(self.path / name, text.encode("utf-8"))

    def _remove(self) -> None:
        if hasattr(self, "path"):
            shutil.rmtree(self.path, ignore_errors=True)

    def __enter__(self) -> Self:
        """Return the folder."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove a folder that holds nothing of use, and let go of it."""
        if self.path.suffix == ".partial" and not self.holds_something() and not (self.path / RUN).exists():
            self._remove()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _fresh_folder(out: Path, name: str) -> tuple[Path, int | None]:
    """Make a hidden folder and lock it; whoever looked for leftovers in between may have removed it."""
    for _ in range(100):
        # Python 3.12 makes the path absolute, which `out` need not be.
        path = out / Path(tempfile.mkdtemp(prefix=f".{name}-", suffix=".partial", dir=out)).name
        lock = locked(path)
        if path.exists():
            return path, lock
    raise OSError(None, "folders vanish as soon as they are made")


def recover(out: Path) -> list[str]:
    """Make results of what killed runs left in `out`, remove what holds nothing, and return what was done."""
    told = []
    for path in sorted(out.glob(".*.partial")):
        folder = Folder.adopt(path) if path.is_dir() else None
        if folder is None:
            continue
        with folder:
            try:
                rescued = folder.rescue()
            except (OSError, ValueError) as error:
                told.append(f"an earlier run left {path}, which could not be recovered: {in_words(error)}")
                continue
        if rescued is None:
            told.append(f"an earlier run left {path}, in which no cell was finished: removed")
        else:
            told.append(
                f"an earlier run had not come to its end: what it had finished is now in {rescued[0]}"
            )
    return told


def picture_files(picture: Picture, kinds: Sequence[str] = ("png",)) -> dict[str, bytes]:
    """Return a picture as files, by kind."""
    from scenarios.frame.look import as_files

    return as_files(picture.draw, kinds)


def save_picture(picture: Picture, out: Path, kind: str = "png") -> Path:
    """Draw one picture into a new file of a kind below `out` and return its path."""
    check_writable(out)
    _clear_pictures(picture.name, out)
    content = picture_files(picture, (kind,))[kind]
    handle, name = tempfile.mkstemp(prefix=f".{picture.name}-", suffix=f".partial.{kind}", dir=out)
    partial, lock = Path(name), locked(Path(name))
    try:
        partial.write_bytes(content)
        partial.chmod(0o644)
        return rename_to_fresh(partial, out, picture.name, f".{kind}")
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    finally:
        os.close(handle)
        if lock is not None:
            os.close(lock)


def _clear_pictures(name: str, out: Path) -> None:
    """Remove what killed programs left of pictures; who has just made a file may not have locked it yet."""
    for leftover in out.glob(f".{name}-*.partial.*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - leftover.stat().st_mtime < _JUST_MADE:
                continue
            lock = locked(leftover)
            if lock is not None:
                leftover.unlink(missing_ok=True)
                os.close(lock)


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that results depend on."""
    return {"python": platform.python_version()} | {name: version(name) for name in _LIBRARIES}
