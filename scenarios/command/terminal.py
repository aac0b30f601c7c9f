"""The console that tables, results and progress are printed on.

What is printed is text: nothing in it is markup, an emoji's code or a command to the terminal.
"""

from __future__ import annotations

import sys
from typing import IO, Any, cast

from rich.console import Console
from rich.text import Text

from scenarios.command.streams import ForgivingStream, silence
from scenarios.frame.plain_text import in_ascii, visible


class PlainConsole(Console):
    """A console that prints every text as it is written, hidden characters spelled out."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Return the text for printing; rich asks here for everything that is printed as a `str`."""
        text = visible(text)
        if self.options.ascii_only:
            text = in_ascii(text)
        return super().render_str(text, **(options | {"markup": False, "emoji": False}))

    def on_broken_pipe(self) -> None:
        """Print no more: who reads our output has left (`| head`), and the work goes on."""
        self.quiet = True
        silence(sys.stdout)


def output_console() -> PlainConsole:
    """Return the console of standard output."""
    return PlainConsole(markup=False, emoji=False)


def error_console() -> PlainConsole:
    """Return the console of standard error, which never stops the work that it reports on."""
    return PlainConsole(markup=False, emoji=False, file=cast(IO[str], ForgivingStream(sys.stderr)))
