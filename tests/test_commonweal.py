"""`commonweal` gives all public names, knows its version, and says which module stands in its way."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import commonweal
import scenarios
import simulation
import theory

ROOT = Path(__file__).resolve().parent.parent
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def python(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, cwd=folder, env=environment
    )


def test_it_gives_the_public_names_of_all_floors() -> None:
    # A sweep that is stored takes the name of the one that is not.
    names = {name: floor for floor in (theory, simulation, scenarios) for name in floor.__all__}
    assert commonweal.__all__ == sorted(names)  # type: ignore[attr-defined]
    assert dir(commonweal) == sorted((*names, "__version__"))
    for name, floor in names.items():
        assert getattr(commonweal, name) is getattr(floor, name), name


def test_a_name_means_one_thing_on_both_floors() -> None:
    for name in set(theory.__all__) & set(simulation.__all__):
        assert getattr(theory, name) is getattr(simulation, name), name
    assert set(scenarios.__all__) & {*theory.__all__, *simulation.__all__} == {
        "sweep"
    }  # which is stored there


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'jduge'"):
        commonweal.jduge  # type: ignore[attr-defined]  # noqa: B018


def test_version() -> None:
    assert commonweal.__version__ == VERSION
    for arguments in (["-m", "commonweal"], ["-m", "scenarios.cli"]):
        done = python(*arguments, "--version", folder=ROOT)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"commonweal {VERSION}\n", "")


@pytest.mark.parametrize("theirs", ["theory.py", "simulation/__init__.py", "scenarios.py"])
def test_a_module_that_stands_in_the_way_is_named(theirs: str, tmp_path: Path) -> None:
    place = tmp_path / theirs
    place.parent.mkdir(exist_ok=True)
    place.write_text("")
    found = place.parent if place.name == "__init__.py" else place
    floor = found.stem
    for arguments, start in (
        (["-c", "from commonweal import judge"], "ImportError: "),
        (["-c", f"import {floor}, commonweal; commonweal.judge"], "ImportError: "),
        (["-m", "commonweal", "list"], "commonweal: "),
    ):
        done = python(*arguments, folder=tmp_path)
        assert done.returncode != 0
        said = done.stderr.strip().splitlines()[-1]
        assert said.startswith(
            f"{start}`import {floor}` must find the package in {ROOT / floor}, got {found}; rename"
        )


def test_wheels_and_editable_installs_hold_it() -> None:
    hatch = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]
    wheel = hatch["build"]["targets"]["wheel"]
    assert set(wheel["only-include"]) == {"theory", "simulation", "scenarios", "commonweal.py"}
    assert "force-include" not in wheel, "an editable install would get a copy, which grows old"


def test_a_folder_of_plain_files_stands_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "theory").mkdir()
    (tmp_path / "theory" / "notes.txt").write_text("")
    done = python("-c", "from commonweal import judge; print(judge.__module__)", folder=tmp_path)
    assert done.stdout == "theory.verdicts.verdict\n"


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize(("target", "installed"), [("run", ["."]), ("test", [".", ".[test]"])])
def test_set_up_installs_what_is_needed_and_no_more(
    tmp_path: Path, target: str, installed: list[str]
) -> None:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    told = subprocess.run(["make", "-n", target], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert re.findall(r'-e "?(\.[^" ]*?)"?$', told.stdout, re.MULTILINE) == installed
