"""How many threads runs are spread over."""

import os

import pytest

from simulation.workers import worker_threads


def test_one_thread_for_each_processor_unless_told() -> None:
    assert worker_threads(None) == (os.cpu_count() or 1)
    assert worker_threads(3) == 3


def test_at_least_one() -> None:
    with pytest.raises(ValueError, match="workers must be at least 1, got 0"):
        worker_threads(0)
