"""No number is ever cut, however many columns a table has."""

import io

import pytest
from rich.console import Console

from scenarios.command.tables import print_table
from scenarios.frame.results import Table


def printed(table: Table, width: int) -> str:
    file = io.StringIO()
    print_table(Console(file=file, width=width, no_color=True), table)
    return file.getvalue()


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("columns", [3, 6, 8])
def test_numbers_stay_whole_where_names_take_their_room(columns: int, width: int) -> None:
    numbers = [f"{-1.2345e-05 * (k + 1):.4g}" for k in range(columns - 2)]
    rows = [("a-name-of-some-length", "a quantity by a name", *numbers), ("another-name", "b", *numbers)]
    shown = printed(Table("t", ("cell", "quantity", *(f"of {k}" for k in range(columns - 2))), rows), width)
    assert "…" not in shown
    for number in numbers:
        assert shown.count(number) == 2


def test_counts_with_intervals_are_numbers_too() -> None:
    entries = [f"{k} ({k / 50:.2f} to 1.00)" for k in range(40, 43)]
    rows = [("a-very-long-name-of-a-cell-that-wraps", "its condition", *entries)]
    shown = printed(Table("t", ("cell", "condition", "first", "second", "third"), rows), 80)
    for entry in entries:
        assert entry in " ".join(shown.split())
