"""Verdicts on runs, counted."""

import numpy as np
import pytest
import xarray as xr

from simulation import count_verdicts, judge_runs, world


def judged() -> xr.Dataset:
    by = ("run", "judged_in")
    labels = np.array([["a", "b"], ["a", "c"], ["d", "c"]], dtype=object)
    numbers = np.arange(6.0).reshape(3, 2)
    names = ("regret", "pareto_slack", "welfare", "welfare_index")
    return xr.Dataset(
        {"label": (by, labels)} | {name: (by, numbers * (k + 1)) for k, name in enumerate(names)},
        {"run": np.arange(3), "judged_in": ["original", "paid"]},
    )


def test_labels_are_counted_by_game_with_medians_of_their_own_runs() -> None:
    counts = count_verdicts(judged())
    assert counts.runs == 3
    found = [(each.judged_in, each.label, each.runs, each.median_regret) for each in counts.by_label]
    assert found == [
        ("original", "a", 2, 1.0),
        ("original", "d", 1, 4.0),
        ("paid", "c", 2, 4.0),
        ("paid", "b", 1, 1.0),
    ]
    assert counts.by_label[0].median_pareto_slack == 2.0
    assert counts.by_label[0].median_welfare == 3.0


def test_they_are_shown_as_a_table() -> None:
    table = count_verdicts(judged()).as_tables()[0]
    assert table.rows[2] == ("paid", "c", "2", "4", "8", "12")
    assert "<td" in count_verdicts(judged())._repr_html_()


def test_runs_of_a_world_are_counted_whole() -> None:
    kind = world("mechanism-design")
    parameters = kind.Parameters(episodes=5)
    verdicts = judge_runs(kind, parameters, kind.play(parameters, runs=4, seed=0))
    counts = count_verdicts(verdicts)
    for game in verdicts["judged_in"].values:
        assert sum(each.runs for each in counts.by_label if each.judged_in == game) == 4


def test_what_is_no_verdicts_is_refused() -> None:
    with pytest.raises(ValueError, match=r"judged must be a dataset that simulation.judge_runs returns"):
        count_verdicts(xr.Dataset())
