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


def test_verdicts_are_compared_by_how_many_runs_got_which_label() -> None:
    mutual, feud = "Pareto-optimal, not an equilibrium", "Pareto-dominated Nash equilibrium"
    verdicts = [
        {"game": "chicken", "judged_in": "original", "labels": {mutual: 2}, "tolerance": 0.02},
        {"game": "stag-hunt", "judged_in": "original", "labels": {feud: 2}, "tolerance": 0.02},
    ]
    later = [verdicts[0] | {"labels": {feud: 1, mutual: 1}}, verdicts[1]]
    *_, compared = comparison_tables(replace(FIRST, verdicts=verdicts), replace(FIRST, verdicts=later))
    ((cell, *labels),) = compared.rows
    assert cell == "chicken, original"
    assert labels == [(f"2 × {mutual}",), (f"1 × {feud}", f"1 × {mutual}")]
    assert "Verdicts on 1 of 2 cells are the same." in compared.note
    # Those of a tournament are on no runs.
    tables = comparison_tables(
        replace(FIRST, verdicts=[{"row": ["grim"]}]), replace(FIRST, verdicts=[{"row": ["grim"]}])
    )
    assert len(tables) == 2


def test_a_result_shows_itself_in_a_line_or_two() -> None:
    shown = repr(replace(FIRST, finding="Nothing changed."))
    assert shown == "<StoredResult 'one': trial, complete; Nothing changed.>"
    assert repr(replace(FIRST, complete=False)) == "<StoredResult 'one': trial, not complete; no report>"
