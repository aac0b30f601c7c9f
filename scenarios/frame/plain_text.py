"""Text from outside on a terminal: in one line, in ASCII, and messages that are not too long."""

from __future__ import annotations

from theory.visible_text import in_one_line as in_one_line
from theory.visible_text import visible as visible

# What stands for signs of our own tables on a terminal that knows ASCII only.
_IN_ASCII = str.maketrans(
    {"±": "+-", "–": "-", "−": "-", "×": "x", "→": "->", "…": "...", "≤": "<=", "≥": ">=", "’": "'"}
)

LONGEST_MESSAGE = 600


def in_ascii(text: str) -> str:
    """Return a text with our own signs in ASCII; other letters are spelled out."""
    return text.translate(_IN_ASCII).encode("ascii", "backslashreplace").decode("ascii")


def shortened(text: str, longest: int = LONGEST_MESSAGE) -> str:
    """Return a text whose middle is left out, and counted, where it is longer than `longest`."""
    if len(text) <= longest:
        return text
    head, tail = longest * 2 // 3, longest // 3
    return f"{text[:head]} ... ({len(text) - head - tail} characters left out) ... {text[-tail:]}"
