"""Mutated files: what a slip of the hand, a broken program or malice makes of a text, drawn by a seed."""

from __future__ import annotations

import gc
import random
import re
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

CommandLine = Callable[..., tuple[int, str, str]]

PIECES = (
    *"{}[]()<>,;:=#&*!|\"'-+._\\/\n\r\t\0\x1b\x7f \u202e\u2028\ufeff01CD", '""', "''", '"""', "[[", "]]",
    "1/0", "9e99",
    "1e101", "1e9999", "-1e-400", "NaN", "nan", "inf", "-inf", "true", "null", "none", "0x10", "1_000", "1979-05-27",
    "\u2460", "\xe9", "9" * 50, "9" * 5000, "[" * 300, "{" * 300, '"x"', "\\u0000", "\\x1b[31m", "[red]", "../" * 20,
    "/dev/zero", "__class__", "a" * 70_000,
)  # fmt: skip
_WORD = re.compile(r"[\w.+-]+")
SECONDS = 2.0


def mutated(text: str, rng: random.Random, words: Sequence[str] = ()) -> str:
    """Return a text with none to some slips: of letters, of words (also of those given), and of whole lines."""
    for _ in range(rng.choice([0, 1, 1, 1, 2, 3, 6])):
        text = rng.choice([_letters, _letters, _words, _lines])(text, rng, words)
    return text


def _letters(text: str, rng: random.Random, words: Sequence[str]) -> str:
    start = rng.randint(0, len(text))
    stop = min(len(text), start + rng.choice([0, 1, 1, 2, 10]))
    middle = rng.choice([rng.choice(PIECES), "", text[start:stop] * 2])
    return text[:start] + middle + text[stop:]


def _words(text: str, rng: random.Random, words: Sequence[str]) -> str:
    """Replace a word by another of the text, one of those given, or one with a letter missing."""
    found = list(_WORD.finditer(text))
    if not found:
        return text
    place, other = rng.choice(found), rng.choice(found).group()
    word = place.group()
    letter = rng.randrange(len(word))
    new = rng.choice(
        [other, word[:letter] + word[letter + 1 :], *rng.choices(words or [other], k=3), "-1", "0", "0.5"]
    )
    return text[: place.start()] + new + text[place.end() :]


def _lines(text: str, rng: random.Random, words: Sequence[str]) -> str:
    """Drop, double or move a line, or cut the text off."""
    lines = text.splitlines(keepends=True)
    if not lines:
        return text
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines) + 1)
    change = rng.choice(["drop", "double", "move", "cut"])
    if change == "cut":
        return text[: rng.randint(0, len(text))]
    line = lines[one] if change == "double" else lines.pop(one)
    if change != "drop":
        lines.insert(min(other, len(lines)), line)
    return "".join(lines)


def as_bytes(text: str, rng: random.Random) -> bytes:
    """Return a text as a file's bytes, some in another encoding and some none at all."""
    kind = rng.random()
    if kind < 0.02:
        return rng.randbytes(rng.randint(0, 200))
    if kind < 0.05:
        return text.encode("utf-16", "surrogatepass")
    if kind < 0.07:
        return text.encode("latin-1", "replace")
    return text.encode("utf-8", "surrogatepass")


@contextmanager
def no_longer_than(seconds: float = SECONDS) -> Iterator[None]:
    """Fail what takes more seconds of this process's time, in which nobody else's garbage is collected."""

    def end(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"this took over {seconds} seconds")

    # After hours of tests a collection looks at millions of objects, which takes a second.
    collects = gc.isenabled()
    gc.disable()
    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
        signal.signal(signal.SIGVTALRM, before)
        if collects:
            gc.enable()


def check_line(error: str) -> None:
    """Hold what was told of a file to one line that a terminal shows as it is."""
    assert error.startswith("commonweal: ")
    assert len(error.splitlines()) == 1, error
    assert error[:-1].isprintable(), error
    assert len(error) < 800, error


def outcomes(
    commands: Iterator[list[str]], commonweal: CommandLine, check: Callable[[str], object]
) -> Counter[int]:
    """Call commands: each must give an answer that `check` takes, or exit code 2 and one line."""
    codes: Counter[int] = Counter()
    for command in commands:
        with no_longer_than(), naming(command):
            code, out, err = commonweal(*command)
            codes[code] += 1
            if code == 0:
                check(out)
            else:
                assert (code, out) == (2, "")
                check_line(err)
    return codes


def readings(
    texts: Iterator[str], path: Path, read: Callable[[Path], object], rng: random.Random
) -> Counter[str]:
    """Read files of these texts, written to `path`: each must be read, or refused by a rule."""
    found: Counter[str] = Counter()
    for text in texts:
        path.write_bytes(as_bytes(text, rng))
        with no_longer_than(), naming(text):
            try:
                read(path)
            except ValueError:
                found["refused"] += 1
            else:
                found["read"] += 1
    return found


@contextmanager
def naming(what: object) -> Iterator[None]:
    """Say what was read when something went wrong."""
    try:
        yield
    except Exception as error:
        raise AssertionError(f"{what!r:.3000}") from error
