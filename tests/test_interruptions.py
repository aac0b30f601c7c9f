"""No cell that a scenario has finished is lost, whichever signal comes and when, and however small the disk is."""

import importlib.util
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import xarray as xr

from scenarios.frame.store import recover
from scenarios.registry import scenario_names

ROOT = Path(__file__).resolve().parent.parent

_spec = importlib.util.spec_from_file_location("interruptions", ROOT / "tests" / "interruptions.py")
assert _spec is not None
assert _spec.loader is not None
interruptions = importlib.util.module_from_spec(_spec)
sys.modules["interruptions"] = interruptions  # dataclasses look their module up
_spec.loader.exec_module(interruptions)

# Twenty moments for these, over the three signals.
CHEAP = ("thesis-table-4.3", "tournament")


@pytest.mark.slow
@pytest.mark.parametrize("name", [*scenario_names(), "tournament"])
def test_no_finished_cell_is_lost(name: str, tmp_path: Path) -> None:
    moments = 7 if name in CHEAP else 3
    lines = interruptions.trials(name, moments=moments, seed=0, folder=tmp_path)
    assert len(lines) == 3 * moments


@pytest.fixture
def small_disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """Give a file system of so many bytes, where one can be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={request.param}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def run(out: Path, **options: object) -> subprocess.CompletedProcess[str]:
    program = "from scenarios.cli import main; main()"
    command = [
        sys.executable,
        "-c",
        program,
        "run",
        "thesis-table-4.2",
        "--quick",
        "--full",
        "--set",
        "episodes=2000",
    ]
    return subprocess.run(
        [*command, "--out", str(out)], capture_output=True, text=True, check=False, cwd=ROOT, **options
    )  # type: ignore[call-overload]


# Nothing fits; some cells; all cells, but not all together once more; data, but no pictures; some pictures; all.
@pytest.mark.slow
@pytest.mark.parametrize(
    "small_disk", ["4k", "64k", "400k", "1500k", "2800k", "3300k", "8000k"], indirect=True
)
def test_a_disk_that_is_too_small(small_disk: Path) -> None:
    done = run(small_disk)
    lines = done.stderr.splitlines()
    assert done.returncode in (0, 2), done.stderr
    assert "Traceback" not in done.stderr
    if done.returncode == 2:
        assert [line for line in lines if line.startswith("commonweal: ")] == [lines[-1]]
        assert "No space left on device" in lines[-1]
    if "must be writable" in done.stderr:
        assert list(small_disk.iterdir()) == [], "it was refused before anything was played"
        return
    assert "Stag Hunt: verdicts on what each run learned" in done.stdout, "tables are printed all the same"
    for path in small_disk.glob("[!.]*"):
        told = json.loads((path / "run.json").read_text())
        assert told["complete"] is True
        there = {picture.stem for picture in path.glob("*.png")}
        assert not there & set(told["missing_pictures"])
        assert all(picture.read_bytes().endswith(interruptions.PNG_END) for picture in path.glob("*.png"))
        assert bool(told["missing_pictures"]) == (done.returncode == 2)
        with xr.open_datatree(path / "data.nc", engine="h5netcdf") as data:
            assert len(data.leaves) == 9
    if list(small_disk.glob(".*")):
        subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
        recover(small_disk)
        (path,) = small_disk.iterdir()
        told = json.loads((path / "run.json").read_text())
        assert told["complete"] is False
        with xr.open_datatree(path / "data.nc", engine="h5netcdf") as data:
            assert len(data.leaves) == told["finished_cells"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("size", [20_000, 100_000, 600_000])
def test_files_that_may_not_grow(tmp_path: Path, size: int) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    done = run(tmp_path / "out", preexec_fn=limit)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "File too large" in done.stderr.splitlines()[-1]
    assert "Stag Hunt: verdicts on what each run learned" in done.stdout
