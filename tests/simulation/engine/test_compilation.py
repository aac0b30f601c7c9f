import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest

from simulation.engine.compilation import cache_folder, compiled, rule

ROOT = Path(__file__).resolve().parents[3]

PROGRAM = """
import numpy as np
from simulation.mechanism_design.runs import simulate
from simulation.mechanism_design.parameters import MechanismDesignParameters
data = simulate(MechanismDesignParameters(episodes=20), runs=1, seed=0, record="summary")
print(repr(float(data.final_cooperation_probability[0, 0])))
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


def test_compiling_leaves_numba_s_settings_alone() -> None:
    import numba

    before = numba.config.CACHE_DIR
    compiled(quadrupled)
    assert before == numba.config.CACHE_DIR


def tripled(x: float) -> float:
    return x + quadrupled(x) / 2.0


def test_threads_that_compile_at_once_keep_to_their_own_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    import numba

    used: dict[str, str] = {}
    second_is_in, first_is_out = Event(), Event()

    def njit(function: Callable[..., float], **options: object) -> Callable[..., float]:
        if function is quadrupled:
            second.start()
            second_is_in.wait(0.2)  # long enough to come in, if nothing keeps it from that
        else:
            second_is_in.set()
            first_is_out.wait()
        used[function.__name__] = numba.config.CACHE_DIR
        return function

    second = Thread(target=compiled, args=(tripled,))
    monkeypatch.setattr(numba, "njit", njit)
    compiled(quadrupled)
    first_is_out.set()
    second.join()
    assert used == {of.__name__: str(cache_folder(of)) for of in (quadrupled, tripled)}


def test_cache_lies_under_the_folder_that_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert cache_folder(quadrupled).parent == tmp_path


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for package in ("theory", "simulation"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def result(copy: Path) -> float:
    done = subprocess.run(
        [sys.executable, "-B", "-c", PROGRAM],
        cwd=copy,
        env={"NUMBA_CACHE_DIR": str(copy / "cache"), "PYTHONPATH": str(copy), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def compiled_files(copy: Path) -> dict[Path, int]:
    return {file: file.stat().st_mtime_ns for file in (copy / "cache").rglob("*.nb?")}


def test_an_edit_recompiles_what_reaches_it_and_nothing_else(copy: Path) -> None:
    before = result(copy)
    kept = compiled_files(copy)
    assert kept
    assert result(copy) == before, "compiled code that was kept gives the same result"
    with (copy / "theory" / "catalogue.py").open("a", encoding="utf-8") as catalogue:
        catalogue.write("\n# one game more\n")
    assert result(copy) == before
    assert compiled_files(copy) == kept, "an edited catalogue recompiles nothing"
    callee = copy / "simulation" / "learning" / "adam.py"
    text = callee.read_text(encoding="utf-8")
    callee.write_text(text.replace("SECOND_DECAY = 0.999", "SECOND_DECAY = 0.9"), encoding="utf-8")
    after = result(copy)
    assert after != before
    assert np.isfinite(after)
    assert compiled_files(copy) != kept


def test_an_empty_name_of_the_cache_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    usual = cache_folder(quadrupled)
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    assert cache_folder(quadrupled) == usual
    assert usual.is_absolute()
