"""The command line with outputs that are narrow, full, left by their reader, or not for every letter."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scenarios.command.streams import prepare

NFG = 'NFG 1 R "Stag \u2665 hunt" { "Zo\u00eb" "\u00c5ke" } { 2 2 } 3 3 2 0 0 2 1 1'
needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")


def run(shell: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which `$commonweal` is the command."""
    (folder / "game.nfg").write_text(NFG, encoding="utf-8")
    command = f"{sys.executable} -c 'from scenarios.cli import main; main()'"
    root = str(Path(__file__).resolve().parents[3])
    return subprocess.run(
        ["/bin/sh", "-c", shell.replace("$commonweal", command)],
        capture_output=True,
        encoding="utf-8",
        cwd=folder,
        env=os.environ | {"PYTHONPATH": root} | environment,
        check=False,
    )


@pytest.mark.slow
def test_letters_that_the_terminal_lacks_are_spelled_out(tmp_path: Path) -> None:
    done = run(
        "$commonweal judge game.nfg --profile [[1,0],[1,0]] --pictures png",
        tmp_path,
        PYTHONIOENCODING="ascii",
        COLUMNS="0",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Stag \\u2665 hunt" in done.stdout
    assert "Zo\\xeb" in done.stdout
    assert done.stdout.isascii()
    assert "The payoff space is drawn in results/payoff-space-" in done.stdout


def test_a_reader_who_leaves_stops_nothing(tmp_path: Path) -> None:
    line = "$commonweal judge game.nfg --profile [[1,0],[1,0]] --pictures png; echo $? > code"
    done = run(f"({line}) | true", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "code").read_text() == "0\n"
    assert len(list((tmp_path / "results").glob("*.png"))) == 1
    done = run("($commonweal list --json; echo $? > code) | true", tmp_path)
    assert done.stderr == ""
    assert (tmp_path / "code").read_text() == "0\n"


@needs_full
@pytest.mark.slow
def test_a_full_disk_behind_the_streams(tmp_path: Path) -> None:
    tournament = "$commonweal tournament grim always-defect --turns 5 --repetitions 2"
    done = run(f"{tournament} 2> /dev/full", tmp_path)
    assert done.returncode == 0
    assert "Pictures and data are in results/tournament-" in done.stdout
    done = run(f"{tournament} > /dev/full", tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith(
        "commonweal: standard output must be writable, got No space left on device; pictures"
    )
    assert len(list((tmp_path / "results").glob("tournament-*"))) == 2


@needs_full
def test_an_error_that_nobody_can_read_has_its_exit_code(tmp_path: Path) -> None:
    assert run("$commonweal solve nonsense 2> /dev/full", tmp_path).returncode == 2
    done = run("$commonweal solve nonsense 2>&-", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize(
    ("given", "kept"),
    [("0", None), ("5", None), ("", None), ("\u2460", None), ("-3", None), ("20", "20"), ("x", None)],
)
def test_widths_that_are_none_are_dropped(
    given: str, kept: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", given)
    monkeypatch.setenv("LINES", "7")
    prepare()
    assert os.environ.get("COLUMNS") == kept
    assert os.environ["LINES"] == "7"


def test_json_is_printed_whole(tmp_path: Path) -> None:
    done = run("$commonweal solve game.nfg --json", tmp_path, PYTHONIOENCODING="ascii")
    assert json.loads(done.stdout)["players"] == ["Zo\u00eb", "\u00c5ke"]
