"""Results are whole or absent, and a second run never overwrites a first."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from scenarios.frame.results import Picture, Result, Table
from scenarios.frame.store import check_writable, save, save_picture


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
        make_pictures=lambda: pictures,
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


def test_attributes_that_hdf5_cannot_hold_become_text(tmp_path: Path) -> None:
    attributes = {
        "seed": 2**64,
        "small": 2**63 - 1,
        "below": -(2**70),
        "title": "a\0b \x1b",
        "list": [1, 2**80],
        "numbers": [1.5, 2.0],
    }
    data = xr.DataTree.from_dict({"cell": xr.Dataset({"x": ("run", np.arange(3.0))}, attrs=attributes)})
    trial = replace(result(), data=data)
    with xr.open_datatree(save(trial, tmp_path) / "data.nc", engine="h5netcdf") as stored:
        read = stored["cell"].attrs
        assert (read["seed"], read["small"], read["below"]) == (str(2**64), 2**63 - 1, str(-(2**70)))
        assert read["title"] == "a\\x00b \\x1b"
        assert list(read["list"]) == ["1", str(2**80)]
        assert list(read["numbers"]) == [1.5, 2.0]
    assert data["cell"].attrs == attributes, "what is kept in memory stays as it is"


@pytest.mark.parametrize("links", [True, False])
def test_pictures_of_a_moment_never_overwrite_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    def no_links(*arguments: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    if not links:
        monkeypatch.setattr("os.link", no_links)
    # Whoever looks first whether a name is there finds none, as another process would in the same moment.
    monkeypatch.setattr(Path, "exists", lambda self: False)
    monkeypatch.setattr("scenarios.frame.look.draw_to_file", lambda draw, path: path.write_text(draw()))
    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(lambda k: save_picture(Picture("x", lambda: str(k)), tmp_path), range(60)))
    assert [path.read_text() for path in paths] == [str(k) for k in range(60)]
    assert sorted(tmp_path.iterdir()) == sorted(paths)


def test_two_pictures_of_a_run_have_two_names(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pictures of a run must have different names, got 'x' twice"):
        save(result(Picture("x", Figure), Picture("x", Figure)), tmp_path)
