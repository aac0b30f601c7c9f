"""Which earlier run another one goes on from, and what is said where there is none."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from scenarios.frame.resuming import earlier_run
from scenarios.frame.scenario import Measured
from scenarios.frame.store import Folder

PARAMETERS: dict[str, Any] = {"runs": 2, "game": {"greed": 0.5}, "sizes": (2, 3)}
CELL = xr.Dataset({"x": ("run", np.arange(3.0))})


def unfinished(out: Path, *groups: str, source: dict[str, str] | None = None, **changes: Any) -> Path:
    with Folder(out, "trial", PARAMETERS | changes, source or {}) as folder:
        for group in groups:
            folder.keep(group, CELL)
        rescued = folder.rescue()
    assert rescued is not None
    return rescued[0]


def test_the_latest_of_the_same_parameters_is_taken(tmp_path: Path) -> None:
    unfinished(tmp_path, "old")
    latest = unfinished(tmp_path, "a", "b")
    unfinished(tmp_path, "other", runs=3)
    earlier = earlier_run(tmp_path, "trial", PARAMETERS)
    assert earlier.path == latest
    assert list(earlier.played) == ["a", "b"]
    assert all(isinstance(cell, xr.Dataset) and cell.identical(CELL) for cell in earlier.played.values())
    assert len(earlier.contents) == 2


def test_what_a_cell_measured_itself_comes_back_as_that(tmp_path: Path) -> None:
    with Folder(tmp_path, "trial", PARAMETERS) as folder:
        folder.keep("a", Measured(cells=[{"mean": 1.0}]))
        folder.rescue()
    assert earlier_run(tmp_path, "trial", PARAMETERS).played["a"] == Measured(
        cells=[{"mean": 1.0}], verdicts=[]
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"runs": 5}, "runs was 5, and is 2"),
        ({"game": {"greed": 1.0}}, 'game was {"greed": 1.0}, and is {"greed": 0.5}'),
        ({"sizes": (2,)}, "sizes was [2], and is [2, 3]"),
    ],
)
def test_one_of_other_parameters_is_named_with_what_differs(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    path = unfinished(tmp_path, "a", **changes)
    with pytest.raises(ValueError, match="resume needs an unfinished run of trial") as refused:
        earlier_run(tmp_path, "trial", PARAMETERS)
    assert str(refused.value).endswith(f"got {path}: {said}")


def test_one_of_another_version_or_source_is_named(tmp_path: Path) -> None:
    path = unfinished(tmp_path, "a", source={"file": "mine.py"})
    with pytest.raises(ValueError, match=r'file of its source was "mine.py", and is null'):
        earlier_run(tmp_path, "trial", PARAMETERS)
    run = json.loads((path / "run.json").read_text())
    run["versions"]["numpy"] = "1.0"
    del run["source"]
    (path / "run.json").write_text(json.dumps(run))
    with pytest.raises(ValueError, match=f'numpy was "1.0", and is "{np.__version__}"'):
        earlier_run(tmp_path, "trial", PARAMETERS)


def test_others_are_passed_over(tmp_path: Path) -> None:
    """A complete run, one without cells, a scenario whose name begins alike, files, folders of somebody else."""
    path = unfinished(tmp_path, "a")
    run = json.loads((path / "run.json").read_text())
    for changed in (run | {"complete": True}, run | {"scenario": "trial-by-fire"}, [], "x"):
        (path / "run.json").write_text(json.dumps(changed))
        with pytest.raises(ValueError, match="got none"):
            earlier_run(tmp_path, "trial", PARAMETERS)
    (path / "run.json").write_text(json.dumps(run))
    (tmp_path / "trial-notes").write_text("mine")
    (tmp_path / "trial-zzz").mkdir()
    assert earlier_run(tmp_path, "trial", PARAMETERS).path == path
    for file in (path / "cells").iterdir():
        file.unlink()
    with pytest.raises(ValueError, match="got none"):
        earlier_run(tmp_path, "trial", PARAMETERS)


def test_a_damaged_cell_is_played_again(tmp_path: Path) -> None:
    path = unfinished(tmp_path, "a", "b", "c")
    first, second, _ = sorted((path / "cells").iterdir())
    first.write_bytes(first.read_bytes()[:100])
    second.write_bytes(b"")
    assert list(earlier_run(tmp_path, "trial", PARAMETERS).played) == ["c"]


def test_a_run_at_work_is_not_taken(tmp_path: Path) -> None:
    with Folder(tmp_path, "trial", PARAMETERS) as folder:
        folder.keep("a", CELL)
        with pytest.raises(ValueError, match="got none"):
            earlier_run(tmp_path, "trial", PARAMETERS)
        assert os.path.exists(folder.path)
