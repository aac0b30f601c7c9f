"""A headless Chromium for tests, driven over its DevTools protocol; no network but loopback is needed."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlparse
from urllib.request import urlopen

# Debian's name, and others'.
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")

_OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
    "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows",
    "--remote-debugging-port=0", "--remote-allow-origins=*",
)  # fmt: skip

# Of the browser, under any load.
_SECONDS = 120.0


def path_of_chromium() -> str | None:
    """Return where a Chromium is on PATH, or None."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Tab:
    """One page of a browser, with all requests that it made."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._number = 0
        self.requested: list[str] = []
        self.failed: list[str] = []
        self.errors: list[str] = []
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol and return its result."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        until = time.monotonic() + _SECONDS
        while True:
            message = json.loads(self._socket.recv(timeout=until - time.monotonic()))
            self._note(message)
            if message.get("id") == self._number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                result: dict[str, Any] = message["result"]
                return result

    def _note(self, message: dict[str, Any]) -> None:
        method, told = message.get("method"), message.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requested.append(told["request"]["url"])
        elif method == "Network.webSocketCreated":
            self.requested.append(told["url"])
        elif method == "Network.responseReceived" and told["response"]["status"] >= 400:
            self.failed.append(f"{told['response']['status']} {told['response']['url']}")
        elif method == "Network.loadingFailed" and not told.get("canceled"):
            self.failed.append(f"{told['errorText']} {told['requestId']}")
        elif method == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(told["exceptionDetails"])[:500])

    def open(self, address: str) -> None:
        """Go to an address."""
        self.send("Page.navigate", url=address)

    def run(self, script: str) -> Any:
        """Return what a script of the page gives, as plain values."""
        found = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise RuntimeError(f"{script}: {json.dumps(found['exceptionDetails'])[:500]}")
        return found["result"].get("value")

    def wait(self, script: str, seconds: float = _SECONDS) -> Any:
        """Wait until a script gives something true, and return it."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = self.run(script)
            if found:
                return found
            time.sleep(0.1)
        text = self.run("document.body ? document.body.innerText.slice(0, 1500) : ''")
        raise TimeoutError(f"{script} did not come within {seconds:g} s; the page says {text!r}")

    def click(self, selector: str, text: str) -> None:
        """Click the element whose text is `text`, as a mouse does."""
        place = self.run(
            f"(() => {{ const one = [...document.querySelectorAll({selector!r})].find(e => "
            f"e.innerText.trim().toLowerCase() === {text.lower()!r}); if (!one) return null; "
            "one.scrollIntoView({block: 'center'}); const r = one.getBoundingClientRect(); "
            "return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        if place is None:
            raise LookupError(f"no {selector} says {text!r}")
        self.press(*place)

    def press(self, x: float, y: float) -> None:
        """Press and release the mouse at a place."""
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def screenshot(self, file: Path, *, whole: bool = False) -> None:
        """Store a picture of the page as PNG."""
        shot = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(shot["data"]))

    def hosts(self) -> set[str]:
        """Return the machines that were asked for anything."""
        found = {urlparse(address).hostname or "" for address in self.requested}
        return found - {""}  # data: and blob: ask nobody


@contextmanager
def chromium(profile: Path, *, width: int = 1440, height: int = 1000) -> Iterator[Tab]:
    """Start a browser with a new profile, and end it."""
    from websockets.sync.client import connect

    path = path_of_chromium()
    assert path is not None
    log = (profile.parent / f"{profile.name}.log").open("wb")
    options = [*_OPTIONS, f"--user-data-dir={profile}", f"--window-size={width},{height}"]
    process = subprocess.Popen([path, *options, "about:blank"], stdout=log, stderr=log)
    try:
        port_file = profile / "DevToolsActivePort"
        until = time.monotonic() + _SECONDS
        while not (port_file.exists() and port_file.read_text().count("\n")):
            assert process.poll() is None, "Chromium ended"
            assert time.monotonic() < until, "Chromium did not start"
            time.sleep(0.1)
        port = port_file.read_text().split()[0]
        with urlopen(f"http://127.0.0.1:{port}/json", timeout=_SECONDS) as answer:
            address = next(one["webSocketDebuggerUrl"] for one in json.load(answer) if one["type"] == "page")
        with connect(address, max_size=None, open_timeout=_SECONDS, proxy=None) as socket:
            yield Tab(socket)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()
