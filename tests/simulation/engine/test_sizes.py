"""Memory that is free, and what does not fit into it."""

import os

import numpy as np
import pytest

from simulation.engine import sizes
from simulation.engine.sizes import free_memory, refuse_beyond_memory, size_of


def test_no_more_is_free_than_the_machine_has() -> None:
    assert 0 < free_memory() <= os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def test_the_limit_of_a_container_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {"memory.max": 5 * 2**20, "memory.current": 2 * 2**20}
    monkeypatch.setattr(sizes, "_number_in", lambda file: kept[file.name])
    assert free_memory() == 3 * 2**20
    kept["memory.current"] = 6 * 2**20
    assert free_memory() == 0
    with pytest.raises(
        ValueError, match="into the 0 MiB of memory that are free, got 65 MiB for a table: lower rows"
    ):
        refuse_beyond_memory("a table", 64 * 2**20 + 1, lower="rows")


def test_a_limit_that_is_no_number_is_none(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "memory.max").write_text("max\n")
    assert sizes._number_in(tmp_path / "memory.max") is None
    assert sizes._number_in(tmp_path / "nowhere") is None
    (tmp_path / "memory.max").write_text("4096\n")
    assert sizes._number_in(tmp_path / "memory.max") == 4096


def test_little_is_asked_for_without_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    def look() -> int:
        raise AssertionError

    monkeypatch.setattr(sizes, "free_memory", look)
    refuse_beyond_memory("a table", 64 * 2**20, lower="rows")


def test_the_size_of_arrays() -> None:
    assert size_of([np.zeros(3), 7, np.zeros((2, 5), np.int8)]) == 34
