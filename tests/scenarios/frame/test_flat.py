"""Measured quantities and verdicts as flat tables."""

import csv
import io

from scenarios.frame.flat import csv_bytes, flat_cells, flat_verdicts


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"))))


def test_an_interval_becomes_two_columns_and_none_is_empty() -> None:
    rows = flat_cells([{"game": "chicken", "interval": [0.1, 0.3]}, {"game": "stag-hunt", "interval": None}])
    assert rows[0] == {"game": "chicken", "interval_low": 0.1, "interval_high": 0.3}
    assert read(csv_bytes(rows))[1] == {"game": "stag-hunt", "interval_low": "", "interval_high": ""}


def test_a_list_that_is_no_interval_is_text() -> None:
    (row,) = flat_cells([{"shares": [0.5, 0.25, 0.25], "falling": [2.0, 1.0], "by_name": {"a": 1}}])
    assert row == {"shares": "[0.5, 0.25, 0.25]", "falling": "[2.0, 1.0]", "by_name": '{"a": 1}'}


def test_a_verdict_has_a_row_for_each_label_with_its_runs() -> None:
    verdict = {"game": "chicken", "labels": {"Nash, yes": 7, "not": 3}, "tolerance": 0.02}
    rows = flat_verdicts([verdict, {"game": "other", "labels": {}}])
    assert [(row.get("label"), row.get("runs")) for row in rows] == [("Nash, yes", 7), ("not", 3)]
    assert [row["label"] for row in read(csv_bytes(rows))] == ["Nash, yes", "not"]


def test_whatever_a_name_holds_comes_back() -> None:
    name = 'a "quoted", two-\nlined name; é'
    assert read(csv_bytes([{"game": name}])) == [{"game": name}]
