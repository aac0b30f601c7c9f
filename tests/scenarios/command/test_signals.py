"""Signals that come while a library runs that an error would break wait until it is left."""

import signal
import time

import pytest

from scenarios.command.signals import Ended, Signals

# A library's function that sends a signal from within, and goes on.
LIBRARY = """
def run(send, then):
    send()
    then.append("went on")
"""


def library(name: str):
    namespace = {"__name__": name}
    exec(LIBRARY, namespace)
    return namespace["run"]


def asked() -> None:
    signal.raise_signal(signal.SIGTERM)


def wait_for_the_signal() -> None:
    for _ in range(500):
        time.sleep(0.01)


def test_within_jax_the_first_signal_waits_until_that_is_left() -> None:
    then: list[str] = []
    with Signals() as signals:
        library("jax._src.compiler")(asked, then)
        assert then == ["went on"]
        with pytest.raises(Ended, match="SIGTERM"):
            wait_for_the_signal()
        assert signals.received is not None


def test_elsewhere_it_breaks_off_at_once_as_a_second_one_does_anywhere() -> None:
    then: list[str] = []
    with Signals(), pytest.raises(Ended):
        library("numpy.linalg")(asked, then)
    with Signals():
        run = library("jaxlib")
        run(asked, then)
        with pytest.raises(Ended):
            run(asked, then)
    assert then == ["went on"]


def test_one_that_was_told_by_a_check_does_not_come_again() -> None:
    with Signals() as signals:
        library("jax")(asked, [])
        with pytest.raises(Ended):
            signals.check()
        time.sleep(0.2)


def test_one_that_is_held_meanwhile_does_not_come_again() -> None:
    with Signals() as signals:
        library("jax")(asked, [])
        assert signals.hold() is not None
        time.sleep(0.2)
        assert signals.received is None
