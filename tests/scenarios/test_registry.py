"""A scenario becomes one of the project's by its entry in the registry: that of CONTRIBUTING, as it is and broken."""

import importlib
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr

from scenarios import cli, registry
from scenarios.frame.keys import COMMON_KEYS

ROOT = Path(__file__).resolve().parent.parent.parent
SHORT = ("--runs", "2", "--set", "turns=50", "--set", "strategies=tit-for-tat")


@pytest.fixture
def enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Give a function that enters the scenario of CONTRIBUTING, with pieces of its text replaced."""
    blocks = re.findall(
        r"^```python\n(.*?)^```\n", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.M | re.S
    )
    (text,) = (block for block in blocks if "SCENARIO = Scenario(" in block)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def enter_it(*replaced: tuple[str, str]) -> None:
        changed = text
        for old, new in replaced:
            assert old in changed
            changed = changed.replace(old, new)
        (tmp_path / "misheard_twins.py").write_text(changed, encoding="utf-8")
        monkeypatch.delitem(sys.modules, "misheard_twins", raising=False)
        importlib.invalidate_caches()
        monkeypatch.setitem(registry._SCENARIOS, "misheard-twins", ("misheard_twins", "twins that mishear"))

    return enter_it


def test_the_scenario_of_contributing_runs_by_its_name(
    commonweal: Callable[..., tuple[int, str, str]], tmp_path: Path, enter: Callable[..., None]
) -> None:
    enter()
    code, out, _ = commonweal("run", "misheard-twins", *SHORT, "--out", str(tmp_path / "out"))
    assert code == 0
    assert "runs × label" in out
    assert "tit-for-tat cooperates least" in out
    code, out, _ = commonweal("run", "misheard-twins", *SHORT, "--out", str(tmp_path / "out"), "--json")
    assert code == 0
    printed = json.loads(out)
    explained = COMMON_KEYS.keys() | registry.load_scenario("misheard-twins").keys.keys()
    assert {key for entry in (*printed["cells"], *printed["verdicts"]) for key in entry} <= explained
    assert (Path(printed["results"]) / "misheard-twins.png").exists()
    code, out, _ = commonweal("list", "misheard-twins", "--json")
    assert code == 0
    assert [setting["path"] for setting in json.loads(out)["settings"]] == [
        "runs", "seed", "strategies", "noise", "turns",
    ]  # fmt: skip


def test_a_wrong_setting_of_it_is_refused_before_anything_is_played(
    commonweal: Callable[..., tuple[int, str, str]], tmp_path: Path, enter: Callable[..., None]
) -> None:
    enter(("twins = play_match(", "raise AssertionError\n    twins = play_match("))
    for setting, told in (
        ("noise=0,.6", "noise must lie in [0, 0.49], got 0.6"),
        ("strategies=tit-for-tit", "unknown strategy 'tit-for-tit'"),
        ("turns=0", "turns must be at least 1, got 0"),
    ):
        code, out, err = commonweal("run", "misheard-twins", "--set", setting, "--out", str(tmp_path / "out"))
        assert (code, out, len(err.splitlines())) == (2, "", 1)
        assert told in err


BROKEN = (
    ('(cell.strategy, f"{cell.noise:g}"', "(cell.strategy, cell.noise"),
    ("twins = play_match(", "assert cell.noise < 0.1, 'too loud'\n    twins = play_match("),
)


def test_an_entry_of_its_table_that_is_no_text_loses_no_data(
    commonweal: Callable[..., tuple[int, str, str]], tmp_path: Path, enter: Callable[..., None]
) -> None:
    enter(*BROKEN)
    code, out, err = commonweal("run", "misheard-twins", *SHORT, "--out", str(tmp_path / "out"))
    assert (code, out) == (2, "")
    (folder,) = (tmp_path / "out").iterdir()
    told = [line for line in err.splitlines() if line.startswith("commonweal: ")]
    assert told == [
        "commonweal: cell tit-for-tat/0.1 failed: AssertionError: too loud",
        "commonweal: the report failed (entries must be text or tuples of text, got 0.0 in column 'noise'): "
        f"what 2 finished cells gave is in {folder}, without a report",
    ]
    assert "Traceback" not in err
    assert json.loads((folder / "run.json").read_text())["failures"] == {
        "tit-for-tat/0.1": "AssertionError: too loud"
    }
    with xr.open_datatree(folder / "data.nc", engine="h5netcdf") as data:
        assert {leaf.path for leaf in data.leaves} == {"/tit-for-tat/0", "/tit-for-tat/0.01"}


def test_its_author_can_ask_where_the_report_failed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, enter: Callable[..., None]
) -> None:
    enter(*BROKEN)
    monkeypatch.setenv("COMMONWEAL_TRACEBACK", "1")
    monkeypatch.setattr(sys, "argv", ["commonweal", "run", "misheard-twins", *SHORT, "--out", str(tmp_path)])
    with pytest.raises(ValueError, match="the report failed") as failed:
        cli.main()
    assert "entries must be text" in str(failed.value.__cause__)
