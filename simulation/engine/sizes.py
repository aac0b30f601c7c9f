"""Memory that is not free is refused before it is asked for."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

MEBIBYTE = 2**20

# So little is asked for without looking at what is free.
SMALL = 64 * MEBIBYTE

# Without a system that tells, as much as a small machine has.
_MEMORY_UNKNOWN = 4 * 2**30


def refuse_beyond_memory(what: str, needed: int, *, lower: str) -> None:
    """Raise ValueError if more bytes would be needed than are free.

    Parameters
    ----------
    what
        What takes the memory, for the message: "10 runs of 4000 recorded episodes".
    needed
        Bytes.
    lower
        Which arguments make it less: "runs, or record fewer episodes".
    """
    if needed <= SMALL:
        return
    free = free_memory()
    if needed > free:
        raise ValueError(
            f"what is kept must fit into the {free // MEBIBYTE} MiB of memory that are free, got "
            f"{-(-needed // MEBIBYTE)} MiB for {what}: lower {lower}"
        )


def free_memory() -> int:
    """Return how many bytes can be had without taking them from others; a container's limit counts."""
    free = _free_of_machine()
    limit, used = (_number_in(Path("/sys/fs/cgroup") / name) for name in ("memory.max", "memory.current"))
    return free if limit is None else min(free, max(limit - (used or 0), 0))


def size_of(arrays: Iterable[object]) -> int:
    """Return the bytes of the arrays among some objects."""
    return sum(part.nbytes for part in arrays if isinstance(part, np.ndarray))


def _free_of_machine() -> int:
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return _MEMORY_UNKNOWN


def _number_in(file: Path) -> int | None:
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):  # no such limit, or "max"
        return None
