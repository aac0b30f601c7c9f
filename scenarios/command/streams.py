"""Standard output and standard error, which may be narrow, full, closed, or left by their reader."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any, TextIO

from scenarios.frame.plain_text import in_ascii

# Narrower than this no table can be read: such a width is taken for a mistake.
LEAST_SIZES = {"COLUMNS": 20, "LINES": 1}


def prepare() -> None:
    """Make both streams take every text, and drop a size of the terminal that is none, and a window for pictures."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    for name, least in LEAST_SIZES.items():
        given = os.environ.get(name, str(least))
        if not (given.isascii() and given.isdecimal() and int(given[:6]) >= least):
            del os.environ[name]
    # Pictures go to files; what a notebook exports for its own ones may not be there.
    os.environ.pop("MPLBACKEND", None)


def say(text: str) -> None:
    """Print a text on standard output; a reader who has left (`| head`) is no failure."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        silence(sys.stdout)
    except OSError:
        silence(sys.stdout)
        raise


def complain(message: str) -> None:
    """Print a message on standard error, if somebody can read it there."""
    stream = ForgivingStream(sys.stderr)
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    print(message if encoding.lower().startswith("utf") else in_ascii(message), file=stream, flush=True)


class ForgivingStream:
    """A stream that loses what it cannot write: a full disk behind it stops nobody's work."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text, or lose it."""
        try:
            return len(text) if self._stream is None else self._stream.write(text)
        except OSError:
            self._stop()
            return len(text)

    def flush(self) -> None:
        """Write what waits, or lose it."""
        try:
            if self._stream is not None:
                self._stream.flush()
        except OSError:
            self._stop()

    def _stop(self) -> None:
        silence(self._stream)
        self._stream = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def silence(stream: TextIO | None) -> None:
    """Lead a stream nowhere, so that Python does not fail at its end on what is left in the buffer."""
    if stream is None:
        return
    with contextlib.suppress(OSError, ValueError):  # a stream of tests has no number
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
