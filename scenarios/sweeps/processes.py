"""Points played by processes of this machine: one point each at a time, and a process that vanishes is replaced.

Each has a pipe of its own, so that nothing that one holds can block another, however it ends. They are spawned
anew: a process that is forked has the locks of all threads, and none of the threads.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import threading
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from simulation.sweeps.grid import Grid
from theory.checks import shown

Record = tuple[int, bytes]
Play = Callable[[Grid, int], bytes]

# So often one point may have its process vanish, or processes end before they play any.
ATTEMPTS = 3

_spawning = get_context("spawn")


def play_here(play: Play, grid: Grid, numbers: Iterable[int]) -> Iterator[Record]:
    """Yield the records of points, played one after the other in this process."""
    for number in numbers:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # every point would say what its parameters make likely
            record = play(grid, number)
        yield number, record


def play_by_processes(
    play: Play, grid: Grid, numbers: Iterable[int], workers: int, tell: Callable[[str], None]
) -> Iterator[Record]:
    """Yield the records of points as they are finished, played by so many processes.

    Raises
    ------
    ValueError
        If the processes cannot be given the sweep, or end again and again.
    """
    _check_sendable(play, grid)
    pool = _Pool(play, grid, deque(numbers), workers, tell)
    try:
        yield from pool.records()
    finally:
        pool.end()


def _check_sendable(play: Play, grid: Grid) -> None:
    try:
        pickle.dumps((play, grid))
    except Exception as error:
        raise ValueError(
            f"parameters must be such that other processes can be given them, got {shown(str(error))}: take 1 "
            "worker, or put functions and classes of your own into a file that can be imported"
        ) from error


@dataclass(eq=False)
class _Worker:
    process: BaseProcess
    pipe: Connection
    number: int | None = None
    """The point that it plays."""


class _Pool:
    def __init__(
        self, play: Play, grid: Grid, waiting: deque[int], workers: int, tell: Callable[[str], None]
    ) -> None:
        self._play, self._grid, self._waiting, self._tell = play, grid, waiting, tell
        self._vanished: Counter[int] = Counter()
        self._failed_starts = 0
        self._workers: list[_Worker] = []
        for _ in range(min(workers, len(waiting))):
            self._workers.append(self._started())

    def records(self) -> Iterator[Record]:
        for worker in self._workers:
            self._give(worker)
        while any(worker.number is not None for worker in self._workers):
            ready = wait([part for w in self._workers for part in (w.pipe, w.process.sentinel)])
            for worker in list(self._workers):
                if worker.pipe in ready or worker.process.sentinel in ready:
                    record = self._received(worker)
                    if record is not None:
                        yield record

    def _received(self, worker: _Worker) -> Record | None:
        """Return what a worker has played, and give it the next point; replace one that is no more."""
        try:
            content = worker.pipe.recv_bytes() if worker.pipe.poll() else None
        except (EOFError, OSError):
            content = None
        if content is None:
            self._replace(worker)
            return None
        number, worker.number = worker.number, None
        assert number is not None
        self._failed_starts = 0
        self._give(worker)
        return number, content

    def _replace(self, worker: _Worker) -> None:
        worker.process.join(5.0)
        code, number = worker.process.exitcode, worker.number
        self._drop(worker)
        if number is None:
            if self._waiting:
                self._workers.append(self._started())
                self._give(self._workers[-1])
            return
        self._vanished[number] += 1
        self._failed_starts += 1
        if self._vanished[number] >= ATTEMPTS or self._failed_starts >= ATTEMPTS * max(
            1, len(self._workers) + 1
        ):
            raise ValueError(
                f"a process must last until it has played its point, got {_ended_by(code)} at point {number}, "
                f"{self._vanished[number]} times; a script that calls sweep does so below "
                "`if __name__ == '__main__':`"
            )
        self._tell(f"a process ended at point {number} ({_ended_by(code)}): another one plays it")
        self._waiting.appendleft(number)
        self._workers.append(self._started())
        self._give(self._workers[-1])

    def _give(self, worker: _Worker) -> None:
        if not self._waiting:
            return
        worker.number = self._waiting.popleft()
        with contextlib.suppress(OSError):  # it may just have ended, which its sentinel tells
            worker.pipe.send(worker.number)

    def _started(self) -> _Worker:
        ours, theirs = _spawning.Pipe()
        process = _spawning.Process(target=_serve, args=(theirs, self._play, self._grid), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _drop(self, worker: _Worker) -> None:
        worker.pipe.close()
        self._workers.remove(worker)

    def end(self) -> None:
        """End all processes at once: what they were playing is not stored and is played again."""
        for worker in self._workers:
            worker.pipe.close()
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.process.close()


def _ended_by(code: int | None) -> str:
    if code is None or code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _serve(pipe: Any, play: Play, grid: Grid) -> None:
    """Play points until there are no more, or whoever asks for them is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who asks
    threading.Thread(target=_end_with_parent, daemon=True).start()
    warnings.simplefilter("ignore")
    while True:
        try:
            number = pipe.recv()
            pipe.send_bytes(play(grid, number))
        except (EOFError, OSError):
            return


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
