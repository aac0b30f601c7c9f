"""Tables refuse what cannot be printed; failures of cells in words."""

import pytest

from scenarios.frame.results import Table, failures_in_words


def test_entries_are_text() -> None:
    table = Table("Found", ("cell", "labels"), [("a", ("1 × b", "2 × c"))])
    assert table.rows[0][1] == ("1 × b", "2 × c")
    with pytest.raises(
        ValueError, match=r"entries must be text or tuples of text, got 0.01 in column 'noise'"
    ):
        Table("Found", ("cell", "noise"), [("a", "0"), ("b", 0.01)])
    with pytest.raises(ValueError, match=r"got \('x', 1\) in column 'labels'"):
        Table("Found", ("cell", "labels"), [("a", ("x", 1))])


def test_rows_have_an_entry_for_each_column() -> None:
    with pytest.raises(ValueError, match=r"an entry for each of the columns cell, noise, got \('a',\)"):
        Table("Found", ("cell", "noise"), [("a",)])


def test_cells_that_failed_alike_share_a_line() -> None:
    failures = {"a/0": ValueError("rule"), "b/0": RuntimeError("no\nluck"), "c/0": ValueError("rule")}
    assert failures_in_words(failures) == [
        "cells a/0, c/0 failed: rule",
        "cell b/0 failed: RuntimeError: no luck",
    ]
