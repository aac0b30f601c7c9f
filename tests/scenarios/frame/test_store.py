"""Results are whole or absent, a second run never overwrites a first, and nothing that was finished is lost."""

import errno
import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from scenarios.frame.files import check_writable, locked, write_whole
from scenarios.frame.results import Picture, Result, Table
from scenarios.frame.scenario import Measured
from scenarios.frame.store import Folder, recover, save_picture

PARAMETERS = {"runs": 2, "seed": 0}
CELL = xr.Dataset({"x": ("run", np.arange(3.0))}, attrs={"seed": 2**70})


def result(*pictures: Picture) -> Result:
    return Result(
        scenario="trial",
        parameters=PARAMETERS,
        seconds=0.1,
        complete=True,
        cells=[{"quantity": "x", "mean": 1.0}],
        verdicts=[],
        finding="It works.",
        tables=[Table("t", ("a",), [("1",)])],
        make_pictures=lambda: pictures,
        data=xr.DataTree.from_dict({"game/condition": CELL}),
    )


def saved(what: Result, out: Path) -> Path:
    with Folder(out, what.scenario, what.parameters) as folder:
        folder.store(what)
        folder.draw(what.make_pictures)
        return folder.publish()


def run_json(folder: Path) -> dict:
    return json.loads((folder / "run.json").read_text())


def killed(out: Path, *groups: str) -> Path:
    """Leave what a killed run leaves: its folder, and no lock."""
    folder = Folder(out, "trial", PARAMETERS)
    for group in groups:
        folder.keep(group, CELL)
    assert folder._lock is not None
    os.close(folder._lock)
    return folder.path


def test_a_folder_holds_data_summary_provenance_and_pictures(tmp_path: Path) -> None:
    folder = saved(result(Picture("empty", Figure)), tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == [
        "cells.csv",
        "data.nc",
        "empty.png",
        "run.json",
        "summary.json",
        "verdicts.csv",
    ]
    with xr.open_dataset(folder / "data.nc", group="game/condition", engine="h5netcdf") as data:
        assert data["x"].values.tolist() == [0.0, 1.0, 2.0]
    run = run_json(folder)
    assert run["parameters"] == {"runs": 2, "seed": 0}
    assert run["complete"] is True
    assert run["missing_pictures"] == []
    assert {"python", "numpy", "commonweal", "numba"} <= set(run["versions"])
    assert json.loads((folder / "summary.json").read_text())["finding"] == "It works."


def test_a_second_run_never_overwrites_a_first(tmp_path: Path) -> None:
    folders = {saved(result(), tmp_path) for _ in range(4)}
    assert len(folders) == 4
    assert sorted(tmp_path.iterdir()) == sorted(folders), "nothing half-written is left beside them"


def test_a_picture_that_fails_is_named_and_loses_nothing(tmp_path: Path) -> None:
    def broken() -> Figure:
        raise RuntimeError("no ink")

    trial = result(Picture("broken", broken), Picture("empty", Figure))
    with Folder(tmp_path, "trial", PARAMETERS) as folder:
        folder.store(trial)
        assert folder.draw(trial.make_pictures) == {"broken": "RuntimeError: no ink"}
        path = folder.publish()
    assert sorted(file.name for file in path.iterdir()) == [
        "cells.csv",
        "data.nc",
        "empty.png",
        "run.json",
        "summary.json",
        "verdicts.csv",
    ]
    assert run_json(path)["missing_pictures"] == ["broken"]


def test_plots_that_cannot_even_be_listed_lose_nothing(tmp_path: Path) -> None:
    def no_module() -> list[Picture]:
        raise ImportError("a plot module is being edited")

    with Folder(tmp_path, "trial", PARAMETERS) as folder:
        folder.store(result())
        assert folder.draw(no_module) == {"all": "ImportError: a plot module is being edited"}
        assert run_json(folder.publish())["missing_pictures"] == ["all"]


def test_drawing_stops_between_pictures(tmp_path: Path) -> None:
    asked = iter([False, True])
    with Folder(tmp_path, "trial", PARAMETERS) as folder:
        folder.store(result())
        pictures = [Picture("one", Figure), Picture("two", Figure)]
        assert folder.draw(lambda: pictures, stop=lambda: next(asked)) == {"two": "interrupted"}
        assert run_json(folder.publish())["missing_pictures"] == ["two"]


def test_two_pictures_of_a_run_have_two_names(tmp_path: Path) -> None:
    with Folder(tmp_path, "trial", PARAMETERS) as folder:
        folder.store(result())
        (reason,) = folder.draw(lambda: [Picture("x", Figure), Picture("x", Figure)]).values()
    assert reason == "pictures of a run must have different names, got 'x' twice"


def test_a_run_without_a_finished_cell_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Folder(tmp_path, "trial", PARAMETERS):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_cells_of_a_killed_run_are_recovered_and_claim_no_more_than_they_are(tmp_path: Path) -> None:
    left = killed(tmp_path, "game/one", "game/two")
    (line,) = recover(tmp_path)
    assert not left.exists()
    (folder,) = tmp_path.iterdir()
    assert str(folder) in line
    # Cells stay as they were kept, for a run that goes on from here.
    assert sorted(path.name for path in folder.iterdir()) == ["cells", "data.nc", "run.json"]
    run = run_json(folder)
    assert run["complete"] is False
    assert run["parameters"] == PARAMETERS
    assert run["missing_pictures"] == ["all"]
    with xr.open_datatree(folder / "data.nc", engine="h5netcdf") as data:
        assert data.groups == ("/", "/game", "/game/one", "/game/two")
        assert data.attrs["scenario"] == "trial"
        assert data["game/two"]["x"].values.tolist() == [0.0, 1.0, 2.0]
        assert data["game/two"].attrs["seed"] == str(2**70)
    assert recover(tmp_path) == []


def test_what_was_measured_at_once_is_recovered_too(tmp_path: Path) -> None:
    left = killed(tmp_path)
    folder = Folder.adopt(left)
    assert folder is not None
    with folder:
        folder.keep("a", Measured(cells=[{"mean": 1.0}], verdicts=[{"labels": {"x": 2}}]))
        folder.keep("b", Measured(data=CELL, cells=[{"mean": 2.0}]))
    recover(tmp_path)
    (path,) = tmp_path.iterdir()
    summary = json.loads((path / "summary.json").read_text())
    assert summary == {
        "scenario": "trial",
        "complete": False,
        "cells": [{"mean": 1.0}, {"mean": 2.0}],
        "verdicts": [{"labels": {"x": 2}}],
    }
    with xr.open_datatree(path / "data.nc", engine="h5netcdf") as data:
        assert data.groups == ("/", "/b")


def test_a_run_killed_while_it_was_drawn_has_everything_else(tmp_path: Path) -> None:
    with Folder(tmp_path, "trial", PARAMETERS) as folder:
        folder.keep("game/condition", CELL)
        folder.store(result())
        folder.draw(lambda: [Picture("drawn", Figure)])
        folder._set_missing(["drawn", "not"])
        (folder.path / ".not.png.partial").write_bytes(b"half")
    (line,) = recover(tmp_path)
    (path,) = tmp_path.iterdir()
    assert str(path) in line
    assert sorted(file.name for file in path.iterdir()) == [
        "cells.csv",
        "data.nc",
        "drawn.png",
        "run.json",
        "summary.json",
        "verdicts.csv",
    ]
    assert run_json(path)["complete"] is True
    assert run_json(path)["missing_pictures"] == ["not"]


def test_empty_leftovers_are_removed_and_other_things_are_not_touched(tmp_path: Path) -> None:
    killed(tmp_path)
    (tmp_path / ".trial-x.partial").mkdir()
    foreign = tmp_path / ".theirs.partial"
    foreign.mkdir()
    (foreign / "file").write_text("not ours")
    with Folder(tmp_path, "trial", PARAMETERS) as at_work:
        at_work.keep("one", CELL)
        (line,) = recover(tmp_path)
        assert line.endswith("in which no cell was finished: removed")
        assert sorted(tmp_path.iterdir()) == sorted([foreign, at_work.path])
        at_work.store(result())
        at_work.publish()


def test_a_lock_is_of_what_is_still_there(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    path.mkdir()
    handle = locked(path)
    assert handle is not None
    assert locked(path) is None
    path.rename(tmp_path / "other")
    assert locked(tmp_path / "other") is None, "the lock follows the name"
    os.close(handle)
    again = locked(tmp_path / "other")
    assert again is not None
    os.close(again)


class FullDisk:
    """A disk that takes so many writes and then is full."""

    def __init__(self, writes: int) -> None:
        self.left = writes
        self.real = Path.write_bytes

    def write(self, path: Path, content: bytes) -> int:
        if self.left <= 0:
            self.real(path, content[: len(content) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        self.left -= 1
        return self.real(path, content)


# begun.json, two cells, data.nc, summary.json, two tables, run.json, again with names, two pictures, and at the end
WRITES = 12


@pytest.mark.parametrize("writes", range(WRITES + 1))
def test_a_disk_that_is_full_from_some_write_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    disk = FullDisk(writes)
    trial = result(Picture("one", Figure), Picture("two", Figure))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", lambda path, content: disk.write(path, content))
        if writes == 0:
            with pytest.raises(ValueError, match=r"must be writable, got .*: No space left on device"):
                Folder(tmp_path, "trial", PARAMETERS)
            assert list(tmp_path.iterdir()) == []
            return
        with Folder(tmp_path, "trial", PARAMETERS) as folder:
            folder.keep("a", CELL)
            folder.keep("b", CELL)
            try:
                folder.store(trial)
            except OSError:
                stored = False
            else:
                stored = True
                folder.draw(trial.make_pictures)
                folder.publish()
    assert stored == (writes >= 8)
    assert disk.left == max(0, writes - WRITES)
    recover(tmp_path)  # with room on the disk again
    folders = list(tmp_path.iterdir())
    if writes == 1:
        assert folders == [], "no cell could be kept"
        return
    (path,) = folders
    with xr.open_datatree(path / "data.nc", engine="h5netcdf") as data:
        kept = ("/a", "/b") if writes >= 3 else ("/a",)
        assert data.groups == (("/", "/game", "/game/condition") if stored else ("/", *kept))
    run = run_json(path)
    assert run["complete"] is stored
    for name in ("summary.json", "cells.csv", "verdicts.csv"):
        assert (path / name).exists() is stored
    pictures = {file.stem for file in path.glob("*.png")}
    assert pictures == {name for name, least in (("one", 10), ("two", 11)) if writes >= least}
    missing = {"all"} if writes < 9 else {"one", "two"} - pictures
    # Where the disk is too full to note that a picture is there, it is still said to be missing.
    assert set(run["missing_pictures"]) == ({"one", "two"} if writes in (10, 11) else missing)
    assert not list(path.glob(".*"))


def test_a_file_is_whole_or_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole(tmp_path / "file", b"old")
    disk = FullDisk(0)
    monkeypatch.setattr(Path, "write_bytes", lambda path, content: disk.write(path, content))
    with pytest.raises(OSError, match="No space"):
        write_whole(tmp_path / "file", b"newer")
    assert (tmp_path / "file").read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


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
    with xr.open_datatree(saved(trial, tmp_path) / "data.nc", engine="h5netcdf") as stored:
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
    monkeypatch.setattr("scenarios.frame.look.as_files", lambda draw, kinds: {"png": draw().encode()})
    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(lambda k: save_picture(Picture("x", lambda: str(k)), tmp_path), range(60)))
    assert [path.read_text() for path in paths] == [str(k) for k in range(60)]
    assert sorted(tmp_path.iterdir()) == sorted(paths)


def test_what_a_killed_program_left_of_a_picture_is_cleared(tmp_path: Path) -> None:
    left, at_work = tmp_path / ".x-1.partial.png", tmp_path / ".x-2.partial.png"
    for path in (left, at_work):
        path.write_bytes(b"half")
        os.utime(path, (0, 0))
    just_made = tmp_path / ".x-3.partial.png"  # whoever made it has had no time to lock it
    just_made.touch()
    handle = locked(at_work)
    assert handle is not None
    saved_to = save_picture(Picture("x", Figure), tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([at_work, just_made, saved_to])
    os.close(handle)


def test_a_damaged_cell_of_a_killed_run_costs_that_cell_alone(tmp_path: Path) -> None:
    left = killed(tmp_path, "game/one", "game/two")
    first, _ = sorted((left / "cells").iterdir())
    first.write_bytes(first.read_bytes()[:100])
    recover(tmp_path)
    (folder,) = tmp_path.iterdir()
    assert run_json(folder)["finished_cells"] == 1
    with xr.open_datatree(folder / "data.nc", engine="h5netcdf") as data:
        assert "/game/two" in data.groups
        assert "/game/one" not in data.groups
