"""Sweeps that are stored: the same bits however they were played and interrupted, and one line for what is wrong."""

import contextlib
import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from PIL import Image

import commonweal
import scenarios
import simulation
from scenarios import open_result, sweep
from scenarios.frame import files
from scenarios.frame.files import locked
from scenarios.stored.reading import results_in
from scenarios.sweeps import records
from scenarios.sweeps.processes import play_by_processes
from scenarios.sweeps.records import played_record, point_record, read_point
from scenarios.sweeps.report import failures_of, finding, points_csv, verdicts_table
from simulation.sweeps.points import grid_of
from tests.scenarios.sweeps.coins import COINS, LIMIT, LOG, SECONDS, Coin

ROOT = Path(__file__).resolve().parents[3]
OVER: dict[str, Any] = {"chance": [0.2, 0.7, 2.0], "place": [1, 2]}


def coins(store: Path, over: dict[str, Any] = OVER, coin: Coin | None = None, **options: Any) -> xr.Dataset:
    return sweep(coin or Coin(), over, store=store, world=COINS, **({"runs": 4, "workers": 1} | options))


def test_every_run_of_every_point_is_there_with_its_verdict(tmp_path: Path) -> None:
    data = coins(tmp_path / "sweep")
    assert data["heads"].dims == ("chance", "place", "run")
    for point in simulation.sweep(Coin(), OVER, runs=4, world=COINS):
        here = data.sel(chance=point.values["chance"], place=point.values["place"])
        assert str(here["error"].values) == point.error
        if point.data is None:
            assert np.isnan(here["heads"]).all()
            assert (here["verdict"] == -1).all()
            continue
        np.testing.assert_array_equal(here["heads"], point.data["heads"])
        np.testing.assert_array_equal(here["label"].values[here["verdict"]], point.data["label"])
        for name in ("regret", "pareto_slack", "welfare", "welfare_index"):
            np.testing.assert_array_equal(here[name], point.data[name])
        for label, runs in zip(
            data["label"].values, here["runs_by_label"].sel(judged_in="original").values, strict=True
        ):
            assert runs == (point.data["label"].values == label).sum()


def test_means_have_students_interval(tmp_path: Path) -> None:
    here = coins(tmp_path / "sweep", runs=5).sel(chance=0.7, place=1)
    heads = here["heads"].values
    half = (
        2.7764451 * heads.std(ddof=1) / np.sqrt(5)
    )  # the 97.5% quantile of 4 degrees of freedom, from tables
    assert float(here["heads_mean"]) == pytest.approx(heads.mean())
    assert float(here["heads_low"]) == pytest.approx(heads.mean() - half)
    assert float(here["heads_high"]) == pytest.approx(heads.mean() + half)


def test_the_folder_opens_without_this_project(tmp_path: Path) -> None:
    data = coins(tmp_path / "sweep")
    with xr.open_dataset(tmp_path / "sweep" / "data.nc") as stored:
        xr.testing.assert_identical(stored.load(), data)
    with (tmp_path / "sweep" / "points.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["error"] != "" for row in rows] == [False] * 4 + [True] * 2
    assert float(rows[0]["heads_mean"]) == float(data["heads_mean"][0, 0])
    with (tmp_path / "sweep" / "verdicts.csv").open(newline="") as file:
        assert sum(int(row["runs"]) for row in csv.DictReader(file)) == 4 * 4
    run = json.loads((tmp_path / "sweep" / "run.json").read_text())
    assert (run["complete"], run["points"], run["failed"]) == (True, 6, 2)
    assert run["processors"] == {records.processor(): 6}
    assert not (tmp_path / "sweep" / "cells").exists()


def test_a_sweep_is_shown_as_any_result_is(tmp_path: Path) -> None:
    data = coins(tmp_path / "sweep")
    (listed,) = results_in(tmp_path)
    assert (listed.name, listed.state) == ("sweep", "complete")
    shown = open_result(tmp_path / "sweep")
    assert (shown.scenario, shown.finding) == ("sweep coins", finding(data, "heads"))
    assert shown.tables[0].rows == [[*row] for row in verdicts_table(data, "heads").rows]


def test_a_sweep_that_is_complete_is_read_and_not_played_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = coins(tmp_path / "sweep")
    monkeypatch.setenv(LOG, str(tmp_path / "log"))
    xr.testing.assert_identical(coins(tmp_path / "sweep"), first)
    assert not (tmp_path / "log").exists()


def test_an_interrupt_keeps_what_is_finished_and_only_the_rest_is_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def until_three(records: Iterator[Any], finished: int, total: int) -> Iterator[Any]:
        for record in records:
            yield record
            if len(list((tmp_path / "sweep" / "cells").glob("*.npz"))) == 3:
                raise KeyboardInterrupt

    over = {"place": [0, 1, 2, 3, 4, 5, 6, 7]}
    undisturbed = coins(tmp_path / "other", over)
    with pytest.raises(KeyboardInterrupt):
        coins(tmp_path / "sweep", over, progress=until_three)
    monkeypatch.setenv(LOG, str(tmp_path / "log"))
    seen = []

    def heard(records: Iterator[Any], finished: int, total: int) -> Iterator[Any]:
        seen.append((finished, total))
        return records

    xr.testing.assert_identical(coins(tmp_path / "sweep", over, progress=heard), undisturbed)
    assert seen == [(3, 8)]
    assert (tmp_path / "log").read_text().split() == ["3", "4", "5", "6", "7"]
    assert (tmp_path / "sweep" / "data.nc").read_bytes() == (tmp_path / "other" / "data.nc").read_bytes()


@pytest.mark.slow
def test_processes_give_the_same_bits_also_where_one_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = {"place": list(range(12)), "chance": [0.3]}
    alone = coins(tmp_path / "alone", over)
    monkeypatch.setenv(SECONDS, "0.05")
    told: list[str] = []
    killed: list[int] = []

    def kill_one(records: Iterator[Any], finished: int, total: int) -> Iterator[Any]:
        for record in records:
            yield record
            if not killed:
                killed.append(next(iter(children())))
                os.kill(killed[0], signal.SIGKILL)

    together = coins(tmp_path / "together", over, workers=2, progress=kill_one, tell=told.append)
    xr.testing.assert_identical(together, alone)
    assert (tmp_path / "together" / "data.nc").read_bytes() == (tmp_path / "alone" / "data.nc").read_bytes()
    assert len(told) <= 1
    assert all("SIGKILL" in line for line in told)


def children() -> list[int]:
    """Return the processes that play for this one."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            parent = int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == os.getpid() and b"spawn_main" in (process / "cmdline").read_bytes():
                found.append(int(process.name))
    return sorted(found)


@pytest.mark.slow
def test_a_process_that_ends_again_and_again_is_one_line(tmp_path: Path) -> None:
    told: list[str] = []
    with pytest.raises(
        ValueError, match="a process must last until it has played its point, got exit code 7 at point 1"
    ):
        coins(tmp_path / "sweep", {"place": [0, 1]}, Coin(ends_at=1), workers=2, tell=told.append)
    assert told == ["a process ended at point 1 (exit code 7): another one plays it"] * 2
    assert not children()
    assert [path.name for path in (tmp_path / "sweep" / "cells").iterdir()] == ["00000000.npz"]


def test_parameters_that_cannot_be_sent_are_refused(tmp_path: Path) -> None:
    grid = grid_of(Coin(), {"place": [0]}, world=COINS)
    with pytest.raises(ValueError, match="other processes can be given them"):
        next(play_by_processes(lambda grid, number: b"", grid, [0], 2, print))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"runs": 5}, "different runs"),
        ({"seed": 1}, "different seed"),
        ({"over": {"place": [1, 3]}}, "different values"),
        ({"coin": Coin(chance=0.1)}, "different parameters"),
        ({"coin": Coin(chance=0.1), "runs": 2}, "different parameters and runs"),
        ({"variables": ["draw"]}, "different variables"),
    ],
)
def test_a_folder_of_another_sweep_is_refused(tmp_path: Path, change: dict[str, Any], what: str) -> None:
    coins(tmp_path / "sweep", {"place": [1, 2]})
    with pytest.raises(ValueError, match=f"sweep belongs to another sweep, of {what}: give another folder"):
        coins(tmp_path / "sweep", **({"over": {"place": [1, 2]}} | change))


def test_a_folder_of_another_version_is_refused(tmp_path: Path) -> None:
    coins(tmp_path / "sweep")
    begun = tmp_path / "sweep" / "begun.json"
    begun.write_text(json.dumps(json.loads(begun.read_text()) | {"version": "0.0.1"}))
    with pytest.raises(ValueError, match=r"belongs to a sweep of version 0\.0\.1 of commonweal, this is"):
        coins(tmp_path / "sweep")


def test_points_by_another_law_are_refused(tmp_path: Path) -> None:
    interrupt_after(tmp_path / "sweep", 1)
    stored = tmp_path / "sweep" / "cells" / "00000000.npz"
    (point,) = simulation.sweep(Coin(), {"place": [0]}, runs=4, world=COINS)
    stored.write_bytes(
        point_record(type(point)(0, point.values, point.data.assign_attrs(law_source="older")))
    )
    with pytest.raises(ValueError, match="the law has changed since"):
        coins(tmp_path / "sweep", {"place": [0, 1, 2]})


def interrupt_after(store: Path, points: int) -> None:
    def until(records: Iterator[Any], finished: int, total: int) -> Iterator[Any]:
        for done, record in enumerate(records):
            if done == points:
                raise KeyboardInterrupt
            yield record

    with pytest.raises(KeyboardInterrupt):
        coins(store, {"place": [0, 1, 2]}, progress=until)


def test_a_damaged_point_is_named_and_one_without_pickles_alone_is_read(tmp_path: Path) -> None:
    interrupt_after(tmp_path / "sweep", 2)
    damaged = tmp_path / "sweep" / "cells" / "00000001.npz"
    damaged.write_bytes(damaged.read_bytes()[:100])
    with pytest.raises(ValueError, match=r"a stored point must be whole, got .*00000001\.npz .*: delete it"):
        coins(tmp_path / "sweep", {"place": [0, 1, 2]})
    np.savez(damaged.with_suffix(""), about=np.array([print], dtype=object))
    with pytest.raises(ValueError, match="a stored point must be whole"):
        coins(tmp_path / "sweep", {"place": [0, 1, 2]})
    damaged.unlink()
    coins(tmp_path / "sweep", {"place": [0, 1, 2]})


def test_a_folder_with_something_else_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"the folder of a new sweep must be empty, got .*thesis\.txt"):
        coins(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_two_sweeps_are_not_at_work_in_one_folder(tmp_path: Path) -> None:
    (tmp_path / "sweep").mkdir()
    lock = locked(tmp_path / "sweep")
    assert lock is not None
    with pytest.raises(ValueError, match=r"one sweep at work, got .* with another one in it"):
        coins(tmp_path / "sweep")
    os.close(lock)
    coins(tmp_path / "sweep")


def test_a_full_disk_is_one_line_and_the_same_call_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = {"place": list(range(6))}
    undisturbed = coins(tmp_path / "other", over)
    write, written = files.write_whole, []

    def until_full(path: Path, content: bytes) -> None:
        if path.suffix == ".npz":
            written.append(path)
        if len(written) > 3:
            raise OSError(28, "No space left on device")
        write(path, content)

    monkeypatch.setattr("scenarios.sweeps.folder.write_whole", until_full)
    with pytest.raises(
        ValueError, match=r"must have room and be writable, got .*: No space left on device; what is"
    ):
        coins(tmp_path / "sweep", over)
    monkeypatch.undo()
    assert len(list((tmp_path / "sweep" / "cells").iterdir())) == 3
    xr.testing.assert_identical(coins(tmp_path / "sweep", over), undisturbed)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser writes into every folder")
def test_a_folder_that_may_not_be_written_is_one_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ValueError, match="the output folder must be writable"):
        coins(tmp_path / "sweep")


def test_points_without_a_number_to_draw_are_stored_too(tmp_path: Path) -> None:
    data = coins(tmp_path / "sweep", {"chance": [2.0, 3.0]})
    assert failures_of(data) == {
        "chance must lie in [0, 1], got 2.0": ["chance=2"],
        "chance must lie in [0, 1], got 3.0": ["chance=3"],
    }
    assert not (tmp_path / "sweep" / "sweep.png").exists()


@pytest.mark.parametrize("over", [{"chance": [0.2, 0.4, 0.9]}, OVER, {"breaks": [False, True]}])
def test_a_sweep_of_one_or_two_parameters_draws_itself(tmp_path: Path, over: dict[str, Any]) -> None:
    coins(tmp_path / "sweep", over)
    with Image.open(tmp_path / "sweep" / "sweep.png") as picture:
        assert picture.size[0] > 1000
        assert len(set(picture.convert("L").tobytes())) > 20


def test_three_parameters_are_stored_without_a_picture(tmp_path: Path) -> None:
    data = coins(tmp_path / "sweep", {"chance": [0.2, 0.9], "place": [1, 2], "breaks": [False]})
    assert data["heads"].shape == (2, 2, 1, 4)
    assert not (tmp_path / "sweep" / "sweep.png").exists()


def test_another_quantity_is_drawn_of_a_complete_sweep_and_an_unknown_one_refused(tmp_path: Path) -> None:
    coins(tmp_path / "sweep")
    first = (tmp_path / "sweep" / "sweep.png").read_bytes()
    coins(tmp_path / "sweep", quantity="welfare_index")
    assert (tmp_path / "sweep" / "sweep.png").read_bytes() != first
    with pytest.raises(ValueError, match="unknown quantity 'head'; nearest: heads"):
        coins(tmp_path / "sweep", quantity="head")
    with pytest.raises(ValueError, match="unknown quantity 'head'; nearest: heads"):
        coins(tmp_path / "another", quantity="head")


def test_what_is_kept_must_have_one_shape(tmp_path: Path) -> None:
    data = coins(tmp_path / "sweep", variables=["draw"])
    assert data["draw"].dims == ("chance", "place", "run")
    with pytest.raises(
        ValueError, match="must have the same shape at all points, got final_cooperation_probability"
    ):
        sweep(
            simulation.ManyPlayersParameters(episodes=2, planner_episodes=0),
            {"n_players": [2, 3]},
            runs=1,
            workers=1,
            variables=["final_cooperation_probability"],
            store=tmp_path / "many",
        )


def test_the_table_tells_each_point_and_the_finding_where_it_is_largest(tmp_path: Path) -> None:
    data = coins(tmp_path / "sweep", {"chance": [0.0, 1.0, 2.0]})
    table = verdicts_table(data, "heads")
    assert table.rows[0] == ("0", "0.000 [0.000, 0.000]", ("4 × Pareto-dominated Nash equilibrium",))
    assert table.rows[1][2] == ("4 × Pareto-optimal, not an equilibrium",)
    assert table.rows[2] == ("2", "–", ("failed: chance must lie in [0, 1], got 2.0",))
    assert finding(data, "heads").startswith(
        "The mean of heads is largest, 1.000, at chance 1, and least, 0.000, at chance 0. Of 8 runs"
    )


def test_where_all_means_are_the_same_none_is_largest(tmp_path: Path) -> None:
    data = coins(tmp_path / "sweep", {"chance": [1.0], "place": [0, 1]})
    assert finding(data, "heads").startswith("The mean of heads is 1.000 at all points. Of 8 runs")
    data = coins(tmp_path / "failed", {"chance": [1.0, 2.0]})
    assert finding(data, "heads").startswith(
        "The mean of heads is 1.000 at all points that have one. Of 4 runs"
    )
    data = coins(tmp_path / "one", {"chance": [1.0]})
    assert finding(data, "heads").startswith("The mean of heads is 1.000 at the only point. Of 4 runs")


def test_long_tables_say_where_the_rest_is(tmp_path: Path) -> None:
    data = coins(tmp_path / "sweep", {"place": list(range(40))}, runs=1)
    table = verdicts_table(data, "heads")
    assert len(table.rows) == 30
    assert table.note.startswith("10 more points are in points.csv and verdicts.csv.")
    assert points_csv(data).count(b"\n") == 41


def test_commonweal_offers_the_sweep_that_is_stored() -> None:
    assert commonweal.sweep is scenarios.sweep is not simulation.sweep


def test_a_record_comes_back_as_it_was() -> None:
    grid = grid_of(Coin(), OVER, runs=3, world=COINS)
    stored = read_point(played_record(grid, 2))
    (point,) = (point for point in simulation.sweep(Coin(), OVER, runs=3, world=COINS) if point.number == 2)
    np.testing.assert_array_equal(np.array(stored.labels)[stored.variables["label"]], point.data["label"])
    np.testing.assert_array_equal(stored.variables["heads"], point.data["heads"])


SCRIPT = """
import sys
from scenarios import sweep
from tests.scenarios.sweeps.coins import COINS, Coin

if __name__ == "__main__":
    store, workers = sys.argv[1], int(sys.argv[2])
    sweep(Coin(), {"place": list(range(200))}, runs=3, seed=2, world=COINS, store=store, workers=workers)
"""


@contextlib.contextmanager
def begun(folder: Path, store: Path, workers: int, limit: int = 1000) -> Iterator[subprocess.Popen[str]]:
    """Start a sweep of 200 points in a process of its own."""
    script = folder / "script.py"
    script.write_text(SCRIPT)
    environment = os.environ | {LOG: str(folder / "log"), LIMIT: str(limit), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, str(script), str(store), str(workers)],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=hear_signals,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def hear_signals() -> None:
    """Let signals end the process, also where whoever runs the tests ignores some, as in the background."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def finished_in(store: Path) -> set[int]:
    return {int(path.stem) for path in (store / "cells").glob("*.npz")}


def others_in_session(session: int) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = (process / "stat").read_text().rsplit(")", 1)[1].split()
            if int(fields[3]) == session and fields[0] != "Z" and int(process.name) != session:
                found.append(int(process.name))
    return found


@pytest.mark.slow
def test_a_sweep_killed_thirty_times_loses_and_doubles_nothing_and_gives_the_same_bits(
    tmp_path: Path,
) -> None:
    with begun(tmp_path, tmp_path / "undisturbed", 1) as process:
        assert process.wait(300) == 0
    rng, store = np.random.default_rng(20261), tmp_path / "sweep"
    kinds = [signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP]
    for attempt in range(30):
        (tmp_path / "log").unlink(missing_ok=True)
        before = finished_in(store)
        workers, wanted = (1, 2)[attempt % 2], int(rng.integers(0, 6))
        with begun(tmp_path, store, workers, limit=wanted) as process:
            until = time.monotonic() + 240.0
            while len(finished_in(store)) < len(before) + wanted and process.poll() is None:
                assert time.monotonic() < until
                time.sleep(0.002)
            time.sleep(float(rng.uniform(0.0, 0.1)))
            assert process.poll() is None
            # Python itself loses an interrupt that comes while it imports some libraries.
            kind = kinds[int(rng.integers(len(kinds)))] if wanted else signal.SIGKILL
            os.kill(process.pid, kind)
            process.wait(60)
            until = time.monotonic() + 60.0
            while others_in_session(process.pid):  # who plays ends with the one who asks
                assert time.monotonic() < until
                time.sleep(0.05)
        played = {int(line) for line in log_of(tmp_path)}
        assert before <= finished_in(store)
        assert not played & before, "a point that was stored was played again"
    assert len(finished_in(store)) < 200
    with begun(tmp_path, store, 2) as process:
        assert process.wait(300) == 0
    assert (store / "data.nc").read_bytes() == (tmp_path / "undisturbed" / "data.nc").read_bytes()
    assert (store / "verdicts.csv").read_bytes() == (tmp_path / "undisturbed" / "verdicts.csv").read_bytes()


def log_of(folder: Path) -> list[str]:
    log = folder / "log"
    return log.read_text().split() if log.exists() else []


@pytest.mark.slow
def test_four_processes_give_the_same_bits(tmp_path: Path) -> None:
    parameters, over = (
        simulation.MechanismDesignParameters(episodes=200),
        {"bound": [0.5, 1.0, 2.0, 3.0, 4.0]},
    )
    for workers in (1, 2, 4):
        sweep(parameters, over, runs=3, store=tmp_path / str(workers), workers=workers)
    files_of = [(tmp_path / str(workers) / "data.nc").read_bytes() for workers in (1, 2, 4)]
    assert files_of[0] == files_of[1] == files_of[2]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process's peak there")
def test_ten_thousand_points_stay_below_a_gibibyte(tmp_path: Path) -> None:
    """The whole process, with all libraries, playing and putting together 10,000 points of 20 runs."""
    script = SCRIPT.replace("range(200)", "range(10_000)").replace("runs=3", "runs=20")
    # Not getrusage: its peak is that of the process that started this one, too, if that was larger.
    script += "    print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])\n"
    (tmp_path / "script.py").write_text(script)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "script.py"), str(tmp_path / "sweep"), "1"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < 2**20  # KiB
