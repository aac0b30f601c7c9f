"""Opening what a run has stored; a folder that is damaged, half-written or no result is named as that."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from scenarios.frame.flat import flat_cells, flat_verdicts
from scenarios.frame.results import Table
from scenarios.frame.store import BEGUN, DATA, RUN, SUMMARY

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

Frame = Literal["cells", "verdicts"]


@dataclass(frozen=True, eq=False, repr=False)
class StoredResult:
    """What a run has stored.

    Attributes
    ----------
    folder
        Where it is.
    scenario
        Its name, also `tournament`.
    parameters
        As they were set.
    complete
        Whether every cell is there.
    ended
        What the run ended by, in words, if it did not get to its report; else empty.
    seconds
        How long it took; None where it did not get to its end.
    versions
        Of Python, of this project and of the libraries.
    cells, verdicts
        Measured quantities and verdicts, a dictionary each, with the keys that the page of the command line explains;
        empty without a report.
    finding
        In words; empty without a report.
    tables
        As they were printed.
    missing_pictures
        Names of those that were not drawn.
    """

    folder: Path
    scenario: str
    parameters: Mapping[str, Any]
    complete: bool
    ended: str
    seconds: float | None
    versions: Mapping[str, str]
    cells: Sequence[Mapping[str, Any]]
    verdicts: Sequence[Mapping[str, Any]]
    finding: str
    tables: Sequence[Table]
    missing_pictures: Sequence[str]

    def __repr__(self) -> str:
        """Return where it is and what it found: what it holds would fill pages."""
        state = "complete" if self.complete else "not complete"
        return f"<StoredResult {str(self.folder)!r}: {self.scenario}, {state}; {self.finding or 'no report'}>"

    @cached_property
    def data(self) -> xr.DataTree:
        """All data, one group a cell, read into memory.

        Raises
        ------
        ValueError
            If the file is missing or damaged.
        """
        import xarray as xr

        file = self.folder / DATA
        try:
            return xr.load_datatree(file, engine="h5netcdf")
        except FileNotFoundError:
            raise ValueError(f"{file} must hold the data, but there is no such file") from None
        except Exception as error:  # whatever HDF5 makes of a damaged file
            raise ValueError(f"{file} must be a NetCDF file, but it is damaged ({error})") from error

    def frame(self, of: Frame = "cells") -> pd.DataFrame:
        """Return measured quantities, or verdicts with a row a label, as a data frame of pandas."""
        import pandas as pd

        from theory.checks import known_name

        known_name("frame", of, ("cells", "verdicts"))
        rows = flat_cells(self.cells) if of == "cells" else flat_verdicts(self.verdicts)
        return pd.DataFrame(rows)

    @property
    def settings(self) -> dict[str, Any]:
        """Its parameters by path, such as `planner.bound`."""
        return _by_path(self.parameters)

    @property
    def pictures(self) -> list[Path]:
        """The files of its pictures, by name."""
        return sorted(path for path in self.folder.iterdir() if path.suffix in (".png", ".svg", ".pdf"))


def _by_path(parameters: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in parameters.items():
        flat |= _by_path(value, f"{path}{name}.") if isinstance(value, Mapping) else {f"{path}{name}": value}
    return flat


def open_result(folder: str | Path) -> StoredResult:
    """Return what a run has stored in a folder.

    Parameters
    ----------
    folder
        Such as `results/thesis-table-4.2-20260101-120000`.

    Raises
    ------
    ValueError
        If it is no folder of a result, its run has not ended, or a file is missing or damaged.
    """
    folder = Path(folder)
    run = _run_of(folder)
    summary = _summary_of(folder)
    return StoredResult(
        folder=folder,
        scenario=str(run["scenario"]),
        parameters=run.get("parameters", {}),
        complete=bool(run.get("complete", False)),
        ended=str(run.get("ended", "")),
        seconds=run.get("seconds"),
        versions=run.get("versions", {}),
        cells=summary.get("cells", []),
        verdicts=summary.get("verdicts", []),
        finding=str(summary.get("finding", "")),
        tables=_tables_in(folder / SUMMARY, summary),
        missing_pictures=run.get("missing_pictures", []),
    )


def _run_of(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise ValueError(f"a result must be a folder, got {str(folder)!r}")
    if not (folder / RUN).exists():
        if (folder / BEGUN).exists():
            raise ValueError(
                f"{folder} is what a run has begun that has not ended: if it was killed, the next run recovers it, "
                "and the same call goes on with a sweep"
            )
        raise ValueError(f"{folder} must hold {RUN}, as results do, but does not")
    run = _object_in(folder / RUN)
    if not isinstance(run.get("scenario"), str):
        raise ValueError(f"{folder / RUN} must name a scenario, got {run.get('scenario')!r}")
    for name, kind in (("parameters", dict), ("versions", dict), ("missing_pictures", list)):
        if not isinstance(run.get(name, kind()), kind):
            raise ValueError(f"{folder / RUN} is damaged: {name} is not what it should be")
    return run


def _summary_of(folder: Path) -> dict[str, Any]:
    """Return the summary; a run that did not get to its report may have none."""
    if not (folder / SUMMARY).exists():
        return {}
    summary = _object_in(folder / SUMMARY)
    for name in ("cells", "verdicts", "tables"):
        entries = summary.get(name, [])
        if not (isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)):
            raise ValueError(f"{folder / SUMMARY} is damaged: {name} is not what it should be")
    return summary


def _tables_in(file: Path, summary: Mapping[str, Any]) -> list[Table]:
    try:
        return [
            Table(
                str(table["title"]),
                [str(column) for column in table["columns"]],
                [
                    [tuple(entry) if isinstance(entry, list) else entry for entry in row]
                    for row in table["rows"]
                ],
                str(table["note"]),
            )
            for table in summary.get("tables", [])
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{file} is damaged: a table in it is none ({error})") from error


def _object_in(file: Path) -> dict[str, Any]:
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{file} could not be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{file} is damaged: {error}") from error
    if not isinstance(read, dict):
        raise ValueError(f"{file} is damaged: it holds no JSON object")
    return read


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A folder of results as a line of a list."""

    name: str
    state: str
    """`complete`, `incomplete`, `at work or killed`, or what is wrong with it."""
    seconds: float | None = None
    finding: str = ""


def results_in(out: str | Path) -> list[Listed]:
    """Return what lies in a folder that results go to, the latest last; other files and folders are passed over.

    Raises
    ------
    ValueError
        If there is no such folder.
    """
    out = Path(out)
    if not out.is_dir():
        raise ValueError(f"results must lie in a folder, got {out}, which is none")
    listed = [_listed(folder) for folder in out.iterdir() if folder.is_dir() and _is_result(folder)]
    return [entry for _, entry in sorted(listed, key=lambda pair: (pair[0], pair[1].name))]


def _is_result(folder: Path) -> bool:
    return (folder / RUN).exists() or (folder / BEGUN).exists() or (folder / DATA).exists()


def _listed(folder: Path) -> tuple[float, Listed]:
    try:
        changed = folder.stat().st_mtime
    except OSError:
        changed = 0.0
    if not (folder / RUN).exists() and (folder / BEGUN).exists():
        return changed, Listed(name=folder.name, state="at work or killed")
    try:
        run, summary = _run_of(folder), _summary_of(folder)
    except ValueError as error:
        return changed, Listed(name=folder.name, state=str(error).replace(f"{folder}/", ""))
    state = "complete" if run.get("complete") is True else "incomplete"
    seconds = run.get("seconds")
    return changed, Listed(
        name=folder.name,
        state=state,
        seconds=float(seconds) if isinstance(seconds, int | float) else None,
        finding=str(summary.get("finding", "")),
    )
