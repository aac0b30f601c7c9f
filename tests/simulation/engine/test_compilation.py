import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from simulation.engine.compilation import cache_folder, compiled, rule

ROOT = Path(__file__).resolve().parents[3]

PROGRAM = """
import numpy as np
from simulation.learning.policy_gradient import sigmoid_of
print(repr(float(sigmoid_of(np.ones(1))[0])))
"""


@rule
def doubled(x: float) -> float:
    return 2.0 * x


def quadrupled(x: float) -> float:
    return doubled(doubled(x))


def test_a_rule_is_plain_python_and_compiles_with_its_caller() -> None:
    assert doubled(1.5) == 3.0
    twin = compiled(quadrupled)
    assert twin(1.5) == quadrupled(1.5) == 6.0
    assert twin.signatures  # type: ignore[attr-defined]


def test_cache_lies_under_the_folder_that_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert cache_folder(quadrupled).parent == tmp_path / "commonweal-compiled"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for package in ("theory", "simulation"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def result(copy: Path, cache: str = "cache") -> float:
    done = subprocess.run(
        [sys.executable, "-B", "-c", PROGRAM],
        cwd=copy,
        env={"NUMBA_CACHE_DIR": str(copy / cache), "PYTHONPATH": str(copy), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def compiled_files(copy: Path) -> dict[Path, int]:
    return {file: file.stat().st_mtime_ns for file in (copy / "cache").rglob("*.law")}


def edit_a_callee(copy: Path) -> None:
    callee = copy / "simulation" / "engine" / "elementary.py"
    text = callee.read_text(encoding="utf-8")
    edited = text.replace("r2 * (0.5 + r * (1.0 / 6.0))", "r2 * (0.5 + r * (1.0 / 5.0))")
    assert edited != text
    callee.write_text(edited, encoding="utf-8")


@pytest.mark.slow
def test_an_edit_recompiles_what_reaches_it_and_nothing_else(copy: Path) -> None:
    before = result(copy)
    kept = compiled_files(copy)
    assert kept
    assert result(copy) == before, "compiled code that was kept gives the same result"
    games = copy / "theory" / "games" / "catalogue.py"
    assert games.exists()
    with games.open("a", encoding="utf-8") as catalogue:
        catalogue.write("\n# one game more\n")
    assert result(copy) == before
    assert compiled_files(copy) == kept, "an edited catalogue recompiles nothing"
    with (copy / "simulation" / "engine" / "linked_rules.py").open("a", encoding="utf-8") as compiler:
        compiler.write("\n# compiled in another way\n")
    assert result(copy) == before
    assert compiled_files(copy) != kept, "an edited compiler recompiles everything"
    kept = compiled_files(copy)
    edit_a_callee(copy)
    after = result(copy)
    assert after != before
    assert after == pytest.approx(before)
    assert compiled_files(copy) != kept


@pytest.mark.slow
def test_an_edit_shows_where_no_code_can_be_kept(copy: Path) -> None:
    before = result(copy, os.devnull)
    edit_a_callee(copy)
    after = result(copy, os.devnull)
    assert after != before
    assert after == pytest.approx(before)
    assert [file for file in copy.rglob("*") if file.suffix in (".nbi", ".nbc", ".law")] == []


def test_an_empty_name_of_the_cache_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    usual = cache_folder(quadrupled)
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    assert cache_folder(quadrupled) == usual
    assert usual.is_absolute()
