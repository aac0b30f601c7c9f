r"""Text from outside, shown as text: what a terminal or a picture would obey instead of showing is spelled out.

Titles, names of players and of actions, and paths are other people's. A control character could move the
cursor, a bidirectional mark could turn a line round; `visible` shows them as Python writes them (`\x1b`).
"""

from __future__ import annotations

import unicodedata

# Controls, surrogates (bytes that are no text), ends of lines and paragraphs, and invisible formats.
_HIDDEN = {"Cc", "Cs", "Zl", "Zp", "Cf"}
# Formats that letters of some scripts and emoji are joined by, and the soft hyphen.
_HARMLESS = {"\u00ad", "\u200c", "\u200d"}

# What stands for signs of our own tables on a terminal that knows ASCII only.
_IN_ASCII = str.maketrans(
    {"±": "+-", "–": "-", "−": "-", "×": "x", "→": "->", "…": "...", "≤": "<=", "≥": ">=", "’": "'"}
)

LONGEST_MESSAGE = 600


def visible(text: str, *, keep: str = "\n\t") -> str:
    """Return a text with hidden characters spelled out; those of `keep` stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spelled(character) if _is_hidden(character, keep) else character for character in text)


def in_one_line(text: str) -> str:
    """Return a text as one line, with hidden characters, ends of lines too, spelled out."""
    return visible(text, keep="")


def in_ascii(text: str) -> str:
    """Return a text with our own signs in ASCII; other letters are spelled out."""
    return text.translate(_IN_ASCII).encode("ascii", "backslashreplace").decode("ascii")


def shortened(text: str, longest: int = LONGEST_MESSAGE) -> str:
    """Return a text whose middle is left out, and counted, where it is longer than `longest`."""
    if len(text) <= longest:
        return text
    head, tail = longest * 2 // 3, longest // 3
    return f"{text[:head]} ... ({len(text) - head - tail} characters left out) ... {text[-tail:]}"


def _is_hidden(character: str, keep: str) -> bool:
    return unicodedata.category(character) in _HIDDEN and character not in _HARMLESS and character not in keep


def _spelled(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
