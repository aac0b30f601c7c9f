"""The words of `docs/words.md`: which there are, and which are not said."""

import re
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "words.md"


def rows() -> list[list[str]]:
    """Return the cells of all rows of the page's tables."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in lines
        if not line.startswith("| word |")
    ]


def keywords() -> set[str]:
    """Return the words that stand in code type at the head of a row."""
    return {word for row in rows() for word in re.findall(r"`(\w+)`", row[0])}


def dimensions() -> set[str]:
    """Return the dimensions of datasets that the page tells of."""
    told = re.findall(r"dimensions? ((?:`\w+`(?:, )?)+)", PAGE.read_text(encoding="utf-8"))
    return {word for part in told for word in re.findall(r"`(\w+)`", part)}


def unsaid() -> set[str]:
    """Return the words that no call has, since another one stands for them."""
    return {word for row in rows() if len(row) > 3 for word in re.findall(r"`(\w+)`", row[3])}
