"""Programs of JAX that are kept: loaded by the next process, never if damaged, never where others can write."""

import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from simulation.engine.kept_programs import (
    environment_to_keep_programs,
    programs_folder,
    remove_unsound,
)

ROOT = Path(__file__).resolve().parents[3]

PROGRAM = """
import jax
from simulation.engine.kept_programs import keep_programs

keep_programs()
hits = []
jax.monitoring.register_event_listener(lambda name, **_: hits.append(name.endswith("cache_hits")))
print(float(jax.jit(lambda x: jax.numpy.sin(x) * 3)(2.0)), sum(hits), jax.config.jax_compilation_cache_dir)
"""


def environment(folder: Path) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("JAX_")}
    return {
        **others,
        "NUMBA_CACHE_DIR": str(folder),
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "error::UserWarning",
    }


def run(folder: Path) -> list[str]:
    """Compile a program in a process of its own; return its result, how many programs were found kept, and where."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, env=environment(folder), cwd=folder
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.slow
def test_the_next_process_finds_what_was_compiled_and_what_is_damaged_is_compiled_again(
    tmp_path: Path,
) -> None:
    value, hits, where = run(tmp_path)
    kept = sorted(Path(where).glob("*-cache"))
    assert hits == "0"
    assert kept
    assert run(tmp_path)[:2] == [value, str(len(kept))]
    whole = kept[0].read_bytes()
    for damaged in (
        whole[:-10],
        b"",
        b"nothing of the kind",
        bytes([*whole[:40], whole[40] ^ 1, *whole[41:]]),
    ):
        kept[0].write_bytes(damaged)
        assert run(tmp_path)[:2] == [value, str(len(kept) - 1)]
        assert kept[0].read_bytes() != damaged


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    return programs_folder()


def test_a_place_that_others_can_write_to_is_not_used(folder: Path) -> None:
    assert environment_to_keep_programs()["JAX_COMPILATION_CACHE_DIR"] == str(folder)
    folder.chmod(0o777)
    assert environment_to_keep_programs() == {}


def test_where_no_folder_can_be_made_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    assert environment_to_keep_programs() == {}


def test_of_too_many_bytes_the_oldest_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = zlib.compress(os.urandom(1000))
    for age, name in enumerate(("new", "older", "oldest")):
        (tmp_path / name).write_bytes(whole)
        os.utime(tmp_path / name, (1e9 - age, 1e9 - age))
    remove_unsound(tmp_path, most_bytes=2 * len(whole))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["new", "older"]
