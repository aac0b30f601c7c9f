"""Results are whole or absent, and a second run never overwrites a first."""

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from scenarios.scenario import Picture, Result, Table
from scenarios.store import check_writable, save


def result(*pictures: Picture) -> Result:
    return Result(
        scenario="trial",
        parameters={"runs": 2, "seed": 0},
        seconds=0.1,
        complete=True,
        cells=[{"quantity": "x", "mean": 1.0}],
        verdicts=[],
        finding="It works.",
        tables=[Table("t", ("a",), [("1",)])],
        pictures=pictures,
        data=xr.DataTree.from_dict({"game/condition": xr.Dataset({"x": ("run", np.arange(3.0))})}),
    )


def test_a_folder_holds_data_summary_provenance_and_pictures(tmp_path: Path) -> None:
    folder = save(result(Picture("empty", Figure)), tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == [
        "data.nc",
        "empty.png",
        "run.json",
        "summary.json",
    ]
    with xr.open_dataset(folder / "data.nc", group="game/condition", engine="h5netcdf") as data:
        assert data["x"].values.tolist() == [0.0, 1.0, 2.0]
    run = json.loads((folder / "run.json").read_text())
    assert run["parameters"] == {"runs": 2, "seed": 0}
    assert {"python", "numpy", "commonweal", "numba"} <= set(run["versions"])
    assert json.loads((folder / "summary.json").read_text())["finding"] == "It works."


def test_a_second_run_never_overwrites_a_first(tmp_path: Path) -> None:
    folders = {save(result(), tmp_path) for _ in range(4)}
    assert len(folders) == 4
    assert sorted(tmp_path.iterdir()) == sorted(folders), "nothing half-written is left beside them"


def test_a_picture_that_fails_does_not_lose_the_data(tmp_path: Path) -> None:
    def broken() -> Figure:
        raise RuntimeError("no ink")

    with pytest.raises(RuntimeError, match="no ink"):
        save(result(Picture("broken", broken)), tmp_path)
    (folder,) = tmp_path.iterdir()
    assert {"data.nc", "run.json", "summary.json"} <= {path.name for path in folder.iterdir()}
    assert not folder.name.startswith(".")


def test_a_result_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    bad = result()
    object.__setattr__(bad, "cells", [{"mean": float("nan")}])
    with pytest.raises(ValueError, match="JSON"):
        save(bad, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_output_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(ValueError, match=r"the output folder must be writable, got .*file"):
        check_writable(file / "results")
    check_writable(tmp_path / "new" / "folder")
    assert (tmp_path / "new" / "folder").is_dir()
