"""Interrupt scenarios at moments drawn by a seed, and look at what is left: no cell that was finished may be lost.

    python tests/interruptions.py [--moments 20] [--seed 0] [NAME ...]

Every scenario meets SIGINT, SIGTERM and SIGKILL; every second trial is on a pseudo-terminal, where SIGINT is Ctrl-C.
A trial is a program of its own, which notes each cell that it has finished. Afterwards all of these must be found
(but the last one where the program was killed while it stored that) with the data of an undisturbed run; what
`run.json` says must be true; pictures must be whole; nothing may be left half-written where the next run has looked.

`make test-all` takes a few moments of each scenario, `make faults-long` twenty.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import pty
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

ROOT = Path(__file__).resolve().parent.parent

# The last chunk of a PNG file.
PNG_END = b"IEND\xaeB`\x82"

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)

# What makes a short look shorter.
SHORTER: dict[str, tuple[str, ...]] = {
    "thesis-table-4.2": ("episodes=400",),
    "thesis-table-4.3": ("episodes=100",),
    "thesis-figure-4.2": ("sizes=10,20", "episodes=400"),
    "planner-cost": ("episodes=1000",),
    "planner-knowledge": ("episodes=100",),
    "planner-handover": ("episodes=200", "later=200", "planned_rounds=0,20", "slips=0,0.01"),
    "altruism-atlas": ("grid=4", "runs=5"),
    "gradual-tft-duels": ("games=donation", "players=gradual", "rounds=200", "dilemmas=2"),
    "gradual-tft-convergence": (
        "games=prisoners-dilemma",
        "ledgers=prisoners-dilemma",
        "dilemmas=2",
        "rounds=100",
    ),
    "fairness-disagreement": ("notions=sum,nash", "rounds=200"),
    "axelrod-first": ("runs=10",),
    "noisy-tournament": ("runs=2",),
    "planner-on-networks": ("agents=20", "steps=100", "ledger_runs=2", "ledger_agents=20"),
    "planner-that-leaves": ("tables=leaving,artefact", "updates=200", "generations=1"),
    "cooperation-on-networks": ("runs=20", "agents=25", "watched=25", "sampled=20"),
    "classic-learners": ("games=iterated-dilemma,climbing", "pairs=200", "judged=20", "runs=200"),
    "learners": ("games=chicken", "random_games=1", "random_runs=2"),
    "coin-game": ("arms=alone,events", "updates=60", "runs=2", "judged=1"),
    "coin-game-gradual-tft": ("parts=cooperator,defector,ledger", "runs=20", "steps=10", "long_run=11"),
    "commons": ("players=2", "updates=60", "led_updates=30", "later=60"),
    "escape-room": ("rooms=2-1", "updates=60", "led_updates=30", "later=60"),
}

TOURNAMENT = ("tournament", "tit-for-tat", "grim", "random", "--turns", "50", "--repetitions", "20")

# Cells are noted when they are finished, which is before they are stored, and first of all that Python is ready.
PROGRAM = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored, where a shell started this in the background
notes, *sys.argv = sys.argv[1:]
from scenarios.frame.store import Folder
def note(text):
    with open(notes, "a") as file:
        file.write(f"{time.time()} {text}\\n")
real = Folder.keep
def keep(self, group, played):
    note(group)
    real(self, group, played)
Folder.keep = keep
from scenarios.cli import main
note("ready")
main()
"""


@dataclass(frozen=True)
class Whole:
    """An undisturbed run."""

    seconds: float
    playing: tuple[float, float]
    """When the first cell was finished (the only one: begun), and the last, in seconds from the start."""
    data: xr.DataTree
    cells: int
    pictures: frozenset[str]


@dataclass(frozen=True)
class Ended:
    """How a trial ended."""

    code: int
    output: str
    ready: bool
    """Whether Python had come to the command line's own code."""
    finished: list[str]
    times: list[float]


def run(name: str, out: Path, *, end: tuple[int, float] | None = None, terminal: bool = False) -> Ended:
    """Run a scenario as a program, and send it a signal so many seconds after its start."""
    notes = out.parent / f"{out.name}-notes"
    settings = [argument for text in SHORTER.get(name, ()) for argument in ("--set", text)]
    arguments = TOURNAMENT if name == "tournament" else ("run", name, "--quick", *settings)
    command = [
        sys.executable, "-c", PROGRAM, str(notes), "commonweal", *arguments, "--seed", "1", "--out", str(out)
    ]  # fmt: skip
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    if terminal:
        code, output = _on_a_terminal(command, environment, end)
    else:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, cwd=ROOT
        )
        timer = _later(end, process.send_signal)
        output = process.communicate()[0].decode()
        timer.cancel()
        code = process.returncode
    lines = [line.split(" ", 1) for line in notes.read_text().splitlines()] if notes.exists() else []
    times, names = [float(when) for when, _ in lines], [group for _, group in lines]
    return Ended(code, output, bool(names), names[1:], times)


def _on_a_terminal(
    command: Sequence[str], environment: dict[str, str], end: tuple[int, float] | None
) -> tuple[int, str]:
    master, slave = pty.openpty()

    def take_the_terminal() -> None:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        command,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment,
        cwd=ROOT,
        preexec_fn=take_the_terminal,
    )
    os.close(slave)

    def send(number: int) -> None:
        if number == signal.SIGINT:
            os.write(master, b"\x03")  # Ctrl-C
        else:
            process.send_signal(number)

    timer = _later(end, send)
    pieces = []
    with contextlib.suppress(OSError):  # a terminal that nobody writes to any more is an error of input
        while piece := os.read(master, 65536):
            pieces.append(piece)
    code = process.wait()
    timer.cancel()
    os.close(master)
    return code, b"".join(pieces).decode(errors="replace")


def _later(end: tuple[int, float] | None, send: object) -> threading.Timer:
    number, seconds = end or (0, 0.0)
    timer = threading.Timer(seconds, send, (number,))  # type: ignore[arg-type]
    if end is not None:
        timer.start()
    return timer


def undisturbed(name: str, folder: Path) -> Whole:
    """Run a scenario to its end."""
    started = time.time()
    ended = run(name, folder)
    seconds = time.time() - started
    assert ended.code == 0, ended.output
    (path,) = folder.iterdir()
    told = json.loads((path / "run.json").read_text())
    assert (told["complete"], told["missing_pictures"]) == (True, [])
    return Whole(
        seconds=seconds,
        playing=(ended.times[min(1, len(ended.finished) - 1)] - started, ended.times[-1] - started),
        data=xr.load_datatree(path / "data.nc", engine="h5netcdf"),
        cells=len(ended.finished),
        pictures=frozenset(picture.stem for picture in path.glob("*.png")),
    )


def check(ended: Ended, number: int, folder: Path, whole: Whole) -> str:
    """Hold what a trial left to what it must be, before and after the next run has looked; return it in words."""
    from scenarios.frame.store import recover

    assert ended.code in {0, 128 + number, -number}, f"exit code {ended.code}\n{ended.output}"
    assert not ended.ready or "Traceback" not in ended.output, ended.output
    if number != signal.SIGKILL:
        hidden = list(folder.glob(".*"))
        assert not hidden or not ended.finished, (hidden, ended.output)
    for path in folder.glob("[!.]*"):
        _check_folder(path, ended, whole)
    recover(folder)
    paths = list(folder.iterdir()) if folder.exists() else []
    assert len(paths) <= 1, paths
    told = _check_folder(paths[0], ended, whole) if paths else {"finished_cells": 0}
    lost = len(ended.finished) - told["finished_cells"]
    assert lost <= (1 if number == signal.SIGKILL else 0), (lost, ended.output)
    if not paths:
        return "nothing was finished"
    if ended.code == 0:
        assert (told["complete"], told["missing_pictures"]) == (True, [])
    words = "complete" if told["complete"] else f"{len(ended.finished)} of {whole.cells} cells"
    return words + (", without some pictures" if told["missing_pictures"] else "")


def _check_folder(path: Path, ended: Ended, whole: Whole) -> dict[str, Any]:
    """Check that a folder is what it says, and return run.json."""
    told: dict[str, Any] = json.loads((path / "run.json").read_text())
    files = list(path.iterdir())
    assert not any(file.name.startswith(".") for file in files), files
    there = {file.stem for file in files if file.suffix == ".png"}
    for name in there:
        assert (path / f"{name}.png").read_bytes().endswith(PNG_END), f"{name}.png is cut"
    missing = set(told["missing_pictures"])
    assert not missing & there
    summary = path / "summary.json"
    if summary.exists():
        assert json.loads(summary.read_text())["complete"] == told["complete"]
    data = xr.load_datatree(path / "data.nc", engine="h5netcdf")
    if told["complete"]:
        assert summary.exists()
        assert there | missing == whole.pictures or missing == {"all"}
        assert _groups(data) == _groups(whole.data)
    assert _groups(data) <= _groups(whole.data) | {f"/{group}" for group in ended.finished}
    for group in _groups(data) & _groups(whole.data):
        # A report may leave out of the whole what only it needs of the cells.
        for name, expected in whole.data[group].data_vars.items():
            values = data[group][name]
            # A group that several cells share is smaller where cells are missing.
            if values.shape == expected.shape and (told["complete"] or group[1:] in ended.finished):
                same = np.array_equal(values, expected, equal_nan=values.dtype.kind == "f")
                assert same, (group, name)
    return told


def _groups(data: xr.DataTree) -> set[str]:
    return {node.path for node in data.subtree if node.has_data}


def trials(name: str, moments: int, seed: int, folder: Path) -> list[str]:
    """Interrupt a scenario by every signal at so many moments, and return a line each."""
    whole = undisturbed(name, folder / "whole")
    lines = []
    for number in SIGNALS:
        rng = random.Random(f"{name} {number} {seed}")
        for trial in range(moments):
            out = folder / f"{signal.Signals(number).name}-{trial}"
            # Every third moment is anywhere; the others are while cells are played.
            first, last = (0.0, 1.1 * whole.seconds) if trial % 3 == 0 else whole.playing
            moment, terminal = rng.uniform(first, last), trial % 2 == 1
            ended = run(name, out, end=(number, moment), terminal=terminal)
            where = f"{name}: {out.name} after {moment:.2f} s{' on a terminal' if terminal else ''}"
            try:
                left = check(ended, number, out, whole)
            except AssertionError as error:
                raise AssertionError(f"{where}: {error}") from error
            shutil.rmtree(out, ignore_errors=True)
            lines.append(f"{where}: exit code {ended.code}, {left}")
    return lines


def main() -> None:
    """Run the trials that the shell asks for."""
    from scenarios.registry import scenario_names

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="scenarios; by default all")
    parser.add_argument("--moments", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    failed = 0
    for name in options.names or (*scenario_names(), "tournament"):
        with tempfile.TemporaryDirectory() as folder:
            try:
                print(*trials(name, options.moments, options.seed, Path(folder)), sep="\n", flush=True)
            except AssertionError as error:
                failed += 1
                print(f"FAILED {error}", flush=True)
    sys.exit(failed > 0)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
