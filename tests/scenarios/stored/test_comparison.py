"""Two results beside each other."""

from dataclasses import replace
from pathlib import Path

from scenarios.stored.comparison import comparison_tables
from scenarios.stored.reading import StoredResult

FIRST = StoredResult(
    folder=Path("one"),
    scenario="trial",
    parameters={"runs": 2, "planner": {"bound": 3.0, "cost": 0.0}, "games": ["chicken"]},
    complete=True,
    ended="",
    seconds=1.0,
    versions={"python": "3.11.7"},
    cells=[
        {"game": "chicken", "quantity": "welfare", "mean": 5.0, "interval": [4.5, 5.5], "runs": 2},
        {"game": "stag-hunt", "quantity": "welfare", "mean": 1.0, "runs": 2},
    ],
    verdicts=[],
    finding="",
    tables=[],
    missing_pictures=[],
)


def test_only_what_differs_is_shown_with_the_intervals_that_there_are() -> None:
    cells = [
        {"game": "chicken", "quantity": "welfare", "mean": 6.0, "interval": [5.8, 6.2], "runs": 2},
        {"game": "prisoners-dilemma", "quantity": "welfare", "mean": 1.0, "runs": 2},
    ]
    parameters = {"runs": 2, "planner": {"bound": 2.0, "cost": 0.0}, "games": ["chicken"], "new": 1}
    other = replace(FIRST, cells=cells, parameters=parameters, versions={"python": "3.12.1"})
    differing, measured = comparison_tables(FIRST, other)
    assert [tuple(row) for row in differing.rows] == [
        ("planner.bound", "3", "2"),
        ("new", "–", "1"),
        ("version of python", "3.11.7", "3.12.1"),
    ]
    assert [tuple(row) for row in measured.rows] == [
        ("chicken, welfare", "mean", "5 [4.5, 5.5]", "6 [5.8, 6.2]", "+1")
    ]
    assert "1 quantities are the same. 2 cells are in one of the two alone." in measured.note


def test_the_same_result_differs_in_nothing() -> None:
    differing, measured = comparison_tables(FIRST, FIRST)
    assert (list(differing.rows), list(measured.rows)) == ([], [])
    assert differing.note == "All parameters and versions are the same."


def test_cells_of_the_same_names_are_matched_by_their_place() -> None:
    cells = [{"game": "chicken", "size": 10, "mean": 1.0}, {"game": "chicken", "size": 20, "mean": 2.0}]
    later = [cells[0], cells[1] | {"mean": 3.0}]
    _, measured = comparison_tables(replace(FIRST, cells=cells), replace(FIRST, cells=later))
    assert [tuple(row) for row in measured.rows] == [("chicken, no. 2", "mean", "2", "3", "+1")]
