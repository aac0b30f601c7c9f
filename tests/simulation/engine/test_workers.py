"""Spreading runs over threads: their number, order, errors, ends and blocks."""

import os
import time
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.engine.workers import BLOCK_DRAWS, BLOCK_SECONDS, Check, blocks, in_threads, worker_threads


def test_one_thread_for_each_processor_unless_told() -> None:
    assert worker_threads(None) == (os.cpu_count() or 1)
    assert worker_threads(3) == 3


def test_at_least_one() -> None:
    with pytest.raises(ValueError, match="workers must be at least 1, got 0"):
        worker_threads(0)


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_parts_come_back_in_order_and_the_first_error_is_told(workers: int) -> None:
    assert in_threads(lambda part, check: part * part, range(20), workers) == [k * k for k in range(20)]
    assert in_threads(lambda part, check: part, [], workers) == []
    begun = []

    def play(part: int, check: Check) -> None:
        begun.append(part)
        if part in (3, 4, 17):
            raise ValueError(f"part {part}")

    with pytest.raises(ValueError, match="part 3"):
        in_threads(play, range(20), workers)
    # Whoever is later than a failed part is not begun any more.
    assert len(begun) < 20


def test_parts_that_have_begun_are_told_to_end() -> None:
    ends = []

    def play(part: int, check: Check) -> None:
        if part == 0:
            raise ValueError("part 0")
        try:
            while True:
                check()
        finally:
            ends.append(part)

    with pytest.raises(ValueError, match="part 0"):
        in_threads(play, range(9), 3)
    assert set(ends) <= {1, 2}


@given(st.integers(1, 10**9), st.integers(1, 10**7), st.booleans())
def test_blocks_cover_all_steps_once(steps: int, width: int, compiled: bool) -> None:
    calls: list[None] = []
    covered = 0
    for first, length in islice(blocks(steps, width, lambda: calls.append(None), compiled=compiled), 100):
        assert first == covered
        assert length >= 1
        assert length == 1 or length * width <= BLOCK_DRAWS
        covered += length
    assert covered <= steps
    assert covered == steps or len(calls) == 100


def test_blocks_grow_while_they_take_no_time_and_only_then() -> None:
    def lengths(pause: float) -> list[int]:
        found = []
        for _, length in islice(blocks(10**9, 1, lambda: None), 8):
            found.append(length)
            time.sleep(pause)
        return found

    quick = lengths(0.0)
    assert quick[-1] == BLOCK_DRAWS
    assert all(after <= 2 * before for before, after in pairwise(quick))
    assert len(set(lengths(0.6 * BLOCK_SECONDS))) == 1
