"""Reading text that other programs wrote: UTF-8, or UTF-16 that says so, and where it is neither."""

from __future__ import annotations

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from os import PathLike, fspath
from pathlib import Path

from theory.checks import shown

# 256 MiB: some tens of millions of lines, read in a few seconds.
LARGEST_FILE = 2**28


def check_is_file(what: str, path: Path) -> None:
    """Raise ValueError if there is nothing to read at the path; a pipe (`<(...)`) can be read."""
    if not path.exists():
        raise ValueError(f"{what} must exist, got {str(path)!r}")
    if not (path.is_file() or path.is_fifo()):
        raise ValueError(f"{what} must be a file, got {str(path)!r}")


def read_text(path: str | PathLike[str]) -> str:
    """Return a file's text: UTF-8 with or without a byte-order mark, or UTF-16 with one.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is larger than `LARGEST_FILE`, or not such text, with line and column.
    """
    if not isinstance(path, str | PathLike):
        raise ValueError(f"path must be that of a file, got {shown(path)}")
    name = fspath(path)
    with Path(path).open("rb") as file:
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise ValueError(f"{name} must hold at most {LARGEST_FILE} bytes, got more")
    marked = content.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    encoding = "utf-16" if marked else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        readable = content[: error.start].decode(encoding, "ignore")
        raise ValueError(
            f"{name}, {end_of(readable)}: the file must be {'UTF-16' if marked else 'UTF-8'} text, "
            f"got byte {content[error.start]:#04x}"
        ) from None


def end_of(text: str) -> str:
    """Return the line and the column, counted from 1, at which a text ends."""
    return f"line {text.count(chr(10)) + 1}, column {len(text) - text.rfind(chr(10))}"
