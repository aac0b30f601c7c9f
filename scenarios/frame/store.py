"""Where results go: one folder a run, written beside and renamed, so that it is whole or absent."""

from __future__ import annotations

import json
import os
import platform
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scenarios.frame.plain_text import visible
from scenarios.frame.results import Picture, Result

if TYPE_CHECKING:
    import xarray as xr

_LIBRARIES = ("commonweal", "mesa", "numpy", "numba", "scipy", "xarray")


def check_writable(out: Path) -> None:
    """Raise ValueError if results could not be written into the folder `out`; make it if it is missing."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise ValueError(f"the output folder must be writable, got {out}: {error.strerror}") from error


def save(result: Result, out: Path) -> Path:
    """Store a result in a new folder below `out` and return its path.

    The folder holds `data.nc` (all trajectories; NetCDF-4 with one group a cell), `summary.json` (cells,
    verdicts, finding), `run.json` (parameters, seconds, versions) and `*.png`. Whatever happens
    while pictures are drawn, the data are kept.
    """
    check_writable(out)
    partial = Path(tempfile.mkdtemp(prefix=f".{result.scenario}-", suffix=".partial", dir=out))
    try:
        _storable(result.data).to_netcdf(partial / "data.nc", engine="h5netcdf")
        summary = {name: value for name, value in result.to_dict().items() if name != "parameters"}
        _write_json(partial / "summary.json", summary)
        _write_json(partial / "run.json", _provenance(result))
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    try:
        _draw(result.pictures, partial)
    finally:
        folder = _rename_to_fresh(partial, out, result.scenario)
    return folder


def save_picture(picture: Picture, out: Path) -> Path:
    """Draw one picture into a new file below `out` and return its path."""
    check_writable(out)
    from scenarios.frame.look import draw_to_file

    handle, name = tempfile.mkstemp(prefix=f".{picture.name}-", suffix=".partial.png", dir=out)
    os.close(handle)
    partial = Path(name)
    try:
        draw_to_file(picture.draw, partial)
        partial.chmod(0o644)
        return _rename_to_fresh(partial, out, picture.name, ".png")
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _draw(pictures: Sequence[Picture], folder: Path) -> None:
    from scenarios.frame.look import draw_to_file

    for picture in pictures:
        path = folder / f"{picture.name}.png"
        if path.exists():
            raise ValueError(f"pictures of a run must have different names, got {picture.name!r} twice")
        draw_to_file(picture.draw, path)


def _provenance(result: Result) -> dict[str, Any]:
    return {
        "scenario": result.scenario,
        "parameters": result.parameters,
        "seconds": result.seconds,
        "complete": result.complete,
        "versions": {"python": platform.python_version()} | {name: version(name) for name in _LIBRARIES},
    }


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _storable(data: xr.DataTree) -> xr.DataTree:
    """Return data whose attributes HDF5 can hold: whole numbers beyond 64 bits become text, NUL is spelled out."""
    data = data.copy()
    for node in data.subtree:
        node.attrs = _storable_attributes(node.attrs)
    return data


def _storable_attributes(attributes: Mapping[Any, Any]) -> dict[str, Any]:
    return {visible(str(name), keep=""): _storable_value(value) for name, value in attributes.items()}


def _storable_value(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value)
    if isinstance(value, (list, tuple)):
        entries = [_storable_value(entry) for entry in value]
        # One number that became text makes all of them text: a list has one type.
        return [str(entry) for entry in entries] if any(isinstance(e, str) for e in entries) else entries
    return value


def _rename_to_fresh(partial: Path, out: Path, name: str, ending: str = "") -> Path:
    """Rename to a name that nobody has: a second run never overwrites a first."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    if partial.is_dir():
        partial.chmod(0o755)
    for attempt in count(1):
        fresh = out / (f"{name}-{stamp}" + (f"-{attempt}" if attempt > 1 else "") + ending)
        if _take(partial, fresh):
            return fresh
    raise AssertionError("some name is free")


def _take(partial: Path, fresh: Path) -> bool:
    """Rename a file or a folder unless the name is taken; return whether it was not.

    A file's new name is made as a second link, which fails where the name exists, also if somebody else took it
    a moment ago; renaming would overwrite. A folder that holds something is never overwritten by renaming.
    """
    if partial.is_dir():
        return _rename_folder(partial, fresh)
    try:
        os.link(partial, fresh)
    except FileExistsError:
        return False
    except OSError:  # a file system without links: the name is taken by an empty file of our own
        try:
            os.close(os.open(fresh, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return False
        os.replace(partial, fresh)
    else:
        partial.unlink()
    return True


def _rename_folder(partial: Path, fresh: Path) -> bool:
    if fresh.exists():
        return False
    try:
        os.rename(partial, fresh)
    except OSError:
        # Somebody took the name in between; any other failure is real.
        if not fresh.exists():
            raise
        return False
    return True
