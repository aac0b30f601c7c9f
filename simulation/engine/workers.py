"""Spreading runs over threads: no result depends on it, and an error or an interrupt ends what has begun."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from time import perf_counter
from typing import TypeVar

from simulation.engine.randomness import whole_number

Part = TypeVar("Part")
Played = TypeVar("Played")

# Called between blocks of compiled code, which notice nothing by themselves: it raises if the part is to end.
Check = Callable[[], None]


def worker_threads(workers: int | None) -> int:
    """Return the number of threads that was asked for, at least 1; None stands for one for each processor."""
    return whole_number("workers", (os.cpu_count() or 1) if workers is None else workers, at_least=1)


def never_stopped() -> None:
    """Raise nothing: the check of a part that runs in the thread which is interrupted."""


class _StoppedError(Exception):
    """The user has interrupted, or an earlier part has failed."""


class _Parts:
    """Hands out parts one after the other, until one fails."""

    def __init__(self, number: int) -> None:
        self._lock = Lock()
        self._next = 0
        self.end = number
        self.errors: dict[int, BaseException] = {}

    def take(self) -> int | None:
        with self._lock:
            if self._next >= self.end:
                return None
            self._next += 1
            return self._next - 1

    def check(self, part: int) -> None:
        if part >= self.end:
            raise _StoppedError

    def fail(self, part: int, error: BaseException) -> None:
        # Earlier parts go on: whichever thread is first, the error of the first part is the one that is told.
        with self._lock:
            self.errors[part] = error
            self.end = min(self.end, part)

    def stop(self) -> None:
        with self._lock:
            self.end = 0


def in_threads(play: Callable[[Part, Check], Played], parts: Sequence[Part], workers: int) -> list[Played]:
    """Play all parts and return what they give, in their order.

    Parameters
    ----------
    play
        Plays one part. It calls the check that it is given between blocks of some tenths of a second.
    parts
        What is to be played.
    workers
        Number of threads, at least 1.

    Raises
    ------
    BaseException
        The error of the first part that failed; later parts are ended. An interrupt ends all that have begun.
    """
    workers = min(workers, len(parts))
    if workers <= 1:
        return [play(part, never_stopped) for part in parts]
    waiting = _Parts(len(parts))
    played: dict[int, Played] = {}

    def work() -> None:
        while (k := waiting.take()) is not None:
            try:
                played[k] = play(parts[k], partial(waiting.check, k))
            except _StoppedError:
                pass
            except BaseException as error:  # raised again where the user waits
                waiting.fail(k, error)

    with ThreadPoolExecutor(workers) as pool:
        try:
            for future in [pool.submit(work) for _ in range(workers)]:
                future.result()
        except BaseException:
            # Leaving the pool waits for parts that have begun, so they are told to end.
            waiting.stop()
            raise
    if waiting.errors:
        raise waiting.errors[min(waiting.errors)]
    return [played[k] for k in range(len(parts))]


# Draws of one block of compiled code, in all runs of a part, at most: 16 MiB.
BLOCK_DRAWS = 2**21

# The first block is so much smaller; blocks double while they take less than half of `BLOCK_SECONDS`, since what a
# draw costs is up to the law, and an interrupt is seen between them.
FIRST_BLOCK = 32
BLOCK_SECONDS = 0.2

# A law in plain Python takes so much longer.
PLAIN_SLOWNESS = 200


def blocks(
    steps: int, draws_per_step: int, check: Check, *, compiled: bool = True, singly: bool = False
) -> Iterator[tuple[int, int]]:
    """Cut `steps` into blocks, and yield the first step and the length of each; `check` is called before each.

    Blocks do not make a difference to results. One step each, `singly`, finds the step in which a run diverged.
    """
    slowness = 1 if compiled else PLAIN_SLOWNESS
    most = 1 if singly else max(1, BLOCK_DRAWS // slowness // draws_per_step)
    size = max(1, most // FIRST_BLOCK)
    first = 0
    while first < steps:
        check()
        began = perf_counter()
        yield first, min(size, steps - first)
        first += size
        if perf_counter() - began < BLOCK_SECONDS / 2:
            size = min(most, 2 * size)
