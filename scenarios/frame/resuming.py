"""Going on from an earlier run: the cells that it finished are not played again.

Cells are those of the latest unfinished run of the same name, parameters, source and versions of the libraries that
results depend on: what is put together is then what one run would have given.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scenarios.frame.source import OURS, Source
from scenarios.frame.store import AT_WORK, CELLS, RUN, versions

if TYPE_CHECKING:
    import xarray as xr

    from scenarios.frame.scenario import Measured


@dataclass(frozen=True)
class EarlierRun:
    """What an unfinished run left."""

    path: Path
    contents: tuple[bytes, ...]
    """Of its cells, as they were kept."""
    played: Mapping[str, xr.Dataset | Measured]
    """The same by group."""

    @property
    def at_work(self) -> Path:
        """The folder in which it stands how far an unfinished cell was."""
        return self.path / AT_WORK


def earlier_run(out: Path, name: str, parameters: Mapping[str, Any], source: Source = OURS) -> EarlierRun:
    """Return the latest unfinished run in the folder `out` from which one of these parameters can go on.

    Raises
    ------
    ValueError
        If there is none; why the latest unfinished run of that name will not do is said.
    """
    asked = {"parameters": dict(parameters), "source": dict(source), "versions": versions()}
    unlike: list[str] = []
    for path in sorted(out.glob(f"{name}-*"), key=lambda path: path.name, reverse=True):
        run = _unfinished(path, name)
        if run is None:
            continue
        unlike.append(_difference(path, run, json.loads(json.dumps(asked))))
        if not unlike[-1]:
            return _read(path)
    rule = f"resume needs an unfinished run of {name} with these parameters in {out}"
    raise ValueError(f"{rule}, got {unlike[0] if unlike else 'none'}")


def _unfinished(path: Path, name: str) -> dict[str, Any] | None:
    """Return what is written of a run that lacks cells and still has those that it finished or began."""
    try:
        run: dict[str, Any] = json.loads((path / RUN).read_text(encoding="utf-8"))
        kept = [*(path / CELLS).glob("*.npz"), *(path / AT_WORK).rglob("*.npz")]
        wanted = run["scenario"] == name and run["complete"] is False and bool(kept)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return run if wanted else None


def _difference(path: Path, run: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    """Say in what a run differs from what is asked for; nothing if it does not."""
    found = {part: run.get(part, {}) for part in asked}
    for part in asked:
        for key in sorted({*asked[part], *found[part]}):
            there, here = found[part].get(key), asked[part].get(key)
            if there != here:
                of = f"{key} of its source" if part == "source" else key
                return f"{path}: {of} was {_shown(there)}, and is {_shown(here)}"
    return ""


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


def _read(path: Path) -> EarlierRun:
    from scenarios.frame.records import read_cells

    kept = list(read_cells(sorted((path / CELLS).glob("*.npz"))))
    return EarlierRun(
        path, tuple(content for content, _ in kept), {cell.group: cell.played for _, cell in kept}
    )
