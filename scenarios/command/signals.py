"""Signals that ask a program to end: one lets what is finished be stored and told, a second one ends at once."""

from __future__ import annotations

import atexit
import signal
import sys
import threading
from collections.abc import Callable
from functools import wraps
from types import FrameType, TracebackType
from typing import Any, ParamSpec, Self

P = ParamSpec("P")

# Ctrl-C; what schedulers, `timeout` and `docker stop` send; and a terminal that is closed.
ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


# Libraries whose code in C++ calls Python back and ends the process by a segmentation fault if that raises a signal's
# error: JAX 0.10 while it traces or compiles.
BROKEN_BY_ERRORS = frozenset({"jax", "jaxlib"})

# A signal that comes while one of these runs is sent again after so long.
SECONDS_UNTIL_AGAIN = 0.05


class Ended(KeyboardInterrupt):
    """The program was asked to end by a signal."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


class Signals:
    """Turns signals that end into `Ended`, within a `with`; after `hold()` the first is only noted.

    A signal that was ignored before, as by `nohup`, stays ignored. One that comes where Python can pass no error on
    (in a callback of C, when an object is freed) is not told there, but heard by the next `check()`. Where an error
    would break the process (`BROKEN_BY_ERRORS`), the first one waits until that is left.
    """

    def __init__(self) -> None:
        self.received: Ended | None = None
        self._holding = False
        self._waiting = False
        self._is_again = False
        self._before: dict[int, Any] = {}
        self._tell_unraisable = sys.unraisablehook

    def hold(self) -> Ended | None:
        """From now on note the first signal instead of breaking off what is done; return one that came before."""
        self._holding, self._waiting = True, False
        before, self.received = self.received, None
        return before

    def check(self) -> None:
        """Raise a signal that came but was lost, as in code that catches everything or makes an error of it."""
        if self.received is not None:
            self._waiting = False
            raise self.received

    def unbroken(self, function: Callable[P, None]) -> Callable[P, None]:
        """Return a function that the first signal does not break off; the next `check()` raises it."""

        @wraps(function)
        def whole(*args: P.args, **kwargs: P.kwargs) -> None:
            held, self._holding = self._holding, True
            try:
                function(*args, **kwargs)
            finally:
                self._holding = held

        return whole

    def _receive(self, number: int, frame: FrameType | None) -> None:
        first = self.received is None or self._is_again
        self._is_again = False
        self.received = Ended(number)
        if first and self._holding:
            return
        if first and _would_break(frame):
            self._waiting = True
            timer = threading.Timer(SECONDS_UNTIL_AGAIN, self._send_again, (number,))
            timer.daemon = True
            timer.start()
            return
        self._waiting = False
        raise self.received

    def _send_again(self, number: int) -> None:
        if self._waiting:
            self._is_again = True
            signal.raise_signal(number)

    def __enter__(self) -> Self:
        """Take over the signals; only a program's main thread can."""
        if threading.current_thread() is threading.main_thread():
            for number in ENDING:
                handler: Callable[..., Any] | int | None = signal.getsignal(number)
                if handler is not signal.SIG_IGN and handler is not None:
                    self._before[number] = signal.signal(number, self._receive)
        self._tell_unraisable, sys.unraisablehook = sys.unraisablehook, self._unraisable
        return self

    def _unraisable(self, lost: Any) -> None:
        if not isinstance(lost.exc_value, Ended):
            self._tell_unraisable(lost)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the signals back."""
        sys.unraisablehook = self._tell_unraisable
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self._before:
            atexit.unregister(_end_silently)
            atexit.register(_end_silently)  # what is registered last comes first


def _would_break(frame: FrameType | None) -> bool:
    """Return whether one of the libraries that break is running: whether it stands anywhere on the stack."""
    while frame is not None:
        if str(frame.f_globals.get("__name__")).partition(".")[0] in BROKEN_BY_ERRORS:
            return True
        frame = frame.f_back
    return False


def _end_silently() -> None:
    """Let Ctrl-C end a program that has told everything and leaves, in place of an error that nobody can catch."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
