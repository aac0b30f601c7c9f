"""Where results go: one folder a run, written beside and renamed, so that it is whole or absent."""

from __future__ import annotations

import json
import os
import platform
import shutil
import tempfile
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from scenarios.scenario import Picture, Result

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
        result.data.to_netcdf(partial / "data.nc", engine="h5netcdf")
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
    from scenarios.plots import RESOLUTION

    partial = Path(tempfile.mkstemp(prefix=f".{picture.name}-", suffix=".partial.png", dir=out)[1])
    try:
        picture.draw().savefig(partial, dpi=RESOLUTION)
    except BaseException:
        partial.unlink()
        raise
    partial.chmod(0o644)
    return _rename_to_fresh(partial, out, picture.name, ".png")


def _draw(pictures: Sequence[Picture], folder: Path) -> None:
    from scenarios.plots import RESOLUTION

    for picture in pictures:
        picture.draw().savefig(folder / f"{picture.name}.png", dpi=RESOLUTION)


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


def _rename_to_fresh(partial: Path, out: Path, name: str, ending: str = "") -> Path:
    """Rename to a name that nobody has: a second run never overwrites a first."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    partial.chmod(0o755)
    attempt = 1
    while True:
        fresh = out / (f"{name}-{stamp}" + (f"-{attempt}" if attempt > 1 else "") + ending)
        if not fresh.exists():
            try:
                os.rename(partial, fresh)
            except OSError:
                # Somebody took the name in between; any other failure is real.
                if not fresh.exists():
                    raise
            else:
                return fresh
        attempt += 1
