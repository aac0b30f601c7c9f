r"""The words of Gambit's files, `.nfg` and `.efg`: numbers, text in quotes, braces, and where each of them is."""

from __future__ import annotations

import re
from typing import NamedTuple, NoReturn

from theory.text_files import end_of

_TOKEN = re.compile(
    r"""
    (?P<number> [+-]? (?: \d+ (?: \. \d* )? | \. \d+ ) (?: [eE] [+-]? \d+ )? (?: / \d+ )?
                (?= [\s{},"] | \Z ) )
  | (?P<text>   " (?: [^"\\] | \\. )* " )
  | (?P<brace>  [{}] )
  | (?P<comma>  , )
  | (?P<word>   [^\s{},"]+ )
  | (?P<open>   " )
    """,
    re.VERBOSE | re.DOTALL,
)

_SPACE = re.compile(r"\s*")
_ESCAPED = re.compile(r'\\(["\\])')


class Token(NamedTuple):
    """A word, and the position at which it starts."""

    kind: str
    text: str
    position: int


class Reader:
    """The tokens of a text one after the other, and errors that say where."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self._position = 0
        self.current = self._next()

    def _next(self) -> Token:
        start = _SPACE.match(self.text, self._position).end()  # type: ignore[union-attr]
        match = _TOKEN.match(self.text, start)
        if match is None:
            return Token("end", "", start)
        self._position = match.end()
        return Token(str(match.lastgroup), match.group(), start)

    def advance(self) -> Token:
        """Return the current token and go on to the next one."""
        token, self.current = self.current, self._next()
        return token

    def expect(self, kind: str, what: str, *, text: str | None = None) -> Token:
        """Return the current token and go on if it is of this kind (and text), else raise ValueError."""
        if self.current.kind != kind or text not in (None, self.current.text):
            self.fail(what)
        return self.advance()

    def fail(self, what: str, token: Token | None = None) -> NoReturn:
        """Raise ValueError: `what` had to come where the token (by default the current one) is."""
        got = self.current if token is None else token
        found = {"end": "the end of the file", "open": "a quote that is never closed"}.get(
            got.kind, repr(got.text[:40])
        )
        where = end_of(self.text[: got.position])
        raise ValueError(f"{self.name}, {where}: expected {what}, got {found}")


def read_names(reader: Reader, what: str) -> list[str]:
    """Return at least one name in quotes, between braces; `what` they are is for errors."""
    reader.expect("brace", f"{{ before {what}", text="{")
    names = []
    while reader.current.kind == "text":
        names.append(unquoted(reader.advance()))
    if not names:
        reader.fail(f"one of {what} in quotes")
    reader.expect("brace", f"a name in quotes, or }} after {what}", text="}")
    return names


def unquoted(token: Token) -> str:
    """Return the text that a token in quotes stands for."""
    return _ESCAPED.sub(r"\1", token.text[1:-1])
