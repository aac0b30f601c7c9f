"""Opening stored results: what is there comes back, what is damaged is named."""

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import scenarios
from scenarios.frame.results import Picture, Result, Table
from scenarios.frame.store import Folder
from scenarios.stored.reading import open_result, results_in


def stored(out: Path, *, name: str = "trial", complete: bool = True, welfare: float = 5.5) -> Path:
    """Store a small result, and return its folder."""
    data = xr.DataTree.from_dict({"cell": xr.Dataset({"welfare": ("run", [5.0, 6.0])})})
    result = Result(
        scenario=name,
        parameters={"runs": 2, "seed": 2**70, "planner": {"bound": 3.0}, "games": ["chicken"]},
        seconds=1.5,
        complete=complete,
        cells=[{"game": "chicken", "mean": welfare, "interval": [5.0, 6.0]}],
        verdicts=[{"game": "chicken", "labels": {"Nash": 2}, "tolerance": 0.02}],
        finding="Half of the runs agree.",
        tables=[Table("One", ("a", "b"), [("x", ("two", "lines"))], "A note.")],
        make_pictures=list[Picture],
        data=data,
    )
    with Folder(out, name, result.parameters) as folder:
        folder.store(result)
        folder.draw(result.make_pictures)
        return folder.publish()


def test_what_was_stored_comes_back(tmp_path: Path) -> None:
    result = open_result(stored(tmp_path))
    assert (result.scenario, result.complete, result.seconds, result.ended) == ("trial", True, 1.5, "")
    assert result.settings == {"runs": 2, "seed": 2**70, "planner.bound": 3.0, "games": ["chicken"]}
    assert result.finding == "Half of the runs agree."
    assert result.tables == [Table("One", ["a", "b"], [["x", ("two", "lines")]], "A note.")]
    assert result.versions["commonweal"]
    assert np.array_equal(result.data["cell"]["welfare"].values, [5.0, 6.0])
    assert result.frame().to_dict("records") == [
        {"game": "chicken", "mean": 5.5, "interval_low": 5.0, "interval_high": 6.0}
    ]
    assert result.frame("verdicts")["runs"].tolist() == [2]
    assert scenarios.open_result is open_result


def test_frames_become_parquet_and_csv_lies_beside(tmp_path: Path) -> None:
    import pandas as pd

    result = open_result(stored(tmp_path))
    result.frame().to_parquet(tmp_path / "cells.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "cells.parquet"), result.frame())
    pd.testing.assert_frame_equal(pd.read_csv(result.folder / "cells.csv"), result.frame())
    pd.testing.assert_frame_equal(pd.read_csv(result.folder / "verdicts.csv"), result.frame("verdicts"))


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("run.json", "{", r"run.json is damaged: Expecting"),
        ("run.json", "[1]", r"run.json is damaged: it holds no JSON object"),
        ("run.json", "[" * 100_000, r"run.json is damaged"),
        ("run.json", '{"scenario": 3}', r"run.json must name a scenario, got 3"),
        ("run.json", '{"scenario": "x", "parameters": 3}', r"run.json is damaged: parameters"),
        ("summary.json", '{"cells": 3}', r"summary.json is damaged: cells"),
        ("summary.json", '{"tables": [{"title": 1}]}', r"summary.json is damaged: a table in it is none"),
        ("summary.json", b"\xff\xfe", r"summary.json is damaged"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, file: str, content: str | bytes, message: str) -> None:
    folder = stored(tmp_path)
    (folder / file).write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ValueError, match=message):
        open_result(folder)
    (listed,) = results_in(tmp_path)
    told = "damaged" in listed.state or "must name" in listed.state
    assert told is ("a table in it" not in message)  # the list reads no tables


@pytest.mark.parametrize("keep", [0, 100, 3000])
def test_damaged_data_are_named_when_they_are_read(tmp_path: Path, keep: int) -> None:
    folder = stored(tmp_path)
    content = (folder / "data.nc").read_bytes()
    (folder / "data.nc").write_bytes(content[:keep])
    result = open_result(folder)
    with pytest.raises(ValueError, match=r"data.nc must be a NetCDF file, but it is damaged"):
        _ = result.data
    (folder / "data.nc").unlink()
    with pytest.raises(ValueError, match="there is no such file"):
        _ = open_result(folder).data


def test_what_is_no_result_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a result must be a folder, got"):
        open_result(tmp_path / "none")
    with pytest.raises(ValueError, match=r"must hold run.json, as results do, but does not"):
        open_result(tmp_path)
    with Folder(tmp_path, "trial", {}) as folder:
        with pytest.raises(ValueError, match="is what a run has begun that has not ended"):
            open_result(folder.path)
        assert [entry.state for entry in results_in(tmp_path)] == ["at work or killed"]
    with pytest.raises(ValueError, match="which is none"):
        results_in(tmp_path / "none")


def test_results_are_listed_by_age_and_others_passed_over(tmp_path: Path) -> None:
    import os

    first, second = stored(tmp_path, name="b"), stored(tmp_path, name="a", complete=False)
    os.utime(first, (1, 1))
    os.utime(second, (2, 2))
    (tmp_path / "mine").mkdir()
    (tmp_path / "notes.txt").write_text("mine")
    listed = results_in(tmp_path)
    assert [(entry.name, entry.state) for entry in listed] == [
        (first.name, "complete"),
        (second.name, "incomplete"),
    ]
    assert listed[0].finding == "Half of the runs agree."


def test_a_thousand_results_are_listed_without_what_reads_data(tmp_path: Path) -> None:
    import subprocess
    import sys

    folder = stored(tmp_path)
    run, summary = (folder / "run.json").read_bytes(), (folder / "summary.json").read_bytes()
    for number in range(999):
        copy = tmp_path / f"trial-{number}"
        copy.mkdir()
        (copy / "run.json").write_bytes(run)
        (copy / "summary.json").write_bytes(summary)
    code = (
        "import sys; from scenarios.stored.reading import results_in; print(len(results_in(sys.argv[1])));"
        "print([name for name in ('numpy', 'xarray', 'matplotlib', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[:2] == ["1000", "[]"]


def test_a_run_without_a_report_has_data_and_says_what_it_ended_by(tmp_path: Path) -> None:
    with Folder(tmp_path, "trial", {"seed": 1}) as folder:
        folder.keep("cell", xr.Dataset({"welfare": ("run", [1.0])}))
        path, cells = folder.rescue("by a signal") or (Path(), 0)
    assert cells == 1
    result = open_result(path)
    assert not result.complete
    assert result.ended.startswith("by a signal")
    assert (result.finding, result.cells, result.tables) == ("", [], [])
    assert (
        json.loads((path / "run.json").read_text())["missing_pictures"] == result.missing_pictures == ["all"]
    )
