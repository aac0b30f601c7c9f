"""Sweeps on a dask.distributed scheduler: a real one with two workers, on this machine's own address alone."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from scenarios import sweep
from scenarios.sweeps import cluster
from scenarios.sweeps.records import processor
from tests.scenarios.sweeps.coins import COINS, LOG, SECONDS, Coin

ROOT = Path(__file__).resolve().parents[3]
OVER: dict[str, Any] = {"place": list(range(40)), "chance": [0.3]}


def swept(store: Path, **options: Any) -> xr.Dataset:
    return sweep(Coin(), OVER, runs=3, world=COINS, store=store, workers=1, **options)


class Cluster:
    """A scheduler and two workers, each a process."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "scheduler.json"
        self.environment = os.environ | {"PYTHONPATH": str(ROOT), SECONDS: "0.05", LOG: str(folder / "log")}
        self.folder = folder
        self.scheduler = self._start("scheduler", "--port", "0", "--scheduler-file", str(self.file))
        until = time.monotonic() + 60.0
        while not self.file.exists():
            assert time.monotonic() < until
            time.sleep(0.1)
        self.address = str(json.loads(self.file.read_text())["address"])
        self.workers = [self.start_worker(), self.start_worker()]

    def start_worker(self) -> subprocess.Popen[bytes]:
        return self._start("worker", self.address, "--nthreads", "1", "--no-nanny")

    def _start(self, what: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *options, "--host", "127.0.0.1"]
        return subprocess.Popen(
            [*command, "--no-dashboard"],
            env=self.environment,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Cluster]:
    pytest.importorskip("distributed")
    folder = tmp_path / "cluster"
    folder.mkdir()
    started = Cluster(folder)
    assert started.address.startswith("tcp://127.0.0.1:")
    yield started
    started.end()


def after(points: int, what: Any) -> Any:
    """Return progress that does something once so many points have come."""

    def progress(records: Iterator[Any], finished: int, total: int) -> Iterator[Any]:
        for number, record in enumerate(records, start=1):
            yield record
            if number == points:
                what()

    return progress


@pytest.mark.slow
def test_a_cluster_gives_the_same_bits_also_where_a_worker_is_killed(
    tmp_path: Path, running: Cluster
) -> None:
    alone = swept(tmp_path / "alone")
    told: list[str] = []
    kill = after(5, lambda: running.workers[0].send_signal(signal.SIGKILL))
    together = swept(tmp_path / "together", cluster=running.address, progress=kill, tell=told.append)
    xr.testing.assert_identical(together, alone)
    assert (tmp_path / "together" / "data.nc").read_bytes() == (tmp_path / "alone" / "data.nc").read_bytes()
    run = json.loads((tmp_path / "together" / "run.json").read_text())
    assert run["processors"] == {processor(): 40}
    played = (running.folder / "log").read_text().split()
    assert set(played) == {str(place) for place in range(40)}
    assert len(played) <= 40 + 2  # what the worker that was killed had begun is played again


@pytest.mark.slow
def test_a_scheduler_that_goes_is_one_line_and_the_sweep_goes_on_elsewhere(
    tmp_path: Path, running: Cluster
) -> None:
    alone = swept(tmp_path / "alone")
    gone = r"the scheduler tcp://127\.0\.0\.1:\d+ must stay until the sweep is done, got no answer from it; what is"
    with pytest.raises(ValueError, match=gone):
        swept(
            tmp_path / "sweep",
            cluster=running.address,
            progress=after(5, lambda: running.scheduler.send_signal(signal.SIGKILL)),
        )
    stored = {path.name for path in (tmp_path / "sweep" / "cells").glob("*.npz")}
    assert 5 <= len(stored) < 40
    xr.testing.assert_identical(swept(tmp_path / "sweep"), alone)


@pytest.mark.slow
def test_a_point_that_ends_its_worker_again_and_again_is_one_line(tmp_path: Path, running: Cluster) -> None:
    running.workers.append(running.start_worker())
    over = {"place": [0, 1]}
    with pytest.raises(ValueError, match=r"a worker of the cluster must|the scheduler .* must have workers"):
        sweep(Coin(ends_at=1), over, runs=1, world=COINS, store=tmp_path / "sweep", cluster=running.address)


@pytest.mark.slow
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense", ""] * 3)
def test_an_address_where_nobody_answers_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "CONNECT", 0.3)
    with pytest.raises(
        ValueError, match=f"cluster must be the address of a dask scheduler .*, got {address}"
    ):
        swept(tmp_path / "sweep", cluster=address)


def test_a_missing_library_is_named_with_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ValueError, match=r"distributed must be installed .*commonweal\[cluster\]"):
        swept(tmp_path / "sweep", cluster="tcp://127.0.0.1:8786")
