"""The page in a real browser: a headless Chromium that is looked for on PATH."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.chromium import Tab, chromium, path_of_chromium

ROOT = Path(__file__).resolve().parents[3]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(path_of_chromium() is None, reason="no Chromium is on PATH"),
    pytest.mark.skipif(find_spec("solara_assets") is None, reason="the extra view is not installed"),
]

PICTURES = "[...document.querySelectorAll('.commonweal-picture img')].map(one => one.src)"
WORDS = "document.querySelector('.commonweal-words').innerText"
# Of an address that stands for bytes nobody can say whether they changed: the bytes are asked for.
BYTES = f"""Promise.all({PICTURES}.map(async address => {{
  const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer());
  return [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].join(' ');
}}))"""


@contextmanager
def served(*arguments: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    code = "from commonweal import main; main()"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SOLARA_")}
    command = [sys.executable, "-c", code, "view", *arguments, "--no-open", "--port", "0"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, (line, process.stderr and process.stderr.read())
        yield found[0], process
    finally:
        process.kill()
        process.communicate()


def ready(tab: Tab, address: str, pictures: int = 3) -> None:
    tab.open(address)
    tab.wait(f"{PICTURES}.length === {pictures} && document.body.innerText.includes('Controls')", 300)


def asked_nobody_else(tab: Tab) -> None:
    assert tab.hosts() == {"127.0.0.1"}
    assert tab.failed == []
    assert tab.errors == []


def test_the_page_steps_resets_and_takes_what_its_dials_say(tmp_path: Path) -> None:
    with (
        served("mechanism-design", "--seed", "3") as (address, process),
        chromium(tmp_path / "profile") as tab,
    ):
        ready(tab, address)
        assert "Seed 3, episode 0 of 4000." in tab.run(WORDS)
        first = tab.run(BYTES)
        tab.click("button", "Step")
        tab.wait(f"{WORDS}.includes('episode 25 of 4000')")
        tab.wait("document.body.innerText.includes('Step: 25')")
        stepped = tab.run(BYTES)
        assert all(one != other for one, other in zip(first, stepped, strict=True))
        tab.click("button", "Reset")
        tab.wait(f"{WORDS}.includes('episode 0 of 4000')")
        assert tab.run(BYTES) == first

        # The slider of greed, pressed near its right end, is about 4: Reset makes that game.
        end = tab.run(
            "(() => { const one = [...document.querySelectorAll('.v-slider')].find(slider => "
            "slider.closest('.v-input').innerText.includes('greed')); one.scrollIntoView({block: 'center'}); "
            "const r = one.getBoundingClientRect(); return [r.right - 9, r.y + r.height / 2]; })()"
        )
        tab.press(*end)
        tab.click("button", "Reset")
        tab.click(".v-tab", "Page 1")
        tab.wait("document.body.innerText.includes('meaning')")
        greed = tab.run(
            "[...document.querySelectorAll('.commonweal-parameters tr')].find(row => "
            "row.innerText.startsWith('game.greed')).children[1].innerText"
        )
        assert 3.5 <= float(greed) <= 4.0
        asked_nobody_else(tab)
        tab.screenshot(tmp_path / "page.png")
        assert (tmp_path / "page.png").stat().st_size > 20_000

        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out, err) == (0, "The page is closed.\n", "")


@pytest.mark.parametrize("name", ["population", "handover"])
def test_play_goes_on_until_pause(name: str, tmp_path: Path) -> None:
    with served(name) as (address, _), chromium(tmp_path / "profile") as tab:
        ready(tab, address, 4 if name == "handover" else 3)
        before = tab.run(WORDS)
        tab.click("button", "▶")
        tab.wait(f"{WORDS} !== {before!r}")
        tab.click("button", "❚❚")
        tab.wait("[...document.querySelectorAll('button')].some(one => one.innerText.trim() === '▶')")
        time.sleep(2.0)
        resting = tab.run(WORDS)
        time.sleep(2.0)
        assert tab.run(WORDS) == resting
        asked_nobody_else(tab)
