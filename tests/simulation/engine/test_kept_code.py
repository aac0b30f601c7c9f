import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from numba.core import types

from simulation.engine.compilation import cache_folder, compiled
from simulation.engine.kept_code import KeptCode, remove_least_recently_used

ROOT = Path(__file__).resolve().parents[3]


def law(x: float) -> float:
    return 2.0 * x + 1.0


def other_law(x: float) -> float:
    return 3.0 * x


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file of `law`, which another twin has compiled."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert loaded(law) == 0
    (file,) = cache_folder(law).iterdir()
    return file


def loaded(function: Callable[[float], float]) -> int:
    """Call a new twin and return how often its code was taken from a file."""
    twin: Any = compiled(function)
    assert twin(5.0) == function(5.0)
    return sum(twin.stats.cache_hits.values())


def test_what_was_kept_is_loaded(kept: Path) -> None:
    assert loaded(law) == 1


def empty(file: Path) -> None:
    file.write_bytes(b"")


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def garbage(file: Path) -> None:
    file.write_bytes(b"1\n2\n" * 1000)


def one_bit_of_the_code(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def of_another_law(file: Path) -> None:
    assert loaded(other_law) == 0
    (other,) = cache_folder(other_law).iterdir()
    file.write_bytes(other.read_bytes())


def of_another_user(file: Path) -> None:
    if not hasattr(os, "chown") or os.getuid() != 0:
        pytest.skip("only root gives files away")
    os.chown(file, 12345, -1)


DAMAGES = [empty, cut_off, garbage, one_bit_of_the_code, of_another_law, of_another_user]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_or_foreign_file_is_not_used_and_is_replaced(
    damage: Callable[[Path], None], kept: Path
) -> None:
    damage(kept)
    assert loaded(law) == 0
    assert loaded(law) == 1


def a_folder_in_its_place(file: Path) -> None:
    file.unlink()
    file.mkdir()


def a_file_in_the_folder_s_place(file: Path) -> None:
    file.unlink()
    file.parent.rmdir()
    file.parent.write_text("")


@pytest.mark.parametrize("obstacle", [a_folder_in_its_place, a_file_in_the_folder_s_place])
def test_where_nothing_can_be_written_code_is_made_in_memory(
    obstacle: Callable[[Path], None], kept: Path
) -> None:
    obstacle(kept)
    assert loaded(law) == 0
    assert loaded(law) == 0


def test_code_for_other_processors_and_other_settings_has_other_names() -> None:
    code = KeptCode(law, Path("0" * 16))
    signature = (types.float64,)

    def name(*processor: str) -> str:
        key = code._key(signature, SimpleNamespace(magic_tuple=lambda: processor))
        assert key is not None
        return str(code._file(key))

    assert name("x86_64", "znver4", "+avx2") == name("x86_64", "znver4", "+avx2")
    assert name("x86_64", "znver4", "+avx2") != name("x86_64", "znver4", "-avx2")


def test_a_law_that_is_given_functions_is_not_kept() -> None:
    code = KeptCode(law, Path("0" * 16))
    function = types.Dispatcher(compiled(law))
    codegen = SimpleNamespace(magic_tuple=tuple)
    assert code._key((types.float64,), codegen)
    assert code._key((function,), codegen) is None
    assert code._key((types.Tuple([types.float64, function]),), codegen) is None


def test_flushing_forgets_the_law(kept: Path) -> None:
    compiled(law)._cache.flush()  # type: ignore[attr-defined]
    assert not kept.exists()


def test_the_least_recently_used_folders_are_removed(tmp_path: Path) -> None:
    for k in range(5):
        folder = tmp_path / f"{k:016x}"
        folder.mkdir()
        (folder / "code.law").write_text("")
        os.utime(folder, (k, k))
    (tmp_path / "somebody-else-s").mkdir()
    (tmp_path / f"{9:016x}").write_text("a file")
    os.utime(tmp_path / f"{0:016x}")
    remove_least_recently_used(tmp_path, most=3)
    left = {entry.name for entry in tmp_path.iterdir()}
    assert left == {f"{0:016x}", f"{3:016x}", f"{4:016x}", "somebody-else-s", f"{9:016x}"}
    remove_least_recently_used(tmp_path, most=3)
    assert {entry.name for entry in tmp_path.iterdir()} == left


def test_loading_counts_as_use(kept: Path) -> None:
    os.utime(kept.parent, (0, 0))
    assert loaded(law) == 1
    assert kept.parent.stat().st_mtime > 0


def test_a_folder_that_is_removed_after_the_twin_was_made_is_made_again(kept: Path) -> None:
    twin: Any = compiled(law)
    remove_least_recently_used(kept.parent.parent, most=0)
    assert twin(5.0) == 11.0
    assert kept.exists()


def run(program: str, *arguments: str, cache: Path | str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Error" not in done.stderr
    return done.stdout


FULL_DISK = """
import resource, signal
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
import numpy as np
from simulation.engine.elementary import exp_of
print(exp_of(np.zeros(1)))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit of files' sizes")
def test_a_full_disk_stops_nothing(tmp_path: Path) -> None:
    assert run(FULL_DISK, cache=tmp_path) == "[1.]\n"
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


COMMAND = """
import sys
from scenarios.cli import main
strategies = ["tournament", "tit-for-tat", "always-defect", "--turns", "5", "--repetitions", "2"]
sys.argv = ["commonweal", *strategies, "--out", sys.argv[1], "--json"]
main()
"""


def tournament(cache: Path | str, out: Path) -> dict[str, Any]:
    printed: dict[str, Any] = json.loads(run(COMMAND, str(out), cache=cache))
    return {name: value for name, value in printed.items() if name not in ("results", "seconds")}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Return a folder with all compiled code of a command, and what the command prints."""
    cache, out = tmp_path_factory.mktemp("cache"), tmp_path_factory.mktemp("results")
    return cache, tournament(cache, out)


@pytest.mark.slow
@pytest.mark.parametrize("damage", [empty, cut_off, garbage])
def test_a_command_repairs_its_compiled_code(
    damage: Callable[[Path], None], sound: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    cache, printed = sound
    files = {file: file.read_bytes() for file in cache.rglob("*.law")}
    assert files
    for file in files:
        damage(file)
    assert tournament(cache, tmp_path) == printed
    assert all(file.stat().st_size > 1000 for file in files), "sound files are there again"
    assert set(cache.rglob("*.law")) == set(files)


@pytest.mark.slow
def test_a_command_that_can_keep_nothing_prints_the_same(
    sound: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    assert tournament(os.devnull, tmp_path) == sound[1]


FACTORY = """
import sys
from simulation.engine.compilation import compiled, rare_rule

def make_rule(k):
    @rare_rule
    def step(x):
        y = x
        for i in range(int(x)):
            y = y * k - i
            while y > 100.0:
                y -= 17.0
        return y
    return step

def make_law(step):
    def law(x: float) -> float:
        return step(x) + step(x + 1.0) + step(2.0 * x)
    return law

laws = {"A": make_law(make_rule(1.0)), "B": make_law(make_rule(3.0))}
twins = {name: compiled(law) for name, law in laws.items()}
for name in sys.argv[1]:
    assert twins[name](5.0) == laws[name](5.0), name
print(sum(sum(twin.stats.cache_hits.values()) for twin in twins.values()))
"""


@pytest.mark.slow
def test_laws_of_one_text_that_different_processes_compiled_keep_their_own_rules(tmp_path: Path) -> None:
    """numba gives both rules one name, and the code that is loaded second the rule of the first."""
    program = tmp_path / "factory.py"
    program.write_text(FACTORY, encoding="utf-8")
    start = f"import runpy, sys; runpy.run_path({str(program)!r}, run_name='__main__')"
    hits = [run(start, names, cache=tmp_path / "cache") for names in ("A", "B", "AB", "BA")]
    assert hits == ["0\n", "0\n", "2\n", "2\n"]
