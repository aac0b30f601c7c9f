"""Saying on the terminal that laws are being compiled, so that a bar which stands still is understood."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class CompilingNotice(logging.Handler):
    """Hears from the simulations that a compilation takes long, and says so once.

    It is for somebody who waits: where standard error is no terminal nothing is said, so that what a program reads
    there is the same with and without compiled code.
    """

    def __init__(self, console: Console) -> None:
        super().__init__(logging.INFO)
        self._console = console
        self._said = False

    def emit(self, record: logging.LogRecord) -> None:
        """Say what is done and that it is done once."""
        if self._console.is_terminal and not self._said:
            self._said = True
            self._console.print("compiling, once: the next run starts at once", style="dim")

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Hear of compilations within."""
        simulation = logging.getLogger("simulation")
        level = simulation.level
        simulation.addHandler(self)
        simulation.setLevel(logging.INFO)
        try:
            yield
        finally:
            simulation.setLevel(level)
            simulation.removeHandler(self)
