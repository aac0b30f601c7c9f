"""A run from the shell: whatever fails, what is finished is stored, tables are printed, one line says what failed."""

import contextlib
import errno
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import xarray as xr
from matplotlib.figure import Figure

from scenarios.command.running import Finished, run_and_tell
from scenarios.command.signals import Ended, Signals
from scenarios.frame.results import Picture, Result, Table
from scenarios.frame.scenario import Report, RunParameters, Scenario, folder_name
from scenarios.frame.store import Folder

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def _heard_signals() -> Iterator[None]:
    """Let signals be heard, as in a terminal: tests that are started in the background ignore Ctrl-C."""
    found = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGHUP)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    for number, handler in found.items():
        signal.signal(number, handler)


class Cell(NamedTuple):
    number: int


def nothing() -> None:
    pass


def send(number: int) -> Callable[[], None]:
    return lambda: os.kill(os.getpid(), number)


class Trial:
    """Three cells; something may happen in a cell or as it is kept, before the report, and in the first picture."""

    def __init__(
        self,
        in_cell: dict[int, Callable[[], None]] | None = None,
        in_report: Callable[[], None] = nothing,
        in_picture: Callable[[], None] = nothing,
        in_keeping: dict[str, Callable[[], None]] | None = None,
        *,
        takes_minutes: bool = False,
    ) -> None:
        self.in_cell, self.in_report, self.in_picture = in_cell or {}, in_report, in_picture
        self.in_keeping = in_keeping or {}
        self.played: list[int] = []
        self.scenario = Scenario(
            name="trial",
            Parameters=RunParameters,
            cells=lambda parameters: [Cell(number) for number in range(3)],
            play=self.play,
            report=self.report,
            play_from=self.play_from if takes_minutes else None,
        )

    def play(self, parameters: RunParameters, cell: Cell) -> xr.Dataset:
        self.played.append(cell.number)
        self.in_cell.get(cell.number, nothing)()
        return xr.Dataset({"x": ("run", [float(cell.number)])})

    def play_from(self, parameters: RunParameters, cell: Cell, kept: Path) -> xr.Dataset:
        """Play a half of a cell, tell how far it is, and play the other half."""
        kept.mkdir(exist_ok=True)
        half = kept / "half.npz"
        if not half.exists():
            self.played.append(cell.number)
            half.write_bytes(b"a half")
        played = self.play(parameters, cell)
        half.unlink()
        kept.rmdir()
        return played

    def report(self, parameters: RunParameters, done: dict[Cell, xr.Dataset]) -> Report:
        self.in_report()
        return Report(
            cells=[cell._asdict() for cell in done],
            verdicts=[],
            finding=f"{len(done)} cells.",
            tables=[Table("Found", ("cell",), [(str(cell.number),) for cell in done])],
            make_pictures=lambda: [Picture("one", self.draw), Picture("two", Figure)],
        )

    def keep_in(self, folder: Folder) -> Callable[[str, Any], None]:
        def keep(group: str, played: Any) -> None:
            self.in_keeping.get(group, nothing)()
            folder.keep(group, played)

        return keep

    def draw(self) -> Figure:
        self.in_picture()
        return Figure()

    def run(self, out: Path, *, as_json: bool = False, in_full: bool = True, resume: bool = False) -> None:
        with Signals() as signals:

            def play(folder: Folder, finished: Finished) -> Result:
                return self.scenario.run(
                    RunParameters(),
                    keep=signals.unbroken(self.keep_in(folder)),
                    check=signals.check,
                    fail=folder.note_failure,
                    finished=finished,
                    at_work=folder.at_work,
                )

            run_and_tell(
                "trial",
                asdict(RunParameters()),
                play,
                out,
                signals,
                as_json=as_json,
                in_full=in_full,
                resume=resume,
            )


def stored(out: Path) -> tuple[Path, dict, list[str]]:
    """Return the one folder, what run.json says, and the groups of cells."""
    (folder,) = out.iterdir()
    assert not folder.name.startswith(".")
    with xr.open_datatree(folder / "data.nc", engine="h5netcdf") as data:
        groups = [name for name in data.groups if name != "/"]
    return folder, json.loads((folder / "run.json").read_text()), groups


def fail(error: BaseException) -> Callable[[], None]:
    def raise_it() -> None:
        raise error

    return raise_it


def test_a_cell_that_fails_is_named_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match=r"^cell 1 failed: RuntimeError: no luck$"):
        Trial({1: fail(RuntimeError("no luck"))}).run(tmp_path)
    folder, run, groups = stored(tmp_path)
    assert (run["complete"], groups) == (False, ["/0", "/2"])
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["failures"] == {"1": "RuntimeError: no luck"}
    out = capsys.readouterr().out
    assert "2 cells." in out
    assert "One failed: this is what the other cells gave." in out
    assert (folder / "one.png").exists()


def test_a_report_that_fails_leaves_the_data(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"^the report failed \(KeyError: 'x'\): what 3 finished cells gave is in "
    ):
        Trial(in_report=fail(KeyError("x"))).run(tmp_path)
    folder, run, groups = stored(tmp_path)
    assert (run["complete"], groups) == (False, ["/0", "/1", "/2"])
    assert not (folder / "summary.json").exists()


def test_a_report_that_fails_hides_no_cell_that_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trial = Trial({1: fail(RuntimeError("no luck"))}, in_report=fail(KeyError("x")))
    with pytest.raises(ValueError, match=r"^the report failed \(KeyError: 'x'\): what 2 finished cells gave"):
        trial.run(tmp_path)
    assert capsys.readouterr().err == "commonweal: cell 1 failed: RuntimeError: no luck\n"
    _, run, groups = stored(tmp_path)
    assert groups == ["/0", "/2"]
    assert run["failures"] == {"1": "RuntimeError: no luck"}
    assert run["ended"].startswith("the report failed (KeyError: 'x')")


def test_faults_are_told_a_line_each_and_cells_that_failed_alike_share_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    no_luck = fail(RuntimeError("no luck"))
    with pytest.raises(ValueError, match=r"^pictures are missing: one \(OSError: no ink\)$"):
        Trial({0: no_luck, 2: no_luck}, in_picture=fail(OSError("no ink"))).run(tmp_path)
    assert capsys.readouterr().err == "commonweal: cells 0, 2 failed: RuntimeError: no luck\n"


def test_where_every_cell_fails_what_the_first_did_not_say_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = {0: ValueError("rule"), 1: ValueError("another"), 2: ValueError("rule")}
    with pytest.raises(ValueError, match=r"^rule$"):
        Trial({number: fail(error) for number, error in rules.items()}).run(tmp_path)
    assert capsys.readouterr().err == "commonweal: cell 1 failed: another\n"
    assert list(tmp_path.iterdir()) == []


# What a report gives that is not what it should be; what is told of it; whether the finding is printed all the same.
BROKEN_REPORTS = {
    "an entry that is no text": (
        lambda report: replace(report, tables=[Table("Found", ("noise",), [(0.01,)])]),
        r"the report failed \(entries must be text or tuples of text, got 0.01 in column 'noise'\): what 2 ",
        False,
    ),
    "no report": (
        lambda report: None,
        r"the report failed \(report must return a Report, got None\): what 2 ",
        False,
    ),
    "a table that is none": (
        lambda report: replace(report, tables=[*report.tables, "found"]),
        r"the tables could not be printed \(AttributeError: ",
        False,
    ),
    "a number that JSON lacks": (
        lambda report: replace(report, cells=[{"mean": float("nan")}]),
        r"the report could not be stored \(Out of range float.*\): what 2 finished cells gave is stored without",
        True,
    ),
    "pictures that are none": (
        lambda report: replace(report, make_pictures=lambda: [1]),
        r"pictures are missing: all \(AttributeError: ",
        True,
    ),
    "a picture that gives no figure": (
        lambda report: replace(report, make_pictures=lambda: [Picture("one", lambda: None)]),
        r"pictures are missing: one \(AttributeError: ",
        True,
    ),
}


@pytest.mark.parametrize("as_json", [False, True], ids=["tables", "json"])
@pytest.mark.parametrize("name", BROKEN_REPORTS)
def test_a_broken_report_loses_no_cell_and_hides_no_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, as_json: bool
) -> None:
    breaking, told, is_printed = BROKEN_REPORTS[name]
    trial = Trial({1: fail(RuntimeError("no luck"))})
    trial.scenario = replace(trial.scenario, report=lambda *given: breaking(trial.report(*given)))
    last = ""
    try:
        trial.run(tmp_path, as_json=as_json)
    except ValueError as error:
        last = str(error)
    out, err = capsys.readouterr()
    lines = [*err.splitlines(), f"commonweal: {last}"]
    assert lines[0] == "commonweal: cell 1 failed: RuntimeError: no luck"
    _, run, groups = stored(tmp_path)
    assert (run["complete"], groups) == (False, ["/0", "/2"])
    if as_json and name == "a table that is none":  # which JSON does not show
        return
    assert any(re.match(f"commonweal: {told}", line) for line in lines), lines
    assert ("2 cells." in out) == (is_printed and not (as_json and "JSON" in name))


def test_a_cell_that_cannot_be_kept_has_failed_and_leaves_the_others(tmp_path: Path) -> None:
    trial = Trial()
    trial.scenario = replace(
        trial.scenario,
        play=lambda parameters, cell: {} if cell.number == 1 else trial.play(parameters, cell),
    )
    with pytest.raises(ValueError, match=r"^cell 1 failed: AttributeError: "):
        trial.run(tmp_path)
    assert stored(tmp_path)[2] == ["/0", "/2"]


@pytest.mark.parametrize("error", [RuntimeError("no ink"), ImportError("edited"), MemoryError()])
def test_a_picture_that_fails_loses_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    with pytest.raises(ValueError, match=r"^pictures are missing: one \("):
        Trial(in_picture=fail(error)).run(tmp_path)
    folder, run, _ = stored(tmp_path)
    assert (run["complete"], run["missing_pictures"]) == (True, ["one"])
    assert (folder / "two.png").exists()
    out = capsys.readouterr().out
    assert "Found" in out
    assert f"Pictures and data are in {folder} (not drawn: one)" in out


def test_tables_are_printed_whatever_the_store_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if "data.nc" in path.name:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(
            ValueError, match="the result could not be stored: No space left on device; 3 finished"
        ):
            Trial().run(tmp_path)
    out = capsys.readouterr().out
    assert "Found" in out
    assert "3 cells." in out
    assert "Pictures and data" not in out
    Trial().run(tmp_path)  # with room again
    err = capsys.readouterr().err
    assert err.startswith(
        "commonweal: an earlier run had not come to its end: what it had finished is now in "
    )
    assert len(list(tmp_path.iterdir())) == 2


class TwoTables(Trial):
    def report(self, parameters: RunParameters, done: dict[Cell, xr.Dataset]) -> Report:
        report = super().report(parameters, done)
        return replace(report, tables=[*report.tables, Table("Also", ("cell",), [("b",)])])


def test_in_short_the_finding_and_the_first_table_are_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    TwoTables().run(tmp_path, in_full=False)
    folder, _, _ = stored(tmp_path)
    out = capsys.readouterr().out
    assert out.index("3 cells.") < out.index("Found") < out.index("Pictures and data are in")
    assert "Also" not in out
    assert out.endswith(f"One more table: --full, or commonweal show {folder}\n")


def test_with_one_table_there_is_nothing_more_to_show(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Trial().run(tmp_path, in_full=False)
    out = capsys.readouterr().out
    assert "Found" in out
    assert "more table" not in out


def test_in_short_what_is_missing_is_said_beside_the_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError, match="no luck"):
        TwoTables({1: fail(RuntimeError("no luck"))}).run(tmp_path, in_full=False)
    out = capsys.readouterr().out
    assert out.index("2 cells.") < out.index("One failed") < out.index("Found")
    assert "One more table" in out


@pytest.mark.parametrize("full_disk", [True, False])
def test_tables_that_are_not_stored_are_all_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, full_disk: bool
) -> None:
    trial = TwoTables()
    if full_disk:
        real = Path.write_bytes

        def full(path: Path, content: bytes) -> int:
            if "data.nc" in path.name:
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(path, content)

        monkeypatch.setattr(Path, "write_bytes", full)
    else:
        breaking = BROKEN_REPORTS["a number that JSON lacks"][0]
        trial.scenario = replace(trial.scenario, report=lambda *given: breaking(trial.report(*given)))
    with pytest.raises(ValueError, match="could not be stored"):
        trial.run(tmp_path, in_full=False)
    out = capsys.readouterr().out
    assert out.index("Found") < out.index("Also") < out.index("3 cells.")
    assert "more table" not in out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_in_a_cell_loses_that_cell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    with pytest.raises(Ended) as ended:
        Trial({1: send(number)}).run(tmp_path)
    assert ended.value.exit_code == 128 + number
    folder, run, groups = stored(tmp_path)
    assert (run["complete"], groups) == (False, ["/0"])
    assert (folder / "summary.json").exists()
    assert (folder / "two.png").exists()
    assert "Interrupted: this is what was finished by then." in capsys.readouterr().out


def test_a_signal_before_any_cell_is_finished_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Ended):
        Trial({0: send(signal.SIGTERM)}).run(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_signal_that_a_cell_swallows_is_heard_after_it(tmp_path: Path) -> None:
    def swallow() -> None:
        with contextlib.suppress(KeyboardInterrupt):
            send(signal.SIGINT)()

    with pytest.raises(Ended):
        Trial({1: swallow}).run(tmp_path)
    assert stored(tmp_path)[2] == ["/0", "/1"]


def test_a_signal_while_a_cell_is_kept_waits_until_it_is(tmp_path: Path) -> None:
    with pytest.raises(Ended):
        Trial(in_keeping={"1": send(signal.SIGINT)}).run(tmp_path)
    _, run, groups = stored(tmp_path)
    assert groups == ["/0", "/1"]
    assert (run["complete"], run["finished_cells"]) == (False, 2)


def test_a_second_signal_while_a_cell_is_kept_does_not_wait(tmp_path: Path) -> None:
    def twice() -> None:
        send(signal.SIGTERM)()
        send(signal.SIGTERM)()

    with pytest.raises(Ended):
        Trial(in_keeping={"1": twice}).run(tmp_path)
    _, run, groups = stored(tmp_path)
    assert (groups, run["finished_cells"]) == (["/0"], 1)


def test_a_signal_where_no_error_can_be_passed_on_is_heard_and_not_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Freed:
        def __del__(self) -> None:
            send(signal.SIGTERM)()

    def free() -> None:
        freed = Freed()
        del freed

    with pytest.raises(Ended) as ended:
        Trial({1: free}).run(tmp_path)
    assert ended.value.exit_code == 143
    assert stored(tmp_path)[2] == ["/0", "/1"]
    assert capsys.readouterr().err == ""


def test_a_signal_while_the_program_leaves_is_no_traceback() -> None:
    program = (
        "import atexit, os, signal\n"
        "from scenarios.command.signals import Signals\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "atexit.register(os.kill, os.getpid(), signal.SIGINT)\n"
        "with Signals():\n    pass\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, b"")


def test_a_signal_of_which_a_cell_makes_an_error_is_a_signal(tmp_path: Path) -> None:
    def hide() -> None:
        try:
            send(signal.SIGTERM)()
        except KeyboardInterrupt:
            raise ImportError("a library failed to import") from None

    with pytest.raises(Ended) as ended:
        Trial({1: hide}).run(tmp_path)
    assert ended.value.exit_code == 143
    assert stored(tmp_path)[2] == ["/0"]


def test_a_signal_while_it_is_judged_leaves_the_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Ended):
        Trial(in_report=send(signal.SIGINT)).run(tmp_path)
    folder, run, groups = stored(tmp_path)
    assert (run["complete"], len(groups)) == (False, 3)
    assert capsys.readouterr().err.endswith(
        f"interrupted: what 3 finished cells gave is in {folder}, without a report\n"
    )


def test_a_signal_while_it_is_drawn_ends_after_the_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Ended):
        Trial(in_picture=send(signal.SIGTERM)).run(tmp_path, as_json=True)
    folder, run, _ = stored(tmp_path)
    assert (run["complete"], run["missing_pictures"]) == (True, ["two"])
    assert json.loads(capsys.readouterr().out)["results"] == str(folder)


def test_a_second_signal_ends_at_once_and_the_next_run_recovers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def twice() -> None:
        send(signal.SIGINT)()
        send(signal.SIGINT)()

    with pytest.raises(Ended):
        Trial(in_picture=twice).run(tmp_path)
    assert [path.name[0] for path in tmp_path.iterdir()] == ["."]
    Trial().run(tmp_path)
    assert "what it had finished is now in" in capsys.readouterr().err
    runs = [json.loads((folder / "run.json").read_text()) for folder in tmp_path.iterdir()]
    assert sorted((run["complete"], len(run["missing_pictures"])) for run in runs) == [(True, 0), (True, 2)]


def test_signals_are_given_back_and_ignored_ones_stay_ignored(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        Trial({1: send(signal.SIGHUP)}).run(tmp_path)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
    assert stored(tmp_path)[1]["complete"]
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_run_goes_on_where_one_was_interrupted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Trial().run(tmp_path / "undisturbed")
    with pytest.raises(Ended):
        Trial(in_cell={1: send(signal.SIGTERM)}).run(tmp_path / "out")
    assert "The same command with --resume plays the cells that are missing" in capsys.readouterr().out
    (first,) = (tmp_path / "out").iterdir()
    assert len(list((first / "cells").iterdir())) == 1
    again = Trial()
    again.run(tmp_path / "out", resume=True)
    told = capsys.readouterr()
    assert again.played == [1, 2]
    assert f"going on from {first}: 1 finished cell is not played again" in told.err
    assert "--resume" not in told.out
    (second,) = set((tmp_path / "out").iterdir()) - {first}
    (whole,) = (tmp_path / "undisturbed").iterdir()
    found, expected = (json.loads((path / "summary.json").read_text()) for path in (second, whole))
    assert found == expected | {"seconds": found["seconds"]}
    with xr.open_datatree(second / "data.nc") as data, xr.open_datatree(whole / "data.nc") as undisturbed:
        assert data.identical(undisturbed)
    assert sorted(path.name for path in second.iterdir()) == sorted(path.name for path in whole.iterdir())
    assert json.loads((second / "run.json").read_text())["finished_cells"] == 3


def test_what_a_killed_run_had_finished_is_gone_on_with(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "trial", asdict(RunParameters()))
    for number in (0, 2):
        folder.keep(str(number), xr.Dataset({"x": ("run", [float(number)])}))
    assert folder._lock is not None
    os.close(folder._lock)
    again = Trial()
    again.run(tmp_path, resume=True)
    assert again.played == [1]


def test_a_run_that_is_resumed_and_interrupted_again_loses_nothing(tmp_path: Path) -> None:
    for number in (1, 2):
        with pytest.raises(Ended):
            Trial(in_cell={number: send(signal.SIGTERM)}).run(tmp_path, resume=number == 2)
    last = Trial()
    last.run(tmp_path, resume=True)
    assert last.played == [2]


def test_a_report_that_failed_is_made_again_without_playing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the report failed"):
        Trial(in_report=fail(RuntimeError("no"))).run(tmp_path)
    again = Trial()
    again.run(tmp_path, resume=True)
    assert again.played == []


def test_without_anything_to_resume_nothing_is_played_or_left(tmp_path: Path) -> None:
    trial = Trial()
    trial.run(tmp_path)  # complete
    trial.played.clear()
    before = set(tmp_path.iterdir())
    rule = f"resume needs an unfinished run of trial with these parameters in {tmp_path}, got none"
    with pytest.raises(ValueError, match=re.escape(rule)):
        trial.run(tmp_path, resume=True)
    assert (trial.played, set(tmp_path.iterdir())) == ([], before)


def test_a_disk_that_is_full_when_cells_are_taken_over_leaves_the_earlier_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Ended):
        Trial(in_cell={2: send(signal.SIGTERM)}).run(tmp_path)
    before = set(tmp_path.iterdir())

    def full(self: Path, content: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(Folder, "take_over", lambda self, contents, at_work: full(self.path, contents[0]))
        with pytest.raises(ValueError, match="must be copied, got No space left on device"):
            Trial().run(tmp_path, resume=True)
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize("number", [0, 1])
def test_a_cell_of_minutes_goes_on_where_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    Trial().run(tmp_path / "undisturbed")
    first = Trial(in_cell={number: send(signal.SIGTERM)}, takes_minutes=True)
    with pytest.raises(Ended):
        first.run(tmp_path / "out")
    told = capsys.readouterr()
    assert "same command with --resume" in told.out + told.err
    again = Trial(takes_minutes=True)
    again.run(tmp_path / "out", resume=True)
    # Each half is noted; the first half of the cell at work is not played again.
    assert again.played == [number, *(k for later in range(number + 1, 3) for k in (later, later))]
    assert "and one goes on where it was" in capsys.readouterr().err
    (folder,) = [path for path in (tmp_path / "out").iterdir() if not (path / "at-work").exists()]
    (whole,) = (tmp_path / "undisturbed").iterdir()
    with xr.open_datatree(folder / "data.nc") as data, xr.open_datatree(whole / "data.nc") as undisturbed:
        assert data.identical(undisturbed)


def test_what_a_killed_run_had_begun_is_gone_on_with(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "trial", asdict(RunParameters()))
    half = folder.at_work / folder_name("0") / "half.npz"
    half.parent.mkdir()
    half.write_bytes(b"a half")
    assert folder._lock is not None
    os.close(folder._lock)
    again = Trial(takes_minutes=True)
    again.run(tmp_path, resume=True)
    assert again.played == [0, 1, 1, 2, 2]


def test_a_run_that_is_done_leaves_nothing_of_how_far_it_was(tmp_path: Path) -> None:
    Trial(takes_minutes=True).run(tmp_path)
    (folder,) = tmp_path.iterdir()
    assert {path.name for path in folder.iterdir()}.isdisjoint({"at-work", "cells"})
