r"""Text from outside as it is shown: what a terminal, picture or page would obey instead is spelled out.

Titles, names of players and of actions, and paths are other people's. A control character could move the
cursor, a bidirectional mark could turn a line round; `visible` shows them as Python writes them (`\x1b`).
"""

from __future__ import annotations

import unicodedata

# Controls, surrogates (bytes that are no text), ends of lines and paragraphs, and invisible formats.
_HIDDEN = {"Cc", "Cs", "Zl", "Zp", "Cf"}
# Formats that letters of some scripts and emoji are joined by, and the soft hyphen.
_HARMLESS = {"\u00ad", "\u200c", "\u200d"}


def visible(text: str, *, keep: str = "\n\t") -> str:
    """Return a text with hidden characters spelled out; those of `keep` stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spelled(character) if _is_hidden(character, keep) else character for character in text)


def in_one_line(text: str) -> str:
    """Return a text as one line, with hidden characters, ends of lines too, spelled out."""
    return visible(text, keep="")


def _is_hidden(character: str, keep: str) -> bool:
    return unicodedata.category(character) in _HIDDEN and character not in _HARMLESS and character not in keep


def _spelled(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
