"""How many threads runs are spread over; no result depends on it."""

from __future__ import annotations

import os

from simulation.randomness import whole_number


def worker_threads(workers: int | None) -> int:
    """Return the number of threads that was asked for, at least 1; None stands for one for each processor."""
    return whole_number("workers", (os.cpu_count() or 1) if workers is None else workers, at_least=1)
