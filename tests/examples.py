"""How many examples hypothesis draws: all of them in `make test-all`, the first third in `make test`."""

import os

ALL = os.environ.get("COMMONWEAL_EXAMPLES") == "all"


def examples(number: int) -> int:
    """Return how many of a test's examples are drawn here; ten at least, or as many as there are."""
    return number if ALL else max(min(number, 10), number // 3)
