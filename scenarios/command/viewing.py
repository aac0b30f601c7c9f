"""What `commonweal view` does: which worlds have a page, and opening one until it is ended."""

from __future__ import annotations

from collections.abc import Sequence

from scenarios.command.listing import names_in_lines
from scenarios.command.signals import Ended, Signals
from scenarios.command.streams import say
from scenarios.frame.settings import read_whole_number, with_settings
from simulation.engine.fields import with_values
from simulation.worlds.catalogue import world, world_summary
from theory.checks import known_name, seed_number

# Known here, too, so that naming them loads nothing.
NAMES = ("mechanism-design", "population", "duels", "groups", "literal-groups", "handover")


def pages() -> str:
    """Return which worlds have a page, in lines."""
    return names_in_lines("Pages (commonweal view NAME)", {name: world_summary(name) for name in NAMES})


def view(
    name: str, settings: Sequence[str], *, seed: str, port: str, browser: bool, signals: Signals
) -> None:
    """Serve the page of a world until a signal ends it.

    Raises
    ------
    ValueError
        If the world has no page, a setting or the seed is refused, the port is taken, or the extra `view` is not
        installed.
    """
    known_name("world with a page", name, NAMES)
    number = seed_number("seed", read_whole_number("seed", seed))
    # What needs nothing of the extra is checked before it is asked for.
    with_settings(world(name).Parameters(), settings)
    from scenarios.view.server import bound_socket, check_installed, open_browser, serve

    with bound_socket(read_whole_number("port", port)) as listening:
        check_installed()
        from scenarios.view.page import Opened, open_page
        from scenarios.view.worlds import page_of

        start = with_settings(with_values(world(name).Parameters(), page_of(name).begins), settings)
        open_page(Opened(name, start, number))

        def tell(address: str) -> None:
            say(f"{name} is played at {address}, for this machine alone. Ctrl-C ends it.")
            if browser:
                open_browser(address)

        try:
            serve(listening, started=tell)
            signals.check()
        except Ended:
            signals.received = None
        say("The page is closed.")
