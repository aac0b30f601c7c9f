"""Points played on the workers of a dask.distributed scheduler, which is trusted: it sends and runs code."""

from __future__ import annotations

import contextlib
import gc
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from queue import Empty, SimpleQueue
from typing import Any

from scenarios.sweeps.processes import ATTEMPTS, Play, Record
from simulation.sweeps.grid import Grid
from theory.libraries import optional_library

# Seconds: to reach the scheduler; between looks whether it is still there; without any worker.
CONNECT, LOOK, WITHOUT_WORKERS = 10.0, 1.0, 60.0

# Points that each thread of the cluster has ahead of it: what is on its way takes memory.
AHEAD = 2


def play_on_cluster(
    play: Play, grid: Grid, numbers: Iterable[int], address: str, tell: Callable[[str], None]
) -> Iterator[Record]:
    """Yield the records of points as the workers of a scheduler finish them.

    Raises
    ------
    ValueError
        If the scheduler cannot be reached, is gone, has no workers, or its workers end again and again.
    """
    distributed = optional_library("distributed", extra="cluster", purpose="to play on a cluster")
    client = _connected(distributed, address)
    cluster = _Cluster(client, play, grid, iter(numbers), address, tell)
    try:
        yield from cluster.records()
    finally:
        cluster.end()


def _connected(distributed: Any, address: str) -> Any:
    _quiet()
    try:
        return distributed.Client(address, timeout=CONNECT, set_as_default=False)
    except Exception as error:
        # A client that is half made closes itself when it is collected: not while the next one starts, whose lock it
        # would wait for, but now.
        traceback.clear_frames(error.__traceback__)
        reason = type(error).__name__
    gc.collect()
    raise ValueError(
        f"cluster must be the address of a dask scheduler that answers, such as tcp://127.0.0.1:8786, got "
        f"{address} ({reason})"
    )


def _quiet() -> None:
    """Let the library's own log say nothing of connections that end: it is told here in one line."""
    import logging

    for name in (
        "distributed",
        "distributed.client",
        "distributed.core",
        "distributed.comm",
        "tornado.application",
    ):
        logging.getLogger(name).setLevel(logging.CRITICAL)


class _Cluster:
    def __init__(
        self,
        client: Any,
        play: Play,
        grid: Grid,
        waiting: Iterator[int],
        address: str,
        tell: Callable[[str], None],
    ) -> None:
        self._client, self._play, self._grid, self._waiting = client, play, grid, waiting
        self._address, self._tell = address, tell
        self._numbers: dict[Any, int] = {}
        self._done: SimpleQueue[Any] = SimpleQueue()
        self._vanished: Counter[int] = Counter()
        self._last_workers = time.monotonic()

    def records(self) -> Iterator[Record]:
        self._fill()
        while self._numbers:
            for future in self._finished():
                number = self._numbers.pop(future)
                content = self._content(future, number)
                if content is None:
                    self._submit(number)
                else:
                    yield number, content
            self._fill()

    def _fill(self) -> None:
        ahead = max(1, AHEAD * self._threads())
        while len(self._numbers) < ahead and (number := next(self._waiting, None)) is not None:
            self._submit(number)

    def _submit(self, number: int) -> None:
        key = f"point-{number}-{time.time_ns()}"
        future = self._client.submit(self._play, self._grid, number, pure=False, key=key)
        self._numbers[future] = number
        future.add_done_callback(self._done.put)

    def _threads(self) -> int:
        """Return how many points can be played at once; wait for workers where there are none."""
        while True:
            self._refuse_gone()
            try:
                threads = int(sum(self._client.nthreads().values()))
            except Exception as error:
                raise self._gone() from error
            if threads:
                self._last_workers = time.monotonic()
                return threads
            if time.monotonic() - self._last_workers > WITHOUT_WORKERS:
                raise ValueError(
                    f"the scheduler {self._address} must have workers, got none for {WITHOUT_WORKERS:g} seconds; "
                    "what is stored stays, and the same call goes on from there"
                )
            time.sleep(LOOK)

    def _finished(self) -> list[Any]:
        """Return futures that are done; none after a while, in which the scheduler is seen to be there."""
        try:
            done = [self._done.get(timeout=LOOK)]
        except Empty:
            self._threads()
            return []
        while not self._done.empty():
            done.append(self._done.get())
        return [future for future in done if future in self._numbers]

    def _content(self, future: Any, number: int) -> bytes | None:
        """Return what was played; None where the worker was lost and another one is to play it."""
        try:
            content = future.result(timeout=CONNECT)
        except Exception as error:
            self._refuse_gone()
            self._vanished[number] += 1
            reason = type(error).__name__
            if self._vanished[number] >= ATTEMPTS:
                raise ValueError(
                    f"a worker of the cluster must last until it has played its point, got {reason} at point "
                    f"{number}, {self._vanished[number]} times: {' '.join(str(error).split())[:300]}"
                ) from error
            self._tell(f"a worker of the cluster was lost at point {number} ({reason}): it is played again")
            return None
        return bytes(content)

    def _refuse_gone(self) -> None:
        if self._client.status != "running":
            raise self._gone()

    def _gone(self) -> ValueError:
        return ValueError(
            f"the scheduler {self._address} must stay until the sweep is done, got no answer from it; what is stored "
            "stays, and the same call goes on from there"
        )

    def end(self) -> None:
        """Let go of the cluster, whose workers and scheduler stay."""
        with contextlib.suppress(Exception):
            self._client.cancel(list(self._numbers), force=True)
        with contextlib.suppress(Exception):
            self._client.close(timeout=2)
