"""A scenario of one's own is run by the path of its file, and only so."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr

CommandLine = Callable[..., tuple[int, str, str]]
SHORT = ("--runs", "2", "--set", "turns=50", "--set", "strategies=tit-for-tat")


def test_a_file_is_run_listed_and_named_in_its_results(
    commonweal: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scenario_text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(scenario_text, encoding="utf-8")
    code, out, _ = commonweal("run", "./mine.py", *SHORT, "--json")
    assert code == 0
    printed = json.loads(out)
    assert printed["scenario"] == "misheard-twins"
    folder = Path(printed["results"])
    assert folder.parent == Path("results")
    source = json.loads((folder / "run.json").read_text())["source"]
    assert source == {
        "file": "mine.py",
        "sha256": hashlib.sha256(scenario_text.encode()).hexdigest(),
        "text": scenario_text,
    }
    named = {"file": "mine.py", "sha256": source["sha256"]}
    assert printed["source"] == named
    with xr.open_datatree(folder / "data.nc", engine="h5netcdf") as data:
        assert json.loads(data.attrs["source"]) == named
    code, out, _ = commonweal("list", "mine.py")
    assert code == 0
    assert out.startswith("misheard-twins: Does a strategy keep cooperating with its twin")


@pytest.mark.slow
def test_a_file_may_import_its_neighbours_and_bear_the_name_of_a_library(
    commonweal: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scenario_text: str
) -> None:
    monkeypatch.setattr("sys.path", ["/nowhere-else", *__import__("sys").path])
    (tmp_path / "neighbour_of_mine.py").write_text("LEVELS = (0.0,)\n")
    text = scenario_text.replace(
        "noise: tuple[float, ...] = (0.0, 0.01, 0.1)", "noise: tuple[float, ...] = LEVELS"
    )
    (tmp_path / "random.py").write_text(
        "from neighbour_of_mine import LEVELS\nimport random\nrandom.random()\n" + text
    )
    code, out, _ = commonweal("run", str(tmp_path / "random.py"), *SHORT, "--out", str(tmp_path), "--json")
    assert code == 0
    assert json.loads(out)["parameters"]["noise"] == [0.0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "x = 1\n1 / 0\n",
            "must be a module that Python can run, got ZeroDivisionError in line 2: division by zero",
        ),
        ("def f(:\n", "got SyntaxError: invalid syntax (mine.py, line 1)"),
        ("import sys\nsys.exit(0)\n", "got SystemExit in line 2: 0"),
        (
            "import nothing_called_so\n",
            "got ModuleNotFoundError in line 1: No module named 'nothing_called_so'",
        ),
        ("SCENARIO = 3\n", "must hold SCENARIO = Scenario(...), got 3"),
        ("", "must hold SCENARIO = Scenario(...), got None"),
        ("\0", "got SyntaxError: source code string cannot contain null bytes"),
    ],
)
def test_a_file_that_is_none_is_one_line(
    commonweal: CommandLine, tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "mine.py"
    path.write_text(text)
    code, out, err = commonweal("run", str(path), "--out", str(tmp_path / "out"))
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert told in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["../../elsewhere", "a/b", "", ".hidden", "a b", "x" * 101, "\x1b[31m", 3])
def test_a_name_that_could_lead_out_of_the_results_is_refused(
    commonweal: CommandLine, tmp_path: Path, scenario_text: str, name: object
) -> None:
    (tmp_path / "mine.py").write_text(scenario_text.replace('name="misheard-twins"', f"name={name!r}"))
    code, out, err = commonweal("run", str(tmp_path / "mine.py"), *SHORT, "--out", str(tmp_path / "out"))
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "the name of a scenario must be of letters, digits" in err
    assert "\x1b" not in err


def test_a_picture_with_such_a_name_is_not_drawn(
    commonweal: CommandLine, tmp_path: Path, scenario_text: str
) -> None:
    (tmp_path / "mine.py").write_text(
        scenario_text.replace('Picture("misheard-twins"', 'Picture("../../twins"')
    )
    code, _, err = commonweal("run", str(tmp_path / "mine.py"), *SHORT, "--out", str(tmp_path / "out"))
    assert code == 2
    assert "the name of a picture must be that of a file, got '../../twins'" in err
    assert not list(tmp_path.rglob("*.png"))


@pytest.mark.parametrize("name", ["mine", "./mine", "mine.txt", "folder/mine"])
def test_only_an_explicit_path_is_a_file(
    commonweal: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    for path in ("mine", "mine.py", "folder/mine"):
        Path(path).write_text("raise AssertionError('this was run')\n")
    code, _, err = commonweal("run", name)
    assert code == 2
    assert "was run" not in err
