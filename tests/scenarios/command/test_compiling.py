import io
import logging

import pytest

from scenarios.command.tables import TerminalProgress
from scenarios.command.terminal import PlainConsole

SAID = "compiling, once"


def play(*, is_terminal: bool, levels: tuple[int, ...]) -> str:
    """Return what stands on the terminal after work of two bars, in each step of which the log is told something."""
    printed = io.StringIO()
    progress = TerminalProgress(PlainConsole(file=printed, force_terminal=is_terminal, width=80), "work")
    for _ in range(2):
        for level in progress(levels, total=len(levels)):
            logging.getLogger("simulation.engine.linked_rules").log(level, "compiling a law")
    return printed.getvalue()


def test_it_is_said_once_on_a_terminal() -> None:
    assert play(is_terminal=True, levels=(logging.INFO, logging.INFO)).count(SAID) == 1


def test_it_is_not_said_without_need_nor_to_programs() -> None:
    assert SAID not in play(is_terminal=True, levels=(logging.DEBUG,))
    assert SAID not in play(is_terminal=False, levels=(logging.INFO,))


def test_listening_ends_with_the_work(capsys: pytest.CaptureFixture[str]) -> None:
    simulation = logging.getLogger("simulation")
    before = simulation.level, list(simulation.handlers)
    play(is_terminal=True, levels=(logging.INFO,))
    assert (simulation.level, simulation.handlers) == before
    assert capsys.readouterr() == ("", "")
