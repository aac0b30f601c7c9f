"""Where a scenario that is none of the project's comes from: its file with hash and text, or its package."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

Source = Mapping[str, str]

OURS: Source = MappingProxyType({})
"""Of the project's own scenarios, which its version names."""


def source_of_file(path: Path, text: str) -> Source:
    """Return name, hash and text of the file that a scenario was read from."""
    return {
        "file": path.name,
        "sha256": sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        "text": text,
    }


def named(source: Source) -> dict[str, str]:
    """Return what names a source, without its text."""
    return {key: value for key, value in source.items() if key != "text"}
