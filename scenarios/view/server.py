"""The server of a page: on this machine alone, without telemetry, all of it from installed packages."""

from __future__ import annotations

import logging
import os
import socket
import threading
import warnings
import webbrowser
from collections.abc import Callable

from scenarios.view.environment import HOST, set_environment
from theory.checks import whole_number
from theory.libraries import optional_library

LARGEST_PORT = 65535

_PURPOSE = "for the page of a world"

# Of what a page is made of besides solara, whose own server asks for its files.
_NEEDED = ("solara", "solara_assets", "ipyvuetify", "altair", "uvicorn", "mesa.visualization")

# Seconds that visitors are given when the server ends.
_PATIENCE = 1


def check_installed() -> None:
    """Raise ValueError if a part of the page is not installed, which says how to install it."""
    set_environment()
    for module in _NEEDED:
        optional_library(module, extra="view", purpose=_PURPOSE)


def bound_socket(port: int) -> socket.socket:
    """Return a socket that listens to this machine; 0 finds a free port. ValueError if the port is taken."""
    whole_number("port", port, at_least=0, at_most=LARGEST_PORT)
    found = socket.socket()
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((HOST, port))
    except OSError as error:
        found.close()
        raise ValueError(
            f"port must be free on {HOST}, got {port} ({error.strerror}); --port 0 finds one"
        ) from None
    return found


def serve(listening: socket.socket, *, started: Callable[[str], None]) -> None:
    """Serve the page that `scenarios.view.page.open_page` opened until a signal ends it.

    Parameters
    ----------
    listening
        Of `bound_socket`.
    started
        Called with the page's address as soon as visitors can come.
    """
    import uvicorn

    os.environ["SOLARA_APP"] = "scenarios.view.page"
    logging.getLogger("solara").setLevel(logging.ERROR)
    # That the page could not be shown inside of another one.
    warnings.filterwarnings("ignore", message="Cookies with samesite=none")

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if self.started:
                started(f"http://{HOST}:{listening.getsockname()[1]}")

    # A browser that sleeps, or is slow, keeps its world: no pings to answer.
    config = uvicorn.Config(
        "solara.server.starlette:app",
        log_level="error",
        access_log=False,
        ws_ping_interval=None,
        timeout_graceful_shutdown=_PATIENCE,
    )
    Server(config).run(sockets=[listening])


def open_browser(address: str) -> None:
    """Open an address in the browser that this machine has, if any, without waiting for it."""
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
