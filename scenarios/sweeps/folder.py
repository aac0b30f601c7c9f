"""The folder of a sweep: its points as they are finished, then one file of data; it keeps its name throughout.

`begun.json` says what was asked for, by which a second call knows whether the folder is its own. `cells/NUMBER.npz`
are the finished points: whole or absent, whatever ends the sweep. In the end come `data.nc`, `points.csv`,
`verdicts.csv`, a picture, and `run.json`, which says that all is there; the single points then go.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scenarios.frame.files import CAN_LOCK, check_writable, locked, write_whole
from scenarios.frame.store import BEGUN, CELLS, DATA, RUN, Folder, versions
from scenarios.sweeps.records import StoredPoint, read_point
from theory.checks import shown

POINTS, VERDICTS = "points.csv", "verdicts.csv"

# Of what was asked for, by the words of the calls.
_CALLED = {
    "world": "world",
    "parameters": "parameters",
    "over": "values",
    "runs": "runs",
    "seed": "seed",
    "variables": "variables",
    "conditions": "conditions",
}


class SweepFolder(Folder):
    """The folder of a sweep, made or found, to be entered by `with`, which holds it against a second one.

    Raises
    ------
    ValueError
        If it cannot be written, another sweep is at work in it, or it belongs to another sweep or version.
    """

    def __init__(self, path: Path, grid: Mapping[str, Any]) -> None:
        check_writable(path)
        self.path, self._name, self.failures = path, path.name, {}
        self._lock = locked(path)
        if self._lock is None and CAN_LOCK:
            raise ValueError(
                f"the folder of a sweep must have one sweep at work, got {path} with another one in it"
            )
        try:
            self._begin(grid)
        except BaseException:
            self.__exit__(None, None, None)
            raise

    def _begin(self, grid: Mapping[str, Any]) -> None:
        wanted = json.loads(json.dumps({"sweep": dict(grid), "version": versions()["commonweal"]}))
        begun = self.path / BEGUN
        try:
            text = begun.read_text(encoding="utf-8")
        except FileNotFoundError:
            others = [entry.name for entry in self.path.iterdir() if not entry.name.endswith(".partial")]
            if others:
                raise ValueError(
                    f"the folder of a new sweep must be empty, got {self.path} with {shown(sorted(others)[:5])}"
                ) from None
            self._write(BEGUN, json.dumps(wanted | {"versions": versions()}, indent=1) + "\n")
        else:
            self._refuse_another(text, wanted)
        with self._told():
            (self.path / CELLS).mkdir(exist_ok=True)
        for leftover in (*self.path.glob(".*.partial"), *(self.path / CELLS).glob(".*.partial")):
            leftover.unlink(missing_ok=True)

    def _refuse_another(self, text: str, wanted: Mapping[str, Any]) -> None:
        try:
            found = json.loads(text)
            sweep, version = dict(found["sweep"]), found["version"]
        except (ValueError, KeyError, TypeError):
            raise ValueError(
                f"{self.path / BEGUN} must be what a sweep wrote, got {shown(text[:60])}"
            ) from None
        if version != wanted["version"]:
            raise ValueError(
                f"{self.path} belongs to a sweep of version {version} of commonweal, this is {wanted['version']}: "
                "give another folder"
            )
        different = [word for key, word in _CALLED.items() if sweep.get(key) != wanted["sweep"].get(key)]
        if different:
            raise ValueError(
                f"{self.path} belongs to another sweep, of different {' and '.join(different)}: give another folder"
            )

    @property
    def is_complete(self) -> bool:
        """Whether all points were played and put together."""
        return (self.path / RUN).exists()

    def finished(self) -> set[int]:
        """Return the numbers of the points that are stored."""
        return {int(path.stem) for path in self._kept() if path.stem.isdigit()}

    def keep_point(self, number: int, record: bytes) -> None:
        """Store a finished point, or raise ValueError if that cannot be done."""
        with self._told():
            write_whole(self._cell(number), record)

    def point(self, number: int) -> StoredPoint:
        """Return a stored point, or raise ValueError if its file is damaged."""
        path = self._cell(number)
        try:
            return read_point(path.read_bytes())
        except Exception as error:
            raise ValueError(
                f"a stored point must be whole, got {path} ({type(error).__name__}): delete it, and the sweep plays "
                "it again"
            ) from error

    def points(self, total: int) -> Iterator[StoredPoint]:
        """Yield all points in their order."""
        for number in range(total):
            yield self.point(number)

    def finish(self, files: Mapping[str, bytes | memoryview], run: Mapping[str, Any]) -> None:
        """Write what was put together, at last the file that says so, and remove the single points."""
        with self._told():
            for name, content in files.items():
                write_whole(self.path / name, content)
        about = json.loads((self.path / BEGUN).read_text(encoding="utf-8"))
        self._write(RUN, json.dumps(about | dict(run), indent=1) + "\n")
        shutil.rmtree(self.path / CELLS, ignore_errors=True)

    def put(self, name: str, content: bytes) -> None:
        """Write one file anew."""
        with self._told():
            write_whole(self.path / name, content)

    def data_bytes(self) -> bytes:
        """Return the file of data of a sweep that is complete."""
        return (self.path / DATA).read_bytes()

    def run(self) -> dict[str, Any]:
        """Return what `run.json` says of a sweep that is complete."""
        about: dict[str, Any] = json.loads((self.path / RUN).read_text(encoding="utf-8"))
        return about

    def _cell(self, number: int) -> Path:
        return self.path / CELLS / f"{number:08d}.npz"

    def _write(self, name: str, text: str) -> None:
        with self._told():
            write_whole(self.path / name, text.encode("utf-8"))

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Tell of a disk that is full, or a folder that may not be written, in one sentence."""
        try:
            yield
        except OSError as error:
            raise ValueError(
                f"the folder of the sweep must have room and be writable, got {self.path}: {error.strerror}; what is "
                "stored stays, and the same call goes on from there"
            ) from error
